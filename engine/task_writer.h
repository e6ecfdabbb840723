// One commit's changes of tasks: looks up what the store has of them, all at once, works out the
// outcome and writes it with its indexes and counts. Internal to engine/.
#pragma once

#include <cstdint>
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
  const schema::Record* put = nullptr;  ///< nullptr: delete
};

/// Not thread-safe; for one commit.
class TaskWriter {
 public:
  TaskWriter(ChangeSet& changes, CommitResult* result)
      : out_(changes), counts_(changes), result_(result) {}

  /// Makes the changes, in their order.
  Status Apply(std::span<const TaskChange> changes);

 private:
  /// A task of a tenant, live or history: a tenant has it once of each.
  struct Identity {
    bool history = false;
    int64_t tenant_id = 0;
    int64_t task_id = 0;
    friend auto operator<=>(const Identity&, const Identity&) = default;
  };
  /// What becomes of it.
  struct Slot {
    Identity identity;
    int64_t guess = 0;  ///< the job it is looked for in first
    bool stored = false;
    int64_t stored_job = 0;
    rocksdb::PinnableSlice bytes = {};  ///< the stored record; live only
    bool present = false;
    int64_t job = 0;
    const schema::Record* put = nullptr;  ///< the record it shall become, if it is written
  };

  void MakeSlots(std::span<const TaskChange> changes);
  Slot& Find(const Identity& identity);
  Status LookUpLive();
  Status LookUpHistory();
  void Put(const TaskChange& change);
  Status WriteLive(const Slot& slot);
  Status RemoveStored(const Slot& slot);

  /// Reads the records of live slots from the jobs they should be in; marks those that are there.
  Status ReadRecords(const std::vector<Slot*>& slots);
  /// Asks the task index for the jobs of live slots; returns those that it knows.
  Result<std::vector<Slot*>> AskIndex(const std::vector<Slot*>& slots);

  ChangeSet& out_;
  LiveCounts counts_;
  CommitResult* result_;
  std::vector<Slot> slots_;                          ///< in the order of their identities
  std::map<int64_t, HistoryDirectory> directories_;  ///< by tenant
};

}  // namespace obviews::engine
