// SQL functions about times: the clock, arithmetic, formats. Times are texts of local wall time.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "schema/civil.h"
#include "schema/conversions.h"
#include "schema/time_text.h"
#include "virtual_tables/sql/function_call.h"
#include "virtual_tables/sql/interval.h"
#include "virtual_tables/sql/wall_time.h"

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

constexpr int kMostDigits = 6;

// A time cut to `digits` decimals, as text.
std::string Cut(int64_t local_usec, int digits) {
  return WriteWallTime({local_usec, digits, false});
}

// The decimals asked for by NOW(n), or `otherwise`; fails the call for a bad n.
std::optional<int> Digits(const FunctionCall& call, int otherwise) {
  if (call.size() == 0) return otherwise;
  const int64_t digits = call.IsNull(0) ? -1 : call.Integer(0);
  if (digits >= 0 && digits <= kMostDigits) return static_cast<int>(digits);
  call.Fail("the precision of a time is 0 to 6 decimals");
  return std::nullopt;
}

std::optional<int64_t> StatementStart(const FunctionCall& call, const schema::Zone& zone) {
  return schema::LocalUsec(call.session().statement_start_usec, zone);
}

void ClockTime(const FunctionCall& call, const schema::Zone& zone, int default_digits) {
  const std::optional<int> digits = Digits(call, default_digits);
  if (!digits) return;
  const std::optional<int64_t> local = StatementStart(call, zone);
  if (!local) return call.Null();
  call.Result(Cut(*local, *digits));
}

void Now(const FunctionCall& call) {
  const SessionContext& session = call.session();
  ClockTime(call, session.session_zone, session.mode == Mode::kOracle ? kMostDigits : 0);
}

void Sysdate(const FunctionCall& call) {
  const SessionContext& session = call.session();
  ClockTime(call, session.mode == Mode::kOracle ? session.system_zone : session.session_zone, 0);
}

void Systimestamp(const FunctionCall& call) {
  ClockTime(call, call.session().system_zone, kMostDigits);
}

void UtcTimestamp(const FunctionCall& call) { ClockTime(call, schema::Zone(), 0); }

void Curdate(const FunctionCall& call) {
  const std::optional<int64_t> local = StatementStart(call, call.session().session_zone);
  if (!local) return call.Null();
  call.Result(WriteWallTime({*local, 0, true}));
}

void Curtime(const FunctionCall& call) {
  const std::optional<int> digits = Digits(call, 0);
  if (!digits) return;
  const std::optional<int64_t> local = StatementStart(call, call.session().session_zone);
  if (!local) return call.Null();
  constexpr size_t kDateAndBlank = 11;
  call.Result(std::string_view(Cut(*local, *digits)).substr(kDateAndBlank));
}

std::optional<WallTime> TimeArgument(const FunctionCall& call, size_t i) {
  if (call.IsNull(i)) return std::nullopt;
  return ReadWallTime(call.Text(i));
}

// argument `time` plus (or minus) argument `count` of `unit`.
void Add(const FunctionCall& call, size_t time_at, size_t count_at,
         std::optional<IntervalUnit> unit, bool negative) {
  if (!unit) return call.Fail(fmt::format("the unit of an interval is {}", kIntervalUnits));
  std::optional<WallTime> time = TimeArgument(call, time_at);
  if (!time || call.IsNull(count_at)) return call.Null();
  int64_t count = call.Integer(count_at);
  if (*unit == IntervalUnit::kSecond && call.IsFraction(count_at)) {
    const double usec = std::round(call.Real(count_at) * double{schema::kUsecPerSecond});
    if (!(std::abs(usec) < static_cast<double>(schema::kMaxLocalUsec) * 2)) return call.Null();
    count = static_cast<int64_t>(usec);
    unit = IntervalUnit::kMicrosecond;
  }
  if (count == std::numeric_limits<int64_t>::min()) return call.Null();
  const std::optional<int64_t> moved =
      AddInterval(time->local_usec, negative ? -count : count, *unit);
  if (!moved) return call.Null();
  time->local_usec = *moved;
  if (*unit == IntervalUnit::kMicrosecond) time->digits = kMostDigits;
  if (!IsWholeDays(*unit)) time->date_only = false;
  call.Result(WriteWallTime(*time));
}

