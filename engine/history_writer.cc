// Rewriting blocks of history tasks; see history_writer.h.
#include "engine/history_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace obviews::engine {
namespace {

using schema::RecordKind;

constexpr auto kHistory = RecordKind::kImportTaskHistory;

const schema::RecordType& Type() { return schema::GetRecordType(kHistory); }

Error Damage(const char* family, const Key& last, std::string_view why) {
  return {ErrorCode::kCorruption,
          fmt::format("block ending at {} of column family {}: {}; the store is damaged there",
                      ToString(Type(), last), family, why)};
}

/// Reads a block for rewriting or looking up. `bytes` must live as long as `block`.
Status ReadBlock(const Database& database, const rocksdb::ReadOptions& options, const Key& last,
                 FieldSet fields, std::string* bytes, RecordBlock* block) {
  EncodedKey key = EncodeKey(last);
  rocksdb::Status read =
      database.db().Get(options, database.family(FamilyOf(kHistory)), AsSlice(AsView(key)), bytes);
  if (read.IsNotFound()) {
    return Fail(Damage(Type().name.data(), last, "its facts are there, but it is not"));
  }
  if (!read.ok()) return Fail(TranslateError(read, database.directory(), "reading"));
  std::string_view why = block->Parse(Type(), last, *bytes, fields);
  if (!why.empty()) return Fail(Damage(Type().name.data(), last, why));
  return {};
}

/// Rewrites the blocks of one job.
class JobWriter {
 public:
  JobWriter(std::span<const HistoryDirectory::Block> blocks, ChangeSet& out)
      : blocks_(blocks), out_(out) {}

  /// `changes` are of this job.
  Status Write(std::span<const HistoryChange> changes) {
    Key job = changes[0].key;
    while (!changes.empty()) {
      // All that belongs to the same block is done at once.
      std::optional<size_t> target = Target(changes[0].key);
      size_t count = 1;
      while (count < changes.size() && Target(changes[count].key) == target) ++count;
      OBVIEWS_RETURN_IF_ERROR(Merge(target, changes.first(count)));
      changes = changes.subspan(count);
    }
    return Recount(job);
  }

 private:
  /// The block a record goes to: the one whose range it is in or before; behind all of them the
  /// last one, while it has room.
  std::optional<size_t> Target(const Key& key) const {
    auto at = std::lower_bound(blocks_.begin(), blocks_.end(), key,
                               [](const HistoryDirectory::Block& block, const Key& wanted) {
                                 return block.last < wanted;
                               });
    if (at != blocks_.end()) return static_cast<size_t>(at - blocks_.begin());
    if (!blocks_.empty() && blocks_.back().rows < kMaxBlockRows) return blocks_.size() - 1;
    return std::nullopt;
  }

  Status Merge(std::optional<size_t> target, std::span<const HistoryChange> changes) {
    std::string bytes;
    RecordBlock old;
    std::vector<BlockRow> rows;
    uint32_t next = 0;
    uint32_t end = 0;
    if (target) {
      const Key& last = blocks_[*target].last;
      OBVIEWS_RETURN_IF_ERROR(
          ReadBlock(out_.database(), rocksdb::ReadOptions(), last, FieldSet::All(), &bytes, &old));
      end = old.rows();
      replaced_.insert(last);
      EncodedKey key = EncodeKey(last);
      OBVIEWS_RETURN_IF_ERROR(out_.Delete(FamilyOf(kHistory), AsView(key)));
      OBVIEWS_RETURN_IF_ERROR(out_.Delete(kTaskFactsFamily, AsView(key)));
    }
    rows.reserve(end + changes.size());
    for (const HistoryChange& change : changes) {
      while (next < end && old.TaskId(next) < change.key.task_id) rows.emplace_back(old, next++);
      if (next < end && old.TaskId(next) == change.key.task_id) {
        OBVIEWS_RETURN_IF_ERROR(DeleteTexts(RecordView(old, next++)));
      }
      if (change.put != nullptr) rows.emplace_back(*change.put);
    }
    while (next < end) rows.emplace_back(old, next++);
    return Encode(rows);
  }

  Status Encode(std::span<const BlockRow> rows) {
    while (!rows.empty()) {
      std::string bytes;
      std::vector<BlockText> texts;
      std::span<const BlockRow> taken = rows.first(EncodeBlock(rows, &bytes, &texts));
      rows = rows.subspan(taken.size());
      Key last = taken.back().key();
      EncodedKey key = EncodeKey(last);
      OBVIEWS_RETURN_IF_ERROR(out_.Put(FamilyOf(kHistory), AsView(key), bytes));
      for (const BlockText& text : texts) {
        const schema::Record& record = *taken[text.row].record();
        OBVIEWS_RETURN_IF_ERROR(out_.Put(kTextFamily,
                                         TextKey(kHistory, record.key(), text.text.field),
                                         std::get<std::string>(record[text.text.field])));
      }
      BlockFactsBuilder facts;
      for (const BlockRow& row : taken) {
        TaskFacts task = row.record() != nullptr ? FactsOf(*row.record()) : FactsOf(row.view());
        facts.Add(row.key().task_id, task);
      }
      for (const TaskGroup& group : facts.groups()) AddGroup(group, &added_);
      bytes.clear();
      facts.Encode(last, &bytes);
      OBVIEWS_RETURN_IF_ERROR(out_.Put(kTaskFactsFamily, AsView(key), bytes));
    }
    return {};
  }

  Status DeleteTexts(const RecordView& record) {
    for (const ExternalText& text : record.ExternalTexts()) {
      OBVIEWS_RETURN_IF_ERROR(
          out_.Delete(kTextFamily, TextKey(kHistory, record.key(), text.field)));
    }
    return {};
  }

