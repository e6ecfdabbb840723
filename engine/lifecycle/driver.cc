// One recovery's sys and user job; see driver.h.
#include "engine/lifecycle/driver.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "engine/lifecycle/job_records.h"
#include "engine/lifecycle/sequences.h"
#include "schema/server_errors.h"

namespace obviews::lifecycle {
namespace {

using engine::Key;
using schema::Record;
using schema::RecordKind;

constexpr auto kJob = RecordKind::kRecoverJob;
constexpr auto kJobHistory = RecordKind::kRecoverJobHistory;

}  // namespace

Driver::Driver(JobStore& jobs, Executor& executor, const SchedulerOptions& options,
               int64_t sys_job_id, const std::shared_ptr<Mailbox>& mailbox)
    : jobs_(jobs),
      executor_(executor),
      options_(options),
      sys_key_{kSysTenant, sys_job_id, 0},
      restore_(jobs, executor, options, mailbox),
      import_(jobs, executor, options, mailbox),
      sampler_(jobs, sys_key_),
      activate_(mailbox),
      drop_(mailbox) {}

Result<Step> Driver::Next() {
  const bool importing = import_.Busy();
  Result<Step> step = TakeStep();
  if (!step) return step;
  if (import_.Busy() != importing) sampler_.NewStage();
  if (step->outcome == Step::Outcome::kAgain) sampler_.AfterStep();
  return step;
}

Result<Step> Driver::TakeStep() {
  if (refresh_.exchange(false)) import_.Refresh();
  if (import_.Busy()) return import_.GoOn(recovery_);
  OBVIEWS_ASSIGN_OR_RETURN(auto sys_job, jobs_.Find(kJob, sys_key_));
  if (!sys_job) return Step::Ended();
  recovery_.sys_job_id = sys_key_.job_id;
  recovery_.target_tenant_id = sys_job->Int("target_tenant_id");
  recovery_.target_tenant_name = sys_job->Text("target_tenant_name");
  recovery_.aux_tenant_name = sys_job->Text("aux_tenant_name");
  std::string_view status = sys_job->Text("status");
  if (status == "PREPARE") return Prepare(*sys_job);
  if (status == "RECOVERING") return Recover(*sys_job);
  return End(*sys_job);
}

Result<Step> Driver::Prepare(const Record& sys_job) {
  OBVIEWS_RETURN_IF_ERROR(jobs_.EnsureUserJob(sys_key_.job_id));
  return Advance(sys_job, "RECOVERING");
}

Result<Step> Driver::Recover(const Record& sys_job) {
  OBVIEWS_ASSIGN_OR_RETURN(auto restore, FindRestore(RecordKind::kRestoreJob));
  if (restore) recovery_.restore_job_id = restore->key().job_id;
  OBVIEWS_ASSIGN_OR_RETURN(auto user_job, jobs_.FindByInitiator(kJob, recovery_.target_tenant_id,
                                                                kSysTenant, sys_key_.job_id));
  if (user_job) {
    Step restored = Step::Wait();
    if (restore) {
      OBVIEWS_ASSIGN_OR_RETURN(restored, restore_.Next(*restore, sys_job, recovery_));
      if (restored.outcome == Step::Outcome::kAgain) return restored;
    }
    OBVIEWS_ASSIGN_OR_RETURN(Step step, StepUser(*user_job, sys_job));
    return step.outcome == Step::Outcome::kWait && !step.until ? restored : step;
  }
  OBVIEWS_ASSIGN_OR_RETURN(
      auto ended,
      jobs_.FindByInitiator(kJobHistory, recovery_.target_tenant_id, kSysTenant, sys_key_.job_id));
  if (!ended) return Fail(sys_job, schema::server_error::kTenantNotExist);
  bool good = ended->Text("status") == "COMPLETED";
  return Finish(sys_job, good ? "COMPLETED" : "FAILED", ended->Text("result"),
                std::string(ended->Text("comment")));
}

Result<Step> Driver::End(const Record& sys_job) {
  if (!options_.drop_aux_tenant) {
    OBVIEWS_ASSIGN_OR_RETURN(auto restore, FindRestore(RecordKind::kRestoreJob));
    if (restore) return restore_.Next(*restore, sys_job, recovery_);
    OBVIEWS_RETURN_IF_ERROR(jobs_.MoveToHistory(kJob, sys_key_, sys_job.Text("status")));
    return Step::Ended();
  }
  if (auto dropped = drop_.Take()) {
    if (*dropped) return EndRestore(sys_job);
    drop_.Pause(Clock::now() + options_.retry_pause);
  }
  if (drop_.running()) return Step::Wait();
  if (!drop_.MayBegin(Clock::now())) return Step::WaitUntil(drop_.not_before());
  OBVIEWS_ASSIGN_OR_RETURN(AuxWork work, AuxTenantOf());
  executor_.DropAuxTenant(work, drop_.Begin());
  return Step::Again();
}

Result<std::optional<Record>> Driver::FindRestore(RecordKind kind) const {
  return jobs_.FindByInitiator(kind, kSysTenant, kSysTenant, sys_key_.job_id);
}

Result<AuxWork> Driver::AuxTenantOf() {
  AuxWork work{recovery_, 0};
  for (RecordKind kind : {RecordKind::kRestoreJob, RecordKind::kRestoreJobHistory}) {
    OBVIEWS_ASSIGN_OR_RETURN(auto restore, FindRestore(kind));
    if (!restore) continue;
    work.recovery.restore_job_id = restore->key().job_id;
    work.aux_tenant_id = NumberIn(*restore, "restore_tenant_id");
  }
  return work;
}

Result<Step> Driver::EndRestore(const Record& sys_job) {
  // The drop ended whatever went on in the tenant, and its records go with it.
  OBVIEWS_ASSIGN_OR_RETURN(auto restore, FindRestore(RecordKind::kRestoreJob));
  if (restore) OBVIEWS_RETURN_IF_ERROR(restore_.EndDropped(*restore));
  OBVIEWS_ASSIGN_OR_RETURN(AuxWork work, AuxTenantOf());
  if (work.aux_tenant_id != 0) {
    OBVIEWS_RETURN_IF_ERROR(jobs_.ForgetTenant(work.aux_tenant_id, work.recovery.restore_job_id));
  }
  OBVIEWS_RETURN_IF_ERROR(jobs_.MoveToHistory(kJob, sys_key_, sys_job.Text("status")));
  return Step::Ended();
}

Result<Step> Driver::StepUser(const Record& user_job, const Record& sys_job) {
  std::string_view status = user_job.Text("status");
  if (status == "PREPARE") return Advance(user_job, "RESTORE_AUX_TENANT");
  if (status == "RESTORE_AUX_TENANT") return AfterRestore(user_job, sys_job);
  if (status == "ACTIVE_AUX_TENANT") return Activate(user_job);
  if (status == "GEN_IMPORT_JOB") {
    OBVIEWS_ASSIGN_OR_RETURN(AuxWork aux, AuxTenantOf());
    OBVIEWS_RETURN_IF_ERROR(jobs_.MakeImportJob(user_job, aux.aux_tenant_id));
    return Step::NewStatus();
  }
  if (status == "IMPORTING") return AfterImport(user_job);
  if (status == "CANCELING") return Canceled(user_job);
  OBVIEWS_RETURN_IF_ERROR(jobs_.MoveToHistory(kJob, user_job.key(), status));
  return Step::Again();
}

Result<Step> Driver::AfterRestore(const Record& user_job, const Record& sys_job) {
  OBVIEWS_ASSIGN_OR_RETURN(auto restored, FindRestore(RecordKind::kRestoreJobHistory));
  if (!restored) return Step::Wait();
  if (restored->Text("status") != "SUCCESS") {
    return Fail(user_job, schema::server_error::kErrUnexpected,
                std::string(restored->Text("comment")));
  }
  const auto& aux = restore_.aux_tenant();
  const auto& target = options_.target_traits;
  if (target && !aux) return restore_.AskAgain(*restored, sys_job, recovery_);
  if (target) {
    TargetTraits traits = target(recovery_.target_tenant_id);
    if (aux->mode != traits.mode) {
      return Fail(user_job, schema::server_error::kNotSupported,
                  "recover from different compatibility tenant is not supported");
    }
    if (aux->lower_case_names != traits.lower_case_names) {
      return Fail(user_job, schema::server_error::kNotSupported,
                  "recover from different case sensitive compatibility tenant is not supported");
    }
  }
  return Advance(user_job, "ACTIVE_AUX_TENANT");
}

Result<Step> Driver::Activate(const Record& user_job) {
  if (auto active = activate_.Take()) {
    if (*active) return Advance(user_job, "GEN_IMPORT_JOB");
    // Whatever the error, it is tried again, unless there is nothing to activate.
    if (active->error().code == schema::server_error::kTenantNotExist) {
      return Fail(user_job, active->error().code, active->error().comment);
    }
    activate_.Pause(Clock::now() + options_.retry_pause);
  }
  if (activate_.running()) return Step::Wait();
  if (!activate_.MayBegin(Clock::now())) return Step::WaitUntil(activate_.not_before());
  OBVIEWS_ASSIGN_OR_RETURN(AuxWork work, AuxTenantOf());
  executor_.ActivateAuxTenant(work, activate_.Begin());
  return Step::Again();
}

Result<Step> Driver::AfterImport(const Record& user_job) {
  Key key = user_job.key();
  OBVIEWS_ASSIGN_OR_RETURN(auto live, jobs_.FindByInitiator(RecordKind::kImportJob, key.tenant_id,
                                                            key.tenant_id, key.job_id));
  if (live) return import_.Next(live->key(), recovery_);
  OBVIEWS_ASSIGN_OR_RETURN(
      auto ended, jobs_.FindByInitiator(RecordKind::kImportJobHistory, key.tenant_id, key.tenant_id,
                                        key.job_id));
  if (!ended) return Fail(user_job, schema::server_error::kEntryNotExist);
  std::string_view result = ended->Text("result");
  return Finish(user_job, result == kResultFailed ? "FAILED" : "COMPLETED", result,
                std::string(ended->Text("comment")));
}

Result<Step> Driver::Canceled(const Record& user_job) {
  activate_.Forget();
  Key key = user_job.key();
  OBVIEWS_ASSIGN_OR_RETURN(auto import, jobs_.FindByInitiator(RecordKind::kImportJob, key.tenant_id,
                                                              key.tenant_id, key.job_id));
  if (import) return import_.Next(import->key(), recovery_);
  return Fail(user_job, schema::server_error::kCanceled);
}

Result<Step> Driver::Finish(const Record& job, std::string_view to, std::string_view result,
                            std::string comment) {
  sampler_.NewStage();
  OBVIEWS_RETURN_IF_ERROR(jobs_.Make({kJob,
                                      job.key(),
                                      job.Text("status"),
                                      to,
                                      {{"end_ts", jobs_.NowUsec()},
                                       {"result", std::string(result)},
                                       {"comment", std::move(comment)}}}));
  return Step::NewStatus();
}

Result<Step> Driver::Fail(const Record& job, int code, std::string comment) {
  if (comment.empty()) comment = jobs_.FailureComment(code);
  return Finish(job, "FAILED", kResultFailed, std::string(schema::CutComment(comment)));
}

Result<Step> Driver::Advance(const Record& job, std::string_view to) {
  sampler_.NewStage();
  OBVIEWS_RETURN_IF_ERROR(jobs_.Make({kJob, job.key(), job.Text("status"), to}));
  return Step::NewStatus();
}

}  // namespace obviews::lifecycle
