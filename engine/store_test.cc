// The store: what is put comes back, changes are made together or not at all, scans visit what they
// are asked for, and snapshots stand still.
#include "engine/store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::RangeSet;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;
using testing::Job;
using testing::Model;
using testing::RandomBatch;
using testing::RandomRecord;
using testing::ReadAll;
using testing::Task;
using testing::TemporaryDirectory;

std::unique_ptr<Store> OpenWriter(const std::string& directory, bool sync = false) {
  auto store = Store::Open(directory,
                           {.access = Access::kReadWrite, .create_if_missing = true, .sync = sync});
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return store ? std::move(*store) : nullptr;
}

std::shared_ptr<const Snapshot> Take(Store& store) {
  auto snapshot = store.TakeSnapshot();
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

CommitResult CommitAll(Store& store, const std::vector<Record>& records) {
  Batch batch;
  for (const Record& record : records) batch.Put(record);
  auto result = store.Commit(batch);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or(CommitResult());
}

std::vector<Record> Everything(const Snapshot& snapshot) {
  auto all = ReadAll(snapshot);
  EXPECT_TRUE(all) << (all ? "" : all.error().message);
  return all.value_or(std::vector<Record>());
}

std::vector<Key> KeysOf(RecordCursor& cursor) {
  std::vector<Key> keys;
  for (auto more = cursor.Next(); more && *more; more = cursor.Next()) {
    keys.push_back(cursor.record().key());
  }
  return keys;
}

uint64_t TextsIn(Store& store) {
  auto report = store.Verify();
  EXPECT_TRUE(report && report->damage.empty());
  return report ? report->texts : 0;
}

// ---- what is put comes back

class EveryKind : public ::testing::TestWithParam<RecordKind> {};

TEST_P(EveryKind, ComesBackAsItWas) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  Model model;
  for (int i = 0; i < 150; ++i) {
    Record record = RandomRecord(GetParam(), random);
    model.Put(record);
    CommitAll(*store, {record});
  }
  // Once from memory, once from table files.
  for (int round = 0; round < 2; ++round) {
    auto snapshot = Take(*store);
    EXPECT_TRUE(Everything(*snapshot) == model.All());
    for (const auto& [key, record] : model.Of(GetParam())) {
      auto got = snapshot->Get(GetParam(), key);
      ASSERT_TRUE(got) << got.error().message;
      EXPECT_TRUE(*got == record);
    }
    snapshot.reset();
    ASSERT_TRUE(store->Close());
    store = OpenWriter(tmp.Path("s"));
  }
}

INSTANTIATE_TEST_SUITE_P(Store, EveryKind,
                         ::testing::Values(RecordKind::kRecoverJob, RecordKind::kRecoverJobHistory,
                                           RecordKind::kImportJob, RecordKind::kImportJobHistory,
                                           RecordKind::kImportTask, RecordKind::kImportTaskHistory,
                                           RecordKind::kRestoreJob, RecordKind::kRestoreJobHistory),
                         [](const auto& info) {
                           return std::string(schema::GetRecordType(info.param).name);
                         });

TEST(Store, ATextOf64MebibytesComesBack) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  Record job = Job(RecordKind::kRecoverJob, 1002, 1);
  std::string list(size_t{64} << 20, 'x');
  for (size_t i = 0; i < list.size(); i += 4093) list[i] = static_cast<char>(i);
  job.Set("table_list", list);
  CommitAll(*store, {job});
  ASSERT_TRUE(store->Close());
  store = OpenWriter(tmp.Path("s"));
  auto got = Take(*store)->Get(RecordKind::kRecoverJob, {1002, 1, 0});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->Text("table_list") == list);
}

TEST(Store, ARecordThatIsNotThereIsNotFound) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  auto got = Take(*store)->Get(RecordKind::kImportTask, {1002, 3, 1047});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(got.error().message, "no import_task record (1002, 3, 1047)");
}

TEST(Store, TenantsComeBack) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  std::vector<Tenant> tenants = {{1, "sys", true, schema::Mode::kMySql},
                                 {1002, std::string("o\0\xFF", 3), true, schema::Mode::kOracle},
                                 {1004, "", false, schema::Mode::kMySql}};
  Batch batch;
  for (const Tenant& tenant : tenants) batch.PutTenant(tenant);
  ASSERT_TRUE(store->Commit(batch));
  auto got = Take(*store)->Tenants();
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, tenants);
}

