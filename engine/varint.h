// Integers in as few bytes as they need: seven bits a byte, least significant first. Internal to
// engine/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace obviews::engine {

inline void PutVarint(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

/// Takes a number off the front. False if there is none, or one of more than 64 bits.
inline bool GetVarint(std::string_view* bytes, uint64_t* value) {
  uint64_t out = 0;
  for (unsigned shift = 0; shift < 64 && !bytes->empty(); shift += 7) {
    auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    out |= uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) {
      *value = out;
      return true;
    }
  }
  return false;
}

inline uint64_t ToZigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t FromZigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
inline void PutSigned(std::string* out, int64_t value) { PutVarint(out, ToZigzag(value)); }
inline bool GetSigned(std::string_view* bytes, int64_t* value) {
  uint64_t raw = 0;
  if (!GetVarint(bytes, &raw)) return false;
  *value = FromZigzag(raw);
  return true;
}

}  // namespace obviews::engine
