// A whole view as TSV, straight from the store, on as many threads as asked for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "virtual_tables/row_batch.h"

namespace obviews::tools {

/// Takes rendered rows, whole lines, and how many they are.
using TakeTsv = std::function<Status(std::string_view text, uint64_t rows)>;

/// Hands the rows of `request` to `take`, without a header, in key order. With several threads each
/// shows a stretch of the key order, and the stretches are handed over in turn, all on the calling
/// thread; what is held in memory does not grow with the view. Returns the warning about times that
/// showed as NULL, or "". Errors: damage; those of `take`, which end the dump.
Result<std::string> DumpTsv(const std::shared_ptr<const engine::Snapshot>& snapshot,
                            const vtab::Session& session, const vtab::ScanRequest& request,
                            unsigned threads, const TakeTsv& take);

}  // namespace obviews::tools
