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
#include "schema/numbers.h"
#include "tools/cli/messages.h"
#include "tools/cli/result_printer.h"
#include "tools/cli/session_options.h"
#include "tools/cli/tsv_dump.h"
#include "tools/progress/progress_command.h"
#include "tools/report/report_command.h"
#include "virtual_tables/sql/lexer.h"
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
  std::optional<std::string> where;
  std::optional<std::string> columns;
  std::optional<std::string> order_by;
  std::optional<uint64_t> limit;
  unsigned threads = 1;
  bool explain = false;
  bool list = false;
  std::string describe;

  /// Whether anything but who asks, and --json, was asked for: sub-commands have no use for it.
  bool asks_for_views() const {
    PrintOptions others = print;
    others.json = false;
    return !views.empty() || !statements.empty() || where || columns || order_by || limit ||
           explain || list || !describe.empty() || threads != 1 || !(others == PrintOptions());
  }
};

constexpr const char* kExamples = R"(Examples:
  dump-views --db D CDB_OB_IMPORT_TABLE_TASKS            a whole view
  dump-views --db D CDB_OB_IMPORT_TABLE_TASKS --where "STATUS='DOING'" --columns TASK_ID,SRC_TABLE
  dump-views --db D -e 'SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS\G'
  dump-views --db D --tenant 1002 -e 'SELECT STATUS FROM DBA_OB_RECOVER_TABLE_JOBS' --json
  dump-views --db D --explain -e "SELECT ... WHERE TENANT_ID=1002 AND JOB_ID=3"
  dump-views --list;  dump-views --describe CDB_OB_RESTORE_PROGRESS
  dump-views --db D progress --watch                     how far recoveries are; see its --help
  dump-views --db D report --job 1/3 -o report.html      a page to look at; see its --help
Exit codes: 0 ok, 1 statement or data error, 2 usage, 3 store missing, locked, unreadable or newer,
4 damage; of a wait for recoveries 5 still running, 6 failed.)";

std::string CheckLimit(const std::string& text) {
  if (schema::ParseUint64(text)) return {};
  return fmt::format("'{}' is no whole number from 0 to 18446744073709551615", text);
}

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
  auto set_limit = [&options](const std::string& text) {
    auto limit = schema::ParseUint64(text);
    if (limit) options.limit = *limit;
  };
  app.add_option("--threads", options.threads,
                 "with VIEW as TSV: read and show on so many threads (1 to 64)")
      ->check(CLI::Range(1U, 64U));
  app.add_option_function<std::string>("--limit", set_limit, "with VIEW: this many rows at most")
      ->check(CheckLimit)
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
  OBVIEWS_ASSIGN_OR_RETURN(const schema::View* view,
                           vtab::sql::ResolveView(options.describe, session));
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

/// An error of what an option says, under the option's name.
tl::unexpected<Error> FailOf(std::string_view option, Error error) {
  error.message = fmt::format("{}: {}", option, error.message);
  return Fail(std::move(error));
}

/// The columns of a view that a list names; all of them without a list.
Result<std::vector<size_t>> Projection(const schema::View& view,
                                       const std::optional<std::string>& list) {
  std::vector<size_t> columns;
  if (!list) {
    for (size_t i = 0; i < view.columns.size(); ++i) columns.push_back(i);
    return columns;
  }
  for (size_t begin = 0, end = 0; begin <= list->size(); begin = end + 1) {
    end = std::min(list->find(',', begin), list->size());
    const size_t first = std::min(list->find_first_not_of(" \t\n", begin), end);
    std::string_view name = std::string_view(*list).substr(first, end - first);
    name = name.substr(0, name.find_last_not_of(" \t\n") + 1);
    int column = view.FindColumn(name);
    if (column < 0) {
      std::vector<std::string_view> names;
      for (const schema::Column& known : view.columns) names.push_back(known.name);
      std::string_view nearest = schema::NearestName(name, names);
      std::string message =
          name.empty() ? "a column is expected" : fmt::format("no such column: {}", name);
      if (!nearest.empty()) message += fmt::format("; did you mean {}?", nearest);
      return FailOf("--columns", vtab::sql::ErrorAt(message, *list, first));
    }
    columns.push_back(static_cast<size_t>(column));
  }
  return columns;
}

