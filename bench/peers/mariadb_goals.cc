// Measures the views in a MariaDB server beside InnoDB tables of the same rows, against goals.
// Started by bench/mariadb.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "bench/peers/awake.h"
#include "bench/peers/mariadb_client.h"
#include "bench/peers/peer.h"
#include "bench/peers/process.h"

namespace obviews::bench {
namespace {

constexpr double kMilli = 1e3;
constexpr double kMicro = 1e6;
/// Inserts whose median is a round's figure.
constexpr int64_t kInsertsARound = 100;
constexpr size_t kKeys = 4096;

/// A schema with the view of finished jobs' tasks, that of running ones' and a base table, or
/// copies of them. All have the same names, which are part of every answer, and are asked the same
/// statements.
struct Contestant {
  std::string id;
  std::string title;
  std::string schema;
  std::string index;  ///< beside the primary key of a copy
  bool has_base = false;

  std::string history() const { return schema + ".CDB_OB_IMPORT_TABLE_TASK_HISTORY"; }
  std::string live() const { return schema + ".CDB_OB_IMPORT_TABLE_TASKS"; }
  std::string base() const { return schema + ".__all_import_table_task"; }
};

const std::vector<Contestant>& Contestants() {
  static const std::vector<Contestant> contestants = {
      {"obviews", "obviews", "oceanbase", "", true},
      {"innodb", "InnoDB", "copyplain", "", true},
      {"innodb-indexed", "InnoDB, index on STATUS", "copykeyed", ", KEY (STATUS)", false},
  };
  return contestants;
}

/// What is to be reached: obviews at least `factor` times as fast as another.
struct Goal {
  std::string query;
  std::string than;
  double factor = 1;
};

const std::vector<Goal>& Goals() {
  static const std::vector<Goal> goals = {
      {"count", "innodb", 5}, {"count", "innodb-indexed", 1}, {"all", "innodb", 1.3},
      {"point", "innodb", 1}, {"failed", "innodb", 3},        {"insert", "innodb", 1},
  };
  return goals;
}

struct Query {
  std::string id;
  std::string title;
  std::string unit;
  double scale = 1;
};

const std::vector<Query>& Queries() {
  static const std::vector<Query> queries = {
      {"count", "COUNT(*) WHERE STATUS = 'DOING'", "ms", kMilli},
      {"all", "SELECT * of everything", "ms", kMilli},
      {"point", "one row by its key, prepared", "µs", kMicro},
      {"failed", "failed tasks of one job", "µs", kMicro},
      {"insert", "one durable INSERT", "µs", kMicro},
  };
  return queries;
}

/// Where a prepared statement puts a row, all of it as text.
struct ShownRow {
  ShownRow() {
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      binds[i].buffer_type = MYSQL_TYPE_STRING;
      binds[i].buffer = texts[i].data();
      binds[i].buffer_length = texts[i].size();
      binds[i].length = &lengths[i];
      binds[i].is_null = &nulls[i];
    }
  }
  ShownRow(const ShownRow&) = delete;
  ShownRow& operator=(const ShownRow&) = delete;

  std::array<std::array<char, 1024>, kTaskColumnCount> texts = {};
  std::array<unsigned long, kTaskColumnCount> lengths = {};
  std::array<my_bool, kTaskColumnCount> nulls = {};
  std::array<MYSQL_BIND, kTaskColumnCount> binds = {};
};

/// One run against a server that shows a store made by MakeStore.
class GoalRun {
 public:
  /// `only`: the queries that are timed; none: all.
  GoalRun(TaskData data, int rounds, std::vector<std::string> only)
      : data_(data), rounds_(rounds), only_(std::move(only)) {}

  /// Errors: a statement failed, or answers differ.
  Status Run(const std::string& socket) {
    OBVIEWS_RETURN_IF_ERROR(connection_.Open(socket));
    OBVIEWS_RETURN_IF_ERROR(MakeCopies());
    OBVIEWS_RETURN_IF_ERROR(PreparePoints());
    OBVIEWS_RETURN_IF_ERROR(CheckAnswers());
    std::cerr << "answers are equal\n";
    AwakeProcessors awake;
    for (const Query& query : Queries()) {
      bool wanted = only_.empty() || std::find(only_.begin(), only_.end(), query.id) != only_.end();
      if (!wanted) continue;
      OBVIEWS_RETURN_IF_ERROR(query.id == "insert" ? TimeInserts() : Time(query));
    }
    return {};
  }

