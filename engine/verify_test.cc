// What verify says of a store: nothing of a sound one, and one line for each thing that is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/raw_testing.h"
#include "engine/store.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Job;
using testing::RandomBatch;
using testing::RawStore;
using testing::Task;
using testing::TemporaryDirectory;

std::string Bytes(const Key& key) { return std::string(AsView(EncodeKey(key))); }

/// A sound store: a sys and a user recover job, its import job, two tasks, one long text.
class Verify : public ::testing::Test {
 protected:
  Verify() {
    auto job = [](RecordKind kind, Key key, Key initiator, const char* status) {
      Record record = Job(kind, key.tenant_id, key.job_id);
      record.Set("initiator_tenant_id", initiator.tenant_id);
      record.Set("initiator_job_id", initiator.job_id);
      record.Set("status", status);
      return record;
    };
    Record import = job(RecordKind::kImportJob, {1002, 3, 0}, {1002, 2, 0}, "IMPORT_TABLE");
    import.Set("table_list", std::string(5000, 't'));
    Write({job(RecordKind::kRecoverJob, {1, 1, 0}, {1, 0, 0}, "RECOVERING"),
           job(RecordKind::kRecoverJobHistory, {1002, 2, 0}, {1, 1, 0}, "COMPLETED"), import,
           Task(1002, 3, 1000), Task(1002, 3, 1001)});
  }

  void Write(const std::vector<Record>& records) {
    auto store =
        Store::Open(directory(), {.access = Access::kReadWrite, .create_if_missing = true});
    ASSERT_TRUE(store) << store.error().message;
    Batch batch;
    for (const Record& record : records) batch.Put(record);
    batch.PutTenant({1002, "mysql", true, schema::Mode::kMySql});
    ASSERT_TRUE((*store)->Commit(batch));
  }

  VerifyReport Run() {
    auto store = Store::Open(directory(), {});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    if (!store) return {};
    auto report = (*store)->Verify();
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report.value_or(VerifyReport());
  }

  std::string directory() const { return tmp_.Path("s"); }

 private:
  TemporaryDirectory tmp_;
};

constexpr size_t kTaskFamily = kFirstKind + static_cast<size_t>(RecordKind::kImportTask) - 1;

TEST_F(Verify, SaysNothingOfASoundStore) {
  VerifyReport report = Run();
  EXPECT_EQ(report.records, 5U);
  EXPECT_EQ(report.texts, 1U);
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.notices, IsEmpty());
}

TEST_F(Verify, NamesEachBadRecordAndGoesOn) {
  {
    RawStore raw(directory());
    std::string flipped = raw.Get(kTaskFamily, Bytes({1002, 3, 1000}));
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    raw.Put(kTaskFamily, Bytes({1002, 3, 1000}), flipped);
    std::string newer = raw.Get(kTaskFamily, Bytes({1002, 3, 1001}));
    newer[0] = 9;
    raw.Put(kTaskFamily, Bytes({1002, 3, 1001}), newer);
    raw.Put(kTaskFamily, "short", "x");  // sorts first
  }
  VerifyReport report = Run();
  EXPECT_EQ(report.records, 5U);
  EXPECT_THAT(report.damage,
              ElementsAre("column family import_task: a key of 5 bytes",
                          "import_task (1002, 3, 1000): its checksum is wrong",
                          "import_task (1002, 3, 1001): the record has a version this build does "
                          "not know"));
}

TEST_F(Verify, NamesARecordUnderAWrongKey) {
  {
    RawStore raw(directory());
    raw.Put(kTaskFamily, Bytes({1002, 3, 1005}), raw.Get(kTaskFamily, Bytes({1002, 3, 1000})));
  }
  EXPECT_THAT(Run().damage, ElementsAre("import_task (1002, 3, 1005): its checksum is wrong"));
}

TEST_F(Verify, NamesIndexEntriesThatDisagree) {
  {
    RawStore raw(directory());
    raw.Delete(kTaskIndexFamily, TaskIndexKey(1002, 1000, RecordKind::kImportTask));
    raw.Put(kTaskIndexFamily, TaskIndexKey(1002, 7, RecordKind::kImportTask),
            Bytes({3, 0, 0}).substr(0, 8));
    raw.Put(kTaskIndexFamily, "odd", "");
  }
  EXPECT_THAT(Run().damage,
              ElementsAre("import_task (1002, 3, 1000): the task index does not lead to it",
                          "column family task_index: a malformed entry of 3 bytes",
                          "column family task_index: leads to import_task (1002, 3, 7), which is "
                          "not there"));
}

