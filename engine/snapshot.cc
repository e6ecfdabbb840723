// Snapshots and the cursors over them; see store.h and snapshot.h.
#include "engine/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/block_cursor.h"
#include "engine/group_cursor.h"
#include "engine/progress/progress_cursor.h"
#include "engine/record_lookup.h"
#include "engine/sample_reader.h"
#include "engine/sequence.h"
#include "engine/split.h"
#include "engine/summary_cursor.h"
#include "engine/task_groups.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;

int64_t NowUsec() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Whether a task is in a group that is wanted.
bool IsWanted(const GroupFilter* groups, const RecordView& task) {
  if (groups == nullptr) return true;
  TaskFacts facts = FactsOf(task);
  return groups->Accepts(facts.status, facts.result);
}

/// Walks a record family by iterator, seeking over what lies outside the key space.
class FamilyCursor final : public RecordCursor {
 public:
  FamilyCursor(std::shared_ptr<Database> database, const rocksdb::ReadOptions& options,
               RecordKind kind, KeySpace space, const ScanOptions& scan)
      : database_(std::move(database)),
        type_(GetRecordType(kind)),
        space_(std::move(space)),
        groups_(scan.groups),
        first_(scan.first) {
    rocksdb::ReadOptions bounded = options;
    if (!space_.IsEmpty()) {
      // Past the last key of the space nothing needs to be read to know that it is the end.
      Key last{space_.tenants.ranges().back().hi, space_.jobs.ranges().back().hi,
               space_.tasks.ranges().back().hi};
      EncodedKey end = EncodeKey(std::min(last, scan.last));
      end_.assign(AsView(end)).push_back('\0');
      end_slice_ = end_;
      bounded.iterate_upper_bound = &end_slice_;
    }
    iterator_.reset(database_->db().NewIterator(bounded, database_->family(FamilyOf(kind))));
  }

  Result<bool> Next() override {
    if (started_ && !iterator_->Valid()) return false;
    if (started_) {
      iterator_->Next();
    } else {
      started_ = true;
      if (!SeekInside(first_)) return false;
    }
    while (iterator_->Valid()) {
      Key key;
      if (!DecodeKey(AsView(iterator_->key()), &key)) {
        return Fail(ErrorCode::kCorruption,
                    fmt::format("column family {} has a key of {} bytes after record {}; the store "
                                "is damaged there",
                                type_.name, iterator_->key().size(), ToString(type_, last_)));
      }
      ++read_;
      if (space_.Contains(key)) {
        last_ = key;
        std::string_view why = record_.Parse(type_, key, AsView(iterator_->value()));
        if (!why.empty()) return Fail(RecordDamage(type_, key, why));
        if (IsWanted(groups_.get(), record_)) return true;
        iterator_->Next();
        continue;
      }
      if (!SeekInside(key)) return false;
    }
    if (iterator_->status().ok()) return false;
    return Fail(TranslateError(iterator_->status(), database_->directory(),
                               fmt::format("reading column family {} after record {} of",
                                           type_.name, ToString(type_, last_))));
  }

  const RecordView& record() const override { return record_; }
  uint64_t records_read() const override { return read_; }

 private:
  /// Moves to the first record at or after the first inside key not below `from`.
  bool SeekInside(const Key& from) {
    auto target = space_.NextInside(from);
    if (!target) return false;
    EncodedKey encoded = EncodeKey(*target);
    iterator_->Seek(AsSlice(AsView(encoded)));
    return true;
  }

  std::shared_ptr<Database> database_;
  const RecordType& type_;
  KeySpace space_;
  std::shared_ptr<const GroupFilter> groups_;
  Key first_;                 ///< where the stretch to walk over begins
  std::string end_;           ///< the smallest key after the space
  rocksdb::Slice end_slice_;  ///< of end_, for the iterator, which is destroyed first
  std::unique_ptr<rocksdb::Iterator> iterator_;
  bool started_ = false;
  Key last_;
  RecordView record_;
  uint64_t read_ = 0;
};

/// Walks the task index over (tenant, task), fetching each record by its key.
class TaskIndexCursor final : public RecordCursor {
 public:
  TaskIndexCursor(std::shared_ptr<Database> database, const rocksdb::ReadOptions& options,
                  RecordKind kind, KeySpace space, std::shared_ptr<const GroupFilter> groups)
      : database_(std::move(database)),
        options_(options),
        type_(GetRecordType(kind)),
        groups_(std::move(groups)),
        space_(std::move(space)),
        by_task_{space_.tenants, space_.tasks, schema::RangeSet::All()} {
    iterator_.reset(database_->db().NewIterator(options, database_->family(kTaskIndexFamily)));
  }

