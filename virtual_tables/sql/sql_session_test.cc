// Statements through a session: names and visibility, session commands, errors and where they
// point, one state per statement, damage, and what EXPLAIN says.
#include "virtual_tables/sql/sql_session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "virtual_tables/testing.h"

namespace obviews::vtab::sql {
namespace {

using engine::testing::Job;
using engine::testing::Task;
using schema::Mode;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::SessionOf;
using ::testing::StartsWith;
using testing::TestStore;
using testing::ToText;
using Strings = std::vector<std::string>;

/// Keeps rows as texts; `after_row` is called after each.
class Collector final : public RowReceiver {
 public:
  Status Begin(std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) {
      header.push_back(
          fmt::format("{}{}{}", column.name, column.numeric ? "#" : "", column.decimal ? "." : ""));
    }
    return {};
  }
  Status Row(std::span<const Value> values) override {
    std::string row;
    for (const Value& value : values) row += (row.empty() ? "" : "/") + ToText(value);
    rows.push_back(row);
    if (after_row) after_row();
    return {};
  }

  Strings header;
  Strings rows;
  std::function<void()> after_row;
};

struct Ran {
  Strings header;
  Strings rows;
  StatementReport report;
  ErrorCode code = ErrorCode::kInternal;
  std::string error;
};

class Fixture {
 public:
  Fixture(const TestStore& store, const Session& session) {
    auto opened = SqlSession::Open(store.get(), session, [] { return 1692618864733548; });
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    if (opened) session_ = std::move(*opened);
  }

  Ran Run(const std::string& sql, std::function<void()> after_row = {}) {
    Collector collector;
    collector.after_row = std::move(after_row);
    SplitStatement statement;
    statement.text = sql;
    auto report = session_->Execute(statement, collector);
    Ran ran{collector.header, collector.rows, {}, {}, {}};
    if (report) {
      ran.report = *report;
    } else {
      ran.code = report.error().code;
      ran.error = report.error().message;
      ran.rows.push_back("error: " + ran.error.substr(0, ran.error.find('\n')));
    }
    return ran;
  }
  Strings Rows(const std::string& sql) { return Run(sql).rows; }

  /// What is wrong with a condition on CDB_OB_RECOVER_TABLE_JOBS.
  std::string Check(const std::string& part) {
    const schema::View* view = session_->session().FindView("CDB_OB_RECOVER_TABLE_JOBS");
    Status status = session_->CheckPart(
        *view, "SELECT 1 FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS WHERE (", part, ")");
    return status ? "" : status.error().message;
  }

  SqlSession& session() { return *session_; }

 private:
  std::unique_ptr<SqlSession> session_;
};

TestStore ThreeTenants() {
  return TestStore({Job(RecordKind::kRecoverJob, 1, 1), Job(RecordKind::kRecoverJob, 1002, 7),
                    Job(RecordKind::kRecoverJob, 1004, 8)});
}

TEST(Names, BareOrQualifiedInAnyCase) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  for (const char* name :
       {"CDB_OB_RECOVER_TABLE_JOBS", "cdb_ob_recover_table_jobs",
        "oceanbase.CDB_OB_RECOVER_TABLE_JOBS", "OceanBase.`Cdb_Ob_Recover_Table_Jobs`"}) {
    EXPECT_THAT(sys.Rows(fmt::format("SELECT tenant_id, `Job_Id` FROM {}", name)),
                ElementsAre("1/1", "1002/7", "1004/8"))
        << name;
  }
  Fixture oracle(store, SessionOf(1004, Mode::kOracle));
  for (const char* name : {"DBA_OB_RECOVER_TABLE_JOBS", "SYS.DBA_OB_RECOVER_TABLE_JOBS",
                           "sys.\"DBA_OB_RECOVER_TABLE_JOBS\""}) {
    EXPECT_THAT(oracle.Rows(fmt::format("SELECT JOB_ID, \"COMMENT\" FROM {}", name)),
                ElementsAre("8/NULL"))
        << name;
  }
  EXPECT_THAT(oracle.Rows("SELECT 1 FROM oceanbase.DBA_OB_RECOVER_TABLE_JOBS")[0],
              StartsWith("error: no such table"));
}

