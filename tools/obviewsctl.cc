// obviewsctl: everything that writes a record store, and the checks of a whole one.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "engine/store.h"
#include "schema/quote.h"
#include "tools/cli/counted.h"
#include "tools/cli/instant.h"
#include "tools/cli/messages.h"
#include "tools/cli/result_printer.h"
#include "tools/cli/session_options.h"
#include "tools/lifecycle/exec_command.h"
#include "tools/lifecycle/purge_command.h"
#include "tools/lifecycle/simulate_command.h"
#include "tools/loader/load.h"
#include "tools/loader/record_json.h"
#include "tools/output/progress.h"

namespace obviews::tools {
namespace {

using vtab::sql::ResultColumn;

constexpr const char* kExamples = R"(Examples:
  obviewsctl load --db D session.txt          rows pasted from a terminal, or TSV, CSV, JSON
  obviewsctl load --db D --tenant 1002 --view DBA_OB_IMPORT_TABLE_TASKS tasks.tsv
  obviewsctl export --db D --mask > ticket.jsonl
  obviewsctl verify --db D
  obviewsctl exec --db D "ALTER SYSTEM RECOVER TABLE db1.t1 TO TENANT shop WITH 'pool_list=p'"
  obviewsctl simulate --db D --tenants 3 --tables 200 --fail-rate 0.02
  obviewsctl purge --db D --older-than 30d
`obviewsctl exec --help`, and so on, has more.
Exit codes: 0 ok, 1 data error, 2 usage, 3 store missing, locked, unreadable or newer, 4 damage.)";

struct LoadCommand {
  std::string view;
  std::string tenant;
  std::string mode;
  std::string time_zone = "+08:00";
  std::string system_time_zone = "+08:00";
  std::string format = "auto";
  bool skip_bad = false;
  std::string taken_at;
  std::vector<std::string> files;

  void AddTo(CLI::App& app) {
    app.add_option("--view", view, "view of rows that no SELECT names")->type_name("VIEW");
    app.add_option("--tenant", tenant, "owner of the rows of DBA_ views: an id or a known name")
        ->type_name("ID|NAME");
    app.add_option("--mode", mode, "mode of DBA_ rows (default: told by their times)")
        ->check(CLI::IsMember({"mysql", "oracle"}, CLI::ignore_case));
    app.add_option("--time-zone", time_zone, "zone the rows' times are shown in")
        ->check(CheckZone)
        ->type_name("TZ")
        ->capture_default_str();
    app.add_option("--system-time-zone", system_time_zone, "zone of their SCN displays")
        ->check(CheckZone)
        ->type_name("TZ")
        ->capture_default_str();
    app.add_option("--format", format, "what the files hold")
        ->check(CLI::IsMember({"auto", "transcript", "tsv", "csv", "json", "jsonl"}))
        ->capture_default_str();
    app.add_flag("--skip-bad", skip_bad, "load the good rows and count the bad ones");
    app.add_option("--taken-at", taken_at,
                   "when the rows were shown: so long ago (90m, 2h), or a date (default: now)")
        ->type_name("AGE|DATE");
    app.add_option("file", files, "files to load; - is standard input")
        ->type_name("FILE")
        ->required();
  }
};

/// What a store knows of its tenants, without making one.
Result<KnownTenants> ReadKnownTenants(const std::string& db) {
  auto store = engine::Store::Open(db, {});
  if (!store) {
    if (store.error().code == ErrorCode::kStoreMissing) return KnownTenants();
    return Fail(store.error());
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, (*store)->TakeSnapshot());
  return FindKnownTenants(*snapshot);
}

Result<LoadOptions> MakeLoadOptions(const LoadCommand& command,
                                    const std::vector<engine::Tenant>& known) {
  LoadOptions options;
  options.rows.view = command.view;
  if (!command.tenant.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(engine::Tenant tenant, ResolveTenant(known, command.tenant));
    options.rows.tenant = tenant.id;
  }
  if (!command.mode.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(options.rows.mode, schema::ParseMode(command.mode));
  }
  OBVIEWS_ASSIGN_OR_RETURN(options.rows.time_zone, schema::Zone::Parse(command.time_zone));
  OBVIEWS_ASSIGN_OR_RETURN(options.rows.system_time_zone,
                           schema::Zone::Parse(command.system_time_zone));
  OBVIEWS_ASSIGN_OR_RETURN(options.format, ParseFormat(command.format));
  options.skip_bad = command.skip_bad;
  if (!command.taken_at.empty()) {
    const int64_t now = NowUsec();
    auto taken = ParseInstant(command.taken_at, now, options.rows.time_zone);
    if (taken && *taken > now) {
      taken = Fail(ErrorCode::kInvalidArgument,
                   fmt::format("{} is still to come", schema::QuoteForMessage(command.taken_at)));
    }
    if (!taken) {
      return Fail(taken.error().code, fmt::format("--taken-at: {}", taken.error().message));
    }
    options.shown_usec = *taken;
  }
  return options;
}

std::string Summary(const LoadReport& report) {
  std::string line =
      fmt::format("{} read: {} inserted, {} replaced", Counted(report.rows, "row"),
                  Counted(report.records.inserted, "record"), report.records.replaced);
  if (report.records.live_removed > 0) {
    line += fmt::format(", {} removed by their history",
                        Counted(report.records.live_removed, "live record"));
  }
  if (report.stale_rows > 0) {
    line += fmt::format(", {} left out for their history", Counted(report.stale_rows, "live row"));
  }
  if (report.bad_rows > 0) line += fmt::format("; {} skipped", Counted(report.bad_rows, "bad row"));
  return line + "\n";
}

Status RunLoad(const std::string& db, const LoadCommand& command, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(auto known, ReadKnownTenants(db));
  OBVIEWS_ASSIGN_OR_RETURN(LoadOptions options, MakeLoadOptions(command, known.registered));
  std::unique_ptr<engine::Store> store;
  Progress progress("loading");
  LoadListener listener;
  listener.warning = [&](const std::string& text) {
    progress.Clear();
    PrintWarning(text);
  };
  listener.bad_row = [&](const std::string& text) {
    progress.Clear();
    PrintWarning(fmt::format("{} (row skipped)", text));
  };
  listener.progress = [&](uint64_t rows, uint64_t done, uint64_t total) {
    if (total > 0) progress.SetTotal(total);
    progress.Update(rows, done);
  };
  auto open = [&]() -> Result<engine::Store*> {
    engine::OpenOptions write;
    write.access = engine::Access::kReadWrite;
    write.create_if_missing = true;
    OBVIEWS_ASSIGN_OR_RETURN(store, engine::Store::Open(db, write));
    for (const std::string& notice : store->notices()) PrintNotice(notice);
    return store.get();
  };
  auto report = LoadFiles(command.files, options, listener, open, known);
  progress.Clear();
  if (!report) return Fail(report.error());
  if (store != nullptr) OBVIEWS_RETURN_IF_ERROR(store->Close());
  sink.Append(Summary(*report));
  return sink.Flush();
}

Result<std::unique_ptr<engine::Store>> OpenToRead(const std::string& db) {
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(db, {}));
  for (const std::string& notice : store->notices()) PrintNotice(notice);
  return store;
}

