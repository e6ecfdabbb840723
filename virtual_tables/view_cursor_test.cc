// Rows of a view: whose, in which order, and what a scan does about damage and later commits.
#include "virtual_tables/view_cursor.h"

#include <gtest/gtest.h>

#include "virtual_tables/testing.h"

namespace obviews::vtab {
namespace {

using engine::testing::Job;
using engine::testing::Task;
using schema::Mode;
using schema::RecordKind;
using testing::SessionOf;
using testing::TestStore;
using testing::ToText;

/// The rows of a view, each with its columns joined by "/".
std::vector<std::string> Rows(const TestStore& store, const Session& session, const char* name,
                              const std::vector<const char*>& columns, ScanRequest request = {}) {
  request.view = session.FindView(name);
  std::vector<std::string> rows;
  if (request.view == nullptr) return {"no such view"};
  ViewCursor cursor(store.snapshot(), session, std::move(request));
  for (;;) {
    auto more = cursor.Next();
    if (!more) rows.push_back(more.error().message);
    if (!more || !*more) return rows;
    std::string row;
    for (const char* column : columns) {
      auto value = cursor.Column(static_cast<size_t>(cursor.view().FindColumn(column)));
      row += (row.empty() ? "" : "/") + (value ? ToText(*value) : value.error().message);
    }
    rows.push_back(row);
  }
}

using Strings = std::vector<std::string>;

TEST(Visibility, CdbViewsShowAllTenantsAndExistInSysOnly) {
  TestStore store({Job(RecordKind::kRecoverJob, 1, 1), Job(RecordKind::kRecoverJob, 1002, 1),
                   Job(RecordKind::kRecoverJob, 1004, 2)});
  EXPECT_EQ(Rows(store, SessionOf(1), "CDB_OB_RECOVER_TABLE_JOBS", {"TENANT_ID", "JOB_ID"}),
            (Strings{"1/1", "1002/1", "1004/2"}));
  EXPECT_EQ(Rows(store, SessionOf(1002), "CDB_OB_RECOVER_TABLE_JOBS", {"JOB_ID"}),
            Strings{"no such view"});
}

TEST(Visibility, DbaViewsShowTheEffectiveTenant) {
  TestStore store({Job(RecordKind::kRecoverJob, 1, 1), Job(RecordKind::kRecoverJob, 1002, 7),
                   Job(RecordKind::kRecoverJob, 1004, 2)});
  EXPECT_EQ(Rows(store, SessionOf(1), "DBA_OB_RECOVER_TABLE_JOBS", {"JOB_ID"}), Strings{"1"});
  EXPECT_EQ(Rows(store, SessionOf(1002), "DBA_OB_RECOVER_TABLE_JOBS", {"JOB_ID"}), Strings{"7"});
  EXPECT_EQ(Rows(store, SessionOf(1004, Mode::kOracle), "DBA_OB_RECOVER_TABLE_JOBS", {"JOB_ID"}),
            Strings{"2"});
  EXPECT_EQ(Rows(store, SessionOf(1006), "DBA_OB_RECOVER_TABLE_JOBS", {"JOB_ID"}), Strings{});
}

TEST(Order, IsThatOfKeysNegativeOnesFirst) {
  TestStore store({Task(1002, 3, 5), Task(1002, 3, -1), Task(1002, -2, 9), Task(-7, 10, 1),
                   Task(1002, INT64_MAX, 2), Task(1002, INT64_MIN, 8)});
  EXPECT_EQ(
      Rows(store, SessionOf(1), "CDB_OB_IMPORT_TABLE_TASKS", {"TENANT_ID", "JOB_ID", "TASK_ID"}),
      (Strings{"-7/10/1", "1002/-9223372036854775808/8", "1002/-2/9", "1002/3/-1", "1002/3/5",
               "1002/9223372036854775807/2"}));
}

TEST(Order, ByTheIndexIsThatOfTasksUnlessKeyOrderIsAskedFor) {
  TestStore store({Task(1002, 1, 9), Task(1002, 2, 5), Task(1004, 1, 5)});
  Session session = SessionOf(1);
  int task = session.FindView("CDB_OB_IMPORT_TABLE_TASKS")->FindColumn("TASK_ID");
  ScanRequest request;
  request.predicate = Predicate::In(task, {int64_t{9}, int64_t{5}});
  EXPECT_EQ(Rows(store, session, "CDB_OB_IMPORT_TABLE_TASKS", {"TENANT_ID", "JOB_ID", "TASK_ID"},
                 request),
            (Strings{"1002/2/5", "1002/1/9", "1004/1/5"}));
  request.in_key_order = true;
  EXPECT_EQ(Rows(store, session, "CDB_OB_IMPORT_TABLE_TASKS", {"TENANT_ID", "JOB_ID", "TASK_ID"},
                 request),
            (Strings{"1002/1/9", "1002/2/5", "1004/1/5"}));
}

TEST(Limit, CountsRowsThatMatch) {
  TestStore store({Task(1002, 1, 1, "INIT"), Task(1002, 1, 2), Task(1002, 1, 3), Task(1002, 1, 4)});
  Session session = SessionOf(1002);
  int status = session.FindView("DBA_OB_IMPORT_TABLE_TASKS")->FindColumn("STATUS");
  ScanRequest request;
  request.predicate = Predicate::Compare(status, CompareOp::kEq, std::string("DOING"));
  request.offset = 1;
  request.limit = 1;
  EXPECT_EQ(Rows(store, session, "DBA_OB_IMPORT_TABLE_TASKS", {"TASK_ID"}, request), Strings{"3"});
  request.offset = 3;
  EXPECT_EQ(Rows(store, session, "DBA_OB_IMPORT_TABLE_TASKS", {"TASK_ID"}, request), Strings{});
}

TEST(State, OfAScanIsThatOfItsSnapshot) {
  TestStore store({Task(1002, 1, 1), Task(1002, 1, 2)});
  Session session = SessionOf(1002);
  ViewCursor cursor(store.snapshot(), session,
                    {.view = session.FindView("DBA_OB_IMPORT_TABLE_TASKS")});
  ASSERT_TRUE(*cursor.Next());
  store.Put({Task(1002, 1, 3), Task(1002, 1, 2, "FINISH", RecordKind::kImportTaskHistory)});
  ASSERT_TRUE(*cursor.Next()) << "moved to the history since";
  EXPECT_FALSE(*cursor.Next()) << "task 3 came later";
  EXPECT_EQ(Rows(store, session, "DBA_OB_IMPORT_TABLE_TASKS", {"TASK_ID"}), (Strings{"1", "3"}));
}

TEST(Stats, CountWhatWasReadDecodedAndReturned) {
  TestStore store({Task(1002, 1, 1, "INIT"), Task(1002, 1, 2), Task(1002, 1, 3)});
  Session session = SessionOf(1);
  const schema::View* view = session.FindView("CDB_OB_IMPORT_TABLE_TASKS");
  ScanRequest request;
  request.view = view;
  request.predicate =
      Predicate::Compare(view->FindColumn("STATUS"), CompareOp::kEq, std::string("DOING"));
  ViewCursor cursor(store.snapshot(), session, request);
  ASSERT_TRUE(*cursor.Next());
  ASSERT_TRUE(cursor.Column(0));
  ASSERT_TRUE(cursor.Column(1));
  ASSERT_TRUE(*cursor.Next());
  ASSERT_FALSE(*cursor.Next());
  EXPECT_EQ(cursor.stats().records_read, 3U);
  EXPECT_EQ(cursor.stats().records_decoded, 1U) << "of one row values were shown";
  EXPECT_EQ(cursor.stats().records_returned, 2U);
}

TEST(Warnings, NameTheFirstTimeThatHasNoTextAndCountTheRest) {
  std::vector<schema::Record> tasks;
  for (int64_t task : {1, 2, 3}) {
    tasks.push_back(Task(1002, 1, task));
    tasks.back().Set("start_ts", task == 1 ? int64_t{0} : INT64_MIN);
  }
  TestStore store(tasks);
  Session session = SessionOf(1002);
  const schema::View* view = session.FindView("DBA_OB_IMPORT_TABLE_TASKS");
  ViewCursor cursor(store.snapshot(), session, {.view = view});
  auto start = static_cast<size_t>(view->FindColumn("START_TIMESTAMP"));
  while (*cursor.Next()) {
    ASSERT_TRUE(cursor.Column(start));
    ASSERT_TRUE(cursor.Column(start));
  }
  EXPECT_EQ(cursor.warning(),
            "START_TIMESTAMP of import_task (1002, 1, 2) is -9223372036854775808 microseconds, "
            "outside the years a time can show; shown as NULL (and 1 more such values)");
}

}  // namespace
}  // namespace obviews::vtab
