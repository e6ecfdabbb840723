// obviews as a peer of the comparison: its C++ API, and SQL on top of the same store. Finished jobs
// are history records, running ones live records; every query asks both views.
#include <charconv>
#include <filesystem>
#include <unordered_map>

#include "bench/peers/peer.h"
#include "bench/task_store.h"
#include "engine/store.h"
#include "virtual_tables/row_batch.h"
#include "virtual_tables/sql/sql_session.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::bench {
namespace {

using engine::Store;
using schema::RecordKind;
using vtab::CompareOp;
using vtab::Predicate;

constexpr std::string_view kViews[] = {"CDB_OB_IMPORT_TABLE_TASK_HISTORY",
                                       "CDB_OB_IMPORT_TABLE_TASKS"};

/// The store both peers read.
struct Shared {
  std::string directory;
  std::unique_ptr<Store> store;
  std::unique_ptr<vtab::sql::SqlSession> sql;
  vtab::Session session;
  std::optional<vtab::RowLookup> lookup;  ///< keeps the store open

  Status Open(bool create, bool sync) {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = create;
    options.sync = sync;
    OBVIEWS_ASSIGN_OR_RETURN(store, Store::Open(directory, options));
    OBVIEWS_ASSIGN_OR_RETURN(sql, vtab::sql::SqlSession::Open(store.get(), session));
    return {};
  }
  Status Close() {
    lookup.reset();
    sql.reset();
    if (store == nullptr) return {};
    OBVIEWS_RETURN_IF_ERROR(store->Close());
    store.reset();
    return {};
  }
};

RecordKind KindOf(int64_t job_id) {
  return job_id < kRunningJob ? RecordKind::kImportTaskHistory : RecordKind::kImportTask;
}

int64_t Digits(std::string_view text, size_t at, size_t count) {
  int64_t number = 0;
  std::from_chars(text.data() + at, text.data() + at + count, number);
  return number;
}

/// Microseconds since the epoch of "2023-08-16 21:08:49.492389" in the session's zone, +08:00.
int64_t Microseconds(std::string_view text) {
  std::chrono::sys_days day(std::chrono::year(static_cast<int>(Digits(text, 0, 4))) /
                            std::chrono::month(static_cast<unsigned>(Digits(text, 5, 2))) /
                            std::chrono::day(static_cast<unsigned>(Digits(text, 8, 2))));
  int64_t seconds = int64_t{day.time_since_epoch().count()} * 86400 + Digits(text, 11, 2) * 3600 +
                    Digits(text, 14, 2) * 60 + Digits(text, 17, 2) - 8 * 3600;
  return seconds * 1'000'000 + Digits(text, 20, 6);
}

void Hash(const Value& value, size_t column, RowHash* hash) {
  if (value.is_null()) {
    hash->AddNull();
  } else if (kTaskColumns[column].type == ColumnType::kTime) {
    hash->Add(Microseconds(value.as_text()));
  } else if (kTaskColumns[column].type == ColumnType::kText) {
    hash->Add(value.as_text());
  } else {
    hash->Add(value.as_int());
  }
}

/// All columns of one row as text, one after the other in a buffer that is used again.
class Renderer {
 public:
  Renderer() : buffer_(size_t{1} << 16, '\0') {}

  void Clear() { end_ = buffer_.data(); }
  void Add(const Value& value) {
    if (value.kind() == Value::Kind::kInt) {
      end_ = std::to_chars(end_, buffer_.data() + buffer_.size(), value.as_int()).ptr;
    } else if (value.kind() == Value::Kind::kText) {
      end_ = std::copy_n(value.as_text().data(), value.as_text().size(), end_);
    }
    *end_++ = '\t';
  }

