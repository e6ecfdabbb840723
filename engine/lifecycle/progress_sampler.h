// Leaves progress samples of a recovery while it is driven.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/lifecycle/job_store.h"

namespace obviews::lifecycle {

/// What a recovery has reached now. Errors: kNotFound if it is none that is driven here.
Result<engine::ProgressSample> TakeSample(const JobStore& jobs,
                                          const engine::SampleOwner& recovery);

/// Used by one thread at a time. What goes wrong is no reason to stop a recovery: the sample is
/// left out.
class ProgressSampler {
 public:
  ProgressSampler(JobStore& jobs, const engine::Key& sys_job) : jobs_(jobs), sys_job_(sys_job) {}

  /// After a step that changed records: notes a sample, unless the last one is young and the
  /// recovery was not said to have come to another stage.
  void AfterStep();
  /// The next step's sample is taken however young the last one is.
  void NewStage() { new_stage_ = true; }

 private:
  JobStore& jobs_;
  engine::Key sys_job_;
  bool new_stage_ = true;
  std::optional<int64_t> last_usec_;
  int64_t pause_usec_ = engine::kFirstSamplePause;
  int64_t first_usec_ = 0;
};

}  // namespace obviews::lifecycle