// ---- what a commit does besides

TEST(Store, CountsWhatItInsertedReplacedAndRemoved) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  Record live = Task(1002, 3, 1000);
  Record history = Task(1002, 3, 1000, "FINISH", RecordKind::kImportTaskHistory);
  struct Case {
    const char* what;
    std::vector<Record> puts;
    uint64_t inserted, replaced, live_removed;
  };
  for (const Case& c : {
           Case{"a new record", {live}, 1, 0, 0},
           Case{"the same key", {live}, 0, 1, 0},
           Case{"twice in one batch", {Task(1002, 3, 1001), Task(1002, 3, 1001)}, 1, 1, 0},
           Case{"its history", {history}, 1, 0, 1},
           Case{"its history again", {history}, 0, 1, 0},
           Case{"both in one batch", {live, history}, 1, 1, 1},
           Case{"another job's history of a task",
                {Task(1002, 9, 1001, "FINISH", RecordKind::kImportTaskHistory)},
                1,
                0,
                1},
       }) {
    SCOPED_TRACE(c.what);
    CommitResult result = CommitAll(*store, c.puts);
    EXPECT_EQ(result.inserted, c.inserted);
    EXPECT_EQ(result.replaced, c.replaced);
    EXPECT_EQ(result.live_removed, c.live_removed);
  }
}

TEST(Store, HistoryRemovesItsLiveTwinOfEveryKind) {
  for (const RecordType& type : schema::RecordTypes()) {
    if (!type.history) continue;
    SCOPED_TRACE(type.name);
    TemporaryDirectory tmp;
    auto store = OpenWriter(tmp.Path("s"));
    auto make = [&](RecordKind kind) {
      return type.per_task ? Task(1002, 3, 1000, "INIT", kind) : Job(kind, 1002, 3);
    };
    CommitAll(*store, {make(type.twin)});
    EXPECT_EQ(CommitAll(*store, {make(type.kind)}).live_removed, 1U);
    EXPECT_EQ(Everything(*Take(*store)), std::vector<Record>{make(type.kind)});
  }
}

TEST(Store, ATaskIsReplacedByTheSameTaskOfAnotherJob) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  CommitAll(*store, {Task(1002, 3, 1000), Task(1004, 3, 1000)});
  EXPECT_EQ(CommitAll(*store, {Task(1002, 5, 1000)}).replaced, 1U);
  auto snapshot = Take(*store);
  auto cursor = snapshot->Scan(RecordKind::kImportTask, KeySpace{});
  EXPECT_EQ(KeysOf(*cursor), (std::vector<Key>{{1002, 5, 1000}, {1004, 3, 1000}}));
  cursor = snapshot->ScanByTask(RecordKind::kImportTask, KeySpace{});
  EXPECT_EQ(KeysOf(*cursor), (std::vector<Key>{{1002, 5, 1000}, {1004, 3, 1000}}));
}

TEST(Store, AReplacedOrDeletedRecordLeavesNoTextBehind) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  Record job = Job(RecordKind::kImportJob, 1002, 3);
  job.Set("table_list", std::string(5000, 'a'));
  job.Set("db_list", std::string(5000, 'b'));
  CommitAll(*store, {job});
  EXPECT_EQ(TextsIn(*store), 2U);
  job.Set("db_list", "short");
  CommitAll(*store, {job});
  EXPECT_EQ(TextsIn(*store), 1U);
  CommitAll(*store, {job.AsTwin()});
  EXPECT_EQ(TextsIn(*store), 1U);
  Batch batch;
  batch.Delete(RecordKind::kImportJobHistory, job.key());
  ASSERT_TRUE(store->Commit(batch));
  EXPECT_EQ(TextsIn(*store), 0U);
  EXPECT_TRUE(Everything(*Take(*store)).empty());
}

TEST(Store, RandomBatchesLeaveWhatTheRulesSay) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  Model model;
  for (uint64_t i = 1; i <= 400; ++i) {
    auto committed = store->Commit(RandomBatch(i, &model));
    ASSERT_TRUE(committed) << committed.error().message;
  }
  EXPECT_TRUE(Everything(*Take(*store)) == model.All());
  EXPECT_EQ(Take(*store)->stamp().number, 400U);
  auto report = store->Verify();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->damage, std::vector<std::string>());
}