  bool Reached() const {
    return std::all_of(Goals().begin(), Goals().end(), [&](const Goal& goal) {
      auto ratio = RatioOf(goal);
      return !ratio || *ratio >= goal.factor;
    });
  }

  void Print(double disturbance) const {
    std::cout << fmt::format("{:<34}{:>12}{:>12}{:>26}\n", "", "obviews", "InnoDB",
                             "InnoDB, index on STATUS");
    for (const Query& query : Queries()) {
      std::cout << fmt::format("{:<34}", query.title + ", " + query.unit);
      for (const Contestant& contestant : Contestants()) {
        auto median = MedianOf(query.id, contestant.id);
        std::string text = median ? fmt::format("{:.1f}", *median * query.scale) : "-";
        std::cout << fmt::format("{:>{}}", text, contestant.id == "innodb-indexed" ? 26 : 12);
      }
      std::cout << '\n';
    }
    std::cout << '\n';
    for (const Goal& goal : Goals()) {
      auto ratio = RatioOf(goal);
      std::string_view verdict = !ratio ? "not measured" : *ratio >= goal.factor ? "ok" : "MISSED";
      std::cout << fmt::format("{:<8} {:>6.2f} x as fast as {:<15} goal {:.1f}: {}\n", goal.query,
                               ratio.value_or(0), goal.than, goal.factor, verdict);
    }
    std::cout << fmt::format(
        "{} and {} rows, medians of {} rounds; other programs kept {:.2f} "
        "processors busy\n",
        data_.history(), data_.live(), rounds_, disturbance);
  }

  nlohmann::json ToJson(double disturbance) const {
    nlohmann::json out = {
        {"rows", data_.history()},    {"live_rows", data_.live()},
        {"rounds", rounds_},          {"version", mysql_get_server_info(connection_.handle())},
        {"disturbance", disturbance}, {"reached", Reached()}};
    for (const Query& query : Queries()) {
      nlohmann::json results = nlohmann::json::object();
      for (const Contestant& contestant : Contestants()) {
        auto found = measured_.find({query.id, contestant.id});
        if (found == measured_.end()) continue;
        std::vector<double> values;
        for (double seconds : found->second) values.push_back(seconds * query.scale);
        results[contestant.id] = {{"median", Median(values)}, {"rounds", values}};
      }
      out["queries"].push_back(
          {{"id", query.id}, {"title", query.title}, {"unit", query.unit}, {"results", results}});
    }
    for (const Goal& goal : Goals()) {
      auto ratio = RatioOf(goal);
      out["goals"].push_back({{"query", goal.query}, {"than", goal.than}, {"factor", goal.factor}});
      if (ratio) out["goals"].back()["ratio"] = *ratio;
    }
    return out;
  }

 private:
  /// Tables of the server's own with the rows of the views.
  Status MakeCopies() {
    const Contestant& views = Contestants()[0];
    OBVIEWS_RETURN_IF_ERROR(connection_.Query(
        fmt::format("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{}' AND "
                    "table_name = '__all_import_table_task'",
                    views.schema),
        [&](MYSQL_ROW row, unsigned long*) { has_base_ = ToNumber(row[0]) != 0; }));
    for (const Contestant& copy : Contestants()) {
      if (&copy == &views) continue;
      OBVIEWS_RETURN_IF_ERROR(connection_.Run("CREATE DATABASE IF NOT EXISTS " + copy.schema));
      std::string key = "PRIMARY KEY (tenant_id, job_id, task_id)" + copy.index;
      OBVIEWS_RETURN_IF_ERROR(MakeCopy(copy.history(), key, views.history()));
      OBVIEWS_RETURN_IF_ERROR(MakeCopy(copy.live(), key, views.live()));
      if (has_base_ && copy.has_base) {
        OBVIEWS_RETURN_IF_ERROR(MakeCopy(copy.base(), key, views.base()));
      }
    }
    return {};
  }

