// Leaving samples; see load_samples.h.
#include "tools/loader/load_samples.h"

#include <fmt/format.h>

#include "engine/progress/reader.h"
#include "tools/cli/instant.h"

namespace obviews::tools {
namespace {

using engine::progress::RecoveryRef;
using schema::RecordKind;

/// Adds the recovery that was found; that there is none is no error.
Status Collect(const Result<RecoveryRef>& found, std::set<RecoveryRef>* refs) {
  if (found) {
    refs->insert(*found);
  } else if (found.error().code != ErrorCode::kNotFound) {
    return Fail(found.error());
  }
  return {};
}

}  // namespace

void LoadSamples::Note(const schema::Record& record) {
  RecordKind kind = record.kind();
  schema::Key job = record.key();
  job.task_id = 0;
  if (record.type().per_task) {
    if (job == last_) return;
    last_ = job;
  }
  bool restore = kind == RecordKind::kRestoreJob || kind == RecordKind::kRestoreJobHistory;
  std::set<schema::Key>& keys = restore ? restores_ : jobs_;
  if (keys.size() < kMost) keys.insert(job);
}

Result<std::vector<std::string>> LoadSamples::Leave(engine::Store& store,
                                                    std::optional<int64_t> at_usec) const {
  std::vector<std::string> warnings;
  if (jobs_.empty() && restores_.empty()) return warnings;
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.TakeSnapshot());
  engine::progress::RecoveryReader reader(*snapshot);
  std::set<RecoveryRef> refs;
  for (const schema::Key& job : jobs_) {
    OBVIEWS_RETURN_IF_ERROR(Collect(reader.Resolve(job), &refs));
  }
  for (const schema::Key& job : restores_) {
    OBVIEWS_RETURN_IF_ERROR(Collect(reader.ResolveRestore(job), &refs));
  }
  const int64_t now = at_usec.value_or(NowUsec());
  engine::Batch batch;
  for (const RecoveryRef& ref : refs) {
    OBVIEWS_ASSIGN_OR_RETURN(auto facts, reader.Read(ref, {.failures = 0, .running_table = false}));
    if (facts.driven) continue;
    if (!facts.samples.empty() && facts.samples.back().time_usec > now) {
      warnings.push_back(
          fmt::format("the rows of recovery {}/{} are older than those that were loaded of it "
                      "before, and take their place: load the newest last",
                      ref.job.tenant_id, ref.job.job_id));
    }
    engine::ProgressSample sample = SampleOf(engine::progress::Evaluate(facts, {}, now));
    sample.time_usec = now;
    batch.PutSample(ref, sample);
  }
  if (batch.empty()) return warnings;
  auto written = store.Commit(batch);
  if (!written) return Fail(written.error());
  return warnings;
}

}  // namespace obviews::tools
