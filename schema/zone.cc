// Reads zones: offsets by hand, names through cctz, whose transitions become one sorted table.
#include "schema/zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include "schema/quote.h"

namespace obviews::schema {
namespace {

constexpr int32_t kMinOffset = -(13 * 3600 + 59 * 60);
constexpr int32_t kMaxOffset = 14 * 3600;
constexpr int64_t kSecondsPer400Years = 146097LL * 86400;
constexpr int64_t kFarthestSecond = int64_t{1} << 53;
constexpr int kIndexShift = 24;
// cctz writes out 400 years of the standing rule after the last stored transition (2037 at most in
// today's files); a table that ends this late was written out and goes on for ever.
constexpr int64_t kRuleWrittenOutAfter = 11'991'456'000;  // 2350-01-01

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string OffsetName(int32_t offset) {
  const int32_t minutes = std::abs(offset) / 60;
  return fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

// Seconds of `+HH:MM`, `-H:MM`; nothing if the text is not of that shape. May be out of range.
std::optional<int32_t> ParseOffset(std::string_view text) {
  if (text.size() < 5 || text.size() > 6) return std::nullopt;
  const bool negative = text[0] == '-';
  const size_t colon = text.size() - 3;
  if (text[colon] != ':' || !IsDigit(text[colon + 1]) || !IsDigit(text[colon + 2])) {
    return std::nullopt;
  }
  int32_t hours = 0;
  for (size_t i = 1; i < colon; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    hours = hours * 10 + (text[i] - '0');
  }
  const int32_t minutes = (text[colon + 1] - '0') * 10 + (text[colon + 2] - '0');
  if (minutes > 59) return std::nullopt;
  const int32_t seconds = hours * 3600 + minutes * 60;
  return negative ? -seconds : seconds;
}

// Names that are safe to look up: no path tricks and no prefixes that cctz reads specially.
bool IsPlausibleName(std::string_view text) {
  if (text.empty() || text.size() > 128) return false;
  const auto is_alpha = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  if (!is_alpha(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || IsDigit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

bool EqualsIgnoringCase(std::string_view a, std::string_view upper) {
  return std::equal(a.begin(), a.end(), upper.begin(), upper.end(), [](char x, char y) {
    return (x >= 'a' && x <= 'z' ? static_cast<char>(x - 'a' + 'A') : x) == y;
  });
}

int64_t SecondsOf(const cctz::civil_second& time) { return time - cctz::civil_second(); }

}  // namespace

Zone::Zone() : Zone(Fixed(0)) {}

Zone::Zone(std::shared_ptr<const Data> data)
    : data_(std::move(data)),
      is_fixed_(data_->changes.size() == 1),
      fixed_offset_(data_->changes[0].offset) {}

Zone Zone::Fixed(int32_t seconds) {
  auto data = std::make_shared<Data>();
  data->name = OffsetName(seconds);
  data->changes.push_back({std::numeric_limits<int64_t>::min(), seconds});
  return Zone(std::move(data));
}

Result<Zone> Zone::Parse(std::string_view text) {
  if (EqualsIgnoringCase(text, "SYSTEM") || EqualsIgnoringCase(text, "LOCALTIME")) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("time zone {} names a server's own zone, which records do not know; "
                            "give an offset such as +08:00 or a name such as Asia/Shanghai",
                            QuoteForMessage(text)));
  }
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    const std::optional<int32_t> offset = ParseOffset(text);
    if (!offset) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not a time zone offset; write it as +HH:MM or -HH:MM",
                              QuoteForMessage(text)));
    }
    if (*offset < kMinOffset || *offset > kMaxOffset) {
      return Fail(
          ErrorCode::kInvalidArgument,
          fmt::format("time zone offset {} is outside -13:59 to +14:00", QuoteForMessage(text)));
    }
    return Fixed(*offset);
  }
  if (!IsPlausibleName(text)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not a time zone; give an offset such as +08:00 or a name such "
                            "as America/New_York",
                            QuoteForMessage(text)));
  }
  return Load(text);
}

