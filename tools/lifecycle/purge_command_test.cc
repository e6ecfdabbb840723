// Whose jobs are purged.
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
