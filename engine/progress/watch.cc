// Keeping what was seen; see watch.h.
#include "engine/progress/watch.h"

namespace obviews::engine::progress {

Result<RecoveryProgress> ProgressWatch::Look(RecoveryReader& reader, const RecoveryRef& ref,
                                             int64_t now_usec, const ReadOptions& options) {
  OBVIEWS_ASSIGN_OR_RETURN(RecoveryFacts facts, reader.Read(ref, options));
  OBVIEWS_ASSIGN_OR_RETURN(const auto* past, reader.PastOf(facts));
  // Records that were loaded do not change because somebody looks at them.
  if (!facts.driven) return Evaluate(facts, *past, now_usec);
  SampleSeries& seen = seen_[ref];
  facts.samples = MergeSamples(facts.samples, seen.samples());
  RecoveryProgress progress = Evaluate(facts, *past, now_usec);
  ProgressSample sample = SampleOf(progress);
  sample.time_usec = now_usec;
  seen.Add(sample);
  return progress;
}

}  // namespace obviews::engine::progress
