// What the progress view costs in a store of many tasks.
//
//   progress_cost DIRECTORY [HISTORY_TASKS] [LIVE_TASKS]     default: 9500000 500000
//
// The store is made in the directory unless it is there. Printed: milliseconds, the best and the
// median of 21 statements on an open store.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"

namespace obviews::bench {
namespace {

using schema::Record;
using schema::RecordKind;

constexpr int64_t kStart = 1'700'000'000'000'000;
constexpr int64_t kLiveJob = 3;
constexpr int64_t kOldJob = 5;

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "progress_cost: %s\n", why.c_str());
  std::exit(1);
}

Record Job(RecordKind kind, int64_t tenant, int64_t job, int64_t initiator_tenant,
           int64_t initiator_job, const std::string& status) {
  Record record(kind);
  record.Set("tenant_id", tenant);
  record.Set("job_id", job);
  record.Set("initiator_tenant_id", initiator_tenant);
  record.Set("initiator_job_id", initiator_job);
  record.Set("start_ts", kStart);
  record.Set("status", status);
  return record;
}

Record Task(RecordKind kind, int64_t job, int64_t task) {
  Record record(kind);
  record.Set("tenant_id", int64_t{1002});
  record.Set("job_id", job);
  record.Set("task_id", task);
  record.Set("src_database", "db");
  record.Set("src_table", fmt::format("table_{}", task));
  bool live = kind == RecordKind::kImportTask;
  bool failed = task % 50 == 0;
  record.Set("status", live && task % 2 == 0 ? "INIT" : "FINISH");
  record.Set("start_ts", kStart + task);
  if (record.Text("status") == "FINISH") {
    record.Set("completion_ts", kStart + 2 * task);
    record.Set("result", failed || (live && task % 51 == 0) ? "FAILED" : "SUCCEESS");
    if (failed) record.Set("comment", "Table already exists");
  }
  return record;
}

void Commit(engine::Store& store, const engine::Batch& batch) {
  auto done = store.Commit(batch);
  if (!done) Stop(done.error().message);
}

void Make(const std::string& directory, int64_t history, int64_t live) {
  auto store = engine::Store::Open(
      directory, {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
  if (!store) Stop(store.error().message);
  engine::Batch jobs;
  jobs.Put(Job(RecordKind::kRecoverJob, 1, 7, 1, 0, "RECOVERING"));
  jobs.Put(Job(RecordKind::kRecoverJob, 1002, 2, 1, 7, "IMPORTING"));
  jobs.Put(Job(RecordKind::kImportJob, 1002, kLiveJob, 1002, 2, "IMPORT_TABLE"));
  jobs.Put(Job(RecordKind::kRecoverJobHistory, 1, 6, 1, 0, "COMPLETED"));
  jobs.Put(Job(RecordKind::kRecoverJobHistory, 1002, 4, 1, 6, "COMPLETED"));
  jobs.Put(Job(RecordKind::kImportJobHistory, 1002, kOldJob, 1002, 4, "IMPORT_FINISH"));
  Commit(**store, jobs);
  constexpr int64_t kAtOnce = 50'000;
  auto fill = [&](RecordKind kind, int64_t job, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count;) {
      engine::Batch batch;
      for (int64_t end = std::min(i + kAtOnce, count); i < end; ++i) {
        batch.Put(Task(kind, job, first + i));
      }
      Commit(**store, batch);
    }
  };
  fill(RecordKind::kImportTaskHistory, kOldJob, 1, history);
  fill(RecordKind::kImportTask, kLiveJob, history + 1, live);
  if (auto closed = (*store)->Close(); !closed) Stop(closed.error().message);
}

/// Reads the view once; returns its rows.
uint64_t Read(const engine::Snapshot& snapshot) {
  auto cursor = snapshot.Scan(RecordKind::kProgress, {});
  uint64_t rows = 0;
  for (;; ++rows) {
    auto more = cursor->Next();
    if (!more) Stop(more.error().message);
    if (!*more) return rows;
  }
}

int Main(const std::string& directory, int64_t history, int64_t live) {
  if (!std::filesystem::exists(directory + "/CURRENT")) Make(directory, history, live);
  auto store = engine::Store::Open(directory, {});
  if (!store) Stop(store.error().message);
  std::vector<double> times;
  uint64_t rows = 0;
  for (int i = 0; i < 21; ++i) {
    auto begin = std::chrono::steady_clock::now();
    auto snapshot = (*store)->TakeSnapshot();
    if (!snapshot) Stop(snapshot.error().message);
    rows = Read(**snapshot);
    auto passed = std::chrono::steady_clock::now() - begin;
    times.push_back(std::chrono::duration<double, std::milli>(passed).count());
  }
  double first = times[0];
  std::sort(times.begin(), times.end());
  fmt::print("{} tasks, {} recoveries: first {:.2f} ms, best {:.2f} ms, median {:.2f} ms\n",
             history + live, rows, first, times[0], times[times.size() / 2]);
  return 0;
}

int64_t NumberOr(const char* text, int64_t fallback) {
  int64_t number = fallback;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), number);
  return number;
}

}  // namespace
}  // namespace obviews::bench

int main(int argc, char** argv) {
  using obviews::bench::NumberOr;
  if (argc < 2) return 2;
  return obviews::bench::Main(argv[1], NumberOr(argc > 2 ? argv[2] : nullptr, 9'500'000),
                              NumberOr(argc > 3 ? argv[3] : nullptr, 500'000));
}
