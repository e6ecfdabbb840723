// Encoding and parsing of record bytes; see record_format.h.
#include "engine/record_format.h"

#include <xxhash.h>

#include <bit>
#include <cstring>

#include "engine/record_block.h"

namespace obviews::engine {
namespace {

using schema::Field;
using schema::RecordType;

constexpr size_t kHeaderSize = 16;
constexpr uint8_t kHasExternal = 1;

static_assert(std::endian::native == std::endian::little, "the format is little endian");

template <class T>
T Load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void Append(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

void AppendInt(std::string* out, int64_t value) {
  if (value == 0) return;
  int bytes = 1;
  // Enough bytes to hold the value and its sign.
  while (bytes < 8 && (value >> (8 * bytes - 1)) != 0 && (value >> (8 * bytes - 1)) != -1) ++bytes;
  out->append(reinterpret_cast<const char*>(&value), static_cast<size_t>(bytes));
}

int64_t ReadInt(std::string_view bytes) {
  if (bytes.empty()) return 0;
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), bytes.size());
  int shift = static_cast<int>(64 - 8 * bytes.size());
  return static_cast<int64_t>(bits << shift) >> shift;
}

bool Bit(const unsigned char* bitmap, size_t index) {
  return (bitmap[index / 8] >> (index % 8) & 1) != 0;
}

uint64_t Checksum(const Key& key, std::string_view record) {
  EncodedKey encoded = EncodeKey(key);
  // The key is bound in, so that a value under the wrong key is damage too.
  uint64_t seed =
      XXH3_64bits_withSeed(encoded.data(), encoded.size(), Load<uint64_t>(record.data()));
  return XXH3_64bits_withSeed(record.data() + kHeaderSize, record.size() - kHeaderSize, seed);
}

/// Appends one field's payload; says whether it is NULL or external.
struct Slot {
  bool null = false;
  bool external = false;
};
Slot AppendField(const Field& field, uint16_t index, const schema::FieldValue& value,
                 std::string* payload, std::vector<ExternalText>* external) {
  if (std::holds_alternative<std::monostate>(value)) return {.null = true};
  if (field.is_key()) return {};
  if (const auto* number = std::get_if<int64_t>(&value)) {
    AppendInt(payload, *number);
  } else if (const auto* scn = std::get_if<uint64_t>(&value)) {
    AppendInt(payload, static_cast<int64_t>(*scn));
  } else {
    const auto& text = std::get<std::string>(value);
    if (text.size() > kMaxInlineText) {
      ExternalText ref{index, text.size(), HashText(text)};
      AppendReference(ref, payload);
      external->push_back(ref);
      return {.external = true};
    }
    payload->append(text);
  }
  return {};
}

uint8_t OffsetWidth(size_t payload) {
  return payload <= UINT8_MAX ? 1 : payload <= UINT16_MAX ? 2 : 4;
}

}  // namespace