  Status MakeCopy(const std::string& table, const std::string& key, const std::string& from) {
    OBVIEWS_RETURN_IF_ERROR(connection_.Run(fmt::format(
        "CREATE TABLE IF NOT EXISTS {} ({}) ENGINE=InnoDB SELECT * FROM {}", table, key, from)));
    std::cerr << "made   " << table << '\n';
    return connection_.Query("ANALYZE TABLE " + table, [](MYSQL_ROW, unsigned long*) {});
  }

  Status Ask(const std::string& statement) {
    uint64_t seen = 0;
    return connection_.Query(statement, [&](MYSQL_ROW row, unsigned long* lengths) {
      seen += lengths[0] + static_cast<unsigned char>(row[0][0]);
    });
  }

  /// Everything a query gives, whatever the order.
  Result<Answer> Fingerprint(const Contestant& contestant, const std::string& condition) {
    Answer answer;
    for (const std::string& table : {contestant.history(), contestant.live()}) {
      OBVIEWS_RETURN_IF_ERROR(
          connection_.Query(fmt::format("SELECT * FROM {} {}", table, condition),
                            [&](MYSQL_ROW row, unsigned long* lengths) {
                              RowHash hash;
                              for (size_t i = 0; i < kTaskColumnCount; ++i) {
                                if (row[i] == nullptr) {
                                  hash.AddNull();
                                } else {
                                  hash.Add(std::string_view(row[i], lengths[i]));
                                }
                              }
                              ++answer.rows;
                              answer.sum += hash.value();
                            }));
    }
    return answer;
  }

  Result<int64_t> CountDoing(const Contestant& contestant) {
    int64_t count = 0;
    for (const std::string& table : {contestant.history(), contestant.live()}) {
      OBVIEWS_RETURN_IF_ERROR(
          connection_.Query(fmt::format("SELECT COUNT(*) FROM {} WHERE STATUS = 'DOING'", table),
                            [&](MYSQL_ROW row, unsigned long*) { count += ToNumber(row[0]); }));
    }
    return count;
  }

  static std::string Failed() {
    return "WHERE TENANT_ID = 1006 AND JOB_ID = 20 AND RESULT = 'FAILED'";
  }

  Status PreparePoints() {
    std::mt19937_64 random(1);
    TaskRow row;
    for (size_t i = 0; i < kKeys; ++i) {
      data_.Make(static_cast<int64_t>(random() % static_cast<uint64_t>(data_.history())), &row);
      keys_.push_back({row.tenant_id(), row.job_id(), row.task_id()});
    }
    for (const Contestant& contestant : Contestants()) {
      OBVIEWS_RETURN_IF_ERROR(points_[contestant.id].Prepare(
          connection_.handle(),
          fmt::format("SELECT {} FROM {} WHERE TENANT_ID = ? AND JOB_ID = ? AND TASK_ID = ?",
                      AllColumns(), contestant.history())));
      Statement& point = points_[contestant.id];
      if (mysql_stmt_bind_result(point.handle(), shown_.binds.data()) != 0) return point.Failure();
    }
    return {};
  }

  Result<Answer> PointRow(const Contestant& contestant, const Key& key) {
    Statement& point = points_[contestant.id];
    point.Bind(0, &key.tenant_id);
    point.Bind(1, &key.job_id);
    point.Bind(2, &key.task_id);
    OBVIEWS_RETURN_IF_ERROR(point.Execute());
    Answer answer;
    while (true) {
      int code = mysql_stmt_fetch(point.handle());
      if (code == MYSQL_NO_DATA) break;
      if (code != 0) return point.Failure();
      ++answer.rows;
      for (size_t i = 0; i < kTaskColumnCount; ++i) {
        answer.sum = answer.sum * 31 + (shown_.nulls[i] != 0 ? 7 : shown_.lengths[i]);
      }
    }
    mysql_stmt_free_result(point.handle());
    return answer;
  }

