// Transactions; see transaction.h.
#include "engine/transaction.h"

#include <fmt/format.h>

#include <utility>

#include "engine/own_changes.h"
#include "engine/prepared.h"
#include "engine/record_locks.h"
#include "engine/store_impl.h"
#include "engine/task_finder.h"
#include "schema/quote.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;

Status CheckStored(RecordKind kind) {
  const RecordType& type = GetRecordType(kind);
  if (!type.derived) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{} records are worked out from others: change those", type.name));
}

}  // namespace

struct Transaction::Impl {
  enum class State : uint8_t { kActive, kPrepared, kFailed, kEnded };

  Impl(std::shared_ptr<Store::Impl> of, std::shared_ptr<Database> with, TransactionOptions how)
      : store(std::move(of)),
        database(std::move(with)),
        options(std::move(how)),
        locks(database),
        tasks(database) {}

  static Result<std::unique_ptr<Impl>> Make(Store& store, TransactionOptions options);

  Status Lock(RecordKind kind, const Key& key) {
    OBVIEWS_RETURN_IF_ERROR(CheckStored(kind));
    return locks.Lock(kind, key, options.lock_timeout, options.stopped);
  }
  /// For what may only be done before the transaction ends, or is prepared.
  Status RequireActive() const;
  /// The tenant's task of this id, as this transaction sees it.
  Result<std::optional<Key>> FindTask(RecordKind kind, const Key& key);
  /// Takes the xid for this transaction. kConflict if another one, open or not, has it.
  Status TakeXid(std::string_view xid);
  /// The bytes of a prepared transaction; nullopt if there is none of this xid.
  Result<std::optional<std::string>> ReadPrepared(std::string_view xid) const;
  /// Writes `batch` and what becomes of the preparation.
  Result<CommitResult> Write(const Batch& batch, const Store::Impl::Preparation* preparation,
                             bool sync);
  Result<CommitResult> CommitPrepared(const Batch& batch);
  void End() {
    state = State::kEnded;
    changes.Clear();
    locks.Release();
  }

  std::shared_ptr<Store::Impl> store;
  std::shared_ptr<Database> database;
  TransactionOptions options;
  RecordLocks locks;
  TaskFinder tasks;
  OwnChanges changes;
  State state = State::kActive;
  std::optional<std::string> prepared_key;  ///< of one that is prepared
};

Result<std::unique_ptr<Transaction::Impl>> Transaction::Impl::Make(Store& store,
                                                                   TransactionOptions options) {
  const std::shared_ptr<Store::Impl>& of = store.impl();
  std::lock_guard<std::mutex> lock(of->state_mutex);
  if (of->options.access != Access::kReadWrite || of->database == nullptr) {
    return Fail(of->NotOpenForWriting());
  }
  return std::make_unique<Impl>(of, of->database, std::move(options));
}

Status Transaction::Impl::RequireActive() const {
  if (state == State::kActive) return {};
  return Fail(ErrorCode::kInternal,
              state == State::kPrepared
                  ? "the transaction is prepared: it can only be committed or rolled back"
              : state == State::kFailed
                  ? "the commit of the transaction failed: it can only be rolled back"
                  : "the transaction has ended");
}

Result<std::optional<Key>> Transaction::Impl::FindTask(RecordKind kind, const Key& key) {
  std::optional<Key> own = changes.FindPut(kind, key.tenant_id, key.task_id);
  if (own) return own;
  OBVIEWS_ASSIGN_OR_RETURN(std::optional<Key> committed,
                           tasks.Find(kind, key.tenant_id, key.task_id));
  if (committed && changes.Find(kind, *committed) != nullptr) committed.reset();  // deleted
  return committed;
}

Status Transaction::Impl::TakeXid(std::string_view xid) {
  auto in_use = [&] {
    return Fail(ErrorCode::kConflict,
                fmt::format("another transaction has the xid {}: end that one, or give this one "
                            "another xid",
                            schema::QuoteForMessage(xid)));
  };
  OBVIEWS_ASSIGN_OR_RETURN(bool taken, locks.TakeName(xid));
  if (!taken) return in_use();
  auto there = ReadPrepared(xid);
  if (there && !*there) return {};
  locks.GiveName(xid);
  return there ? in_use() : Fail(std::move(there).error());
}

