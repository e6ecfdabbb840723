// The locks of records that a transaction holds: RocksDB's, of keys made up for them. Internal to
// engine/.
//
// A job has one lock for its live and its history record, a task of a tenant one whatever its job.
// The keys need not be written ever; commits take no locks, so they disturb nothing.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/database.h"

namespace rocksdb {
class Transaction;
}  // namespace rocksdb

namespace obviews::engine {

/// Not thread-safe; those of other threads may be used at the same time.
class RecordLocks {
 public:
  explicit RecordLocks(std::shared_ptr<Database> database);
  ~RecordLocks();
  RecordLocks(const RecordLocks&) = delete;
  RecordLocks& operator=(const RecordLocks&) = delete;

  /// Waits for the record at most `timeout`, and no longer than until `stopped`, if there is one,
  /// says so. Errors: kLockTimeout, kDeadlock, kInterrupted, naming the record.
  Status Lock(schema::RecordKind kind, const Key& key, std::chrono::milliseconds timeout,
              const std::function<bool()>& stopped);
  /// Takes the name of a transaction; false if somebody else has it.
  Result<bool> TakeName(std::string_view xid);
  /// Gives a name back that was taken.
  void GiveName(std::string_view xid);
  /// Lets go of all.
  void Release();

 private:
  /// Waits at most `wait`; less than a millisecond: not at all.
  rocksdb::Status Take(FamilyIndex family, std::string_view key, std::chrono::milliseconds wait);

  std::shared_ptr<Database> database_;
  std::unique_ptr<rocksdb::Transaction> holder_;  ///< once there is a lock
};

}  // namespace obviews::engine
