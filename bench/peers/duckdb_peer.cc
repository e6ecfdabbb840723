// DuckDB as a peer through its C library: one table with a primary key, default durability, with
// one thread and with two.
#include <duckdb.h>
#include <fmt/format.h>

#include <filesystem>

#include "bench/peers/peer.h"

namespace obviews::bench {
namespace {

tl::unexpected<Error> Failure(const char* message) {
  return Fail(ErrorCode::kInternal,
              fmt::format("DuckDB: {}", message == nullptr ? "failed" : message));
}

struct Statement {
  Statement() = default;
  ~Statement() { duckdb_destroy_prepare(&handle); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  duckdb_prepared_statement handle = nullptr;
};

/// A column of a chunk of a result.
class Vector {
 public:
  Vector(duckdb_data_chunk chunk, size_t column)
      : vector_(duckdb_data_chunk_get_vector(chunk, column)),
        data_(duckdb_vector_get_data(vector_)),
        validity_(duckdb_vector_get_validity(vector_)) {}

  bool IsNull(size_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }
  int64_t Number(size_t row) const { return static_cast<const int64_t*>(data_)[row]; }
  std::string_view Text(size_t row) const {
    auto& text = static_cast<duckdb_string_t*>(data_)[row];
    uint32_t length = text.value.inlined.length;
    const char* bytes = length <= sizeof text.value.inlined.inlined ? text.value.inlined.inlined
                                                                    : text.value.pointer.ptr;
    return {bytes, length};
  }

 private:
  duckdb_vector vector_;
  void* data_;
  uint64_t* validity_;
};

/// The database all peers read.
struct Shared {
  std::string directory;
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  std::unique_ptr<Statement> update, insert, point;

  Status Run(const std::string& sql) {
    duckdb_result result;
    bool ok = duckdb_query(connection, sql.c_str(), &result) == DuckDBSuccess;
    Status status;
    if (!ok) status = Failure(duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return status;
  }

  Status Prepare(const std::string& sql, std::unique_ptr<Statement>* statement) {
    *statement = std::make_unique<Statement>();
    if (duckdb_prepare(connection, sql.c_str(), &(*statement)->handle) != DuckDBSuccess) {
      return Failure(duckdb_prepare_error((*statement)->handle));
    }
    return {};
  }

  Status Open(bool create) {
    std::filesystem::create_directories(directory);
    char* error = nullptr;
    if (duckdb_open_ext((directory + "/tasks.duckdb").c_str(), &database, nullptr, &error) !=
            DuckDBSuccess ||
        duckdb_connect(database, &connection) != DuckDBSuccess) {
      auto failure = Failure(error);
      duckdb_free(error);
      return failure;
    }
    OBVIEWS_RETURN_IF_ERROR(Run("SET threads TO 1"));
    if (create) {
      OBVIEWS_RETURN_IF_ERROR(Run(CreateStatement([](const TaskColumn& column) {
        return column.type == ColumnType::kText ? "VARCHAR" : "BIGINT";
      })));
    }
    OBVIEWS_RETURN_IF_ERROR(
        Run("CREATE TEMP TABLE changed (TENANT_ID BIGINT, JOB_ID BIGINT, TASK_ID BIGINT)"));
    return PrepareAll();
  }

  /// The statements whose planning would be most of their cost. A plan is made from what the table
  /// holds then: one made on an empty table finds nothing in it later.
  Status PrepareAll() {
    OBVIEWS_RETURN_IF_ERROR(
        Prepare("UPDATE tasks SET STATUS = ? FROM changed c WHERE tasks.TENANT_ID = c.TENANT_ID "
                "AND tasks.JOB_ID = c.JOB_ID AND tasks.TASK_ID = c.TASK_ID",
                &update));
    OBVIEWS_RETURN_IF_ERROR(Prepare(InsertStatement(), &insert));
    return Prepare("SELECT " + AllColumns() + std::string(kPointCondition), &point);
  }

  void Close() {
    for (auto* statement : {&update, &insert, &point}) statement->reset();
    duckdb_disconnect(&connection);
    duckdb_close(&database);
  }
};

/// Rows appended to a table; flushed by Finish.
class Appender {
 public:
  Appender() = default;
  ~Appender() { duckdb_appender_destroy(&appender_); }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  Status Open(duckdb_connection connection, const char* table) {
    return Check(duckdb_appender_create(connection, nullptr, table, &appender_));
  }
  Status Append(const TaskRow& row) {
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      if (row.nulls[i]) {
        duckdb_append_null(appender_);
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        duckdb_append_varchar_length(appender_, row.texts[i].data(), row.texts[i].size());
      } else {
        duckdb_append_int64(appender_, row.numbers[i]);
      }
    }
    return Check(duckdb_appender_end_row(appender_));
  }
  Status Append(const Key& key) {
    duckdb_append_int64(appender_, key.tenant_id);
    duckdb_append_int64(appender_, key.job_id);
    duckdb_append_int64(appender_, key.task_id);
    return Check(duckdb_appender_end_row(appender_));
  }
  Status Finish() { return Check(duckdb_appender_close(appender_)); }

