// History tasks in their blocks: how full those are, what becomes of them when tasks come and go,
// and that readers see one state whatever moves meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "engine/child_testing.h"
#include "engine/families.h"
#include "engine/task_testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace testing;  // NOLINT(google-build-using-namespace): the helpers of this folder

using Sizes = std::vector<size_t>;

// ---- fill

struct Fill {
  const char* name;
  std::vector<int64_t> batches;  ///< tasks each appends
  Sizes blocks;
};
void PrintTo(const Fill& fill, std::ostream* out) { *out << fill.name; }

class BlockFill : public ::testing::TestWithParam<Fill> {};

TEST_P(BlockFill, IsUpTo1024Tasks) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  int64_t next = 1;
  for (int64_t count : GetParam().batches) {
    std::vector<Record> tasks = PastTasks(1002, 3, next, count);
    for (const Record& task : tasks) model.Put(task);
    EXPECT_EQ(PutAll(*store, tasks).inserted, tasks.size());
    next += count;
  }
  EXPECT_EQ(Fills(*Take(*store)), GetParam().blocks);
  ExpectEquals(*store, model);
  // Once more from table files.
  ASSERT_TRUE(store->Close());
  store = OpenStore(tmp.Path("s"));
  ExpectEquals(*store, model);
}

INSTANTIATE_TEST_SUITE_P(
    History, BlockFill,
    ::testing::Values(Fill{"One", {1}, {1}}, Fill{"Two", {2}, {2}},
                      Fill{"AlmostFull", {1023}, {1023}}, Fill{"Full", {1024}, {1024}},
                      Fill{"OneMore", {1025}, {1024, 1}}, Fill{"TwoFull", {2048}, {1024, 1024}},
                      Fill{"Several", {3000}, {1024, 1024, 952}},
                      Fill{"OneByOne", {1, 1, 1, 1}, {4}}, Fill{"FilledUp", {1023, 1}, {1024}},
                      Fill{"BehindAFullOne", {1024, 1, 1}, {1024, 2}},
                      Fill{"Batches", {500, 500, 500}, {1024, 476}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Blocks, AreOfOneJobEach) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  std::vector<Record> tasks;
  for (auto [tenant, job] : {std::pair<int64_t, int64_t>{1002, 1}, {1002, 2}, {1004, 1}}) {
    for (const Record& task : PastTasks(tenant, job, job * 1000, 5)) tasks.push_back(task);
  }
  PutAll(*store, tasks);
  EXPECT_EQ(Fills(*Take(*store)), (Sizes{5, 5, 5}));
}

TEST(Blocks, EndEarlyWhereTextsAreLong) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  std::mt19937_64 random(1);
  std::vector<Record> tasks = PastTasks(1002, 3, 1, 300);
  for (Record& task : tasks) {
    task.Set("comment", RandomText(random, 2000 + random() % 2000));
    model.Put(task);
  }
  PutAll(*store, tasks);
  ExpectEquals(*store, model);
  size_t task = 0;
  Sizes fills = Fills(*Take(*store));
  for (size_t fill : fills) {
    size_t text = 0;
    size_t last = 0;
    for (size_t end = task + fill; task < end; ++task) {
      last = tasks[task].Text("comment").size();
      text += last;
    }
    EXPECT_LE(text - last, kMaxBlockText) << "it was full before its last task";
    // The small texts of all tasks count too.
    if (task < tasks.size()) {
      EXPECT_GT(text + 100 * fill, kMaxBlockText) << "there was room for another task";
    }
  }
  EXPECT_GT(fills.size(), 5U);
  // Short ones instead: the blocks stay as they are until something else changes in them.
  for (Record& record : tasks) {
    record.Set("comment", "");
    model.Put(record);
  }
  PutAll(*store, tasks);
  ExpectEquals(*store, model);
}

TEST(Blocks, TakeATaskOfTheLongestTexts) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  std::vector<Record> tasks = PastTasks(1002, 3, 1, 5);
  for (Record& task : tasks) {
    for (size_t field = 0; field < task.type().fields.size(); ++field) {
      if (task.type().fields[field].type == schema::FieldType::kText) {
        task[field] = std::string(kMaxInlineText, static_cast<char>('a' + field % 26));
      }
    }
    model.Put(task);
  }
  PutAll(*store, tasks);
  ExpectEquals(*store, model);
}

// ---- puts and deletes