/// Whether a line by itself ends the session, as in the mysql client: at the prompt and in scripts,
/// in any case, with or without a semicolon.
bool IsFarewell(std::string_view line) {
  const size_t last = line.find_last_not_of("; \t\r");
  line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return vtab::sql::EqualsIgnoreCase(line, "exit") || vtab::sql::EqualsIgnoreCase(line, "quit") ||
         line == "\\q";
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
    OBVIEWS_ASSIGN_OR_RETURN(const schema::View* view, vtab::sql::ResolveView(name, session_));
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<size_t> projection, Projection(*view, options_.columns));
    if (!options_.where && !options_.order_by) {
      PrintTitle(*view);
      return StreamView(*view, projection);
    }
    OBVIEWS_RETURN_IF_ERROR(OpenSql());
    const char quote = session_.mode == schema::Mode::kMySql ? '`' : '"';
    std::string columns;
    for (size_t column : projection) {
      columns += fmt::format("{}{}{}{}", columns.empty() ? "" : ", ", quote,
                             view->columns[column].name, quote);
    }
    OBVIEWS_RETURN_IF_ERROR(CheckOptions(*view, columns));
    PrintTitle(*view);
    SplitStatement statement;
    statement.text = QueryOf(*view, columns);
    return Execute(statement);
  }

  /// What `options_` ask of a view, as a query for `columns`.
  std::string QueryOf(const schema::View& view, std::string_view columns) const {
    std::string sql =
        fmt::format("SELECT {} FROM {}.{}", columns, vtab::sql::SchemaName(session_), view.name);
    // A comment at the end of what was typed ends with its line.
    if (options_.where) sql += fmt::format(" WHERE ({}\n)", *options_.where);
    if (options_.order_by) sql += fmt::format(" ORDER BY {}", *options_.order_by);
    constexpr uint64_t kMost = INT64_MAX;  // of SQLite's LIMIT
    if (options_.limit) sql += fmt::format("\nLIMIT {}", std::min(*options_.limit, kMost));
    return sql;
  }

  /// Each option must be sound by itself, so that its errors show what was typed and nothing else.
  Status CheckOptions(const schema::View& view, std::string_view columns) {
    std::string from =
        fmt::format("FROM \"{}\".\"{}\"", vtab::sql::SchemaName(session_), view.name);
    if (options_.where) {
      Status status =
          sql_->CheckPart(view, fmt::format("SELECT 1 {} WHERE (", from), *options_.where, ")");
      if (!status) return FailOf("--where", std::move(status).error());
    }
    if (options_.order_by) {
      Status status = sql_->CheckPart(view, fmt::format("SELECT {} {} ORDER BY ", columns, from),
                                      *options_.order_by, " LIMIT 0");
      if (!status) return FailOf("--order-by", std::move(status).error());
    }
    return {};
  }

  /// Of several views, people want to know which is which. What is printed is the statement that
  /// `obviewsctl load` knows the view by.
  void PrintTitle(const schema::View& view) {
    if (options_.views.size() < 2 || options_.explain || !ForPeople(options_.print)) return;
    sink_.Append(fmt::format("{};\n", QueryOf(view, options_.columns.value_or("*"))));
  }

  /// A whole view, straight from the cursor.
  Status StreamView(const schema::View& view, const std::vector<size_t>& projection) {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_.TakeSnapshot());
    vtab::ScanRequest request;
    request.view = &view;
    request.limit = options_.limit;
    ResultPrinter printer(sink_, options_.print, false);
    std::vector<ResultColumn> columns;
    for (size_t index : projection) {
      const schema::Column& column = view.columns[index];
      columns.push_back({column.name, column.kind != schema::ShownKind::kText,
                         column.kind == schema::ShownKind::kReal});
    }
    if (!options_.explain) OBVIEWS_RETURN_IF_ERROR(printer.Begin(columns));
    request.columns = projection;
    if (!options_.explain && printer.format() == Format::kBatch) {
      auto print = [&](std::string_view text, uint64_t rows) {
        return printer.Rendered(text, rows);
      };
      OBVIEWS_ASSIGN_OR_RETURN(std::string warning,
                               DumpTsv(snapshot, session_, request, options_.threads, print));
      if (!warning.empty()) warnings_.push_back(std::move(warning));
      return Finish(printer);
    }
    vtab::ViewCursor cursor(snapshot, session_, std::move(request));
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

  Status OpenSql() {
    if (sql_ != nullptr) return {};
    OBVIEWS_ASSIGN_OR_RETURN(sql_, SqlSession::Open(&store_, session_));
    return {};
  }

  Status Execute(const SplitStatement& statement) {
    OBVIEWS_RETURN_IF_ERROR(OpenSql());
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
      if (!splitter.pending() && IsFarewell(line)) return {};
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

/// A store, and who asks.
struct Opened {
  std::unique_ptr<engine::Store> store;
  vtab::Session session;
};

Result<Opened> OpenStore(const Options& options) {
  Opened opened;
  OBVIEWS_ASSIGN_OR_RETURN(opened.store, engine::Store::Open(options.db, {}));
  for (const std::string& notice : opened.store->notices()) PrintNotice(notice);
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, opened.store->TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(opened.session, options.session.SessionFor(*snapshot));
  if (std::string notice = UnknownTenantNotice(snapshot, opened.session); !notice.empty()) {
    PrintNotice(notice);
  }
  return opened;
}

Result<int> MakeReport(const Options& options, const ReportCommand& command, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(Opened opened, OpenStore(options));
  OBVIEWS_ASSIGN_OR_RETURN(int code, RunReport(*opened.store, opened.session, command, sink));
  OBVIEWS_RETURN_IF_ERROR(sink.Flush());
  return code;
}

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
  OBVIEWS_ASSIGN_OR_RETURN(Opened opened, OpenStore(options));
  return Dumper(*opened.store, opened.session, options, sink).Run();
}

