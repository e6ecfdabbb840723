// Drives recoveries to their end: decides from the records what comes next, asks the executor for
// the work, and writes the outcome. It keeps nothing that the store does not, so that after a stop
// or a crash it goes on from the records.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/recover_request.h"
#include "schema/status.h"

namespace obviews::lifecycle {

struct SchedulerOptions {
  /// Threads that write records, which waits for the disk; recoveries may be more. Commits of
  /// several at the same time share a sync.
  int workers = 8;
  /// Tables of one recovery that are imported at the same time. Servers import one.
  int parallel_imports = 1;
  /// Wait before work that failed with a retryable error is begun again.
  std::chrono::milliseconds retry_pause{1000};
  /// Restore progress is written at most so often.
  std::chrono::milliseconds progress_pause{200};
  bool drop_aux_tenant = true;
  /// What the auxiliary tenant must be like, for it to be imported from. Default: it is not looked
  /// at.
  std::function<TargetTraits(int64_t tenant_id)> target_traits;
  /// Told of errors of the store that keep a recovery from going on, from a worker's thread. The
  /// recovery is tried again after retry_pause.
  std::function<void(int64_t sys_job_id, const Error& error)> on_error;
};

/// Thread-safe. Must not outlive the job store and the executor. Calls back of the executor that
/// come later than this lives, or that nobody waits for any more, are harmless: they do nothing.
class RecoverTableScheduler {
 public:
  RecoverTableScheduler(JobStore& jobs, Executor& executor, SchedulerOptions options);
  /// Stops.
  ~RecoverTableScheduler();
  RecoverTableScheduler(const RecoverTableScheduler&) = delete;
  RecoverTableScheduler& operator=(const RecoverTableScheduler&) = delete;

  /// Takes up all live recoveries that were started in this store, and from now on those that are.
  Status Start();
  /// Waits until no recovery is live, at most so long. False if some still is.
  bool WaitUntilIdle(std::chrono::milliseconds limit);
  /// Ends after the step each worker is in. What was begun with the executor is begun again by the
  /// next scheduler. May be called twice.
  void Stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace obviews::lifecycle
