// The virtual table methods; see module.h.
#include "virtual_tables/sql/module.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

#include "virtual_tables/sql/best_index.h"
#include "virtual_tables/sql/grammar.h"
#include "virtual_tables/sql/join_index.h"
#include "virtual_tables/sqlite_api.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::vtab::sql {
namespace {

// Inner sides of joins start thousands of scans; a person wants to see a few of their ranges.
constexpr size_t kRangesKept = 5;

// Scans of a join's inner side may read this many records before an index is worth its while.
constexpr uint64_t kReadBeforeIndex = 1000;
// Fetching a record by its key costs as much as reading so many in passing.
constexpr uint64_t kCostOfKey = 10;

struct Table : sqlite3_vtab {
  std::shared_ptr<ModuleContext> context;
  const schema::View* view = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
  std::optional<ViewCursor> scan;
  bool at_end = true;
  ScanReport report;
  std::string warning;  ///< of the first scan that has one: a join may start thousands

  JoinIndex index;
  uint64_t scanned = 0;  ///< records read without the index
  uint64_t build_at = kReadBeforeIndex;
  /// The records still to be fetched by their keys, each with the rest of the request.
  std::span<const JoinIndex::Entry> keys;
  ScanRequest request;
};

Table* TableOf(sqlite3_vtab_cursor* cursor) { return static_cast<Table*>(cursor->pVtab); }

/// Hands an error to SQLite, and to whoever asks the context for its code.
int Refuse(Table* table, Error error) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", error.message.c_str());
  table->context->Fail(std::move(error));
  return SQLITE_ERROR;
}

/// Where several rows have one key, a column that no SELECT * shows tells them apart: the columns
/// they are grouped by may be NULL, which those of a primary key may not.
constexpr const char* kGroupColumn = "OBVIEWS_GROUP";

/// The declaration SQLite plans with. Rows have no number: the key is what tells them apart, which
/// OR needs to be exact.
std::string Declaration(const schema::View& view) {
  std::string columns;
  std::string key;
  for (const schema::Column& column : view.columns) {
    std::string_view type = column.kind == schema::ShownKind::kInteger ? "INTEGER"
                            : column.kind == schema::ShownKind::kReal  ? "REAL"
                                                                       : "TEXT";
    columns += fmt::format("\"{}\" {},", column.name, type);
    if (view.record->fields[column.field].is_key()) key += fmt::format("\"{}\",", column.name);
  }
  if (!view.record->grouped_by.empty()) {
    columns += fmt::format("\"{}\" TEXT HIDDEN,", kGroupColumn);
    key += fmt::format("\"{}\",", kGroupColumn);
  }
  key.pop_back();
  return fmt::format("CREATE TABLE x({}PRIMARY KEY({})) WITHOUT ROWID", columns, key);
}

int Connect(sqlite3* db, void* opener, int argc, const char* const* argv, sqlite3_vtab** out,
            char** error) {
  // argv: module, schema, table, then the arguments.
  std::span<const char* const> arguments(argv, static_cast<size_t>(argc));
  auto opened = (*static_cast<ViewOpener*>(opener))(arguments.subspan(3));
  if (!opened) {
    *error = sqlite3_mprintf("%s", opened.error().message.c_str());
    return SQLITE_ERROR;
  }
  int declared = sqlite3_declare_vtab(db, Declaration(*opened->view).c_str());
  if (declared != SQLITE_OK) return declared;
  // Views hold what a schema written by somebody else must not reach.
  sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  auto table = std::make_unique<Table>();
  table->context = std::move(opened->context);
  table->view = opened->view;
  *out = table.release();
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  std::unique_ptr<Table>(static_cast<Table*>(table)).reset();
  return SQLITE_OK;
}

int BestIndex(sqlite3_vtab* table, sqlite3_index_info* info) {
  auto* own = static_cast<Table*>(table);
  return ChooseIndex(*own->view, own->context->traits(), info);
}

int Open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) {
  auto* table = static_cast<Table*>(vtab);
  auto snapshot = table->context->Acquire();
  if (!snapshot) return Refuse(table, snapshot.error());
  auto cursor = std::make_unique<Cursor>();
  cursor->report.view = table->view->name;
  *out = cursor.release();
  return SQLITE_OK;
}

void AddNew(std::vector<std::string>& list, const std::vector<std::string>& more, size_t most) {
  for (const std::string& item : more) {
    if (list.size() < most && std::find(list.begin(), list.end(), item) == list.end()) {
      list.push_back(item);
    }
  }
}

