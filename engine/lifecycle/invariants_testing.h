// What holds in every state of a store whose recoveries were all started in it (BEHAVIOUR §1 to
// §6): of one snapshot, and from one snapshot to a later one. Header-only; for tests alone.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/lifecycle/job_records.h"
#include "engine/lifecycle/sequences.h"
#include "engine/store.h"
#include "schema/state_machines.h"

namespace obviews::lifecycle::testing {

using engine::Key;
using schema::Record;
using schema::RecordKind;

inline std::string NameOf(const Record& record) {
  return fmt::format("{} {}", record.type().name, ToString(record.type(), record.key()));
}

inline bool InHistory(const Record& record) { return record.type().history; }
/// The job it names as its initiator; live restore jobs hold its numbers as text.
inline Key InitiatorOf(const Record& job) {
  return {NumberIn(job, "initiator_tenant_id"), NumberIn(job, "initiator_job_id"), 0};
}

/// Every record of one snapshot, in memory.
class Records {
 public:
  static Result<Records> Read(const engine::Snapshot& snapshot) {
    Records out;
    for (const schema::RecordType& type : schema::RecordTypes()) {
      auto& of_kind = out.records_[type.kind];
      auto cursor = snapshot.Scan(type.kind, {});
      while (true) {
        OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
        if (!more) break;
        OBVIEWS_ASSIGN_OR_RETURN(Record record, snapshot.Materialise(cursor->record()));
        of_kind.emplace(record.key(), std::move(record));
      }
    }
    return out;
  }

  /// REQUIRES: a stored kind.
  const std::map<Key, Record>& Of(RecordKind kind) const { return records_.at(kind); }
  const Record* Find(RecordKind kind, const Key& key) const {
    const auto& of_kind = Of(kind);
    auto at = of_kind.find(key);
    return at == of_kind.end() ? nullptr : &at->second;
  }
  /// The live record, or that in history.
  const Record* FindEither(RecordKind live, const Key& key) const {
    const Record* found = Find(live, key);
    return found != nullptr ? found : Find(schema::GetRecordType(live).twin, key);
  }
  /// Live records and those in history, in this order.
  std::vector<const Record*> Both(RecordKind live) const {
    std::vector<const Record*> out;
    for (RecordKind kind : {live, schema::GetRecordType(live).twin}) {
      for (const auto& [key, record] : Of(kind)) out.push_back(&record);
    }
    return out;
  }
  /// The tasks of an import job, live and in history.
  std::vector<const Record*> TasksOf(const Key& job) const {
    std::vector<const Record*> out;
    for (RecordKind kind : {RecordKind::kImportTask, RecordKind::kImportTaskHistory}) {
      auto at = Of(kind).lower_bound({job.tenant_id, job.job_id, schema::RangeSet::kMin});
      for (; at != Of(kind).end(); ++at) {
        if (at->first.tenant_id != job.tenant_id || at->first.job_id != job.job_id) break;
        out.push_back(&at->second);
      }
    }
    return out;
  }
  /// The jobs of a kind, live and in history, that this one is the initiator of. Not restore jobs
  /// of auxiliary tenants: the initiator of those is a restore job.
  std::vector<const Record*> StartedBy(RecordKind live, const Key& initiator) const {
    std::vector<const Record*> out;
    for (const Record* job : Both(live)) {
      bool of_aux = live == RecordKind::kRestoreJob && job->key().tenant_id != kSysTenant;
      if (!of_aux && InitiatorOf(*job) == initiator) out.push_back(job);
    }
    return out;
  }

