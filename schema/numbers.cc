// One digit loop behind the strict and the lenient readers.
#include "schema/numbers.h"

#include <fmt/format.h>

#include <limits>

#include "schema/quote.h"

namespace obviews::schema {
namespace {

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct Scan {
  uint64_t magnitude = 0;
  size_t end = 0;  // after the last digit; where scanning began if there is none
  bool negative = false;
  bool overflow = false;
  bool digits = false;
};

// Reads an optional sign and digits from `begin` on.
Scan ScanInteger(std::string_view text, size_t begin) {
  Scan scan;
  size_t at = begin;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) scan.negative = text[at++] == '-';
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    scan.digits = true;
    const auto digit = static_cast<uint64_t>(text[at] - '0');
    scan.overflow |= __builtin_mul_overflow(scan.magnitude, uint64_t{10}, &scan.magnitude);
    scan.overflow |= __builtin_add_overflow(scan.magnitude, digit, &scan.magnitude);
  }
  scan.end = scan.digits ? at : begin;
  return scan;
}

// The signed value of a scan; false, and the nearest int64, if it does not fit.
bool ToInt64(const Scan& scan, int64_t& value) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  const uint64_t limit = scan.negative ? kMax + 1 : kMax;
  const bool fits = !scan.overflow && scan.magnitude <= limit;
  const uint64_t magnitude = fits ? scan.magnitude : limit;
  value = static_cast<int64_t>(scan.negative ? 0 - magnitude : magnitude);
  return fits;
}

bool ToUint64(const Scan& scan, uint64_t& value) {
  if (scan.negative) {
    value = 0;
    return scan.magnitude == 0 && !scan.overflow;
  }
  value = scan.overflow ? std::numeric_limits<uint64_t>::max() : scan.magnitude;
  return !scan.overflow;
}

template <class T, class Convert>
Result<T> ParseWhole(std::string_view text, Convert convert) {
  const Scan scan = ScanInteger(text, 0);
  if (!scan.digits || scan.end != text.size()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not an integer", QuoteForMessage(text)));
  }
  T value = 0;
  if (!convert(scan, value)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is outside {} to {}", QuoteForMessage(text),
                            std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
  return value;
}

template <class T, class Convert>
NumberPrefix<T> ParsePrefix(std::string_view text, Convert convert) {
  size_t begin = 0;
  while (begin < text.size() && IsBlank(text[begin])) ++begin;
  const Scan scan = ScanInteger(text, begin);
  NumberPrefix<T> prefix;
  if (!scan.digits) return prefix;
  prefix.saturated = !convert(scan, prefix.value);
  size_t end = scan.end;
  while (end < text.size() && IsBlank(text[end])) ++end;
  prefix.whole = end == text.size();
  return prefix;
}

}  // namespace

Result<int64_t> ParseInt64(std::string_view text) { return ParseWhole<int64_t>(text, ToInt64); }

Result<uint64_t> ParseUint64(std::string_view text) { return ParseWhole<uint64_t>(text, ToUint64); }

NumberPrefix<int64_t> ParseInt64Prefix(std::string_view text) {
  return ParsePrefix<int64_t>(text, ToInt64);
}

NumberPrefix<uint64_t> ParseUint64Prefix(std::string_view text) {
  return ParsePrefix<uint64_t>(text, ToUint64);
}

}  // namespace obviews::schema
