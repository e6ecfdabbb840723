// What the job store and the scheduler can do at most: recoveries started and tables imported a
// second with an executor that does nothing, every commit on the disk, beside the disk's own rate
// of syncs.
//
//   lifecycle_bench [--benchmark_filter=...]     the store is made in a directory of its own, below
//   TMPDIR, and removed
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "engine/lifecycle/scheduler.h"

namespace obviews::bench {
namespace {

using namespace lifecycle;  // NOLINT(google-build-using-namespace): its bench

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "lifecycle_bench: %s\n", why.c_str());
  std::exit(1);
}

/// Everything is done at once and goes well.
class NoWork final : public Executor {
 public:
  explicit NoWork(int tables) {
    for (int i = 0; i < tables; ++i) {
      ListedTable table;
      table.source_database = table.target_database = "db";
      table.source_table = table.target_table = fmt::format("table_{}", i);
      tables_.push_back(std::move(table));
    }
  }
  void RestoreAuxTenant(const RestoreWork& work, std::function<void(const RestoreProgress&)>,
                        Done<AuxTenant> done) override {
    done(AuxTenant{1'000'000 + work.recovery.sys_job_id});
  }
  void ActivateAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override { done({}); }
  void ListTables(const ListWork& /*work*/, Done<std::vector<ListedTable>> done) override {
    done(tables_);
  }
  void ImportTable(const ImportWork& /*work*/, Done<ImportCounts> done) override {
    done(ImportCounts{});
  }
  void AbortImport(const ImportWork& /*work*/) override {}
  void DropAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override { done({}); }

 private:
  std::vector<ListedTable> tables_;
};

/// A store in a directory that goes with it.
class Scratch {
 public:
  Scratch() {
    std::string pattern = std::filesystem::temp_directory_path() / "obviews-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) Stop("cannot make a directory " + pattern);
    directory_ = pattern;
    auto opened = engine::Store::Open(
        directory_ + "/store",
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = true});
    if (!opened) Stop(opened.error().message);
    store = std::move(*opened);
  }
  ~Scratch() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& directory() const { return directory_; }
  std::unique_ptr<engine::Store> store;

 private:
  std::string directory_;
};

StartRequest Request(int64_t tenant_id) {
  StartRequest request;
  request.target = {tenant_id, fmt::format("tenant_{}", tenant_id)};
  request.import_all = true;
  request.restore_scn = 1'700'000'000'000'000'000;
  return request;
}

void StartAll(JobStore& jobs, int64_t first, int64_t count) {
  for (int64_t i = first; i < first + count; ++i) {
    auto started = jobs.Start(Request(1002 + 2 * i));
    if (!started) Stop(started.error().message);
  }
}

/// Two commits each: sys job with restore job, and the tenant's job.
void Start(benchmark::State& state) {
  constexpr int64_t kEach = 50;
  auto threads = state.range(0);
  for (auto _ : state) {
    state.PauseTiming();
    Scratch scratch;
    JobStore jobs(*scratch.store, {});
    state.ResumeTiming();
    std::vector<std::thread> starters;
    for (int64_t t = 0; t < threads; ++t) {
      starters.emplace_back([&jobs, t] { StartAll(jobs, t * kEach, kEach); });
    }
    for (std::thread& starter : starters) starter.join();
    state.PauseTiming();
    scratch.store.reset();
    state.ResumeTiming();
  }
  state.counters["recoveries"] = benchmark::Counter(
      static_cast<double>(state.iterations() * threads * kEach), benchmark::Counter::kIsRate);
}
BENCHMARK(Start)->ArgName("threads")->Arg(1)->Arg(16)->UseRealTime()->Unit(benchmark::kMillisecond);

/// From the first step to history. One table at a time in each recovery, as servers do.
void Tasks(benchmark::State& state) {
  auto recoveries = state.range(0);
  auto tables = state.range(1);
  NoWork executor(static_cast<int>(tables));
  for (auto _ : state) {
    state.PauseTiming();
    Scratch scratch;
    JobStore jobs(*scratch.store, {});
    StartAll(jobs, 0, recoveries);
    SchedulerOptions options;
    options.workers = 16;
    RecoverTableScheduler scheduler(jobs, executor, options);
    state.ResumeTiming();
    if (auto started = scheduler.Start(); !started) Stop(started.error().message);
    if (!scheduler.WaitUntilIdle(std::chrono::minutes(5))) Stop("recoveries do not end");
    state.PauseTiming();
    scheduler.Stop();
    state.ResumeTiming();
  }
  state.counters["tasks"] = benchmark::Counter(
      static_cast<double>(state.iterations() * recoveries * tables), benchmark::Counter::kIsRate);
  state.counters["recoveries"] = benchmark::Counter(
      static_cast<double>(state.iterations() * recoveries), benchmark::Counter::kIsRate);
}
BENCHMARK(Tasks)
    ->ArgNames({"recoveries", "tables"})
    ->Args({1, 1000})
    ->Args({16, 1000})
    ->Args({64, 100})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// What the disk does: a write of a commit's size and a sync, one after the other.
void Fsync(benchmark::State& state) {
  Scratch scratch;
  int file = open((scratch.directory() + "/sync").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) Stop("cannot make a file");
  char bytes[512] = {};
  for (auto _ : state) {
    if (write(file, bytes, sizeof bytes) < 0 || fdatasync(file) != 0) Stop("cannot write");
  }
  close(file);
  state.counters["syncs"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(Fsync)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace obviews::bench

BENCHMARK_MAIN();