TEST(Store, RefusesABatchWithOneBadRecordWhole) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  auto with = [](RecordKind kind, const char* field, schema::FieldValue value) {
    Record record = kind == RecordKind::kImportTask ? Task(1002, 3, 1000) : Job(kind, 1, 2);
    record.Set(field, std::move(value));
    return record;
  };
  struct Case {
    Record record;
    const char* message;
  };
  for (const Case& c : {
           Case{with(RecordKind::kRecoverJob, "restore_scn", uint64_t{1} << 62),
                "recover_job (1, 2): restore_scn is above the largest SCN, 4611686018427387903"},
           Case{with(RecordKind::kRestoreJob, "restore_scn", "4611686018427387904"),
                "restore_job (1, 2): restore_scn is above the largest SCN, 4611686018427387903"},
           Case{with(RecordKind::kRestoreJob, "consistent_scn", "99999999999999999999999"),
                "restore_job (1, 2): consistent_scn is above the largest SCN, "
                "4611686018427387903"},
           Case{with(RecordKind::kImportTask, "status", std::monostate{}),
                "import_task (1002, 3, 1000): status must not be NULL"},
           Case{with(RecordKind::kImportTask, "total_rows", "7"),
                "import_task (1002, 3, 1000): total_rows has a value of the wrong type"},
       }) {
    Batch batch;
    batch.Put(Task(1002, 3, 7));
    batch.Put(c.record);
    auto result = store->Commit(batch);
    ASSERT_FALSE(result) << c.message;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(result.error().message, c.message);
  }
  EXPECT_TRUE(Everything(*Take(*store)).empty());
  EXPECT_EQ(Take(*store)->stamp(), CommitStamp());
}

// ---- scans

TEST(Store, ScansVisitExactlyTheKeySpace) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  std::mt19937_64 random(5);
  std::vector<Key> keys;
  Batch batch;
  for (int64_t tenant : {-5, 0, 1002, 1004}) {
    for (int64_t job = 1; job <= 5; ++job) {
      for (int64_t task = 0; task < 5; ++task) {
        if (random() % 4 == 0) continue;
        keys.push_back({tenant, job, job * 10 + task});
        batch.Put(Task(tenant, job, job * 10 + task));
        // The history of other tasks lies between these in the index.
        batch.Put(
            Task(tenant, job, 500 + job * 10 + task, "FINISH", RecordKind::kImportTaskHistory));
      }
    }
  }
  ASSERT_TRUE(store->Commit(batch));
  auto snapshot = Take(*store);
  auto any = [&](const std::vector<int64_t>& values) {
    if (random() % 3 == 0) return RangeSet::All();
    if (random() % 20 == 0) return RangeSet();
    std::vector<schema::Range> ranges;
    for (uint64_t n = 1 + random() % 3; n > 0; --n) {
      int64_t lo = values[random() % values.size()];
      ranges.push_back({lo, lo + static_cast<int64_t>(random() % 4)});
    }
    return RangeSet::FromRanges(ranges);
  };
  for (int round = 0; round < 1000; ++round) {
    KeySpace space{any({-5, 0, 1002, 1003, 1004}), any({0, 1, 2, 3, 4, 5, 6}),
                   any({9, 10, 13, 21, 30, 42, 53, 70})};
    std::vector<Key> expected;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(expected),
                 [&](const Key& key) { return space.Contains(key); });
    auto by_key = snapshot->Scan(RecordKind::kImportTask, space);
    ASSERT_EQ(KeysOf(*by_key), expected) << space.ToString();
    auto by_task = snapshot->ScanByTask(RecordKind::kImportTask, space);
    std::sort(expected.begin(), expected.end(), [](const Key& a, const Key& b) {
      return std::tie(a.tenant_id, a.task_id) < std::tie(b.tenant_id, b.task_id);
    });
    ASSERT_EQ(KeysOf(*by_task), expected) << space.ToString();
    ASSERT_EQ(by_task->records_read(), expected.size());
  }
}

