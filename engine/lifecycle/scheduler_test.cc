// Whole recoveries, from the statement's request to history, with an executor that does nothing but
// say how it went.
#include "engine/lifecycle/scheduler.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "engine/lifecycle/job_records.h"
#include "engine/lifecycle/sequences.h"
#include "engine/testing.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::TemporaryDirectory;
using schema::Record;
using schema::RecordKind;
using std::chrono::milliseconds;

constexpr int64_t kTarget = 1002;
constexpr int64_t kAux = 1004;

/// Says at once how it went, unless it is told to keep the outcome back.
class InstantExecutor : public Executor {
 public:
  std::vector<ListedTable> tables;
  std::map<std::string, WorkError> failures;  ///< of imports, by table
  std::optional<WorkError> restore_failure;
  std::optional<WorkError> list_failure;
  bool hold_restore = false;
  std::string hold_import;    ///< the table whose import does not end
  bool refuse_often = false;  ///< an import fails nine times before it goes well

  void RestoreAuxTenant(const RestoreWork& /*work*/,
                        std::function<void(const RestoreProgress&)> progress,
                        Done<AuxTenant> done) override {
    RestoreProgress told;
    told.aux_tenant_id = kAux;
    told.status = "RESTORE_WAIT_LS";
    told.total_bytes = 1000;
    told.finish_bytes = 400;
    progress(told);
    if (hold_restore) {
      std::lock_guard<std::mutex> lock(mutex_);
      held_restore_ = std::move(done);
      return;
    }
    if (restore_failure) return done(tl::unexpected(*restore_failure));
    done(AuxTenant{kAux});
  }
  void ActivateAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override {
    done(std::monostate());
  }
  void ListTables(const ListWork& /*work*/, Done<std::vector<ListedTable>> done) override {
    if (list_failure) return done(tl::unexpected(*list_failure));
    done(tables);
  }
  void ImportTable(const ImportWork& work, Done<ImportCounts> done) override {
    if (work.source_table == hold_import) return;
    if (refuse_often) {
      std::unique_lock<std::mutex> lock(mutex_);
      if (++refused_[work.task_id + 1000 * work.recovery.sys_job_id] < 10) {
        lock.unlock();
        return done(tl::unexpected(WorkError{-4012, ""}));
      }
    }
    auto failure = failures.find(work.source_table);
    if (failure == failures.end()) return done(ImportCounts{});
    WorkError error = failure->second;
    if (IsTransient(error.code)) failures.erase(failure);
    done(tl::unexpected(error));
  }
  void AbortImport(const ImportWork& work) override {
    std::lock_guard<std::mutex> lock(mutex_);
    aborted_.push_back(work.source_table);
  }
  void DropAuxTenant(const AuxWork& work, Done<std::monostate> done) override {
    Done<AuxTenant> restore;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      dropped_.push_back(work.aux_tenant_id);
      restore.swap(held_restore_);
    }
    if (restore) restore(tl::unexpected(WorkError{-5157, ""}));
    done(std::monostate());
  }

  std::vector<int64_t> dropped() {
    std::lock_guard<std::mutex> lock(mutex_);
    return dropped_;
  }
  std::vector<std::string> aborted() {
    std::lock_guard<std::mutex> lock(mutex_);
    return aborted_;
  }

 private:
  static bool IsTransient(int code) { return code == -4012; }

  std::mutex mutex_;
  std::map<int64_t, int> refused_;
  std::vector<int64_t> dropped_;
  std::vector<std::string> aborted_;
  Done<AuxTenant> held_restore_;
};

ListedTable Table(const std::string& name) {
  ListedTable table;
  table.source_database = "db";
  table.source_table = name;
  table.target_database = "db";
  table.target_table = name;
  table.ref_constraints = 1;
  return table;
}

StartRequest Request() {
  StartRequest request;
  request.target = {kTarget, "oracle001"};
  request.import_all = true;
  request.restore_scn = 1'700'000'000'000'000'000;
  return request;
}

