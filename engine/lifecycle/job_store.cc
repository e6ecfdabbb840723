// Changes of jobs; see job_store.h.
#include "engine/lifecycle/job_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>

#include "engine/lifecycle/job_records.h"
#include "engine/lifecycle/sequences.h"
#include "schema/server_errors.h"
#include "schema/state_machines.h"

namespace obviews::lifecycle {
namespace {

using engine::Batch;
using engine::Key;
using engine::Sequence;
using schema::Record;
using schema::RecordKind;

/// A cancel that meets changes of others looks again so often.
constexpr int kCancelAttempts = 100;

size_t FieldOf(RecordKind kind, std::string_view name) {
  return static_cast<size_t>(schema::FindField(schema::GetRecordType(kind).fields, name));
}

engine::KeySpace OfTenant(int64_t tenant_id) {
  engine::KeySpace space;
  space.tenants = schema::RangeSet::Point(tenant_id);
  return space;
}

int64_t SystemNowUsec() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Hands every record of a kind inside a key space to `use`.
template <class Use>
Status ForEach(const engine::Snapshot& snapshot, RecordKind kind, const engine::KeySpace& space,
               const Use& use) {
  auto cursor = snapshot.Scan(kind, space);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return {};
    OBVIEWS_ASSIGN_OR_RETURN(Record record, snapshot.Materialise(cursor->record()));
    use(record);
  }
}

void Expect(Batch* batch, RecordKind kind, const Key& key, std::string_view status) {
  batch->Expect(kind, key, FieldOf(kind, "status"), std::string(status));
}

/// Raises `last` to `usec`, if that is more; what it is then.
int64_t Raise(std::atomic<int64_t>* last, int64_t usec) {
  int64_t before = last->load();
  while (usec > before && !last->compare_exchange_weak(before, usec)) {
  }
  return std::max(usec, before);
}

}  // namespace

struct JobStore::Impl {
  Impl(engine::Store& of_store, JobStoreOptions with)
      : store(of_store), options(std::move(with)), sequences(store) {}

  engine::Store& store;
  JobStoreOptions options;
  Sequences sequences;
  std::atomic<int64_t> last_usec{0};
  /// Of the default trace ids. Counts from the time this was made, as servers do, so that another
  /// process has others.
  mutable std::atomic<uint64_t> next_trace{0};
  std::mutex mutex;  ///< guards the three below
  std::vector<std::pair<engine::SampleOwner, engine::ProgressSample>> samples;
  std::shared_ptr<const std::function<void(int64_t)>> listener;
  std::set<int64_t> starting;  ///< targets whose recovery is being started by some thread

  /// Samples that wait go along, and are lost with a commit that fails.
  Status Commit(Batch& batch) {
    std::vector<std::pair<engine::SampleOwner, engine::ProgressSample>> waiting;
    {
      std::lock_guard<std::mutex> lock(mutex);
      waiting.swap(samples);
    }
    for (const auto& [owner, sample] : waiting) batch.PutSample(owner, sample);
    auto committed = store.Commit(batch);
    return committed ? Status() : Fail(committed.error());
  }

  void Tell(int64_t sys_job_id) {
    std::shared_ptr<const std::function<void(int64_t)>> told;
    {
      std::lock_guard<std::mutex> lock(mutex);
      told = listener;
    }
    if (told != nullptr && *told) (*told)(sys_job_id);
  }

  /// The ids for one record, noted in the batch that is to write it.
  Result<int64_t> TakeId(Sequence sequence, int64_t tenant_id, Batch* batch) {
    OBVIEWS_ASSIGN_OR_RETURN(int64_t id, sequences.Take(sequence, tenant_id, 1));
    batch->UseIds(sequence, tenant_id, id);
    return id;
  }

  Status CheckNoLiveJob(const StartRequest& request) const;
  Result<int64_t> StartAlone(const StartRequest& request, int64_t now_usec);
  /// Sets the status of every one of these that can be canceled; returns the initiators' sys jobs.
  Result<CancelResult> TryCancel(int64_t tenant_id, std::set<int64_t>* sys_jobs, int64_t now_usec);
};

