// Running statements; see sql_session.h.
#include "virtual_tables/sql/sql_session.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "virtual_tables/sql/dialect.h"
#include "virtual_tables/sql/functions.h"
#include "virtual_tables/sql/grammar.h"
#include "virtual_tables/sql/residual.h"

namespace obviews::vtab::sql {
namespace {

int64_t SystemClock() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct CloseConnection {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

Value ColumnValue(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value::Int(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return Value::Real(sqlite3_column_double(statement, column));
    case SQLITE_NULL:
      return Value::Null();
    default: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return Value::Text(size == 0 ? std::string_view() : std::string_view(bytes, size));
    }
  }
}

/// A view's column says its type; an expression's is that of its first value.
ResultColumn ColumnOf(sqlite3_stmt* statement, int column, bool has_row) {
  ResultColumn out;
  const char* name = sqlite3_column_name(statement, column);
  out.name = name == nullptr ? "" : name;
  const char* declared = sqlite3_column_decltype(statement, column);
  if (declared != nullptr) {
    std::string_view type = declared;
    out.decimal = type == "REAL";
    out.numeric = type == "INTEGER" || out.decimal;
  } else if (has_row) {
    int type = sqlite3_column_type(statement, column);
    out.numeric = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
  }
  return out;
}

std::string Join(const std::vector<std::string>& items, std::string_view separator) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

/// Swallows rows: EXPLAIN runs its statement and shows what the scans did instead.
class NullReceiver final : public RowReceiver {
 public:
  Status Begin(std::span<const ResultColumn> /*columns*/) override { return {}; }
  Status Row(std::span<const Value> /*values*/) override { return {}; }
};

bool Matches(const std::optional<std::string>& pattern, std::string_view name) {
  return !pattern || sqlite3_strlike(pattern->c_str(), std::string(name).c_str(), '\\') == 0;
}

using Views = std::vector<const schema::View*>;

/// The views whose names stand in a statement; all that the session sees if none does.
Views ViewsNamedIn(std::string_view statement, const Session& session) {
  Views views;
  auto tokens = TokenList::Make(statement, session.mode, {});
  for (size_t i = 0; tokens && i < tokens->size(); ++i) {
    const schema::View* view = tokens->Name(i) ? session.FindView(tokens->Unquoted(i)) : nullptr;
    if (view != nullptr) views.push_back(view);
  }
  return views.empty() ? session.catalog().VisibleTo(session.is_sys(), session.mode) : views;
}

/// What may be meant by a column that is not there, "" if nothing is near. `asked` may name a table
/// too.
std::string_view NearestColumn(std::string_view asked, const Views& views) {
  std::set<std::string_view> names;
  for (const schema::View* view : views) {
    for (const schema::Column& column : view->columns) names.insert(column.name);
  }
  size_t dot = asked.rfind('.');
  std::string_view bare = dot == std::string_view::npos ? asked : asked.substr(dot + 1);
  std::string_view nearest =
      schema::NearestName(bare, std::vector<std::string_view>(names.begin(), names.end()));
  // Some view has it, but not where it was asked for: its own name is no help.
  return schema::SameName(nearest, asked) ? std::string_view() : nearest;
}

Error UnknownView(std::string_view name, const Session& session) {
  std::string message = fmt::format("no such table: {}", name);
  if (const schema::View* view = session.catalog().FindDefinition(name, schema::Mode::kMySql);
      view != nullptr && view->scope == schema::Scope::kCdb) {
    message += "; CDB_ views exist in the sys tenant only, a user tenant has the DBA_ views";
  } else if (std::string_view nearest =
                 session.catalog().Nearest(name, session.is_sys(), session.mode);
             !nearest.empty()) {
    message += fmt::format("; did you mean {}?", nearest);
  }
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

}  // namespace

struct SqlSession::Impl {
  Impl(engine::Store* store, const Session& settings, std::function<int64_t()> clock)
      : session(settings), module([store] { return store->TakeSnapshot(); }, &session) {
    functions.effective_tenant = session.tenant_id;
    functions.mode = session.mode;
    functions.session_zone = session.time_zone;
    functions.system_zone = session.system_time_zone;
    functions.clock = clock ? std::move(clock) : SystemClock;
    functions.schema_name = schema_name();
    functions.version = "5.7.25-obviews-" OBVIEWS_VERSION;
  }

  std::string_view schema_name() const { return SchemaName(session); }

