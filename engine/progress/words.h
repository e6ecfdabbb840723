// What progress says in words. Internal to engine/progress.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/progress/progress.h"

namespace obviews::engine::progress {

/// "1 table", "2 tables"
std::string Plural(int64_t count, std::string_view one);
/// "12.34MB/s"
std::string BytesRate(double per_second);
/// "3.1 tables/min": in the smallest unit of time in which it is one at least.
std::string TablesRate(double per_second);

/// What a recovery that has not ended waits for. `progress` has its stage and counts; `missing`
/// says which record would be needed where the stage is not known.
std::string WaitingFor(const RecoveryFacts& facts, const RecoveryProgress& progress,
                       std::string_view missing);

}  // namespace obviews::engine::progress