/// Two full blocks of even ids: 0..2046 and 2048..4094, and a job beside them.
struct TwoBlocks {
  TwoBlocks() : store(OpenStore(tmp.Path("s"))) {
    Put(PastTasks(1002, 3, 0, 2048, 2));
    Put({Past(1002, 4, 99999), Past(1004, 3, 0)});
  }
  void Put(const std::vector<Record>& tasks) {
    for (const Record& task : tasks) model.Put(task);
    PutAll(*store, tasks);
  }
  void Delete(int64_t first, int64_t last) {
    Batch batch;
    for (int64_t task = first; task <= last; task += 2) {
      model.Delete(kHistory, {1002, 3, task});
      batch.Delete(kHistory, {1002, 3, task});
    }
    Commit(*store, batch);
  }
  Sizes fills() const {
    Sizes all = Fills(*Take(*store));
    all.resize(all.size() - 2);  // of the other jobs
    return all;
  }
  TemporaryDirectory tmp;
  std::unique_ptr<Store> store;
  TaskModel model;
};

TEST(Puts, RewriteTheBlockTheyBelongTo) {
  struct Case {
    const char* where;
    std::vector<int64_t> tasks;
    Sizes blocks;
  };
  for (const Case& c :
       {Case{"before all", {-5}, {1024, 1, 1024}},
        Case{"the least id there is", {kFirstId}, {1024, 1, 1024}},
        Case{"inside the first", {1}, {1024, 1, 1024}},
        Case{"between the blocks", {2047}, {1024, 1024, 1}},
        Case{"inside the second", {2049}, {1024, 1024, 1}},
        Case{"behind all", {4095}, {1024, 1024, 1}},
        Case{"the greatest id there is", {kLastId}, {1024, 1024, 1}},
        Case{"one that is there", {1000}, {1024, 1024}},
        Case{"the last of a block", {2046}, {1024, 1024}},
        Case{"everywhere at once", {-5, 1, 2046, 2047, 4095}, {1024, 2, 1024, 1, 1}},
        Case{"many inside", {1, 3, 5, 7, 9, 11}, {1024, 6, 1024}}}) {
    SCOPED_TRACE(c.where);
    TwoBlocks two;
    std::vector<Record> tasks;
    for (int64_t id : c.tasks) {
      tasks.push_back(Past(1002, 3, id));
      tasks.back().Set("result", "FAILED");
    }
    two.Put(tasks);
    EXPECT_EQ(two.fills(), c.blocks);
    ExpectEquals(*two.store, two.model);
  }
}

TEST(Deletes, LeaveWhatIsLeft) {
  struct Case {
    const char* what;
    int64_t first;
    int64_t last;
    Sizes blocks;
  };
  for (const Case& c :
       {Case{"the first task", 0, 0, {1023, 1024}},
        Case{"the last of a block, which names it", 2046, 2046, {1023, 1024}},
        Case{"the last of all", 4094, 4094, {1024, 1023}}, Case{"a whole block", 0, 2046, {1024}},
        Case{"the other one", 2048, 4094, {1024}}, Case{"across both", 1000, 3000, {500, 547}},
        Case{"all but one", 2, 4094, {1}}, Case{"all", 0, 4094, {}},
        Case{"none, being odd", 1, 4093, {1024, 1024}},
        Case{"none, being outside", 10000, 10010, {1024, 1024}}}) {
    SCOPED_TRACE(c.what);
    TwoBlocks two;
    two.Delete(c.first, c.last);
    EXPECT_EQ(two.fills(), c.blocks);
    ExpectEquals(*two.store, two.model);
  }
}

TEST(Deletes, OfAllLeaveNothingAtAll) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  PutAll(*store, PastTasks(1002, 3, 1, 1500));
  Batch batch;
  for (int64_t task = 1; task <= 1500; ++task) batch.Delete(kHistory, {1002, 3, task});
  Commit(*store, batch);
  EXPECT_THAT(ReadTasks(*Take(*store), kHistory), IsEmpty());
  EXPECT_THAT(CountedGroups(*Take(*store)), IsEmpty());
  auto report = store->Verify();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->damage, IsEmpty());
  // And it can be filled again.
  PutAll(*store, PastTasks(1002, 3, 1, 3));
  EXPECT_EQ(Fills(*Take(*store)), Sizes{3});
}

