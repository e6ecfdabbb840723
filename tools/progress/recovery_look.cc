// Looking; see recovery_look.h.
#include "tools/progress/recovery_look.h"

#include <string>
#include <utility>

#include "schema/mask.h"
#include "tools/cli/recovery_choice.h"

namespace obviews::tools {

using engine::progress::RecoveryProgress;

void MaskProgress(RecoveryProgress* progress) {
  auto mask = [](std::string& text) {
    if (!schema::NeedsUriMask(text)) return;
    std::string masked;
    schema::MaskUriSecrets(text, masked);
    text = std::move(masked);
  };
  mask(progress->waiting_for);
  for (engine::progress::Failure& failure : progress->failures) mask(failure.reason);
}

Result<RecoverySight> RecoveryLook::Take(const engine::Snapshot& snapshot) {
  RecoverySight sight;
  sight.taken_usec = session_.now_usec.value_or(snapshot.taken_usec());
  engine::progress::RecoveryReader reader(snapshot);
  OBVIEWS_ASSIGN_OR_RETURN(auto refs, ChooseRecoveries(reader, session_, options_.job));
  size_t ended = 0;
  for (size_t i = 0; i < refs.size(); ++i) {
    OBVIEWS_ASSIGN_OR_RETURN(
        RecoveryProgress progress,
        watch_.Look(
            reader, refs[i], sight.taken_usec,
            {.failures = options_.failures, .running_table = true, .slowest = options_.slowest}));
    // Those that ended come last.
    if (progress.ended() && !options_.job && ++ended > options_.ended) {
      sight.left_out = refs.size() - i;
      break;
    }
    if (!session_.show_secrets) MaskProgress(&progress);
    sight.recoveries.push_back({refs[i], std::move(progress)});
  }
  return sight;
}

}  // namespace obviews::tools
