// Import jobs and tasks; see import_driver.h.
#include "engine/lifecycle/import_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "engine/lifecycle/job_records.h"
#include "schema/server_errors.h"

namespace obviews::lifecycle {
namespace {

using engine::Key;
using schema::FieldValue;
using schema::Record;
using schema::RecordKind;

constexpr auto kJob = RecordKind::kImportJob;
constexpr auto kTask = RecordKind::kImportTask;
/// Tasks that a cancel ends in one commit.
constexpr size_t kCancelAtOnce = 1000;

class NotFinished final : public engine::GroupFilter {
 public:
  bool Accepts(std::string_view status, std::optional<std::string_view> /*result*/) const override {
    return status != "FINISH";
  }
};

engine::KeySpace TasksOf(const Key& job) {
  engine::KeySpace space;
  space.tenants = schema::RangeSet::Point(job.tenant_id);
  space.jobs = schema::RangeSet::Point(job.job_id);
  return space;
}

FieldValues Failure(std::string comment, int64_t now_usec) {
  return {{"completion_ts", now_usec},
          {"result", std::string(kResultFailed)},
          {"comment", std::move(comment)}};
}

/// What arrived and what did not. Foreign keys and triggers never arrive (BEHAVIOUR §6, §11).
FieldValues Success(const Record& task, const ImportCounts& counts, int64_t now_usec) {
  return {{"completion_ts", now_usec},
          {"imported_bytes", counts.bytes},
          {"imported_rows", counts.rows},
          {"imported_index_count", counts.indexes},
          {"failed_index_count", task.Int("total_index_count") - counts.indexes},
          {"imported_constraint_count", counts.constraints},
          {"failed_constraint_count", task.Int("total_constraint_count") - counts.constraints},
          {"failed_ref_constraint_count", task.Int("total_ref_constraint_count")},
          {"failed_trigger_count", task.Int("total_trigger_count")},
          {"result", std::string(kResultGood)}};
}

}  // namespace

ImportDriver::ImportDriver(JobStore& jobs, Executor& executor, const SchedulerOptions& options,
                           std::shared_ptr<Mailbox> mailbox)
    : jobs_(jobs),
      executor_(executor),
      options_(options),
      mailbox_(std::move(mailbox)),
      list_(mailbox_) {}

Result<Step> ImportDriver::Next(const Key& key, const Recovery& recovery) {
  OBVIEWS_ASSIGN_OR_RETURN(auto job, jobs_.Find(kJob, key));
  if (!job) return Step::Again();
  std::string_view status = job->Text("status");
  if (status == "INIT") return List(*job, recovery);
  if (status == "IMPORT_TABLE") {
    OBVIEWS_RETURN_IF_ERROR(Load(*job));
    return ImportTables(recovery);
  }
  if (status == "RECONSTRUCT_REF_CONSTRAINT") return Finish(*job);
  if (status == "CANCELING") return Cancel(*job, recovery);
  OBVIEWS_RETURN_IF_ERROR(jobs_.MoveToHistory(kJob, key));
  return Step::Again();
}

Result<Step> ImportDriver::List(const Record& job, const Recovery& recovery) {
  if (auto tables = list_.Take()) {
    if (*tables) {
      OBVIEWS_RETURN_IF_ERROR(jobs_.MakeTasks(job, **tables));
      return Step::Again();
    }
    const WorkError& error = tables->error();
    if (schema::IsRetryable(error.code)) {
      list_.Pause(Clock::now() + options_.retry_pause);
      return Step::WaitUntil(list_.not_before());
    }
    std::string comment = error.comment.empty() ? jobs_.FailureComment(error.code)
                                                : std::string(schema::CutComment(error.comment));
    OBVIEWS_RETURN_IF_ERROR(jobs_.Make({kJob,
                                        job.key(),
                                        "INIT",
                                        "IMPORT_FINISH",
                                        {{"end_ts", jobs_.NowUsec()},
                                         {"result", std::string(kResultFailed)},
                                         {"comment", std::move(comment)}}}));
    return Step::Again();
  }
  if (list_.running()) return Step::Wait();
  if (!list_.MayBegin(Clock::now())) return Step::WaitUntil(list_.not_before());
  ListWork work;
  work.recovery = recovery;
  work.aux_tenant_id = job.Int("src_tenant_id");
  work.import_all = job.Int("import_all") != 0;
  work.db_list = job.Text("db_list");
  work.table_list = job.Text("table_list");
  work.remap_db_list = job.Text("remap_db_list");
  work.remap_table_list = job.Text("remap_table_list");
  work.remap_tablegroup_list = job.Text("remap_tablegroup_list");
  work.remap_tablespace_list = job.Text("remap_tablespace_list");
  executor_.ListTables(work, list_.Begin());
  return Step::Again();
}

Status ImportDriver::Load(const Record& job) {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, jobs_.store().TakeSnapshot());
  engine::ScanOptions options;
  options.groups = std::make_shared<NotFinished>();
  auto cursor = snapshot->Scan(kTask, TasksOf(job.key()), options);
  waiting_.clear();
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) break;
    const engine::RecordView& task = cursor->record();
    if (running_.contains(task.key().task_id)) continue;
    waiting_.push_back({task.key().task_id, task.Text(schema::TaskFields::kStatus) == "DOING"});
  }
  key_ = job.key();
  aux_tenant_id_ = job.Int("src_tenant_id");
  return {};
}