template <bool kNegative>
void DateAdd(const FunctionCall& call) {
  Add(call, 0, 1, ParseIntervalUnit(call.Text(2)), kNegative);
}

template <bool kNegative>
void AddDays(const FunctionCall& call) {
  Add(call, 0, 1, IntervalUnit::kDay, kNegative);
}

// INTERVAL n unit + time
void IntervalAdd(const FunctionCall& call) {
  Add(call, 2, 0, ParseIntervalUnit(call.Text(1)), false);
}

void TimestampAdd(const FunctionCall& call) {
  Add(call, 2, 1, ParseIntervalUnit(call.Text(0)), false);
}

void TimestampDiff(const FunctionCall& call) {
  const std::optional<IntervalUnit> unit = ParseIntervalUnit(call.Text(0));
  if (!unit) return call.Fail(fmt::format("the unit of TIMESTAMPDIFF is {}", kIntervalUnits));
  const auto begin = TimeArgument(call, 1);
  const auto end = TimeArgument(call, 2);
  if (!begin || !end) return call.Null();
  call.Result(IntervalBetween(begin->local_usec, end->local_usec, *unit));
}

void DateDiff(const FunctionCall& call) {
  const auto end = TimeArgument(call, 0);
  const auto begin = TimeArgument(call, 1);
  if (!begin || !end) return call.Null();
  call.Result(schema::FloorDiv(end->local_usec, schema::kUsecPerDay) -
              schema::FloorDiv(begin->local_usec, schema::kUsecPerDay));
}

void TimeDiff(const FunctionCall& call) {
  const auto end = TimeArgument(call, 0);
  const auto begin = TimeArgument(call, 1);
  if (!begin || !end) return call.Null();
  // The TIME type ends at 838:59:59.
  constexpr int64_t kMost = (838 * 3600 + 59 * 60 + 59) * schema::kUsecPerSecond;
  int64_t usec = end->local_usec - begin->local_usec;
  const std::string_view sign = usec < 0 ? "-" : "";
  usec = std::min(std::abs(usec), kMost);
  const int64_t seconds = usec / schema::kUsecPerSecond;
  const std::string text =
      fmt::format("{}{:02}:{:02}:{:02}.{:06}", sign, seconds / 3600, seconds / 60 % 60,
                  seconds % 60, usec % schema::kUsecPerSecond);
  const int digits = std::max(end->digits, begin->digits);
  const size_t cut = digits == 0 ? kMostDigits + 1 : static_cast<size_t>(kMostDigits - digits);
  call.Result(std::string_view(text).substr(0, text.size() - cut));
}

void DateFormat(const FunctionCall& call) {
  const auto time = TimeArgument(call, 0);
  if (!time || call.IsNull(1)) return call.Null();
  call.Result(FormatWallTime(*time, call.Text(1)));
}

// A part of a time as a number, by a format of DATE_FORMAT.
void Part(const FunctionCall& call, size_t time_at, std::string_view format) {
  const auto time = TimeArgument(call, time_at);
  if (!time) return call.Null();
  call.Result(int64_t{std::atoi(FormatWallTime(*time, format).c_str())});
}

void Quarter(const FunctionCall& call, size_t time_at) {
  const auto time = TimeArgument(call, time_at);
  if (!time) return call.Null();
  call.Result(int64_t{(std::atoi(FormatWallTime(*time, "%c").c_str()) + 2) / 3});
}

