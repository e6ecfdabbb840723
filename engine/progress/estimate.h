// When a recovery will end: what is left of each stage, from its own pace and from recoveries of
// the past. Internal to engine/progress; docs/progress.md has the formulas.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/progress/progress.h"

namespace obviews::engine::progress {

/// Seconds from one time to another; times may be any numbers. 0 where the clock went back.
double SecondsBetween(int64_t from_usec, int64_t to_usec);

/// What is left, in seconds.
struct Remaining {
  double seconds = 0;
  double low = 0;
  double high = 0;
};

/// What the estimate is made from, besides the facts.
struct EstimateInput {
  Stage stage = Stage::kUnknown;
  int64_t as_of = 0;
  std::optional<int64_t> bytes_total;
  std::optional<int64_t> bytes_finished;
  std::optional<int64_t> tables_total;
  std::optional<int64_t> tables_ended;
  std::optional<int64_t> restore_start;  ///< of the attempt that runs
  std::optional<int64_t> import_start;
};

/// Not known, with the reason, where neither the recovery's own pace nor the past says anything.
Figure<Remaining> Estimate(const EstimateInput& input, const RecoveryFacts& facts,
                           std::span<const PastRecovery> past);

/// Of a stage's figure that grows: units a second, of late (the last fifth of what is known of it);
/// nullopt if nothing was seen to grow. `from` is when it was 0, if known.
std::optional<double> RecentRate(std::span<const ProgressSample> samples,
                                 std::optional<int64_t> ProgressSample::*figure,
                                 std::optional<int64_t> from, int64_t now, int64_t as_of);

}  // namespace obviews::engine::progress
