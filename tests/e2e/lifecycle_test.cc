// Recoveries as people run them: statements by exec, runs of simulate with statements on standard
// input, signals and crashes in the middle, and the purge of what is past.
#include <sys/stat.h>

#include <filesystem>

#include "stores.h"

namespace obviews::e2e {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kRecoverShop =
    "ALTER SYSTEM RECOVER TABLE *.* TO TENANT shop FROM 'file:///backup' WITH 'pool_list=p'";

class LifecycleTest : public StoreTest {
 protected:
  Ran Exec(const std::string& statement, std::vector<std::string> options = {}) const {
    options.push_back(statement);
    return Ctl("exec", std::move(options));
  }
  Ran ExecInput(const std::string& input, std::vector<std::string> options = {}) const {
    Given given;
    given.input = input;
    return Ctl("exec", std::move(options), given);
  }
  /// As fast as possible, unless told otherwise.
  Ran Simulate(std::vector<std::string> options, const std::string& input = "") const {
    options.insert(options.begin(), {"--speed", "0"});
    Given given;
    given.input = input;
    return Ctl("simulate", std::move(options), given);
  }
  /// A shell script in which `ctl COMMAND ...` and `dump SQL` work on the store, `exec_ctl` does so
  /// in the place of a shell in the background, and `tables N` waits until so many are imported.
  Ran Shell(const std::string& script) const {
    const std::string begin =
        "exec_ctl() { command=$1; shift; exec \"" OBVIEWS_OBVIEWSCTL "\" $command --db '" + db() +
        "' \"$@\"; }\n"
        "ctl() { (exec_ctl \"$@\"); }\n"
        "dump() { \"" OBVIEWS_DUMP_VIEWS "\" --db '" +
        db() +
        "' -N -e \"$1\" 2>/dev/null; }\n"
        "tables() { while :; do n=$(dump \"SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASKS WHERE "
        "STATUS = 'FINISH'\"); [ \"${n:-0}\" -ge $1 ] && return; sleep 0.02; done; }\n";
    return e2e::Run("/bin/sh", {"-c", begin + script});
  }
  /// What a run leaves, without times, auxiliary names, SCNs and trace ids.
  std::string FinalRows() const {
    std::string rows = Query(
        "SELECT TENANT_ID, JOB_ID, INITIATOR_TENANT_ID, INITIATOR_JOB_ID, STATUS, "
        "TARGET_TENANT_NAME, IMPORT_ALL, BACKUP_DEST, RESULT, COMMENT FROM "
        "CDB_OB_RECOVER_TABLE_JOB_HISTORY ORDER BY 1, 2");
    rows += Query(
        "SELECT TENANT_ID, JOB_ID, INITIATOR_JOB_ID, STATUS, SRC_TENANT_ID, TOTAL_TABLE_COUNT, "
        "FINISHED_TABLE_COUNT, FAILED_TABLE_COUNT, RESULT, COMMENT FROM "
        "CDB_OB_IMPORT_TABLE_JOB_HISTORY ORDER BY 1, 2");
    rows += Query(
        "SELECT TENANT_ID, JOB_ID, TASK_ID, SRC_DATABASE, SRC_TABLE, TARGET_TABLE, SRC_TABLEGROUP, "
        "TABLE_COLUMN, STATUS, TOTAL_INDEX_COUNT, IMPORTED_INDEX_COUNT, TOTAL_CONSTRAINT_COUNT, "
        "FAILED_REF_CONSTRAINT_COUNT, RESULT, SUBSTRING_INDEX(COMMENT, 'trace_id', 1) FROM "
        "CDB_OB_IMPORT_TABLE_TASK_HISTORY ORDER BY 1, 2, 3");
    rows += Query(
        "SELECT TENANT_ID, JOB_ID, RESTORE_TENANT_ID, STATUS, LS_COUNT, FINISH_LS_COUNT, "
        "TABLET_COUNT, TOTAL_BYTES, FINISH_BYTES FROM CDB_OB_RESTORE_HISTORY ORDER BY 1, 2");
    return rows;
  }
  uint64_t LiveRows() const {
    return std::stoull(
        Query("SELECT (SELECT COUNT(*) FROM CDB_OB_RECOVER_TABLE_JOBS) + (SELECT "
              "COUNT(*) FROM CDB_OB_IMPORT_TABLE_JOBS) + (SELECT COUNT(*) FROM "
              "CDB_OB_IMPORT_TABLE_TASKS) + (SELECT COUNT(*) FROM "
              "CDB_OB_RESTORE_PROGRESS)"));
  }
  void ExpectSound() const {
    Ran verify = Ctl("verify");
    EXPECT_EQ(verify.code, 0) << verify.out << verify.err;
    EXPECT_THAT(verify.out, HasSubstr(" 0 damaged, 0 problems, 0 notices"));
  }
};

TEST_F(LifecycleTest, ExecStartsARecoveryOnANewStore) {
  Ran ran = Exec(
      "ALTER SYSTEM RECOVER TABLE infodb.tbl1,infodb.tbl2 TO TENANT oracle001 FROM "
      "'file:///data/nfs/backup/data,file:///data/nfs/backup/archive' UNTIL TIME='2023-09-30 "
      "00:00:00' WITH 'pool_list=restore_pool' REMAP TABLE infodb.tbl1:newtbl REMAP TABLEGROUP "
      "tg1:newtg1 REMAP TABLESPACE ts1:newts1");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "recovery 1 of tenant oracle001 (1002) started\n");
  EXPECT_EQ(
      Query("SELECT TENANT_ID, JOB_ID, INITIATOR_TENANT_ID, INITIATOR_JOB_ID, STATUS, TABLE_LIST, "
            "RESTORE_SCN_DISPLAY, REMAP_TABLE_LIST FROM CDB_OB_RECOVER_TABLE_JOBS"),
      "1\t1\t1\t0\tPREPARE\t`infodb`.`tbl1`,`infodb`.`tbl2`\t2023-09-30 00:00:00.000000\t"
      "`infodb`.`tbl1`:`infodb`.`newtbl`\n"
      "1002\t1\t1\t1\tPREPARE\t`infodb`.`tbl1`,`infodb`.`tbl2`\t2023-09-30 00:00:00.000000\t"
      "`infodb`.`tbl1`:`infodb`.`newtbl`\n");
  ExpectSound();
}

