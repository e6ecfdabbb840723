// Rebuilding indexes; see rebuild.h.
#include "engine/rebuild.h"

#include <fmt/format.h>

#include <functional>

#include "engine/change_set.h"
#include "engine/live_counts.h"
#include "engine/record_block.h"
#include "engine/record_lookup.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::RecordKind;

constexpr auto kLive = RecordKind::kImportTask;
constexpr auto kHistory = RecordKind::kImportTaskHistory;
constexpr FamilyIndex kDerived[] = {kTaskIndexFamily, kTaskStatusFamily, kTaskFactsFamily,
                                    kTaskCountsFamily, kLinkFamily};
/// Tasks, or blocks, of one commit.
constexpr size_t kPerCommit = 10'000;

class Rebuild {
 public:
  Rebuild(const Database& database, const CommitChanges& commit)
      : database_(database), commit_(commit) {}

  Result<RebuildReport> Run() {
    auto look = [](const auto&...) { return Status(); };
    for (const schema::RecordType& type : schema::RecordTypes()) {
      if (type.kind != kHistory) OBVIEWS_RETURN_IF_ERROR(ForEachRecord(type.kind, look));
    }
    OBVIEWS_RETURN_IF_ERROR(ForEachBlock(look));
    OBVIEWS_RETURN_IF_ERROR(Clear());
    OBVIEWS_RETURN_IF_ERROR(AddLive());
    OBVIEWS_RETURN_IF_ERROR(AddHistory());
    OBVIEWS_RETURN_IF_ERROR(AddLinks());
    OBVIEWS_RETURN_IF_ERROR(DropDamagedSamples());
    ChangeSet done(database_);
    OBVIEWS_RETURN_IF_ERROR(done.Delete(kDefaultFamily, kRebuildKey));
    OBVIEWS_RETURN_IF_ERROR(commit_(done));
    return report_;
  }

