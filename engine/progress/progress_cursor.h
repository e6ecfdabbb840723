// How far recoveries are, as records that are worked out when they are read. Internal to engine/.
#pragma once

#include <memory>

#include "engine/store.h"

namespace obviews::engine::progress {

/// One record for each recovery, in key order; see RecoveryReader::List, or of kTenantProgress
/// RecoveryReader::ListParts. Costs what the jobs cost, however many tasks they have. REQUIRES:
/// `kind` is one of these two; `snapshot` outlives it. See Snapshot::Scan.
std::unique_ptr<RecordCursor> MakeProgressCursor(const Snapshot& snapshot, schema::RecordKind kind,
                                                 const KeySpace& space, const ScanOptions& scan);

}  // namespace obviews::engine::progress
