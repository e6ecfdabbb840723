// Reading recoveries; see reader.h.
#include "engine/progress/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/progress/record_facts.h"
#include "engine/progress/task_state.h"
#include "schema/lists.h"

namespace obviews::engine::progress {
namespace {

using schema::GetRecordType;
using schema::Record;

constexpr int64_t kSysTenant = 1;
/// Recoveries of the past that an estimate looks at.
constexpr size_t kMostPast = 8;
/// Running tasks of which the slowest are told.
constexpr size_t kRunningLookedAt = 64;

KeySpace OneJob(const Key& job) {
  KeySpace space;
  space.tenants = schema::RangeSet::Point(job.tenant_id);
  space.jobs = schema::RangeSet::Point(job.job_id);
  return space;
}

/// Where tasks of a state are counted.
int64_t& CountOf(TaskState state, TaskTotals* tasks) {
  switch (state) {
    case TaskState::kWaiting:
      return tasks->waiting;
    case TaskState::kRunning:
      return tasks->running;
    case TaskState::kFailed:
      return tasks->failed;
    default:
      return tasks->finished;
  }
}

class FailedTasks final : public GroupFilter {
 public:
  bool Accepts(std::string_view status, std::optional<std::string_view> result) const override {
    return TaskStateOf(status, result) == TaskState::kFailed;
  }
};

class RunningTasks final : public GroupFilter {
 public:
  bool Accepts(std::string_view status, std::optional<std::string_view> /*result*/) const override {
    return status == "DOING";
  }
};

constexpr size_t kAuxName = schema::FieldIndex<schema::fields::kRecoverJob>("aux_tenant_name");
constexpr size_t kSrcTenantName = schema::FieldIndex<schema::fields::kImportJob>("src_tenant_name");
constexpr size_t kInitiatorTenant =
    schema::FieldIndex<schema::fields::kImportJob>("initiator_tenant_id");
constexpr size_t kInitiatorJob = schema::FieldIndex<schema::fields::kImportJob>("initiator_job_id");
constexpr size_t kSrcDatabase = schema::FieldIndex<schema::fields::kImportTask>("src_database");
constexpr size_t kSrcTable = schema::FieldIndex<schema::fields::kImportTask>("src_table");
constexpr size_t kTaskComment = schema::FieldIndex<schema::fields::kImportTask>("comment");

std::string TableOf(const Record& task) {
  return fmt::format("`{}`.`{}`", task.Text("src_database"), task.Text("src_table"));
}

std::optional<double> SecondsFrom(const std::optional<int64_t>& from,
                                  const std::optional<int64_t>& to) {
  if (!from || !to || *to < *from) return std::nullopt;
  return (static_cast<double>(*to) - static_cast<double>(*from)) / 1e6;
}

}  // namespace

Result<std::optional<RecoveryReader::Found>> RecoveryReader::Find(RecordKind live,
                                                                  const Key& key) const {
  for (RecordKind kind : {live, GetRecordType(live).twin}) {
    auto record = snapshot_.Get(kind, key);
    if (record) return std::optional(Found{std::move(*record), kind != live});
    if (record.error().code != ErrorCode::kNotFound) return Fail(record.error());
  }
  return std::optional<Found>();
}

Result<std::vector<RecoveryReader::Found>> RecoveryReader::FindLinked(RecordKind live,
                                                                      int64_t tenant,
                                                                      int64_t job) const {
  std::vector<Found> found;
  for (RecordKind kind : {live, GetRecordType(live).twin}) {
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<Key> jobs, snapshot_.JobsOf(kind, tenant, job));
    for (const Key& key : jobs) {
      OBVIEWS_ASSIGN_OR_RETURN(Record record, snapshot_.Get(kind, key));
      found.push_back({std::move(record), kind != live});
    }
  }
  return found;
}

