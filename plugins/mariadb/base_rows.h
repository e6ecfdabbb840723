// Between rows of base tables and the records they are kept in. A restore job is one record, and in
// the base tables a row for each of its pairs and one for its progress. Knows no server.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "plugins/mariadb/base_tables.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::mariadb {

/// A value for each column of the table.
using BaseRow = std::vector<schema::FieldValue>;

/// What tells a row from all others of its table, in the order of the key.
struct RowKey {
  schema::Key record;
  std::string name;  ///< of a pair; "" in other tables
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

/// REQUIRES: the key columns of `row` are not NULL.
RowKey KeyOf(const BaseTable& table, const BaseRow& row);

/// The rows a record has in a table, in the order of their keys.
std::vector<BaseRow> RowsOf(const BaseTable& table, const schema::Record& record);
/// The one of them with this name; in tables without names the only one.
std::optional<BaseRow> FindRow(const BaseTable& table, const schema::Record& record,
                               const std::string& name);

/// The record with a row put into it: as a new one, or in the place of the one with its key.
/// `record`: the present one of the row's key. Times of a restore job are those of its pairs: it
/// was made with the first and modified with the last one.
schema::Record WithRow(const BaseTable& table, std::optional<schema::Record> record,
                       const BaseRow& row);
/// The record without that row; nullopt if nothing is left of it.
std::optional<schema::Record> WithoutRow(const BaseTable& table, schema::Record record,
                                         const std::string& name);

/// Why a record may not hold a value.
struct ValueFault {
  enum class Kind : uint8_t { kOutOfRange, kTooLong };
  Kind kind = Kind::kOutOfRange;
  size_t column = 0;
};

/// What neither the server's types nor its constraints refuse: ids below 1, SCNs no server has,
/// texts longer than the original's column. nullopt: nothing.
std::optional<ValueFault> FindFault(const BaseTable& table, const BaseRow& row);

}  // namespace obviews::mariadb