TEST_F(LifecycleTest, UntilTimeIsOfTheSystemTimeZone) {
  Ran ran = Exec(
      "ALTER SYSTEM RECOVER TABLE *.* TO TENANT shop UNTIL TIME='2023-09-30 00:00:00' WITH "
      "'pool_list=p'",
      {"--system-time-zone", "+00:00"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Query("SELECT DISTINCT RESTORE_SCN FROM CDB_OB_RECOVER_TABLE_JOBS"),
            "1696032000000000000\n");
}

TEST_F(LifecycleTest, ExecTakesStatementsFromStandardInput) {
  Ran ran = ExecInput(std::string("-- two; of them\n") + kRecoverShop +
                      ";\nALTER SYSTEM CANCEL RECOVER\n TABLE shop");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "recovery 1 of tenant shop (1002) started\n"
            "0 import jobs and 1 recover job of tenant 1002 set to CANCELING\n");
}

TEST_F(LifecycleTest, ExecStopsAtTheFirstErrorUnlessForced) {
  const std::string two = std::string(kRecoverShop) + "; nonsense; " + kRecoverShop + ";";
  Ran ran = ExecInput(two);
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "recovery 1 of tenant shop (1002) started\n");
  EXPECT_EQ(ran.err, "ERROR: -5001: syntax error: expected ALTER SYSTEM (line 1, column 1)\n");
  Ran forced = ExecInput(two, {"--force"});
  EXPECT_EQ(forced.code, 1);
  EXPECT_EQ(forced.out, "");
  EXPECT_EQ(std::count(forced.err.begin(), forced.err.end(), '\n'), 3);
  EXPECT_THAT(forced.err, HasSubstr("ERROR: -4179: "));
}

