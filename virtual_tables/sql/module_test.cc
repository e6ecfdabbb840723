// What SQLite's planner is told, seen from outside: keys and conditions handed down, orders that
// need no sorter, limits that stop a scan, and the truth in reports.
#include "virtual_tables/sql/module.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <random>

#include "virtual_tables/sql/best_index.h"
#include "virtual_tables/testing.h"

namespace obviews::vtab::sql {
namespace {

using engine::testing::Task;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using testing::SessionOf;
using testing::TestStore;
using Strings = std::vector<std::string>;

/// A connection with the views of a session, the functions of the dialect left out.
class Connection {
 public:
  Connection(const TestStore& store, Session session)
      : session_(std::move(session)),
        context_(
            [this, &store]() -> Result<std::shared_ptr<const engine::Snapshot>> {
              ++snapshots;
              return store.snapshot();
            },
            &session_) {
    EXPECT_EQ(sqlite3_open(":memory:", &db_), SQLITE_OK);
    EXPECT_TRUE(RegisterModule(db_, &context_));
    EXPECT_TRUE(CreateViews(db_, session_));
  }
  ~Connection() { sqlite3_close_v2(db_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Strings Run(const std::string& sql, const Strings& parameters = {}) {
    context_.BeginStatement(sql);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      return {sqlite3_errmsg(db_)};
    }
    for (size_t i = 0; i < parameters.size(); ++i) {
      sqlite3_bind_text(statement, static_cast<int>(i) + 1, parameters[i].c_str(), -1,
                        SQLITE_TRANSIENT);
    }
    Strings rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      std::string row;
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        row += fmt::format("{}{}", i == 0 ? "" : "/", text == nullptr ? "NULL" : text);
      }
      rows.push_back(row);
    }
    sqlite3_finalize(statement);
    return rows;
  }

  /// SQLite's own plan, its lines joined.
  std::string PlanOf(const std::string& sql) {
    return fmt::format("{}", fmt::join(Run("EXPLAIN QUERY PLAN " + sql), "\n"));
  }
  const ScanReport& report() const {
    static const ScanReport none;
    EXPECT_EQ(context_.reports().size(), 1U);
    return context_.reports().empty() ? none : context_.reports()[0];
  }
  const std::vector<ScanReport>& reports() const { return context_.reports(); }

  int snapshots = 0;

