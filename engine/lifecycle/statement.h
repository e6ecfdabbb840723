// ALTER SYSTEM RECOVER TABLE and CANCEL RECOVER TABLE as typed: the syntax is checked, and nothing
// is looked up (BEHAVIOUR §11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schema/server_errors.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// Longest statement that is read, in bytes.
inline constexpr size_t kMaxStatementBytes = size_t{64} << 20;

/// Codes of the server that the errors of statements carry.
enum class ServerCode : int {
  kInvalidArgument = schema::server_error::kInvalidArgument,
  kNotSupported = schema::server_error::kNotSupported,
  kNotAllowed = schema::server_error::kOpNotAllow,
  kSyntax = schema::server_error::kErrParseSql,
  kWrongTenantName = schema::server_error::kErrInvalidTenantName,
  kWrongDatabaseName = schema::server_error::kWrongDbName,
  kWrongTableName = schema::server_error::kWrongTableName,
  kNameTooLong = schema::server_error::kErrTooLongIdent,
  kWrongValue = schema::server_error::kErrWrongValue,
  kConflict = schema::server_error::kBackupConflictValue,
};

/// Characters of a UTF-8 text. The limits of names are in characters.
size_t CountCharacters(std::string_view text);

/// A place in a statement. `line` and `column` begin at 1; a column is one UTF-8 character.
struct Place {
  size_t offset = 0;  ///< in bytes
  size_t line = 1;
  size_t column = 1;
  friend bool operator==(const Place&, const Place&) = default;
};

/// The error of a statement, kInvalidArgument. Its message has one form:
///
///     -4179: duplicate REMAP TABLE is not allowed (line 1, column 88: near "REMAP TABLE a.b:c")
///
/// that is, the server's code, what is wrong, and the place with what stands there; `: near ...` is
/// left out if `near` is empty. What stands between quotes in a statement may be a password or a
/// URI with a key, so neither `what` nor `near` may hold any of it.
Error StatementError(ServerCode code, std::string_view what, const Place& place,
                     std::string_view near = {});

/// A name, or several, fit for a StatementError: control bytes and invalid UTF-8 escaped, cut at
/// the first quote, where the text of a misquoted statement could go on with a secret, and after
/// 256 bytes (`...`).
std::string ShowInStatementError(std::string_view names);

/// Items of a statement, names as typed (without their backticks).
struct TableItem {
  std::string database;
  std::string table;
  Place place;
};
struct DatabaseItem {
  std::string database;
  Place place;
};
struct PartitionItem {
  std::string database;
  std::string table;
  std::string partition;
  Place place;
};
/// `place` is that of the whole item, `source:target`. The target's database is filled in.
struct TableRemapItem {
  TableItem source;
  TableItem target;
  Place place;
};
/// A remap of a database, table group or tablespace.
struct NameRemapItem {
  std::string source;
  std::string target;
  Place place;
};
struct PartitionRemapItem {
  PartitionItem source;
  TableItem target;
  Place place;
};

/// UNTIL TIME: a local time, not yet read.
struct UntilTime {
  std::string text;
  Place place;
};
/// UNTIL SCN: a number beyond 64 bits is read as 2^64-1, which is no SCN either.
struct UntilScn {
  uint64_t scn = 0;
  Place place;
};

/// ALTER SYSTEM RECOVER TABLE. Lists are in the typed order. Holds secrets: the texts below that
/// say so are never to be logged.
struct RecoverTableStatement {
  std::string target_tenant;  ///< 1 to 64 characters
  bool import_all = false;    ///< `*.*` is in the list
  std::vector<TableItem> tables;
  std::vector<DatabaseItem> databases;    ///< `db.*`
  std::vector<PartitionItem> partitions;  ///< parsed, but CheckRecoverRequest refuses them

  std::string backup_uri;  ///< FROM; "" if not given; secret: a URI may hold keys
  std::variant<std::monostate, UntilTime, UntilScn> until;
  std::string restore_option;                ///< WITH; secret
  std::optional<std::string> backup_passwd;  ///< ENCRYPTED BY; secret
  std::optional<std::string> kms_uri;        ///< WITH KEY FROM; secret
  std::optional<std::string> kms_passwd;     ///< ENCRYPTED BY after WITH KEY FROM; secret

  std::vector<TableRemapItem> table_remaps;          ///< REMAP TABLE db.t:t2, db.t:db2.t2
  std::vector<NameRemapItem> database_remaps;        ///< REMAP TABLE db.*:db2.*
  std::vector<PartitionRemapItem> partition_remaps;  ///< REMAP TABLE db.t:p:t2; refused later
  std::vector<NameRemapItem> tablegroup_remaps;
  std::vector<NameRemapItem> tablespace_remaps;
  std::optional<std::string> description;

  std::optional<Place> from_place;  ///< of the text behind FROM
  Place option_place;               ///< of the text behind WITH
};

/// ALTER SYSTEM CANCEL RECOVER TABLE.
struct CancelRecoverTableStatement {
  std::string tenant;  ///< 1 to 64 characters
};

using Statement = std::variant<RecoverTableStatement, CancelRecoverTableStatement>;

/// Reads one statement. Around and between its words there may be white space and comments as the
/// MySQL clients know them (`-- `, `#`, `/* */`), behind it one `;`.
///
/// Key words are in any case. Texts stand in '' or "", with doubled quotes and backslash escapes;
/// texts next to each other are one. Names are plain (letters, digits, `_`, `$`, multibyte) or in
/// backticks, a tenant also in quotes; plain databases and tenants that are words of this statement
/// (FROM, TO, WITH ...) need backticks, a table does not. An item of REMAP is one word without
/// spaces and backticks. FROM, UNTIL and WITH '<option>' come in this order; what follows them
/// (ENCRYPTED BY, WITH KEY FROM, REMAP, DESCRIPTION) in any order, each once. Right behind WITH KEY
/// FROM '<uri>', ENCRYPTED BY belongs to it.
///
/// Errors: StatementError with -5001 for the syntax (what was expected where), for a statement
/// that is not UTF-8 or is longer than kMaxStatementBytes; -4179 for one without a target tenant
/// and for a kind of REMAP given twice; -5160 for a tenant name of 0 or more than 64 characters.
/// Syntax errors come first, then the first of the others. No error holds anything that stands in
/// quotes or where a quoted text was expected. Time and memory are linear in the size; no recursion
/// depends on it.
Result<Statement> ParseStatement(std::string_view text);

}  // namespace obviews::lifecycle
