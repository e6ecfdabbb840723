// Counts in messages and in options.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "schema/numbers.h"

namespace obviews::tools {

/// "1 row", "2 rows".
inline std::string Counted(uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// What is wrong with a number from 0 to 2^64-1, for an option's check(); "" if nothing. CLI11
/// itself takes -1 for the largest.
inline std::string CheckCount(const std::string& text) {
  if (schema::ParseUint64(text)) return {};
  return fmt::format("'{}' is no whole number from 0 to 18446744073709551615", text);
}

}  // namespace obviews::tools
