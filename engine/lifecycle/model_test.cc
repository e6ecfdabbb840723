// Random recoveries against a model: after every action the records are those the tables of the
// lives lead to, and in every state between the invariants hold. OBVIEWS_LONG_TESTS=1 in the
// environment asks for ten times as many.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "engine/lifecycle/invariants_testing.h"
#include "engine/lifecycle/recovery_model_testing.h"
#include "engine/lifecycle/scheduler.h"
#include "engine/testing.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::TemporaryDirectory;
using std::chrono::milliseconds;
using testing::BrokenInvariants;
using testing::LifeWatch;
using testing::ModelRecovery;
using testing::Outcome;
using testing::Records;
using testing::Work;
using testing::WorkName;

constexpr int kRetryable = -4012;
constexpr int kFinal = -4016;
constexpr auto kPatience = std::chrono::seconds(20);

using Lines = std::vector<std::string>;

// ---- an executor that keeps all outcomes back

/// Work that was begun, until the test says how it went. What a scheduler that is gone began, or an
/// import that was aborted, is kept too: its outcome must change nothing.
class ScriptedExecutor final : public Executor {
 public:
  void RestoreAuxTenant(const RestoreWork& work,
                        std::function<void(const RestoreProgress&)> progress,
                        Done<AuxTenant> done) override {
    Held held;
    held.aux_tenant_id = AuxOf(work.recovery);
    held.progress = std::move(progress);
    held.end = [done = std::move(done), aux = held.aux_tenant_id](const Outcome& outcome) {
      if (outcome.code != 0) return done(Bad(outcome));
      AuxTenant tenant;
      tenant.id = aux;
      done(tenant);
    };
    Hold(work.recovery, {Work::kRestore, ""}, std::move(held));
  }
  void ActivateAuxTenant(const AuxWork& work, Done<std::monostate> done) override {
    Expect(work.aux_tenant_id == AuxOf(work.recovery), "another auxiliary tenant is activated");
    HoldPlain(work.recovery, Work::kActivate, std::move(done));
  }
  void ListTables(const ListWork& work, Done<std::vector<ListedTable>> done) override {
    Held held;
    held.end = [done = std::move(done)](const Outcome& outcome) {
      if (outcome.code != 0) return done(Bad(outcome));
      std::vector<ListedTable> tables;
      for (const std::string& name : outcome.tables) {
        ListedTable& table = tables.emplace_back();
        table.source_database = table.target_database = "db";
        table.source_table = table.target_table = name;
        table.rows = 1000;
      }
      done(tables);
    };
    Hold(work.recovery, {Work::kList, ""}, std::move(held));
  }
  void ImportTable(const ImportWork& work, Done<ImportCounts> done) override {
    Held held;
    held.end = [done = std::move(done)](const Outcome& outcome) {
      if (outcome.code != 0) return done(Bad(outcome));
      ImportCounts counts;
      counts.rows = outcome.rows;
      done(counts);
    };
    Hold(work.recovery, {Work::kImport, work.source_table}, std::move(held));
  }
  void AbortImport(const ImportWork& work) override {
    std::lock_guard<std::mutex> lock(mutex_);
    for (Held& held : held_[{work.recovery.sys_job_id, {Work::kImport, work.source_table}}]) {
      held.aborted = true;
    }
  }
  void DropAuxTenant(const AuxWork& work, Done<std::monostate> done) override {
    HoldPlain(work.recovery, Work::kDrop, std::move(done));
  }

