// Reading how far recoveries are; see recovery_watch.h.
#include "tools/lifecycle/recovery_watch.h"

#include <fmt/format.h>

#include "engine/lifecycle/sequences.h"
#include "schema/mask.h"
#include "schema/record.h"
#include "schema/state_machines.h"
#include "tools/cli/counted.h"

namespace obviews::tools {
namespace {

using schema::Record;
using schema::RecordKind;

/// A live record, or that of history; nullopt if there is neither.
Result<std::optional<Record>> FindJob(const engine::Snapshot& snapshot, RecordKind live,
                                      const engine::Key& key) {
  for (RecordKind kind : {live, schema::GetRecordType(live).twin}) {
    auto record = snapshot.Get(kind, key);
    if (record) return std::optional(std::move(*record));
    if (record.error().code != ErrorCode::kNotFound) return Fail(record.error());
  }
  return std::optional<Record>();
}

/// The key of a tenant's job that another job is the initiator of, live or in history.
Result<std::optional<engine::Key>> JobOf(const engine::Snapshot& snapshot, RecordKind live,
                                         int64_t owner, int64_t initiator_tenant,
                                         int64_t initiator_job) {
  for (RecordKind kind : {live, schema::GetRecordType(live).twin}) {
    OBVIEWS_ASSIGN_OR_RETURN(auto jobs, snapshot.JobsOf(kind, initiator_tenant, initiator_job));
    for (const engine::Key& job : jobs) {
      if (job.tenant_id == owner) return std::optional(job);
    }
  }
  return std::optional<engine::Key>();
}

/// A comment fit for one line of a terminal.
std::string ShowComment(std::string_view comment) {
  std::string masked;
  schema::MaskUriSecrets(comment, masked);
  std::string quoted = fmt::format("{:?}", masked);
  // What needed no escapes needs no quotes either.
  return quoted.size() == masked.size() + 2 ? masked : quoted;
}

}  // namespace

Status RecoveryWatch::LookUp(const engine::Snapshot& snapshot, int64_t sys_job_id,
                             Watched& watched) {
  if (watched.tenant == 0) {
    OBVIEWS_ASSIGN_OR_RETURN(auto sys_job, FindJob(snapshot, RecordKind::kRecoverJob,
                                                   {lifecycle::kSysTenant, sys_job_id, 0}));
    if (sys_job) watched.tenant = sys_job->Int("target_tenant_id");
  }
  if (watched.tenant == 0 || watched.import_job != 0) return {};
  OBVIEWS_ASSIGN_OR_RETURN(auto user_job, JobOf(snapshot, RecordKind::kRecoverJob, watched.tenant,
                                                lifecycle::kSysTenant, sys_job_id));
  if (!user_job) return {};
  OBVIEWS_ASSIGN_OR_RETURN(auto import_job, JobOf(snapshot, RecordKind::kImportJob, watched.tenant,
                                                  watched.tenant, user_job->job_id));
  if (import_job) watched.import_job = import_job->job_id;
  return {};
}

Result<RecoveryWatch::Outcome> RecoveryWatch::CountTasks(const engine::Snapshot& snapshot,
                                                         const Watched& watched) {
  Outcome outcome;
  if (watched.import_job == 0) return outcome;
  engine::KeySpace space;
  space.tenants = schema::RangeSet::Point(watched.tenant);
  space.jobs = schema::RangeSet::Point(watched.import_job);
  auto cursor = snapshot.ScanGroups(space, false);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return outcome;
    for (const engine::TaskGroup& group : cursor->groups()) {
      const bool ended = group.status == "FINISH";
      const bool failed = ended && group.result == "FAILED";
      (failed ? outcome.failed : ended ? outcome.good : outcome.unfinished) += group.count;
    }
  }
}

Result<RecoveryWatch::Tables> RecoveryWatch::Count() {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_.TakeSnapshot());
  Tables tables;
  for (auto& [sys_job_id, watched] : watched_) {
    OBVIEWS_RETURN_IF_ERROR(LookUp(*snapshot, sys_job_id, watched));
    OBVIEWS_ASSIGN_OR_RETURN(Outcome outcome, CountTasks(*snapshot, watched));
    tables.ended += outcome.good + outcome.failed;
    tables.all += outcome.all();
    if (outcome.all() == 0) ++tables.unlisted;
  }
  return tables;
}

Result<std::string> RecoveryWatch::Line(const engine::Snapshot& snapshot, int64_t sys_job_id,
                                        Watched& watched) {
  OBVIEWS_RETURN_IF_ERROR(LookUp(snapshot, sys_job_id, watched));
  OBVIEWS_ASSIGN_OR_RETURN(
      auto job, FindJob(snapshot, RecordKind::kRecoverJob, {lifecycle::kSysTenant, sys_job_id, 0}));
  if (!job) return fmt::format("recovery {}: its record is gone", sys_job_id);
  const std::string name(job->Text("target_tenant_name"));
  if (!schema::IsFinished(schema::Machine::kSysRecoverJob, job->Text("status"))) {
    OBVIEWS_ASSIGN_OR_RETURN(auto own, JobOf(snapshot, RecordKind::kRecoverJob, watched.tenant,
                                             lifecycle::kSysTenant, sys_job_id));
    if (own) {
      OBVIEWS_ASSIGN_OR_RETURN(auto user_job, FindJob(snapshot, RecordKind::kRecoverJob, *own));
      if (user_job) job = std::move(user_job);
    }
  }
  OBVIEWS_ASSIGN_OR_RETURN(Outcome outcome, CountTasks(snapshot, watched));
  std::string line = fmt::format("tenant {} ({}): {}", name, watched.tenant, job->Text("status"));
  if (outcome.all() > 0) {
    line += fmt::format(", {} imported, {} failed", Counted(outcome.good, "table"), outcome.failed);
  }
  if (outcome.unfinished > 0) line += fmt::format(", {} to go", outcome.unfinished);
  if (job->Text("status") == "FAILED") line += ": " + ShowComment(job->Text("comment"));
  return line;
}

Result<std::vector<std::string>> RecoveryWatch::Summary() {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_.TakeSnapshot());
  std::vector<std::string> lines;
  for (auto& [sys_job_id, watched] : watched_) {
    OBVIEWS_ASSIGN_OR_RETURN(std::string line, Line(*snapshot, sys_job_id, watched));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace obviews::tools
