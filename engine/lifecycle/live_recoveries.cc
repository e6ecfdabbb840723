// Following driven recoveries through the store; see live_recoveries.h.
#include "engine/lifecycle/live_recoveries.h"

#include "engine/lifecycle/job_records.h"
#include "engine/lifecycle/sequences.h"

namespace obviews::lifecycle {
namespace {

using engine::Key;
using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;

RecordKind LiveKind(RecordKind kind) {
  const schema::RecordType& type = GetRecordType(kind);
  return type.history ? type.twin : kind;
}

}  // namespace

Result<LiveRecoveries> LiveRecoveries::Find(const engine::Snapshot& snapshot) {
  LiveRecoveries out;
  OBVIEWS_ASSIGN_OR_RETURN(auto driven, snapshot.DrivenJobs());
  for (const Key& sys_job : driven) OBVIEWS_RETURN_IF_ERROR(out.Add(snapshot, sys_job));
  return out;
}

Status LiveRecoveries::Add(const engine::Snapshot& snapshot, const Key& sys_job) {
  auto record = snapshot.Get(RecordKind::kRecoverJob, sys_job);
  if (!record) {
    // A mark without its job is damage, for verify to tell.
    return record.error().code == ErrorCode::kNotFound ? Status() : Fail(record.error());
  }
  int64_t target = record->Int("target_tenant_id");
  jobs_.insert({RecordKind::kRecoverJob, sys_job});
  targets_[sys_job] = target;
  OBVIEWS_ASSIGN_OR_RETURN(auto user_jobs,
                           AddJobsOf(snapshot, RecordKind::kRecoverJob, sys_job, target));
  for (const Key& job : user_jobs) {
    OBVIEWS_ASSIGN_OR_RETURN(auto imports,
                             AddJobsOf(snapshot, RecordKind::kImportJob, job, target));
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto restores,
                           AddJobsOf(snapshot, RecordKind::kRestoreJob, sys_job, kSysTenant));
  for (const Key& job : restores) {
    for (RecordKind kind : {RecordKind::kRestoreJob, RecordKind::kRestoreJobHistory}) {
      auto restore = snapshot.Get(kind, job);
      if (!restore) continue;
      Key aux{NumberIn(*restore, "restore_tenant_id"), job.job_id, 0};
      if (aux.tenant_id > 0) jobs_.insert({RecordKind::kRestoreJob, aux});
    }
  }
  return {};
}

Result<std::set<Key>> LiveRecoveries::AddJobsOf(const engine::Snapshot& snapshot, RecordKind kind,
                                                const Key& initiator, int64_t owner) {
  std::set<Key> found;
  for (RecordKind where : {kind, GetRecordType(kind).twin}) {
    OBVIEWS_ASSIGN_OR_RETURN(auto jobs,
                             snapshot.JobsOf(where, initiator.tenant_id, initiator.job_id));
    for (const Key& job : jobs) {
      if (job.tenant_id == owner) found.insert(job);
    }
  }
  for (const Key& job : found) jobs_.insert({kind, job});
  return found;
}

bool LiveRecoveries::Has(RecordKind kind, const Key& key) const {
  RecordKind live = LiveKind(kind);
  if (live == RecordKind::kImportTask) live = RecordKind::kImportJob;
  return jobs_.contains({live, {key.tenant_id, key.job_id, 0}});
}

bool LiveRecoveries::Concerns(const Record& record) const {
  Key key = record.key();
  if (jobs_.empty()) return false;
  if (Has(record.kind(), key)) return true;
  if (record.type().per_task) return false;
  Key initiator{NumberIn(record, "initiator_tenant_id"), NumberIn(record, "initiator_job_id"), 0};
  if (!jobs_.contains({RecordKind::kRecoverJob, initiator})) return false;
  switch (LiveKind(record.kind())) {
    case RecordKind::kRecoverJob: {
      auto target = targets_.find(initiator);
      return target != targets_.end() && target->second == key.tenant_id;
    }
    case RecordKind::kImportJob:
      return key.tenant_id == initiator.tenant_id;
    default:
      return key.tenant_id == kSysTenant;
  }
}

}  // namespace obviews::lifecycle
