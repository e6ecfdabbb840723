// obviewsctl load: what becomes of rows, whose they are, and that a load is made whole or not at
// all.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "stores.h"

namespace obviews::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTasks = "CDB_OB_IMPORT_TABLE_TASKS";

class LoadTest : public StoreTest {
 protected:
  /// A TSV of tasks of one job.
  static std::string Tasks(std::initializer_list<int> ids, const std::string& status = "DOING") {
    std::string tsv = "TENANT_ID\tTASK_ID\tJOB_ID\tSTATUS\n";
    for (int id : ids) tsv += "1002\t" + std::to_string(id) + "\t3\t" + status + "\n";
    return tsv;
  }
  std::string TaskIds(const std::string& view = kTasks) const {
    return Query("SELECT TASK_ID, STATUS FROM " + view);
  }
};

TEST_F(LoadTest, TheSameKeyAgainIsReplacedAndCountedSo) {
  EXPECT_EQ(LoadText(Tasks({7, 8}), {"--view", kTasks}).out,
            "2 rows read: 2 records inserted, 0 replaced\n");
  EXPECT_EQ(LoadText(Tasks({8, 9}, "SUCCESS"), {"--view", kTasks}).out,
            "2 rows read: 1 record inserted, 1 replaced\n");
  EXPECT_EQ(TaskIds(), "7\tDOING\n8\tSUCCESS\n9\tSUCCESS\n");
}

TEST_F(LoadTest, AHistoryRowRemovesItsLiveTwin) {
  LoadText(Tasks({7, 8}), {"--view", kTasks});
  Ran history = LoadText(Tasks({7}, "SUCCESS"), {"--view", "CDB_OB_IMPORT_TABLE_TASK_HISTORY"});
  EXPECT_EQ(history.out,
            "1 row read: 1 record inserted, 0 replaced, 1 live record removed by their history\n");
  EXPECT_EQ(TaskIds(), "8\tDOING\n");
  EXPECT_EQ(TaskIds("CDB_OB_IMPORT_TABLE_TASK_HISTORY"), "7\tSUCCESS\n");
}

TEST_F(LoadTest, AnOlderLiveRowDoesNotComeBackFromHistory) {
  LoadText(Tasks({7}, "SUCCESS"), {"--view", "CDB_OB_IMPORT_TABLE_TASK_HISTORY"});
  Ran live = LoadText(Tasks({7, 8}), {"--view", kTasks});
  EXPECT_EQ(live.code, 0);
  EXPECT_THAT(
      Plain(live.err),
      HasSubstr(
          "\nWarning: in.txt:2:1: import_task (1002, 3, 7) is in the history already: its older, "
          "live row is not loaded\n"));
  EXPECT_EQ(live.out,
            "2 rows read: 1 record inserted, 0 replaced, 1 live row left out for their history\n");
  EXPECT_EQ(TaskIds(), "8\tDOING\n");
}

TEST_F(LoadTest, NewestFirstInOneInputGivesHistoryToo) {
  std::string page =
      "SELECT TENANT_ID, TASK_ID, JOB_ID, STATUS FROM "
      "CDB_OB_IMPORT_TABLE_TASK_HISTORY\\G\n"
      "*** 1. row ***\nTENANT_ID: 1002\nTASK_ID: 7\nJOB_ID: 3\nSTATUS: SUCCESS\n"
      "1 row in set\n"
      "SELECT TENANT_ID, TASK_ID, JOB_ID, STATUS FROM CDB_OB_IMPORT_TABLE_TASKS\\G\n"
      "*** 1. row ***\nTENANT_ID: 1002\nTASK_ID: 7\nJOB_ID: 3\nSTATUS: DOING\n"
      "1 row in set\n";
  Ran ran = LoadText(page);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("1 live row left out"));
  EXPECT_EQ(TaskIds(), "");
}

