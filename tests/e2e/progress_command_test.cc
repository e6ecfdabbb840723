// `dump-views progress` as people and scripts use it: once, waiting, as lines, JSON and metrics.
#include <nlohmann/json.hpp>

#include "stores.h"

namespace obviews::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ProgressCommandTest : public StoreTest {
 protected:
  Ran Progress(std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), "progress");
    Given given;
    given.environment = {"LC_ALL=C.UTF-8", "COLUMNS=80"};
    return Dump(std::move(arguments), given);
  }
  void Simulate(std::vector<std::string> options) const {
    options.insert(options.begin(), {"--speed", "0"});
    Ran ran = Ctl("simulate", std::move(options));
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  /// A recovery that nobody drives on.
  void StartRecovery(const std::string& tenant) const {
    Ran ran = Ctl("exec", {"ALTER SYSTEM RECOVER TABLE *.* TO TENANT " + tenant +
                           " FROM 'file:///backup' WITH 'pool_list=p'"});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
};

TEST_F(ProgressCommandTest, ShowsWhatFailedAndWhy) {
  Simulate({"--tables", "50", "--fail-rate", "0.3", "--seed", "5"});
  Ran ran = Progress();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("recovery 1/1 of tenant sim_tenant_1 (1002)                   "
                                  "COMPLETED  100.00 %\n├─ began     "));
  // By the statement that is named where there are many.
  const std::string failed = Query(
      "SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE TENANT_ID = 1002 AND JOB_ID = 2 "
      "AND RESULT IN ('FAILED', 'FAIL')");
  EXPECT_THAT(ran.out, HasSubstr("failed  " + failed.substr(0, failed.size() - 1) + " tables\n"));
}

TEST_F(ProgressCommandTest, OptionsOfDumpViewsMayFollow) {
  StartRecovery("shop");
  Ran after = DumpViews({"progress", "--db", db(), "--tenant", "shop", "--time-zone", "+00:00"});
  EXPECT_EQ(after.code, 0) << after.err;
  EXPECT_THAT(after.out,
              AllOf(StartsWith("recovery 1002/1 of tenant shop (1002)"), HasSubstr("(+00:00)")))
      << after.err;
}

TEST_F(ProgressCommandTest, ATenantIsNotToldOfOthers) {
  StartRecovery("shop");
  StartRecovery("erp");
  EXPECT_THAT(Progress().out, AllOf(HasSubstr("tenant shop"), HasSubstr("tenant erp")));
  EXPECT_THAT(Progress({"--tenant", "erp"}).out, Not(HasSubstr("shop")));
  Ran of_other = Progress({"--tenant", "erp", "--job", "1/1"});
  Ran of_nobody = Progress({"--tenant", "erp", "--job", "1/9"});
  EXPECT_EQ(of_other.code, 1);
  EXPECT_THAT(of_other.err, StartsWith("ERROR: no recovery has a job 1/1; there "));
  EXPECT_EQ(of_other.err.substr(34), of_nobody.err.substr(34));
}

TEST_F(ProgressCommandTest, ManyThatEndedAreALineEach) {
  Simulate({"--tenants", "4", "--tables", "2"});
  Ran ran = Progress({"--ended", "2"});
  EXPECT_THAT(ran.out,
              ContainsRegex("\n\nrecovery 1/[1-4] of tenant sim_tenant_[1-4] \\([0-9]+\\)  "
                            "COMPLETED  [-0-9]+ [:0-9]+\n  after 0:[0-9]+, 2 of 2 tables\n"
                            "and 2 more that ended before; --ended N shows more\n$"));
}

TEST_F(ProgressCommandTest, AStoreThatIsMissingIs3UnlessSomebodyWaits) {
  EXPECT_EQ(Progress().code, 3);
  Ran ran = Progress({"--wait", "--timeout", "0.2"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, StartsWith("Notice: waiting: no record store at "));
  EXPECT_EQ(ran.out, "");
}

TEST_F(ProgressCommandTest, WrongOptionsAre2) {
  Fill({});
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--job", "7"}, "--job: \"7\" is no job: TENANT_ID/JOB_ID is expected, such as 1002/1"},
      {{"--watch", "0"}, "--watch: '0' is no number of seconds from 0.1 to 3600"},
      {{"--watch", "often"}, "--watch: 'often' is no number"},
      {{"--timeout", "3"}, "--timeout goes with --wait or --watch"},
      {{"--json", "--openmetrics"}, "--json and --openmetrics exclude each other"},
      {{"--watch", "--openmetrics"}, "--openmetrics is printed once"},
      {{"CDB_OB_IMPORT_TABLE_TASKS"}, "views, statements and their options do not go with"},
      {{"--csv"}, "views, statements and their options do not go with"},
      {{"-e", "SELECT 1"}, "views, statements and their options do not go with"},
      {{"--limit", "1"}, "--limit go with a VIEW"},
  };
  for (const auto& [arguments, message] : cases) {
    Ran ran = Progress(arguments);
    EXPECT_EQ(ran.code, 2) << message;
    EXPECT_THAT(ran.err, HasSubstr(message));
  }
}

TEST_F(ProgressCommandTest, AStoreWithoutRecoveriesSaysSo) {
  Fill({});
  EXPECT_EQ(Progress().out, "no recovery in this store\n");
  EXPECT_EQ(Progress({"--json"}).out, "[]\n");
}

// ---- waiting

