// Locks of records; see record_locks.h.
#include "engine/record_locks.h"

#include <fmt/format.h>
#include <rocksdb/utilities/transaction.h>
#include <rocksdb/utilities/transaction_db.h>

#include <algorithm>
#include <string>

#include "schema/quote.h"

namespace obviews::engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Who waits is asked so often whether to go on.
constexpr milliseconds kSlice{50};
/// Locks are of a family's keys: those of records and those of names must not meet.
constexpr FamilyIndex kRecords = kTaskIndexFamily;
constexpr FamilyIndex kNames = kDefaultFamily;

std::string LockKey(const schema::RecordType& type, const Key& key) {
  schema::RecordKind live = type.history ? type.twin : type.kind;
  if (type.per_task) return TaskIndexKey(key.tenant_id, key.task_id, live);
  return TaskIndexKey(key.tenant_id, key.job_id, live);
}

}  // namespace

RecordLocks::RecordLocks(std::shared_ptr<Database> database) : database_(std::move(database)) {}

RecordLocks::~RecordLocks() = default;

rocksdb::Status RecordLocks::Take(FamilyIndex family, std::string_view key, milliseconds wait) {
  if (holder_ == nullptr) {
    rocksdb::TransactionOptions options;
    options.deadlock_detect = true;
    holder_.reset(
        database_->transactions().BeginTransaction(rocksdb::WriteOptions(), options, nullptr));
  }
  for (;;) {
    holder_->SetLockTimeout(wait.count());
    rocksdb::Status taken =
        holder_->GetForUpdate(rocksdb::ReadOptions(), database_->family(family), AsSlice(key),
                              static_cast<std::string*>(nullptr), /*exclusive=*/true,
                              /*do_validate=*/false);
    // Somebody else was at the lock table at that moment, which says nothing about the lock.
    bool busy = taken.IsTimedOut() && taken.subcode() == rocksdb::Status::kMutexTimeout;
    if (!busy || wait.count() > 0) return taken;
  }
}

Status RecordLocks::Lock(schema::RecordKind kind, const Key& key, milliseconds timeout,
                         const std::function<bool()>& stopped) {
  const schema::RecordType& type = schema::GetRecordType(kind);
  auto fail = [&](ErrorCode code, std::string_view why) {
    return Fail(code, fmt::format("{} {}: {}", type.name, ToString(type, key), why));
  };
  std::string lock = LockKey(type, key);
  Clock::time_point start = Clock::now();
  for (milliseconds rest = timeout;;) {
    rocksdb::Status taken = Take(kRecords, lock, std::clamp(rest, milliseconds(0), kSlice));
    if (taken.ok()) return {};
    if (taken.IsDeadlock()) {
      return fail(ErrorCode::kDeadlock,
                  "waiting for the transaction that holds it would be a deadlock; roll this one "
                  "back and do it again");
    }
    if (!taken.IsTimedOut()) {
      return Fail(TranslateError(taken, database_->directory(), "locking a record of"));
    }
    if (stopped && stopped()) {
      return fail(ErrorCode::kInterrupted,
                  "waiting for the transaction that holds it was interrupted");
    }
    rest = timeout - std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    if (rest > milliseconds(0)) continue;
    return fail(ErrorCode::kLockTimeout,
                fmt::format("another transaction holds it, and still did after {} ms; try again "
                            "when that one has ended",
                            std::max(timeout, milliseconds(0)).count()));
  }
}

Result<bool> RecordLocks::TakeName(std::string_view xid) {
  rocksdb::Status taken = Take(kNames, xid, milliseconds(0));
  if (taken.ok()) return true;
  if (taken.IsTimedOut()) return false;
  return Fail(
      TranslateError(taken, database_->directory(),
                     fmt::format("naming transaction {} of", schema::QuoteForMessage(xid))));
}

void RecordLocks::GiveName(std::string_view xid) {
  holder_->UndoGetForUpdate(database_->family(kNames), AsSlice(xid));
}

void RecordLocks::Release() { holder_.reset(); }

}  // namespace obviews::engine