  /// What is held from now on is of another scheduler.
  void NextScheduler() {
    std::lock_guard<std::mutex> lock(mutex_);
    ++scheduler_;
  }
  bool IsHeld(int64_t sys_job, const WorkName& name) {
    std::lock_guard<std::mutex> lock(mutex_);
    return Current(sys_job, name) != nullptr;
  }
  /// Tells how work went that the present scheduler waits for. REQUIRES: it is held.
  void End(int64_t sys_job, const WorkName& name, const Outcome& outcome) {
    std::function<void(const Outcome&)> end;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      Held* held = Current(sys_job, name);
      end = std::move(held->end);
      std::erase_if(held_[{sys_job, name}], [&](const Held& other) { return &other == held; });
    }
    end(outcome);
  }
  void Tell(int64_t sys_job, std::string_view status) {
    std::function<void(const RestoreProgress&)> progress;
    RestoreProgress told;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      Held* held = Current(sys_job, {Work::kRestore, ""});
      progress = held->progress;
      told.aux_tenant_id = held->aux_tenant_id;
    }
    told.status = status;
    told.finish_bytes = 1;
    progress(told);
  }
  /// Ends everything that nobody waits for any more.
  void EndForgotten() {
    std::vector<std::function<void(const Outcome&)>> ends;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (auto& [name, all] : held_) {
        for (Held& held : all) {
          if (!IsForgotten(held)) continue;
          ends.push_back(std::move(held.end));
          held.end = nullptr;
        }
        std::erase_if(all, [](const Held& held) { return held.end == nullptr; });
      }
    }
    for (const auto& end : ends) end({0, "", {"stray"}, 77});
  }
  /// Imports of a recovery that were begun, and neither ended nor aborted.
  Lines RunningImports(int64_t sys_job) {
    std::lock_guard<std::mutex> lock(mutex_);
    Lines running;
    for (const auto& [name, all] : held_) {
      if (name.first != sys_job || name.second.work != Work::kImport) continue;
      for (const Held& held : all) {
        if (held.goes_on && !held.aborted) running.push_back(name.second.table);
      }
    }
    return running;
  }
  Lines TakeComplaints() {
    std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(complaints_, {});
  }

 private:
  struct Held {
    int scheduler = 0;
    bool aborted = false;
    bool goes_on = true;
    int64_t aux_tenant_id = 0;
    std::function<void(const RestoreProgress&)> progress;
    std::function<void(const Outcome&)> end;
  };
  using HeldName = std::pair<int64_t, WorkName>;

  static int64_t AuxOf(const Recovery& recovery) { return 2000 + 2 * recovery.sys_job_id; }
  static tl::unexpected<WorkError> Bad(const Outcome& outcome) {
    return tl::unexpected(WorkError{outcome.code, outcome.comment});
  }
  bool IsForgotten(const Held& held) const { return held.aborted || held.scheduler != scheduler_; }
  /// REQUIRES: the mutex is held.
  Held* Current(int64_t sys_job, const WorkName& name) {
    for (Held& held : held_[{sys_job, name}]) {
      if (!IsForgotten(held)) return &held;
    }
    return nullptr;
  }
  void Expect(bool holds, std::string_view what) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!holds) complaints_.emplace_back(what);
  }
  void Hold(const Recovery& recovery, const WorkName& name, Held held) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (Current(recovery.sys_job_id, name) != nullptr) {
      complaints_.push_back(fmt::format("work {} of recovery {} is begun twice",
                                        static_cast<int>(name.work), recovery.sys_job_id));
    }
    held.scheduler = scheduler_;
    std::vector<Held>& all = held_[{recovery.sys_job_id, name}];
    // What was begun before goes on as this.
    for (Held& before : all) before.goes_on = false;
    all.push_back(std::move(held));
  }
  void HoldPlain(const Recovery& recovery, Work work, Done<std::monostate> done) {
    Held held;
    held.end = [done = std::move(done)](const Outcome& outcome) {
      if (outcome.code != 0) return done(Bad(outcome));
      done(std::monostate());
    };
    Hold(recovery, {work, ""}, std::move(held));
  }

  std::mutex mutex_;
  int scheduler_ = 0;
  std::map<HeldName, std::vector<Held>> held_;
  Lines complaints_;
};

// ---- one random run

