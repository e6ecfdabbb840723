// How fast views are read, beside RocksDB's own iterator over the same store in the same run.
//
//   scan_bench [--benchmark_filter=...]      OBVIEWS_BENCH_TASKS (1000000), OBVIEWS_BENCH_DIR
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "bench/task_store.h"
#include "tools/output/result_writer.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::bench {
namespace {

/// The store, opened once for all benchmarks.
struct Fixture {
  std::string directory;
  std::unique_ptr<engine::Store> store;
  std::shared_ptr<const engine::Snapshot> snapshot;
  int64_t tasks = 0;
};

const Fixture& TheFixture() {
  static const Fixture fixture = [] {
    Fixture made;
    const char* count = std::getenv("OBVIEWS_BENCH_TASKS");
    const char* base = std::getenv("OBVIEWS_BENCH_DIR");
    made.tasks = count == nullptr ? 1'000'000 : std::atoll(count);
    auto directory =
        TaskStore(base == nullptr ? std::filesystem::temp_directory_path() / "obviews-bench" : base,
                  made.tasks);
    if (!directory) {
      std::cerr << directory.error().message << '\n';
      std::exit(1);
    }
    made.directory = *directory;
    made.store = *engine::Store::Open(made.directory, {});
    made.snapshot = *made.store->TakeSnapshot();
    return made;
  }();
  return fixture;
}

/// The peer: RocksDB's iterator over the task family, nothing looked at.
void RawIteration(benchmark::State& state) {
  const Fixture& fixture = TheFixture();
  std::vector<std::string> names;
  rocksdb::DB::ListColumnFamilies({}, fixture.directory, &names);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::DB::OpenForReadOnly({}, fixture.directory, families, &handles, &db);
  size_t task =
      static_cast<size_t>(std::find(names.begin(), names.end(), "import_task") - names.begin());
  int64_t rows = 0;
  for (auto _ : state) {
    std::unique_ptr<rocksdb::Iterator> iterator(db->NewIterator({}, handles[task]));
    uint64_t bytes = 0;
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      bytes += iterator->value().size();
      ++rows;
    }
    benchmark::DoNotOptimize(bytes);
  }
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
  state.SetItemsProcessed(rows);
}

/// Runs a scan; `use` gets each row. Items are the records of the store.
template <class Use>
void Scan(benchmark::State& state, const std::function<vtab::Predicate(const schema::View&)>& where,
          Use use) {
  const Fixture& fixture = TheFixture();
  vtab::Session session;
  const schema::View* view = session.FindView("CDB_OB_IMPORT_TABLE_TASKS");
  uint64_t read = 0;
  uint64_t returned = 0;
  for (auto _ : state) {
    vtab::ScanRequest request;
    request.view = view;
    request.predicate = where(*view);
    vtab::ViewCursor cursor(fixture.snapshot, session, std::move(request));
    while (true) {
      auto more = cursor.Next();
      if (!more) {
        state.SkipWithError(more.error().message.c_str());
        return;
      }
      if (!*more) break;
      use(cursor);
    }
    read += cursor.stats().records_read;
    returned += cursor.stats().records_returned;
  }
  state.SetItemsProcessed(static_cast<int64_t>(read));
  state.counters["returned"] =
      static_cast<double>(returned) / static_cast<double>(state.iterations());
}

vtab::Predicate Equal(const schema::View& view, std::string_view column, vtab::Literal literal) {
  return vtab::Predicate::Compare(view.FindColumn(column), vtab::CompareOp::kEq,
                                  std::move(literal));
}

void StatusFilter(benchmark::State& state) {
  Scan(
      state, [](const auto& view) { return Equal(view, "STATUS", "DOING"); },
      [](vtab::ViewCursor&) {});
}

void JobResultFilter(benchmark::State& state) {
  Scan(
      state,
      [](const auto& view) {
        return vtab::Predicate::And({Equal(view, "TENANT_ID", int64_t{1006}),
                                     Equal(view, "JOB_ID", int64_t{20}),
                                     Equal(view, "RESULT", "FAILED")});
      },
      [](vtab::ViewCursor&) {});
}

void AllColumns(benchmark::State& state) {
  Scan(
      state, [](const auto&) { return vtab::Predicate(); },
      [](vtab::ViewCursor& cursor) {
        for (size_t i = 0; i < cursor.view().columns.size(); ++i) {
          benchmark::DoNotOptimize(cursor.Column(i));
        }
      });
}

void AllColumnsAsTsv(benchmark::State& state) {
  int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  tools::FdSink sink(fd, "/dev/null");
  vtab::Session session;
  const schema::View* view = session.FindView("CDB_OB_IMPORT_TABLE_TASKS");
  auto writer = tools::MakeWriter(tools::Format::kBatch, sink);
  std::vector<tools::ColumnHeader> headers;
  headers.reserve(view->columns.size());
  for (const auto& column : view->columns) headers.push_back({column.name});
  if (!writer->Begin(headers)) state.SkipWithError("cannot write");
  std::vector<Value> values(view->columns.size());
  Scan(
      state, [](const auto&) { return vtab::Predicate(); },
      [&](vtab::ViewCursor& cursor) {
        for (size_t i = 0; i < values.size(); ++i) values[i] = *cursor.Column(i);
        if (!writer->Row(values)) state.SkipWithError("cannot write");
      });
  close(fd);
}

BENCHMARK(RawIteration)->Unit(benchmark::kMillisecond);
BENCHMARK(StatusFilter)->Unit(benchmark::kMillisecond);
BENCHMARK(AllColumns)->Unit(benchmark::kMillisecond);
BENCHMARK(AllColumnsAsTsv)->Unit(benchmark::kMillisecond);
BENCHMARK(JobResultFilter)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace obviews::bench

BENCHMARK_MAIN();
