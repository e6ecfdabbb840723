// What the plugin has in its server, once: the store, the engine's handle and its counters.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "plugins/mariadb/detached.h"
#include "plugins/mariadb/lookup_pool.h"
#include "plugins/mariadb/store_views.h"

class THD;
struct handlerton;

namespace obviews::mariadb {

/// What SHOW STATUS LIKE 'obviews%' shows.
struct Counters {
  std::atomic<unsigned long long> group_scans{0};
  std::atomic<unsigned long long> scans{0};
  std::atomic<unsigned long long> lookups{0};
  std::atomic<unsigned long long> rows_read{0};
  std::atomic<unsigned long long> conditions_pushed{0};
  std::atomic<unsigned long long> snapshots{0};
  std::atomic<unsigned long long> checksum_failures{0};
};

struct Instance {
  handlerton* engine = nullptr;
  std::unique_ptr<StoreViews> views;  ///< nullptr: no store is set
  LookupPool lookups;                 ///< of that store
  DetachedTransactions detached;
  std::atomic<bool> told_of_no_binlog{false};  ///< see connection.cc
  Counters counters;
};

/// The one of this server. Set while the plugin is loaded; the server calls nothing before or
/// after.
Instance& TheInstance();

/// The session's obviews_condition_pushdown.
bool PushesConditions(THD* thd);
/// The session's obviews_lock_wait_timeout, or its lock_wait_timeout if that is shorter.
std::chrono::milliseconds LockWaitTimeout(THD* thd);

/// Notes an error in the server's log, if it is one of the store and not of a statement, and counts
/// damage.
void LogStoreError(const Error& error);
/// The same for an error of preparing or ending a transaction. One that is prepared and whose end
/// cannot be written, or of which nobody knows whether it is written, ends the server: if it went
/// on it would forget what its log says of the transaction, and would not start again with what is
/// still prepared. The log says why, and the process is aborted, as InnoDB does, so that the next
/// start recovers the transaction.
void LogTransactionError(const Error& error, bool prepared);
void LogNote(const std::string& message);
void LogError(const std::string& message);

}  // namespace obviews::mariadb
