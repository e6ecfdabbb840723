// Many threads that start, cancel and drive the same recoveries through one job store, and readers
// beside them: no reader ever sees half a change. Fit for ThreadSanitizer, with tests/tsan.supp.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "engine/lifecycle/driver.h"
#include "engine/lifecycle/invariants_testing.h"
#include "engine/testing.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::TemporaryDirectory;
using schema::RecordKind;
using std::chrono::milliseconds;
using testing::BrokenInvariants;
using testing::LifeWatch;
using testing::Records;

constexpr int kWriters = 16;
constexpr int kReaders = 4;

using Lines = std::vector<std::string>;

/// Says at once how it went, which follows from the recovery and the table alone. Thread-safe.
class SteadyExecutor final : public Executor {
 public:
  void RestoreAuxTenant(const RestoreWork& work,
                        std::function<void(const RestoreProgress&)> progress,
                        Done<AuxTenant> done) override {
    int64_t job = work.recovery.sys_job_id;
    RestoreProgress told;
    told.aux_tenant_id = 2000 + 2 * job;
    told.status = "RESTORE_WAIT_LS";
    told.finish_bytes = 400;
    progress(told);
    if (job % 5 == 0) return done(tl::unexpected(WorkError{-4016, "STORAGE : broken"}));
    AuxTenant tenant;
    tenant.id = told.aux_tenant_id;
    done(tenant);
  }
  void ActivateAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override {
    done(std::monostate());
  }
  void ListTables(const ListWork& work, Done<std::vector<ListedTable>> done) override {
    int64_t job = work.recovery.sys_job_id;
    if (job % 7 == 0) return done(tl::unexpected(WorkError{-5019, ""}));
    std::vector<ListedTable> tables(static_cast<size_t>(job % 6));
    for (size_t i = 0; i < tables.size(); ++i) {
      tables[i].source_table = tables[i].target_table = fmt::format("t{}", i);
    }
    done(tables);
  }
  void ImportTable(const ImportWork& work, Done<ImportCounts> done) override {
    if (work.source_table == "t1") return done(tl::unexpected(WorkError{-5020, "it's there"}));
    done(ImportCounts{});
  }
  void AbortImport(const ImportWork& /*work*/) override {}
  void DropAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override {
    done(std::monostate());
  }
};

StartRequest Request(int64_t tenant) {
  StartRequest request;
  request.target.id = tenant;
  request.target.name = fmt::format("tenant{}", tenant);
  request.restore_scn = 1'700'000'000'000'000'000;
  request.lists.table_list = "`db`.`t0`";
  return request;
}

class ConcurrencyTest : public ::testing::Test {
 protected:
  ConcurrencyTest() {
    auto opened = engine::Store::Open(
        tmp_.Path("s"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    store_ = std::move(*opened);
    jobs_ = std::make_unique<JobStore>(*store_, JobStoreOptions());
    options_.parallel_imports = 2;
    options_.retry_pause = milliseconds(0);
    options_.progress_pause = milliseconds(0);
  }

  std::shared_ptr<const engine::Snapshot> Take() {
    auto snapshot = store_->TakeSnapshot();
    EXPECT_TRUE(snapshot);
    return *snapshot;
  }

  /// Runs `work` in many threads at the same time.
  template <class Work>
  static void InThreads(int count, Work work) {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }

  void CheckAtRest() {
    EXPECT_EQ(BrokenInvariants(*Take()), Lines());
    auto report = store_->Verify();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->damage, Lines());
    EXPECT_EQ(report->problems, Lines());
  }

  TemporaryDirectory tmp_;
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<JobStore> jobs_;
  SteadyExecutor executor_;
  SchedulerOptions options_;
};

/// One thread that starts, cancels and drives what it comes upon.
class RandomWriter {
 public:
  RandomWriter(JobStore& jobs, Executor& executor, const SchedulerOptions& options, uint64_t seed)
      : jobs_(jobs), executor_(executor), options_(options), random_(seed) {
    mailbox_->wake = [] {};
  }

  void Act() {
    int64_t tenant = 1002 + 2 * static_cast<int64_t>(random_() % 6);
    uint64_t chance = random_() % 100;
    if (chance < 8) {
      auto job = jobs_.Start(Request(tenant));
      if (!job) Allow(job.error(), ErrorCode::kInvalidArgument);
    } else if (chance < 14) {
      auto canceled = jobs_.Cancel(tenant);
      if (!canceled) Allow(canceled.error(), ErrorCode::kConflict);
    } else {
      Drive();
    }
  }

 private:
  static void Allow(const Error& error, ErrorCode code) {
    EXPECT_EQ(static_cast<int>(error.code), static_cast<int>(code)) << error.message;
  }

  /// Some steps of a recovery, which other threads may be driving too.
  void Drive() {
    auto live = jobs_.LiveRecoveries();
    ASSERT_TRUE(live) << live.error().message;
    if (live->empty()) return;
    int64_t job = (*live)[random_() % live->size()];
    auto at = drivers_.find(job);
    if (at == drivers_.end()) {
      at =
          drivers_.emplace(job, std::make_unique<Driver>(jobs_, executor_, options_, job, mailbox_))
              .first;
    }
    // Another thread may have canceled it.
    at->second->Refresh();
    for (uint64_t steps = 1 + random_() % 6; steps > 0; --steps) {
      auto step = at->second->Next();
      if (!step) Allow(step.error(), ErrorCode::kConflict);
    }
  }

