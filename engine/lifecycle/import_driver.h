// The part of a recovery that imports the tables: the import job and its tasks. Internal to
// engine/lifecycle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/scheduler.h"
#include "engine/lifecycle/step.h"
#include "engine/lifecycle/work_slot.h"
#include "engine/store.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// BEHAVIOUR §2.3 and §2.4. Used by one thread at a time.
class ImportDriver {
 public:
  ImportDriver(JobStore& jobs, Executor& executor, const SchedulerOptions& options,
               std::shared_ptr<Mailbox> mailbox);

  /// One step of a live import job.
  Result<Step> Next(const engine::Key& key, const Recovery& recovery);
  /// Tables are being imported, and nobody else has changed a record: Next knows where it stands
  /// without reading.
  bool Busy() const { return key_.has_value(); }
  Result<Step> GoOn(const Recovery& recovery) { return ImportTables(recovery); }
  /// Somebody changed records: read them anew.
  void Refresh() { key_.reset(); }

 private:
  /// A task that is not finished.
  struct Unfinished {
    int64_t task_id = 0;
    bool doing = false;
    Clock::time_point not_before{};
  };
  struct Running {
    ImportWork work;
    schema::Record task;
    WorkSlot<ImportCounts> slot;
  };

  Result<Step> List(const schema::Record& job, const Recovery& recovery);
  /// Reads which tasks are left.
  Status Load(const schema::Record& job);
  Result<Step> ImportTables(const Recovery& recovery);
  /// The tasks whose work ended. What becomes of them is added to `changes`; of those that are
  /// tried again nothing.
  std::vector<int64_t> TakeOutcomes(std::vector<Advance>* changes);
  /// The tasks to begin with next, at most `free`.
  Result<std::vector<Running>> TakeUp(const Recovery& recovery, size_t free,
                                      std::vector<Advance>* changes);
  /// REQUIRES: Load was called.
  ImportWork WorkOf(const Recovery& recovery, const schema::Record& task) const;
  Result<Step> Reconstruct(const engine::Key& key);
  Result<Step> Finish(const schema::Record& job);
  Result<Step> Cancel(const schema::Record& job, const Recovery& recovery);
  engine::Key TaskKey(int64_t task_id) const { return {key_->tenant_id, key_->job_id, task_id}; }

  JobStore& jobs_;
  Executor& executor_;
  const SchedulerOptions& options_;
  std::shared_ptr<Mailbox> mailbox_;
  WorkSlot<std::vector<ListedTable>> list_;
  std::optional<engine::Key> key_;  ///< of the job whose tasks the members below are of
  int64_t aux_tenant_id_ = 0;
  std::deque<Unfinished> waiting_;
  std::map<int64_t, Running> running_;  ///< by task
};

}  // namespace obviews::lifecycle
