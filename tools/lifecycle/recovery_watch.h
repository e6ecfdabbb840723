// How far the recoveries of a run are, read off the store beside whoever drives them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/store.h"

namespace obviews::tools {

/// Watches recoveries by the ids of their sys jobs. Not thread-safe.
class RecoveryWatch {
 public:
  /// `store` is borrowed.
  explicit RecoveryWatch(engine::Store& store) : store_(store) {}

  /// Watches one more; one that is watched already is no news.
  void Add(int64_t sys_job_id) { watched_.try_emplace(sys_job_id); }
  bool empty() const { return watched_.empty(); }
  size_t size() const { return watched_.size(); }

  /// Tables of all recoveries together.
  struct Tables {
    uint64_t ended = 0;
    uint64_t all = 0;     ///< of the recoveries that have listed theirs
    size_t unlisted = 0;  ///< recoveries that have not
  };
  /// From counts the store keeps; reads no task.
  Result<Tables> Count();

  /// A line for each recovery, in the order of their ids:
  /// `tenant shop (1002): COMPLETED, 1960 tables imported, 40 failed`. One that failed also says
  /// why; one that is not at its end is as the tenant's own job has it.
  Result<std::vector<std::string>> Summary();

 private:
  /// What is known of one recovery; what never changes is looked up once.
  struct Watched {
    int64_t tenant = 0;      ///< 0: not known yet
    int64_t import_job = 0;  ///< 0: there is none yet
  };
  struct Outcome {
    uint64_t good = 0;
    uint64_t failed = 0;
    uint64_t unfinished = 0;
    uint64_t all() const { return good + failed + unfinished; }
  };

  Status LookUp(const engine::Snapshot& snapshot, int64_t sys_job_id, Watched& watched);
  static Result<Outcome> CountTasks(const engine::Snapshot& snapshot, const Watched& watched);
  Result<std::string> Line(const engine::Snapshot& snapshot, int64_t sys_job_id, Watched& watched);

  engine::Store& store_;
  std::map<int64_t, Watched> watched_;  ///< by sys job
};

}  // namespace obviews::tools
