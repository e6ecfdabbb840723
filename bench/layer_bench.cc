// What each layer costs by itself: codec, conversions, predicates, reads and writes of the store,
// SQL on top. scan_bench.cc has the scans.
//
//   layer_bench [--benchmark_filter=...]     the store is made in a directory of its own and
//   removed
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <cstdio>

#include "bench/task_store.h"
#include "engine/record_block.h"
#include "schema/conversions.h"
#include "schema/time_texts.h"
#include "virtual_tables/compile.h"
#include "virtual_tables/row_batch.h"
#include "virtual_tables/sql/sql_session.h"

namespace obviews::bench {
namespace {

using engine::Key;
using engine::Store;
using schema::RecordKind;

constexpr int64_t kHistoryTasks = 100'000;
constexpr int64_t kLiveTasks = 10'000;
constexpr size_t kBatch = 1000;
constexpr std::string_view kHistoryView = "CDB_OB_IMPORT_TABLE_TASK_HISTORY";

schema::Record Task(int64_t n) {
  TaskRow row;
  TaskData(kHistoryTasks, kLiveTasks).Make(n, &row);
  return ToRecord(row,
                  n < kHistoryTasks ? RecordKind::kImportTaskHistory : RecordKind::kImportTask);
}

std::vector<schema::Record> Tasks(int64_t begin, size_t count) {
  std::vector<schema::Record> tasks;
  for (size_t i = 0; i < count; ++i) tasks.push_back(Task(begin + static_cast<int64_t>(i)));
  return tasks;
}

/// A store that is gone when the program ends. Commits are not synced: what is measured is ours.
class Fixture {
 public:
  Fixture() {
    std::string pattern = std::filesystem::temp_directory_path() / "obviews-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) Stop("cannot make a directory " + pattern);
    directory_ = pattern;
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = true;
    options.sync = false;
    auto opened = Store::Open(directory_ + "/store", options);
    if (!opened) Stop(opened.error().message);
    store = std::move(*opened);
    for (int64_t n = 0; n < kHistoryTasks + kLiveTasks; n += kBatch) {
      engine::Batch batch;
      for (schema::Record& task : Tasks(n, kBatch)) batch.Put(std::move(task));
      auto committed = store->Commit(batch);
      if (!committed) Stop(committed.error().message);
    }
    snapshot = *store->TakeSnapshot();
  }
  ~Fixture() {
    snapshot.reset();
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  std::unique_ptr<Store> store;
  std::shared_ptr<const engine::Snapshot> snapshot;
  vtab::Session session;
  int64_t next_task = kHistoryTasks + kLiveTasks;  ///< the first that is not there yet

 private:
  [[noreturn]] static void Stop(const std::string& why) {
    std::fprintf(stderr, "layer_bench: %s\n", why.c_str());
    std::exit(1);
  }
  std::string directory_;
};

Fixture& TheFixture() {
  static Fixture fixture;
  return fixture;
}

// ---- codec

void EncodeOneRecord(benchmark::State& state) {
  schema::Record task = Task(kHistoryTasks);
  std::string bytes;
  std::vector<engine::ExternalText> texts;
  for (auto _ : state) {
    bytes.clear();
    engine::EncodeRecord(task, &bytes, &texts);
    benchmark::DoNotOptimize(bytes.data());
  }
}

void ParseOneRecordAndReadStatus(benchmark::State& state) {
  schema::Record task = Task(kHistoryTasks);
  std::string bytes;
  std::vector<engine::ExternalText> texts;
  engine::EncodeRecord(task, &bytes, &texts);
  engine::RecordView view;
  constexpr auto kStatus = schema::TaskFields::kStatus;
  for (auto _ : state) {
    benchmark::DoNotOptimize(view.Parse(task.type(), task.key(), bytes));
    benchmark::DoNotOptimize(view.Text(kStatus));
  }
}

std::string Block(const std::vector<schema::Record>& tasks) {
  std::vector<engine::BlockRow> rows(tasks.begin(), tasks.end());
  std::string bytes;
  std::vector<engine::BlockText> texts;
  engine::EncodeBlock(rows, &bytes, &texts);
  return bytes;
}

void EncodeOneBlock(benchmark::State& state) {
  std::vector<schema::Record> tasks = Tasks(0, 100);
  for (auto _ : state) benchmark::DoNotOptimize(Block(tasks));
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(tasks.size()));
}

void ParseOneBlock(benchmark::State& state) {
  std::vector<schema::Record> tasks = Tasks(0, 100);
  std::string bytes = Block(tasks);
  engine::RecordBlock block;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        block.Parse(tasks[0].type(), tasks.back().key(), bytes, engine::FieldSet::All()));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(tasks.size()));
}

