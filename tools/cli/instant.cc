// Times on the command line; see instant.h.
#include "tools/cli/instant.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "schema/numbers.h"
#include "schema/quote.h"
#include "schema/time_text.h"

namespace obviews::tools {
namespace {

/// Seconds of a unit; 0 for what is none.
int64_t SecondsOf(char unit) {
  switch (unit) {
    case 'd':
      return 86400;
    case 'h':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

}  // namespace

int64_t NowUsec() {
  using std::chrono::microseconds;
  return std::chrono::duration_cast<microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<int64_t> ParseInstant(const std::string& text, int64_t now_usec, const schema::Zone& zone) {
  const int64_t unit = text.empty() ? 0 : SecondsOf(text.back());
  if (unit == 0) {
    auto date = schema::ParseMySqlTimestamp(text, zone);
    if (date) return date->usec;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is neither an age such as 30d or 12h nor a date such as "
                            "2023-06-01 or 2023-06-01 06:00:00",
                            schema::QuoteForMessage(text)));
  }
  const std::string count = text.substr(0, text.size() - 1);
  auto number = schema::ParseUint64(count);
  constexpr int64_t kUsec = 1'000'000;
  if (!number || count.front() < '0' || count.front() > '9') {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is no age: a whole number and d, h, m or s",
                            schema::QuoteForMessage(text)));
  }
  const auto longest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / (unit * kUsec));
  // Older than anything can be, which nothing is.
  if (*number > longest) return std::numeric_limits<int64_t>::min() + now_usec;
  return now_usec - static_cast<int64_t>(*number) * unit * kUsec;
}

}  // namespace obviews::tools
