// Reads shown times: shape, then calendar, then the instants a zone gives a local time.
#include "schema/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "schema/civil.h"
#include "schema/conversions.h"
#include "schema/quote.h"

namespace obviews::schema {
namespace {

constexpr int64_t kWidestOffset = 86'400;

// The fields of a text that has the right shape; values not yet checked.
struct Fields {
  int32_t year = 0;
  int32_t month = 0;
  int32_t day = 0;
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t nsec = 0;
};

// Walks over a text; `ok` turns false at the first thing that does not fit and stays so.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int32_t Digits(size_t count) {
    int32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = Peek();
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
      ++at_;
    }
    return ok_ ? value : 0;
  }

  void Expect(char c) {
    if (Peek() != c) ok_ = false;
    ++at_;
  }

  // A point and 1 to `most` digits, as nanoseconds; nothing at all is 0.
  int32_t Fraction(int most) {
    if (Peek() != '.') return 0;
    ++at_;
    int32_t value = 0;
    int count = 0;
    for (; Peek() >= '0' && Peek() <= '9' && count < most; ++count, ++at_) {
      value = value * 10 + (Peek() - '0');
    }
    if (count == 0) ok_ = false;
    for (; count < 9; ++count) value *= 10;
    return value;
  }

  // The 1-based month whose name comes next.
  int32_t MonthName() {
    const std::string_view name = Take(3);
    for (size_t i = 0; i < kMonthNames.size(); ++i) {
      if (SameLetters(name, kMonthNames[i])) return static_cast<int32_t>(i + 1);
    }
    ok_ = false;
    return 1;
  }

  bool IsPm() {
    const std::string_view word = Take(2);
    const bool pm = SameLetters(word, "PM");
    if (!pm && !SameLetters(word, "AM")) ok_ = false;
    return pm;
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Done() const { return ok_ && at_ == text_.size(); }

 private:
  static bool SameLetters(std::string_view text, std::string_view upper) {
    return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
      return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
  }

  std::string_view Take(size_t count) {
    const std::string_view taken = text_.substr(std::min(at_, text_.size()), count);
    at_ += count;
    return taken;
  }

  std::string_view text_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::optional<Fields> ReadMySql(std::string_view text) {
  Reader in(text);
  Fields f;
  f.year = in.Digits(4);
  in.Expect('-');
  f.month = in.Digits(2);
  in.Expect('-');
  f.day = in.Digits(2);
  if (in.Done()) return f;
  in.Expect(in.Peek() == 'T' ? 'T' : ' ');
  f.hour = in.Digits(2);
  in.Expect(':');
  f.minute = in.Digits(2);
  in.Expect(':');
  f.second = in.Digits(2);
  f.nsec = in.Fraction(6);
  if (!in.Done()) return std::nullopt;
  return f;
}

std::optional<Fields> ReadOracle(std::string_view text) {
  Reader in(text);
  Fields f;
  f.day = in.Digits(2);
  in.Expect('-');
  f.month = in.MonthName();
  in.Expect('-');
  const int32_t rr = in.Digits(2);
  f.year = rr >= 50 ? 1900 + rr : 2000 + rr;
  in.Expect(' ');
  const int32_t hour = in.Digits(2);
  in.Expect('.');
  f.minute = in.Digits(2);
  in.Expect('.');
  f.second = in.Digits(2);
  f.nsec = in.Fraction(9);
  in.Expect(' ');
  const bool pm = in.IsPm();
  if (!in.Done()) return std::nullopt;
  // Hours of the 12-hour clock run 12, 1, ..., 11; an impossible one is kept impossible.
  f.hour = hour < 1 || hour > 12 ? 99 : hour % 12 + (pm ? 12 : 0);
  return f;
}

tl::unexpected<Error> BadTime(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", QuoteForMessage(text), why));
}

// Local microseconds of fields; the calendar and the type's range are checked.
Result<int64_t> LocalOf(std::string_view text, const Fields& f) {
  if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > DaysInMonth(f.year, f.month)) {
    return BadTime(text, "is not a day of the calendar");
  }
  if (f.hour > 23 || f.minute > 59 || f.second > 59) return BadTime(text, "is not a time of day");
  const int64_t second = DaysFromCivil({f.year, f.month, f.day}) * kSecondsPerDay + f.hour * 3600 +
                         f.minute * 60 + f.second;
  const int64_t local = second * kUsecPerSecond + f.nsec / kNsecPerUsec;
  if (local < kMinLocalUsec) return BadTime(text, "is before 0000-01-02 00:00:00");
  return local;
}

