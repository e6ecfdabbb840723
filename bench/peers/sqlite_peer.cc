// SQLite as a peer: one WITHOUT ROWID table clustered by the primary key, write-ahead log, every
// commit synced, the database mapped into memory.
#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "bench/peers/peer.h"

namespace obviews::bench {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::string_view Text(sqlite3_stmt* statement, int column) {
  const unsigned char* text = sqlite3_column_text(statement, column);
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

/// Touches all columns of a row; the lengths of its texts.
uint64_t Touch(sqlite3_stmt* statement, int64_t* numbers) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < kTaskColumnCount; ++i) {
    int column = static_cast<int>(i);
    if (kTaskColumns[i].type == ColumnType::kText) {
      bytes += Text(statement, column).size();
    } else {
      *numbers ^= sqlite3_column_int64(statement, column);
    }
  }
  return bytes;
}

class SqlitePeer final : public Peer {
 public:
  explicit SqlitePeer(const PeerOptions& options) : directory_(options.directory + "/sqlite") {}
  ~SqlitePeer() override { CloseDatabase(); }
  SqlitePeer(const SqlitePeer&) = delete;
  SqlitePeer& operator=(const SqlitePeer&) = delete;

  std::string_view id() const override { return "sqlite"; }
  std::string_view title() const override { return "SQLite"; }
  std::string version() const override { return fmt::format("SQLite {}", sqlite3_libversion()); }

  Status Open(bool create) override {
    std::filesystem::create_directories(directory_);
    if (sqlite3_open((directory_ + "/tasks.db").c_str(), &db_) != SQLITE_OK) return Failure();
    OBVIEWS_RETURN_IF_ERROR(Run("PRAGMA journal_mode = WAL"));
    OBVIEWS_RETURN_IF_ERROR(Run("PRAGMA synchronous = FULL"));
    OBVIEWS_RETURN_IF_ERROR(Run("PRAGMA mmap_size = 2147418112"));
    OBVIEWS_RETURN_IF_ERROR(Run("PRAGMA cache_size = -262144"));
    if (create) {
      OBVIEWS_RETURN_IF_ERROR(Run(CreateStatement([](const TaskColumn& column) {
                                    return column.type == ColumnType::kText ? "TEXT" : "INTEGER";
                                  }) +
                                  " WITHOUT ROWID"));
    }
    for (auto& [statement, sql] :
         {std::pair{&count_status_, std::string(kCountStatusSql)},
          {&read_status_, std::string(kReadStatusSql)},
          {&groups_, std::string(kGroupsSql)},
          {&count_failed_, std::string(kCountFailedSql)},
          {&update_, std::string(kUpdateSql)},
          {&insert_, InsertStatement()},
          {&all_, "SELECT " + AllColumns() + " FROM tasks"},
          {&point_, "SELECT " + AllColumns() + std::string(kPointCondition)}}) {
      OBVIEWS_RETURN_IF_ERROR(MakeStatement(sql, statement));
    }
    return {};
  }

  Status Close() override {
    CloseDatabase();
    return {};
  }

  Result<double> BulkLoad(const RowRange& rows) override {
    Stopwatch watch;
    std::vector<TaskRow> chunk(kRowsPerChunk);
    for (int64_t n = rows.begin; n < rows.end;) {
      size_t filled = 0;
      while (filled < chunk.size() && n < rows.end) rows.data->Make(n++, &chunk[filled++]);
      watch.Start();
      OBVIEWS_RETURN_IF_ERROR(Run("BEGIN"));
      for (size_t i = 0; i < filled; ++i) OBVIEWS_RETURN_IF_ERROR(InsertRow(chunk[i]));
      OBVIEWS_RETURN_IF_ERROR(Run("COMMIT"));
      watch.Stop();
    }
    return watch.seconds();
  }

