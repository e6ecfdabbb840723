// The samples that loads leave: of which recoveries, of what time, and what two of them tell.
#include "tools/loader/load_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/progress/reader.h"
#include "engine/testing.h"

namespace obviews::tools {
namespace {

using engine::SampleOwner;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kHour = 3'600'000'000;
constexpr int64_t kStart = 1'700'000'000'000'000;

Record UserJob(const std::string& status) {
  Record record = engine::testing::Job(RecordKind::kRecoverJob, 1002, 2);
  record.Set("initiator_tenant_id", int64_t{1});
  record.Set("initiator_job_id", int64_t{7});
  record.Set("start_ts", kStart);
  record.Set("status", status);
  record.Set("aux_tenant_name", "AUX_RECOVER$1");
  return record;
}

Record RestoreJob(int64_t finished) {
  Record record = engine::testing::Job(RecordKind::kRestoreJob, 1010, 8);
  record.Set("restore_tenant_name", "AUX_RECOVER$1");
  record.Set("restore_tenant_id", "1010");
  record.Set("status", "RESTORING");
  record.Set("total_bytes", int64_t{1} << 40);
  record.Set("finish_bytes", finished);
  return record;
}

class LoadSamplesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = engine::Store::Open(
        directory_.Path("db"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  void Load(const std::vector<Record>& records, int64_t at, bool driven = false) {
    LoadSamples samples;
    engine::Batch batch;
    for (const Record& record : records) {
      samples.Note(record);
      batch.Put(record);
      if (driven) batch.Drive(record.key());
    }
    ASSERT_TRUE(store_->Commit(batch));
    ASSERT_TRUE(samples.Leave(*store_, at));
  }

  std::vector<int64_t> Times(const SampleOwner& owner) {
    std::vector<int64_t> times;
    auto snapshot = store_->TakeSnapshot();
    auto samples = (*snapshot)->Samples(owner);
    for (const auto& sample : *samples) times.push_back(sample.time_usec);
    return times;
  }

  engine::testing::TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_;
};

constexpr SampleOwner kUser{RecordKind::kRecoverJob, {1002, 2, 0}};

TEST_F(LoadSamplesTest, ALoadLeavesOneOfEachRecoveryItTouched) {
  Load({UserJob("RESTORE_AUX_TENANT"), engine::testing::Task(1004, 5, 1),
        engine::testing::Task(1004, 5, 2)},
       kStart);
  Load({engine::testing::Task(1004, 5, 3)}, kStart + kHour);
  EXPECT_THAT(Times(kUser), ElementsAre(kStart));
  EXPECT_THAT(Times({RecordKind::kImportJob, {1004, 5, 0}}), ElementsAre(kStart, kStart + kHour));
}

TEST_F(LoadSamplesTest, TwoListingsOfARestoreTellItsRate) {
  Load({UserJob("RESTORE_AUX_TENANT"), RestoreJob(0)}, kStart);
  Load({RestoreJob(int64_t{36} << 30)}, kStart + kHour);
  EXPECT_THAT(Times(kUser), ElementsAre(kStart, kStart + kHour));
  auto snapshot = store_->TakeSnapshot();
  auto facts = engine::progress::RecoveryReader(**snapshot).Read(kUser);
  ASSERT_TRUE(facts);
  auto progress = Evaluate(*facts, {}, kStart + 100 * kHour);
  EXPECT_EQ(progress.rate.value, "10.24MB/s");
  EXPECT_EQ(progress.as_of, kStart + kHour);
}

TEST_F(LoadSamplesTest, RecoveriesThatAreDrivenHereAreLeftToTheirScheduler) {
  Record sys = engine::testing::Job(RecordKind::kRecoverJob, 1, 7);
  sys.Set("status", "PREPARE");
  Load({sys}, kStart, /*driven=*/true);
  EXPECT_THAT(Times({RecordKind::kRecoverJob, {1, 7, 0}}), IsEmpty());
}

}  // namespace
}  // namespace obviews::tools
