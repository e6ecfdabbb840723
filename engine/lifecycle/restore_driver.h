// The part of a recovery that restores the auxiliary tenant: both sides of its restore job.
// Internal to engine/lifecycle.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/scheduler.h"
#include "engine/lifecycle/step.h"
#include "engine/lifecycle/work_slot.h"
#include "engine/store.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// BEHAVIOUR §2.5. Used by one thread at a time.
class RestoreDriver {
 public:
  RestoreDriver(JobStore& jobs, Executor& executor, const SchedulerOptions& options,
                std::shared_ptr<Mailbox> mailbox);

  /// One step of a live restore job of the sys tenant.
  Result<Step> Next(const schema::Record& restore_job, const schema::Record& sys_job,
                    const Recovery& recovery);
  /// Ends a live restore job whose auxiliary tenant was dropped.
  Result<Step> EndDropped(const schema::Record& restore_job);
  /// Asks once more for what a restore that is in history made: another process saw it end.
  Result<Step> AskAgain(const schema::Record& history, const schema::Record& sys_job,
                        const Recovery& recovery);
  /// What the restore made, if this process was told.
  const std::optional<AuxTenant>& aux_tenant() const { return aux_tenant_; }

 private:
  /// What an executor told last. Shared with its callback.
  struct Told {
    std::optional<RestoreProgress> progress;
    std::string status;  ///< that progress refers to
  };

  void Begin(const schema::Record& restore_job, const schema::Record& sys_job,
             const Recovery& recovery);
  /// Writes what was told since the last time; false if nothing was.
  Result<bool> WriteProgress(const schema::Record& restore_job);
  Result<Step> TakeOutcome(const schema::Record& restore_job, WorkResult<AuxTenant> outcome);
  /// Makes the auxiliary tenant's own record, if it has none.
  Status EnsureAuxJob(const schema::Record& restore_job, int64_t aux_tenant_id);
  /// Takes the auxiliary tenant's job along its statuses up to `status`.
  Status Follow(const engine::Key& aux_key, std::string_view status, const FieldValues& fields);
  /// Fails both sides.
  Status End(const schema::Record& restore_job, int code, std::string comment);
  /// Both sides, as far as they are finished.
  Status MoveToHistory(const engine::Key& key, int64_t aux_tenant);

  JobStore& jobs_;
  Executor& executor_;
  const SchedulerOptions& options_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Told> told_;
  WorkSlot<AuxTenant> work_;
  std::optional<AuxTenant> aux_tenant_;
  Clock::time_point next_progress_{};
};

}  // namespace obviews::lifecycle
