// Times as the SQL functions take and give them: texts of local wall time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obviews::vtab::sql {

/// A local wall time and how much of it its text showed.
struct WallTime {
  int64_t local_usec = 0;  ///< since 1970-01-01 00:00:00 on the same clock
  int digits = 0;          ///< decimals of the second, 0..6
  bool date_only = false;  ///< a date without a time
};

/// Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS[.f]` (also with `T`) and Oracle's
/// `DD-MON-RR HH.MI.SS[.f] AM`, whose decimals beyond the sixth are cut. Nothing for other texts,
/// days that do not exist and the zero date.
std::optional<WallTime> ReadWallTime(std::string_view text);

/// The text ReadWallTime reads back, in the form with dashes.
std::string WriteWallTime(const WallTime& time);

/// DATE_FORMAT: `format` with MySQL's % specifiers replaced (%a %b %c %D %d %e %f %H %h %I %i %j %k
/// %l %M %m %p %r %S %s %T %U %u %V %v %W %w %X %x %Y %y %%); % before another byte drops the %.
std::string FormatWallTime(const WallTime& time, std::string_view format);

/// Day of the week, Monday 0 to Sunday 6, and day of the year, from 1.
int DayOfWeek(const WallTime& time);
int DayOfYear(const WallTime& time);

/// The week of the year with weeks beginning on Monday or Sunday. `four_days`: the first week is
/// the first one with four days in the year (ISO), else the first one that begins in it.
/// `whole_weeks`: days before the first week belong to the last week of the year before, and
/// `year` says which; else they are week 0.
struct WeekOfYear {
  int year = 0;
  int week = 0;
};
WeekOfYear FindWeek(const WallTime& time, bool monday_first, bool four_days, bool whole_weeks);

}  // namespace obviews::vtab::sql
