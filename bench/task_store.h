// The store the microbenchmarks read: the tasks of task_data.h as records.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "bench/task_data.h"
#include "engine/store.h"

namespace obviews::bench {

/// The record behind a row of the views.
inline schema::Record ToRecord(const TaskRow& row, schema::RecordKind kind) {
  schema::Record task(kind);
  for (size_t i = 0; i < kTaskColumnCount; ++i) {
    if (row.nulls[i]) continue;
    if (kTaskColumns[i].type == ColumnType::kText) {
      task.Set(kTaskColumns[i].field, row.texts[i]);
    } else {
      task.Set(kTaskColumns[i].field, row.numbers[i]);
    }
  }
  return task;
}

/// The task number `n` of `total`, in key order.
inline schema::Record MakeTask(int64_t n, int64_t total) {
  TaskRow row;
  TaskData(total, 0).Make(n, &row);
  return ToRecord(row, schema::RecordKind::kImportTask);
}

/// Makes a store of `total` tasks in a fresh directory, or returns the one an earlier run left
/// there.
inline Result<std::string> TaskStore(const std::string& base, int64_t total) {
  std::string directory = fmt::format("{}/tasks-{}", base, total);
  if (std::filesystem::exists(directory + "/CURRENT")) return directory;
  std::filesystem::create_directories(base);
  engine::OpenOptions options;
  options.access = engine::Access::kReadWrite;
  options.create_if_missing = true;
  options.sync = false;
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(directory, options));
  for (int64_t n = 0; n < total;) {
    engine::Batch batch;
    for (int64_t end = std::min(n + 10000, total); n < end; ++n) batch.Put(MakeTask(n, total));
    OBVIEWS_RETURN_IF_ERROR(store->Commit(batch));
  }
  OBVIEWS_RETURN_IF_ERROR(store->Close());
  return directory;
}

}  // namespace obviews::bench
