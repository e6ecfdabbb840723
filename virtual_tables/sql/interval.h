// Interval units and adding them to times, by MySQL's rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace obviews::vtab::sql {

/// The units accepted after INTERVAL and in TIMESTAMPDIFF, TIMESTAMPADD and EXTRACT.
enum class IntervalUnit : uint8_t {
  kMicrosecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};

/// All units, for messages: "MICROSECOND, SECOND, ... or YEAR".
inline constexpr std::string_view kIntervalUnits =
    "MICROSECOND, SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER or YEAR";

/// The unit of a word, whatever its case; SQL_TSI_HOUR is HOUR.
std::optional<IntervalUnit> ParseIntervalUnit(std::string_view word);

/// The word of a unit, upper case.
std::string_view IntervalUnitName(IntervalUnit unit);

/// Whether adding the unit to a date without a time gives a date again.
bool IsWholeDays(IntervalUnit unit);

/// `local_usec` (microseconds of local wall time since 1970-01-01 00:00:00) plus `count` units.
/// Months, quarters and years keep the day of the month, or take the month's last day when there
/// is no such day. Nothing when the result is outside schema::kMinLocalUsec..kMaxLocalUsec.
std::optional<int64_t> AddInterval(int64_t local_usec, int64_t count, IntervalUnit unit);

/// Whole units from `begin` to `end` (local microseconds), cut toward zero: TIMESTAMPDIFF.
int64_t IntervalBetween(int64_t begin, int64_t end, IntervalUnit unit);

}  // namespace obviews::vtab::sql
