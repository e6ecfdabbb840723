// Jumping through a key space visits exactly the keys inside.
#include "engine/key_space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace obviews::engine {
namespace {

using schema::RangeSet;

TEST(KeySpace, JumpsToTheNextKeyInside) {
  KeySpace space{RangeSet::FromRanges({{1, 1}, {5, 6}}), RangeSet::Point(3), RangeSet::Of(10, 20)};
  struct Case {
    Key from;
    std::optional<Key> next;
  };
  for (const Case& c : {
           Case{{0, 0, 0}, Key{1, 3, 10}},
           Case{{1, 3, 15}, Key{1, 3, 15}},
           Case{{1, 3, 21}, Key{5, 3, 10}},
           Case{{1, 4, 0}, Key{5, 3, 10}},
           Case{{5, 2, 99}, Key{5, 3, 10}},
           Case{{6, 3, 21}, std::nullopt},
           Case{{7, 0, 0}, std::nullopt},
       }) {
    EXPECT_EQ(space.NextInside(c.from), c.next);
  }
}

TEST(KeySpace, AnyEmptyPartMakesItEmpty) {
  KeySpace space;
  space.tasks = RangeSet();
  EXPECT_TRUE(space.IsEmpty());
  EXPECT_EQ(space.NextInside({0, 0, 0}), std::nullopt);
}

TEST(KeySpace, VisitsTheSameKeysAsAFullWalk) {
  std::mt19937 random(3);
  auto any = [&] {
    if (random() % 4 == 0) return RangeSet::All();
    std::vector<schema::Range> ranges;
    for (int i = static_cast<int>(random() % 3); i >= 0; --i) {
      int64_t lo = static_cast<int64_t>(random() % 6);
      ranges.push_back({lo, lo + static_cast<int64_t>(random() % 2)});
    }
    return RangeSet::FromRanges(ranges);
  };
  std::vector<Key> keys;
  for (int64_t t = 0; t < 6; ++t) {
    for (int64_t j = 0; j < 6; ++j) {
      for (int64_t k = 0; k < 6; ++k) {
        if (random() % 3 != 0) keys.push_back({t, j, k});
      }
    }
  }
  for (int round = 0; round < 500; ++round) {
    KeySpace space{any(), any(), any()};
    std::vector<Key> walked;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(walked),
                 [&](const Key& key) { return space.Contains(key); });
    std::vector<Key> jumped;
    for (auto next = space.NextInside({0, 0, 0}); next;) {
      auto at = std::lower_bound(keys.begin(), keys.end(), *next);
      if (at == keys.end()) break;
      if (space.Contains(*at)) {
        jumped.push_back(*at);
        ++at;
        if (at == keys.end()) break;
      }
      next = space.NextInside(*at);
    }
    ASSERT_EQ(jumped, walked) << space.ToString();
  }
}

TEST(KeySpace, IsDescribedByItsNarrowedParts) {
  EXPECT_EQ(KeySpace{}.ToString(), "all");
  EXPECT_EQ(
      (KeySpace{RangeSet::Point(1002), RangeSet::FromRanges({{3, 3}, {7, 9}}), {}}.ToString()),
      "TENANT_ID 1002, JOB_ID 3,7..9, TASK_ID none");
}

}  // namespace
}  // namespace obviews::engine