TEST(Deletes, AreMadeBeforePuts) {
  TwoBlocks two;
  Batch batch;
  batch.Put(Past(1002, 3, 100));
  for (int64_t task = 0; task <= 2046; task += 2) {
    batch.Delete(kHistory, {1002, 3, task});
    two.model.Delete(kHistory, {1002, 3, task});
  }
  two.model.Put(Past(1002, 3, 100));
  CommitResult result = Commit(*two.store, batch);
  EXPECT_EQ(result.inserted, 1U);
  EXPECT_EQ(two.fills(), (Sizes{1, 1024}));
  ExpectEquals(*two.store, two.model);
}

TEST(Deletes, NameTheJobTheyMean) {
  TwoBlocks two;
  Batch batch;
  batch.Delete(kHistory, {1002, 5, 100});
  batch.Delete(kHistory, {1004, 3, 100});
  batch.Delete(kLive, {1002, 3, 100});
  Commit(*two.store, batch);
  ExpectEquals(*two.store, two.model);
}

TEST(Puts, OfAnotherJobOfTheTenantMoveTheTask) {
  TwoBlocks two;
  // Into a block there, into a new job, out of the middle and off the end of a block.
  std::vector<Record> moved = {Past(1002, 4, 500), Past(1002, 4, 2046), Past(1002, 9, 4094),
                               Past(1002, -9, 0)};
  for (const Record& task : moved) two.model.Put(task);
  CommitResult result = PutAll(*two.store, moved);
  EXPECT_EQ(result.replaced, 4U);
  EXPECT_EQ(result.inserted, 0U);
  ExpectEquals(*two.store, two.model);
  // The task of the same id of another tenant stays.
  auto other = Take(*two.store)->Get(kHistory, {1004, 3, 0});
  EXPECT_TRUE(other) << other.error().message;
  // To and fro in one batch: the last one stays.
  std::vector<Record> twice = {Past(1002, 3, 500), Past(1002, 7, 500), Past(1002, 4, 500)};
  for (const Record& task : twice) two.model.Put(task);
  PutAll(*two.store, twice);
  ExpectEquals(*two.store, two.model);
}

TEST(Puts, OfHistoryRemoveTheLiveTwinWhereverItIs) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  std::vector<Record> live;
  for (int64_t task = 0; task < 1500; ++task) live.push_back(Task(1002, task % 7, task));
  live.push_back(Task(1004, 3, 5));
  for (const Record& task : live) model.Put(task);
  PutAll(*store, live);
  std::vector<Record> history = PastTasks(1002, 3, 100, 1300);
  for (const Record& task : history) model.Put(task);
  EXPECT_EQ(PutAll(*store, history).live_removed, 1300U);
  ExpectEquals(*store, model);
  EXPECT_EQ(ReadTasks(*Take(*store), kLive).size(), 201U);
  // A live task may come back beside its history.
  model.Put(Task(1002, 9, 700));
  PutAll(*store, {Task(1002, 9, 700)});
  ExpectEquals(*store, model);
}

// ---- long texts

uint64_t TextsIn(Store& store) {
  auto report = store.Verify();
  EXPECT_TRUE(report);
  EXPECT_THAT(report->damage, IsEmpty());
  return report->texts;
}

Record WithText(int64_t job, int64_t task, size_t size, char fill = 'x') {
  Record record = Past(1002, job, task);
  record.Set("comment", std::string(size, fill));
  return record;
}

TEST(LongTexts, StayBesideABlockThatIsRewritten) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  auto put = [&](const std::vector<Record>& tasks) {
    for (const Record& task : tasks) model.Put(task);
    PutAll(*store, tasks);
  };
  put({WithText(3, 10, 4096), WithText(3, 20, 4097), WithText(3, 30, 100000, 'y'),
       Past(1002, 3, 40)});
  EXPECT_EQ(TextsIn(*store), 2U);
  put({Past(1002, 3, 15)});
  EXPECT_EQ(TextsIn(*store), 2U);
  ExpectEquals(*store, model, "the block was rewritten");
  put(PastTasks(1002, 3, 100, 1500));
  EXPECT_EQ(TextsIn(*store), 2U);
  ExpectEquals(*store, model, "the block was split");
  ASSERT_TRUE(store->Close());
  store = OpenStore(tmp.Path("s"));
  ExpectEquals(*store, model, "opened again");
}

