// Times as people give them to a command: how long ago, or a date.
#pragma once

#include <cstdint>
#include <string>

#include "schema/status.h"
#include "schema/zone.h"

namespace obviews::tools {

/// The system's clock, microseconds since the epoch.
int64_t NowUsec();

/// The instant an age such as `30d`, `12h`, `90m` or `45s` before `now_usec` means, or a date,
/// `2023-06-01` or `2023-06-01 06:00:00`, in `zone`. Microseconds since the epoch. Errors:
/// kInvalidArgument.
Result<int64_t> ParseInstant(const std::string& text, int64_t now_usec, const schema::Zone& zone);

}  // namespace obviews::tools
