// Set algebra on ranges, against a plain set of small integers and at the ends of 64 bits.
#include "schema/range_set.h"

#include <gtest/gtest.h>

#include <random>

namespace obviews::schema {
namespace {

constexpr int64_t kMin = RangeSet::kMin;
constexpr int64_t kMax = RangeSet::kMax;

TEST(RangeSet, MergesOverlappingAndAdjacentRanges) {
  EXPECT_EQ(RangeSet::FromRanges({{5, 7}, {1, 2}, {3, 4}, {6, 9}}).ToString(), "1..9");
  EXPECT_EQ(RangeSet::FromRanges({{1, 2}, {4, 5}}).ToString(), "1..2,4..5");
  EXPECT_EQ(RangeSet::FromRanges({{3, 2}}).ToString(), "none");
}

TEST(RangeSet, WorksAtTheEndsOf64Bits) {
  EXPECT_EQ(RangeSet::Point(kMax).Complement().ToString(), "..9223372036854775806");
  EXPECT_EQ(RangeSet::Point(kMin).Complement().Complement(), RangeSet::Point(kMin));
  EXPECT_EQ(RangeSet::FromRanges({{kMin, kMax}, {5, 6}}), RangeSet::All());
  EXPECT_TRUE(RangeSet::All().Complement().IsEmpty());
  EXPECT_TRUE(RangeSet().Complement().IsAll());
  EXPECT_EQ(RangeSet::Point(kMax).NextMember(kMin), kMax);
}

TEST(RangeSet, NextMemberSkipsGaps) {
  RangeSet set = RangeSet::FromRanges({{1, 3}, {10, 10}});
  EXPECT_EQ(set.NextMember(-5), 1);
  EXPECT_EQ(set.NextMember(2), 2);
  EXPECT_EQ(set.NextMember(4), 10);
  EXPECT_EQ(set.NextMember(11), std::nullopt);
}

TEST(RangeSet, AgreesWithPlainSetsOnEveryOperation) {
  std::mt19937 random(7);
  auto any = [&] {
    std::vector<Range> ranges;
    for (int i = static_cast<int>(random() % 5); i > 0; --i) {
      int64_t lo = static_cast<int64_t>(random() % 40);
      ranges.push_back({lo, lo + static_cast<int64_t>(random() % 8)});
    }
    return RangeSet::FromRanges(ranges);
  };
  for (int round = 0; round < 2000; ++round) {
    RangeSet a = any();
    RangeSet b = any();
    RangeSet both = a.Intersect(b);
    RangeSet either = a.Union(b);
    RangeSet rest = a.ComplementIn(b);
    for (int64_t v = -2; v < 52; ++v) {
      ASSERT_EQ(both.Contains(v), a.Contains(v) && b.Contains(v));
      ASSERT_EQ(either.Contains(v), a.Contains(v) || b.Contains(v));
      ASSERT_EQ(rest.Contains(v), !a.Contains(v) && b.Contains(v));
    }
  }
}

}  // namespace
}  // namespace obviews::schema
