// Summaries of tasks: what groups there are over live and history, their order and times, and that
// they follow every change of the tasks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/task_groups.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using testing::Model;
using testing::RandomBatch;
using testing::TemporaryDirectory;
using Strings = std::vector<std::string>;

constexpr auto kHistory = RecordKind::kImportTaskHistory;

class SummaryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store =
        Store::Open(directory_.Path("db"),
                    {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  void Commit(const Batch& batch) {
    auto done = store_->Commit(batch);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
  }
  void Put(const std::vector<Record>& records) {
    Batch batch;
    for (const Record& record : records) batch.Put(record);
    Commit(batch);
  }

  /// "tenant/job/status/result/count/min start/max completion" of every record.
  Strings Summary(const KeySpace& space = {}, const ScanOptions& options = {},
                  RecordKind kind = RecordKind::kTaskSummary) {
    auto snapshot = store_->TakeSnapshot();
    EXPECT_TRUE(snapshot);
    auto cursor = (*snapshot)->Scan(kind, space, options);
    Strings rows;
    for (;;) {
      auto more = cursor->Next();
      if (!more) rows.push_back(more.error().message);
      if (!more || !*more) break;
      auto record = (*snapshot)->Materialise(cursor->record());
      EXPECT_TRUE(record);
      EXPECT_EQ(cursor->record().key(), record->key());
      rows.push_back(Show(*record));
    }
    EXPECT_EQ(cursor->records_read(), rows.size());
    return rows;
  }

  static std::string Show(const Record& record) {
    std::string row;
    for (size_t i = 0; i < record.size(); ++i) {
      if (i > 0) row += "/";
      if (const auto* text = std::get_if<std::string>(&record[i])) row += "'" + *text + "'";
      if (const auto* number = std::get_if<int64_t>(&record[i])) row += fmt::format("{}", *number);
      if (std::holds_alternative<std::monostate>(record[i])) row += "NULL";
    }
    return row;
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

struct Facts {
  const char* status = "DOING";
  schema::FieldValue result = std::string();
  int64_t start = 0;
  int64_t completion = -1;
};

Record Task(int64_t job, int64_t task, const Facts& facts,
            RecordKind kind = RecordKind::kImportTask) {
  Record record = testing::Task(1002, job, task, facts.status, kind);
  record.Set("result", facts.result);
  record.Set("start_ts", facts.start);
  record.Set("completion_ts", facts.completion);
  return record;
}

TEST_F(SummaryTest, AddsUpLiveAndHistory) {
  Put({Task(3, 1, {.start = 50}), Task(3, 2, {.start = 40}),
       Task(3, 3, {.status = "FINISH", .result = "SUCCESS", .start = 30, .completion = 90}),
       Task(3, 4, {.status = "FINISH", .result = "SUCCESS", .start = 20, .completion = 80},
            kHistory),
       Task(3, 5, {.status = "FINISH", .result = "FAILED", .start = 10, .completion = 95},
            kHistory)});
  EXPECT_EQ(Summary(), (Strings{"1002/3/'DOING'/''/2/40/NULL", "1002/3/'FINISH'/'FAILED'/1/10/95",
                                "1002/3/'FINISH'/'SUCCESS'/2/20/90"}));
}

TEST_F(SummaryTest, IsEmptyWithoutTasks) {
  EXPECT_EQ(Summary(), Strings{});
  Put({testing::Job(RecordKind::kImportJob, 1002, 3)});
  EXPECT_EQ(Summary(), Strings{});
}

TEST_F(SummaryTest, IsInTheOrderOfTenantJobStatusAndResultByBytes) {
  Put({Task(10, 1, {}), Task(9, 2, {.status = "b"}), Task(9, 3, {.status = "B"}),
       Task(9, 4, {.status = "b", .result = std::monostate{}}),
       Task(9, 5, {.status = "b", .result = "\xFF"}), Task(9, 6, {.status = "b", .result = "a"}),
       Task(-1, 7, {}, kHistory), testing::Task(1, 12, 8), testing::Task(1004, 1, 9)});
  EXPECT_EQ(Summary(),
            (Strings{"1/12/'DOING'/''/1/0/NULL", "1002/-1/'DOING'/''/1/0/NULL",
                     "1002/9/'B'/''/1/0/NULL", "1002/9/'b'/NULL/1/0/NULL", "1002/9/'b'/''/1/0/NULL",
                     "1002/9/'b'/'a'/1/0/NULL", "1002/9/'b'/'\xFF'/1/0/NULL",
                     "1002/10/'DOING'/''/1/0/NULL", "1004/1/'DOING'/''/1/0/NULL"}));
}

TEST_F(SummaryTest, LeavesOutTimesThatAreUnsetOrNone) {
  Put({Task(3, 1, {.status = "a", .start = INT64_MIN, .completion = INT64_MAX}),
       Task(3, 2, {.status = "b", .start = INT64_MIN, .completion = INT64_MAX}, kHistory),
       Task(3, 3, {.status = "c", .start = INT64_MAX, .completion = -1}),
       Task(3, 4, {.status = "c", .start = 7, .completion = -2}),
       Task(3, 5, {.status = "d", .start = -1, .completion = -1}, kHistory)});
  EXPECT_EQ(Summary(), (Strings{"1002/3/'a'/''/1/NULL/NULL", "1002/3/'b'/''/1/NULL/NULL",
                                "1002/3/'c'/''/2/7/-2", "1002/3/'d'/''/1/-1/NULL"}));
}

TEST_F(SummaryTest, FollowsUpdatesDeletionsAndMoves) {
  Put({Task(3, 1, {.start = 10}), Task(3, 2, {.start = 20}),
       Task(3, 3, {.status = "FINISH", .start = 5, .completion = 60})});
  EXPECT_EQ(Summary(), (Strings{"1002/3/'DOING'/''/2/10/NULL", "1002/3/'FINISH'/''/1/5/60"}));
  // The earliest leaves its group for the other.
  Put({Task(3, 1, {.status = "FINISH", .start = 10, .completion = 70})});
  EXPECT_EQ(Summary(), (Strings{"1002/3/'DOING'/''/1/20/NULL", "1002/3/'FINISH'/''/2/5/70"}));
  // A move to the history changes no sum.
  Put({Task(3, 1, {.status = "FINISH", .start = 10, .completion = 70}, kHistory)});
  EXPECT_EQ(Summary(), (Strings{"1002/3/'DOING'/''/1/20/NULL", "1002/3/'FINISH'/''/2/5/70"}));
  Batch batch;
  batch.Delete(kHistory, {1002, 3, 1});
  batch.Delete(RecordKind::kImportTask, {1002, 3, 2});
  Commit(batch);
  EXPECT_EQ(Summary(), Strings{"1002/3/'FINISH'/''/1/5/60"});
  // To another job, as a task of the tenant with the same id.
  Put({Task(4, 3, {.status = "FINISH", .start = 5, .completion = 60})});
  EXPECT_EQ(Summary(), Strings{"1002/4/'FINISH'/''/1/5/60"});
}

TEST_F(SummaryTest, HasOneGroupOfEmptyAndNullResultsForOracleMode) {
  Put({Task(3, 1, {.result = "", .start = 9}), Task(3, 2, {.result = std::monostate{}, .start = 8}),
       Task(3, 3, {.result = std::monostate{}, .start = 7}, kHistory),
       Task(3, 4, {.result = "SUCCESS", .start = 6})});
  EXPECT_EQ(Summary(), (Strings{"1002/3/'DOING'/NULL/2/7/NULL", "1002/3/'DOING'/''/1/9/NULL",
                                "1002/3/'DOING'/'SUCCESS'/1/6/NULL"}));
  EXPECT_EQ(Summary({}, {}, RecordKind::kTaskSummaryOracle),
            (Strings{"1002/3/'DOING'/NULL/3/7/NULL", "1002/3/'DOING'/'SUCCESS'/1/6/NULL"}));
}

TEST_F(SummaryTest, VisitsOnlyTheJobsAskedFor) {
  std::vector<Record> tasks;
  for (int64_t job = 1; job <= 5; ++job) tasks.push_back(Task(job, job, {}));
  tasks.push_back(testing::Task(1004, 2, 1));
  Put(tasks);
  using schema::RangeSet;
  EXPECT_EQ(Summary({RangeSet::Point(1002), RangeSet::Of(2, 3), RangeSet::All()}),
            (Strings{"1002/2/'DOING'/''/1/0/NULL", "1002/3/'DOING'/''/1/0/NULL"}));
  EXPECT_EQ(Summary({RangeSet::All(), RangeSet::Point(2), RangeSet::All()}),
            (Strings{"1002/2/'DOING'/''/1/0/NULL", "1004/2/'DOING'/''/1/0/NULL"}));
  EXPECT_EQ(Summary({RangeSet(), RangeSet::All(), RangeSet::All()}), Strings{});
  ScanOptions stretch;
  stretch.first = {1002, 5, 0};
  stretch.last = {1004, 1, 0};
  EXPECT_EQ(Summary({}, stretch), Strings{"1002/5/'DOING'/''/1/0/NULL"});
}

TEST_F(SummaryTest, WithoutTimesCountsAllTheSame) {
  Put({Task(3, 1, {.start = 10})});
  ScanOptions counts;
  counts.fields = {};
  counts.fields.Add(schema::FieldIndex<schema::fields::kTaskSummary>("task_count"));
  ASSERT_EQ(Summary({}, counts).size(), 1U);
  EXPECT_TRUE(Summary({}, counts)[0].starts_with("1002/3/'DOING'/''/1/"));
}

TEST_F(SummaryTest, IsWhatTheTasksSayAfterAnyChanges) {
  Model model;
  for (uint64_t number = 0; number < 400; ++number) {
    Commit(RandomBatch(number, &model));
    if (number % 8 != 0) continue;
    std::map<std::tuple<int64_t, int64_t, std::string, std::optional<std::string>>, TaskGroup> sums;
    for (RecordKind kind : {RecordKind::kImportTask, kHistory}) {
      for (const auto& [key, task] : model.Of(kind)) {
        std::optional<std::string> result;
        if (const auto* text = std::get_if<std::string>(&task.Get("result"))) result = *text;
        TaskGroup& sum =
            sums[{key.tenant_id, key.job_id, std::string(task.Text("status")), result}];
        AddTo(sum, FactsOf(task));
      }
    }
    Strings expected;
    for (const auto& [group, sum] : sums) {
      Record record(RecordKind::kTaskSummary);
      record.Set("tenant_id", std::get<0>(group));
      record.Set("job_id", std::get<1>(group));
      record.Set("status", std::get<2>(group));
      if (std::get<3>(group)) record.Set("result", *std::get<3>(group));
      if (!std::get<3>(group)) record.Set("result", std::monostate{});
      record.Set("task_count", static_cast<int64_t>(sum.count));
      if (sum.min_start) record.Set("min_start_ts", *sum.min_start);
      if (sum.max_completion) record.Set("max_completion_ts", *sum.max_completion);
      expected.push_back(Show(record));
    }
    ASSERT_EQ(Summary(), expected) << "after batch " << number;
  }
}

}  // namespace
}  // namespace obviews::engine