TEST(Store, ScansJumpOverWhatLiesOutside) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  for (int64_t tenant = 0; tenant < 50; ++tenant) {
    Batch batch;
    for (int64_t job = 0; job < 50; ++job) {
      for (int64_t task = 0; task < 40; ++task) batch.Put(Task(tenant, job, job * 40 + task));
    }
    ASSERT_TRUE(store->Commit(batch));
  }
  auto snapshot = Take(*store);
  struct Case {
    const char* what;
    KeySpace space;
    uint64_t rows, most_read;
  };
  RangeSet all = RangeSet::All();
  for (const Case& c : {
           Case{"a job of every tenant", {all, RangeSet::Point(7), all}, 2000, 2100},
           Case{"a tenant", {RangeSet::Point(9), all, all}, 2000, 2001},
           Case{"a point", {RangeSet::Point(9), RangeSet::Point(7), RangeSet::Point(285)}, 1, 2},
           Case{"two jobs of two tenants",
                {RangeSet::FromRanges({{3, 3}, {8, 8}}), RangeSet::Of(1, 2), all},
                160,
                164},
           Case{"everything", {}, 100000, 100000},
       }) {
    auto cursor = snapshot->Scan(RecordKind::kImportTask, c.space);
    EXPECT_EQ(KeysOf(*cursor).size(), c.rows) << c.what;
    EXPECT_LE(cursor->records_read(), c.most_read) << c.what;
    EXPECT_GE(cursor->records_read(), c.rows) << c.what;
  }
}

// ---- snapshots

TEST(Store, ASnapshotDoesNotSeeLaterCommits) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  Record first = Job(RecordKind::kImportJob, 1002, 3);
  first.Set("table_list", std::string(6000, '1'));
  Record second = first;
  second.Set("table_list", std::string(6000, '2'));
  CommitAll(*store, {first});
  auto older = Take(*store);
  CommitAll(*store, {second});
  auto newer = Take(*store);
  CommitAll(*store, {second.AsTwin()});
  EXPECT_TRUE(Everything(*older) == std::vector<Record>{first});
  EXPECT_TRUE(Everything(*newer) == std::vector<Record>{second});
  EXPECT_TRUE(Everything(*Take(*store)) == std::vector<Record>{second.AsTwin()});
  EXPECT_EQ(older->stamp().number, 1U);
  EXPECT_EQ(newer->stamp().number, 2U);
}

TEST(Store, ASnapshotOutlivesItsStore) {
  for (Access access : {Access::kReadWrite, Access::kReadOnly, Access::kFollower}) {
    TemporaryDirectory tmp;
    auto store = OpenWriter(tmp.Path("s"));
    CommitAll(*store, {Task(1002, 3, 1000)});
    if (access != Access::kReadWrite) {
      store.reset();
      store = std::move(*Store::Open(tmp.Path("s"), {.access = access}));
    }
    auto snapshot = Take(*store);
    store.reset();
    EXPECT_EQ(Everything(*snapshot), std::vector<Record>{Task(1002, 3, 1000)});
  }
}

TEST(Store, AClosedStoreRefusesWork) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  ASSERT_TRUE(store->Close());
  EXPECT_TRUE(store->Close());
  EXPECT_EQ(store->TakeSnapshot().error().code, ErrorCode::kInternal);
  EXPECT_EQ(store->Commit(Batch()).error().code, ErrorCode::kInternal);
  EXPECT_EQ(store->Verify().error().code, ErrorCode::kInternal);
}

TEST(Store, ReadersCannotCommit) {
  TemporaryDirectory tmp;
  OpenWriter(tmp.Path("s")).reset();
  for (Access access : {Access::kReadOnly, Access::kFollower}) {
    auto store = Store::Open(tmp.Path("s"), {.access = access});
    ASSERT_TRUE(store);
    EXPECT_EQ((*store)->Commit(Batch()).error().code, ErrorCode::kInternal);
  }
}

TEST(Store, StatsCountRecordsAndBytes) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  CommitAll(*store, {Task(1002, 3, 1000), Task(1002, 3, 1001), Job(RecordKind::kRestoreJob, 1, 5)});
  ASSERT_TRUE(store->Close());
  store = OpenWriter(tmp.Path("s"));
  auto stats = store->Stats();
  ASSERT_TRUE(stats);
  std::map<std::string, uint64_t> records;
  for (const auto& family : stats->families) {
    records[family.name] = family.records;
    EXPECT_EQ(family.disk_bytes > 0, family.records > 0) << family.name;
  }
  EXPECT_EQ(records["import_task"], 2U);
  EXPECT_EQ(records["task_index"], 2U);
  EXPECT_EQ(records["restore_job"], 1U);
  EXPECT_EQ(records["recover_job"], 0U);
  EXPECT_EQ(records.count("default"), 0U);
  EXPECT_GT(stats->disk_bytes, 1000U);
}

}  // namespace
}  // namespace obviews::engine
