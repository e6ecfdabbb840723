// Rebuilding what is derived from tasks: afterwards a store is as if it had never been wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/raw_testing.h"
#include "engine/store.h"
#include "engine/task_groups.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RawStore;
using testing::ReadAll;
using testing::Task;
using testing::TemporaryDirectory;

constexpr FamilyIndex kDerived[] = {kTaskIndexFamily, kTaskStatusFamily, kTaskFactsFamily,
                                    kTaskCountsFamily};

class Rebuild : public ::testing::Test {
 protected:
  /// 30 live tasks of two jobs, 3000 history tasks of two others.
  Rebuild() {
    auto store = OpenToWrite();
    Batch batch;
    for (int64_t i = 0; i < 30; ++i) batch.Put(Task(1002, 3 + i % 2, 9000 + i, "DOING"));
    for (int64_t i = 0; i < 3000; ++i) {
      Record task = Task(1002, 5 + i % 2, 1000 + i, i % 7 == 0 ? "INIT" : "FINISH").AsTwin();
      task.Set("start_ts", 1692191329492389 + i);
      batch.Put(std::move(task));
    }
    EXPECT_TRUE(store->Commit(batch));
  }

  std::unique_ptr<Store> OpenToWrite() {
    auto store = Store::Open(directory(), {.access = Access::kReadWrite,
                                           .create_if_missing = true,
                                           .sync = false,
                                           .for_rebuild = true});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return std::move(*store);
  }
  std::vector<Record> Records() {
    auto store = Store::Open(directory(), {});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return *ReadAll(**(*store)->TakeSnapshot());
  }
  std::vector<std::string> Damage() { return OpenToWrite()->Verify()->damage; }
  std::string directory() const { return tmp_.Path("s"); }

 private:
  TemporaryDirectory tmp_;
};

TEST_F(Rebuild, MakesAnewWhatWasLost) {
  std::vector<Record> before = Records();
  {
    RawStore raw(directory());
    for (FamilyIndex family : kDerived) {
      for (const std::string& key : raw.Keys(family)) {
        if (key != kStampKey) raw.Delete(family, key);
      }
      raw.Put(family, "rubbish", "rubbish");
    }
  }
  EXPECT_FALSE(Damage().empty());
  auto report = OpenToWrite()->Rebuild();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->live_tasks, 30U);
  EXPECT_EQ(report->history_tasks, 3000U);
  EXPECT_THAT(Damage(), IsEmpty());
  EXPECT_EQ(Records(), before);
}

TEST_F(Rebuild, ChangesNothingOfASoundStore) {
  std::vector<Record> before = Records();
  ASSERT_TRUE(OpenToWrite()->Rebuild());
  EXPECT_THAT(Damage(), IsEmpty());
  EXPECT_EQ(Records(), before);
}

TEST_F(Rebuild, ThatWasCutShortKeepsEverybodyOutUntilItIsDone) {
  RawStore(directory()).Put(kDefaultFamily, kRebuildKey, "1");
  for (Access access : {Access::kReadOnly, Access::kFollower, Access::kReadWrite}) {
    auto store = Store::Open(directory(), {.access = access});
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kStoreUnreadable);
    EXPECT_THAT(store.error().message, HasSubstr("`obviewsctl rebuild --db"));
  }
  ASSERT_TRUE(OpenToWrite()->Rebuild());
  EXPECT_EQ(Records().size(), 3030U);
}

TEST_F(Rebuild, RefusesAStoreWhoseTasksCannotBeRead) {
  {
    RawStore raw(directory());
    size_t family = FamilyOf(RecordKind::kImportTaskHistory);
    std::string key = raw.Keys(family).back();
    std::string block = raw.Get(family, key);
    block[40] = static_cast<char>(block[40] ^ 1);
    raw.Put(family, key, block);
  }
  auto report = OpenToWrite()->Rebuild();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCorruption);
  EXPECT_TRUE(Store::Open(directory(), {})) << "the mark was not set";
}

}  // namespace
}  // namespace obviews::engine
