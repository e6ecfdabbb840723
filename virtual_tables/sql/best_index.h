// What xBestIndex decided, as the text SQLite carries to xFilter. Internal to the module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "virtual_tables/predicate.h"

struct sqlite3_index_info;
struct sqlite3_value;

namespace obviews::vtab::sql {

/// A constraint xFilter receives a value for, in the order of its arguments.
struct UsedConstraint {
  int column = 0;
  int op = 0;                ///< SQLITE_INDEX_CONSTRAINT_*
  bool all_at_once = false;  ///< an IN list handed over as one argument
};
std::string EncodeConstraints(const std::vector<UsedConstraint>& used);
std::vector<UsedConstraint> DecodeConstraints(std::string_view text);

/// What xBestIndex leaves in idxNum when SQLite relies on rows coming in key order.
inline constexpr int kInKeyOrder = 1;

/// Chooses which constraints the view answers, their cost, and whether its order serves ORDER BY.
/// `outer_joins` says that the statement may have some. SQLITE_OK or SQLITE_NOMEM.
int ChooseIndex(const schema::View& view, bool outer_joins, sqlite3_index_info* info);

/// The condition xFilter's arguments make. An argument that cannot be tested as SQLite would is
/// left out: SQLite tests every row again.
Predicate ReadArguments(const schema::View& view, const std::vector<UsedConstraint>& used,
                        sqlite3_value** arguments);

}  // namespace obviews::vtab::sql