Result<std::optional<std::string>> RecoveryReader::AuxNameOf(const Key& recover_job) {
  for (auto [kind, lookup] : {std::pair(RecordKind::kRecoverJob, &live_recover_jobs_),
                              std::pair(RecordKind::kRecoverJobHistory, &ended_recover_jobs_)}) {
    if (*lookup == nullptr) *lookup = snapshot_.Lookup(kind, FieldSet::All());
    OBVIEWS_ASSIGN_OR_RETURN(bool found, (*lookup)->Find(recover_job));
    if (!found) continue;
    OBVIEWS_ASSIGN_OR_RETURN(std::string name, TextOf((*lookup)->record(), kAuxName));
    return std::optional(std::move(name));
  }
  return std::optional<std::string>();
}

// ---- which recoveries there are

Status RecoveryReader::LoadNames() {
  if (names_) return {};
  std::set<std::string> names;
  for (auto [kind, field] : {std::pair(RecordKind::kRecoverJob, "aux_tenant_name"),
                             std::pair(RecordKind::kRecoverJobHistory, "aux_tenant_name"),
                             std::pair(RecordKind::kImportJob, "src_tenant_name"),
                             std::pair(RecordKind::kImportJobHistory, "src_tenant_name")}) {
    auto at = static_cast<size_t>(schema::FindField(GetRecordType(kind).fields, field));
    auto cursor = snapshot_.Scan(kind, {});
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      const RecordView& record = cursor->record();
      if (!record.IsNull(at) && !record.IsExternal(at)) names.emplace(record.Text(at));
    }
  }
  names_ = std::move(names);
  return {};
}

Status RecoveryReader::LoadRestores() {
  if (restores_) return {};
  std::multimap<std::string, Key> restores;
  for (RecordKind kind : {RecordKind::kRestoreJob, RecordKind::kRestoreJobHistory}) {
    auto at =
        static_cast<size_t>(schema::FindField(GetRecordType(kind).fields, "restore_tenant_name"));
    auto cursor = snapshot_.Scan(kind, {});
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      const RecordView& record = cursor->record();
      if (record.IsNull(at) || record.IsExternal(at)) continue;
      if (schema::IsAuxTenantName(record.Text(at))) {
        restores.emplace(std::string(record.Text(at)), record.key());
      }
    }
  }
  restores_ = std::move(restores);
  return {};
}

Result<std::vector<RecoveryRef>> RecoveryReader::ListParts(const KeySpace& space) {
  std::set<Key> recover_jobs;
  std::vector<RecoveryRef> refs;
  for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kRecoverJobHistory}) {
    ScanOptions options;
    options.fields = FieldSet();
    auto cursor = snapshot_.Scan(kind, space, options);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      if (!recover_jobs.insert(cursor->record().key()).second) continue;
      refs.push_back({RecordKind::kRecoverJob, cursor->record().key()});
    }
  }
  std::set<Key> imports;
  for (RecordKind kind : {RecordKind::kImportJob, RecordKind::kImportJobHistory}) {
    auto cursor = snapshot_.Scan(kind, space);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      const RecordView& import = cursor->record();
      if (!imports.insert(import.key()).second) continue;
      Key initiator{import.Int(kInitiatorTenant), import.Int(kInitiatorJob), 0};
      std::optional<std::string> parent;
      if (initiator.tenant_id == import.key().tenant_id) {
        OBVIEWS_ASSIGN_OR_RETURN(parent, AuxNameOf(initiator));
      }
      OBVIEWS_ASSIGN_OR_RETURN(std::string name, TextOf(import, kSrcTenantName));
      bool part = parent && SameAux(*parent, name);
      if (!part && !recover_jobs.contains(import.key())) {
        refs.push_back({RecordKind::kImportJob, import.key()});
      }
    }
  }
  auto groups = snapshot_.ScanGroups(space, false);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, groups->Next());
    if (!more) break;
    Key key{groups->tenant_id(), groups->job_id(), 0};
    // A number is a recover job's or an import job's, unless listings of several runs were mixed.
    if (!imports.insert(key).second || recover_jobs.contains(key)) continue;
    refs.push_back({RecordKind::kImportJob, key});
  }
  std::sort(refs.begin(), refs.end(),
            [](const RecoveryRef& a, const RecoveryRef& b) { return a.job < b.job; });
  return refs;
}

