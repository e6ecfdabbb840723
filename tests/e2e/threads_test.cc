// dump-views --threads: the same bytes, warnings and exit codes as with one thread.
#include <algorithm>

#include "stores.h"

namespace obviews::e2e {
namespace {

class Threads : public StoreTest {
 protected:
  /// History tasks of several jobs, enough for several stretches, and as many live ones.
  void FillHistory() const {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = true;
    auto store = engine::Store::Open(db(), options);
    ASSERT_TRUE(store) << store.error().message;
    for (auto kind : {schema::RecordKind::kImportTask, schema::RecordKind::kImportTaskHistory}) {
      engine::Batch batch;
      for (int64_t task = 0; task < 50'000; ++task) {
        bool live = kind == schema::RecordKind::kImportTask;
        auto record = engine::testing::Task(1002, task / 7000, task + (live ? 1000000 : 0),
                                            live ? "DOING" : "FINISH", kind);
        record.Set("src_table", "table\t" + std::to_string(task));
        record.Set("start_ts", task % 20'000 == 3 ? INT64_MIN : 1692191329492389 + task);
        batch.Put(std::move(record));
      }
      auto done = (*store)->Commit(batch);
      ASSERT_TRUE(done) << done.error().message;
    }
    ASSERT_TRUE((*store)->Close());
  }
};

TEST_F(Threads, PrintTheSameBytes) {
  FillHistory();
  for (const char* view : {"CDB_OB_IMPORT_TABLE_TASK_HISTORY", "CDB_OB_IMPORT_TABLE_TASKS"}) {
    Ran one = Dump({view, "-B", "--threads", "1"});
    EXPECT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(std::count(one.out.begin(), one.out.end(), '\n'), 50'001);
    EXPECT_NE(one.err, "") << "of times that have no text";
    for (const char* threads : {"2", "5", "64"}) {
      Ran many = Dump({view, "-B", "--threads", threads});
      EXPECT_EQ(many.code, 0) << many.err;
      EXPECT_TRUE(many.out == one.out) << view << " with " << threads;
      EXPECT_EQ(many.err, one.err) << view << " with " << threads;
    }
  }
}

TEST_F(Threads, OfSomeColumnsAndRowsPrintTheSameBytes) {
  FillHistory();
  for (std::vector<std::string> arguments :
       {std::vector<std::string>{"--columns", "TASK_ID,SRC_TABLE", "-N"},
        {"--limit", "20000"},
        {"--where", "TASK_ID % 1000 = 7"}}) {
    arguments.insert(arguments.begin(), {"CDB_OB_IMPORT_TABLE_TASK_HISTORY", "-B"});
    Ran one = Dump(arguments);
    EXPECT_EQ(one.code, 0) << one.err;
    arguments.insert(arguments.end(), {"--threads", "3"});
    Ran many = Dump(arguments);
    EXPECT_EQ(many.code, 0) << many.err;
    EXPECT_TRUE(many.out == one.out) << arguments[2];
  }
}

TEST_F(Threads, StopQuietlyWhenTheReaderHasSeenEnough) {
  FillHistory();
  Given given;
  given.stop_reading_at = 1000;
  Ran ran = Dump({"CDB_OB_IMPORT_TABLE_TASK_HISTORY", "-B", "--threads", "4"}, given);
  EXPECT_EQ(ran.code, 0) << ran.err;
}

TEST_F(Threads, AreFrom1To64) {
  Fill({});
  for (const char* threads : {"0", "65", "-1", "two", ""}) {
    Ran ran = Dump({"CDB_OB_IMPORT_TABLE_TASKS", "-B", "--threads", threads});
    EXPECT_EQ(ran.code, 2) << threads << ": " << ran.err;
    EXPECT_EQ(ran.out, "") << threads;
    EXPECT_NE(ran.err.find("--threads"), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace obviews::e2e