  Result<bool> Next() override {
    if (started_ && !iterator_->Valid()) return false;
    if (started_) {
      iterator_->Next();
    } else {
      started_ = true;
      constexpr int64_t kFirst = schema::RangeSet::kMin;
      if (!SeekInside(kFirst, kFirst)) return false;
    }
    while (iterator_->Valid()) {
      int64_t tenant = 0;
      int64_t task = 0;
      RecordKind kind{};
      if (!DecodeTaskIndexKey(AsView(iterator_->key()), &tenant, &task, &kind) ||
          iterator_->value().size() != 8) {
        return Fail(
            ErrorCode::kCorruption,
            fmt::format("column family task_index has a malformed entry after task ({}, {}); "
                        "the store is damaged there",
                        last_.tenant_id, last_.task_id));
      }
      if (!by_task_.tenants.Contains(tenant) || !by_task_.jobs.Contains(task)) {
        if (!SeekInside(tenant, task)) return false;
        continue;
      }
      Key key{tenant, GetOrderedInt(iterator_->value().data()), task};
      if (kind == type_.kind && space_.jobs.Contains(key.job_id)) {
        OBVIEWS_RETURN_IF_ERROR(Fetch(key));
        if (IsWanted(groups_.get(), record_)) return true;
      }
      iterator_->Next();
    }
    if (iterator_->status().ok()) return false;
    return Fail(TranslateError(iterator_->status(), database_->directory(),
                               "reading column family task_index of"));
  }

  const RecordView& record() const override { return record_; }
  uint64_t records_read() const override { return read_; }

 private:
  bool SeekInside(int64_t tenant, int64_t task) {
    auto target = by_task_.NextInside({tenant, task, schema::RangeSet::kMin});
    if (!target) return false;
    iterator_->Seek(TaskIndexKey(target->tenant_id, target->job_id, RecordKind{}));
    return true;
  }

  Status Fetch(const Key& key) {
    last_ = key;
    bytes_.Reset();
    EncodedKey encoded = EncodeKey(key);
    rocksdb::Status read = database_->db().Get(options_, database_->family(FamilyOf(type_.kind)),
                                               AsSlice(AsView(encoded)), &bytes_);
    if (read.IsNotFound()) {
      return Fail(RecordDamage(type_, key, "the task index names it, but it is not there"));
    }
    if (!read.ok()) {
      return Fail(TranslateError(read, database_->directory(),
                                 fmt::format("reading record {} of", ToString(type_, key))));
    }
    ++read_;
    std::string_view why = record_.Parse(type_, key, AsView(bytes_));
    if (!why.empty()) return Fail(RecordDamage(type_, key, why));
    return {};
  }

  std::shared_ptr<Database> database_;
  rocksdb::ReadOptions options_;
  const RecordType& type_;
  std::shared_ptr<const GroupFilter> groups_;
  KeySpace space_;
  KeySpace by_task_;  ///< tenants, then tasks in the place of jobs
  std::unique_ptr<rocksdb::Iterator> iterator_;
  rocksdb::PinnableSlice bytes_;
  bool started_ = false;
  Key last_;
  RecordView record_;
  uint64_t read_ = 0;
};

class SnapshotImpl final : public DatabaseSnapshot {
 public:
  SnapshotImpl(std::shared_ptr<Database> database, CommitStamp stamp)
      : database_(std::move(database)), stamp_(stamp) {}
  explicit SnapshotImpl(std::shared_ptr<Database> database) : database_(std::move(database)) {
    options_.snapshot = database_->db().GetSnapshot();
  }
  Status ReadStamp() {
    OBVIEWS_ASSIGN_OR_RETURN(stamp_, database_->StampOf(*options_.snapshot));
    return {};
  }
  ~SnapshotImpl() override {
    if (options_.snapshot != nullptr) database_->db().ReleaseSnapshot(options_.snapshot);
  }
  SnapshotImpl(const SnapshotImpl&) = delete;
  SnapshotImpl& operator=(const SnapshotImpl&) = delete;

  std::unique_ptr<RecordCursor> Scan(RecordKind kind, const KeySpace& space,
                                     const ScanOptions& scan) const override {
    if (kind == RecordKind::kImportTaskHistory) {
      return std::make_unique<BlockCursor>(database_, options_, space, scan);
    }
    if (kind == RecordKind::kProgress || kind == RecordKind::kTenantProgress) {
      return progress::MakeProgressCursor(*this, kind, space, scan);
    }
    if (GetRecordType(kind).derived) return MakeSummaryCursor(*this, kind, space, scan);
    return std::make_unique<FamilyCursor>(database_, options_, kind, space, scan);
  }

