// Calendar steps over schema/civil.h.
#include "virtual_tables/sql/interval.h"

#include <algorithm>
#include <array>

#include "schema/civil.h"
#include "schema/conversions.h"
#include "virtual_tables/sql/lexer.h"

namespace obviews::vtab::sql {
namespace {

struct UnitFacts {
  std::string_view name;
  int64_t usec;    // of one unit; 0 for calendar units
  int64_t months;  // of one unit; 0 for the others
};

// In the order of IntervalUnit.
constexpr std::array<UnitFacts, 9> kUnits = {{{"MICROSECOND", 1, 0},
                                              {"SECOND", schema::kUsecPerSecond, 0},
                                              {"MINUTE", 60 * schema::kUsecPerSecond, 0},
                                              {"HOUR", 3600 * schema::kUsecPerSecond, 0},
                                              {"DAY", schema::kUsecPerDay, 0},
                                              {"WEEK", 7 * schema::kUsecPerDay, 0},
                                              {"MONTH", 0, 1},
                                              {"QUARTER", 0, 3},
                                              {"YEAR", 0, 12}}};

const UnitFacts& Facts(IntervalUnit unit) { return kUnits[static_cast<size_t>(unit)]; }

struct MonthAndRest {
  int64_t month;  // months since year 0
  int32_t day;    // 1..31
  int64_t usec;   // of the day
};

MonthAndRest Split(int64_t local_usec) {
  const int64_t days = schema::FloorDiv(local_usec, schema::kUsecPerDay);
  const schema::CivilDate date = schema::CivilFromDays(days);
  return {int64_t{date.year} * 12 + date.month - 1, date.day,
          local_usec - days * schema::kUsecPerDay};
}

std::optional<int64_t> AddMonths(int64_t local_usec, int64_t months) {
  const MonthAndRest from = Split(local_usec);
  const int64_t month = from.month + months;
  if (month < 0 || month >= int64_t{10'000} * 12) return std::nullopt;
  schema::CivilDate date{static_cast<int32_t>(month / 12), static_cast<int32_t>(month % 12 + 1), 1};
  date.day = std::min(from.day, schema::DaysInMonth(date.year, date.month));
  return schema::DaysFromCivil(date) * schema::kUsecPerDay + from.usec;
}

int64_t MonthsBetween(int64_t begin, int64_t end) {
  if (end < begin) return -MonthsBetween(end, begin);
  const MonthAndRest a = Split(begin);
  const MonthAndRest b = Split(end);
  const bool incomplete = b.day < a.day || (b.day == a.day && b.usec < a.usec);
  return b.month - a.month - (incomplete ? 1 : 0);
}

}  // namespace

std::optional<IntervalUnit> ParseIntervalUnit(std::string_view word) {
  constexpr std::string_view kPrefix = "SQL_TSI_";
  if (EqualsIgnoreCase(word.substr(0, kPrefix.size()), kPrefix)) {
    word.remove_prefix(kPrefix.size());
  }
  for (size_t i = 0; i < kUnits.size(); ++i) {
    if (EqualsIgnoreCase(word, kUnits[i].name)) return static_cast<IntervalUnit>(i);
  }
  return std::nullopt;
}

std::string_view IntervalUnitName(IntervalUnit unit) { return Facts(unit).name; }

bool IsWholeDays(IntervalUnit unit) { return unit >= IntervalUnit::kDay; }

std::optional<int64_t> AddInterval(int64_t local_usec, int64_t count, IntervalUnit unit) {
  const UnitFacts& facts = Facts(unit);
  // One step never needs more than the whole range, so a larger count cannot overflow unseen.
  constexpr int64_t kSpan = schema::kMaxLocalUsec - schema::kMinLocalUsec;
  if (facts.months == 0) {
    if (count > kSpan / facts.usec || count < -(kSpan / facts.usec)) return std::nullopt;
    local_usec += count * facts.usec;
  } else {
    if (count > 120'000 || count < -120'000) return std::nullopt;
    const auto moved = AddMonths(local_usec, count * facts.months);
    if (!moved) return std::nullopt;
    local_usec = *moved;
  }
  if (local_usec < schema::kMinLocalUsec || local_usec > schema::kMaxLocalUsec) return std::nullopt;
  return local_usec;
}

int64_t IntervalBetween(int64_t begin, int64_t end, IntervalUnit unit) {
  const UnitFacts& facts = Facts(unit);
  if (facts.months != 0) return MonthsBetween(begin, end) / facts.months;
  return (end - begin) / facts.usec;
}

}  // namespace obviews::vtab::sql