Result<std::optional<std::string>> Transaction::Impl::ReadPrepared(std::string_view xid) const {
  std::string bytes;
  rocksdb::Status read = database->db().Get(
      rocksdb::ReadOptions(), database->family(kDefaultFamily), PreparedKey(xid), &bytes);
  if (read.IsNotFound()) return std::optional<std::string>();
  if (read.ok()) return std::optional(std::move(bytes));
  return Fail(TranslateError(
      read, database->directory(),
      fmt::format("reading prepared transaction {} of", schema::QuoteForMessage(xid))));
}

Result<CommitResult> Transaction::Impl::Write(const Batch& batch,
                                              const Store::Impl::Preparation* preparation,
                                              bool sync) {
  return store->Commit({.batch = &batch, .preparation = preparation, .sync = sync});
}

Result<CommitResult> Transaction::Impl::CommitPrepared(const Batch& batch) {
  Store::Impl::Preparation gone{*prepared_key, std::nullopt};
  // Whoever coordinates may forget how it ended as soon as this returns.
  return Write(batch, &gone, /*sync=*/true);
}

Transaction::Transaction(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Transaction::~Transaction() = default;

Result<std::unique_ptr<Transaction>> Transaction::Begin(Store& store, TransactionOptions options) {
  OBVIEWS_ASSIGN_OR_RETURN(auto impl, Impl::Make(store, std::move(options)));
  return std::unique_ptr<Transaction>(new Transaction(std::move(impl)));
}

Result<std::unique_ptr<Transaction>> Transaction::Resume(Store& store, std::string_view xid) {
  OBVIEWS_ASSIGN_OR_RETURN(auto impl, Impl::Make(store, {}));
  OBVIEWS_ASSIGN_OR_RETURN(bool taken, impl->locks.TakeName(xid));
  if (!taken) {
    return Fail(ErrorCode::kConflict,
                fmt::format("transaction {} is still open: commit it or roll it back there",
                            schema::QuoteForMessage(xid)));
  }
  OBVIEWS_ASSIGN_OR_RETURN(std::optional<std::string> bytes, impl->ReadPrepared(xid));
  if (!bytes) {
    return Fail(ErrorCode::kNotFound,
                fmt::format("no transaction {} is prepared", schema::QuoteForMessage(xid)));
  }
  impl->prepared_key = PreparedKey(xid);
  std::string_view why = DecodePrepared(*impl->prepared_key, *bytes, &impl->changes);
  if (!why.empty()) return Fail(PreparedDamage(xid, why));
  for (const RecordType& type : schema::RecordTypes()) {
    for (const auto& [key, change] : impl->changes.Of(type.kind)) {
      OBVIEWS_RETURN_IF_ERROR(impl->Lock(type.kind, key));
    }
  }
  impl->state = Impl::State::kPrepared;
  return std::unique_ptr<Transaction>(new Transaction(std::move(impl)));
}

void Transaction::SetLockTimeout(std::chrono::milliseconds timeout) {
  impl_->options.lock_timeout = timeout;
}

Status Transaction::Lock(RecordKind kind, const Key& key) {
  OBVIEWS_RETURN_IF_ERROR(impl_->RequireActive());
  return impl_->Lock(kind, key);
}

Result<std::optional<Record>> Transaction::Get(RecordKind kind, const Key& key) const {
  OBVIEWS_RETURN_IF_ERROR(CheckStored(kind));
  if (const OwnChanges::Change* own = impl_->changes.Find(kind, key)) return *own;
  // Of one state: a record and its long texts are read one after the other.
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->store->Take());
  Result<Record> committed = snapshot->Get(kind, key);
  if (committed) return std::optional<Record>(*std::move(committed));
  if (committed.error().code == ErrorCode::kNotFound) return std::optional<Record>();
  return Fail(std::move(committed).error());
}