 private:
  Session session_;
  ModuleContext context_;
  sqlite3* db_ = nullptr;
};

/// 20 tenants with 20 jobs of 50 tasks each; made once.
const TestStore& Store() {
  static const TestStore store(testing::ManyTasks());
  return store;
}

/// A run of neighbours may be left only by reading the record behind it.
auto ReadsOnly(uint64_t records, uint64_t runs = 1) {
  return AllOf(Ge(records), Le(records + runs));
}

TEST(Constraints, BecomeKeysWhateverTheirForm) {
  Connection db(Store(), SessionOf(1));
  struct {
    const char* where;
    const char* path;
    size_t rows;
    uint64_t runs;
  } cases[] = {
      {"TENANT_ID = 1005 AND JOB_ID = 3 AND TASK_ID = 101", "point", 1, 1},
      {"TENANT_ID = '1005' AND JOB_ID = 3.0 AND TASK_ID IN (101, '103', 9999, NULL)", "point", 2,
       3},
      {"TENANT_ID IS 1005 AND JOB_ID = 3", "range", 50, 1},
      {"1005 = TENANT_ID AND 3 >= JOB_ID AND JOB_ID > 2", "range", 50, 1},
      {"TENANT_ID = 1005 AND JOB_ID IN (3, 4, 9)", "range", 150, 2},
      {"TENANT_ID = 1005 AND (JOB_ID = 3 OR JOB_ID = 9)", "range", 100, 2},
      {"TENANT_ID = 1005 AND JOB_ID BETWEEN 3 AND 4", "range", 100, 1},
      {"TENANT_ID = 1005 AND TASK_ID IN (101, 7, 900)", "index", 3, 0},
      {"JOB_ID = 3", "range", 1000, 40},
      {"TENANT_ID = 1005 AND JOB_ID = (SELECT 3)", "range", 50, 1},
      {"TENANT_ID = 1005 AND JOB_ID = 'abc'", "range", 0, 0},
      {"TENANT_ID = 1005 AND JOB_ID = NULL", "range", 0, 0},
  };
  for (const auto& c : cases) {
    auto rows = db.Run(fmt::format("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASKS WHERE {}", c.where));
    EXPECT_EQ(rows.size(), c.rows) << c.where;
    EXPECT_EQ(db.report().access_path, c.path) << c.where;
    EXPECT_THAT(db.report().records_read, ReadsOnly(c.rows, c.runs)) << c.where;
  }
}

TEST(Constraints, OfAJoinBecomeKeysOfEveryInnerScan) {
  TestStore store(testing::ManyTasks());
  schema::Record job = engine::testing::Job(schema::RecordKind::kImportJob, 1005, 3);
  schema::Record other = engine::testing::Job(schema::RecordKind::kImportJob, 1006, 4);
  store.Put({job, other});
  Connection db(store, SessionOf(1));
  EXPECT_THAT(db.Run("SELECT j.TENANT_ID, count(*) FROM CDB_OB_IMPORT_TABLE_JOBS j JOIN "
                     "CDB_OB_IMPORT_TABLE_TASKS t ON t.TENANT_ID = j.TENANT_ID AND "
                     "t.JOB_ID = j.JOB_ID GROUP BY j.TENANT_ID"),
              ElementsAre("1005/50", "1006/50"));
  ASSERT_EQ(db.reports().size(), 2U);
  const ScanReport& tasks =
      db.reports()[db.reports()[0].view == "CDB_OB_IMPORT_TABLE_TASKS" ? 0 : 1];
  EXPECT_EQ(tasks.scans, 2U);
  EXPECT_THAT(tasks.records_read, ReadsOnly(100, 2));
  EXPECT_THAT(tasks.ranges, ElementsAre("TENANT_ID 1005, JOB_ID 3", "TENANT_ID 1006, JOB_ID 4"));
}

TEST(Constraints, ArePushedOnlyWhereTheTestIsSqlites) {
  Connection db(Store(), SessionOf(1));
  auto pushed = [&](const char* where) {
    db.Run(
        fmt::format("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID = 1 AND {}", where));
    return db.report().pushed.size() + db.report().residual.size() == 2;
  };
  for (const char* where :
       {"STATUS = 'DOING'", "STATUS <> 'DOING'", "STATUS IN ('A', 'B')", "STATUS IS 'DOING'",
        "STATUS LIKE 'D%'", "STATUS IS NULL", "STATUS NOTNULL", "STATUS > x'00'",
        "TABLE_COLUMN = '3'", "START_TIMESTAMP >= '2023'", "STATUS = 'a' || 'b'"}) {
    EXPECT_TRUE(pushed(where)) << where;
  }
  for (const char* where : {"STATUS COLLATE NOCASE = 'doing'",  // another order of texts
                            "STATUS = 3",  // as text or as number: SQLite does not say
                            "STATUS LIKE 'D\\_%' ESCAPE '\\'",  // not offered
                            "STATUS IS NOT 'DOING'",            // true of NULL
                            "upper(STATUS) = 'DOING'", "STATUS NOT IN ('A')",
                            "STATUS = '1' || '2'",  // perhaps a number's text
                            "STATUS = 'a' || 'b' AND (1) IN (1)"}) {
    EXPECT_FALSE(pushed(where)) << where;
  }
}

TEST(Constraints, InTheOnOfAnOuterJoinDoNotNarrowItsLeftSide) {
  TestStore store({Task(1002, 1, 1, "INIT"), Task(1002, 1, 2, "DOING")});
  Connection db(store, SessionOf(1));
  for (const char* on : {"a.STATUS <> 'INIT'", "a.STATUS LIKE 'D%'", "a.SRC_TABLE IS NOT NULL",
                         "a.STATUS = 'DOING'", "a.TASK_ID > 1"}) {
    for (const char* join : {"LEFT JOIN", "left outer join", "FULL JOIN"}) {
      EXPECT_EQ(db.Run(fmt::format("SELECT a.TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS a {} "
                                   "CDB_OB_IMPORT_TABLE_TASK_HISTORY b ON {}",
                                   join, on)),
                (Strings{"1", "2"}))
          << join << " " << on;
    }
  }
}

TEST(Constraints, OfRowsInAListCompareAsInSqlite) {
  schema::Record task = Task(1002, 3, 10);
  task.Set("src_table", "010");
  TestStore store({task});
  Connection db(store, SessionOf(1));
  EXPECT_THAT(db.Run("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASKS a WHERE (JOB_ID, SRC_TABLE) IN "
                     "(SELECT JOB_ID, TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS)"),
              ElementsAre("1"));
}

/// 2000 tasks and as many in the history, with a table of its own each; every hundredth of no
/// table, and source tenants in turn.
TestStore Joinable() {
  std::vector<schema::Record> records;
  for (int64_t task = 0; task < 4000; ++task) {
    auto kind =
        task < 2000 ? schema::RecordKind::kImportTask : schema::RecordKind::kImportTaskHistory;
    records.push_back(Task(1002 + task % 4, task % 7, task + 1, "DOING", kind));
    if (task % 100 != 0) records.back().Set("src_table", fmt::format("t{}", task % 2000));
    records.back().Set("src_tenant_id", 5000 + task % 500);
    records.back().Set("src_database", task % 2 == 0 ? "even" : "odd");
  }
  return TestStore(records);
}

TEST(Joins, OnColumnsThatAreNoKeysReadEachSideAFewTimes) {
  TestStore store = Joinable();
  Connection db(store, SessionOf(1));
  const std::string tables =
      "CDB_OB_IMPORT_TABLE_TASKS a JOIN CDB_OB_IMPORT_TABLE_TASK_HISTORY b ON ";
  struct {
    const char* on;
    size_t rows;
    uint64_t at_most;
  } cases[] = {
      {"a.SRC_TABLE = b.SRC_TABLE", 1980, 6000},
      {"a.TENANT_ID = b.TENANT_ID AND a.SRC_TABLE = b.SRC_TABLE", 1980, 9000},
      {"a.SRC_TABLE = b.SRC_TABLE AND b.SRC_DATABASE = 'odd'", 1000, 6000},
      {"a.SRC_TABLE = b.SRC_TABLE WHERE b.TENANT_ID = 1003 AND b.JOB_ID > 2", 286, 6000},
      {"a.SRC_TENANT_ID = b.SRC_TENANT_ID", 8000, 14000},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(db.Run(fmt::format("SELECT a.TASK_ID FROM {}{}", tables, c.on)).size(), c.rows)
        << c.on;
    ASSERT_EQ(db.reports().size(), 2U) << c.on;
    EXPECT_LE(db.reports()[0].records_read + db.reports()[1].records_read, 2000 + c.at_most)
        << c.on;
  }
}

TEST(Joins, GiveTheSameRowsWithAndWithoutAnIndex) {
  TestStore store = Joinable();
  Connection db(store, SessionOf(1));
  for (const char* on : {"a.SRC_TABLE = b.SRC_TABLE", "a.SRC_TENANT_ID = b.SRC_TENANT_ID",
                         "a.SRC_TABLE = b.SRC_TABLE AND a.JOB_ID = b.JOB_ID"}) {
    for (const char* join : {"JOIN", "LEFT JOIN"}) {
      auto rows = [&](const char* materialized) {
        return db.Run(fmt::format(
            "WITH b AS {} (SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY) SELECT a.TASK_ID, "
            "b.TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS a {} b ON {} ORDER BY 1, 2",
            materialized, join, on));
      };
      EXPECT_EQ(rows("NOT MATERIALIZED"), rows("MATERIALIZED")) << join << " ON " << on;
    }
  }
}

TEST(Joins, OnAValueOfManyRowsScan) {
  TestStore store = Joinable();
  Connection db(store, SessionOf(1));
  EXPECT_THAT(db.Run("SELECT count(*) FROM (VALUES ('even'), ('odd'), ('even'), ('none')) v CROSS "
                     "JOIN CDB_OB_IMPORT_TABLE_TASK_HISTORY b ON b.SRC_DATABASE = v.column1"),
              ElementsAre("3000"));
  EXPECT_LE(db.report().records_read, 8000U) << "three scans, one to build, none for 'none'";
}

TEST(Joins, OfUserTenantsStayInTheirOwn) {
  TestStore store = Joinable();
  Connection db(store, SessionOf(1003));
  EXPECT_THAT(db.Run("SELECT count(*), min(b.TASK_ID) FROM DBA_OB_IMPORT_TABLE_TASKS a JOIN "
                     "DBA_OB_IMPORT_TABLE_TASK_HISTORY b ON a.SRC_TENANT_ID = b.SRC_TENANT_ID"),
              ElementsAre("2000/2002"));
}

TEST(Joins, OfTextsWithNumbersCompareAsInSqlite) {
  schema::Record ten = Task(1002, 3, 10);
  ten.Set("src_table", "010");
  TestStore store({ten});
  Connection db(store, SessionOf(1));
  EXPECT_THAT(db.Run("SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASKS a JOIN "
                     "CDB_OB_IMPORT_TABLE_TASKS b ON a.SRC_TABLE = b.TASK_ID"),
              ElementsAre("1"));
}

TEST(Order, OfKeysNeedsNoSorter) {
  Connection db(Store(), SessionOf(1));
  auto sorts = [&](const std::string& tail) {
    return db.PlanOf("SELECT STATUS FROM CDB_OB_IMPORT_TABLE_TASKS " + tail).find("TEMP B-TREE") !=
           std::string::npos;
  };
  for (const char* tail :
       {"ORDER BY TENANT_ID", "ORDER BY TENANT_ID, JOB_ID, TASK_ID",
        "ORDER BY TENANT_ID, JOB_ID, TASK_ID, STATUS DESC",
        "WHERE TENANT_ID = 1005 ORDER BY JOB_ID", "WHERE TENANT_ID = 1005 ORDER BY JOB_ID, TASK_ID",
        "WHERE TENANT_ID = 1005 ORDER BY TENANT_ID DESC, JOB_ID",
        "WHERE JOB_ID = 3 ORDER BY TENANT_ID, TASK_ID", "WHERE TASK_ID = 9 ORDER BY TENANT_ID",
        "WHERE STATUS = 'DOING' ORDER BY STATUS, TENANT_ID",
        "WHERE TENANT_ID IN (1005, 1003) ORDER BY TENANT_ID, JOB_ID",
        "WHERE TENANT_ID = 1 AND JOB_ID = 1 AND TASK_ID = 1 ORDER BY COMMENT DESC"}) {
    EXPECT_FALSE(sorts(tail)) << tail;
  }
  for (const char* tail :
       {"ORDER BY JOB_ID", "ORDER BY TENANT_ID DESC", "ORDER BY STATUS",
        "ORDER BY TENANT_ID, TASK_ID", "WHERE TASK_ID IN (5, 9) ORDER BY TENANT_ID, JOB_ID",
        "WHERE STATUS = 3 ORDER BY STATUS, TENANT_ID"}) {
    EXPECT_TRUE(sorts(tail)) << tail;
  }
}

TEST(Order, HoldsForTaskListsThatLookLikeRanges) {
  // The index yields task 5 before task 9, the keys job 1 before job 2.
  TestStore store({Task(1002, 1, 9), Task(1002, 2, 5)});
  Connection db(store, SessionOf(1));
  for (const char* where :
       {"TASK_ID IN (5, 9)", "TASK_ID BETWEEN 5 AND 9 AND TASK_ID NOT IN (6, 7, 8)",
        "TASK_ID >= 5 AND TASK_ID <= 9 AND TASK_ID <> 6 AND TASK_ID <> 7 AND TASK_ID <> 8",
        "TASK_ID IN (5, 9) AND JOB_ID >= -9223372036854775808",
        "TASK_ID IN (5, 9) AND JOB_ID < 'x'"}) {
    EXPECT_THAT(db.Run(fmt::format("SELECT JOB_ID, TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS WHERE {} "
                                   "ORDER BY TENANT_ID, JOB_ID, TASK_ID",
                                   where)),
                ElementsAre("1/9", "2/5"))
        << where;
  }
}

TEST(Limit, EndsTheScan) {
  Connection db(Store(), SessionOf(1));
  struct {
    const char* tail;
    size_t rows;
    uint64_t at_most;
  } cases[] = {
      {"LIMIT 3", 3, 3},
      {"ORDER BY TENANT_ID LIMIT 3 OFFSET 2", 3, 5},
      {"WHERE TENANT_ID = 1005 ORDER BY JOB_ID LIMIT 2", 2, 2},
      {"WHERE STATUS = 'DOING' LIMIT 2", 2, 11},
      {"WHERE length(STATUS) = 5 LIMIT 2", 2, 12},
      {"LIMIT 0", 0, 0},
      {"LIMIT -1 OFFSET 19998", 2, 20000},
  };
  for (const auto& c : cases) {
    auto rows = db.Run(fmt::format("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASKS {}", c.tail));
    EXPECT_EQ(rows.size(), c.rows) << c.tail;
    uint64_t read = db.reports().empty() ? 0 : db.report().records_read;
    EXPECT_LE(read, c.at_most) << c.tail;
  }
}

TEST(Limit, AndOffsetOfAUnionAllCountAcrossItsMembers) {
  TestStore store({Task(1002, 1, 1), Task(1002, 1, 2),
                   Task(1002, 1, 3, "FINISH", schema::RecordKind::kImportTaskHistory),
                   Task(1002, 1, 4, "FINISH", schema::RecordKind::kImportTaskHistory),
                   Task(1002, 1, 5, "FINISH", schema::RecordKind::kImportTaskHistory)});
  Connection db(store, SessionOf(1));
  const std::string all =
      "SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS UNION ALL "
      "SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY ";
  EXPECT_THAT(db.Run(all + "LIMIT 2 OFFSET 3"), ElementsAre("4", "5"));
  EXPECT_THAT(db.Run(all + "LIMIT 2 OFFSET 1"), ElementsAre("2", "3"));
  EXPECT_THAT(db.Run(all + "LIMIT 9 OFFSET 4"), ElementsAre("5"));
}

TEST(Limit, CountsOnlyRowsThatPassWhatTheViewIsNotShown) {
  TestStore store({Task(1002, 3, 1), Task(1002, 3, 5), Task(1002, 3, 6)});
  Connection db(store, SessionOf(1));
  EXPECT_THAT(
      db.Run("SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TASK_ID > JOB_ID LIMIT 2"),
      ElementsAre("5", "6"));
}

/// Tasks of a few tenants and jobs, live and history, of all kinds of status, result and times.
TestStore MixedTasks() {
  std::vector<schema::Record> records;
  std::mt19937_64 random(20230821);
  const schema::FieldValue results[] = {std::monostate{}, std::string(), std::string("SUCCESS"),
                                        std::string("FAILED")};
  const char* statuses[] = {"INIT", "DOING", "FINISH", ""};
  for (int64_t task = 1; task <= 600; ++task) {
    auto kind = random() % 2 == 0 ? schema::RecordKind::kImportTask
                                  : schema::RecordKind::kImportTaskHistory;
    int64_t tenant = 1002 + static_cast<int64_t>(random() % 3);
    records.push_back(
        Task(tenant, static_cast<int64_t>(1 + random() % 5), task, statuses[random() % 4], kind));
    records.back().Set("result", results[random() % 4]);
    // Some cannot be shown, and some are done at no time.
    auto time = [&](int64_t unset) {
      int64_t choices[] = {unset, INT64_MIN, INT64_MAX};
      return random() % 2 == 0 ? choices[random() % 3]
                               : 1685570400000000 + static_cast<int64_t>(random() % 1000000000000);
    };
    records.back().Set("start_ts", time(0));
    records.back().Set("completion_ts", time(-1));
  }
  return TestStore(records);
}

TEST(Summary, IsWhatGroupingTheTasksOfBothViewsGives) {
  TestStore store = MixedTasks();
  struct {
    Session session;
    std::string scope;
    std::string key;
    size_t at_least;
  } cases[] = {
      {SessionOf(1), "CDB", "TENANT_ID, JOB_ID, STATUS, RESULT", 200},
      {SessionOf(1003), "DBA", "JOB_ID, STATUS, RESULT", 60},
      {SessionOf(1004, schema::Mode::kOracle), "DBA", "JOB_ID, STATUS, RESULT", 45},
      {SessionOf(1), "DBA", "JOB_ID, STATUS, RESULT", 0},
      {SessionOf(1003, schema::Mode::kMySql, "-03:30"), "DBA", "JOB_ID, STATUS, RESULT", 60}};
  for (const auto& c : cases) {
    Connection db(store, c.session);
    auto from = [&](const char* view) {
      return fmt::format("SELECT * FROM {}_OB_IMPORT_TABLE_{}", c.scope, view);
    };
    Strings expected = db.Run(fmt::format(
        "SELECT {0}, count(*), min(START_TIMESTAMP), max(COMPLETION_TIMESTAMP) FROM ({1} UNION ALL "
        "{2}) GROUP BY {0} ORDER BY {0}",
        c.key, from("TASKS"), from("TASK_HISTORY")));
    EXPECT_GE(expected.size(), c.at_least);
    EXPECT_EQ(db.Run(from("TASK_SUMMARY")), expected) << c.scope << " " << c.session.tenant_id;
  }
}

TEST(Summary, ReadsTheGroupsOfTheJobsAskedFor) {
  Connection db(Store(), SessionOf(1));
  struct {
    const char* where;
    const char* path;
    size_t rows;
    uint64_t reads;
  } cases[] = {{"1", "full", 800, 800},
               {"TENANT_ID = 1005 AND JOB_ID = 3", "point", 2, 2},
               {"TENANT_ID = 1005 AND JOB_ID BETWEEN 3 AND 5 AND STATUS = 'DOING'", "range", 3, 6},
               {"JOB_ID = 3", "range", 40, 40},
               {"TENANT_ID = 1005 AND MIN_START_TIMESTAMP < '2023-06-01 06:01:00'", "range", 4, 40},
               {"TENANT_ID = 1005 AND MAX_COMPLETION_TIMESTAMP IS NOT NULL", "range", 0, 40},
               {"TASK_COUNT = 45 AND JOB_ID IN (1, 7)", "range", 40, 80}};
  for (const auto& c : cases) {
    EXPECT_EQ(
        db.Run(fmt::format("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY WHERE {}", c.where))
            .size(),
        c.rows)
        << c.where;
    EXPECT_EQ(db.report().access_path, c.path) << c.where;
    EXPECT_EQ(db.report().records_read, c.reads) << c.where;
  }
}

TEST(Summary, IsInTheOrderOfItsRows) {
  Connection db(Store(), SessionOf(1));
  auto sorts = [&](const std::string& tail) {
    return db.PlanOf("SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY " + tail)
               .find("TEMP B-TREE") != std::string::npos;
  };
  for (const char* tail :
       {"ORDER BY TENANT_ID, JOB_ID", "ORDER BY TENANT_ID, JOB_ID, STATUS, RESULT, TASK_COUNT",
        "WHERE TENANT_ID = 1005 AND JOB_ID = 3 ORDER BY STATUS, RESULT",
        "WHERE TENANT_ID = 1005 AND JOB_ID = 3 AND STATUS = 'DOING' ORDER BY RESULT"}) {
    EXPECT_FALSE(sorts(tail)) << tail;
  }
  for (const char* tail :
       {"WHERE TENANT_ID = 1005 AND JOB_ID = 3 ORDER BY TASK_COUNT",
        "ORDER BY TENANT_ID, JOB_ID, RESULT", "ORDER BY TENANT_ID, JOB_ID, STATUS DESC",
        "ORDER BY TENANT_ID, JOB_ID, TASK_COUNT",
        "ORDER BY TENANT_ID, JOB_ID, STATUS COLLATE NOCASE"}) {
    EXPECT_TRUE(sorts(tail)) << tail;
  }
}

TEST(Summary, RowsOfOneKeyAreToldApart) {
  TestStore store = MixedTasks();
  for (const Session& session : {SessionOf(1003), SessionOf(1003, schema::Mode::kOracle)}) {
    Connection db(store, session);
    auto same = [&](const std::string& query) {
      const std::string with =
          "WITH s AS {}MATERIALIZED (SELECT * FROM "
          "DBA_OB_IMPORT_TABLE_TASK_SUMMARY), r AS {}MATERIALIZED (SELECT * "
          "FROM DBA_OB_IMPORT_TABLE_TASK_SUMMARY) " +
          query;
      Strings rows = db.Run(fmt::format(fmt::runtime(with), "NOT ", "NOT "));
      EXPECT_FALSE(rows.empty()) << query;
      EXPECT_EQ(rows, db.Run(fmt::format(fmt::runtime(with), "", ""))) << query;
    };
    const char* columns = "JOB_ID, STATUS, RESULT, TASK_COUNT";
    // Scanned twice, rows of both parts are kept once.
    const char* overlap =
        "JOB_ID = 3 AND STATUS IN ('DOING', 'INIT') OR JOB_ID = 3 AND STATUS < 'F' OR JOB_ID = 4 "
        "AND RESULT IS NULL";
    EXPECT_THAT(
        db.PlanOf(fmt::format("SELECT * FROM DBA_OB_IMPORT_TABLE_TASK_SUMMARY WHERE {}", overlap)),
        HasSubstr("MULTI-INDEX OR"));
    for (const char* where :
         {overlap, "JOB_ID = 3 OR STATUS = 'INIT'", "STATUS = 'DOING' OR RESULT = 'FAILED'",
          "RESULT IS NULL OR JOB_ID = 2", "RESULT IS NULL", "RESULT IS NOT NULL",
          "JOB_ID = 1 OR JOB_ID = 2 AND RESULT IS NULL"}) {
      same(fmt::format("SELECT {0} FROM s WHERE {1} ORDER BY {0}", columns, where));
    }
    same(
        "SELECT s.JOB_ID, s.STATUS, s.RESULT, r.JOB_ID, r.STATUS, r.RESULT FROM s JOIN r ON "
        "s.STATUS = r.STATUS AND s.TASK_COUNT = r.TASK_COUNT ORDER BY 1, 2, 3, 4, 5, 6");
    same("SELECT count(*) FROM s NATURAL JOIN r");
  }
}

TEST(Summary, IsJoinedByAnIndexToo) {
  Connection db(Store(), SessionOf(1));
  EXPECT_THAT(db.Run("SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY a JOIN "
                     "CDB_OB_IMPORT_TABLE_TASK_SUMMARY b ON a.MIN_START_TIMESTAMP = "
                     "b.MIN_START_TIMESTAMP"),
              ElementsAre("16000"));
  ASSERT_EQ(db.reports().size(), 2U);
  // Each of the 20 rows found is fetched by its key, which another row has too.
  EXPECT_LE(db.reports()[0].records_read + db.reports()[1].records_read, 36000U);
}

TEST(Summary, KeepsWhatTellsItsRowsApartToItself) {
  TestStore store({Task(1002, 3, 7)});
  Connection db(store, SessionOf(1));
  EXPECT_THAT(db.Run("SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY"),
              ElementsAre("1002/3/DOING//1/1970-01-01 08:00:00.000000/NULL"));
  // Named, it is a column as any other.
  EXPECT_THAT(db.Run("SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY WHERE OBVIEWS_GROUP "
                     "<> 'x' AND OBVIEWS_GROUP IS NOT NULL"),
              ElementsAre("1"));
}

TEST(Snapshots, OneForAllTablesOfAStatement) {
  Connection db(Store(), SessionOf(1));
  for (const char* sql :
       {"SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASKS",
        "SELECT (SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASKS), "
        "(SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY)",
        "SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASKS UNION SELECT 2 FROM CDB_OB_IMPORT_TABLE_JOBS",
        "WITH t AS MATERIALIZED (SELECT count(*) AS n FROM CDB_OB_IMPORT_TABLE_TASKS) "
        "SELECT n FROM t, CDB_OB_IMPORT_TABLE_JOBS"}) {
    db.snapshots = 0;
    db.Run(sql);
    EXPECT_EQ(db.snapshots, 1) << sql;
  }
}

TEST(Parameters, ArePushedLikeConstants) {
  Connection db(Store(), SessionOf(1));
  EXPECT_EQ(db.Run("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID = ? AND JOB_ID = ?",
                   {"1005", "3"})
                .size(),
            50U);
  EXPECT_THAT(db.report().ranges, ElementsAre("TENANT_ID 1005, JOB_ID 3"));
}

TEST(IndexText, SurvivesTheWayToTheScan) {
  std::vector<UsedConstraint> used = {{0, SQLITE_INDEX_CONSTRAINT_EQ, true, false},
                                      {27, SQLITE_INDEX_CONSTRAINT_LIKE, false, true},
                                      {3, SQLITE_INDEX_CONSTRAINT_ISNULL, false, true}};
  auto decoded = DecodeConstraints(EncodeConstraints(used));
  ASSERT_EQ(decoded.size(), used.size());
  for (size_t i = 0; i < used.size(); ++i) {
    EXPECT_EQ(decoded[i].column, used[i].column);
    EXPECT_EQ(decoded[i].op, used[i].op);
    EXPECT_EQ(decoded[i].all_at_once, used[i].all_at_once);
    EXPECT_EQ(decoded[i].constant, used[i].constant);
  }
  EXPECT_TRUE(DecodeConstraints("").empty());
}

}  // namespace
}  // namespace obviews::vtab::sql
