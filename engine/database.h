// An opened RocksDB with its families, and RocksDB's statuses as ours. Internal to engine/.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/directory.h"
#include "engine/families.h"

namespace rocksdb {
class TransactionDB;
}  // namespace rocksdb

namespace obviews::engine {

inline rocksdb::Slice AsSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view AsView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Whether what was written may be kept though the call failed: it could not be synced.
bool IsUnsynced(const rocksdb::Status& status);
/// What a failed RocksDB call means for the user of the store in `directory`.
Error TranslateError(const rocksdb::Status& status, std::string_view directory,
                     std::string_view doing);

/// Notes that RocksDB has written tables, and so has old files to delete. Thread-safe.
class FileExchanges final : public rocksdb::EventListener {
 public:
  void OnFlushCompleted(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*info*/) override {
    happened_ = true;
  }
  void OnCompactionCompleted(rocksdb::DB* /*db*/,
                             const rocksdb::CompactionJobInfo& /*info*/) override {
    happened_ = true;
  }
  bool happened() const { return happened_; }
  void Forget() { happened_ = false; }

 private:
  std::atomic<bool> happened_ = false;
};

/// Owns the database and its handles. Closed on destruction. Thread-safe.
class Database {
 public:
  /// Opens to write, and takes the lock.
  static Result<std::shared_ptr<Database>> OpenWriter(const std::string& directory,
                                                      const OpenOptions& options);
  /// Opens to read the newest state there is, which never changes afterwards. A process writing
  /// the store meanwhile is no hindrance; nothing is written, not even a log.
  static Result<std::shared_ptr<Database>> OpenReader(const std::string& directory);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(size_t index) const { return handles_[index]; }
  const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return handles_; }
  const std::string& directory() const { return directory_; }

  /// Writer only, one call at a time. Takes no locks of keys, which cost a seventh of a commit: a
  /// transaction whose changes these are holds those of its records (record_locks.h).
  rocksdb::Status Write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch* batch);

  /// Writer only: who knows which keys are locked.
  rocksdb::TransactionDB& transactions() const { return *transactions_; }

  /// The commits that made the state it was opened at.
  const Stamps& stamps() const { return stamps_; }
  /// The directory as it was just before it was opened.
  const DirectoryState& opened_at() const { return opened_at_; }
  /// The log that ended in the middle of a commit, if any; "" otherwise.
  const std::string& torn_log() const { return torn_log_; }

  /// Writer only: lets RocksDB delete what it no longer needs, if it has exchanged files since the
  /// last time. Leaves that for later while a reader opens the store.
  void DeleteObsoleteFiles();

  /// Writer only: the stamp of the state of a RocksDB snapshot. What was read for the one before is
  /// not read again. kCorruption: damaged stamps.
  Result<CommitStamp> StampOf(const rocksdb::Snapshot& snapshot);

  /// The present stamps; kCorruption if a family shows another commit than it should.
  Result<Stamps> ReadStamps(const rocksdb::ReadOptions& options) const;

 private:
  Database(std::string directory, bool for_rebuild)
      : directory_(std::move(directory)), for_rebuild_(for_rebuild) {}
  rocksdb::Status OpenFamilies(const std::vector<std::string>& names, Access access,
                               const rocksdb::DBOptions& options);
  void CloseFamilies();
  /// Where there may be transactions in two phases, RocksDB keeps the logs it took in until the
  /// next table is written, and readers would read them again and again: writes one.
  rocksdb::Status LetGoOfLogs();
  /// The version this store was written in is one this build knows, and its families agree.
  Status CheckContent();
  /// kCorruption if tables lie here, but the manifest of the opened database names none: it was cut
  /// short, and RocksDB, which takes the tables for rubbish, would delete them.
  Status CheckTablesAreNamed() const;
  /// kCorruption if a table that the manifest does not name holds a later commit than the opened
  /// state: then the manifest lost its end. Tables of a flush or compaction that was cut short are
  /// not named either, but hold nothing that is not in a log or in other tables.
  Status CheckNothingIsLost() const;
  /// The same of a database of these families that is not open, and stays so.
  Status CheckTablesAreNamed(const std::vector<std::string>& names);
  /// A database of these families holds nothing, and so may become a store. Left closed.
  Status CheckEmpty(const std::vector<std::string>& names);
  /// Stores the format version in a store that has none, if that is because it is new.
  Status FinishCreation();

  std::string directory_;
  bool for_rebuild_;                          ///< a store whose rebuild was cut short will do
  std::shared_ptr<FileExchanges> exchanges_;  ///< writer only
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::TransactionDB* transactions_ = nullptr;  ///< db_, of a writer
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  Stamps stamps_;
  DirectoryState opened_at_;
  std::string torn_log_;

  std::mutex last_stamp_lock_;             ///< guards the two below
  std::optional<uint64_t> last_sequence_;  ///< RocksDB's number of the state asked for last
  CommitStamp last_stamp_;
};

}  // namespace obviews::engine
