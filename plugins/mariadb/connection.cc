// States of the store by connection; see connection.h.
#include "plugins/mariadb/connection.h"

#include <exception>

#include "plugins/mariadb/instance.h"
#include "plugins/mariadb/server_headers.h"

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
  if (locks_++ == 0) statement_.reset();
}

void Connection::Unlock() {
  if (locks_ > 0 && --locks_ == 0) statement_.reset();
}

void Connection::StartStatement(THD* thd) {
  // Statements of functions and triggers belong to the one that calls them.
  if (thd->in_sub_stmt != 0 || thd->query_id == static_cast<query_id_t>(statement_id_)) return;
  statement_id_ = static_cast<uint64_t>(thd->query_id);
  statement_.reset();
}

Result<std::shared_ptr<const engine::Snapshot>> Connection::Snapshot() {
  if (transaction_ != nullptr) return transaction_;
  if (statement_ != nullptr) return statement_;
  auto taken = Take();
  if (taken && locks_ > 0) statement_ = *taken;
  return taken;
}

int Connection::Close(handlerton* engine, THD* thd) {
  delete static_cast<Connection*>(thd_get_ha_data(thd, engine));
  thd_set_ha_data(thd, engine, nullptr);
  return 0;
}

int Connection::EndTransaction(handlerton* /*engine*/, THD* thd, bool all) {
  if (all) Of(thd).transaction_.reset();
  return 0;
}

// What is only read needs no savepoints, but a server has them in all engines of a transaction.
int Connection::Savepoint(handlerton* /*engine*/, THD* /*thd*/, void* /*savepoint*/) { return 0; }

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
    Of(thd).transaction_ = *taken;
    trans_register_ha(thd, true, engine, 0);
    return 0;
  } catch (const std::exception&) {
    return HA_ERR_OUT_OF_MEM;
  }
}

void Connection::Register(handlerton* engine) {
  engine->close_connection = Close;
  engine->commit = EndTransaction;
  engine->rollback = EndTransaction;
  engine->savepoint_offset = 0;
  engine->savepoint_set = Savepoint;
  engine->savepoint_rollback = Savepoint;
  engine->savepoint_release = Savepoint;
  engine->savepoint_rollback_can_release_mdl = CanReleaseLocks;
  engine->start_consistent_snapshot = StartConsistentSnapshot;
}

}  // namespace obviews::mariadb
