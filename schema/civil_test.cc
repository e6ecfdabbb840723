// The calendar: every day of the years 0 to 9999 once, known days, and digits.
#include "schema/civil.h"

#include <gtest/gtest.h>

#include <string_view>

namespace obviews::schema {
namespace {

TEST(CivilTest, KnownDays) {
  EXPECT_EQ(DaysFromCivil({1970, 1, 1}), 0);
  EXPECT_EQ(DaysFromCivil({1969, 12, 31}), -1);
  EXPECT_EQ(DaysFromCivil({2000, 2, 29}), 11016);
  EXPECT_EQ(DaysFromCivil({0, 1, 2}), -719527);
  EXPECT_EQ(DaysFromCivil({9999, 12, 31}), 2932896);
}

TEST(CivilTest, EveryDayFollowsTheOneBefore) {
  CivilDate expected{0, 1, 1};
  for (int64_t day = DaysFromCivil({0, 1, 1}); day <= DaysFromCivil({9999, 12, 31}); ++day) {
    ASSERT_EQ(CivilFromDays(day), expected) << day;
    ASSERT_EQ(DaysFromCivil(expected), day);
    if (++expected.day > DaysInMonth(expected.year, expected.month)) {
      expected.day = 1;
      if (++expected.month > 12) {
        expected.month = 1;
        ++expected.year;
      }
    }
  }
  EXPECT_EQ(expected, (CivilDate{10000, 1, 1}));
}

TEST(CivilTest, LeapYearsFollowTheGregorianRule) {
  EXPECT_TRUE(IsLeapYear(0));
  EXPECT_TRUE(IsLeapYear(2000));
  EXPECT_TRUE(IsLeapYear(2024));
  EXPECT_FALSE(IsLeapYear(1900));
  EXPECT_FALSE(IsLeapYear(2023));
  EXPECT_EQ(DaysInMonth(2024, 2), 29);
  EXPECT_EQ(DaysInMonth(2023, 2), 28);
}

TEST(CivilTest, FloorDivRoundsDown) {
  EXPECT_EQ(FloorDiv(7, 5), 1);
  EXPECT_EQ(FloorDiv(-1, 5), -1);
  EXPECT_EQ(FloorDiv(-5, 5), -1);
  EXPECT_EQ(FloorDiv(-6, 5), -2);
}

TEST(CivilTest, DigitsKeepLeadingZeros) {
  char out[24];
  char* end = Put9(Put6(Put4(Put2(out, 7), 42), 1234), 987'654'321);
  EXPECT_EQ(std::string_view(out, static_cast<size_t>(end - out)), "070042001234987654321");
  end = Put9(out, 5);
  EXPECT_EQ(std::string_view(out, static_cast<size_t>(end - out)), "000000005");
}

}  // namespace
}  // namespace obviews::schema
