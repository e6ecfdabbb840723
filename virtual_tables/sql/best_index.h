// What xBestIndex decided, as the text SQLite carries to xFilter. Internal to the module.
#pragma once

#include <optional>
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
  bool constant = false;     ///< the same in every scan of a statement
};
std::string EncodeConstraints(const std::vector<UsedConstraint>& used);
std::vector<UsedConstraint> DecodeConstraints(std::string_view text);

/// What xBestIndex leaves in idxNum when SQLite relies on rows coming in key order.
inline constexpr int kInKeyOrder = 1;

/// What a statement may hold that makes SQLite offer constraints that must not be taken.
struct StatementTraits {
  bool outer_joins = true;
  bool row_lists = true;  ///< (a, b) IN (...)
};

/// Chooses which constraints the view answers, their cost, and whether its order serves ORDER BY.
/// SQLITE_OK or SQLITE_NOMEM.
int ChooseIndex(const schema::View& view, const StatementTraits& traits, sqlite3_index_info* info);

/// The key columns a view shows, in the order rows come in.
std::vector<int> KeyColumns(const schema::View& view);
/// The columns that tell a view's rows apart, in the order rows come in: the key and, where several
/// rows have one key, what they are grouped by.
std::vector<int> RowColumns(const schema::View& view);

/// One column's value, asked for anew in each of many scans.
struct Probe {
  int column = 0;
  Literal literal;  ///< an integer or a text, as the column is
};

/// The conditions xFilter's arguments make. An argument that cannot be tested as SQLite would is
/// left out: SQLite tests every row again.
struct Arguments {
  Predicate all;
  Predicate constant;          ///< those that are the same in every scan
  std::optional<Probe> probe;  ///< the first equality that is not, with a column that is no key
};
Arguments ReadArguments(const schema::View& view, const std::vector<UsedConstraint>& used,
                        sqlite3_value** values);

}  // namespace obviews::vtab::sql
