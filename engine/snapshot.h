// One state of an open database. Internal to engine/.
#pragma once

#include <memory>

#include "engine/database.h"

namespace obviews::engine {

/// A snapshot whose database can be reached, for walks over whole families.
class DatabaseSnapshot : public Snapshot {
 public:
  virtual const Database& database() const = 0;
  /// For reads of the state this snapshot is of.
  virtual const rocksdb::ReadOptions& options() const = 0;
};

/// The state of a reader's database, which never changes.
std::shared_ptr<const DatabaseSnapshot> MakeSnapshot(std::shared_ptr<Database> database,
                                                     CommitStamp stamp);
/// The state of a writer's database as of now.
Result<std::shared_ptr<const DatabaseSnapshot>> MakePinnedSnapshot(
    std::shared_ptr<Database> database);

}  // namespace obviews::engine
