// Shown times read back: exact round trips, repeated and skipped hours, and texts that are no
// times.
#include "schema/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "schema/conversions.h"

namespace obviews::schema {
namespace {

using ::testing::HasSubstr;

Zone ZoneOf(std::string_view name) {
  Result<Zone> zone = Zone::Parse(name);
  EXPECT_TRUE(zone) << name;
  return zone.value_or(Zone());
}

template <class T>
std::string ErrorOf(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

TEST(TimeTextTest, DetectsTheFormOfAListing) {
  const struct {
    std::string text;
    TimeTextForm form;
  } cases[] = {
      {"2023-06-01 06:00:00.000000", TimeTextForm::kMySql},
      {"2023-06-01 06:00:00.1", TimeTextForm::kMySql},
      {"2023-06-01T06:00:00", TimeTextForm::kMySql},
      {"2023-06-01", TimeTextForm::kMySql},
      {"0000-00-00 00:00:00.000000", TimeTextForm::kMySql},
      {"2023-08-21 19:54:25", TimeTextForm::kOracleDate},
      {"2023-99-99 99:99:99", TimeTextForm::kOracleDate},
      {"21-AUG-23 07.47.20.000000000 PM", TimeTextForm::kOracleTimestamp},
      {"21-aug-23 07.47.20 am", TimeTextForm::kOracleTimestamp},
      {"", TimeTextForm::kNone},
      {"NULL", TimeTextForm::kNone},
      {" 2023-06-01 06:00:00", TimeTextForm::kNone},
      {"2023-06-01 06:00:00.", TimeTextForm::kNone},
      {"2023-06-01 06:00:00.1234567", TimeTextForm::kNone},
      {"2023-06-01 06:00", TimeTextForm::kNone},
      {"2023-6-1 06:00:00", TimeTextForm::kNone},
      {"-023-06-01 06:00:00", TimeTextForm::kNone},
      {std::string("2023-06-01 06:00:0\0", 19), TimeTextForm::kNone},
      {"21-AUX-23 07.47.20 PM", TimeTextForm::kNone},
      {"21-AUG-23 07.47.20.0000000000 PM", TimeTextForm::kNone},
      {"21-AUG-23 07.47.20 XM", TimeTextForm::kNone},
      {"21-AUG-23 07.47.20 P", TimeTextForm::kNone},
      {"2023-06-01 06:00:00.000000" + std::string(1, '\0'), TimeTextForm::kNone},
  };
  for (const auto& c : cases) EXPECT_EQ(DetectTimeTextForm(c.text), c.form) << c.text;
}

TEST(TimeTextTest, ReadsMySqlTimes) {
  const struct {
    const char* text;
    const char* zone;
    int64_t usec;
  } cases[] = {
      {"2023-06-01 06:00:00.000000", "+08:00", 1'685'570'400'000'000},
      {"2023-06-01 06:00:00", "+08:00", 1'685'570'400'000'000},
      {"2023-06-01T06:00:00.5", "+08:00", 1'685'570'400'500'000},
      {"2023-06-01", "+00:00", 1'685'577'600'000'000},
      {"1970-01-01 07:59:59.999999", "+08:00", -1},
      {"0000-01-02 00:00:00.000000", "+00:00", kMinLocalUsec},
      {"9999-12-31 23:59:59.999999", "+00:00", kMaxLocalUsec},
      {"9999-12-31 23:59:59.999999", "-13:59", kMaxLocalUsec + 50'340'000'000},
      {"0000-00-00 00:00:00.000000", "America/New_York", kZeroDatetimeUsec},
      {"0000-00-00", "+08:00", kZeroDatetimeUsec},
      {"2023-08-21 07:54:24.733548", "America/New_York", 1'692'618'864'733'548},
      {"1900-01-01 08:05:43", "Asia/Shanghai", -2'208'988'800'000'000},
  };
  for (const auto& c : cases) {
    const Result<ParsedUsec> parsed = ParseMySqlTimestamp(c.text, ZoneOf(c.zone));
    ASSERT_TRUE(parsed) << c.text << ErrorOf(parsed);
    EXPECT_EQ(parsed->usec, c.usec) << c.text;
    EXPECT_FALSE(parsed->ambiguous) << c.text;
  }
}

TEST(TimeTextTest, RefusesTimesThatAreNone) {
  const struct {
    std::string text;
    const char* reason;
  } cases[] = {
      {"", "is not a time of the form YYYY-MM-DD HH:MM:SS.ffffff"},
      {"NULL", "is not a time of the form"},
      {"2023-06-01 06:00:00 ", "is not a time of the form"},
      {"99999-01-01 00:00:00", "is not a time of the form"},
      {std::string(100'000, '2'), "is not a time of the form"},
      {"2023-02-29 00:00:00", "is not a day of the calendar"},
      {"2023-13-01 00:00:00", "is not a day of the calendar"},
      {"2023-00-01 00:00:00", "is not a day of the calendar"},
      {"2023-01-00 00:00:00", "is not a day of the calendar"},
      {"0000-00-00 00:00:01", "is not a day of the calendar"},
      {"2023-01-01 24:00:00", "is not a time of day"},
      {"2023-01-01 23:60:00", "is not a time of day"},
      {"2023-01-01 23:59:60", "is not a time of day"},
      {"0000-01-01 23:59:59", "is before 0000-01-02"},
  };
  for (const auto& c : cases) {
    const Result<ParsedUsec> parsed = ParseMySqlTimestamp(c.text, Zone());
    ASSERT_FALSE(parsed) << c.text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message, HasSubstr(c.reason)) << c.text;
    EXPECT_LT(parsed.error().message.size(), 200U);
  }
}

TEST(TimeTextTest, ASkippedLocalTimeIsAnError) {
  for (const char* text :
       {"2023-03-12 02:00:00.000000", "2023-03-12 02:30:00", "2023-03-12 02:59:59.999999"}) {
    EXPECT_THAT(ErrorOf(ParseMySqlTimestamp(text, ZoneOf("America/New_York"))),
                HasSubstr("does not exist in time zone America/New_York"));
  }
  // Apia skipped a whole day when it crossed the date line.
  EXPECT_THAT(ErrorOf(ParseMySqlTimestamp("2011-12-30 12:00:00", ZoneOf("Pacific/Apia"))),
              HasSubstr("the clocks skip it"));
}

TEST(TimeTextTest, ARepeatedLocalTimeIsTheEarlierInstantAndSaysSo) {
  const struct {
    const char* zone;
    const char* text;
    int64_t usec;
    bool ambiguous;
  } cases[] = {
      {"America/New_York", "2023-11-05 00:59:59.999999", 1'699'160'399'999'999, false},
      {"America/New_York", "2023-11-05 01:00:00.000000", 1'699'160'400'000'000, true},
      {"America/New_York", "2023-11-05 01:59:59.999999", 1'699'163'999'999'999, true},
      {"America/New_York", "2023-11-05 02:00:00.000000", 1'699'167'600'000'000, false},
      {"Australia/Lord_Howe", "2023-04-02 01:29:59", 1'680'359'399'000'000, false},
      {"Australia/Lord_Howe", "2023-04-02 01:30:00", 1'680'359'400'000'000, true},
      {"Australia/Lord_Howe", "2023-04-02 02:00:00", 1'680'363'000'000'000, false},
  };
  for (const auto& c : cases) {
    const Result<ParsedUsec> parsed = ParseMySqlTimestamp(c.text, ZoneOf(c.zone));
    ASSERT_TRUE(parsed) << c.text << ErrorOf(parsed);
    EXPECT_EQ(parsed->usec, c.usec) << c.text;
    EXPECT_EQ(parsed->ambiguous, c.ambiguous) << c.text;
  }
}

TEST(TimeTextTest, EveryShownMySqlTimeReadsBack) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> any(kMinLocalUsec, kMaxLocalUsec);
  for (const char* name : {"+08:00", "-03:30", "America/New_York", "Australia/Lord_Howe",
                           "Europe/London", "Asia/Shanghai"}) {
    const Zone zone = ZoneOf(name);
    TextBuffer out;
    for (int i = 0; i < 3000; ++i) {
      const int64_t usec = any(random);
      const ShownText text = ShowUsecMySql(usec, zone, out);
      if (!text) continue;
      const Result<ParsedUsec> parsed = ParseMySqlTimestamp(*text, zone);
      ASSERT_TRUE(parsed) << *text << ErrorOf(parsed);
      if (parsed->ambiguous) {
        ASSERT_LE(parsed->usec, usec);
      } else {
        ASSERT_EQ(parsed->usec, usec) << *text << " in " << name;
      }
    }
  }
}

TEST(TimeTextTest, AnScnDisplayStandsForAThousandScns) {
  const Result<ParsedScn> scn = ParseMySqlScn("2023-08-15 21:07:11.498747", ZoneOf("+08:00"));
  ASSERT_TRUE(scn);
  EXPECT_EQ(scn->first, 1'692'104'831'498'747'000U);
  EXPECT_EQ(scn->last, 1'692'104'831'498'747'999U);
  const Result<ParsedScn> second = ParseMySqlScn("1970-01-01 00:00:00", Zone());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->first, 0U);
  EXPECT_EQ(second->last, 999U);
}

TEST(TimeTextTest, ScnsEndAtTheLargestLegalOne) {
  const Result<ParsedScn> last = ParseMySqlScn("2116-02-20 23:53:38.427387", Zone());
  ASSERT_TRUE(last);
  EXPECT_EQ(last->last, kMaxScn);
  EXPECT_THAT(ErrorOf(ParseMySqlScn("2116-02-20 23:53:38.427388", Zone())),
              HasSubstr("after the largest SCN, 4611686018427387903"));
  EXPECT_THAT(ErrorOf(ParseMySqlScn("9999-12-31 23:59:59.999999", ZoneOf("-13:59"))),
              HasSubstr("after the largest SCN"));
  EXPECT_THAT(ErrorOf(ParseMySqlScn("1970-01-01 07:59:59.999999", ZoneOf("+08:00"))),
              HasSubstr("before 1970"));
  EXPECT_THAT(ErrorOf(ParseMySqlScn("0000-00-00 00:00:00", Zone())), HasSubstr("before 1970"));
  EXPECT_TRUE(ParseMySqlScn("1969-12-31 20:30:00", ZoneOf("-03:30")));
}

TEST(TimeTextTest, OracleScnKeepsNanosecondsAndGuessesTheCentury) {
  const struct {
    const char* text;
    const char* zone;
    uint64_t scn;
  } cases[] = {
      {"21-AUG-23 07.47.20.000000000 PM", "+08:00", 1'692'618'440'000'000'000U},
      {"15-AUG-23 09.07.11.498747191 AM", "America/New_York", 1'692'104'831'498'747'191U},
      {"01-JAN-70 08.00.00.000000001 AM", "+08:00", 1U},
      {"31-DEC-69 08.30.00.000000001 PM", "-03:30", 1U},
      {"21-aug-23 07.47.20 pm", "+08:00", 1'692'618'440'000'000'000U},
      {"21-AUG-23 07.47.20.5 PM", "+08:00", 1'692'618'440'500'000'000U},
      {"01-JAN-49 12.00.00 AM", "+00:00", 2'493'072'000'000'000'000U},
      {"01-JAN-99 12.00.00 PM", "+00:00", 915'192'000'000'000'000U},
  };
  for (const auto& c : cases) {
    const Result<ParsedScn> parsed = ParseOracleScn(c.text, ZoneOf(c.zone));
    ASSERT_TRUE(parsed) << c.text << ErrorOf(parsed);
    EXPECT_EQ(parsed->first, c.scn) << c.text;
    EXPECT_EQ(parsed->last, c.scn) << c.text;
  }
  EXPECT_THAT(ErrorOf(ParseOracleScn("01-JAN-50 12.00.00 AM", Zone())), HasSubstr("before 1970"));
}

TEST(TimeTextTest, OracleScnsUpTo2049ReadBack) {
  std::mt19937_64 random(2);
  std::uniform_int_distribution<uint64_t> any(86'400'000'000'000, 2'524'521'600'000'000'000);
  const Zone zone = ZoneOf("America/New_York");
  TextBuffer out;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t scn = any(random);
    const std::string_view text = ShowScnOracle(scn, zone, out);
    const Result<ParsedScn> parsed = ParseOracleScn(text, zone);
    ASSERT_TRUE(parsed) << text << ErrorOf(parsed);
    if (parsed->ambiguous) continue;
    ASSERT_EQ(parsed->first, scn) << text;
  }
}

TEST(TimeTextTest, RefusesOracleTimesThatAreNone) {
  const struct {
    const char* text;
    const char* reason;
  } cases[] = {
      {"", "is not a time of the form DD-MON-RR HH.MI.SS.fffffffff AM"},
      {"2023-08-21 19:54:25", "is not a time of the form DD-MON-RR"},
      {"21-AUG-2023 07.47.20 PM", "is not a time of the form"},
      {"21-AUG-23 07.47.20", "is not a time of the form"},
      {"30-FEB-23 07.47.20 PM", "is not a day of the calendar"},
      {"00-AUG-23 07.47.20 PM", "is not a day of the calendar"},
      {"21-AUG-23 00.47.20 PM", "is not a time of day"},
      {"21-AUG-23 13.47.20 PM", "is not a time of day"},
      {"21-AUG-23 07.60.20 PM", "is not a time of day"},
      {"21-AUG-23 07.47.60 PM", "is not a time of day"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ErrorOf(ParseOracleScn(c.text, Zone())), HasSubstr(c.reason)) << c.text;
  }
  EXPECT_THAT(ErrorOf(ParseOracleScn("12-MAR-23 02.30.00 AM", ZoneOf("America/New_York"))),
              HasSubstr("the clocks skip it"));
  EXPECT_TRUE(ParseOracleScn("05-NOV-23 01.30.00 AM", ZoneOf("America/New_York"))->ambiguous);
}

TEST(TimeTextTest, OracleLocalTimestampsAreMicroseconds) {
  const Result<ParsedUsec> parsed =
      ParseOracleTimestamp("21-AUG-23 07.54.24.733548 PM", ZoneOf("+08:00"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->usec, 1'692'618'864'733'548);
  EXPECT_EQ(ParseOracleTimestamp("31-DEC-69 11.59.59.999999000 PM", Zone())->usec, -1);
  EXPECT_THAT(ErrorOf(ParseOracleTimestamp("31-DEC-69 11.59.59.999999001 PM", Zone())),
              HasSubstr("more than six decimals"));
}

TEST(TimeTextTest, OracleDatesReadAsTheWholeSecondThatShowsThem) {
  EXPECT_EQ(ParseOracleDate("2023-08-21 19:54:25").value_or(0), 1'692'618'865'000'000);
  EXPECT_EQ(ParseOracleDate("1970-01-01 08:00:00").value_or(1), 0);
  std::mt19937_64 random(3);
  std::uniform_int_distribution<int64_t> any(kMinOracleLocalUsec / 1'000'000,
                                             kMaxLocalUsec / 1'000'000);
  TextBuffer shown;
  TextBuffer again;
  for (int i = 0; i < 20'000; ++i) {
    const std::string_view text = ShowLocalSecondOracleDate(any(random), shown);
    const Result<int64_t> usec = ParseOracleDate(text);
    ASSERT_TRUE(usec) << text;
    ASSERT_EQ(*usec % 1'000'000, 0);
    ASSERT_EQ(ShowUsecOracleDate(*usec, again), text);
  }
}

TEST(TimeTextTest, RefusesOracleDatesThatAreNone) {
  EXPECT_THAT(ErrorOf(ParseOracleDate("2023-08-21 19:54:25.0")), HasSubstr("is not a time"));
  EXPECT_THAT(ErrorOf(ParseOracleDate("2023-08-21")), HasSubstr("is not a time"));
  EXPECT_THAT(ErrorOf(ParseOracleDate("2023-08-32 00:00:00")), HasSubstr("not a day"));
  EXPECT_THAT(ErrorOf(ParseOracleDate("0000-12-31 23:59:59")), HasSubstr("before 0001-01-01"));
}

}  // namespace
}  // namespace obviews::schema
