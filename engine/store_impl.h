// The state of an open store. Internal to engine/.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/database.h"

namespace obviews::engine {

struct Store::Impl {
  std::string directory;
  OpenOptions options;
  std::vector<std::string> notices;

  std::mutex mutex;  ///< guards all below
  std::shared_ptr<Database> database;
  std::chrono::steady_clock::time_point opened;
  CommitStamp stamp;  ///< of the last commit; read-write only

  /// Catches up, or opens anew, until every family shows the same commit.
  Result<std::shared_ptr<const Snapshot>> FollowerSnapshot();
};

}  // namespace obviews::engine
