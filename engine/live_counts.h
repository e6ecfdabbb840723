// Keeps the counts of live tasks, and the status index they refer to, right in one commit. Internal
// to engine/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/change_set.h"
#include "engine/task_groups.h"

namespace obviews::engine {

/// Takes every live task that a commit removes and adds, then writes what changes. Not thread-safe.
class LiveCounts {
 public:
  explicit LiveCounts(ChangeSet& changes) : changes_(changes) {}

  Status Remove(const Key& key, const TaskFacts& task);
  Status Add(const Key& key, const TaskFacts& task);
  /// Writes the counts of all jobs touched.
  Status Finish();

 private:
  struct Touched {
    bool stale = false;  ///< its latest completion left; count anew
    std::optional<int64_t> latest_added;
    std::vector<std::string> removed;  ///< keys of the status index
  };
  struct Job {
    JobCounts counts;
    std::map<uint32_t, Touched> touched;  ///< by group
  };
  using JobId = std::pair<int64_t, int64_t>;

  Result<Job*> Load(const Key& key);
  /// The latest completion of a group, from the status index as it will be.
  Status Recount(const JobId& id, const Touched& touched, JobCounts::Group& group);

  ChangeSet& changes_;
  std::map<JobId, Job> jobs_;
  Job* last_ = nullptr;
  JobId last_id_;
};

}  // namespace obviews::engine