 private:
  std::string buffer_;
  char* end_ = nullptr;
};

void AddReadStatus(const Value* values, Answer* answer) {
  ++answer->rows;
  for (size_t i = 0; i < 3; ++i) answer->sum += static_cast<uint64_t>(values[i].as_int());
  answer->sum += values[3].as_text().size() + values[4].as_text().size();
}

/// The C++ API. With `use_counts`, what the store's counts of tasks answer is answered by them;
/// without, everything is read from the rows.
class ApiPeer final : public Peer {
 public:
  ApiPeer(std::shared_ptr<Shared> shared, bool use_counts)
      : shared_(std::move(shared)), use_counts_(use_counts) {}

  std::string_view id() const override { return use_counts_ ? "obviews" : "obviews-rows"; }
  std::string_view title() const override {
    return use_counts_ ? "obviews C++" : "obviews C++, no counts";
  }
  std::string version() const override { return ""; }
  bool writes() const override { return use_counts_; }

  Status Open(bool create) override { return shared_->Open(create, true); }
  Status Close() override { return shared_->Close(); }

  Result<double> BulkLoad(const RowRange& rows) override {
    OBVIEWS_RETURN_IF_ERROR(Close());
    OBVIEWS_RETURN_IF_ERROR(shared_->Open(false, false));
    Stopwatch watch;
    TaskRow row;
    for (int64_t n = rows.begin; n < rows.end;) {
      std::vector<schema::Record> records;
      for (int64_t end = std::min(n + kRowsPerChunk, rows.end); n < end; ++n) {
        rows.data->Make(n, &row);
        records.push_back(ToRecord(row, KindOf(row.job_id())));
      }
      watch.Start();
      engine::Batch batch;
      for (auto& record : records) batch.Put(std::move(record));
      OBVIEWS_RETURN_IF_ERROR(shared_->store->Commit(batch));
      watch.Stop();
    }
    watch.Start();
    OBVIEWS_RETURN_IF_ERROR(shared_->Close());
    watch.Stop();
    OBVIEWS_RETURN_IF_ERROR(shared_->Open(false, true));
    return watch.seconds();
  }

  Status Settle() override {
    OBVIEWS_RETURN_IF_ERROR(Close());
    return shared_->Open(false, true);
  }

  Result<uint64_t> DiskBytes() override { return FileBytes(shared_->directory); }

  Status Insert(const TaskRow& row) override {
    engine::Batch batch;
    batch.Put(ToRecord(row, KindOf(row.job_id())));
    OBVIEWS_RETURN_IF_ERROR(shared_->store->Commit(batch));
    return {};
  }

  Status UpdateStatus(std::span<const Key> tasks, std::string_view status) override {
    constexpr auto kStatus = schema::TaskFields::kStatus;
    engine::Batch batch;
    for (const Key& key : tasks) {
      batch.Update(RecordKind::kImportTask, key, {{kStatus, std::string(status)}});
    }
    OBVIEWS_RETURN_IF_ERROR(shared_->store->Commit(batch));
    return {};
  }

  /// As others prepare their statements.
  Status Prepare() override {
    shared_->lookup.reset();
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, shared_->store->TakeSnapshot());
    shared_->lookup.emplace(std::move(snapshot), shared_->session,
                            *shared_->session.FindView(kViews[0]));
    return {};
  }

  Result<Answer> CountStatus() override { return Count({{"STATUS", "DOING"}}); }

  Result<Answer> CountFailedOfJob(int64_t tenant_id, int64_t job_id) override {
    return Count({{"TENANT_ID", tenant_id}, {"JOB_ID", job_id}, {"RESULT", "FAILED"}});
  }

  Result<Answer> ReadStatus() override {
    static const std::vector<size_t> kColumns = {
        ColumnAt("TENANT_ID"),    ColumnAt("JOB_ID"),    ColumnAt("TASK_ID"),
        ColumnAt("SRC_DATABASE"), ColumnAt("SRC_TABLE"), ColumnAt("START_TIMESTAMP")};
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(ReadBatches({{"STATUS", "DOING"}}, kColumns, [&](auto& rows) {
      auto columns = rows.columns();
      answer.rows += rows.rows();
      for (size_t row = 0; row < rows.rows(); ++row) {
        for (size_t i = 0; i < 3; ++i) answer.sum += ToNumber(columns[i].at(row));
        answer.sum += columns[3].at(row).size() + columns[4].at(row).size();
      }
    }));
    return answer;
  }

