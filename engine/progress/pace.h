// When a recovery moved last, and how long its pauses are. Internal to engine/progress.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/progress/facts.h"

namespace obviews::engine::progress {

struct Moves {
  std::optional<int64_t> last;  ///< nullopt: one look does not tell
  double mean_gap = 0;          ///< seconds between two moves in one stage; 0: not known
  double longest_gap = 0;
};

/// Of what was known at `as_of`. `tables_ended` and `import_start` as far as they are known.
Moves FindMoves(const RecoveryFacts& facts, int64_t as_of, std::optional<int64_t> tables_ended,
                std::optional<int64_t> import_start);

}  // namespace obviews::engine::progress