Result<std::vector<RecoveryRef>> RecoveryReader::List(const KeySpace& space) {
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<RecoveryRef> parts, ListParts(space));
  std::vector<RecoveryRef> refs;
  for (const RecoveryRef& part : parts) {
    if (part.kind == RecordKind::kRecoverJob && part.job.tenant_id != kSysTenant) {
      RecoveryFacts facts;
      OBVIEWS_ASSIGN_OR_RETURN(auto job, Find(RecordKind::kRecoverJob, part.job));
      if (!job) continue;
      facts.user = RecoverOf(job->record, job->history);
      OBVIEWS_RETURN_IF_ERROR(AttachSys(&facts));
      if (facts.sys) continue;  // told under that key
    }
    refs.push_back(part);
  }
  OBVIEWS_RETURN_IF_ERROR(LoadRestores());
  std::set<Key> taken;
  for (const RecoveryRef& ref : refs) taken.insert(ref.job);
  for (const auto& [name, key] : *restores_) {
    if (!space.jobs.Contains(key.job_id)) continue;
    OBVIEWS_RETURN_IF_ERROR(LoadNames());
    if (names_->contains(name)) continue;
    OBVIEWS_ASSIGN_OR_RETURN(auto job, Find(RecordKind::kRestoreJob, key));
    if (!job) continue;
    // Numbers of restore jobs are of a sequence of their own; those of the auxiliary tenant's jobs
    // meet no other.
    Key shown{NumberIn(job->record, "restore_tenant_id").value_or(0), key.job_id, 0};
    if (!space.Contains(shown) || !taken.insert(shown).second) continue;
    refs.push_back({RecordKind::kRestoreJob, shown});
  }
  std::sort(refs.begin(), refs.end(),
            [](const RecoveryRef& a, const RecoveryRef& b) { return a.job < b.job; });
  return refs;
}

Result<RecoveryRef> RecoveryReader::Resolve(const Key& job) {
  OBVIEWS_ASSIGN_OR_RETURN(auto recover, AuxNameOf(job));
  RecoveryRef ref{recover ? RecordKind::kRecoverJob : RecordKind::kImportJob, job};
  RecoveryFacts facts;
  OBVIEWS_RETURN_IF_ERROR(ReadJobs(ref, &facts));
  if (facts.sys) return RecoveryRef{RecordKind::kRecoverJob, facts.sys->key};
  if (facts.user) return RecoveryRef{RecordKind::kRecoverJob, facts.user->key};
  OBVIEWS_RETURN_IF_ERROR(ReadTasks({.failures = 0, .running_table = false}, &facts));
  bool there = facts.import && (!facts.import->status.empty() || facts.tasks.all() > 0);
  if (there) return ref;
  return Fail(ErrorCode::kNotFound,
              fmt::format("no recovery has a job ({}, {})", job.tenant_id, job.job_id));
}

Result<RecoveryRef> RecoveryReader::ResolveRestore(const Key& key) {
  OBVIEWS_ASSIGN_OR_RETURN(auto job, Find(RecordKind::kRestoreJob, key));
  std::string name(job ? job->record.Text("restore_tenant_name") : "");
  if (!schema::IsAuxTenantName(name)) {
    return Fail(ErrorCode::kNotFound,
                fmt::format("restore job ({}, {}) restores no auxiliary tenant", key.tenant_id,
                            key.job_id));
  }
  auto at = static_cast<size_t>(
      schema::FindField(GetRecordType(RecordKind::kRecoverJob).fields, "aux_tenant_name"));
  auto cursor = snapshot_.Scan(RecordKind::kRecoverJob, {});
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) break;
    const RecordView& record = cursor->record();
    bool is_it = !record.IsNull(at) && !record.IsExternal(at) && record.Text(at) == name;
    if (is_it) return Resolve(record.key());
  }
  return RecoveryRef{RecordKind::kRestoreJob,
                     {NumberIn(job->record, "restore_tenant_id").value_or(0), key.job_id, 0}};
}

// ---- what one of them has