 private:
  Status Check(duckdb_state state) {
    if (state != DuckDBSuccess) return Failure(duckdb_appender_error(appender_));
    return {};
  }
  duckdb_appender appender_ = nullptr;
};

class DuckDbPeer final : public Peer {
 public:
  DuckDbPeer(std::shared_ptr<Shared> shared, int threads)
      : shared_(std::move(shared)), threads_(threads) {}
  ~DuckDbPeer() override {
    if (writes()) shared_->Close();
  }
  DuckDbPeer(const DuckDbPeer&) = delete;
  DuckDbPeer& operator=(const DuckDbPeer&) = delete;

  std::string_view id() const override { return threads_ == 1 ? "duckdb" : "duckdb-2"; }
  std::string_view title() const override {
    return threads_ == 1 ? "DuckDB 1 thr" : "DuckDB 2 thr";
  }
  std::string version() const override {
    return fmt::format("DuckDB {}", duckdb_library_version());
  }
  bool writes() const override { return threads_ == 1; }

  Status Open(bool create) override { return shared_->Open(create); }
  Status Close() override {
    shared_->Close();
    return {};
  }

  Result<double> BulkLoad(const RowRange& rows) override {
    Stopwatch watch;
    std::vector<TaskRow> chunk(kRowsPerChunk);
    Appender appender;
    OBVIEWS_RETURN_IF_ERROR(shared_->Run("BEGIN"));
    OBVIEWS_RETURN_IF_ERROR(appender.Open(shared_->connection, "tasks"));
    for (int64_t n = rows.begin; n < rows.end;) {
      size_t filled = 0;
      while (filled < chunk.size() && n < rows.end) rows.data->Make(n++, &chunk[filled++]);
      watch.Start();
      for (size_t i = 0; i < filled; ++i) OBVIEWS_RETURN_IF_ERROR(appender.Append(chunk[i]));
      watch.Stop();
    }
    watch.Start();
    OBVIEWS_RETURN_IF_ERROR(appender.Finish());
    OBVIEWS_RETURN_IF_ERROR(shared_->Run("COMMIT"));
    watch.Stop();
    return watch.seconds();
  }

  Status Settle() override {
    OBVIEWS_RETURN_IF_ERROR(shared_->Run("ANALYZE"));
    OBVIEWS_RETURN_IF_ERROR(shared_->Run("CHECKPOINT"));
    return shared_->PrepareAll();
  }

  Result<uint64_t> DiskBytes() override { return FileBytes(shared_->directory); }

  Status Insert(const TaskRow& row) override {
    duckdb_prepared_statement statement = shared_->insert->handle;
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      if (row.nulls[i]) {
        duckdb_bind_null(statement, i + 1);
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        duckdb_bind_varchar_length(statement, i + 1, row.texts[i].data(), row.texts[i].size());
      } else {
        duckdb_bind_int64(statement, i + 1, row.numbers[i]);
      }
    }
    return Each(statement, [](duckdb_data_chunk, size_t) {});
  }

  Status UpdateStatus(std::span<const Key> tasks, std::string_view status) override {
    // A join with the keys: a statement for each row is a hundred times slower.
    OBVIEWS_RETURN_IF_ERROR(shared_->Run("BEGIN"));
    Appender appender;
    OBVIEWS_RETURN_IF_ERROR(appender.Open(shared_->connection, "changed"));
    for (const Key& key : tasks) OBVIEWS_RETURN_IF_ERROR(appender.Append(key));
    OBVIEWS_RETURN_IF_ERROR(appender.Finish());
    duckdb_bind_varchar_length(shared_->update->handle, 1, status.data(), status.size());
    OBVIEWS_RETURN_IF_ERROR(Each(shared_->update->handle, [](duckdb_data_chunk, size_t) {}));
    OBVIEWS_RETURN_IF_ERROR(shared_->Run("DELETE FROM changed"));
    return shared_->Run("COMMIT");
  }

  Status Prepare() override { return shared_->Run(fmt::format("SET threads TO {}", threads_)); }

  Result<Answer> CountStatus() override { return Count(std::string(kCountStatusSql)); }

  Result<Answer> ReadStatus() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Plan(std::string(kReadStatusSql), [&](duckdb_data_chunk chunk, size_t rows) {
          answer.rows += rows;
          for (size_t column = 0; column < 6; ++column) {
            Vector vector(chunk, column);
            for (size_t row = 0; row < rows; ++row) {
              if (column < 3) answer.sum += static_cast<uint64_t>(vector.Number(row));
              if (column == 3 || column == 4) answer.sum += vector.Text(row).size();
              if (column == 5) numbers_ ^= vector.Number(row);
            }
          }
        }));
    return answer;
  }

