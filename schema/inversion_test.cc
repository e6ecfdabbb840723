// Raw sets mean what comparing the shown text means: proven by showing and comparing, at random.
#include "schema/inversion.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "schema/conversions.h"

namespace obviews::schema {
namespace {

constexpr CompareOp kOps[] = {CompareOp::kEq, CompareOp::kNe, CompareOp::kLt,
                              CompareOp::kLe, CompareOp::kGt, CompareOp::kGe};

constexpr const char* kZones[] = {"America/New_York", "Australia/Lord_Howe",
                                  "Europe/London",    "Asia/Shanghai",
                                  "Pacific/Apia",     "America/Juneau",
                                  "-03:30",           "+14:00",
                                  "-13:59",           "+00:00"};

Zone ZoneOf(std::string_view name) {
  Result<Zone> zone = Zone::Parse(name);
  EXPECT_TRUE(zone) << name;
  return zone.value_or(Zone());
}

// Microseconds where something can go wrong: around changes of offset, limits, guards; and any.
class InstantSource {
 public:
  InstantSource(const Zone& zone, uint64_t seed) : random_(seed) {
    // Years 1840 to 2050 with all their changes, and a few of the year 8000.
    changes_ = zone.Segments(-4'102'444'800, 2'524'608'000);
    for (const ZoneSegment& s : zone.Segments(190'000'000'000, 190'100'000'000)) {
      changes_.push_back(s);
    }
  }

  int64_t Next() {
    switch (Below(8)) {
      case 0:
        return Between(kMinLocalUsec - 100'000'000'000, kMaxLocalUsec + 100'000'000'000);
      case 1: {
        constexpr int64_t kEdges[] = {kMinLocalUsec,
                                      kMaxLocalUsec,
                                      kMinOracleLocalUsec,
                                      kZeroDatetimeUsec,
                                      0,
                                      -28'800'000'000,
                                      std::numeric_limits<int64_t>::min() + 2,
                                      std::numeric_limits<int64_t>::max() - 2};
        return kEdges[Below(8)] + Between(-2, 2);
      }
      case 2:
        return kMinLocalUsec + Between(-60'000'000'000, 60'000'000'000);
      case 3:
        return kMaxLocalUsec + Between(-60'000'000'000, 60'000'000'000);
      case 4:
        return Between(-3'000'000, 3'000'000);
      case 5:
        return Change() + Between(-2, 2);
      default:
        return Change() + Between(-8'000'000'000, 8'000'000'000);
    }
  }

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  int64_t Between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }

 private:
  int64_t Change() {
    const ZoneSegment& s = changes_[Below(changes_.size())];
    return Below(2) == 0 ? s.begin * 1'000'000 : FirstUsecOfSecond(s.begin);
  }

