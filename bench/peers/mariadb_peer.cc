// InnoDB and MyRocks as peers: one table each in the MariaDB server that bench/compare started,
// reached through a socket with the C client library.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "bench/peers/mariadb_client.h"
#include "bench/peers/peer.h"

namespace obviews::bench {
namespace {

/// Rows on their way into LOAD DATA, as lines of text made when the server asks for them.
struct Feed {
  RowRange rows;
  int64_t next = 0;
  TaskRow row;
  std::string line;
  size_t given = 0;

  void MakeLine() {
    rows.data->Make(next++, &row);
    line.clear();
    given = 0;
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      if (row.nulls[i]) {
        line += "\\N";
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        line += row.texts[i];
      } else {
        line += std::to_string(row.numbers[i]);
      }
      line += i + 1 < kTaskColumnCount ? '\t' : '\n';
    }
  }

  int Read(char* buffer, size_t size) {
    size_t filled = 0;
    while (filled < size) {
      if (given == line.size()) {
        if (next == rows.end) break;
        MakeLine();
      }
      size_t part = std::min(size - filled, line.size() - given);
      std::copy_n(line.data() + given, part, buffer + filled);
      filled += part;
      given += part;
    }
    return static_cast<int>(filled);
  }
};

class MariaDbPeer final : public Peer {
 public:
  MariaDbPeer(const PeerOptions& options, bool rocks) : options_(options), rocks_(rocks) {}
  ~MariaDbPeer() override { Disconnect(); }
  MariaDbPeer(const MariaDbPeer&) = delete;
  MariaDbPeer& operator=(const MariaDbPeer&) = delete;

  std::string_view id() const override { return rocks_ ? "myrocks" : "innodb"; }
  std::string_view title() const override { return rocks_ ? "MyRocks" : "InnoDB"; }
  std::string version() const override { return version_; }
  int server_pid() const override { return options_.mariadb_pid; }

