// Which instant an age or a date means, and whose jobs are purged.
#include "tools/lifecycle/purge_command.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace obviews::tools {
namespace {

constexpr int64_t kNow = 1'692'618'864'733'548;
constexpr int64_t kSecond = 1'000'000;

TEST(ParseAge, AgesCountBackFromNowAndDatesAreOfTheZone) {
  struct Case {
    const char* text;
    int64_t instant;
  };
  const Case cases[] = {
      {"30d", kNow - 30 * 86400 * kSecond},
      {"12h", kNow - 12 * 3600 * kSecond},
      {"90m", kNow - 90 * 60 * kSecond},
      {"45s", kNow - 45 * kSecond},
      {"0s", kNow},
      {"99999999999999d", INT64_MIN + kNow},
      {"2023-06-01", 1'685'548'800'000'000},
      {"2023-06-01 06:00:00", 1'685'570'400'000'000},
  };
  for (const Case& c : cases) {
    auto instant = ParseAge(c.text, kNow, schema::Zone::Fixed(8 * 3600));
    ASSERT_TRUE(instant) << c.text;
    EXPECT_EQ(*instant, c.instant) << c.text;
  }
}

TEST(ParseAge, RefusesWhatIsNeither) {
  const std::string date =
      " is neither an age such as 30d or 12h nor a date such as 2023-06-01 or 2023-06-01 06:00:00";
  const std::string age = " is no age: a whole number and d, h, m or s";
  EXPECT_EQ(ParseAge("", kNow, schema::Zone()).error().message, "\"\"" + date);
  EXPECT_EQ(ParseAge("soon", kNow, schema::Zone()).error().message, "\"soon\"" + date);
  EXPECT_EQ(ParseAge("30", kNow, schema::Zone()).error().message, "\"30\"" + date);
  EXPECT_EQ(ParseAge("2023-13-01", kNow, schema::Zone()).error().message, "\"2023-13-01\"" + date);
  EXPECT_EQ(ParseAge("d", kNow, schema::Zone()).error().message, "\"d\"" + age);
  EXPECT_EQ(ParseAge("-3d", kNow, schema::Zone()).error().message, "\"-3d\"" + age);
  EXPECT_EQ(ParseAge("1.5h", kNow, schema::Zone()).error().message, "\"1.5h\"" + age);
}

TEST(PolicyOf, TenantsAreIdsOrKnownNames) {
  const std::vector<engine::Tenant> known = {{1002, "shop", false, {}}, {1004, "erp", false, {}}};
  struct Case {
    std::vector<std::string> tenants;
    std::set<int64_t> ids;
    std::string error;
  };
  const Case cases[] = {
      {{}, {}, ""},
      {{"shop"}, {1002}, ""},
      {{"erp", "1002", "shop"}, {1002, 1004}, ""},
      {{"sys", "1008"}, {1, 1008}, ""},
      {{"shop", "shopp"},
       {},
       "unknown tenant 'shopp'; did you mean 'shop'? the store has shop (1002), erp (1004)"},
      {{""}, {}, "the tenant is empty; give an id, a name, or sys"},
  };
  for (const Case& c : cases) {
    PurgeCommand command;
    command.older_than = "45s";
    command.keep = 3;
    command.tenants = c.tenants;
    auto policy = PolicyOf(command, known, kNow);
    EXPECT_EQ(policy ? "" : policy.error().message, c.error);
    if (!policy) continue;
    EXPECT_EQ(policy->tenants, c.ids);
    EXPECT_EQ(policy->keep_per_tenant, 3U);
    EXPECT_EQ(policy->older_than_usec, kNow - 45 * kSecond);
  }
}

}  // namespace
}  // namespace obviews::tools
