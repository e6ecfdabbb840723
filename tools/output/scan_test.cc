// The word-at-a-time search equals the obvious one, for each byte value at each place.
#include "tools/output/scan.h"

#include <gtest/gtest.h>

#include <string>

namespace obviews::tools {
namespace {

bool Special(unsigned char byte, bool non_ascii) {
  return byte < 0x20 || byte == '\\' || byte == '"' || (non_ascii && byte >= 0x80);
}

TEST(FindSpecial, FindsEachByteValueAtEachPlace) {
  for (size_t size = 1; size <= 20; ++size) {
    for (size_t place = 0; place < size; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(value);
        const auto byte = static_cast<unsigned char>(value);
        ASSERT_EQ((FindSpecial<false, '\\', '"'>(text)), Special(byte, false) ? place : size)
            << "byte " << value << " at " << place << " of " << size;
        ASSERT_EQ((FindSpecial<true, '\\', '"'>(text)), Special(byte, true) ? place : size)
            << "byte " << value << " at " << place << " of " << size;
      }
    }
  }
}

TEST(FindSpecial, FindsTheFirstOfTwoNeighbours) {
  // Borrows of the word tests run from one byte into the next.
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      std::string text = "abcdefgh";
      text[3] = static_cast<char>(first);
      text[4] = static_cast<char>(second);
      const size_t expected = Special(static_cast<unsigned char>(first), true)    ? 3
                              : Special(static_cast<unsigned char>(second), true) ? 4
                                                                                  : 8;
      ASSERT_EQ((FindSpecial<true, '\\', '"'>(text)), expected) << first << " " << second;
    }
  }
}

TEST(FindSpecial, BeginsWhereItIsTold) {
  EXPECT_EQ((FindSpecial<false, '\\'>("\\bcdefghij\\l", 1)), 10u);
  EXPECT_EQ((FindSpecial<false, '\\'>("\\bc", 3)), 3u);
}

}  // namespace
}  // namespace obviews::tools
