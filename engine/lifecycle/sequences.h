// Ids of jobs and tasks: each tenant's own sequences, which never give out an id twice.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "engine/store.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// The sys tenant, which owns sys recover jobs and restore jobs.
inline constexpr int64_t kSysTenant = 1;

/// Gives out ids in order, first 1, then one more than the last, always above every id the store
/// has. Ids that are given out and not used are lost, not given out again. Thread-safe.
class Sequences {
 public:
  explicit Sequences(engine::Store& store) : store_(store) {}

  /// The first of `count` ids without a gap. They become durable with a batch that is told of the
  /// last one by Batch::UseIds.
  Result<int64_t> Take(engine::Sequence sequence, int64_t tenant_id, int64_t count);

 private:
  /// The largest id that was ever used.
  Result<int64_t> FindLast(engine::Sequence sequence, int64_t tenant_id) const;

  engine::Store& store_;
  std::mutex mutex_;
  std::map<std::pair<engine::Sequence, int64_t>, int64_t> last_;
};

}  // namespace obviews::lifecycle