Status Transaction::Put(Record record) {
  OBVIEWS_RETURN_IF_ERROR(impl_->RequireActive());
  const RecordType& type = record.type();
  OBVIEWS_RETURN_IF_ERROR(CheckStored(type.kind));
  OBVIEWS_RETURN_IF_ERROR(ValidateRecord(record));
  Key key = record.key();
  OBVIEWS_RETURN_IF_ERROR(impl_->Lock(type.kind, key));
  std::optional<Key> elsewhere;
  std::optional<Key> live_twin;
  if (type.per_task) {
    OBVIEWS_ASSIGN_OR_RETURN(elsewhere, impl_->FindTask(type.kind, key));
    if (type.history) {
      OBVIEWS_ASSIGN_OR_RETURN(live_twin, impl_->FindTask(type.twin, key));
    }
  } else if (type.history) {
    live_twin = key;
  }
  if (elsewhere && *elsewhere != key) impl_->changes.Set(type.kind, *elsewhere, std::nullopt);
  if (live_twin) impl_->changes.Set(type.twin, *live_twin, std::nullopt);
  impl_->changes.Set(type.kind, key, std::move(record));
  return {};
}

Status Transaction::Delete(RecordKind kind, const Key& key) {
  OBVIEWS_RETURN_IF_ERROR(impl_->RequireActive());
  OBVIEWS_RETURN_IF_ERROR(impl_->Lock(kind, key));
  impl_->changes.Set(kind, key, std::nullopt);
  return {};
}

const Transaction::Changes& Transaction::changes(RecordKind kind) const {
  return impl_->changes.Of(kind);
}

bool Transaction::has_changes() const { return !impl_->changes.empty(); }

Transaction::Mark Transaction::SetMark() const { return impl_->changes.SetMark(); }

void Transaction::RollbackTo(Mark mark) {
  if (impl_->RequireActive()) impl_->changes.RollbackTo(mark);
}

Status Transaction::Prepare(std::string_view xid) {
  OBVIEWS_RETURN_IF_ERROR(impl_->RequireActive());
  if (xid.size() > kMaxXidSize) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("an xid of {} bytes; it may have {}", xid.size(), kMaxXidSize));
  }
  OBVIEWS_RETURN_IF_ERROR(impl_->TakeXid(xid));
  std::string key = PreparedKey(xid);
  Store::Impl::Preparation preparation{key, EncodePrepared(key, impl_->changes)};
  Batch none;
  auto written = impl_->Write(none, &preparation, /*sync=*/true);
  if (!written) {
    impl_->locks.GiveName(xid);
    return Fail(std::move(written).error());
  }
  impl_->prepared_key = std::move(key);
  impl_->state = Impl::State::kPrepared;
  return {};
}

Result<CommitResult> Transaction::Commit() {
  using State = Impl::State;
  if (impl_->state == State::kEnded || impl_->state == State::kFailed) {
    return Fail(impl_->RequireActive().error());
  }
  bool prepared = impl_->state == State::kPrepared;
  if (!prepared && !has_changes()) {
    impl_->End();
    return CommitResult();
  }
  Batch batch = impl_->changes.Take();
  Result<CommitResult> committed =
      prepared ? impl_->CommitPrepared(batch) : impl_->Write(batch, nullptr, /*sync=*/true);
  if (committed) {
    impl_->End();
  } else {
    impl_->state = State::kFailed;
  }
  return committed;
}

Status Transaction::Rollback() {
  if (impl_->state == Impl::State::kEnded) return Fail(impl_->RequireActive().error());
  if (impl_->prepared_key) OBVIEWS_RETURN_IF_ERROR(impl_->CommitPrepared(Batch()));
  impl_->End();
  return {};
}

Result<std::vector<std::string>> PreparedTransactions(Store& store) {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.impl()->Take());
  return ListPrepared(*snapshot);
}

}  // namespace obviews::engine
