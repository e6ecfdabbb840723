// Which recovery --job means, and what who asks may see.
#include "tools/cli/recovery_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing.h"

namespace obviews::tools {
namespace {

using engine::Key;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;

Record RecoverJob(int64_t tenant, int64_t job, int64_t initiator, const std::string& status,
                  int64_t end = 0) {
  Record record = engine::testing::Job(
      end > 0 ? RecordKind::kRecoverJobHistory : RecordKind::kRecoverJob, tenant, job);
  record.Set("initiator_tenant_id", int64_t{1});
  record.Set("initiator_job_id", initiator);
  record.Set("status", status);
  record.Set("aux_tenant_name", "AUX_RECOVER$" + std::to_string(tenant == 1 ? job : initiator));
  if (end > 0) record.Set("end_ts", end);
  return record;
}

Record ImportJob(int64_t tenant, int64_t job, int64_t recover_job) {
  Record record = engine::testing::Job(RecordKind::kImportJob, tenant, job);
  record.Set("initiator_tenant_id", tenant);
  record.Set("initiator_job_id", recover_job);
  record.Set("status", "IMPORT_TABLE");
  return record;
}

Record RestoreJob(int64_t job, int64_t of, int64_t aux_tenant) {
  Record record = engine::testing::Job(RecordKind::kRestoreJob, 1, job);
  record.Set("restore_tenant_name", "AUX_RECOVER$" + std::to_string(of));
  record.Set("restore_tenant_id", std::to_string(aux_tenant));
  return record;
}

/// Recoveries of tenants 1002 (running), 1004 and 1006 (ended), and a restore without a job.
class RecoveryChoiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = engine::Store::Open(
        directory_.Path("db"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    engine::Batch batch;
    for (const Record& record :
         {RecoverJob(1, 7, 0, "RECOVERING"), RecoverJob(1002, 2, 7, "IMPORTING"),
          ImportJob(1002, 3, 2), RestoreJob(107, 7, 1010), RestoreJob(99, 999, 1020),
          RecoverJob(1, 5, 0, "COMPLETED", 100), RecoverJob(1004, 2, 5, "COMPLETED", 100),
          RecoverJob(1, 6, 0, "FAILED", 200), RecoverJob(1006, 2, 6, "FAILED", 200)}) {
      batch.Put(record);
    }
    ASSERT_TRUE(store_->Commit(batch));
  }

  /// The names of the recoveries chosen, or the error.
  std::vector<std::string> Choose(int64_t tenant, std::optional<Key> job = std::nullopt) {
    vtab::Session session;
    session.tenant_id = tenant;
    auto snapshot = store_->TakeSnapshot();
    engine::progress::RecoveryReader reader(**snapshot);
    auto refs = ChooseRecoveries(reader, session, job);
    if (!refs) return {refs.error().message};
    std::vector<std::string> names;
    for (const auto& ref : *refs) names.push_back(JobName(ref.job));
    return names;
  }

  engine::testing::TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_;
};

TEST_F(RecoveryChoiceTest, SysSeesThoseThatRunThenTheLatestEnds) {
  EXPECT_THAT(Choose(1), ElementsAre("1/7", "1020/99", "1/6", "1/5"));
}

TEST_F(RecoveryChoiceTest, ATenantSeesItsOwnPart) {
  EXPECT_THAT(Choose(1002), ElementsAre("1002/2"));
  EXPECT_THAT(Choose(1002, Key{1002, 2, 0}), ElementsAre("1002/2"));
  EXPECT_THAT(Choose(1008), ElementsAre());
}

TEST_F(RecoveryChoiceTest, AnyOfItsJobsNamesARecovery) {
  for (const Key& job : {Key{1, 7, 0}, Key{1002, 2, 0}, Key{1002, 3, 0}, Key{1, 107, 0}}) {
    EXPECT_THAT(Choose(1, job), ElementsAre("1/7")) << JobName(job);
  }
  for (const Key& job : {Key{1020, 99, 0}, Key{1, 99, 0}}) {
    EXPECT_THAT(Choose(1, job), ElementsAre("1020/99")) << JobName(job);
  }
}

TEST_F(RecoveryChoiceTest, AnUnknownJobSaysWhichThereAre) {
  EXPECT_THAT(Choose(1, Key{1, 8, 0}), ElementsAre("no recovery has a job 1/8; there are those of "
                                                   "jobs 1/5, 1/6, 1/7, 1020/99"));
}

TEST_F(RecoveryChoiceTest, ATenantIsNotToldOfTheJobsOfOthers) {
  for (const Key& job : {Key{1, 7, 0}, Key{1004, 2, 0}, Key{1004, 9, 0}}) {
    EXPECT_THAT(Choose(1002, job), ElementsAre("no recovery has a job " + JobName(job) +
                                               "; there are those of jobs 1002/2"));
  }
  EXPECT_THAT(Choose(1008, Key{1, 7, 0}), ElementsAre("no recovery has a job 1/7; there is none"));
}

TEST(ParseJobTest, TakesTenantAndJob) {
  EXPECT_EQ(*ParseJob("1002/1"), (Key{1002, 1, 0}));
  for (const char* text : {"", "5", "1002/", "/1", "1002/x", "1002/1/2", " 1002/1"}) {
    auto job = ParseJob(text);
    ASSERT_FALSE(job) << text;
    EXPECT_EQ(job.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(ParseJob("5").error().message,
            "\"5\" is no job: TENANT_ID/JOB_ID is expected, such as 1002/1");
}

}  // namespace
}  // namespace obviews::tools