  Status CheckSchema(const std::optional<std::string>& schema) const;
  Status RunQuery(const Query& query, const SplitStatement& statement, RowReceiver& receiver,
                  StatementReport& report);
  Status SendRows(sqlite3_stmt* prepared, RowReceiver& receiver, StatementReport& report);
  Status RunExplain(const Query& query, const SplitStatement& statement, RowReceiver& receiver,
                    StatementReport& report);
  Status RunShowTables(const ShowTables& show, RowReceiver& receiver, StatementReport& report);
  Status RunDescribe(const Describe& describe, RowReceiver& receiver, StatementReport& report);
  Status RunSetTimeZone(const SetTimeZone& set);
  std::string Improve(std::string message, const Views& views) const;

  DialectOptions Options(const SplitStatement& statement) const {
    return {session.mode, statement.at};
  }

  Session session;
  SessionContext functions;
  ModuleContext module;
  Connection db;  // closed first: it calls into the contexts above
};

SqlSession::SqlSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqlSession::~SqlSession() = default;

const Session& SqlSession::session() const { return impl_->session; }

Result<std::unique_ptr<SqlSession>> SqlSession::Open(engine::Store* store, const Session& session,
                                                     std::function<int64_t()> clock) {
  auto impl = std::make_unique<Impl>(store, session, std::move(clock));
  sqlite3* db = nullptr;
  int opened =
      sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  impl->db.reset(db);
  if (opened != SQLITE_OK) {
    return Fail(ErrorCode::kInternal, "cannot open an SQL session: out of memory");
  }
  sqlite3_extended_result_codes(db, 1);
  // Sorting and grouping stay in memory: a read tool leaves no files behind.
  sqlite3_exec(db, "PRAGMA temp_store = MEMORY", nullptr, nullptr, nullptr);
  OBVIEWS_RETURN_IF_ERROR(RegisterFunctions(db, &impl->functions));
  OBVIEWS_RETURN_IF_ERROR(RegisterModule(db, &impl->module));
  OBVIEWS_RETURN_IF_ERROR(CreateViews(db, impl->session));
  return std::unique_ptr<SqlSession>(new SqlSession(std::move(impl)));
}

Result<StatementReport> SqlSession::Execute(const SplitStatement& statement,
                                            RowReceiver& receiver) {
  Impl& impl = *impl_;
  impl.functions.BeginStatement();
  auto translated = Translate(statement.text, impl.Options(statement));
  if (!translated) return Fail(std::move(translated).error());
  const Translation& translation = *translated;
  StatementReport report;
  Status status;
  if (const auto* query = std::get_if<Query>(&translation)) {
    status = impl.RunQuery(*query, statement, receiver, report);
  } else if (const auto* explain = std::get_if<Explain>(&translation)) {
    status = impl.RunExplain(explain->query, statement, receiver, report);
  } else if (const auto* show = std::get_if<ShowTables>(&translation)) {
    status = impl.RunShowTables(*show, receiver, report);
  } else if (const auto* describe = std::get_if<Describe>(&translation)) {
    status = impl.RunDescribe(*describe, receiver, report);
  } else if (const auto* use = std::get_if<Use>(&translation)) {
    status = impl.CheckSchema(use->schema);
  } else if (const auto* set = std::get_if<SetTimeZone>(&translation)) {
    status = impl.RunSetTimeZone(*set);
  }
  if (!status) return Fail(std::move(status).error());
  return report;
}

Status SqlSession::Impl::CheckSchema(const std::optional<std::string>& schema) const {
  if (!schema || schema::SameName(*schema, schema_name())) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("unknown database '{}': the views are in {}", *schema, schema_name()));
}

Status SqlSession::Impl::RunQuery(const Query& query, const SplitStatement& statement,
                                  RowReceiver& receiver, StatementReport& report) {
  module.BeginStatement(query.sql);
  auto failed = [&](int offset) -> Status {
    if (module.error()) return Fail(*module.error());
    std::string message = Improve(sqlite3_errmsg(db.get()), ViewsNamedIn(statement.text, session));
    return Fail(SqliteError(message, offset, query, statement.text, Options(statement)));
  };
  sqlite3_stmt* raw = nullptr;
  int prepared = sqlite3_prepare_v3(db.get(), query.sql.data(), static_cast<int>(query.sql.size()),
                                    0, &raw, nullptr);
  Statement owned(raw);
  if (prepared != SQLITE_OK) return failed(sqlite3_error_offset(db.get()));
  if (raw == nullptr) return {};
  Status sent = SendRows(raw, receiver, report);
  if (!sent && sent.error().code == ErrorCode::kInternal && sent.error().message.empty()) {
    sent = failed(-1);
  }
  owned.reset();  // closes the cursors, which then report
  report.scans = module.reports();
  report.warnings = module.warnings();
  AddResiduals(statement.text, session.mode, report.scans);
  return sent;
}

Status SqlSession::Impl::SendRows(sqlite3_stmt* prepared, RowReceiver& receiver,
                                  StatementReport& report) {
  int step = sqlite3_step(prepared);
  if (step != SQLITE_ROW && step != SQLITE_DONE) return Fail(ErrorCode::kInternal, "");
  int count = sqlite3_column_count(prepared);
  std::vector<ResultColumn> columns;
  columns.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) columns.push_back(ColumnOf(prepared, i, step == SQLITE_ROW));
  report.has_result = true;
  OBVIEWS_RETURN_IF_ERROR(receiver.Begin(columns));
  std::vector<Value> values(static_cast<size_t>(count));
  for (; step == SQLITE_ROW; step = sqlite3_step(prepared)) {
    for (int i = 0; i < count; ++i) values[static_cast<size_t>(i)] = ColumnValue(prepared, i);
    OBVIEWS_RETURN_IF_ERROR(receiver.Row(values));
  }
  if (step != SQLITE_DONE) return Fail(ErrorCode::kInternal, "");
  return {};
}

