// The progress of whole simulated recoveries, on a clock of their own: the rules that hold at every
// moment of every life, and the samples a driver leaves.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/lifecycle/driver.h"
#include "engine/lifecycle/simulator.h"
#include "engine/progress/reader.h"
#include "engine/testing.h"

namespace obviews::lifecycle {
namespace {

using engine::progress::RecoveryFacts;
using engine::progress::RecoveryProgress;
using engine::progress::Stage;
using engine::testing::TemporaryDirectory;
using schema::RecordKind;

constexpr int64_t kBegin = 1'700'000'000'000'000;

class ProgressOfLifeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = engine::Store::Open(
        tmp_.Path("s"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  /// Runs a recovery of a tenant to its end; `look` is called whenever it waits. Returns its sys
  /// job.
  template <class Look>
  int64_t Run(int64_t tenant, SimulatorOptions options, int64_t cancel_at, const Look& look) {
    options.clock = &clock_;
    Simulator simulator(options);
    JobStoreOptions of_jobs;
    of_jobs.now_usec = [this] { return clock_.now_usec(); };
    JobStore jobs(*store_, of_jobs);
    StartRequest request;
    request.target = {tenant, fmt::format("t{}", tenant)};
    request.import_all = true;
    auto sys_job = jobs.Start(request);
    EXPECT_TRUE(sys_job) << sys_job.error().message;
    SchedulerOptions how;
    how.retry_pause = how.progress_pause = std::chrono::milliseconds(0);
    auto mailbox = std::make_shared<Mailbox>();
    mailbox->wake = [] {};
    Driver driver(jobs, simulator, how, *sys_job, mailbox);
    for (int64_t steps = 0;; ++steps) {
      auto step = driver.Next();
      if (!step && step.error().code == ErrorCode::kConflict) continue;
      EXPECT_TRUE(step) << step.error().message;
      look(*sys_job);
      if (!step || step->outcome == Step::Outcome::kEnded) return *sys_job;
      if (steps == cancel_at) {
        EXPECT_TRUE(jobs.Cancel(tenant));
        driver.Refresh();
        continue;
      }
      if (step->outcome == Step::Outcome::kAgain) continue;
      if (!simulator.RunNext() && !step->until) {
        ADD_FAILURE() << "nothing runs";
        return *sys_job;
      }
    }
  }

  RecoveryFacts Facts(int64_t sys_job) {
    auto snapshot = store_->TakeSnapshot();
    engine::progress::RecoveryReader reader(**snapshot);
    auto facts = reader.Read({RecordKind::kRecoverJob, {1, sys_job, 0}});
    EXPECT_TRUE(facts) << facts.error().message;
    return *facts;
  }

  TemporaryDirectory tmp_;
  std::unique_ptr<engine::Store> store_;
  VirtualClock clock_{kBegin};
};

/// What must hold of one look after another.
class Rules {
 public:
  void Check(const RecoveryProgress& now) {
    ASSERT_TRUE(now.percent_ppm.known()) << now.percent_ppm.why;
    int64_t percent = *now.percent_ppm.value;
    ASSERT_GE(percent, 0);
    bool completed = now.stage.value == Stage::kCompleted;
    ASSERT_EQ(percent == 1'000'000, completed);
    if (now.retry.empty()) {
      ASSERT_GE(percent, last_) << engine::progress::StageName(*now.stage.value) << " after "
                                << engine::progress::StageName(stage_);
    }
    if (*now.stage.value > Stage::kPrepare && *now.stage.value <= Stage::kFinish) {
      ASSERT_GT(percent, 0);
    }
    if (now.eta.known()) {
      ASSERT_LE(*now.eta_low, *now.eta.value);
      ASSERT_LE(*now.eta.value, *now.eta_high);
    }
    if (now.tables_total.known() && now.tables_finished.known()) {
      ASSERT_EQ(*now.tables_finished.value + *now.tables_failed.value + *now.tables_running.value +
                    *now.tables_left.value,
                *now.tables_total.value);
    }
    last_ = percent;
    stage_ = *now.stage.value;
  }

 private:
  int64_t last_ = 0;
  Stage stage_ = Stage::kUnknown;
};

TEST_F(ProgressOfLifeTest, KeepsItsRulesInEveryLife) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    SimulatorOptions options;
    options.seed = seed;
    options.tables_per_tenant = static_cast<int64_t>(seed * 7 % 23);
    options.fail_rate = seed % 3 == 0 ? 0.3 : seed % 17 == 0 ? 1 : 0;
    options.restore_fail_rate = seed % 5 == 0 ? 0.5 : 0;
    options.stall_rate = seed % 2 == 0 ? 0.3 : 0;
    int64_t cancel_at = seed % 4 == 0 ? static_cast<int64_t>(seed % 61) : -1;
    Rules with_samples;
    Rules without_samples;
    int64_t job = Run(1002 + 2 * static_cast<int64_t>(seed), options, cancel_at, [&](int64_t id) {
      RecoveryFacts facts = Facts(id);
      with_samples.Check(Evaluate(facts, {}, clock_.now_usec()));
      // A clock that jumps changes nothing of the percent.
      int64_t jump = static_cast<int64_t>(seed % 3) - 1;
      with_samples.Check(Evaluate(facts, {}, clock_.now_usec() + jump * 86'400'000'000));
      // Without samples nobody can know that a restore began anew.
      if (options.stall_rate == 0) {
        facts.samples.clear();
        without_samples.Check(Evaluate(facts, {}, clock_.now_usec()));
      }
    });
    RecoveryProgress end = Evaluate(Facts(job), {}, clock_.now_usec());
    EXPECT_TRUE(end.ended());
    EXPECT_LE(Facts(job).samples.size(), engine::kMaxSamples);
    if (HasFatalFailure()) return;
  }
}

TEST_F(ProgressOfLifeTest, ADriverLeavesASampleOfEveryStageAndThePercentOnItsWay) {
  SimulatorOptions options;
  options.tables_per_tenant = 40;
  int64_t job = Run(1002, options, -1, [](int64_t) {});
  std::vector<uint8_t> stages;
  int64_t last = -1;
  for (const engine::ProgressSample& sample : Facts(job).samples) {
    if (stages.empty() || stages.back() != sample.stage) stages.push_back(sample.stage);
    ASSERT_TRUE(sample.percent_ppm);
    EXPECT_GE(*sample.percent_ppm, last);
    last = *sample.percent_ppm;
  }
  EXPECT_EQ(last, 1'000'000);
  for (Stage stage : {Stage::kRestore, Stage::kActivate, Stage::kImport, Stage::kCompleted}) {
    EXPECT_THAT(stages, ::testing::Contains(static_cast<uint8_t>(stage)));
  }
}

}  // namespace
}  // namespace obviews::lifecycle
