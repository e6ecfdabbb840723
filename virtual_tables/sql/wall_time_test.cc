// Texts of wall times, DATE_FORMAT, weeks, and interval arithmetic on them.
#include "virtual_tables/sql/wall_time.h"

#include <gtest/gtest.h>

#include <limits>

#include "virtual_tables/sql/interval.h"

namespace obviews::vtab::sql {
namespace {

std::string ReadAndWrite(std::string_view text) {
  const auto time = ReadWallTime(text);
  return time ? WriteWallTime(*time) : "nothing";
}

TEST(WallTime, ReadsTheShapesOfTheViewsAndKeepsTheirPrecision) {
  struct Case {
    std::string_view text;
    std::string_view written;
  };
  const Case cases[] = {
      {"2023-06-01", "2023-06-01"},
      {"2023-06-01 06:00", "2023-06-01 06:00:00"},
      {"2023-06-01 06:00:00", "2023-06-01 06:00:00"},
      {"2023-06-01T06:00:00", "2023-06-01 06:00:00"},
      {"2023-06-01 06:00:00.5", "2023-06-01 06:00:00.5"},
      {"1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999"},
      {"21-AUG-23 07.47.20.123456789 PM", "2023-08-21 19:47:20.123456"},
      {"2024-02-29", "2024-02-29"},
      {"2023-02-29", "nothing"},
      {"2023-06-01 24:00:00", "nothing"},
      {"0000-00-00 00:00:00", "nothing"},
      {"", "nothing"},
      {"yesterday", "nothing"},
      {"2023-06-01 06:00:00.1234567", "nothing"},
  };
  for (const Case& c : cases) EXPECT_EQ(ReadAndWrite(c.text), c.written) << c.text;
}

std::string Format(std::string_view text, std::string_view format) {
  return FormatWallTime(*ReadWallTime(text), format);
}

TEST(DateFormat, KnowsEverySpecifier) {
  struct Case {
    char specifier;
    std::string_view morning;  // Thursday 2023-06-01 06:07:08.000009
    std::string_view evening;  // Sunday 2023-12-31 23:00:00
  };
  const Case cases[] = {
      {'a', "Thu", "Sun"},
      {'b', "Jun", "Dec"},
      {'c', "6", "12"},
      {'D', "1st", "31st"},
      {'d', "01", "31"},
      {'e', "1", "31"},
      {'f', "000009", "000000"},
      {'H', "06", "23"},
      {'h', "06", "11"},
      {'I', "06", "11"},
      {'i', "07", "00"},
      {'j', "152", "365"},
      {'k', "6", "23"},
      {'l', "6", "11"},
      {'M', "June", "December"},
      {'m', "06", "12"},
      {'p', "AM", "PM"},
      {'r', "06:07:08 AM", "11:00:00 PM"},
      {'S', "08", "00"},
      {'s', "08", "00"},
      {'T', "06:07:08", "23:00:00"},
      {'U', "22", "53"},
      {'u', "22", "52"},
      {'V', "22", "53"},
      {'v', "22", "52"},
      {'W', "Thursday", "Sunday"},
      {'w', "4", "0"},
      {'X', "2023", "2023"},
      {'x', "2023", "2023"},
      {'Y', "2023", "2023"},
      {'y', "23", "23"},
      {'%', "%", "%"},
      {'z', "z", "z"},
  };
  for (const Case& c : cases) {
    const std::string format = std::string("%") + c.specifier;
    EXPECT_EQ(Format("2023-06-01 06:07:08.000009", format), c.morning) << format;
    EXPECT_EQ(Format("2023-12-31 23:00:00", format), c.evening) << format;
  }
}

TEST(DateFormat, KeepsOtherText) {
  EXPECT_EQ(Format("2023-06-01", "am %d.%m.%Y, 100%"), "am 01.06.2023, 100%");
  EXPECT_EQ(Format("2023-06-12", "%D"), "12th");
  EXPECT_EQ(Format("2023-06-22", "%D"), "22nd");
  EXPECT_EQ(Format("2023-06-03", "%D"), "3rd");
  EXPECT_EQ(Format("2023-06-01 00:30:00", "%h %l %p"), "12 12 AM");
  EXPECT_EQ(Format("2023-06-01 12:30:00", "%h %l %p"), "12 12 PM");
}

TEST(DateFormat, CountsWeeksAcrossTheYearsEnd) {
  struct Case {
    std::string_view date;
    std::string_view weeks;
  };
  // 2008-01-01 was a Tuesday, 2010-01-01 a Friday, 2012-01-01 a Sunday.
  const Case cases[] = {
      {"2008-01-01", "00 01 2007-52 2008-01"}, {"2010-01-01", "00 00 2009-52 2009-53"},
      {"2012-01-01", "01 00 2012-01 2011-52"}, {"2007-12-31", "52 53 2007-52 2008-01"},
      {"2008-02-20", "07 08 2008-07 2008-08"},
  };
  for (const Case& c : cases) EXPECT_EQ(Format(c.date, "%U %u %X-%V %x-%v"), c.weeks) << c.date;
}

std::string Added(std::string_view text, int64_t count, IntervalUnit unit) {
  WallTime time = *ReadWallTime(text);
  const auto moved = AddInterval(time.local_usec, count, unit);
  if (!moved) return "nothing";
  time.local_usec = *moved;
  return WriteWallTime(time);
}

TEST(Interval, AddsEveryUnit) {
  const std::string_view t = "2023-06-30 23:59:59";
  EXPECT_EQ(Added(t, 1'000'000, IntervalUnit::kMicrosecond), "2023-07-01 00:00:00");
  EXPECT_EQ(Added(t, 1, IntervalUnit::kSecond), "2023-07-01 00:00:00");
  EXPECT_EQ(Added(t, -1, IntervalUnit::kMinute), "2023-06-30 23:58:59");
  EXPECT_EQ(Added(t, 24, IntervalUnit::kHour), "2023-07-01 23:59:59");
  EXPECT_EQ(Added(t, -30, IntervalUnit::kDay), "2023-05-31 23:59:59");
  EXPECT_EQ(Added(t, 2, IntervalUnit::kWeek), "2023-07-14 23:59:59");
  EXPECT_EQ(Added(t, -6, IntervalUnit::kMonth), "2022-12-30 23:59:59");
  EXPECT_EQ(Added(t, 1, IntervalUnit::kQuarter), "2023-09-30 23:59:59");
  EXPECT_EQ(Added(t, -100, IntervalUnit::kYear), "1923-06-30 23:59:59");
}

TEST(Interval, ClampsToTheMonthsLastDay) {
  EXPECT_EQ(Added("2023-01-31", 1, IntervalUnit::kMonth), "2023-02-28");
  EXPECT_EQ(Added("2024-01-31", 1, IntervalUnit::kMonth), "2024-02-29");
  EXPECT_EQ(Added("2024-02-29", 1, IntervalUnit::kYear), "2025-02-28");
  EXPECT_EQ(Added("2023-03-31", -1, IntervalUnit::kMonth), "2023-02-28");
  EXPECT_EQ(Added("2023-08-31", 1, IntervalUnit::kQuarter), "2023-11-30");
}

TEST(Interval, LeavesTheRangeWithNothing) {
  EXPECT_EQ(Added("9999-12-31", 1, IntervalUnit::kDay), "nothing");
  EXPECT_EQ(Added("9999-12-31 23:59:59.999999", 1, IntervalUnit::kMicrosecond), "nothing");
  EXPECT_EQ(Added("2023-01-01", -2024, IntervalUnit::kYear), "nothing");
  EXPECT_EQ(Added("2023-01-01", 7977, IntervalUnit::kYear), "nothing");
  for (const int64_t count :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    for (int unit = 0; unit <= static_cast<int>(IntervalUnit::kYear); ++unit) {
      EXPECT_EQ(Added("2023-01-01", count, static_cast<IntervalUnit>(unit)), "nothing");
    }
  }
}

TEST(Interval, CountsWholeUnitsTowardZero) {
  const auto between = [](std::string_view a, std::string_view b, IntervalUnit unit) {
    return IntervalBetween(ReadWallTime(a)->local_usec, ReadWallTime(b)->local_usec, unit);
  };
  EXPECT_EQ(between("2023-06-01", "2023-06-01 01:59:59", IntervalUnit::kHour), 1);
  EXPECT_EQ(between("2023-06-01 01:59:59", "2023-06-01", IntervalUnit::kHour), -1);
  EXPECT_EQ(between("2023-01-31", "2023-02-28", IntervalUnit::kMonth), 0);
  EXPECT_EQ(between("2023-01-28 00:00:01", "2023-02-28 00:00:00", IntervalUnit::kMonth), 0);
  EXPECT_EQ(between("2023-01-28", "2023-02-28", IntervalUnit::kMonth), 1);
  EXPECT_EQ(between("2023-02-28", "2023-01-31", IntervalUnit::kMonth), 0);
  EXPECT_EQ(between("2020-02-29", "2023-02-28", IntervalUnit::kYear), 2);
  EXPECT_EQ(between("2022-12-31", "2023-12-31", IntervalUnit::kQuarter), 4);
  EXPECT_EQ(between("0000-01-02", "9999-12-31", IntervalUnit::kMicrosecond),
            3'652'423 * int64_t{86'400'000'000});
}

TEST(Interval, KnowsItsWords) {
  EXPECT_EQ(ParseIntervalUnit("hour"), IntervalUnit::kHour);
  EXPECT_EQ(ParseIntervalUnit("SQL_TSI_MONTH"), IntervalUnit::kMonth);
  EXPECT_EQ(ParseIntervalUnit("HOURS"), std::nullopt);
  EXPECT_EQ(ParseIntervalUnit(""), std::nullopt);
}

}  // namespace
}  // namespace obviews::vtab::sql
