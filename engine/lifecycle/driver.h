// Drives one recovery: each step reads where its records stand, takes up the outcome of work, and
// writes the next change or begins the next work. Internal to engine/lifecycle.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/import_driver.h"
#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/progress_sampler.h"
#include "engine/lifecycle/restore_driver.h"
#include "engine/lifecycle/scheduler.h"
#include "engine/lifecycle/step.h"
#include "engine/lifecycle/work_slot.h"
#include "engine/store.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// The step between the records and the work of one recovery (BEHAVIOUR §2.1 and §2.2). Used by one
/// thread at a time; Refresh by any.
class Driver {
 public:
  Driver(JobStore& jobs, Executor& executor, const SchedulerOptions& options, int64_t sys_job_id,
         const std::shared_ptr<Mailbox>& mailbox);

  /// Does one thing. kConflict means that somebody else changed a record: step again.
  Result<Step> Next();
  /// Somebody else changed records: a cancel.
  void Refresh() { refresh_ = true; }
  int64_t sys_job_id() const { return sys_key_.job_id; }

 private:
  Result<Step> TakeStep();
  Result<Step> Prepare(const schema::Record& sys_job);
  Result<Step> Recover(const schema::Record& sys_job);
  Result<Step> End(const schema::Record& sys_job);
  Result<Step> EndRestore(const schema::Record& sys_job);

  Result<Step> StepUser(const schema::Record& user_job, const schema::Record& sys_job);
  Result<Step> AfterRestore(const schema::Record& user_job, const schema::Record& sys_job);
  Result<Step> Activate(const schema::Record& user_job);
  Result<Step> AfterImport(const schema::Record& user_job);
  Result<Step> Canceled(const schema::Record& user_job);

  /// Takes a recover job to a finished status.
  Result<Step> Finish(const schema::Record& job, std::string_view to, std::string_view result,
                      std::string comment);
  Result<Step> Fail(const schema::Record& job, int code, std::string comment = "");
  Result<Step> Advance(const schema::Record& job, std::string_view to);
  /// The sys tenant's restore job, live or in history as the kind says.
  Result<std::optional<schema::Record>> FindRestore(schema::RecordKind kind) const;
  /// The auxiliary tenant, by the records of its restore.
  Result<AuxWork> AuxTenantOf();

  JobStore& jobs_;
  Executor& executor_;
  const SchedulerOptions& options_;
  engine::Key sys_key_;
  Recovery recovery_;  ///< filled in by the first step
  RestoreDriver restore_;
  ImportDriver import_;
  ProgressSampler sampler_;
  WorkSlot<std::monostate> activate_;
  WorkSlot<std::monostate> drop_;
  std::atomic<bool> refresh_{false};
};

}  // namespace obviews::lifecycle