  Status Open(bool create) override {
    OBVIEWS_RETURN_IF_ERROR(connection_.Open(options_.mariadb_socket));
    version_ = fmt::format("MariaDB {}", mysql_get_server_info(connection_.handle()));
    if (create) {
      OBVIEWS_RETURN_IF_ERROR(Run(fmt::format("CREATE DATABASE {}", id())));
    }
    OBVIEWS_RETURN_IF_ERROR(Run(fmt::format("USE {}", id())));
    if (create) {
      OBVIEWS_RETURN_IF_ERROR(
          Run(CreateStatement([](const TaskColumn& column) -> std::string {
                if (column.type != ColumnType::kText) return "BIGINT";
                if (column.name == "COMMENT") return "LONGTEXT";
                return "VARCHAR(128)";
              }) +
              fmt::format(" ENGINE={} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                          rocks_ ? "ROCKSDB" : "InnoDB")));
    }
    OBVIEWS_RETURN_IF_ERROR(insert_.Prepare(connection_.handle(), InsertStatement()));
    OBVIEWS_RETURN_IF_ERROR(update_.Prepare(connection_.handle(), std::string(kUpdateSql)));
    return PreparePoint();
  }

  Status Close() override {
    Disconnect();
    return {};
  }

  Result<double> BulkLoad(const RowRange& rows) override {
    Feed feed;
    feed.rows = rows;
    feed.next = rows.begin;
    mysql_set_local_infile_handler(connection_.handle(), &FeedInit, &FeedRead, &FeedEnd, &FeedError,
                                   &feed);
    // Both engines have a faster way into a table that is empty.
    bool empty = rows.begin == 0;
    Stopwatch watch;
    watch.Start();
    if (empty) {
      OBVIEWS_RETURN_IF_ERROR(Run(rocks_ ? "SET rocksdb_bulk_load = 1"
                                         : "SET unique_checks = 0, foreign_key_checks = 0"));
    }
    OBVIEWS_RETURN_IF_ERROR(Run("LOAD DATA LOCAL INFILE 'tasks' INTO TABLE tasks"));
    if (empty) {
      OBVIEWS_RETURN_IF_ERROR(Run(rocks_ ? "SET rocksdb_bulk_load = 0"
                                         : "SET unique_checks = 1, foreign_key_checks = 1"));
    }
    watch.Stop();
    return watch.seconds();
  }

  Status Settle() override {
    OBVIEWS_RETURN_IF_ERROR(Query("ANALYZE TABLE tasks", [](MYSQL_ROW, unsigned long*) {}));
    if (rocks_) {
      OBVIEWS_RETURN_IF_ERROR(Run("SET GLOBAL rocksdb_force_flush_memtable_now = 1"));
      return Run("SET GLOBAL rocksdb_compact_cf = 'default'");
    }
    OBVIEWS_RETURN_IF_ERROR(
        Run("SET GLOBAL innodb_max_dirty_pages_pct = 0, GLOBAL innodb_max_dirty_pages_pct_lwm = "
            "0"));
    for (int tenths = 0; tenths < 1200; ++tenths) {
      int64_t dirty = 0;
      OBVIEWS_RETURN_IF_ERROR(
          Query("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'",
                [&](MYSQL_ROW row, unsigned long*) { dirty = ToNumber(row[1]); }));
      if (dirty == 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return Run("SET GLOBAL innodb_max_dirty_pages_pct = 90");
  }

  Result<uint64_t> DiskBytes() override {
    std::string directory = options_.directory + "/mariadb/";
    return rocks_ ? FileBytes(directory + "#rocksdb", ".sst") : FileBytes(directory + "innodb");
  }

  Status Insert(const TaskRow& row) override {
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      if (row.nulls[i]) {
        insert_.BindNull(i);
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        insert_.Bind(i, row.texts[i]);
      } else {
        insert_.Bind(i, &row.numbers[i]);
      }
    }
    return insert_.Execute();
  }

  Status UpdateStatus(std::span<const Key> tasks, std::string_view status) override {
    // One round trip for all of them.
    std::vector<const char*> statuses(tasks.size(), status.data());
    std::vector<unsigned long> lengths(tasks.size(), status.size());
    std::vector<int64_t> keys[3];
    for (const Key& key : tasks) {
      keys[0].push_back(key.tenant_id);
      keys[1].push_back(key.job_id);
      keys[2].push_back(key.task_id);
    }
    unsigned count = static_cast<unsigned>(tasks.size());
    mysql_stmt_attr_set(update_.handle(), STMT_ATTR_ARRAY_SIZE, &count);
    update_.parameter(0) = {};
    update_.parameter(0).buffer_type = MYSQL_TYPE_STRING;
    update_.parameter(0).buffer = statuses.data();
    update_.parameter(0).length = lengths.data();
    for (size_t i = 0; i < 3; ++i) update_.Bind(i + 1, keys[i].data());
    OBVIEWS_RETURN_IF_ERROR(Run("BEGIN"));
    OBVIEWS_RETURN_IF_ERROR(update_.Execute());
    return Run("COMMIT");
  }

  Result<Answer> CountStatus() override { return Count(std::string(kCountStatusSql)); }

  Result<Answer> ReadStatus() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Query(std::string(kReadStatusSql), [&](MYSQL_ROW row, unsigned long* lengths) {
          ++answer.rows;
          for (int i = 0; i < 3; ++i) answer.sum += static_cast<uint64_t>(ToNumber(row[i]));
          answer.sum += lengths[3] + lengths[4];
        }));
    return answer;
  }

  Result<Answer> RenderAll() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Query("SELECT " + AllColumns() + " FROM tasks", [&](MYSQL_ROW, unsigned long* lengths) {
          ++answer.rows;
          for (size_t i = 0; i < kTaskColumnCount; ++i) {
            if (kTaskColumns[i].type == ColumnType::kText) answer.sum += lengths[i];
          }
        }));
    return answer;
  }

  Result<Answer> CountFailedOfJob(int64_t tenant_id, int64_t job_id) override {
    return Count(CountFailedSql(tenant_id, job_id));
  }

