// Display is not data: the pure functions that turn stored integers and texts into shown texts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "schema/catalog.h"
#include "schema/zone.h"

namespace obviews::schema {

/// Largest legal SCN, 2^62-1 nanoseconds since the epoch (OceanBase: OB_MAX_SCN_TS_NS). A job
/// record above it is refused wherever it would enter.
inline constexpr uint64_t kMaxScn = (uint64_t{1} << 62) - 1;

/// Smallest and largest LOCAL microseconds a shown time may have: 0000-01-02 00:00:00 and
/// 9999-12-31 23:59:59.999999 (OceanBase: DATETIME_MIN_VAL, DATETIME_MAX_VAL).
inline constexpr int64_t kMinLocalUsec = -62'167'132'800'000'000;
inline constexpr int64_t kMaxLocalUsec = 253'402'300'799'999'999;

/// Smallest local microsecond of Oracle types, 0001-01-01 00:00:00 (OceanBase:
/// ORACLE_DATETIME_MIN_VAL). The largest is kMaxLocalUsec.
inline constexpr int64_t kMinOracleLocalUsec = -62'135'596'800'000'000;

/// The stored value that means `0000-00-00 00:00:00.000000` (OceanBase: ZERO_DATETIME).
inline constexpr int64_t kZeroDatetimeUsec = -9'223'372'022'400'000'000;

/// What a tool stores for a time it was told is NULL where the field cannot be: outside the range
/// of every type, so that each conversion shows NULL again.
inline constexpr int64_t kUnknownUsec = INT64_MAX;

/// Where a conversion writes. The text returned borrows it until the next use.
struct TextBuffer {
  char data[48];
};

/// A shown text, or nothing when the value is outside the type's range: the caller shows NULL and
/// warns once.
using ShownText = std::optional<std::string_view>;

/// The local microseconds of an instant: the offset is the one in force at the second cut toward
/// zero. Nothing outside kMinLocalUsec..kMaxLocalUsec (and for kZeroDatetimeUsec).
std::optional<int64_t> LocalUsec(int64_t usec, const Zone& zone);

/// USEC_TO_TIME in MySQL mode, TIMESTAMP(6): `2023-06-01 06:00:00.000000`. `zone` is the session
/// time zone. No NULL guard: which values mean "unset" is the view's business.
ShownText ShowUsecMySql(int64_t usec, const Zone& zone, TextBuffer& out);

/// The text of local microseconds in the MySQL form. REQUIRES kMinLocalUsec..kMaxLocalUsec.
std::string_view ShowLocalUsecMySql(int64_t local_usec, TextBuffer& out);

/// SCN_TO_TIMESTAMP in MySQL mode, DATETIME(6): nanoseconds cut to microseconds. `system_zone` is
/// SYSTEM_TIME_ZONE, not the session's zone. Every uint64 has a text (the last is in 2554).
std::string_view ShowScnMySql(uint64_t scn, const Zone& system_zone, TextBuffer& out);

/// SCN_TO_TIMESTAMP in Oracle mode, TIMESTAMP(9) in the default NLS_TIMESTAMP_FORMAT:
/// `21-AUG-23 07.47.20.000000000 PM`. All nanoseconds are kept; the century is lost.
std::string_view ShowScnOracle(uint64_t scn, const Zone& system_zone, TextBuffer& out);

/// Job times in Oracle mode, `2023-08-21 19:54:25`: the microseconds as days, cut toward zero to
/// nine decimals, added to 1970-01-01 08:00:00 and rounded to the second, halves up. Always +08:00,
/// whatever the zones. Nothing outside 0001-01-01 00:00:00 .. 9999-12-31 23:59:59.
ShownText ShowUsecOracleDate(int64_t usec, TextBuffer& out);

/// The local (+08:00) second since the epoch that ShowUsecOracleDate shows.
std::optional<int64_t> OracleDateSecond(int64_t usec);

/// The text of a local second in the Oracle DATE form. REQUIRES the range above.
std::string_view ShowLocalSecondOracleDate(int64_t local_second, TextBuffer& out);

/// Times of RESTORE_HISTORY in Oracle mode, TIMESTAMP(6) WITH LOCAL TIME ZONE:
/// `21-AUG-23 07.54.24.733548 PM` in the session time zone. Nothing outside years 0001..9999.
ShownText ShowUsecOracleTimestamp(int64_t usec, const Zone& zone, TextBuffer& out);

/// A byte count in the largest unit it reaches, MB at least, two decimals, half away from zero:
/// `298.65MB`, `0.00MB`, `1.50GB`. Negative counts are shown in MB; what rounds to zero has no
/// sign. Exact integer arithmetic for every int64. Not invertible.
std::string_view ShowBytesMySql(int64_t bytes, TextBuffer& out);

/// The same in Oracle mode, without trailing zeros and without a zero before the point:
/// `298.65MB`, `.13MB`, `0MB`.
std::string_view ShowBytesOracle(int64_t bytes, TextBuffer& out);

/// The stored restore statuses shown as `RESTORING`; the CDB view folds one more than the DBA ones.
std::span<const std::string_view> FoldedRestoreStatuses(Scope scope);

/// STATUS of a restore progress view: `RESTORING` for the folded ones, else the text itself (which
/// is then borrowed).
std::string_view FoldRestoreStatus(std::string_view status, Scope scope);

/// part / whole as a percentage in hundredths of a percent, cut toward zero: 1 of 3 -> 3333, shown
/// 33.33. Nothing when `whole` is 0 or the result is beyond int64.
std::optional<int64_t> CutPercentHundredths(int64_t part, int64_t whole);

/// RECOVER_PROGRESS of the newer restore views, in hundredths of a percent, from the stored
/// (unfolded) status and SCNs: nothing without a readable SCN, 0 until the consistent point is
/// reached, 100 when there is nothing to replay.
std::optional<int64_t> RecoverProgressHundredths(std::string_view status,
                                                 std::optional<uint64_t> readable_scn,
                                                 uint64_t consistent_scn, uint64_t restore_scn);

}  // namespace obviews::schema
