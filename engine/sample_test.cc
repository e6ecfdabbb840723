// Samples of recoveries: how a series stays bounded, their bytes, and that the store keeps them
// with the recovery and no longer.
#include "engine/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/raw_testing.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Job;
using testing::TemporaryDirectory;

constexpr int64_t kSecond = 1'000'000;
constexpr SampleOwner kOwner{RecordKind::kRecoverJob, {1, 7, 0}};

ProgressSample At(int64_t time, uint8_t stage = 5, std::optional<int64_t> tables = {}) {
  ProgressSample sample;
  sample.time_usec = time;
  sample.stage = stage;
  sample.tables_finished = tables;
  return sample;
}

std::vector<int64_t> Times(std::span<const ProgressSample> samples) {
  std::vector<int64_t> times;
  for (const ProgressSample& sample : samples) times.push_back(sample.time_usec);
  return times;
}

TEST(SampleSeries, IsInTheOrderOfTimesWhateverOrderSamplesComeIn) {
  SampleSeries series;
  for (int64_t time : {30, 10, 20}) series.Add(At(time * kSecond));
  EXPECT_THAT(Times(series.samples()), ElementsAre(10 * kSecond, 20 * kSecond, 30 * kSecond));
}

TEST(SampleSeries, HasOneSampleOfATime) {
  SampleSeries series;
  series.Add(At(5, 2));
  series.Add(At(5, 3));
  EXPECT_THAT(series.samples(), ElementsAre(At(5, 3)));
}

TEST(SampleSeries, ReplacesTheLastSampleWhenTheNextComesSoonInTheSameStage) {
  SampleSeries series;
  series.Add(At(0));
  series.Add(At(kSecond / 2));
  series.Add(At(kSecond));
  EXPECT_THAT(Times(series.samples()), ElementsAre(0, kSecond));
}

TEST(SampleSeries, KeepsTheFirstSampleOfAStage) {
  SampleSeries series;
  series.Add(At(0, 2));
  series.Add(At(1, 3));
  series.Add(At(2, 4));
  EXPECT_THAT(Times(series.samples()), ElementsAre(0, 1, 2));
}