class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest() {
    auto opened = engine::Store::Open(
        tmp_.Path("s"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    store_ = std::move(*opened);
    JobStoreOptions options;
    options.now_usec = [now = std::make_shared<std::atomic<int64_t>>(1'700'000'000'000'000)] {
      return now->fetch_add(1000);
    };
    options.trace_id = [] { return std::string("YB42"); };
    jobs_ = std::make_unique<JobStore>(*store_, options);
    executor_.tables = {Table("t1"), Table("t2")};
    options_.workers = 2;
    options_.retry_pause = milliseconds(1);
    options_.progress_pause = milliseconds(0);
    options_.on_error = [](int64_t, const Error& error) { ADD_FAILURE() << error.message; };
  }

  /// Runs all recoveries to their end.
  void Run() {
    RecoverTableScheduler scheduler(*jobs_, executor_, options_);
    ASSERT_TRUE(scheduler.Start());
    EXPECT_TRUE(scheduler.WaitUntilIdle(milliseconds(120'000)));
  }

  /// One line per record: its fields named, in the order given.
  std::vector<std::string> Rows(RecordKind kind, std::vector<std::string_view> fields) {
    std::vector<std::string> rows;
    auto snapshot = store_->TakeSnapshot();
    auto cursor = (*snapshot)->Scan(kind, {});
    for (auto more = cursor->Next(); more && *more; more = cursor->Next()) {
      Record record = *(*snapshot)->Materialise(cursor->record());
      std::string row;
      for (std::string_view field : fields) {
        const schema::FieldValue& value = record.Get(field);
        if (!row.empty()) row += '|';
        if (const auto* text = std::get_if<std::string>(&value)) {
          row += *text;
        } else if (std::holds_alternative<std::monostate>(value)) {
          row += "NULL";
        } else {
          row += fmt::format("{}", record.Int(field));
        }
      }
      rows.push_back(row);
    }
    return rows;
  }

  using Lines = std::vector<std::string>;
  Lines RecoverHistory() {
    return Rows(RecordKind::kRecoverJobHistory,
                {"tenant_id", "job_id", "initiator_tenant_id", "initiator_job_id", "status",
                 "result", "comment"});
  }
  Lines ImportHistory() {
    return Rows(
        RecordKind::kImportJobHistory,
        {"tenant_id", "job_id", "initiator_tenant_id", "initiator_job_id", "status", "result",
         "comment", "total_table_count", "finished_table_count", "failed_table_count"});
  }
  Lines TaskHistory() {
    return Rows(RecordKind::kImportTaskHistory,
                {"tenant_id", "job_id", "task_id", "src_table", "status", "result", "comment"});
  }
  Lines RestoreHistory() {
    return Rows(RecordKind::kRestoreJobHistory,
                {"tenant_id", "job_id", "initiator_job_id", "status", "comment", "total_bytes",
                 "finish_bytes"});
  }
  /// No live record is left, and the store's indexes and counts agree.
  void ExpectAllInHistory() {
    for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kImportJob,
                            RecordKind::kImportTask, RecordKind::kRestoreJob}) {
      EXPECT_EQ(Rows(kind, {"tenant_id", "job_id"}), Lines()) << static_cast<int>(kind);
    }
    auto report = store_->Verify();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->damage, Lines());
    EXPECT_EQ(report->problems, Lines());
    EXPECT_EQ(*jobs_->LiveRecoveries(), std::vector<int64_t>());
  }

  TemporaryDirectory tmp_;
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<JobStore> jobs_;
  InstantExecutor executor_;
  SchedulerOptions options_;
};

TEST_F(SchedulerTest, ARecoveryThatGoesWellEndsInHistory) {
  EXPECT_EQ(*jobs_->Start(Request()), 1);
  Run();
  EXPECT_EQ(
      RecoverHistory(),
      (Lines{"1|1|1|0|COMPLETED|SUCCEESS|import succeed table count: 2, failed table count: 0",
             "1002|1|1|1|COMPLETED|SUCCEESS|import succeed table count: 2, failed table "
             "count: 0"}));
  EXPECT_EQ(ImportHistory(), (Lines{"1002|2|1002|1|IMPORT_FINISH|SUCCEESS|import succeed table "
                                    "count: 2, failed table count: 0|2|2|0"}));
  EXPECT_EQ(TaskHistory(), (Lines{"1002|2|1|t1|FINISH|SUCCEESS|", "1002|2|2|t2|FINISH|SUCCEESS|"}));
  EXPECT_EQ(RestoreHistory(), (Lines{"1|1|1|SUCCESS|NULL|1000|400"}));
  EXPECT_EQ(executor_.dropped(), std::vector<int64_t>{kAux});
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, AFailedTableFailsOnlyItsTask) {
  executor_.failures["t2"] = {-5020, "it's there"};
  ASSERT_TRUE(jobs_->Start(Request()));
  Run();
  EXPECT_EQ(TaskHistory(),
            (Lines{"1002|2|1|t1|FINISH|SUCCEESS|", "1002|2|2|t2|FINISH|FAILED|it's there"}));
  EXPECT_EQ(ImportHistory(), (Lines{"1002|2|1002|1|IMPORT_FINISH|SUCCEESS|import succeed table "
                                    "count: 1, failed table count: 1|2|1|1"}));
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, AnImportWhoseTablesAllFailedIsFailed) {
  executor_.failures["t1"] = {-5020, ""};
  executor_.failures["t2"] = {-5020, ""};
  ASSERT_TRUE(jobs_->Start(Request()));
  Run();
  EXPECT_EQ(
      TaskHistory(),
      (Lines{"1002|2|1|t1|FINISH|FAILED|result:-5020(), addr:127.0.0.1:2882, trace_id:YB42",
             "1002|2|2|t2|FINISH|FAILED|result:-5020(), addr:127.0.0.1:2882, trace_id:YB42"}));
  EXPECT_EQ(RecoverHistory(),
            (Lines{"1|1|1|0|FAILED|FAILED|import succeed table count: 0, failed table count: 2",
                   "1002|1|1|1|FAILED|FAILED|import succeed table count: 0, failed table count: "
                   "2"}));
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, ARetryableErrorIsTriedAgain) {
  executor_.failures["t1"] = {-4012, "timeout"};
  ASSERT_TRUE(jobs_->Start(Request()));
  Run();
  EXPECT_EQ(TaskHistory(), (Lines{"1002|2|1|t1|FINISH|SUCCEESS|", "1002|2|2|t2|FINISH|SUCCEESS|"}));
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, AFailedRestoreFailsBothJobs) {
  executor_.restore_failure = {-4016, "STORAGE : broken"};
  ASSERT_TRUE(jobs_->Start(Request()));
  Run();
  EXPECT_EQ(RecoverHistory(), (Lines{"1|1|1|0|FAILED|FAILED|STORAGE : broken",
                                     "1002|1|1|1|FAILED|FAILED|STORAGE : broken"}));
  EXPECT_EQ(RestoreHistory(), (Lines{"1|1|1|FAIL|STORAGE : broken|1000|400"}));
  EXPECT_EQ(ImportHistory(), Lines());
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, ATableThatIsNotThereFailsTheWholeImport) {
  executor_.list_failure = {-5019, "import table not exist, db.t3"};
  ASSERT_TRUE(jobs_->Start(Request()));
  Run();
  EXPECT_EQ(ImportHistory(), (Lines{"1002|2|1002|1|IMPORT_FINISH|FAILED|import table not exist, "
                                    "db.t3|0|0|0"}));
  EXPECT_EQ(TaskHistory(), Lines());
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, ACancelEndsTheTasksThatAreLeft) {
  executor_.hold_import = "t2";
  ASSERT_TRUE(jobs_->Start(Request()));
  {
    RecoverTableScheduler scheduler(*jobs_, executor_, options_);
    ASSERT_TRUE(scheduler.Start());
    while (Rows(RecordKind::kImportTask, {"task_id", "status"}) != Lines{"1|FINISH", "2|DOING"}) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    auto canceled = jobs_->Cancel(kTarget);
    ASSERT_TRUE(canceled);
    EXPECT_EQ(canceled->import_jobs, 1U);
    EXPECT_EQ(canceled->recover_jobs, 1U);
    EXPECT_TRUE(scheduler.WaitUntilIdle(milliseconds(120'000)));
  }
  std::string canceled = "result:-4072(), addr:127.0.0.1:2882, trace_id:YB42";
  EXPECT_EQ(executor_.aborted(), Lines{"t2"});
  EXPECT_EQ(TaskHistory(),
            (Lines{"1002|2|1|t1|FINISH|SUCCEESS|", "1002|2|2|t2|FINISH|FAILED|" + canceled}));
  EXPECT_EQ(ImportHistory(), (Lines{"1002|2|1002|1|IMPORT_FINISH|FAILED|" + canceled + "|2|0|0"}));
  EXPECT_EQ(RecoverHistory(),
            (Lines{"1|1|1|0|FAILED|FAILED|" + canceled, "1002|1|1|1|FAILED|FAILED|" + canceled}));
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, ACancelDuringTheRestoreDropsTheTenant) {
  executor_.hold_restore = true;
  ASSERT_TRUE(jobs_->Start(Request()));
  {
    RecoverTableScheduler scheduler(*jobs_, executor_, options_);
    ASSERT_TRUE(scheduler.Start());
    while (Rows(RecordKind::kRestoreJob, {"tenant_id"}).size() != 2) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    ASSERT_TRUE(jobs_->Cancel(kTarget));
    EXPECT_TRUE(scheduler.WaitUntilIdle(milliseconds(120'000)));
  }
  EXPECT_EQ(RestoreHistory(),
            Lines{"1|1|1|FAIL|result:-5157(), addr:127.0.0.1:2882, trace_id:YB42|1000|400"});
  EXPECT_EQ(executor_.dropped(), std::vector<int64_t>{kAux});
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, AStoppedSchedulerIsFollowedByOneThatGoesOn) {
  executor_.hold_import = "t2";
  ASSERT_TRUE(jobs_->Start(Request()));
  {
    RecoverTableScheduler scheduler(*jobs_, executor_, options_);
    ASSERT_TRUE(scheduler.Start());
    while (Rows(RecordKind::kImportTask, {"status"}) != Lines{"FINISH", "DOING"}) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  executor_.hold_import.clear();
  Run();
  EXPECT_EQ(TaskHistory(), (Lines{"1002|2|1|t1|FINISH|SUCCEESS|", "1002|2|2|t2|FINISH|SUCCEESS|"}));
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, ASecondRecoveryOfATenantIsRefused) {
  ASSERT_TRUE(jobs_->Start(Request()));
  auto second = jobs_->Start(Request());
  ASSERT_FALSE(second);
  EXPECT_EQ(
      second.error().message,
      "-4179: tenant oracle001 has a recovery already, job 1 of tenant 1; wait until it is in "
      "the history, or cancel it");
  Run();
  EXPECT_EQ(*jobs_->Start(Request()), 2);
}

TEST_F(SchedulerTest, LoadedRecoveriesAreNotDriven) {
  Record loaded = MakeSysJob(Request(), 7, 1'690'000'000'000'000);
  engine::Batch batch;
  batch.Put(loaded);
  ASSERT_TRUE(store_->Commit(batch));
  Run();
  EXPECT_EQ(Rows(RecordKind::kRecoverJob, {"job_id", "status"}), Lines{"7|PREPARE"});
  auto canceled = jobs_->Cancel(kTarget);
  ASSERT_TRUE(canceled);
  EXPECT_EQ(canceled->recover_jobs, 0U);
  StartRequest other = Request();
  other.target = {1006, "other"};
  EXPECT_EQ(*jobs_->Start(other), 8);
}

TEST_F(SchedulerTest, ALoadedLiveRecoveryKeepsItsTenantToo) {
  Record loaded = MakeSysJob(Request(), 7, 1'690'000'000'000'000);
  loaded.Set("target_tenant_id", int64_t{0});  // listings do not show it
  Record user_job = MakeUserJob(MakeSysJob(Request(), 9, 1'690'000'000'000'000), 3, 1);
  user_job.Set("tenant_id", int64_t{1006});
  engine::Batch batch;
  batch.Put(loaded);
  batch.Put(user_job);
  ASSERT_TRUE(store_->Commit(batch));
  EXPECT_EQ(jobs_->Start(Request()).error().message,
            "-4179: tenant oracle001 has a recovery already, job 7 of tenant 1, which was loaded "
            "and is only observed; load its history, or use another store");
  StartRequest other = Request();
  other.target = {1006, "other"};
  EXPECT_EQ(jobs_->Start(other).error().message,
            "-4179: tenant other has a recovery already, job 3 of tenant 1006, which was loaded "
            "and is only observed; load its history, or use another store");
  auto canceled = jobs_->Cancel(1006);
  ASSERT_TRUE(canceled);
  EXPECT_EQ(canceled->recover_jobs, 0U);
  EXPECT_EQ(canceled->observed_jobs, 1U);
}

TEST_F(SchedulerTest, EveryStatusStaysAsLongAsIsAskedFor) {
  options_.status_pause = milliseconds(20);
  ASSERT_TRUE(jobs_->Start(Request()));
  auto begin = std::chrono::steady_clock::now();
  Run();
  // RECOVERING and the last status of the sys job, five of the user job, three of the import job.
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 10 * milliseconds(20));
  ExpectAllInHistory();
}

TEST_F(SchedulerTest, WorkersThatWaitForTheSameTimerTakeItOnce) {
  options_.workers = 8;
  options_.retry_pause = milliseconds(2);
  for (int64_t tenant = 1002; tenant < 1012; tenant += 2) {
    StartRequest request = Request();
    request.target = {tenant, fmt::format("t{}", tenant)};
    ASSERT_TRUE(jobs_->Start(request));
  }
  executor_.refuse_often = true;
  Run();
  ExpectAllInHistory();
}

}  // namespace
}  // namespace obviews::lifecycle
