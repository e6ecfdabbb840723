// Walks over the counts of tasks, job by job. Internal to engine/.
#pragma once

#include <memory>

#include "engine/database.h"

namespace obviews::engine {

/// See Snapshot::ScanGroups.
std::unique_ptr<GroupCursor> MakeGroupCursor(std::shared_ptr<Database> database,
                                             const rocksdb::ReadOptions& options, KeySpace space,
                                             bool times);

}  // namespace obviews::engine
