// Exit codes of the tools, as the README lists them.
#pragma once

#include "schema/status.h"

namespace obviews::tools {

enum ExitCode : int {
  kExitOk = 0,
  kExitError = 1,    ///< a statement or data error
  kExitUsage = 2,    ///< wrong options
  kExitStore = 3,    ///< store missing, locked, unreadable or newer
  kExitDamage = 4,   ///< stored bytes are damaged
  kExitRunning = 5,  ///< a wait for recoveries ended before they did
  kExitFailed = 6,   ///< a recovery that was waited for FAILED
};

constexpr ExitCode ExitCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kStoreMissing:
    case ErrorCode::kStoreLocked:
    case ErrorCode::kStoreUnreadable:
    case ErrorCode::kUndecided:
    case ErrorCode::kStoreNewer:
      return kExitStore;
    case ErrorCode::kCorruption:
      return kExitDamage;
    default:
      return kExitError;
  }
}

}  // namespace obviews::tools
