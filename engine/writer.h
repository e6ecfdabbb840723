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

/// Collects the changes of one commit. Not thread-safe.
class Writer {
 public:
  explicit Writer(ChangeSet& changes) : changes_(changes) {}

  /// Makes the changes of all batches, one after the other; of each the deletions come before the
  /// puts. `results` gets one entry for each batch. After an error nothing may be written.
  Status Apply(std::span<const Batch* const> batches, std::vector<CommitResult>* results);

 private:
  Status PutJob(const schema::Record& record, CommitResult* result);
  /// Removes a job record with its texts; says whether there was one.
  Result<bool> RemoveJob(schema::RecordKind kind, const Key& key);
  Status PutTenant(const Tenant& tenant);

  ChangeSet& changes_;
  /// Job records that this commit wrote or removed (nullopt), by family and key.
  std::map<std::pair<size_t, std::string>, std::optional<std::string>> jobs_;
};

}  // namespace obviews::engine
