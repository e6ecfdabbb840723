// The MySQL and Oracle functions of docs/sql.md, as SQLite functions of one session.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <string>

#include "schema/catalog.h"
#include "schema/status.h"
#include "schema/zone.h"

namespace obviews::vtab::sql {

/// What the functions know about the session. Its owner may change it between statements (SET
/// time_zone does), never while one runs. Used by one thread at a time.
struct SessionContext {
  int64_t effective_tenant = 1;
  schema::Mode mode = schema::Mode::kMySql;
  schema::Zone session_zone;       ///< time_zone: NOW, USEC_TO_TIME, FROM_UNIXTIME
  schema::Zone system_zone;        ///< system_time_zone: SCN_TO_TIMESTAMP, SYSDATE of Oracle mode
  std::function<int64_t()> clock;  ///< microseconds since the epoch, UTC; only BeginStatement asks
  int64_t statement_start_usec = 0;  ///< what NOW() shows
  std::string schema_name;           ///< what DATABASE() shows; empty: NULL
  std::string version;               ///< what VERSION() shows

  /// Takes the time that all functions show until the next call. To be called before each
  /// statement is prepared: SQLite computes NOW() once per statement and hands the value to views.
  void BeginStatement() { statement_start_usec = clock(); }
};

/// Registers the functions. `context` is borrowed, and read at each call of a function, as long as
/// `db` is open. All functions are deterministic within a statement, have no side effects, and none
/// writes. Errors: kInternal when SQLite refuses one (out of memory, `db` busy).
Status RegisterFunctions(sqlite3* db, const SessionContext* context);

}  // namespace obviews::vtab::sql