Status SqlSession::Impl::RunExplain(const Query& query, const SplitStatement& statement,
                                    RowReceiver& receiver, StatementReport& report) {
  NullReceiver swallow;
  OBVIEWS_RETURN_IF_ERROR(RunQuery(query, statement, swallow, report));
  static constexpr ResultColumn kColumns[] = {
      {"view", false},           {"access_path", false},    {"ranges", false},
      {"pushed", false},         {"residual", false},       {"records_read", true},
      {"records_decoded", true}, {"records_returned", true}};
  report.has_result = true;
  OBVIEWS_RETURN_IF_ERROR(receiver.Begin(kColumns));
  for (const ScanReport& scan : report.scans) {
    std::string ranges = Join(scan.ranges, "; ");
    std::string pushed = Join(scan.pushed, " AND ");
    std::string residual = Join(scan.residual, " AND ");
    Value row[] = {Value::Text(scan.view),
                   Value::Text(scan.access_path),
                   Value::Text(ranges),
                   Value::Text(pushed),
                   Value::Text(residual),
                   Value::Uint(scan.records_read),
                   Value::Uint(scan.records_decoded),
                   Value::Uint(scan.records_returned)};
    OBVIEWS_RETURN_IF_ERROR(receiver.Row(row));
  }
  return {};
}

Status SqlSession::Impl::RunShowTables(const ShowTables& show, RowReceiver& receiver,
                                       StatementReport& report) {
  OBVIEWS_RETURN_IF_ERROR(CheckSchema(show.schema));
  std::string title = fmt::format("Tables_in_{}", schema_name());
  if (show.like) title += fmt::format(" ({})", *show.like);
  ResultColumn column{title, false};
  report.has_result = true;
  OBVIEWS_RETURN_IF_ERROR(receiver.Begin({&column, 1}));
  for (const schema::View* view : session.catalog().VisibleTo(session.is_sys(), session.mode)) {
    if (!Matches(show.like, view->name)) continue;
    Value name = Value::Text(view->name);
    OBVIEWS_RETURN_IF_ERROR(receiver.Row({&name, 1}));
  }
  return {};
}

Status SqlSession::Impl::RunDescribe(const Describe& describe, RowReceiver& receiver,
                                     StatementReport& report) {
  OBVIEWS_RETURN_IF_ERROR(CheckSchema(describe.schema));
  OBVIEWS_ASSIGN_OR_RETURN(const schema::View* view, ResolveView(describe.name, session));
  static constexpr ResultColumn kColumns[] = {{"Field", false},   {"Type", false},
                                              {"Null", false},    {"Key", false},
                                              {"Default", false}, {"Extra", false}};
  report.has_result = true;
  OBVIEWS_RETURN_IF_ERROR(receiver.Begin(kColumns));
  Status status;
  DescribeView(*view, [&](const schema::Column& column, std::string_view key) {
    if (!status || !Matches(describe.like, column.name)) return;
    Value row[] = {Value::Text(column.name),
                   Value::Text(column.type),
                   Value::Text(column.nullable ? "YES" : "NO"),
                   Value::Text(key),
                   Value::Null(),
                   Value::Text("")};
    status = receiver.Row(row);
  });
  return status;
}

