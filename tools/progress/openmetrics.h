// Recoveries as OpenMetrics text 1.0, for a textfile collector. docs/progress.md has the metrics.
#pragma once

#include <string>

#include "tools/progress/recovery_look.h"

namespace obviews::tools {

/// The whole exposition, with its `# EOF`. A figure that is not known has no sample, and a metric
/// without any sample is left out. Label values are valid UTF-8; other bytes are kept as in JSON.
std::string OpenMetrics(const RecoverySight& sight);

}  // namespace obviews::tools
