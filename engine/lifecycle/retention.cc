// Choosing jobs of history and removing them; see retention.h.
#include "engine/lifecycle/retention.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/lifecycle/sequences.h"
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
  std::optional<int64_t> ended_usec = std::nullopt;  ///< nullopt: not known
  int64_t of_tenant = 0;                             ///< as RetentionPolicy::tenants has it
  /// Of a restore job of no recovery: the tenant it restores, if that has a name.
  std::string restored = "";
};

/// The jobs of a kind that are counted together.
auto GroupOf(const EndedJob& job) {
  return std::tuple(job.key.tenant_id, job.restored.empty() ? job.of_tenant : 0,
                    std::string_view(job.restored));
}

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

/// A short text; "" for NULL and for a long one.
std::string_view TextIn(const RecordView& record, size_t field) {
  return record.IsNull(field) || record.IsExternal(field) ? std::string_view() : record.Text(field);
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

/// Target tenants of the sys tenant's recover jobs, live and in history, by job.
Result<std::map<int64_t, int64_t>> ReadTargets(const engine::Snapshot& snapshot) {
  std::map<int64_t, int64_t> targets;
  engine::KeySpace of_sys;
  of_sys.tenants = schema::RangeSet::Point(kSysTenant);
  for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kRecoverJobHistory}) {
    size_t target = FieldOf(kind, "target_tenant_id");
    engine::ScanOptions options{.fields = engine::FieldSet()};
    options.fields.Add(target);
    auto cursor = snapshot.Scan(kind, of_sys, options);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      int64_t tenant = NumberIn(cursor->record(), target);
      if (tenant > 0) targets.emplace(cursor->record().key().job_id, tenant);
    }
  }
  return targets;
}

/// Reads the jobs of one history kind.
class EndedReader {
 public:
  EndedReader(RecordKind kind, const std::map<int64_t, int64_t>& targets)
      : kind_(kind),
        targets_(targets),
        end_(FieldOf(kind, restores() ? "finish_time" : "end_ts")),
        initiator_tenant_(FieldOf(kind, "initiator_tenant_id")),
        initiator_job_(FieldOf(kind, "initiator_job_id")) {
    if (!restores()) return;
    restored_id_ = FieldOf(kind, "restore_tenant_id");
    restored_name_ = FieldOf(kind, "restore_tenant_name");
  }

  /// All of them, in key order.
  Result<std::vector<EndedJob>> Read(const engine::Snapshot& snapshot) const {
    engine::ScanOptions options{.fields = engine::FieldSet()};
    options.fields.Add(end_);
    if (restores()) {
      for (size_t field : {initiator_tenant_, initiator_job_, restored_id_, restored_name_}) {
        options.fields.Add(field);
      }
    }
    std::vector<EndedJob> jobs;
    auto cursor = snapshot.Scan(kind_, {}, options);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) return jobs;
      jobs.push_back(JobIn(cursor->record()));
    }
  }

 private:
  bool restores() const { return kind_ == RecordKind::kRestoreJobHistory; }

  EndedJob JobIn(const RecordView& record) const {
    EndedJob job{.key = record.key(), .of_tenant = record.key().tenant_id};
    int64_t end = NumberIn(record, end_);
    // 0, -1 and `0000-00-00` are ways to say that there is none.
    if (end > 0 && end != schema::kUnknownUsec) job.ended_usec = end;
    if (job.key.tenant_id != kSysTenant) return job;
    if (kind_ == RecordKind::kRecoverJobHistory) {
      job.of_tenant = TargetOf(job.key.job_id).value_or(kSysTenant);
    }
    if (!restores()) return job;
    bool of_sys = NumberIn(record, initiator_tenant_) == kSysTenant;
    auto target = of_sys ? TargetOf(NumberIn(record, initiator_job_)) : std::nullopt;
    int64_t restored = std::max(NumberIn(record, restored_id_), int64_t{0});
    job.of_tenant = target.value_or(restored > 0 ? restored : kSysTenant);
    if (!target) job.restored = TextIn(record, restored_name_);
    return job;
  }

  std::optional<int64_t> TargetOf(int64_t sys_job_id) const {
    auto at = targets_.find(sys_job_id);
    return at == targets_.end() ? std::nullopt : std::optional(at->second);
  }

  RecordKind kind_;
  const std::map<int64_t, int64_t>& targets_;
  size_t end_;
  size_t initiator_tenant_;
  size_t initiator_job_;
  size_t restored_id_ = 0;
  size_t restored_name_ = 0;
};

/// Those of one group's jobs that the policy gives up, the latest first. Reorders `jobs`.
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
    OBVIEWS_ASSIGN_OR_RETURN(auto targets, ReadTargets(snapshot_));
    for (RecordKind kind : kPurgedKinds) {
      OBVIEWS_ASSIGN_OR_RETURN(std::vector<EndedJob> jobs,
                               EndedReader(kind, targets).Read(snapshot_));
      if (!policy_.tenants.empty()) {
        std::erase_if(
            jobs, [&](const EndedJob& job) { return !policy_.tenants.contains(job.of_tenant); });
      }
      ChooseAmong(kind, jobs);
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
  /// Reorders `jobs`.
  void ChooseAmong(RecordKind kind, std::span<EndedJob> jobs) {
    std::sort(jobs.begin(), jobs.end(),
              [](const EndedJob& a, const EndedJob& b) { return GroupOf(a) < GroupOf(b); });
    while (!jobs.empty()) {
      auto end = std::find_if(jobs.begin(), jobs.end(), [&](const EndedJob& job) {
        return GroupOf(job) != GroupOf(jobs.front());
      });
      auto count = static_cast<size_t>(end - jobs.begin());
      for (const Key& key : GivenUp(jobs.first(count), policy_)) Choose({kind, key});
      jobs = jobs.subspan(count);
    }
  }

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
