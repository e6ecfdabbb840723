// From shown values to the fields of a row of the server.
#pragma once

#include <cstdint>
#include <vector>

#include "plugins/mariadb/definitions.h"
#include "schema/value.h"

class Field;
class THD;
struct TABLE;
struct st_mysql_time;

namespace obviews::mariadb {

/// Writes values of one table's rows. Not thread-safe.
class RowWriter {
 public:
  /// `view` must outlive it.
  explicit RowWriter(const schema::View& view);

  /// Puts a value into the field of its column, which is that of table->record[0]. A time that the
  /// type cannot hold is NULL, with a warning for the first of each column and scan.
  void Store(THD* thd, Field* field, size_t column, const Value& value);
  /// The next scan warns anew.
  void Reset() { warned_.assign(warned_.size(), false); }

 private:
  void WarnOnce(THD* thd, size_t column, unsigned code, const char* what);

  const schema::View& view_;
  std::vector<FieldKind> kinds_;
  std::vector<size_t> varchars_;  ///< bytes that a VARCHAR surely has room for; 0: other types
  std::vector<bool> warned_;
};

/// The seconds since the epoch of a time of UTC.
int64_t SecondOf(const st_mysql_time& time);

/// Warns the client. A warning of reading never fails a statement, in strict mode neither.
void PushReadWarning(THD* thd, unsigned code, const char* message);

}  // namespace obviews::mariadb
