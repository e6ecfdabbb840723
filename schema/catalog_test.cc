// The catalog says what the facts say: every definition, column, type, source and conversion.
#include "schema/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace obviews::schema {
namespace {

using ::testing::ElementsAre;

std::vector<std::vector<std::string>> ReadFacts(const std::string& name) {
  std::ifstream file(std::string(OBVIEWS_TEST_DATA) + "/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
    rows.push_back(cells);
  }
  return rows;
}

TEST(Catalog, HasTheSixteenViewsOfServersIn24DefinitionsAnd593Columns) {
  std::set<std::string_view> names;
  size_t columns = 0;
  size_t mysql_columns = 0;
  size_t definitions = 0;
  for (const View& view : Catalog::Get().views()) {
    if (view.own) continue;
    ++definitions;
    names.insert(view.name);
    columns += view.columns.size();
    if (view.mode == Mode::kMySql) mysql_columns += view.columns.size();
  }
  EXPECT_EQ(names.size(), 16U);
  EXPECT_EQ(definitions, 24U);
  EXPECT_EQ(columns, 593U);
  EXPECT_EQ(mysql_columns, 398U);
}

TEST(Catalog, EveryColumnIsAsTheFactsSay) {
  auto facts = ReadFacts("view_facts.tsv");
  ASSERT_EQ(facts.size(), 593U);
  for (const auto& fact : facts) {
    ASSERT_EQ(fact.size(), 9U);
    SCOPED_TRACE(fact[0] + " " + fact[1] + " " + fact[4]);
    const View* view = Catalog::Get().FindDefinition(fact[0], *ParseMode(fact[1]));
    ASSERT_NE(view, nullptr);
    EXPECT_EQ(std::to_string(view->view_id), fact[2]);
    size_t position = std::stoul(fact[3]);
    ASSERT_LE(position, view->columns.size());
    const Column& column = view->columns[position - 1];
    EXPECT_EQ(column.name, fact[4]);
    EXPECT_EQ(column.type, fact[5]);
    EXPECT_EQ(column.nullable ? "YES" : "NO", fact[6]);
    EXPECT_EQ(view->SourceOf(column), fact[7]);
    EXPECT_EQ(ConversionName(column.conversion), fact[8]);
  }
}

TEST(Catalog, HasFourViewsOfItsOwnBehindThoseOfServers) {
  std::vector<std::string> own;
  for (const View& view : Catalog::Get().views()) {
    EXPECT_TRUE(view.own || own.empty()) << view.name;
    if (!view.own) continue;
    EXPECT_EQ(view.view_id, 0U);
    EXPECT_EQ(view.since_version, "obviews");
    EXPECT_TRUE(view.record->derived);
    std::string shown(ModeName(view.mode));
    for (const Column& column : view.columns) shown += " " + std::string(column.name);
    own.push_back(std::string(view.name) + " " + shown);
  }
  const std::string columns =
      " JOB_ID STATUS RESULT TASK_COUNT MIN_START_TIMESTAMP MAX_COMPLETION_TIMESTAMP";
  const std::string progress =
      " JOB_ID TARGET_TENANT_NAME STAGE PERCENT STAGE_PERCENT RATE_DISPLAY START_TIMESTAMP "
      "ELAPSED_SECONDS ETA_TIMESTAMP ETA_LOW ETA_HIGH TABLES_TOTAL TABLES_FINISHED TABLES_FAILED "
      "BYTES_TOTAL BYTES_FINISHED WAITING_FOR STALLED_SECONDS LAST_ERROR";
  EXPECT_THAT(own, ElementsAre("CDB_OB_IMPORT_TABLE_TASK_SUMMARY mysql TENANT_ID" + columns,
                               "DBA_OB_IMPORT_TABLE_TASK_SUMMARY mysql" + columns,
                               "DBA_OB_IMPORT_TABLE_TASK_SUMMARY oracle" + columns,
                               "CDB_OB_RECOVER_TABLE_PROGRESS mysql TENANT_ID" + progress,
                               "DBA_OB_RECOVER_TABLE_PROGRESS mysql" + progress,
                               "DBA_OB_RECOVER_TABLE_PROGRESS oracle" + progress));
}

TEST(Records, OfDerivedKindsAreNotAmongTheStoredOnes) {
  EXPECT_EQ(RecordTypes().size(), 8U);
  for (const RecordType& type : RecordTypes()) {
    EXPECT_FALSE(type.derived) << type.name;
    EXPECT_TRUE(type.grouped_by.empty()) << type.name;
  }
  for (RecordKind kind : {RecordKind::kTaskSummary, RecordKind::kTaskSummaryOracle}) {
    const RecordType& type = GetRecordType(kind);
    EXPECT_EQ(type.kind, kind);
    EXPECT_EQ(FindRecordType(type.name), nullptr);
    EXPECT_THAT(type.grouped_by, ElementsAre("status", "result"));
  }
  for (RecordKind kind : {RecordKind::kProgress, RecordKind::kTenantProgress}) {
    const RecordType& type = GetRecordType(kind);
    EXPECT_EQ(type.kind, kind);
    EXPECT_TRUE(type.derived);
    EXPECT_EQ(FindRecordType(type.name), nullptr);
    EXPECT_TRUE(type.grouped_by.empty());
  }
}

TEST(Catalog, ShowsTenantsTheirOwnPartOfARecoveryAndSysEachOnce) {
  const Catalog& catalog = Catalog::Get();
  for (Mode mode : {Mode::kMySql, Mode::kOracle}) {
    const View* view = catalog.Find("DBA_OB_RECOVER_TABLE_PROGRESS", false, mode);
    ASSERT_NE(view, nullptr);
    EXPECT_EQ(view->record->kind, RecordKind::kTenantProgress);
    const Column& percent = view->columns[static_cast<size_t>(view->FindColumn("PERCENT"))];
    EXPECT_EQ(percent.kind, ShownKind::kReal);
    EXPECT_EQ(percent.conversion, Conversion::kHundredths);
    EXPECT_EQ(view->SourceOf(percent), "progress.md: percent_hundredths");
  }
  const View* view = catalog.Find("CDB_OB_RECOVER_TABLE_PROGRESS", true, Mode::kMySql);
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(view->record->kind, RecordKind::kProgress);
  EXPECT_EQ(catalog.Find("CDB_OB_RECOVER_TABLE_PROGRESS", false, Mode::kMySql), nullptr);
}

TEST(Catalog, SaysHowItsOwnColumnsAreWorkedOut) {
  struct Case {
    Mode mode;
    const char* column;
    const char* type;
    const char* source;
    Conversion conversion;
  };
  const std::string tables = "__all_import_table_task{,_history}";
  for (const Case& c :
       {Case{Mode::kMySql, "STATUS", "varchar(64)", "", Conversion::kNone},
        Case{Mode::kMySql, "TASK_COUNT", "bigint(20)", "count(*) of ", Conversion::kNone},
        Case{Mode::kOracle, "TASK_COUNT", "NUMBER(38)", "count(*) of ", Conversion::kNone},
        Case{Mode::kMySql, "MIN_START_TIMESTAMP", "timestamp(6)", "min(start_ts) of ",
             Conversion::kUsecToTime},
        Case{Mode::kOracle, "MAX_COMPLETION_TIMESTAMP", "VARCHAR2(256)", "max(completion_ts) of ",
             Conversion::kOracleDate}}) {
    const View* view = Catalog::Get().FindDefinition("DBA_OB_IMPORT_TABLE_TASK_SUMMARY", c.mode);
    ASSERT_NE(view, nullptr);
    const Column& column = view->columns[static_cast<size_t>(view->FindColumn(c.column))];
    EXPECT_EQ(column.type, c.type) << c.column;
    EXPECT_EQ(view->SourceOf(column), c.source[0] == '\0' ? tables + ".status" : c.source + tables);
    EXPECT_EQ(column.conversion, c.conversion) << c.column;
  }
}

TEST(Records, HoldEveryColumnOfTheirBaseTable) {
  size_t checked = 0;
  for (const auto& fact : ReadFacts("table_facts.tsv")) {
    SCOPED_TRACE(fact[0] + " " + fact[2]);
    for (const RecordType& type : RecordTypes()) {
      if (type.base_table != fact[0] || type.kind == RecordKind::kRestoreJob) continue;
      const Field& field = type.fields[std::stoul(fact[1]) - 1];
      EXPECT_EQ(field.name, fact[2]);
      // TASK_ID of the task history is a varchar there and an integer here.
      if (fact[2] != "task_id") {
        EXPECT_EQ(field.sql_type, fact[3]);
      }
      EXPECT_EQ(field.nullable ? "YES" : "NO", fact[4]);
      ++checked;
    }
    if (fact[0] == "__all_restore_progress" && fact[2] != "tenant_id" && fact[2] != "job_id") {
      bool found = false;
      for (const Field& field : GetRecordType(RecordKind::kRestoreJob).fields) {
        found |= field.origin == Origin::kProgress && field.source_name() == fact[2];
      }
      EXPECT_TRUE(found);
      ++checked;
    }
  }
  EXPECT_EQ(checked, 2U * (39 + 37 + 38) + 33 + 9);
}

TEST(Catalog, NewerShapesOnlyWidenTheRestoreViews) {
  struct Case {
    RestoreShape shape;
    size_t cdb_progress, dba_progress, cdb_history;
  };
  for (const Case& c : {Case{RestoreShape::k421, 20, 19, 27}, Case{RestoreShape::k423, 26, 25, 27},
                        Case{RestoreShape::k433, 27, 26, 28}}) {
    const Catalog& catalog = Catalog::Get(c.shape);
    auto count = [&](const char* name) {
      return catalog.FindDefinition(name, Mode::kMySql)->columns.size();
    };
    EXPECT_EQ(count("CDB_OB_RESTORE_PROGRESS"), c.cdb_progress);
    EXPECT_EQ(count("DBA_OB_RESTORE_PROGRESS"), c.dba_progress);
    EXPECT_EQ(count("CDB_OB_RESTORE_HISTORY"), c.cdb_history);
    EXPECT_EQ(count("CDB_OB_RECOVER_TABLE_JOBS"), 27U);
  }
}

TEST(Catalog, NewerColumnsStandWhereTheViewTextPutsThem) {
  auto names = [](RestoreShape shape) {
    std::vector<std::string_view> out;
    for (const Column& column :
         Catalog::Get(shape).FindDefinition("CDB_OB_RESTORE_PROGRESS", Mode::kMySql)->columns) {
      out.push_back(column.name);
    }
    return std::vector(out.begin() + 7, out.begin() + 9);
  };
  EXPECT_THAT(names(RestoreShape::k421), ElementsAre("BACKUP_DEST", "RESTORE_OPTION"));
  EXPECT_EQ(Catalog::Get(RestoreShape::k433)
                .FindDefinition("CDB_OB_RESTORE_PROGRESS", Mode::kMySql)
                ->FindColumn("RESTORE_TYPE"),
            9);
  EXPECT_EQ(Catalog::Get(RestoreShape::k423)
                .FindDefinition("CDB_OB_RESTORE_PROGRESS", Mode::kMySql)
                ->FindColumn("RECOVER_SCN"),
            15);
}

TEST(Catalog, CdbViewsExistForSysOnly) {
  const Catalog& catalog = Catalog::Get();
  EXPECT_NE(catalog.Find("cdb_ob_import_table_tasks", true, Mode::kMySql), nullptr);
  EXPECT_EQ(catalog.Find("cdb_ob_import_table_tasks", false, Mode::kMySql), nullptr);
  EXPECT_EQ(catalog.Find("cdb_ob_import_table_tasks", false, Mode::kOracle), nullptr);
  EXPECT_NE(catalog.Find("dba_ob_import_table_tasks", false, Mode::kOracle), nullptr);
  auto count = [&](bool is_sys, Mode mode) {
    auto visible = catalog.VisibleTo(is_sys, mode);
    return visible.size() -
           static_cast<size_t>(
               std::count_if(visible.begin(), visible.end(), [](auto* view) { return view->own; }));
  };
  EXPECT_EQ(count(true, Mode::kMySql), 16U);
  EXPECT_EQ(count(false, Mode::kMySql), 8U);
  EXPECT_EQ(count(false, Mode::kOracle), 8U);
}

TEST(Catalog, TaskIdIsAnIntegerEvenWhereItIsDeclaredText) {
  const View* view =
      Catalog::Get().FindDefinition("CDB_OB_IMPORT_TABLE_TASK_HISTORY", Mode::kMySql);
  const Column& column = view->columns[static_cast<size_t>(view->FindColumn("TASK_ID"))];
  EXPECT_EQ(column.type, "varchar(4096)");
  EXPECT_EQ(column.kind, ShownKind::kInteger);
}

TEST(Catalog, MisspeltNamesFindTheirNeighbour) {
  struct Case {
    std::string_view typed, meant;
  };
  for (const Case& c :
       {Case{"CDB_OB_IMPORT_TABLE_TASK", "CDB_OB_IMPORT_TABLE_TASKS"},
        Case{"cdb_ob_recover_tables_jobs", "CDB_OB_RECOVER_TABLE_JOBS"},
        Case{"DBA_OB_RESTOR_HISTORY", "DBA_OB_RESTORE_HISTORY"}, Case{"utterly_different", ""}}) {
    EXPECT_EQ(Catalog::Get().Nearest(c.typed, true, Mode::kMySql), c.meant) << c.typed;
  }
}

TEST(Records, UnsetFieldsFollowTheServersDefaults) {
  auto fields = GetRecordType(RecordKind::kImportTask).fields;
  auto unset = [&](std::string_view name) {
    return fields[static_cast<size_t>(FindField(fields, name))].unset;
  };
  EXPECT_EQ(unset("completion_ts"), Unset::kMinusOne);
  EXPECT_EQ(unset("cumulative_ts"), Unset::kMinusOne);
  EXPECT_EQ(unset("total_rows"), Unset::kZero);
  EXPECT_EQ(unset("src_tablespace"), Unset::kNull);
  EXPECT_EQ(unset("result"), Unset::kEmptyText);
}

}  // namespace
}  // namespace obviews::schema