JobStore::JobStore(engine::Store& store, JobStoreOptions options)
    : impl_(std::make_unique<Impl>(store, std::move(options))) {
  if (!impl_->options.now_usec) {
    impl_->options.now_usec = SystemNowUsec;
    // A clock that was set back since the last commit must not make times run backwards.
    if (auto snapshot = store.TakeSnapshot()) {
      impl_->last_usec = (*snapshot)->stamp().committed_usec;
    }
  }
  if (!impl_->options.trace_id) impl_->next_trace = static_cast<uint64_t>(NowUsec());
}

JobStore::~JobStore() = default;

void JobStore::SetListener(std::function<void(int64_t sys_job_id)> listener) {
  auto shared = std::make_shared<const std::function<void(int64_t)>>(std::move(listener));
  std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->listener = std::move(shared);
}

engine::Store& JobStore::store() const { return impl_->store; }

int64_t JobStore::NowUsec() const { return Raise(&impl_->last_usec, impl_->options.now_usec()); }

std::string JobStore::FailureComment(int code) const {
  std::string trace =
      impl_->options.trace_id
          ? impl_->options.trace_id()
          : fmt::format("YB420000{:04X}-{:016X}-0-0", kSysTenant, impl_->next_trace.fetch_add(1));
  return schema::FailureComment(code, "", impl_->options.addr, trace);
}

Status JobStore::Impl::CheckNoLiveJob(const StartRequest& request) const {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<Key> driven, snapshot->DrivenJobs());
  engine::KeySpace space;
  space.tenants = OfTenant(kSysTenant).tenants.Union(OfTenant(request.target.id).tenants);
  auto cursor = snapshot->Scan(RecordKind::kRecoverJob, space);
  size_t target = FieldOf(RecordKind::kRecoverJob, "target_tenant_id");
  size_t name = FieldOf(RecordKind::kRecoverJob, "target_tenant_name");
  size_t initiator_tenant = FieldOf(RecordKind::kRecoverJob, "initiator_tenant_id");
  size_t initiator_job = FieldOf(RecordKind::kRecoverJob, "initiator_job_id");
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return {};
    const engine::RecordView& job = cursor->record();
    // Listings do not show the target's id.
    bool same = job.key().tenant_id != kSysTenant || job.Int(target) == request.target.id ||
                (!job.IsExternal(name) && job.Text(name) == request.target.name);
    if (!same) continue;
    Key sys_job = job.key().tenant_id == kSysTenant
                      ? job.key()
                      : Key{job.Int(initiator_tenant), job.Int(initiator_job), 0};
    bool ours = std::binary_search(driven.begin(), driven.end(), sys_job);
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("-4179: tenant {} has a recovery already, job {} of tenant {}{}",
                            request.target.name, job.key().job_id, job.key().tenant_id,
                            ours ? "; wait until it is in the history, or cancel it"
                                 : ", which was loaded and is only observed; load its history, or "
                                   "use another store"));
  }
}

Result<int64_t> JobStore::Start(const StartRequest& request) {
  {
    std::lock_guard<std::mutex> lock(impl_->mutex);
    if (!impl_->starting.insert(request.target.id).second) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("-4179: a recovery of tenant {} is being started already",
                              request.target.name));
    }
  }
  Result<int64_t> job = impl_->StartAlone(request, NowUsec());
  {
    std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->starting.erase(request.target.id);
  }
  if (!job) return job;
  // Best effort, as in servers: whoever drives the recovery makes up for it.
  static_cast<void>(EnsureUserJob(*job));
  impl_->Tell(*job);
  return job;
}