TEST(Names, AUserTenantHasNoCdbViews) {
  TestStore store = ThreeTenants();
  Fixture user(store, SessionOf(1002));
  Ran ran = user.Run("SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS");
  EXPECT_EQ(ran.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ran.error,
            "no such table: CDB_OB_RECOVER_TABLE_JOBS; CDB_ views exist in the sys tenant only, a "
            "user tenant has the DBA_ views");
  EXPECT_EQ(user.Rows("DESC CDB_OB_RECOVER_TABLE_JOBS"), ran.rows);
  EXPECT_THAT(user.Rows("SELECT JOB_ID FROM DBA_OB_RECOVER_TABLE_JOBS"), ElementsAre("7"));
}

TEST(Errors, SuggestTheNearestNameAndPointAtThePlace) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  EXPECT_THAT(sys.Rows("SELECT * FROM CDB_OB_RECOVER_TABLE_JOB"),
              ElementsAre("error: no such table: CDB_OB_RECOVER_TABLE_JOB; did you mean "
                          "CDB_OB_RECOVER_TABLE_JOBS?"));
  Ran ran = sys.Run("SELECT JOB_ID,\n  STATU FROM CDB_OB_RECOVER_TABLE_JOBS");
  EXPECT_EQ(ran.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ran.error,
            "no such column: STATU; did you mean STATUS?\n"
            "  at line 2, column 3:\n"
            "    STATU FROM CDB_OB_RECOVER_TABLE_JOBS\n"
            "    ^");
  ran = sys.Run("SELECT JOB_ID FROM CDB_OB_RECOVER_TABLE_JOBS WHERE AND 1");
  EXPECT_EQ(ran.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(ran.error, HasSubstr("at line 1, column 52"));
  EXPECT_THAT(sys.Rows("DELETE FROM CDB_OB_RECOVER_TABLE_JOBS")[0], StartsWith("error: "));
}

TEST(Errors, SuggestColumnsOfTheViewsThatAreNamed) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  const std::string none = "error: no such column: ";
  const std::pair<const char*, std::string> cases[] = {
      // A column of other views.
      {"SELECT TOTAL_BYTES FROM CDB_OB_IMPORT_TABLE_TASKS", none + "TOTAL_BYTES"},
      {"SELECT total_bytes FROM oceanbase.cdb_ob_import_table_tasks", none + "total_bytes"},
      {"SELECT TOTAL_BYTE FROM CDB_OB_IMPORT_TABLE_TASKS", none + "TOTAL_BYTE"},
      {"SELECT TOTAL_BYTE FROM CDB_OB_IMPORT_TABLE_TASKS, CDB_OB_RESTORE_PROGRESS",
       none + "TOTAL_BYTE; did you mean TOTAL_BYTES?"},
      {"SELECT t.TOTAL_BYTES FROM CDB_OB_IMPORT_TABLE_TASKS t, CDB_OB_RESTORE_PROGRESS",
       none + "t.TOTAL_BYTES; did you mean TOTAL_BYTES?"},
      {"SELECT t.TOTAL_BYTES FROM CDB_OB_IMPORT_TABLE_TASKS t", none + "t.TOTAL_BYTES"},
      // A column that is there, but not in this place.
      {"SELECT (SELECT 1 FROM CDB_OB_RESTORE_PROGRESS), TOTAL_BYTES FROM CDB_OB_IMPORT_TABLE_TASKS",
       none + "TOTAL_BYTES"},
      // No view at all.
      {"SELECT TOTAL_BYTES", none + "TOTAL_BYTES"},
      {"SELECT TOTAL_BYTE", none + "TOTAL_BYTE; did you mean TOTAL_BYTES?"},
  };
  for (const auto& [sql, error] : cases) EXPECT_THAT(sys.Rows(sql), ElementsAre(error)) << sql;
}

