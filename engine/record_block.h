// A block: consecutive records of one job, stored column by column under the key of the last one.
// How history tasks are kept (docs/storage.md says why). Internal to engine/.
//
// Layout, version 2 (written to disk: do not change, add a version):
//
//   0      format version (2; a record by itself begins with 1)
//   1      record kind
//   2..3   records n, 1 or more, little endian
//   4..7   size of the column descriptors
//   8..15  XXH3-64 of the encoded key, bytes 0..7 and the descriptors
//   16     number of columns, then a descriptor for each field in the order of the record kind, the
//          tenant and job left out (packed_column.h)
//          payloads, each with a checksum of its own in the descriptor
//          8 zero bytes
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/field_set.h"
#include "engine/key.h"
#include "engine/packed_column.h"
#include "engine/record_format.h"

namespace obviews::engine {

inline constexpr uint8_t kBlockFormatVersion = 2;

/// Records of a block at most.
inline constexpr uint32_t kMaxBlockRows = 1024;
/// A block that has longer texts than this in all takes no further record.
inline constexpr size_t kMaxBlockText = size_t{128} << 10;

class RecordBlock;

/// A record to be put into a block: one in memory, or a row of another block.
class BlockRow {
 public:
  explicit BlockRow(const schema::Record& record) : record_(&record) {}
  BlockRow(const RecordBlock& block, uint32_t row) : block_(&block), row_(row) {}

  const schema::RecordType& type() const;
  Key key() const;
  /// nullptr for a row of a block.
  const schema::Record* record() const { return record_; }
  /// REQUIRES: a row of a block.
  RecordView view() const { return {*block_, row_}; }

 private:
  const schema::Record* record_ = nullptr;
  const RecordBlock* block_ = nullptr;
  uint32_t row_ = 0;
};

/// A text that must be written beside a block: that of field `text.field` of record `row`, which is
/// one in memory. Those of rows of other blocks are there already.
struct BlockText {
  uint32_t row = 0;
  ExternalText text;
};

/// Appends the bytes of a block of the first of `rows` to `out`, as many as fit, and to `external`
/// the texts it refers to. Returns how many it took. REQUIRES: rows of one job in key order, one at
/// least.
size_t EncodeBlock(std::span<const BlockRow> rows, std::string* out,
                   std::vector<BlockText>* external);

/// Whether bytes stored under a record key are a block rather than a single record.
inline bool IsBlock(std::string_view bytes) {
  return !bytes.empty() && static_cast<uint8_t>(bytes[0]) == kBlockFormatVersion;
}

/// How many records the bytes of a block say it has, unchecked.
uint32_t BlockRows(std::string_view bytes);

/// One stored block, read in place. Borrows the bytes it was parsed from. Reuse one object for many
/// blocks: it keeps its memory. Not thread-safe.
class RecordBlock {
 public:
  /// Checks the head, and the columns of the fields that will be read. Returns why not, in words
  /// that fit "block ending at (key) of column family F: ...", or "".
  std::string_view Parse(const schema::RecordType& type, const Key& last, std::string_view bytes,
                         FieldSet fields);

  uint32_t rows() const { return rows_; }
  const schema::RecordType& type() const { return *type_; }
  Key key(uint32_t row) const { return {last_.tenant_id, last_.job_id, TaskId(row)}; }
  int64_t TaskId(uint32_t row) const { return RawInt(columns_[task_field_], row); }
  /// The first row whose task id is not below `task_id`; rows() if there is none.
  uint32_t LowerBound(int64_t task_id) const;

  bool IsNull(size_t field, uint32_t row) const;
  bool IsExternal(size_t field, uint32_t row) const;
  ExternalText External(size_t field, uint32_t row) const;
  int64_t Int(size_t field, uint32_t row) const;
  /// Lives until the text of the same field is asked for again, or the next Parse.
  std::string_view Text(size_t field, uint32_t row) const;

  /// The packed form of a field, another column's where it is the same as that. For readers that
  /// take a column whole. nullptr: the block was written without this field, so it is unset.
  const PackedColumn* Column(size_t field) const;
  /// Whether all rows have the same in a field; see PackedColumn::IsAlike.
  bool IsAlike(size_t field) const;
  /// The integer at `row` of a column of this block that is not NULL there.
  int64_t RawInt(const PackedColumn& column, uint32_t row) const;

 private:
  bool IsStored(size_t field) const { return field < count_; }
  std::string_view Prepare(size_t field);

  const schema::RecordType* type_ = nullptr;
  Key last_;
  uint32_t rows_ = 0;
  size_t count_ = 0;       ///< fields stored
  size_t task_field_ = 0;  ///< that of the task id
  std::vector<PackedColumn> columns_;
  /// kPlain: the prefix, and room for what follows it.
  mutable std::vector<std::string> texts_;
};

}  // namespace obviews::engine
