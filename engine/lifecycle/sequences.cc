// Sequences over the ids a store has; see sequences.h.
#include "engine/lifecycle/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace obviews::lifecycle {
namespace {

using engine::Sequence;
using schema::RangeSet;
using schema::RecordKind;

/// The largest id of a kind's records of a tenant above `last`; `last` if there is none. Looks only
/// at records above it, where the kind is kept by that id.
Result<int64_t> LargestAbove(const engine::Snapshot& snapshot, RecordKind kind, int64_t tenant_id,
                             bool tasks, int64_t last) {
  if (last == RangeSet::kMax) return last;
  engine::KeySpace space;
  space.tenants = RangeSet::Point(tenant_id);
  (tasks ? space.tasks : space.jobs) = RangeSet::Of(last + 1, RangeSet::kMax);
  engine::ScanOptions options;
  options.fields = {};
  auto cursor =
      tasks ? snapshot.ScanByTask(kind, space, options) : snapshot.Scan(kind, space, options);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return last;
    const engine::Key& key = cursor->record().key();
    last = std::max(last, tasks ? key.task_id : key.job_id);
  }
}

/// An id that live restore jobs hold as text; 0 if it is none.
int64_t IdIn(const engine::RecordView& record, size_t field) {
  if (record.IsNull(field)) return 0;
  if (!record.type().fields[field].is_text()) return record.Int(field);
  if (record.IsExternal(field)) return 0;
  std::string_view text = record.Text(field);
  int64_t id = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? id : 0;
}

/// The largest id of a job that records of a kind name as their initiator, if above `last`: of jobs
/// that were loaded the initiator may be missing.
Result<int64_t> LargestInitiator(const engine::Snapshot& snapshot, RecordKind kind,
                                 int64_t tenant_id, int64_t last) {
  const auto& fields = schema::GetRecordType(kind).fields;
  auto tenant = static_cast<size_t>(schema::FindField(fields, "initiator_tenant_id"));
  auto job = static_cast<size_t>(schema::FindField(fields, "initiator_job_id"));
  engine::ScanOptions options;
  options.fields = {};
  options.fields.Add(tenant);
  options.fields.Add(job);
  auto cursor = snapshot.Scan(kind, {}, options);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return last;
    const engine::RecordView& record = cursor->record();
    if (IdIn(record, tenant) == tenant_id) last = std::max(last, IdIn(record, job));
  }
}

}  // namespace

Result<int64_t> Sequences::Take(Sequence sequence, int64_t tenant_id, int64_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto at = last_.find({sequence, tenant_id});
  if (at == last_.end()) {
    OBVIEWS_ASSIGN_OR_RETURN(int64_t last, FindLast(sequence, tenant_id));
    at = last_.emplace(std::pair(sequence, tenant_id), last).first;
  }
  if (at->second > std::numeric_limits<int64_t>::max() - count) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("tenant {} has no more ids to give out: one record has id {}",
                            tenant_id, at->second));
  }
  int64_t first = at->second + 1;
  at->second += count;
  return first;
}

Result<int64_t> Sequences::FindLast(Sequence sequence, int64_t tenant_id) const {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_.TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(int64_t last, snapshot->LastId(sequence, tenant_id));
  for (const schema::RecordType& type : schema::RecordTypes()) {
    bool restore =
        type.kind == RecordKind::kRestoreJob || type.kind == RecordKind::kRestoreJobHistory;
    // Tasks count for jobs too: of a task that was loaded the job may be missing.
    bool concerned = sequence == Sequence::kTask         ? type.per_task
                     : sequence == Sequence::kRestoreJob ? restore
                                                         : !restore;
    if (concerned) {
      OBVIEWS_ASSIGN_OR_RETURN(
          last, LargestAbove(*snapshot, type.kind, tenant_id, sequence == Sequence::kTask, last));
    }
    // Restore jobs are looked for under the sys job's id and their own tenant, so that one which
    // was loaded is not taken for another's.
    if (sequence == Sequence::kJob && !type.per_task) {
      OBVIEWS_ASSIGN_OR_RETURN(last, LargestInitiator(*snapshot, type.kind, tenant_id, last));
    }
  }
  return last;
}

}  // namespace obviews::lifecycle
