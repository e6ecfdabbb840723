// The views as tables of a MariaDB server: which type each column has there, and the CREATE TABLE
// text a discovered table is made from. Knows no server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"

namespace obviews::mariadb {

/// How values of a column are put into a row of the server.
enum class FieldKind : uint8_t {
  kInteger,    ///< BIGINT, TINYINT
  kUnsigned,   ///< BIGINT UNSIGNED
  kDecimal,    ///< DECIMAL with two decimals
  kText,       ///< VARCHAR, TEXT, LONGTEXT
  kTimestamp,  ///< TIMESTAMP(6): the shown time in UTC
  kDatetime,   ///< DATETIME(6): the shown time as it is
};

struct ColumnType {
  FieldKind kind = FieldKind::kText;
  std::string sql;  ///< as in CREATE TABLE
  bool nullable = true;
};

/// The type of a column. It is the catalog's, but where a server refuses that: texts above 1024
/// characters are TEXT (rows would be too large), ids in keys are BIGINT, Oracle's TIMESTAMP(9) is
/// a text. A TIMESTAMP holds fewer times than a record, so it may always be NULL.
ColumnType TypeOf(const schema::View& view, size_t column);

/// The type of a column of a base table, by the type it has there (`varchar(4096)`), with the same
/// exceptions. Nullable.
ColumnType TypeOf(std::string_view sql_type);
/// 64 of varchar(64); 0 for a type without a length.
int64_t LengthOf(std::string_view sql_type);

/// The columns of the view's index, in its order: TENANT_ID of CDB_ views, JOB_ID, TASK_ID.
std::vector<size_t> IndexColumns(const schema::View& view);
/// Whether one row at most has the values of all of them.
bool HasUniqueIndex(const schema::View& view);

/// The statement a discovered table is made from; the engine is OBVIEWS.
std::string CreateTableText(const schema::View& view);

}  // namespace obviews::mariadb
