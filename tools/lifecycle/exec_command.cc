// Statements from the command line or standard input; see exec_command.h.
#include "tools/lifecycle/exec_command.h"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>

#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/store_tenants.h"
#include "engine/store.h"
#include "tools/cli/messages.h"
#include "tools/cli/session_options.h"
#include "tools/lifecycle/statement_runner.h"

namespace obviews::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  obviewsctl exec --db D "ALTER SYSTEM RECOVER TABLE shop.orders TO TENANT shop_tenant
      FROM 'file:///backup/data,file:///backup/log' UNTIL TIME='2023-09-30 00:00:00'
      WITH 'pool_list=restore_pool' REMAP TABLE shop.orders:orders_old"
  obviewsctl exec --db D "ALTER SYSTEM CANCEL RECOVER TABLE shop_tenant"
  obviewsctl exec --db D < statements.sql     so that passwords are in no list of processes
Exit codes: 0 ok, 1 an error in a statement, 2 usage, 3 store held by another process, unreadable
or newer, 4 damage.)";

/// A store that is opened when the first sound statement needs it.
class ExecStore {
 public:
  ExecStore(const std::string& db, const ExecCommand& command, const schema::Zone& zone, Sink& sink)
      : db_(db), command_(command), zone_(zone), sink_(sink) {}

  Status Run(const std::string& text) {
    OBVIEWS_ASSIGN_OR_RETURN(const bool starts, StartsRecovery(text));
    if (!runner_) OBVIEWS_RETURN_IF_ERROR(Open(starts));
    OBVIEWS_ASSIGN_OR_RETURN(StatementOutcome outcome, runner_->Run(text));
    sink_.Append(outcome.text + "\n");
    // Before the next one is run, so that what is said is what was done if that one is the last.
    return sink_.Flush();
  }

  Status Close() {
    runner_.reset();
    tenants_.reset();
    jobs_.reset();
    return store_ == nullptr ? Status() : store_->Close();
  }

 private:
  Status Open(bool starts) {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = starts && !command_.strict_tenants;
    OBVIEWS_ASSIGN_OR_RETURN(store_, engine::Store::Open(db_, options));
    for (const std::string& notice : store_->notices()) PrintNotice(notice);
    jobs_.emplace(*store_, lifecycle::JobStoreOptions());
    tenants_.emplace(*store_, command_.strict_tenants);
    runner_.emplace(*jobs_, *tenants_, zone_);
    return {};
  }

  const std::string& db_;
  const ExecCommand& command_;
  const schema::Zone& zone_;
  Sink& sink_;
  std::unique_ptr<engine::Store> store_;
  std::optional<lifecycle::JobStore> jobs_;
  std::optional<lifecycle::StoreTenants> tenants_;
  std::optional<StatementRunner> runner_;
};

/// Whether only a statement failed, and the next one may do better.
bool IsOfStatement(ErrorCode code) { return ExitCodeOf(code) == kExitError; }

/// Runs what is complete in `source`. `forgive`: errors of statements are printed, and noted.
Status RunComplete(StatementSource& source, ExecStore& store, bool forgive, ExitCode& code) {
  while (true) {
    auto statement = source.Next();
    if (statement && !*statement) return {};
    Status done = statement ? store.Run(**statement) : Fail(statement.error());
    if (done) continue;
    if (!forgive || !IsOfStatement(done.error().code)) return done;
    code = PrintError(done.error());
  }
}

Status RunInput(ExecStore& store, bool force, ExitCode& code) {
  const bool interactive = isatty(STDIN_FILENO) != 0;
  StatementSource source;
  auto prompt = [&] {
    if (interactive) std::cerr << (source.pending() ? "       -> " : "obviews> ") << std::flush;
  };
  prompt();
  for (std::string line; std::getline(std::cin, line);) {
    source.Feed(line + "\n");
    OBVIEWS_RETURN_IF_ERROR(RunComplete(source, store, force || interactive, code));
    prompt();
  }
  source.Finish();
  OBVIEWS_RETURN_IF_ERROR(RunComplete(source, store, force || interactive, code));
  if (interactive && !force) code = kExitOk;  // the person has seen them
  return {};
}

}  // namespace

void ExecCommand::AddTo(CLI::App& app) {
  app.add_flag("--strict-tenants", strict_tenants,
               "refuse a tenant the store does not know (default: it gets the next even id)");
  app.add_flag("--force", force, "go on after a statement that failed");
  app.add_option("--system-time-zone", system_time_zone, "zone of UNTIL TIME")
      ->check(CheckZone)
      ->type_name("TZ")
      ->capture_default_str();
  app.add_option(
         "statement", statements,
         "ALTER SYSTEM [CANCEL] RECOVER TABLE ...; `;` ends one (default: those on standard "
         "input)")
      ->type_name("STATEMENT");
  app.footer(kExamples);
}

Result<ExitCode> RunExec(const std::string& db, const ExecCommand& command, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(schema::Zone zone, schema::Zone::Parse(command.system_time_zone));
  ExecStore store(db, command, zone, sink);
  ExitCode code = kExitOk;
  Status status;
  if (command.statements.empty()) status = RunInput(store, command.force, code);
  for (const std::string& text : command.statements) {
    if (!status) break;
    StatementSource source;
    source.Feed(text);
    source.Finish();
    status = RunComplete(source, store, command.force, code);
  }
  Status closed = store.Close();
  if (!status) return Fail(status.error());
  if (!closed) return Fail(closed.error());
  return code;
}

}  // namespace obviews::tools
