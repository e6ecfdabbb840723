// From shown rows back to records: which view, which mode, and what each cell means.
#include "tools/loader/view_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/conversions.h"
#include "schema/quote.h"
#include "tools/loader/detect.h"

namespace obviews::tools {
namespace {

using schema::FieldValue;
using schema::Mode;
using schema::RecordKind;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// What became of the only row of a text.
struct Outcome {
  std::optional<ViewRecord> row;
  std::string error;
  std::vector<std::string> warnings;
};

Outcome ReadOne(const std::string& text, ViewRowOptions options = {}) {
  Outcome outcome;
  auto reader = ReadRows(TextSource::FromText("in", text), InputFormat::kAuto);
  ParsedRow parsed;
  auto more = (*reader)->Next(parsed);
  EXPECT_TRUE(more && *more) << text;
  ViewRowReader rows(std::move(options));
  auto row = rows.Read(parsed);
  outcome.warnings = rows.TakeWarnings();
  if (row) {
    outcome.row = *std::move(row);
  } else {
    outcome.error = row.error().message;
  }
  return outcome;
}

/// A row of a view as a JSON line.
Outcome ReadJson(const std::string& view, const std::string& members, ViewRowOptions options = {}) {
  options.view = view;
  return ReadOne("{" + members + "}\n", std::move(options));
}

struct CellCase {
  const char* view;
  const char* cell;
  const char* field;
  FieldValue value;
};

TEST(ViewRowsTest, ACellBecomesTheValueThatShowsIt) {
  const int64_t kUsec = 1692191329492389;  // 2023-08-16 21:08:49.492389 at +08:00
  const CellCase cases[] = {
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("SRC_TABLE":"a")", "src_table", "a"},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("SRC_TABLE":null)", "src_table", std::monostate{}},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("SRC_TABLE":"")", "src_table", ""},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("STATUS":null)", "status", ""},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("TABLE_COLUMN":" 7 ")", "table_column", int64_t{7}},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("START_TIMESTAMP":"2023-08-16 21:08:49.492389")", "start_ts",
       kUsec},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("START_TIMESTAMP":"2023-08-16 21:08:49.492389 ")",
       "start_ts", kUsec},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("COMPLETION_TIMESTAMP":null)", "completion_ts", int64_t{-1}},
      {"CDB_OB_IMPORT_TABLE_TASKS", R"("COMPLETION_TIMESTAMP":"NULL ")", "completion_ts",
       int64_t{-1}},
      {"CDB_OB_RECOVER_TABLE_JOBS", R"("FINISH_TIMESTAMP":null)", "end_ts", int64_t{0}},
      {"CDB_OB_RECOVER_TABLE_JOBS", R"("RESTORE_SCN":4611686018427387903)", "restore_scn",
       schema::kMaxScn},
      {"CDB_OB_RESTORE_PROGRESS", R"("RESTORE_SCN":"1692104831498747191 ")", "restore_scn",
       "1692104831498747191"},
  };
  for (const CellCase& c : cases) {
    std::string key = R"("TENANT_ID":1002,"JOB_ID":3,)";
    if (std::string(c.view).find("TASK") != std::string::npos) key += R"("TASK_ID":7,)";
    Outcome outcome = ReadJson(c.view, key + c.cell);
    ASSERT_TRUE(outcome.row) << c.cell << " " << outcome.error;
    EXPECT_TRUE(outcome.row->record.Get(c.field) == c.value) << c.cell;
  }
}

TEST(ViewRowsTest, MissingColumnsAreUnsetAndNamedOnce) {
  Outcome outcome =
      ReadJson("CDB_OB_IMPORT_TABLE_TASKS", R"("TENANT_ID":1002,"TASK_ID":7,"JOB_ID":3)");
  ASSERT_TRUE(outcome.row) << outcome.error;
  EXPECT_EQ(outcome.row->record.Int("completion_ts"), -1);
  EXPECT_EQ(outcome.row->record.Int("cumulative_ts"), -1);
  EXPECT_EQ(outcome.row->record.Text("result"), "");
  EXPECT_THAT(outcome.warnings,
              ElementsAre("in:1:1: CDB_OB_IMPORT_TABLE_TASKS without SRC_TENANT_ID, "
                          "SRC_TABLESPACE, SRC_TABLEGROUP, SRC_DATABASE, SRC_TABLE, SRC_PARTITION "
                          "and 20 more: read as unset"));
}

