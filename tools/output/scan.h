// Finding the few bytes a format must not copy as they are, eight bytes at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace obviews::tools {

/// The position at or after `from` of the first byte of `text` that is a control (below 0x20), is
/// one of `kChars` or, with `kNonAscii`, is 0x80 or more; text.size() when there is none.
template <bool kNonAscii, char... kChars>
inline size_t FindSpecial(std::string_view text, size_t from = 0) {
  const char* data = text.data();
  const size_t size = text.size();
  size_t i = from;
  if constexpr (std::endian::native == std::endian::little) {
    // The classic "has a zero byte" and "has a byte less than n" word tests. Borrows make them
    // unreliable above the first hit only, and the first hit is all that is asked for.
    constexpr uint64_t kOnes = 0x0101010101010101;
    constexpr uint64_t kHighs = 0x8080808080808080;
    const auto zero_byte = [](uint64_t w) { return (w - kOnes) & ~w & kHighs; };
    for (; i + 8 <= size; i += 8) {
      uint64_t w = 0;
      std::memcpy(&w, data + i, 8);
      uint64_t hits = (w - kOnes * 0x20) & ~w & kHighs;
      ((hits |= zero_byte(w ^ (kOnes * static_cast<unsigned char>(kChars)))), ...);
      if constexpr (kNonAscii) hits |= w & kHighs;
      if (hits != 0) return i + static_cast<size_t>(std::countr_zero(hits)) / 8;
    }
  }
  for (; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(data[i]);
    if (byte < 0x20 || ((data[i] == kChars) || ...) || (kNonAscii && byte >= 0x80)) return i;
  }
  return size;
}

}  // namespace obviews::tools