  Status CheckAnswers() {
    const Contestant& first = Contestants()[0];
    OBVIEWS_ASSIGN_OR_RETURN(int64_t count, CountDoing(first));
    OBVIEWS_ASSIGN_OR_RETURN(Answer all, Fingerprint(first, ""));
    OBVIEWS_ASSIGN_OR_RETURN(Answer failed, Fingerprint(first, Failed()));
    if (all.rows != static_cast<uint64_t>(data_.rows()) || count == 0 || failed.rows == 0) {
      return Fail(ErrorCode::kInternal, "the store does not hold the rows it was given");
    }
    for (const Contestant& other : Contestants()) {
      OBVIEWS_ASSIGN_OR_RETURN(int64_t its_count, CountDoing(other));
      OBVIEWS_ASSIGN_OR_RETURN(Answer its_all, Fingerprint(other, ""));
      OBVIEWS_ASSIGN_OR_RETURN(Answer its_failed, Fingerprint(other, Failed()));
      bool points_equal = true;
      for (size_t i = 0; i < 50; ++i) {
        OBVIEWS_ASSIGN_OR_RETURN(Answer point, PointRow(first, keys_[i]));
        OBVIEWS_ASSIGN_OR_RETURN(Answer its_point, PointRow(other, keys_[i]));
        points_equal = points_equal && point == its_point && point.rows == 1;
      }
      if (count != its_count || all != its_all || failed != its_failed || !points_equal) {
        return Fail(ErrorCode::kInternal, fmt::format("answers differ: {}", other.title));
      }
    }
    return {};
  }

  Status AskTimed(const Contestant& contestant, const std::string& query, size_t n) {
    if (query == "count") {
      OBVIEWS_RETURN_IF_ERROR(CountDoing(contestant));
    } else if (query == "all") {
      OBVIEWS_RETURN_IF_ERROR(Ask("SELECT * FROM " + contestant.history()));
      OBVIEWS_RETURN_IF_ERROR(Ask("SELECT * FROM " + contestant.live()));
    } else if (query == "point") {
      OBVIEWS_RETURN_IF_ERROR(PointRow(contestant, keys_[n % keys_.size()]));
    } else {
      OBVIEWS_RETURN_IF_ERROR(
          Ask(fmt::format("SELECT TASK_ID, SRC_DATABASE, SRC_TABLE, COMMENT FROM {} {}",
                          contestant.history(), Failed())));
    }
    return {};
  }

  Status Time(const Query& query) {
    const auto& all = Contestants();
    for (int round = -1; round < rounds_; ++round) {
      for (size_t turn = 0; turn < all.size(); ++turn) {
        // Who comes first changes. The first round only warms.
        const Contestant& contestant = all[(turn + static_cast<size_t>(round + 1)) % all.size()];
        size_t n = 0;
        OBVIEWS_ASSIGN_OR_RETURN(
            double seconds, TypicalSeconds([&] { return AskTimed(contestant, query.id, n++); }));
        if (round >= 0) measured_[{query.id, contestant.id}].push_back(seconds);
      }
    }
    std::cerr << "timed  " << query.id << '\n';
    return {};
  }

  Status TimeInserts() {
    if (!has_base_) return {};
    std::string fields;
    std::string marks;
    for (const TaskColumn& column : kTaskColumns) {
      fields += fmt::format("{}`{}`", fields.empty() ? "" : ",", column.field);
      marks += marks.empty() ? "?" : ",?";
    }
    // What the views do not show and has no default.
    for (std::string_view field :
         {"total_bytes", "total_rows", "imported_bytes", "imported_rows", "total_trigger_count",
          "imported_trigger_count", "failed_trigger_count"}) {
      fields += fmt::format(",`{}`", field);
      marks += ",0";
    }
    int64_t next = data_.rows();
    for (int round = 0; round < rounds_; ++round) {
      for (const Contestant& contestant : Contestants()) {
        if (!contestant.has_base) continue;
        Statement insert;
        OBVIEWS_RETURN_IF_ERROR(insert.Prepare(
            connection_.handle(),
            fmt::format("INSERT INTO {} ({}) VALUES ({})", contestant.base(), fields, marks)));
        std::vector<double> times;
        for (int64_t i = 0; i < kInsertsARound; ++i) {
          TaskRow row;
          data_.Make(next + i, &row);
          BindRow(row, insert);
          Status inserted;
          times.push_back(Seconds([&] { inserted = insert.Execute(); }));
          OBVIEWS_RETURN_IF_ERROR(inserted);
        }
        measured_[{"insert", contestant.id}].push_back(Median(std::move(times)));
      }
      next += kInsertsARound;
    }
    std::cerr << "timed  insert\n";
    return {};
  }

