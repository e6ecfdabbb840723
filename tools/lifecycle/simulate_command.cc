// The run of a simulation; see simulate_command.h.
#include "tools/lifecycle/simulate_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/scheduler.h"
#include "engine/lifecycle/sequences.h"
#include "engine/lifecycle/simulator.h"
#include "engine/lifecycle/store_tenants.h"
#include "engine/store.h"
#include "tools/cli/counted.h"
#include "tools/cli/exit_codes.h"
#include "tools/cli/messages.h"
#include "tools/cli/session_options.h"
#include "tools/lifecycle/input_wait.h"
#include "tools/lifecycle/recovery_watch.h"
#include "tools/lifecycle/statement_runner.h"
#include "tools/output/progress.h"

namespace obviews::tools {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto kPause = 20ms;        ///< between two looks at whether all is done
constexpr auto kCountPause = 200ms;  ///< between two looks at how far it is

constexpr const char* kExamples = R"(Examples:
  obviewsctl simulate --db D --tenants 3 --tables 2000 --fail-rate 0.02 --seed 7
  dump-views --db D CDB_OB_IMPORT_TABLE_TASK_SUMMARY     in another terminal, meanwhile
  echo "ALTER SYSTEM CANCEL RECOVER TABLE sim_tenant_2" | obviewsctl simulate --db D --tenants 3
  obviewsctl simulate --db D     drives the live recoveries of the store, such as those of exec
At speed 10 a table takes about 30 ms, a tenant of 2000 tables a bit more than a minute; all tenants
run at the same time. Statements typed or piped on standard input, each ended by ;, are run
meanwhile: that is how to cancel. Ctrl-C stops cleanly (exit 130, SIGTERM 143); the next run goes on.)";

/// Options of work that runs `speed` times as fast as in real life.
milliseconds Shortened(milliseconds pause, milliseconds least, double speed) {
  if (speed <= 0) return least;
  return std::clamp(milliseconds(static_cast<int64_t>(static_cast<double>(pause.count()) / speed)),
                    least, pause);
}

lifecycle::SimulatorOptions SimulatorOptionsOf(const SimulateCommand& command,
                                               lifecycle::TenantResolver& tenants) {
  lifecycle::SimulatorOptions options;
  options.seed = command.seed;
  options.tables_per_tenant = command.tables;
  options.fail_rate = command.fail_rate;
  options.stall_rate = command.stall_rate;
  options.speed = command.speed;
  options.tenants = &tenants;
  return options;
}

/// Errors that threads of the scheduler meet, for the main thread to print.
class Reports {
 public:
  void Add(int64_t sys_job_id, const Error& error) {
    std::lock_guard lock(mutex_);
    if (texts_.size() < kMost) {
      texts_.push_back(fmt::format("recovery {}: {}", sys_job_id, error.message));
    }
  }
  std::vector<std::string> Take() {
    std::lock_guard lock(mutex_);
    return std::exchange(texts_, {});
  }

 private:
  static constexpr size_t kMost =
      20;  ///< a store that fails does so for everybody, again and again
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

/// Names of target tenants that have a live recovery.
Result<std::set<std::string>> TenantsAtWork(engine::Store& store) {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.TakeSnapshot());
  engine::KeySpace of_sys;
  of_sys.tenants = schema::RangeSet::Point(lifecycle::kSysTenant);
  auto cursor = snapshot->Scan(schema::RecordKind::kRecoverJob, of_sys);
  std::set<std::string> names;
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return names;
    OBVIEWS_ASSIGN_OR_RETURN(schema::Record job, snapshot->Materialise(cursor->record()));
    names.emplace(job.Text("target_tenant_name"));
  }
}

/// One run on an open store.
class Simulation {
 public:
  Simulation(engine::Store& store, const SimulateCommand& command, const schema::Zone& zone,
             InputWait& input, Sink& sink)
      : command_(command),
        input_(input),
        sink_(sink),
        store_(store),
        jobs_(store, lifecycle::JobStoreOptions()),
        tenants_(store, command.strict_tenants),
        runner_(jobs_, tenants_, zone),
        simulator_(SimulatorOptionsOf(command, tenants_)),
        watch_(store),
        progress_("simulate") {
    progress_.SetUnit("tables");
  }