  Status Settle() override {
    OBVIEWS_RETURN_IF_ERROR(Run("ANALYZE"));
    return Run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  Result<uint64_t> DiskBytes() override { return FileBytes(directory_); }

  Status Insert(const TaskRow& row) override { return InsertRow(row); }

  Status UpdateStatus(std::span<const Key> tasks, std::string_view status) override {
    OBVIEWS_RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
    for (const Key& key : tasks) {
      Bind(update_.get(), 1, status);
      BindKey(update_.get(), 2, key);
      OBVIEWS_RETURN_IF_ERROR(Each(update_.get(), [] {}));
    }
    return Run("COMMIT");
  }

  Result<Answer> CountStatus() override { return Count(count_status_.get()); }

  Result<Answer> ReadStatus() override {
    Answer answer;
    sqlite3_stmt* row = read_status_.get();
    OBVIEWS_RETURN_IF_ERROR(Each(row, [&] {
      ++answer.rows;
      for (int i = 0; i < 3; ++i) {
        answer.sum += static_cast<uint64_t>(sqlite3_column_int64(row, i));
      }
      answer.sum += Text(row, 3).size() + Text(row, 4).size();
      numbers_ ^= sqlite3_column_int64(row, 5);
    }));
    return answer;
  }

  Result<Answer> RenderAll() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Each(all_.get(), [&] {
      ++answer.rows;
      answer.sum += Touch(all_.get(), &numbers_);
    }));
    return answer;
  }

  Result<Answer> CountFailedOfJob(int64_t tenant_id, int64_t job_id) override {
    sqlite3_bind_int64(count_failed_.get(), 1, tenant_id);
    sqlite3_bind_int64(count_failed_.get(), 2, job_id);
    return Count(count_failed_.get());
  }

  Result<Answer> PointRow(const Key& key) override {
    Answer answer;
    BindKey(point_.get(), 1, key);
    OBVIEWS_RETURN_IF_ERROR(Each(point_.get(), [&] {
      ++answer.rows;
      answer.sum += static_cast<uint64_t>(
          sqlite3_column_int64(point_.get(), static_cast<int>(ColumnAt("TASK_ID"))));
      answer.sum += Touch(point_.get(), &numbers_);
    }));
    return answer;
  }

  Result<Answer> CountGroups() override {
    Answer answer;
    sqlite3_stmt* row = groups_.get();
    OBVIEWS_RETURN_IF_ERROR(Each(row, [&] {
      ++answer.rows;
      answer.sum += HashGroup(sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                              Text(row, 2), sqlite3_column_int64(row, 3));
    }));
    return answer;
  }

  Result<Answer> Fingerprint() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Each(all_.get(), [&] {
      RowHash hash;
      for (size_t i = 0; i < kTaskColumnCount; ++i) {
        int column = static_cast<int>(i);
        if (sqlite3_column_type(all_.get(), column) == SQLITE_NULL) {
          hash.AddNull();
        } else if (kTaskColumns[i].type == ColumnType::kText) {
          hash.Add(Text(all_.get(), column));
        } else {
          hash.Add(sqlite3_column_int64(all_.get(), column));
        }
      }
      ++answer.rows;
      answer.sum += hash.value();
    }));
    return answer;
  }

 private:
  tl::unexpected<Error> Failure() {
    return Fail(ErrorCode::kInternal, fmt::format("SQLite: {}", sqlite3_errmsg(db_)));
  }

  Status Run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return Failure();
    return {};
  }

  Status MakeStatement(const std::string& sql, Statement* statement) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
        SQLITE_OK) {
      return Failure();
    }
    statement->reset(made);
    return {};
  }

  static void Bind(sqlite3_stmt* statement, int at, std::string_view text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  static void BindKey(sqlite3_stmt* statement, int at, const Key& key) {
    sqlite3_bind_int64(statement, at, key.tenant_id);
    sqlite3_bind_int64(statement, at + 1, key.job_id);
    sqlite3_bind_int64(statement, at + 2, key.task_id);
  }

  /// Runs a statement with what is bound to it.
  template <class Use>
  Status Each(sqlite3_stmt* statement, Use use) {
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) use();
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) return Failure();
    return {};
  }

  Result<Answer> Count(sqlite3_stmt* statement) {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Each(statement, [&] {
      answer.rows = static_cast<uint64_t>(sqlite3_column_int64(statement, 0));
    }));
    return answer;
  }

  Status InsertRow(const TaskRow& row) {
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      int at = static_cast<int>(i) + 1;
      if (row.nulls[i]) {
        sqlite3_bind_null(insert_.get(), at);
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        Bind(insert_.get(), at, row.texts[i]);
      } else {
        sqlite3_bind_int64(insert_.get(), at, row.numbers[i]);
      }
    }
    return Each(insert_.get(), [] {});
  }

  void CloseDatabase() {
    for (Statement* statement : {&count_status_, &read_status_, &groups_, &count_failed_, &update_,
                                 &insert_, &all_, &point_}) {
      statement->reset();
    }
    sqlite3_close(db_);
    db_ = nullptr;
  }

  std::string directory_;
  sqlite3* db_ = nullptr;
  Statement count_status_, read_status_, groups_, count_failed_, update_, insert_, all_, point_;
  int64_t numbers_ = 0;  // what was touched, so that touching is not optimised away
};

}  // namespace

Peers MakeSqlitePeers(const PeerOptions& options) {
  Peers peers;
  peers.push_back(std::make_unique<SqlitePeer>(options));
  return peers;
}

}  // namespace obviews::bench
