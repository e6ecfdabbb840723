// Rows of a snapshot together with a transaction's own changes.
#include "plugins/mariadb/base_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing.h"

namespace obviews::mariadb {
namespace {

using engine::Access;
using engine::Batch;
using engine::Key;
using engine::Store;
using engine::testing::Job;
using engine::testing::Task;
using engine::testing::TemporaryDirectory;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BaseCursorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Store::Open(directory_.Path("db"),
                              {.access = Access::kReadWrite, .create_if_missing = true});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
    Batch batch;
    for (int64_t job : {1, 2, 3}) batch.Put(Job(RecordKind::kRecoverJob, 1002, job));
    for (int64_t task : {11, 12}) batch.Put(Task(1002, 1, task));
    Record restore = Job(RecordKind::kRestoreJob, 1002, 1);
    restore.Set("status", std::string("UPGRADE"));
    restore.Set("comment", std::string("c"));
    batch.Put(std::move(restore));
    ASSERT_TRUE(store_->Commit(batch));
  }

  /// Keys of the rows, by the id that counts; names of pairs.
  std::vector<std::string> Read(const char* name, const OwnRows& own,
                                BaseRange range = BaseRange::All()) {
    const BaseTable& table = *FindBaseTable(name);
    BaseCursor cursor(*store_->TakeSnapshot(), table, std::move(range), {}, own);
    std::vector<std::string> rows;
    while (true) {
      auto more = cursor.Next();
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return rows;
      const auto& [key, pair] = cursor.key();
      rows.push_back(table.shape == BaseShape::kPairs
                         ? pair
                         : std::to_string(table.record->per_task ? key.task_id : key.job_id));
    }
  }

  OwnRows Own(const OwnChanges& changes) {
    OwnRows own;
    own.changes = &changes;
    own.leaves = [this](const Key& key) { return leaving_.contains(key); };
    own.is_gone = [this](const RowKey& key) { return gone_.contains(key); };
    return own;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
  std::set<Key> leaving_;
  std::set<RowKey> gone_;
};

TEST_F(BaseCursorTest, OwnChangesAreMetInKeyOrder) {
  EXPECT_THAT(Read("__all_recover_table_job", {}), ElementsAre("1", "2", "3"));
  OwnChanges changes;
  changes[{1002, 2, 0}] = std::nullopt;
  changes[{1002, 3, 0}] = Job(RecordKind::kRecoverJob, 1002, 3);
  changes[{1001, 9, 0}] = Job(RecordKind::kRecoverJob, 1001, 9);
  changes[{1002, 7, 0}] = Job(RecordKind::kRecoverJob, 1002, 7);
  EXPECT_THAT(Read("__all_recover_table_job", Own(changes)), ElementsAre("9", "1", "3", "7"));
  BaseRange range{{{1002, 2, 0}, {1002, 6, 0}}};
  EXPECT_THAT(Read("__all_recover_table_job", Own(changes), range), ElementsAre("3"));
}

TEST_F(BaseCursorTest, ChangesThatAreMadeMeanwhileAreNotMet) {
  OwnChanges changes;
  const BaseTable& table = *FindBaseTable("__all_recover_table_job");
  BaseCursor cursor(*store_->TakeSnapshot(), table, BaseRange::All(), {}, Own(changes));
  int rows = 0;
  while (*cursor.Next()) {
    changes[{1002, 10 + rows, 0}] = Job(RecordKind::kRecoverJob, 1002, 10 + rows);
    ++rows;
  }
  EXPECT_EQ(rows, 3);
}

TEST_F(BaseCursorTest, ColumnsAreReadOfStoredAndOfOwnRecords) {
  OwnChanges changes;
  Record own = Job(RecordKind::kRecoverJob, 1002, 2);
  own.Set("comment", std::string(9000, 'x'));
  changes[own.key()] = own;
  const BaseTable& table = *FindBaseTable("__all_recover_table_job");
  auto job = static_cast<size_t>(table.FindColumn("job_id"));
  auto created = static_cast<size_t>(table.FindColumn("gmt_create"));
  auto comment = static_cast<size_t>(table.FindColumn("comment"));
  BaseCursor cursor(*store_->TakeSnapshot(), table, BaseRange::All(), {job, created, comment},
                    Own(changes));
  ASSERT_TRUE(*cursor.Next());
  EXPECT_EQ(cursor.Column(job)->as_int(), 1);
  EXPECT_TRUE(cursor.Column(created)->is_null());
  EXPECT_EQ(cursor.Column(comment)->as_text(), "");
  ASSERT_TRUE(*cursor.Next());
  EXPECT_EQ(cursor.Column(job)->as_int(), 2);
  EXPECT_EQ(cursor.Column(comment)->as_text().size(), 9000U);
}

TEST_F(BaseCursorTest, PairsAreCutByTheirNames) {
  EXPECT_THAT(Read("__all_restore_job", {}), ElementsAre("comment", "status"));
  EXPECT_THAT(Read("__all_restore_progress", {}), IsEmpty());
  BaseRange range = BaseRange::All();
  range.low = NameBound{{{1002, 1, 0}, "comment"}, false};
  EXPECT_THAT(Read("__all_restore_job", {}, range), ElementsAre("status"));
  range.high = NameBound{{{1002, 1, 0}, "status"}, false};
  EXPECT_THAT(Read("__all_restore_job", {}, range), IsEmpty());
}

TEST_F(BaseCursorTest, ARecordThatLeavesIsMetUntilItsRowsAreDeleted) {
  OwnChanges changes;
  changes[{1002, 1, 0}] = std::nullopt;
  leaving_.insert({1002, 1, 0});
  EXPECT_THAT(Read("__all_restore_job", Own(changes)), ElementsAre("comment", "status"));
  gone_.insert({{1002, 1, 0}, "comment"});
  EXPECT_THAT(Read("__all_restore_job", Own(changes)), ElementsAre("status"));
}

TEST_F(BaseCursorTest, ATaskIsFoundByItsIdAlone) {
  OwnChanges changes;
  changes[{1002, 1, 11}] = std::nullopt;
  changes[{1002, 8, 15}] = Task(1002, 8, 15);
  auto find = [&](int64_t task, const OwnRows& own) {
    return *FindTask(**store_->TakeSnapshot(), RecordKind::kImportTask, 1002, task, own);
  };
  EXPECT_EQ(find(11, {}), (Key{1002, 1, 11}));
  EXPECT_EQ(find(15, {}), std::nullopt);
  EXPECT_EQ(find(11, Own(changes)), std::nullopt);
  EXPECT_EQ(find(12, Own(changes)), (Key{1002, 1, 12}));
  EXPECT_EQ(find(15, Own(changes)), (Key{1002, 8, 15}));
}

}  // namespace
}  // namespace obviews::mariadb
