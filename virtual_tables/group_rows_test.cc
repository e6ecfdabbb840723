// Which groups of tasks a view has.
#include "virtual_tables/group_rows.h"

#include <gtest/gtest.h>

#include "virtual_tables/testing.h"

namespace obviews::vtab {
namespace {

using engine::testing::Task;
using schema::Mode;
using schema::RecordKind;
using testing::SessionOf;
using testing::TestStore;
using testing::ToText;

using Strings = std::vector<std::string>;

schema::Record Ended(int64_t tenant, int64_t job, int64_t task, const char* result) {
  schema::Record record = Task(tenant, job, task, "FINISH", RecordKind::kImportTaskHistory);
  record.Set("result", std::string(result));
  return record;
}

/// Tasks of two tenants, live and ended.
std::vector<schema::Record> SomeTasks() {
  return {
      Task(1002, 7, 1, "INIT"),       Task(1002, 7, 2, "DOING"),
      Task(1004, 1, 1, "INIT"),       Ended(1002, 3, 11, "SUCCEESS"),
      Ended(1002, 3, 12, "FAILED"),   Ended(1002, 4, 13, "SUCCEESS"),
      Ended(1004, 3, 14, "SUCCEESS"), Task(1004, 3, 15, "DOING", RecordKind::kImportTaskHistory),
      Ended(1004, 3, 16, "")};
}

/// The groups of a view, each its columns and its count.
Strings Groups(const TestStore& store, const Session& session, const char* name, bool by_job,
               const Predicate& predicate = {}) {
  const schema::View* view = session.FindView(name);
  if (view == nullptr) return {"no such view"};
  GroupRows rows(store.snapshot(), session,
                 {.view = view, .predicate = predicate, .by_job = by_job});
  Strings found;
  while (true) {
    auto more = rows.Next();
    if (!more) found.push_back(more.error().message);
    if (!more || !*more) return found;
    std::string row;
    for (size_t column = 0; column < view->columns.size(); ++column) {
      auto part = GroupRows::PartOf(*view, column);
      bool known = part == GroupRows::Part::kGroup || (by_job && part == GroupRows::Part::kJob);
      if (known) row += ToText(rows.Column(column)) + " ";
    }
    found.push_back(row + ToText(Value::Uint(rows.count())));
  }
}

TEST(GroupRows, AreThoseOfAllJobs) {
  TestStore store(SomeTasks());
  EXPECT_EQ(Groups(store, SessionOf(1), "CDB_OB_IMPORT_TABLE_TASKS", false),
            (Strings{"'DOING' '' 1", "'INIT' '' 2"}));
  EXPECT_EQ(
      Groups(store, SessionOf(1), "CDB_OB_IMPORT_TABLE_TASK_HISTORY", false),
      (Strings{"'DOING' '' 1", "'FINISH' '' 1", "'FINISH' 'FAILED' 1", "'FINISH' 'SUCCEESS' 3"}));
}

TEST(GroupRows, AreThoseOfEachJobWhereAsked) {
  TestStore store(SomeTasks());
  EXPECT_EQ(Groups(store, SessionOf(1), "CDB_OB_IMPORT_TABLE_TASKS", true),
            (Strings{"1002 7 'INIT' '' 1", "1002 7 'DOING' '' 1", "1004 1 'INIT' '' 1"}));
}

TEST(GroupRows, OfDbaViewsAreTheTenants) {
  TestStore store(SomeTasks());
  EXPECT_EQ(Groups(store, SessionOf(1004), "DBA_OB_IMPORT_TABLE_TASKS", true),
            (Strings{"1 'INIT' '' 1"}));
  EXPECT_EQ(Groups(store, SessionOf(1006), "DBA_OB_IMPORT_TABLE_TASKS", false), Strings{});
}

TEST(GroupRows, ShowTextsAsTheTenantsModeDoes) {
  TestStore store(SomeTasks());
  // To Oracle an empty text is NULL.
  EXPECT_EQ(
      Groups(store, SessionOf(1004, Mode::kOracle), "DBA_OB_IMPORT_TABLE_TASK_HISTORY", false),
      (Strings{"'DOING' NULL 1", "'FINISH' NULL 1", "'FINISH' 'SUCCEESS' 1"}));
}

TEST(GroupRows, LeaveOutJobsThatTheKeysRuleOut) {
  TestStore store(SomeTasks());
  Session session = SessionOf(1);
  const schema::View* view = session.FindView("CDB_OB_IMPORT_TABLE_TASK_HISTORY");
  int job = view->FindColumn("JOB_ID");
  EXPECT_EQ(Groups(store, session, view->name.data(), true,
                   Predicate::Compare(job, CompareOp::kGt, int64_t{3})),
            Strings{"1002 4 'FINISH' 'SUCCEESS' 1"});
  EXPECT_EQ(Groups(store, session, view->name.data(), false,
                   Predicate::And({Predicate::Compare(job, CompareOp::kGt, int64_t{3}),
                                   Predicate::Compare(job, CompareOp::kLt, int64_t{3})})),
            Strings{});
}

TEST(GroupRows, OfAnEmptyStoreAreNone) {
  TestStore store;
  EXPECT_EQ(Groups(store, SessionOf(1), "CDB_OB_IMPORT_TABLE_TASKS", false), Strings{});
  EXPECT_EQ(Groups(store, SessionOf(1), "CDB_OB_IMPORT_TABLE_TASKS", true), Strings{});
}

TEST(GroupRows, KnowFourColumnsOfTasksAndNoneOfJobs) {
  Session session = SessionOf(1);
  auto known = [&](const char* name) {
    const schema::View* view = session.FindView(name);
    Strings columns;
    for (size_t i = 0; i < view->columns.size(); ++i) {
      if (GroupRows::PartOf(*view, i) != GroupRows::Part::kNone) {
        columns.emplace_back(view->columns[i].name);
      }
    }
    return columns;
  };
  EXPECT_EQ(known("CDB_OB_IMPORT_TABLE_TASKS"),
            (Strings{"TENANT_ID", "JOB_ID", "STATUS", "RESULT"}));
  EXPECT_EQ(known("CDB_OB_IMPORT_TABLE_JOBS"), Strings{});
  EXPECT_EQ(known("CDB_OB_IMPORT_TABLE_TASK_SUMMARY"), Strings{});
}

}  // namespace
}  // namespace obviews::vtab
