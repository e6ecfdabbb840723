// From shown rows back to records: which view, which mode, and what each cell means.
#include "tools/loader/view_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/conversions.h"
#include "tools/loader/detect.h"

namespace obviews::tools {
namespace {

using schema::FieldValue;
using schema::Mode;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
