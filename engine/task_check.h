// What `verify` checks of tasks beyond each record: blocks and their facts, the indexes of live
// tasks, and the counts, all worked out anew. Internal to engine/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "engine/family_walk.h"
#include "engine/record_block.h"
#include "engine/task_groups.h"

namespace obviews::engine {

/// Takes every task that verify walks over, then compares. Not thread-safe.
class TaskCheck {
 public:
  TaskCheck(const Database& database, const rocksdb::ReadOptions& options, VerifyReport* report)
      : database_(database), options_(options), report_(report) {}

  void AddLive(const RecordView& task);
  /// A block that was parsed whole.
  void AddBlock(const Key& last, const RecordBlock& block);
  /// Records of live or history tasks could not be read: their counts cannot be right.
  void SetIncomplete(bool history) { (history ? history_incomplete_ : live_incomplete_) = true; }

  /// Walks over the indexes, facts and counts. Returns whether all of them could be read.
  bool Finish();

 private:
  using JobId = std::tuple<int64_t, int64_t, schema::RecordKind>;

  void Damage(std::string text) { report_->damage.push_back(std::move(text)); }
  bool CheckEnd(const FamilyWalk& walk);
  void CheckIndexed(const Key& key);
  /// The number of a live task's group, by the counts kept of its job; nullopt if they have none.
  std::optional<uint32_t> KeptGroup(const Key& key, const TaskFacts& task);
  bool CheckTaskIndex();
  bool CheckStatusIndex();
  bool CheckFacts();
  bool CheckCounts();
  void CompareGroups(const std::string& name, const JobCounts& found, const JobCounts& kept,
                     bool live);

  const Database& database_;
  rocksdb::ReadOptions options_;
  VerifyReport* report_;
  std::map<JobId, JobCounts> found_;  ///< worked out from the tasks
  JobId last_id_;
  JobCounts* last_ = nullptr;
  JobCounts kept_;  ///< of the live tasks of kept_id_
  std::optional<JobId> kept_id_;
  uint64_t live_ = 0;
  bool live_incomplete_ = false;
  bool history_incomplete_ = false;
};

}  // namespace obviews::engine
