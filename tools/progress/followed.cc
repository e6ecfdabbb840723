// Following; see followed.h.
#include "tools/progress/followed.h"

#include <algorithm>

namespace obviews::tools {

using engine::progress::RecoveryRef;
using engine::progress::Stage;

void FollowedRecoveries::See(const RecoverySight& sight) {
  running_ = 0;
  std::map<RecoveryRef, State> now;
  for (const ShownRecovery& recovery : sight.recoveries) {
    const bool ended = recovery.progress.ended();
    auto before = known_.find(recovery.ref);
    State state;
    state.followed = before != known_.end() ? before->second.followed : seen_ || !ended;
    state.failed = recovery.progress.stage.value == Stage::kFailed;
    if (!ended) ++running_;
    now.emplace(recovery.ref, state);
  }
  // What ended and is no longer among those shown is remembered.
  for (const auto& [ref, state] : known_) {
    if (sight.left_out > 0) now.emplace(ref, state);
  }
  known_ = std::move(now);
  seen_ = true;
}

bool FollowedRecoveries::Contains(const RecoveryRef& ref) const {
  auto at = known_.find(ref);
  return at != known_.end() && at->second.followed;
}

bool FollowedRecoveries::any() const {
  return std::any_of(known_.begin(), known_.end(),
                     [](const auto& entry) { return entry.second.followed; });
}

ExitCode FollowedRecoveries::code() const {
  if (!over()) return kExitRunning;
  const bool one_followed = any();
  const bool failed = std::any_of(known_.begin(), known_.end(), [&](const auto& entry) {
    return entry.second.failed && (entry.second.followed || !one_followed);
  });
  return failed ? kExitFailed : kExitOk;
}

}  // namespace obviews::tools
