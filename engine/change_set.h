// The RocksDB write that a commit becomes, and which families it changes. Internal to engine/.
#pragma once

#include <rocksdb/write_batch.h>

#include <string_view>
#include <vector>

#include "engine/database.h"

namespace obviews::engine {

/// Not thread-safe. Must not outlive the database.
class ChangeSet {
 public:
  explicit ChangeSet(const Database& database)
      : database_(database), changed_(FamilyNames().size()) {}

  Status Put(size_t family, std::string_view key, std::string_view value) {
    changed_[family] = true;
    return Check(batch_.Put(database_.family(family), AsSlice(key), AsSlice(value)));
  }
  Status Delete(size_t family, std::string_view key) {
    changed_[family] = true;
    return Check(batch_.Delete(database_.family(family), AsSlice(key)));
  }
  /// Stamps every family changed so far with `stamps->commit`, and notes that in `stamps`.
  Status Stamp(Stamps* stamps) {
    for (size_t i = 0; i < FamilyNames().size(); ++i) {
      if (i == kDefaultFamily || !changed_[i]) continue;
      stamps->families[i] = stamps->commit.number;
      OBVIEWS_RETURN_IF_ERROR(Put(i, kStampKey, EncodeNumber(stamps->commit.number)));
    }
    return Put(kDefaultFamily, kStampKey, EncodeStamps(*stamps));
  }

  const Database& database() const { return database_; }
  rocksdb::WriteBatch& batch() { return batch_; }

  Status Check(const rocksdb::Status& status) const {
    if (status.ok()) return {};
    return Fail(TranslateError(status, database_.directory(), "writing"));
  }

 private:
  const Database& database_;
  rocksdb::WriteBatch batch_;
  std::vector<bool> changed_;  ///< by family
};

}  // namespace obviews::engine
