// Taking old jobs out of history. Servers keep it for ever.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "engine/store.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// Which jobs in history may go. Where both are given, a job must be given up by both.
struct RetentionPolicy {
  /// Jobs that ended before this instant; microseconds since the epoch. A job without an end time
  /// is not given up by it.
  std::optional<int64_t> older_than_usec = {};
  /// All jobs of a kind and tenant but so many that ended last. Jobs without an end time count as
  /// the first that ended; of jobs that ended at once the larger JOB_ID is the later one.
  ///
  /// The sys tenant has jobs of every tenant's recoveries. They are counted for each target tenant,
  /// so that a sys job does not go for the sake of other tenants while its user job stays: a
  /// recover job by its TARGET_TENANT_ID, a restore job by that of the recover job it names as its
  /// initiator, live or in history. Restore jobs of no recovery in the store are counted by the
  /// name of the tenant they restore, or its id if it has no name.
  std::optional<uint64_t> keep_per_tenant = {};
  /// Only jobs of these tenants; empty: of all. A job of the sys tenant is of the target tenant as
  /// above, a restore job of no recovery in the store of the tenant it restores; it is the sys
  /// tenant's own where neither is known.
  std::set<int64_t> tenants = {};
};

/// What was purged, or would be. How many bytes that frees is not known: the store gives them back
/// when it next merges its tables.
struct PurgeReport {
  uint64_t recover_jobs = 0;
  uint64_t import_jobs = 0;
  uint64_t import_tasks = 0;
  uint64_t restore_jobs = 0;
  /// Jobs that the policy gives up and that stay because something live belongs to them.
  uint64_t held_jobs = 0;
  friend bool operator==(const PurgeReport&, const PurgeReport&) = default;
};

/// Removes jobs from history, an import job with its tasks. What is live is never touched; and a
/// job stays while a live record has its key, names it as its initiator or is a task of it.
///
/// A job goes in one commit, with others where they are small. An import job with more tasks than a
/// commit should hold (64 Ki) is the exception: its tasks go from the last to the first in several
/// commits, and the job itself with the last of them, so that after a crash the rest is found and
/// purged next time. Memory is bounded by that, and by the number of jobs in history.
///
/// With `dry_run` nothing is changed, and the report is the one a purge would give; the store may
/// be open for reading only. Jobs are chosen from one state: nobody else should bring jobs of
/// purged ones to life meanwhile. Errors: kInvalidArgument for a policy without age and number; of
/// the store, and then jobs that were purged before stay so.
Result<PurgeReport> Purge(engine::Store& store, const RetentionPolicy& policy, bool dry_run);

}  // namespace obviews::lifecycle
