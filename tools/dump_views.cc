// dump-views: prints the recovery views of a record store, whole or by SQL. Opens stores as a
// follower only: it takes no lock and writes nothing.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "engine/store.h"
#include "tools/cli/messages.h"
#include "tools/cli/result_printer.h"
#include "tools/cli/session_options.h"
#include "virtual_tables/sql/splitter.h"
#include "virtual_tables/sql/sql_session.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::tools {
namespace {

using vtab::sql::ResultColumn;
using vtab::sql::ScanReport;
using vtab::sql::SplitStatement;
using vtab::sql::SqlSession;

struct Options {
  std::string db;
  SessionOptions session;
  PrintOptions print;
  std::vector<std::string> statements;
  std::vector<std::string> views;
  std::string where;
  std::string columns;
  std::string order_by;
  std::optional<uint64_t> limit;
  bool explain = false;
  bool list = false;
  std::string describe;
};

constexpr const char* kExamples = R"(Examples:
  dump-views --db D CDB_OB_IMPORT_TABLE_TASKS            a whole view
  dump-views --db D CDB_OB_IMPORT_TABLE_TASKS --where "STATUS='DOING'" --columns TASK_ID,SRC_TABLE
  dump-views --db D -e 'SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS\G'
  dump-views --db D --tenant 1002 -e 'SELECT STATUS FROM DBA_OB_RECOVER_TABLE_JOBS' --json
  dump-views --db D --explain -e "SELECT ... WHERE TENANT_ID=1002 AND JOB_ID=3"
  dump-views --list;  dump-views --describe CDB_OB_RESTORE_PROGRESS
Exit codes: 0 ok, 1 statement or data error, 2 usage, 3 store missing, locked, unreadable or newer,
4 damage.)";

void AddOptions(CLI::App& app, Options& options) {
  AddDbOption(app, options.db);
  app.add_option("view", options.views, "views to print whole")->type_name("VIEW");
  app.add_option("-e,--execute", options.statements, "SQL; `;` and `\\G` end statements")
      ->type_name("SQL")
      ->allow_extra_args(false);
  app.add_option("--where", options.where, "with VIEW: only rows with this condition")
      ->type_name("EXPR");
  app.add_option("--columns", options.columns, "with VIEW: only these columns, comma separated")
      ->type_name("A,B");
  app.add_option("--order-by", options.order_by, "with VIEW: in this order")->type_name("A,B");
  app.add_option("--limit", options.limit, "with VIEW: this many rows at most")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  app.add_flag("--explain", options.explain, "run, and say how instead of printing rows");
  app.add_flag("--list", options.list, "list the views; needs no store");
  app.add_option("--describe", options.describe, "describe a view; needs no store")
      ->type_name("VIEW");
  options.session.AddTo(app);
  options.print.AddTo(app);
}

Status PrintList(Sink& sink, const Options& options, const vtab::Session& session) {
  ResultPrinter printer(sink, options.print, false);
  static constexpr ResultColumn kColumns[] = {{"View", false}, {"Columns", true}, {"Since", false}};
  OBVIEWS_RETURN_IF_ERROR(printer.Begin(kColumns));
  for (const schema::View* view : session.catalog().VisibleTo(session.is_sys(), session.mode)) {
    Value row[] = {Value::Text(view->name), Value::Uint(view->columns.size()),
                   Value::Text(view->since_version)};
    OBVIEWS_RETURN_IF_ERROR(printer.Row(row));
  }
  return printer.End();
}

Status PrintDescription(Sink& sink, const Options& options, const vtab::Session& session) {
  const schema::View* view = session.FindView(options.describe);
  if (view == nullptr) return Fail(vtab::sql::UnknownView(options.describe, session));
  ResultPrinter printer(sink, options.print, false);
  static constexpr ResultColumn kColumns[] = {
      {"Field", false},  {"Type", false},       {"Null", false},   {"Key", false},
      {"Source", false}, {"Conversion", false}, {"Meaning", false}};
  OBVIEWS_RETURN_IF_ERROR(printer.Begin(kColumns));
  Status status;
  vtab::sql::DescribeView(*view, [&](const schema::Column& column, std::string_view key) {
    if (!status) return;
    std::string source = view->SourceOf(column);
    Value row[] = {Value::Text(column.name),
                   Value::Text(column.type),
                   Value::Text(column.nullable ? "YES" : "NO"),
                   Value::Text(key),
                   Value::Text(source),
                   Value::Text(schema::ConversionName(column.conversion)),
                   Value::Text(column.meaning)};
    status = printer.Row(row);
  });
  OBVIEWS_RETURN_IF_ERROR(status);
  return printer.End();
}

