// Numbers as text, without a stream or an allocation.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "schema/value.h"
#include "tools/output/result_writer.h"

namespace obviews::tools {

/// Calls `append(std::string_view)` with the digits of a number. Reals have `decimals` digits after
/// the point or, with ColumnHeader::kShortest, as few as keep them exact. REQUIRES: a numeric kind.
template <class Append>
void FormatNumber(const Value& value, int decimals, Append append) {
  if (value.kind() == Value::Kind::kReal) {
    fmt::memory_buffer digits;
    if (decimals < 0) {
      fmt::format_to(std::back_inserter(digits), "{}", value.as_real());
    } else {
      fmt::format_to(std::back_inserter(digits), "{:.{}f}", value.as_real(), decimals);
    }
    return append(std::string_view(digits.data(), digits.size()));
  }
  const fmt::format_int digits = value.kind() == Value::Kind::kUint
                                     ? fmt::format_int(value.as_uint())
                                     : fmt::format_int(value.as_int());
  append(std::string_view(digits.data(), digits.size()));
}

/// 1,234,567
inline std::string Thousands(int64_t value) {
  std::string text = fmt::format("{}", value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t at = text.size(); at > first + 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

}  // namespace obviews::tools
