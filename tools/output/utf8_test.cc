// What counts as a character and how many columns it takes.
#include "tools/output/utf8.h"

#include <gtest/gtest.h>

#include <string_view>

namespace obviews::tools {
namespace {

using namespace std::string_view_literals;

TEST(DecodeUtf8, AcceptsExactlyTheWellFormedSequences) {
  struct Case {
    std::string_view bytes;
    char32_t code_point;
    int length;
  };
  const Case cases[] = {
      {"a"sv, 'a', 1},
      {"\0"sv, 0, 1},
      {"\x7F"sv, 0x7F, 1},
      {"\xC2\x80"sv, 0x80, 2},
      {"\xDF\xBF"sv, 0x7FF, 2},
      {"\xE0\xA0\x80"sv, 0x800, 3},
      {"\xED\x9F\xBF"sv, 0xD7FF, 3},
      {"\xEE\x80\x80"sv, 0xE000, 3},
      {"\xEF\xBF\xBF"sv, 0xFFFF, 3},
      {"\xF0\x90\x80\x80"sv, 0x10000, 4},
      {"\xF4\x8F\xBF\xBF"sv, 0x10FFFF, 4},
      {"\x80"sv, 0, 0},              // a continuation byte alone
      {"\xC1\xBF"sv, 0, 0},          // overlong
      {"\xE0\x9F\xBF"sv, 0, 0},      // overlong
      {"\xF0\x8F\xBF\xBF"sv, 0, 0},  // overlong
      {"\xED\xA0\x80"sv, 0, 0},      // a surrogate
      {"\xF4\x90\x80\x80"sv, 0, 0},  // above U+10FFFF
      {"\xF5\x80\x80\x80"sv, 0, 0},
      {"\xFF"sv, 0, 0},
      {"\xE4\xB8"sv, 0, 0},  // cut
      {"\xC3"sv, 0, 0},
      {"\xC3("sv, 0, 0},
      {"\xE4\xB8("sv, 0, 0},
      {"\xF0\x9F\x98("sv, 0, 0},
  };
  for (const Case& c : cases) {
    const Utf8Char decoded = DecodeUtf8(c.bytes);
    EXPECT_EQ(decoded.length, c.length) << testing::PrintToString(c.bytes);
    EXPECT_EQ(decoded.code_point, c.code_point) << testing::PrintToString(c.bytes);
  }
}

TEST(WidthMeter, CountsTerminalColumns) {
  struct Case {
    std::string_view text;
    size_t width;
  };
  const Case cases[] = {
      {"", 0},          {"orders", 6},  {"é", 1}, {"中文", 4}, {"Ａ", 2},  // full width
      {"😀", 2},         {"e\u0301", 1},                                    // a combining accent
      {"a\u200Bb", 2},                                                     // zero width space
      {"\u240A", 1},     // the picture of a newline
      {"a\xFF\xFE", 3},  // bytes that are no text
      {"\xE4\xB8", 2},   // half a character
      {"TEST.表_1", 9},
  };
  const WidthMeter meter;
  for (const Case& c : cases) {
    EXPECT_EQ(meter.Measure(c.text), c.width) << testing::PrintToString(c.text);
  }
}

}  // namespace
}  // namespace obviews::tools