  Result<Answer> RenderAll() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Plan(
        "SELECT " + AllColumns() + " FROM tasks",
        [&](duckdb_data_chunk chunk, size_t rows) {
          answer.rows += rows;
          answer.sum += Touch(chunk, rows);
        },
        true));
    return answer;
  }

  Result<Answer> CountFailedOfJob(int64_t tenant_id, int64_t job_id) override {
    return Count(CountFailedSql(tenant_id, job_id));
  }

  Result<Answer> PointRow(const Key& key) override {
    duckdb_prepared_statement statement = shared_->point->handle;
    duckdb_bind_int64(statement, 1, key.tenant_id);
    duckdb_bind_int64(statement, 2, key.job_id);
    duckdb_bind_int64(statement, 3, key.task_id);
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Each(statement, [&](duckdb_data_chunk chunk, size_t rows) {
      answer.rows += rows;
      answer.sum += static_cast<uint64_t>(Vector(chunk, ColumnAt("TASK_ID")).Number(0));
      answer.sum += Touch(chunk, rows);
    }));
    return answer;
  }

  Result<Answer> CountGroups() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Plan(std::string(kGroupsSql), [&](duckdb_data_chunk chunk, size_t rows) {
          answer.rows += rows;
          Vector tenant(chunk, 0), job(chunk, 1), status(chunk, 2), count(chunk, 3);
          for (size_t row = 0; row < rows; ++row) {
            answer.sum +=
                HashGroup(tenant.Number(row), job.Number(row), status.Text(row), count.Number(row));
          }
        }));
    return answer;
  }

  Result<Answer> Fingerprint() override {
    Answer answer;
    std::vector<RowHash> hashes;
    OBVIEWS_RETURN_IF_ERROR(Plan(
        "SELECT " + AllColumns() + " FROM tasks",
        [&](duckdb_data_chunk chunk, size_t rows) {
          hashes.assign(rows, {});
          for (size_t i = 0; i < kTaskColumnCount; ++i) {
            Vector vector(chunk, i);
            for (size_t row = 0; row < rows; ++row) {
              if (vector.IsNull(row)) {
                hashes[row].AddNull();
              } else if (kTaskColumns[i].type == ColumnType::kText) {
                hashes[row].Add(vector.Text(row));
              } else {
                hashes[row].Add(vector.Number(row));
              }
            }
          }
          answer.rows += rows;
          for (const RowHash& hash : hashes) answer.sum += hash.value();
        },
        true));
    return answer;
  }

 private:
  /// Touches all values of a chunk; the lengths of its texts.
  uint64_t Touch(duckdb_data_chunk chunk, size_t rows) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      Vector vector(chunk, i);
      if (kTaskColumns[i].type == ColumnType::kText) {
        for (size_t row = 0; row < rows; ++row) {
          if (!vector.IsNull(row)) bytes += vector.Text(row).size();
        }
      } else {
        for (size_t row = 0; row < rows; ++row) {
          if (!vector.IsNull(row)) numbers_ ^= vector.Number(row);
        }
      }
    }
    return bytes;
  }

  /// Runs a statement; `use` gets each chunk of its result. Streaming keeps a large result out of
  /// memory.
  template <class Use>
  Status Each(duckdb_prepared_statement statement, Use use, bool streaming = false) {
    duckdb_result result;
    duckdb_state state = streaming ? duckdb_execute_prepared_streaming(statement, &result)
                                   : duckdb_execute_prepared(statement, &result);
    if (state != DuckDBSuccess) {
      auto failure = Failure(duckdb_result_error(&result));
      duckdb_destroy_result(&result);
      return failure;
    }
    while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
      size_t rows = duckdb_data_chunk_get_size(chunk);
      if (rows > 0) use(chunk, rows);
      duckdb_destroy_data_chunk(&chunk);
      if (rows == 0) break;
    }
    duckdb_destroy_result(&result);
    return {};
  }

  /// Plans and runs a statement.
  template <class Use>
  Status Plan(const std::string& sql, Use use, bool streaming = false) {
    std::unique_ptr<Statement> statement;
    OBVIEWS_RETURN_IF_ERROR(shared_->Prepare(sql, &statement));
    return Each(statement->handle, use, streaming);
  }

  Result<Answer> Count(const std::string& sql) {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(Plan(sql, [&](duckdb_data_chunk chunk, size_t) {
      answer.rows = static_cast<uint64_t>(Vector(chunk, 0).Number(0));
    }));
    return answer;
  }

  std::shared_ptr<Shared> shared_;
  int threads_;
  int64_t numbers_ = 0;  // what was touched, so that touching is not optimised away
};

}  // namespace

Peers MakeDuckDbPeers(const PeerOptions& options) {
  auto shared = std::make_shared<Shared>();
  shared->directory = options.directory + "/duckdb";
  Peers peers;
  peers.push_back(std::make_unique<DuckDbPeer>(shared, 1));
  peers.push_back(std::make_unique<DuckDbPeer>(shared, 2));
  return peers;
}

}  // namespace obviews::bench
