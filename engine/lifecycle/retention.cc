// Choosing jobs of history and removing them; see retention.h.
#include "engine/lifecycle/retention.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/conversions.h"
#include "schema/numbers.h"
#include "schema/records.h"
#include "schema/state_machines.h"

namespace obviews::lifecycle {
namespace {

using engine::Key;
using engine::RecordView;
using schema::RecordKind;

/// Records that one commit removes at most, more or less: a list of tasks is cut where a block of
/// them ends.
constexpr uint64_t kCommitRecords = 65'536;

/// In the order they are purged in: what is left after a crash still has what it came from.
constexpr RecordKind kPurgedKinds[] = {
    RecordKind::kImportJobHistory, RecordKind::kRestoreJobHistory, RecordKind::kRecoverJobHistory};

/// A job in history. Its key's task_id is 0.
struct JobId {
  RecordKind kind = RecordKind::kRecoverJobHistory;
  Key key;
  friend auto operator<=>(const JobId&, const JobId&) = default;
};

struct EndedJob {
  Key key;
  std::optional<int64_t> ended_usec;  ///< nullopt: not known
};

size_t FieldOf(RecordKind kind, std::string_view name) {
  return static_cast<size_t>(schema::FindField(schema::GetRecordType(kind).fields, name));
}

/// A field that may hold its number as text, as those of live restore jobs; 0 if it is none.
int64_t NumberIn(const RecordView& record, size_t field) {
  if (record.IsNull(field)) return 0;
  if (!record.type().fields[field].is_text()) return record.Int(field);
  if (record.IsExternal(field)) return 0;
  return schema::ParseInt64(record.Text(field)).value_or(0);
}

engine::KeySpace OneJob(const Key& job) {
  return {schema::RangeSet::Point(job.tenant_id), schema::RangeSet::Point(job.job_id)};
}

/// What keeps jobs in history where they are, and how many tasks they have.
class Belongings {
 public:
  static Result<Belongings> Read(const engine::Snapshot& snapshot) {
    Belongings out;
    for (RecordKind kind :
         {RecordKind::kRecoverJob, RecordKind::kImportJob, RecordKind::kRestoreJob}) {
      OBVIEWS_RETURN_IF_ERROR(out.ReadLiveJobs(snapshot, kind));
    }
    OBVIEWS_RETURN_IF_ERROR(out.ReadTasks(snapshot));
    return out;
  }

  bool IsHeld(const JobId& job) const { return held_.contains(job); }
  /// Tasks in history of an import job.
  uint64_t TasksOf(const Key& job) const {
    auto at = tasks_.find(job);
    return at == tasks_.end() ? 0 : at->second;
  }

 private:
  Status ReadLiveJobs(const engine::Snapshot& snapshot, RecordKind kind) {
    size_t tenant = FieldOf(kind, "initiator_tenant_id");
    size_t job = FieldOf(kind, "initiator_job_id");
    engine::ScanOptions options{.fields = engine::FieldSet()};
    options.fields.Add(tenant);
    options.fields.Add(job);
    auto cursor = snapshot.Scan(kind, {}, options);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) return {};
      const RecordView& record = cursor->record();
      held_.insert({record.type().twin, record.key()});
      held_.insert(
          {InitiatorKind(record), Key{NumberIn(record, tenant), NumberIn(record, job), 0}});
    }
  }

  /// What a job's initiator is (BEHAVIOUR §1).
  static RecordKind InitiatorKind(const RecordView& record) {
    bool of_restore = schema::MachineOf(record.type().kind, record.key().tenant_id) ==
                      schema::Machine::kAuxRestoreJob;
    return of_restore ? RecordKind::kRestoreJobHistory : RecordKind::kRecoverJobHistory;
  }

  Status ReadTasks(const engine::Snapshot& snapshot) {
    auto jobs = snapshot.ScanGroups({}, false);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, jobs->Next());
      if (!more) return {};
      Key job{jobs->tenant_id(), jobs->job_id(), 0};
      if (!jobs->history()) {
        held_.insert({RecordKind::kImportJobHistory, job});
        continue;
      }
      for (const engine::TaskGroup& group : jobs->groups()) tasks_[job] += group.count;
    }
  }

  std::set<JobId> held_;
  std::map<Key, uint64_t> tasks_;
};

/// All jobs of a history kind, in key order.
Result<std::vector<EndedJob>> ReadEnded(const engine::Snapshot& snapshot, RecordKind kind) {
  bool restore = kind == RecordKind::kRestoreJobHistory;
  size_t field = FieldOf(kind, restore ? "finish_time" : "end_ts");
  engine::ScanOptions options{.fields = engine::FieldSet()};
  options.fields.Add(field);
  std::vector<EndedJob> jobs;
  auto cursor = snapshot.Scan(kind, {}, options);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return jobs;
    EndedJob& job = jobs.emplace_back(EndedJob{cursor->record().key(), std::nullopt});
    int64_t end = NumberIn(cursor->record(), field);
    // 0, -1 and `0000-00-00` are ways to say that there is none.
    if (end > 0 && end != schema::kUnknownUsec) job.ended_usec = end;
  }
}

