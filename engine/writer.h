// Turns a batch into one RocksDB write: records, task index, external texts, tenants and the commit
// stamps. Internal to engine/.
#pragma once

#include <rocksdb/utilities/write_batch_with_index.h>

#include "engine/database.h"

namespace obviews::engine {

/// Collects the changes of one commit. Sees its own earlier changes. Not thread-safe.
class Writer {
 public:
  explicit Writer(const Database& database)
      : database_(database),
        batch_(rocksdb::BytewiseComparator(), 0, true),
        changed_(FamilyNames().size()) {}

  Status Put(const schema::Record& record);
  Status Delete(schema::RecordKind kind, const Key& key);
  Status PutTenant(const Tenant& tenant);
  /// Stamps every family changed so far with `stamps->commit`, and notes that in `stamps`.
  Status Stamp(Stamps* stamps);

  rocksdb::WriteBatchWithIndex& batch() { return batch_; }
  const CommitResult& result() const { return result_; }

 private:
  /// Removes a record with its texts and index entry; says whether there was one.
  Result<bool> Remove(schema::RecordKind kind, const Key& key);
  /// The job a task of this kind belongs to, if the store has it.
  Result<bool> FindTask(schema::RecordKind kind, int64_t tenant_id, int64_t task_id,
                        int64_t* job_id);
  Result<bool> Read(size_t family, std::string_view key, std::string* value);
  Status Write(size_t family, std::string_view key, std::string_view value);
  Status Erase(size_t family, std::string_view key);
  Status Check(const rocksdb::Status& status) const;

  const Database& database_;
  rocksdb::WriteBatchWithIndex batch_;
  CommitResult result_;
  std::vector<bool> changed_;  ///< by family
};

}  // namespace obviews::engine
