// The way back: shown times read as stored values, for loading and for functions of SQL.
#pragma once

#include <cstdint>
#include <string_view>

#include "schema/status.h"
#include "schema/zone.h"

namespace obviews::schema {

/// The shapes in which the views show times. A listing's mode is told from them.
enum class TimeTextForm : uint8_t {
  kMySql,            ///< `2023-06-01 06:00:00.000000`; also with `T`, and a date alone
  kOracleDate,       ///< `2023-08-21 19:54:25`: job times in Oracle mode, no decimals
  kOracleTimestamp,  ///< `21-AUG-23 07.47.20.000000000 PM`: SCN displays in Oracle mode
  kNone,             ///< anything else, NULL and blank texts too
};

/// The shape of a text. Looks at the shape only: `2023-99-99 00:00:00` is kOracleDate.
TimeTextForm DetectTimeTextForm(std::string_view text);

/// Microseconds since the epoch that a local time stands for.
struct ParsedUsec {
  int64_t usec = 0;
  bool ambiguous = false;  ///< the local time occurs twice; `usec` is the earlier instant
};

/// The SCNs that a local time stands for, both ends included.
struct ParsedScn {
  uint64_t first = 0;
  uint64_t last = 0;
  bool ambiguous = false;  ///< as in ParsedUsec
};

/// Reads a MySQL time in `zone`: `YYYY-MM-DD`, or that with ` HH:MM:SS` or `THH:MM:SS` and up to
/// six decimals. `0000-00-00 00:00:00` (with or without decimals) is kZeroDatetimeUsec. Every text
/// of ShowUsecMySql in the same zone reads back to its value, except in repeated hours. Errors:
/// kInvalidArgument for another shape, a day or time that does not exist, a local time skipped by a
/// change of offset, and a time outside kMinLocalUsec..kMaxLocalUsec.
Result<ParsedUsec> ParseMySqlTimestamp(std::string_view text, const Zone& zone);

/// The same text read as the display of an SCN in the system zone: the thousand SCNs that are cut
/// to this microsecond. Errors: also before 1970 and above kMaxScn (the last microsecond is cut
/// there).
Result<ParsedScn> ParseMySqlScn(std::string_view text, const Zone& system_zone);

/// Reads an Oracle DATE text, `YYYY-MM-DD HH:MM:SS` at +08:00, as the whole second that
/// ShowUsecOracleDate shows as exactly this text. Errors as above.
Result<int64_t> ParseOracleDate(std::string_view text);

/// Reads `DD-MON-RR HH.MI.SS[.f...] AM` with up to nine decimals in the system zone as an SCN
/// (first == last). RR: 50..99 are 1950..1999, 00..49 are 2000..2049; SCNs of 2050 and later show
/// a text that reads back a century early. Case of the letters does not matter. Errors as above.
Result<ParsedScn> ParseOracleScn(std::string_view text, const Zone& system_zone);

/// The same text as a TIMESTAMP(6) WITH LOCAL TIME ZONE in the session zone; decimals beyond the
/// sixth must be zeros. Errors as above.
Result<ParsedUsec> ParseOracleTimestamp(std::string_view text, const Zone& zone);

}  // namespace obviews::schema