Result<int64_t> JobStore::Impl::StartAlone(const StartRequest& request, int64_t now_usec) {
  OBVIEWS_RETURN_IF_ERROR(CheckNoLiveJob(request));
  Batch batch;
  OBVIEWS_ASSIGN_OR_RETURN(int64_t job, TakeId(Sequence::kJob, kSysTenant, &batch));
  OBVIEWS_ASSIGN_OR_RETURN(int64_t restore, TakeId(Sequence::kRestoreJob, kSysTenant, &batch));
  batch.ExpectAbsent(RecordKind::kRecoverJob, {kSysTenant, job, 0});
  batch.Put(MakeSysJob(request, job, now_usec));
  batch.Put(MakeRestoreJob(request, restore, job, now_usec));
  batch.Drive({kSysTenant, job, 0});
  OBVIEWS_RETURN_IF_ERROR(Commit(batch));
  return job;
}

Status JobStore::EnsureUserJob(int64_t sys_job_id) {
  Key sys_key{kSysTenant, sys_job_id, 0};
  OBVIEWS_ASSIGN_OR_RETURN(auto sys_job, Find(RecordKind::kRecoverJob, sys_key));
  if (!sys_job) {
    return Fail(ErrorCode::kConflict,
                fmt::format("recover_job (1, {}) is not there any more", sys_job_id));
  }
  int64_t tenant_id = sys_job->Int("target_tenant_id");
  for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kRecoverJobHistory}) {
    OBVIEWS_ASSIGN_OR_RETURN(auto there, FindByInitiator(kind, tenant_id, kSysTenant, sys_job_id));
    if (there) return {};
  }
  Batch batch;
  OBVIEWS_ASSIGN_OR_RETURN(int64_t job, impl_->TakeId(Sequence::kJob, tenant_id, &batch));
  // Two threads that come to this point at once are told apart by the sys job, which both change.
  int64_t now = Raise(&impl_->last_usec, std::max(NowUsec(), sys_job->Int("gmt_modified") + 1));
  Expect(&batch, RecordKind::kRecoverJob, sys_key, "PREPARE");
  batch.Expect(RecordKind::kRecoverJob, sys_key, FieldOf(RecordKind::kRecoverJob, "gmt_modified"),
               sys_job->Get("gmt_modified"));
  batch.Update(RecordKind::kRecoverJob, sys_key,
               {{FieldOf(RecordKind::kRecoverJob, "gmt_modified"), now}});
  batch.Put(MakeUserJob(*sys_job, job, now));
  return impl_->Commit(batch);
}

Result<CancelResult> JobStore::Cancel(int64_t tenant_id) {
  for (int attempt = 1;; ++attempt) {
    std::set<int64_t> sys_jobs;
    auto canceled = impl_->TryCancel(tenant_id, &sys_jobs, NowUsec());
    if (!canceled && canceled.error().code == ErrorCode::kConflict && attempt < kCancelAttempts) {
      continue;
    }
    for (int64_t job : sys_jobs) impl_->Tell(job);
    return canceled;
  }
}

Result<CancelResult> JobStore::Impl::TryCancel(int64_t tenant_id, std::set<int64_t>* sys_jobs,
                                               int64_t now_usec) {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<Key> driven, snapshot->DrivenJobs());
  Batch batch;
  auto cancel = [&](const Record& job) -> uint64_t {
    if (job.Text("status") == "CANCELING") return 0;
    Expect(&batch, job.kind(), job.key(), job.Text("status"));
    batch.Update(job.kind(), job.key(),
                 {{FieldOf(job.kind(), "status"), "CANCELING"},
                  {FieldOf(job.kind(), "gmt_modified"), now_usec}});
    return 1;
  };
  CancelResult result;
  std::set<int64_t> ours;  // recover jobs of the tenant that are driven here
  OBVIEWS_RETURN_IF_ERROR(
      ForEach(*snapshot, RecordKind::kRecoverJob, OfTenant(tenant_id), [&](const Record& job) {
        Key sys_job{job.Int("initiator_tenant_id"), job.Int("initiator_job_id"), 0};
        if (!std::binary_search(driven.begin(), driven.end(), sys_job)) {
          ++result.observed_jobs;
          return;
        }
        ours.insert(job.key().job_id);
        sys_jobs->insert(sys_job.job_id);
        result.recover_jobs += cancel(job);
      }));
  OBVIEWS_RETURN_IF_ERROR(
      ForEach(*snapshot, RecordKind::kImportJob, OfTenant(tenant_id), [&](const Record& job) {
        if (ours.contains(job.Int("initiator_job_id"))) result.import_jobs += cancel(job);
      }));
  if (!batch.empty()) OBVIEWS_RETURN_IF_ERROR(Commit(batch));
  return result;
}

