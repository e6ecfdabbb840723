// Which instant an age or a date means.
#include "tools/cli/instant.h"

#include <gtest/gtest.h>

namespace obviews::tools {
namespace {

constexpr int64_t kNow = 1'692'618'864'733'548;
constexpr int64_t kSecond = 1'000'000;

TEST(ParseInstant, AgesCountBackFromNowAndDatesAreOfTheZone) {
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
    auto instant = ParseInstant(c.text, kNow, schema::Zone::Fixed(8 * 3600));
    ASSERT_TRUE(instant) << c.text;
    EXPECT_EQ(*instant, c.instant) << c.text;
  }
}

TEST(ParseInstant, RefusesWhatIsNeither) {
  const std::string date =
      " is neither an age such as 30d or 12h nor a date such as 2023-06-01 or 2023-06-01 06:00:00";
  const std::string age = " is no age: a whole number and d, h, m or s";
  EXPECT_EQ(ParseInstant("", kNow, schema::Zone()).error().message, "\"\"" + date);
  EXPECT_EQ(ParseInstant("soon", kNow, schema::Zone()).error().message, "\"soon\"" + date);
  EXPECT_EQ(ParseInstant("30", kNow, schema::Zone()).error().message, "\"30\"" + date);
  EXPECT_EQ(ParseInstant("2023-13-01", kNow, schema::Zone()).error().message,
            "\"2023-13-01\"" + date);
  EXPECT_EQ(ParseInstant("d", kNow, schema::Zone()).error().message, "\"d\"" + age);
  EXPECT_EQ(ParseInstant("-3d", kNow, schema::Zone()).error().message, "\"-3d\"" + age);
  EXPECT_EQ(ParseInstant("1.5h", kNow, schema::Zone()).error().message, "\"1.5h\"" + age);
}

}  // namespace
}  // namespace obviews::tools