  std::unique_ptr<RecordCursor> ScanByTask(RecordKind kind, const KeySpace& space,
                                           const ScanOptions& scan) const override {
    // The facts of a tenant's blocks are few, and say which task ids each holds.
    if (kind == RecordKind::kImportTaskHistory) return Scan(kind, space, scan);
    return std::make_unique<TaskIndexCursor>(database_, options_, kind, space, scan.groups);
  }

  Result<std::vector<Stretch>> Split(RecordKind kind, const KeySpace& space,
                                     uint64_t records) const override {
    if (kind == RecordKind::kImportTaskHistory) {
      return SplitBlocks(*database_, options_, space, records);
    }
    if (kind == RecordKind::kImportTask) return SplitJobs(*ScanGroups(space, false), records);
    return std::vector<Stretch>(1, Stretch{ScanOptions().first, ScanOptions().last});
  }

  std::unique_ptr<GroupCursor> ScanGroups(const KeySpace& space, bool times) const override {
    return MakeGroupCursor(database_, options_, space, times);
  }

  Status ReadText(const RecordView& record, size_t field, std::string* out) const override {
    return ReadExternalText(*database_, options_, record, field, out);
  }

  std::unique_ptr<RecordLookup> Lookup(RecordKind kind, FieldSet fields) const override {
    return MakeRecordLookup(*database_, options_, kind, fields);
  }

  Result<Record> Get(RecordKind kind, const Key& key) const override {
    auto lookup = Lookup(kind, FieldSet::All());
    OBVIEWS_ASSIGN_OR_RETURN(bool found, lookup->Find(key));
    if (found) return Materialise(lookup->record());
    const RecordType& type = GetRecordType(kind);
    return Fail(ErrorCode::kNotFound,
                fmt::format("no {} record {}", type.name, ToString(type, key)));
  }

  Result<Record> Materialise(const RecordView& view) const override {
    return MaterialiseRecord(*database_, options_, view);
  }

  Result<std::vector<Key>> JobsOf(RecordKind kind, int64_t initiator_tenant,
                                  int64_t initiator_job) const override {
    return Links(LinkPrefix(kind, initiator_tenant, initiator_job));
  }

  Result<std::vector<Key>> DrivenJobs() const override { return Links(std::string(kDrivenPrefix)); }

  Result<int64_t> LastId(Sequence sequence, int64_t tenant_id) const override {
    return ReadLastId(*database_, options_, sequence, tenant_id);
  }

  Result<std::vector<ProgressSample>> Samples(const SampleOwner& owner) const override {
    return ReadSamples(*database_, options_, owner);
  }

  Result<std::vector<Key>> LatestTasks(const Key& job, const GroupFilter& groups,
                                       size_t limit) const override {
    return TasksByStart(job, groups, limit, /*latest=*/true);
  }

  Result<std::vector<Key>> EarliestTasks(const Key& job, const GroupFilter& groups,
                                         size_t limit) const override {
    return TasksByStart(job, groups, limit, /*latest=*/false);
  }