Status RecoveryReader::AttachSys(RecoveryFacts* facts) const {
  const Key& initiator = facts->user->initiator;
  if (initiator.job_id == 0 || initiator.tenant_id != kSysTenant) return {};
  OBVIEWS_ASSIGN_OR_RETURN(auto sys, Find(RecordKind::kRecoverJob, initiator));
  if (!sys) return {};
  RecoverFacts found = RecoverOf(sys->record, sys->history);
  if (found.target_tenant_id != 0 && found.target_tenant_id != facts->user->key.tenant_id)
    return {};
  // Listings of several runs may meet in one store: the auxiliary tenant tells them apart.
  if (SameAux(found.aux_tenant_name, facts->user->aux_tenant_name)) facts->sys = std::move(found);
  return {};
}

Status RecoveryReader::AttachUser(RecoveryFacts* facts) const {
  const Key& sys = facts->sys->key;
  OBVIEWS_ASSIGN_OR_RETURN(auto jobs,
                           FindLinked(RecordKind::kRecoverJob, sys.tenant_id, sys.job_id));
  for (const Found& job : jobs) {
    RecoverFacts found = RecoverOf(job.record, job.history);
    bool other_tenant =
        facts->sys->target_tenant_id != 0 && found.key.tenant_id != facts->sys->target_tenant_id;
    if (found.key.tenant_id == kSysTenant || other_tenant) continue;
    if (!SameAux(found.aux_tenant_name, facts->sys->aux_tenant_name)) continue;
    facts->user = std::move(found);
  }
  return {};
}

Status RecoveryReader::AttachImport(RecoveryFacts* facts) const {
  const Key& user = facts->user->key;
  OBVIEWS_ASSIGN_OR_RETURN(auto jobs,
                           FindLinked(RecordKind::kImportJob, user.tenant_id, user.job_id));
  for (const Found& job : jobs) {
    if (job.record.key().tenant_id != user.tenant_id) continue;
    if (!SameAux(job.record.Text("src_tenant_name"), facts->user->aux_tenant_name)) continue;
    facts->import = ImportOf(job.record, job.history);
  }
  return {};
}

Status RecoveryReader::UseRestore(const Found& found, RecoveryFacts* facts) const {
  RestoreFacts restore;
  restore.key = found.record.key();
  int64_t aux_tenant = NumberIn(found.record, "restore_tenant_id").value_or(0);
  bool sys_side = restore.key.tenant_id == kSysTenant;
  if (sys_side && aux_tenant != 0) {
    OBVIEWS_ASSIGN_OR_RETURN(auto aux,
                             Find(RecordKind::kRestoreJob, {aux_tenant, restore.key.job_id, 0}));
    if (aux && SameAux(aux->record.Text("restore_tenant_name"),
                       found.record.Text("restore_tenant_name"))) {
      AddRestore(aux->record, aux->history, &restore);
    }
  }
  AddRestore(found.record, found.history, &restore);
  if (!sys_side && found.history) {
    restore.ended = true;
    restore.failed = found.record.Text("status") != "SUCCESS";
    restore.comment = found.record.Text("comment");
    restore.end = TimeIn(found.record, "finish_time");
  }
  facts->restore = std::move(restore);
  return {};
}

Status RecoveryReader::AttachRestore(RecoveryFacts* facts) {
  std::string name;
  for (const auto* job : {&facts->user, &facts->sys}) {
    if (*job && !(*job)->aux_tenant_name.empty()) name = (*job)->aux_tenant_name;
  }
  std::optional<Key> initiator;
  if (facts->sys) initiator = facts->sys->key;
  if (initiator) {
    OBVIEWS_ASSIGN_OR_RETURN(
        auto jobs, FindLinked(RecordKind::kRestoreJob, initiator->tenant_id, initiator->job_id));
    for (const Found& job : jobs) {
      if (job.record.key().tenant_id != kSysTenant) continue;
      if (!SameAux(job.record.Text("restore_tenant_name"), name)) continue;
      OBVIEWS_RETURN_IF_ERROR(UseRestore(job, facts));
    }
    if (facts->restore) return {};
  }
  if (name.empty() && facts->import) name = facts->import->aux_tenant_name;
  if (!schema::IsAuxTenantName(name)) return {};
  OBVIEWS_RETURN_IF_ERROR(LoadRestores());
  auto [first, last] = restores_->equal_range(name);
  std::optional<Key> best;
  for (auto at = first; at != last; ++at) {
    if (!best || at->second.tenant_id == kSysTenant) best = at->second;
  }
  if (!best) return {};
  OBVIEWS_ASSIGN_OR_RETURN(auto job, Find(RecordKind::kRestoreJob, *best));
  return job ? UseRestore(*job, facts) : Status();
}