void Year(const FunctionCall& call) { Part(call, 0, "%Y"); }
void Month(const FunctionCall& call) { Part(call, 0, "%c"); }
void Day(const FunctionCall& call) { Part(call, 0, "%e"); }
void Hour(const FunctionCall& call) { Part(call, 0, "%k"); }
void Minute(const FunctionCall& call) { Part(call, 0, "%i"); }
void Second(const FunctionCall& call) { Part(call, 0, "%s"); }
void Microsecond(const FunctionCall& call) { Part(call, 0, "%f"); }
void Week(const FunctionCall& call) { Part(call, 0, "%U"); }
void DayOfYearPart(const FunctionCall& call) { Part(call, 0, "%j"); }
void QuarterPart(const FunctionCall& call) { Quarter(call, 0); }

void WeekdayPart(const FunctionCall& call) {
  const auto time = TimeArgument(call, 0);
  if (!time) return call.Null();
  call.Result(int64_t{DayOfWeek(*time)});
}

// Sunday is 1.
void DayOfWeekPart(const FunctionCall& call) {
  const auto time = TimeArgument(call, 0);
  if (!time) return call.Null();
  call.Result(int64_t{(DayOfWeek(*time) + 1) % 7 + 1});
}

void Extract(const FunctionCall& call) {
  const std::optional<IntervalUnit> unit = ParseIntervalUnit(call.Text(0));
  if (!unit) return call.Fail(fmt::format("the unit of EXTRACT is {}", kIntervalUnits));
  if (*unit == IntervalUnit::kQuarter) return Quarter(call, 1);
  // In the order of IntervalUnit.
  static constexpr std::array<std::string_view, 9> kFormats = {"%f", "%s", "%i", "%k", "%e",
                                                               "%U", "%c", "",   "%Y"};
  Part(call, 1, kFormats[static_cast<size_t>(*unit)]);
}

void UnixTimestamp(const FunctionCall& call) {
  if (call.size() == 0) {
    return call.Result(
        schema::FloorDiv(call.session().statement_start_usec, schema::kUsecPerSecond));
  }
  // Reading as wall time first accepts the same texts everywhere.
  const auto time = TimeArgument(call, 0);
  if (!time) return call.Null();
  const auto instant =
      schema::ParseMySqlTimestamp(Cut(time->local_usec, kMostDigits), call.session().session_zone);
  if (!instant) return call.Null();
  if (instant->usec < 0) return call.Result(int64_t{0});
  if (time->digits == 0) return call.Result(instant->usec / schema::kUsecPerSecond);
  call.Result(static_cast<double>(instant->usec) / double{schema::kUsecPerSecond});
}

void FromUnixtime(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  int64_t usec = 0;
  int digits = 0;
  constexpr int64_t kMostSeconds = schema::kMaxLocalUsec / schema::kUsecPerSecond;
  if (call.IsFraction(0)) {
    const double value = std::round(call.Real(0) * double{schema::kUsecPerSecond});
    if (!(value >= 0 && value <= static_cast<double>(schema::kMaxLocalUsec))) return call.Null();
    usec = static_cast<int64_t>(value);
    digits = kMostDigits;
  } else {
    const int64_t seconds = call.Integer(0);
    if (seconds < 0 || seconds > kMostSeconds) return call.Null();
    usec = seconds * schema::kUsecPerSecond;
  }
  const std::optional<int64_t> local = schema::LocalUsec(usec, call.session().session_zone);
  if (!local) return call.Null();
  if (call.size() == 2) {
    return call.Result(FormatWallTime({*local, digits, false}, call.Text(1)));
  }
  call.Result(Cut(*local, digits));
}

