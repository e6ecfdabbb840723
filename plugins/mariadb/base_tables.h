// The base tables as tables of a MariaDB server: what the server's recovery service writes its jobs
// into, in the original's names, columns and constraints. Knows no server.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/mariadb/definitions.h"
#include "schema/record.h"

namespace obviews::mariadb {

/// How rows of a base table lie in records.
enum class BaseShape : uint8_t {
  kRecord,    ///< a row is a record
  kPairs,     ///< a row is one (name, value) pair of a restore job
  kProgress,  ///< a row is the progress of a restore job, if it has one
};

/// What a column of a base table holds.
struct BaseColumn {
  std::string_view name;
  int field = -1;                ///< of the record; -1: name or value of a pair
  std::string_view source_type;  ///< the original's type; lengths are those of it
  ColumnType type;
  std::string column_default;  ///< as SQL; "": none
};

struct BaseKey {
  std::string_view name;  ///< "": the primary key
  std::vector<size_t> columns;
  /// Whether it has the order of the store. Otherwise rows are found by the whole of it alone.
  bool ordered = true;
};

struct BaseTable {
  std::string_view name;
  const schema::RecordType* record = nullptr;
  BaseShape shape = BaseShape::kRecord;
  std::vector<BaseColumn> columns;
  std::vector<BaseKey> keys;  ///< the primary key comes first
  size_t name_column = 0;     ///< kPairs
  size_t value_column = 0;    ///< kPairs

  /// -1: none.
  int FindColumn(std::string_view column) const;
};

/// All of them, in the order of the record kinds; they live for ever. Thread-safe.
std::span<const BaseTable> BaseTables();
/// nullptr: no base table. Case matters: by another name a server would keep locks and triggers of
/// the table a second time.
const BaseTable* FindBaseTable(std::string_view name);

/// The statement a discovered table is made from; the engine is OBVIEWS. A status is constrained to
/// what the server may write there.
std::string CreateTableText(const BaseTable& table);

}  // namespace obviews::mariadb