TEST(LongTexts, GoWithTheirTask) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  auto put = [&](const std::vector<Record>& tasks) {
    for (const Record& task : tasks) model.Put(task);
    PutAll(*store, tasks);
  };
  put({WithText(3, 10, 5000), WithText(3, 20, 5001), WithText(3, 30, 5002), WithText(3, 40, 5003),
       WithText(3, 50, 5004)});
  EXPECT_EQ(TextsIn(*store), 5U);
  put({WithText(3, 10, 7)});
  EXPECT_EQ(TextsIn(*store), 4U) << "replaced by a short one";
  put({WithText(3, 20, 6000, 'z')});
  EXPECT_EQ(TextsIn(*store), 4U) << "replaced by another long one";
  put({WithText(8, 30, 7000, 'w')});
  EXPECT_EQ(TextsIn(*store), 4U) << "moved to another job";
  put({WithText(8, 40, 7)});
  EXPECT_EQ(TextsIn(*store), 3U) << "moved, and short";
  Batch batch;
  batch.Delete(kHistory, {1002, 3, 50});
  model.Delete(kHistory, {1002, 3, 50});
  Commit(*store, batch);
  EXPECT_EQ(TextsIn(*store), 2U) << "deleted";
  ExpectEquals(*store, model);
  put({Task(1002, 3, 60)});
  Record live = Task(1002, 3, 70);
  live.Set("comment", std::string(9000, 'l'));
  put({live});
  EXPECT_EQ(TextsIn(*store), 3U);
  put({WithText(3, 70, 8000)});
  EXPECT_EQ(TextsIn(*store), 3U) << "the live twin's text went, the history's came";
  ExpectEquals(*store, model);
}

// ---- anything at all

TEST(History, RandomBatchesLeaveWhatTheRulesSay) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel model;
  std::mt19937_64 random(42);
  size_t most_blocks = 0;
#ifdef __SANITIZE_ADDRESS__
  constexpr int kRounds = 25;
#else
  constexpr int kRounds = 60;
#endif
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    Batch batch;
    auto ids = [&] { return static_cast<int64_t>(random() % 6000); };
    auto tenant = [&] { return static_cast<int64_t>(1002 + 2 * (random() % 2)); };
    auto job = [&] { return static_cast<int64_t>(1 + random() % 3); };
    // Deletes: some tasks one by one, and a stretch of them.
    std::vector<Record> all = model.All();
    for (uint64_t i = random() % 50; i > 0 && !all.empty(); --i) {
      const Record& task = all[random() % all.size()];
      batch.Delete(task.type().kind, task.key());
      model.Delete(task.type().kind, task.key());
    }
    if (random() % 4 == 0 && !all.empty()) {
      size_t first = random() % all.size();
      for (size_t i = first; i < std::min(all.size(), first + random() % 2000); ++i) {
        batch.Delete(all[i].type().kind, all[i].key());
        model.Delete(all[i].type().kind, all[i].key());
      }
    }
    auto put = [&](Record task) {
      Vary(task, random);
      if (random() % 100 == 0) task.Set("comment", RandomText(random));
      model.Put(task);
      batch.Put(std::move(task));
    };
    // Puts: tasks anywhere, and a run of them of one job.
    for (uint64_t i = random() % 100; i > 0; --i) {
      put(Task(tenant(), job(), ids(), "", random() % 2 == 0 ? kLive : kHistory));
    }
    if (random() % 2 == 0) {
      int64_t run_tenant = tenant();
      int64_t run_job = job();
      int64_t first = ids();
      for (int64_t i = static_cast<int64_t>(random() % 1500); i > 0; --i) {
        put(Task(run_tenant, run_job, first + i, "", random() % 8 == 0 ? kLive : kHistory));
      }
    }
    Commit(*store, batch);
    ExpectEquals(*store, model, fmt::format("round {}", round));
    most_blocks = std::max(most_blocks, Fills(*Take(*store)).size());
    if (round % 13 == 12) {
      ASSERT_TRUE(store->Close());
      store = OpenStore(tmp.Path("s"));
    }
  }
  EXPECT_GT(most_blocks, 12U);
}

// ---- readers