// CAST(x AS DATETIME(n)): rounds halves up.
void ToDatetime(const FunctionCall& call) {
  const auto time = TimeArgument(call, 0);
  if (!time) return call.Null();
  const int64_t digits = call.Integer(1);
  if (digits < 0 || digits > kMostDigits) {
    return call.Fail("the precision of a time is 0 to 6 decimals");
  }
  int64_t unit = 1;
  for (int64_t i = digits; i < kMostDigits; ++i) unit *= 10;
  const int64_t rounded = schema::FloorDiv(time->local_usec + unit / 2, unit) * unit;
  if (rounded > schema::kMaxLocalUsec) return call.Null();
  call.Result(Cut(rounded, static_cast<int>(digits)));
}

constexpr std::array<FunctionEntry, 42> kTimeFunctions = {{
    {"NOW", 0, SqliteFunction<Now>},
    {"NOW", 1, SqliteFunction<Now>},
    {"SYSDATE", 0, SqliteFunction<Sysdate>},
    {"SYSDATE", 1, SqliteFunction<Sysdate>},
    {"SYSTIMESTAMP", 0, SqliteFunction<Systimestamp>},
    {"SYSTIMESTAMP", 1, SqliteFunction<Systimestamp>},
    {"UTC_TIMESTAMP", 0, SqliteFunction<UtcTimestamp>},
    {"UTC_TIMESTAMP", 1, SqliteFunction<UtcTimestamp>},
    {"CURDATE", 0, SqliteFunction<Curdate>},
    {"CURTIME", 0, SqliteFunction<Curtime>},
    {"CURTIME", 1, SqliteFunction<Curtime>},
    {"DATE_ADD", 3, SqliteFunction<DateAdd<false>>},
    {"DATE_SUB", 3, SqliteFunction<DateAdd<true>>},
    {"ADDDATE", 3, SqliteFunction<DateAdd<false>>},
    {"SUBDATE", 3, SqliteFunction<DateAdd<true>>},
    {"ADDDATE", 2, SqliteFunction<AddDays<false>>},
    {"SUBDATE", 2, SqliteFunction<AddDays<true>>},
    {"obviews_interval_add", 3, SqliteFunction<IntervalAdd>},
    {"TIMESTAMPADD", 3, SqliteFunction<TimestampAdd>},
    {"TIMESTAMPDIFF", 3, SqliteFunction<TimestampDiff>},
    {"DATEDIFF", 2, SqliteFunction<DateDiff>},
    {"TIMEDIFF", 2, SqliteFunction<TimeDiff>},
    {"DATE_FORMAT", 2, SqliteFunction<DateFormat>},
    {"EXTRACT", 2, SqliteFunction<Extract>},
    {"YEAR", 1, SqliteFunction<Year>},
    {"QUARTER", 1, SqliteFunction<QuarterPart>},
    {"MONTH", 1, SqliteFunction<Month>},
    {"WEEK", 1, SqliteFunction<Week>},
    {"DAY", 1, SqliteFunction<Day>},
    {"DAYOFMONTH", 1, SqliteFunction<Day>},
    {"DAYOFYEAR", 1, SqliteFunction<DayOfYearPart>},
    {"DAYOFWEEK", 1, SqliteFunction<DayOfWeekPart>},
    {"WEEKDAY", 1, SqliteFunction<WeekdayPart>},
    {"HOUR", 1, SqliteFunction<Hour>},
    {"MINUTE", 1, SqliteFunction<Minute>},
    {"SECOND", 1, SqliteFunction<Second>},
    {"MICROSECOND", 1, SqliteFunction<Microsecond>},
    {"UNIX_TIMESTAMP", 0, SqliteFunction<UnixTimestamp>},
    {"UNIX_TIMESTAMP", 1, SqliteFunction<UnixTimestamp>},
    {"FROM_UNIXTIME", 1, SqliteFunction<FromUnixtime>},
    {"FROM_UNIXTIME", 2, SqliteFunction<FromUnixtime>},
    {"obviews_datetime", 2, SqliteFunction<ToDatetime>},
}};

}  // namespace

std::span<const FunctionEntry> TimeFunctions() { return kTimeFunctions; }

}  // namespace obviews::vtab::sql