int Main(int argc, char** argv) {
  CLI::App app("Prints OceanBase's table-recovery views from a record store.", "dump-views");
  app.footer(kExamples);
  app.set_version_flag("--version", "dump-views " OBVIEWS_VERSION);
  Options options;
  AddOptions(app, options);
  ProgressCommand progress;
  CLI::App* progress_command = app.add_subcommand("progress", "how far recoveries are");
  progress_command->fallthrough();
  progress.AddTo(*progress_command);
  ReportCommand report;
  CLI::App* report_command = app.add_subcommand("report", "one recovery as a page to look at");
  report_command->fallthrough();
  report.AddTo(*report_command);
  app.require_subcommand(0, 1);
  if (auto code = ParseCommandLine(app, argc, argv)) return *code;
  if (options.views.empty() &&
      (options.where || options.columns || options.order_by || options.limit)) {
    return PrintUsageError("--where, --columns, --order-by and --limit go with a VIEW");
  }
  if (Status formats = options.print.Check(); !formats) {
    return PrintUsageError(formats.error().message);
  }
  if (progress_command->parsed()) {
    progress.json = options.print.json;
    if (options.asks_for_views()) {
      return PrintUsageError("views, statements and their options do not go with progress");
    }
    if (std::string wrong = progress.Check(); !wrong.empty()) return PrintUsageError(wrong);
  }
  if (report_command->parsed() && (options.asks_for_views() || options.print.json)) {
    return PrintUsageError("views, statements and their options do not go with report");
  }
  if (std::string wrong = report.Check(); report_command->parsed() && !wrong.empty()) {
    return PrintUsageError(wrong);
  }
  ReportAbortsAsDamage();
  FdSink sink(STDOUT_FILENO, "standard output");
  if (report_command->parsed()) {
    Result<int> code = MakeReport(options, report, sink);
    if (sink.reader_gone()) return kExitOk;
    return code ? *code : PrintError(code.error());
  }
  if (progress_command->parsed()) {
    Result<int> code = RunProgress(options.db, options.session, progress, sink);
    // Whoever reads may stop early, but nobody saw the end of a wait, then.
    if (sink.reader_gone()) return progress.follows() ? kExitRunning : kExitOk;
    return code ? *code : PrintError(code.error());
  }
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
