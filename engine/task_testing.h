// Helpers of the tests of how tasks are kept: cheap tasks by the thousand, what the store says of
// them, and what it must say. Header-only; for tests of engine/ alone.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/record_block.h"
#include "engine/store.h"
#include "engine/testing.h"
#include "schema/conversions.h"

namespace obviews::engine::testing {

inline constexpr auto kLive = schema::RecordKind::kImportTask;
inline constexpr auto kHistory = schema::RecordKind::kImportTaskHistory;
inline constexpr int64_t kFirstId = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kLastId = std::numeric_limits<int64_t>::max();

inline std::unique_ptr<Store> OpenStore(const std::string& directory,
                                        Access access = Access::kReadWrite) {
  auto store = Store::Open(
      directory,
      {.access = access, .create_if_missing = access == Access::kReadWrite, .sync = false});
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return store ? std::move(*store) : nullptr;
}

inline std::shared_ptr<const Snapshot> Take(Store& store) {
  auto snapshot = store.TakeSnapshot();
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

inline CommitResult Commit(Store& store, const Batch& batch) {
  auto result = store.Commit(batch);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or(CommitResult());
}

inline CommitResult PutAll(Store& store, const std::vector<schema::Record>& records) {
  Batch batch;
  for (const schema::Record& record : records) batch.Put(record);
  return Commit(store, batch);
}

/// A finished task.
inline schema::Record Past(int64_t tenant, int64_t job, int64_t task) {
  schema::Record record = Task(tenant, job, task, "FINISH", kHistory);
  record.Set("result", "SUCCEESS");
  return record;
}

/// Tasks first, first + step, ... of a job, `count` of them.
inline std::vector<schema::Record> PastTasks(int64_t tenant, int64_t job, int64_t first,
                                             int64_t count, int64_t step = 1) {
  std::vector<schema::Record> out;
  for (int64_t i = 0; i < count; ++i) out.push_back(Past(tenant, job, first + i * step));
  return out;
}

/// Gives a task a status, a result and times, each of few, those that are no times among them.
inline void Vary(schema::Record& task, std::mt19937_64& random) {
  const char* statuses[] = {"INIT", "DOING", "DOING", "FINISH", "FINISH", "FINISH", "FINISH"};
  const char* results[] = {"SUCCEESS", "SUCCEESS", "FAILED", ""};
  constexpr int64_t kTimes[] = {-1, 0, kFirstId, kLastId, 1692191329000000, 1692191330000000};
  size_t result = random() % (std::size(results) + 1);
  task.Set("status", statuses[random() % std::size(statuses)]);
  task.Set("result", result < std::size(results) ? schema::FieldValue(results[result])
                                                 : schema::FieldValue(std::monostate{}));
  for (const char* field : {"start_ts", "completion_ts"}) {
    task.Set(field, random() % 3 == 0 ? kTimes[random() % std::size(kTimes)]
                                      : 1692191329000000 + static_cast<int64_t>(random() % 5000));
  }
}

/// Every task of a kind, in the order the store yields them; errors fail the test.
inline std::vector<schema::Record> ReadTasks(const Snapshot& snapshot, schema::RecordKind kind) {
  std::vector<schema::Record> out;
  auto cursor = snapshot.Scan(kind, KeySpace{});
  for (;;) {
    auto more = cursor->Next();
    EXPECT_TRUE(more) << (more ? "" : more.error().message);
    if (!more || !*more) return out;
    auto record = snapshot.Materialise(cursor->record());
    EXPECT_TRUE(record) << (record ? "" : record.error().message);
    if (record) out.push_back(std::move(*record));
  }
}

/// The tasks of each block of history.
inline std::vector<std::vector<int64_t>> Blocks(const Snapshot& snapshot) {
  std::vector<std::vector<int64_t>> out;
  auto cursor = snapshot.Scan(kHistory, KeySpace{});
  for (;;) {
    auto next = cursor->NextRows();
    EXPECT_TRUE(next) << (next ? "" : next.error().message);
    if (!next || next->rows.empty()) return out;
    out.emplace_back();
    for (uint32_t row : next->rows) out.back().push_back(next->block->TaskId(row));
  }
}
/// How many tasks each block of history holds.
inline std::vector<size_t> Fills(const Snapshot& snapshot) {
  std::vector<size_t> out;
  for (const auto& block : Blocks(snapshot)) out.push_back(block.size());
  return out;
}

/// One line for each group: `live (1002, 3) DOING/NULL: 5, first 100, last -`.
using GroupLines = std::vector<std::string>;

inline std::string GroupLine(bool history, int64_t tenant, int64_t job, const TaskGroup& group) {
  auto time = [](const std::optional<int64_t>& usec) {
    return usec ? fmt::format("{}", *usec) : std::string("-");
  };
  return fmt::format("{} ({}, {}) {}/{}: {}, first {}, last {}", history ? "history" : "live",
                     tenant, job, group.status, group.result ? "'" + *group.result + "'" : "NULL",
                     group.count, time(group.min_start), time(group.max_completion));
}

/// What the store has counted, sorted.
inline GroupLines CountedGroups(const Snapshot& snapshot, const KeySpace& space = {}) {
  GroupLines out;
  auto cursor = snapshot.ScanGroups(space, true);
  for (;;) {
    auto more = cursor->Next();
    EXPECT_TRUE(more) << (more ? "" : more.error().message);
    if (!more || !*more) break;
    EXPECT_FALSE(cursor->groups().empty());
    for (const TaskGroup& group : cursor->groups()) {
      out.push_back(GroupLine(cursor->history(), cursor->tenant_id(), cursor->job_id(), group));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// What it must have counted, worked out from the records alone; sorted.
inline GroupLines GroupsOf(const std::vector<schema::Record>& tasks, const KeySpace& space = {}) {
  std::map<std::tuple<bool, int64_t, int64_t, std::string, std::string>, TaskGroup> groups;
  for (const schema::Record& task : tasks) {
    Key key = task.key();
    if (!space.tenants.Contains(key.tenant_id) || !space.jobs.Contains(key.job_id)) continue;
    const auto* result = std::get_if<std::string>(&task.Get("result"));
    TaskGroup& group =
        groups[{task.type().history, key.tenant_id, key.job_id, std::string(task.Text("status")),
                result != nullptr ? "'" + *result : "NULL"}];
    group.status = std::string(task.Text("status"));
    if (result != nullptr) group.result = *result;
    ++group.count;
    auto shown = [](int64_t usec) {
      return usec >= schema::kMinLocalUsec && usec <= schema::kMaxLocalUsec;
    };
    int64_t start = std::get<int64_t>(task.Get("start_ts"));
    int64_t completion = std::get<int64_t>(task.Get("completion_ts"));
    if (shown(start)) group.min_start = std::min(group.min_start.value_or(start), start);
    if (shown(completion) && completion != -1) {
      group.max_completion = std::max(group.max_completion.value_or(completion), completion);
    }
  }
  GroupLines out;
  for (const auto& [id, group] : groups) {
    out.push_back(GroupLine(std::get<0>(id), std::get<1>(id), std::get<2>(id), group));
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Tasks by the rules of Batch::Put, fast enough for many of them.
class TaskModel {
 public:
  void Put(const schema::Record& task) {
    Id id{task.key().tenant_id, task.key().task_id};
    bool history = task.type().history;
    (history ? history_ : live_).insert_or_assign(id, task);
    if (history) live_.erase(id);
  }
  void Delete(schema::RecordKind kind, const Key& key) {
    auto& tasks = kind == kHistory ? history_ : live_;
    auto at = tasks.find({key.tenant_id, key.task_id});
    if (at != tasks.end() && at->second.key() == key) tasks.erase(at);
  }
  std::vector<schema::Record> Of(schema::RecordKind kind) const {
    std::vector<schema::Record> out;
    for (const auto& [id, task] : kind == kHistory ? history_ : live_) out.push_back(task);
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.key() < b.key(); });
    return out;
  }
  std::vector<schema::Record> All() const {
    std::vector<schema::Record> out = Of(kLive);
    std::vector<schema::Record> history = Of(kHistory);
    out.insert(out.end(), history.begin(), history.end());
    return out;
  }

 private:
  using Id = std::pair<int64_t, int64_t>;  ///< tenant, task
  std::map<Id, schema::Record> live_;
  std::map<Id, schema::Record> history_;
};

/// The store holds what the model does, by records, by blocks and by counts, and finds no fault
/// with itself.
inline void ExpectEquals(Store& store, const TaskModel& model, const std::string& when = "") {
  auto snapshot = Take(store);
  ASSERT_NE(snapshot, nullptr);
  for (schema::RecordKind kind : {kLive, kHistory}) {
    ASSERT_TRUE(ReadTasks(*snapshot, kind) == model.Of(kind)) << when;
  }
  EXPECT_EQ(CountedGroups(*snapshot), GroupsOf(model.All())) << when;
  auto report = store.Verify();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->damage, std::vector<std::string>()) << when;
}

}  // namespace obviews::engine::testing