// ---- conversions

constexpr int64_t kSomeUsec = 1'692'191'329'492'389;

void ShowOneTime(benchmark::State& state) {
  schema::TextBuffer out;
  vtab::Session session;
  int64_t usec = kSomeUsec;
  for (auto _ : state) {
    benchmark::DoNotOptimize(schema::ShowUsecMySql(usec += 1'000'003, session.time_zone, out));
  }
}

void ShowNeighbouringTimes(benchmark::State& state) {
  vtab::Session session;
  schema::UsecTexts times(session.time_zone);
  int64_t usec = kSomeUsec;
  for (auto _ : state) benchmark::DoNotOptimize(times.Show(usec += 1371));
}

void ShowOneScn(benchmark::State& state) {
  schema::TextBuffer out;
  vtab::Session session;
  uint64_t scn = 1'692'104'831'498'747'191;
  for (auto _ : state) {
    benchmark::DoNotOptimize(schema::ShowScnMySql(scn += 1'000'003, session.system_time_zone, out));
  }
}

// ---- predicates

void TestPredicate(benchmark::State& state, const vtab::Predicate& predicate) {
  vtab::Session session;
  const schema::View& view = *session.FindView("CDB_OB_IMPORT_TABLE_TASKS");
  vtab::Filter filter = vtab::Compile(session, view, predicate, false);
  vtab::Materialiser shower(nullptr, session, view);
  schema::Record task = Task(kHistoryTasks);
  std::string bytes;
  std::vector<engine::ExternalText> texts;
  engine::EncodeRecord(task, &bytes, &texts);
  engine::RecordView record;
  record.Parse(task.type(), task.key(), bytes);
  std::string scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(vtab::Evaluate(filter, record, shower, scratch));
  }
}

size_t ColumnOfTasks(std::string_view name) {
  return vtab::Session().FindView("CDB_OB_IMPORT_TABLE_TASKS")->FindColumn(name);
}

void TestEqualText(benchmark::State& state) {
  TestPredicate(state, vtab::Predicate::Compare(ColumnOfTasks("SRC_TABLE"), vtab::CompareOp::kEq,
                                                "orders_0000001"));
}
void TestTime(benchmark::State& state) {
  TestPredicate(state, vtab::Predicate::Compare(ColumnOfTasks("START_TIMESTAMP"),
                                                vtab::CompareOp::kGe, "2023-08-16 21:00:00"));
}
void TestLike(benchmark::State& state) {
  TestPredicate(state, vtab::Predicate::Like(ColumnOfTasks("SRC_TABLE"), "%00001"));
}

// ---- the store

void FindHistoryTask(benchmark::State& state) {
  Fixture& fixture = TheFixture();
  vtab::RowLookup rows(fixture.snapshot, fixture.session, *fixture.session.FindView(kHistoryView));
  std::vector<Key> keys;
  for (int64_t i = 0; i < 1000; ++i) keys.push_back(Task(i * 7919 % kHistoryTasks).key());
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(rows.Find(keys[next++ % keys.size()]));
}

void FindLiveTask(benchmark::State& state) {
  Fixture& fixture = TheFixture();
  auto rows = fixture.snapshot->Lookup(RecordKind::kImportTask, engine::FieldSet::All());
  std::vector<Key> keys;
  for (int64_t i = 0; i < 1000; ++i) {
    keys.push_back(Task(kHistoryTasks + i * 7919 % kLiveTasks).key());
  }
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(rows->Find(keys[next++ % keys.size()]));
}

