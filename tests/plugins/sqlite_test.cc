// The SQLite extension in Debian's sqlite3 and in Python's: the views under their names, the
// answers of dump-views, and errors instead of harm.
#include <fmt/format.h>

#include <sstream>

#include "stores.h"

namespace obviews::e2e {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPython = "/usr/bin/python3";

class SqliteTest : public StoreTest {
 protected:
  void LoadDocument() const {
    ASSERT_EQ(LoadText(ReadFile(DataPath("document.md")), {}, "document.md").code, 0);
  }

  /// Runs lines in sqlite3, the extension loaded.
  static Ran Sqlite(const std::vector<std::string>& lines, const std::string& file = ":memory:") {
    std::vector<std::string> arguments = {"-batch", file, ".load " OBVIEWS_SQLITE_EXTENSION_FILE};
    arguments.insert(arguments.end(), lines.begin(), lines.end());
    return e2e::Run("/usr/bin/sqlite3", arguments);
  }
  std::string Attach(const std::string& options = "") const {
    return options.empty() ? fmt::format("SELECT obviews_attach('{}')", db())
                           : fmt::format("SELECT obviews_attach('{}', '{}')", db(), options);
  }
  /// What a query prints, the store attached first.
  std::string Rows(const std::string& sql, const std::string& options = "") const {
    Ran ran = Sqlite(
        {".output /dev/null", Attach(options), ".output", ".mode tabs", ".nullvalue NULL", sql});
    EXPECT_EQ(ran.code, 0) << sql << "\n" << ran.err;
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }
};

TEST_F(SqliteTest, EveryViewIsThereUnderItsName) {
  LoadDocument();
  EXPECT_EQ(
      Sqlite({Attach(), "SELECT STATUS, COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASKS GROUP BY 1"}).out,
      "oceanbase\nDOING|1\n");
  std::istringstream names(Dump({"--list", "-N"}).out);
  for (std::string line; std::getline(names, line);) {
    std::string view = line.substr(0, line.find('\t'));
    std::string count = fmt::format("SELECT count(*) FROM oceanbase.{}", view);
    EXPECT_EQ(Rows(count), Query(count)) << view;
  }
}

TEST_F(SqliteTest, AnswersAreThoseOfDumpViews) {
  ASSERT_EQ(
      Ctl("simulate", {"--speed", "0", "--tables", "50", "--tenants", "2", "--fail-rate", "0.2"})
          .code,
      0);
  for (const char* sql :
       {"SELECT * FROM CDB_OB_RECOVER_TABLE_JOB_HISTORY ORDER BY TENANT_ID, JOB_ID",
        "SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE RESULT = 'FAILED' AND COMMENT LIKE "
        "'Table%'",
        "SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE TENANT_ID = 1004 AND TASK_ID "
        "IN (3, 4, 99) ORDER BY TASK_ID DESC",
        "SELECT STATUS, RESULT, count(*) FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY GROUP BY 1, 2",
        "SELECT j.JOB_ID, count(*) FROM CDB_OB_IMPORT_TABLE_JOB_HISTORY j JOIN "
        "CDB_OB_IMPORT_TABLE_TASK_HISTORY t ON t.TENANT_ID = j.TENANT_ID AND t.JOB_ID = j.JOB_ID "
        "GROUP BY 1",
        "SELECT STAGE, PERCENT = 100 FROM CDB_OB_RECOVER_TABLE_PROGRESS"}) {
    EXPECT_EQ(Rows(sql), Query(sql)) << sql;
  }
}

TEST_F(SqliteTest, OptionsAreThoseOfTheTools) {
  LoadDocument();
  const std::string sql = "SELECT JOB_ID, START_TIMESTAMP FROM DBA_OB_RECOVER_TABLE_JOBS";
  EXPECT_EQ(Rows(sql, R"({"tenant": "OBT"})"), Query(sql, {"-N", "--tenant", "OBT"}));
  EXPECT_EQ(Rows(sql, R"({"tenant": 1016, "time_zone": "UTC", "schema": "a b"})"),
            Query(sql, {"-N", "--tenant", "1016", "--time-zone", "UTC"}));
  EXPECT_EQ(Rows("SELECT JOB_ID FROM SYS.DBA_OB_RECOVER_TABLE_JOBS",
                 R"({"tenant": 1016, "mode": "oracle"})"),
            Query("SELECT JOB_ID FROM DBA_OB_RECOVER_TABLE_JOBS",
                  {"-N", "--tenant", "1016", "--mode", "oracle"}));
}

TEST_F(SqliteTest, OneTenantsTablesStandBesideAnothers) {
  LoadDocument();
  EXPECT_EQ(Sqlite({Attach(), Attach(R"({"tenant": 1016, "schema": "obt"})"),
                    "SELECT count(*) FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS",
                    "SELECT count(*) FROM obt.DBA_OB_RECOVER_TABLE_JOBS", "DETACH obt",
                    "SELECT count(*) FROM obt.DBA_OB_RECOVER_TABLE_JOBS"})
                .out,
            "oceanbase\nobt\n2\n1\n");
}

TEST_F(SqliteTest, FollowsWhatAnotherProcessWrites) {
  FillTasks(2);
  const std::string count = "SELECT count(*) FROM CDB_OB_IMPORT_TABLE_TASKS";
  Write("more.tsv", "TENANT_ID\tJOB_ID\tTASK_ID\tSTATUS\n1002\t1\t3\tINIT\n");
  EXPECT_EQ(Sqlite({Attach(), count,
                    fmt::format(".shell {} load --db {} --view CDB_OB_IMPORT_TABLE_TASKS {} "
                                "> /dev/null 2>&1",
                                OBVIEWS_OBVIEWSCTL, db(), Path("more.tsv")),
                    count})
                .out,
            "oceanbase\n2\n3\n");
}

TEST_F(SqliteTest, ATableMayBeNamedInASchemaThatLasts) {
  LoadDocument();
  const std::string file = Path("notes.db");
  const std::string create = fmt::format(
      "CREATE VIRTUAL TABLE jobs USING obviews(view = CDB_OB_RECOVER_TABLE_JOBS, db = '{}', "
      "time_zone='+00:00')",
      db());
  ASSERT_EQ(Sqlite({create}, file).err, "");
  EXPECT_EQ(Sqlite({"SELECT JOB_ID FROM jobs WHERE TENANT_ID = 1016"}, file).out, "2\n");
}

TEST_F(SqliteTest, SecretsStayHiddenUnlessAskedFor) {
  ASSERT_EQ(LoadText("TENANT_ID\tJOB_ID\tSTATUS\tBACKUP_PASSWD\n1002\t1\tPREPARE\thush\n",
                     {"--view", "CDB_OB_RECOVER_TABLE_JOBS"}, "a.tsv")
                .code,
            0);
  const std::string sql = "SELECT BACKUP_PASSWD FROM CDB_OB_RECOVER_TABLE_JOBS";
  EXPECT_EQ(Rows(sql), "******\n");
  EXPECT_EQ(Rows(sql, R"({"show_secrets": true})"), "hush\n");
}

TEST_F(SqliteTest, ErrorsSayWhatIsWrong) {
  LoadDocument();
  struct {
    std::string sql;
    std::string error;
  } cases[] = {
      {"SELECT obviews_attach('nowhere')", "no record store at 'nowhere'"},
      {"SELECT obviews_attach(NULL)", "db, the directory of a record store, is missing"},
      {Attach("[]"), "the options of obviews_attach are a JSON object such as"},
      {Attach("{"), "the options of obviews_attach are a JSON object such as"},
      {Attach(R"({"tenat": 1002})"), "obviews has no option 'tenat'; did you mean tenant?"},
      {Attach(R"({"tenant": [1]})"), "option tenant of obviews_attach is to be a text"},
      {Attach(R"({"tenant": "nobody"})"), "unknown tenant 'nobody'"},
      {Attach(R"({"mode": "db2"})"), "db2"},
      {Attach(R"({"time_zone": "Mars/Base"})"), "unknown time zone"},
      {Attach(R"({"show_secrets": "maybe"})"), "show_secrets is true or false, not maybe"},
      {Attach(R"({"schema": "main"})"), "there is a schema main already"},
      {"CREATE VIRTUAL TABLE t USING obviews", "db, the directory of a record store, is missing"},
      {"CREATE VIRTUAL TABLE t USING obviews(CDB_OB_RECOVER_TABLE_JOBS)",
       "expected USING obviews(view=NAME, db='DIR', ...)"},
      {"CREATE VIRTUAL TABLE t USING obviews(db='" + db() + "')", "no such view: "},
      {"CREATE VIRTUAL TABLE t USING obviews(db='" + db() + "', view=CDB_OB_RECOVER_TABLE_JOB)",
       "did you mean CDB_OB_RECOVER_TABLE_JOBS?"},
  };
  for (const auto& c : cases) {
    Ran ran = Sqlite({c.sql});
    EXPECT_NE(ran.code, 0) << c.sql;
    EXPECT_THAT(ran.err, HasSubstr(c.error)) << c.sql;
  }
}

TEST_F(SqliteTest, ViewsAreReadOnly) {
  LoadDocument();
  Ran ran = Sqlite({Attach(), "DELETE FROM CDB_OB_RECOVER_TABLE_JOBS"});
  EXPECT_THAT(ran.err, HasSubstr("may not be modified"));
}

TEST_F(SqliteTest, SchemasWrittenBySomebodyElseReachNothing) {
  LoadDocument();
  const std::string file = Path("trap.db");
  const std::string table = fmt::format(
      "CREATE VIRTUAL TABLE t USING obviews(view=CDB_OB_RECOVER_TABLE_JOBS, db='{}')", db());
  ASSERT_EQ(Sqlite({table, "CREATE VIEW v AS SELECT * FROM t",
                    "CREATE VIEW w AS SELECT obviews_attach('" + db() + "')"},
                   file)
                .err,
            "");
  EXPECT_THAT(Sqlite({"SELECT * FROM v"}, file).err,
              HasSubstr("unsafe use of virtual table \"t\""));
  EXPECT_THAT(Sqlite({"SELECT * FROM w"}, file).err, HasSubstr("unsafe use of obviews_attach()"));
}

TEST_F(SqliteTest, DamageIsAnError) {
  FillTasks(2000);
  std::string path = fmt::format("{}/CURRENT", db());
  WriteFile(path, "garbage");
  Ran ran = Sqlite({Attach()});
  EXPECT_NE(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("CURRENT"));
}

TEST_F(SqliteTest, PythonUsesItThroughItsOwnModule) {
  LoadDocument();
  const std::string script = Write("use.py", fmt::format(R"py(
import sqlite3, threading
def names(tenant):
    connection = sqlite3.connect(":memory:")
    connection.enable_load_extension(True)
    connection.load_extension("{}")
    connection.execute("SELECT obviews_attach(?, ?)", ("{}", '{{"tenant": %d}}' % tenant))
    rows = connection.execute("SELECT JOB_ID, STATUS FROM DBA_OB_RECOVER_TABLE_JOBS").fetchall()
    connection.close()
    return rows
seen = []
threads = [threading.Thread(target=lambda: seen.append(names(1016))) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(seen[0], len(seen), all(rows == seen[0] for rows in seen))
)py",
                                                         OBVIEWS_SQLITE_EXTENSION_FILE, db()));
  Ran ran = e2e::Run(kPython, {script});
  EXPECT_EQ(ran.out, "[(2, 'RESTORE_AUX_TENANT')] 8 True\n") << ran.err;
  EXPECT_EQ(ran.code, 0);
}

}  // namespace
}  // namespace obviews::e2e
