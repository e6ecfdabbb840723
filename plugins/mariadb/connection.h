// What a connection of the server sees and changes: one state of the store a statement, or a
// transaction, and the changes it has not committed.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/store.h"
#include "engine/transaction.h"
#include "plugins/mariadb/base_rows.h"

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

  /// The transaction that the present statement changes records in, begun if there is none. It and
  /// the statement are known to the server from then on. Errors: those of Transaction::Begin.
  Result<engine::Transaction*> Change(THD* thd);
  /// The one that is open; nullptr: nothing is changed or locked.
  engine::Transaction* open_transaction() const { return changes_.get(); }

  /// Whether a live record that the open transaction has removed only leaves: its twin was put into
  /// history. See OwnRows.
  bool Leaves(schema::RecordKind kind, const engine::Key& key) const;
  /// Notes that a row was deleted by a statement, and says whether one was.
  void NoteDeleted(const BaseTable& table, RowKey key);
  bool IsDeleted(const BaseTable& table, const RowKey& key) const;

  /// Sets the methods of the engine that begin and end transactions and connections.
  static void Register(handlerton* engine);

 private:
  static int Close(handlerton* engine, THD* thd);
  static int Commit(handlerton* engine, THD* thd, bool all);
  static int Rollback(handlerton* engine, THD* thd, bool all);
  static int Prepare(handlerton* engine, THD* thd, bool all);
  static int SetSavepoint(handlerton* engine, THD* thd, void* savepoint);
  static int RollbackToSavepoint(handlerton* engine, THD* thd, void* savepoint);
  static int ReleaseSavepoint(handlerton* engine, THD* thd, void* savepoint);
  static bool CanReleaseLocks(handlerton* engine, THD* thd);
  static int StartConsistentSnapshot(handlerton* engine, THD* thd);

  using DeletedRow = std::pair<const BaseTable*, RowKey>;
  /// A place in the transaction to go back to.
  struct Mark {
    engine::Transaction::Mark changes = 0;
    size_t deleted = 0;
  };

  Mark SetMark() const;
  void RollbackTo(const Mark& mark);
  /// What stays of a transaction when it ends: nothing.
  void End();

  std::shared_ptr<const engine::Snapshot> transaction_snapshot_;
  std::shared_ptr<const engine::Snapshot> statement_snapshot_;
  int locks_ = 0;
  uint64_t statement_id_ = 0;

  std::unique_ptr<engine::Transaction> changes_;
  std::optional<std::string> prepared_;  ///< the name under which the changes are prepared
  /// Where the present statement began to change; nullopt: it has not.
  std::optional<Mark> statement_;
  std::vector<DeletedRow> deleted_;  ///< in the order of their deletion
  std::set<DeletedRow> deleted_rows_;
};

}  // namespace obviews::mariadb
