// Tokens of JSON text: kinds, places from any start, skipping of nested values.
#include "tools/loader/json_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace obviews::tools {
namespace {

using Kind = JsonToken::Kind;

TEST(JsonScan, CutsAllKindsOfTokens) {
  JsonScanner scanner(R"({"a":[1,-2.5e+3,true,false,null]})", "f", {1, 1});
  const Kind kinds[] = {Kind::kBeginObject, Kind::kString,   Kind::kColon,     Kind::kBeginArray,
                        Kind::kNumber,      Kind::kComma,    Kind::kNumber,    Kind::kComma,
                        Kind::kTrue,        Kind::kComma,    Kind::kFalse,     Kind::kComma,
                        Kind::kNull,        Kind::kEndArray, Kind::kEndObject, Kind::kEnd,
                        Kind::kEnd};
  for (const Kind kind : kinds) {
    const auto token = scanner.Next();
    ASSERT_TRUE(token);
    EXPECT_EQ(token->kind, kind) << Describe(token->kind);
  }
}

TEST(JsonScan, PlacesCountFromTheStartGiven) {
  JsonScanner scanner("[1,\n 2]", "f", {7, 5});
  const Position places[] = {{7, 5}, {7, 6}, {7, 7}, {8, 2}, {8, 3}, {8, 4}};
  for (const Position at : places) EXPECT_EQ(scanner.Next()->at, at);
}

TEST(JsonScan, SkipsNestedValues) {
  JsonScanner scanner(R"([[{"a":[{}]}],"]"] 7)", "f", {1, 1});
  ASSERT_TRUE(scanner.SkipValue(scanner.Next().value()));
  EXPECT_EQ(scanner.Next()->raw, "7");
}

TEST(JsonScan, RefusesWhatIsNoNumber) {
  for (const char* text : {"01", "-", "1.", ".5", "1e", "1e+", "-a", "1x", "+1", "0x10"}) {
    EXPECT_FALSE(JsonScanner(text, "f", {1, 1}).Next()) << text;
  }
}

TEST(JsonScan, KnowsWhichIntegersFit) {
  for (const char* fits : {"0", "-1", "18446744073709551615", "-9223372036854775808"}) {
    EXPECT_TRUE(FitsSixtyFourBits(fits)) << fits;
  }
  for (const char* no : {"18446744073709551616", "99999999999999999999", "-9223372036854775809",
                         "100000000000000000000000"}) {
    EXPECT_FALSE(FitsSixtyFourBits(no)) << no;
  }
}

TEST(JsonScan, DecodesEveryByteOfEitherEscape) {
  for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
    char text[32];
    (void)std::snprintf(text, sizeof text, "\"\\uef%02x\\udc%02X\"", byte, byte);
    JsonScanner scanner(text, "f", {1, 1});
    std::string decoded;
    ASSERT_TRUE(scanner.Decode(scanner.Next().value(), decoded));
    EXPECT_EQ(decoded, std::string(2, static_cast<char>(byte)));
  }
}

}  // namespace
}  // namespace obviews::tools