Result<Zone> Zone::Load(std::string_view name) {
  cctz::time_zone zone;
  if (!cctz::load_time_zone(std::string(name), &zone)) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("unknown time zone {}; names are case-sensitive and come from the system's "
                    "tzdata package, such as Asia/Shanghai; offsets such as +08:00 always work",
                    QuoteForMessage(name)));
  }
  auto data = std::make_shared<Data>();
  data->name = std::string(name);
  auto at = cctz::time_point<cctz::seconds>::min();
  cctz::time_zone::civil_transition step;
  int32_t offset = zone.lookup(at).offset;
  data->changes.push_back({std::numeric_limits<int64_t>::min(), offset});
  int64_t last = std::numeric_limits<int64_t>::min();
  while (zone.next_transition(at, &step)) {
    // `from` and `to` are one instant on the clocks before and after the change.
    const int64_t instant = SecondsOf(step.from) - offset;
    if (instant <= last) break;
    last = instant;
    offset += static_cast<int32_t>(step.to - step.from);
    // Changes of name only are no changes here.
    if (offset != data->changes.back().offset) data->changes.push_back({instant, offset});
    at = cctz::time_point<cctz::seconds>(cctz::seconds(instant));
  }
  data->periodic = data->changes.size() > 1 && data->changes.back().begin > kRuleWrittenOutAfter;
  BuildIndex(*data);
  return Zone(std::move(data));
}

void Zone::BuildIndex(Data& data) {
  if (data.changes.size() < 2) return;
  data.index_base = data.changes[1].begin;
  const int64_t buckets = ((data.changes.back().begin - data.index_base) >> kIndexShift) + 1;
  data.index.reserve(static_cast<size_t>(buckets));
  uint32_t change = 1;
  for (int64_t bucket = 0; bucket < buckets; ++bucket) {
    const int64_t start = data.index_base + (bucket << kIndexShift);
    while (change + 1 < data.changes.size() && data.changes[change + 1].begin <= start) ++change;
    data.index.push_back(change);
  }
}

int64_t Zone::ShiftIntoTable(int64_t utc_second) const {
  const int64_t last = data_->changes.back().begin;
  if (!data_->periodic || utc_second < last) return utc_second;
  return utc_second - ((utc_second - last) / kSecondsPer400Years + 1) * kSecondsPer400Years;
}

// The change in force at a second already shifted into the table.
size_t Zone::ChangeAt(int64_t utc_second) const {
  const Data& data = *data_;
  if (data.changes.size() == 1 || utc_second < data.index_base) return 0;
  const auto bucket = static_cast<size_t>((utc_second - data.index_base) >> kIndexShift);
  if (bucket >= data.index.size()) return data.changes.size() - 1;
  size_t change = data.index[bucket];
  while (change + 1 < data.changes.size() && data.changes[change + 1].begin <= utc_second) {
    ++change;
  }
  return change;
}

int32_t Zone::LookUp(int64_t utc_second) const {
  const int64_t second = std::clamp(utc_second, -kFarthestSecond, kFarthestSecond);
  return data_->changes[ChangeAt(ShiftIntoTable(second))].offset;
}

std::vector<ZoneSegment> Zone::Segments(int64_t from, int64_t to) const {
  from = std::clamp(from, -kFarthestSecond, kFarthestSecond);
  to = std::clamp(to, -kFarthestSecond, kFarthestSecond);
  std::vector<ZoneSegment> segments;
  for (int64_t begin = from; begin < to;) {
    const int64_t shifted = ShiftIntoTable(begin);
    const size_t change = ChangeAt(shifted);
    int64_t end = to;
    if (change + 1 < data_->changes.size()) {
      end = std::min(to, data_->changes[change + 1].begin + (begin - shifted));
    }
    const int32_t offset = data_->changes[change].offset;
    if (!segments.empty() && segments.back().offset == offset) {
      segments.back().end = end;
    } else {
      segments.push_back({begin, end, offset});
    }
    begin = end;
  }
  return segments;
}

}  // namespace obviews::schema