  std::mt19937_64 random_;
  std::vector<ZoneSegment> changes_;
};

// A literal made from a shown text: itself, a prefix, something longer, a changed byte, or garbage.
std::string Mutate(std::string text, InstantSource& source) {
  static const std::string kGarbage[] = {"",
                                         "zzz",
                                         "2023",
                                         "2023-11-05 01",
                                         "0000",
                                         "9999-12-31 23:59:59.9999999",
                                         " ",
                                         "-1",
                                         std::string("\0", 1),
                                         "\xff\xfe",
                                         "2023-11-05 01:30:00.00000\xff",
                                         "0000-00-00",
                                         "0000-00-00 00:00:00.000000",
                                         "0000-00-00 00:00:00.0000001",
                                         "2023-13-99",
                                         "NULL",
                                         "2023-03-12 02:30:00.000000",
                                         "10000-01-01"};
  switch (source.Below(7)) {
    case 0:
      return text.substr(0, source.Below(text.size() + 1));
    case 1:
      return text + static_cast<char>(source.Below(256));
    case 2:
      if (!text.empty()) text[source.Below(text.size())] = static_cast<char>(source.Below(256));
      return text;
    case 3:
      if (!text.empty()) {
        text[source.Below(text.size())] = static_cast<char>('0' + source.Below(10));
      }
      return text;
    case 4:
      return kGarbage[source.Below(std::size(kGarbage))];
    default:
      return text;
  }
}

NullGuards SomeGuards(InstantSource& source) {
  return {source.Below(2) == 0, source.Below(2) == 0, source.Below(2) == 0};
}

bool Guarded(int64_t raw, NullGuards guards) {
  return (guards.zero && raw == 0) || (guards.one && raw == 1) || (guards.minus_one && raw == -1);
}

using Show = std::function<ShownText(int64_t, TextBuffer&)>;
using Invert = std::function<RangeSet(CompareOp, std::string_view, NullGuards)>;

// Draws literals and values; the set must hold exactly the values whose text compares so.
void Prove(InstantSource& source, const std::function<int64_t()>& next, const Show& show,
           const Invert& invert, const std::string& what) {
  TextBuffer buffer;
  for (int round = 0; round < 150; ++round) {
    const int64_t seed = next();
    const std::string literal =
        Mutate(std::string(show(seed, buffer).value_or(std::string_view())), source);
    const NullGuards guards = SomeGuards(source);
    for (const CompareOp op : kOps) {
      const RangeSet set = invert(op, literal, guards);
      const auto check = [&](int64_t raw) {
        const ShownText text = show(raw, buffer);
        const bool expected = text && !Guarded(raw, guards) && CompareTexts(op, *text, literal);
        ASSERT_EQ(set.Contains(raw), expected)
            << what << ": raw " << raw << " shown " << text.value_or("NULL") << ", op "
            << static_cast<int>(op) << " '" << literal << "', set " << set.ToString();
      };
      for (int i = 0; i < 12; ++i) check(next());
      for (int i = 0; i < 6; ++i) {
        // Near the value the literal came from, an hour or so away at most.
        int64_t near = 0;
        const int64_t away = source.Between(-4'000'000'000, 4'000'000'000);
        if (!__builtin_add_overflow(seed, away, &near)) check(near);
      }
      check(seed);
      // Every border of the set is right on both sides.
      for (const Range& range : set.ranges()) {
        check(range.lo);
        check(range.hi);
        if (range.lo != std::numeric_limits<int64_t>::min()) check(range.lo - 1);
        if (range.hi != std::numeric_limits<int64_t>::max()) check(range.hi + 1);
      }
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(InversionTest, MySqlMicrosecondsInEveryZone) {
  for (const char* name : kZones) {
    const Zone zone = ZoneOf(name);
    InstantSource source(zone, 1);
    Prove(
        source, [&] { return source.Next(); },
        [&](int64_t raw, TextBuffer& out) { return ShowUsecMySql(raw, zone, out); },
        [&](CompareOp op, std::string_view literal, NullGuards guards) {
          return InvertUsecMySql(op, literal, zone, guards);
        },
        name);
    if (HasFatalFailure()) return;
  }
}

TEST(InversionTest, ScnDisplaysInEveryZone) {
  for (const char* name : kZones) {
    const Zone zone = ZoneOf(name);
    InstantSource source(zone, 2);
    const auto next = [&]() -> int64_t {
      if (source.Below(4) == 0) {
        return source.Between(std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max());
      }
      if (source.Below(8) == 0) return source.Between(-1100, 1100);
      const auto nsec = static_cast<uint64_t>(source.Next()) * 1000 + source.Below(1000);
      return static_cast<int64_t>(nsec);
    };
    Prove(
        source, next,
        [&](int64_t raw, TextBuffer& out) {
          return ShowScnMySql(static_cast<uint64_t>(raw), zone, out);
        },
        [&](CompareOp op, std::string_view literal, NullGuards guards) {
          return InvertScnMySql(op, literal, zone, guards);
        },
        name);
    if (HasFatalFailure()) return;
  }
}

TEST(InversionTest, OracleDates) {
  InstantSource source(ZoneOf("Europe/London"), 3);
  Prove(
      source, [&] { return source.Next(); },
      [&](int64_t raw, TextBuffer& out) { return ShowUsecOracleDate(raw, out); },
      [&](CompareOp op, std::string_view literal, NullGuards guards) {
        return InvertUsecOracleDate(op, literal, guards);
      },
      "Oracle date");
}

TEST(InversionTest, ARepeatedTimeIsTwoInstants) {
  const Zone zone = ZoneOf("America/New_York");
  EXPECT_EQ(InvertUsecMySql(CompareOp::kEq, "2023-11-05 01:30:00.000000", zone, {}).ToString(),
            "1699162200000000,1699165800000000");
  // Before half past one: the first half of both runs of that hour.
  EXPECT_EQ(InvertUsecMySql(CompareOp::kGe, "2023-11-05 01:30:00.000000", zone, {})
                .Intersect(RangeSet::Of(1'699'160'400'000'000, 1'699'170'000'000'000))
                .ToString(),
            "1699162200000000..1699163999999999,1699165800000000..1699170000000000");
}

TEST(InversionTest, ASkippedTimeIsNoInstantAndAThreshold) {
  const Zone zone = ZoneOf("America/New_York");
  EXPECT_TRUE(InvertUsecMySql(CompareOp::kEq, "2023-03-12 02:30:00.000000", zone, {}).IsEmpty());
  EXPECT_EQ(
      InvertUsecMySql(CompareOp::kGe, "2023-03-12 02:30:00.000000", zone, {}).ranges().front().lo,
      1'678'604'400'000'000);
}

TEST(InversionTest, OneScnTextIsAThousandScns) {
  EXPECT_EQ(
      InvertScnMySql(CompareOp::kEq, "2023-08-15 21:07:11.498747", ZoneOf("+08:00"), {}).ToString(),
      "1692104831498747000..1692104831498747999");
}

TEST(InversionTest, AnEmptyLiteralGivesAllThatIsShown) {
  const NullGuards guards{.zero = true};
  const RangeSet shown = InvertUsecMySql(CompareOp::kGe, "", Zone(), guards);
  EXPECT_EQ(shown.ToString(), "-9223372022400000000,-62167132800000000..-1,1..253402300799999999");
  EXPECT_TRUE(InvertUsecMySql(CompareOp::kLt, "", Zone(), guards).IsEmpty());
  EXPECT_EQ(InvertUsecMySql(CompareOp::kLt, "zzz", Zone(), guards), shown);
  EXPECT_EQ(InvertUsecMySql(CompareOp::kNe, "zzz", Zone(), guards), shown);
}

TEST(InversionTest, OracleDatesOfOneSecondAreASecondWide) {
  const RangeSet set = InvertUsecOracleDate(CompareOp::kEq, "2023-08-21 19:54:25", {});
  ASSERT_EQ(set.ranges().size(), 1U);
  EXPECT_TRUE(set.Contains(1'692'618'864'733'548));
  EXPECT_FALSE(set.Contains(1'692'618'864'500'000));  // the half that the nine decimals lose
  EXPECT_NEAR(static_cast<double>(set.ranges()[0].hi - set.ranges()[0].lo), 1e6, 100);
  EXPECT_TRUE(InvertUsecOracleDate(CompareOp::kEq, "2023-08-21 19:54:25.0", {}).IsEmpty());
}

TEST(InversionTest, ComparingIsByBytesAndAPrefixIsLess) {
  EXPECT_TRUE(CompareTexts(CompareOp::kLt, "2023", "2023-01"));
  EXPECT_TRUE(CompareTexts(CompareOp::kLt, "a", "\xff"));
  EXPECT_TRUE(CompareTexts(CompareOp::kGt, std::string_view("a\0", 2), "a"));
  EXPECT_FALSE(CompareTexts(CompareOp::kEq, "a", "A"));
  EXPECT_TRUE(CompareTexts(CompareOp::kGe, "a", "a"));
  EXPECT_TRUE(CompareTexts(CompareOp::kLe, "a", "a"));
  EXPECT_FALSE(CompareTexts(CompareOp::kNe, "a", "a"));
}

}  // namespace
}  // namespace obviews::schema