TEST(ViewRowsTest, ARowWithoutItsKeyIsRefused) {
  EXPECT_EQ(ReadJson("CDB_OB_IMPORT_TABLE_TASKS", R"("TENANT_ID":1002,"TASK_ID":7)").error,
            "in:1:1: a row of CDB_OB_IMPORT_TABLE_TASKS without JOB_ID has no key");
}

TEST(ViewRowsTest, TheModeIsToldByTheTimes) {
  const std::pair<const char*, Mode> cases[] = {{"2023-08-21 19:54:25.000000", Mode::kMySql},
                                                {"2023-08-21 19:54:25", Mode::kOracle}};
  for (const auto& [time, mode] : cases) {
    Outcome outcome = ReadJson("DBA_OB_RECOVER_TABLE_JOBS",
                               std::string(R"("JOB_ID":3,"START_TIMESTAMP":")") + time + "\"");
    ASSERT_TRUE(outcome.row) << outcome.error;
    EXPECT_EQ(outcome.row->mode, mode) << time;
    EXPECT_TRUE(outcome.row->mode_told);
    EXPECT_TRUE(outcome.row->tenant_assumed);
    EXPECT_EQ(outcome.row->record.Int("start_ts"), 1692618865000000);
  }
}

TEST(ViewRowsTest, OracleModeShowsEmptyListsAsNull) {
  ViewRowOptions options;
  options.mode = Mode::kOracle;
  options.tenant = 1010;
  Outcome outcome = ReadJson("DBA_OB_RECOVER_TABLE_JOBS",
                             R"("JOB_ID":3,"DB_LIST":null,"BACKUP_PASSWD":null)", options);
  ASSERT_TRUE(outcome.row) << outcome.error;
  EXPECT_TRUE(outcome.row->record.Get("db_list") == FieldValue(std::string()));
  EXPECT_TRUE(outcome.row->record.Get("backup_passwd") == FieldValue(std::monostate{}));
  EXPECT_EQ(outcome.row->record.Int("tenant_id"), 1010);
  EXPECT_FALSE(outcome.row->tenant_assumed);
}

TEST(ViewRowsTest, TheScnWinsOverItsDisplay) {
  Outcome outcome = ReadJson("CDB_OB_RECOVER_TABLE_JOBS",
                             R"("TENANT_ID":1,"JOB_ID":1,"RESTORE_SCN_DISPLAY":)"
                             R"("2023-06-01 00:00:00.000000","RESTORE_SCN":1692104831498747191)");
  ASSERT_TRUE(outcome.row) << outcome.error;
  EXPECT_TRUE(outcome.row->record.Get("restore_scn") == FieldValue(uint64_t{1692104831498747191}));
  EXPECT_THAT(outcome.warnings,
              ::testing::Contains(HasSubstr("2023-08-15 21:07:11.498747 in zone +08:00: the SCN "
                                            "is kept")));
}

TEST(ViewRowsTest, RowsOfOtherTablesArePassedOver) {
  Outcome outcome = ReadOne("SELECT * FROM mysql.user\\G\n*** 1. row ***\nHost: x\n1 row in set\n");
  EXPECT_EQ(outcome.error, "");
  EXPECT_FALSE(outcome.row);
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("USER is no view of table recovery")));
}

TEST(ViewRowsTest, RowsThatAreNoViewsOwnArePassedOver) {
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT count(*) AS JOB_ID FROM CDB_OB_IMPORT_TABLE_TASKS", "computes columns (count)"},
      {"SELECT TASK_ID AS JOB_ID FROM CDB_OB_IMPORT_TABLE_TASKS", "calls TASK_ID JOB_ID"},
      {"SELECT JOB_ID FROM CDB_OB_IMPORT_TABLE_TASKS GROUP BY JOB_ID",
       "puts rows together (GROUP)"},
      {"SELECT JOB_ID FROM CDB_OB_IMPORT_TABLE_TASKS",
       "leaves out TENANT_ID, without which a row of CDB_OB_IMPORT_TABLE_TASKS has no key"},
      {"SELECT JOB_ID FROM CDB_OB_IMPORT_TABLE_TASKS, CDB_OB_IMPORT_TABLE_JOBS",
       "does not read just one view"},
      {"SELECT max(JOB_ID) JOB_ID FROM (SELECT 3 JOB_ID) x", "computes columns (max)"},
      {"SHOW x", "does not read just one view"},
  };
  for (const auto& [statement, why] : cases) {
    Outcome outcome = ReadOne(std::string("mysql> ") + statement +
                              ";\n+--------+\n| JOB_ID |\n+--------+\n|     17 |\n+--------+\n");
    EXPECT_EQ(outcome.error, "");
    EXPECT_FALSE(outcome.row) << statement;
    EXPECT_THAT(outcome.warnings, ElementsAre(std::string("in:5:1: the statement ") +
                                              schema::QuoteForMessage(statement) + " " + why +
                                              ": its rows are passed over"));
  }
}

