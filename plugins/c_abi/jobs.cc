// The functions of job stores; see jobs.h.
#include "plugins/c_abi/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/lifecycle/progress_sampler.h"
#include "plugins/c_abi/api.h"
#include "plugins/c_abi/call.h"
#include "plugins/c_abi/records.h"

namespace obviews::c_abi {

Result<JobsClaim> JobsClaim::Of(std::shared_ptr<OpenStore> store) {
  if (!store->writes()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the store is open for reading: jobs need OBVIEWS_READ_WRITE");
  }
  if (!store->ClaimJobs()) {
    return Fail(ErrorCode::kInvalidArgument, "the jobs of the store are open already");
  }
  return JobsClaim(std::move(store));
}

JobsClaim::~JobsClaim() {
  if (store_ != nullptr) store_->ReleaseJobs();
}

Result<lifecycle::StatementResult> OpenJobs::Run(std::string_view statement) {
  lifecycle::StatementContext context;
  context.tenants = &tenants_;
  context.system_time_zone = zone_;
  return lifecycle::RunStatement(statement, context, jobs_);
}

namespace {

Result<std::shared_ptr<OpenJobs>> Open(const obviews_store* store,
                                       const obviews_jobs_options& options) {
  OBVIEWS_RETURN_IF_ERROR(
      CheckFlags(options.flags, OBVIEWS_STRICT_TENANTS, "obviews_jobs_options"));
  OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenStore>(store));
  OBVIEWS_ASSIGN_OR_RETURN(JobsClaim claim, JobsClaim::Of(std::move(open)));
  OBVIEWS_ASSIGN_OR_RETURN(
      schema::Zone zone,
      schema::Zone::Parse(options.system_time_zone == nullptr ? "+08:00"
                                                              : options.system_time_zone));
  lifecycle::JobStoreOptions made;
  if (options.address != nullptr) made.addr = options.address;
  if (options.now_usec != nullptr) {
    made.now_usec = [now = options.now_usec, context = options.context] { return now(context); };
  }
  return std::make_shared<OpenJobs>(std::move(claim), std::move(made), zone,
                                    (options.flags & OBVIEWS_STRICT_TENANTS) != 0);
}

int32_t JobsOpen(const obviews_store* store, const obviews_jobs_options* options,
                 obviews_jobs** jobs, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(jobs, "jobs"));
    OBVIEWS_ASSIGN_OR_RETURN(obviews_jobs_options taken, Take(options, "obviews_jobs_options"));
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Open(store, taken));
    *jobs = Handles::Instance().Add(std::move(open));
    return {};
  });
}

int32_t JobsClose(obviews_jobs* jobs, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Remove<OpenJobs>(jobs));
    return {};
  });
}

/// A call on the jobs that a handle stands for.
template <class Body>
int32_t OnJobs(const obviews_jobs* jobs, obviews_error** error, const Body& body) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenJobs>(jobs));
    return body(*open);
  });
}

/// The same with a result.
template <class T, class Body>
int32_t OnJobs(const obviews_jobs* jobs, T* result, std::string_view what, obviews_error** error,
               const Body& body) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(result, what));
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenJobs>(jobs));
    return body(*open);
  });
}

int32_t SetListener(obviews_jobs* jobs, void (*listener)(void* context, int64_t sys_job_id),
                    void* context, obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    if (listener == nullptr) {
      open.jobs().SetListener({});
    } else {
      open.jobs().SetListener([listener, context](int64_t job) { listener(context, job); });
    }
    return {};
  });
}

obviews_statement_result ToResult(const lifecycle::StatementResult& result) {
  obviews_statement_result made{};
  made.sys_job_id = result.sys_job_id;
  made.target_tenant_id = result.target_tenant_id;
  made.canceled_recover_jobs = result.canceled.recover_jobs;
  made.canceled_import_jobs = result.canceled.import_jobs;
  made.observed_jobs = result.canceled.observed_jobs;
  return made;
}

/// Looked at before anything is changed, so that what was done can be told.
Status CheckResult(obviews_statement_result* result) {
  return result == nullptr ? Status() : Give({}, result, "obviews_statement_result");
}

Status GiveResult(const lifecycle::StatementResult& made, obviews_statement_result* result) {
  return result == nullptr ? Status() : Give(ToResult(made), result, "obviews_statement_result");
}

int32_t RunStatement(obviews_jobs* jobs, obviews_text statement, obviews_statement_result* result,
                     obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_RETURN_IF_ERROR(CheckResult(result));
    OBVIEWS_ASSIGN_OR_RETURN(std::string_view text, TextOf(statement, "the statement"));
    OBVIEWS_ASSIGN_OR_RETURN(lifecycle::StatementResult done, open.Run(text));
    return GiveResult(done, result);
  });
}

