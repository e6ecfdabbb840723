// One look at the recoveries of a store: those a command shows, with secrets hidden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/progress/watch.h"
#include "engine/store.h"
#include "virtual_tables/session.h"

namespace obviews::tools {

/// A recovery as it is shown.
struct ShownRecovery {
  engine::progress::RecoveryRef ref;
  engine::progress::RecoveryProgress progress;
};

/// What a look saw.
struct RecoverySight {
  std::vector<ShownRecovery> recoveries;  ///< in the order of ChooseRecoveries
  size_t left_out = 0;                    ///< recoveries that ended before those shown
  int64_t taken_usec = 0;                 ///< when, microseconds since the epoch
};

struct LookOptions {
  std::optional<engine::Key> job;  ///< of the one recovery that is wanted; default: all
  size_t ended = 10;               ///< recoveries that have ended, at most
  size_t failures = 1000;          ///< failed tables read of each recovery, at most
  size_t slowest = 5;              ///< running tables that started first, at most
};

/// Looks again and again, and remembers for rates what it saw. Costs what the jobs cost, and the
/// failed tables that are read. Not thread-safe.
class RecoveryLook {
 public:
  RecoveryLook(const vtab::Session& session, const LookOptions& options)
      : session_(session), options_(options) {}

  /// Errors: those of ChooseRecoveries; damage.
  Result<RecoverySight> Take(const engine::Snapshot& snapshot);

 private:
  vtab::Session session_;
  LookOptions options_;
  engine::progress::ProgressWatch watch_;
};

/// What is stored may hold secrets of URIs: replaces them in the texts of `progress`.
void MaskProgress(engine::progress::RecoveryProgress* progress);

}  // namespace obviews::tools