// The instants at which the clocks of `zone` show a local time.
Result<ParsedUsec> InstantOf(std::string_view text, int64_t local_usec, const Zone& zone) {
  if (zone.is_fixed()) {
    return ParsedUsec{local_usec - zone.OffsetAt(0) * kUsecPerSecond, false};
  }
  const int64_t local_second = FloorDiv(local_usec, kUsecPerSecond);
  ParsedUsec parsed;
  int found = 0;
  for (const ZoneSegment& s :
       zone.Segments(local_second - kWidestOffset, local_second + kWidestOffset + 2)) {
    const int64_t usec = local_usec - s.offset * kUsecPerSecond;
    if (usec < FirstUsecOfSecond(s.begin) || usec >= FirstUsecOfSecond(s.end)) continue;
    if (found++ == 0) parsed.usec = usec;
  }
  if (found == 0) {
    return BadTime(text,
                   fmt::format("does not exist in time zone {}: the clocks skip it", zone.name()));
  }
  parsed.ambiguous = found > 1;
  return parsed;
}

// The SCNs of an instant: `nsec` is what an exact text adds, nothing stands for all 1000.
Result<ParsedScn> ScnOf(std::string_view text, const ParsedUsec& instant,
                        std::optional<int64_t> nsec) {
  if (instant.usec < 0) return BadTime(text, "is before 1970: no SCN shows it");
  const uint64_t base = static_cast<uint64_t>(instant.usec) * uint64_t{kNsecPerUsec};
  const uint64_t first = base + static_cast<uint64_t>(nsec.value_or(0));
  const bool too_far = instant.usec > static_cast<int64_t>(kMaxScn / uint64_t{kNsecPerUsec});
  if (too_far || first > kMaxScn) {
    return BadTime(text, fmt::format("is after the largest SCN, {}", kMaxScn));
  }
  const uint64_t last = nsec ? first : std::min(kMaxScn, base + uint64_t{kNsecPerUsec} - 1);
  return ParsedScn{first, last, instant.ambiguous};
}

bool IsZeroDatetime(const Fields& f) {
  return f.year == 0 && f.month == 0 && f.day == 0 && f.hour == 0 && f.minute == 0 &&
         f.second == 0 && f.nsec == 0;
}

constexpr std::string_view kNoMySqlTime = "is not a time of the form YYYY-MM-DD HH:MM:SS.ffffff";
constexpr std::string_view kNoOracleTime =
    "is not a time of the form DD-MON-RR HH.MI.SS.fffffffff AM";

}  // namespace

TimeTextForm DetectTimeTextForm(std::string_view text) {
  constexpr size_t kOracleDateSize = 19;
  if (ReadMySql(text)) {
    return text.size() == kOracleDateSize && text[10] == ' ' ? TimeTextForm::kOracleDate
                                                             : TimeTextForm::kMySql;
  }
  return ReadOracle(text) ? TimeTextForm::kOracleTimestamp : TimeTextForm::kNone;
}

Result<ParsedUsec> ParseMySqlTimestamp(std::string_view text, const Zone& zone) {
  const std::optional<Fields> fields = ReadMySql(text);
  if (!fields) return BadTime(text, kNoMySqlTime);
  if (IsZeroDatetime(*fields)) return ParsedUsec{kZeroDatetimeUsec, false};
  OBVIEWS_ASSIGN_OR_RETURN(const int64_t local, LocalOf(text, *fields));
  return InstantOf(text, local, zone);
}

Result<ParsedScn> ParseMySqlScn(std::string_view text, const Zone& system_zone) {
  OBVIEWS_ASSIGN_OR_RETURN(const ParsedUsec instant, ParseMySqlTimestamp(text, system_zone));
  return ScnOf(text, instant, std::nullopt);
}

Result<int64_t> ParseOracleDate(std::string_view text) {
  if (DetectTimeTextForm(text) != TimeTextForm::kOracleDate) {
    return BadTime(text, "is not a time of the form YYYY-MM-DD HH:MM:SS");
  }
  OBVIEWS_ASSIGN_OR_RETURN(const int64_t local, LocalOf(text, *ReadMySql(text)));
  if (local < kMinOracleLocalUsec) return BadTime(text, "is before 0001-01-01 00:00:00");
  constexpr int64_t kOracleOffsetUsec = 8 * 3600 * kUsecPerSecond;
  return local - kOracleOffsetUsec;
}

Result<ParsedScn> ParseOracleScn(std::string_view text, const Zone& system_zone) {
  const std::optional<Fields> fields = ReadOracle(text);
  if (!fields) return BadTime(text, kNoOracleTime);
  OBVIEWS_ASSIGN_OR_RETURN(const int64_t local, LocalOf(text, *fields));
  OBVIEWS_ASSIGN_OR_RETURN(const ParsedUsec instant, InstantOf(text, local, system_zone));
  return ScnOf(text, instant, fields->nsec % kNsecPerUsec);
}

Result<ParsedUsec> ParseOracleTimestamp(std::string_view text, const Zone& zone) {
  const std::optional<Fields> fields = ReadOracle(text);
  if (!fields) return BadTime(text, kNoOracleTime);
  if (fields->nsec % kNsecPerUsec != 0) return BadTime(text, "has more than six decimals");
  OBVIEWS_ASSIGN_OR_RETURN(const int64_t local, LocalOf(text, *fields));
  return InstantOf(text, local, zone);
}

}  // namespace obviews::schema