 private:
  std::map<RecordKind, std::map<Key, Record>> records_;
};

inline bool IsFinished(const Record& record) {
  return record.kind() == RecordKind::kRestoreJobHistory ||
         schema::IsFinished(schema::MachineOf(record), record.Text("status"));
}

/// Looks at one state; see BrokenInvariants.
class InvariantCheck {
 public:
  explicit InvariantCheck(const engine::Snapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<std::string> Run() {
    auto read = Records::Read(snapshot_);
    if (!read) return {read.error().message};
    records_ = std::move(*read);
    for (const schema::RecordType& type : schema::RecordTypes()) {
      for (const auto& [key, record] : records_.Of(type.kind)) {
        CheckPlace(record);
        CheckTimes(record);
        CheckStatus(record);
      }
    }
    for (const Record* job : records_.Both(RecordKind::kRecoverJob)) CheckRecoverJob(*job);
    CheckTargets();
    for (const Record* job : records_.Both(RecordKind::kImportJob)) CheckImportJob(*job);
    for (const Record* task : records_.Both(RecordKind::kImportTask)) CheckTask(*task);
    for (const Record* job : records_.Both(RecordKind::kRestoreJob)) CheckRestoreJob(*job);
    CheckGroups();
    CheckIndexes();
    return std::move(broken_);
  }

 private:
  template <class... Args>
  void Broken(fmt::format_string<Args...> format, Args&&... args) {
    broken_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  void Demand(bool holds, const Record& record, std::string_view what) {
    if (!holds) {
      Broken("{} ({}{}): {}", NameOf(record), record.Text("status"),
             InHistory(record) ? ", in history" : "", what);
    }
  }

  // ---- each record by itself

  void CheckPlace(const Record& record) {
    if (InHistory(record)) {
      Demand(records_.Find(record.type().twin, record.key()) == nullptr, record, "is live too");
    }
    if (record.type().per_task) {
      auto [at, is_new] = task_ids_.emplace(record.key().tenant_id, record.key().task_id);
      Demand(is_new, record, "another task of the tenant has its id");
    }
  }

  void CheckTimes(const Record& record) {
    Demand(record.Int("gmt_create") > 0, record, "has no gmt_create");
    Demand(record.Int("gmt_create") <= record.Int("gmt_modified"), record,
           "was modified before it was made");
    if (record.kind() == RecordKind::kRestoreJobHistory) {
      Demand(record.Int("start_time") <= record.Int("finish_time"), record,
             "ended before it started");
      return;
    }
    if (record.kind() == RecordKind::kRestoreJob) return;
    bool is_task = record.type().per_task;
    int64_t unset = is_task ? -1 : 0;
    int64_t end = record.Int(is_task ? "completion_ts" : "end_ts");
    Demand(record.Int("start_ts") > 0, record, "has no start_ts");
    Demand(end == unset || end >= record.Int("start_ts"), record, "ended before it started");
    Demand(end == unset || end <= record.Int("gmt_modified"), record,
           "ended after it was last modified");
    if (IsFinished(record)) {
      Demand(end != unset, record, "has no time of its end");
    } else if (record.Text("status") != "CANCELING") {  // a finished job may be canceled
      Demand(end == unset, record, "has a time of its end");
    }
  }

  void CheckStatus(const Record& record) {
    std::string_view status = record.Text("status");
    if (record.kind() == RecordKind::kRestoreJobHistory) {
      Demand(status == "SUCCESS" || status == "FAIL", record, "has a wrong STATUS");
      return;
    }
    Demand(schema::HasStatus(schema::MachineOf(record), status), record, "has a wrong STATUS");
    if (InHistory(record)) Demand(IsFinished(record), record, "is not finished");
    if (record.kind() == RecordKind::kRestoreJob) return;
    std::string_view result = record.Text("result");
    if (IsFinished(record)) {
      Demand(result == kResultGood || result == kResultFailed, record, "has no RESULT");
      Demand(result != kResultFailed || !record.Text("comment").empty(), record,
             "failed without a COMMENT");
    } else if (status != "CANCELING") {
      Demand(result.empty(), record, "has a RESULT");
    }
    if (status == "COMPLETED") Demand(result == kResultGood, record, "has RESULT FAILED");
    if (status == "FAILED") Demand(result == kResultFailed, record, "has a good RESULT");
  }

  // ---- recover jobs

  void CheckRecoverJob(const Record& job) {
    if (job.key().tenant_id == kSysTenant) {
      CheckSysJob(job);
    } else {
      CheckUserJob(job);
    }
  }

  void CheckSysJob(const Record& job) {
    Demand(InitiatorOf(job) == Key{kSysTenant, 0, 0}, job, "has an initiator");
    std::vector<const Record*> user_jobs = records_.StartedBy(RecordKind::kRecoverJob, job.key());
    Demand(user_jobs.size() <= 1, job, "has two user jobs");
    Demand(job.Text("status") == "PREPARE" || user_jobs.size() == 1, job, "has no user job");
    size_t restores = records_.StartedBy(RecordKind::kRestoreJob, job.key()).size();
    Demand(restores == 1, job, fmt::format("has {} restore jobs", restores));
    if (IsFinished(job) && !user_jobs.empty()) {
      const Record& user = *user_jobs.front();
      Demand(InHistory(user), job, "ended before its user job");
      for (std::string_view field : {"status", "result", "comment"}) {
        Demand(job.Text(field) == user.Text(field), job,
               fmt::format("its {} is not that of its user job", field));
      }
    }
  }

  /// What a job hands on to the one it starts.
  static constexpr std::string_view kLists[] = {"import_all",
                                                "db_list",
                                                "table_list",
                                                "partition_list",
                                                "remap_db_list",
                                                "remap_table_list",
                                                "remap_partition_list",
                                                "remap_tablegroup_list",
                                                "remap_tablespace_list",
                                                "description"};
  void CheckLists(const Record& from, const Record& to) {
    for (std::string_view field : kLists) {
      Demand(from.Get(field) == to.Get(field), to,
             fmt::format("its {} is not that of its initiator", field));
    }
  }

  void CheckUserJob(const Record& job) {
    const Record* sys = records_.FindEither(RecordKind::kRecoverJob, InitiatorOf(job));
    if (sys == nullptr || sys->key().tenant_id != kSysTenant) {
      return Demand(false, job, "its initiator is not there");
    }
    Demand(sys->Int("target_tenant_id") == job.key().tenant_id, job, "is not the target's");
    Demand(job.Text("aux_tenant_name") == sys->Text("aux_tenant_name"), job,
           "has another auxiliary tenant");
    CheckLists(*sys, job);
    std::vector<const Record*> imports = records_.StartedBy(RecordKind::kImportJob, job.key());
    Demand(imports.size() <= 1, job, "has two import jobs");
    const Record* import = imports.empty() ? nullptr : imports.front();
    std::string_view status = job.Text("status");
    bool before = status == "PREPARE" || status == "RESTORE_AUX_TENANT" ||
                  status == "ACTIVE_AUX_TENANT" || status == "GEN_IMPORT_JOB";
    Demand(!before || import == nullptr, job, "has an import job already");
    Demand(status != "IMPORTING" || import != nullptr, job, "has no import job");
    Demand(!IsFinished(job) || import == nullptr || InHistory(*import), job,
           "ended before its import job");
    if (status == "COMPLETED") {
      Demand(import != nullptr && import->Text("result") == job.Text("result") &&
                 import->Text("comment") == job.Text("comment"),
             job, "does not say how its import job went");
    }
    bool restored = status == "ACTIVE_AUX_TENANT" || status == "GEN_IMPORT_JOB" ||
                    status == "IMPORTING" || status == "COMPLETED" || import != nullptr;
    if (restored) Demand(IsRestored(sys->key()), job, "its restore job is not done");
  }

  bool IsRestored(const Key& sys_job) {
    std::vector<const Record*> restores = records_.StartedBy(RecordKind::kRestoreJob, sys_job);
    return restores.size() == 1 && restores.front()->Text("status") == "SUCCESS";
  }

  void CheckTargets() {
    std::set<int64_t> targets;
    for (const auto& [key, job] : records_.Of(RecordKind::kRecoverJob)) {
      if (key.tenant_id != kSysTenant) continue;
      Demand(targets.insert(job.Int("target_tenant_id")).second, job,
             "its target has two live recoveries");
    }
  }

  // ---- import jobs and tasks

  void CheckImportJob(const Record& job) {
    const Record* user = records_.FindEither(RecordKind::kRecoverJob, InitiatorOf(job));
    if (user == nullptr || user->key().tenant_id != job.key().tenant_id) {
      return Demand(false, job, "its initiator is not there");
    }
    CheckLists(*user, job);
    std::string_view at = user->Text("status");
    Demand(InHistory(job) || at == "IMPORTING" || at == "CANCELING", job,
           "is live, and its user job is not importing");
    Demand(job.Text("src_tenant_name") == user->Text("aux_tenant_name"), job,
           "imports from another tenant");
    CheckCounters(job);
  }

  void CheckCounters(const Record& job) {
    int64_t ended = 0;
    int64_t good = 0;
    int64_t all = 0;
    for (const Record* task : records_.TasksOf(job.key())) {
      ++all;
      ended += IsFinished(*task) ? 1 : 0;
      good += task->Text("result") == kResultGood ? 1 : 0;
      Demand(
          InHistory(*task) == InHistory(job), *task,
          InHistory(job) ? "is live, and its job in history" : "is in history, and its job live");
    }
    std::string_view status = job.Text("status");
    Demand(job.Int("total_table_count") == all, job,
           fmt::format("counts {} tables, and has {} tasks", job.Int("total_table_count"), all));
    Demand(status != "INIT" || all == 0, job, "has tasks already");
    bool over = status == "RECONSTRUCT_REF_CONSTRAINT" || status == "IMPORT_FINISH";
    Demand(!over || ended == all, job, "ended before its tasks");
    int64_t finished = job.Int("finished_table_count");
    int64_t failed = job.Int("failed_table_count");
    bool counted = finished == good && failed == all - good && ended == all;
    // Of a job that was canceled, or made no tasks, none is counted.
    bool left_out = finished == 0 && failed == 0;
    bool must_count = status == "RECONSTRUCT_REF_CONSTRAINT" ||
                      (status == "IMPORT_FINISH" && job.Text("result") == kResultGood);
    bool must_not = status == "INIT" || status == "IMPORT_TABLE";
    Demand(must_not ? left_out : counted || (left_out && !must_count), job,
           fmt::format("counts {} finished and {} failed of {} tables, {} of them good", finished,
                       failed, all, good));
  }

  void CheckTask(const Record& task) {
    Key job{task.key().tenant_id, task.key().job_id, 0};
    Demand(records_.FindEither(RecordKind::kImportJob, job) != nullptr, task,
           "its import job is not there");
  }

  // ---- restore jobs

  void CheckRestoreJob(const Record& job) {
    Key key = job.key();
    if (key.tenant_id != kSysTenant) return CheckAuxJob(job);
    const Record* sys = records_.FindEither(RecordKind::kRecoverJob, InitiatorOf(job));
    if (sys == nullptr || sys->key().tenant_id != kSysTenant) {
      return Demand(false, job, "its initiator is not there");
    }
    Demand(InHistory(job) || !InHistory(*sys), job, "is live, and its recovery in history");
    Demand(job.Text("restore_tenant_name") == sys->Text("aux_tenant_name"), job,
           "restores another tenant");
    int64_t aux = NumberIn(job, "restore_tenant_id");
    std::string_view status = job.Text("status");
    bool created = status == "WAIT_TENANT_RESTORE_FINISH" || status == "RESTORE_SUCCESS" ||
                   status == "SUCCESS";
    Demand(!created || aux != 0, job, "has no tenant");
    Demand(status != "CREATE_TENANT" || aux == 0, job, "has a tenant already");
    const Record* of_aux = records_.FindEither(RecordKind::kRestoreJob, {aux, key.job_id, 0});
    bool needs_aux = created && !IsFinished(*sys);
    Demand(!needs_aux || of_aux != nullptr, job, "its tenant has no restore job");
    Demand(status != "SUCCESS" || of_aux == nullptr || of_aux->Text("status") == "SUCCESS", job,
           "ended before that of its tenant");
  }

  /// The auxiliary tenant goes before its recovery does, and its records with it.
  void CheckAuxJob(const Record& job) {
    Key key = job.key();
    const Record* sys_side =
        records_.FindEither(RecordKind::kRestoreJob, {kSysTenant, key.job_id, 0});
    if (sys_side == nullptr) return Demand(false, job, "that of the sys tenant is not there");
    Demand(InitiatorOf(job) == sys_side->key(), job, "has another initiator");
    Demand(NumberIn(*sys_side, "restore_tenant_id") == key.tenant_id, job,
           "is not of the tenant that is restored");
    Demand(records_.Find(RecordKind::kRecoverJob, InitiatorOf(*sys_side)) != nullptr, job,
           "its recovery is in history");
  }

  // ---- what the store keeps of the records

  using GroupName = std::tuple<int64_t, int64_t, bool, std::string, std::optional<std::string>>;
  struct Group {
    uint64_t count = 0;
    std::optional<int64_t> min_start;
    std::optional<int64_t> max_completion;
    friend bool operator==(const Group&, const Group&) = default;
  };

  void CheckGroups() {
    std::map<GroupName, Group> rows;
    for (const Record* task : records_.Both(RecordKind::kImportTask)) {
      const auto* result = std::get_if<std::string>(&task->Get("result"));
      Group& group = rows[{task->key().tenant_id, task->key().job_id, InHistory(*task),
                           std::string(task->Text("status")),
                           result == nullptr ? std::nullopt : std::optional(*result)}];
      int64_t start = task->Int("start_ts");
      int64_t completion = task->Int("completion_ts");
      ++group.count;
      group.min_start = std::min(group.min_start.value_or(start), start);
      if (task->Text("status") != "FINISH") continue;
      group.max_completion = std::max(group.max_completion.value_or(completion), completion);
    }
    std::map<GroupName, Group> kept;
    auto cursor = snapshot_.ScanGroups({}, true);
    while (true) {
      auto more = cursor->Next();
      if (!more) return Broken("groups of tasks: {}", more.error().message);
      if (!*more) break;
      for (const engine::TaskGroup& group : cursor->groups()) {
        GroupName name{cursor->tenant_id(), cursor->job_id(), cursor->history(), group.status,
                       group.result};
        Group found{group.count, group.min_start, group.max_completion};
        if (group.status != "FINISH") found.max_completion.reset();
        if (!kept.emplace(name, found).second) Broken("job {} has a group twice", cursor->job_id());
      }
    }
    if (kept == rows) return;
    for (const auto& [name, group] : rows) {
      auto at = kept.find(name);
      uint64_t count = at == kept.end() ? 0 : at->second.count;
      if (at != kept.end() && at->second == group) continue;
      Broken("tasks of job ({}, {}){} in {}: {} are there, {} counted, or their times differ",
             std::get<0>(name), std::get<1>(name), std::get<2>(name) ? " in history" : "",
             std::get<3>(name), group.count, count);
    }
    if (kept.size() > rows.size()) Broken("groups are counted that have no tasks");
  }

  void CheckIndexes() {
    std::vector<Key> live;
    for (const auto& [key, job] : records_.Of(RecordKind::kRecoverJob)) {
      if (key.tenant_id == kSysTenant) live.push_back(key);
    }
    auto driven = snapshot_.DrivenJobs();
    if (!driven || *driven != live) Broken("the live recoveries are not those marked as driven");
    for (RecordKind live_kind :
         {RecordKind::kRecoverJob, RecordKind::kImportJob, RecordKind::kRestoreJob}) {
      for (const Record* job : records_.Both(live_kind)) CheckLink(*job);
    }
    for (const auto& [name, last] : largest_) {
      auto noted = snapshot_.LastId(name.first, name.second);
      if (noted && *noted >= last) continue;
      Broken("tenant {} has an id {} above the last of its sequence {}", name.second, last,
             static_cast<int>(name.first));
    }
  }

  void CheckLink(const Record& job) {
    Key initiator = InitiatorOf(job);
    bool restore = job.type().base_table.find("restore") != std::string_view::npos;
    if (!restore || job.key().tenant_id == kSysTenant) {
      int64_t& largest = largest_[{restore ? engine::Sequence::kRestoreJob : engine::Sequence::kJob,
                                   job.key().tenant_id}];
      largest = std::max(largest, job.key().job_id);
    }
    if (initiator.job_id == 0) return;
    auto found = snapshot_.JobsOf(job.kind(), initiator.tenant_id, initiator.job_id);
    Demand(found && std::count(found->begin(), found->end(), job.key()) == 1, job,
           "is not found by its initiator");
  }

  const engine::Snapshot& snapshot_;
  Records records_;
  std::set<std::pair<int64_t, int64_t>> task_ids_;
  std::map<std::pair<engine::Sequence, int64_t>, int64_t> largest_;
  std::vector<std::string> broken_;
};

/// What does not hold in this state, a line each. The store has no recoveries but those that were
/// started in it, and their auxiliary tenants are dropped.
inline std::vector<std::string> BrokenInvariants(const engine::Snapshot& snapshot) {
  return InvariantCheck(snapshot).Run();
}

/// What does not hold from one state to a later one. Not thread-safe.
class LifeWatch {
 public:
  /// Looks at the next state. The records in between may have taken more than one step.
  std::vector<std::string> Look(const engine::Snapshot& snapshot) {
    auto read = Records::Read(snapshot);
    if (!read) return {read.error().message};
    std::vector<std::string> broken;
    std::map<Name, Seen> now;
    for (const schema::RecordType& type : schema::RecordTypes()) {
      for (const auto& [key, record] : read->Of(type.kind)) {
        now.insert_or_assign({type.history ? type.twin : type.kind, key},
                             Seen{record, InHistory(record)});
      }
    }
    for (const auto& [name, seen] : seen_) {
      auto at = now.find(name);
      if (at != now.end()) {
        Compare(seen, at->second, &broken);
        continue;
      }
      gone_.insert(name);
      // Nothing goes but the records of an auxiliary tenant.
      bool of_aux = name.first == RecordKind::kRestoreJob && name.second.tenant_id != kSysTenant;
      if (!of_aux) broken.push_back(NameOf(seen.record) + " is not there any more");
    }
    for (const auto& [name, seen] : now) {
      if (gone_.contains(name)) broken.push_back(NameOf(seen.record) + " is there again");
    }
    seen_ = std::move(now);
    return broken;
  }

  /// Whether steps of the tables lead from one status to the other, in any number.
  static bool Leads(schema::Machine machine, std::string_view from, std::string_view to) {
    std::set<std::string_view> reached = {from};
    std::vector<std::string_view> left = {from};
    while (!left.empty()) {
      std::string_view at = left.back();
      left.pop_back();
      if (at == to) return true;
      for (const schema::Transition& step : schema::TransitionsOf(machine)) {
        if (step.from == at && reached.insert(step.to).second) left.push_back(step.to);
      }
    }
    return false;
  }

 private:
  using Name = std::pair<RecordKind, Key>;  ///< of the live kind
  struct Seen {
    Record record;
    bool history = false;
  };

  static void Compare(const Seen& before, const Seen& after, std::vector<std::string>* broken) {
    auto demand = [&](bool holds, std::string_view what) {
      if (!holds) broken->push_back(fmt::format("{}: {}", NameOf(after.record), what));
    };
    if (before.history) {
      demand(after.history, "came back from history");
      demand(before.record == after.record, "changed in history");
      return;
    }
    bool restore = after.record.kind() == RecordKind::kRestoreJobHistory;
    std::string_view from = before.record.Text("status");
    std::string_view to = after.record.Text("status");
    // The history of restore jobs has words of its own.
    if (restore) to = to == "SUCCESS" ? "RESTORE_SUCCESS" : "RESTORE_FAIL";
    demand(Leads(schema::MachineOf(before.record), from, to),
           fmt::format("went from {} to {}", from, to));
    demand(before.record.Int("gmt_modified") <= after.record.Int("gmt_modified"),
           "its gmt_modified runs backwards");
    if (!restore) {
      for (std::string_view field : {"gmt_create", "start_ts"}) {
        if (schema::FindField(after.record.type().fields, field) < 0) continue;
        demand(before.record.Get(field) == after.record.Get(field),
               fmt::format("its {} changed", field));
      }
    }
  }

  std::map<Name, Seen> seen_;
  std::set<Name> gone_;
};

}  // namespace obviews::lifecycle::testing
