// The page; see progress_page.h.
#include "tools/progress/progress_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace obviews::tools {

namespace {

/// More running recoveries than this are a line each: nobody reads ten trees at once.
constexpr std::ptrdiff_t kMostTrees = 5;

}  // namespace

std::vector<StyledLine> ProgressPage(
    const RecoverySight& sight,
    const std::function<bool(const engine::progress::RecoveryRef&)>& wanted,
    const TreeOptions& options, const WidthMeter& meter) {
  if (sight.recoveries.empty() && sight.left_out > 0) {
    return Wrap({{fmt::format("no recovery runs; {} ended, which --ended N shows", sight.left_out),
                  Style::kPlain}},
                options.canvas.width, meter);
  }
  if (sight.recoveries.empty()) {
    return Wrap({{options.for_sys ? "no recovery in this store" : "no recovery of this tenant",
                  Style::kPlain}},
                options.canvas.width, meter);
  }
  auto is_tree = [&](const ShownRecovery& recovery) {
    return !recovery.progress.ended() || wanted(recovery.ref);
  };
  const auto trees = std::count_if(sight.recoveries.begin(), sight.recoveries.end(), is_tree);
  const bool any = trees > 0;
  const bool overview = trees > kMostTrees;
  std::vector<StyledLine> lines;
  bool after_tree = false;
  auto add = [&](std::vector<StyledLine> block, bool tree) {
    if (!lines.empty() && (tree || after_tree)) lines.emplace_back();
    for (StyledLine& line : block) lines.push_back(std::move(line));
    after_tree = tree;
  };
  for (size_t i = 0; i < sight.recoveries.size(); ++i) {
    const ShownRecovery& recovery = sight.recoveries[i];
    if (overview && is_tree(recovery)) {
      add(RunningRecovery(recovery, options, meter), false);
      continue;
    }
    const bool tree = is_tree(recovery) || (!any && i == 0);
    add(tree ? RecoveryTree(recovery, options, meter) : EndedRecovery(recovery, options, meter),
        tree);
  }
  if (overview) {
    add(Wrap({{"--job TENANT_ID/JOB_ID shows one as a tree", Style::kDim}}, options.canvas.width,
             meter),
        false);
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