void ReadHistoryInBatches(benchmark::State& state) {
  Fixture& fixture = TheFixture();
  int64_t rows = 0;
  for (auto _ : state) {
    vtab::ScanRequest request;
    request.view = fixture.session.FindView(kHistoryView);
    vtab::BatchCursor batches(fixture.snapshot, fixture.session, std::move(request));
    while (*batches.Next()) rows += static_cast<int64_t>(batches.rows());
  }
  state.SetItemsProcessed(rows);
}

void CommitTasks(benchmark::State& state) {
  Fixture& fixture = TheFixture();
  auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    engine::Batch batch;
    for (schema::Record& task : Tasks(fixture.next_task, count)) batch.Put(std::move(task));
    fixture.next_task += static_cast<int64_t>(count);
    state.ResumeTiming();
    if (!fixture.store->Commit(batch)) state.SkipWithError("cannot write");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void UpdateStatus(benchmark::State& state) {
  Fixture& fixture = TheFixture();
  constexpr auto kStatus = schema::TaskFields::kStatus;
  std::vector<Key> keys;
  for (schema::Record& task : Tasks(kHistoryTasks, kBatch)) keys.push_back(task.key());
  bool doing = false;
  for (auto _ : state) {
    doing = !doing;
    engine::Batch batch;
    for (const Key& key : keys) {
      batch.Update(RecordKind::kImportTask, key,
                   {{kStatus, std::string(doing ? "DOING" : "INIT")}});
    }
    if (!fixture.store->Commit(batch)) state.SkipWithError("cannot write");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys.size()));
}

// ---- SQL

class Ignored final : public vtab::sql::RowReceiver {
 public:
  Status Begin(std::span<const vtab::sql::ResultColumn> /*columns*/) override { return {}; }
  Status Row(std::span<const Value> /*values*/) override { return {}; }
};

void RunSql(benchmark::State& state, const std::string& text) {
  Fixture& fixture = TheFixture();
  auto sql = *vtab::sql::SqlSession::Open(fixture.store.get(), fixture.session);
  vtab::sql::SplitStatement statement;
  statement.text = text;
  Ignored rows;
  for (auto _ : state) {
    if (!sql->Execute(statement, rows)) state.SkipWithError("the statement failed");
  }
}

void SqlOneRow(benchmark::State& state) {
  RunSql(state,
         "SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE TENANT_ID = 1002 AND TASK_ID = 5");
}
void SqlCountByStatus(benchmark::State& state) {
  RunSql(state, "SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE STATUS = 'DOING'");
}
void SqlSummary(benchmark::State& state) {
  RunSql(state, "SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY");
}

BENCHMARK(EncodeOneRecord);
BENCHMARK(ParseOneRecordAndReadStatus);
BENCHMARK(EncodeOneBlock);
BENCHMARK(ParseOneBlock);
BENCHMARK(ShowOneTime);
BENCHMARK(ShowNeighbouringTimes);
BENCHMARK(ShowOneScn);
BENCHMARK(TestEqualText);
BENCHMARK(TestTime);
BENCHMARK(TestLike);
BENCHMARK(FindHistoryTask);
BENCHMARK(FindLiveTask);
BENCHMARK(ReadHistoryInBatches)->Unit(benchmark::kMillisecond);
BENCHMARK(SqlOneRow)->Unit(benchmark::kMicrosecond);
BENCHMARK(SqlCountByStatus)->Unit(benchmark::kMicrosecond);
BENCHMARK(SqlSummary)->Unit(benchmark::kMicrosecond);
// Last, for they change the store.
BENCHMARK(UpdateStatus)->Unit(benchmark::kMillisecond);
BENCHMARK(CommitTasks)->Arg(1)->Arg(kBatch)->Unit(benchmark::kMicrosecond)->Iterations(200);

}  // namespace
}  // namespace obviews::bench

BENCHMARK_MAIN();
