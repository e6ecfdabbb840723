// Summaries of jobs' tasks, worked out from the counts that are kept of them. Internal to engine/.
#pragma once

#include <memory>

#include "engine/store.h"

namespace obviews::engine {

/// One record for the tasks of a job, live and history together, with one status and one result; in
/// the order of tenant, job, status and result (schema::RecordType::grouped_by). Costs what the
/// jobs' groups cost, however many tasks they have. REQUIRES: a derived kind; `snapshot` outlives
/// it. See Snapshot::Scan.
std::unique_ptr<RecordCursor> MakeSummaryCursor(const Snapshot& snapshot, schema::RecordKind kind,
                                                const KeySpace& space, const ScanOptions& scan);

}  // namespace obviews::engine