TEST_F(Verify, NamesTextsThatAreMissingWrongOrLeftOver) {
  auto field = static_cast<uint16_t>(
      schema::FindField(schema::GetRecordType(RecordKind::kImportJob).fields, "table_list"));
  std::string key = TextKey(RecordKind::kImportJob, {1002, 3, 0}, field);
  {
    RawStore raw(directory());
    raw.Put(kTextFamily, key, std::string(5000, 'u'));
    raw.Put(kTextFamily, TextKey(RecordKind::kImportJob, {1002, 4, 0}, field), "left");
    raw.Put(kTextFamily, "odd", "");
  }
  EXPECT_THAT(Run().damage,
              ElementsAre("import_job (1002, 3): its text table_list has a wrong checksum",
                          "column family text: a text of import_job (1002, 4), which is not there",
                          "column family text: a malformed key of 3 bytes"));
  {
    RawStore raw(directory());
    raw.Delete(kTextFamily, key);
    raw.Delete(kTextFamily, TextKey(RecordKind::kImportJob, {1002, 4, 0}, field));
    raw.Delete(kTextFamily, "odd");
  }
  EXPECT_THAT(Run().damage,
              ElementsAre("import_job (1002, 3): its text table_list cannot be read: NotFound: "));
}

TEST_F(Verify, NamesBadTenants) {
  {
    RawStore raw(directory());
    raw.Put(kTenantFamily, Bytes({1002, 0, 0}).substr(0, 8), "\x07name");
    raw.Put(kTenantFamily, "odd", "");
  }
  EXPECT_THAT(Run().damage,
              ElementsAre("column family tenant: the record of a key of 3 bytes is damaged",
                          "column family tenant: the record of tenant 1002 is damaged"));
}

TEST_F(Verify, ReportsContentNoServerWritesAsProblems) {
  Record task = Task(1002, 3, 1000, "DONE");
  task.Set("start_ts", int64_t{1} << 62);
  task.Set("gmt_create", std::numeric_limits<int64_t>::min());
  Write({task});
  VerifyReport report = Run();
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_THAT(report.problems,
              ElementsAre("import_task (1002, 3, 1000): gmt_create = -9223372036854775808 is "
                          "outside the years a time can show; it displays NULL",
                          "import_task (1002, 3, 1000): STATUS 'DONE' is not one a server writes",
                          "import_task (1002, 3, 1000): start_ts = 4611686018427387904 is outside "
                          "the years a time can show; it displays NULL"));
}

TEST_F(Verify, UnknownTimesAreNoticesAndZeroDatesAreFine) {
  Record job = Job(RecordKind::kImportJobHistory, 1002, 3);
  job.Set("status", "IMPORT_FINISH");
  job.Set("start_ts", schema::kZeroDatetimeUsec);
  job.Set("end_ts", schema::kUnknownUsec);
  Write({job});
  VerifyReport report = Run();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.notices, ElementsAre("import_job_history (1002, 3): end_ts is not known; it "
                                          "displays NULL"));
}

TEST_F(Verify, ReportsLinksThatLeadNowhereAsNotices) {
  Record orphan = Job(RecordKind::kImportJob, 1004, 5);
  orphan.Set("status", "INIT");
  orphan.Set("initiator_tenant_id", int64_t{1004});
  orphan.Set("initiator_job_id", int64_t{4});
  Write({orphan, Task(1004, 9, 2000), Task(1004, 9, 2001)});
  VerifyReport report = Run();
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_THAT(report.problems, IsEmpty());
  // One line for a job, however many tasks it has.
  EXPECT_THAT(report.notices,
              ElementsAre("import_job (1004, 5): its initiator job (1004, 4) is not in the store",
                          "import_task (1004, 9, 2000): its import job (1004, 9) is not in the "
                          "store"));
}

// ---- what the life of a job allows

struct StatusCase {
  const char* name;
  RecordKind kind;
  int64_t tenant;
  const char* status;
  std::vector<std::string> problems;
  std::vector<std::string> notices;
};
void PrintTo(const StatusCase& status, std::ostream* out) { *out << status.name; }

class VerifyStatus : public Verify, public ::testing::WithParamInterface<StatusCase> {};

TEST_P(VerifyStatus, IsHeldAgainstTheLifeOfItsJob) {
  Record job = Job(GetParam().kind, GetParam().tenant, 90);
  job.Set("status", GetParam().status);
  Write({job});
  VerifyReport report = Run();
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_EQ(report.problems, GetParam().problems);
  EXPECT_EQ(report.notices, GetParam().notices);
}

