// The last id that a sequence of a tenant gave out, as stored. Internal to engine/.
#pragma once

#include "engine/database.h"

namespace obviews::engine {

/// 0 if none was given out.
Result<int64_t> ReadLastId(const Database& database, const rocksdb::ReadOptions& options,
                           Sequence sequence, int64_t tenant_id);

}  // namespace obviews::engine
