// Turns a batch into one RocksDB write: records, indexes, counts, external texts and
// tenants. Internal to engine/.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/change_set.h"
#include "engine/store.h"

namespace obviews::engine {

/// kConflict naming the record, what it was expected to hold and what it holds. `found` is what its
/// field holds, nullptr if there is no such record.
Status CheckExpectation(const Batch::Expectation& expected, const schema::FieldValue* found);

/// Collects the changes of one commit. Not thread-safe.
class Writer {
 public:
  explicit Writer(ChangeSet& changes) : changes_(changes) {}

  /// Makes the changes of all batches, one after the other; of each the expectations come first,
  /// then the deletions before the puts. `results` gets one entry for each batch. After an error
  /// nothing may be written.
  Status Apply(std::span<const Batch* const> batches, std::vector<CommitResult>* results);

 private:
  /// A job record as this commit has left it so far.
  struct Job {
    std::optional<std::string> bytes;   ///< nullopt: there is none
    std::optional<schema::Record> put;  ///< if this commit wrote it
  };

  Status ApplyJobs(const Batch& batch, CommitResult* result);
  Result<Job*> Load(schema::RecordKind kind, const Key& key);
  /// REQUIRES: there is one.
  Result<schema::Record> Read(const schema::RecordType& type, const Key& key, const Job& job);
  Status Check(const Batch::Expectation& expected);
  Status PutJob(const schema::Record& record, CommitResult* result);
  Status UpdateJob(const Batch::FieldUpdate& update, CommitResult* result);
  /// Writes the record with its link and those of its long texts that `changed` says.
  template <class Changed>
  Status WriteJob(const schema::Record& record, Job* job, const Changed& changed);
  /// Removes a job record with its texts and links; says whether there was one.
  Result<bool> RemoveJob(schema::RecordKind kind, const Key& key);
  Status PutTenant(const Tenant& tenant);
  Status UseIds(const Batch::Ids& ids);
  Result<SampleSeries*> LoadSamples(const SampleOwner& owner);
  /// Those of a job that is deleted, in whichever of its two kinds.
  Status RemoveSamples(const schema::RecordType& type, const Key& key);
  /// Writes what differs from what is there.
  Status WriteSamples();

  ChangeSet& changes_;
  /// Job records that this commit looked at, by family and key.
  std::map<std::pair<size_t, std::string>, Job> jobs_;
  std::map<std::string, int64_t> last_ids_;  ///< by key
  /// Samples that this commit changes, as they were and as it leaves them.
  struct Samples {
    std::vector<ProgressSample> before;
    SampleSeries after;
  };
  std::map<SampleOwner, Samples> samples_;
};

}  // namespace obviews::engine
