// One state of an open database. Internal to engine/.
#pragma once

#include <memory>

#include "engine/database.h"

namespace obviews::engine {

/// A snapshot of `database` as of now. `pin` asks for a RocksDB snapshot, which a writer's state
/// needs and a follower's (which changes only when told to) neither needs nor supports.
std::shared_ptr<const Snapshot> MakeSnapshot(std::shared_ptr<Database> database, CommitStamp stamp,
                                             bool pin);

}  // namespace obviews::engine