uint64_t HashText(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

void AppendReference(const ExternalText& text, std::string* out) {
  Append(out, text.size);
  Append(out, text.hash);
}

ExternalText ParseReference(uint16_t field, std::string_view bytes) {
  return {field, Load<uint64_t>(bytes.data()), Load<uint64_t>(bytes.data() + sizeof(uint64_t))};
}

void EncodeRecord(const schema::Record& record, std::string* out,
                  std::vector<ExternalText>* external) {
  const RecordType& type = record.type();
  size_t count = type.fields.size();
  size_t bitmap = (count + 7) / 8;
  std::string nulls(bitmap, '\0');
  std::string externals(bitmap, '\0');
  std::string payload;
  std::vector<uint32_t> ends;
  ends.reserve(count);
  bool has_external = false;
  for (size_t i = 0; i < count; ++i) {
    Slot slot =
        AppendField(type.fields[i], static_cast<uint16_t>(i), record[i], &payload, external);
    if (slot.null) nulls[i / 8] |= static_cast<char>(1 << (i % 8));
    if (slot.external) externals[i / 8] |= static_cast<char>(1 << (i % 8));
    has_external |= slot.external;
    ends.push_back(static_cast<uint32_t>(payload.size()));
  }
  uint8_t width = OffsetWidth(payload.size());
  size_t start = out->size();
  out->push_back(static_cast<char>(kRecordFormatVersion));
  out->push_back(static_cast<char>(type.kind));
  Append(out, static_cast<uint16_t>(count));
  out->push_back(static_cast<char>(width));
  out->push_back(static_cast<char>(has_external ? kHasExternal : 0));
  Append(out, uint16_t{0});
  Append(out, uint64_t{0});
  *out += nulls;
  if (has_external) *out += externals;
  for (uint32_t end : ends) out->append(reinterpret_cast<const char*>(&end), width);
  *out += payload;
  uint64_t checksum = Checksum(record.key(), std::string_view(*out).substr(start));
  std::memcpy(out->data() + start + 8, &checksum, sizeof checksum);
}

RecordView::RecordView(const RecordBlock& block, uint32_t row)
    : type_(&block.type()), block_(&block), row_(row), key_(block.key(row)) {}

std::string_view RecordView::Parse(const RecordType& type, const Key& key, std::string_view bytes) {
  if (bytes.size() < kHeaderSize) return "the record is truncated";
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (data[0] != kRecordFormatVersion) return "the record has a version this build does not know";
  if (Load<uint64_t>(data + 8) != Checksum(key, bytes)) return "its checksum is wrong";
  if (data[1] != static_cast<uint8_t>(type.kind)) return "it is a record of another kind";
  count_ = Load<uint16_t>(data + 2);
  width_ = data[4];
  if (width_ != 1 && width_ != 2 && width_ != 4) return "its offsets have an unknown width";
  size_t bitmap = (count_ + 7) / 8;
  bool has_external = (data[5] & kHasExternal) != 0;
  size_t head = kHeaderSize + bitmap * (has_external ? 2 : 1) + size_t{count_} * width_;
  if (bytes.size() < head) return "the record is truncated";
  type_ = &type;
  block_ = nullptr;
  key_ = key;
  nulls_ = data + kHeaderSize;
  externals_ = has_external ? nulls_ + bitmap : nullptr;
  offsets_ = nulls_ + bitmap * (has_external ? 2 : 1);
  payload_ = bytes.data() + head;
  uint32_t previous = 0;
  for (size_t i = 0; i < count_; ++i) {
    uint32_t end = Offset(i);
    if (end < previous ||
        (i < type.fields.size() && !type.fields[i].is_text() && end - previous > 8)) {
      return "its offsets are out of order";
    }
    if (externals_ != nullptr && Bit(externals_, i) && end - previous != kExternalRefSize) {
      return "a text reference has a wrong size";
    }
    previous = end;
  }
  if (previous != bytes.size() - head) return "its payload has a wrong size";
  return {};
}

uint32_t RecordView::Offset(size_t index) const {
  const unsigned char* at = offsets_ + index * width_;
  if (width_ == 1) return *at;
  if (width_ == 2) return Load<uint16_t>(at);
  return Load<uint32_t>(at);
}

std::string_view RecordView::Payload(size_t field) const {
  uint32_t begin = field == 0 ? 0 : Offset(field - 1);
  return {payload_ + begin, Offset(field) - begin};
}

bool RecordView::IsNull(size_t field) const {
  if (block_ != nullptr) return block_->IsNull(field, row_);
  if (field >= count_) return type_->fields[field].unset == schema::Unset::kNull;
  return Bit(nulls_, field);
}

bool RecordView::IsExternal(size_t field) const {
  if (block_ != nullptr) return block_->IsExternal(field, row_);
  return externals_ != nullptr && field < count_ && Bit(externals_, field);
}

ExternalText RecordView::External(size_t field) const {
  if (block_ != nullptr) return block_->External(field, row_);
  return ParseReference(static_cast<uint16_t>(field), Payload(field));
}

int64_t RecordView::Int(size_t field) const {
  const Field& descriptor = type_->fields[field];
  switch (descriptor.key_part) {
    case schema::KeyPart::kTenant:
      return key_.tenant_id;
    case schema::KeyPart::kJob:
      return key_.job_id;
    case schema::KeyPart::kTask:
      return key_.task_id;
    case schema::KeyPart::kNone:
      break;
  }
  if (block_ != nullptr) return block_->Int(field, row_);
  if (field >= count_) return descriptor.unset == schema::Unset::kMinusOne ? -1 : 0;
  return ReadInt(Payload(field));
}

std::string_view RecordView::Text(size_t field) const {
  if (block_ != nullptr) return block_->Text(field, row_);
  return field < count_ ? Payload(field) : std::string_view();
}

std::vector<ExternalText> RecordView::ExternalTexts() const {
  std::vector<ExternalText> out;
  for (size_t i = 0; i < type_->fields.size(); ++i) {
    if (IsExternal(i)) out.push_back(External(i));
  }
  return out;
}

}  // namespace obviews::engine
