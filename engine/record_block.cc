// Encoding and parsing of blocks; see record_block.h.
#include "engine/record_block.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <deque>

namespace obviews::engine {
namespace {

using schema::Field;
using schema::KeyPart;
using schema::RecordType;

constexpr size_t kHeadSize = 16;

/// Fields a block has no column for: its key says them.
bool InKey(const Field& field) {
  return field.key_part == KeyPart::kTenant || field.key_part == KeyPart::kJob;
}

template <class T>
T Load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

uint64_t HeadChecksum(const Key& last, std::string_view head, std::string_view descriptors) {
  EncodedKey encoded = EncodeKey(last);
  uint64_t seed = XXH3_64bits_withSeed(encoded.data(), encoded.size(), Load<uint64_t>(head.data()));
  return XXH3_64bits_withSeed(descriptors.data(), descriptors.size(), seed);
}

/// The columns of a block in the making. Rows are taken one by one, for a record in memory is
/// spread over many cache lines, each of which should be fetched once.
class BlockColumns {
 public:
  explicit BlockColumns(const RecordType& type, size_t rows)
      : type_(type), ints_(type.fields.size()), texts_(type.fields.size()) {
    for (size_t i = 0; i < type.fields.size(); ++i) {
      if (InKey(type.fields[i])) continue;
      if (type.fields[i].is_text()) {
        texts_[i].values.reserve(rows);
        texts_[i].nulls.reserve(rows);
      } else {
        ints_[i].values.reserve(rows);
        ints_[i].nulls.reserve(rows);
      }
    }
  }

  size_t text_size() const { return text_size_; }

  void Add(const BlockRow& row, std::vector<BlockText>* external) {
    for (size_t i = 0; i < type_.fields.size(); ++i) {
      if (InKey(type_.fields[i])) continue;
      if (row.record() == nullptr) {
        AddStored(row.view(), i);
      } else if (type_.fields[i].is_text()) {
        AddText(std::get_if<std::string>(&(*row.record())[i]), i, external);
      } else {
        AddInt((*row.record())[i], i);
      }
    }
    ++rows_;
  }

  void Append(std::string* descriptors, std::string* payload) {
    std::vector<TextCandidate> earlier;
    const IntValues* previous = nullptr;
    uint8_t previous_index = 0;
    for (size_t i = 0; i < type_.fields.size(); ++i) {
      auto index = static_cast<uint8_t>(i);
      if (InKey(type_.fields[i])) continue;
      if (type_.fields[i].is_text()) {
        AppendTextColumn(texts_[i], earlier, descriptors, payload);
        if (!texts_[i].hashes.empty()) earlier.push_back({index, &texts_[i]});
        continue;
      }
      AppendIntColumn(ints_[i], previous, previous_index, descriptors, payload);
      if (ints_[i].constant) continue;
      previous = &ints_[i];
      previous_index = index;
    }
  }

 private:
  void AddInt(const schema::FieldValue& value, size_t field) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      ints_[field].Add(*number);
    } else if (const auto* scn = std::get_if<uint64_t>(&value)) {
      ints_[field].Add(static_cast<int64_t>(*scn));
    } else {
      ints_[field].AddNull();
    }
  }

  void AddText(const std::string* text, size_t field, std::vector<BlockText>* external) {
    if (text == nullptr) return texts_[field].AddNull();
    if (text->size() > kMaxInlineText) {
      ExternalText ref{static_cast<uint16_t>(field), text->size(), HashText(*text)};
      external->push_back({rows_, ref});
      return AddReference(ref, field);
    }
    texts_[field].Add(*text);
    text_size_ += text->size();
  }

  void AddStored(const RecordView& row, size_t field) {
    if (!type_.fields[field].is_text()) {
      row.IsNull(field) ? ints_[field].AddNull() : ints_[field].Add(row.Int(field));
    } else if (row.IsNull(field)) {
      texts_[field].AddNull();
    } else if (row.IsExternal(field)) {
      AddReference(row.External(field), field);
    } else {
      // The block hands out the next row's text in the same place.
      texts_[field].Add(own_.emplace_back(row.Text(field)));
      text_size_ += own_.back().size();
    }
  }

