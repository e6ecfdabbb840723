// Rewrites a MySQL or Oracle SELECT into SQLite's dialect, token by token.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "schema/status.h"
#include "virtual_tables/sql/edits.h"
#include "virtual_tables/sql/grammar.h"

namespace obviews::vtab::sql {

/// The system variables that can be read, as @@name and in SHOW VARIABLES.
inline constexpr std::array<std::string_view, 5> kSystemVariables = {
    "ob_compatibility_mode", "system_time_zone", "time_zone", "version", "version_comment"};

/// A statement for SQLite.
struct Query {
  std::string sql;  ///< without terminator; holds no NUL byte
  OffsetMap map;    ///< bytes of `sql` -> bytes of the statement as typed
};

/// The tokens from `first` on, a SELECT, WITH or VALUES, in SQLite's words; docs/sql.md lists what
/// is rewritten. What is not on the list goes through, for SQLite to accept or refuse. Errors
/// point at what has a meaning in the source dialect that cannot be kept.
Result<Query> RewriteQuery(TokenList tokens, size_t first);

/// The same for all tokens of an expression or a list of them, which is no statement by itself.
Result<Query> RewriteExpression(TokenList tokens);

/// `text` as a SQLite expression yielding exactly these bytes as TEXT, NUL bytes too.
std::string SqliteLiteral(std::string_view text);

}  // namespace obviews::vtab::sql