TEST(Errors, OfWhatIsIncompletePointAtTheEnd) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  EXPECT_EQ(sys.Run("SELECT 1\n  FROM").error,
            "incomplete input\n"
            "  at line 2, column 7:\n"
            "    FROM\n"
            "        ^");
}

TEST(CheckPart, AcceptsWhatIsCompleteByItself) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  for (const char* part :
       {"JOB_ID = 1", "(JOB_ID = 1) OR JOB_ID = 2", "STATUS = \"it's\" && 1 -- why",
        "JOB_ID IN (SELECT JOB_ID FROM CDB_OB_IMPORT_TABLE_JOBS LIMIT 1)", "/* all */ 1"}) {
    EXPECT_EQ(sys.Check(part), "") << part;
  }
}

TEST(CheckPart, PointsIntoThePart) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  const std::pair<const char*, const char*> cases[] = {
      {"JOB_ID = 1 AND\n STATU = 'x'",
       "no such column: STATU; did you mean STATUS?\n  at line 2, column 2:\n   STATU = 'x'\n   ^"},
      {"1=1) or (1=1", "this ) closes nothing\n  at line 1, column 4:\n  1=1) or (1=1\n     ^"},
      {"1; SELECT 2", "an expression has no ;\n  at line 1, column 2:\n  1; SELECT 2\n   ^"},
      {"1 LIMIT 2",
       "LIMIT is not part of an expression\n  at line 1, column 3:\n  1 LIMIT 2\n    ^"},
      {"JOB_ID =", "the expression is incomplete\n  at line 1, column 9:\n  JOB_ID =\n          ^"},
      {"1 2", "near \"2\": syntax error\n  at line 1, column 3:\n  1 2\n    ^"},
      {"ROUND(1, 2, 3)",
       "wrong number of arguments to function ROUND()\n  at line 1, column 1:\n  ROUND(1, 2, 3)\n  "
       "^"},
      {"JOB_ID, STATUS", "row value misused\n  at line 1, column 1:\n  JOB_ID, STATUS\n  ^"},
      {"-- nothing", "an expression is expected\n  at line 1, column 1:\n  -- nothing\n  ^"},
      {"'open", "this string is never closed\n  at line 1, column 1:\n  'open\n  ^"},
  };
  for (const auto& [part, error] : cases) EXPECT_EQ(sys.Check(part), error) << part;
}

TEST(Errors, OfOneStatementDoNotHauntTheNext) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  EXPECT_NE(sys.Run("SELECT nope FROM CDB_OB_RECOVER_TABLE_JOBS").error, "");
  EXPECT_THAT(sys.Rows("SELECT count(*) FROM CDB_OB_RECOVER_TABLE_JOBS"), ElementsAre("3"));
}

TEST(ResolveView, TakesTheSchemaToo) {
  for (const char* name : {"CDB_OB_RECOVER_TABLE_JOBS", "OceanBase.cdb_ob_recover_table_jobs"}) {
    auto view = ResolveView(name, SessionOf(1));
    ASSERT_TRUE(view) << name;
    EXPECT_EQ((*view)->name, "CDB_OB_RECOVER_TABLE_JOBS");
  }
  EXPECT_TRUE(ResolveView("SYS.DBA_OB_RECOVER_TABLE_JOBS", SessionOf(1002, Mode::kOracle)));
  EXPECT_EQ(ResolveView("SYS.DBA_OB_RECOVER_TABLE_JOBS", SessionOf(1)).error().message,
            "no such table: SYS.DBA_OB_RECOVER_TABLE_JOBS; the views are in oceanbase");
  EXPECT_EQ(ResolveView("oceanbase.DBA_OB_RECOVER_TABLE_JOB", SessionOf(1)).error().message,
            "no such table: DBA_OB_RECOVER_TABLE_JOB; did you mean DBA_OB_RECOVER_TABLE_JOBS?");
}