  void AddReference(const ExternalText& ref, size_t field) {
    AppendReference(ref, &own_.emplace_back());
    texts_[field].AddReference(own_.back());
    text_size_ += kExternalRefSize;
  }

  const RecordType& type_;
  std::vector<IntValues> ints_;    ///< by field
  std::vector<TextValues> texts_;  ///< by field
  std::deque<std::string> own_;    ///< texts that no row keeps
  uint32_t rows_ = 0;
  size_t text_size_ = 0;
};

}  // namespace

const RecordType& BlockRow::type() const {
  return record_ != nullptr ? record_->type() : block_->type();
}

Key BlockRow::key() const { return record_ != nullptr ? record_->key() : block_->key(row_); }

size_t EncodeBlock(std::span<const BlockRow> rows, std::string* out,
                   std::vector<BlockText>* external) {
  const RecordType& type = rows[0].type();
  size_t most = std::min<size_t>(rows.size(), kMaxBlockRows);
  size_t count = 0;
  BlockColumns columns(type, most);
  while (count < most && columns.text_size() <= kMaxBlockText) {
    columns.Add(rows[count++], external);
  }
  std::string descriptors(1, static_cast<char>(type.fields.size()));
  std::string payload;
  columns.Append(&descriptors, &payload);
  size_t start = out->size();
  out->push_back(static_cast<char>(kBlockFormatVersion));
  out->push_back(static_cast<char>(type.kind));
  auto append = [&](auto number) {
    out->append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  append(static_cast<uint16_t>(count));
  append(static_cast<uint32_t>(descriptors.size()));
  append(HeadChecksum(rows[count - 1].key(), std::string_view(*out).substr(start), descriptors));
  *out += descriptors;
  *out += payload;
  out->append(kUnpackSlack, '\0');
  return count;
}

uint32_t BlockRows(std::string_view bytes) {
  return bytes.size() < kHeadSize ? 0 : Load<uint16_t>(bytes.data() + 2);
}

std::string_view RecordBlock::Parse(const RecordType& type, const Key& last, std::string_view bytes,
                                    FieldSet fields) {
  if (bytes.size() < kHeadSize + 1 + kUnpackSlack) return "the block is truncated";
  if (!IsBlock(bytes)) return "the block has a version this build does not know";
  if (static_cast<uint8_t>(bytes[1]) != static_cast<uint8_t>(type.kind)) {
    return "it is a block of another kind";
  }
  rows_ = Load<uint16_t>(bytes.data() + 2);
  auto size = Load<uint32_t>(bytes.data() + 4);
  if (bytes.size() < kHeadSize + kUnpackSlack + size || size == 0) return "the block is truncated";
  std::string_view header = bytes.substr(kHeadSize, size);
  if (Load<uint64_t>(bytes.data() + 8) != HeadChecksum(last, bytes, header)) {
    return "its checksum is wrong";
  }
  if (rows_ == 0 || rows_ > kMaxBlockRows) return "it has an impossible number of records";
  std::string_view payload = bytes.substr(kHeadSize + size);
  payload.remove_suffix(kUnpackSlack);
  type_ = &type;
  last_ = last;
  count_ = static_cast<uint8_t>(header[0]);
  header.remove_prefix(1);
  columns_.resize(std::max(columns_.size(), std::max(count_, type.fields.size())));
  texts_.resize(columns_.size());
  for (size_t i = 0; i < count_; ++i) {
    if (i < type.fields.size()) {
      if (type.fields[i].key_part == KeyPart::kTask) task_field_ = i;
      if (InKey(type.fields[i])) {
        columns_[i] = {};
        continue;
      }
    }
    if (!ParseColumn(rows_, i, &header, &payload, &columns_[i])) {
      return "its column descriptors are malformed";
    }
  }
  if (!header.empty() || !payload.empty()) return "its columns have a wrong size";
  fields.Add(task_field_);
  for (size_t i = 0; i < std::min(count_, type.fields.size()); ++i) {
    if (!fields.Has(i) || InKey(type.fields[i])) continue;
    std::string_view wrong = Prepare(i);
    if (!wrong.empty()) return wrong;
  }
  if (TaskId(rows_ - 1) != last.task_id) return "its last record is not the one its key names";
  return {};
}

std::string_view RecordBlock::Prepare(size_t field) {
  PackedColumn& column = columns_[field];
  bool text = field < type_->fields.size() && type_->fields[field].is_text();
  bool sound = text ? column.kind == ColumnKind::kNull || column.kind >= ColumnKind::kText
                    : column.kind <= ColumnKind::kStride;
  if (!sound) return "a column is of another type than its field";
  // Chains of references are never written: a column that is the same as a third one is the same
  // as the first.
  if (column.kind == ColumnKind::kSame || column.relative) {
    const PackedColumn& other = columns_[column.other];
    if (other.kind == ColumnKind::kSame || !type_->fields[column.other].is_text() == text) {
      return "a column refers to one that it cannot refer to";
    }
    std::string_view wrong = Prepare(column.other);
    if (!wrong.empty()) return wrong;
  }
  if (!column.prepared) {
    std::string_view wrong = PrepareColumn(rows_, &column);
    if (!wrong.empty()) return wrong;
  }
  if (column.kind == ColumnKind::kPlain) texts_[field].assign(column.text);
  return {};
}

const PackedColumn* RecordBlock::Column(size_t field) const {
  if (!IsStored(field)) return nullptr;
  const PackedColumn& column = columns_[field];
  return column.kind == ColumnKind::kSame ? &columns_[column.other] : &column;
}

uint32_t RecordBlock::LowerBound(int64_t task_id) const {
  uint32_t low = 0;
  uint32_t high = rows_;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (TaskId(middle) < task_id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool RecordBlock::IsAlike(size_t field) const {
  return !IsStored(field) || InKey(type_->fields[field]) || Column(field)->IsAlike();
}

bool RecordBlock::IsNull(size_t field, uint32_t row) const {
  if (!IsStored(field)) return type_->fields[field].unset == schema::Unset::kNull;
  if (InKey(type_->fields[field])) return false;
  return Column(field)->IsNull(row);
}

bool RecordBlock::IsExternal(size_t field, uint32_t row) const {
  return IsStored(field) && Column(field)->IsExternal(row);
}

ExternalText RecordBlock::External(size_t field, uint32_t row) const {
  return ParseReference(static_cast<uint16_t>(field), Column(field)->Rest(row));
}

int64_t RecordBlock::RawInt(const PackedColumn& column, uint32_t row) const {
  if (column.kind == ColumnKind::kStride) {
    // Wraps as it did when it was written.
    return static_cast<int64_t>(static_cast<uint64_t>(column.base) +
                                row * static_cast<uint64_t>(column.step));
  }
  if (column.kind == ColumnKind::kNull) return 0;
  if (column.IsException(row)) return column.exception;
  uint64_t value = static_cast<uint64_t>(column.base) + Unpack(column.packed, column.width, row);
  if (column.relative) value += static_cast<uint64_t>(RawInt(columns_[column.other], row));
  return static_cast<int64_t>(value);
}

int64_t RecordBlock::Int(size_t field, uint32_t row) const {
  const Field& descriptor = type_->fields[field];
  if (descriptor.key_part == KeyPart::kTenant) return last_.tenant_id;
  if (descriptor.key_part == KeyPart::kJob) return last_.job_id;
  if (!IsStored(field)) return descriptor.unset == schema::Unset::kMinusOne ? -1 : 0;
  return RawInt(columns_[field], row);
}

std::string_view RecordBlock::Text(size_t field, uint32_t row) const {
  if (!IsStored(field)) return {};
  const PackedColumn& own = columns_[field];
  size_t at = own.kind == ColumnKind::kSame ? own.other : field;
  const PackedColumn& column = columns_[at];
  switch (column.kind) {
    case ColumnKind::kText:
      return column.text;
    case ColumnKind::kDict:
      return column.IsNull(row) ? std::string_view()
                                : column.dictionary[Unpack(column.packed, column.width, row)];
    case ColumnKind::kPlain: {
      std::string_view rest = column.Rest(row);
      if (column.text.empty()) return rest;
      std::string& text = texts_[at];
      text.resize(column.text.size());
      text.append(rest);
      return text;
    }
    default:
      return {};
  }
}

}  // namespace obviews::engine