  Result<std::vector<Tenant>> Tenants() const override {
    std::vector<Tenant> tenants;
    std::unique_ptr<rocksdb::Iterator> iterator(
        database_->db().NewIterator(options_, database_->family(kTenantFamily)));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      if (AsView(iterator->key()) == kStampKey) continue;
      Tenant tenant;
      if (!DecodeTenant(AsView(iterator->key()), AsView(iterator->value()), &tenant)) {
        return Fail(ErrorCode::kCorruption,
                    fmt::format("store '{}': the record of {} in column family tenant is damaged",
                                database_->directory(), NameTenantKey(AsView(iterator->key()))));
      }
      tenants.push_back(std::move(tenant));
    }
    if (!iterator->status().ok()) {
      return Fail(TranslateError(iterator->status(), database_->directory(),
                                 "reading column family tenant of"));
    }
    return tenants;
  }

  CommitStamp stamp() const override { return stamp_; }
  int64_t taken_usec() const override { return taken_usec_; }
  const Database& database() const override { return *database_; }
  const rocksdb::ReadOptions& options() const override { return options_; }

 private:
  Result<std::vector<Key>> TasksByStart(const Key& job, const GroupFilter& groups, size_t limit,
                                        bool latest) const {
    std::vector<Key> found;
    std::string key = CountsKey(job.tenant_id, job.job_id, RecordKind::kImportTask);
    std::string bytes;
    rocksdb::Status read =
        database_->db().Get(options_, database_->family(kTaskCountsFamily), key, &bytes);
    if (read.IsNotFound()) return found;
    JobCounts counts;
    if (!read.ok() || !DecodeCounts(key, bytes, &counts)) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("the counts of job ({}, {}) in column family task_counts: damaged; "
                              "`obviewsctl rebuild` makes them anew",
                              job.tenant_id, job.job_id));
    }
    std::vector<StatusEntry> entries;
    for (const JobCounts::Group& group : counts.groups) {
      std::optional<std::string_view> result;
      if (group.result) result = *group.result;
      if (!groups.Accepts(group.status, result)) continue;
      StatusEntry of_group{job.tenant_id, job.job_id, group.id};
      OBVIEWS_RETURN_IF_ERROR(AddEntries(of_group, limit, latest, &entries));
    }
    std::sort(entries.begin(), entries.end(), [&](const StatusEntry& a, const StatusEntry& b) {
      auto by_start = std::pair(a.start, a.task_id) <=> std::pair(b.start, b.task_id);
      return latest ? by_start > 0 : by_start < 0;
    });
    if (entries.size() > limit) entries.resize(limit);
    for (const StatusEntry& entry : entries) {
      found.push_back({job.tenant_id, job.job_id, entry.task_id});
    }
    return found;
  }

  /// The last entries of one group in the status index, or its first that have a start.
  Status AddEntries(const StatusEntry& group, size_t limit, bool latest,
                    std::vector<StatusEntry>* out) const {
    std::unique_ptr<rocksdb::Iterator> at(
        database_->db().NewIterator(options_, database_->family(kTaskStatusFamily)));
    StatusEntry end = group;
    end.start = latest ? schema::RangeSet::kMax : 1;
    end.task_id = latest ? schema::RangeSet::kMax : schema::RangeSet::kMin;
    latest ? at->SeekForPrev(StatusKey(end)) : at->Seek(StatusKey(end));
    for (size_t taken = 0; at->Valid() && taken < limit; ++taken) {
      StatusEntry entry;
      if (AsView(at->key()) == kStampKey) break;
      if (!DecodeStatusKey(AsView(at->key()), &entry)) break;
      if (entry.tenant_id != group.tenant_id || entry.job_id != group.job_id ||
          entry.group != group.group) {
        break;
      }
      out->push_back(entry);
      latest ? at->Prev() : at->Next();
    }
    if (at->status().ok()) return {};
    return Fail(TranslateError(at->status(), database_->directory(),
                               "reading column family task_status of"));
  }

  /// The jobs that the links beginning with `prefix` lead to.
  Result<std::vector<Key>> Links(const std::string& prefix) const {
    std::vector<Key> jobs;
    std::unique_ptr<rocksdb::Iterator> at(
        database_->db().NewIterator(options_, database_->family(kLinkFamily)));
    for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
      Key job;
      if (AsView(at->key()) == kStampKey) continue;
      if (!DecodeLinkKey(AsView(at->key()), &job)) {
        return Fail(ErrorCode::kCorruption,
                    fmt::format("store '{}': column family link has a key of {} bytes",
                                database_->directory(), at->key().size()));
      }
      jobs.push_back(job);
    }
    if (at->status().ok()) return jobs;
    return Fail(
        TranslateError(at->status(), database_->directory(), "reading column family link of"));
  }

  std::shared_ptr<Database> database_;
  CommitStamp stamp_;
  int64_t taken_usec_ = NowUsec();
  rocksdb::ReadOptions options_;
};

}  // namespace

Result<uint64_t> RecordCursor::CountRest() {
  for (uint64_t count = 0;; ++count) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, Next());
    if (!more) return count;
  }
}

std::shared_ptr<const DatabaseSnapshot> MakeSnapshot(std::shared_ptr<Database> database,
                                                     CommitStamp stamp) {
  return std::make_shared<SnapshotImpl>(std::move(database), stamp);
}

Result<std::shared_ptr<const DatabaseSnapshot>> MakePinnedSnapshot(
    std::shared_ptr<Database> database) {
  auto snapshot = std::make_shared<SnapshotImpl>(std::move(database));
  OBVIEWS_RETURN_IF_ERROR(snapshot->ReadStamp());
  return std::shared_ptr<const DatabaseSnapshot>(std::move(snapshot));
}

}  // namespace obviews::engine