  JobStore& jobs_;
  Executor& executor_;
  const SchedulerOptions& options_;
  std::mt19937_64 random_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::map<int64_t, std::unique_ptr<Driver>> drivers_;
};

TEST_F(ConcurrencyTest, OfManyStartsForOneTenantOneIsMade) {
  std::atomic<int> made{0};
  InThreads(kWriters, [&](int) {
    auto job = jobs_->Start(Request(1002));
    if (job) {
      made.fetch_add(1);
    } else {
      EXPECT_THAT(job.error().message, ::testing::StartsWith("-4179: "));
    }
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(*jobs_->LiveRecoveries(), std::vector<int64_t>{1});
  CheckAtRest();
}

TEST_F(ConcurrencyTest, StartsForManyTenantsAllGetIdsOfTheirOwn) {
  InThreads(kWriters, [&](int i) {
    auto job = jobs_->Start(Request(1002 + 2 * i));
    EXPECT_TRUE(job) << job.error().message;
  });
  EXPECT_EQ(jobs_->LiveRecoveries()->size(), size_t{kWriters});
  CheckAtRest();
}

TEST_F(ConcurrencyTest, AMissingUserJobIsMadeOnce) {
  engine::Batch batch;
  batch.Put(MakeSysJob(Request(1002), 1, 1'700'000'000'000'000));
  batch.Put(MakeRestoreJob(Request(1002), 1, 1, 1'700'000'000'000'000));
  batch.Drive({kSysTenant, 1, 0});
  batch.UseIds(engine::Sequence::kJob, kSysTenant, 1);
  batch.UseIds(engine::Sequence::kRestoreJob, kSysTenant, 1);
  ASSERT_TRUE(store_->Commit(batch));
  InThreads(kWriters, [&](int) {
    Status made = jobs_->EnsureUserJob(1);
    if (!made) {
      EXPECT_EQ(static_cast<int>(made.error().code), static_cast<int>(ErrorCode::kConflict));
    }
  });
  EXPECT_EQ(Records::Read(*Take())->StartedBy(RecordKind::kRecoverJob, {kSysTenant, 1, 0}).size(),
            1U);
  CheckAtRest();
}

TEST_F(ConcurrencyTest, ACancelIsMadeOnceAndHoldsAgainstADriver) {
  ASSERT_TRUE(jobs_->Start(Request(1002)));
  std::atomic<uint64_t> canceled{0};
  std::atomic<uint64_t> refused{0};
  InThreads(kWriters, [&](int i) {
    if (i % 2 == 0) {
      auto changed = jobs_->Cancel(1002);
      ASSERT_TRUE(changed) << changed.error().message;
      canceled += changed->recover_jobs;
      return;
    }
    engine::Key user{1002, 1, 0};
    Status made = jobs_->Make({RecordKind::kRecoverJob, user, "PREPARE", "RESTORE_AUX_TENANT"});
    if (!made) ++refused;
  });
  EXPECT_EQ(canceled, 1U);
  EXPECT_GE(refused, uint64_t{kWriters / 2 - 1});
  EXPECT_EQ(Take()->Get(RecordKind::kRecoverJob, {1002, 1, 0})->Text("status"), "CANCELING");
  CheckAtRest();
}

TEST_F(ConcurrencyTest, ReadersNeverSeeHalfAChange) {
  const int actions = std::getenv("OBVIEWS_LONG_TESTS") != nullptr ? 800 : 200;
  std::atomic<int> writing{kWriters};
  std::atomic<uint64_t> states{0};
  InThreads(kWriters + kReaders, [&](int i) {
    if (i < kWriters) {
      RandomWriter writer(*jobs_, executor_, options_, static_cast<uint64_t>(i));
      for (int n = 0; n < actions && !HasFailure(); ++n) writer.Act();
      --writing;
      return;
    }
    LifeWatch watch;
    while (writing > 0) {
      auto snapshot = Take();
      ASSERT_EQ(BrokenInvariants(*snapshot), Lines());
      ASSERT_EQ(watch.Look(*snapshot), Lines());
      ++states;
    }
  });
  EXPECT_GE(states, uint64_t{kReaders});
  RecoverTableScheduler scheduler(*jobs_, executor_, options_);
  ASSERT_TRUE(scheduler.Start());
  EXPECT_TRUE(scheduler.WaitUntilIdle(milliseconds(60'000)));
  auto records = Records::Read(*Take());
  ASSERT_TRUE(records);
  for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kImportJob, RecordKind::kImportTask,
                          RecordKind::kRestoreJob}) {
    EXPECT_TRUE(records->Of(kind).empty()) << static_cast<int>(kind);
  }
  EXPECT_GT(records->Of(RecordKind::kRecoverJobHistory).size(), 10U);
  CheckAtRest();
}

}  // namespace
}  // namespace obviews::lifecycle
