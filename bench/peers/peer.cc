// Statements and helpers the peers share; see peer.h.
#include "bench/peers/peer.h"

#include <fmt/format.h>

#include <filesystem>

namespace obviews::bench {

uint64_t FileBytes(const std::string& directory, std::string_view ending) {
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, ignored)) {
    if (!entry.is_regular_file(ignored) || !entry.path().native().ends_with(ending)) continue;
    uint64_t size = entry.file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

std::string AllColumns() {
  std::string list;
  for (const TaskColumn& column : kTaskColumns) {
    if (!list.empty()) list += ',';
    list += column.name;
  }
  return list;
}

std::string InsertStatement() {
  std::string sql = "INSERT INTO tasks VALUES (?";
  for (size_t i = 1; i < kTaskColumnCount; ++i) sql += ",?";
  return sql + ")";
}

std::string CreateStatement(const std::function<std::string(const TaskColumn&)>& type) {
  std::string sql = "CREATE TABLE tasks (";
  for (const TaskColumn& column : kTaskColumns) {
    sql += std::string(column.name) + " " + type(column);
    sql += column.nullable ? ", " : " NOT NULL, ";
  }
  return sql + "PRIMARY KEY (TENANT_ID, JOB_ID, TASK_ID))";
}

std::string CountFailedSql(int64_t tenant_id, int64_t job_id) {
  return fmt::format(
      "SELECT COUNT(*) FROM tasks WHERE TENANT_ID = {} AND JOB_ID = {} AND RESULT = 'FAILED'",
      tenant_id, job_id);
}

}  // namespace obviews::bench