  /// The counts of the job: those of the blocks that stay and of the new ones.
  Status Recount(const Key& job) {
    const Database& database = out_.database();
    std::string bytes;
    BlockFacts facts;
    for (const HistoryDirectory::Block& block : blocks_) {
      if (replaced_.contains(block.last)) continue;
      EncodedKey key = EncodeKey(block.last);
      rocksdb::Status read = database.db().Get(
          rocksdb::ReadOptions(), database.family(kTaskFactsFamily), AsSlice(AsView(key)), &bytes);
      OBVIEWS_RETURN_IF_ERROR(out_.Check(read));
      std::string_view why = facts.Parse(block.last, bytes);
      if (!why.empty()) return Fail(Damage("task_facts", block.last, why));
      for (const BlockGroup& from : facts.groups()) {
        JobCounts::Group& group = added_.Find(from.status, from.result);
        group.count += from.count;
        AddTimes(group, from.min_start, from.max_completion);
      }
    }
    std::string key = CountsKey(job.tenant_id, job.job_id, kHistory);
    if (added_.groups.empty()) return out_.Delete(kTaskCountsFamily, key);
    return out_.Put(kTaskCountsFamily, key, EncodeCounts(key, added_));
  }

  std::span<const HistoryDirectory::Block> blocks_;
  ChangeSet& out_;
  std::set<Key> replaced_;  ///< blocks that were written anew
  JobCounts added_;         ///< of the blocks written
};

}  // namespace

Result<HistoryDirectory> HistoryDirectory::Load(const Database& database,
                                                const rocksdb::ReadOptions& options,
                                                int64_t tenant_id) {
  HistoryDirectory out;
  constexpr int64_t kMin = schema::RangeSet::kMin;
  constexpr int64_t kMax = schema::RangeSet::kMax;
  EncodedKey from = EncodeKey({tenant_id, kMin, kMin});
  EncodedKey to = EncodeKey({tenant_id, kMax, kMax});
  std::string end(AsView(to));
  end.push_back('\0');
  rocksdb::Slice bound(end);
  rocksdb::ReadOptions bounded = options;
  bounded.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(bounded, database.family(kTaskFactsFamily)));
  BlockFacts facts;
  for (at->Seek(AsSlice(AsView(from))); at->Valid(); at->Next()) {
    Block block;
    if (!DecodeKey(AsView(at->key()), &block.last)) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("column family task_facts: a key of {} bytes; the store is damaged "
                              "there",
                              at->key().size()));
    }
    std::string_view why = facts.Parse(block.last, AsView(at->value()));
    if (!why.empty()) return Fail(Damage("task_facts", block.last, why));
    block.first_task = facts.first_task();
    block.rows = facts.rows();
    out.blocks_.push_back(block);
  }
  if (!at->status().ok()) {
    return Fail(TranslateError(at->status(), database.directory(), "reading"));
  }
  out.by_first_.resize(out.blocks_.size());
  for (uint32_t i = 0; i < out.by_first_.size(); ++i) out.by_first_[i] = i;
  std::sort(out.by_first_.begin(), out.by_first_.end(), [&](uint32_t a, uint32_t b) {
    return out.blocks_[a].first_task < out.blocks_[b].first_task;
  });
  for (uint32_t index : out.by_first_) {
    int64_t last = out.blocks_[index].last.task_id;
    out.reach_.push_back(out.reach_.empty() ? last : std::max(out.reach_.back(), last));
  }
  return out;
}

Result<std::optional<int64_t>> HistoryDirectory::FindJob(const Database& database,
                                                         const rocksdb::ReadOptions& options,
                                                         int64_t task_id) {
  auto after = std::upper_bound(
      by_first_.begin(), by_first_.end(), task_id,
      [&](int64_t wanted, uint32_t index) { return wanted < blocks_[index].first_task; });
  for (auto i = static_cast<size_t>(after - by_first_.begin()); i-- > 0 && reach_[i] >= task_id;) {
    const Block& block = blocks_[by_first_[i]];
    if (block.last.task_id < task_id) continue;
    if (block_key_ != block.last) {
      block_key_.reset();
      OBVIEWS_RETURN_IF_ERROR(
          ReadBlock(database, options, block.last, FieldSet(), &block_bytes_, &block_));
      block_key_ = block.last;
    }
    uint32_t row = block_.LowerBound(task_id);
    if (row < block_.rows() && block_.TaskId(row) == task_id) return {block.last.job_id};
  }
  return {std::nullopt};
}

std::span<const HistoryDirectory::Block> HistoryDirectory::BlocksOf(int64_t job_id) const {
  auto first = std::lower_bound(
      blocks_.begin(), blocks_.end(), job_id,
      [](const Block& block, int64_t wanted) { return block.last.job_id < wanted; });
  auto end = std::upper_bound(first, blocks_.end(), job_id, [](int64_t wanted, const Block& block) {
    return wanted < block.last.job_id;
  });
  return {first, end};
}

Status WriteHistory(std::span<const HistoryChange> changes,
                    const std::map<int64_t, HistoryDirectory>& directories, ChangeSet& out) {
  while (!changes.empty()) {
    const Key& first = changes[0].key;
    size_t count = 1;
    while (count < changes.size() && changes[count].key.tenant_id == first.tenant_id &&
           changes[count].key.job_id == first.job_id) {
      ++count;
    }
    std::span<const HistoryDirectory::Block> blocks =
        directories.at(first.tenant_id).BlocksOf(first.job_id);
    OBVIEWS_RETURN_IF_ERROR(JobWriter(blocks, out).Write(changes.first(count)));
    changes = changes.subspan(count);
  }
  return {};
}

}  // namespace obviews::engine
