// Recoveries without an end; see crash_writer.h.
#include "crash_writer.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/child_testing.h"
#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/sequences.h"
#include "engine/store.h"

namespace obviews::crash {
namespace {

using engine::testing::Tell;
using lifecycle::JobStore;
using lifecycle::kSysTenant;
using schema::RecordKind;

/// A line of what went wrong, short enough to be written whole.
std::string LineOf(std::string_view word, const Error& error) {
  std::string line = fmt::format("{} {}", word, error.message).substr(0, 1000);
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  return line;
}

/// The statements of one process.
class Commander {
 public:
  Commander(JobStore& jobs, uint64_t seed) : jobs_(jobs), random_(seed) {}

  /// One statement, or a look at what has ended.
  void Act() {
    int64_t tenant = kFirstTenant + 2 * static_cast<int64_t>(random_() % kTenants);
    uint64_t chance = random_() % 100;
    if (chance < 15) {
      Cancel(tenant);
    } else if (chance < 90) {
      Start(tenant);
    } else {
      LookAtHistory();
    }
  }

 private:
  void Start(int64_t tenant) {
    lifecycle::StartRequest request;
    request.target.id = tenant;
    request.target.name = fmt::format("tenant{}", tenant);
    request.import_all = random_() % 2 == 0;
    request.restore_scn = 1'700'000'000'000'000'000;
    if (!request.import_all) request.lists.table_list = "`db`.`t1`,`db`.`t2`,`db`.`t3`";
    if (random_() % 4 == 0) request.description = std::string(1000, 'd');
    auto job = jobs_.Start(request);
    if (job) {
      last_[tenant] = *job;
      Tell(fmt::format("start {}", *job));
    } else if (job.error().code != ErrorCode::kInvalidArgument) {
      Tell(LineOf("refused", job.error()));
    }
  }

  void Cancel(int64_t tenant) {
    // The store may have recoveries of an earlier process.
    auto last = last_.find(tenant);
    if (last == last_.end()) return;
    auto canceled = jobs_.Cancel(tenant);
    if (!canceled) {
      Tell(LineOf("refused", canceled.error()));
    } else if (canceled->recover_jobs > 0) {
      Tell(fmt::format("cancel {}", last->second));
    }
  }

  void LookAtHistory() {
    auto snapshot = jobs_.store().TakeSnapshot();
    if (!snapshot) return;
    for (auto at = last_.begin(); at != last_.end(); ++at) {
      auto job = (*snapshot)->Get(RecordKind::kRecoverJobHistory, {kSysTenant, at->second, 0});
      if (!job || seen_[at->second]) continue;
      seen_[at->second] = true;
      Tell(fmt::format("history {} {}", at->second, job->Text("status")));
    }
  }

  JobStore& jobs_;
  std::mt19937_64 random_;
  std::map<int64_t, int64_t> last_;  ///< recovery of each tenant
  std::map<int64_t, bool> seen_;     ///< in history
};

/// Files grow no more, as on a full disk.
bool LimitFiles(uint64_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{bytes, bytes};
  return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

int Run(const std::vector<std::string>& arguments) {
  uint64_t seed = std::stoull(arguments[1]);
  uint64_t limit = std::stoull(arguments[2]);
  auto store = engine::Store::Open(
      arguments[0], {.access = engine::Access::kReadWrite, .create_if_missing = true});
  if (!store) {
    Tell(LineOf("refused", store.error()));
    return 1;
  }
  if (limit > 0 && !LimitFiles(limit)) return 2;
  JobStore jobs(**store, {});
  constexpr double kSpeeds[] = {0, 200, 2000};
  lifecycle::Simulator simulator(WorkOptions(kSpeeds[seed % 3]));
  lifecycle::SchedulerOptions options = DriveOptions();
  options.on_error = [](int64_t, const Error& error) { Tell(LineOf("error", error)); };
  lifecycle::RecoverTableScheduler scheduler(jobs, simulator, options);
  if (!scheduler.Start()) return 3;
  Tell("ready");
  Commander commander(jobs, seed);
  while (!engine::testing::ParentIsDone()) {
    commander.Act();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return 0;
}
const engine::testing::ChildRegistration kWriter(kWriterName, Run);

}  // namespace

lifecycle::SimulatorOptions WorkOptions(double speed) {
  lifecycle::SimulatorOptions options;
  options.tables_per_tenant = 5;
  options.fail_rate = 0.1;
  options.restore_fail_rate = 0.05;
  options.stall_rate = 0.2;
  options.speed = speed;
  return options;
}

lifecycle::SchedulerOptions DriveOptions() {
  lifecycle::SchedulerOptions options;
  options.parallel_imports = 2;
  options.retry_pause = std::chrono::milliseconds(5);
  options.progress_pause = std::chrono::milliseconds(1);
  return options;
}

}  // namespace obviews::crash