/// Takes what stands before the first comma, without blanks around it.
std::string_view CutAtComma(std::string_view& list) {
  size_t end = std::min(list.find(','), list.size());
  std::string_view item = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  size_t begin = std::min(item.find_first_not_of(" \t\n"), item.size());
  item.remove_prefix(begin);
  return item.substr(0, item.find_last_not_of(" \t\n") + 1);
}

/// Whether a line typed at the prompt ends the session; a semicolon after it is a habit.
bool IsFarewell(std::string line) {
  while (!line.empty() && (line.back() == ';' || line.back() == ' ')) line.pop_back();
  return line == "exit" || line == "quit" || line == "\\q";
}

/// One run over an open store.
class Dumper {
 public:
  Dumper(engine::Store& store, const vtab::Session& session, const Options& options, Sink& sink)
      : store_(store), session_(session), options_(options), sink_(sink) {}

  Status Run() {
    for (const std::string& view : options_.views) OBVIEWS_RETURN_IF_ERROR(DumpView(view));
    for (const std::string& text : options_.statements) {
      OBVIEWS_ASSIGN_OR_RETURN(auto statements, vtab::sql::SplitStatements(text, session_.mode));
      for (const SplitStatement& statement : statements) {
        OBVIEWS_RETURN_IF_ERROR(Execute(statement));
      }
    }
    if (options_.views.empty() && options_.statements.empty()) return ReadStatements();
    return {};
  }

 private:
  Status DumpView(const std::string& name) {
    const schema::View* view = session_.FindView(name);
    if (view == nullptr) return Fail(vtab::sql::UnknownView(name, session_));
    if (options_.where.empty() && options_.order_by.empty()) return StreamView(*view);
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<size_t> projection, Projection(*view));
    const char quote = session_.mode == schema::Mode::kMySql ? '`' : '"';
    std::string columns;
    for (size_t column : projection) {
      columns += fmt::format("{}{}{}{}", columns.empty() ? "" : ", ", quote,
                             view->columns[column].name, quote);
    }
    std::string sql = fmt::format("SELECT {} FROM {}.{}", columns, view->schema_name(), view->name);
    // A comment at the end of what was typed ends with its line.
    if (!options_.where.empty()) sql += fmt::format(" WHERE ({}\n)", options_.where);
    if (!options_.order_by.empty()) sql += fmt::format(" ORDER BY {}", options_.order_by);
    if (options_.limit) sql += fmt::format(" LIMIT {}", *options_.limit);
    SplitStatement statement;
    statement.text = std::move(sql);
    return Execute(statement);
  }

  Result<std::vector<size_t>> Projection(const schema::View& view) const {
    std::vector<size_t> columns;
    if (options_.columns.empty()) {
      for (size_t i = 0; i < view.columns.size(); ++i) columns.push_back(i);
      return columns;
    }
    for (std::string_view rest = options_.columns, name; !rest.empty();) {
      name = CutAtComma(rest);
      int column = view.FindColumn(name);
      if (column < 0) {
        std::vector<std::string_view> names;
        for (const schema::Column& known : view.columns) names.push_back(known.name);
        std::string_view nearest = schema::NearestName(name, names);
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("no such column: {} in {}{}", name, view.name,
                                nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
      }
      columns.push_back(static_cast<size_t>(column));
    }
    return columns;
  }

  /// A whole view, straight from the cursor.
  Status StreamView(const schema::View& view) {
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<size_t> projection, Projection(view));
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_.TakeSnapshot());
    vtab::ScanRequest request;
    request.view = &view;
    request.limit = options_.limit;
    vtab::ViewCursor cursor(snapshot, session_, std::move(request));
    ResultPrinter printer(sink_, options_.print, false);
    std::vector<ResultColumn> columns;
    for (size_t index : projection) {
      const schema::Column& column = view.columns[index];
      columns.push_back({column.name, column.kind != schema::ShownKind::kText,
                         column.kind == schema::ShownKind::kReal});
    }
    if (!options_.explain) OBVIEWS_RETURN_IF_ERROR(printer.Begin(columns));
    std::vector<Value> values(projection.size());
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor.Next());
      if (!more) break;
      for (size_t i = 0; i < projection.size(); ++i) {
        OBVIEWS_ASSIGN_OR_RETURN(values[i], cursor.Column(projection[i]));
      }
      if (!options_.explain) OBVIEWS_RETURN_IF_ERROR(printer.Row(values));
    }
    if (std::string warning = cursor.warning(); !warning.empty()) warnings_.push_back(warning);
    if (options_.explain) {
      vtab::ScanStats stats = cursor.stats();
      ScanReport report{std::string(view.name),
                        std::string(vtab::AccessPathName(cursor.plan().path)),
                        cursor.plan().Ranges(),
                        {},
                        {},
                        1,
                        stats.records_read,
                        stats.records_decoded,
                        stats.records_returned};
      PrintExplain(sink_, {&report, 1}, options_.print.json);
    }
    return Finish(printer);
  }

  Status Execute(const SplitStatement& statement) {
    if (sql_ == nullptr) {
      OBVIEWS_ASSIGN_OR_RETURN(sql_, SqlSession::Open(&store_, session_));
    }
    ResultPrinter printer(sink_, options_.print, statement.vertical);
    if (options_.explain) {
      Swallow swallow;
      OBVIEWS_ASSIGN_OR_RETURN(auto report, sql_->Execute(statement, swallow));
      PrintExplain(sink_, report.scans, options_.print.json);
      warnings_ = std::move(report.warnings);
      return Finish(printer);
    }
    OBVIEWS_ASSIGN_OR_RETURN(auto report, sql_->Execute(statement, printer));
    warnings_ = std::move(report.warnings);
    return Finish(printer);
  }

  struct Swallow final : vtab::sql::RowReceiver {
    Status Begin(std::span<const ResultColumn> /*columns*/) override { return {}; }
    Status Row(std::span<const Value> /*values*/) override { return {}; }
  };

  Status Finish(ResultPrinter& printer) {
    OBVIEWS_RETURN_IF_ERROR(printer.End());
    OBVIEWS_RETURN_IF_ERROR(sink_.Flush());
    for (const std::string& warning : warnings_) PrintWarning(warning);
    warnings_.clear();
    return {};
  }

  Status ReadStatements() {
    bool interactive = isatty(STDIN_FILENO) != 0;
    vtab::sql::Splitter splitter(session_.mode);
    std::string line;
    auto prompt = [&] {
      if (interactive) std::cerr << (splitter.pending() ? "       -> " : "obviews> ") << std::flush;
    };
    prompt();
    while (std::getline(std::cin, line)) {
      if (interactive && !splitter.pending() && IsFarewell(line)) return {};
      splitter.Feed(line + "\n");
      OBVIEWS_RETURN_IF_ERROR(RunComplete(splitter, interactive));
      prompt();
    }
    splitter.Finish();
    return RunComplete(splitter, false);
  }

  /// A person may try again after an error; a script ends with its first.
  Status RunComplete(vtab::sql::Splitter& splitter, bool forgive) {
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(auto statement, splitter.Next());
      if (!statement) return {};
      Status done = Execute(*statement);
      if (done) continue;
      if (!forgive || !sink_.ok()) return done;
      PrintError(done.error());
    }
  }

  engine::Store& store_;
  vtab::Session session_;
  const Options& options_;
  Sink& sink_;
  std::unique_ptr<SqlSession> sql_;
  std::vector<std::string> warnings_;
};