Status SqlSession::Impl::RunSetTimeZone(const SetTimeZone& set) {
  OBVIEWS_ASSIGN_OR_RETURN(schema::Zone zone, schema::Zone::Parse(set.value));
  session.time_zone = zone;
  functions.session_zone = zone;
  return {};
}

/// `views` are those that columns are looked for in.
std::string SqlSession::Impl::Improve(std::string message, const Views& views) const {
  auto word_after = [&](std::string_view lead) -> std::string_view {
    return std::string_view(message).starts_with(lead)
               ? std::string_view(message).substr(lead.size())
               : std::string_view();
  };
  if (std::string_view table = word_after("no such table: "); !table.empty()) {
    auto found = ResolveView(table, session);
    return found ? message : found.error().message;
  }
  if (std::string_view column = word_after("no such column: "); !column.empty()) {
    std::string_view nearest = NearestColumn(column, views);
    if (!nearest.empty()) return fmt::format("{}; did you mean {}?", message, nearest);
  }
  return message;
}

Status SqlSession::CheckPart(const schema::View& view, std::string_view before,
                             std::string_view part, std::string_view after) {
  Impl& impl = *impl_;
  const DialectOptions options{impl.session.mode, {}};
  OBVIEWS_ASSIGN_OR_RETURN(TokenList tokens, TokenList::Make(part, options.mode, {}));
  if (tokens.size() == 0) return Fail(ErrorAt("an expression is expected", part, 0));
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens.Op(i, ";")) return Fail(tokens.ErrorAt("an expression has no ;", i));
  }
  for (size_t i = 0; i < tokens.size(); i = tokens.Skip(i)) {
    if (tokens.Word(i, "LIMIT") || tokens.Word(i, "OFFSET") || tokens.Word(i, "FETCH")) {
      return Fail(
          tokens.ErrorAt(fmt::format("{} is not part of an expression", tokens.text(i)), i));
    }
  }
  OBVIEWS_ASSIGN_OR_RETURN(Query query, RewriteExpression(std::move(tokens)));
  const std::string sql = fmt::format("{}{}{}", before, query.sql, after);
  impl.functions.BeginStatement();
  impl.module.BeginStatement(sql);
  sqlite3_stmt* raw = nullptr;
  int prepared =
      sqlite3_prepare_v3(impl.db.get(), sql.data(), static_cast<int>(sql.size()), 0, &raw, nullptr);
  Statement owned(raw);
  if (prepared == SQLITE_OK) return {};
  if (impl.module.error()) return Fail(*impl.module.error());
  const int found = sqlite3_error_offset(impl.db.get());
  // Some errors have no place: the whole is meant, then.
  const size_t at =
      std::max(static_cast<size_t>(std::max(found, 0)), before.size()) - before.size();
  if (at >= query.sql.size())
    return Fail(ErrorAt("the expression is incomplete", part, part.size()));
  return Fail(SqliteError(impl.Improve(sqlite3_errmsg(impl.db.get()), {&view}),
                          static_cast<int>(at), query, part, options));
}

void DescribeView(const schema::View& view,
                  const std::function<void(const schema::Column&, std::string_view key)>& each) {
  for (const schema::Column& column : view.columns) {
    bool key = column.conversion == schema::Conversion::kNone &&
               view.record->fields[column.field].is_key();
    each(column, key ? "PRI" : "");
  }
}

Result<const schema::View*> ResolveView(std::string_view name, const Session& session) {
  size_t dot = name.find('.');
  std::string_view bare = dot == std::string_view::npos ? name : name.substr(dot + 1);
  if (dot != std::string_view::npos &&
      !schema::SameName(name.substr(0, dot), SchemaName(session))) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no such table: {}; the views are in {}", name, SchemaName(session)));
  }
  const schema::View* view = session.FindView(bare);
  if (view == nullptr) return Fail(UnknownView(bare, session));
  return view;
}

}  // namespace obviews::vtab::sql