TEST(SampleSeries, StaysBoundedAndKeepsTheFirstAndTheLast) {
  SampleSeries series;
  for (int64_t i = 0; i < 100'000; ++i) {
    series.Add(At(i * kSecond));
    ASSERT_LE(series.samples().size(), kMaxSamples);
  }
  EXPECT_EQ(series.samples().front().time_usec, 0);
  EXPECT_EQ(series.samples().back().time_usec, 99'999 * kSecond);
  EXPECT_GE(series.samples().size(), kMaxSamples / 3);
  EXPECT_GE(series.pause(), 99'999 * kSecond / static_cast<int64_t>(kMaxSamples));
}

TEST(SampleSeries, TakesTimesThatAreAnyNumbers) {
  SampleSeries series;
  for (int64_t time : {INT64_MAX, INT64_MIN, int64_t{0}, int64_t{-1}, INT64_MAX - 1}) {
    series.Add(At(time));
  }
  EXPECT_EQ(series.samples().front().time_usec, INT64_MIN);
  EXPECT_EQ(series.samples().back().time_usec, INT64_MAX);
}

TEST(SampleSeries, OfAFollowerIsMergedWithThoseOfTheStore) {
  SampleSeries own;
  own.Add(At(2 * kSecond));
  own.Add(At(4 * kSecond));
  SampleSeries stored({At(1 * kSecond), At(3 * kSecond)});
  EXPECT_THAT(Times(MergeSamples(stored.samples(), own.samples())),
              ElementsAre(1 * kSecond, 2 * kSecond, 3 * kSecond, 4 * kSecond));
}

TEST(SampleCoding, BringsBackEveryFigureAndWhatWasNotKnown) {
  ProgressSample sample = At(1'700'000'000'000'000, 5, 0);
  sample.percent_ppm = 123'456;
  sample.bytes_total = INT64_MAX - 1;
  std::string key = SampleKey(kOwner, sample.time_usec);
  ProgressSample read;
  ASSERT_TRUE(DecodeSample(key, EncodeSample(key, sample), &read));
  EXPECT_EQ(read, sample);
  EXPECT_FALSE(read.bytes_finished);
}

TEST(SampleCoding, IsBoundToItsKeyAndSeesEveryFlippedBit) {
  ProgressSample sample = At(10, 5, 3);
  std::string key = SampleKey(kOwner, 10);
  std::string bytes = EncodeSample(key, sample);
  ProgressSample read;
  EXPECT_FALSE(DecodeSample(SampleKey(kOwner, 11), bytes, &read));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(DecodeSample(key, damaged, &read)) << bit;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeSample(key, bytes.substr(0, size), &read)) << size;
  }
}

class SampleStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { SetUpAgain(); }
  void SetUpAgain() {
    auto store =
        Store::Open(directory_.Path("db"),
                    {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  void Commit(const Batch& batch) {
    auto done = store_->Commit(batch);
    ASSERT_TRUE(done) << done.error().message;
  }
  void PutJob(RecordKind kind) {
    Batch batch;
    batch.Put(Job(kind, 1, 7));
    Commit(batch);
  }
  void PutSample(const ProgressSample& sample) {
    Batch batch;
    batch.PutSample(kOwner, sample);
    Commit(batch);
  }
  std::vector<int64_t> Stored(const SampleOwner& owner = kOwner) {
    auto snapshot = store_->TakeSnapshot();
    auto samples = (*snapshot)->Samples(owner);
    EXPECT_TRUE(samples) << samples.error().message;
    return samples ? Times(*samples) : std::vector<int64_t>();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(SampleStoreTest, KeepsThemByOwner) {
  Batch batch;
  batch.PutSample(kOwner, At(1 * kSecond));
  batch.PutSample({RecordKind::kImportJob, {1, 7, 0}}, At(2 * kSecond));
  batch.PutSample(kOwner, At(3 * kSecond));
  Commit(batch);
  EXPECT_THAT(Stored(), ElementsAre(1 * kSecond, 3 * kSecond));
  EXPECT_THAT(Stored({RecordKind::kImportJob, {1, 7, 0}}), ElementsAre(2 * kSecond));
  EXPECT_THAT(Stored({RecordKind::kRecoverJob, {1, 8, 0}}), IsEmpty());
}

TEST_F(SampleStoreTest, ThinsThemOutAsTheSeriesDoes) {
  SampleSeries series;
  for (int64_t i = 0; i < 600; ++i) {
    series.Add(At(i * kSecond, 5, i));
    PutSample(At(i * kSecond, 5, i));
  }
  EXPECT_EQ(Stored(), Times(series.samples()));
}

TEST_F(SampleStoreTest, KeepsThemWhenTheJobMovesToHistoryAndRemovesThemWithIt) {
  PutJob(RecordKind::kRecoverJob);
  PutSample(At(kSecond));
  PutJob(RecordKind::kRecoverJob);
  PutJob(RecordKind::kRecoverJobHistory);
  EXPECT_THAT(Stored(), ElementsAre(kSecond));
  Batch batch;
  batch.Delete(RecordKind::kRecoverJobHistory, kOwner.job);
  Commit(batch);
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(SampleStoreTest, VerifyIsContentWithSoundOnesAndNotesThoseWithoutAJob) {
  PutJob(RecordKind::kRecoverJob);
  PutSample(At(kSecond));
  auto report = store_->Verify();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->damage, IsEmpty());
  EXPECT_THAT(report->notices, IsEmpty());
  Batch batch;
  batch.PutSample({RecordKind::kImportJob, {1002, 3, 0}}, At(1));
  Commit(batch);
  report = store_->Verify();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->notices,
              ElementsAre("column family sample: samples of import_job (1002, 3), which is not "
                          "there"));
}

TEST_F(SampleStoreTest, OneThatIsDamagedIsFoundAndRemovedByARebuild) {
  PutJob(RecordKind::kRecoverJob);
  for (int64_t second : {1, 5, 9}) PutSample(At(second * kSecond));
  store_.reset();
  {
    testing::RawStore raw(directory_.Path("db"));
    std::string key = SampleKey(kOwner, 5 * kSecond);
    std::string bytes = raw.Get(kSampleFamily, key);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    raw.Put(kSampleFamily, key, bytes);
    raw.Put(kSampleFamily, "\x01short", "");
  }
  SetUpAgain();
  EXPECT_THAT(store_->Verify()->damage,
              ElementsAre("column family sample: a malformed key of 6 bytes",
                          "column family sample: a sample of recover_job (1, 7) is damaged"));
  auto snapshot = store_->TakeSnapshot();
  EXPECT_EQ((*snapshot)->Samples(kOwner).error().code, ErrorCode::kCorruption);
  ASSERT_TRUE(store_->Rebuild());
  EXPECT_THAT(store_->Verify()->damage, IsEmpty());
  EXPECT_THAT(Stored(), ElementsAre(1 * kSecond, 9 * kSecond));
}

}  // namespace
}  // namespace obviews::engine
