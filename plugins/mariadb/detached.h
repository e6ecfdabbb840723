// Transactions that are prepared and belong to no connection: those a crash or a closed connection
// left, until the server, its binary log or an XA statement says how they end.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/transaction.h"

struct handlerton;

namespace obviews::mariadb {

/// Thread-safe.
class DetachedTransactions {
 public:
  /// Takes over one whose connection goes. It stays prepared, and its records stay locked.
  void Keep(std::string xid, std::unique_ptr<engine::Transaction> transaction);
  /// Resumes all that the store has, and returns the names of all. What cannot be resumed is noted
  /// in the log.
  std::vector<std::string> Recover(engine::Store& store);
  /// Commits or rolls back. Errors: kNotFound; those of engine::Transaction.
  Status Finish(engine::Store& store, const std::string& xid, bool commit);
  /// Lets go of all; they stay prepared in the store.
  void Release();

  /// Sets the engine's methods for those whose connection is gone.
  static void Register(handlerton* engine);

 private:
  std::mutex lock_;
  std::map<std::string, std::unique_ptr<engine::Transaction>> kept_;
};

}  // namespace obviews::mariadb
