// Rendering without allocation, locale or printf: whole views of millions of times go through here.
#include "schema/conversions.h"

#include <algorithm>
#include <array>
#include <limits>

#include "schema/civil.h"

namespace obviews::schema {
namespace {

__extension__ using Int128 = __int128;  // exact products of two 64-bit values

constexpr int64_t kDaysToYear0 = 719'528;       // from 0000-01-01 to 1970-01-01
constexpr int64_t kOracleEpochSecond = 28'800;  // 1970-01-01 08:00:00, to which days are added
constexpr int64_t kFarthestOffset = 86'400;     // no zone is a day or more from UTC
constexpr std::string_view kZeroDatetime = "0000-00-00 00:00:00.000000";

// A local time as days since 1970 and the rest of the day.
struct DayTime {
  int64_t days = 0;
  uint32_t second = 0;  // of the day
  uint32_t usec = 0;    // of the second
};

DayTime SplitLocal(int64_t local_usec) {
  // Counting from the year 0 keeps the divisions unsigned.
  const auto from_year0 = static_cast<uint64_t>(local_usec + kDaysToYear0 * kUsecPerDay);
  const uint64_t days = from_year0 / uint64_t{kUsecPerDay};
  const uint64_t usec_of_day = from_year0 % uint64_t{kUsecPerDay};
  return {static_cast<int64_t>(days) - kDaysToYear0,
          static_cast<uint32_t>(usec_of_day / uint64_t{kUsecPerSecond}),
          static_cast<uint32_t>(usec_of_day % uint64_t{kUsecPerSecond})};
}

// `YYYY-MM-DD HH:MM:SS`
char* PutDateTime(char* out, int64_t days, uint32_t second) {
  const CivilDate date = CivilFromDays(days);
  out = Put4(out, static_cast<uint32_t>(date.year));
  *out++ = '-';
  out = Put2(out, static_cast<uint32_t>(date.month));
  *out++ = '-';
  out = Put2(out, static_cast<uint32_t>(date.day));
  *out++ = ' ';
  out = Put2(out, second / 3600);
  *out++ = ':';
  out = Put2(out, second / 60 % 60);
  *out++ = ':';
  return Put2(out, second % 60);
}

// `DD-MON-RR HH.MI.SS.`
char* PutOracleTime(char* out, int64_t days, uint32_t second) {
  const CivilDate date = CivilFromDays(days);
  const uint32_t hour = second / 3600 % 12;
  out = Put2(out, static_cast<uint32_t>(date.day));
  *out++ = '-';
  out = std::copy_n(kMonthNames[static_cast<size_t>(date.month - 1)].data(), 3, out);
  *out++ = '-';
  out = Put2(out, static_cast<uint32_t>(date.year % 100));
  *out++ = ' ';
  out = Put2(out, hour == 0 ? 12 : hour);
  *out++ = '.';
  out = Put2(out, second / 60 % 60);
  *out++ = '.';
  out = Put2(out, second % 60);
  *out++ = '.';
  return out;
}

char* PutMeridiem(char* out, uint32_t second) {
  return std::copy_n(second < 43'200 ? " AM" : " PM", 3, out);
}

std::string_view TextUntil(const TextBuffer& out, const char* end) {
  return {out.data, static_cast<size_t>(end - out.data)};
}

// Local microseconds of an SCN; no SCN is near a limit.
int64_t LocalUsecOfScn(uint64_t scn, const Zone& zone) {
  const auto usec = static_cast<int64_t>(scn / uint64_t{kNsecPerUsec});
  return usec + zone.OffsetAt(usec / kUsecPerSecond) * kUsecPerSecond;
}

struct ScaledBytes {
  uint64_t hundredths = 0;
  bool negative = false;
  std::string_view unit;
};

ScaledBytes ScaleBytes(int64_t bytes) {
  struct Unit {
    uint64_t size;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> kUnits = {{{uint64_t{1} << 50, "PB"},
                                           {uint64_t{1} << 40, "TB"},
                                           {uint64_t{1} << 30, "GB"},
                                           {uint64_t{1} << 20, "MB"}}};
  const Unit* unit = &kUnits.back();
  if (bytes > 0) {
    unit = std::find_if(kUnits.begin(), kUnits.end() - 1,
                        [&](const Unit& u) { return static_cast<uint64_t>(bytes) >= u.size; });
  }
  const uint64_t magnitude =
      bytes < 0 ? 0 - static_cast<uint64_t>(bytes) : static_cast<uint64_t>(bytes);
  const Int128 doubled = Int128{magnitude} * 200 + unit->size;
  const auto hundredths = static_cast<uint64_t>(doubled / (Int128{unit->size} * 2));
  return {hundredths, bytes < 0 && hundredths != 0, unit->name};
}

char* PutInteger(char* out, uint64_t value) {
  std::array<char, 20> digits{};
  size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return std::copy(digits.begin() + static_cast<std::ptrdiff_t>(at), digits.end(), out);
}

std::optional<int64_t> CutPercent(Int128 part, Int128 whole) {
  if (whole == 0) return std::nullopt;
  const Int128 hundredths = part * 10'000 / whole;
  if (hundredths > std::numeric_limits<int64_t>::max() ||
      hundredths < std::numeric_limits<int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(hundredths);
}

}  // namespace

std::optional<int64_t> LocalUsec(int64_t usec, const Zone& zone) {
  constexpr int64_t kSlack = kFarthestOffset * kUsecPerSecond;
  if (usec < kMinLocalUsec - kSlack || usec > kMaxLocalUsec + kSlack) return std::nullopt;
  const int64_t local = usec + zone.OffsetAt(usec / kUsecPerSecond) * kUsecPerSecond;
  if (local < kMinLocalUsec || local > kMaxLocalUsec) return std::nullopt;
  return local;
}

std::string_view ShowLocalUsecMySql(int64_t local_usec, TextBuffer& out) {
  const DayTime time = SplitLocal(local_usec);
  char* end = PutDateTime(out.data, time.days, time.second);
  *end++ = '.';
  return TextUntil(out, Put6(end, time.usec));
}

ShownText ShowUsecMySql(int64_t usec, const Zone& zone, TextBuffer& out) {
  const std::optional<int64_t> local = LocalUsec(usec, zone);
  if (local) return ShowLocalUsecMySql(*local, out);
  if (usec == kZeroDatetimeUsec) return kZeroDatetime;
  return std::nullopt;
}

std::string_view ShowScnMySql(uint64_t scn, const Zone& system_zone, TextBuffer& out) {
  return ShowLocalUsecMySql(LocalUsecOfScn(scn, system_zone), out);
}

std::string_view ShowScnOracle(uint64_t scn, const Zone& system_zone, TextBuffer& out) {
  const DayTime time = SplitLocal(LocalUsecOfScn(scn, system_zone));
  char* end = PutOracleTime(out.data, time.days, time.second);
  end = Put9(end, time.usec * 1'000 + static_cast<uint32_t>(scn % uint64_t{kNsecPerUsec}));
  return TextUntil(out, PutMeridiem(end, time.second));
}

std::optional<int64_t> OracleDateSecond(int64_t usec) {
  // A NUMBER of days keeps whole days and nine decimals apart; a 10^-9 day is 86.4 us.
  const int64_t days = usec / kUsecPerDay;
  const int64_t nano_days = usec % kUsecPerDay * 10 / 864;
  const int64_t local_usec_times_10 = kOracleEpochSecond * kUsecPerSecond * 10 + nano_days * 864;
  const int64_t second =
      days * kSecondsPerDay + FloorDiv(local_usec_times_10 + 5'000'000, 10 * kUsecPerSecond);
  if (second < kMinOracleLocalUsec / kUsecPerSecond || second > kMaxLocalUsec / kUsecPerSecond) {
    return std::nullopt;
  }
  return second;
}

std::string_view ShowLocalSecondOracleDate(int64_t local_second, TextBuffer& out) {
  const int64_t days = FloorDiv(local_second, kSecondsPerDay);
  return TextUntil(out, PutDateTime(out.data, days,
                                    static_cast<uint32_t>(local_second - days * kSecondsPerDay)));
}

ShownText ShowUsecOracleDate(int64_t usec, TextBuffer& out) {
  const std::optional<int64_t> second = OracleDateSecond(usec);
  if (!second) return std::nullopt;
  return ShowLocalSecondOracleDate(*second, out);
}

ShownText ShowUsecOracleTimestamp(int64_t usec, const Zone& zone, TextBuffer& out) {
  const std::optional<int64_t> local = LocalUsec(usec, zone);
  if (!local || *local < kMinOracleLocalUsec) return std::nullopt;
  const DayTime time = SplitLocal(*local);
  char* end = Put6(PutOracleTime(out.data, time.days, time.second), time.usec);
  return TextUntil(out, PutMeridiem(end, time.second));
}

std::string_view ShowBytesMySql(int64_t bytes, TextBuffer& out) {
  const ScaledBytes scaled = ScaleBytes(bytes);
  char* end = out.data;
  if (scaled.negative) *end++ = '-';
  end = PutInteger(end, scaled.hundredths / 100);
  *end++ = '.';
  end = Put2(end, static_cast<uint32_t>(scaled.hundredths % 100));
  return TextUntil(out, std::copy(scaled.unit.begin(), scaled.unit.end(), end));
}

std::string_view ShowBytesOracle(int64_t bytes, TextBuffer& out) {
  const ScaledBytes scaled = ScaleBytes(bytes);
  const auto decimals = static_cast<uint32_t>(scaled.hundredths % 100);
  char* end = out.data;
  if (scaled.negative) *end++ = '-';
  if (scaled.hundredths >= 100 || decimals == 0) end = PutInteger(end, scaled.hundredths / 100);
  if (decimals != 0) {
    *end++ = '.';
    end = Put2(end, decimals);
    if (decimals % 10 == 0) --end;
  }
  return TextUntil(out, std::copy(scaled.unit.begin(), scaled.unit.end(), end));
}

std::span<const std::string_view> FoldedRestoreStatuses(Scope scope) {
  // The one that only the CDB view folds comes last.
  static constexpr std::array<std::string_view, 5> kFolded = {
      "RESTORE_PRE", "RESTORE_CREATE_INIT_LS", "RESTORE_WAIT_LS", "POST_CHECK",
      "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN"};
  return std::span(kFolded).first(scope == Scope::kCdb ? 5 : 4);
}

std::string_view FoldRestoreStatus(std::string_view status, Scope scope) {
  const auto folded = FoldedRestoreStatuses(scope);
  return std::find(folded.begin(), folded.end(), status) == folded.end() ? status : "RESTORING";
}

std::optional<int64_t> CutPercentHundredths(int64_t part, int64_t whole) {
  return CutPercent(part, whole);
}

std::optional<int64_t> RecoverProgressHundredths(std::string_view status,
                                                 std::optional<uint64_t> readable_scn,
                                                 uint64_t consistent_scn, uint64_t restore_scn) {
  if (!readable_scn) return std::nullopt;
  if (status == "RESTORE_PRE" || status == "RESTORE_CREATE_INIT_LS" ||
      status == "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN") {
    return 0;
  }
  if (restore_scn == consistent_scn) return 10'000;
  return CutPercent(Int128{*readable_scn} - consistent_scn, Int128{restore_scn} - consistent_scn);
}

}  // namespace obviews::schema
