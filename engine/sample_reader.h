// Reading samples. Internal to engine/.
#pragma once

#include <vector>

#include "engine/database.h"
#include "engine/sample.h"

namespace obviews::engine {

/// See Snapshot::Samples. kCorruption if one cannot be read.
Result<std::vector<ProgressSample>> ReadSamples(const Database& database,
                                                const rocksdb::ReadOptions& options,
                                                const SampleOwner& owner);

/// Adds what is wrong with samples to `report`. False if a part of the family could not be read.
bool CheckSamples(const Database& database, const rocksdb::ReadOptions& options,
                  VerifyReport* report);

}  // namespace obviews::engine
