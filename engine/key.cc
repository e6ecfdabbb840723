// Keys on disk; see key.h.
#include "engine/key.h"

namespace obviews::engine {
namespace {
// Flipping the sign bit makes two's complement sort as unsigned bytes.
constexpr uint64_t kSignBit = uint64_t{1} << 63;
}  // namespace

void PutOrderedInt(char* out, int64_t value) {
  uint64_t bits = static_cast<uint64_t>(value) ^ kSignBit;
  for (int i = 7; i >= 0; --i) {
    out[i] = static_cast<char>(bits);
    bits >>= 8;
  }
}

int64_t GetOrderedInt(const char* in) {
  uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | static_cast<unsigned char>(in[i]);
  return static_cast<int64_t>(bits ^ kSignBit);
}

EncodedKey EncodeKey(const Key& key) {
  EncodedKey out;
  PutOrderedInt(out.data(), key.tenant_id);
  PutOrderedInt(out.data() + 8, key.job_id);
  PutOrderedInt(out.data() + 16, key.task_id);
  return out;
}

bool DecodeKey(std::string_view bytes, Key* key) {
  if (bytes.size() != kKeySize) return false;
  key->tenant_id = GetOrderedInt(bytes.data());
  key->job_id = GetOrderedInt(bytes.data() + 8);
  key->task_id = GetOrderedInt(bytes.data() + 16);
  return true;
}

}  // namespace obviews::engine
