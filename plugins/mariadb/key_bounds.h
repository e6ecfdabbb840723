// Stretches of the key order, as the conditions on a prefix of a key make them. Knows no server.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/store.h"
#include "virtual_tables/predicate.h"

namespace obviews::mariadb {

/// One side of a range over the index of a view: values of its first columns.
struct KeyBound {
  std::span<const int64_t> parts;  ///< at most as many as the index has columns
  bool inclusive = true;           ///< whether keys that begin so are inside
};

/// The keys between two bounds; without a bound that side is open. `tenant` is that of a DBA_ view,
/// whose index begins at JOB_ID. nullopt: no key can be inside.
std::optional<engine::Stretch> MakeStretch(std::optional<int64_t> tenant, bool with_tasks,
                                           std::optional<KeyBound> low,
                                           std::optional<KeyBound> high);

/// A key space that has all keys inside, and few others.
engine::KeySpace SpaceAround(const engine::Stretch& stretch);

/// Whether all keys inside are of one job.
bool IsOneJob(const engine::Stretch& stretch);

/// A condition on the key columns that holds for all keys inside, and for few others. `index`: the
/// columns of the view's index.
vtab::Predicate ConditionAround(const engine::Stretch& stretch, std::optional<int64_t> tenant,
                                std::span<const size_t> index);

}  // namespace obviews::mariadb
