// What a connection of the server sees: one state of the store a statement, or a transaction.
#pragma once

#include <memory>

#include "engine/store.h"

class THD;
struct handlerton;

namespace obviews::mariadb {

/// One thread at a time, as the connection.
class Connection {
 public:
  /// That of a server's connection, made if there is none.
  static Connection& Of(THD* thd);

  /// A table is locked for a statement, and unlocked after it.
  void Lock();
  void Unlock();
  /// A statement begins on tables that LOCK TABLES keeps locked.
  void StartStatement(THD* thd);

  /// The state the present statement sees. Outside of statements: the present one.
  Result<std::shared_ptr<const engine::Snapshot>> Snapshot();

  /// Sets the methods of the engine that begin and end transactions and connections.
  static void Register(handlerton* engine);

 private:
  static int Close(handlerton* engine, THD* thd);
  static int EndTransaction(handlerton* engine, THD* thd, bool all);
  static int Savepoint(handlerton* engine, THD* thd, void* savepoint);
  static bool CanReleaseLocks(handlerton* engine, THD* thd);
  static int StartConsistentSnapshot(handlerton* engine, THD* thd);

  std::shared_ptr<const engine::Snapshot> transaction_;
  std::shared_ptr<const engine::Snapshot> statement_;
  int locks_ = 0;
  uint64_t statement_id_ = 0;
};

}  // namespace obviews::mariadb
