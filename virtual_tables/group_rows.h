// The tasks of a view by their groups: rows of STATUS and RESULT, each with how many tasks have
// them, from the counts that the store keeps. For hosts that can hand a whole GROUP BY over.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/store.h"
#include "schema/value.h"
#include "virtual_tables/materialise.h"
#include "virtual_tables/plan.h"

namespace obviews::vtab {

/// What is asked of the groups of a view.
struct GroupRequest {
  const schema::View* view = nullptr;  ///< of tasks; must outlive the walk
  /// Jobs that it rules out by their keys are left out. What else it says is for the host to test.
  /// REQUIRES: nothing about TASK_ID.
  Predicate predicate = {};
  /// A row for each group of each job; else groups of all jobs are one row, without ids.
  bool by_job = false;
};

/// One row for each group of tasks. Not thread-safe. Keeps its snapshot alive.
class GroupRows {
 public:
  /// What a column of a view of tasks is to its groups.
  enum class Part : uint8_t { kNone, kJob, kGroup };
  /// kJob: TENANT_ID and JOB_ID; kGroup: STATUS and RESULT; kNone: a group does not know it.
  static Part PartOf(const schema::View& view, size_t column);

  GroupRows(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
            const GroupRequest& request);

  /// Moves to the next group; of groups by job, in the order of tenant and job. False at the end.
  /// Errors: damage, naming family and key.
  Result<bool> Next();
  /// How many tasks the present group has.
  uint64_t count() const { return count_; }
  /// What all tasks of the present group show in a column; its text lives until Next, or until the
  /// column is asked for again. REQUIRES: a part of groups, or with `by_job` one of jobs.
  Value Column(size_t column);

 private:
  /// STATUS and RESULT, as stored.
  using Group = std::pair<std::string, std::optional<std::string>>;

  /// Moves to the next group of any job.
  Result<bool> NextOfJob();

  std::shared_ptr<const engine::Snapshot> snapshot_;
  const schema::View& view_;
  bool by_job_;
  Materialiser shower_;
  std::unique_ptr<engine::GroupCursor> jobs_;  ///< nullptr: none is left
  size_t next_ = 0;                            ///< of the job's groups
  std::map<Group, uint64_t> sums_;             ///< of all jobs, those that are not shown yet
  Group group_;
  uint64_t count_ = 0;
};

}  // namespace obviews::vtab
