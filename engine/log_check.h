// Tells a log cut short by a crash from a damaged one, before RocksDB reads it: the write-ahead
// logs and the manifest, which has the same form. Internal to engine/.
//
// RocksDB finds a wrong checksum itself, but takes a record that reaches beyond the end of the log
// for the trace of a crash, wherever the log ends: one flipped bit of a length would silently drop
// every commit after it. Only lengths are walked here, so a large log costs little.
#pragma once

#include <string>

#include "engine/directory.h"

namespace obviews::engine {

struct LogCheck {
  std::string damage;  ///< what is wrong and in which log; "" if nothing
  std::string torn;    ///< the log that ends in the middle of a record; "" if none
};

/// Checks the manifest and the logs of a store, those in the order they were written. A log that
/// vanishes meanwhile is no longer needed, and left out.
LogCheck CheckLogs(const std::string& directory, const DirectoryState& state);

}  // namespace obviews::engine