/// Adds what the cursor's scan did so far to its report.
void EndScan(Cursor& cursor) {
  if (!cursor.scan) return;
  ScanStats stats = cursor.scan->stats();
  cursor.report.records_read += stats.records_read;
  cursor.report.records_decoded += stats.records_decoded;
  cursor.report.records_returned += stats.records_returned;
  if (cursor.warning.empty()) cursor.warning = cursor.scan->warning();
  cursor.scan.reset();
}

int Close(sqlite3_vtab_cursor* base) {
  std::unique_ptr<Cursor> cursor(static_cast<Cursor*>(base));
  ModuleContext& context = *TableOf(base)->context;
  EndScan(*cursor);
  if (!cursor->warning.empty()) context.Warn(std::move(cursor->warning));
  if (cursor->report.scans > 0) context.Report(std::move(cursor->report));
  context.Release();
  return SQLITE_OK;
}

Status Start(Cursor& cursor, Table* table, ScanRequest request) {
  EndScan(cursor);
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, table->context->Acquire());
  cursor.scan.emplace(snapshot, table->context->session(), std::move(request));
  table->context->Release();  // the cursor's own opening holds the snapshot
  const Plan& plan = cursor.scan->plan();
  cursor.report.access_path = AccessPathName(plan.path);
  AddNew(cursor.report.ranges, plan.Ranges(), kRangesKept);
  return {};
}

/// Begins with the next record that the index names.
Status StartAtKey(Cursor& cursor, Table* table) {
  ScanRequest request = cursor.request;
  std::vector<int> columns = KeyColumns(*table->view);
  for (size_t i = 0; i < columns.size(); ++i) {
    request.predicate.children.push_back(
        Predicate::Compare(columns[i], CompareOp::kEq, cursor.keys.front().key[i]));
  }
  // All rows of one key come together, though the index may name each.
  const JoinIndex::Entry entry = cursor.keys.front();
  while (!cursor.keys.empty() && cursor.keys.front() == entry) {
    cursor.keys = cursor.keys.subspan(1);
  }
  return Start(cursor, table, std::move(request));
}

/// Builds the index once the scans read as much as that costs. A try that meets more records than
/// it may cost is given up; the next is made when twice as many were read.
Status PrepareIndex(Cursor& cursor, Table* table, const Arguments& arguments) {
  if (cursor.index.built() || cursor.scanned < cursor.build_at) return {};
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, table->context->Acquire());
  ScanRequest request{.view = table->view, .predicate = arguments.constant};
  ViewCursor reader(snapshot, table->context->session(), std::move(request));
  table->context->Release();
  cursor.build_at = 2 * cursor.scanned;
  auto built = cursor.index.Build(reader, arguments.probe->column, KeyColumns(*table->view),
                                  cursor.build_at);
  cursor.report.records_read += reader.stats().records_read;
  cursor.report.records_decoded += reader.stats().records_decoded;
  if (!built) return Fail(built.error());
  return {};
}

/// Whether the index answers the probe, and for less than a scan costs.
bool UseIndex(Cursor& cursor, const Probe& probe) {
  if (cursor.index.column() != probe.column) return false;
  cursor.keys = cursor.index.Find(probe.literal);
  if (cursor.keys.size() * kCostOfKey <= cursor.index.records()) return true;
  cursor.keys = {};
  return false;
}

int Next(sqlite3_vtab_cursor* base) {
  auto* cursor = static_cast<Cursor*>(base);
  while (true) {
    if (cursor->scan) {
      auto more = cursor->scan->Next();
      if (!more) return Refuse(TableOf(base), more.error());
      cursor->at_end = !*more;
      if (*more) return SQLITE_OK;
    }
    if (cursor->keys.empty()) break;
    Status started = StartAtKey(*cursor, TableOf(base));
    if (!started) return Refuse(TableOf(base), std::move(started).error());
  }
  cursor->at_end = true;
  return SQLITE_OK;
}

