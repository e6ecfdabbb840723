// Calendar arithmetic and digits: the proleptic Gregorian calendar, years 0 to 9999.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace obviews::schema {

inline constexpr int64_t kUsecPerSecond = 1'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kUsecPerDay = kSecondsPerDay * kUsecPerSecond;
inline constexpr int64_t kNsecPerUsec = 1'000;

/// Months as Oracle prints them (NLS_DATE_LANGUAGE AMERICAN), January first.
inline constexpr std::array<std::string_view, 12> kMonthNames = {
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

/// A day of the calendar.
struct CivilDate {
  int32_t year = 1970;
  int32_t month = 1;  ///< 1..12
  int32_t day = 1;    ///< 1..31
  friend constexpr bool operator==(const CivilDate&, const CivilDate&) = default;
};

/// Division rounding down. REQUIRES divisor > 0.
constexpr int64_t FloorDiv(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

constexpr bool IsLeapYear(int32_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days of a month. REQUIRES month in 1..12.
constexpr int32_t DaysInMonth(int32_t year, int32_t month) {
  constexpr std::array<int8_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<size_t>(month - 1)] + (month == 2 && IsLeapYear(year) ? 1 : 0);
}

/// Days from 1970-01-01 to a date. REQUIRES a year in 0..9999 and a valid month and day.
constexpr int64_t DaysFromCivil(const CivilDate& date) {
  // Years that begin in March put the leap day last.
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0) + 400;
  const int64_t month = date.month + (date.month <= 2 ? 9 : -3);
  const int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719'468 - 146'097;
}

/// The date so many days from 1970-01-01. REQUIRES days within the years 0..9999. This is the
/// multiply-and-shift algorithm of Neri and Schneider (2022): no division by a variable, no loop.
constexpr CivilDate CivilFromDays(int64_t days) {
  const auto n = static_cast<uint32_t>(days + 719'468 + 146'097);
  const uint32_t n1 = 4 * n + 3;
  const uint32_t century = n1 / 146'097;
  const uint32_t n2 = 4 * (n1 % 146'097 / 4) + 3;
  const uint64_t p2 = uint64_t{2'939'745} * n2;
  const auto year_of_century = static_cast<uint32_t>(p2 >> 32);
  const uint32_t day_of_year = static_cast<uint32_t>(p2) / 2'939'745 / 4;
  const uint32_t n3 = 2'141 * day_of_year + 197'913;
  const bool next_year = day_of_year >= 306;
  return {static_cast<int32_t>(100 * century + year_of_century) - 400 + (next_year ? 1 : 0),
          static_cast<int32_t>((n3 >> 16) - (next_year ? 12 : 0)),
          static_cast<int32_t>((n3 & 0xffff) / 2'141 + 1)};
}

namespace civil_internal {
constexpr std::array<char, 200> MakeDigitPairs() {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}
inline constexpr std::array<char, 200> kDigitPairs = MakeDigitPairs();
}  // namespace civil_internal

/// Writes exactly 2, 4, 6 or 9 decimal digits and returns the end. REQUIRES a value that fits.
inline char* Put2(char* out, uint32_t value) {
  std::memcpy(out, &civil_internal::kDigitPairs[size_t{2} * value], 2);
  return out + 2;
}
inline char* Put4(char* out, uint32_t value) { return Put2(Put2(out, value / 100), value % 100); }
inline char* Put6(char* out, uint32_t value) {
  return Put4(Put2(out, value / 10'000), value % 10'000);
}
inline char* Put9(char* out, uint32_t value) {
  *out = static_cast<char>('0' + value / 100'000'000);
  return Put4(Put4(out + 1, value / 10'000 % 10'000), value % 10'000);
}

}  // namespace obviews::schema
