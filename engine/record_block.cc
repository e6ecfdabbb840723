// Encoding and parsing of blocks; see record_block.h.
#include "engine/record_block.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <deque>

namespace obviews::engine {
namespace {

using schema::Field;
using schema::FieldType;
using schema::KeyPart;
using schema::Record;
using schema::RecordType;

constexpr size_t kHeadSize = 16;

bool IsText(const Field& field) {
  return field.type == FieldType::kText || field.type == FieldType::kPairs;
}

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

IntValues GatherInts(std::span<const BlockRow> rows, size_t field) {
  IntValues out;
  out.values.reserve(rows.size());
  auto add_null = [&] {
    out.nulls.resize(rows.size());
    out.nulls[out.values.size()] = true;
    out.values.push_back(0);
  };
  for (const BlockRow& row : rows) {
    if (row.record() == nullptr) {
      if (row.view().IsNull(field)) {
        add_null();
      } else {
        out.values.push_back(row.view().Int(field));
      }
      continue;
    }
    const schema::FieldValue& value = (*row.record())[field];
    if (const auto* number = std::get_if<int64_t>(&value)) {
      out.values.push_back(*number);
    } else if (const auto* scn = std::get_if<uint64_t>(&value)) {
      out.values.push_back(static_cast<int64_t>(*scn));
    } else {
      add_null();
    }
  }
  return out;
}

/// Collects the texts of one field. `own` keeps what no row keeps.
class TextGatherer {
 public:
  TextGatherer(std::span<const BlockRow> rows, size_t field, std::deque<std::string>* own)
      : rows_(rows), field_(field), own_(own) {
    out_.values.reserve(rows.size());
  }

  TextValues Run(std::vector<BlockText>* external) {
    for (const BlockRow& row : rows_) {
      if (row.record() == nullptr) {
        AddStored(row.view());
      } else {
        Add(std::get_if<std::string>(&(*row.record())[field_]), external);
      }
    }
    return std::move(out_);
  }

 private:
  void Add(const std::string* text, std::vector<BlockText>* external) {
    if (text == nullptr) {
      AddNull();
    } else if (text->size() <= kMaxInlineText) {
      out_.values.push_back(*text);
    } else {
      ExternalText ref{static_cast<uint16_t>(field_), text->size(), HashText(*text)};
      external->push_back({static_cast<uint32_t>(out_.values.size()), ref});
      AddReference(ref);
    }
  }

  void AddStored(const RecordView& row) {
    if (row.IsNull(field_)) {
      AddNull();
    } else if (row.IsExternal(field_)) {
      AddReference(row.External(field_));
    } else {
      // The block hands out the next row's text in the same place.
      out_.values.push_back(own_->emplace_back(row.Text(field_)));
    }
  }

  void AddNull() {
    out_.nulls.resize(rows_.size());
    out_.nulls[out_.values.size()] = true;
    out_.values.emplace_back();
  }

  void AddReference(const ExternalText& ref) {
    std::string& bytes = own_->emplace_back();
    AppendReference(ref, &bytes);
    out_.externals.resize(rows_.size());
    out_.externals[out_.values.size()] = true;
    out_.values.push_back(bytes);
  }

  std::span<const BlockRow> rows_;
  size_t field_;
  std::deque<std::string>* own_;
  TextValues out_;
};

}  // namespace

const RecordType& BlockRow::type() const {
  return record_ != nullptr ? record_->type() : block_->type();
}

Key BlockRow::key() const { return record_ != nullptr ? record_->key() : block_->key(row_); }

size_t BlockRow::TextSize() const {
  size_t size = 0;
  size_t fields = type().fields.size();
  for (size_t i = 0; i < fields; ++i) {
    if (!IsText(type().fields[i])) continue;
    if (record_ == nullptr) {
      RecordView row = view();
      size += row.IsNull(i) ? 0 : row.IsExternal(i) ? kExternalRefSize : row.Text(i).size();
    } else if (const auto* text = std::get_if<std::string>(&(*record_)[i])) {
      size += text->size() > kMaxInlineText ? kExternalRefSize : text->size();
    }
  }
  return size;
}

size_t TakeBlock(std::span<const BlockRow> rows) {
  size_t text = 0;
  size_t most = std::min<size_t>(rows.size(), kMaxBlockRows);
  for (size_t row = 0; row < most; ++row) {
    text += rows[row].TextSize();
    if (text > kMaxBlockText && row > 0) return row;
  }
  return most;
}

void EncodeBlock(std::span<const BlockRow> rows, std::string* out,
                 std::vector<BlockText>* external) {
  const RecordType& type = rows[0].type();
  std::string descriptors(1, static_cast<char>(type.fields.size()));
  std::string payload;
  // Columns that later ones may refer to must stay.
  std::vector<IntValues> ints(type.fields.size());
  std::vector<TextValues> texts(type.fields.size());
  std::deque<std::string> own;
  std::vector<TextCandidate> earlier;
  const IntValues* previous = nullptr;
  uint8_t previous_index = 0;
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const Field& field = type.fields[i];
    auto index = static_cast<uint8_t>(i);
    if (InKey(field)) continue;
    if (IsText(field)) {
      texts[i] = TextGatherer(rows, i, &own).Run(external);
      AppendTextColumn(texts[i], earlier, &descriptors, &payload);
      if (!texts[i].hashes.empty()) earlier.push_back({index, &texts[i]});
      continue;
    }
    ints[i] = GatherInts(rows, i);
    AppendIntColumn(ints[i], previous, previous_index, &descriptors, &payload);
    if (ints[i].constant) continue;
    previous = &ints[i];
    previous_index = index;
  }
  size_t start = out->size();
  out->push_back(static_cast<char>(kBlockFormatVersion));
  out->push_back(static_cast<char>(type.kind));
  auto append = [&](auto number) {
    out->append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  append(static_cast<uint16_t>(rows.size()));
  append(static_cast<uint32_t>(descriptors.size()));
  append(HeadChecksum(rows.back().key(), std::string_view(*out).substr(start), descriptors));
  *out += descriptors;
  *out += payload;
  out->append(kUnpackSlack, '\0');
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
  bool text = field < type_->fields.size() && IsText(type_->fields[field]);
  bool sound = text ? column.kind == ColumnKind::kNull || column.kind >= ColumnKind::kText
                    : column.kind <= ColumnKind::kStride;
  if (!sound) return "a column is of another type than its field";
  // Chains of references are never written: a column that is the same as a third one is the same
  // as the first.
  if (column.kind == ColumnKind::kSame || column.relative) {
    const PackedColumn& other = columns_[column.other];
    if (other.kind == ColumnKind::kSame || !IsText(type_->fields[column.other]) == text) {
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
