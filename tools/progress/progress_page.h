// All recoveries of a look as lines for people.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/progress/recovery_tree.h"

namespace obviews::tools {

/// A tree of each recovery that runs or is `wanted`, and a line of each other one. If none is
/// either, the first is a tree.
std::vector<StyledLine> ProgressPage(
    const RecoverySight& sight,
    const std::function<bool(const engine::progress::RecoveryRef&)>& wanted,
    const TreeOptions& options, const WidthMeter& meter);

}  // namespace obviews::tools
