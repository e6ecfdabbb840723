// What the records of one recovery say, in plain values: the input of the progress model. Any part
// may be missing, for recoveries are pasted in parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/key.h"
#include "engine/sample.h"

namespace obviews::engine::progress {

/// A recover job, of the sys or of the target tenant. Times are microseconds since the epoch, and
/// nullopt where the record has none that a clock can show.
struct RecoverFacts {
  Key key;
  Key initiator;  ///< job_id 0: none
  bool history = false;
  std::string status;
  std::string result;
  std::string comment;
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  std::optional<int64_t> modified;
  std::string aux_tenant_name;
  std::string target_tenant_name;
  int64_t target_tenant_id = 0;  ///< 0: the record does not say
  /// Tables that are named one by one, where nothing else is to be recovered.
  std::optional<int64_t> tables_named;

  bool ended() const { return status == "COMPLETED" || status == "FAILED"; }
};

/// The restore of the auxiliary tenant, by both of its records.
struct RestoreFacts {
  Key key;  ///< of the record in the sys tenant, or of the auxiliary tenant's if that is missing
  bool ended = false;
  bool failed = false;
  std::string tenant_name;
  int64_t tenant_id = 0;
  std::string status;  ///< the auxiliary tenant's, if it has a record; live only
  std::string comment;
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  std::optional<int64_t> modified;
  std::optional<int64_t> bytes_total;
  std::optional<int64_t> bytes_finished;
};

struct ImportFacts {
  Key key;
  Key initiator;  ///< job_id 0: none
  bool history = false;
  std::string aux_tenant_name;
  std::string status;  ///< "" if only tasks are there
  std::string result;
  std::string comment;
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  std::optional<int64_t> modified;
  int64_t total = 0;  ///< tables, by the job's counters
  int64_t finished = 0;
  int64_t failed = 0;
};

/// The tasks of the import job, from the counts that are kept of them.
struct TaskTotals {
  int64_t waiting = 0;
  int64_t running = 0;
  int64_t finished = 0;
  int64_t failed = 0;
  std::optional<int64_t> first_start;
  std::optional<int64_t> last_completion;
  int64_t all() const { return waiting + running + finished + failed; }
  int64_t ended() const { return finished + failed; }
};

struct Failure {
  std::string what;    ///< "`db`.`tb`", "restore" and the like
  std::string reason;  ///< the record's COMMENT; may hold URIs with secrets
  bool of_table = false;
};

/// A table that is being imported.
struct RunningTable {
  std::string what;  ///< "`db`.`tb`"
  /// When its task came to its status, or began if its record does not tell the former.
  int64_t start = 0;
};

/// All of one recovery.
struct RecoveryFacts {
  std::optional<RecoverFacts> sys;
  std::optional<RecoverFacts> user;
  std::optional<RestoreFacts> restore;
  std::optional<ImportFacts> import;
  TaskTotals tasks;
  std::string
      running_table;  ///< of those that are being imported the first; "": none, or not known
  std::vector<RunningTable> slowest;    ///< some that are being imported, the first begun first
  std::vector<Failure> table_failures;  ///< some of them, the latest first
  std::vector<ProgressSample> samples;  ///< in the order of their times
  bool driven = false;                  ///< its records are written by this store's own scheduler
};

/// A recovery of the past that went well. Seconds; nullopt: its records do not say.
struct PastRecovery {
  std::optional<double> before_restore;
  std::optional<double> restore;
  std::optional<double> restore_bytes;
  std::optional<double> before_import;  ///< from the end of the restore to the first table
  std::optional<double> import;
  std::optional<double> tables;
  std::optional<double> after_import;
};

}  // namespace obviews::engine::progress