  Result<Answer> RenderAll() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(ReadBatches({}, std::nullopt, [&](auto& rows) {
      auto columns = rows.columns();
      answer.rows += rows.rows();
      for (size_t row = 0; row < rows.rows(); ++row) {
        for (size_t i = 0; i < kTaskColumnCount; ++i) {
          size_t size = columns[i].at(row).size();
          touched_ += size;
          if (kTaskColumns[i].type == ColumnType::kText) answer.sum += size;
        }
      }
    }));
    return answer;
  }

  Result<Answer> PointRow(const Key& key) override {
    Answer answer;
    OBVIEWS_ASSIGN_OR_RETURN(bool found, shared_->lookup->Find(key));
    if (!found) return answer;
    ++answer.rows;
    answer.sum = static_cast<uint64_t>(key.task_id);
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      OBVIEWS_ASSIGN_OR_RETURN(Value value, shared_->lookup->Column(i));
      if (kTaskColumns[i].type == ColumnType::kText) answer.sum += value.as_text().size();
    }
    return answer;
  }

  Result<Answer> CountGroups() override {
    return use_counts_ ? CountKeptGroups() : CountGroupsOfRows();
  }

  Result<Answer> Fingerprint() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(ScanAll({}, [&](auto& cursor) -> Status {
      RowHash hash;
      for (size_t i = 0; i < kTaskColumnCount; ++i) {
        OBVIEWS_ASSIGN_OR_RETURN(Value value, cursor.Column(i));
        Hash(value, i, &hash);
      }
      ++answer.rows;
      answer.sum += hash.value();
      return {};
    }));
    return answer;
  }

 private:
  using Equalities = std::vector<std::pair<std::string_view, vtab::Literal>>;

  template <class Use>
  Status Scan(std::string_view name, const Equalities& equalities, Use use) {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, shared_->store->TakeSnapshot());
    vtab::ViewCursor cursor(std::move(snapshot), shared_->session, Request(name, equalities));
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor.Next());
      if (!more) return {};
      OBVIEWS_RETURN_IF_ERROR(use(cursor));
    }
  }

  template <class Use>
  Status ScanAll(const Equalities& equalities, Use use) {
    for (std::string_view view : kViews) OBVIEWS_RETURN_IF_ERROR(Scan(view, equalities, use));
    return {};
  }

  vtab::ScanRequest Request(std::string_view name, const Equalities& equalities) const {
    vtab::ScanRequest request;
    request.view = shared_->session.FindView(name);
    std::vector<Predicate> terms;
    terms.reserve(equalities.size());
    for (const auto& [column, literal] : equalities) {
      terms.push_back(
          Predicate::Compare(request.view->FindColumn(column), CompareOp::kEq, literal));
    }
    request.predicate = Predicate::And(std::move(terms));
    return request;
  }

  template <class Use>
  Status ReadBatches(const Equalities& equalities, std::optional<std::vector<size_t>> columns,
                     Use use) {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, shared_->store->TakeSnapshot());
    for (std::string_view view : kViews) {
      vtab::ScanRequest request = Request(view, equalities);
      request.columns = columns;
      vtab::BatchCursor rows(snapshot, shared_->session, std::move(request));
      while (true) {
        OBVIEWS_ASSIGN_OR_RETURN(bool more, rows.Next());
        if (!more) break;
        use(rows);
      }
    }
    return {};
  }

  static uint64_t ToNumber(std::string_view text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  Result<Answer> Count(const Equalities& equalities) {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, shared_->store->TakeSnapshot());
    Answer answer;
    for (std::string_view view : kViews) {
      vtab::ScanRequest request = Request(view, equalities);
      request.columns = std::vector<size_t>();
      if (use_counts_) {
        OBVIEWS_ASSIGN_OR_RETURN(uint64_t count,
                                 vtab::CountRows(snapshot, shared_->session, request));
        answer.rows += count;
      } else {
        vtab::ViewCursor cursor(snapshot, shared_->session, std::move(request));
        OBVIEWS_ASSIGN_OR_RETURN(uint64_t count, cursor.CountRest());
        answer.rows += count;
      }
    }
    return answer;
  }

  using StatusCounts = std::unordered_map<std::string, int64_t>;
  static void AddGroups(int64_t tenant_id, int64_t job_id, const StatusCounts& counts,
                        Answer* answer) {
    answer->rows += counts.size();
    for (const auto& [status, count] : counts) {
      answer->sum += HashGroup(tenant_id, job_id, status, count);
    }
  }

  Result<Answer> CountKeptGroups() {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, shared_->store->TakeSnapshot());
    Answer answer;
    auto jobs = snapshot->ScanGroups({}, false);
    StatusCounts counts;
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, jobs->Next());
      if (!more) return answer;
      counts.clear();
      for (const auto& group : jobs->groups()) {
        counts[group.status] += static_cast<int64_t>(group.count);
      }
      AddGroups(jobs->tenant_id(), jobs->job_id(), counts, &answer);
    }
  }

  Result<Answer> CountGroupsOfRows() {
    // Rows come in key order: the groups of one job are complete when the next job begins. A batch
    // has rows of one job or shows where the next begins.
    static const std::vector<size_t> kColumns = {ColumnAt("TENANT_ID"), ColumnAt("JOB_ID"),
                                                 ColumnAt("STATUS")};
    Answer answer;
    uint64_t tenant_id = 0;
    uint64_t job_id = 0;
    StatusCounts counts;
    auto finish_job = [&] {
      AddGroups(static_cast<int64_t>(tenant_id), static_cast<int64_t>(job_id), counts, &answer);
      counts.clear();
    };
    OBVIEWS_RETURN_IF_ERROR(ReadBatches({}, kColumns, [&](auto& rows) {
      auto columns = rows.columns();
      for (size_t row = 0; row < rows.rows(); ++row) {
        uint64_t tenant = ToNumber(columns[0].at(row));
        uint64_t job = ToNumber(columns[1].at(row));
        if (tenant != tenant_id || job != job_id) finish_job();
        tenant_id = tenant;
        job_id = job;
        ++counts[std::string(columns[2].at(row))];
      }
    }));
    finish_job();
    return answer;
  }

  std::shared_ptr<Shared> shared_;
  bool use_counts_;
  uint64_t touched_ = 0;  ///< bytes shown, so that showing them cannot be left out
};