TEST(Commands, ShowTablesListsWhatTheTenantSees) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  EXPECT_EQ(sys.Rows("SHOW TABLES").size(), 16U + 4) << "and four of our own";
  EXPECT_THAT(sys.Run("SHOW TABLES").header, ElementsAre("Tables_in_oceanbase"));
  EXPECT_EQ(Fixture(store, SessionOf(1002)).Rows("SHOW TABLES").size(), 8U + 2);
  Ran ran = sys.Run("SHOW TABLES LIKE '%task_history'");
  EXPECT_THAT(ran.header, ElementsAre("Tables_in_oceanbase (%task_history)"));
  EXPECT_THAT(ran.rows, ElementsAre("'CDB_OB_IMPORT_TABLE_TASK_HISTORY'",
                                    "'DBA_OB_IMPORT_TABLE_TASK_HISTORY'"));
}

TEST(Commands, DescShowsColumnsAndKey) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  Ran ran = sys.Run("DESC oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY");
  EXPECT_THAT(ran.header, ElementsAre("Field", "Type", "Null", "Key", "Default", "Extra"));
  ASSERT_EQ(ran.rows.size(), 29U);
  EXPECT_EQ(ran.rows[1], "'TASK_ID'/'varchar(4096)'/'NO'/'PRI'/NULL/''");
  EXPECT_THAT(sys.Rows("DESC DBA_OB_IMPORT_TABLE_TASKS STATUS"),
              ElementsAre("'STATUS'/'varchar(64)'/'NO'/''/NULL/''"));
}

TEST(Commands, UseKnowsOneSchema) {
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  Ran ran = sys.Run("USE OCEANBASE");
  EXPECT_EQ(ran.error, "");
  EXPECT_FALSE(ran.report.has_result);
  EXPECT_THAT(sys.Rows("USE mysql"),
              ElementsAre("error: unknown database 'mysql': the views are in oceanbase"));
}