/// Those of one tenant's jobs that the policy gives up, the latest first. Reorders `jobs`.
std::vector<Key> GivenUp(std::span<EndedJob> jobs, const RetentionPolicy& policy) {
  // An unknown end is before all others, as nullopt is below any value.
  std::sort(jobs.begin(), jobs.end(), [](const EndedJob& a, const EndedJob& b) {
    return std::pair(a.ended_usec, a.key.job_id) > std::pair(b.ended_usec, b.key.job_id);
  });
  uint64_t kept = std::min<uint64_t>(policy.keep_per_tenant.value_or(0), jobs.size());
  std::vector<Key> keys;
  for (const EndedJob& job : jobs.subspan(kept)) {
    bool young =
        policy.older_than_usec && !(job.ended_usec && *job.ended_usec < *policy.older_than_usec);
    if (!young) keys.push_back(job.key);
  }
  return keys;
}

class Purger {
 public:
  Purger(engine::Store& store, const engine::Snapshot& snapshot, const RetentionPolicy& policy)
      : store_(store), snapshot_(snapshot), policy_(policy) {}

  /// Chooses the jobs; changes nothing.
  Result<PurgeReport> Plan() {
    OBVIEWS_ASSIGN_OR_RETURN(belongings_, Belongings::Read(snapshot_));
    for (RecordKind kind : kPurgedKinds) {
      OBVIEWS_ASSIGN_OR_RETURN(std::vector<EndedJob> jobs, ReadEnded(snapshot_, kind));
      for (std::span<EndedJob> rest = jobs; !rest.empty();) {
        auto end = std::find_if(rest.begin(), rest.end(), [&](const EndedJob& job) {
          return job.key.tenant_id != rest.front().key.tenant_id;
        });
        auto count = static_cast<size_t>(end - rest.begin());
        for (const Key& key : GivenUp(rest.first(count), policy_)) Choose({kind, key});
        rest = rest.subspan(count);
      }
    }
    return report_;
  }

  /// Removes what was chosen.
  Status Remove() {
    for (const JobId& job : chosen_) {
      bool import = job.kind == RecordKind::kImportJobHistory;
      uint64_t tasks = import ? belongings_.TasksOf(job.key) : 0;
      if (batch_.size() + tasks >= kCommitRecords) OBVIEWS_RETURN_IF_ERROR(Commit());
      if (tasks >= kCommitRecords) {
        OBVIEWS_RETURN_IF_ERROR(RemoveManyTasks(job.key));
      } else if (tasks > 0) {
        OBVIEWS_RETURN_IF_ERROR(RemoveTasks(job.key, {}));
      }
      batch_.Delete(job.kind, job.key);
    }
    return Commit();
  }

 private:
  void Choose(const JobId& job) {
    if (belongings_.IsHeld(job)) {
      ++report_.held_jobs;
      return;
    }
    chosen_.push_back(job);
    switch (job.kind) {
      case RecordKind::kImportJobHistory:
        ++report_.import_jobs;
        report_.import_tasks += belongings_.TasksOf(job.key);
        break;
      case RecordKind::kRestoreJobHistory:
        ++report_.restore_jobs;
        break;
      default:
        ++report_.recover_jobs;
    }
  }

  /// All but the first stretch of the tasks, which goes with the job.
  Status RemoveManyTasks(const Key& job) {
    OBVIEWS_ASSIGN_OR_RETURN(
        std::vector<engine::Stretch> stretches,
        snapshot_.Split(RecordKind::kImportTaskHistory, OneJob(job), kCommitRecords));
    for (size_t i = stretches.size(); i-- > 0;) {
      OBVIEWS_RETURN_IF_ERROR(
          RemoveTasks(job, {.first = stretches[i].first, .last = stretches[i].last}));
      if (i > 0) OBVIEWS_RETURN_IF_ERROR(Commit());
    }
    return {};
  }

  Status RemoveTasks(const Key& job, engine::ScanOptions options) {
    options.fields = engine::FieldSet();  // keys alone
    auto cursor = snapshot_.Scan(RecordKind::kImportTaskHistory, OneJob(job), options);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) return {};
      batch_.Delete(RecordKind::kImportTaskHistory, cursor->record().key());
    }
  }

  Status Commit() {
    if (batch_.empty()) return {};
    OBVIEWS_RETURN_IF_ERROR(store_.Commit(batch_));
    batch_ = engine::Batch();
    return {};
  }

  engine::Store& store_;
  const engine::Snapshot& snapshot_;
  const RetentionPolicy& policy_;
  Belongings belongings_;
  std::vector<JobId> chosen_;
  PurgeReport report_;
  engine::Batch batch_;
};

}  // namespace

Result<PurgeReport> Purge(engine::Store& store, const RetentionPolicy& policy, bool dry_run) {
  if (!policy.older_than_usec && !policy.keep_per_tenant) {
    return Fail(ErrorCode::kInvalidArgument,
                "the retention policy says neither an age nor a number of jobs to keep");
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.TakeSnapshot());
  Purger purger(store, *snapshot, policy);
  OBVIEWS_ASSIGN_OR_RETURN(PurgeReport report, purger.Plan());
  if (!dry_run) OBVIEWS_RETURN_IF_ERROR(purger.Remove());
  return report;
}

}  // namespace obviews::lifecycle
