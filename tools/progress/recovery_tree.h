// One recovery as a tree for people: stages with bars, tables, failures, the end and the wait.
#pragma once

#include <string>
#include <vector>

#include "schema/zone.h"
#include "tools/progress/recovery_look.h"
#include "tools/progress/styled_text.h"

namespace obviews::tools {

/// For whom and where a recovery is drawn.
struct TreeOptions {
  Canvas canvas;
  schema::Zone zone;    ///< of times
  bool for_sys = true;  ///< statements name the views of the sys tenant
};

/// The tree. What is not known is said with its reason. Stored texts are made fit for a terminal.
std::vector<StyledLine> RecoveryTree(const ShownRecovery& recovery, const TreeOptions& options,
                                     const WidthMeter& meter);

/// A recovery that runs, in as few lines as the width permits: for many at a time.
std::vector<StyledLine> RunningRecovery(const ShownRecovery& recovery, const TreeOptions& options,
                                        const WidthMeter& meter);

/// A recovery that ended, in as few lines as the width permits.
std::vector<StyledLine> EndedRecovery(const ShownRecovery& recovery, const TreeOptions& options,
                                      const WidthMeter& meter);

/// How far a recovery is, in one line of plain text for logs, without times: a line that is
/// different has news.
std::string RecoveryNews(const ShownRecovery& recovery, bool utf8);

}  // namespace obviews::tools