TEST(ViewRowsTest, RowsOfSummariesAreNotLoaded) {
  const std::string row =
      "*** 1. row ***\nTENANT_ID: 1002\nJOB_ID: 3\nSTATUS: DOING\nRESULT: \nTASK_COUNT: 7\n"
      "1 row in set\n";
  Outcome pasted = ReadOne("SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_SUMMARY\\G\n" + row);
  EXPECT_EQ(pasted.error, "");
  EXPECT_FALSE(pasted.row);
  EXPECT_THAT(pasted.warnings,
              ElementsAre("in:2:1: CDB_OB_IMPORT_TABLE_TASK_SUMMARY is worked out from tasks, not "
                          "stored: its rows are passed over"));
  const char* members = R"("JOB_ID": 3, "STATUS": "DOING", "RESULT": "", "TASK_COUNT": 7)";
  constexpr const char* kWhy =
      "in:1:1: DBA_OB_IMPORT_TABLE_TASK_SUMMARY is worked out from tasks, not stored: load the "
      "tasks instead";
  EXPECT_EQ(ReadJson("dba_ob_import_table_task_summary", members).error, kWhy);
  EXPECT_EQ(ReadJson("", members).error, kWhy) << "told by its columns";
}

TEST(ViewRowsTest, RowsOfProgressAreNotLoaded) {
  Outcome pasted = ReadOne(
      "SELECT * FROM CDB_OB_RECOVER_TABLE_PROGRESS\\G\n*** 1. row ***\nTENANT_ID: 1\nJOB_ID: 3\n"
      "STAGE: IMPORT\nPERCENT: 50.00\n1 row in set\n");
  EXPECT_EQ(pasted.error, "");
  EXPECT_FALSE(pasted.row);
  EXPECT_THAT(
      pasted.warnings,
      ElementsAre("in:2:1: CDB_OB_RECOVER_TABLE_PROGRESS is worked out from jobs and tasks, "
                  "not stored: its rows are passed over"));
}

TEST(ViewRowsTest, ColumnsThatASummaryHasTooAreOfTheTasks) {
  EXPECT_THAT(ReadJson("", R"("TENANT_ID": 1002, "JOB_ID": 3, "STATUS": "DOING")").error,
              AllOf(HasSubstr("these columns fit several views"), Not(HasSubstr("SUMMARY"))));
}

TEST(ViewRowsTest, ADamagedRowOfAWholeViewIsNoStatementWithoutKey) {
  EXPECT_EQ(ReadOne("SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS\\G\n*** 1. row ***\nTENANT_ID: 1002\n"
                    "  TASK_ID: 7\n1 row in set\n")
                .error,
            "in:2:1: a row of CDB_OB_IMPORT_TABLE_TASKS without JOB_ID has no key");
}

TEST(ViewRowsTest, IdsBeginAtOne) {
  for (const char* key : {"TENANT_ID", "JOB_ID", "TASK_ID"}) {
    for (const char* id : {"0", "-1", "-9223372036854775808"}) {
      std::string members;
      for (const char* other : {"TENANT_ID", "JOB_ID", "TASK_ID"}) {
        members += std::string(members.empty() ? "\"" : ",\"") + other +
                   "\":" + (std::string_view(other) == key ? id : "1");
      }
      EXPECT_THAT(ReadJson("CDB_OB_IMPORT_TABLE_TASKS", members).error,
                  ::testing::MatchesRegex(std::string("in:1:[0-9]+: ") + key + ": " + id +
                                          " is no id: ids begin at 1"));
    }
  }
  Outcome initiator =
      ReadJson("CDB_OB_RECOVER_TABLE_JOBS", R"("TENANT_ID":1,"JOB_ID":1,"INITIATOR_JOB_ID":0)");
  EXPECT_TRUE(initiator.row) << initiator.error;
}

