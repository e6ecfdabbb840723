// A watcher's own memory: rates and percents without a sample in the store.
#include "engine/progress/watch.h"

#include <gtest/gtest.h>

#include "engine/testing.h"

namespace obviews::engine::progress {
namespace {

using schema::Record;
using schema::RecordKind;

constexpr int64_t kStart = 1'700'000'000'000'000;
constexpr int64_t kSecond = 1'000'000;
constexpr RecoveryRef kSys{RecordKind::kRecoverJob, {1, 7, 0}};

class WatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store =
        Store::Open(directory_.Path("db"),
                    {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  /// A recovery at its restore, of 1 GB.
  void Put(int64_t finished, bool driven) {
    Batch batch;
    for (int64_t tenant : {1, 1002}) {
      Record job = testing::Job(RecordKind::kRecoverJob, tenant, tenant == 1 ? 7 : 2);
      job.Set("initiator_tenant_id", int64_t{1});
      job.Set("initiator_job_id", int64_t{tenant == 1 ? 0 : 7});
      job.Set("status", tenant == 1 ? "RECOVERING" : "RESTORE_AUX_TENANT");
      job.Set("aux_tenant_name", "AUX_RECOVER$1");
      batch.Put(job);
    }
    Record restore = testing::Job(RecordKind::kRestoreJob, 1010, 3);
    restore.Set("restore_tenant_name", "AUX_RECOVER$1");
    restore.Set("restore_tenant_id", "1010");
    restore.Set("total_bytes", int64_t{1} << 30);
    restore.Set("finish_bytes", finished);
    batch.Put(restore);
    if (driven) batch.Drive(kSys.job);
    ASSERT_TRUE(store_->Commit(batch));
  }

  RecoveryProgress Look(int64_t second) {
    auto snapshot = store_->TakeSnapshot();
    RecoveryReader reader(**snapshot);
    auto progress = watch_.Look(reader, kSys, kStart + second * kSecond);
    EXPECT_TRUE(progress) << progress.error().message;
    return *progress;
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
  ProgressWatch watch_;
};

TEST_F(WatchTest, TellsARateFromItsOwnLooks) {
  Put(0, /*driven=*/true);
  EXPECT_FALSE(Look(0).rate.known());
  Put(int64_t{100} << 20, true);
  EXPECT_EQ(Look(10).rate.value, "10.00MB/s");
}

TEST_F(WatchTest, NamesARetryThatItSaw) {
  Put(1000, true);
  EXPECT_EQ(Look(0).retry, "");
  Put(10, true);
  EXPECT_EQ(Look(10).retry, "the restore began anew");
}

TEST_F(WatchTest, DoesNotTakeLoadedRecordsForNewOnes) {
  Put(0, /*driven=*/false);
  Look(0);
  Put(int64_t{100} << 20, false);
  EXPECT_FALSE(Look(10).rate.known());
}

}  // namespace
}  // namespace obviews::engine::progress
