// The progress views through plan, cursor and SQL: both modes, who sees what, and conditions on
// columns that no record holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "virtual_tables/testing.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::vtab {
namespace {

using schema::Mode;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::SessionOf;
using testing::TestStore;

constexpr int64_t kStart = 1685570400000000;  // 2023-06-01 06:00:00 at +08:00
constexpr int64_t kSecond = 1'000'000;

Record Job(RecordKind kind, int64_t tenant, int64_t job, int64_t initiator_tenant,
           int64_t initiator_job, const std::string& status) {
  Record record = engine::testing::Job(kind, tenant, job);
  record.Set("initiator_tenant_id", initiator_tenant);
  record.Set("initiator_job_id", initiator_job);
  record.Set("start_ts", kStart);
  record.Set("status", status);
  return record;
}

/// A recovery of tenant 1002 that has imported half of its ten tables, and one of 1004 that ended.
std::vector<Record> TwoRecoveries() {
  std::vector<Record> records = {
      Job(RecordKind::kRecoverJob, 1, 7, 1, 0, "RECOVERING"),
      Job(RecordKind::kRecoverJob, 1002, 2, 1, 7, "IMPORTING"),
      Job(RecordKind::kImportJob, 1002, 3, 1002, 2, "IMPORT_TABLE"),
      Job(RecordKind::kRecoverJobHistory, 1, 6, 1, 0, "FAILED"),
      Job(RecordKind::kRecoverJobHistory, 1004, 2, 1, 6, "FAILED"),
  };
  records[0].Set("target_tenant_name", "shop");
  records[2].Set("total_table_count", int64_t{10});
  records[3].Set("end_ts", kStart + 30 * kSecond);
  records[4].Set("comment", "cannot read s3://b?access_key=secret");
  for (int64_t task = 1; task <= 10; ++task) {
    bool done = task <= 5;
    records.push_back(engine::testing::Task(1002, 3, task, done ? "FINISH" : "INIT"));
    records.back().Set("start_ts", kStart + 20 * kSecond);
    if (done) records.back().Set("completion_ts", kStart + 60 * kSecond);
    if (done) records.back().Set("result", "SUCCEESS");
  }
  return records;
}

class ProgressViewTest : public ::testing::Test {
 protected:
  ProgressViewTest() : store_(TwoRecoveries()) {}

  /// Rows of a view two minutes after the start, columns by a space.
  std::vector<std::string> Rows(Session session, const char* name,
                                const std::vector<const char*>& columns,
                                const Predicate& predicate = {}) {
    session.now_usec = kStart + 120 * kSecond;
    const schema::View* view = session.FindView(name);
    EXPECT_NE(view, nullptr) << name;
    if (view == nullptr) return {};
    ScanRequest request{.view = view, .predicate = predicate};
    ViewCursor cursor(store_.snapshot(), session, std::move(request));
    std::vector<std::string> rows;
    while (true) {
      auto more = cursor.Next();
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return rows;
      std::string row;
      for (const char* column : columns) {
        auto value = cursor.Column(static_cast<size_t>(view->FindColumn(column)));
        EXPECT_TRUE(value);
        row += (row.empty() ? "" : " ") + testing::ToText(*value);
      }
      rows.push_back(row);
    }
  }

  static constexpr const char* kCdb = "CDB_OB_RECOVER_TABLE_PROGRESS";
  static constexpr const char* kDba = "DBA_OB_RECOVER_TABLE_PROGRESS";
  TestStore store_;
};

TEST_F(ProgressViewTest, SysSeesEachRecoveryOnce) {
  EXPECT_THAT(Rows(SessionOf(1), kCdb,
                   {"TENANT_ID", "JOB_ID", "TARGET_TENANT_NAME", "STAGE", "PERCENT",
                    "STAGE_PERCENT", "TABLES_FINISHED", "TABLES_TOTAL", "ELAPSED_SECONDS"}),
              ElementsAre("1 6 NULL 'FAILED' 0.00 NULL NULL NULL 30",
                          "1 7 'shop' 'IMPORT' 74.50 50.00 5 10 120"));
}

TEST_F(ProgressViewTest, ATenantSeesItsOwnInItsMode) {
  const std::vector<const char*> columns = {"JOB_ID", "START_TIMESTAMP", "ETA_TIMESTAMP",
                                            "TARGET_TENANT_NAME"};
  EXPECT_THAT(Rows(SessionOf(1002), kDba, columns),
              ElementsAre("2 '2023-06-01 06:00:00.000000' '2023-06-01 06:03:40.000000' 'shop'"));
  EXPECT_THAT(Rows(SessionOf(1002, Mode::kOracle), kDba, columns),
              ElementsAre("2 '2023-06-01 06:00:00' '2023-06-01 06:03:40' 'shop'"));
  EXPECT_THAT(Rows(SessionOf(1006), kDba, columns), IsEmpty());
  EXPECT_EQ(SessionOf(1002).FindView(kCdb), nullptr);
}

TEST_F(ProgressViewTest, MasksSecretsInErrors) {
  EXPECT_THAT(Rows(SessionOf(1004), kDba, {"LAST_ERROR"}),
              ElementsAre("'recovery: cannot read s3://b?access_key=******'"));
}

TEST_F(ProgressViewTest, ConditionsAreOnWhatIsShown) {
  const schema::View& view = *SessionOf(1).FindView(kCdb);
  auto where = [&](const char* column, CompareOp op, Literal literal) {
    return Rows(SessionOf(1), kCdb, {"JOB_ID"},
                Predicate::Compare(view.FindColumn(column), op, std::move(literal)));
  };
  EXPECT_THAT(where("PERCENT", CompareOp::kGt, 74.4), ElementsAre("7"));
  EXPECT_THAT(where("PERCENT", CompareOp::kLt, int64_t{50}), ElementsAre("6"));
  EXPECT_THAT(where("STAGE", CompareOp::kEq, std::string("IMPORT")), ElementsAre("7"));
  EXPECT_THAT(where("JOB_ID", CompareOp::kEq, int64_t{6}), ElementsAre("6"));
  EXPECT_THAT(where("ETA_TIMESTAMP", CompareOp::kGt, std::string("2023-06-01 06:03")),
              ElementsAre("7"));
  EXPECT_THAT(Rows(SessionOf(1), kCdb, {"JOB_ID"}, Predicate::IsNull(view.FindColumn("ETA_LOW"))),
              ElementsAre("6"));
}

}  // namespace
}  // namespace obviews::vtab
