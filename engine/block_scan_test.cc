// Scans of tasks, live and history: whatever key space, groups and times they are asked for, they
// yield what a filter over all records does; so do stretches, counts, and the groups' counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/task_testing.h"

namespace obviews::engine {
namespace {

using schema::Range;
using schema::RangeSet;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace testing;  // NOLINT(google-build-using-namespace): the helpers of this folder

using Keys = std::vector<Key>;

/// Wants the groups of these statuses and results.
class SomeGroups final : public GroupFilter {
 public:
  SomeGroups(std::vector<std::string> statuses, std::vector<std::optional<std::string>> results)
      : statuses_(std::move(statuses)), results_(std::move(results)) {}
  bool Accepts(std::string_view status, std::optional<std::string_view> result) const override {
    auto is_result = [&](const std::optional<std::string>& wanted) {
      return wanted.has_value() == result.has_value() && (!wanted || *wanted == *result);
    };
    return std::find(statuses_.begin(), statuses_.end(), status) != statuses_.end() &&
           std::any_of(results_.begin(), results_.end(), is_result);
  }
  bool Accepts(const Record& task) const {
    const auto* result = std::get_if<std::string>(&task.Get("result"));
    return Accepts(task.Text("status"),
                   result != nullptr ? std::optional<std::string_view>(*result) : std::nullopt);
  }

 private:
  std::vector<std::string> statuses_;
  std::vector<std::optional<std::string>> results_;
};

/// Tasks of several tenants and jobs, extreme ids among them, some jobs of several blocks.
std::vector<Record> Everything() {
  std::mt19937_64 random(3);
  std::vector<Record> out;
  auto add = [&](RecordKind kind, int64_t tenant, int64_t job, int64_t task) {
    out.push_back(Task(tenant, job, task, "", kind));
    Vary(out.back(), random);
  };
  for (RecordKind kind : {kLive, kHistory}) {
    // Live tasks have ids of their own, or they would be gone.
    int64_t base = kind == kLive ? 1000000 : 0;
    for (int64_t task = 0; task < 2500; ++task) add(kind, 1002, 3, base + 2 * task);
    for (int64_t task = 0; task < 1100; ++task) add(kind, 1002, 5, base + 2 * task + 1);
    for (int64_t task = 0; task < 40; ++task)
      add(kind, 1002, 7, base + 7000 + task % 10 + 50 * task);
    for (int64_t task = 0; task < 300; ++task) add(kind, 1004, 3, base + task);
    for (int64_t job : {kFirstId, int64_t{-1}, int64_t{0}, kLastId}) {
      add(kind, 1006, job, base + job % 1000);
    }
  }
  add(kHistory, kFirstId, kFirstId, kFirstId);
  add(kHistory, kFirstId, kFirstId, kLastId);
  add(kHistory, kLastId, kLastId, kFirstId);
  add(kHistory, kLastId, kLastId, kLastId);
  add(kHistory, 1008, 1, kFirstId);
  add(kHistory, 1008, 1, kLastId);
  add(kHistory, 1008, 2, 0);
  add(kLive, kFirstId, 3, kFirstId + 1);
  add(kLive, kFirstId, kFirstId, kLastId - 1);
  add(kLive, kLastId, kLastId, kLastId - 1);
  add(kLive, kLastId, kLastId, kFirstId + 1);
  add(kLive, 1010, 1, kFirstId);
  add(kLive, 1010, 1, kLastId);
  std::sort(out.begin(), out.end(),
            [](const Record& a, const Record& b) { return a.key() < b.key(); });
  return out;
}

/// One store for all the tests, which only read it.
class Scans : public ::testing::TestWithParam<RecordKind> {
 protected:
  static void SetUpTestSuite() {
    tmp_ = std::make_unique<TemporaryDirectory>();
    store_ = OpenStore(tmp_->Path("s"));
    records_ = Everything();
    PutAll(*store_, records_);
    snapshot_ = Take(*store_);
  }
  static void TearDownTestSuite() {
    snapshot_.reset();
    store_.reset();
    tmp_.reset();
  }