int32_t Start(obviews_jobs* jobs, const obviews_start_request* request, int64_t* sys_job_id,
              obviews_error** error) {
  return OnJobs(jobs, sys_job_id, "sys_job_id", error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(lifecycle::StartRequest wanted, ToStartRequest(request));
    OBVIEWS_ASSIGN_OR_RETURN(*sys_job_id, open.jobs().Start(wanted));
    return {};
  });
}

int32_t EnsureUserJob(obviews_jobs* jobs, int64_t sys_job_id, obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) { return open.jobs().EnsureUserJob(sys_job_id); });
}

int32_t Cancel(obviews_jobs* jobs, int64_t tenant_id, obviews_statement_result* result,
               obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_RETURN_IF_ERROR(CheckResult(result));
    lifecycle::StatementResult done;
    done.target_tenant_id = tenant_id;
    OBVIEWS_ASSIGN_OR_RETURN(done.canceled, open.jobs().Cancel(tenant_id));
    return GiveResult(done, result);
  });
}

int32_t Advance(obviews_jobs* jobs, const obviews_change* const* changes, size_t count,
                obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    if (count > 0) OBVIEWS_RETURN_IF_ERROR(CheckGiven(changes, "changes"));
    std::vector<lifecycle::Advance> made;
    for (size_t i = 0; i < count; ++i) {
      OBVIEWS_ASSIGN_OR_RETURN(lifecycle::Advance change, ToAdvance(changes[i]));
      made.push_back(std::move(change));
    }
    return open.jobs().Make(made);
  });
}

/// The record that a call begins from. kInvalidArgument for one of another kind.
Result<std::shared_ptr<HeldRecord>> RecordOf(const obviews_record* record,
                                             schema::RecordKind kind) {
  OBVIEWS_ASSIGN_OR_RETURN(auto held, Handles::Instance().Find<HeldRecord>(record));
  if (held->record().kind() == kind) return held;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("the record is of kind {}, not {}", held->record().type().name,
                          schema::GetRecordType(kind).name));
}

Status CheckAuxTenant(int64_t id) {
  if (id > vtab::kSysTenant) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} is no auxiliary tenant's id", id));
}

int32_t MakeAuxRestoreJob(obviews_jobs* jobs, const obviews_record* restore_job,
                          int64_t aux_tenant_id, obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto job, RecordOf(restore_job, schema::RecordKind::kRestoreJob));
    OBVIEWS_RETURN_IF_ERROR(CheckAuxTenant(aux_tenant_id));
    return open.jobs().MakeAuxRestoreJob(job->record(), aux_tenant_id);
  });
}

int32_t MakeImportJob(obviews_jobs* jobs, const obviews_record* recover_job, int64_t aux_tenant_id,
                      obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto job, RecordOf(recover_job, schema::RecordKind::kRecoverJob));
    OBVIEWS_RETURN_IF_ERROR(CheckAuxTenant(aux_tenant_id));
    return open.jobs().MakeImportJob(job->record(), aux_tenant_id);
  });
}

int32_t MakeTasks(obviews_jobs* jobs, const obviews_record* import_job,
                  const obviews_listed_table* const* tables, size_t count, obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto job, RecordOf(import_job, schema::RecordKind::kImportJob));
    if (count > 0) OBVIEWS_RETURN_IF_ERROR(CheckGiven(tables, "tables"));
    std::vector<lifecycle::ListedTable> listed;
    for (size_t i = 0; i < count; ++i) {
      OBVIEWS_ASSIGN_OR_RETURN(lifecycle::ListedTable table, ToListedTable(tables[i]));
      listed.push_back(std::move(table));
    }
    return open.jobs().MakeTasks(job->record(), listed);
  });
}

engine::Key ToKey(const obviews_key& key) { return {key.tenant_id, key.job_id, key.task_id}; }

int32_t MoveToHistory(obviews_jobs* jobs, const char* kind, const obviews_key* key,
                      const char* from, const obviews_field* fields, size_t field_count,
                      obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(const schema::RecordType* type, LiveKindOf(kind));
    if (type->per_task) {
      return Fail(ErrorCode::kInvalidArgument, "tasks move to history with their import_job");
    }
    OBVIEWS_RETURN_IF_ERROR(CheckGiven(key, "the key"));
    OBVIEWS_ASSIGN_OR_RETURN(std::string_view status, StatusOf(from));
    OBVIEWS_ASSIGN_OR_RETURN(auto made,
                             ToFields(fields, field_count, schema::GetRecordType(type->twin)));
    return open.jobs().MoveToHistory(type->kind, ToKey(*key), status, made);
  });
}

