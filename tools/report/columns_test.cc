// Columns in the narrowest type that holds them, and in base64.
#include "tools/report/columns.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace obviews::tools {
namespace {

TEST(Base64, HasPaddingForWholeGroups) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("\xFF\xFE\xFD"), "//79");
}

TEST(PackColumn, TakesTheNarrowestTypeWithRoomForWhatIsMissing) {
  struct Case {
    std::vector<std::optional<int64_t>> numbers;
    std::string json;
  };
  const Case cases[] = {
      {{}, R"({"type":"u8","base":0,"data":""})"},
      {{std::nullopt}, R"({"type":"u8","base":0,"data":"/w=="})"},
      {{7, std::nullopt, 9}, R"({"type":"u8","base":7,"data":"AP8C"})"},
      {{0, 254}, R"({"type":"u8","base":0,"data":"AP4="})"},
      {{0, 255}, R"({"type":"u16","base":0,"data":"AAD/AA=="})"},
      {{-1, 65'534, std::nullopt}, R"({"type":"u32","base":-1,"data":"AAAAAP//AAD/////"})"},
      {{0, 4'294'967'295}, R"({"type":"f64","base":0,"data":"AAAAAAAAAAAAAOD////vQQ=="})"},
  };
  for (const Case& c : cases) EXPECT_EQ(PackColumn(c.numbers).dump(), c.json);
}

TEST(PackColumn, TakesNumbersThatAreFartherApartThanOneCanSay) {
  auto column = PackColumn({INT64_MIN, INT64_MAX});
  EXPECT_EQ(column["type"], "f64");
  EXPECT_EQ(column["base"], INT64_MIN);
}

}  // namespace
}  // namespace obviews::tools
