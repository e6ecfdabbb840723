// Puts history tasks into blocks and takes them out, and keeps the facts of the blocks and the
// counts of the jobs right. Internal to engine/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/change_set.h"
#include "engine/record_block.h"
#include "engine/task_groups.h"

namespace obviews::engine {

/// What the store holds of one tenant's history tasks, block by block; finds the job of a task.
class HistoryDirectory {
 public:
  struct Block {
    Key last;
    int64_t first_task = 0;
    uint32_t rows = 0;
  };

  /// Reads the facts of all blocks of the tenant.
  static Result<HistoryDirectory> Load(const Database& database,
                                       const rocksdb::ReadOptions& options, int64_t tenant_id);

  /// The job of a task; nullopt if there is no such task. REQUIRES: the state it was loaded of.
  Result<std::optional<int64_t>> FindJob(const Database& database,
                                         const rocksdb::ReadOptions& options, int64_t task_id);
  /// Blocks of a job in key order.
  std::span<const Block> BlocksOf(int64_t job_id) const;

 private:
  std::vector<Block> blocks_;       ///< in key order
  std::vector<uint32_t> by_first_;  ///< blocks in the order of their first task
  std::vector<int64_t> reach_;      ///< the last task of by_first_[0..i]
  RecordBlock block_;               ///< the one looked into last
  std::string block_bytes_;
  std::optional<Key> block_key_;
};

/// One history task to be put, or removed.
struct HistoryChange {
  Key key;
  const schema::Record* put = nullptr;  ///< nullptr: remove
};

/// Writes `changes`, which are in key order, no key twice. Blocks it must rewrite are read first;
/// damage there is an error.
Status WriteHistory(std::span<const HistoryChange> changes,
                    const std::map<int64_t, HistoryDirectory>& directories, ChangeSet& out);

}  // namespace obviews::engine
