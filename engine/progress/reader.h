// Finds the recoveries of a snapshot and reads what the model needs of each, by key and link.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/progress/facts.h"
#include "engine/progress/progress.h"
#include "engine/store.h"

namespace obviews::engine::progress {

/// A recovery by one of its records; a live kind of jobs, whether the record is live or in history.
using RecoveryRef = SampleOwner;

struct ReadOptions {
  /// Tables that failed and are read with their reasons, at most.
  size_t failures = 1;
  bool running_table = true;  ///< the name of one that is being imported
  /// Tables that are being imported and started first, at most.
  size_t slowest = 0;
};

/// Reads recoveries of one snapshot. What several have in common is read once. Not thread-safe;
/// must not outlive the snapshot. Errors: damage.
class RecoveryReader {
 public:
  explicit RecoveryReader(const Snapshot& snapshot) : snapshot_(snapshot) {}

  /// Recoveries whose first record is inside the key space, in key order: that of the sys tenant,
  /// else that of the target tenant, else the import job (or its tasks alone), else the restore
  /// job, of auxiliary tenants only and under the key of the auxiliary tenant's. Costs what the
  /// jobs of the space cost.
  Result<std::vector<RecoveryRef>> List(const KeySpace& space);
  /// The parts of recoveries that tenants of the space have, each under its own key.
  Result<std::vector<RecoveryRef>> ListParts(const KeySpace& space);

  /// The first record of the recovery that a recover or import job belongs to; of an import, tasks
  /// alone will do. kNotFound if there is no such job.
  Result<RecoveryRef> Resolve(const Key& job);
  /// The same of a restore job: live recoveries only. kNotFound if it restores no auxiliary tenant.
  Result<RecoveryRef> ResolveRestore(const Key& job);

  Result<RecoveryFacts> Read(const RecoveryRef& ref, const ReadOptions& options = {});
  /// Recoveries of the past that say how long one of this tenant takes: the tenant's own, else
  /// those of all, the latest first.
  Result<const std::vector<PastRecovery>*> PastOf(const RecoveryFacts& facts);

 private:
  using RecordKind = schema::RecordKind;
  /// A job record and its live kind.
  struct Found {
    schema::Record record;
    bool history = false;
  };

  Result<std::optional<Found>> Find(RecordKind live, const Key& key) const;
  /// Jobs with this initiator, live before history.
  Result<std::vector<Found>> FindLinked(RecordKind live, int64_t tenant, int64_t job) const;
  Status ReadJobs(const RecoveryRef& ref, RecoveryFacts* facts);
  Status AttachUser(RecoveryFacts* facts) const;
  Status AttachSys(RecoveryFacts* facts) const;
  Status AttachImport(RecoveryFacts* facts) const;
  Status AttachRestore(RecoveryFacts* facts);
  Status UseRestore(const Found& sys_side, RecoveryFacts* facts) const;
  Status ReadTasks(const ReadOptions& options, RecoveryFacts* facts) const;
  Status ReadFailures(const ReadOptions& options, RecoveryFacts* facts) const;
  Status ReadSlowest(size_t limit, RecoveryFacts* facts) const;
  Status ReadSamples(RecoveryFacts* facts) const;
  /// Of a recover job; nullopt if there is none.
  Result<std::optional<std::string>> AuxNameOf(const Key& recover_job);
  Result<std::string> TextOf(const RecordView& record, size_t field) const;
  Status LoadRestores();
  Status LoadNames();
  Result<std::vector<PastRecovery>> ReadPast(const KeySpace& space);
  Result<std::optional<PastRecovery>> ReadPast(const Key& job);

  const Snapshot& snapshot_;
  std::unique_ptr<RecordLookup> live_recover_jobs_;
  std::unique_ptr<RecordLookup> ended_recover_jobs_;
  /// Restore jobs by the name of the tenant they restore, once they were wanted: listings do not
  /// show who started them.
  std::optional<std::multimap<std::string, Key>> restores_;
  /// Names of the auxiliary tenants of recover and import jobs.
  std::optional<std::set<std::string>> names_;
  std::optional<std::set<Key>> driven_;
  std::map<int64_t, std::vector<PastRecovery>> past_;  ///< by target tenant; 0: of all
};

}  // namespace obviews::engine::progress