int Filter(sqlite3_vtab_cursor* base, int number, const char* text, int /*argc*/,
           sqlite3_value** argv) {
  auto* cursor = static_cast<Cursor*>(base);
  Table* table = TableOf(base);
  if (cursor->scan && cursor->keys.data() == nullptr) {
    cursor->scanned += cursor->scan->stats().records_read;
  }
  EndScan(*cursor);
  cursor->keys = {};
  Arguments arguments =
      ReadArguments(*table->view, DecodeConstraints(text == nullptr ? "" : text), argv);
  ScanRequest request{.view = table->view, .predicate = std::move(arguments.all)};
  request.in_key_order = number == kInKeyOrder;
  ++cursor->report.scans;
  if (arguments.probe) {
    Status prepared = PrepareIndex(*cursor, table, arguments);
    if (!prepared) return Refuse(table, std::move(prepared).error());
    if (UseIndex(*cursor, *arguments.probe)) {
      cursor->request = std::move(request);
      return Next(base);
    }
  }
  Status started = Start(*cursor, table, std::move(request));
  if (!started) return Refuse(table, std::move(started).error());
  if (cursor->report.scans == 1) {
    AddNew(cursor->report.pushed, cursor->scan->plan().pushed, SIZE_MAX);
    AddNew(cursor->report.residual, cursor->scan->plan().residual, SIZE_MAX);
  }
  return Next(base);
}

int Eof(sqlite3_vtab_cursor* base) { return static_cast<Cursor*>(base)->at_end ? 1 : 0; }

/// A text that no other row of the same key has.
Result<std::string> GroupOf(const schema::View& view, ViewCursor& scan) {
  std::string group;
  for (int column : RowColumns(view)) {
    OBVIEWS_ASSIGN_OR_RETURN(Value value, scan.Column(static_cast<size_t>(column)));
    if (value.kind() != Value::Kind::kText) {
      group += value.is_null() ? "-," : fmt::format("{},", value.as_int());
    } else {
      group += fmt::format("{}:{},", value.as_text().size(), value.as_text());
    }
  }
  return group;
}

int FailColumn(sqlite3_vtab_cursor* base, sqlite3_context* result, Error error) {
  sqlite3_result_error(result, error.message.c_str(), -1);
  TableOf(base)->context->Fail(std::move(error));
  return SQLITE_ERROR;
}

