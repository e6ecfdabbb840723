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
constexpr char kNamePrefix = '\0';  ///< no record kind

std::string LockKey(const schema::RecordType& type, const Key& key) {
  schema::RecordKind live = type.history ? type.twin : type.kind;
  if (type.per_task) return TaskIndexKey(key.tenant_id, key.task_id, live);
  return TaskIndexKey(key.tenant_id, key.job_id, live);
}

std::string NameKey(std::string_view xid) { return std::string(1, kNamePrefix).append(xid); }

}  // namespace

RecordLocks::RecordLocks(std::shared_ptr<Database> database) : database_(std::move(database)) {}

RecordLocks::~RecordLocks() = default;

rocksdb::Status RecordLocks::Take(std::string_view key, milliseconds wait) {
  if (holder_ == nullptr) {
    rocksdb::TransactionOptions options;
    options.deadlock_detect = true;
    holder_.reset(
        database_->transactions().BeginTransaction(rocksdb::WriteOptions(), options, nullptr));
  }
  auto* family = database_->family(kDefaultFamily);
  for (;;) {
    holder_->SetLockTimeout(wait.count());
    rocksdb::Status taken =
        holder_->GetForUpdate(rocksdb::ReadOptions(), family, AsSlice(key),
                              static_cast<std::string*>(nullptr), /*exclusive=*/true,
                              /*do_validate=*/false);
    // Somebody looked at the lock table at that moment, which says nothing about the lock.
    if (!taken.IsTimedOut() || taken.subcode() != rocksdb::Status::kMutexTimeout) return taken;
  }
}

Status RecordLocks::Lock(schema::RecordKind kind, const Key& key, milliseconds timeout,
                         const std::function<bool()>& stopped) {
  const schema::RecordType& type = schema::GetRecordType(kind);
  std::string name = fmt::format("{} {}", type.name, ToString(type, key));
  std::string lock = LockKey(type, key);
  Clock::time_point start = Clock::now();
  for (milliseconds rest = timeout;;) {
    rocksdb::Status taken = Take(lock, std::clamp(rest, milliseconds(0), kSlice));
    if (taken.ok()) return {};
    if (taken.IsDeadlock()) {
      return Fail(ErrorCode::kDeadlock,
                  fmt::format("{}: waiting for the transaction that holds it would be a deadlock; "
                              "roll this one back and do it again",
                              name));
    }
    if (!taken.IsTimedOut()) {
      return Fail(TranslateError(taken, database_->directory(), "locking " + name + " of"));
    }
    if (stopped && stopped()) {
      return Fail(
          ErrorCode::kInterrupted,
          fmt::format("{}: waiting for the transaction that holds it was interrupted", name));
    }
    rest = timeout - std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    if (rest > milliseconds(0)) continue;
    return Fail(ErrorCode::kLockTimeout,
                fmt::format("{}: another transaction holds it, and still did after {} ms; try "
                            "again when that one has ended",
                            name, std::max(timeout, milliseconds(0)).count()));
  }
}

Result<bool> RecordLocks::TakeName(std::string_view xid) {
  rocksdb::Status taken = Take(NameKey(xid), milliseconds(0));
  if (taken.ok()) return true;
  if (taken.IsTimedOut()) return false;
  return Fail(
      TranslateError(taken, database_->directory(),
                     fmt::format("naming transaction {} of", schema::QuoteForMessage(xid))));
}

void RecordLocks::GiveName(std::string_view xid) {
  holder_->UndoGetForUpdate(database_->family(kDefaultFamily), NameKey(xid));
}

void RecordLocks::Release() { holder_.reset(); }

}  // namespace obviews::engine
