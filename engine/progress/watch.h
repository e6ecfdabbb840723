// Looking at recoveries again and again: what a watcher saw itself counts beside the store's
// samples, for who reads through a follower cannot write any.
#pragma once

#include <cstdint>
#include <map>

#include "engine/progress/reader.h"

namespace obviews::engine::progress {

/// Not thread-safe. Memory is bounded for each recovery that was looked at.
class ProgressWatch {
 public:
  /// How far a recovery is, by the reader's snapshot and what was seen of it before. `now_usec` is
  /// the present time. Errors: damage.
  Result<RecoveryProgress> Look(RecoveryReader& reader, const RecoveryRef& ref, int64_t now_usec,
                                const ReadOptions& options = {});

 private:
  std::map<RecoveryRef, SampleSeries> seen_;
};

}  // namespace obviews::engine::progress