TEST_F(LifecycleTest, APasswordIsInNoMessageAndMaskedInTheViews) {
  const std::string secret = " WITH 'pool_list=p' ENCRYPTED BY 'SECRET";
  for (const std::string& text :
       {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT sys" + secret + "'",
        "ALTER SYSTEM RECOVER TABLE a.b,a.b TO TENANT shop" + secret + "'",
        "ALTER SYSTEM RECOVER TABLE a.b TO TENANT shop" + secret}) {
    Ran ran = ExecInput(text);
    EXPECT_EQ(ran.code, 1) << text;
    EXPECT_THAT(ran.err, StartsWith("ERROR: ")) << text;
    EXPECT_THAT(ran.err + ran.out, Not(HasSubstr("SECRET"))) << text;
  }
  EXPECT_EQ(ExecInput("ALTER SYSTEM RECOVER TABLE a.b TO TENANT shop" + secret + "'").code, 0);
  EXPECT_EQ(Query("SELECT DISTINCT BACKUP_PASSWD FROM CDB_OB_RECOVER_TABLE_JOBS"), "******\n");
}

TEST_F(LifecycleTest, AFailedStatementMakesNoStore) {
  EXPECT_EQ(Exec("nonsense").code, 1);
  EXPECT_EQ(Exec("ALTER SYSTEM CANCEL RECOVER TABLE shop").code, 3);
  EXPECT_EQ(Exec(kRecoverShop, {"--strict-tenants"}).code, 3);
  EXPECT_FALSE(std::filesystem::exists(db()));
}

TEST_F(LifecycleTest, StrictTenantsRefusesAnUnknownOne) {
  Fill({}, {{1002, "shop", true, schema::Mode::kMySql}});
  Ran ran =
      Exec("ALTER SYSTEM RECOVER TABLE *.* TO TENANT erp WITH 'pool_list=p'", {"--strict-tenants"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "ERROR: -5157: unknown tenant \"erp\"\n");
  EXPECT_EQ(Exec(kRecoverShop, {"--strict-tenants"}).out,
            "recovery 1 of tenant shop (1002) started\n");
  Ran cancel = Exec("ALTER SYSTEM CANCEL RECOVER TABLE erp");
  EXPECT_EQ(cancel.code, 1);
  EXPECT_EQ(cancel.err, "ERROR: -5157: unknown tenant \"erp\"\n");
}

TEST_F(LifecycleTest, AStoreThatSomebodyHoldsIs3) {
  engine::OpenOptions options;
  options.access = engine::Access::kReadWrite;
  options.create_if_missing = true;
  auto holder = engine::Store::Open(db(), options);
  ASSERT_TRUE(holder);
  for (const Ran& ran : {Exec(kRecoverShop), Simulate({}), Ctl("purge", {"--keep", "1"})}) {
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("another process"));
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(Ctl("purge", {"--keep", "1", "--dry-run"}).code, 0);
}

TEST_F(LifecycleTest, WrongOptionsAre2) {
  const std::vector<std::vector<std::string>> cases = {
      {"simulate", "--fail-rate", "2"},
      {"simulate", "--tenants", "-1"},
      {"simulate", "--speed", "fast"},
      {"exec", "--system-time-zone", "Mars/Base", "x"},
      {"purge"},
      {"purge", "--older-than", "soon"},
      {"purge", "--older-than", "30d", "x"},
      {"purge", "--keep", "-1"},
      {"purge", "--tenant", "sys"},
  };
  for (const std::vector<std::string>& arguments : cases) {
    Ran ran = Ctl(arguments[0], {arguments.begin() + 1, arguments.end()});
    EXPECT_EQ(ran.code, 2) << arguments[0] << " " << arguments.back() << ran.err;
    EXPECT_THAT(ran.err, StartsWith("ERROR: "));
    EXPECT_FALSE(std::filesystem::exists(db()));
  }
}

TEST_F(LifecycleTest, SimulateDrivesWhatExecStarted) {
  ASSERT_EQ(Exec("ALTER SYSTEM RECOVER TABLE infodb.tbl1,infodb.tbl2 TO TENANT oracle001 WITH "
                 "'pool_list=p' REMAP TABLE infodb.tbl1:newtbl")
                .code,
            0);
  Ran ran = Simulate({});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "tenant oracle001 (1002): COMPLETED, 2 tables imported, 0 failed\n");
  EXPECT_EQ(Query("SELECT SRC_TABLE, TARGET_DATABASE, TARGET_TABLE, STATUS, RESULT FROM "
                  "CDB_OB_IMPORT_TABLE_TASK_HISTORY"),
            "tbl1\tinfodb\tnewtbl\tFINISH\tSUCCEESS\n"
            "tbl2\tinfodb\ttbl2\tFINISH\tSUCCEESS\n");
  EXPECT_EQ(LiveRows(), 0U);
  ExpectSound();
}

