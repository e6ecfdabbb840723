// What a look takes from a store: how many recoveries, in which order, and without secrets.
#include "tools/progress/recovery_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/progress/testing.h"

namespace obviews::tools {
namespace {

using schema::Record;
using schema::RecordKind;
using testing::kNow;
using testing::kSecond;
using testing::kStart;
using testing::LoadedStore;

/// A recover job of sys that ended so many seconds after the start; 0: it runs.
Record SysJob(int64_t job, int64_t seconds, const std::string& comment = "") {
  const bool ended = seconds > 0;
  Record record = engine::testing::Job(
      ended ? RecordKind::kRecoverJobHistory : RecordKind::kRecoverJob, 1, job);
  record.Set("initiator_tenant_id", int64_t{1});
  record.Set("start_ts", kStart);
  record.Set("status", ended ? "FAILED" : "RECOVERING");
  if (ended) record.Set("end_ts", kStart + seconds * kSecond);
  record.Set("comment", comment);
  return record;
}

class RecoveryLookTest : public ::testing::Test {
 protected:
  void Put(const std::vector<Record>& records) {
    engine::Batch batch;
    for (const Record& record : records) batch.Put(record);
    ASSERT_TRUE(store_.store().Commit(batch));
  }
  std::vector<int64_t> Jobs(const LookOptions& options) {
    std::vector<int64_t> jobs;
    for (const auto& recovery : store_.Look(kNow, options).recoveries) {
      jobs.push_back(recovery.ref.job.job_id);
    }
    return jobs;
  }

  LoadedStore store_;
};

TEST_F(RecoveryLookTest, ThoseThatRunComeFirstThenTheLatestEnds) {
  Put({SysJob(1, 10), SysJob(2, 30), SysJob(3, 20), SysJob(4, 0), SysJob(5, 0)});
  LookOptions options;
  EXPECT_THAT(Jobs(options), ::testing::ElementsAre(4, 5, 2, 3, 1));
  options.ended = 1;
  EXPECT_THAT(Jobs(options), ::testing::ElementsAre(4, 5, 2));
  EXPECT_EQ(store_.Look(kNow, options).left_out, 2U);
  options.ended = 0;
  options.job = engine::Key{1, 3, 0};
  EXPECT_THAT(Jobs(options), ::testing::ElementsAre(3));
}

TEST_F(RecoveryLookTest, HidesSecretsOfUris) {
  Put({SysJob(1, 10, "cannot read s3://b?access_key=secret")});
  EXPECT_EQ(store_.Look(kNow).recoveries[0].progress.failures[0].reason,
            "cannot read s3://b?access_key=******");
}

TEST_F(RecoveryLookTest, AStoreWithoutRecoveriesHasNone) {
  EXPECT_TRUE(store_.Look(kNow).recoveries.empty());
}

}  // namespace
}  // namespace obviews::tools
