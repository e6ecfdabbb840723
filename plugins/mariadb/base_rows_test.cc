// Rows of base tables out of records, and records out of changed rows.
#include "plugins/mariadb/base_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/store.h"
#include "engine/testing.h"

namespace obviews::mariadb {
namespace {

using engine::testing::Job;
using engine::testing::RandomRecord;
using engine::testing::Task;
using schema::FieldValue;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const BaseTable& kPairs = *FindBaseTable("__all_restore_job");
const BaseTable& kProgress = *FindBaseTable("__all_restore_progress");
const BaseTable& kTasks = *FindBaseTable("__all_import_table_task");

constexpr std::monostate kNull;

BaseRow PairOf(const char* name, FieldValue value, FieldValue created = kNull,
               FieldValue modified = kNull) {
  return {std::move(created), std::move(modified), int64_t{1002},
          int64_t{5},         std::string(name),   std::move(value)};
}

std::vector<std::pair<std::string, FieldValue>> PairsOf(const Record& record) {
  std::vector<std::pair<std::string, FieldValue>> pairs;
  for (const BaseRow& row : RowsOf(kPairs, record)) {
    pairs.emplace_back(std::get<std::string>(row[kPairs.name_column]), row[kPairs.value_column]);
  }
  return pairs;
}

TEST(BaseRowsTest, ARecordIsARow) {
  Record task = Task(1002, 3, 1047);
  auto rows = RowsOf(kTasks, task);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(KeyOf(kTasks, rows[0]), (RowKey{{1002, 3, 1047}, ""}));
  EXPECT_EQ(WithRow(kTasks, std::nullopt, rows[0]), task);
  EXPECT_EQ(WithoutRow(kTasks, task, ""), std::nullopt);
}

TEST(BaseRowsTest, AnyRecordIsMadeAgainOfItsRows) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    for (const BaseTable& table : BaseTables()) {
      Record record = RandomRecord(table.record->kind, random);
      Record rebuilt = record;
      for (const BaseRow& row : RowsOf(table, record)) {
        EXPECT_EQ(FindRow(table, record, KeyOf(table, row).name), row);
        rebuilt = WithRow(table, std::move(rebuilt), row);
      }
      EXPECT_EQ(RowsOf(table, rebuilt), RowsOf(table, record)) << table.name;
    }
  }
}

TEST(BaseRowsTest, TheFirstPairMakesTheRecordAndTheLastTakesItAway) {
  Record record = WithRow(kPairs, std::nullopt, PairOf("status", "RESTORE_PRE", 10, 10));
  EXPECT_EQ(record.key(), (schema::Key{1002, 5, 0}));
  EXPECT_EQ(record.Text("status"), "RESTORE_PRE");
  auto left = WithoutRow(kPairs, record, "status");
  EXPECT_EQ(left, std::nullopt);
}

TEST(BaseRowsTest, PairsComeByNameWhereverTheyAreKept) {
  Record record = Job(RecordKind::kRestoreJob, 1002, 5);
  for (const BaseRow& row : {PairOf("tenant_name", "t"), PairOf("pool_list", "p"),
                             PairOf("comment", kNull), PairOf("backup_dest", "")}) {
    record = WithRow(kPairs, record, row);
  }
  EXPECT_EQ(record.Text("restore_tenant_name"), "t");
  EXPECT_THAT(
      PairsOf(record),
      ElementsAre(Pair("backup_dest", FieldValue("")), Pair("comment", FieldValue(kNull)),
                  Pair("pool_list", FieldValue("p")), Pair("tenant_name", FieldValue("t"))));
  // NULL takes the field's value along, and a value the NULL.
  record = WithRow(kPairs, record, PairOf("tenant_name", kNull));
  EXPECT_EQ(record.Get("restore_tenant_name"), FieldValue(kNull));
  record = WithRow(kPairs, record, PairOf("comment", "c"));
  EXPECT_THAT(
      PairsOf(record),
      ElementsAre(Pair("backup_dest", FieldValue("")), Pair("comment", FieldValue("c")),
                  Pair("pool_list", FieldValue("p")), Pair("tenant_name", FieldValue(kNull))));
}

