// One field of many records, packed: how a block stores a column. Internal to engine/.
//
// Every column is a descriptor (small, in the block's header) and a payload (one entry a row). Any
// row's value is found without looking at another row's. Written to disk: do not change, add a
// kind.
//
//   kNull      no payload; every row is NULL
//   kInt       base + packed(row) [+ another column's value of the row]; `width` bits a row
//   kStride    base + row * step
//   kText      one text for all rows, in the descriptor
//   kSame      as the text column named
//   kDict      `width` bits a row choose one of a few texts
//   kPlain     a prefix all rows share, in the descriptor, then each row's rest
//
// Rows of one value that would widen all others (NULL, or -1 for "not yet") are exceptions: a
// bitmap names them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record_format.h"

namespace obviews::engine {

enum class ColumnKind : uint8_t {
  kNull = 0,
  kInt = 1,
  kStride = 2,
  kText = 3,
  kSame = 4,
  kDict = 5,
  kPlain = 6,
};

/// The number at `row` of `width` bits each. May read up to 8 bytes from the number's first.
inline uint64_t Unpack(const unsigned char* packed, uint8_t width, uint32_t row) {
  if (width == 0) return 0;
  if (width < 8) {
    uint32_t bit = row * width;
    return packed[bit / 8] >> (bit % 8) & ((1U << width) - 1U);
  }
  uint64_t number = 0;
  std::memcpy(&number, packed + size_t{row} * (width / 8U), sizeof number);
  return width == 64 ? number : number & ((uint64_t{1} << width) - 1);
}

/// A column read in place. Borrows the bytes of its block.
struct PackedColumn {
  ColumnKind kind = ColumnKind::kNull;
  bool null_exceptions = false;  ///< exceptions are NULL, else `exception`
  bool relative = false;         ///< kInt: the value of column `other` is added
  uint8_t other = 0;             ///< kSame, relative kInt: a column before this one
  uint8_t width = 0;             ///< bits a row: 0, 1, 2, 4 or a multiple of 8
  uint8_t end_width = 0;         ///< kPlain: bytes of an end offset; 0: all rests have `rest_size`
  int64_t base = 0;
  int64_t step = 0;
  int64_t exception = 0;
  uint32_t rest_size = 0;
  std::string_view text;                      ///< kText: the text; kPlain: the prefix
  std::string_view payload;                   ///< all of it
  uint32_t checksum = 0;                      ///< of the payload: low half of its XXH3-64
  const unsigned char* exceptions = nullptr;  ///< bitmap, or nullptr
  const unsigned char* externals = nullptr;   ///< kPlain: bitmap of references, or nullptr
  const unsigned char* packed = nullptr;  ///< kInt, kDict: the packed numbers; kPlain: end offsets
  const char* rests = nullptr;            ///< kPlain
  std::vector<std::string_view> dictionary;  ///< kDict
  bool prepared = false;                     ///< payload checked and pointers set

  bool IsException(uint32_t row) const {
    return exceptions != nullptr && (exceptions[row / 8] >> (row % 8) & 1) != 0;
  }
  bool IsExternal(uint32_t row) const {
    return externals != nullptr && (externals[row / 8] >> (row % 8) & 1) != 0;
  }
  /// Whether it has the same value, or NULL, in all rows. May say no although it has.
  bool IsAlike() const {
    if (exceptions != nullptr) return false;
    return kind == ColumnKind::kNull || kind == ColumnKind::kText ||
           (kind == ColumnKind::kStride && step == 0) ||
           (kind == ColumnKind::kInt && width == 0 && !relative);
  }
  bool IsNull(uint32_t row) const {
    return kind == ColumnKind::kNull || (null_exceptions && IsException(row));
  }
  /// kPlain: what follows the prefix in a row's text.
  std::string_view Rest(uint32_t row) const;
};

/// Appends `numbers`, of `width` bits each, as Unpack reads them.
void AppendPacked(uint32_t rows, uint8_t width, const std::vector<uint16_t>& numbers,
                  std::string* out);

/// Bytes that must follow the last payload, so that Unpack stays inside.
inline constexpr size_t kUnpackSlack = 8;

/// Values of one integer column, to be packed. A NULL has the value 0.
struct IntValues {
  std::vector<int64_t> values;
  std::vector<uint8_t> nulls;  ///< 1 for NULL
  size_t null_count = 0;
  bool constant = false;  ///< set by AppendIntColumn

  void Add(int64_t value) {
    values.push_back(value);
    nulls.push_back(0);
  }
  void AddNull() {
    values.push_back(0);
    nulls.push_back(1);
    ++null_count;
  }
};

/// Values of one text column. A NULL has the text ""; a reference stands for an external text.
struct TextValues {
  std::vector<std::string_view> values;
  std::vector<uint8_t> nulls;      ///< 1 for NULL
  std::vector<uint8_t> externals;  ///< 1 for a reference; empty: none
  size_t null_count = 0;
  std::vector<uint64_t> hashes;  ///< set by AppendTextColumn

  void Add(std::string_view value) {
    values.push_back(value);
    nulls.push_back(0);
    if (!externals.empty()) externals.push_back(0);
  }
  void AddNull() {
    Add({});
    nulls.back() = 1;
    ++null_count;
  }
  void AddReference(std::string_view reference) {
    externals.resize(values.size());
    Add(reference);
    externals.resize(values.size());
    externals.back() = 1;
  }
};

/// Appends descriptor and payload of an integer column. `previous` is the last integer column that
/// was no constant, number `previous_index`, or nullptr.
void AppendIntColumn(IntValues& column, const IntValues* previous, uint8_t previous_index,
                     std::string* header, std::string* payload);

/// An earlier text column, to refer to.
struct TextCandidate {
  uint8_t index = 0;
  const TextValues* values = nullptr;
};
void AppendTextColumn(TextValues& column, const std::vector<TextCandidate>& earlier,
                      std::string* header, std::string* payload);

/// Reads the descriptor at the beginning of `header` and takes it and the payload off. False if it
/// is malformed. The column is not yet prepared.
bool ParseColumn(uint32_t rows, size_t index, std::string_view* header, std::string_view* payload,
                 PackedColumn* column);

/// Checks the payload and sets the pointers into it; "" or what is wrong.
std::string_view PrepareColumn(uint32_t rows, PackedColumn* column);

}  // namespace obviews::engine