Result<Step> ImportDriver::ImportTables(const Recovery& recovery) {
  // What is written only holds while the job is in this status: a cancel may come in between.
  std::vector<Advance> changes = {{kJob, *key_, "IMPORT_TABLE", "IMPORT_TABLE"}};
  std::vector<int64_t> ended = TakeOutcomes(&changes);
  size_t free = static_cast<size_t>(options_.parallel_imports);
  free -= std::min(free, running_.size() - ended.size());
  auto begun = TakeUp(recovery, free, &changes);
  Status made = begun ? Status() : Status(Fail(begun.error()));
  if (made && changes.size() > 1) made = jobs_.Make(changes);
  for (int64_t task_id : ended) running_.erase(task_id);
  if (!made) {
    // The tasks whose outcome is not written are done again.
    Refresh();
    return Fail(made.error());
  }
  for (Running& running : *begun) {
    auto [at, added] = running_.emplace(running.work.task_id, std::move(running));
    executor_.ImportTable(at->second.work, at->second.slot.Begin());
  }
  if (changes.size() > 1 || !begun->empty()) return Step::Again();
  bool full = running_.size() >= static_cast<size_t>(options_.parallel_imports);
  if (!running_.empty() && (full || waiting_.empty())) return Step::Wait();
  if (waiting_.empty()) return Reconstruct(*key_);
  return Step::WaitUntil(waiting_.front().not_before);
}

std::vector<int64_t> ImportDriver::TakeOutcomes(std::vector<Advance>* changes) {
  std::vector<int64_t> ended;
  for (auto& [task_id, running] : running_) {
    auto outcome = running.slot.Take();
    if (!outcome) continue;
    ended.push_back(task_id);
    int64_t now = jobs_.NowUsec();
    FieldValues fields;
    if (*outcome) {
      fields = Success(running.task, **outcome, now);
    } else if (schema::IsRetryable(outcome->error().code)) {
      waiting_.push_front({task_id, true, Clock::now() + options_.retry_pause});
      continue;
    } else {
      const WorkError& error = outcome->error();
      std::string_view comment = error.comment;
      fields = Failure(comment.empty() ? jobs_.FailureComment(error.code)
                                       : std::string(schema::CutComment(comment)),
                       now);
    }
    changes->push_back({kTask, TaskKey(task_id), "DOING", "FINISH", std::move(fields)});
  }
  return ended;
}

