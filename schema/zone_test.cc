// Zones: which texts are zones, and offsets equal to cctz's own at every instant.
#include "schema/zone.h"

#include <cctz/time_zone.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <random>
#include <string>

namespace obviews::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();

TEST(ZoneTest, ReadsOffsetsAndCanonisesTheirNames) {
  const struct {
    const char* text;
    const char* name;
    int32_t offset;
  } cases[] = {
      {"+08:00", "+08:00", 28800}, {"-3:30", "-03:30", -12600}, {"+00:00", "+00:00", 0},
      {"-00:00", "+00:00", 0},     {"+14:00", "+14:00", 50400}, {"-13:59", "-13:59", -50340},
      {"+5:45", "+05:45", 20700},  {"-00:30", "-00:30", -1800},
  };
  for (const auto& c : cases) {
    const Result<Zone> zone = Zone::Parse(c.text);
    ASSERT_TRUE(zone) << c.text << ": " << zone.error().message;
    EXPECT_EQ(zone->name(), c.name);
    EXPECT_TRUE(zone->is_fixed());
    for (const int64_t at : {kMin64, int64_t{-1}, int64_t{0}, kMax64}) {
      EXPECT_EQ(zone->OffsetAt(at), c.offset) << c.text;
    }
  }
}

TEST(ZoneTest, RefusesWhatIsNoZoneAndNamesIt) {
  const struct {
    std::string text;
    const char* hint;
  } cases[] = {
      {"+14:01", "outside -13:59 to +14:00"},
      {"-14:00", "outside -13:59 to +14:00"},
      {"+99:59", "outside -13:59 to +14:00"},
      {"+0800", "write it as +HH:MM"},
      {"+8", "write it as +HH:MM"},
      {"+08:60", "write it as +HH:MM"},
      {"+08:00 ", "write it as +HH:MM"},
      {"+-8:00", "write it as +HH:MM"},
      {"", "is not a time zone"},
      {"08:00", "is not a time zone"},
      {"/etc/localtime", "is not a time zone"},
      {"../UTC", "is not a time zone"},
      {"libc:localtime", "is not a time zone"},
      {std::string("UTC\0", 4), "UTC\\x00"},
      {"\xff\xfe", "is not a time zone"},
      {"SYSTEM", "server's own zone"},
      {"system", "server's own zone"},
      {"localtime", "server's own zone"},
      {"Mars/Olympus", "unknown time zone \"Mars/Olympus\""},
      {"America", "unknown time zone"},
      {std::string(100000, 'A'), "..."},
  };
  for (const auto& c : cases) {
    const Result<Zone> zone = Zone::Parse(c.text);
    ASSERT_FALSE(zone) << c.text;
    EXPECT_EQ(zone.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(zone.error().message, HasSubstr(c.hint));
    EXPECT_LT(zone.error().message.size(), 300U);
  }
}

TEST(ZoneTest, ANameWithoutChangesIsFixed) {
  const Result<Zone> utc = Zone::Parse("UTC");
  ASSERT_TRUE(utc);
  EXPECT_TRUE(utc->is_fixed());
  EXPECT_EQ(utc->name(), "UTC");
  EXPECT_EQ(utc->OffsetAt(0), 0);
  const Result<Zone> shanghai = Zone::Parse("Asia/Shanghai");
  ASSERT_TRUE(shanghai);
  EXPECT_FALSE(shanghai->is_fixed());
  EXPECT_EQ(shanghai->OffsetAt(1'692'618'440), 28800);
}

TEST(ZoneTest, LocalMeanTimeHasSeconds) {
  const Result<Zone> zone = Zone::Parse("Asia/Shanghai");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->OffsetAt(-2'177'481'944), 29143);
  EXPECT_EQ(zone->OffsetAt(-2'177'481'943), 28800);
  EXPECT_EQ(zone->OffsetAt(kMin64), 29143);
}

TEST(ZoneTest, OffsetsEqualCctzAtRandomInstantsAndAroundEveryChange) {
  std::mt19937_64 random(20230821);
  // Years -100 to 9999: beyond 2437 the 400-year repetition is at work.
  std::uniform_int_distribution<int64_t> any(-65'322'892'800, 253'402'300'799);
  for (const char* name :
       {"America/New_York", "Australia/Lord_Howe", "Europe/London", "Asia/Shanghai",
        "Africa/Casablanca", "Europe/Dublin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Tehran",
        "America/Juneau", "Asia/Manila", "Antarctica/Troll"}) {
    const Result<Zone> zone = Zone::Parse(name);
    ASSERT_TRUE(zone) << name;
    cctz::time_zone reference;
    ASSERT_TRUE(cctz::load_time_zone(name, &reference));
    const auto expect_equal = [&](int64_t at) {
      const cctz::time_point<cctz::seconds> point{cctz::seconds(at)};
      ASSERT_EQ(zone->OffsetAt(at), reference.lookup(point).offset) << name << " at " << at;
    };
    for (int i = 0; i < 5000; ++i) expect_equal(any(random));
    int changes = 0;
    for (const ZoneSegment& s : zone->Segments(-65'322'892'800, 40'000'000'000)) {
      expect_equal(s.begin - 1);
      expect_equal(s.begin);
      ++changes;
    }
    EXPECT_GT(changes, 3) << name;
  }
}

TEST(ZoneTest, SegmentsCoverTheSpanAndChangeOffsetAtEachBorder) {
  const Result<Zone> zone = Zone::Parse("America/New_York");
  ASSERT_TRUE(zone);
  // 2023-03-12 07:00 UTC and 2023-11-05 06:00 UTC.
  EXPECT_THAT(zone->Segments(1'678'000'000, 1'700'000'000),
              ElementsAre(ZoneSegment{1'678'000'000, 1'678'604'400, -18000},
                          ZoneSegment{1'678'604'400, 1'699'164'000, -14400},
                          ZoneSegment{1'699'164'000, 1'700'000'000, -18000}));
  // The same rule in the year 9001.
  const auto far = zone->Segments(221'876'000'000, 221'908'000'000);
  ASSERT_GE(far.size(), 2U);
  EXPECT_EQ(far.front().begin, 221'876'000'000);
  EXPECT_EQ(far.back().end, 221'908'000'000);
  for (size_t i = 1; i < far.size(); ++i) {
    EXPECT_EQ(far[i - 1].end, far[i].begin);
    EXPECT_NE(far[i - 1].offset, far[i].offset);
  }
}

TEST(ZoneTest, AFixedZoneIsOneSegmentAndAnEmptySpanIsNone) {
  EXPECT_THAT(Zone::Fixed(3600).Segments(-5, 5), ElementsAre(ZoneSegment{-5, 5, 3600}));
  EXPECT_TRUE(Zone().Segments(5, 5).empty());
  EXPECT_TRUE(Zone().Segments(5, 4).empty());
}

TEST(ZoneTest, ExtremeInstantsAreSafe) {
  const Result<Zone> zone = Zone::Parse("America/New_York");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->OffsetAt(kMin64), -17762);
  const int32_t far = zone->OffsetAt(kMax64);
  EXPECT_TRUE(far == -18000 || far == -14400) << far;
}

TEST(ZoneTest, TheFirstMicrosecondOfASecondFollowsTheCutTowardZero) {
  EXPECT_EQ(FirstUsecOfSecond(1), 1'000'000);
  EXPECT_EQ(FirstUsecOfSecond(0), -999'999);
  EXPECT_EQ(FirstUsecOfSecond(-1), -1'999'999);
  for (const int64_t second : {-3, -1, 0, 1, 7}) {
    EXPECT_EQ(FirstUsecOfSecond(second) / 1'000'000, second);
    EXPECT_EQ((FirstUsecOfSecond(second) - 1) / 1'000'000, second - 1) << second;
  }
}

}  // namespace
}  // namespace obviews::schema