Status JobStore::Make(std::span<const Advance> changes) {
  Batch batch;
  int64_t now = NowUsec();
  for (const Advance& change : changes) {
    OBVIEWS_RETURN_IF_ERROR(schema::CheckTransition(
        schema::MachineOf(change.kind, change.key.tenant_id), change.from, change.to));
    Expect(&batch, change.kind, change.key, change.from);
    if (change.from == change.to && change.fields.empty()) continue;
    std::vector<std::pair<size_t, schema::FieldValue>> fields;
    fields.reserve(change.fields.size() + 2);
    for (const auto& [name, value] : change.fields) {
      fields.emplace_back(FieldOf(change.kind, name), value);
    }
    if (change.from != change.to) {
      fields.emplace_back(FieldOf(change.kind, "status"), std::string(change.to));
    }
    fields.emplace_back(FieldOf(change.kind, "gmt_modified"), now);
    batch.Update(change.kind, change.key, std::move(fields));
  }
  return batch.empty() ? Status() : impl_->Commit(batch);
}

Status JobStore::MakeAuxRestoreJob(const Record& restore_job, int64_t aux_tenant_id) {
  Batch batch;
  Key key = restore_job.key();
  int64_t now = NowUsec();
  Expect(&batch, RecordKind::kRestoreJob, key, "CREATE_TENANT");
  batch.Update(
      RecordKind::kRestoreJob, key,
      {{FieldOf(RecordKind::kRestoreJob, "status"), "WAIT_TENANT_RESTORE_FINISH"},
       {FieldOf(RecordKind::kRestoreJob, "restore_tenant_id"), std::to_string(aux_tenant_id)},
       {FieldOf(RecordKind::kRestoreJob, "gmt_modified"), now}});
  batch.Put(lifecycle::MakeAuxRestoreJob(restore_job, aux_tenant_id, now));
  return impl_->Commit(batch);
}

Status JobStore::MakeImportJob(const Record& user_job, int64_t aux_tenant_id) {
  Batch batch;
  Key key = user_job.key();
  int64_t now = NowUsec();
  OBVIEWS_ASSIGN_OR_RETURN(int64_t job, impl_->TakeId(Sequence::kJob, key.tenant_id, &batch));
  Expect(&batch, RecordKind::kRecoverJob, key, "GEN_IMPORT_JOB");
  batch.Update(RecordKind::kRecoverJob, key,
               {{FieldOf(RecordKind::kRecoverJob, "status"), "IMPORTING"},
                {FieldOf(RecordKind::kRecoverJob, "gmt_modified"), now}});
  batch.Put(lifecycle::MakeImportJob(user_job, job, aux_tenant_id, now));
  return impl_->Commit(batch);
}

Status JobStore::MakeTasks(const Record& import_job, std::span<const ListedTable> tables) {
  Batch batch;
  Key key = import_job.key();
  int64_t now = NowUsec();
  auto count = static_cast<int64_t>(tables.size());
  OBVIEWS_ASSIGN_OR_RETURN(int64_t first,
                           impl_->sequences.Take(Sequence::kTask, key.tenant_id, count));
  batch.UseIds(Sequence::kTask, key.tenant_id, first + count - 1);
  Expect(&batch, RecordKind::kImportJob, key, "INIT");
  batch.Update(RecordKind::kImportJob, key,
               {{FieldOf(RecordKind::kImportJob, "status"), "IMPORT_TABLE"},
                {FieldOf(RecordKind::kImportJob, "total_table_count"), count},
                {FieldOf(RecordKind::kImportJob, "gmt_modified"), now}});
  for (int64_t i = 0; i < count; ++i) {
    batch.Put(MakeTask(import_job, tables[static_cast<size_t>(i)], first + i, now));
  }
  return impl_->Commit(batch);
}

