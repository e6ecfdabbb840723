// Keeping parts of rows; see alike_columns.h.
#include "plugins/mariadb/alike_columns.h"

#include <cstring>

#include "plugins/mariadb/server_headers.h"

namespace obviews::mariadb {

void AlikeColumns::Begin(size_t null_bytes) {
  nulls_.assign(null_bytes, 0);
  pieces_.clear();
  bytes_.clear();
}

bool AlikeColumns::Keep(const Field* field, const uchar* row) {
  const uchar* record = field->table->record[0];
  if (field->null_ptr != nullptr) {
    size_t at = static_cast<size_t>(field->null_ptr - record);
    if ((row[at] & field->null_bit) != 0) {
      nulls_[at] = static_cast<uchar>(nulls_[at] | field->null_bit);
      return true;
    }
  }
  // A BLOB in a row is where its text lies.
  if ((field->flags & BLOB_FLAG) != 0) return false;
  Piece piece;
  piece.offset = static_cast<size_t>(field->ptr - record);
  piece.begin = bytes_.size();
  piece.size = field->pack_length();
  const uchar* stored = row + piece.offset;
  if (field->real_type() == MYSQL_TYPE_VARCHAR) {
    const auto* varchar = static_cast<const Field_varstring*>(field);
    size_t length = varchar->length_bytes == 1 ? *stored : uint2korr(stored);
    piece.size = varchar->length_bytes + length;
  }
  bytes_.insert(bytes_.end(), stored, stored + piece.size);
  pieces_.push_back(piece);
  return true;
}

void AlikeColumns::Put(uchar* row) const {
  std::memcpy(row, nulls_.data(), nulls_.size());
  for (const Piece& piece : pieces_) {
    std::memcpy(row + piece.offset, bytes_.data() + piece.begin, piece.size);
  }
}

}  // namespace obviews::mariadb
