// Cutting a key space into stretches for scans at the same time. Internal to engine/.
#pragma once

#include <vector>

#include "engine/database.h"

namespace obviews::engine {

/// See Snapshot::Split: by blocks of history tasks.
Result<std::vector<Stretch>> SplitBlocks(const Database& database,
                                         const rocksdb::ReadOptions& options, const KeySpace& space,
                                         uint64_t records);

/// The same of live tasks, which are cut between jobs.
Result<std::vector<Stretch>> SplitJobs(GroupCursor& jobs, uint64_t records);

}  // namespace obviews::engine