Status RecoveryReader::ReadJobs(const RecoveryRef& ref, RecoveryFacts* facts) {
  if (ref.kind == RecordKind::kRestoreJob) {
    OBVIEWS_RETURN_IF_ERROR(LoadRestores());
    // Under the auxiliary tenant's key, whichever side's record there is.
    for (int64_t tenant : {kSysTenant, ref.job.tenant_id}) {
      OBVIEWS_ASSIGN_OR_RETURN(auto job,
                               Find(RecordKind::kRestoreJob, {tenant, ref.job.job_id, 0}));
      if (!job || !schema::IsAuxTenantName(job->record.Text("restore_tenant_name"))) continue;
      if (NumberIn(job->record, "restore_tenant_id").value_or(0) != ref.job.tenant_id) continue;
      return UseRestore(*job, facts);
    }
    return {};
  }
  if (ref.kind == RecordKind::kImportJob) {
    OBVIEWS_ASSIGN_OR_RETURN(auto job, Find(RecordKind::kImportJob, ref.job));
    if (job) {
      facts->import = ImportOf(job->record, job->history);
      const Key& user = facts->import->initiator;
      OBVIEWS_ASSIGN_OR_RETURN(auto parent, Find(RecordKind::kRecoverJob, user));
      if (parent && user.tenant_id == ref.job.tenant_id) {
        RecoverFacts found = RecoverOf(parent->record, parent->history);
        if (SameAux(found.aux_tenant_name, facts->import->aux_tenant_name)) {
          facts->user = std::move(found);
        }
      }
    } else {
      facts->import.emplace();
      facts->import->key = ref.job;
    }
  } else {
    OBVIEWS_ASSIGN_OR_RETURN(auto job, Find(RecordKind::kRecoverJob, ref.job));
    if (!job) return {};
    auto& side = ref.job.tenant_id == kSysTenant ? facts->sys : facts->user;
    side = RecoverOf(job->record, job->history);
  }
  if (facts->user && !facts->sys) OBVIEWS_RETURN_IF_ERROR(AttachSys(facts));
  if (facts->sys && !facts->user) OBVIEWS_RETURN_IF_ERROR(AttachUser(facts));
  if (facts->user && !facts->import) OBVIEWS_RETURN_IF_ERROR(AttachImport(facts));
  return AttachRestore(facts);
}

Status RecoveryReader::ReadTasks(const ReadOptions& options, RecoveryFacts* facts) const {
  if (!facts->import) return {};
  TaskTotals& tasks = facts->tasks;
  const Key& job = facts->import->key;
  auto cursor = snapshot_.ScanGroups(OneJob(job), true);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) break;
    for (const TaskGroup& group : cursor->groups()) {
      std::optional<std::string_view> result;
      if (group.result) result = *group.result;
      auto count = static_cast<int64_t>(std::min<uint64_t>(group.count, INT64_MAX / 8));
      CountOf(TaskStateOf(group.status, result), &tasks) += count;
      auto is_time = [](const std::optional<int64_t>& time) { return time && *time > 0; };
      if (is_time(group.min_start) &&
          (!tasks.first_start || *group.min_start < *tasks.first_start)) {
        tasks.first_start = group.min_start;
      }
      if (is_time(group.max_completion) &&
          (!tasks.last_completion || *group.max_completion > *tasks.last_completion)) {
        tasks.last_completion = group.max_completion;
      }
    }
  }
  // Tasks go to history together, when their job does.
  if (facts->import->status.empty() && tasks.waiting + tasks.running == 0) {
    auto ended = snapshot_.Scan(RecordKind::kImportTaskHistory, OneJob(job));
    OBVIEWS_ASSIGN_OR_RETURN(facts->import->history, ended->Next());
  }
  if (tasks.running > 0 && options.running_table) {
    OBVIEWS_ASSIGN_OR_RETURN(auto running, snapshot_.EarliestTasks(job, RunningTasks(), 1));
    if (!running.empty()) {
      OBVIEWS_ASSIGN_OR_RETURN(Record task, snapshot_.Get(RecordKind::kImportTask, running[0]));
      facts->running_table = TableOf(task);
    }
  }
  if (tasks.running > 0) OBVIEWS_RETURN_IF_ERROR(ReadSlowest(options.slowest, facts));
  return tasks.failed > 0 ? ReadFailures(options, facts) : Status();
}

