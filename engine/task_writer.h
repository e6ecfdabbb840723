// One commit's changes of tasks: looks up what the store has of them, all at once, works out the
// outcome and writes it with its indexes and counts. Internal to engine/.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "engine/change_set.h"
#include "engine/history_writer.h"
#include "engine/live_counts.h"
#include "engine/store.h"

namespace obviews::engine {

/// A task to be put, or deleted, live or history.
struct TaskChange {
  schema::RecordKind kind = schema::RecordKind::kImportTask;
  Key key;
  const schema::Record* put = nullptr;           ///< nullptr: delete
  const Batch::FieldUpdate* update = nullptr;    ///< not nullptr: set fields of the stored task
  const Batch::Expectation* expected = nullptr;  ///< not nullptr: change nothing, but look
  CommitResult* result = nullptr;                ///< where a put is counted
};

/// Not thread-safe; for one commit.
class TaskWriter {
 public:
  explicit TaskWriter(ChangeSet& changes) : out_(changes), counts_(changes) {}

  /// Makes the changes, in their order.
  Status Apply(std::span<const TaskChange> changes);

 private:
  /// What becomes of a task of a tenant, which has it live at most once and in history at most
  /// once.
  struct Slot {
    int64_t tenant_id = 0;
    int64_t task_id = 0;
    int64_t guess = 0;  ///< the job it is looked for in first
    bool stored = false;
    bool present = false;
    int32_t bytes = -1;  ///< the stored record's place in records_; live only
    int64_t stored_job = 0;
    int64_t job = 0;
    const schema::Record* put = nullptr;  ///< the record it shall become, if it is written

    bool IsBefore(const Slot& other) const {
      return tenant_id != other.tenant_id ? tenant_id < other.tenant_id : task_id < other.task_id;
    }
  };
  using Slots = std::vector<Slot>;

  Status MakeSlots(std::span<const TaskChange> changes);
  /// Whether the store has live tasks of a tenant.
  Result<bool> HasLive(int64_t tenant_id);
  Status LookUpLive();
  Status LookUpHistory();
  Status Change(const TaskChange& change);
  void Put(const TaskChange& change, Slot* slot);
  Status Update(const TaskChange& change, Slot* slot);
  Status Check(const Batch::Expectation& expected, const Slot& slot);
  /// The task of a slot as it will be so far.
  Result<schema::Record> Read(schema::RecordKind kind, const Slot& slot);
  Status WriteLive(const Slot& slot);
  Status WriteHistoryTasks();
  Status RemoveStored(const Slot& slot);

  /// Reads the records of live slots from the jobs they should be in; marks those that are there.
  Status ReadRecords(const std::vector<Slot*>& slots);
  /// Asks the task index for the jobs of live slots; returns those that it knows.
  Result<std::vector<Slot*>> AskIndex(const std::vector<Slot*>& slots);

  ChangeSet& out_;
  LiveCounts counts_;
  Slots live_;             ///< in the order of tenant and task
  Slots history_;          ///< the same
  size_t at_live_ = 0;     ///< the slot changed last
  size_t at_history_ = 0;  ///< the same
  std::vector<rocksdb::PinnableSlice> records_;
  std::deque<schema::Record> updated_;               ///< tasks that updates made
  std::map<int64_t, bool> has_live_;                 ///< by tenant
  std::map<int64_t, HistoryDirectory> directories_;  ///< by tenant
};

}  // namespace obviews::engine