TEST(Commands, SetTimeZoneChangesWhatIsShownAndCompared) {
  schema::Record job = Job(RecordKind::kRecoverJob, 1, 1);
  job.Set("start_ts", int64_t{1685570400000000});
  TestStore store({job});
  Fixture sys(store, SessionOf(1));
  const std::string query =
      "SELECT START_TIMESTAMP FROM CDB_OB_RECOVER_TABLE_JOBS WHERE START_TIMESTAMP < '2023-06-01'";
  EXPECT_THAT(sys.Rows(query), ElementsAre());
  EXPECT_EQ(sys.Run("SET time_zone = 'America/New_York'").error, "");
  EXPECT_THAT(sys.Rows(query), ElementsAre("'2023-05-31 18:00:00.000000'"));
  EXPECT_EQ(sys.Run("SET time_zone = '+25:00'").code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(sys.Rows(query), ElementsAre("'2023-05-31 18:00:00.000000'"));
}

TEST(Columns, TellWhatTheyHold) {
  TestStore store = ThreeTenants();
  Session session = SessionOf(1);
  session.shape = schema::RestoreShape::k423;
  Fixture sys(store, session);
  EXPECT_THAT(sys.Run("SELECT JOB_ID, STATUS AS s, RECOVER_PROGRESS, 1 + 1, 'x' FROM "
                      "CDB_OB_RESTORE_PROGRESS")
                  .header,
              ElementsAre("JOB_ID#", "s", "RECOVER_PROGRESS#.", "1 + 1", "x"));
  EXPECT_THAT(sys.Run("SELECT count(*), 7 / 2 FROM CDB_OB_RECOVER_TABLE_JOBS").header,
              ElementsAre("count(*)#", "7 / 2#"));
  EXPECT_THAT(sys.Rows("SELECT 7 / 2"), ElementsAre("3.50"));
}

/// Moves task 2 to the history and adds a live task, as a server does in one transaction.
void MoveATask(TestStore& store) {
  store.Put({Task(1002, 1, 2, "FINISH", RecordKind::kImportTaskHistory), Task(1002, 1, 9)});
}

TEST(OneState, AStatementDoesNotSeeWhatIsCommittedWhileItRuns) {
  const char* statements[] = {
      "SELECT TASK_ID, 'live' FROM CDB_OB_IMPORT_TABLE_TASKS UNION ALL "
      "SELECT TASK_ID, 'done' FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY",
      "SELECT a.TASK_ID, (SELECT CASE count(*) WHEN 0 THEN 'live' ELSE 'done' END FROM "
      "CDB_OB_IMPORT_TABLE_TASK_HISTORY b WHERE b.TASK_ID = a.TASK_ID) FROM "
      "CDB_OB_IMPORT_TABLE_TASKS a",
      "SELECT a.TASK_ID, CASE WHEN b.TASK_ID IS NULL THEN 'live' ELSE 'done' END FROM "
      "CDB_OB_IMPORT_TABLE_TASKS a LEFT JOIN CDB_OB_IMPORT_TABLE_TASK_HISTORY b "
      "ON a.TASK_ID = b.TASK_ID",
  };
  for (const char* sql : statements) {
    TestStore store({Task(1002, 1, 1), Task(1002, 1, 2), Task(1002, 1, 3)});
    Fixture sys(store, SessionOf(1));
    bool moved = false;
    Ran ran = sys.Run(sql, [&] {
      if (!moved) MoveATask(store);
      moved = true;
    });
    EXPECT_THAT(ran.rows, ElementsAre("1/'live'", "2/'live'", "3/'live'")) << sql;
    EXPECT_THAT(sys.Rows("SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS"),
                ElementsAre("1", "3", "9"))
        << "the next statement sees the commit";
  }
}

TEST(Damage, InTheMiddleOfAScanIsNotAnErrorOfTheStatement) {
  TestStore store({Task(1002, 1, 1), Task(1002, 1, 2), Task(1002, 1, 3)});
  store.Damage(RecordKind::kImportTask, {1002, 1, 2});
  Fixture sys(store, SessionOf(1));
  for (const char* sql : {"SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS",
                          "SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASKS",
                          "EXPLAIN SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS",
                          "SELECT STATUS FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TASK_ID = 2"}) {
    Ran ran = sys.Run(sql);
    EXPECT_EQ(ran.code, ErrorCode::kCorruption) << sql;
    EXPECT_THAT(ran.error, HasSubstr("import_task")) << sql;
    EXPECT_THAT(ran.error, HasSubstr("(1002, 1, 2)")) << sql;
  }
  EXPECT_THAT(sys.Rows("SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS LIMIT 1"), ElementsAre("1"));
  EXPECT_THAT(sys.Rows("SELECT STATUS FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TASK_ID = 3"),
              ElementsAre("'DOING'"));
}

TEST(Receivers, EndAStatementWithTheirError) {
  class Full final : public RowReceiver {
   public:
    Status Begin(std::span<const ResultColumn> /*columns*/) override { return {}; }
    Status Row(std::span<const Value> /*values*/) override {
      return Fail(ErrorCode::kInternal, "disk full");
    }
  } full;
  TestStore store = ThreeTenants();
  Fixture sys(store, SessionOf(1));
  SplitStatement statement;
  statement.text = "SELECT * FROM CDB_OB_RECOVER_TABLE_JOBS";
  auto report = sys.session().Execute(statement, full);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message, "disk full");
}

TEST(Warnings, AreOnePerTableOfAStatement) {
  std::vector<schema::Record> tasks;
  for (int64_t task : {1, 2, 3}) {
    tasks.push_back(Task(1002, 1, task));
    tasks.back().Set("start_ts", INT64_MAX);
  }
  TestStore store(tasks);
  Fixture sys(store, SessionOf(1));
  Ran ran = sys.Run("SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TASK_ID = 2");
  EXPECT_THAT(ran.report.warnings,
              ElementsAre("START_TIMESTAMP of import_task (1002, 1, 2) is 9223372036854775807 "
                          "microseconds, outside the years a time can show; shown as NULL"));
  ran = sys.Run("SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS");
  EXPECT_THAT(ran.report.warnings, ElementsAre(::testing::EndsWith("(and 2 more such values)")));
  ran = sys.Run(
      "SELECT b.START_TIMESTAMP FROM CDB_OB_IMPORT_TABLE_TASKS a JOIN "
      "CDB_OB_IMPORT_TABLE_TASKS b ON a.TASK_ID = b.TASK_ID");
  EXPECT_EQ(ran.report.warnings.size(), 1U) << "of three scans of b";
  EXPECT_THAT(sys.Run("SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS").report.warnings,
              ElementsAre());
}

