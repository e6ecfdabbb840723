// Checking indexes, facts and counts of tasks; see task_check.h.
#include "engine/task_check.h"

#include <fmt/format.h>

#include "engine/varint.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::RecordKind;

constexpr auto kLive = RecordKind::kImportTask;
constexpr auto kHistory = RecordKind::kImportTaskHistory;

std::string NameTask(RecordKind kind, const Key& key) {
  const auto& type = GetRecordType(kind);
  return fmt::format("{} {}", type.name, ToString(type, key));
}

std::string NameBlock(const Key& last) {
  return fmt::format("block of {} ending at {}", GetRecordType(kHistory).name,
                     ToString(GetRecordType(kHistory), last));
}

std::string NameGroup(const TaskGroup& group) {
  return fmt::format("STATUS '{}', RESULT {}", group.status,
                     group.result ? fmt::format("'{}'", *group.result) : "NULL");
}

std::string ShowTime(const std::optional<int64_t>& time) {
  return time ? fmt::format("{}", *time) : "none";
}

}  // namespace

void TaskCheck::AddLive(const RecordView& task) {
  ++live_;
  CheckIndexed(task.key());
  JobId id{task.key().tenant_id, task.key().job_id, kLive};
  if (last_ == nullptr || last_id_ != id) {
    last_ = &found_[id];
    last_id_ = id;
  }
  TaskFacts facts = FactsOf(task);
  AddTo(last_->Find(facts.status, facts.result), facts);
}

void TaskCheck::CheckIndexed(const Key& key) {
  rocksdb::PinnableSlice job;
  rocksdb::Status read = database_.db().Get(options_, database_.family(kTaskIndexFamily),
                                            TaskIndexKey(key.tenant_id, key.task_id, kLive), &job);
  bool leads = read.ok() && job.size() == 8 && GetOrderedInt(job.data()) == key.job_id;
  // An entry that cannot be read is damage the walk over the index reports.
  if (leads || !(read.ok() || read.IsNotFound())) return;
  Damage(fmt::format("{}: the task index does not lead to it", NameTask(kLive, key)));
}

void TaskCheck::AddBlock(const Key& last, const RecordBlock& block) {
  JobCounts& counts = found_[{last.tenant_id, last.job_id, kHistory}];
  BlockFactsBuilder builder;
  for (uint32_t row = 0; row < block.rows(); ++row) {
    TaskFacts facts = FactsOf(RecordView(block, row));
    builder.Add(block.TaskId(row), facts);
    AddTo(counts.Find(facts.status, facts.result), facts);
  }
  std::string expected;
  builder.Encode(last, &expected);
  EncodedKey key = EncodeKey(last);
  rocksdb::PinnableSlice kept;
  rocksdb::Status read =
      database_.db().Get(options_, database_.family(kTaskFactsFamily), AsSlice(AsView(key)), &kept);
  if (read.IsNotFound()) {
    Damage(fmt::format("{}: it has no facts in column family task_facts", NameBlock(last)));
  } else if (read.ok() && AsView(kept) != expected) {
    Damage(fmt::format("{}: its facts in column family task_facts are not those of its records",
                       NameBlock(last)));
  }
}

bool TaskCheck::CheckEnd(const FamilyWalk& walk) {
  for (const std::string& line : walk.damage()) Damage(line);
  return walk.damage().empty();
}

bool TaskCheck::Finish() {
  bool readable = CheckTaskIndex();
  readable &= CheckStatusIndex();
  readable &= CheckFacts();
  return CheckCounts() && readable;
}

bool TaskCheck::CheckTaskIndex() {
  FamilyWalk walk(database_, options_, kTaskIndexFamily);
  for (; walk.Valid(); walk.Next()) {
    Key key;
    RecordKind kind{};
    bool sound = DecodeTaskIndexKey(walk.key(), &key.tenant_id, &key.task_id, &kind) &&
                 walk.value().size() == 8 && kind == kLive;
    if (!sound) {
      Damage(fmt::format("column family task_index: a malformed entry of {} bytes",
                         walk.key().size()));
      continue;
    }
    key.job_id = GetOrderedInt(walk.value().data());
    EncodedKey encoded = EncodeKey(key);
    rocksdb::PinnableSlice record;
    if (database_.db()
            .Get(options_, database_.family(FamilyOf(kLive)), AsSlice(AsView(encoded)), &record)
            .IsNotFound()) {
      Damage(fmt::format("column family task_index: leads to {}, which is not there",
                         NameTask(kLive, key)));
    }
  }
  return CheckEnd(walk);
}

std::optional<uint32_t> TaskCheck::KeptGroup(const Key& key, const TaskFacts& task) {
  JobId id{key.tenant_id, key.job_id, kLive};
  if (kept_id_ != id) {
    kept_id_ = id;
    std::string counts_key = CountsKey(key.tenant_id, key.job_id, kLive);
    rocksdb::PinnableSlice bytes;
    rocksdb::Status read =
        database_.db().Get(options_, database_.family(kTaskCountsFamily), counts_key, &bytes);
    if (!read.ok() || !DecodeCounts(counts_key, AsView(bytes), &kept_)) kept_.groups.clear();
  }
  for (const JobCounts::Group& group : kept_.groups) {
    if (group.status == task.status && group.result == task.result) return group.id;
  }
  return std::nullopt;
}