  Result<Answer> PointRow(const Key& key) override {
    point_.Bind(0, &key.tenant_id);
    point_.Bind(1, &key.job_id);
    point_.Bind(2, &key.task_id);
    OBVIEWS_RETURN_IF_ERROR(point_.Execute());
    Answer answer;
    while (true) {
      int code = mysql_stmt_fetch(point_.handle());
      if (code == MYSQL_NO_DATA) break;
      if (code != 0) return point_.Failure();
      ++answer.rows;
      answer.sum += static_cast<uint64_t>(point_row_.numbers[ColumnAt("TASK_ID")]);
      for (size_t i = 0; i < kTaskColumnCount; ++i) {
        if (kTaskColumns[i].type == ColumnType::kText && !point_nulls_[i]) {
          answer.sum += point_lengths_[i];
        }
      }
    }
    mysql_stmt_free_result(point_.handle());
    return answer;
  }

  Result<Answer> CountGroups() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Query(std::string(kGroupsSql), [&](MYSQL_ROW row, unsigned long* lengths) {
          ++answer.rows;
          answer.sum +=
              HashGroup(ToNumber(row[0]), ToNumber(row[1]), {row[2], lengths[2]}, ToNumber(row[3]));
        }));
    return answer;
  }

  Result<Answer> Fingerprint() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Query("SELECT " + AllColumns() + " FROM tasks", [&](MYSQL_ROW row, unsigned long* lengths) {
          RowHash hash;
          for (size_t i = 0; i < kTaskColumnCount; ++i) {
            if (row[i] == nullptr) {
              hash.AddNull();
            } else if (kTaskColumns[i].type == ColumnType::kText) {
              hash.Add(std::string_view(row[i], lengths[i]));
            } else {
              hash.Add(ToNumber(row[i]));
            }
          }
          ++answer.rows;
          answer.sum += hash.value();
        }));
    return answer;
  }

 private:
  static int FeedInit(void** state, const char* /*name*/, void* feed) {
    *state = feed;
    return 0;
  }
  static int FeedRead(void* state, char* buffer, unsigned size) {
    return static_cast<Feed*>(state)->Read(buffer, size);
  }
  static void FeedEnd(void* /*state*/) {}
  static int FeedError(void* /*state*/, char* message, unsigned size) {
    if (size > 0) *message = '\0';
    return 0;
  }

  Status Run(std::string_view sql) { return connection_.Run(sql); }
  template <class Use>
  Status Query(std::string_view sql, Use use) {
    return connection_.Query(sql, std::move(use));
  }

  Result<Answer> Count(std::string_view sql) {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Query(sql, [&](MYSQL_ROW row, unsigned long*) {
      answer.rows = static_cast<uint64_t>(ToNumber(row[0]));
    }));
    return answer;
  }

  Status PreparePoint() {
    OBVIEWS_RETURN_IF_ERROR(point_.Prepare(
        connection_.handle(), "SELECT " + AllColumns() + std::string(kPointCondition)));
    std::vector<MYSQL_BIND> columns(kTaskColumnCount);
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      columns[i].is_null = &point_nulls_[i];
      columns[i].length = &point_lengths_[i];
      if (kTaskColumns[i].type == ColumnType::kText) {
        point_row_.texts[i].resize(1024);
        columns[i].buffer_type = MYSQL_TYPE_STRING;
        columns[i].buffer = point_row_.texts[i].data();
        columns[i].buffer_length = point_row_.texts[i].size();
      } else {
        columns[i].buffer_type = MYSQL_TYPE_LONGLONG;
        columns[i].buffer = &point_row_.numbers[i];
      }
    }
    if (mysql_stmt_bind_result(point_.handle(), columns.data()) != 0) return point_.Failure();
    return {};
  }

  void Disconnect() {
    insert_.Reset();
    update_.Reset();
    point_.Reset();
    connection_.Close();
  }

  PeerOptions options_;
  bool rocks_;
  std::string version_;
  Connection connection_;
  Statement insert_, update_, point_;
  TaskRow point_row_;
  std::array<my_bool, kTaskColumnCount> point_nulls_ = {};
  std::array<unsigned long, kTaskColumnCount> point_lengths_ = {};
};

}  // namespace

Peers MakeInnoDbPeers(const PeerOptions& options) {
  Peers peers;
  peers.push_back(std::make_unique<MariaDbPeer>(options, false));
  return peers;
}

Peers MakeMyRocksPeers(const PeerOptions& options) {
  Peers peers;
  peers.push_back(std::make_unique<MariaDbPeer>(options, true));
  return peers;
}

}  // namespace obviews::bench
