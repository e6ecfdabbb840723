// Numbers inside texts: strict reading for input, lenient reading for stored key-value texts.
#pragma once

#include <cstdint>
#include <string_view>

#include "schema/status.h"

namespace obviews::schema {

/// Reads a whole decimal text as an integer: an optional sign and digits, nothing else, no blanks.
/// Errors: kInvalidArgument, saying whether the text is no integer or one beyond 64 bits; never a
/// wrapped value.
Result<int64_t> ParseInt64(std::string_view text);

/// The same for 0 to 2^64-1; a minus sign is an error (but `-0` is 0).
Result<uint64_t> ParseUint64(std::string_view text);

/// What MySQL's CAST makes of the beginning of a text.
template <class T>
struct NumberPrefix {
  T value = 0;
  bool whole = false;      ///< the text held the number and blanks only
  bool saturated = false;  ///< the number was beyond T and is the nearest T
};

/// The integer at the beginning of a text after blanks: `''` -> 0, `' 12abc'` -> 12, `'-7'` -> -7.
/// Beyond 64 bits the nearest int64, with `saturated` set. No allocation.
NumberPrefix<int64_t> ParseInt64Prefix(std::string_view text);

/// The same for unsigned values; a negative number gives 0 with `saturated` set.
NumberPrefix<uint64_t> ParseUint64Prefix(std::string_view text);

}  // namespace obviews::schema