TEST(BaseRowsTest, TimesOfAJobAreThoseOfItsFirstAndLastPair) {
  Record record = WithRow(kPairs, std::nullopt, PairOf("a", "", 10, 10));
  record = WithRow(kPairs, record, PairOf("b", "", 20, 20));
  record = WithRow(kPairs, record, PairOf("c", "", 15, kNull));
  EXPECT_EQ(record.Int("gmt_create"), 10);
  EXPECT_EQ(record.Int("gmt_modified"), 20);
  // Who changes a pair says when.
  record = WithRow(kPairs, record, PairOf("b", "x", 10, 30));
  EXPECT_EQ(record.Int("gmt_modified"), 30);
}

TEST(BaseRowsTest, ProgressIsARowWhereItIsKnown) {
  Record record = Job(RecordKind::kRestoreJob, 1002, 5);
  EXPECT_THAT(RowsOf(kProgress, record), IsEmpty());
  record.Set("restore_tenant_name", std::string("t"));
  BaseRow row(kProgress.columns.size(), int64_t{7});
  row[static_cast<size_t>(kProgress.FindColumn("restore_scn"))] = uint64_t{9};
  row[static_cast<size_t>(kProgress.FindColumn("tenant_id"))] = int64_t{1002};
  row[static_cast<size_t>(kProgress.FindColumn("job_id"))] = int64_t{5};
  Record with = WithRow(kProgress, record, row);
  EXPECT_EQ(with.Int("progress_restore_scn"), 9);
  EXPECT_EQ(with.Int("progress_gmt_create"), 7);
  EXPECT_THAT(RowsOf(kProgress, with), ElementsAre(row));
  EXPECT_EQ(WithoutRow(kProgress, with, ""), record);
  EXPECT_EQ(WithoutRow(kProgress, WithRow(kProgress, std::nullopt, row), ""), std::nullopt);
}

TEST(BaseRowsTest, FaultsAreWhatTheServersTypesLetPass) {
  auto fault_of = [](const BaseTable& table, const BaseRow& row) -> std::string {
    auto fault = FindFault(table, row);
    if (!fault) return "";
    bool range = fault->kind == ValueFault::Kind::kOutOfRange;
    return std::string(table.columns[fault->column].name) + (range ? " range" : " length");
  };
  auto with = [](const char* column, FieldValue value) {
    BaseRow row = RowsOf(kTasks, Task(1002, 3, 1047))[0];
    row[static_cast<size_t>(kTasks.FindColumn(column))] = std::move(value);
    return row;
  };
  EXPECT_EQ(fault_of(kTasks, with("task_id", int64_t{1})), "");
  EXPECT_EQ(fault_of(kTasks, with("task_id", int64_t{0})), "task_id range");
  EXPECT_EQ(fault_of(kTasks, with("tenant_id", int64_t{-1})), "tenant_id range");
  EXPECT_EQ(fault_of(kTasks, with("src_table", std::string(128, 'x'))), "");
  EXPECT_EQ(fault_of(kTasks, with("src_table", std::string(129, 'x'))), "src_table length");
  EXPECT_EQ(fault_of(kPairs, PairOf("restore_scn", "4611686018427387903")), "");
  EXPECT_EQ(fault_of(kPairs, PairOf("restore_scn", "4611686018427387904")), "value range");
  EXPECT_EQ(fault_of(kPairs, PairOf("pool_list", "4611686018427387904")), "");
  BaseRow job =
      RowsOf(*FindBaseTable("__all_recover_table_job"), Job(RecordKind::kRecoverJob, 1002, 1))[0];
  const BaseTable& jobs = *FindBaseTable("__all_recover_table_job");
  auto scn = static_cast<size_t>(jobs.FindColumn("restore_scn"));
  job[scn] = uint64_t{1} << 62;
  EXPECT_EQ(fault_of(jobs, job), "restore_scn range");
}

}  // namespace
}  // namespace obviews::mariadb