 private:
  std::unique_ptr<rocksdb::Iterator> Iterate(RecordKind kind) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    std::unique_ptr<rocksdb::Iterator> at(
        database_.db().NewIterator(options, database_.family(FamilyOf(kind))));
    at->SeekToFirst();
    if (at->Valid() && AsView(at->key()) == kStampKey) at->Next();
    return at;
  }

  Status CheckEnd(const rocksdb::Iterator& at, RecordKind kind) const {
    if (at.status().ok()) return {};
    return Fail(
        TranslateError(at.status(), database_.directory(),
                       fmt::format("reading column family {} of", GetRecordType(kind).name)));
  }

  Result<Key> KeyOf(const rocksdb::Iterator& at, RecordKind kind) const {
    Key key;
    if (DecodeKey(AsView(at.key()), &key)) return key;
    return Fail(ErrorCode::kCorruption, fmt::format("column family {} has a key of {} bytes",
                                                    GetRecordType(kind).name, at.key().size()));
  }

  /// REQUIRES: a kind that is not kept in blocks.
  Status ForEachRecord(RecordKind kind, const std::function<Status(const RecordView&)>& use) const {
    auto at = Iterate(kind);
    RecordView record;
    for (; at->Valid(); at->Next()) {
      OBVIEWS_ASSIGN_OR_RETURN(Key key, KeyOf(*at, kind));
      std::string_view why = record.Parse(GetRecordType(kind), key, AsView(at->value()));
      if (!why.empty()) return Fail(RecordDamage(GetRecordType(kind), key, why));
      OBVIEWS_RETURN_IF_ERROR(use(record));
    }
    return CheckEnd(*at, kind);
  }

  Status ForEachBlock(const std::function<Status(const Key&, const RecordBlock&)>& use) const {
    auto at = Iterate(kHistory);
    RecordBlock block;
    for (; at->Valid(); at->Next()) {
      OBVIEWS_ASSIGN_OR_RETURN(Key last, KeyOf(*at, kHistory));
      std::string_view why =
          block.Parse(GetRecordType(kHistory), last, AsView(at->value()), FieldSet::All());
      if (!why.empty()) return Fail(RecordDamage(GetRecordType(kHistory), last, why));
      OBVIEWS_RETURN_IF_ERROR(use(last, block));
    }
    return CheckEnd(*at, kHistory);
  }

  /// Sets the mark and removes all that will be made anew, but not the stamps.
  Status Clear() {
    ChangeSet changes(database_);
    OBVIEWS_RETURN_IF_ERROR(changes.Put(kDefaultFamily, kRebuildKey, "1"));
    for (FamilyIndex family : kDerived) {
      std::unique_ptr<rocksdb::Iterator> at(
          database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(family)));
      for (at->SeekToFirst(); at->Valid(); at->Next()) {
        if (AsView(at->key()) == kStampKey || IsKept(family, *at)) continue;
        OBVIEWS_RETURN_IF_ERROR(changes.Delete(family, AsView(at->key())));
      }
      // Entries that cannot be read are among those that are replaced or will be found by verify.
      at->status().PermitUncheckedError();
    }
    return commit_(changes);
  }

  /// Which jobs are driven here is nowhere else.
  static bool IsKept(FamilyIndex family, const rocksdb::Iterator& at) {
    return family == kLinkFamily && at.key().starts_with(AsSlice(kDrivenPrefix));
  }

  Status AddLinks() {
    ChangeSet changes(database_);
    for (const schema::RecordType& type : schema::RecordTypes()) {
      if (type.per_task) continue;
      OBVIEWS_RETURN_IF_ERROR(ForEachRecord(type.kind, [&](const RecordView& job) -> Status {
        std::string link = LinkOf(job);
        return link.empty() ? Status() : changes.Put(kLinkFamily, link, "");
      }));
    }
    return commit_(changes);
  }

  /// Samples are nowhere else: those that can be read stay.
  Status DropDamagedSamples() {
    ChangeSet changes(database_);
    std::unique_ptr<rocksdb::Iterator> at(
        database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(kSampleFamily)));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      ProgressSample sample;
      if (AsView(at->key()) == kStampKey) continue;
      if (DecodeSample(AsView(at->key()), AsView(at->value()), &sample)) continue;
      OBVIEWS_RETURN_IF_ERROR(changes.Delete(kSampleFamily, AsView(at->key())));
    }
    if (!at->status().ok()) {
      return Fail(
          TranslateError(at->status(), database_.directory(), "reading column family sample of"));
    }
    return commit_(changes);
  }

  Status AddLive() {
    size_t count = 0;
    std::optional<ChangeSet> changes;
    std::optional<LiveCounts> counts;
    auto finish = [&]() -> Status {
      if (!counts) return {};
      OBVIEWS_RETURN_IF_ERROR(counts->Finish());
      OBVIEWS_RETURN_IF_ERROR(commit_(*changes));
      counts.reset();
      changes.reset();
      return {};
    };
    OBVIEWS_RETURN_IF_ERROR(ForEachRecord(kLive, [&](const RecordView& task) -> Status {
      if (!counts) counts.emplace(changes.emplace(database_));
      const Key& key = task.key();
      std::string job(8, '\0');
      PutOrderedInt(job.data(), key.job_id);
      OBVIEWS_RETURN_IF_ERROR(
          changes->Put(kTaskIndexFamily, TaskIndexKey(key.tenant_id, key.task_id, kLive), job));
      OBVIEWS_RETURN_IF_ERROR(counts->Add(key, FactsOf(task)));
      ++report_.live_tasks;
      return ++count % kPerCommit == 0 ? finish() : Status();
    }));
    return finish();
  }

  Status AddHistory() {
    std::optional<ChangeSet> changes;
    JobCounts counts;
    std::string counts_key;
    auto put_counts = [&]() -> Status {
      if (counts_key.empty()) return {};
      if (!changes) changes.emplace(database_);
      return changes->Put(kTaskCountsFamily, counts_key, EncodeCounts(counts_key, counts));
    };
    OBVIEWS_RETURN_IF_ERROR(ForEachBlock([&](const Key& last, const RecordBlock& block) -> Status {
      if (!changes) changes.emplace(database_);
      std::string key = CountsKey(last.tenant_id, last.job_id, kHistory);
      if (key != counts_key) {
        OBVIEWS_RETURN_IF_ERROR(put_counts());
        counts_key = std::move(key);
        counts = {};
      }
      BlockFactsBuilder facts;
      for (uint32_t row = 0; row < block.rows(); ++row) {
        facts.Add(block.TaskId(row), FactsOf(RecordView(block, row)));
      }
      for (const TaskGroup& group : facts.groups()) AddGroup(group, &counts);
      std::string bytes;
      facts.Encode(last, &bytes);
      EncodedKey encoded = EncodeKey(last);
      OBVIEWS_RETURN_IF_ERROR(changes->Put(kTaskFactsFamily, AsView(encoded), bytes));
      report_.history_tasks += block.rows();
      if (++report_.blocks % kPerCommit != 0) return {};
      OBVIEWS_RETURN_IF_ERROR(commit_(*changes));
      changes.reset();
      return {};
    }));
    OBVIEWS_RETURN_IF_ERROR(put_counts());
    return changes ? commit_(*changes) : Status();
  }

  const Database& database_;
  const CommitChanges& commit_;
  RebuildReport report_;
};

}  // namespace

Result<RebuildReport> RebuildTasks(const Database& database, const CommitChanges& commit) {
  return Rebuild(database, commit).Run();
}

}  // namespace obviews::engine