TEST_F(ProgressCommandTest, TheExitCodeOfAWaitSaysHowItEnded) {
  Simulate({"--tables", "3"});
  Ran good = Progress({"--wait"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("COMPLETED  100.00 %"));
  Simulate({"--tables", "3", "--fail-rate", "1"});
  EXPECT_EQ(Progress({"--wait", "--job", "1/2"}).code, 6);
  EXPECT_EQ(Progress({"--wait", "--job", "1/1"}).code, 0);
  EXPECT_EQ(Progress({"--wait"}).code, 6);
  EXPECT_EQ(Progress().code, 0);
  StartRecovery("shop");
  EXPECT_EQ(Progress({"--wait", "--timeout", "0.1"}).code, 5);
}

TEST_F(ProgressCommandTest, AWaitBegunBeforeTheStoreEndsWithTheRecovery) {
  const std::string progress = "\"" OBVIEWS_DUMP_VIEWS "\" --db '" + db() + "' progress ";
  Ran ran =
      e2e::Run("/bin/sh", {"-c", "(sleep 0.5; \"" OBVIEWS_OBVIEWSCTL "\" simulate --db '" + db() +
                                     "' --tables 100 --speed 50 </dev/null >/dev/null) &\n" +
                                     progress + "--watch 0.1 --timeout 60\n"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, StartsWith("Notice: waiting: no record store at "));
  EXPECT_THAT(ran.out, ContainsRegex("recovery 1/1 of tenant sim_tenant_1 \\(1002\\): IMPORT "
                                     "[0-9.]+ %, [0-9]+ of 100 tables"));
  EXPECT_THAT(ran.out, EndsWith("recovery 1/1 of tenant sim_tenant_1 (1002): COMPLETED 100.00 %, "
                                "100 of 100 tables\n"));
}

TEST_F(ProgressCommandTest, ASignalEndsAWaitWith5) {
  StartRecovery("shop");
  for (const char* signal : {"INT", "TERM"}) {
    Ran ran = e2e::Run("/bin/sh", {"-c", "\"" OBVIEWS_DUMP_VIEWS "\" --db '" + db() +
                                             "' progress --watch & pid=$!; sleep 0.7; kill -" +
                                             signal + " $pid; wait $pid"});
    EXPECT_EQ(ran.code, 5) << ran.err;
    EXPECT_THAT(ran.out, ContainsRegex("^[-0-9]+ [:0-9]+ recovery 1/1 of tenant shop \\(1002\\): "
                                       "PREPARE 0.00 %\n$"));
  }
}

// ---- for programs

TEST_F(ProgressCommandTest, JsonHasEveryRecovery) {
  Simulate({"--tenants", "2", "--tables", "5"});
  const json all = json::parse(Progress({"--json"}).out);
  ASSERT_EQ(all.size(), 2U);
  for (const json& recovery : all) {
    EXPECT_EQ(recovery["stage"], "COMPLETED");
    EXPECT_EQ(recovery["percent"], 100.0);
    EXPECT_EQ(recovery["tables_finished"], 5);
    EXPECT_EQ(recovery["unknown"]["eta"], "it has ended");
  }
}

TEST_F(ProgressCommandTest, AWatchInJsonIsALineForEachChange) {
  StartRecovery("shop");
  Ran ran = Progress({"--watch", "0.1", "--timeout", "0.5", "--json"});
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << ran.out;
  EXPECT_EQ(json::parse(ran.out)["stage"], "PREPARE");
}

TEST_F(ProgressCommandTest, MetricsEndWithTheirMark) {
  Simulate({"--tables", "5"});
  EXPECT_THAT(Progress({"--openmetrics"}).out,
              AllOf(HasSubstr("obviews_recovery_progress_ratio{tenant_id=\"1\",job_id=\"1\","
                              "target_tenant=\"sim_tenant_1\"} 1.0000\n"),
                    HasSubstr("status=\"finished\"} 5\n"), EndsWith("\n# EOF\n")));
}

TEST_F(ProgressCommandTest, WithoutUtf8ThereIsAscii) {
  StartRecovery("shop");
  Given given;
  given.environment = {"LC_ALL=C"};
  Ran ran = Dump({"progress"}, given);
  EXPECT_THAT(ran.out, HasSubstr("\n|- began"));
  EXPECT_TRUE(std::all_of(ran.out.begin(), ran.out.end(),
                          [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST_F(ProgressCommandTest, ManyThatRunAreALineEach) {
  for (int i = 1; i <= 6; ++i) StartRecovery("shop" + std::to_string(i));
  Ran ran = Progress();
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 7) << ran.out;
  EXPECT_THAT(ran.out, StartsWith("recovery 1/1 of tenant shop1 (1002): PREPARE"));
  EXPECT_THAT(ran.out, EndsWith("\n--job TENANT_ID/JOB_ID shows one as a tree\n"));
  EXPECT_THAT(Progress({"--job", "1/6"}).out, HasSubstr("├─ began"));
}

TEST_F(ProgressCommandTest, ThoseThatAreLeftOutAreCounted) {
  Simulate({"--tables", "2"});
  EXPECT_EQ(Progress({"--ended", "0"}).out, "no recovery runs; 1 ended, which --ended N shows\n");
}

TEST_F(ProgressCommandTest, AWatchWhoseReaderLeavesSawNoEnd) {
  StartRecovery("shop");
  Ran ran = e2e::Run("/bin/bash", {"-c", "set -o pipefail; \"" OBVIEWS_DUMP_VIEWS "\" --db '" +
                                             db() + "' progress --json --wait --timeout 1 | true"});
  EXPECT_EQ(ran.code, 5) << ran.err;
}

TEST_F(ProgressCommandTest, AReaderThatLeavesEndsItQuietly) {
  StartRecovery("shop");
  Ran ran = e2e::Run("/bin/sh",
                     {"-c", "\"" OBVIEWS_DUMP_VIEWS "\" --db '" + db() + "' progress | head -1"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace obviews::e2e
