// Compiles predicates into filters; the half of planning that knows columns. Internal to
// virtual_tables/.
#pragma once

#include "virtual_tables/plan.h"

namespace obviews::vtab {

/// The filter for `predicate`, or for its negation.
Filter Compile(const Session& session, const schema::View& view, const Predicate& predicate,
               bool negate);

/// Whether every test of a filter is on raw fields.
bool IsRaw(const Filter& filter);

}  // namespace obviews::vtab
