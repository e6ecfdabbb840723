// Checks of the links that lead from initiators to jobs. Internal to engine/.
#pragma once

#include "engine/database.h"

namespace obviews::engine {

/// Appends to `report` what of the links does not agree with the job records. Returns false if some
/// could not be read.
bool CheckLinks(const Database& database, const rocksdb::ReadOptions& options,
                VerifyReport* report);

}  // namespace obviews::engine
