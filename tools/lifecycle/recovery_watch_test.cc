// How far recoveries are said to be, at every stage of their records.
#include "tools/lifecycle/recovery_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/task_testing.h"

namespace obviews::tools {
namespace {

using engine::testing::Job;
using engine::testing::OpenStore;
using engine::testing::TemporaryDirectory;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;

Record RecoverJob(int64_t tenant, int64_t job, const std::string& status,
                  RecordKind kind = RecordKind::kRecoverJob) {
  Record record = Job(kind, tenant, job);
  record.Set("status", status);
  record.Set("initiator_tenant_id", int64_t{1});
  record.Set("initiator_job_id", int64_t{tenant == 1 ? 0 : 5});
  record.Set("target_tenant_id", int64_t{1002});
  record.Set("target_tenant_name", "shop");
  return record;
}

Record Task(int64_t task, const std::string& status, const std::string& result,
            RecordKind kind = RecordKind::kImportTask) {
  Record record = engine::testing::Task(1002, 3, task, status, kind);
  record.Set("result", result);
  return record;
}

class RecoveryWatchTest : public ::testing::Test {
 protected:
  RecoveryWatchTest() { watch_.Add(5); }

  void Put(const std::vector<Record>& records) { engine::testing::PutAll(*store_, records); }
  void PutImport(RecordKind kind) {
    Record record = Job(kind, 1002, 3);
    record.Set("initiator_tenant_id", int64_t{1002});
    record.Set("initiator_job_id", int64_t{2});
    Put({record});
  }
  std::vector<std::string> Summary() {
    auto lines = watch_.Summary();
    EXPECT_TRUE(lines);
    return lines ? *lines : std::vector<std::string>();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_ = OpenStore(directory_.Path("db"));
  RecoveryWatch watch_{*store_};
};

TEST_F(RecoveryWatchTest, FollowsARecoveryFromItsFirstRecordToHistory) {
  EXPECT_THAT(Summary(), ElementsAre("recovery 5: its record is gone"));
  Put({RecoverJob(1, 5, "PREPARE")});
  EXPECT_THAT(Summary(), ElementsAre("tenant shop (1002): PREPARE"));
  EXPECT_EQ(watch_.Count()->unlisted, 1U);
  Put({RecoverJob(1, 5, "RECOVERING"), RecoverJob(1002, 2, "IMPORTING")});
  PutImport(RecordKind::kImportJob);
  Put({Task(7, "FINISH", "SUCCEESS"), Task(8, "FINISH", "FAILED"), Task(9, "DOING", "")});
  EXPECT_THAT(Summary(),
              ElementsAre("tenant shop (1002): IMPORTING, 1 table imported, 1 failed, 1 to go"));
  EXPECT_EQ(watch_.Count()->ended, 2U);
  EXPECT_EQ(watch_.Count()->all, 3U);
  EXPECT_EQ(watch_.Count()->unlisted, 0U);
  Put({Task(7, "FINISH", "SUCCEESS", RecordKind::kImportTaskHistory),
       Task(8, "FINISH", "FAILED", RecordKind::kImportTaskHistory),
       Task(9, "FINISH", "SUCCEESS", RecordKind::kImportTaskHistory)});
  PutImport(RecordKind::kImportJobHistory);
  Put({RecoverJob(1002, 2, "COMPLETED", RecordKind::kRecoverJobHistory),
       RecoverJob(1, 5, "COMPLETED", RecordKind::kRecoverJobHistory)});
  EXPECT_THAT(Summary(), ElementsAre("tenant shop (1002): COMPLETED, 2 tables imported, 1 failed"));
  EXPECT_EQ(watch_.Count()->ended, 3U);
}

TEST_F(RecoveryWatchTest, AFailureSaysWhyInOneLineWithoutSecrets) {
  struct Case {
    const char* comment;
    const char* shown;
  };
  const Case cases[] = {
      {"result:-4072(), addr:127.0.0.1:2882, trace_id:Y1",
       "result:-4072(), addr:127.0.0.1:2882, trace_id:Y1"},
      {"two\nlines", "\"two\\nlines\""},
      {"oss://b/d?access_key=SECRET", "oss://b/d?access_key=******"},
  };
  for (const Case& c : cases) {
    Record job = RecoverJob(1, 5, "FAILED", RecordKind::kRecoverJobHistory);
    job.Set("comment", c.comment);
    Put({job});
    EXPECT_THAT(Summary(), ElementsAre(std::string("tenant shop (1002): FAILED: ") + c.shown));
  }
}

}  // namespace
}  // namespace obviews::tools