TEST_F(LifecycleTest, ByDefaultSimulateStartsOneRecovery) {
  EXPECT_EQ(Simulate({}).out,
            "tenant sim_tenant_1 (1002): COMPLETED, 100 tables imported, 0 failed\n");
  EXPECT_EQ(Simulate({"--tenants", "0"}).out, "no recovery to drive\n");
}

TEST_F(LifecycleTest, TheSameSeedEndsInTheSameRows) {
  std::vector<std::string> rows;
  for (const char* parallel : {"1", "8"}) {
    std::filesystem::remove_all(db());
    Ran ran = Simulate({"--tenants", "3", "--tables", "60", "--fail-rate", "0.1", "--stall-rate",
                        "0.05", "--seed", "7", "--parallel", parallel});
    EXPECT_EQ(ran.code, 0) << ran.err;
    rows.push_back(ran.out + FinalRows());
  }
  EXPECT_EQ(rows[0], rows[1]);
  EXPECT_THAT(rows[0], HasSubstr("COMPLETED"));
  EXPECT_THAT(rows[0], HasSubstr("FAILED"));
  std::filesystem::remove_all(db());
  EXPECT_EQ(
      Simulate({"--tenants", "3", "--tables", "60", "--fail-rate", "0.1", "--seed", "8"}).code, 0);
  EXPECT_NE(FinalRows(), rows[0]);
}

TEST_F(LifecycleTest, ARunWhoseTablesAllFailIsFailed) {
  Ran ran = Simulate({"--tables", "3", "--fail-rate", "1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "tenant sim_tenant_1 (1002): FAILED, 0 tables imported, 3 failed: import succeed table "
            "count: 0, failed table count: 3\n");
}

TEST_F(LifecycleTest, StatementsOnStandardInputRunMeanwhile) {
  Ran ran = Simulate({"--tenants", "0", "--tables", "2"},
                     std::string(kRecoverShop) + "; nonsense; ALTER SYSTEM CANCEL RECOVER TABLE x");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "recovery 1 of tenant shop (1002) started\n"
            "tenant shop (1002): COMPLETED, 2 tables imported, 0 failed\n");
  EXPECT_EQ(ran.err,
            "ERROR: -5001: syntax error: expected ALTER SYSTEM (line 1, column 1)\n"
            "ERROR: -5157: unknown tenant \"x\"\n");
}

TEST_F(LifecycleTest, ACancelInTheMiddleEndsFailedWith4072) {
  Ran ran = Shell(
      "(tables 3; echo 'ALTER SYSTEM CANCEL RECOVER TABLE sim_tenant_1;') |\n"
      "  ctl simulate --tables 2000 --speed 50\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("1 import job and 1 recover job of tenant 1002 set to CANCELING\n"
                                  "tenant sim_tenant_1 (1002): FAILED, "));
  EXPECT_THAT(ran.out, HasSubstr(": result:-4072(), addr:"));
  EXPECT_EQ(LiveRows(), 0U);
  EXPECT_EQ(Query("SELECT TENANT_ID, STATUS, RESULT, COMMENT LIKE 'result:-4072()%' FROM "
                  "CDB_OB_RECOVER_TABLE_JOB_HISTORY"),
            "1\tFAILED\tFAILED\t1\n1002\tFAILED\tFAILED\t1\n");
  EXPECT_EQ(Query("SELECT STATUS, RESULT, TOTAL_TABLE_COUNT, FINISHED_TABLE_COUNT, "
                  "FAILED_TABLE_COUNT FROM CDB_OB_IMPORT_TABLE_JOB_HISTORY"),
            "IMPORT_FINISH\tFAILED\t2000\t0\t0\n");
  EXPECT_EQ(Query("SELECT STATUS, RESULT, SUM(TASK_COUNT) >= 3 FROM "
                  "CDB_OB_IMPORT_TABLE_TASK_SUMMARY GROUP BY 1, 2 ORDER BY 1, 2"),
            "FINISH\tFAILED\t1\nFINISH\tSUCCEESS\t1\n");
  EXPECT_EQ(Query("SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE RESULT = 'FAILED' "
                  "AND (COMMENT NOT LIKE 'result:-4072()%' OR COMPLETION_TIMESTAMP IS NULL)"),
            "0\n");
  ExpectSound();
}