Status RunExport(const std::string& db, bool mask, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(auto store, OpenToRead(db));
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store->TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(auto tenants, snapshot->Tenants());
  for (const engine::Tenant& tenant : tenants) WriteTenantJson(sink, tenant);
  for (const schema::RecordType& type : schema::RecordTypes()) {
    auto cursor = snapshot->Scan(type.kind, {});
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      OBVIEWS_ASSIGN_OR_RETURN(schema::Record record, snapshot->Materialise(cursor->record()));
      WriteRecordJson(sink, record, mask);
      if (!sink.ok()) return sink.status();
    }
  }
  return sink.Flush();
}

Result<ExitCode> RunVerify(const std::string& db, Sink& sink) {
  auto start = std::chrono::steady_clock::now();
  OBVIEWS_ASSIGN_OR_RETURN(auto store, OpenToRead(db));
  OBVIEWS_ASSIGN_OR_RETURN(engine::VerifyReport report, store->Verify());
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // Where it took long enough to be of interest.
  if (seconds >= 1) {
    fmt::print(stderr, "read in {:.1f} s, {:.0f} records/s\n", seconds,
               static_cast<double>(report.records) / seconds);
  }
  auto print = [&](std::string_view label, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) sink.Append(fmt::format("{}: {}\n", label, line));
  };
  print("notice", report.notices);
  print("problem", report.problems);
  print("damage", report.damage);
  sink.Append(fmt::format("{} and {} read: {} damaged, {}, {}\n", Counted(report.records, "record"),
                          Counted(report.texts, "long text"), report.damage.size(),
                          Counted(report.problems.size(), "problem"),
                          Counted(report.notices.size(), "notice")));
  OBVIEWS_RETURN_IF_ERROR(sink.Flush());
  if (!report.damage.empty()) return kExitDamage;
  return report.problems.empty() ? kExitOk : kExitError;
}

Status RunStats(const std::string& db, const PrintOptions& print, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(auto store, OpenToRead(db));
  OBVIEWS_ASSIGN_OR_RETURN(engine::StoreStats stats, store->Stats());
  ResultPrinter printer(sink, print, false);
  static constexpr ResultColumn kColumns[] = {
      {"Family", false}, {"Records", true}, {"Value_bytes", true}, {"Disk_bytes", true}};
  OBVIEWS_RETURN_IF_ERROR(printer.Begin(kColumns));
  for (const auto& family : stats.families) {
    Value row[] = {Value::Text(family.name), Value::Uint(family.records),
                   Value::Uint(family.value_bytes), Value::Uint(family.disk_bytes)};
    OBVIEWS_RETURN_IF_ERROR(printer.Row(row));
  }
  return printer.End();
}

