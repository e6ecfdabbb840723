// A host's condition as the planner's.
#pragma once

#include "plugins/include/obviews_plugin.h"
#include "schema/catalog.h"
#include "schema/status.h"
#include "virtual_tables/predicate.h"

namespace obviews::c_abi {

/// kInvalidArgument, saying what is wrong with which part, for one that is not as the header says
/// or is above its limits. Takes little stack, and time in the nodes looked at.
Result<vtab::Predicate> ToPredicate(const obviews_predicate& predicate, const schema::View& view);

}  // namespace obviews::c_abi
