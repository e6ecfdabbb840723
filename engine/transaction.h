// A client's changes that become visible together: they are collected, seen by their own
// transaction alone, and committed as one batch. Records that are changed are locked until then.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"

namespace obviews::engine {

struct TransactionOptions {
  /// How long a record that another transaction holds is waited for. 0: not at all.
  std::chrono::milliseconds lock_timeout{50'000};
  /// Asked while waiting, about every 50 ms; the wait ends when it says so (kInterrupted).
  std::function<bool()> stopped = {};
};

/// The longest name of a prepared transaction, in bytes.
inline constexpr size_t kMaxXidSize = 256;

/// Not thread-safe; any number may be open at the same time, of any threads.
/// Serialisation is by locks of records alone: reads see what their snapshot has, or, of a record
/// that is locked, what was committed last (as READ COMMITTED with locking reads). Batches that
/// Store::Commit is given take no locks: who uses both sees to it that they change other records.
class Transaction {
 public:
  /// `store` is borrowed: end its transactions before it is closed. One that is still there then
  /// cannot be prepared or committed any more (kInternal), and keeps the directory open and locked
  /// until it is destroyed. REQUIRES: read-write access (kInternal).
  static Result<std::unique_ptr<Transaction>> Begin(Store& store, TransactionOptions options = {});
  /// One that was prepared, by this process or an earlier one: its changes are there again and its
  /// records locked. Only Commit, Rollback and destruction (which leaves it prepared) may follow.
  /// Until it is resumed its records are not locked, and what others change of them its commit
  /// overwrites. Errors: kNotFound; kConflict if the transaction is still open elsewhere;
  /// kCorruption; those of Lock.
  static Result<std::unique_ptr<Transaction>> Resume(Store& store, std::string_view xid);
  ~Transaction();  ///< rolls back what is neither committed nor prepared
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// How long what is locked from now on is waited for.
  void SetLockTimeout(std::chrono::milliseconds timeout);
  /// Locks a record, present or not, with its live or history twin (and a task with all of its
  /// tenant that have its id). Errors: kLockTimeout, kDeadlock (the whole transaction is to be
  /// rolled back), kInterrupted; each names the record.
  Status Lock(schema::RecordKind kind, const Key& key);
  /// A record as this transaction sees it: its own change, or what was committed last. nullopt:
  /// there is none.
  Result<std::optional<schema::Record>> Get(schema::RecordKind kind, const Key& key) const;

  /// Inserts or replaces; removes what Batch::Put removes. Checked as Store::Commit checks. Locks
  /// what is not locked. After an error nothing is changed.
  Status Put(schema::Record record);
  /// Of a record that is not there: no error. One that is put again later is replaced.
  Status Delete(schema::RecordKind kind, const Key& key);

  /// Own changes of one kind, in key order; nullopt: deleted, or removed by a put. For readers that
  /// merge them with a scan. Lives until the next change.
  using Changes = std::map<Key, std::optional<schema::Record>>;
  const Changes& changes(schema::RecordKind kind) const;
  bool has_changes() const;

  /// A place to go back to. Marks end with the transaction, and when an earlier one is gone back
  /// to. Locks stay.
  using Mark = size_t;
  Mark SetMark() const;
  void RollbackTo(Mark mark);

  /// Makes the changes durable under `xid` (any bytes, at most kMaxXidSize) so that they can be
  /// committed or rolled back later, also after a crash. Only Commit, Rollback and destruction may
  /// follow. Errors: kConflict if the xid is in use, kInvalidArgument if it is too long, and those
  /// of writing; the transaction is as it was then, but for kUndecided.
  Status Prepare(std::string_view xid);
  /// Commits all changes in one atomic, durable batch; of a prepared transaction the preparation
  /// goes in the same batch. After an error nothing is committed (kUndecided: who knows), and the
  /// transaction can only be rolled back, or destroyed: a prepared one can be resumed then.
  Result<CommitResult> Commit();
  /// Gives up all changes, and the preparation if there is one. Nothing else may follow but
  /// destruction.
  Status Rollback();

 private:
  struct Impl;
  explicit Transaction(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The xids of transactions that are prepared and neither committed nor rolled back, in the order
/// of their bytes. Of a store with any access.
Result<std::vector<std::string>> PreparedTransactions(Store& store);

}  // namespace obviews::engine
