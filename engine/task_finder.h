// Finds the job of a task in what was committed last, for transactions. Internal to engine/.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/history_writer.h"
#include "engine/snapshot.h"

namespace obviews::engine {

/// Not thread-safe.
class TaskFinder {
 public:
  explicit TaskFinder(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  /// The key of a tenant's task of this id; nullopt if it has none. REQUIRES: a kind with tasks.
  Result<std::optional<Key>> Find(schema::RecordKind kind, int64_t tenant_id, int64_t task_id);

 private:
  Result<std::optional<Key>> FindLive(int64_t tenant_id, int64_t task_id) const;
  Result<std::optional<Key>> FindHistory(int64_t tenant_id, int64_t task_id);
  /// The stamp of the family that says where history tasks are.
  Result<std::string> Stamp(const rocksdb::ReadOptions& options) const;

  std::shared_ptr<Database> database_;
  /// What is known of history tasks, which holds until somebody commits others.
  std::shared_ptr<const DatabaseSnapshot> snapshot_;
  std::string stamp_;                                ///< of snapshot_
  std::map<int64_t, HistoryDirectory> directories_;  ///< by tenant, of snapshot_
};

}  // namespace obviews::engine
