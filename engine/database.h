// An opened RocksDB with its families, and RocksDB's statuses as ours. Internal to engine/.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/families.h"

namespace obviews::engine {

inline rocksdb::Slice AsSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view AsView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// What a failed RocksDB call means for the user of the store in `directory`.
Error TranslateError(const rocksdb::Status& status, std::string_view directory,
                     std::string_view doing);

/// Owns the database, its handles and, for a follower, the private folder it needs. Closed on
/// destruction.
class Database {
 public:
  static Result<std::shared_ptr<Database>> Open(const std::string& directory, Access access,
                                                bool create);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(size_t index) const { return handles_[index]; }
  const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return handles_; }
  const std::string& directory() const { return directory_; }

  /// The newest commit, if every family shows the same one; kNotFound if they differ (a follower
  /// caught in the middle of the writer's commit: catch up again).
  Result<CommitStamp> ReadStamp() const;

  /// Follower only: takes in what the writer has done since.
  rocksdb::Status CatchUp() const { return db_->TryCatchUpWithPrimary(); }

 private:
  explicit Database(std::string directory) : directory_(std::move(directory)) {}
  Status OpenFamilies(Access access, bool create);
  Status CheckFormat(Access access) const;

  std::string directory_;
  std::string follower_folder_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace obviews::engine
