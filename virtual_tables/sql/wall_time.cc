// Reading, writing and formatting of wall times; the calendar itself is schema's.
#include "virtual_tables/sql/wall_time.h"

#include <fmt/format.h>

#include <array>

#include "schema/civil.h"
#include "schema/conversions.h"
#include "schema/time_text.h"

namespace obviews::vtab::sql {
namespace {

constexpr std::array<std::string_view, 7> kDayNames = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonthNames = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

int64_t DayNumber(const WallTime& time) {
  return schema::FloorDiv(time.local_usec, schema::kUsecPerDay);
}

int DayOfWeekOf(int64_t day) {
  // 1970-01-01 was a Thursday.
  const int64_t shifted = day + 3;
  return static_cast<int>(shifted - schema::FloorDiv(shifted, 7) * 7);
}

// The day on which week 1 of a year begins.
int64_t FirstWeek(int32_t year, bool monday_first, bool four_days) {
  const int64_t january_1 = schema::DaysFromCivil({year, 1, 1});
  const int past = (DayOfWeekOf(january_1) + (monday_first ? 0 : 1)) % 7;
  if (four_days) return past <= 3 ? january_1 - past : january_1 + 7 - past;
  return january_1 + (7 - past) % 7;
}

std::string_view OrdinalSuffix(int number) {
  if (number / 10 == 1) return "th";
  switch (number % 10) {
    case 1:
      return "st";
    case 2:
      return "nd";
    case 3:
      return "rd";
    default:
      return "th";
  }
}

// The parts of a wall time that formats name.
struct Parts {
  explicit Parts(const WallTime& t) : time(t), date(schema::CivilFromDays(DayNumber(t))) {
    const int64_t usec_of_day = t.local_usec - DayNumber(t) * schema::kUsecPerDay;
    const auto second_of_day = static_cast<int>(usec_of_day / schema::kUsecPerSecond);
    hour = second_of_day / 3600;
    minute = second_of_day / 60 % 60;
    second = second_of_day % 60;
    usec = static_cast<int>(usec_of_day % schema::kUsecPerSecond);
  }

  int hour12() const { return hour % 12 == 0 ? 12 : hour % 12; }
  std::string_view half() const { return hour < 12 ? "AM" : "PM"; }
  std::string_view month_name() const { return kMonthNames[static_cast<size_t>(date.month - 1)]; }
  std::string_view day_name() const { return kDayNames[static_cast<size_t>(DayOfWeek(time))]; }