int ColumnValue(sqlite3_vtab_cursor* base, sqlite3_context* result, int column) {
  auto* cursor = static_cast<Cursor*>(base);
  const schema::View& view = *TableOf(base)->view;
  if (static_cast<size_t>(column) >= view.columns.size()) {
    auto group = GroupOf(view, *cursor->scan);
    if (!group) return FailColumn(base, result, group.error());
    std::string_view text = *group;
    sqlite3_result_text64(result, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return SQLITE_OK;
  }
  auto value = cursor->scan->Column(static_cast<size_t>(column));
  if (!value) return FailColumn(base, result, value.error());
  switch (value->kind()) {
    case Value::Kind::kNull:
      sqlite3_result_null(result);
      break;
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      sqlite3_result_int64(result, value->as_int());
      break;
    case Value::Kind::kReal:
      sqlite3_result_double(result, value->as_real());
      break;
    case Value::Kind::kText:
      // SQLite may keep the value past the next row, so it needs a copy.
      sqlite3_result_text64(result, value->as_text().data(), value->as_text().size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
  }
  return SQLITE_OK;
}

/// Never called: tables without rowids have none. SQLite wants the method to be there.
int RowId(sqlite3_vtab_cursor* /*cursor*/, sqlite3_int64* /*rowid*/) { return SQLITE_ERROR; }

/// A method as SQLite may call it: nothing of ours throws, but running out of memory does.
template <auto kMethod>
struct Guarded;
template <class... Arguments, int (*kMethod)(Arguments...)>
struct Guarded<kMethod> {
  static int Call(Arguments... arguments) {
    try {
      return kMethod(arguments...);
    } catch (const std::bad_alloc&) {
      return SQLITE_NOMEM;
    } catch (const std::exception&) {
      return SQLITE_ERROR;
    }
  }
};

const sqlite3_module& Module() {
  static const sqlite3_module module = [] {
    sqlite3_module methods{};
    methods.iVersion = 1;
    methods.xCreate = Guarded<Connect>::Call;
    methods.xConnect = Guarded<Connect>::Call;
    methods.xBestIndex = Guarded<BestIndex>::Call;
    methods.xDisconnect = Disconnect;
    methods.xDestroy = Disconnect;
    methods.xOpen = Guarded<Open>::Call;
    methods.xClose = Guarded<Close>::Call;
    methods.xFilter = Guarded<Filter>::Call;
    methods.xNext = Guarded<Next>::Call;
    methods.xEof = Eof;
    methods.xColumn = Guarded<ColumnValue>::Call;
    methods.xRowid = RowId;
    return methods;
  }();
  return module;
}

/// A name as SQLite takes it whatever it holds.
std::string Quoted(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

Status Run(sqlite3* db, const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return {};
  std::string text = message == nullptr ? sqlite3_errmsg(db) : message;
  sqlite3_free(message);
  return Fail(ErrorCode::kInternal, fmt::format("cannot set up the views: {}", text));
}

}  // namespace

Result<std::shared_ptr<const engine::Snapshot>> ModuleContext::Acquire() {
  if (snapshot_ == nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(snapshot_, source_());
  }
  ++open_cursors_;
  return snapshot_;
}

void ModuleContext::Release() {
  if (--open_cursors_ == 0) snapshot_.reset();
}

void ModuleContext::Warn(std::string warning) {
  if (std::find(warnings_.begin(), warnings_.end(), warning) != warnings_.end()) return;
  if (on_warning_) on_warning_(warning);
  warnings_.push_back(std::move(warning));
}

void ModuleContext::BeginStatement(std::string_view sql) {
  // SQLite quotes names with double quotes and knows no backslash, as Oracle does.
  auto tokens = TokenList::Make(sql, schema::Mode::kOracle, {});
  traits_ = {};
  if (tokens) {
    traits_ = {.outer_joins = false, .row_lists = false};
    for (size_t i = 0; i < tokens->size(); ++i) {
      traits_.outer_joins |= tokens->Word(i, "LEFT") || tokens->Word(i, "RIGHT") ||
                             tokens->Word(i, "FULL") || tokens->Word(i, "OUTER");
      size_t before = tokens->Word(i - 1, "NOT") ? i - 2 : i - 1;
      traits_.row_lists |= tokens->Word(i, "IN") && tokens->Op(before, ")");
    }
  }
  Forget();
}

void ModuleContext::Forget() {
  reports_.clear();
  warnings_.clear();
  error_.reset();
}

Status RegisterModule(sqlite3* db, ViewOpener opener) {
  auto owned = std::make_unique<ViewOpener>(std::move(opener));
  auto destroy = [](void* old) {
    std::unique_ptr<ViewOpener>(static_cast<ViewOpener*>(old)).reset();
  };
  // SQLite destroys it, whether it takes the module or not.
  if (sqlite3_create_module_v2(db, "obviews", &Module(), owned.release(), destroy) == SQLITE_OK) {
    return {};
  }
  return Fail(ErrorCode::kInternal, fmt::format("cannot set up the views: {}", sqlite3_errmsg(db)));
}

Status RegisterModule(sqlite3* db, ModuleContext* context) {
  return RegisterModule(
      db, [context](std::span<const char* const> arguments) -> Result<OpenedView> {
        std::string_view name = arguments.empty() ? "" : arguments.front();
        const schema::View* view = context->session().FindView(name);
        if (view == nullptr) {
          return Fail(ErrorCode::kInvalidArgument, fmt::format("no such view: {}", name));
        }
        std::shared_ptr<ModuleContext> borrowed(std::shared_ptr<void>(), context);
        return OpenedView{std::move(borrowed), view};
      });
}

std::string_view SchemaName(const Session& session) {
  return session.mode == schema::Mode::kMySql ? "oceanbase" : "SYS";
}

Status CreateViews(sqlite3* db, const Session& session, std::string_view schema,
                   const std::function<std::string(const schema::View&)>& arguments) {
  const std::string quoted = Quoted(schema);
  OBVIEWS_RETURN_IF_ERROR(Run(db, fmt::format("ATTACH ':memory:' AS {}", quoted)));
  for (const schema::View* view : session.catalog().VisibleTo(session.is_sys(), session.mode)) {
    Status created = Run(db, fmt::format("CREATE VIRTUAL TABLE {}.\"{}\" USING obviews({})", quoted,
                                         view->name, arguments(*view)));
    if (!created) {
      static_cast<void>(Run(db, fmt::format("DETACH {}", quoted)));
      return created;
    }
  }
  return {};
}

Status CreateViews(sqlite3* db, const Session& session) {
  return CreateViews(db, session, SchemaName(session),
                     [](const schema::View& view) { return std::string(view.name); });
}

}  // namespace obviews::vtab::sql