INSTANTIATE_TEST_SUITE_P(
    Jobs, VerifyStatus,
    ::testing::Values(
        StatusCase{"SysRecovering", RecordKind::kRecoverJob, 1, "RECOVERING", {}, {}},
        StatusCase{"SysCompleted", RecordKind::kRecoverJob, 1, "COMPLETED", {}, {}},
        StatusCase{"SysHistory", RecordKind::kRecoverJobHistory, 1, "FAILED", {}, {}},
        StatusCase{"SysWithAUserStatus",
                   RecordKind::kRecoverJob,
                   1,
                   "IMPORTING",
                   {"recover_job (1, 90): no sys recover job has STATUS 'IMPORTING'"},
                   {}},
        StatusCase{"SysCanceling",
                   RecordKind::kRecoverJob,
                   1,
                   "CANCELING",
                   {"recover_job (1, 90): no sys recover job has STATUS 'CANCELING'"},
                   {}},
        StatusCase{
            "SysHistoryNotFinished",
            RecordKind::kRecoverJobHistory,
            1,
            "RECOVERING",
            {"recover_job_history (1, 90): no sys recover job ends with STATUS 'RECOVERING'"},
            {}},
        StatusCase{"UserImporting", RecordKind::kRecoverJob, 1002, "IMPORTING", {}, {}},
        StatusCase{"UserCanceling", RecordKind::kRecoverJob, 1002, "CANCELING", {}, {}},
        StatusCase{"UserHistory", RecordKind::kRecoverJobHistory, 1002, "COMPLETED", {}, {}},
        StatusCase{
            "UserRecovering",
            RecordKind::kRecoverJob,
            1002,
            "RECOVERING",
            {},
            {"recover_job (1002, 90): no user recover job goes through STATUS 'RECOVERING'"}},
        StatusCase{
            "UserPrecheck",
            RecordKind::kRecoverJob,
            1002,
            "PRECHECK_IMPORT",
            {},
            {"recover_job (1002, 90): no user recover job goes through STATUS 'PRECHECK_IMPORT'"}},
        StatusCase{
            "UserHistoryNotFinished",
            RecordKind::kRecoverJobHistory,
            1002,
            "CANCELING",
            {"recover_job_history (1002, 90): no user recover job ends with STATUS 'CANCELING'"},
            {}},
        StatusCase{"UserHistoryNeverEntered",
                   RecordKind::kRecoverJobHistory,
                   1002,
                   "RECOVERING",
                   {"recover_job_history (1002, 90): no user recover job ends with STATUS "
                    "'RECOVERING'"},
                   {}},
        StatusCase{"UserUnknownOnce",
                   RecordKind::kRecoverJobHistory,
                   1002,
                   "DANCING",
                   {"recover_job_history (1002, 90): STATUS 'DANCING' is not one a server writes"},
                   {}},
        StatusCase{"ImportHistory", RecordKind::kImportJobHistory, 1002, "IMPORT_FINISH", {}, {}},
        StatusCase{"ImportOfNewerServers", RecordKind::kImportJob, 1002, "IMPORT_FAILED", {}, {}},
        StatusCase{"ImportHistoryOfNewerServers",
                   RecordKind::kImportJobHistory,
                   1002,
                   "IMPORT_FAILED",
                   {},
                   {}},
        StatusCase{"ImportHistoryNotFinished",
                   RecordKind::kImportJobHistory,
                   1002,
                   "IMPORT_TABLE",
                   {"import_job_history (1002, 90): no import job ends with STATUS 'IMPORT_TABLE'"},
                   {}},
        StatusCase{
            "RestoreOfSys", RecordKind::kRestoreJob, 1, "WAIT_TENANT_RESTORE_FINISH", {}, {}},
        StatusCase{"RestoreOfAux", RecordKind::kRestoreJob, 1004, "RESTORE_WAIT_LS", {}, {}},
        StatusCase{"RestoreFolded", RecordKind::kRestoreJob, 1004, "RESTORING", {}, {}},
        StatusCase{"RestoreOfSysWithAStatusOfAux",
                   RecordKind::kRestoreJob,
                   1,
                   "RESTORE_WAIT_LS",
                   {"restore_job (1, 90): no restore job in sys has STATUS 'RESTORE_WAIT_LS'"},
                   {}},
        StatusCase{"RestoreHistory", RecordKind::kRestoreJobHistory, 1, "SUCCESS", {}, {}}),
    [](const auto& info) { return std::string(info.param.name); });

struct CountersCase {
  const char* name;
  RecordKind kind;
  const char* status;
  int64_t total;
  int64_t finished;
  int64_t failed;
  const char* result;
  std::vector<std::string> notices;
};
void PrintTo(const CountersCase& counters, std::ostream* out) { *out << counters.name; }

class VerifyCounters : public Verify, public ::testing::WithParamInterface<CountersCase> {};

TEST_P(VerifyCounters, OfAnImportJobThatEndedAddUp) {
  Record job = Job(GetParam().kind, 1002, 90);
  job.Set("status", GetParam().status);
  job.Set("total_table_count", GetParam().total);
  job.Set("finished_table_count", GetParam().finished);
  job.Set("failed_table_count", GetParam().failed);
  job.Set("result", GetParam().result);
  Write({job});
  VerifyReport report = Run();
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.notices, GetParam().notices);
}