int32_t ForgetTenant(obviews_jobs* jobs, int64_t aux_tenant_id, int64_t restore_job_id,
                     obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    OBVIEWS_RETURN_IF_ERROR(CheckAuxTenant(aux_tenant_id));
    return open.jobs().ForgetTenant(aux_tenant_id, restore_job_id);
  });
}

int32_t LiveRecoveries(const obviews_jobs* jobs, int64_t* ids, size_t capacity, size_t* count,
                       obviews_error** error) {
  return OnJobs(jobs, count, "count", error, [&](OpenJobs& open) -> Status {
    if (capacity > 0) OBVIEWS_RETURN_IF_ERROR(CheckGiven(ids, "ids"));
    OBVIEWS_ASSIGN_OR_RETURN(std::vector<int64_t> live, open.jobs().LiveRecoveries());
    std::copy_n(live.begin(), std::min(live.size(), capacity), ids);
    *count = live.size();
    return {};
  });
}

/// Hands a record to the host, if there is one.
void GiveRecord(std::optional<schema::Record> found, obviews_record** record) {
  if (!found) return;
  *record = Handles::Instance().Add(std::make_shared<HeldRecord>(std::move(*found)));
}

int32_t Find(const obviews_jobs* jobs, const char* kind, const obviews_key* key,
             obviews_record** record, obviews_error** error) {
  return OnJobs(jobs, record, "record", error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(const schema::RecordType* type, KindOf(kind));
    OBVIEWS_RETURN_IF_ERROR(CheckGiven(key, "the key"));
    OBVIEWS_ASSIGN_OR_RETURN(auto found, open.jobs().Find(type->kind, ToKey(*key)));
    GiveRecord(std::move(found), record);
    return {};
  });
}

int32_t FindByInitiator(const obviews_jobs* jobs, const char* kind, int64_t owner,
                        int64_t initiator_tenant, int64_t initiator_job, obviews_record** record,
                        obviews_error** error) {
  return OnJobs(jobs, record, "record", error, [&](OpenJobs& open) -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(const schema::RecordType* type, KindOf(kind));
    if (type->per_task) {
      return Fail(ErrorCode::kInvalidArgument, "tasks have no initiator");
    }
    OBVIEWS_ASSIGN_OR_RETURN(auto found, open.jobs().FindByInitiator(
                                             type->kind, owner, initiator_tenant, initiator_job));
    GiveRecord(std::move(found), record);
    return {};
  });
}

int32_t NowUsec(const obviews_jobs* jobs, int64_t* usec, obviews_error** error) {
  return OnJobs(jobs, usec, "usec", error, [&](OpenJobs& open) -> Status {
    *usec = open.jobs().NowUsec();
    return {};
  });
}

int32_t FailureComment(const obviews_jobs* jobs, int32_t code, char* comment, size_t capacity,
                       size_t* size, obviews_error** error) {
  return OnJobs(jobs, size, "size", error, [&](OpenJobs& open) -> Status {
    if (capacity > 0) OBVIEWS_RETURN_IF_ERROR(CheckGiven(comment, "comment"));
    std::string made = open.jobs().FailureComment(code);
    *size = made.size();
    if (capacity == 0) return {};
    size_t copied = made.copy(comment, capacity - 1);
    comment[copied] = '\0';
    return {};
  });
}

int32_t NoteProgress(obviews_jobs* jobs, int64_t sys_job_id, obviews_error** error) {
  return OnJobs(jobs, error, [&](OpenJobs& open) -> Status {
    const engine::SampleOwner recovery{schema::RecordKind::kRecoverJob,
                                       {vtab::kSysTenant, sys_job_id, 0}};
    OBVIEWS_ASSIGN_OR_RETURN(engine::ProgressSample sample,
                             lifecycle::TakeSample(open.jobs(), recovery));
    open.jobs().NoteSample(recovery, sample);
    return {};
  });
}

}  // namespace

void FillJobs(obviews_job_calls* jobs) {
  jobs->jobs_open = JobsOpen;
  jobs->jobs_close = JobsClose;
  jobs->set_listener = SetListener;
  jobs->run_statement = RunStatement;
  jobs->start = Start;
  jobs->ensure_user_job = EnsureUserJob;
  jobs->cancel = Cancel;
  jobs->advance = Advance;
  jobs->make_aux_restore_job = MakeAuxRestoreJob;
  jobs->make_import_job = MakeImportJob;
  jobs->make_tasks = MakeTasks;
  jobs->move_to_history = MoveToHistory;
  jobs->forget_tenant = ForgetTenant;
  jobs->live_recoveries = LiveRecoveries;
  jobs->find = Find;
  jobs->find_by_initiator = FindByInitiator;
  jobs->now_usec = NowUsec;
  jobs->failure_comment = FailureComment;
  jobs->note_progress = NoteProgress;
}

}  // namespace obviews::c_abi
