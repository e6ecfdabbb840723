// Taking samples; see progress_sampler.h.
#include "engine/lifecycle/progress_sampler.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/progress/reader.h"

namespace obviews::lifecycle {

Result<engine::ProgressSample> TakeSample(const JobStore& jobs,
                                          const engine::SampleOwner& recovery) {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, jobs.store().TakeSnapshot());
  engine::progress::RecoveryReader reader(*snapshot);
  OBVIEWS_ASSIGN_OR_RETURN(auto facts,
                           reader.Read(recovery, {.failures = 0, .running_table = false}));
  if (!facts.driven) {
    return Fail(
        ErrorCode::kNotFound,
        fmt::format("recover_job (1, {}) is no live recovery that was started in this store",
                    recovery.job.job_id));
  }
  // An estimate is no part of a sample, so the past need not be read.
  return SampleOf(engine::progress::Evaluate(facts, {}, jobs.NowUsec()));
}

void ProgressSampler::AfterStep() {
  const int64_t now = jobs_.NowUsec();
  const bool young = last_usec_ && now - *last_usec_ < pause_usec_;
  if (young && !new_stage_) return;
  const engine::SampleOwner owner{schema::RecordKind::kRecoverJob, sys_job_};
  auto sample = TakeSample(jobs_, owner);
  if (!sample) return;
  if (!last_usec_) first_usec_ = now;
  last_usec_ = now;
  new_stage_ = false;
  // A series that is full keeps them so far apart anyway.
  pause_usec_ = std::max(engine::kFirstSamplePause,
                         (now - first_usec_) / static_cast<int64_t>(engine::kMaxSamples));
  jobs_.NoteSample(owner, *sample);
}

}  // namespace obviews::lifecycle
