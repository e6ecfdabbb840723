// Makes what is derived from the records anew: indexes, facts and counts of tasks, links of jobs.
// Internal to engine/.
#pragma once

#include <functional>

#include "engine/database.h"

namespace obviews::engine {

/// Writes one commit's worth of changes; adds the stamps.
using CommitChanges = std::function<Status(class ChangeSet&)>;

/// Deletes and makes anew the task index, the status index, the facts, the counts and the links.
/// Until it is done the store carries a mark that keeps everybody else out, so that it can be run
/// again after a crash. Reads all records first: kCorruption, and nothing is changed, if some
/// cannot be read.
Result<RebuildReport> RebuildTasks(const Database& database, const CommitChanges& commit);

}  // namespace obviews::engine