Result<std::vector<ImportDriver::Running>> ImportDriver::TakeUp(const Recovery& recovery,
                                                                size_t free,
                                                                std::vector<Advance>* changes) {
  std::vector<Running> begun;
  for (; free > 0 && !waiting_.empty() && waiting_.front().not_before <= Clock::now(); --free) {
    Unfinished next = waiting_.front();
    OBVIEWS_ASSIGN_OR_RETURN(auto task, jobs_.Find(kTask, TaskKey(next.task_id)));
    if (!task) {
      return Fail(ErrorCode::kConflict,
                  fmt::format("import_task {} is not there any more",
                              ToString(schema::GetRecordType(kTask), TaskKey(next.task_id))));
    }
    waiting_.pop_front();
    ImportWork work = WorkOf(recovery, *task);
    if (!next.doing) changes->push_back({kTask, TaskKey(next.task_id), "INIT", "DOING"});
    begun.push_back({std::move(work), std::move(*task), WorkSlot<ImportCounts>(mailbox_)});
  }
  return begun;
}

ImportWork ImportDriver::WorkOf(const Recovery& recovery, const Record& task) const {
  return {recovery,
          aux_tenant_id_,
          task.key().job_id,
          task.key().task_id,
          std::string(task.Text("src_database")),
          std::string(task.Text("src_table")),
          std::string(task.Text("target_database")),
          std::string(task.Text("target_table"))};
}

Result<Step> ImportDriver::Reconstruct(const Key& key) {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, jobs_.store().TakeSnapshot());
  auto cursor = snapshot->ScanGroups(TasksOf(key), false);
  int64_t finished = 0;
  int64_t failed = 0;
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) break;
    for (const engine::TaskGroup& group : cursor->groups()) {
      (group.result == kResultFailed ? failed : finished) += static_cast<int64_t>(group.count);
    }
  }
  Refresh();
  OBVIEWS_RETURN_IF_ERROR(
      jobs_.Make({kJob,
                  key,
                  "IMPORT_TABLE",
                  "RECONSTRUCT_REF_CONSTRAINT",
                  {{"finished_table_count", finished},
                   {"failed_table_count", failed},
                   {"comment", fmt::format("import succeed table count: {}, failed table count: {}",
                                           finished, failed)}}}));
  return Step::Again();
}

Result<Step> ImportDriver::Finish(const Record& job) {
  // Servers call an import good whose tables all failed; see docs/differences.md.
  bool bad = job.Int("failed_table_count") > 0 && job.Int("finished_table_count") == 0;
  OBVIEWS_RETURN_IF_ERROR(jobs_.Make(
      {kJob,
       job.key(),
       "RECONSTRUCT_REF_CONSTRAINT",
       "IMPORT_FINISH",
       {{"end_ts", jobs_.NowUsec()}, {"result", std::string(bad ? kResultFailed : kResultGood)}}}));
  return Step::Again();
}

Result<Step> ImportDriver::Cancel(const Record& job, const Recovery& recovery) {
  list_.Forget();
  running_.clear();
  OBVIEWS_RETURN_IF_ERROR(Load(job));
  // Also what a scheduler before this one began.
  for (const Unfinished& unfinished : waiting_) {
    if (!unfinished.doing) continue;
    OBVIEWS_ASSIGN_OR_RETURN(auto task, jobs_.Find(kTask, TaskKey(unfinished.task_id)));
    if (task) executor_.AbortImport(WorkOf(recovery, *task));
  }
  Refresh();
  std::string comment = jobs_.FailureComment(schema::server_error::kCanceled);
  int64_t now = jobs_.NowUsec();
  while (!waiting_.empty()) {
    std::vector<Advance> changes = {{kJob, job.key(), "CANCELING", "CANCELING"}};
    for (; !waiting_.empty() && changes.size() <= kCancelAtOnce; waiting_.pop_front()) {
      const Unfinished& task = waiting_.front();
      Key key{job.key().tenant_id, job.key().job_id, task.task_id};
      changes.push_back(
          {kTask, key, task.doing ? "DOING" : "INIT", "FINISH", Failure(comment, now)});
    }
    OBVIEWS_RETURN_IF_ERROR(jobs_.Make(changes));
  }
  OBVIEWS_RETURN_IF_ERROR(jobs_.Make({kJob,
                                      job.key(),
                                      "CANCELING",
                                      "IMPORT_FINISH",
                                      {{"end_ts", now},
                                       {"result", std::string(kResultFailed)},
                                       {"comment", std::move(comment)}}}));
  return Step::Again();
}

}  // namespace obviews::lifecycle