bool TaskCheck::CheckStatusIndex() {
  FamilyWalk walk(database_, options_, kTaskStatusFamily);
  uint64_t entries = 0;
  for (; walk.Valid(); walk.Next()) {
    StatusEntry entry;
    std::string_view value = walk.value();
    int64_t completion = 0;
    if (!DecodeStatusKey(walk.key(), &entry) || !GetSigned(&value, &completion)) {
      Damage(fmt::format("column family task_status: a malformed entry of {} bytes",
                         walk.key().size()));
      continue;
    }
    Key key{entry.tenant_id, entry.job_id, entry.task_id};
    EncodedKey encoded = EncodeKey(key);
    rocksdb::PinnableSlice bytes;
    rocksdb::Status read = database_.db().Get(options_, database_.family(FamilyOf(kLive)),
                                              AsSlice(AsView(encoded)), &bytes);
    RecordView task;
    if (read.IsNotFound()) {
      Damage(fmt::format("column family task_status: leads to {}, which is not there",
                         NameTask(kLive, key)));
      continue;
    }
    if (!read.ok() || !task.Parse(GetRecordType(kLive), key, AsView(bytes)).empty()) continue;
    ++entries;
    TaskFacts facts = FactsOf(task);
    if (facts.start != entry.start || facts.completion != completion) {
      Damage(fmt::format("column family task_status: the entry of {} has other times than it",
                         NameTask(kLive, key)));
    } else if (KeptGroup(key, facts).value_or(entry.group) != entry.group) {
      Damage(fmt::format("column family task_status: the entry of {} is of another group than it",
                         NameTask(kLive, key)));
    }
  }
  if (!CheckEnd(walk)) return false;
  if (!live_incomplete_ && entries != live_) {
    Damage(fmt::format("column family task_status: {} entries for {} tasks", entries, live_));
  }
  return true;
}

bool TaskCheck::CheckFacts() {
  FamilyWalk walk(database_, options_, kTaskFactsFamily);
  for (; walk.Valid(); walk.Next()) {
    Key last;
    if (!DecodeKey(walk.key(), &last)) {
      Damage(fmt::format("column family task_facts: a key of {} bytes", walk.key().size()));
      continue;
    }
    rocksdb::PinnableSlice block;
    if (database_.db()
            .Get(options_, database_.family(FamilyOf(kHistory)), AsSlice(walk.key()), &block)
            .IsNotFound()) {
      Damage(fmt::format("column family task_facts: facts of the {}, which is not there",
                         NameBlock(last)));
    }
  }
  return CheckEnd(walk);
}

bool TaskCheck::CheckCounts() {
  FamilyWalk walk(database_, options_, kTaskCountsFamily);
  for (; walk.Valid(); walk.Next()) {
    int64_t tenant_id = 0;
    int64_t job_id = 0;
    RecordKind kind{};
    JobCounts kept;
    if (!DecodeCountsKey(walk.key(), &tenant_id, &job_id, &kind)) {
      Damage(
          fmt::format("column family task_counts: a malformed key of {} bytes", walk.key().size()));
      continue;
    }
    std::string name = fmt::format("counts of the {} tasks of job ({}, {})",
                                   kind == kLive ? "live" : "history", tenant_id, job_id);
    JobCounts found;
    auto at = found_.find({tenant_id, job_id, kind});
    if (at != found_.end()) {
      found = std::move(at->second);
      found_.erase(at);
    }
    if (!DecodeCounts(walk.key(), walk.value(), &kept)) {
      Damage(fmt::format("column family task_counts: the {} are damaged", name));
    } else if (!(kind == kLive ? live_incomplete_ : history_incomplete_)) {
      CompareGroups(name, found, kept, kind == kLive);
    }
  }
  if (!CheckEnd(walk)) return false;
  for (const auto& [id, groups] : found_) {
    Damage(fmt::format("column family task_counts: none for the {} tasks of job ({}, {})",
                       std::get<2>(id) == kLive ? "live" : "history", std::get<0>(id),
                       std::get<1>(id)));
  }
  return true;
}

void TaskCheck::CompareGroups(const std::string& name, const JobCounts& found,
                              const JobCounts& kept, bool live) {
  JobCounts rest = found;
  for (const JobCounts::Group& group : kept.groups) {
    std::optional<std::string_view> result;
    if (group.result) result = *group.result;
    JobCounts::Group& counted = rest.Find(group.status, result);
    if (counted.count != group.count) {
      Damage(fmt::format("column family task_counts: {}: {}: {} are kept, {} are there", name,
                         NameGroup(group), group.count, counted.count));
    }
    // The first start of a live group is not kept, but looked up.
    bool same_times = counted.max_completion == group.max_completion &&
                      (live || counted.min_start == group.min_start);
    if (counted.count == group.count && !same_times) {
      Damage(fmt::format(
          "column family task_counts: {}: {}: times {} and {} are kept, {} and {} "
          "are there",
          name, NameGroup(group), ShowTime(group.min_start), ShowTime(group.max_completion),
          ShowTime(counted.min_start), ShowTime(counted.max_completion)));
    }
    counted.count = 0;
  }
  for (const JobCounts::Group& group : rest.groups) {
    if (group.count == 0) continue;
    Damage(fmt::format("column family task_counts: {}: {}: none is kept, {} are there", name,
                       NameGroup(group), group.count));
  }
}

}  // namespace obviews::engine