Status RecoveryReader::ReadSlowest(size_t limit, RecoveryFacts* facts) const {
  if (limit == 0) return {};
  // Tasks of one listing have one start_ts, so the first of them are looked at.
  OBVIEWS_ASSIGN_OR_RETURN(auto keys, snapshot_.EarliestTasks(facts->import->key, RunningTasks(),
                                                              std::max(limit, kRunningLookedAt)));
  auto& slowest = facts->slowest;
  for (const Key& key : keys) {
    OBVIEWS_ASSIGN_OR_RETURN(Record task, snapshot_.Get(RecordKind::kImportTask, key));
    auto since = std::max(TimeIn(task, "start_ts"), TimeIn(task, "gmt_modified"));
    if (since) slowest.push_back({TableOf(task), *since});
  }
  std::stable_sort(slowest.begin(), slowest.end(),
                   [](const RunningTable& a, const RunningTable& b) { return a.start < b.start; });
  if (slowest.size() > limit) slowest.resize(limit);
  return {};
}

Status RecoveryReader::ReadFailures(const ReadOptions& options, RecoveryFacts* facts) const {
  const Key& job = facts->import->key;
  OBVIEWS_ASSIGN_OR_RETURN(auto live, snapshot_.LatestTasks(job, FailedTasks(), options.failures));
  for (const Key& key : live) {
    OBVIEWS_ASSIGN_OR_RETURN(Record task, snapshot_.Get(RecordKind::kImportTask, key));
    facts->table_failures.push_back({TableOf(task), std::string(task.Text("comment")), true});
  }
  ScanOptions scan;
  scan.groups = std::make_shared<FailedTasks>();
  scan.fields = FieldSet();
  for (size_t field : {kSrcDatabase, kSrcTable, kTaskComment}) scan.fields.Add(field);
  auto cursor = snapshot_.Scan(RecordKind::kImportTaskHistory, OneJob(job), scan);
  while (facts->table_failures.size() < options.failures) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) break;
    const RecordView& task = cursor->record();
    OBVIEWS_ASSIGN_OR_RETURN(std::string database, TextOf(task, kSrcDatabase));
    OBVIEWS_ASSIGN_OR_RETURN(std::string table, TextOf(task, kSrcTable));
    OBVIEWS_ASSIGN_OR_RETURN(std::string reason, TextOf(task, kTaskComment));
    facts->table_failures.push_back({fmt::format("`{}`.`{}`", database, table), reason, true});
  }
  return {};
}

Result<std::string> RecoveryReader::TextOf(const RecordView& record, size_t field) const {
  if (record.IsNull(field)) return std::string();
  if (!record.IsExternal(field)) return std::string(record.Text(field));
  std::string text;
  OBVIEWS_RETURN_IF_ERROR(snapshot_.ReadText(record, field, &text));
  return text;
}

Status RecoveryReader::ReadSamples(RecoveryFacts* facts) const {
  std::vector<SampleOwner> owners;
  if (facts->restore) {
    owners.push_back(
        {RecordKind::kRestoreJob, {facts->restore->tenant_id, facts->restore->key.job_id, 0}});
  }
  if (facts->import) owners.push_back({RecordKind::kImportJob, facts->import->key});
  if (facts->user) owners.push_back({RecordKind::kRecoverJob, facts->user->key});
  if (facts->sys) owners.push_back({RecordKind::kRecoverJob, facts->sys->key});
  for (const SampleOwner& owner : owners) {
    OBVIEWS_ASSIGN_OR_RETURN(auto samples, snapshot_.Samples(owner));
    if (!samples.empty()) facts->samples = MergeSamples(facts->samples, samples);
  }
  return {};
}

