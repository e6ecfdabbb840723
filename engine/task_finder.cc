// Finding tasks; see task_finder.h.
#include "engine/task_finder.h"

#include "engine/record_lookup.h"

namespace obviews::engine {
namespace {

using schema::RecordKind;

}  // namespace

Result<std::optional<Key>> TaskFinder::Find(RecordKind kind, int64_t tenant_id, int64_t task_id) {
  return kind == RecordKind::kImportTask ? FindLive(tenant_id, task_id)
                                         : FindHistory(tenant_id, task_id);
}

Result<std::optional<Key>> TaskFinder::FindLive(int64_t tenant_id, int64_t task_id) const {
  std::string job;
  rocksdb::Status read =
      database_->db().Get(rocksdb::ReadOptions(), database_->family(kTaskIndexFamily),
                          TaskIndexKey(tenant_id, task_id, RecordKind::kImportTask), &job);
  if (read.IsNotFound()) return std::optional<Key>();
  if (!read.ok()) {
    return Fail(
        TranslateError(read, database_->directory(), "reading column family task_index of"));
  }
  if (job.size() != 8) return Fail(TaskIndexDamage(tenant_id, task_id, job.size()));
  return std::optional<Key>({tenant_id, GetOrderedInt(job.data()), task_id});
}

Result<std::optional<Key>> TaskFinder::FindHistory(int64_t tenant_id, int64_t task_id) {
  OBVIEWS_ASSIGN_OR_RETURN(std::string stamp, Stamp(rocksdb::ReadOptions()));
  if (snapshot_ == nullptr || stamp != stamp_) {
    directories_.clear();
    OBVIEWS_ASSIGN_OR_RETURN(snapshot_, MakePinnedSnapshot(database_));
    OBVIEWS_ASSIGN_OR_RETURN(stamp_, Stamp(snapshot_->options()));
  }
  auto at = directories_.find(tenant_id);
  if (at == directories_.end()) {
    OBVIEWS_ASSIGN_OR_RETURN(HistoryDirectory directory,
                             HistoryDirectory::Load(*database_, snapshot_->options(), tenant_id));
    at = directories_.emplace(tenant_id, std::move(directory)).first;
  }
  OBVIEWS_ASSIGN_OR_RETURN(std::optional<int64_t> job,
                           at->second.FindJob(*database_, snapshot_->options(), task_id));
  if (!job) return std::optional<Key>();
  return std::optional<Key>({tenant_id, *job, task_id});
}

Result<std::string> TaskFinder::Stamp(const rocksdb::ReadOptions& options) const {
  std::string bytes;
  rocksdb::Status read =
      database_->db().Get(options, database_->family(kTaskFactsFamily), AsSlice(kStampKey), &bytes);
  if (read.ok() || read.IsNotFound())
    return bytes;  // a family that nothing was written to has none
  return Fail(TranslateError(read, database_->directory(), "reading column family task_facts of"));
}

}  // namespace obviews::engine
