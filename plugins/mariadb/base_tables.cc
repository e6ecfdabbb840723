// Base tables from the records; see base_tables.h.
#include "plugins/mariadb/base_tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace obviews::mariadb {
namespace {

using schema::Field;
using schema::FieldType;
using schema::Origin;
using schema::RecordKind;
using schema::RecordType;

constexpr std::string_view kProgressTable = "__all_restore_progress";
/// The original's varchar(1024) makes the key larger than the server takes.
constexpr std::string_view kNameType = "varchar(255)";
/// Every one of the bytes counts, as in the records.
constexpr std::string_view kExact = "utf8mb4_nopad_bin";

std::string DefaultOf(const Field& field) {
  if (field.source_name() == "gmt_create") return "CURRENT_TIMESTAMP(6)";
  if (field.source_name() == "gmt_modified") {
    return "CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)";
  }
  return std::string(field.column_default);
}

/// A column that holds the field `index` of the records.
BaseColumn ColumnOf(const RecordType& record, size_t index) {
  const Field& field = record.fields[index];
  BaseColumn column{field.source_name(), static_cast<int>(index), field.sql_type,
                    TypeOf(field.sql_type), DefaultOf(field)};
  // The fields of a progress row are NULL where there is none.
  bool nullable = field.nullable;
  if (field.origin == Origin::kProgress) nullable = field.type == FieldType::kTime;
  column.type.nullable = nullable;
  return column;
}

BaseColumn TextColumn(std::string_view name, std::string_view type, bool nullable) {
  BaseColumn column{name, -1, type, TypeOf(type), nullable ? "''" : ""};
  column.type.nullable = nullable;
  return column;
}

BaseShape ShapeOf(const RecordType& record) {
  return record.kind == RecordKind::kRestoreJob ? BaseShape::kPairs : BaseShape::kRecord;
}

/// The key's columns by their names.
BaseKey KeyOver(const BaseTable& table, std::string_view name,
                std::initializer_list<std::string_view> columns, bool ordered) {
  BaseKey key{name, {}, ordered};
  for (std::string_view column : columns) {
    key.columns.push_back(static_cast<size_t>(table.FindColumn(column)));
  }
  return key;
}

void AddKeys(BaseTable& table) {
  if (table.record->per_task) {
    // Task ids are unique in a tenant; the store has tasks by their jobs.
    table.keys = {KeyOver(table, "", {"tenant_id", "task_id"}, false),
                  KeyOver(table, "by_job", {"tenant_id", "job_id", "task_id"}, true)};
  } else if (table.shape == BaseShape::kPairs) {
    table.keys = {KeyOver(table, "", {"tenant_id", "job_id", "name"}, true)};
  } else {
    table.keys = {KeyOver(table, "", {"tenant_id", "job_id"}, true)};
  }
}

BaseTable MakeTable(const RecordType& record, BaseShape shape) {
  BaseTable table;
  table.name = shape == BaseShape::kProgress ? kProgressTable : record.base_table;
  table.record = &record;
  table.shape = shape;
  bool progress = shape == BaseShape::kProgress;
  // The times of a progress row are its own and stand in the place of the job's.
  if (progress) {
    for (size_t i = 0; i < record.fields.size(); ++i) {
      bool time = record.fields[i].type == FieldType::kTime;
      if (record.fields[i].origin == Origin::kProgress && time) {
        table.columns.push_back(ColumnOf(record, i));
      }
    }
  }
  for (size_t i = 0; i < record.fields.size(); ++i) {
    const Field& field = record.fields[i];
    bool own_time = progress && field.type == FieldType::kTime;
    Origin wanted = progress && !field.is_key() ? Origin::kProgress : Origin::kColumn;
    if (field.origin == wanted && !own_time) table.columns.push_back(ColumnOf(record, i));
  }
  if (shape == BaseShape::kPairs) {
    table.name_column = table.columns.size();
    table.columns.push_back(TextColumn("name", kNameType, false));
    table.value_column = table.columns.size();
    table.columns.push_back(TextColumn("value", "longtext", true));
  }
  AddKeys(table);
  return table;
}

std::string StatusList(const RecordType& record) {
  std::string list;
  for (std::string_view status : record.statuses) {
    list += fmt::format("{}'{}'", list.empty() ? "" : ",", status);
  }
  return list;
}

std::string ColumnText(const BaseTable& table, const BaseColumn& column) {
  std::string text = fmt::format("`{}` {}", column.name, column.type.sql);
  bool is_name = table.shape == BaseShape::kPairs && &column == &table.columns[table.name_column];
  if (is_name) text += fmt::format(" CHARACTER SET utf8mb4 COLLATE {}", kExact);
  text += column.type.nullable ? " NULL" : " NOT NULL";
  if (!column.column_default.empty()) {
    text += " DEFAULT " + column.column_default;
  } else if (column.type.nullable) {
    text += " DEFAULT NULL";
  }
  if (column.name == "status") {
    text += fmt::format(" CHECK (`status` COLLATE {} IN ({}))", kExact, StatusList(*table.record));
  }
  return text;
}

}  // namespace

int BaseTable::FindColumn(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

std::span<const BaseTable> BaseTables() {
  static const std::vector<BaseTable> tables = [] {
    std::vector<BaseTable> list;
    for (const RecordType& record : schema::RecordTypes()) {
      list.push_back(MakeTable(record, ShapeOf(record)));
      if (ShapeOf(record) == BaseShape::kPairs) {
        list.push_back(MakeTable(record, BaseShape::kProgress));
      }
    }
    return list;
  }();
  return tables;
}

const BaseTable* FindBaseTable(std::string_view name) {
  for (const BaseTable& table : BaseTables()) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

std::string CreateTableText(const BaseTable& table) {
  std::string text = fmt::format("CREATE TABLE `{}` (", table.name);
  for (const BaseColumn& column : table.columns) text += ColumnText(table, column) + ", ";
  for (size_t i = 0; i < table.keys.size(); ++i) {
    const BaseKey& key = table.keys[i];
    std::string columns;
    for (size_t column : key.columns) {
      columns += fmt::format("{}`{}`", columns.empty() ? "" : ",", table.columns[column].name);
    }
    text += i == 0 ? fmt::format("PRIMARY KEY ({})", columns)
                   : fmt::format(", KEY `{}` ({})", key.name, columns);
  }
  if (table.shape == BaseShape::kPairs) {
    text += fmt::format(
        ", CONSTRAINT `status` CHECK (`name` <> 'status' OR `value` COLLATE {} IN ({}))", kExact,
        StatusList(*table.record));
  }
  return text + ") ENGINE=OBVIEWS DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
}

}  // namespace obviews::mariadb
