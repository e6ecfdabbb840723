// Columns that show the same in all rows of a block of the store: written once.
#pragma once

#include <cstddef>
#include <vector>

class Field;

namespace obviews::mariadb {

/// What columns that are alike in a whole block were stored as, to be put into the block's other
/// rows. Not thread-safe.
class AlikeColumns {
 public:
  /// Forgets all. `null_bytes`: how many bytes say which columns are NULL, at the row's beginning.
  void Begin(size_t null_bytes);
  /// Keeps what a field of table->record[0] has in `row`. False if that cannot be kept.
  bool Keep(const Field* field, const unsigned char* row);
  /// Begins a row with what is kept; its other columns are not NULL.
  void Put(unsigned char* row) const;

 private:
  struct Piece {
    size_t offset = 0;  ///< in a row
    size_t begin = 0;   ///< in `bytes_`
    size_t size = 0;
  };
  std::vector<unsigned char> nulls_;
  std::vector<Piece> pieces_;
  std::vector<unsigned char> bytes_;
};

}  // namespace obviews::mariadb