  /// Returns the signal that ended it; 0: none.
  Result<int> Run() {
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<int64_t> live, jobs_.LiveRecoveries());
    for (int64_t sys_job_id : live) watch_.Add(sys_job_id);
    OBVIEWS_RETURN_IF_ERROR(StartTenants(command_.tenants.value_or(live.empty() ? 1 : 0)));
    lifecycle::SchedulerOptions options;
    options.parallel_imports = command_.parallel;
    options.retry_pause = Shortened(1000ms, 1ms, command_.speed);
    options.status_pause = Shortened(1000ms, 0ms, command_.speed);
    options.progress_pause = Shortened(200ms, 20ms, command_.speed);
    options.on_error = [this](int64_t sys_job_id, const Error& error) {
      reports_.Add(sys_job_id, error);
    };
    lifecycle::RecoverTableScheduler scheduler(jobs_, simulator_, options);
    OBVIEWS_RETURN_IF_ERROR(scheduler.Start());
    Status status = Drive(scheduler);
    scheduler.Stop();
    progress_.Clear();
    if (source_.pending()) PrintWarning("a statement without its ; was not run");
    OBVIEWS_RETURN_IF_ERROR(status);
    OBVIEWS_RETURN_IF_ERROR(PrintSummary());
    return input_.signal();
  }

 private:
  /// Before the scheduler runs, so that ids are in the order of the commands.
  Status StartTenants(int64_t count) {
    OBVIEWS_ASSIGN_OR_RETURN(std::set<std::string> at_work, TenantsAtWork(store_));
    for (int64_t i = 1; i <= count && input_.signal() == 0; ++i) {
      const std::string name = fmt::format("sim_tenant_{}", i);
      if (at_work.contains(name)) continue;
      OBVIEWS_ASSIGN_OR_RETURN(
          StatementOutcome outcome,
          runner_.Run(fmt::format("ALTER SYSTEM RECOVER TABLE *.* TO TENANT {} FROM "
                                  "'file:///backup/{}/data,file:///backup/{}/log' WITH "
                                  "'pool_list=sim_pool'",
                                  name, name, name)));
      watch_.Add(outcome.sys_job_id);
      input_.Wait(0ms, /*with_input=*/false);
    }
    return {};
  }

  /// Until all recoveries ended, or a signal came.
  Status Drive(lifecycle::RecoverTableScheduler& scheduler) {
    auto next_count = std::chrono::steady_clock::now();
    while (true) {
      // First, so that what was there to read when the last recovery ended is still run.
      const bool idle = scheduler.WaitUntilIdle(0ms);
      const bool read = input_.Wait(idle ? 0ms : milliseconds(kPause));
      if (read) OBVIEWS_RETURN_IF_ERROR(RunInput());
      for (const std::string& report : reports_.Take()) {
        progress_.Clear();
        PrintWarning(report);
      }
      if (input_.signal() != 0 || (idle && !read)) return {};
      const auto now = std::chrono::steady_clock::now();
      if (now < next_count) continue;
      next_count = now + kCountPause;
      OBVIEWS_RETURN_IF_ERROR(ShowProgress());
    }
  }

  Status ShowProgress() {
    OBVIEWS_ASSIGN_OR_RETURN(RecoveryWatch::Tables tables, watch_.Count());
    // Recoveries that have not listed their tables will have about as many as asked for.
    progress_.SetTotal(tables.all + tables.unlisted * static_cast<uint64_t>(command_.tables));
    progress_.Update(tables.ended, tables.ended);
    return {};
  }

  /// Errors of statements are told and do not end the run; those of the store do.
  Status RunInput() {
    source_.Feed(input_.TakeText());
    if (input_.ended()) source_.Finish();
    while (true) {
      auto statement = source_.Next();
      if (statement && !*statement) *statement = source_.TakeCancel();
      if (statement && !*statement) return {};
      Status status = statement ? RunOne(**statement) : Fail(statement.error());
      if (status) continue;
      if (ExitCodeOf(status.error().code) != kExitError) return status;
      progress_.Clear();
      PrintError(status.error());
    }
  }

  Status RunOne(const std::string& text) {
    OBVIEWS_ASSIGN_OR_RETURN(StatementOutcome outcome, runner_.Run(text));
    if (outcome.sys_job_id != 0) watch_.Add(outcome.sys_job_id);
    progress_.Clear();
    sink_.Append(outcome.text + "\n");
    // Nobody may listen any more; the recoveries go on all the same.
    if (Status shown = sink_.Flush(); !shown && !sink_.reader_gone()) return shown;
    return {};
  }

  Status PrintSummary() {
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<std::string> lines, watch_.Summary());
    for (const std::string& line : lines) sink_.Append(line + "\n");
    if (watch_.empty()) sink_.Append("no recovery to drive\n");
    return sink_.Flush();
  }

  const SimulateCommand& command_;
  InputWait& input_;
  Sink& sink_;
  engine::Store& store_;
  lifecycle::JobStore jobs_;
  lifecycle::StoreTenants tenants_;
  StatementRunner runner_;
  StatementSource source_;
  Reports reports_;
  lifecycle::Simulator simulator_;
  RecoveryWatch watch_;
  Progress progress_;
};

}  // namespace

