// The summary views as people meet them: beside the tasks they are worked out from, in both modes,
// listed and described, and never loaded.
#include "stores.h"

namespace obviews::e2e {
namespace {

using engine::testing::Task;
using schema::RecordKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCdb = "CDB_OB_IMPORT_TABLE_TASK_SUMMARY";
constexpr const char* kDba = "DBA_OB_IMPORT_TABLE_TASK_SUMMARY";

class SummaryTest : public StoreTest {
 protected:
  static schema::Record Done(int64_t tenant, int64_t job, int64_t task,
                             const schema::FieldValue& result, int64_t start, int64_t completion) {
    schema::Record record = Task(tenant, job, task, "FINISH", RecordKind::kImportTaskHistory);
    record.Set("result", result);
    record.Set("start_ts", start);
    record.Set("completion_ts", completion);
    return record;
  }

  void SetUp() override {
    constexpr int64_t kStart = 1685570400000000;  // 2023-06-01 06:00:00 at +08:00
    constexpr int64_t kSecond = 1000000;
    auto live = Task(1002, 3, 9);
    live.Set("start_ts", kStart + 2 * kSecond);
    auto finished = Done(1002, 3, 8, "SUCCESS", kStart + kSecond, kStart + 90 * kSecond).AsTwin();
    Fill({live, finished, Done(1002, 3, 7, "SUCCESS", kStart, kStart + 60 * kSecond),
          Done(1002, 3, 6, std::monostate{}, kStart + 500000, -1),
          Done(1002, 3, 5, "", kStart, kStart + 59500000), Task(1004, 1, 1)},
         {{1002, "shop", true, schema::Mode::kMySql}, {1004, "erp", true, schema::Mode::kOracle}});
  }
};

TEST_F(SummaryTest, ShowsEachGroupOfAJobOverLiveAndHistory) {
  const std::string of_1002 =
      "3\tDOING\t\t1\t2023-06-01 06:00:02.000000\tNULL\n"
      "3\tFINISH\tNULL\t1\t2023-06-01 06:00:00.500000\tNULL\n"
      "3\tFINISH\t\t1\t2023-06-01 06:00:00.000000\t2023-06-01 06:00:59.500000\n"
      "3\tFINISH\tSUCCESS\t2\t2023-06-01 06:00:00.000000\t2023-06-01 06:01:30.000000\n";
  std::string of_all;
  for (size_t at = 0; at < of_1002.size(); at = of_1002.find('\n', at) + 1) {
    of_all += "1002\t" + of_1002.substr(at, of_1002.find('\n', at) + 1 - at);
  }
  of_all += "1004\t1\tDOING\t\t1\t1970-01-01 08:00:00.000000\tNULL\n";
  for (const char* form : {"view", "sql", "threads"}) {
    auto print = [&](const std::string& view, std::vector<std::string> options) {
      options.insert(options.end(), {"-N", "-B"});
      if (form == std::string("sql")) return Query("SELECT * FROM " + view, options);
      if (form == std::string("threads")) options.insert(options.end(), {"--threads", "2"});
      options.push_back(view);
      Ran ran = Dump(options);
      EXPECT_EQ(ran.code, 0) << ran.err;
      return ran.out;
    };
    EXPECT_EQ(print(kCdb, {}), of_all) << form;
    EXPECT_EQ(print(kDba, {"--tenant", "1002"}), of_1002) << form;
    EXPECT_EQ(print(kDba, {}), "") << form << ": sys has no tasks of its own";
  }
}

TEST_F(SummaryTest, InOracleModeShowsItsTimesAndHasNoEmptyResults) {
  EXPECT_EQ(Query(std::string("SELECT * FROM SYS.") + kDba,
                  {"-N", "--tenant", "1002", "--mode", "oracle"}),
            "3\tDOING\tNULL\t1\t2023-06-01 06:00:02\tNULL\n"
            "3\tFINISH\tNULL\t2\t2023-06-01 06:00:00\t2023-06-01 06:00:59\n"
            "3\tFINISH\tSUCCESS\t2\t2023-06-01 06:00:00\t2023-06-01 06:01:30\n");
}

TEST_F(SummaryTest, FindsItsJobsByTheirKeys) {
  EXPECT_THAT(Query(std::string("SELECT TASK_COUNT FROM ") + kCdb +
                        " WHERE TENANT_ID = 1002 AND JOB_ID = 3 AND RESULT = 'SUCCESS'",
                    {"--explain"}),
              AllOf(HasSubstr("TENANT_ID 1002, JOB_ID 3"), HasSubstr("point")));
}

TEST_F(SummaryTest, IsListedBehindTheViewsOfServers) {
  EXPECT_EQ(DumpViews({"--list", "-N", "--mode", "oracle"}).out,
            "DBA_OB_RECOVER_TABLE_JOBS\t26\t4.2.1\n"
            "DBA_OB_RECOVER_TABLE_JOB_HISTORY\t26\t4.2.1\n"
            "DBA_OB_IMPORT_TABLE_JOBS\t21\t4.2.1\n"
            "DBA_OB_IMPORT_TABLE_JOB_HISTORY\t21\t4.2.1\n"
            "DBA_OB_IMPORT_TABLE_TASKS\t28\t4.2.1\n"
            "DBA_OB_IMPORT_TABLE_TASK_HISTORY\t28\t4.2.1\n"
            "DBA_OB_RESTORE_PROGRESS\t19\t4.0.0\n"
            "DBA_OB_RESTORE_HISTORY\t26\t4.0.0\n"
            "DBA_OB_IMPORT_TABLE_TASK_SUMMARY\t6\tobviews\n"
            "DBA_OB_RECOVER_TABLE_PROGRESS\t19\tobviews\n");
  EXPECT_THAT(Sql("SELECT 1 FROM CDB_OB_IMPORT_TABLE_TASK_SUMARY").err,
              HasSubstr("did you mean CDB_OB_IMPORT_TABLE_TASK_SUMMARY?"));
}

TEST_F(SummaryTest, IsDescribedWithWhatItIsWorkedOutFrom) {
  EXPECT_EQ(DumpViews({"--describe", kCdb, "-B"}).out, ReadFile(DataPath("e2e/summary.describe")));
  EXPECT_THAT(Query(std::string("DESC ") + kDba),
              HasSubstr("RESULT\tvarchar(64)\tYES\t\tNULL\t\n"));
}

TEST_F(SummaryTest, IsNotLoadedAndNotExported) {
  const std::string tasks = Query("SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS", {"-B"});
  const std::string summary = Query(std::string("SELECT * FROM ") + kCdb, {"-B"});
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--view", kCdb}}) {
    Ran ran = LoadText(summary, options, "s.tsv");
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(Plain(ran.err),
              "ERROR: s.tsv:2:1: CDB_OB_IMPORT_TABLE_TASK_SUMMARY is worked out from tasks, not "
              "stored: load the tasks instead\n");
  }
  EXPECT_THAT(Ctl("export").out, Not(HasSubstr("task_count")));
  EXPECT_THAT(Ctl("stats").out, Not(HasSubstr("summary")));
  EXPECT_EQ(Ctl("verify").code, 0);
  EXPECT_EQ(Query("SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS", {"-B"}), tasks);
}

}  // namespace
}  // namespace obviews::e2e
