// The running tasks that started last, and those that started first, by the status index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing.h"

namespace obviews::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InStatus final : public GroupFilter {
 public:
  explicit InStatus(std::string status) : status_(std::move(status)) {}
  bool Accepts(std::string_view status, std::optional<std::string_view> /*result*/) const override {
    return status == status_;
  }

 private:
  std::string status_;
};

class TasksByStartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store =
        Store::Open(directory_.Path("db"),
                    {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    Batch batch;
    // Two groups of DOING, by their RESULT.
    for (auto [task, start, result] :
         {std::tuple(1, 50, ""), std::tuple(2, 20, "x"), std::tuple(3, 40, ""),
          std::tuple(4, 30, "x"), std::tuple(5, 0, ""), std::tuple(6, -1, "")}) {
      schema::Record record = testing::Task(1002, 3, task);
      record.Set("start_ts", int64_t{start});
      record.Set("result", result);
      batch.Put(record);
    }
    schema::Record waiting = testing::Task(1002, 3, 7, "INIT");
    waiting.Set("start_ts", int64_t{10});
    batch.Put(waiting);
    schema::Record of_other_job = testing::Task(1002, 4, 8);
    of_other_job.Set("start_ts", int64_t{5});
    batch.Put(of_other_job);
    ASSERT_TRUE(store_->Commit(batch));
  }

  static std::vector<int64_t> Ids(const Result<std::vector<Key>>& keys) {
    std::vector<int64_t> ids;
    EXPECT_TRUE(keys);
    for (const Key& key : keys.value_or(std::vector<Key>())) ids.push_back(key.task_id);
    return ids;
  }
  std::vector<int64_t> Earliest(const std::string& status, size_t limit, int64_t job = 3) {
    return Ids((*store_->TakeSnapshot())->EarliestTasks({1002, job, 0}, InStatus(status), limit));
  }
  std::vector<int64_t> Latest(const std::string& status, size_t limit) {
    return Ids((*store_->TakeSnapshot())->LatestTasks({1002, 3, 0}, InStatus(status), limit));
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(TasksByStartTest, TheEarliestAreInTheOrderOfTheirStart) {
  EXPECT_THAT(Earliest("DOING", 10), ElementsAre(2, 4, 3, 1));
  EXPECT_THAT(Earliest("DOING", 2), ElementsAre(2, 4));
  EXPECT_THAT(Earliest("INIT", 10), ElementsAre(7));
  EXPECT_THAT(Earliest("DOING", 10, 4), ElementsAre(8));
}

TEST_F(TasksByStartTest, TheLatestAreTheOtherWayRoundWithThoseWithoutAStartLast) {
  EXPECT_THAT(Latest("DOING", 10), ElementsAre(1, 3, 4, 2, 5, 6));
  EXPECT_THAT(Latest("DOING", 3), ElementsAre(1, 3, 4));
}

TEST_F(TasksByStartTest, AJobWithoutTasksHasNone) {
  EXPECT_THAT(Earliest("DOING", 10, 99), IsEmpty());
  EXPECT_THAT(Earliest("FINISH", 10), IsEmpty());
  EXPECT_THAT(Earliest("DOING", 0), IsEmpty());
}

}  // namespace
}  // namespace obviews::engine
