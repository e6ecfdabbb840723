// The store every benchmark reads: tasks as a whole-database recovery leaves them. 16 tenants of 50
// jobs, tasks spread evenly; 90 % FINISH with a good result, 2 % FINISH failed with a comment, 3 %
// DOING, 5 % INIT.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/store.h"

namespace obviews::bench {

inline constexpr int64_t kTenants = 16;
inline constexpr int64_t kJobsPerTenant = 50;

/// The task number `n` of `total`, in key order.
inline schema::Record MakeTask(int64_t n, int64_t total) {
  int64_t per_job = std::max<int64_t>(total / (kTenants * kJobsPerTenant), 1);
  int64_t job = n / per_job;
  schema::Record task(schema::RecordKind::kImportTask);
  int64_t start = 1692191329492389 + n * 1371;
  task.Set("tenant_id", 1002 + 2 * std::min(job / kJobsPerTenant, kTenants - 1));
  task.Set("job_id", 3 + job % kJobsPerTenant);
  task.Set("task_id", 1047 + 3 * n);
  task.Set("src_tenant_id", int64_t{1004});
  task.Set("src_database", fmt::format("db_{:03}", n % 200));
  task.Set("src_table", fmt::format("orders_{:07}", n));
  task.Set("target_database", fmt::format("db_{:03}", n % 200));
  task.Set("target_table", fmt::format("orders_{:07}", n));
  task.Set("table_column", 5 + n % 20);
  task.Set("start_ts", start);
  task.Set("total_index_count", n % 4);
  int64_t kind = n * 7919 % 100;
  if (kind < 3) {
    task.Set("status", "DOING");
  } else if (kind < 8) {
    task.Set("status", "INIT");
  } else {
    task.Set("status", "FINISH");
    task.Set("completion_ts", start + 2500000);
    task.Set("imported_index_count", n % 4);
    task.Set("result", kind < 10 ? "FAILED" : "SUCCEESS");
    if (kind < 10) {
      task.Set("comment",
               fmt::format("result:-4016(), addr:10.0.0.{}:2882, trace_id:YB42{:016X}-0-0", n % 250,
                           n * 2654435761));
    }
  }
  return task;
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
