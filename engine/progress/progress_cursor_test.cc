// Recoveries of a store: which there are, whose records belong together, and what the derived kinds
// show of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/progress/reader.h"
#include "engine/testing.h"

namespace obviews::engine::progress {
namespace {

using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Job;
using testing::Task;
using testing::TemporaryDirectory;

constexpr int64_t kStart = 1'700'000'000'000'000;
constexpr int64_t kMinute = 60'000'000;

Record RecoverJob(int64_t tenant, int64_t job, int64_t initiator, const std::string& status,
                  const std::string& aux, RecordKind kind = RecordKind::kRecoverJob) {
  Record record = Job(kind, tenant, job);
  record.Set("initiator_tenant_id", int64_t{1});
  record.Set("initiator_job_id", initiator);
  record.Set("status", status);
  record.Set("start_ts", kStart);
  record.Set("aux_tenant_name", aux);
  record.Set("target_tenant_name", "shop");
  return record;
}

Record ImportJob(int64_t tenant, int64_t job, int64_t user_job, const std::string& aux,
                 int64_t total) {
  Record record = Job(RecordKind::kImportJob, tenant, job);
  record.Set("initiator_tenant_id", tenant);
  record.Set("initiator_job_id", user_job);
  record.Set("status", "IMPORT_TABLE");
  record.Set("start_ts", kStart + kMinute);
  record.Set("src_tenant_name", aux);
  record.Set("total_table_count", total);
  return record;
}

/// As listings of restore jobs are: without an initiator.
Record RestoreJob(int64_t tenant, int64_t job, const std::string& aux, int64_t aux_tenant) {
  Record record = Job(RecordKind::kRestoreJob, tenant, job);
  record.Set("restore_tenant_name", aux);
  record.Set("restore_tenant_id", std::to_string(aux_tenant));
  record.Set("status", "RESTORING");
  record.Set("restore_start_ts", std::to_string(kStart));
  if (tenant != 1) {
    record.Set("total_bytes", int64_t{1000});
    record.Set("finish_bytes", int64_t{500});
  }
  return record;
}

Record ATask(int64_t tenant, int64_t job, int64_t task, const std::string& status,
             const std::string& result = "", const std::string& comment = "") {
  Record record = Task(tenant, job, task, status);
  record.Set("result", result);
  record.Set("comment", comment);
  record.Set("src_database", "db");
  record.Set("src_table", fmt::format("t{}", task));
  record.Set("start_ts", kStart + kMinute);
  if (status == "FINISH") record.Set("completion_ts", kStart + 2 * kMinute);
  return record;
}

class ProgressCursorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store =
        Store::Open(directory_.Path("db"),
                    {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  void Put(const std::vector<Record>& records) {
    Batch batch;
    for (const Record& record : records) batch.Put(record);
    auto done = store_->Commit(batch);
    ASSERT_TRUE(done) << done.error().message;
  }

  /// "tenant/job stage percent error" of every record, two minutes after the start.
  std::vector<std::string> Rows(RecordKind kind = RecordKind::kProgress,
                                const KeySpace& space = {}) {
    auto snapshot = store_->TakeSnapshot();
    ScanOptions options;
    options.now_usec = kStart + 3 * kMinute;
    auto cursor = (*snapshot)->Scan(kind, space, options);
    std::vector<std::string> rows;
    while (true) {
      auto more = cursor->Next();
      if (!more) rows.push_back(more.error().message);
      if (!more || !*more) return rows;
      Record record = *(*snapshot)->Materialise(cursor->record());
      const auto* percent = std::get_if<int64_t>(&record.Get("percent_hundredths"));
      rows.push_back(fmt::format("{}/{} {} {}", record.key().tenant_id, record.key().job_id,
                                 record.Text("stage").empty() ? "?" : record.Text("stage"),
                                 percent == nullptr ? "?" : std::to_string(*percent)));
      if (!record.Text("last_error").empty()) {
        rows.back() += fmt::format(" {}", record.Text("last_error"));
      }
    }
  }

  static KeySpace OfTenant(int64_t tenant) {
    KeySpace space;
    space.tenants = schema::RangeSet::Point(tenant);
    return space;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(ProgressCursorTest, AStoreWithoutRecoveriesHasNone) {
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_THAT(Rows(RecordKind::kTenantProgress), IsEmpty());
}

TEST_F(ProgressCursorTest, ARecoveryIsOneRowOfSysAndOneOfItsTenant) {
  Put({RecoverJob(1, 7, 0, "RECOVERING", "AUX_RECOVER$1"),
       RecoverJob(1002, 2, 7, "IMPORTING", "AUX_RECOVER$1"),
       ImportJob(1002, 3, 2, "AUX_RECOVER$1", 4), ATask(1002, 3, 1, "FINISH", "SUCCESS"),
       ATask(1002, 3, 2, "FINISH", "FAILED", "no space"), ATask(1002, 3, 3, "DOING"),
       ATask(1002, 3, 4, "INIT")});
  EXPECT_THAT(Rows(), ElementsAre("1/7 IMPORT 7450 `db`.`t2`: no space"));
  EXPECT_THAT(
      Rows(RecordKind::kTenantProgress),
      ElementsAre("1/7 IMPORT 7450 `db`.`t2`: no space", "1002/2 IMPORT 7450 `db`.`t2`: no space"));
  EXPECT_THAT(Rows(RecordKind::kTenantProgress, OfTenant(1002)),
              ElementsAre("1002/2 IMPORT 7450 `db`.`t2`: no space"));
  EXPECT_THAT(Rows(RecordKind::kTenantProgress, OfTenant(1004)), IsEmpty());
}

TEST_F(ProgressCursorTest, EveryPartAloneIsARecoveryToo) {
  Put({RecoverJob(1, 1, 0, "RECOVERING", "AUX_RECOVER$1"),
       RecoverJob(1002, 2, 9, "RESTORE_AUX_TENANT", "AUX_RECOVER$2"),
       ImportJob(1004, 3, 2, "AUX_RECOVER$3", 0), ATask(1006, 5, 1, "DOING"),
       RestoreJob(1, 8, "AUX_RECOVER$4", 1010), RestoreJob(1010, 8, "AUX_RECOVER$4", 1010),
       RestoreJob(1, 9, "another tenant", 1012)});
  EXPECT_THAT(Rows(), ElementsAre("1/1 ? ?", "1002/2 RESTORE 100", "1004/3 IMPORT 5000",
                                  "1006/5 IMPORT 5000", "1010/8 RESTORE 2327"));
}

TEST_F(ProgressCursorTest, RestoreJobsAreFoundByTheAuxiliaryTenantsName) {
  Put({RecoverJob(1002, 2, 9, "RESTORE_AUX_TENANT", "AUX_RECOVER$4"),
       RestoreJob(1, 8, "AUX_RECOVER$4", 1010), RestoreJob(1010, 8, "AUX_RECOVER$4", 1010)});
  EXPECT_THAT(Rows(), ElementsAre("1002/2 RESTORE 2327"));
}

TEST_F(ProgressCursorTest, RecordsOfAnotherRunAreNotTakenForThisOnes) {
  Put({RecoverJob(1, 7, 0, "RECOVERING", "AUX_RECOVER$1"),
       RecoverJob(1002, 2, 7, "IMPORTING", "AUX_RECOVER$2"),
       ImportJob(1002, 3, 2, "AUX_RECOVER$3", 4)});
  EXPECT_THAT(Rows(), ElementsAre("1/7 ? ?", "1002/2 IMPORT 5000", "1002/3 IMPORT 5000"));
}

TEST_F(ProgressCursorTest, HistoryTellsTheEnd) {
  Record sys = RecoverJob(1, 7, 0, "COMPLETED", "AUX_RECOVER$1", RecordKind::kRecoverJobHistory);
  sys.Set("end_ts", kStart + kMinute);
  Record user = RecoverJob(1002, 2, 8, "FAILED", "AUX_RECOVER$2", RecordKind::kRecoverJobHistory);
  user.Set("comment", "result:-4072(), addr:a, trace_id:b");
  Put({sys, user});
  EXPECT_THAT(Rows(), ElementsAre("1/7 COMPLETED 10000",
                                  "1002/2 FAILED 0 recovery: result:-4072(), addr:a, trace_id:b"));
}

TEST_F(ProgressCursorTest, AKeySpaceNarrowsWhatIsRead) {
  for (int64_t job = 1; job <= 5; ++job) {
    Put({RecoverJob(1, job, 0, "PREPARE", fmt::format("AUX_RECOVER${}", job))});
  }
  KeySpace space = OfTenant(1);
  space.jobs = schema::RangeSet::Of(2, 3);
  EXPECT_THAT(Rows(RecordKind::kProgress, space), ElementsAre("1/2 PREPARE 0", "1/3 PREPARE 0"));
}

TEST_F(ProgressCursorTest, SamplesUnderEveryRecordOfARecoveryCount) {
  Put({RecoverJob(1002, 2, 7, "RESTORE_AUX_TENANT", "AUX_RECOVER$1")});
  ProgressSample sample;
  sample.time_usec = kStart + kMinute;
  sample.percent_ppm = 340'000;
  Batch batch;
  batch.PutSample({RecordKind::kRecoverJob, {1002, 2, 0}}, sample);
  ASSERT_TRUE(store_->Commit(batch));
  Put({RecoverJob(1, 7, 0, "RECOVERING", "AUX_RECOVER$1")});
  EXPECT_THAT(Rows(), ElementsAre("1/7 RESTORE 3400"));
}

TEST_F(ProgressCursorTest, AnyJobLeadsToItsRecovery) {
  Put({RecoverJob(1, 7, 0, "RECOVERING", "AUX_RECOVER$1"),
       RecoverJob(1002, 2, 7, "IMPORTING", "AUX_RECOVER$1"),
       ImportJob(1002, 3, 2, "AUX_RECOVER$1", 4), RestoreJob(1, 8, "AUX_RECOVER$1", 1010),
       ATask(1006, 5, 1, "DOING")});
  auto snapshot = store_->TakeSnapshot();
  RecoveryReader reader(**snapshot);
  const RecoveryRef first{RecordKind::kRecoverJob, {1, 7, 0}};
  for (const Key& job : {Key{1, 7, 0}, Key{1002, 2, 0}, Key{1002, 3, 0}}) {
    EXPECT_EQ(*reader.Resolve(job), first);
  }
  EXPECT_EQ(*reader.ResolveRestore({1, 8, 0}), first);
  EXPECT_EQ(*reader.Resolve({1006, 5, 0}), (RecoveryRef{RecordKind::kImportJob, {1006, 5, 0}}));
  EXPECT_EQ(reader.Resolve({1002, 77, 0}).error().code, ErrorCode::kNotFound);
}

TEST_F(ProgressCursorTest, ReadsTheReasonsOfManyFailuresOnRequest) {
  std::vector<Record> records = {ImportJob(1002, 3, 2, "AUX_RECOVER$1", 300)};
  for (int64_t i = 1; i <= 300; ++i) {
    records.push_back(ATask(1002, 3, i, "FINISH", i % 3 == 0 ? "FAILED" : "SUCCESS",
                            fmt::format("reason {}", i)));
  }
  Put(records);
  auto snapshot = store_->TakeSnapshot();
  RecoveryReader reader(**snapshot);
  auto facts = reader.Read({RecordKind::kImportJob, {1002, 3, 0}}, {.failures = 10});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->tasks.failed, 100);
  ASSERT_EQ(facts->table_failures.size(), 10U);
  EXPECT_EQ(facts->table_failures[0].reason, "reason 300");
  EXPECT_EQ(facts->table_failures[9].reason, "reason 273");
}

TEST_F(ProgressCursorTest, TheSlowestTablesAreThoseThatStartedFirst) {
  std::vector<Record> records = {ImportJob(1002, 3, 2, "AUX_RECOVER$1", 5)};
  for (int64_t task : {1, 2, 3, 4, 5}) {
    records.push_back(ATask(1002, 3, task, task == 5 ? "INIT" : "DOING"));
    records.back().Set("start_ts", kStart + (10 - task) * kMinute);
  }
  Put(records);
  auto snapshot = store_->TakeSnapshot();
  RecoveryReader reader(**snapshot);
  const RecoveryRef ref{RecordKind::kImportJob, {1002, 3, 0}};
  auto facts = reader.Read(ref, {.failures = 0, .running_table = false, .slowest = 2});
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->slowest.size(), 2U);
  EXPECT_EQ(facts->slowest[0].what, "`db`.`t4`");
  EXPECT_EQ(facts->slowest[0].start, kStart + 6 * kMinute);
  EXPECT_EQ(facts->slowest[1].what, "`db`.`t3`");
  EXPECT_TRUE(reader.Read(ref)->slowest.empty());
}

TEST_F(ProgressCursorTest, ATableIsAsSlowAsItsTaskHasItsStatus) {
  std::vector<Record> records = {ImportJob(1002, 3, 2, "AUX_RECOVER$1", 2)};
  for (int64_t task : {1, 2}) {
    records.push_back(ATask(1002, 3, task, "DOING"));
    records.back().Set("gmt_modified", kStart + (10 - task) * kMinute);
  }
  Put(records);
  auto snapshot = store_->TakeSnapshot();
  auto facts = RecoveryReader(**snapshot)
                   .Read({RecordKind::kImportJob, {1002, 3, 0}}, {.failures = 0, .slowest = 1});
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->slowest.size(), 1U);
  EXPECT_EQ(facts->slowest[0].what, "`db`.`t2`");
  EXPECT_EQ(facts->slowest[0].start, kStart + 8 * kMinute);
}

}  // namespace
}  // namespace obviews::engine::progress
