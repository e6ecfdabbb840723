// Which records belong to the recoveries that are driven in a store: whoever loads or purges keeps
// off them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "engine/store.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// As of one state of a store. A value type.
class LiveRecoveries {
 public:
  /// Follows the initiators of every driven sys recover job. By key, not by scans.
  static Result<LiveRecoveries> Find(const engine::Snapshot& snapshot);

  /// Whether a record of such a recovery, live or in history, has this kind, live or history, and
  /// key.
  bool Has(schema::RecordKind kind, const engine::Key& key) const;
  /// The same, and whether the record would be taken for one of such a recovery by its initiator.
  bool Concerns(const schema::Record& record) const;

 private:
  Status Add(const engine::Snapshot& snapshot, const engine::Key& sys_job);
  /// The jobs of an initiator that `owner` has, live and in history; noted.
  Result<std::set<engine::Key>> AddJobsOf(const engine::Snapshot& snapshot, schema::RecordKind kind,
                                          const engine::Key& initiator, int64_t owner);

  std::set<std::pair<schema::RecordKind, engine::Key>> jobs_;  ///< by the live kind
  std::map<engine::Key, int64_t> targets_;                     ///< of sys recover jobs
};

}  // namespace obviews::lifecycle
