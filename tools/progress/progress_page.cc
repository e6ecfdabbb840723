// The page; see progress_page.h.
#include "tools/progress/progress_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace obviews::tools {

std::vector<StyledLine> ProgressPage(
    const RecoverySight& sight,
    const std::function<bool(const engine::progress::RecoveryRef&)>& wanted,
    const TreeOptions& options, const WidthMeter& meter) {
  if (sight.recoveries.empty()) {
    return Wrap({{options.for_sys ? "no recovery in this store" : "no recovery of this tenant",
                  Style::kPlain}},
                options.canvas.width, meter);
  }
  auto is_tree = [&](const ShownRecovery& recovery) {
    return !recovery.progress.ended() || wanted(recovery.ref);
  };
  const bool any = std::any_of(sight.recoveries.begin(), sight.recoveries.end(), is_tree);
  std::vector<StyledLine> lines;
  bool after_tree = false;
  auto add = [&](std::vector<StyledLine> block, bool tree) {
    if (!lines.empty() && (tree || after_tree)) lines.emplace_back();
    for (StyledLine& line : block) lines.push_back(std::move(line));
    after_tree = tree;
  };
  for (size_t i = 0; i < sight.recoveries.size(); ++i) {
    const ShownRecovery& recovery = sight.recoveries[i];
    const bool tree = is_tree(recovery) || (!any && i == 0);
    add(tree ? RecoveryTree(recovery, options, meter) : EndedRecovery(recovery, options, meter),
        tree);
  }
  if (sight.left_out > 0) {
    add(Wrap({{fmt::format("and {} more that ended before; --ended N shows more", sight.left_out),
               Style::kDim}},
             options.canvas.width, meter),
        false);
  }
  return lines;
}

}  // namespace obviews::tools
