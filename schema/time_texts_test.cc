// Times one after the other show as each of them does alone.
#include "schema/time_texts.h"

#include <gtest/gtest.h>

#include <random>

namespace obviews::schema {
namespace {

TEST(UsecTexts, ShowsWhatEachTimeShowsAlone) {
  constexpr int64_t kEdges[] = {0,
                                -1,
                                1,
                                86'399'999'999,
                                86'400'000'000,
                                1'692'191'329'492'389,
                                1'692'191'329'999'999,
                                1'692'191'330'000'000,
                                1'692'230'399'999'999,
                                1'692'230'400'000'000,
                                1'679'187'599'999'999,  // 2023-03-12 03:00 in New York is near
                                kMaxLocalUsec - 86'400'000'000,
                                kMaxLocalUsec,
                                kMinLocalUsec,
                                kZeroDatetimeUsec,
                                INT64_MAX,
                                INT64_MIN};
  std::mt19937_64 random(3);
  for (const char* name : {"+08:00", "+00:00", "-13:59", "+14:00", "America/New_York"}) {
    Zone zone = *Zone::Parse(name);
    UsecTexts texts(zone);
    int64_t usec = 1'692'191'329'492'389;
    for (int i = 0; i < 20'000; ++i) {
      TextBuffer buffer;
      ShownText expected = ShowUsecMySql(usec, zone, buffer);
      EXPECT_EQ(texts.Show(usec), expected) << name << ' ' << usec;
      // Steps of a microsecond up to days, and jumps.
      usec =
          random() % 20 == 0
              ? kEdges[random() % std::size(kEdges)]
              : static_cast<int64_t>(static_cast<uint64_t>(usec) + (uint64_t{1} << random() % 38));
    }
  }
}

}  // namespace
}  // namespace obviews::schema