Status Run(const Options& options, Sink& sink) {
  if (options.list || !options.describe.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(vtab::Session session, options.session.BaseSession());
    // Oracle mode is a user tenant's; which one does not matter without a store.
    bool user =
        session.mode == schema::Mode::kOracle || !schema::SameName(options.session.tenant, "sys");
    if (user) session.tenant_id = 0;
    return options.list ? PrintList(sink, options, session)
                        : PrintDescription(sink, options, session);
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(options.db, {}));
  for (const std::string& notice : store->notices()) PrintNotice(notice);
  vtab::Session session;
  {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store->TakeSnapshot());
    OBVIEWS_ASSIGN_OR_RETURN(session, options.session.SessionFor(*snapshot));
  }
  return Dumper(*store, session, options, sink).Run();
}

int Main(int argc, char** argv) {
  CLI::App app("Prints OceanBase's table-recovery views from a record store.", "dump-views");
  app.footer(kExamples);
  app.set_version_flag("--version", "dump-views " OBVIEWS_VERSION);
  Options options;
  AddOptions(app, options);
  if (auto code = ParseCommandLine(app, argc, argv)) return *code;
  if (options.views.empty() && (!options.where.empty() || !options.columns.empty() ||
                                !options.order_by.empty() || options.limit)) {
    return PrintUsageError("--where, --columns, --order-by and --limit go with a VIEW");
  }
  if (Status formats = options.print.Check(); !formats) {
    return PrintUsageError(formats.error().message);
  }
  ReportAbortsAsDamage();
  FdSink sink(STDOUT_FILENO, "standard output");
  Status status = Run(options, sink);
  Status flushed = sink.Flush();
  // Whoever reads may stop early: `| head` has what it wants.
  if (sink.reader_gone()) return kExitOk;
  if (!status) return PrintError(status.error());
  return flushed ? kExitOk : PrintError(flushed.error());
}

}  // namespace
}  // namespace obviews::tools

int main(int argc, char** argv) {
  // Nothing of ours throws; running out of memory does.
  try {
    return obviews::tools::Main(argc, argv);
  } catch (const std::exception& error) {
    return obviews::tools::PrintError({obviews::ErrorCode::kInternal, error.what()});
  }
}