  static void BindRow(const TaskRow& row, Statement& insert) {
    static constexpr int64_t kNoTime = -1;
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      if (row.nulls[i] && kTaskColumns[i].type == ColumnType::kTime) {
        insert.Bind(i, &kNoTime);
      } else if (row.nulls[i]) {
        insert.BindNull(i);
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        insert.Bind(i, row.texts[i]);
      } else {
        insert.Bind(i, &row.numbers[i]);
      }
    }
  }

  std::optional<double> MedianOf(const std::string& query, const std::string& contestant) const {
    auto found = measured_.find({query, contestant});
    if (found == measured_.end()) return std::nullopt;
    return Median(found->second);
  }

  /// How many times as fast obviews is; nullopt: not measured.
  std::optional<double> RatioOf(const Goal& goal) const {
    auto ours = MedianOf(goal.query, "obviews");
    auto theirs = MedianOf(goal.query, goal.than);
    if (!ours || !theirs || *ours <= 0) return std::nullopt;
    return *theirs / *ours;
  }

  TaskData data_;
  int rounds_;
  std::vector<std::string> only_;
  mutable Connection connection_;
  bool has_base_ = false;
  std::vector<Key> keys_;
  std::map<std::string, Statement> points_;
  ShownRow shown_;
  std::map<std::pair<std::string, std::string>, std::vector<double>> measured_;
};

/// A store of the rows, in DIR/obviews.
Status MakeStore(const TaskData& data, const std::string& directory) {
  PeerOptions options;
  options.directory = directory;
  Peers peers = MakeObviewsPeers(options);
  Peer& writer = *peers.front();
  OBVIEWS_RETURN_IF_ERROR(writer.Open(true));
  OBVIEWS_RETURN_IF_ERROR(writer.BulkLoad({&data, 0, data.history()}));
  OBVIEWS_RETURN_IF_ERROR(writer.BulkLoad({&data, data.history(), data.rows()}));
  OBVIEWS_RETURN_IF_ERROR(writer.Settle());
  return writer.Close();
}

int Run(int argc, char** argv) {
  int64_t rows = 0;
  int64_t live = 0;
  int rounds = 0;
  int server_pid = 0;
  std::string store;
  std::string socket;
  std::string json;
  std::vector<std::string> only;
  CLI::App app("measures the views in a MariaDB server against InnoDB");
  app.add_option("--rows", rows, "rows of finished jobs")->required();
  app.add_option("--live", live, "rows of running jobs")->required();
  app.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
  app.add_option("--only", only, "queries that are timed")->delimiter(',');
  app.add_option("--make-store", store, "only make the store, in this directory");
  app.add_option("--socket", socket, "of the server");
  app.add_option("--server-pid", server_pid);
  app.add_option("--json", json, "where the figures go");
  CLI11_PARSE(app, argc, argv);

  TaskData data(rows, live);
  Disturbance disturbance(server_pid);
  GoalRun run(data, rounds, std::move(only));
  Status done = store.empty() ? run.Run(socket) : MakeStore(data, store);
  if (!done) {
    std::cerr << "mariadb: " << done.error().message << '\n';
    return 2;
  }
  if (!store.empty()) return 0;
  run.Print(disturbance.processors());
  if (!json.empty()) {
    std::ofstream file(json);
    file << run.ToJson(disturbance.processors()).dump(1) << '\n';
    file.close();
    if (!file) {
      std::cerr << "mariadb: cannot write " << json << '\n';
      return 2;
    }
  }
  return run.Reached() ? 0 : 1;
}

}  // namespace
}  // namespace obviews::bench

int main(int argc, char** argv) {
  try {
    return obviews::bench::Run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "mariadb: %s\n", failure.what());
    return 2;
  }
}
