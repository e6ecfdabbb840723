// Conditions on a prefix of a key as stretches of the key order.
#include "plugins/mariadb/key_bounds.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace obviews::mariadb {
namespace {

constexpr int64_t kMin = schema::RangeSet::kMin;
constexpr int64_t kMax = schema::RangeSet::kMax;

std::string PartText(int64_t part) {
  return part == kMin ? "min" : part == kMax ? "max" : fmt::format("{}", part);
}

std::string ToText(const std::optional<engine::Stretch>& stretch) {
  if (!stretch) return "nothing";
  std::string text;
  for (const engine::Key& key : {stretch->first, stretch->last}) {
    text += fmt::format("({}, {}, {})", PartText(key.tenant_id), PartText(key.job_id),
                        PartText(key.task_id));
  }
  return text;
}

struct Case {
  const char* what;
  std::optional<int64_t> tenant;
  std::vector<int64_t> low;
  bool low_inside;
  std::vector<int64_t> high;
  bool high_inside;
  const char* tasks;  ///< of a view with tasks
};

TEST(KeyBoundsTest, StretchesOfTasks) {
  for (const Case& c : {
           Case{"everything", {}, {}, true, {}, true, "(min, min, min)(max, max, max)"},
           Case{"a prefix", {}, {1002, 3}, true, {1002, 3}, true, "(1002, 3, min)(1002, 3, max)"},
           Case{"a key", {}, {1002, 3, 7}, true, {1002, 3, 7}, true, "(1002, 3, 7)(1002, 3, 7)"},
           Case{"behind a prefix", {}, {1002, 3}, false, {}, true, "(1002, 4, min)(max, max, max)"},
           Case{"behind a key", {}, {1002, 3, 7}, false, {}, true, "(1002, 3, 8)(max, max, max)"},
           Case{"before a prefix", {}, {}, true, {1002, 3}, false, "(min, min, min)(1002, 2, max)"},
           Case{"behind the last task",
                {},
                {1002, 3, kMax},
                false,
                {},
                true,
                "(1002, 4, min)(max, max, max)"},
           Case{"behind the last of all", {}, {kMax, kMax, kMax}, false, {}, true, "nothing"},
           Case{"before the first of all", {}, {}, true, {kMin}, false, "nothing"},
           Case{"low above high", {}, {1002, 4}, true, {1002, 3}, true, "nothing"},
           Case{"all of a tenant", 1002, {}, true, {}, true, "(1002, min, min)(1002, max, max)"},
           Case{"a job of a tenant", 1002, {3}, true, {3}, true, "(1002, 3, min)(1002, 3, max)"},
           Case{"behind a tenant's last job", 1002, {kMax}, false, {}, true, "nothing"},
       }) {
    std::optional<KeyBound> low;
    std::optional<KeyBound> high;
    if (!c.low.empty()) low = KeyBound{c.low, c.low_inside};
    if (!c.high.empty()) high = KeyBound{c.high, c.high_inside};
    EXPECT_EQ(ToText(MakeStretch(c.tenant, true, low, high)), c.tasks) << c.what;
  }
}

TEST(KeyBoundsTest, JobsHaveNoTask) {
  std::vector<int64_t> job = {1002, 3};
  EXPECT_EQ(ToText(MakeStretch({}, false, KeyBound{job, true}, KeyBound{job, true})),
            "(1002, 3, 0)(1002, 3, 0)");
  EXPECT_EQ(ToText(MakeStretch({}, false, KeyBound{job, false}, std::nullopt)),
            "(1002, 4, 0)(max, max, 0)");
}

TEST(KeyBoundsTest, TheConditionAroundAStretchEndsAtTheFirstPartThatDiffers) {
  const schema::View* view =
      schema::Catalog::Get().FindDefinition("CDB_OB_IMPORT_TABLE_TASKS", schema::Mode::kMySql);
  std::vector<size_t> index;
  for (const char* name : {"TENANT_ID", "JOB_ID", "TASK_ID"}) {
    index.push_back(static_cast<size_t>(view->FindColumn(name)));
  }
  engine::Stretch stretch{{1002, 3, 5}, {1002, 4, 9}};
  EXPECT_EQ(vtab::ToSql(ConditionAround(stretch, {}, index), *view),
            "TENANT_ID = 1002 AND (JOB_ID >= 3 AND JOB_ID <= 4)");
  EXPECT_FALSE(IsOneJob(stretch));
  EXPECT_TRUE(IsOneJob({{1002, 3, kMin}, {1002, 3, kMax}}));
}

}  // namespace
}  // namespace obviews::mariadb
