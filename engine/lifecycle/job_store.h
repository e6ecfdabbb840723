// The jobs of table recoveries: every change that a life of theirs makes to the store, each one
// commit that leaves no half. Who drives a recovery calls this; it decides nothing itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/recover_request.h"
#include "engine/lifecycle/tenants.h"
#include "engine/store.h"

namespace obviews::lifecycle {

struct JobStoreOptions {
  /// The time of day, microseconds since the epoch. Never runs backwards within one store object.
  std::function<int64_t()> now_usec;    ///< default: the system's clock
  std::string addr = "127.0.0.1:2882";  ///< shown in the comments of failures
  /// A trace id for each failure; default: as servers make them, `Y` and a count from the time the
  /// job store was made, so that those of another run differ.
  std::function<std::string()> trace_id;
};

/// A recovery to be started: what was asked for, resolved.
struct StartRequest {
  TargetTenant target;
  bool import_all = false;
  RecoverLists lists;
  uint64_t restore_scn = 0;
  std::string backup_set_list;
  std::string backup_piece_list;
  std::string backup_tenant_name;
  int64_t backup_tenant_id = 0;
  std::string backup_cluster_name;
  std::optional<std::string> backup_passwd;
  std::optional<std::string> external_kms_info;
  std::optional<std::string> description;
};

/// Fields to set, by name.
using FieldValues = std::vector<std::pair<std::string_view, schema::FieldValue>>;

/// A change of one record's status. `from` and `to` are two statuses of its machine
/// (schema/state_machines.h), or the same one to set fields alone; without
/// fields too it changes nothing, but the status must be so.
struct Advance {
  schema::RecordKind kind = schema::RecordKind::kRecoverJob;
  engine::Key key;
  std::string_view from;
  std::string_view to;
  FieldValues fields = {};
};

/// What a cancel changed.
struct CancelResult {
  uint64_t import_jobs = 0;
  uint64_t recover_jobs = 0;
  /// Live recover jobs that were loaded, and so are not touched.
  uint64_t observed_jobs = 0;
};

/// Thread-safe. The store must outlive it and be open for writing. Errors besides those named: of
/// the store.
class JobStore {
 public:
  JobStore(engine::Store& store, JobStoreOptions options);
  ~JobStore();
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;

  /// Called after every commit that a recovery's driver may wait for: a start, a cancel. With the
  /// sys job's id, by the thread that committed. Replaces the one set before.
  void SetListener(std::function<void(int64_t sys_job_id)> listener);

  /// Makes the sys recover job and the restore job in one commit, then, best effort, the target
  /// tenant's recover job in another. Returns the sys job's id. kInvalidArgument with -4179 while
  /// the target has a live recovery.
  Result<int64_t> Start(const StartRequest& request);
  /// The target tenant's recover job of a sys job, if it has none yet, live or in history.
  Status EnsureUserJob(int64_t sys_job_id);

  /// Sets the live import jobs, then the live recover jobs of the tenant to CANCELING, all in one
  /// commit. No job is a success.
  Result<CancelResult> Cancel(int64_t tenant_id);

  /// Makes all changes in one commit. kInvalidArgument for a transition that is not in the tables;
  /// kConflict, and nothing is changed, if a record no longer has its `from`.
  Status Make(std::span<const Advance> changes);
  Status Make(const Advance& change) { return Make(std::span(&change, 1)); }

  /// The auxiliary tenant's own restore job; that of the sys tenant goes from CREATE_TENANT to
  /// WAIT_TENANT_RESTORE_FINISH in the same commit.
  Status MakeAuxRestoreJob(const schema::Record& restore_job, int64_t aux_tenant_id);
  /// The import job of a user recover job, which goes from GEN_IMPORT_JOB to IMPORTING in the same
  /// commit.
  Status MakeImportJob(const schema::Record& user_job, int64_t aux_tenant_id);
  /// One task for each table; the import job goes from INIT to IMPORT_TABLE in the same commit.
  Status MakeTasks(const schema::Record& import_job, std::span<const ListedTable> tables);

  /// Moves a finished record to history in one commit: a recover job; a restore job (`fields` are
  /// of the history record); an import job with its tasks. `from` is the status the caller saw:
  /// a CANCEL takes finished jobs too, so one that has another by now is a lost race (kConflict).
  Status MoveToHistory(schema::RecordKind kind, const engine::Key& key, std::string_view from,
                       const FieldValues& fields = {});
  /// Removes the restore records of an auxiliary tenant that was dropped.
  Status ForgetTenant(int64_t aux_tenant_id, int64_t restore_job_id);

  /// Keeps a progress sample until the next commit, which takes it along: samples are not worth a
  /// wait for the disk.
  void NoteSample(const engine::SampleOwner& owner, const engine::ProgressSample& sample);

  /// Sys job ids of the live recoveries that were started here, and so may be driven; those that
  /// were loaded are only observed. In order.
  Result<std::vector<int64_t>> LiveRecoveries() const;
  /// The job of this kind that `owner` has and this job of another tenant is the initiator of;
  /// nullopt if there is none. By key.
  Result<std::optional<schema::Record>> FindByInitiator(schema::RecordKind kind, int64_t owner,
                                                        int64_t initiator_tenant,
                                                        int64_t initiator_job) const;
  /// nullopt if there is none.
  Result<std::optional<schema::Record>> Find(schema::RecordKind kind, const engine::Key& key) const;

  engine::Store& store() const;
  int64_t NowUsec() const;
  /// COMMENT of a failure without a text of its own.
  std::string FailureComment(int code) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obviews::lifecycle
