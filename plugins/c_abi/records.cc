// Translating records, and the functions that read them; see records.h.
#include "plugins/c_abi/records.h"

#include <fmt/format.h>

#include <cstdint>

#include "plugins/c_abi/api.h"
#include "plugins/c_abi/call.h"

namespace obviews::c_abi {
namespace {

/// The host's value as the field holds it.
Result<schema::FieldValue> ToFieldValue(const obviews_value& value, const schema::Field& field) {
  auto refuse = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("field {} {}", field.name, why));
  };
  switch (value.kind) {
    case OBVIEWS_NULL:
      if (!field.nullable) return refuse("must not be NULL");
      return schema::FieldValue();
    case OBVIEWS_INT:
      if (field.is_text()) return refuse("is a text");
      if (field.type != schema::FieldType::kUint) return schema::FieldValue(value.as.integer);
      if (value.as.integer < 0) return refuse("must not be negative");
      return schema::FieldValue(static_cast<uint64_t>(value.as.integer));
    case OBVIEWS_UINT:
      if (field.is_text()) return refuse("is a text");
      if (field.type == schema::FieldType::kUint) {
        return schema::FieldValue(value.as.unsigned_integer);
      }
      if (value.as.unsigned_integer > INT64_MAX) return refuse("is at most 9223372036854775807");
      return schema::FieldValue(static_cast<int64_t>(value.as.unsigned_integer));
    case OBVIEWS_TEXT: {
      if (!field.is_text()) return refuse("is an integer");
      OBVIEWS_ASSIGN_OR_RETURN(std::string_view text, TextOf(value.as.text, field.name));
      return schema::FieldValue(std::string(text));
    }
    default:
      return refuse(fmt::format("cannot be set to a value of kind {}", value.kind));
  }
}

}  // namespace

HeldRecord::HeldRecord(schema::Record record) : record_(std::move(record)) {
  for (const schema::Field& field : record_.type().fields) names_.emplace_back(field.name);
}

Result<const schema::RecordType*> KindOf(const char* name) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(name, "the kind of the record"));
  if (const schema::RecordType* type = schema::FindRecordType(name)) return type;
  std::string names;
  for (const schema::RecordType& type : schema::RecordTypes()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", type.name);
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("no such kind of record: {}; there are {}", name, names));
}

Result<const schema::RecordType*> LiveKindOf(const char* name) {
  OBVIEWS_ASSIGN_OR_RETURN(const schema::RecordType* type, KindOf(name));
  if (!type->history) return type;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is in history, and does not change", type->name));
}

Result<std::vector<std::pair<std::string_view, schema::FieldValue>>> ToFields(
    const obviews_field* fields, size_t count, const schema::RecordType& type) {
  if (count > 0) OBVIEWS_RETURN_IF_ERROR(CheckGiven(fields, "fields"));
  std::vector<std::pair<std::string_view, schema::FieldValue>> out;
  for (size_t i = 0; i < count; ++i) {
    OBVIEWS_RETURN_IF_ERROR(CheckGiven(fields[i].name, "the name of a field"));
    int index = schema::FindField(type.fields, fields[i].name);
    if (index < 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} has no field {}", type.name, fields[i].name));
    }
    const schema::Field& field = type.fields[static_cast<size_t>(index)];
    if (field.is_key() || field.name == "status") {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("field {} is no field to set: a key stays, a status takes a step",
                              field.name));
    }
    OBVIEWS_ASSIGN_OR_RETURN(schema::FieldValue value, ToFieldValue(fields[i].value, field));
    // The name in the tables outlives the host's.
    out.emplace_back(field.name, std::move(value));
  }
  return out;
}

obviews_value ToValue(const schema::FieldValue& value) {
  obviews_value out{};
  if (const auto* number = std::get_if<int64_t>(&value)) {
    out.kind = OBVIEWS_INT;
    out.as.integer = *number;
  } else if (const auto* scn = std::get_if<uint64_t>(&value)) {
    out.kind = OBVIEWS_UINT;
    out.as.unsigned_integer = *scn;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out.kind = OBVIEWS_TEXT;
    out.as.text = ToText(*text);
  }
  return out;
}

namespace {

int32_t RecordClose(obviews_record* record, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto held, Handles::Instance().Remove<HeldRecord>(record));
    return {};
  });
}

int32_t RecordKey(const obviews_record* record, obviews_key* key, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(key, "key"));
    OBVIEWS_ASSIGN_OR_RETURN(auto held, Handles::Instance().Find<HeldRecord>(record));
    schema::Key of = held->record().key();
    *key = {of.tenant_id, of.job_id, of.task_id};
    return {};
  });
}

int32_t RecordGet(const obviews_record* record, const char* field, obviews_value* value,
                  obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(value, "value"));
    OBVIEWS_RETURN_IF_ERROR(CheckGiven(field, "the name of the field"));
    OBVIEWS_ASSIGN_OR_RETURN(auto held, Handles::Instance().Find<HeldRecord>(record));
    const schema::RecordType& type = held->record().type();
    int index = schema::FindField(type.fields, field);
    if (index < 0) {
      return Fail(ErrorCode::kNotFound, fmt::format("{} has no field {}", type.name, field));
    }
    *value = ToValue(held->record()[static_cast<size_t>(index)]);
    return {};
  });
}

int32_t RecordField(const obviews_record* record, size_t index, obviews_field* field,
                    obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(field, "field"));
    OBVIEWS_ASSIGN_OR_RETURN(auto held, Handles::Instance().Find<HeldRecord>(record));
    const schema::Record& of = held->record();
    if (index >= of.size()) {
      return Fail(ErrorCode::kNotFound, fmt::format("{} has {} fields", of.type().name, of.size()));
    }
    *field = {held->name(index).c_str(), ToValue(of[index])};
    return {};
  });
}

}  // namespace

void FillRecords(obviews_job_calls* jobs) {
  jobs->record_close = RecordClose;
  jobs->record_key = RecordKey;
  jobs->record_get = RecordGet;
  jobs->record_field = RecordField;
}

}  // namespace obviews::c_abi
