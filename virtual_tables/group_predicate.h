// Conditions on STATUS and RESULT alone: the store answers them by groups of tasks, without looking
// at the tasks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "virtual_tables/plan.h"

namespace obviews::vtab {

/// Whether a filter on `view` looks at nothing but a task's status and result.
bool IsOnGroups(const schema::View& view, const Filter& filter);

/// The groups that satisfy all of `filters`, each of which is on groups. `view` must outlive it.
/// Not thread-safe.
std::shared_ptr<const engine::GroupFilter> MakeGroupPredicate(const Session& session,
                                                              const schema::View& view,
                                                              std::vector<Filter> filters);

}  // namespace obviews::vtab