TEST_F(LifecycleTest, ASignalStopsCleanlyAndTheNextRunGoesOn) {
  struct Case {
    const char* signal;
    int code;
  };
  for (const Case& c : {Case{"INT", 130}, Case{"TERM", 143}}) {
    std::filesystem::remove_all(db());
    Ran ran = Shell(std::string("exec_ctl simulate --tables 500 --speed 100 < /dev/null & pid=$!\n"
                                "tables 3; kill -") +
                    c.signal + " $pid; wait $pid\n");
    EXPECT_EQ(ran.code, c.code) << ran.err;
    EXPECT_THAT(ran.err,
                HasSubstr("Notice: stopped; obviewsctl simulate goes on with the live recoveries"));
    EXPECT_THAT(ran.out, StartsWith("tenant sim_tenant_1 (1002): IMPORTING, "));
    EXPECT_THAT(ran.out, EndsWith(" to go\n"));
    // Its tenant is at work: no second recovery.
    Ran next = Simulate({"--tenants", "1"});
    EXPECT_EQ(next.code, 0) << next.err;
    EXPECT_EQ(next.err, "");
    EXPECT_EQ(next.out, "tenant sim_tenant_1 (1002): COMPLETED, 500 tables imported, 0 failed\n");
    ExpectSound();
  }
}

TEST_F(LifecycleTest, AKilledRunLosesNothingAndEndsInTheSameRows) {
  const std::string options = "--tenants 2 --tables 150 --fail-rate 0.1 --seed 3";
  ASSERT_EQ(Shell("ctl simulate " + options + " --speed 0 < /dev/null").code, 0);
  const std::string rows = FinalRows();
  std::filesystem::remove_all(db());
  Shell("exec_ctl simulate " + options +
        " --speed 100 < /dev/null & pid=$!\ntables 20; kill -KILL $pid; wait $pid\n");
  EXPECT_GT(LiveRows(), 0U);
  Ran ran = Shell("ctl simulate " + options + " --speed 0 < /dev/null");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(FinalRows(), rows);
  EXPECT_EQ(LiveRows(), 0U);
  ExpectSound();
}

TEST_F(LifecycleTest, PurgeRemovesWhatThePolicyGivesUp) {
  for (int run = 0; run < 3; ++run)
    ASSERT_EQ(Simulate({"--tenants", "2", "--tables", "4"}).code, 0);
  Ran dry = Ctl("purge", {"--keep", "1", "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_THAT(dry.out, StartsWith("would remove "));
  const std::string count = "SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY";
  EXPECT_EQ(Query(count), "24\n");
  Ran purge = Ctl("purge", {"--keep", "1"});
  EXPECT_EQ(purge.out, "removed " + dry.out.substr(std::string("would remove ").size()));
  EXPECT_EQ(Query(count), "8\n");
  EXPECT_EQ(Query("SELECT TENANT_ID, COUNT(*) FROM CDB_OB_IMPORT_TABLE_JOB_HISTORY GROUP BY 1"),
            "1002\t1\n1004\t1\n");
  EXPECT_EQ(Query("SELECT TARGET_TENANT_NAME, COUNT(*) FROM CDB_OB_RECOVER_TABLE_JOB_HISTORY WHERE "
                  "TENANT_ID = 1 GROUP BY 1"),
            "sim_tenant_1\t1\nsim_tenant_2\t1\n");
  EXPECT_EQ(Ctl("purge", {"--keep", "0", "--tenant", "sim_tenant_2", "--tenant", "1008"}).out,
            "removed 2 recover jobs, 1 import job with 4 tasks, 1 restore job\n");
  EXPECT_EQ(Query(count), "4\n");
  ExpectSound();
  EXPECT_THAT(Ctl("purge", {"--older-than", "1h"}).out, StartsWith("removed 0 recover jobs"));
  EXPECT_EQ(Ctl("purge", {"--older-than", "0s"}).code, 0);
  EXPECT_EQ(Query(count), "0\n");
  // Ids go on where they were.
  EXPECT_EQ(Exec(kRecoverShop).out, "recovery 7 of tenant shop (1006) started\n");
  ExpectSound();
}

}  // namespace
}  // namespace obviews::e2e
