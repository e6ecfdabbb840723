// Keys on disk: the big-endian, order-preserving triple (tenant_id, job_id, task_id).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schema/record.h"

namespace obviews::engine {

using schema::Key;

/// Bytes of an encoded key. Written to disk: do not change.
inline constexpr size_t kKeySize = 24;
using EncodedKey = std::array<char, kKeySize>;

/// Appends nothing, allocates nothing: eight bytes whose memcmp order is the integers' order.
void PutOrderedInt(char* out, int64_t value);
int64_t GetOrderedInt(const char* in);

EncodedKey EncodeKey(const Key& key);
/// False if `bytes` is not an encoded key.
bool DecodeKey(std::string_view bytes, Key* key);

inline std::string_view AsView(const EncodedKey& key) { return {key.data(), key.size()}; }

}  // namespace obviews::engine