  const WallTime& time;
  schema::CivilDate date;
  int hour;
  int minute;
  int second;
  int usec;
};

void AppendWeek(std::string& out, const Parts& p, char specifier) {
  const bool iso = specifier == 'u' || specifier == 'v' || specifier == 'x';
  const bool whole = specifier != 'U' && specifier != 'u';
  const WeekOfYear found = FindWeek(p.time, iso, iso, whole);
  if (specifier == 'X' || specifier == 'x') {
    fmt::format_to(std::back_inserter(out), "{:04}", found.year);
  } else {
    fmt::format_to(std::back_inserter(out), "{:02}", found.week);
  }
}

void AppendDate(std::string& out, const Parts& p, char specifier) {
  auto to = std::back_inserter(out);
  switch (specifier) {
    case 'a':
      fmt::format_to(to, "{}", p.day_name().substr(0, 3));
      break;
    case 'b':
      fmt::format_to(to, "{}", p.month_name().substr(0, 3));
      break;
    case 'c':
      fmt::format_to(to, "{}", p.date.month);
      break;
    case 'D':
      fmt::format_to(to, "{}{}", p.date.day, OrdinalSuffix(p.date.day));
      break;
    case 'd':
      fmt::format_to(to, "{:02}", p.date.day);
      break;
    case 'e':
      fmt::format_to(to, "{}", p.date.day);
      break;
    case 'j':
      fmt::format_to(to, "{:03}", DayOfYear(p.time));
      break;
    case 'M':
      fmt::format_to(to, "{}", p.month_name());
      break;
    case 'm':
      fmt::format_to(to, "{:02}", p.date.month);
      break;
    case 'U':
    case 'u':
    case 'V':
    case 'v':
    case 'X':
    case 'x':
      AppendWeek(out, p, specifier);
      break;
    case 'W':
      fmt::format_to(to, "{}", p.day_name());
      break;
    case 'w':
      fmt::format_to(to, "{}", (DayOfWeek(p.time) + 1) % 7);
      break;
    case 'Y':
      fmt::format_to(to, "{:04}", p.date.year);
      break;
    case 'y':
      fmt::format_to(to, "{:02}", p.date.year % 100);
      break;
    default:
      out += specifier;
  }
}

void AppendSpecifier(std::string& out, const Parts& p, char specifier) {
  auto to = std::back_inserter(out);
  switch (specifier) {
    case 'f':
      fmt::format_to(to, "{:06}", p.usec);
      break;
    case 'H':
      fmt::format_to(to, "{:02}", p.hour);
      break;
    case 'h':
    case 'I':
      fmt::format_to(to, "{:02}", p.hour12());
      break;
    case 'i':
      fmt::format_to(to, "{:02}", p.minute);
      break;
    case 'k':
      fmt::format_to(to, "{}", p.hour);
      break;
    case 'l':
      fmt::format_to(to, "{}", p.hour12());
      break;
    case 'p':
      out += p.half();
      break;
    case 'r':
      fmt::format_to(to, "{:02}:{:02}:{:02} {}", p.hour12(), p.minute, p.second, p.half());
      break;
    case 'S':
    case 's':
      fmt::format_to(to, "{:02}", p.second);
      break;
    case 'T':
      fmt::format_to(to, "{:02}:{:02}:{:02}", p.hour, p.minute, p.second);
      break;
    default:
      AppendDate(out, p, specifier);
  }
}

}  // namespace

std::optional<WallTime> ReadWallTime(std::string_view text) {
  // In a zone without offset the instant is the wall time.
  static const schema::Zone utc;
  constexpr size_t kDate = 10;
  constexpr size_t kToMinutes = 16;
  constexpr size_t kToSeconds = 19;
  if (schema::DetectTimeTextForm(text) == schema::TimeTextForm::kOracleTimestamp) {
    const auto scn = schema::ParseOracleScn(text, utc);
    if (!scn) return std::nullopt;
    return WallTime{static_cast<int64_t>(scn->first / schema::kNsecPerUsec), 6, false};
  }
  std::string padded;
  if (text.size() == kToMinutes) text = padded.append(text).append(":00");
  const auto parsed = schema::ParseMySqlTimestamp(text, utc);
  if (!parsed || parsed->usec == schema::kZeroDatetimeUsec) return std::nullopt;
  const int digits = text.size() > kToSeconds ? static_cast<int>(text.size() - kToSeconds) - 1 : 0;
  return WallTime{parsed->usec, digits, text.size() == kDate};
}

std::string WriteWallTime(const WallTime& time) {
  schema::TextBuffer buffer;
  const std::string_view text = schema::ShowLocalUsecMySql(time.local_usec, buffer);
  if (time.date_only) return std::string(text.substr(0, 10));
  return std::string(text.substr(0, time.digits == 0 ? 19 : 20 + static_cast<size_t>(time.digits)));
}

std::string FormatWallTime(const WallTime& time, std::string_view format) {
  const Parts parts(time);
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size()) {
      AppendSpecifier(out, parts, format[++i]);
    } else {
      out += format[i];
    }
  }
  return out;
}

int DayOfWeek(const WallTime& time) { return DayOfWeekOf(DayNumber(time)); }

int DayOfYear(const WallTime& time) {
  const int64_t day = DayNumber(time);
  return static_cast<int>(day - schema::DaysFromCivil({schema::CivilFromDays(day).year, 1, 1})) + 1;
}

WeekOfYear FindWeek(const WallTime& time, bool monday_first, bool four_days, bool whole_weeks) {
  const int64_t day = DayNumber(time);
  int32_t year = schema::CivilFromDays(day).year;
  int64_t first = FirstWeek(year, monday_first, four_days);
  if (whole_weeks) {
    if (day < first && year > 0) {
      first = FirstWeek(--year, monday_first, four_days);
    } else if (year < 9999 && day >= FirstWeek(year + 1, monday_first, four_days)) {
      first = FirstWeek(++year, monday_first, four_days);
    }
  }
  if (day < first) return {year, 0};
  return {year, static_cast<int>((day - first) / 7) + 1};
}

}  // namespace obviews::vtab::sql
