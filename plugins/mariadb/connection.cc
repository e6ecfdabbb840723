// States and changes of the store by connection; see connection.h.
#include "plugins/mariadb/connection.h"

#include <exception>

#include "plugins/mariadb/instance.h"
#include "plugins/mariadb/table_handler.h"
#include "plugins/mariadb/xid.h"

namespace obviews::mariadb {
namespace {

Result<std::shared_ptr<const engine::Snapshot>> Take() {
  Instance& instance = TheInstance();
  if (instance.views == nullptr) {
    return Fail(ErrorCode::kStoreMissing,
                "no store is set: start the server with --obviews-db=DIR");
  }
  ++instance.counters.snapshots;
  return instance.views->TakeSnapshot();
}

/// Whether statements are part of a transaction that COMMIT ends.
bool InTransaction(THD* thd) {
  return thd_test_options(thd, OPTION_NOT_AUTOCOMMIT | OPTION_BEGIN) != 0;
}

/// Whether the server will not know after a crash how a transaction of several engines was to end.
/// What the binary log does not have is rolled back where it is prepared, whatever another engine
/// has committed: the servers of 10.11 do not look into the tc.log that they keep without one, and
/// InnoDB counts on being told.
bool EndIsForgotten(THD* thd, XID xid) {
  if (xid.get_my_xid() == 0) return false;  // XA: the client knows
  return !opt_bin_log || thd_test_options(thd, OPTION_BIN_LOG) == 0;
}

void Warn(THD* thd, const char* text) {
  push_warning(thd, Sql_condition::WARN_LEVEL_WARN, ER_UNKNOWN_ERROR, text);
}

void WarnOfNoBinlog(THD* thd) {
  constexpr const char* kText =
      "a crash may leave a transaction of several engines in some of them if the binary log does "
      "not have it";
  Warn(thd, kText);
  if (!TheInstance().told_of_no_binlog.exchange(true)) LogNote(kText);
}

/// What the server is told of a transaction that could not be ended.
int Refused(THD* thd, const Error& error, bool prepared) {
  LogTransactionError(error, prepared);
  Warn(thd, error.message.c_str());
  return HA_ERR_INTERNAL_ERROR;
}

}  // namespace

Connection& Connection::Of(THD* thd) {
  handlerton* engine = TheInstance().engine;
  auto* connection = static_cast<Connection*>(thd_get_ha_data(thd, engine));
  if (connection == nullptr) {
    connection = new Connection();
    thd_set_ha_data(thd, engine, connection);
  }
  return *connection;
}

void Connection::Lock() {
  if (locks_++ == 0) statement_snapshot_.reset();
}

void Connection::Unlock() {
  if (locks_ > 0 && --locks_ == 0) statement_snapshot_.reset();
}

void Connection::StartStatement(THD* thd) {
  // Statements of functions and triggers belong to the one that calls them.
  if (thd->in_sub_stmt != 0 || thd->query_id == static_cast<query_id_t>(statement_id_)) return;
  statement_id_ = static_cast<uint64_t>(thd->query_id);
  statement_snapshot_.reset();
}

Result<std::shared_ptr<const engine::Snapshot>> Connection::Snapshot() {
  if (transaction_snapshot_ != nullptr) return transaction_snapshot_;
  if (statement_snapshot_ != nullptr) return statement_snapshot_;
  auto taken = Take();
  if (taken && locks_ > 0) statement_snapshot_ = *taken;
  return taken;
}

Result<engine::Transaction*> Connection::Change(THD* thd) {
  if (changes_ == nullptr) {
    engine::TransactionOptions options;
    options.stopped = StoppedOf(thd);
    OBVIEWS_ASSIGN_OR_RETURN(
        changes_, engine::Transaction::Begin(TheInstance().views->store(), std::move(options)));
  }
  if (!statement_) {
    changes_->SetLockTimeout(LockWaitTimeout(thd));
    statement_ = SetMark();
    handlerton* engine = TheInstance().engine;
    trans_register_ha(thd, false, engine, 0);
    if (InTransaction(thd)) trans_register_ha(thd, true, engine, 0);
  }
  return changes_.get();
}

bool Connection::Leaves(schema::RecordKind kind, const engine::Key& key) const {
  const schema::RecordType& type = schema::GetRecordType(kind);
  if (changes_ == nullptr || type.history) return false;
  auto present = [&](schema::RecordKind of) -> std::optional<bool> {
    const auto& changes = changes_->changes(of);
    auto change = changes.find(key);
    if (change == changes.end()) return std::nullopt;
    return change->second.has_value();
  };
  return present(kind) == false && present(type.twin) == true;
}

void Connection::NoteDeleted(const BaseTable& table, RowKey key) {
  if (table.record->history) return;
  auto [at, added] = deleted_rows_.emplace(&table, std::move(key));
  if (added) deleted_.push_back(*at);
}

bool Connection::IsDeleted(const BaseTable& table, const RowKey& key) const {
  return deleted_rows_.contains({&table, key});
}

Connection::Mark Connection::SetMark() const {
  // Without changes there is nothing to go back to but the beginning.
  return {changes_ == nullptr ? 0 : changes_->SetMark(), deleted_.size()};
}

void Connection::RollbackTo(const Mark& mark) {
  if (changes_ != nullptr) changes_->RollbackTo(mark.changes);
  while (deleted_.size() > mark.deleted) {
    deleted_rows_.erase(deleted_.back());
    deleted_.pop_back();
  }
}

void Connection::End() {
  deleted_.clear();
  deleted_rows_.clear();
  changes_.reset();
  prepared_.reset();
  statement_.reset();
  transaction_snapshot_.reset();
}

int Connection::Close(handlerton* engine, THD* thd) {
  auto* connection = static_cast<Connection*>(thd_get_ha_data(thd, engine));
  if (connection == nullptr) return 0;
  if (connection->prepared_) {
    // XA: another connection will say how it ends.
    TheInstance().detached.Keep(*std::move(connection->prepared_), std::move(connection->changes_));
  }
  delete connection;
  thd_set_ha_data(thd, engine, nullptr);
  return 0;
}

int Connection::Commit(handlerton* /*engine*/, THD* thd, bool all) {
  return TableHandler::Guard([&]() -> int {
    Connection& connection = Of(thd);
    if (!all && InTransaction(thd)) {
      connection.statement_.reset();
      return 0;
    }
    Result<engine::CommitResult> committed;
    if (connection.changes_ != nullptr && connection.changes_->has_changes()) {
      committed = connection.changes_->Commit();
    }
    bool prepared = connection.prepared_.has_value();
    connection.End();
    return committed ? 0 : Refused(thd, committed.error(), prepared);
  });
}

int Connection::Rollback(handlerton* /*engine*/, THD* thd, bool all) {
  return TableHandler::Guard([&]() -> int {
    Connection& connection = Of(thd);
    if (!all && InTransaction(thd)) {
      if (connection.statement_) connection.RollbackTo(*connection.statement_);
      connection.statement_.reset();
      return 0;
    }
    Status rolled_back;
    if (connection.changes_ != nullptr) rolled_back = connection.changes_->Rollback();
    bool prepared = connection.prepared_.has_value();
    connection.End();
    return rolled_back ? 0 : Refused(thd, rolled_back.error(), prepared);
  });
}

int Connection::Prepare(handlerton* /*engine*/, THD* thd, bool all) {
  return TableHandler::Guard([&]() -> int {
    Connection& connection = Of(thd);
    if (!all && InTransaction(thd)) {
      connection.statement_.reset();
      return 0;
    }
    if (connection.changes_ == nullptr || !connection.changes_->has_changes()) return 0;
    XID xid;
    thd_get_xid(thd, reinterpret_cast<MYSQL_XID*>(&xid));
    std::string name = NameOf(xid);
    Status prepared = connection.changes_->Prepare(name);
    if (!prepared) return Refused(thd, prepared.error(), /*prepared=*/false);
    connection.prepared_ = std::move(name);
    if (EndIsForgotten(thd, xid)) WarnOfNoBinlog(thd);
    return 0;
  });
}

int Connection::SetSavepoint(handlerton* /*engine*/, THD* thd, void* savepoint) {
  *static_cast<Mark*>(savepoint) = Of(thd).SetMark();
  return 0;
}

int Connection::RollbackToSavepoint(handlerton* /*engine*/, THD* thd, void* savepoint) {
  return TableHandler::Guard([&]() -> int {
    Of(thd).RollbackTo(*static_cast<Mark*>(savepoint));
    return 0;
  });
}

int Connection::ReleaseSavepoint(handlerton* /*engine*/, THD* /*thd*/, void* /*savepoint*/) {
  return 0;
}

bool Connection::CanReleaseLocks(handlerton* /*engine*/, THD* /*thd*/) { return true; }

int Connection::StartConsistentSnapshot(handlerton* engine, THD* thd) {
  // Without a store there is nothing to see, and other engines go on.
  if (TheInstance().views == nullptr) return 0;
  try {
    auto taken = Take();
    if (!taken) {
      LogStoreError(taken.error());
      return HA_ERR_INTERNAL_ERROR;
    }
    Of(thd).transaction_snapshot_ = *taken;
    trans_register_ha(thd, true, engine, 0);
    return 0;
  } catch (const std::exception&) {
    return HA_ERR_OUT_OF_MEM;
  }
}

void Connection::Register(handlerton* engine) {
  engine->close_connection = Close;
  engine->commit = Commit;
  engine->rollback = Rollback;
  engine->prepare = Prepare;
  engine->savepoint_offset = sizeof(Mark);
  engine->savepoint_set = SetSavepoint;
  engine->savepoint_rollback = RollbackToSavepoint;
  engine->savepoint_release = ReleaseSavepoint;
  engine->savepoint_rollback_can_release_mdl = CanReleaseLocks;
  engine->start_consistent_snapshot = StartConsistentSnapshot;
}

}  // namespace obviews::mariadb