TEST(HistorySnapshots, StandStillWhileTasksMove) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  TaskModel before;
  std::vector<Record> live;
  for (int64_t task = 1; task <= 3000; ++task) live.push_back(Task(1002, 3, task));
  for (const Record& task : live) before.Put(task);
  for (const Record& task : PastTasks(1002, 4, 5000, 2500)) before.Put(task);
  PutAll(*store, before.All());
  auto snapshot = Take(*store);
  auto live_scan = snapshot->Scan(kLive, KeySpace{});
  auto history_scan = snapshot->Scan(kHistory, KeySpace{});
  std::vector<Record> seen;
  // Between any two steps of the scans some tasks move to history, in the jobs of both.
  for (int64_t step = 0; step < 3000; ++step) {
    auto more = live_scan->Next();
    ASSERT_TRUE(more && *more);
    seen.push_back(*snapshot->Materialise(live_scan->record()));
    if (step < 2500) {
      ASSERT_TRUE(*history_scan->Next());
      ASSERT_EQ(history_scan->record().key(), (Key{1002, 4, 5000 + step}));
    }
    if (step % 100 != 0) continue;
    std::vector<Record> moved = PastTasks(1002, 3, 3000 - step - 99, 100);
    moved.push_back(Past(1002, 4, 5001 + step / 2));
    moved.push_back(Past(1002, 3, 5000 + step / 2));
    PutAll(*store, moved);
  }
  EXPECT_FALSE(*live_scan->Next());
  EXPECT_FALSE(*history_scan->Next());
  EXPECT_TRUE(seen == live);
  EXPECT_EQ(CountedGroups(*snapshot), GroupsOf(before.All()));
  EXPECT_TRUE(ReadTasks(*snapshot, kHistory) == before.Of(kHistory));
  EXPECT_THAT(ReadTasks(*Take(*store), kLive), IsEmpty());
}

constexpr int64_t kMoving = 2600;

/// Moves a run of the tasks 1..kMoving to history, or back to live, a commit each. Arguments:
/// directory, commits between two closings of the store.
int MoveRuns(const std::vector<std::string>& arguments) {
  auto store = OpenStore(arguments[0]);
  uint64_t until_closing = std::stoull(arguments[1]);
  std::vector<Record> all;
  for (int64_t task = 1; task <= kMoving; ++task) all.push_back(Task(1002, 3, task));
  PutAll(*store, all);
  Tell("moving");
  std::mt19937_64 random(5);
  std::set<int64_t> in_history;
  for (uint64_t commit = 1; !ParentIsDone(); ++commit) {
    Batch batch;
    auto first = static_cast<int64_t>(1 + random() % kMoving);
    int64_t last = std::min<int64_t>(kMoving, first + static_cast<int64_t>(random() % 400));
    bool back = random() % 3 == 0;
    for (int64_t task = first; task <= last; ++task) {
      if (back) {
        if (in_history.erase(task) != 0) batch.Delete(kHistory, {1002, 3, task});
        batch.Put(Task(1002, 3, task));
      } else {
        in_history.insert(task);
        batch.Put(Past(1002, 3, task));
      }
    }
    if (!store->Commit(batch)) return 1;
    if (commit % until_closing == 0) {
      if (!store->Close()) return 2;
      store = OpenStore(arguments[0]);
    }
  }
  return 0;
}
const ChildRegistration kMoveRuns("move_runs", MoveRuns);

TEST(HistoryFollowers, SeeEachTaskOnceAndCountsThatFit) {
  TemporaryDirectory tmp;
  Child writer("move_runs", {tmp.Path("s"), "40"});
  ASSERT_EQ(writer.Line(), "moving");
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  std::vector<int64_t> expected(kMoving);
  std::iota(expected.begin(), expected.end(), 1);
  uint64_t last = 0;
#ifdef __SANITIZE_ADDRESS__
  constexpr int kStates = 10;
#else
  constexpr int kStates = 60;
#endif
  for (int states = 0; states < kStates && !HasFailure();) {
    auto snapshot = Take(*follower);
    ASSERT_NE(snapshot, nullptr);
    if (snapshot->stamp().number == last) continue;
    last = snapshot->stamp().number;
    ++states;
    std::vector<Record> all = ReadTasks(*snapshot, kLive);
    for (const Record& task : ReadTasks(*snapshot, kHistory)) all.push_back(task);
    std::vector<int64_t> ids;
    for (const Record& task : all) ids.push_back(task.key().task_id);
    std::sort(ids.begin(), ids.end());
    EXPECT_TRUE(ids == expected) << "commit " << last;
    EXPECT_EQ(CountedGroups(*snapshot), GroupsOf(all)) << "commit " << last;
  }
  EXPECT_EQ(writer.Finish(), 0);
  auto report = follower->Verify();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->damage, IsEmpty());
}

}  // namespace
}  // namespace obviews::engine
