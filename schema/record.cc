// Records in memory; see record.h.
#include "schema/record.h"

#include <fmt/format.h>

namespace obviews::schema {

std::string ToString(const RecordType& type, const Key& key) {
  return type.per_task ? fmt::format("({}, {}, {})", key.tenant_id, key.job_id, key.task_id)
                       : fmt::format("({}, {})", key.tenant_id, key.job_id);
}

FieldValue UnsetValue(const Field& field) {
  switch (field.unset) {
    case Unset::kNull:
      return std::monostate{};
    case Unset::kEmptyText:
      return std::string();
    case Unset::kMinusOne:
      return int64_t{-1};
    case Unset::kZero:
      break;
  }
  if (field.type == FieldType::kUint) return uint64_t{0};
  return int64_t{0};
}

Record::Record(RecordKind kind) : kind_(kind) {
  auto fields = GetRecordType(kind).fields;
  values_.reserve(fields.size());
  for (const Field& field : fields) values_.push_back(UnsetValue(field));
}

void Record::Set(std::string_view field, FieldValue value) {
  values_[static_cast<size_t>(FindField(type().fields, field))] = std::move(value);
}

const FieldValue& Record::Get(std::string_view field) const {
  return values_[static_cast<size_t>(FindField(type().fields, field))];
}

std::string_view Record::Text(std::string_view field) const {
  const auto* text = std::get_if<std::string>(&Get(field));
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

int64_t Record::Int(std::string_view field) const {
  const FieldValue& value = Get(field);
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* number = std::get_if<uint64_t>(&value)) return static_cast<int64_t>(*number);
  return 0;
}

namespace {

/// Where the parts of the key are. Finding them by name for every record would take longer than
/// storing it.
struct KeyFields {
  int tenant = -1;
  int job = -1;
  int task = -1;
};

KeyFields FindKeyFields(const RecordType& type) {
  return {FindField(type.fields, "tenant_id"), FindField(type.fields, "job_id"),
          type.per_task ? FindField(type.fields, "task_id") : -1};
}

const KeyFields& KeyFieldsOf(RecordKind kind) {
  static const std::vector<KeyFields> all = [] {
    std::vector<KeyFields> list(UINT8_MAX + size_t{1});
    for (const RecordType& type : RecordTypes()) {
      list[static_cast<size_t>(type.kind)] = FindKeyFields(type);
    }
    return list;
  }();
  return all[static_cast<size_t>(kind)];
}

}  // namespace

Key Record::key() const {
  auto part = [&](int field) {
    const auto* number =
        field < 0 ? nullptr : std::get_if<int64_t>(&values_[static_cast<size_t>(field)]);
    return number == nullptr ? 0 : *number;
  };
  KeyFields fields = KeyFieldsOf(kind_);
  if (fields.tenant < 0) fields = FindKeyFields(type());  // a kind that is not stored
  return {part(fields.tenant), part(fields.job), part(fields.task)};
}

Record Record::AsTwin() const {
  Record twin = *this;
  twin.kind_ = type().twin;
  return twin;
}

namespace {

void AppendLength(std::string& out, uint32_t length) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(length >> shift));
}

/// Takes a length-prefixed text off the front; false when the bytes end early.
bool TakeText(std::string_view& in, std::string& out, bool& is_null) {
  if (in.size() < 4) return false;
  uint32_t length = 0;
  for (size_t i = 0; i < 4; ++i) {
    length |= static_cast<uint32_t>(static_cast<unsigned char>(in[i])) << (8 * i);
  }
  in.remove_prefix(4);
  is_null = length == UINT32_MAX;
  if (is_null) return true;
  if (in.size() < length) return false;
  out.assign(in.substr(0, length));
  in.remove_prefix(length);
  return true;
}

}  // namespace

std::string EncodePairs(const std::vector<NamedValue>& pairs) {
  std::string out;
  for (const NamedValue& pair : pairs) {
    AppendLength(out, static_cast<uint32_t>(pair.name.size()));
    out += pair.name;
    AppendLength(out, pair.is_null ? UINT32_MAX : static_cast<uint32_t>(pair.value.size()));
    if (!pair.is_null) out += pair.value;
  }
  return out;
}

std::vector<NamedValue> DecodePairs(std::string_view encoded) {
  std::vector<NamedValue> pairs;
  while (!encoded.empty()) {
    NamedValue pair;
    bool name_is_null = false;
    if (!TakeText(encoded, pair.name, name_is_null)) break;
    if (!TakeText(encoded, pair.value, pair.is_null)) break;
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace obviews::schema
