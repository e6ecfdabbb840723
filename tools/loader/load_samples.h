// The progress samples that a load leaves: two listings of one recovery, an hour apart, tell a
// rate.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/store.h"

namespace obviews::tools {

/// Not thread-safe.
class LoadSamples {
 public:
  /// Samples of one load at most. More recoveries than that are no listing of what goes on.
  static constexpr size_t kMost = 10'000;

  /// A record that the load writes.
  void Note(const schema::Record& record);
  /// Writes a sample of every recovery that a noted record is of. Of those driven in the store
  /// none: their scheduler knows better. `at_usec`: of that time; default: now.
  /// Returns warnings: of recoveries that were seen later than that already.
  Result<std::vector<std::string>> Leave(engine::Store& store,
                                         std::optional<int64_t> at_usec) const;

 private:
  std::set<schema::Key> jobs_;      ///< recover and import jobs
  std::set<schema::Key> restores_;  ///< restore jobs
  schema::Key last_;                ///< the job of the last task
};

}  // namespace obviews::tools
