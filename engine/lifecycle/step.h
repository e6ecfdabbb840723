// What a step of a driver amounts to. Internal to engine/lifecycle.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/lifecycle/work_slot.h"

namespace obviews::lifecycle {

struct Step {
  enum class Outcome : uint8_t {
    kAgain,  ///< something was done: there may be more to do
    kWait,   ///< nothing to do until work ends, or somebody changes a record
    kEnded,  ///< the recovery is in history
  };
  Outcome outcome = Outcome::kWait;
  /// Of kWait: not longer than this.
  std::optional<Clock::time_point> until = std::nullopt;

  static Step Again() { return {Outcome::kAgain}; }
  static Step Wait() { return {Outcome::kWait}; }
  static Step WaitUntil(Clock::time_point until) { return {Outcome::kWait, until}; }
  static Step Ended() { return {Outcome::kEnded}; }
};

}  // namespace obviews::lifecycle
