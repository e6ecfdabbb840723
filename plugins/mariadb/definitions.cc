// Tables from the catalog; see definitions.h.
#include "plugins/mariadb/definitions.h"

#include <fmt/format.h>

#include "schema/numbers.h"

namespace obviews::mariadb {
namespace {

using schema::Column;
using schema::Conversion;
using schema::Field;
using schema::FieldType;
using schema::KeyPart;
using schema::ShownKind;
using schema::View;

/// Longer texts make rows larger than the server takes.
constexpr int64_t kMaxVarchar = 1024;

KeyPart KeyPartOf(const View& view, const Column& column) {
  if (column.conversion != Conversion::kNone) return KeyPart::kNone;
  return view.record->fields[column.field].key_part;
}

ColumnType IntegerType(const View& view, const Column& column) {
  if (KeyPartOf(view, column) != KeyPart::kNone) return {FieldKind::kInteger, "BIGINT"};
  if (view.record->fields[column.field].type == FieldType::kUint) {
    return {FieldKind::kUnsigned, "BIGINT UNSIGNED"};
  }
  bool tiny = column.type.starts_with("tinyint");
  return {FieldKind::kInteger, tiny ? "TINYINT" : "BIGINT"};
}

ColumnType TextType(std::string_view type) {
  if (type.starts_with("timestamp(")) return {FieldKind::kTimestamp, "TIMESTAMP(6)"};
  if (type.starts_with("datetime(")) return {FieldKind::kDatetime, "DATETIME(6)"};
  // Oracle's times are texts of a fixed form.
  if (type.starts_with("TIMESTAMP(")) return {FieldKind::kText, "VARCHAR(64)"};
  int64_t length = LengthOf(type);
  if (length == 0) return {FieldKind::kText, "LONGTEXT"};
  if (length > kMaxVarchar) return {FieldKind::kText, "TEXT"};
  return {FieldKind::kText, fmt::format("VARCHAR({})", length)};
}

/// Whether no record can show NULL there. The server takes NOT NULL at its word.
bool NeverNull(const View& view, const Column& column, FieldKind kind) {
  const Field& field = view.record->fields[column.field];
  if (KeyPartOf(view, column) != KeyPart::kNone) return true;
  if (column.nullable || field.nullable || kind == FieldKind::kTimestamp) return false;
  if (kind == FieldKind::kInteger || kind == FieldKind::kUnsigned) return !field.is_text();
  // In Oracle mode an empty text is NULL.
  return kind == FieldKind::kText && view.mode == schema::Mode::kMySql &&
         (column.conversion == Conversion::kNone || column.conversion == Conversion::kStatusFold);
}

}  // namespace

int64_t LengthOf(std::string_view type) {
  size_t open = type.find('(');
  if (open == std::string_view::npos) return 0;
  auto length = schema::ParseInt64(type.substr(open + 1, type.find(')') - open - 1));
  return length ? *length : 0;
}

ColumnType TypeOf(std::string_view sql_type) {
  if (sql_type.starts_with("tinyint")) return {FieldKind::kInteger, "TINYINT"};
  if (!sql_type.starts_with("bigint")) return TextType(sql_type);
  if (sql_type.ends_with("unsigned")) return {FieldKind::kUnsigned, "BIGINT UNSIGNED"};
  return {FieldKind::kInteger, "BIGINT"};
}

ColumnType TypeOf(const View& view, size_t index) {
  const Column& column = view.columns[index];
  ColumnType type;
  if (column.kind == ShownKind::kInteger) {
    type = IntegerType(view, column);
  } else if (column.kind == ShownKind::kReal) {
    bool oracle = view.mode == schema::Mode::kOracle;
    type = {FieldKind::kDecimal, oracle ? "DECIMAL(20,2)" : "DECIMAL(6,2)"};
  } else {
    type = TextType(column.type);
  }
  type.nullable = !NeverNull(view, column, type.kind);
  return type;
}

std::vector<size_t> IndexColumns(const View& view) {
  std::vector<size_t> columns;
  for (KeyPart part : {KeyPart::kTenant, KeyPart::kJob, KeyPart::kTask}) {
    for (size_t i = 0; i < view.columns.size(); ++i) {
      if (KeyPartOf(view, view.columns[i]) == part) columns.push_back(i);
    }
  }
  return columns;
}

bool HasUniqueIndex(const View& view) { return view.record->grouped_by.empty(); }

std::string CreateTableText(const View& view) {
  std::string text = fmt::format("CREATE TABLE `{}` (", view.name);
  for (size_t i = 0; i < view.columns.size(); ++i) {
    ColumnType type = TypeOf(view, i);
    const char* null = !type.nullable ? "NOT NULL" : "NULL DEFAULT NULL";
    text += fmt::format("`{}` {} {}, ", view.columns[i].name, type.sql, null);
  }
  std::string key;
  for (size_t column : IndexColumns(view)) {
    key += fmt::format("{}`{}`", key.empty() ? "" : ",", view.columns[column].name);
  }
  text += fmt::format("{} ({})", HasUniqueIndex(view) ? "PRIMARY KEY" : "KEY `by_job`", key);
  // Servers compare texts of MySQL mode without regard to case and those of Oracle mode by bytes.
  bool oracle = view.mode == schema::Mode::kOracle;
  text += fmt::format(") ENGINE=OBVIEWS DEFAULT CHARSET=utf8mb4 COLLATE={}",
                      oracle ? "utf8mb4_nopad_bin" : "utf8mb4_general_ci");
  return text;
}

}  // namespace obviews::mariadb