TEST_F(LoadTest, OneBadRowLoadsNothingAndCreatesNothing) {
  const std::string text = Tasks({7}) + "1002\tx\t3\tDOING\n";
  Ran bad = LoadText(text, {"--view", kTasks});
  EXPECT_EQ(bad.code, 1);
  EXPECT_EQ(bad.out, "");
  EXPECT_THAT(Plain(bad.err), HasSubstr("ERROR: in.txt:3:6: TASK_ID: "));
  EXPECT_FALSE(std::filesystem::exists(db()));

  LoadText(Tasks({1}), {"--view", kTasks});
  EXPECT_EQ(LoadText(text, {"--view", kTasks}).code, 1);
  EXPECT_EQ(TaskIds(), "1\tDOING\n");

  Ran skipped = LoadText(text, {"--view", kTasks, "--skip-bad"});
  EXPECT_EQ(skipped.code, 0);
  EXPECT_EQ(skipped.out, "1 row read: 1 record inserted, 0 replaced; 1 bad row skipped\n");
  EXPECT_THAT(Plain(skipped.err), HasSubstr("Warning: in.txt:3:6: TASK_ID: "));
  EXPECT_EQ(TaskIds(), "1\tDOING\n7\tDOING\n");
}

TEST_F(LoadTest, ABadRowInTheLastOfSeveralFilesLoadsNothing) {
  Ran ran =
      Ctl("load", {"--view", kTasks, Write("a.tsv", Tasks({1})), Write("b.tsv", Tasks({2})),
                   Write("c.tsv", "TENANT_ID\tTASK_ID\tJOB_ID\n1002\t99999999999999999999\t3\n")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(Plain(ran.err), HasSubstr("ERROR: c.tsv:2:6: TASK_ID: "));
  EXPECT_THAT(ran.err, HasSubstr("99999999999999999999"));
  EXPECT_FALSE(std::filesystem::exists(db()));
  EXPECT_EQ(Ctl("load", {"--view", kTasks, Path("a.tsv"), Path("b.tsv")}).out,
            "2 rows read: 2 records inserted, 0 replaced\n");
}

TEST_F(LoadTest, StandardInputAndPipesAreReadWhole) {
  Given pipe;
  pipe.input = Tasks({7, 8});
  EXPECT_EQ(Ctl("load", {"--view", kTasks, "-"}, pipe).out,
            "2 rows read: 2 records inserted, 0 replaced\n");
  EXPECT_EQ(Ctl("load", {"--view", kTasks, "/dev/stdin"}, pipe).out,
            "2 rows read: 0 records inserted, 2 replaced\n");
  pipe.input = Tasks({9}) + "1002\t\t3\tDOING\n";
  Ran bad = Ctl("load", {"--view", kTasks, "-"}, pipe);
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.err, HasSubstr("<stdin>:3:6: "));
}

TEST_F(LoadTest, RowsOfADbaViewBelongToTheTenantGiven) {
  const std::string rows = "TASK_ID\tJOB_ID\tSTATUS\n7\t3\tDOING\n";
  const char* view = "DBA_OB_IMPORT_TABLE_TASKS";
  Ran given = LoadText(rows, {"--view", view, "--tenant", "1010"});
  EXPECT_EQ(given.code, 0) << given.err;
  Ran assumed = LoadText(rows, {"--view", view});
  EXPECT_THAT(assumed.err, HasSubstr("taken as those of tenant 1012;"));
  EXPECT_EQ(Query("SELECT TENANT_ID FROM CDB_OB_IMPORT_TABLE_TASKS"), "1010\n1012\n");
  Ran unknown = LoadText(rows, {"--view", view, "--tenant", "shop"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("unknown tenant 'shop'"));
}

TEST_F(LoadTest, TheAssumedTenantIsAboveThoseOfRecordsNobodyRegistered) {
  Fill({engine::testing::Task(2005, 3, 7)});
  Ran assumed = LoadText("TASK_ID\tJOB_ID\n7\t3\n", {"--view", "DBA_OB_IMPORT_TABLE_TASKS"});
  EXPECT_THAT(assumed.err, HasSubstr("taken as those of tenant 2006;"));
}

TEST_F(LoadTest, AnAmbiguousColumnSetNamesTheCandidates) {
  Ran ran = LoadText(Tasks({7}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("CDB_OB_IMPORT_TABLE_TASKS, CDB_OB_IMPORT_TABLE_TASK_HISTORY"));
  EXPECT_FALSE(std::filesystem::exists(db()));
  Ran none = LoadText("TENANT_ID\tNO_SUCH\n1\t2\n");
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("no view has these columns"));
}

TEST_F(LoadTest, UnknownColumnsAreIgnoredWithAWarningEach) {
  Ran ran = LoadText("TENANT_ID\tTASK_ID\tJOB_ID\tWEATHER\n1002\t7\t3\tfine\n1002\t8\t3\tbad\n",
                     {"--view", kTasks});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(Plain(ran.err),
              HasSubstr("Warning: in.txt:2:10: CDB_OB_IMPORT_TABLE_TASKS has no column WEATHER: "
                        "ignored\n"));
  EXPECT_EQ(ran.err.find("WEATHER"), ran.err.rfind("WEATHER"));
}

TEST_F(LoadTest, AnUnknownViewIsRefusedBeforeAnythingIsMade) {
  Ran ran = LoadText(Tasks({7}), {"--view", "CDB_OB_IMPORT_TABLE_TASK"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no such view: CDB_OB_IMPORT_TABLE_TASK; did you mean "
                                 "CDB_OB_IMPORT_TABLE_TASKS?"));
  EXPECT_FALSE(std::filesystem::exists(db()));
}

TEST_F(LoadTest, ListingsThatAreNoViewsOwnArePassedOverOnceEachAndTheRestLoads) {
  Ran ran = LoadText(
      "mysql> SELECT count(*) AS JOB_ID FROM CDB_OB_IMPORT_TABLE_TASKS;\n"
      "+--------+\n| JOB_ID |\n+--------+\n|     17 |\n|     18 |\n+--------+\n2 rows in set\n\n"
      "mysql> SELECT j.STATUS, t.STATUS FROM CDB_OB_IMPORT_TABLE_JOBS j JOIN "
      "CDB_OB_IMPORT_TABLE_TASKS t USING (TENANT_ID, JOB_ID);\n"
      "+--------+--------+\n| STATUS | STATUS |\n+--------+--------+\n| INIT   | INIT   |\n"
      "+--------+--------+\n1 row in set\n\n"
      "mysql> SELECT TENANT_ID, JOB_ID, TASK_ID, STATUS FROM CDB_OB_IMPORT_TABLE_TASKS;\n"
      "+-----------+--------+---------+--------+\n"
      "| TENANT_ID | JOB_ID | TASK_ID | STATUS |\n"
      "+-----------+--------+---------+--------+\n"
      "|      1002 |      3 |       7 | DOING  |\n"
      "+-----------+--------+---------+--------+\n1 row in set\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "1 row read: 1 record inserted, 0 replaced\n");
  const std::string err = Plain(ran.err);
  EXPECT_THAT(err, HasSubstr("Warning: in.txt:5:1: the statement \"SELECT count(*) AS JOB_ID FROM "
                             "CDB_OB_IMPORT_TABLE_TASKS\" computes columns (count): its rows are "
                             "passed over\n"));
  EXPECT_THAT(err, HasSubstr("Warning: in.txt:14:1: the statement \"SELECT j.STATUS, "));
  EXPECT_THAT(err, HasSubstr("does not read just one view: its rows are passed over\n"));
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 3) << err;  // and the columns left out
  EXPECT_EQ(TaskIds(), "7\tDOING\n");
  EXPECT_EQ(Query("SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_JOBS"), "0\n");
}

TEST_F(LoadTest, NothingToLoadIsAnErrorThatNamesTheFileAndCreatesNothing) {
  const std::pair<const char*, const char*> cases[] = {
      {"just prose\n", "ERROR: in.txt: no rows found; load takes listings"},
      {"", "ERROR: in.txt: the file is empty; load takes listings"},
      {"a,b\n", "ERROR: in.txt: no rows found; "},
      {"mysql> SELECT 1;\n+---+\n| 1 |\n+---+\n| 1 |\n+---+\n1 row in set\n",
       "ERROR: in.txt: no rows of the recovery views found, those of other statements were passed "
       "over"},
  };
  for (const auto& [text, message] : cases) {
    Ran ran = LoadText(text);
    EXPECT_EQ(ran.code, 1) << text;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(Plain(ran.err), HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(db()));
  }
  Ran two = Ctl("load", {Write("a.txt", "x\n"), Write("b.txt", "")});
  EXPECT_EQ(two.code, 1);
  EXPECT_THAT(Plain(two.err),
              HasSubstr("ERROR: a.txt: no rows found; b.txt: the file is empty; load takes"));
  Ran bad = LoadText("TENANT_ID\tTASK_ID\tJOB_ID\n1002\tx\t3\n", {"--view", kTasks, "--skip-bad"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.err, HasSubstr("no good row is left to load"));
  EXPECT_FALSE(std::filesystem::exists(db()));
}

TEST_F(LoadTest, AResultWithoutRowsIsFineAndCreatesNothing) {
  for (const char* text :
       {"mysql> SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS;\nEmpty set (0.00 sec)\n", "[]\n",
        "TENANT_ID,JOB_ID,TASK_ID\n", "| JOB_ID |\n| ---: |\n"}) {
    Ran ran = LoadText(text);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(ran.out, "0 rows read: 0 records inserted, 0 replaced\n");
    EXPECT_FALSE(std::filesystem::exists(db()));
  }
  Ran one = Ctl("load", {"--view", kTasks, Write("a.txt", "prose\n"), Write("b.tsv", Tasks({7}))});
  EXPECT_EQ(one.code, 0);
  EXPECT_THAT(Plain(one.err), HasSubstr("Warning: a.txt: no rows found\n"));
  EXPECT_EQ(TaskIds(), "7\tDOING\n");
}

TEST_F(LoadTest, ListingsOfBothModesUnderOneAssumedTenantAreToldOf) {
  const std::string mysql =
      "SELECT JOB_ID, START_TIMESTAMP FROM DBA_OB_RECOVER_TABLE_JOBS\\G\n*** 1. row ***\n"
      "JOB_ID: 1\nSTART_TIMESTAMP: 2023-08-21 19:54:25.000000\n1 row in set\n\n";
  const std::string oracle =
      "SELECT JOB_ID, START_TIMESTAMP FROM DBA_OB_RECOVER_TABLE_JOBS\\G\n*** 1. row ***\n"
      "JOB_ID: 2\nSTART_TIMESTAMP: 2023-08-21 19:54:25\n1 row in set\n";
  Ran both = LoadText(mysql + oracle);
  EXPECT_EQ(both.code, 0) << both.err;
  EXPECT_THAT(Plain(both.err),
              HasSubstr("Warning: in.txt:8:1: rows of DBA_ views in Oracle mode, while those at "
                        "in.txt:2:1 are in MySQL mode: a tenant has one mode, so load them apart, "
                        "each with its --tenant\n"));
  EXPECT_THAT(LoadText(mysql + mysql).err, Not(HasSubstr("a tenant has one mode")));
  EXPECT_THAT(LoadText(mysql + oracle, {"--tenant", "1002", "--mode", "mysql"}).err,
              Not(HasSubstr("a tenant has one mode")));
}

TEST_F(LoadTest, MarkdownTablesLoadBack) {
  std::vector<schema::Record> records;
  int64_t task = 0;
  for (const char* text : {"", "`a`.`b`", "a|b", "C:\\new\\", "<br>", "*x*", "two\nlines", "表"}) {
    records.push_back(engine::testing::Task(1002, 3, ++task));
    records.back().Set("src_table", text);
    records.back().Set("comment", text);
  }
  Fill(records);
  const std::string printed = Dump({"--markdown", kTasks}).out;
  const std::string copy = Path("copy");
  Ran loaded = Obviewsctl({"load", "--db", copy, "--view", kTasks,
                           Write("page.md", "# Tasks\n\n" + printed + "\nEnd.\n")});
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_EQ(loaded.out, "8 rows read: 8 records inserted, 0 replaced\n");
  EXPECT_EQ(DumpViews({"--db", copy, "--json", kTasks}).out, Dump({"--json", kTasks}).out);
}

TEST_F(LoadTest, AnUnknownFinishTimeOfTheHistoryShowsNullAgain) {
  const char* history = "CDB_OB_IMPORT_TABLE_JOB_HISTORY";
  for (const char* time : {"NULL", "", "0000-00-00 00:00:00.000000"}) {
    Ran ran =
        LoadText(std::string("TENANT_ID\tJOB_ID\tSTATUS\tSTART_TIMESTAMP\tFINISH_TIMESTAMP\n") +
                     "1002\t3\tIMPORT_FINISH\t2023-08-21 19:54:25.000000\t" + time + "\n",
                 {"--view", history});
    EXPECT_EQ(ran.code, 0) << ran.err;
    const bool zero = time[0] == '0';
    EXPECT_EQ(ran.err.find("FINISH_TIMESTAMP is NULL: the time is not known") == std::string::npos,
              zero)
        << ran.err;
    EXPECT_EQ(Query(std::string("SELECT FINISH_TIMESTAMP FROM ") + history),
              std::string(zero ? time : "NULL") + "\n");
  }
}

TEST_F(LoadTest, WiderRestoreListingsOfNewerServersLoad) {
  for (const char* version : {"4.2.3", "4.3.3"}) {
    auto job = engine::testing::Job(schema::RecordKind::kRestoreJob, 1004, 5);
    job.Set("restore_tenant_name", "AUX");
    job.Set("status", "RESTORE_SUCCESS");
    job.Set("restore_scn", "1692104831498747191");
    job.Set("restore_type", "FULL");
    job.Set("tablet_count", int64_t{10});
    job.Set("finish_tablet_count", int64_t{4});
    job.Set("total_bytes", int64_t{1000});
    job.Set("finish_bytes", int64_t{500});
    Fill({job});
    Ran printed = Dump({"-E", "--view-version", version, "CDB_OB_RESTORE_PROGRESS"});
    ASSERT_EQ(printed.code, 0) << printed.err;
    std::string copy = Path(std::string("copy") + version);
    Ran loaded = Obviewsctl({"load", "--db", copy, Write("wide.txt", printed.out)});
    EXPECT_EQ(loaded.code, 0) << loaded.err;
    EXPECT_EQ(DumpViews({"--db", copy, "-E", "--view-version", version, "--columns",
                         "JOB_ID,STATUS,RESTORE_SCN,TABLET_COUNT,TOTAL_BYTES,FINISH_BYTES",
                         "CDB_OB_RESTORE_PROGRESS"})
                  .out,
              Dump({"-E", "--view-version", version, "--columns",
                    "JOB_ID,STATUS,RESTORE_SCN,TABLET_COUNT,TOTAL_BYTES,FINISH_BYTES",
                    "CDB_OB_RESTORE_PROGRESS"})
                  .out);
  }
}

TEST_F(LoadTest, AFollowerReadsWholeStatesWhileALoadWrites) {
  FillTasks(1000);
  std::string tsv = Tasks({});
  for (int i = 1; i <= 20'000; ++i) tsv += "1004\t" + std::to_string(i) + "\t3\tDOING\n";
  std::string file = Write("many.tsv", tsv);
  Ran loaded;
  std::thread loader([&] { loaded = Ctl("load", {"--view", kTasks, file}); });
  for (int i = 0; i < 8; ++i) {
    Ran ran = Sql("SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASKS", {"-N"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_TRUE(ran.out == "1000\n" || ran.out == "21000\n") << ran.out;
  }
  loader.join();
  EXPECT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_EQ(Query("SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASKS"), "21000\n");
}

TEST_F(LoadTest, TakenAtIsTheTimeTheRowsAreOf) {
  auto listing = [](const std::string& finished) {
    return "TENANT_ID\tJOB_ID\tRESTORE_TENANT_NAME\tRESTORE_TENANT_ID\tSTATUS\tTOTAL_BYTES\t"
           "FINISH_BYTES\n1010\t8\tAUX_RECOVER$1692618864733548\t1010\tRESTORING\t2000000000\t" +
           finished + "\n";
  };
  const std::vector<std::string> view = {"--view", "CDB_OB_RESTORE_PROGRESS"};
  auto taken = [&](const std::string& time) {
    return std::vector<std::string>{view[0], view[1], "--taken-at", time};
  };
  ASSERT_EQ(LoadText(listing("0"), taken("2023-08-21 20:00:00")).code, 0);
  ASSERT_EQ(LoadText(listing("1000000000"), taken("2023-08-21 20:16:40")).code, 0);
  EXPECT_EQ(Query("SELECT RATE_DISPLAY, ETA_TIMESTAMP FROM CDB_OB_RECOVER_TABLE_PROGRESS"),
            "976.56KB/s\tNULL\n");
  EXPECT_THAT(
      LoadText(listing("5"), taken("2023-08-21 19:00:00")).err,
      HasSubstr("Warning: the rows of recovery 1010/8 are older than those that were loaded"));
  EXPECT_THAT(LoadText(listing("0"), taken("2123-08-21")).err,
              HasSubstr("--taken-at: \"2123-08-21\" is still to come"));
  EXPECT_THAT(LoadText(listing("0"), taken("soon")).err,
              HasSubstr("--taken-at: \"soon\" is neither an age"));
}

}  // namespace
}  // namespace obviews::e2e