/// Rows of a statement go to a function.
template <class Use>
class Receiver final : public vtab::sql::RowReceiver {
 public:
  explicit Receiver(Use use) : use_(std::move(use)) {}
  Status Begin(std::span<const vtab::sql::ResultColumn> /*columns*/) override { return {}; }
  Status Row(std::span<const Value> values) override {
    use_(values);
    return {};
  }

 private:
  Use use_;
};

class SqlPeer final : public Peer {
 public:
  explicit SqlPeer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::string_view id() const override { return "obviews-sql"; }
  std::string_view title() const override { return "obviews SQL"; }
  std::string version() const override { return ""; }
  bool writes() const override { return false; }

  Status Open(bool /*create*/) override { return {}; }
  Status Close() override { return {}; }
  Result<double> BulkLoad(const RowRange& /*rows*/) override { return NoWriter(); }
  Status Settle() override { return {}; }
  Result<uint64_t> DiskBytes() override { return NoWriter(); }
  Status Insert(const TaskRow& /*row*/) override { return NoWriter(); }
  Status UpdateStatus(std::span<const Key> /*tasks*/, std::string_view /*status*/) override {
    return NoWriter();
  }

  Result<Answer> CountStatus() override { return Count("STATUS = 'DOING'"); }

  Result<Answer> ReadStatus() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        RunAll("SELECT TENANT_ID, JOB_ID, TASK_ID, SRC_DATABASE, SRC_TABLE, START_TIMESTAMP",
               "WHERE STATUS = 'DOING'",
               [&](std::span<const Value> row) { AddReadStatus(row.data(), &answer); }));
    return answer;
  }

  Result<Answer> RenderAll() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(RunAll("SELECT *", "", [&](auto row) { Render(row, &answer); }));
    return answer;
  }

  Result<Answer> CountFailedOfJob(int64_t tenant_id, int64_t job_id) override {
    return Count(
        fmt::format("TENANT_ID = {} AND JOB_ID = {} AND RESULT = 'FAILED'", tenant_id, job_id));
  }

  Result<Answer> PointRow(const Key& key) override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        Run(fmt::format("SELECT * FROM {} WHERE TENANT_ID = {} AND JOB_ID = {} AND TASK_ID = {}",
                        kViews[0], key.tenant_id, key.job_id, key.task_id),
            [&](std::span<const Value> row) {
              answer.sum += static_cast<uint64_t>(key.task_id);
              Render(row, &answer);
            }));
    return answer;
  }

  Result<Answer> CountGroups() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        RunAll("SELECT TENANT_ID, JOB_ID, STATUS, COUNT(*)", "GROUP BY TENANT_ID, JOB_ID, STATUS",
               [&](std::span<const Value> row) {
                 ++answer.rows;
                 answer.sum +=
                     HashGroup(row[0].as_int(), row[1].as_int(), row[2].as_text(), row[3].as_int());
               }));
    return answer;
  }

  Result<Answer> Fingerprint() override {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(RunAll("SELECT *", "", [&](std::span<const Value> row) {
      RowHash hash;
      for (size_t i = 0; i < kTaskColumnCount; ++i) Hash(row[i], i, &hash);
      ++answer.rows;
      answer.sum += hash.value();
    }));
    return answer;
  }

 private:
  static tl::unexpected<Error> NoWriter() {
    return Fail(ErrorCode::kInternal, "SQL does not write");
  }

  template <class Use>
  Status Run(std::string text, Use use) {
    vtab::sql::SplitStatement statement;
    statement.text = std::move(text);
    Receiver receiver(std::move(use));
    OBVIEWS_RETURN_IF_ERROR(shared_->sql->Execute(statement, receiver));
    return {};
  }

  template <class Use>
  Status RunAll(std::string_view select, std::string_view rest, Use use) {
    for (std::string_view view : kViews) {
      OBVIEWS_RETURN_IF_ERROR(Run(fmt::format("{} FROM {} {}", select, view, rest), use));
    }
    return {};
  }

  Result<Answer> Count(std::string_view condition) {
    Answer answer;
    OBVIEWS_RETURN_IF_ERROR(
        RunAll("SELECT COUNT(*)", fmt::format("WHERE {}", condition),
               [&](auto row) { answer.rows += static_cast<uint64_t>(row[0].as_int()); }));
    return answer;
  }

  void Render(std::span<const Value> row, Answer* answer) {
    renderer_.Clear();
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      renderer_.Add(row[i]);
      if (kTaskColumns[i].type == ColumnType::kText) answer->sum += row[i].as_text().size();
    }
    ++answer->rows;
  }

  std::shared_ptr<Shared> shared_;
  Renderer renderer_;
};

}  // namespace

Peers MakeObviewsPeers(const PeerOptions& options) {
  auto shared = std::make_shared<Shared>();
  shared->directory = options.directory + "/obviews";
  Peers peers;
  peers.push_back(std::make_unique<ApiPeer>(shared, true));
  peers.push_back(std::make_unique<ApiPeer>(shared, false));
  peers.push_back(std::make_unique<SqlPeer>(shared));
  return peers;
}

}  // namespace obviews::bench
