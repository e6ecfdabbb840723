// What bench/compare asks of every system: the same rows in, the same questions, the same changes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/peers/timing.h"
#include "bench/task_data.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::bench {

using schema::Key;

/// What a query found. Equal across systems, or the comparison is void.
struct Answer {
  uint64_t rows = 0;
  uint64_t sum = 0;  ///< over what was read; each query says of what
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Rows of the data in order; the argument of a bulk load.
struct RowRange {
  const TaskData* data = nullptr;
  int64_t begin = 0;
  int64_t end = 0;
};
inline constexpr int64_t kRowsPerChunk = 10'000;

/// One way into one system, with one thread unless its title says otherwise. Several peers may
/// share a store; only one of them writes, and that one opens and closes it for all.
/// Not thread-safe.
class Peer {
 public:
  virtual ~Peer() = default;

  virtual std::string_view id() const = 0;
  virtual std::string_view title() const = 0;
  /// "SQLite 3.40.1"; "" for obviews itself.
  virtual std::string version() const = 0;
  /// Whether the functions of the first group may be called.
  virtual bool writes() const { return true; }

  // Of the peer that writes.

  virtual Status Open(bool create) = 0;
  virtual Status Close() = 0;
  /// Loads rows the fastest durable way the system has: they are on the disk at return. Gives the
  /// seconds it took without those of making the rows, where the system waits for them.
  virtual Result<double> BulkLoad(const RowRange& rows) = 0;
  /// Brings the store into the state it would reach by itself when left alone.
  virtual Status Settle() = 0;
  virtual Result<uint64_t> DiskBytes() = 0;
  /// One row in a durable transaction of its own.
  virtual Status Insert(const TaskRow& row) = 0;
  /// A new status for tasks of running jobs, in one durable transaction.
  virtual Status UpdateStatus(std::span<const Key> tasks, std::string_view status) = 0;
  /// The process whose memory the store lives in; 0: this one.
  virtual int server_pid() const { return 0; }

  // Of every peer.

  /// Called before each measurement, outside the clock.
  virtual Status Prepare() { return {}; }
  /// Tasks that are DOING.
  virtual Result<Answer> CountStatus() = 0;
  /// The same tasks with TENANT_ID, JOB_ID, TASK_ID, SRC_DATABASE, SRC_TABLE, START_TIMESTAMP.
  /// Sum: the three numbers and the lengths of the two texts.
  virtual Result<Answer> ReadStatus() = 0;
  /// Every row, all columns, as the API gives them. Sum: lengths of the text columns.
  virtual Result<Answer> RenderAll() = 0;
  /// Tasks of one job that are FAILED.
  virtual Result<Answer> CountFailedOfJob(int64_t tenant_id, int64_t job_id) = 0;
  /// The task of a finished job, all columns. Sum: TASK_ID and the lengths of the text columns.
  virtual Result<Answer> PointRow(const Key& key) = 0;
  /// Tasks by TENANT_ID, JOB_ID, STATUS. Sum: of HashGroup of each group.
  virtual Result<Answer> CountGroups() = 0;
  /// All values of all rows. Sum: of RowHash of each row. Never timed.
  virtual Result<Answer> Fingerprint() = 0;
};

inline uint64_t HashGroup(int64_t tenant_id, int64_t job_id, std::string_view status,
                          int64_t count) {
  RowHash hash;
  hash.Add(tenant_id);
  hash.Add(job_id);
  hash.Add(status);
  hash.Add(count);
  return hash.value();
}

/// Where the peers live.
struct PeerOptions {
  std::string directory;  ///< for the files of all of them
  std::string mariadb_socket;
  int mariadb_pid = 0;
};

using Peers = std::vector<std::unique_ptr<Peer>>;

/// The ways into one system, the writing one first.
Peers MakeObviewsPeers(const PeerOptions& options);
Peers MakeSqlitePeers(const PeerOptions& options);
Peers MakeDuckDbPeers(const PeerOptions& options);
Peers MakeInnoDbPeers(const PeerOptions& options);
Peers MakeMyRocksPeers(const PeerOptions& options);

/// Bytes of the files below a directory whose names end so.
uint64_t FileBytes(const std::string& directory, std::string_view ending = "");

// The statements of the peers that speak SQL, whose one table is `tasks`.

/// "TENANT_ID,TASK_ID,..." in the order of the views.
std::string AllColumns();
/// "INSERT INTO tasks VALUES (?,?,...)".
std::string InsertStatement();
/// `types` gives the type of a column; NOT NULL and the primary key are added.
std::string CreateStatement(const std::function<std::string(const TaskColumn&)>& type);

inline constexpr std::string_view kCountStatusSql =
    "SELECT COUNT(*) FROM tasks WHERE STATUS = 'DOING'";
inline constexpr std::string_view kReadStatusSql =
    "SELECT TENANT_ID, JOB_ID, TASK_ID, SRC_DATABASE, SRC_TABLE, START_TIMESTAMP FROM tasks "
    "WHERE STATUS = 'DOING'";
inline constexpr std::string_view kGroupsSql =
    "SELECT TENANT_ID, JOB_ID, STATUS, COUNT(*) FROM tasks GROUP BY TENANT_ID, JOB_ID, STATUS";
inline constexpr std::string_view kCountFailedSql =
    "SELECT COUNT(*) FROM tasks WHERE TENANT_ID = ? AND JOB_ID = ? AND RESULT = 'FAILED'";
/// The same with the values in it.
std::string CountFailedSql(int64_t tenant_id, int64_t job_id);
inline constexpr std::string_view kUpdateSql =
    "UPDATE tasks SET STATUS = ? WHERE TENANT_ID = ? AND JOB_ID = ? AND TASK_ID = ?";
/// The select list is AllColumns().
inline constexpr std::string_view kPointCondition =
    " FROM tasks WHERE TENANT_ID = ? AND JOB_ID = ? AND TASK_ID = ?";

}  // namespace obviews::bench
