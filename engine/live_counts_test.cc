// The counts of live tasks by group: exact after every commit, whatever its tasks did.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/task_testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace testing;  // NOLINT(google-build-using-namespace): the helpers of this folder

Record Live(int64_t task, const char* status, int64_t start, int64_t completion, int64_t job = 3) {
  Record record = Task(1002, job, task, status);
  record.Set("start_ts", start);
  record.Set("completion_ts", completion);
  return record;
}

/// Puts and deletes of one commit, and what the groups are after it.
struct Step {
  const char* what;
  std::vector<Record> puts;
  std::vector<int64_t> deletes;  ///< of job 3
  GroupLines groups;
};

void RunSteps(const std::vector<Step>& steps) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  for (const Step& step : steps) {
    Batch batch;
    for (int64_t task : step.deletes) {
      batch.Delete(kLive, {1002, 3, task});
      model.Delete(kLive, {1002, 3, task});
    }
    for (const Record& task : step.puts) {
      batch.Put(task);
      model.Put(task);
    }
    Commit(*store, batch);
    EXPECT_EQ(CountedGroups(*Take(*store)), step.groups) << step.what;
    ExpectEquals(*store, model, step.what);
  }
}

TEST(LiveCounts, FollowTasksFromGroupToGroup) {
  RunSteps({{"two tasks",
             {Live(1, "DOING", 10, -1), Live(2, "DOING", 20, -1)},
             {},
             {"live (1002, 3) DOING/'': 2, first 10, last -"}},
            {"one is done",
             {Live(1, "FINISH", 10, 100)},
             {},
             {"live (1002, 3) DOING/'': 1, first 20, last -",
              "live (1002, 3) FINISH/'': 1, first 10, last 100"}},
            {"the group empties",
             {Live(2, "FINISH", 20, 90)},
             {},
             {"live (1002, 3) FINISH/'': 2, first 10, last 100"}},
            {"it is used again, with a free number",
             {Live(3, "INIT", 5, -1), Live(4, "DOING", 6, -1)},
             {},
             {"live (1002, 3) DOING/'': 1, first 6, last -",
              "live (1002, 3) FINISH/'': 2, first 10, last 100",
              "live (1002, 3) INIT/'': 1, first 5, last -"}},
            {"all go", {}, {1, 2, 3, 4}, {}}});
}

TEST(LiveCounts, LookForTheLatestCompletionWhenItLeaves) {
  const std::vector<Record> three = {Live(1, "FINISH", 10, 100), Live(2, "FINISH", 20, 300),
                                     Live(3, "FINISH", 30, 200)};
  auto all = [](const char* times) {
    return GroupLines{std::string("live (1002, 3) FINISH/'': ") + times};
  };
  struct Case {
    const char* what;
    std::vector<Record> puts;
    std::vector<int64_t> deletes;
    GroupLines groups;
  };
  for (const Case& c :
       {Case{"deleted", {}, {2}, all("2, first 10, last 200")},
        Case{"the two latest deleted", {}, {2, 3}, all("1, first 10, last 100")},
        Case{"another deleted", {}, {1}, all("2, first 20, last 300")},
        Case{"put again as it was", {three[1]}, {}, all("3, first 10, last 300")},
        Case{"earlier now", {Live(2, "FINISH", 20, 150)}, {}, all("3, first 10, last 200")},
        Case{"later now", {Live(2, "FINISH", 20, 400)}, {}, all("3, first 10, last 400")},
        Case{"not done any more", {Live(2, "FINISH", 20, -1)}, {}, all("3, first 10, last 200")},
        Case{"deleted and put, earlier",
             {Live(2, "FINISH", 20, 50)},
             {2},
             all("3, first 10, last 200")},
        Case{"replaced by one as late",
             {Live(4, "FINISH", 40, 300)},
             {2},
             all("3, first 10, last 300")},
        Case{"replaced by an earlier one",
             {Live(4, "FINISH", 5, 250)},
             {2},
             all("3, first 5, last 250")},
        Case{"none is done any more",
             {Live(1, "FINISH", 10, -1), Live(2, "FINISH", 20, -1), Live(3, "FINISH", 30, -1)},
             {},
             all("3, first 10, last -")},
        Case{"to another group",
             {Live(2, "DOING", 20, 300)},
             {},
             {"live (1002, 3) DOING/'': 1, first 20, last 300",
              "live (1002, 3) FINISH/'': 2, first 10, last 200"}},
        Case{"to another job",
             {Live(2, "FINISH", 20, 300, 4)},
             {},
             {"live (1002, 3) FINISH/'': 2, first 10, last 200",
              "live (1002, 4) FINISH/'': 1, first 20, last 300"}},
        Case{"to history",
             {Past(1002, 9, 2)},
             {},
             {"history (1002, 9) FINISH/'SUCCEESS': 1, first 0, last -",
              "live (1002, 3) FINISH/'': 2, first 10, last 200"}},
        Case{"there and back in one commit",
             {Live(2, "DOING", 20, 900), Live(2, "FINISH", 20, 299)},
             {},
             all("3, first 10, last 299")}}) {
    RunSteps({{"before", three, {}, all("3, first 10, last 300")},
              {c.what, c.puts, c.deletes, c.groups}});
  }
}

TEST(LiveCounts, FindTheFirstStartThatIsATime) {
  RunSteps({{"not shown",
             {Live(1, "DOING", kFirstId, -1), Live(2, "DOING", kLastId, -1)},
             {},
             {"live (1002, 3) DOING/'': 2, first -, last -"}},
            {"one that is",
             {Live(3, "DOING", 77, -1)},
             {},
             {"live (1002, 3) DOING/'': 3, first 77, last -"}},
            {"an earlier one",
             {Live(4, "DOING", -5, -1)},
             {},
             {"live (1002, 3) DOING/'': 4, first -5, last -"}},
            {"which goes", {}, {4}, {"live (1002, 3) DOING/'': 3, first 77, last -"}},
            {"a group before it has none",
             {Live(9, "A", kLastId, -1)},
             {},
             {"live (1002, 3) A/'': 1, first -, last -",
              "live (1002, 3) DOING/'': 3, first 77, last -"}}});
}

TEST(LiveCounts, RandomUpdatesKeepThemExact) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  std::mt19937_64 random(9);
  for (int round = 0; round < 300 && !HasFailure(); ++round) {
    Batch batch;
    for (uint64_t i = random() % 4; i > 0; --i) {
      Key key{1002, static_cast<int64_t>(random() % 3), static_cast<int64_t>(random() % 40)};
      batch.Delete(kLive, key);
      model.Delete(kLive, key);
    }
    for (uint64_t i = random() % 8; i > 0; --i) {
      Record task =
          Task(1002, static_cast<int64_t>(random() % 3), static_cast<int64_t>(random() % 40), "",
               random() % 10 == 0 ? kHistory : kLive);
      Vary(task, random);
      batch.Put(task);
      model.Put(task);
    }
    Commit(*store, batch);
    EXPECT_EQ(CountedGroups(*Take(*store)), GroupsOf(model.All())) << "round " << round;
    if (round % 10 == 9) ExpectEquals(*store, model);
  }
}

}  // namespace
}  // namespace obviews::engine
