// The tables of a recovery, column by column, for the page of a report.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/store.h"
#include "virtual_tables/session.h"

namespace obviews::tools {

/// The first and the last of some times, microseconds since the epoch.
struct TimeSpan {
  std::optional<int64_t> first;
  std::optional<int64_t> last;
  void Add(std::optional<int64_t> time) {
    if (!time) return;
    if (!first || *time < *first) first = time;
    if (!last || *time > *last) last = time;
  }
};

/// The tasks of an import job, live and history, in the order of their ids; widens `span` by their
/// times. Comments are masked unless the session shows secrets. Errors: damage.
Result<nlohmann::ordered_json> CollectTasks(const engine::Snapshot& snapshot,
                                            const vtab::Session& session, const engine::Key& job,
                                            TimeSpan* span);

}  // namespace obviews::tools
