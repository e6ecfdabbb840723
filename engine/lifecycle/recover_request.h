// What a RECOVER TABLE statement asks for, once its target tenant is known: checked, and in the
// texts that the records of a recovery hold (BEHAVIOUR §7, §11).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lifecycle/statement.h"
#include "schema/catalog.h"
#include "schema/status.h"
#include "schema/zone.h"

namespace obviews::lifecycle {

/// What the checks must know of the target tenant.
struct TargetTraits {
  schema::Mode mode = schema::Mode::kMySql;
  /// Names of databases and tables are compared and stored in lower case. Has no effect in Oracle
  /// mode, and none on table groups and tablespaces. Only ASCII letters are lowered.
  bool lower_case_names = false;
};

/// The option text behind WITH, `key=value&key=value`. Of a key given twice the last one counts.
struct RestoreOptions {
  std::vector<std::string> pool_list;  ///< one at least
  std::string locality;                ///< "" if not given
  std::string primary_zone;            ///< "" if not given
  bool kms_encrypt = false;
  std::optional<int> concurrency;  ///< 0..100
};

/// The texts of a recover job, named as its fields are. A list without items is the empty text.
/// With `*.*` all lists are empty, remaps too. Secrets: backup_dest and restore_option may hold
/// keys.
struct RecoverLists {
  bool import_all = false;
  std::string db_list;
  std::string table_list;
  std::string partition_list;  ///< always empty: partitions are refused
  std::string remap_db_list;
  std::string remap_table_list;
  std::string remap_partition_list;  ///< always empty
  std::string remap_tablegroup_list;
  std::string remap_tablespace_list;
  // Always empty: the server's private form of a list, which nothing shows.
  std::string hex_db_list;
  std::string hex_table_list;
  std::string hex_partition_list;
  std::string hex_remap_db_list;
  std::string hex_remap_table_list;
  std::string hex_remap_partition_list;
  std::string hex_remap_tablegroup_list;
  std::string hex_remap_tablespace_list;

  std::string backup_dest;     ///< paths in the typed order, trimmed, each once; "" without FROM
  std::string restore_option;  ///< as typed
  RestoreOptions options;

  // The items of the lists above, in the same order and with the same names.
  std::vector<DatabaseItem> databases;
  std::vector<TableItem> tables;
  std::vector<NameRemapItem> database_remaps;
  std::vector<TableRemapItem> table_remaps;
  std::vector<NameRemapItem> tablegroup_remaps;
  std::vector<NameRemapItem> tablespace_remaps;
};

/// Checks a statement and renders its lists. Names are compared byte by byte, after lowering them
/// if the target does. Limits of names are in characters: database, table group and tablespace 128,
/// table 64 (Oracle mode 128).
///
/// Errors, as StatementError, the first one in this order:
/// - FROM of 20480 bytes or more, or without a path; UNTIL SCN outside 2..2^62-1; an option of 2048
///   bytes or more, without pool_list, or with a bad value of a known key (-4002);
/// - partitions, in the list or a remap (-4007);
/// - in the list, then in the remaps of databases, tables, table groups and tablespaces: names that
///   are empty, too long or end with a space (-5162 database, -5163 table, -5179 a table's too long
///   name, -5241 table group and tablespace), and items in conflict (-9066): the same database or
///   table twice, a table inside a listed database, two remaps with the same source or target;
/// - unless `*.*` is in the list: a remap whose source is not in the list, or whose target is
///   (-4007).
/// Takes n log n of the items.
Result<RecoverLists> CheckRecoverRequest(const RecoverTableStatement& statement,
                                         const TargetTraits& target);

/// The SCN of `YYYY-MM-DD HH:MM:SS[.f]`, up to six decimals, read in `zone`: exact, microseconds
/// times 1000. A local time that the zone's clocks show twice is the earlier of the two instants
/// (UNTIL SCN names the later one); one that they skip is an error. Errors: kInvalidArgument with
/// -4002 and without a place, also for a time at or before 1970-01-01 00:00:00 UTC and one after
/// the largest SCN. The text is not repeated unless it holds nothing but digits, `-`, `:`, `.`, `T`
/// and blanks: where a quote is missing it could hold anything.
Result<uint64_t> ScnOfUntilTime(std::string_view text, const schema::Zone& zone);
/// The same of a statement's time; errors then name its place.
Result<uint64_t> ScnOfUntilTime(const UntilTime& until, const schema::Zone& zone);

}  // namespace obviews::lifecycle
