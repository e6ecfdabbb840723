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

INSTANTIATE_TEST_SUITE_P(Scenes, SqlTest, testing::ValuesIn(Scenes()),
                         [](const auto& scene) { return scene.param.name; });

}  // namespace
}  // namespace obviews::differential