void SimulateCommand::AddTo(CLI::App& app) {
  app.add_option(
         "--tenants", tenants,
         "recoveries to start, of sim_tenant_1 and so on (default: 1, or 0 if the store has "
         "live ones); a tenant with a live one gets no new one")
      ->check(CLI::Range(int64_t{0}, int64_t{100'000}))
      ->type_name("N");
  app.add_option("--tables", tables, "tables of each tenant")
      ->check(CLI::Range(int64_t{0}, int64_t{10'000'000}))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--fail-rate", fail_rate, "share of imports of a table that fail")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P")
      ->capture_default_str();
  app.add_option("--stall-rate", stall_rate,
                 "share of work that takes ten times as long, or fails once and is tried again")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P")
      ->capture_default_str();
  app.add_option("--speed", speed, "times real time; 0: as fast as possible")
      ->check(CLI::Range(0.0, 1e9))
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--seed", seed, "the same seed ends in the same rows, times apart")
      ->check(CheckCount)
      ->type_name("S")
      ->capture_default_str();
  app.add_option("--parallel", parallel, "tables of one recovery imported at the same time")
      ->check(CLI::Range(1, 1000))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--strict-tenants", strict_tenants, "refuse a tenant the store does not know");
  app.add_option("--system-time-zone", system_time_zone, "zone of UNTIL TIME")
      ->check(CheckZone)
      ->type_name("TZ")
      ->capture_default_str();
  app.footer(kExamples);
}

Result<int> RunSimulate(const std::string& db, const SimulateCommand& command, Sink& sink) {
  OBVIEWS_ASSIGN_OR_RETURN(schema::Zone zone, schema::Zone::Parse(command.system_time_zone));
  // Before the store's threads are there, which else would take the signals.
  InputWait input(STDIN_FILENO);
  engine::OpenOptions options;
  options.access = engine::Access::kReadWrite;
  options.create_if_missing = true;
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(db, options));
  for (const std::string& notice : store->notices()) PrintNotice(notice);
  Result<int> signal = Simulation(*store, command, zone, input, sink).Run();
  Status closed = store->Close();
  if (!signal) return Fail(signal.error());
  if (!closed) return Fail(closed.error());
  if (*signal == 0) return kExitOk;
  PrintNotice("stopped; obviewsctl simulate goes on with the live recoveries");
  return 128 + *signal;
}

}  // namespace obviews::tools
