// Where the rows with a certain value are, for joins on columns that are no keys. SQLite builds
// such indexes over its own tables, but never over virtual ones. Internal to the module.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "virtual_tables/view_cursor.h"

namespace obviews::vtab::sql {

/// Keys by the values of one column of a view: 32 bytes a row. Not thread-safe.
class JoinIndex {
 public:
  struct Entry {
    uint64_t hash = 0;
    /// The values of the key columns, in their order.
    std::array<int64_t, 3> key = {};
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  /// Reads the rows of `cursor`, at most `budget` records. False: there are more, and nothing is
  /// kept. `keys` are at most three columns. Errors: damage.
  Result<bool> Build(ViewCursor& cursor, int column, const std::vector<int>& keys, uint64_t budget);

  bool built() const { return column_ >= 0; }
  int column() const { return column_; }
  /// How many records were read to build it.
  uint64_t records() const { return records_; }

  /// In key order, the rows that may hold the value; those that hold it are among them. `literal`
  /// is an integer or a text, as the column is.
  std::span<const Entry> Find(const Literal& literal) const;

 private:
  int column_ = -1;
  uint64_t records_ = 0;
  std::vector<Entry> entries_;  // sorted
};

}  // namespace obviews::vtab::sql
