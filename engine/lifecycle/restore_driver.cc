// Restoring the auxiliary tenant; see restore_driver.h.
#include "engine/lifecycle/restore_driver.h"

#include <mutex>
#include <utility>
#include <variant>

#include "engine/lifecycle/job_records.h"
#include "engine/lifecycle/sequences.h"
#include "schema/server_errors.h"
#include "schema/state_machines.h"

namespace obviews::lifecycle {
namespace {

using engine::Key;
using schema::Record;
using schema::RecordKind;

constexpr auto kJob = RecordKind::kRestoreJob;

/// The status that follows in a restore that goes well; "" after the last.
std::string_view After(std::string_view status) {
  for (const schema::Transition& step : TransitionsOf(schema::Machine::kAuxRestoreJob)) {
    bool forward = step.how == schema::How::kSuccess && step.to != schema::kHistory;
    if (step.from == status && forward) return step.to;
  }
  return {};
}

bool Precedes(std::string_view status, std::string_view later) {
  for (std::string_view at = After(status); !at.empty(); at = After(at)) {
    if (at == later) return true;
  }
  return false;
}

FieldValues Figures(const RestoreProgress& progress, int64_t now_usec) {
  FieldValues fields = {{"progress_gmt_modified", now_usec}};
  auto add = [&](std::string_view name, const std::optional<int64_t>& value) {
    if (value) fields.emplace_back(name, *value);
  };
  add("total_bytes", progress.total_bytes);
  add("finish_bytes", progress.finish_bytes);
  add("ls_count", progress.ls_count);
  add("finish_ls_count", progress.finish_ls_count);
  add("tablet_count", progress.tablet_count);
  add("finish_tablet_count", progress.finish_tablet_count);
  return fields;
}

std::optional<std::string> TextOrNull(const Record& record, std::string_view field) {
  const auto* text = std::get_if<std::string>(&record.Get(field));
  return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

/// Takes what is newer of `told` into `into`.
void Merge(const RestoreProgress& told, RestoreProgress* into) {
  if (told.aux_tenant_id != 0) into->aux_tenant_id = told.aux_tenant_id;
  auto take = [](const std::optional<int64_t>& from, std::optional<int64_t>* to) {
    if (from) *to = from;
  };
  take(told.total_bytes, &into->total_bytes);
  take(told.finish_bytes, &into->finish_bytes);
  take(told.ls_count, &into->ls_count);
  take(told.finish_ls_count, &into->finish_ls_count);
  take(told.tablet_count, &into->tablet_count);
  take(told.finish_tablet_count, &into->finish_tablet_count);
}

}  // namespace

RestoreDriver::RestoreDriver(JobStore& jobs, Executor& executor, const SchedulerOptions& options,
                             std::shared_ptr<Mailbox> mailbox)
    : jobs_(jobs),
      executor_(executor),
      options_(options),
      mailbox_(std::move(mailbox)),
      told_(std::make_shared<Told>()),
      work_(mailbox_) {}

Result<Step> RestoreDriver::Next(const Record& restore_job, const Record& sys_job,
                                 const Recovery& recovery) {
  if (schema::IsFinished(schema::Machine::kSysRestoreJob, restore_job.Text("status"))) {
    // A crash came between the end and the move.
    int64_t aux_tenant = NumberIn(restore_job, "restore_tenant_id");
    OBVIEWS_RETURN_IF_ERROR(MoveToHistory(restore_job.key(), aux_tenant));
    return Step::Again();
  }
  if (work_.running()) {
    // What was told before the end is written before the end.
    bool ended = work_.ended();
    if (!ended && Clock::now() < next_progress_) return Step::WaitUntil(next_progress_);
    OBVIEWS_ASSIGN_OR_RETURN(bool written, WriteProgress(restore_job));
    if (written) return Step::Again();
    if (!ended) return Step::Wait();
    return TakeOutcome(restore_job, *work_.Take());
  }
  if (!work_.MayBegin(Clock::now())) return Step::WaitUntil(work_.not_before());
  Begin(restore_job, sys_job, recovery);
  return Step::Again();
}

Result<Step> RestoreDriver::AskAgain(const Record& history, const Record& sys_job,
                                     const Recovery& recovery) {
  if (auto outcome = work_.Take()) {
    if (*outcome) {
      aux_tenant_ = **outcome;
    } else {
      work_.Pause(Clock::now() + options_.retry_pause);
    }
    return Step::Again();
  }
  if (work_.running()) return Step::Wait();
  if (!work_.MayBegin(Clock::now())) return Step::WaitUntil(work_.not_before());
  Begin(history, sys_job, recovery);
  return Step::Again();
}

void RestoreDriver::Begin(const Record& restore_job, const Record& sys_job,
                          const Recovery& recovery) {
  RestoreWork work;
  work.recovery = recovery;
  work.backup_dest = restore_job.Text("backup_dest");
  work.restore_option = restore_job.Text("restore_option");
  work.restore_scn = static_cast<uint64_t>(NumberIn(restore_job, "restore_scn"));
  work.backup_passwd = TextOrNull(sys_job, "backup_passwd");
  work.external_kms_info = TextOrNull(sys_job, "external_kms_info");
  told_ = std::make_shared<Told>();
  auto progress = [told = told_, mailbox = mailbox_](const RestoreProgress& news) {
    {
      std::lock_guard<std::mutex> lock(mailbox->mutex);
      if (!told->progress) told->progress.emplace();
      Merge(news, &*told->progress);
      told->status = news.status;
    }
    mailbox->wake();
  };
  executor_.RestoreAuxTenant(work, std::move(progress), work_.Begin());
}

Result<bool> RestoreDriver::WriteProgress(const Record& restore_job) {
  std::optional<RestoreProgress> progress;
  std::string status;
  {
    std::lock_guard<std::mutex> lock(mailbox_->mutex);
    progress = told_->progress;
    told_->progress.reset();
    status = told_->status;
  }
  if (!progress) return false;
  next_progress_ = Clock::now() + options_.progress_pause;
  int64_t aux_tenant = progress->aux_tenant_id != 0 ? progress->aux_tenant_id
                                                    : NumberIn(restore_job, "restore_tenant_id");
  if (aux_tenant == 0) return true;
  OBVIEWS_RETURN_IF_ERROR(EnsureAuxJob(restore_job, aux_tenant));
  Key aux_key{aux_tenant, restore_job.key().job_id, 0};
  // The end is written with the outcome.
  if (status == "RESTORE_SUCCESS") status = "UPGRADE";
  OBVIEWS_RETURN_IF_ERROR(Follow(aux_key, status, Figures(*progress, jobs_.NowUsec())));
  return true;
}

Status RestoreDriver::EnsureAuxJob(const Record& restore_job, int64_t aux_tenant_id) {
  if (restore_job.Text("status") != "CREATE_TENANT") return {};
  return jobs_.MakeAuxRestoreJob(restore_job, aux_tenant_id);
}

Status RestoreDriver::Follow(const Key& aux_key, std::string_view status,
                             const FieldValues& fields) {
  OBVIEWS_ASSIGN_OR_RETURN(auto job, jobs_.Find(kJob, aux_key));
  if (!job) return {};
  std::string at(job->Text("status"));
  while (Precedes(at, status)) {
    std::string_view next = After(at);
    OBVIEWS_RETURN_IF_ERROR(jobs_.Make({kJob, aux_key, at, next, fields}));
    at = next;
  }
  return jobs_.Make({kJob, aux_key, at, at, fields});
}

Result<Step> RestoreDriver::TakeOutcome(const Record& restore_job, WorkResult<AuxTenant> outcome) {
  Key key = restore_job.key();
  if (outcome) {
    aux_tenant_ = *outcome;
    OBVIEWS_RETURN_IF_ERROR(EnsureAuxJob(restore_job, outcome->id));
    OBVIEWS_RETURN_IF_ERROR(Follow({outcome->id, key.job_id, 0}, "RESTORE_SUCCESS",
                                   Figures(RestoreProgress(), jobs_.NowUsec())));
    OBVIEWS_RETURN_IF_ERROR(
        jobs_.Make({kJob, key, "WAIT_TENANT_RESTORE_FINISH", "RESTORE_SUCCESS"}));
    OBVIEWS_RETURN_IF_ERROR(MoveToHistory(key, outcome->id));
    return Step::Again();
  }
  const WorkError& error = outcome.error();
  if (schema::IsRetryable(error.code)) {
    work_.Pause(Clock::now() + options_.retry_pause);
    return Step::WaitUntil(work_.not_before());
  }
  OBVIEWS_RETURN_IF_ERROR(End(restore_job, error.code, error.comment));
  return Step::Again();
}

Status RestoreDriver::End(const Record& restore_job, int code, std::string comment) {
  if (comment.empty()) comment = jobs_.FailureComment(code);
  comment = schema::CutComment(comment);
  int64_t aux_tenant = NumberIn(restore_job, "restore_tenant_id");
  Key aux_key{aux_tenant, restore_job.key().job_id, 0};
  OBVIEWS_ASSIGN_OR_RETURN(auto aux_job, jobs_.Find(kJob, aux_key));
  // Where the tables have no failure for it (BEHAVIOUR §2.5), its record ends with the tenant.
  if (aux_job &&
      CheckTransition(schema::Machine::kAuxRestoreJob, aux_job->Text("status"), "RESTORE_FAIL")) {
    OBVIEWS_RETURN_IF_ERROR(jobs_.Make(
        {kJob, aux_key, aux_job->Text("status"), "RESTORE_FAIL", {{"comment", comment}}}));
  }
  OBVIEWS_RETURN_IF_ERROR(jobs_.Make({kJob,
                                      restore_job.key(),
                                      restore_job.Text("status"),
                                      "RESTORE_FAIL",
                                      {{"comment", comment}}}));
  return MoveToHistory(restore_job.key(), aux_tenant);
}

Status RestoreDriver::MoveToHistory(const Key& key, int64_t aux_tenant) {
  Key aux_key{aux_tenant, key.job_id, 0};
  FieldValues figures;
  OBVIEWS_ASSIGN_OR_RETURN(auto aux_job, jobs_.Find(kJob, aux_key));
  if (aux_job) {
    // Of the sys tenant's side only its history has figures: those of the auxiliary tenant.
    for (std::string_view field : {"ls_count", "finish_ls_count", "tablet_count",
                                   "finish_tablet_count", "total_bytes", "finish_bytes"}) {
      figures.emplace_back(field, aux_job->Int(field));
    }
    if (schema::IsFinished(schema::Machine::kAuxRestoreJob, aux_job->Text("status"))) {
      OBVIEWS_RETURN_IF_ERROR(jobs_.MoveToHistory(kJob, aux_key));
    }
  } else {
    OBVIEWS_ASSIGN_OR_RETURN(auto ended, jobs_.Find(RecordKind::kRestoreJobHistory, aux_key));
    for (std::string_view field : {"ls_count", "finish_ls_count", "tablet_count",
                                   "finish_tablet_count", "total_bytes", "finish_bytes"}) {
      if (ended) figures.emplace_back(field, ended->Int(field));
    }
  }
  return jobs_.MoveToHistory(kJob, key, figures);
}

Result<Step> RestoreDriver::EndDropped(const Record& restore_job) {
  work_.Forget();
  if (schema::IsFinished(schema::Machine::kSysRestoreJob, restore_job.Text("status"))) {
    OBVIEWS_RETURN_IF_ERROR(
        MoveToHistory(restore_job.key(), NumberIn(restore_job, "restore_tenant_id")));
  } else {
    OBVIEWS_RETURN_IF_ERROR(End(restore_job, schema::server_error::kTenantNotExist, ""));
  }
  return Step::Again();
}

}  // namespace obviews::lifecycle
