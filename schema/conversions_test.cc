// What stored values show: the vectors of tests/data and the edges beyond them.
#include "schema/conversions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "schema/numbers.h"

namespace obviews::schema {
namespace {

constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();

nlohmann::json Vectors(const char* group) {
  std::ifstream file(OBVIEWS_TEST_DATA "/vectors.json");
  nlohmann::json all = nlohmann::json::parse(file);
  EXPECT_FALSE(all.at(group).empty());
  return all.at(group);
}

Zone ZoneOf(std::string_view name) {
  Result<Zone> zone = Zone::Parse(name);
  EXPECT_TRUE(zone) << name;
  return zone.value_or(Zone());
}

std::string Text(ShownText shown) { return shown ? std::string(*shown) : "out of range"; }

std::string TextOf(const nlohmann::json& expected) {
  return expected.is_null() ? "out of range" : expected.get<std::string>();
}

std::string MySql(int64_t usec, std::string_view zone) {
  TextBuffer out;
  return Text(ShowUsecMySql(usec, ZoneOf(zone), out));
}

std::string OracleDate(int64_t usec) {
  TextBuffer out;
  return Text(ShowUsecOracleDate(usec, out));
}

std::string OracleTimestamp(int64_t usec, std::string_view zone) {
  TextBuffer out;
  return Text(ShowUsecOracleTimestamp(usec, ZoneOf(zone), out));
}

TEST(ConversionsTest, ScnVectors) {
  TextBuffer out;
  for (const auto& v : Vectors("scn")) {
    const uint64_t scn = ParseUint64(v.at("scn").get<std::string>()).value();
    const Zone zone = ZoneOf(v.at("system_time_zone").get<std::string>());
    EXPECT_EQ(ShowScnMySql(scn, zone, out), v.at("mysql").get<std::string>()) << v;
    EXPECT_EQ(ShowScnOracle(scn, zone, out), v.at("oracle").get<std::string>()) << v;
  }
}

TEST(ConversionsTest, UsecVectors) {
  for (const auto& v : Vectors("usec")) {
    const int64_t usec = ParseInt64(v.at("usec").get<std::string>()).value();
    EXPECT_EQ(MySql(usec, v.at("session_time_zone").get<std::string>()), TextOf(v.at("mysql")))
        << v;
    EXPECT_EQ(OracleDate(usec), TextOf(v.at("oracle"))) << v;
  }
}

TEST(ConversionsTest, BytesVectors) {
  TextBuffer out;
  for (const auto& v : Vectors("bytes")) {
    const int64_t bytes = ParseInt64(v.at("bytes").get<std::string>()).value();
    EXPECT_EQ(ShowBytesMySql(bytes, out), v.at("mysql").get<std::string>()) << v;
    EXPECT_EQ(ShowBytesOracle(bytes, out), v.at("oracle").get<std::string>()) << v;
  }
}

TEST(ConversionsTest, StatusFoldVectors) {
  for (const auto& v : Vectors("restore_status_fold")) {
    const auto raw = v.at("raw").get<std::string>();
    EXPECT_EQ(FoldRestoreStatus(raw, Scope::kCdb), v.at("cdb").get<std::string>());
    EXPECT_EQ(FoldRestoreStatus(raw, Scope::kDba), v.at("dba").get<std::string>());
  }
}

TEST(ConversionsTest, ScnZeroShowsTheEpoch) {
  TextBuffer out;
  EXPECT_EQ(ShowScnMySql(0, ZoneOf("+08:00"), out), "1970-01-01 08:00:00.000000");
  EXPECT_EQ(ShowScnOracle(0, ZoneOf("+08:00"), out), "01-JAN-70 08.00.00.000000000 AM");
}

TEST(ConversionsTest, OracleClockShowsTwelveAtMidnightAndNoon) {
  TextBuffer out;
  const Zone utc;
  const uint64_t day = 1'692'576'000'000'000'000;  // 2023-08-21
  const uint64_t hour = 3'600'000'000'000;
  EXPECT_EQ(ShowScnOracle(day, utc, out), "21-AUG-23 12.00.00.000000000 AM");
  EXPECT_EQ(ShowScnOracle(day + 12 * hour - 1, utc, out), "21-AUG-23 11.59.59.999999999 AM");
  EXPECT_EQ(ShowScnOracle(day + 12 * hour, utc, out), "21-AUG-23 12.00.00.000000000 PM");
  EXPECT_EQ(ShowScnOracle(day + 24 * hour - 1, utc, out), "21-AUG-23 11.59.59.999999999 PM");
}

TEST(ConversionsTest, LeapDays) {
  EXPECT_EQ(MySql(951'782'399'999'999, "+00:00"), "2000-02-28 23:59:59.999999");
  EXPECT_EQ(MySql(951'782'400'000'000, "+00:00"), "2000-02-29 00:00:00.000000");
  EXPECT_EQ(MySql(951'868'800'000'000, "+00:00"), "2000-03-01 00:00:00.000000");
  EXPECT_EQ(MySql(-2'203'977'600'000'000, "+00:00"), "1900-02-28 00:00:00.000000");
  EXPECT_EQ(MySql(-2'203'891'200'000'000, "+00:00"), "1900-03-01 00:00:00.000000");
  EXPECT_EQ(MySql(-62'162'121'600'000'000, "+00:00"), "0000-02-29 00:00:00.000000");
}

TEST(ConversionsTest, TheRangeIsThatOfTheLocalValue) {
  EXPECT_EQ(MySql(kMaxLocalUsec, "+00:01"), "out of range");
  EXPECT_EQ(MySql(kMaxLocalUsec - 60'000'000, "+00:01"), "9999-12-31 23:59:59.999999");
  EXPECT_EQ(MySql(kMaxLocalUsec + 1, "-00:01"), "9999-12-31 23:59:00.000000");
  EXPECT_EQ(MySql(kMaxLocalUsec + 60'000'001, "-00:01"), "out of range");
  EXPECT_EQ(MySql(kMinLocalUsec - 1, "+00:00"), "out of range");
  EXPECT_EQ(MySql(kMinLocalUsec - 1, "+00:01"), "0000-01-02 00:00:59.999999");
  EXPECT_EQ(MySql(kMinLocalUsec, "-00:01"), "out of range");
  // Local mean time of New York, 4 h 56 min 2 s behind.
  EXPECT_EQ(MySql(kMinLocalUsec + 17'762'000'000, "America/New_York"),
            "0000-01-02 00:00:00.000000");
  EXPECT_EQ(MySql(kMinLocalUsec + 17'761'999'999, "America/New_York"), "out of range");
}

TEST(ConversionsTest, ExtremeMicrosecondsAreOutOfRangeEverywhere) {
  for (const char* zone : {"+00:00", "+14:00", "-13:59", "America/New_York"}) {
    for (const int64_t usec :
         {kMin64, kMin64 + 1, kMax64, kMax64 - 1, kZeroDatetimeUsec + 1, kZeroDatetimeUsec - 1}) {
      EXPECT_EQ(MySql(usec, zone), "out of range") << usec;
      EXPECT_EQ(OracleTimestamp(usec, zone), "out of range") << usec;
      EXPECT_EQ(OracleDate(usec), "out of range") << usec;
    }
    EXPECT_EQ(MySql(kZeroDatetimeUsec, zone), "0000-00-00 00:00:00.000000");
    EXPECT_EQ(OracleTimestamp(kZeroDatetimeUsec, zone), "out of range");
  }
}

TEST(ConversionsTest, LocalMeanTimeKeepsItsSeconds) {
  EXPECT_EQ(MySql(-2'208'988'800'000'000, "Asia/Shanghai"), "1900-01-01 08:05:43.000000");
  EXPECT_EQ(MySql(-2'208'988'800'000'001, "Asia/Shanghai"), "1900-01-01 08:05:42.999999");
}

TEST(ConversionsTest, BeforeTheEpochTheOffsetIsLookedUpAtTheSecondCutTowardZero) {
  // Shanghai left local mean time at second -2177481943. The microseconds before that second belong
  // to it when cut toward zero, so the new offset holds one second (less one) early.
  EXPECT_EQ(MySql(-2'177'481'943'000'000, "Asia/Shanghai"), "1900-12-31 23:54:17.000000");
  EXPECT_EQ(MySql(-2'177'481'943'999'999, "Asia/Shanghai"), "1900-12-31 23:54:16.000001");
  EXPECT_EQ(MySql(-2'177'481'944'000'000, "Asia/Shanghai"), "1900-12-31 23:59:59.000000");
}

TEST(ConversionsTest, RepeatedAndSkippedHours) {
  EXPECT_EQ(MySql(1'678'604'399'999'999, "America/New_York"), "2023-03-12 01:59:59.999999");
  EXPECT_EQ(MySql(1'678'604'400'000'000, "America/New_York"), "2023-03-12 03:00:00.000000");
  EXPECT_EQ(MySql(1'699'160'400'000'000, "America/New_York"), "2023-11-05 01:00:00.000000");
  EXPECT_EQ(MySql(1'699'164'000'000'000, "America/New_York"), "2023-11-05 01:00:00.000000");
  // Half an hour only.
  EXPECT_EQ(MySql(1'696'087'799'000'000, "Australia/Lord_Howe"), "2023-10-01 01:59:59.000000");
  EXPECT_EQ(MySql(1'696'087'800'000'000, "Australia/Lord_Howe"), "2023-10-01 02:30:00.000000");
}

TEST(ConversionsTest, OracleDateRoundsTheNineDecimalsOfADay) {
  const struct {
    int64_t usec;
    const char* text;
  } cases[] = {
      {499'999, "1970-01-01 08:00:00"},
      {500'000, "1970-01-01 08:00:00"},     // 5787.03 is cut to 5787 of 10^-9 days: below the half
      {500'083, "1970-01-01 08:00:00"},     // the last such: 5787.99
      {500'084, "1970-01-01 08:00:01"},     // 5788.00
      {13'500'000, "1970-01-01 08:00:14"},  // 156250 exactly: a half, up
      {13'499'999, "1970-01-01 08:00:13"},
      {-500'000, "1970-01-01 08:00:00"},  // -5787 after the cut toward zero
      {-500'084, "1970-01-01 07:59:59"},
      {-13'500'000, "1970-01-01 07:59:47"},  // a half again rounds up, toward the future
      {-13'500'086, "1970-01-01 07:59:47"},
      {-13'500'087, "1970-01-01 07:59:46"},
      {86'399'500'000, "1970-01-02 07:59:59"},
      {-86'400'000'000, "1969-12-31 08:00:00"},
  };
  for (const auto& c : cases) EXPECT_EQ(OracleDate(c.usec), c.text) << c.usec;
}

TEST(ConversionsTest, OracleDateBounds) {
  constexpr int64_t kFirst = -62'135'625'600'000'000;  // 0001-01-01 00:00:00 at +08:00
  constexpr int64_t kLast = 253'402'271'999'000'000;   // 9999-12-31 23:59:59
  EXPECT_EQ(OracleDate(kFirst), "0001-01-01 00:00:00");
  EXPECT_EQ(OracleDate(kFirst - 1'000'000), "out of range");
  EXPECT_EQ(OracleDate(kLast), "9999-12-31 23:59:59");
  EXPECT_EQ(OracleDate(kLast + 600'000), "out of range");
}

TEST(ConversionsTest, OracleDateNeverGoesBackwards) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<int64_t> any(-62'135'625'600'000'000, 253'402'271'999'000'000);
  std::uniform_int_distribution<int64_t> step(0, 2'000'000);
  for (int i = 0; i < 100'000; ++i) {
    const int64_t usec = any(random);
    const auto here = OracleDateSecond(usec);
    const auto later = OracleDateSecond(usec + step(random));
    ASSERT_TRUE(here);
    ASSERT_LE(*here, later.value_or(*here)) << usec;
    // Never further from the instant than half a second and the part of a day cut off.
    ASSERT_LE(std::abs((*here - 28'800) * 1'000'000 - usec), 500'087) << usec;
  }
}

TEST(ConversionsTest, OracleTimestampShowsTheSessionZone) {
  EXPECT_EQ(OracleTimestamp(1'692'618'864'733'548, "+08:00"), "21-AUG-23 07.54.24.733548 PM");
  EXPECT_EQ(OracleTimestamp(1'692'618'864'733'548, "America/New_York"),
            "21-AUG-23 07.54.24.733548 AM");
  EXPECT_EQ(OracleTimestamp(-1, "+00:00"), "31-DEC-69 11.59.59.999999 PM");
  EXPECT_EQ(OracleTimestamp(kMinOracleLocalUsec, "+00:00"), "01-JAN-01 12.00.00.000000 AM");
  EXPECT_EQ(OracleTimestamp(kMinOracleLocalUsec - 1, "+00:00"), "out of range");
  EXPECT_EQ(OracleTimestamp(kMaxLocalUsec, "+00:00"), "31-DEC-99 11.59.59.999999 PM");
}

TEST(ConversionsTest, BytesAtTheEndsOfInt64) {
  TextBuffer out;
  EXPECT_EQ(ShowBytesMySql(kMax64, out), "8192.00PB");
  EXPECT_EQ(ShowBytesMySql(kMin64, out), "-8796093022208.00MB");
  EXPECT_EQ(ShowBytesOracle(kMin64, out), "-8796093022208MB");
  EXPECT_EQ(ShowBytesOracle(kMax64, out), "8192PB");
}

TEST(ConversionsTest, BytesHalvesRoundAwayFromZero) {
  TextBuffer out;
  EXPECT_EQ(ShowBytesMySql(131'072, out), "0.13MB");
  EXPECT_EQ(ShowBytesMySql(-131'072, out), "-0.13MB");
  EXPECT_EQ(ShowBytesMySql(1'074'275'942, out), "1.00GB");
  EXPECT_EQ(ShowBytesMySql((int64_t{1} << 40) + (int64_t{1} << 37), out), "1.13TB");
  EXPECT_EQ(ShowBytesMySql(313'157'222, out), "298.65MB");
  EXPECT_EQ(ShowBytesOracle(313'157'222, out), "298.65MB");
  EXPECT_EQ(ShowBytesOracle(104'858, out), ".1MB");
}

TEST(ConversionsTest, UnknownStatusesAreNotFolded) {
  for (const char* status : {"", "RESTORING", "restore_pre", "RESTORE_PRE ", "WHATEVER"}) {
    EXPECT_EQ(FoldRestoreStatus(status, Scope::kCdb), status);
  }
  EXPECT_EQ(FoldedRestoreStatuses(Scope::kCdb).size(), 5U);
  EXPECT_EQ(FoldedRestoreStatuses(Scope::kDba).size(), 4U);
}

TEST(ConversionsTest, PercentagesAreCutNotRounded) {
  EXPECT_EQ(CutPercentHundredths(1, 3), 3333);
  EXPECT_EQ(CutPercentHundredths(2, 3), 6666);
  EXPECT_EQ(CutPercentHundredths(99'999, 100'000), 9999);
  EXPECT_EQ(CutPercentHundredths(5, 5), 10'000);
  EXPECT_EQ(CutPercentHundredths(0, 5), 0);
  EXPECT_EQ(CutPercentHundredths(-2, 3), -6666);
  EXPECT_EQ(CutPercentHundredths(kMax64, kMax64), 10'000);
  EXPECT_EQ(CutPercentHundredths(kMax64 - 1, kMax64), 9999);
  EXPECT_EQ(CutPercentHundredths(kMin64, kMin64), 10'000);
}

TEST(ConversionsTest, APercentageOfNothingOrBeyond64BitsIsNone) {
  EXPECT_EQ(CutPercentHundredths(5, 0), std::nullopt);
  EXPECT_EQ(CutPercentHundredths(0, 0), std::nullopt);
  EXPECT_EQ(CutPercentHundredths(kMax64, 1), std::nullopt);
  EXPECT_EQ(CutPercentHundredths(kMin64, -1), std::nullopt);
}

TEST(ConversionsTest, RecoverProgressFollowsStatusAndScns) {
  const char* replay = "RESTORE_WAIT_LS";
  EXPECT_EQ(RecoverProgressHundredths(replay, std::nullopt, 100, 200), std::nullopt);
  for (const char* early : {"RESTORE_PRE", "RESTORE_CREATE_INIT_LS",
                            "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN"}) {
    EXPECT_EQ(RecoverProgressHundredths(early, 150, 100, 200), 0) << early;
    EXPECT_EQ(RecoverProgressHundredths(early, std::nullopt, 100, 200), std::nullopt) << early;
  }
  EXPECT_EQ(RecoverProgressHundredths(replay, 150, 200, 200), 10'000);
  EXPECT_EQ(RecoverProgressHundredths(replay, 101, 100, 103), 3333);
  EXPECT_EQ(RecoverProgressHundredths(replay, 100, 100, kMaxScn), 0);
  EXPECT_EQ(RecoverProgressHundredths(replay, kMaxScn, 0, kMaxScn), 10'000);
  EXPECT_EQ(RecoverProgressHundredths(replay, 99, 100, 200), -100);
}

}  // namespace
}  // namespace obviews::schema