TEST(Explain, RunsTheStatementAndTellsWhatItDid) {
  TestStore store(testing::ManyTasks());
  Fixture sys(store, SessionOf(1));
  Ran ran = sys.Run(
      "EXPLAIN SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS "
      "WHERE TENANT_ID = 1002 AND JOB_ID = 3 AND STATUS = 'DOING' AND COMMENT LIKE '%x%' "
      "AND upper(RESULT) <> 'X'");
  EXPECT_THAT(ran.header, ElementsAre("view", "access_path", "ranges", "pushed", "residual",
                                      "records_read#", "records_decoded#", "records_returned#"));
  ASSERT_EQ(ran.rows.size(), 1U);
  EXPECT_THAT(ran.rows[0],
              StartsWith("'CDB_OB_IMPORT_TABLE_TASKS'/'range'/'TENANT_ID 1002, JOB_ID 3'/"
                         "'TENANT_ID = 1002 AND JOB_ID = 3 AND STATUS = 'DOING''/"
                         "'COMMENT LIKE '%x%' AND upper(RESULT) <> 'X' (by SQLite)'/5"));
  ASSERT_EQ(ran.report.scans.size(), 1U);
  EXPECT_EQ(ran.report.scans[0].records_returned, 0U);
  EXPECT_EQ(ran.report.scans[0].records_decoded, 5U) << "COMMENT of those that are DOING";
}

TEST(Explain, TellsTheTruthAboutEachCondition) {
  TestStore store(testing::ManyTasks());
  Fixture sys(store, SessionOf(1));
  struct {
    const char* where;
    std::vector<Strings> pushed;  ///< of each scan
    Strings residual;             ///< of the first
  } cases[] = {
      {"(TENANT_ID = 1002 AND STATUS='DOING'\n)", {{"TENANT_ID = 1002", "STATUS = 'DOING'"}}, {}},
      {"(TENANT_ID, JOB_ID)=(1002,3)", {{"TENANT_ID = 1002", "JOB_ID = 3"}}, {}},
      {"TENANT_ID = 1002 AND TENANT_ID = 1002", {{"TENANT_ID = 1002"}}, {}},
      {"TENANT_ID = 1002 AND JOB_ID BETWEEN 3 AND 4",
       {{"TENANT_ID = 1002", "JOB_ID >= 3", "JOB_ID <= 4"}},
       {}},
      {"TENANT_ID = 1002 AND JOB_ID = 3 OR TENANT_ID = 1003 AND JOB_ID = 4",
       {{"TENANT_ID = 1002", "JOB_ID = 3"}, {"TENANT_ID = 1003", "JOB_ID = 4"}},
       {}},
      {"TENANT_ID = 1002 AND JOB_ID / 2 = \"x\"",
       {{"TENANT_ID = 1002"}},
       {"JOB_ID / 2 = \"x\" (by SQLite)"}},
  };
  for (const auto& c : cases) {
    Ran ran = sys.Run(
        fmt::format("EXPLAIN SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS WHERE {}", c.where));
    std::vector<Strings> pushed;
    for (const ScanReport& scan : ran.report.scans) pushed.push_back(scan.pushed);
    EXPECT_EQ(pushed, c.pushed) << c.where;
    ASSERT_FALSE(ran.report.scans.empty());
    EXPECT_EQ(ran.report.scans[0].residual, c.residual) << c.where;
  }
}

}  // namespace
}  // namespace obviews::vtab::sql
