// Numbers as people read them.
#include "tools/output/number.h"

#include <gtest/gtest.h>

#include <utility>

namespace obviews::tools {
namespace {

TEST(ThousandsTest, CountsAreGrouped) {
  const std::pair<int64_t, const char*> cases[] = {
      {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {-1000, "-1,000"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(Thousands(value), text);
}

}  // namespace
}  // namespace obviews::tools
