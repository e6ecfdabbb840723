// How a condition is answered: which keys are visited, what is tested on raw fields, what is left,
// and how many records that reads.
#include "virtual_tables/plan.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "virtual_tables/testing.h"

namespace obviews::vtab {
namespace {

using schema::Mode;
using std::string;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;
using testing::SessionOf;
using testing::TestStore;

constexpr auto kEq = CompareOp::kEq;

/// A view of a session, its columns by name.
struct Views {
  explicit Views(Session of, const char* name) : session(std::move(of)) {
    view = session.FindView(name);
    EXPECT_NE(view, nullptr) << name;
  }
  int operator()(const char* column) const { return view->FindColumn(column); }
  Predicate Is(const char* column, Literal literal) const {
    return Predicate::Compare((*this)(column), kEq, std::move(literal));
  }
  Predicate In(const char* column, std::vector<Literal> literals) const {
    return Predicate::In((*this)(column), std::move(literals));
  }
  Predicate Compare(const char* column, CompareOp op, Literal literal) const {
    return Predicate::Compare((*this)(column), op, std::move(literal));
  }
  Plan Of(const Predicate& predicate, bool in_key_order = false) const {
    return MakePlan(session, *view, predicate, in_key_order);
  }

  Session session;
  const schema::View* view;
};

Views Tasks() { return Views(SessionOf(1), "CDB_OB_IMPORT_TABLE_TASKS"); }

/// "range TENANT_ID 1002 | pushed ... | residual ..."
string Describe(const Plan& plan) {
  return fmt::format("{} {} | {} | {}", AccessPathName(plan.path), fmt::join(plan.Ranges(), "; "),
                     fmt::join(plan.pushed, " & "), fmt::join(plan.residual, " & "));
}

TEST(AccessPath, FollowsFromTheKeysAConditionLeaves) {
  Views v = Tasks();
  struct {
    Predicate predicate;
    const char* plan;
  } cases[] = {
      {Predicate::And({}), "full  |  | "},
      {v.Is("TENANT_ID", int64_t{1002}), "range TENANT_ID 1002 | TENANT_ID = 1002 | "},
      {v.Is("JOB_ID", string("3")), "range JOB_ID 3 | JOB_ID = '3' | "},
      {v.Is("TASK_ID", int64_t{9}), "index TASK_ID 9 | TASK_ID = 9 | "},
      {v.In("TASK_ID", {int64_t{9}, int64_t{7}}), "index TASK_ID 7,9 | TASK_ID IN (9, 7) | "},
      {Predicate::And({v.Is("TENANT_ID", int64_t{1002}), v.Is("TASK_ID", int64_t{9})}),
       "index TENANT_ID 1002, TASK_ID 9 | TENANT_ID = 1002 & TASK_ID = 9 | "},
      {Predicate::And({v.Is("TENANT_ID", int64_t{1002}), v.Is("JOB_ID", int64_t{3}),
                       v.Is("TASK_ID", int64_t{9})}),
       "point TENANT_ID 1002, JOB_ID 3, TASK_ID 9 | TENANT_ID = 1002 & JOB_ID = 3 & TASK_ID = 9 "
       "| "},
      {Predicate::Between(v("TENANT_ID"), int64_t{2}, 4.5),
       "range TENANT_ID 2..4 | TENANT_ID >= 2 & TENANT_ID <= 4.5 | "},
      {Predicate::Not(v.In("JOB_ID", {int64_t{3}})),
       "range JOB_ID ..2,4.. | NOT (JOB_ID IN (3)) | "},
      {Predicate::Or({v.Is("JOB_ID", int64_t{3}), v.Is("JOB_ID", int64_t{5})}),
       "range JOB_ID 3,5 | JOB_ID = 3 OR JOB_ID = 5 | "},
      {Predicate::Or({v.Is("JOB_ID", int64_t{3}), v.Is("STATUS", string("DOING"))}),
       "full  | JOB_ID = 3 OR STATUS = 'DOING' | "},
      {Predicate::And({v.Is("JOB_ID", int64_t{3}), v.Is("JOB_ID", int64_t{4})}),
       "range none | JOB_ID = 3 & JOB_ID = 4 | "},
      {v.Is("TENANT_ID", std::monostate{}), "range none | TENANT_ID = NULL | "},
      {v.Is("TENANT_ID", string("abc")), "range none | TENANT_ID = 'abc' | "},
  };
  for (const auto& c : cases) EXPECT_EQ(Describe(v.Of(c.predicate)), c.plan);
}

TEST(AccessPath, OfADbaViewHoldsTheTenant) {
  Views tasks(SessionOf(1002), "DBA_OB_IMPORT_TABLE_TASKS");
  EXPECT_EQ(Describe(tasks.Of(Predicate::And({}))), "range TENANT_ID 1002 |  | ");
  EXPECT_EQ(Describe(tasks.Of(tasks.Is("TASK_ID", int64_t{9}))),
            "index TENANT_ID 1002, TASK_ID 9 | TASK_ID = 9 | ");
  Views jobs(SessionOf(1004, Mode::kOracle), "DBA_OB_RECOVER_TABLE_JOBS");
  EXPECT_EQ(Describe(jobs.Of(jobs.In("JOB_ID", {int64_t{1}, int64_t{3}}))),
            "point TENANT_ID 1004, JOB_ID 1,3 | JOB_ID IN (1, 3) | ");
}

TEST(AccessPath, IsTheIndexForFewTasksOnly) {
  Views v = Tasks();
  auto path = [&](int64_t low, int64_t high) {
    return v.Of(Predicate::Between(v("TASK_ID"), low, high)).path;
  };
  EXPECT_EQ(path(5, 6), AccessPath::kIndex);
  EXPECT_EQ(path(1, 1000), AccessPath::kIndex);
  EXPECT_EQ(path(1, 1001), AccessPath::kRange);
  EXPECT_EQ(path(INT64_MIN, INT64_MAX - 1), AccessPath::kRange);
  EXPECT_EQ(v.Of(v.In("TASK_ID", {int64_t{5}, int64_t{6}, int64_t{9}})).path, AccessPath::kIndex);
}

TEST(AccessPath, IsFoundLookingAtEachPartOfTheConditionOnce) {
  Views v = Tasks();
  // Twice at each level would be 2^100 looks.
  Predicate ors = v.Is("JOB_ID", int64_t{3});
  for (int64_t level = 0; level < 100; ++level) {
    ors = Predicate::Or({std::move(ors), v.Is("JOB_ID", level % 2)});
  }
  EXPECT_THAT(v.Of(ors).Ranges(), ::testing::ElementsAre("JOB_ID 0..1,3"));
}

TEST(AccessPath, InKeyOrderTheIndexServesOneTaskOnly) {
  Views v = Tasks();
  EXPECT_EQ(v.Of(v.Is("TASK_ID", int64_t{9}), true).path, AccessPath::kIndex);
  EXPECT_EQ(v.Of(v.In("TASK_ID", {int64_t{9}, int64_t{7}}), true).path, AccessPath::kRange);
}

TEST(Conditions, AreRawWhereTheStoredFieldDecidesThem) {
  Views v = Tasks();
  const Predicate raw[] = {
      v.Is("STATUS", string("DOING")),
      v.In("STATUS", {string("DOING"), std::monostate{}}),
      Predicate::IsNull(v("SRC_DATABASE")),
      v.Compare("TABLE_COLUMN", CompareOp::kGt, 3.5),
      v.Compare("START_TIMESTAMP", CompareOp::kGe, string("2023-06-01")),
      Predicate::IsNotNull(v("COMPLETION_TIMESTAMP")),
      Predicate::Not(v.Is("STATUS", int64_t{3})),
      // Whatever is asked of STATUS and RESULT, the store's groups answer.
      Predicate::Like(v("STATUS"), "D%"),
      Predicate::Or({v.Is("STATUS", Blob{"DOING"}), Predicate::IsNull(v("RESULT"))}),
  };
  for (const Predicate& predicate : raw) {
    EXPECT_TRUE(v.Of(predicate).residual.empty()) << ToSql(predicate, *v.view);
  }
  const Predicate shown[] = {
      Predicate::Like(v("SRC_TABLE"), "D%"),
      v.Is("SRC_TABLE", Blob{"DOING"}),
      v.Is("COMMENT", string("x")),  // masked: it may hold URIs
      Predicate::Or({v.Is("JOB_ID", int64_t{1}), Predicate::Like(v("SRC_TABLE"), "D%")}),
  };
  for (const Predicate& predicate : shown) {
    EXPECT_TRUE(v.Of(predicate).pushed.empty()) << ToSql(predicate, *v.view);
  }
}

TEST(Conditions, OnTextsThatHaveNoUsableOrderAreResidual) {
  Views jobs(SessionOf(1002, Mode::kOracle), "DBA_OB_RECOVER_TABLE_JOBS");
  EXPECT_EQ(Describe(jobs.Of(jobs.Compare("RESTORE_SCN_DISPLAY", CompareOp::kGt,
                                          string("21-AUG-23 07.47.20.000000000 PM")))),
            "range TENANT_ID 1002 |  | RESTORE_SCN_DISPLAY > '21-AUG-23 07.47.20.000000000 PM'");
  EXPECT_EQ(Describe(jobs.Of(jobs.Is("START_TIMESTAMP", string("2023-08-21 19:54:25")))),
            "range TENANT_ID 1002 | START_TIMESTAMP = '2023-08-21 19:54:25' | ");
  Views restores(SessionOf(1002), "DBA_OB_RESTORE_PROGRESS");
  EXPECT_EQ(restores.Of(restores.Is("TOTAL_BYTES_DISPLAY", string("0.00MB"))).pushed.size(), 0U);
  EXPECT_EQ(restores.Of(restores.Is("STATUS", string("RESTORING"))).pushed.size(), 0U);
}

TEST(Conditions, OnTimesAreRangesOfStoredValues) {
  Views v(SessionOf(1, Mode::kMySql, "America/New_York"), "CDB_OB_IMPORT_TABLE_TASKS");
  auto set_of = [&](CompareOp op, const char* text) {
    Plan plan = v.Of(v.Compare("START_TIMESTAMP", op, string(text)));
    EXPECT_EQ(plan.filter.children.size(), 1U);
    return plan.filter.children[0].set.ToString();
  };
  EXPECT_EQ(set_of(kEq, "2023-06-01 00:00:00.000000"), "1685592000000000");
  EXPECT_EQ(set_of(kEq, "2023-06-01 00:00:00"), "none");
  // Half past one comes twice on the night the clocks go back, half past two never in March.
  EXPECT_EQ(set_of(kEq, "2023-11-05 01:30:00.000000"), "1699162200000000,1699165800000000");
  EXPECT_EQ(set_of(kEq, "2023-03-12 02:30:00.000000"), "none");
}

/// The store of 20 tenants with 20 jobs of 50 tasks each; made once.
const TestStore& Store() {
  static const TestStore store(testing::ManyTasks());
  return store;
}

struct Read {
  uint64_t rows = 0;
  ScanStats stats;
};

Read Scan(const Views& v, ScanRequest request) {
  request.view = v.view;
  ViewCursor cursor(Store().snapshot(), v.session, std::move(request));
  Read read;
  for (;;) {
    auto more = cursor.Next();
    EXPECT_TRUE(more);
    if (!more || !*more) break;
    ++read.rows;
  }
  read.stats = cursor.stats();
  return read;
}

/// A scan reads its records, and to see the end of each run of neighbours at most the one behind.
auto ReadsOnly(uint64_t records, uint64_t runs) { return AllOf(Ge(records), Le(records + runs)); }

TEST(RecordsRead, AreThoseOfTheKeysAskedFor) {
  Views v = Tasks();
  auto tenant = v.Is("TENANT_ID", int64_t{1005});
  struct {
    Predicate predicate;
    uint64_t rows;
    uint64_t read;
    uint64_t runs;
  } cases[] = {
      // One job; its status is tested on the raw field.
      {Predicate::And({tenant, v.Is("JOB_ID", int64_t{3}), v.Is("STATUS", string("DOING"))}), 5, 50,
       1},
      {Predicate::And({tenant, v.Is("JOB_ID", int64_t{20})}), 50, 50, 1},
      // Two jobs apart.
      {Predicate::And({tenant, v.In("JOB_ID", {int64_t{3}, int64_t{9}})}), 100, 100, 2},
      // A job of every tenant: from tenant to tenant by seeking.
      {v.Is("JOB_ID", int64_t{3}), 1000, 1000, 40},
      // Three tasks by the index.
      {Predicate::And({tenant, v.In("TASK_ID", {int64_t{1}, int64_t{500}, int64_t{9999}})}), 2, 2,
       0},
      {v.Is("TASK_ID", int64_t{7}), 20, 20, 0},
      // A point, there and not there.
      {Predicate::And({tenant, v.Is("JOB_ID", int64_t{1}), v.Is("TASK_ID", int64_t{7})}), 1, 1, 1},
      {Predicate::And({tenant, v.Is("JOB_ID", int64_t{2}), v.Is("TASK_ID", int64_t{7})}), 0, 0, 1},
      // Nothing can match.
      {Predicate::And({tenant, v.Is("JOB_ID", std::monostate{})}), 0, 0, 0},
      {tenant, 1000, 1000, 1},
      {Predicate::And({}), 20000, 20000, 0},
  };
  for (const auto& c : cases) {
    Read read = Scan(v, {.predicate = c.predicate});
    EXPECT_EQ(read.rows, c.rows) << ToSql(c.predicate, *v.view);
    EXPECT_THAT(read.stats.records_read, ReadsOnly(c.read, c.runs)) << ToSql(c.predicate, *v.view);
    EXPECT_EQ(read.stats.records_returned, c.rows);
    EXPECT_EQ(read.stats.records_decoded, 0U) << "no value was asked for";
  }
}

TEST(RecordsRead, EndWithTheLimit) {
  Views v = Tasks();
  Read read = Scan(v, {.limit = 3});
  EXPECT_EQ(read.rows, 3U);
  EXPECT_EQ(read.stats.records_read, 3U);
  read = Scan(v, {.predicate = v.Is("STATUS", string("DOING")), .limit = 2, .offset = 1});
  EXPECT_EQ(read.rows, 2U);
  EXPECT_EQ(read.stats.records_read, 21U) << "every tenth task is DOING";
  EXPECT_EQ(Scan(v, {.limit = 0}).stats.records_read, 0U);
}

TEST(RecordsRead, ATimeConditionIsTestedWithoutShowingAnyTime) {
  Views v(SessionOf(1005), "DBA_OB_IMPORT_TABLE_TASKS");
  Read read =
      Scan(v, {.predicate = Predicate::Between(v("START_TIMESTAMP"), string("2023-06-01 06:00:10"),
                                               string("2023-06-01 06:00:20"))});
  EXPECT_EQ(read.rows, 10U) << "the text of second 20 has decimals, and so is greater";
  EXPECT_THAT(read.stats.records_read, ReadsOnly(1000, 1));
}

}  // namespace
}  // namespace obviews::vtab
