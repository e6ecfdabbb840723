// Which recoveries a wait is about, whether it is over, and what it ended with.
#pragma once

#include <map>

#include "tools/cli/exit_codes.h"
#include "tools/progress/recovery_look.h"

namespace obviews::tools {

/// Follows the recoveries that had not ended at the first look, and those that turned up since. If
/// all had ended by then, there is nothing to wait for, and the exit code is that of those shown.
class FollowedRecoveries {
 public:
  void See(const RecoverySight& sight);

  /// Whether `ref` is followed.
  bool Contains(const engine::progress::RecoveryRef& ref) const;
  bool any() const;  ///< whether any is
  /// Whether the last look saw recoveries, and none that runs.
  bool over() const { return seen_ && !known_.empty() && running_ == 0; }
  /// kExitRunning unless it is over; then kExitFailed if one failed, else kExitOk.
  ExitCode code() const;

 private:
  struct State {
    bool followed = false;
    bool failed = false;
  };

  bool seen_ = false;
  size_t running_ = 0;
  std::map<engine::progress::RecoveryRef, State> known_;
};

}  // namespace obviews::tools