INSTANTIATE_TEST_SUITE_P(
    ImportJobs, VerifyCounters,
    ::testing::Values(
        CountersCase{
            "AddUp", RecordKind::kImportJobHistory, "IMPORT_FINISH", 3, 2, 1, "SUCCEESS", {}},
        CountersCase{
            "AllFailed", RecordKind::kImportJobHistory, "IMPORT_FINISH", 3, 0, 3, "FAILED", {}},
        CountersCase{
            "NoTasksMade", RecordKind::kImportJobHistory, "IMPORT_FINISH", 0, 0, 0, "FAILED", {}},
        CountersCase{
            "Cancelled", RecordKind::kImportJobHistory, "IMPORT_FINISH", 3, 0, 0, "FAILED", {}},
        CountersCase{"CancelledAsDocumented",
                     RecordKind::kImportJobHistory,
                     "IMPORT_FINISH",
                     3,
                     0,
                     0,
                     "FAIL",
                     {}},
        CountersCase{"NotEndedYet", RecordKind::kImportJob, "IMPORT_TABLE", 3, 0, 0, "", {}},
        CountersCase{"LiveLacking",
                     RecordKind::kImportJob,
                     "IMPORT_FINISH",
                     3,
                     2,
                     0,
                     "SUCCEESS",
                     {"import_job (1002, 90): ended with 3 tables, but 2 finished and 0 failed"}},
        CountersCase{
            "Lacking",
            RecordKind::kImportJobHistory,
            "IMPORT_FINISH",
            3,
            0,
            0,
            "SUCCEESS",
            {"import_job_history (1002, 90): ended with 3 tables, but 0 finished and 0 failed"}},
        CountersCase{
            "TooManyOfAFailedJob",
            RecordKind::kImportJobHistory,
            "IMPORT_FINISH",
            3,
            2,
            2,
            "FAILED",
            {"import_job_history (1002, 90): ended with 3 tables, but 2 finished and 2 failed"}},
        CountersCase{"OddNumbers",
                     RecordKind::kImportJobHistory,
                     "IMPORT_FINISH",
                     std::numeric_limits<int64_t>::min(),
                     std::numeric_limits<int64_t>::max(),
                     1,
                     "",
                     {"import_job_history (1002, 90): ended with -9223372036854775808 tables, but "
                      "9223372036854775807 finished and 1 failed"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Verify, OfAWriterSeesOneState) {
  auto store = Store::Open(directory(), {.access = Access::kReadWrite});
  ASSERT_TRUE(store);
  testing::Model model;
  for (uint64_t i = 1; i <= 50; ++i) ASSERT_TRUE((*store)->Commit(RandomBatch(i, &model)));
  auto report = (*store)->Verify();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->damage, IsEmpty());
}

// ---- the same damage, met by readers

TEST_F(Verify, ReadersMeetDamageAsErrorsNamingFamilyAndKey) {
  {
    RawStore raw(directory());
    std::string flipped = raw.Get(kTaskFamily, Bytes({1002, 3, 1000}));
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    raw.Put(kTaskFamily, Bytes({1002, 3, 1000}), flipped);
    raw.Put(kTaskIndexFamily, TaskIndexKey(1002, 7, RecordKind::kImportTask),
            Bytes({3, 0, 0}).substr(0, 8));
    auto field = static_cast<uint16_t>(
        schema::FindField(schema::GetRecordType(RecordKind::kImportJob).fields, "table_list"));
    raw.Delete(kTextFamily, TextKey(RecordKind::kImportJob, {1002, 3, 0}, field));
  }
  auto store = Store::Open(directory(), {});
  ASSERT_TRUE(store);
  auto snapshot = *(*store)->TakeSnapshot();
  auto expect = [](const auto& result, const char* message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kCorruption);
    EXPECT_EQ(result.error().message, message);
  };
  auto cursor = snapshot->Scan(RecordKind::kImportTask, KeySpace{});
  expect(cursor->Next(),
         "record (1002, 3, 1000) of column family import_task: its checksum is wrong; the store is "
         "damaged there");
  EXPECT_TRUE(cursor->Next().value_or(false)) << "the next record is sound";
  expect(snapshot->Get(RecordKind::kImportTask, {1002, 3, 1000}),
         "record (1002, 3, 1000) of column family import_task: its checksum is wrong; the store is "
         "damaged there");
  expect(snapshot->ScanByTask(RecordKind::kImportTask, KeySpace{})->Next(),
         "record (1002, 3, 7) of column family import_task: the task index names it, but it is not "
         "there; the store is damaged there");
  expect(snapshot->Get(RecordKind::kImportJob, {1002, 3, 0}),
         "record (1002, 3) of column family import_job: its text table_list, in column family "
         "text, is missing; the store is damaged there");
}

}  // namespace
}  // namespace obviews::engine
