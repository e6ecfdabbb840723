// Random statements over the views and over plain copies of them, in one SQLite connection.
#include <gtest/gtest.h>

#include <algorithm>

#include "sql_generator.h"

namespace obviews::differential {
namespace {

std::string ShowParameters(const Statement& statement) {
  std::string out;
  for (const vtab::Literal& literal : statement.parameters) {
    out += (out.empty() ? "" : ", ") + Inline(literal);
  }
  return out;
}

class SqlTest : public testing::TestWithParam<Scene> {};

TEST_P(SqlTest, GivesWhatPlainTablesGive) {
  World world(GetParam());
  const int count = LongTests() ? 2000 : 80;
  for (const schema::View* view : world.views()) {
    for (int i = 0; i < count; ++i) {
      uint64_t seed = view->view_id * 1000033U + static_cast<uint64_t>(i);
      Random random(seed);
      Statement statement = RandomStatement(world, *view, random);
      Outcome expected = world.Run(statement.In("plain"), statement.parameters);
      int before = world.snapshots_taken();
      Outcome actual = world.Run(statement.In(world.schema_name()), statement.parameters);
      EXPECT_LE(world.snapshots_taken() - before, 1)
          << "not one state: " << statement.In(world.schema_name());
      bool same = actual.error == expected.error;
      if (statement.order == Statement::Order::kCountOnly) {
        same = same && actual.rows.size() == expected.rows.size();
      } else {
        if (statement.order == Statement::Order::kAnyOrder) {
          std::sort(actual.rows.begin(), actual.rows.end());
          std::sort(expected.rows.begin(), expected.rows.end());
        }
        same = same && actual.rows == expected.rows;
      }
      ASSERT_TRUE(same) << "seed " << seed << "\n"
                        << statement.In(world.schema_name())
                        << "\nparameters: " << ShowParameters(statement)
                        << "\nviews give: " << actual.ToString()
                        << "\nplain tables give: " << expected.ToString();
    }
  }
}

/// The summary, worked out by SQLite from the tasks of both views. Times are left out: here are
/// zones whose texts are in another order than the times.
TEST_P(SqlTest, GivesTheSummaryThatGroupingTheTasksGives) {
  World world(GetParam());
  if (GetParam().restore_views_only) return;
  const auto compare = [&](const std::string& scope, const std::string& key) {
    const auto from = [&](const char* view) {
      return "SELECT * FROM plain." + scope + "_OB_IMPORT_TABLE_" + view;
    };
    Outcome expected =
        world.Run("SELECT " + key + ", count(*) FROM (" + from("TASKS") + " UNION ALL " +
                      from("TASK_HISTORY") + ") GROUP BY " + key + " ORDER BY " + key,
                  {});
    Outcome actual =
        world.Run("SELECT " + key + ", TASK_COUNT FROM " + std::string(world.schema_name()) + "." +
                      scope + "_OB_IMPORT_TABLE_TASK_SUMMARY",
                  {});
    EXPECT_EQ(actual.error, "");
    EXPECT_EQ(actual.rows, expected.rows);
    return actual.rows.size();
  };
  EXPECT_GT(compare("DBA", "JOB_ID, STATUS, RESULT"), 0U);
  if (world.session().is_sys()) {
    EXPECT_GT(compare("CDB", "TENANT_ID, JOB_ID, STATUS, RESULT"), 50U);
  }
}

INSTANTIATE_TEST_SUITE_P(Scenes, SqlTest, testing::ValuesIn(Scenes()),
                         [](const auto& scene) { return scene.param.name; });

}  // namespace
}  // namespace obviews::differential
