// Recoveries as JSON, for programs. docs/progress.md has the names.
#pragma once

#include <string>

#include "schema/zone.h"
#include "tools/progress/recovery_look.h"

namespace obviews::tools {

/// One object without line breaks. Times are ISO 8601 with microseconds and the zone's offset. What
/// is not known is null, and `unknown` has the reason under the same name. Texts are valid UTF-8;
/// bytes that are none are kept as in all JSON of the tools.
std::string RecoveryJson(const ShownRecovery& recovery, const schema::Zone& zone);

/// An array of them, one on each line.
std::string RecoveriesJson(const RecoverySight& sight, const schema::Zone& zone);

/// "2023-06-01T06:00:00.000000+08:00"; "" of a time beyond the years 1 to 9999.
std::string IsoTime(int64_t usec, const schema::Zone& zone);

}  // namespace obviews::tools
