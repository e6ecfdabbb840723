// What people type at a MySQL or Oracle client, turned into SQLite queries and session commands.
// The closed list of what is understood stands in docs/sql.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "schema/catalog.h"
#include "schema/status.h"
#include "virtual_tables/sql/position.h"
#include "virtual_tables/sql/rewrite.h"

namespace obviews::vtab::sql {

struct DialectOptions {
  schema::Mode mode = schema::Mode::kMySql;
  Position start;  ///< where the statement begins in its script; messages count from there
};

/// EXPLAIN SELECT ...: `query` is what follows EXPLAIN.
struct Explain {
  Query query;
};

/// SHOW [FULL] TABLES [FROM schema] [LIKE pattern]. A pattern matches as
/// `sqlite3_strlike(pattern, name, '\\') == 0` does: % and _, any ASCII case, \ escapes.
struct ShowTables {
  std::optional<std::string> schema;
  std::optional<std::string> like;
};

/// DESC view [column], EXPLAIN view, SHOW [FULL] COLUMNS FROM view [FROM schema] [LIKE pattern].
struct Describe {
  std::optional<std::string> schema;
  std::string name;
  std::optional<std::string> like;  ///< of column names; see ShowTables
};

/// USE schema, ALTER SESSION SET CURRENT_SCHEMA = schema.
struct Use {
  std::string schema;
};

/// SET [SESSION] time_zone = value, ALTER SESSION SET TIME_ZONE = value. The text is not checked.
struct SetTimeZone {
  std::string value;
};

/// A statement clients send that changes nothing here: SET NAMES and the other settings of
/// docs/sql.md. It yields no rows.
struct NoOperation {};

using Translation =
    std::variant<Query, Explain, ShowTables, Describe, Use, SetTimeZone, NoOperation>;

/// Translates one statement; a `;` at its end is allowed. `statement` may hold any bytes.
///
/// The result never writes: statements other than SELECT, WITH, VALUES and the above are refused
/// (also WITH ... DELETE), naming the statement and pointing at it. Errors are kInvalidArgument
/// with a message that shows the place.
Result<Translation> Translate(std::string_view statement, const DialectOptions& options);

/// The error for a message of SQLite about `query`, which came from `statement`: shows the place in
/// what was typed. `sqlite_offset` is what sqlite3_error_offset says, so -1 when unknown.
Error SqliteError(std::string_view sqlite_message, int sqlite_offset, const Query& query,
                  std::string_view statement, const DialectOptions& options);

}  // namespace obviews::vtab::sql
