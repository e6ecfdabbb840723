// From values to the fields of a row of the server, and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/mariadb/base_tables.h"
#include "plugins/mariadb/definitions.h"
#include "schema/record.h"
#include "schema/value.h"

class Field;
class THD;
struct TABLE;
struct st_mysql_time;

namespace obviews::mariadb {

/// A column of a table of the server.
struct RowColumn {
  std::string_view name;  ///< lives as long as the catalog
  ColumnType type;
};
/// Those of a view's table, and of a base table.
std::vector<RowColumn> ColumnsOf(const schema::View& view);
std::vector<RowColumn> ColumnsOf(const BaseTable& table);

/// Writes values of one table's rows. Not thread-safe.
class RowWriter {
 public:
  enum class Texts : uint8_t {
    kOfField,  ///< kept by the field: they live until it is stored into
    kOwn,      ///< kept here: they live until the next row, also where a row is changed meanwhile
  };

  /// `table`: its name, for warnings; lives as long as the catalog.
  RowWriter(std::string_view table, const std::vector<RowColumn>& columns, Texts texts);

  /// Puts a value into the field of its column, which is that of table->record[0]. A time is a text
  /// as views show it, or an Int: microseconds since the epoch, UTC. One that the type cannot hold
  /// is NULL, with a warning for the first of each column and scan.
  void Store(THD* thd, Field* field, size_t column, const Value& value);
  /// The next scan warns anew.
  void Reset() { warned_.assign(warned_.size(), false); }

 private:
  void StoreText(THD* thd, Field* field, size_t column, std::string_view text);
  void WarnOnce(THD* thd, size_t column, unsigned code, const char* what);

  std::string_view table_;
  std::vector<std::string_view> names_;
  std::vector<FieldKind> kinds_;
  std::vector<size_t> varchars_;    ///< bytes that a VARCHAR surely has room for; 0: other types
  std::vector<std::string> texts_;  ///< kOwn: of TEXT columns
  bool own_texts_;
  std::vector<bool> warned_;
};

/// The value of a field, as a record holds it; a time in microseconds since the epoch.
schema::FieldValue ReadField(Field* field, FieldKind kind);

/// The seconds since the epoch of a time of UTC.
int64_t SecondOf(const st_mysql_time& time);

/// Warns the client. A warning of reading never fails a statement, in strict mode neither.
void PushReadWarning(THD* thd, unsigned code, const char* message);

}  // namespace obviews::mariadb
