// The state of an open store. Internal to engine/.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/database.h"
#include "engine/snapshot.h"

namespace obviews::engine {

struct Store::Impl {
  std::string directory;
  OpenOptions options;
  std::vector<std::string> notices;

  std::mutex mutex;  ///< guards all below
  std::shared_ptr<Database> database;
  Stamps stamps;  ///< of the last commit

  /// The present state; see Store::TakeSnapshot.
  Result<std::shared_ptr<const DatabaseSnapshot>> Take();
};

}  // namespace obviews::engine