/// What is said of the computed columns of a restore job.
std::vector<std::string> RestoreWarnings(const std::string& members, ViewRowOptions options = {}) {
  Outcome outcome = ReadJson(
      options.mode ? "DBA_OB_RESTORE_PROGRESS" : "CDB_OB_RESTORE_PROGRESS",
      (options.mode ? R"("JOB_ID":1,)" : R"("TENANT_ID":1,"JOB_ID":1,)") + members, options);
  EXPECT_TRUE(outcome.row) << outcome.error;
  std::erase_if(outcome.warnings, [](const std::string& text) {
    return text.find("read as unset") != std::string::npos;
  });
  return outcome.warnings;
}

TEST(ViewRowsTest, ComputedColumnsThatAgreeAreSilent) {
  ViewRowOptions oracle;
  oracle.mode = Mode::kOracle;
  oracle.tenant = 1002;
  EXPECT_THAT(RestoreWarnings(R"("TOTAL_BYTES":1048576,"TOTAL_BYTES_DISPLAY":"1.00MB",)"
                              R"("FINISH_BYTES":524288,"FINISH_BYTES_DISPLAY":"0.50MB",)"
                              R"("RESTORE_PROGRESS":"50.00","RECOVER_PROGRESS":null)"),
              ElementsAre());
  EXPECT_THAT(RestoreWarnings(R"("FINISH_BYTES":524288,"FINISH_BYTES_DISPLAY":".5MB",)"
                              R"("TOTAL_BYTES":null,"TOTAL_BYTES_DISPLAY":"MB")",
                              oracle),
              ElementsAre());
  EXPECT_THAT(RestoreWarnings(R"("TOTAL_BYTES":null,"TOTAL_BYTES_DISPLAY":null)"), ElementsAre());
  EXPECT_THAT(
      RestoreWarnings(R"("STATUS":"RESTORE_PRE","RECOVER_SCN":5,"RECOVER_PROGRESS":"0.00")"),
      ElementsAre());
}

TEST(ViewRowsTest, ComputedColumnsThatDisagreeAreTold) {
  EXPECT_THAT(
      RestoreWarnings(R"("TOTAL_BYTES":1048576,"TOTAL_BYTES_DISPLAY":"2.00MB",)"
                      R"("FINISH_BYTES":262144,"FINISH_BYTES_DISPLAY":null,)"
                      R"("RESTORE_PROGRESS":"50.00","RECOVER_PROGRESS":"37.50")"),
      ElementsAre(
          HasSubstr("TOTAL_BYTES_DISPLAY \"2.00MB\" is not what its bytes show, which is "
                    "1.00MB: the bytes are kept"),
          HasSubstr("FINISH_BYTES_DISPLAY NULL is not what its bytes show, which is 0.25MB"),
          HasSubstr("RESTORE_PROGRESS \"50.00\" cannot be stored: views compute it, and "
                    "what is loaded gives 25.00"),
          HasSubstr("RECOVER_PROGRESS \"37.50\" cannot be stored: views compute it, and "
                    "what is loaded gives NULL")));
  EXPECT_THAT(
      RestoreWarnings(R"("TOTAL_BYTES_DISPLAY":"2.00MB","RESTORE_PROGRESS":"much")"),
      ElementsAre(HasSubstr("TOTAL_BYTES_DISPLAY without the bytes it shows: a rounded text "
                            "tells no bytes, not stored"),
                  HasSubstr("RESTORE_PROGRESS \"much\" cannot be stored")));
}

struct BadCellCase {
  const char* cell;
  const char* reason;
};

TEST(ViewRowsTest, AWrongCellSaysWhereAndWhy) {
  const BadCellCase cases[] = {
      {R"("IMPORT_ALL":"x")", "IMPORT_ALL: \"x\" is not an integer"},
      {R"("IMPORT_ALL":null)", "IMPORT_ALL: is NULL, and must be a number"},
      {R"("IMPORT_ALL":"9223372036854775808")", "is outside"},
      {R"("START_TIMESTAMP":"2023-02-30 00:00:00.000000")", "START_TIMESTAMP: "},
      {R"("RESTORE_SCN":4611686018427387904)", "above the largest SCN, 4611686018427387903"},
  };
  for (const BadCellCase& c : cases) {
    Outcome outcome =
        ReadJson("CDB_OB_RECOVER_TABLE_JOBS", std::string(R"("TENANT_ID":1,"JOB_ID":1,)") + c.cell);
    EXPECT_THAT(outcome.error, ::testing::StartsWith("in:1:")) << c.cell;
    EXPECT_THAT(outcome.error, HasSubstr(c.reason));
  }
}

}  // namespace
}  // namespace obviews::tools