Result<RecoveryFacts> RecoveryReader::Read(const RecoveryRef& ref, const ReadOptions& options) {
  RecoveryFacts facts;
  OBVIEWS_RETURN_IF_ERROR(ReadJobs(ref, &facts));
  OBVIEWS_RETURN_IF_ERROR(ReadTasks(options, &facts));
  OBVIEWS_RETURN_IF_ERROR(ReadSamples(&facts));
  if (!driven_) {
    OBVIEWS_ASSIGN_OR_RETURN(auto driven, snapshot_.DrivenJobs());
    driven_.emplace(driven.begin(), driven.end());
  }
  facts.driven = facts.sys && driven_->contains(facts.sys->key);
  return facts;
}

// ---- the past

Result<std::optional<PastRecovery>> RecoveryReader::ReadPast(const Key& job) {
  RecoveryFacts facts;
  OBVIEWS_RETURN_IF_ERROR(ReadJobs({RecordKind::kRecoverJob, job}, &facts));
  const auto& root = facts.sys ? facts.sys : facts.user;
  bool good = root && root->status == "COMPLETED";
  if (!good) return std::optional<PastRecovery>();
  PastRecovery past;
  if (facts.restore && facts.restore->ended) {
    past.before_restore = SecondsFrom(root->start, facts.restore->start);
    past.restore = SecondsFrom(facts.restore->start, facts.restore->end);
    if (facts.restore->bytes_total) {
      past.restore_bytes = static_cast<double>(*facts.restore->bytes_total);
    }
  }
  if (facts.import && facts.import->history) {
    past.import = SecondsFrom(facts.import->start, facts.import->end);
    past.tables = static_cast<double>(facts.import->total);
    if (facts.restore) past.before_import = SecondsFrom(facts.restore->end, facts.import->start);
    past.after_import = SecondsFrom(facts.import->end, root->end);
  }
  return std::optional(past);
}

Result<std::vector<PastRecovery>> RecoveryReader::ReadPast(const KeySpace& space) {
  constexpr RecordKind kKind = RecordKind::kRecoverJobHistory;
  auto end_field = static_cast<size_t>(schema::FindField(GetRecordType(kKind).fields, "end_ts"));
  std::vector<std::pair<int64_t, Key>> ended;
  auto cursor = snapshot_.Scan(kKind, space);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) break;
    ended.emplace_back(cursor->record().Int(end_field), cursor->record().key());
  }
  std::sort(ended.rbegin(), ended.rend());
  std::vector<PastRecovery> past;
  // Those that failed say nothing; a bound keeps many of them from costing much.
  size_t looked_at = 0;
  for (const auto& [end, job] : ended) {
    if (past.size() >= kMostPast || ++looked_at > 4 * kMostPast) break;
    OBVIEWS_ASSIGN_OR_RETURN(auto one, ReadPast(job));
    if (one) past.push_back(*one);
  }
  return past;
}

Result<const std::vector<PastRecovery>*> RecoveryReader::PastOf(const RecoveryFacts& facts) {
  int64_t tenant = facts.user  ? facts.user->key.tenant_id
                   : facts.sys ? facts.sys->target_tenant_id
                               : 0;
  for (int64_t whose : {tenant, int64_t{0}}) {
    auto at = past_.find(whose);
    if (at == past_.end()) {
      KeySpace space;
      if (whose != 0) space.tenants = schema::RangeSet::Point(whose);
      if (whose == 0) space.tenants = schema::RangeSet::Point(kSysTenant);
      OBVIEWS_ASSIGN_OR_RETURN(auto past, ReadPast(space));
      at = past_.emplace(whose, std::move(past)).first;
    }
    if (!at->second.empty() || whose == 0) return &at->second;
  }
  return Fail(ErrorCode::kInternal, "no past");
}

}  // namespace obviews::engine::progress
