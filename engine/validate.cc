// What no store may hold; see ValidateRecord in store.h.
#include <fmt/format.h>

#include <charconv>

#include "engine/store.h"
#include "schema/conversions.h"

namespace obviews::engine {
namespace {

bool HasType(const schema::Field& field, const schema::FieldValue& value) {
  switch (field.type) {
    case schema::FieldType::kInt:
    case schema::FieldType::kTime:
      return std::holds_alternative<int64_t>(value);
    case schema::FieldType::kUint:
      return std::holds_alternative<uint64_t>(value);
    case schema::FieldType::kText:
    case schema::FieldType::kPairs:
      return std::holds_alternative<std::string>(value);
  }
  return false;
}

/// An SCN held as text, as the key-value restore job does.
bool IsScnPair(const schema::Field& field) {
  return field.origin == schema::Origin::kPair &&
         (field.name == "restore_scn" || field.name == "consistent_scn");
}

}  // namespace

bool ScnTooLarge(const schema::Field& field, const schema::FieldValue& value) {
  if (const auto* scn = std::get_if<uint64_t>(&value)) return *scn > schema::kMaxScn;
  if (!IsScnPair(field)) return false;
  const auto* held = std::get_if<std::string>(&value);
  if (held == nullptr) return false;
  const std::string& text = *held;
  uint64_t scn = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), scn);
  return parsed.ec == std::errc::result_out_of_range ||
         (parsed.ec == std::errc() && scn > schema::kMaxScn);
}

Status ValidateRecord(const schema::Record& record) {
  const schema::RecordType& type = record.type();
  for (size_t i = 0; i < record.size(); ++i) {
    const schema::Field& field = type.fields[i];
    const schema::FieldValue& value = record[i];
    auto refuse = [&](std::string_view why) {
      return Fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{} {}: {} {}", type.name, ToString(type, record.key()), field.name, why));
    };
    if (std::holds_alternative<std::monostate>(value)) {
      if (!field.nullable) return refuse("must not be NULL");
      continue;
    }
    if (!HasType(field, value)) return refuse("has a value of the wrong type");
    // Tasks are counted by these, and found by them; the base tables have varchar(64).
    const auto* text = std::get_if<std::string>(&value);
    if (type.per_task && text != nullptr && text->size() > kMaxInlineText &&
        (field.name == "status" || field.name == "result")) {
      return refuse(fmt::format("has more than {} bytes", kMaxInlineText));
    }
    if (ScnTooLarge(field, value)) {
      return refuse(fmt::format("is above the largest SCN, {}", schema::kMaxScn));
    }
  }
  return {};
}

}  // namespace obviews::engine