Status RunTenants(const std::string& db, const PrintOptions& print, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(auto store, OpenToRead(db));
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store->TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(auto tenants, snapshot->Tenants());
  ResultPrinter printer(sink, print, false);
  static constexpr ResultColumn kColumns[] = {
      {"Tenant_id", true}, {"Tenant_name", false}, {"Mode", false}};
  OBVIEWS_RETURN_IF_ERROR(printer.Begin(kColumns));
  for (const engine::Tenant& tenant : tenants) {
    Value row[] = {Value::Int(tenant.id),
                   tenant.name.empty() ? Value::Null() : Value::Text(tenant.name),
                   tenant.mode_known ? Value::Text(schema::ModeName(tenant.mode)) : Value::Null()};
    OBVIEWS_RETURN_IF_ERROR(printer.Row(row));
  }
  return printer.End();
}

Status RunRebuild(const std::string& db, Sink& sink) {
  engine::OpenOptions options;
  options.access = engine::Access::kReadWrite;
  options.for_rebuild = true;
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(db, options));
  OBVIEWS_ASSIGN_OR_RETURN(engine::RebuildReport report, store->Rebuild());
  OBVIEWS_RETURN_IF_ERROR(store->Close());
  sink.Append(fmt::format(
      "indexes and counts of {} and {} in {} made anew\n", Counted(report.live_tasks, "live task"),
      Counted(report.history_tasks, "history task"), Counted(report.blocks, "block")));
  return {};
}

bool IsCommand(const CLI::App& app, const std::string& name) {
  auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == name; });
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Fills, exports, checks and purges a store of table-recovery records, and runs recoveries.",
      "obviewsctl");
  app.footer(kExamples);
  app.set_version_flag("--version", "obviewsctl " OBVIEWS_VERSION);
  app.require_subcommand(1);
  std::string db;
  LoadCommand load_command;
  ExecCommand exec_command;
  SimulateCommand simulate_command;
  PurgeCommand purge_command;
  PrintOptions print;
  bool mask = false;
  auto* load = app.add_subcommand("load", "load rows of the views, or an export, into a store");
  auto* dump = app.add_subcommand("export", "every record as a line of JSON that load takes back");
  auto* verify = app.add_subcommand("verify", "read every record and check it");
  auto* rebuild =
      app.add_subcommand("rebuild", "make the indexes and counts of tasks anew from the tasks");
  auto* stats = app.add_subcommand("stats", "how many records, how many bytes");
  auto* tenants = app.add_subcommand("tenants", "the tenants the store knows");
  auto* exec = app.add_subcommand("exec", "start and cancel recoveries by statements");
  auto* simulate =
      app.add_subcommand("simulate", "drive recoveries that only pretend to restore and import");
  auto* purge = app.add_subcommand("purge", "take old jobs out of history");
  for (CLI::App* command : {load, dump, verify, rebuild, stats, tenants, exec, simulate, purge}) {
    AddDbOption(*command, db);
  }
  load_command.AddTo(*load);
  exec_command.AddTo(*exec);
  simulate_command.AddTo(*simulate);
  purge_command.AddTo(*purge);
  dump->add_flag("--mask", mask, "hide passwords and keys, for a support ticket");
  print.AddTo(*stats);
  print.AddTo(*tenants);
  if (argc > 1 && argv[1][0] != '-' && !IsCommand(app, argv[1])) {
    return PrintUsageError(fmt::format("no such command: {}", schema::QuoteForMessage(argv[1])));
  }
  if (auto code = ParseCommandLine(app, argc, argv)) return *code;
  if (Status formats = print.Check(); !formats) return PrintUsageError(formats.error().message);
  if (std::string wrong = purge_command.Check(); purge->parsed() && !wrong.empty()) {
    return PrintUsageError(wrong);
  }

  ReportAbortsAsDamage();
  FdSink sink(STDOUT_FILENO, "standard output");
  Status status;
  if (verify->parsed() || exec->parsed() || simulate->parsed()) {
    Result<int> code = verify->parsed() ? Result<int>(RunVerify(db, sink))
                       : exec->parsed() ? Result<int>(RunExec(db, exec_command, sink))
                                        : RunSimulate(db, simulate_command, sink);
    if (sink.reader_gone()) return kExitOk;
    return code ? *code : PrintError(code.error());
  }
  if (load->parsed()) status = RunLoad(db, load_command, sink);
  if (dump->parsed()) status = RunExport(db, mask, sink);
  if (purge->parsed()) status = RunPurge(db, purge_command, sink);
  if (rebuild->parsed()) status = RunRebuild(db, sink);
  if (stats->parsed()) status = RunStats(db, print, sink);
  if (tenants->parsed()) status = RunTenants(db, print, sink);
  Status flushed = sink.Flush();
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
