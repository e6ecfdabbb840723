// Records as JSON lines; see record_json.h.
#include "tools/loader/record_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "schema/mask.h"
#include "tools/output/escape.h"

namespace obviews::tools {
namespace {

using nlohmann::json;
using schema::Field;
using schema::FieldType;
using schema::FieldValue;
using schema::Record;
using schema::Secrecy;

void WriteInt(Sink& sink, int64_t value) { sink.Append(fmt::format_int(value).c_str()); }
void WriteUint(Sink& sink, uint64_t value) { sink.Append(fmt::format_int(value).c_str()); }

/// Pairs whose names tell that they are secrets, beside those of URIs.
bool IsSecretPair(std::string_view name) {
  return schema::IsSecretKey(name) || name.starts_with("kms_") || name.starts_with("passwd");
}

std::string Masked(std::string_view text, Secrecy secrecy) {
  if (secrecy == Secrecy::kSecret) return std::string(schema::MaskSecret(text));
  std::string out(text);
  if (secrecy == Secrecy::kUri && schema::NeedsUriMask(text)) schema::MaskUriSecrets(text, out);
  return out;
}

void WritePairs(Sink& sink, std::string_view encoded, bool mask) {
  sink.Append('[');
  bool first = true;
  for (const schema::NamedValue& pair : schema::DecodePairs(encoded)) {
    if (!first) sink.Append(',');
    first = false;
    sink.Append('[');
    AppendJsonText(sink, pair.name);
    sink.Append(',');
    if (pair.is_null) {
      sink.Append("null");
    } else if (mask) {
      // Nobody knows what an unknown pair holds: look for secrets in all of them.
      AppendJsonText(
          sink, Masked(pair.value, IsSecretPair(pair.name) ? Secrecy::kSecret : Secrecy::kUri));
    } else {
      AppendJsonText(sink, pair.value);
    }
    sink.Append(']');
  }
  sink.Append(']');
}

std::string DecodeText(const json& value) {
  std::string out;
  DecodeJsonBytes(value.get_ref<const std::string&>(), out);
  return out;
}

/// The value of a field from JSON; an engaged error text if it does not fit.
std::string ReadField(const Field& field, const json& value, FieldValue* out) {
  if (value.is_null()) {
    *out = std::monostate{};
    return {};
  }
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kTime:
      if (!value.is_number_integer() ||
          (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX)) {
        return "is no 64-bit integer";
      }
      *out = value.get<int64_t>();
      return {};
    case FieldType::kUint:
      if (!value.is_number_unsigned()) return "is no unsigned 64-bit integer";
      *out = value.get<uint64_t>();
      return {};
    case FieldType::kText:
      if (!value.is_string()) return "is no string";
      *out = DecodeText(value);
      return {};
    case FieldType::kPairs:
      break;
  }
  if (!value.is_array()) return "is no array of [name, value]";
  std::vector<schema::NamedValue> pairs;
  for (const json& item : value) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_string() ||
        !(item[1].is_string() || item[1].is_null())) {
      return "is no array of [name, value]";
    }
    pairs.push_back({DecodeText(item[0]), item[1].is_null() ? std::string() : DecodeText(item[1]),
                     item[1].is_null()});
  }
  *out = schema::EncodePairs(pairs);
  return {};
}

Result<engine::Tenant> ReadTenant(const json& object, const std::string& place) {
  auto bad = [&](std::string_view what) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: a tenant record {}", place, what));
  };
  engine::Tenant tenant;
  if (!object.contains("id") || !object["id"].is_number_integer()) return bad("without an id");
  tenant.id = object["id"].get<int64_t>();
  if (tenant.id <= 0) return bad("whose id is not above 0");
  if (object.contains("name")) {
    if (!object["name"].is_string()) return bad("whose name is no string");
    tenant.name = DecodeText(object["name"]);
  }
  if (object.contains("mode") && !object["mode"].is_null()) {
    if (!object["mode"].is_string()) return bad("whose mode is no string");
    auto mode = schema::ParseMode(object["mode"].get_ref<const std::string&>());
    if (!mode) return bad("whose mode is neither mysql nor oracle");
    tenant.mode_known = true;
    tenant.mode = *mode;
  }
  return tenant;
}

}  // namespace

void WriteRecordJson(Sink& sink, const Record& record, bool mask) {
  sink.Append(fmt::format("{{\"obviews_record\":{},\"kind\":\"{}\"", kRecordJsonVersion,
                          record.type().name));
  for (size_t i = 0; i < record.size(); ++i) {
    const Field& field = record.type().fields[i];
    sink.Append(",\"");
    sink.Append(field.name);
    sink.Append("\":");
    if (const auto* number = std::get_if<int64_t>(&record[i])) {
      WriteInt(sink, *number);
    } else if (const auto* scn = std::get_if<uint64_t>(&record[i])) {
      WriteUint(sink, *scn);
    } else if (const auto* text = std::get_if<std::string>(&record[i])) {
      if (field.type == FieldType::kPairs) {
        WritePairs(sink, *text, mask);
      } else if (mask) {
        AppendJsonText(sink, Masked(*text, field.secrecy));
      } else {
        AppendJsonText(sink, *text);
      }
    } else {
      sink.Append("null");
    }
  }
  sink.Append("}\n");
}

void WriteTenantJson(Sink& sink, const engine::Tenant& tenant) {
  sink.Append(fmt::format("{{\"obviews_record\":{},\"kind\":\"tenant\",\"id\":{},\"name\":",
                          kRecordJsonVersion, tenant.id));
  AppendJsonText(sink, tenant.name);
  sink.Append(tenant.mode_known ? fmt::format(",\"mode\":\"{}\"}}\n", schema::ModeName(tenant.mode))
                                : ",\"mode\":null}\n");
}

Result<std::variant<Record, engine::Tenant>> ReadRecordJson(std::string_view line,
                                                            const std::string& place) {
  auto bad = [&](std::string_view what) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", place, what));
  };
  json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return bad("an export line is not a JSON object");
  if (!object["obviews_record"].is_number_integer()) return bad("obviews_record is no number");
  if (object["obviews_record"].get<int64_t>() > kRecordJsonVersion) {
    return bad("the export was written by a newer obviews: use that one to load it");
  }
  if (!object["kind"].is_string()) return bad("an export line without a kind");
  const auto& kind = object["kind"].get_ref<const std::string&>();
  if (kind == "tenant") {
    OBVIEWS_ASSIGN_OR_RETURN(engine::Tenant tenant, ReadTenant(object, place));
    return tenant;
  }
  const schema::RecordType* type = schema::FindRecordType(kind);
  if (type == nullptr) return bad(fmt::format("unknown kind of record '{}'", kind));
  Record record(type->kind);
  for (const auto& [name, value] : object.items()) {
    if (name == "obviews_record" || name == "kind") continue;
    int field = schema::FindField(type->fields, name);
    if (field < 0) return bad(fmt::format("a record of kind {} has no field '{}'", kind, name));
    auto index = static_cast<size_t>(field);
    std::string why = ReadField(type->fields[index], value, &record[index]);
    if (!why.empty()) return bad(fmt::format("field {} {}", name, why));
  }
  Status valid = engine::ValidateRecord(record);
  if (!valid) return bad(valid.error().message);
  return record;
}

}  // namespace obviews::tools
