// Counting live tasks; see live_counts.h.
#include "engine/live_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "engine/varint.h"

namespace obviews::engine {
namespace {

constexpr auto kLive = schema::RecordKind::kImportTask;

StatusEntry EntryOf(const Key& key, uint32_t group, const TaskFacts& task) {
  return {key.tenant_id, key.job_id, group, task.start, key.task_id};
}

std::optional<int64_t> Completion(const TaskFacts& task) {
  TaskGroup one;
  AddTo(one, task);
  return one.max_completion;
}

}  // namespace

Result<LiveCounts::Job*> LiveCounts::Load(const Key& key) {
  JobId id{key.tenant_id, key.job_id};
  if (last_ != nullptr && last_id_ == id) return last_;
  auto [at, added] = jobs_.try_emplace(id);
  if (added) {
    const Database& database = changes_.database();
    std::string counts_key = CountsKey(id.first, id.second, kLive);
    rocksdb::PinnableSlice bytes;
    rocksdb::Status read = database.db().Get(
        rocksdb::ReadOptions(), database.family(kTaskCountsFamily), counts_key, &bytes);
    if (!read.IsNotFound()) OBVIEWS_RETURN_IF_ERROR(changes_.Check(read));
    if (read.ok() && !DecodeCounts(counts_key, AsView(bytes), &at->second.counts)) {
      return Fail(
          ErrorCode::kCorruption,
          fmt::format("the counts of job ({}, {}) in column family task_counts are damaged; "
                      "`obviewsctl rebuild` makes them anew",
                      id.first, id.second));
    }
  }
  last_ = &at->second;
  last_id_ = id;
  return last_;
}

Status LiveCounts::Remove(const Key& key, const TaskFacts& task) {
  OBVIEWS_ASSIGN_OR_RETURN(Job * job, Load(key));
  JobCounts::Group& group = job->counts.Find(task.status, task.result);
  Touched& touched = job->touched[group.id];
  // A count that was wrong before must not become a huge one.
  if (group.count > 0) --group.count;
  auto completion = Completion(task);
  touched.stale |= completion && completion == group.max_completion;
  std::string entry = StatusKey(EntryOf(key, group.id, task));
  OBVIEWS_RETURN_IF_ERROR(changes_.Delete(kTaskStatusFamily, entry));
  touched.removed.push_back(std::move(entry));
  return {};
}

Status LiveCounts::Add(const Key& key, const TaskFacts& task) {
  OBVIEWS_ASSIGN_OR_RETURN(Job * job, Load(key));
  JobCounts::Group& group = job->counts.Find(task.status, task.result);
  Touched& touched = job->touched[group.id];
  ++group.count;
  auto completion = Completion(task);
  AddTimes(group, std::nullopt, completion);
  if (completion) {
    touched.latest_added = std::max(touched.latest_added.value_or(*completion), *completion);
  }
  std::string value;
  PutSigned(&value, task.completion);
  return changes_.Put(kTaskStatusFamily, StatusKey(EntryOf(key, group.id, task)), value);
}

Status LiveCounts::Recount(const JobId& id, const Touched& touched, JobCounts::Group& group) {
  const Database& database = changes_.database();
  std::unordered_set<std::string_view> removed(touched.removed.begin(), touched.removed.end());
  group.max_completion = touched.latest_added;
  std::string from =
      StatusKey({id.first, id.second, group.id, schema::RangeSet::kMin, schema::RangeSet::kMin});
  std::string to =
      StatusKey({id.first, id.second, group.id, schema::RangeSet::kMax, schema::RangeSet::kMax});
  rocksdb::Slice end(to);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(options, database.family(kTaskStatusFamily)));
  for (at->Seek(from); at->Valid(); at->Next()) {
    if (removed.contains(AsView(at->key()))) continue;
    std::string_view value = AsView(at->value());
    TaskFacts task;
    if (GetSigned(&value, &task.completion)) AddTimes(group, std::nullopt, Completion(task));
  }
  return changes_.Check(at->status());
}

Status LiveCounts::Finish() {
  for (auto& [id, job] : jobs_) {
    auto& groups = job.counts.groups;
    std::erase_if(groups, [](const JobCounts::Group& group) { return group.count == 0; });
    for (JobCounts::Group& group : groups) {
      auto touched = job.touched.find(group.id);
      if (touched == job.touched.end() || !touched->second.stale) continue;
      OBVIEWS_RETURN_IF_ERROR(Recount(id, touched->second, group));
    }
    std::string key = CountsKey(id.first, id.second, kLive);
    OBVIEWS_RETURN_IF_ERROR(
        groups.empty() ? changes_.Delete(kTaskCountsFamily, key)
                       : changes_.Put(kTaskCountsFamily, key, EncodeCounts(key, job.counts)));
  }
  return {};
}

}  // namespace obviews::engine