  static std::vector<Record> All(RecordKind kind) {
    std::vector<Record> out;
    for (const Record& record : records_) {
      if (record.type().kind == kind) out.push_back(record);
    }
    return out;
  }
  static Keys Expected(RecordKind kind, const KeySpace& space, const SomeGroups* groups = nullptr) {
    Keys out;
    for (const Record& record : records_) {
      if (record.type().kind == kind && space.Contains(record.key()) &&
          (groups == nullptr || groups->Accepts(record))) {
        out.push_back(record.key());
      }
    }
    return out;
  }
  static Keys Read(RecordCursor& cursor) {
    Keys out;
    for (;;) {
      auto more = cursor.Next();
      EXPECT_TRUE(more) << (more ? "" : more.error().message);
      if (!more || !*more) return out;
      out.push_back(cursor.record().key());
    }
  }
  static Keys ReadRows(RecordCursor& cursor) {
    Keys out;
    for (;;) {
      auto next = cursor.NextRows();
      EXPECT_TRUE(next) << (next ? "" : next.error().message);
      if (!next || next->rows.empty()) return out;
      for (uint32_t row : next->rows) out.push_back(next->block->key(row));
    }
  }

  static std::unique_ptr<TemporaryDirectory> tmp_;
  static std::unique_ptr<Store> store_;
  static std::vector<Record> records_;  ///< in key order, live and history mixed
  static std::shared_ptr<const Snapshot> snapshot_;
};

std::unique_ptr<TemporaryDirectory> Scans::tmp_;
std::unique_ptr<Store> Scans::store_;
std::vector<Record> Scans::records_;
std::shared_ptr<const Snapshot> Scans::snapshot_;

INSTANTIATE_TEST_SUITE_P(Store, Scans, ::testing::Values(kLive, kHistory),
                         [](const auto& info) { return info.param == kLive ? "Live" : "History"; });

struct Space {
  const char* what;
  KeySpace space;
};
std::vector<Space> Spaces() {
  auto points = [](std::vector<int64_t> values) {
    std::vector<Range> ranges;
    for (int64_t value : values) ranges.push_back({value, value});
    return RangeSet::FromRanges(ranges);
  };
  auto point = [](int64_t value) { return RangeSet::Point(value); };
  const RangeSet all = RangeSet::All();
  return {
      {"everything", {}},
      {"one tenant", {point(1002), all, all}},
      {"one job", {point(1002), point(3), all}},
      {"one job of any tenant", {all, point(3), all}},
      {"some tenants", {points({1002, 1003, 1006, kLastId}), all, all}},
      {"some jobs", {all, points({kFirstId, 3, 5, 6, kLastId}), all}},
      {"one task", {point(1002), point(3), point(4998)}},
      {"one that is not there", {point(1002), point(3), point(4997)}},
      {"a task of any job", {point(1002), all, point(7007)}},
      {"a task of any tenant", {all, all, point(0)}},
      {"tasks in all blocks",
       {point(1002), point(3), points({-1, 0, 2046, 2047, 2048, 4998, 5000})}},
      {"the ends of blocks", {all, all, points({2046, 2047, 4094, 4095})}},
      {"a range inside a block", {all, point(3), RangeSet::Of(100, 200)}},
      {"a range over blocks", {all, point(3), RangeSet::Of(2000, 4100)}},
      {"two ranges", {point(1002), all, RangeSet::FromRanges({{5, 50}, {3000, 3100}})}},
      {"negative ids", {all, all, RangeSet::Of(kFirstId, -1)}},
      {"the least ids", {all, all, point(kFirstId)}},
      {"the greatest ids", {all, all, point(kLastId)}},
      {"both", {all, all, points({kFirstId, kLastId})}},
      {"the least key", {point(kFirstId), point(kFirstId), point(kFirstId)}},
      {"the greatest key", {point(kLastId), point(kLastId), point(kLastId)}},
      {"all but one tenant", {point(1002).Complement(), all, all}},
      {"all but one task", {all, all, point(2048).Complement()}},
      {"tenants that are not there", {RangeSet::Of(2000, 3000), all, all}},
      {"no tenant", {RangeSet(), all, all}},
      {"no task", {all, all, RangeSet()}},
  };
}

RangeSet RandomSet(std::mt19937_64& random, const std::vector<int64_t>& ids) {
  auto id = [&] {
    int64_t value = ids[random() % ids.size()];
    if (random() % 4 == 0 && value < kLastId) ++value;
    return value;
  };
  switch (random() % 6) {
    case 0:
      return RangeSet::Point(id());
    case 1: {
      std::vector<Range> ranges;
      for (uint64_t i = random() % 8; i > 0; --i) {
        int64_t value = id();
        ranges.push_back({value, value});
      }
      return RangeSet::FromRanges(ranges);
    }
    case 2: {
      int64_t a = id();
      int64_t b = id();
      return RangeSet::Of(std::min(a, b), std::max(a, b));
    }
    case 3: {
      int64_t value = id();
      return RangeSet::Point(value).Complement();
    }
    default:
      return RangeSet::All();
  }
}

KeySpace RandomSpace(std::mt19937_64& random, const std::vector<Record>& records) {
  std::vector<int64_t> tenants;
  std::vector<int64_t> jobs;
  std::vector<int64_t> tasks;
  for (int i = 0; i < 20; ++i) {
    Key key = records[random() % records.size()].key();
    tenants.push_back(key.tenant_id);
    jobs.push_back(key.job_id);
    tasks.push_back(key.task_id);
  }
  for (std::vector<int64_t>* ids : {&tenants, &jobs, &tasks}) {
    ids->push_back(kFirstId);
    ids->push_back(kLastId);
  }
  return {RandomSet(random, tenants), RandomSet(random, jobs), RandomSet(random, tasks)};
}

std::shared_ptr<const SomeGroups> RandomGroups(std::mt19937_64& random) {
  std::vector<std::string> statuses;
  for (const char* status : {"INIT", "DOING", "FINISH", "NEVER"}) {
    if (random() % 2 == 0) statuses.emplace_back(status);
  }
  std::vector<std::optional<std::string>> results;
  for (const char* result : {"SUCCEESS", "FAILED", ""}) {
    if (random() % 2 == 0) results.emplace_back(result);
  }
  if (random() % 2 == 0) results.emplace_back(std::nullopt);
  return std::make_shared<SomeGroups>(statuses, results);
}

TEST_P(Scans, VisitExactlyTheKeySpace) {
  for (const Space& c : Spaces()) {
    Keys expected = Expected(GetParam(), c.space);
    EXPECT_EQ(Read(*snapshot_->Scan(GetParam(), c.space)), expected) << c.what;
    Keys by_task = Read(*snapshot_->ScanByTask(GetParam(), c.space));
    std::sort(by_task.begin(), by_task.end());
    EXPECT_EQ(by_task, expected) << c.what;
    auto counted = snapshot_->Scan(GetParam(), c.space)->CountRest();
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_EQ(*counted, expected.size()) << c.what;
    if (GetParam() == kHistory) {
      EXPECT_EQ(ReadRows(*snapshot_->Scan(GetParam(), c.space)), expected) << c.what;
    }
  }
}

TEST_P(Scans, OfRandomSpacesAndGroupsFindWhatAFilterFinds) {
  std::mt19937_64 random(11);
  size_t found = 0;
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    KeySpace space = RandomSpace(random, records_);
    ScanOptions options;
    std::shared_ptr<const SomeGroups> groups;
    if (random() % 3 != 0) options.groups = groups = RandomGroups(random);
    Keys expected = Expected(GetParam(), space, groups.get());
    found += expected.empty() ? 0 : 1;
    SCOPED_TRACE(fmt::format("scan {} of {}", i, space.ToString()));
    EXPECT_EQ(Read(*snapshot_->Scan(GetParam(), space, options)), expected);
    Keys by_task = Read(*snapshot_->ScanByTask(GetParam(), space, options));
    std::sort(by_task.begin(), by_task.end());
    EXPECT_EQ(by_task, expected);
    // Some rows one by one, then the rest at once.
    size_t first = expected.empty() ? 0 : random() % (expected.size() + 1);
    auto cursor = snapshot_->Scan(GetParam(), space, options);
    for (size_t row = 0; row < first; ++row) ASSERT_TRUE(*cursor->Next());
    EXPECT_EQ(cursor->CountRest().value_or(UINT64_MAX), expected.size() - first);
    if (GetParam() == kLive) continue;
    EXPECT_FALSE(cursor->Next().value_or(true)) << "it has ended";
    cursor = snapshot_->Scan(GetParam(), space, options);
    for (size_t row = 0; row < first; ++row) ASSERT_TRUE(*cursor->Next());
    EXPECT_EQ(ReadRows(*cursor),
              Keys(expected.begin() + static_cast<int64_t>(first), expected.end()));
  }
  EXPECT_GT(found, 100U);
}

TEST_P(Scans, LeaveOutOnlyWhatIsOutsideTheTimes) {
  std::mt19937_64 random(12);
  const std::vector<int64_t> times = {
      kFirstId, -1, 0, 1692191329000000, 1692191329002500, 1692191330000000, kLastId};
  for (int i = 0; i < 200 && !HasFailure(); ++i) {
    KeySpace space = random() % 2 == 0 ? KeySpace() : RandomSpace(random, records_);
    ScanOptions options;
    options.start = RandomSet(random, times);
    options.completion = RandomSet(random, times);
    std::map<Key, bool> inside;
    for (const Record& record : records_) {
      if (record.type().kind != GetParam() || !space.Contains(record.key())) continue;
      inside[record.key()] =
          options.start.Contains(std::get<int64_t>(record.Get("start_ts"))) &&
          options.completion.Contains(std::get<int64_t>(record.Get("completion_ts")));
    }
    Keys seen = Read(*snapshot_->Scan(GetParam(), space, options));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
    for (const Key& key : seen) {
      EXPECT_TRUE(inside.contains(key)) << "outside the space";
      inside.erase(key);
    }
    for (const auto& [key, wanted] : inside) EXPECT_FALSE(wanted) << "left out";
  }
}

TEST_P(Scans, OfStretchesFindEveryRowOnce) {
  std::mt19937_64 random(13);
  for (int i = 0; i < 60 && !HasFailure(); ++i) {
    KeySpace space = i == 0 ? KeySpace() : RandomSpace(random, records_);
    std::shared_ptr<const SomeGroups> groups;
    if (random() % 2 == 0) groups = RandomGroups(random);
    Keys expected = Expected(GetParam(), space, groups.get());
    for (uint64_t records : {uint64_t{1}, uint64_t{1000}, uint64_t{3000}, UINT64_MAX}) {
      auto stretches = snapshot_->Split(GetParam(), space, records);
      ASSERT_TRUE(stretches) << stretches.error().message;
      ASSERT_FALSE(stretches->empty());
      EXPECT_TRUE(records != UINT64_MAX || stretches->size() == 1);
      Keys seen;
      uint64_t counted = 0;
      std::optional<Key> previous;
      for (const Stretch& stretch : *stretches) {
        EXPECT_LE(stretch.first, stretch.last);
        EXPECT_TRUE(!previous || *previous < stretch.first);
        previous = stretch.last;
        ScanOptions options;
        options.groups = groups;
        options.first = stretch.first;
        options.last = stretch.last;
        Keys of_stretch = Read(*snapshot_->Scan(GetParam(), space, options));
        counted +=
            snapshot_->Scan(GetParam(), space, options)->CountRest().value_or(UINT64_MAX / 2);
        seen.insert(seen.end(), of_stretch.begin(), of_stretch.end());
      }
      EXPECT_EQ(seen, expected) << "stretches of " << records << " in " << space.ToString();
      EXPECT_EQ(counted, expected.size());
    }
  }
}

TEST_P(Scans, OfAStretchBeginAndEndAtItsKeys) {
  std::mt19937_64 random(15);
  Keys all = Expected(GetParam(), KeySpace(), nullptr);
  for (int i = 0; i < 300; ++i) {
    // Keys of records and those beside them: most lie inside a block.
    auto near = [&] {
      Key key = all[random() % all.size()];
      if (key.task_id > kFirstId && key.task_id < kLastId) {
        key.task_id += static_cast<int64_t>(random() % 3) - 1;
      }
      return key;
    };
    ScanOptions options;
    options.first = near();
    options.last = near();
    if (options.last < options.first) std::swap(options.first, options.last);
    KeySpace space = i % 2 == 0 ? KeySpace() : RandomSpace(random, records_);
    Keys expected;
    for (const Key& key : Expected(GetParam(), space, nullptr)) {
      if (key >= options.first && key <= options.last) expected.push_back(key);
    }
    EXPECT_EQ(Read(*snapshot_->Scan(GetParam(), space, options)), expected);
    EXPECT_EQ(*snapshot_->Scan(GetParam(), space, options)->CountRest(), expected.size());
  }
}

TEST_P(Scans, AreCutWhereTheRecordsAre) {
  auto stretches = snapshot_->Split(GetParam(), {}, 1000);
  ASSERT_TRUE(stretches);
  // History is cut between blocks, live tasks between jobs.
  EXPECT_EQ(stretches->size(), GetParam() == kHistory ? 4U : 3U);
}

TEST_P(Scans, ReadOnlyTheFieldsAskedFor) {
  ScanOptions options;
  auto field = static_cast<size_t>(
      schema::FindField(schema::GetRecordType(GetParam()).fields, "completion_ts"));
  options.fields = FieldSet();
  options.fields.Add(field);
  auto cursor = snapshot_->Scan(GetParam(), {}, options);
  for (const Record& record : All(GetParam())) {
    ASSERT_TRUE(*cursor->Next());
    ASSERT_EQ(cursor->record().Int(field), std::get<int64_t>(record[field]));
  }
  EXPECT_FALSE(*cursor->Next());
}

TEST_F(Scans, OfGroupsCountTheRecords) {
  for (const Space& c : Spaces()) {
    if (!c.space.tasks.IsAll()) continue;
    EXPECT_EQ(CountedGroups(*snapshot_, c.space), GroupsOf(records_, c.space)) << c.what;
  }
  std::mt19937_64 random(14);
  for (int i = 0; i < 200; ++i) {
    KeySpace space = RandomSpace(random, records_);
    space.tasks = RangeSet::All();
    EXPECT_EQ(CountedGroups(*snapshot_, space), GroupsOf(records_, space)) << space.ToString();
  }
}

TEST_F(Scans, OfGroupsComeJobByJobLiveFirst) {
  auto cursor = snapshot_->ScanGroups({}, false);
  std::vector<std::tuple<int64_t, int64_t, bool>> order;
  while (*cursor->Next()) {
    order.emplace_back(cursor->tenant_id(), cursor->job_id(), cursor->history());
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.front(), std::make_tuple(kFirstId, kFirstId, false));
  EXPECT_EQ(order.back(), std::make_tuple(kLastId, kLastId, true));
  EXPECT_FALSE(*cursor->Next()) << "it has ended";
}

TEST_F(Scans, LookOnlyIntoBlocksThatMayHoldAnything) {
  auto read = [&](const KeySpace& space, ScanOptions options = {}) {
    auto cursor = snapshot_->Scan(kHistory, space, options);
    Read(*cursor);
    return cursor->records_read();
  };
  EXPECT_EQ(read({RangeSet::Point(1002), RangeSet::Point(3), RangeSet::Point(2046)}), 1U);
  EXPECT_EQ(read({RangeSet::Point(1002), RangeSet::Point(3), RangeSet::Point(2047)}), 0U);
  ScanOptions never;
  never.groups = std::make_shared<SomeGroups>(std::vector<std::string>{"NEVER"},
                                              std::vector<std::optional<std::string>>{"FAILED"});
  EXPECT_EQ(read({}, never), 0U);
  auto counting = snapshot_->Scan(kHistory, {});
  EXPECT_EQ(counting->CountRest().value_or(0), All(kHistory).size());
  EXPECT_EQ(counting->records_read(), 0U) << "counted without looking at any";
}

// ---- blocks left out by their times

TEST(ScansOfTimes, ReadOnlyBlocksThatMayHoldThem) {
  TemporaryDirectory tmp;
  auto store = OpenStore(tmp.Path("s"));
  // Three blocks; task n starts at n and completes at 10000 + n.
  std::vector<Record> tasks = PastTasks(1002, 3, 1, 3072);
  for (Record& task : tasks) {
    task.Set("start_ts", task.key().task_id);
    task.Set("completion_ts", 10000 + task.key().task_id);
  }
  PutAll(*store, tasks);
  auto snapshot = Take(*store);
  struct Case {
    RangeSet start;
    RangeSet completion;
    uint64_t read;
  };
  const RangeSet all = RangeSet::All();
  for (const Case& c :
       {Case{all, all, 3072}, Case{RangeSet::Point(1), all, 1024},
        Case{RangeSet::Of(1024, 1025), all, 2048}, Case{RangeSet::Point(0), all, 0},
        Case{RangeSet::Point(3073), all, 0}, Case{all, RangeSet::Of(12049, kLastId), 1024},
        Case{RangeSet::Point(1), RangeSet::Point(13000), 0}, Case{RangeSet(), all, 0},
        Case{all, RangeSet(), 0}}) {
    ScanOptions options;
    options.start = c.start;
    options.completion = c.completion;
    auto cursor = snapshot->Scan(kHistory, {}, options);
    while (*cursor->Next()) {
    }
    EXPECT_EQ(cursor->records_read(), c.read);
  }
}

// ---- groups of more than one byte a code

TEST(ScansOfManyGroups, FindEachOfThem) {
  for (size_t groups : {1U, 2U, 3U, 4U, 5U, 16U, 17U, 256U, 257U, 700U}) {
    TemporaryDirectory tmp;
    auto store = OpenStore(tmp.Path("s"));
    std::vector<Record> tasks = PastTasks(1002, 3, 1, 1021);
    for (size_t row = 0; row < tasks.size(); ++row) {
      tasks[row].Set("result", "R" + std::to_string(row * 7 % groups));
    }
    PutAll(*store, tasks);
    auto snapshot = Take(*store);
    for (size_t wanted : {size_t{0}, groups / 2, groups - 1, groups}) {
      ScanOptions options;
      std::optional<std::string> result = "R" + std::to_string(wanted);
      options.groups = std::make_shared<SomeGroups>(
          std::vector<std::string>{"FINISH"}, std::vector<std::optional<std::string>>{result});
      Keys expected;
      for (const Record& task : tasks) {
        if (task.Text("result") == *result) expected.push_back(task.key());
      }
      auto cursor = snapshot->Scan(kHistory, {}, options);
      Keys seen;
      while (*cursor->Next()) seen.push_back(cursor->record().key());
      EXPECT_EQ(seen, expected) << wanted << " of " << groups;
      EXPECT_EQ(*snapshot->Scan(kHistory, {}, options)->CountRest(), expected.size())
          << wanted << " of " << groups;
    }
    EXPECT_EQ(CountedGroups(*snapshot), GroupsOf(tasks)) << groups;
  }
}

}  // namespace
}  // namespace obviews::engine
