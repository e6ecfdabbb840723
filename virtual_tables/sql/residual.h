// Names the conditions of a statement that SQLite tests itself, after the scans, so that explain
// tells the whole truth: SQLite shows a virtual table only the conditions it can hand over.
#pragma once

#include <string_view>
#include <vector>

#include "virtual_tables/sql/module.h"

namespace obviews::vtab::sql {

/// Adds to the scans' `residual` each AND-ed condition of the outermost WHERE of `sql` (SQLite's
/// dialect) that no scan was given. Conditions inside subqueries are not looked at.
void AddResiduals(std::string_view sql, std::vector<ScanReport>& scans);

}  // namespace obviews::vtab::sql