Status JobStore::MoveToHistory(RecordKind kind, const Key& key, std::string_view from,
                               const FieldValues& fields) {
  OBVIEWS_RETURN_IF_ERROR(
      schema::CheckTransition(schema::MachineOf(kind, key.tenant_id), from, schema::kHistory));
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->store.TakeSnapshot());
  auto live = snapshot->Get(kind, key);
  if (!live) {
    if (live.error().code != ErrorCode::kNotFound) return Fail(live.error());
    return Fail(ErrorCode::kConflict,
                fmt::format("{} {} is not there any more", schema::GetRecordType(kind).name,
                            ToString(schema::GetRecordType(kind), key)));
  }
  Batch batch;
  Expect(&batch, kind, key, from);
  // Of two drivers one may have taken it to another status and back since it was read.
  batch.Expect(kind, key, FieldOf(kind, "gmt_modified"), live->Get("gmt_modified"));
  Record history =
      kind == RecordKind::kRestoreJob ? MakeRestoreHistory(*live, NowUsec()) : live->AsTwin();
  for (const auto& [name, value] : fields) history.Set(name, value);
  if (kind == RecordKind::kImportJob) {
    engine::KeySpace space = OfTenant(key.tenant_id);
    space.jobs = schema::RangeSet::Point(key.job_id);
    OBVIEWS_RETURN_IF_ERROR(ForEach(*snapshot, RecordKind::kImportTask, space,
                                    [&](const Record& task) { batch.Put(task.AsTwin()); }));
  }
  batch.Put(std::move(history));
  return impl_->Commit(batch);
}

void JobStore::NoteSample(const engine::SampleOwner& owner, const engine::ProgressSample& sample) {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->samples.emplace_back(owner, sample);
}

Status JobStore::ForgetTenant(int64_t aux_tenant_id, int64_t restore_job_id) {
  Batch batch;
  for (RecordKind kind : {RecordKind::kRestoreJob, RecordKind::kRestoreJobHistory}) {
    batch.Delete(kind, {aux_tenant_id, restore_job_id, 0});
  }
  return impl_->Commit(batch);
}

Result<std::vector<int64_t>> JobStore::LiveRecoveries() const {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->store.TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<Key> driven, snapshot->DrivenJobs());
  std::vector<int64_t> jobs;
  jobs.reserve(driven.size());
  for (const Key& job : driven) jobs.push_back(job.job_id);
  return jobs;
}

Result<std::optional<Record>> JobStore::FindByInitiator(RecordKind kind, int64_t owner,
                                                        int64_t initiator_tenant,
                                                        int64_t initiator_job) const {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->store.TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<Key> jobs,
                           snapshot->JobsOf(kind, initiator_tenant, initiator_job));
  std::erase_if(jobs, [&](const Key& job) { return job.tenant_id != owner; });
  if (jobs.empty()) return std::optional<Record>();
  OBVIEWS_ASSIGN_OR_RETURN(Record job, snapshot->Get(kind, jobs.back()));
  return std::optional<Record>(std::move(job));
}

Result<std::optional<Record>> JobStore::Find(RecordKind kind, const Key& key) const {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->store.TakeSnapshot());
  auto record = snapshot->Get(kind, key);
  if (record) return std::optional<Record>(std::move(*record));
  if (record.error().code == ErrorCode::kNotFound) return std::optional<Record>();
  return Fail(record.error());
}

}  // namespace obviews::lifecycle