class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : random_(seed), tenants_(Between(2, 5)) { Open(); }

  void Go(int actions) {
    for (int i = 0; i < actions && !::testing::Test::HasFailure(); ++i) {
      if (scheduler_ == nullptr) {
        ActStopped();
      } else {
        ActRunning();
      }
    }
    Finish();
  }

 private:
  // ---- chance

  int64_t Between(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }
  bool OneIn(int64_t count) { return Between(1, count) == 1; }
  int64_t AnyTenant() { return 1000 + 2 * Between(1, tenants_); }

  Outcome RandomOutcome(const WorkName& name) {
    int64_t chance = Between(1, 100);
    Outcome outcome;
    if (chance > 85) {
      outcome.code = kRetryable;
    } else if (chance > 70) {
      const int codes[] = {kFinal, -5019, -5157};
      outcome.code = codes[Between(0, 2)];
    }
    if (outcome.code != 0) {
      const std::string comments[] = {"", "it's broken", std::string(2000, 'x')};
      outcome.comment = comments[Between(0, 2)];
      return outcome;
    }
    outcome.rows = Between(0, 1000);
    for (int64_t table = Between(0, 4); table > 0; --table) {
      outcome.tables.push_back(fmt::format("t{}", table));
    }
    // A restore that ended once, and begins again, ends as before.
    if (name.work != Work::kImport) outcome.rows = 0;
    return outcome;
  }

  // ---- the store and its scheduler

  void Open() {
    auto opened = engine::Store::Open(
        tmp_.Path("s"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    JobStoreOptions options;
    // Stands still now and then, and runs backwards.
    options.now_usec = [count = std::make_shared<std::atomic<int64_t>>(0), from = clock_] {
      int64_t at = count->fetch_add(1);
      return from + at / 16 - (at % 7 == 0 ? 5 : 0);
    };
    clock_ += 1'000'000'000;
    options.trace_id = [] { return std::string(testing::kTraceId); };
    jobs_ = std::make_unique<JobStore>(*store_, options);
  }

  void Reopen() {
    jobs_.reset();
    if (OneIn(2)) {
      EXPECT_TRUE(store_->Close());
    }
    store_.reset();
    Open();
    Verify();
  }

  void StartScheduler() {
    SchedulerOptions options;
    parallel_ = static_cast<size_t>(Between(1, 3));
    options.workers = static_cast<int>(Between(1, 4));
    options.parallel_imports = static_cast<int>(parallel_);
    options.retry_pause = milliseconds(1);
    options.progress_pause = milliseconds(OneIn(2) ? 1 : 0);
    options.on_error = [](int64_t, const Error& error) { ADD_FAILURE() << error.message; };
    executor_.NextScheduler();
    scheduler_ = std::make_unique<RecoverTableScheduler>(*jobs_, executor_, options);
    ASSERT_TRUE(scheduler_->Start());
    WaitUntilSettled("a scheduler started");
  }

  // ---- actions

  void ActRunning() {
    int64_t chance = Between(1, 100);
    if (chance <= 15) return Settled("start", [&] { StartOne(); });
    if (chance <= 20) return Settled("cancel", [&] { CancelOne(); });
    if (chance <= 24) return Stop();
    if (chance <= 28) return StopInTheMiddle();
    if (chance <= 32) return Settled("forgotten work ends", [&] { executor_.EndForgotten(); });
    if (chance <= 42) return Settled("progress", [&] { TellOne(); });
    Settled("work ends", [&] { EndOne(); });
  }

  void ActStopped() {
    int64_t chance = Between(1, 100);
    if (chance <= 15) return StartOne();
    if (chance <= 25) return CancelOne();
    if (chance <= 35) return Reopen();
    if (chance <= 40) return executor_.EndForgotten();
    StartScheduler();
  }

  template <class Act>
  void Settled(const char* what, Act act) {
    act();
    WaitUntilSettled(what);
  }

  ModelRecovery* LiveOf(int64_t tenant) {
    for (auto& [id, recovery] : model_) {
      if (recovery.tenant == tenant && !recovery.IsOver()) return &recovery;
    }
    return nullptr;
  }

  /// Whether the tenant has a later recovery.
  bool LaterThan(int64_t id, int64_t tenant) const {
    return std::any_of(model_.upper_bound(id), model_.end(),
                       [&](const auto& entry) { return entry.second.tenant == tenant; });
  }

  void StartOne() {
    int64_t tenant = AnyTenant();
    StartRequest request;
    request.target.id = tenant;
    request.target.name = fmt::format("tenant{}", tenant);
    request.restore_scn = 1'700'000'000'000'000'000;
    request.lists.table_list = fmt::format("`db`.`t{}`", Between(1, 9));
    if (OneIn(2)) request.description = "why";
    auto job = jobs_->Start(request);
    // In the middle the model may be ahead of the store.
    if (LiveOf(tenant) != nullptr || (in_the_middle_ && !job)) {
      ASSERT_FALSE(job);
      EXPECT_THAT(job.error().message, ::testing::StartsWith("-4179: tenant "));
      return;
    }
    ASSERT_TRUE(job) << job.error().message;
    EXPECT_TRUE(model_.emplace(*job, ModelRecovery(*job, tenant)).second) << *job;
  }

  void CancelOne() {
    int64_t tenant = AnyTenant();
    auto changed = jobs_->Cancel(tenant);
    ASSERT_TRUE(changed) << changed.error().message;
    std::pair<uint64_t, uint64_t> expected(0, 0);
    if (ModelRecovery* recovery = LiveOf(tenant)) expected = recovery->Cancel();
    for (const auto& [id, recovery] : model_) {
      bool is_last = recovery.tenant == tenant && !LaterThan(id, tenant);
      if (is_last && changed->recover_jobs > 0) canceled_.insert(id);
    }
    if (in_the_middle_) return;
    EXPECT_EQ(std::pair(changed->import_jobs, changed->recover_jobs), expected);
  }

  /// A piece of work that some recovery waits for, as the model has it.
  std::optional<std::pair<int64_t, WorkName>> AnyWork() {
    std::vector<std::pair<int64_t, WorkName>> all;
    for (const auto& [id, recovery] : model_) {
      for (const WorkName& name : recovery.Awaits(parallel_)) {
        if (executor_.IsHeld(id, name)) all.emplace_back(id, name);
      }
    }
    if (all.empty()) return std::nullopt;
    return all[static_cast<size_t>(Between(0, static_cast<int64_t>(all.size()) - 1))];
  }

  void EndOne() {
    auto work = AnyWork();
    if (!work) return;
    auto& [id, name] = *work;
    Outcome outcome = RandomOutcome(name);
    if (name.work == Work::kRestore) {
      bool final = !schema::IsRetryable(outcome.code);
      // What has ended once ends the same way when it is begun again.
      if (final) outcome = restored_.emplace(id, outcome).first->second;
    }
    executor_.End(id, name, outcome);
    model_.at(id).End(name, outcome);
  }

  void TellOne() {
    std::vector<int64_t> restoring;
    for (const auto& [id, recovery] : model_) {
      for (const WorkName& name : recovery.Awaits(parallel_)) {
        if (name.work == Work::kRestore && executor_.IsHeld(id, name)) restoring.push_back(id);
      }
    }
    if (restoring.empty()) return;
    int64_t id = restoring[static_cast<size_t>(Between(0, int64_t(restoring.size()) - 1))];
    constexpr std::string_view kTold[] = {"RESTORE_PRE",
                                          "RESTORE_CREATE_INIT_LS",
                                          "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN",
                                          "RESTORE_WAIT_LS",
                                          "POST_CHECK",
                                          "UPGRADE"};
    // Not before what was told last; work that was begun again may tell it all again.
    std::string_view status = kTold[Between(0, 5)];
    executor_.Tell(id, status);
    model_.at(id).Tell(status);
  }

  void Stop() {
    scheduler_.reset();
    CheckState();
    CheckModel("a scheduler stopped");
  }

  /// Some things happen, and the scheduler goes before it has dealt with them. Then the model goes
  /// on from whatever records it has left.
  void StopInTheMiddle() {
    in_the_middle_ = true;
    for (int64_t i = Between(1, 4); i > 0; --i) {
      int64_t chance = Between(1, 10);
      if (chance == 1) {
        StartOne();
      } else if (chance <= 4) {
        CancelOne();
      } else {
        EndOne();
      }
    }
    if (OneIn(2)) std::this_thread::sleep_for(std::chrono::microseconds(Between(1, 500)));
    scheduler_.reset();
    in_the_middle_ = false;
    Records records = CheckState();
    for (auto& [id, recovery] : model_) {
      recovery = ModelRecovery::Read(records, id);
      if (!canceled_.contains(id)) continue;
      bool ends = recovery.user.status == "CANCELING" || recovery.user.status == "FAILED";
      EXPECT_TRUE(ends) << "was canceled: " << recovery.ToString();
    }
  }

  // ---- checks

  /// One state of the store, whose invariants hold.
  Records CheckState() {
    auto snapshot = store_->TakeSnapshot();
    EXPECT_TRUE(snapshot);
    EXPECT_EQ(BrokenInvariants(**snapshot), Lines());
    EXPECT_EQ(watch_.Look(**snapshot), Lines());
    auto records = Records::Read(**snapshot);
    EXPECT_TRUE(records);
    return *std::move(records);
  }

  bool IsAsModelled(const Records& records) {
    return std::all_of(model_.begin(), model_.end(), [&](const auto& entry) {
      return ModelRecovery::Read(records, entry.first) == entry.second;
    });
  }

  void CheckModel(const char* what) {
    Records records = CheckState();
    for (const auto& [id, recovery] : model_) {
      ModelRecovery found = ModelRecovery::Read(records, id);
      EXPECT_TRUE(found == recovery)
          << what << ", store: " << found.ToString() << "model: " << recovery.ToString();
    }
  }

  /// Work that ought to be begun and is not.
  Lines NotBegun() {
    Lines out;
    for (const auto& [id, recovery] : model_) {
      for (const WorkName& name : recovery.Awaits(parallel_)) {
        if (executor_.IsHeld(id, name)) continue;
        out.push_back(fmt::format("work {} {} of {}", static_cast<int>(name.work), name.table,
                                  recovery.ToString()));
      }
    }
    return out;
  }

  /// Until the records are as the model has them, and the work is begun that it has begun.
  void WaitUntilSettled(const char* what) {
    if (::testing::Test::HasFailure()) return;
    for (auto& [id, recovery] : model_) recovery.Settle(parallel_);
    auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!NotBegun().empty() || !IsAsModelled(CheckState())) {
      if (::testing::Test::HasFailure()) return;
      if (std::chrono::steady_clock::now() > limit) {
        CheckModel(what);
        EXPECT_EQ(NotBegun(), Lines()) << what;
        ADD_FAILURE() << what << ": does not settle";
        return;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    CheckExecutor();
  }

  void CheckExecutor() {
    EXPECT_EQ(executor_.TakeComplaints(), Lines());
    for (const auto& [id, recovery] : model_) {
      if (!recovery.import.history) continue;
      EXPECT_EQ(executor_.RunningImports(id), Lines()) << "go on: " << recovery.ToString();
    }
  }

  void Verify() {
    auto report = store_->Verify();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->damage, Lines());
    EXPECT_EQ(report->problems, Lines());
  }

  /// Lets all recoveries end.
  void Finish() {
    if (scheduler_ == nullptr && !::testing::Test::HasFailure()) StartScheduler();
    while (!::testing::Test::HasFailure() && AnyWork()) Settled("work ends", [&] { EndOne(); });
    if (::testing::Test::HasFailure()) return;
    EXPECT_TRUE(scheduler_->WaitUntilIdle(kPatience));
    executor_.EndForgotten();
    for (const auto& [id, recovery] : model_) {
      EXPECT_TRUE(recovery.IsOver()) << recovery.ToString();
      if (!canceled_.contains(id)) continue;
      EXPECT_EQ(recovery.user.comment, testing::CommentOf(-4072)) << recovery.ToString();
    }
    EXPECT_EQ(*jobs_->LiveRecoveries(), std::vector<int64_t>());
    scheduler_.reset();
    CheckModel("the end");
    Verify();
  }

  std::mt19937_64 random_;
  const int64_t tenants_;
  TemporaryDirectory tmp_;
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<JobStore> jobs_;
  int64_t clock_ = 1'700'000'000'000'000;
  ScriptedExecutor executor_;
  std::unique_ptr<RecoverTableScheduler> scheduler_;
  size_t parallel_ = 1;
  bool in_the_middle_ = false;
  std::map<int64_t, ModelRecovery> model_;  ///< by sys job
  std::map<int64_t, Outcome> restored_;
  std::set<int64_t> canceled_;
  LifeWatch watch_;
};

TEST(ModelTest, RandomRecoveriesGoAsTheTablesSay) {
  const uint64_t runs = std::getenv("OBVIEWS_LONG_TESTS") != nullptr ? 200 : 20;
  for (uint64_t seed = 1; seed <= runs && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomRun(seed).Go(120);
  }
}

}  // namespace
}  // namespace obviews::lifecycle
