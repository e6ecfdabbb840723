// Names the conditions of a statement that SQLite tests itself, after the scans, so that explain
// tells the whole truth: SQLite shows a virtual table only the conditions it can hand over.
#pragma once

#include <string_view>
#include <vector>

#include "virtual_tables/sql/module.h"

namespace obviews::vtab::sql {

/// Adds to the scans' `residual` each AND-ed condition of an outermost WHERE of `statement`, as it
/// was typed but on one line, that no scan was given. Parentheses around conditions are looked
/// into, those of subqueries are not. Each condition is named once.
void AddResiduals(std::string_view statement, schema::Mode mode, std::vector<ScanReport>& scans);

}  // namespace obviews::vtab::sql
