// Integers inside texts: exact up to the last of 64 bits, an error or a mark beyond, never a wrap.
#include "schema/numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace obviews::schema {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();
constexpr uint64_t kMaxU64 = std::numeric_limits<uint64_t>::max();

TEST(NumbersTest, StrictSignedTexts) {
  const struct {
    const char* text;
    int64_t value;
  } cases[] = {{"0", 0},
               {"-0", 0},
               {"+5", 5},
               {"007", 7},
               {"-1", -1},
               {"9223372036854775807", kMax64},
               {"-9223372036854775808", kMin64},
               {"00000000000000000000000000000000001", 1}};
  for (const auto& c : cases) {
    const Result<int64_t> value = ParseInt64(c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(*value, c.value);
  }
}

TEST(NumbersTest, StrictTextsThatAreNoIntegers) {
  const std::string texts[] = {"",    " ",   "1 ",   " 1",   "-",   "+",
                               "1.0", "1e3", "0x10", "NULL", "--1", std::string("1\0", 2),
                               "１",  "+ 1", "1,000"};
  for (const std::string& text : texts) {
    const Result<int64_t> as_signed = ParseInt64(text);
    const Result<uint64_t> as_unsigned = ParseUint64(text);
    ASSERT_FALSE(as_signed) << text;
    ASSERT_FALSE(as_unsigned) << text;
    EXPECT_THAT(as_signed.error().message, HasSubstr("is not an integer"));
    EXPECT_THAT(as_unsigned.error().message, HasSubstr("is not an integer"));
  }
}

TEST(NumbersTest, StrictTextsBeyond64BitsAreErrors) {
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
                           "99999999999999999999999999999999999999999"}) {
    const Result<int64_t> value = ParseInt64(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(value.error().message,
                HasSubstr("is outside -9223372036854775808 to 9223372036854775807"));
  }
  for (const char* text : {"18446744073709551616", "-1", "184467440737095516150"}) {
    const Result<uint64_t> value = ParseUint64(text);
    ASSERT_FALSE(value) << text;
    EXPECT_THAT(value.error().message, HasSubstr("is outside 0 to 18446744073709551615"));
  }
  EXPECT_EQ(ParseUint64("18446744073709551615").value_or(0), kMaxU64);
  EXPECT_EQ(ParseUint64("-0").value_or(1), 0U);
}

TEST(NumbersTest, PrefixOfATextAsMySqlCastsIt) {
  const struct {
    std::string text;
    int64_t value;
    bool whole;
    bool saturated;
  } cases[] = {{"", 0, false, false},
               {"abc", 0, false, false},
               {" 12abc", 12, false, false},
               {"\t\n-7 ", -7, true, false},
               {"- 7", 0, false, false},
               {"1.9", 1, false, false},
               {"0", 0, true, false},
               {"9223372036854775808", kMax64, true, true},
               {"-99999999999999999999 x", kMin64, false, true},
               {std::string("5\0006", 3), 5, false, false}};
  for (const auto& c : cases) {
    const NumberPrefix<int64_t> prefix = ParseInt64Prefix(c.text);
    EXPECT_EQ(prefix.value, c.value) << c.text;
    EXPECT_EQ(prefix.whole, c.whole) << c.text;
    EXPECT_EQ(prefix.saturated, c.saturated) << c.text;
  }
}

TEST(NumbersTest, UnsignedPrefixes) {
  EXPECT_EQ(ParseUint64Prefix("1692104831498747191").value, 1'692'104'831'498'747'191U);
  EXPECT_EQ(ParseUint64Prefix("18446744073709551615").value, kMaxU64);
  EXPECT_FALSE(ParseUint64Prefix("18446744073709551615").saturated);
  EXPECT_EQ(ParseUint64Prefix("18446744073709551616").value, kMaxU64);
  EXPECT_TRUE(ParseUint64Prefix("18446744073709551616").saturated);
  EXPECT_EQ(ParseUint64Prefix("-5").value, 0U);
  EXPECT_TRUE(ParseUint64Prefix("-5").saturated);
  EXPECT_FALSE(ParseUint64Prefix("-0").saturated);
}

}  // namespace
}  // namespace obviews::schema
