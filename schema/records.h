// What is stored: the record kinds and every field of each, hidden ones too. The one place a record
// field is named; codecs, views, loaders, exports and test generators derive from these tables.
// Behind the stored kinds come those that are worked out from them whenever they are read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace obviews::schema {

/// Record kinds. The numbers of stored kinds are written to disk: do not change or reuse them.
enum class RecordKind : uint8_t {
  kRecoverJob = 1,
  kRecoverJobHistory = 2,
  kImportJob = 3,
  kImportJobHistory = 4,
  kImportTask = 5,
  kImportTaskHistory = 6,
  kRestoreJob = 7,
  kRestoreJobHistory = 8,
  // Derived: one record for the tasks of a job, live and history, with one status and one result.
  kTaskSummary = 9,
  kTaskSummaryOracle = 10,  ///< the same where an empty result is NULL, as in Oracle mode
  // Derived: how far recoveries are.
  kProgress = 11,        ///< one record for each recovery, under the key of its first record
  kTenantProgress = 12,  ///< the same under the key of each tenant's own part of it
};

/// How a field is held in a record.
enum class FieldType : uint8_t {
  kInt,    ///< signed 64-bit
  kUint,   ///< unsigned 64-bit; every one of them is an SCN in nanoseconds
  kTime,   ///< TIMESTAMP(6) of the base table, held as signed microseconds since the epoch, UTC
  kText,   ///< exact bytes as stored by the server; never re-encoded
  kPairs,  ///< (name, value) pairs of a key-value table that have no field of their own
};

/// What a field holds when nobody set it (BEHAVIOUR: column defaults and in-memory initial values).
enum class Unset : uint8_t { kNull, kEmptyText, kZero, kMinusOne };

/// What a tool must hide unless it is told to show secrets.
enum class Secrecy : uint8_t {
  kOpen,
  kSecret,  ///< the whole value is a secret
  kUri,     ///< URIs or k=v options; only the values of secret keys are hidden
};

/// Where in the base tables a field comes from.
enum class Origin : uint8_t {
  kColumn,      ///< a column of the record's base table
  kPair,        ///< `value` of the key-value table's row with this name
  kProgress,    ///< a column of the joined __all_restore_progress row; NULL when there is none
  kTenantInfo,  ///< __all_virtual_tenant_info (newer restore views only)
  kAggregate,   ///< the expression of that name, over a group of rows of the base table
  kModel,       ///< worked out from all records of a recovery (docs/progress.md)
};

/// Fields that are the record's key, and so take no room in its value.
enum class KeyPart : uint8_t { kNone, kTenant, kJob, kTask };

/// One field of a record kind. All views are into static storage.
struct Field {
  std::string_view name;      ///< unique in its record kind
  std::string_view sql_type;  ///< the base table's type; "" for pairs of a key-value table
  FieldType type = FieldType::kInt;
  bool nullable = false;
  Unset unset = Unset::kZero;
  Secrecy secrecy = Secrecy::kOpen;
  Origin origin = Origin::kColumn;
  std::string_view origin_name;  ///< column or pair name in its origin, where it is not `name`
  KeyPart key_part = KeyPart::kNone;
  std::string_view column_default = "";  ///< of the base table's column, as SQL; "": it has none

  constexpr std::string_view source_name() const {
    return origin_name.empty() ? name : origin_name;
  }
  /// Whether values are texts; those of all other fields are integers.
  constexpr bool is_text() const { return type == FieldType::kText || type == FieldType::kPairs; }
  constexpr bool is_key() const { return key_part != KeyPart::kNone; }
};

namespace fields {

consteval KeyPart KeyPartOf(std::string_view name) {
  return name == "tenant_id" ? KeyPart::kTenant
         : name == "job_id"  ? KeyPart::kJob
         : name == "task_id" ? KeyPart::kTask
                             : KeyPart::kNone;
}
consteval Field Int(std::string_view name, Unset unset = Unset::kZero) {
  return {name, "bigint(20)",   FieldType::kInt, false, unset, Secrecy::kOpen, Origin::kColumn,
          "",   KeyPartOf(name)};
}
consteval Field TinyInt(std::string_view name) {
  return {name,          "tinyint(4)",   FieldType::kInt, false,
          Unset::kZero,  Secrecy::kOpen, Origin::kColumn, "",
          KeyPart::kNone};
}
consteval Field Scn(std::string_view name) {
  return {name,         "bigint(20) unsigned", FieldType::kUint, false,
          Unset::kZero, Secrecy::kOpen,        Origin::kColumn,  ""};
}
consteval Field Time(std::string_view name) {
  return {name,         "timestamp(6)", FieldType::kTime, true,
          Unset::kNull, Secrecy::kOpen, Origin::kColumn,  ""};
}
/// NOT NULL text.
consteval Field Text(std::string_view name, std::string_view type,
                     Secrecy secrecy = Secrecy::kOpen) {
  return {name, type,          FieldType::kText, false, Unset::kEmptyText, secrecy, Origin::kColumn,
          "",   KeyPart::kNone};
}
/// The same field, of a column with this default.
consteval Field Default(std::string_view column_default, Field field) {
  field.column_default = column_default;
  return field;
}
/// Nullable text that whoever writes the row leaves to its default: lists, RESULT, COMMENT.
consteval Field ListText(std::string_view name, std::string_view type = "longtext",
                         Secrecy secrecy = Secrecy::kOpen) {
  return {
      name,           type, FieldType::kText, true, Unset::kEmptyText, secrecy, Origin::kColumn, "",
      KeyPart::kNone, "''"};
}
/// Nullable text that whoever writes the row makes NULL until it is set: passwords, descriptions,
/// tablespaces.
consteval Field ScalarText(std::string_view name, std::string_view type,
                           Secrecy secrecy = Secrecy::kOpen) {
  return {name,           type, FieldType::kText, true, Unset::kNull, secrecy, Origin::kColumn, "",
          KeyPart::kNone, "''"};
}
/// A named pair of the key-value table; `pair` is its stored name where it differs.
consteval Field Pair(std::string_view name, std::string_view pair = "",
                     Secrecy secrecy = Secrecy::kOpen) {
  return {name,          "longtext", FieldType::kText, true, Unset::kNull, secrecy,
          Origin::kPair, pair,       KeyPart::kNone};
}
consteval Field Progress(std::string_view name, FieldType type, std::string_view column = "") {
  std::string_view sql = type == FieldType::kTime   ? "timestamp(6)"
                         : type == FieldType::kUint ? "bigint(20) unsigned"
                                                    : "bigint(20)";
  return {name, sql, type, true, Unset::kNull, Secrecy::kOpen, Origin::kProgress, column};
}

// __all_recover_table_job and its history: same columns, same order.
inline constexpr std::array kRecoverJob = {
    Time("gmt_create"),
    Time("gmt_modified"),
    Int("tenant_id"),
    Int("job_id"),
    Int("initiator_tenant_id"),
    Int("initiator_job_id"),
    Int("start_ts"),
    Int("end_ts"),
    Text("status", "varchar(64)"),
    Text("aux_tenant_name", "varchar(64)"),
    Text("target_tenant_name", "varchar(64)"),
    Int("target_tenant_id"),
    TinyInt("import_all"),
    ListText("db_list"),
    ListText("hex_db_list"),
    ListText("table_list"),
    ListText("hex_table_list"),
    ListText("partition_list"),
    ListText("hex_partition_list"),
    Scn("restore_scn"),
    Text("restore_option", "varchar(4096)", Secrecy::kUri),
    Text("backup_dest", "varchar(4096)", Secrecy::kUri),
    Text("backup_set_list", "longtext", Secrecy::kUri),
    Text("backup_piece_list", "longtext", Secrecy::kUri),
    ScalarText("backup_passwd", "varchar(4096)", Secrecy::kSecret),
    ScalarText("external_kms_info", "varchar(4096)", Secrecy::kSecret),
    ListText("remap_db_list"),
    ListText("hex_remap_db_list"),
    ListText("remap_table_list"),
    ListText("hex_remap_table_list"),
    ListText("remap_partition_list"),
    ListText("hex_remap_partition_list"),
    ListText("remap_tablegroup_list"),
    ListText("hex_remap_tablegroup_list"),
    ListText("remap_tablespace_list"),
    ListText("hex_remap_tablespace_list"),
    ListText("result", "varchar(64)"),
    ListText("comment", "longtext", Secrecy::kUri),
    ScalarText("description", "longtext"),
};

// __all_import_table_job and its history.
inline constexpr std::array kImportJob = {
    Time("gmt_create"),
    Time("gmt_modified"),
    Int("tenant_id"),
    Int("job_id"),
    Int("initiator_tenant_id"),
    Int("initiator_job_id"),
    Int("start_ts"),
    Int("end_ts"),
    Text("src_tenant_name", "varchar(64)"),
    Int("src_tenant_id"),
    Text("status", "varchar(64)"),
    TinyInt("import_all"),
    ListText("db_list"),
    ListText("hex_db_list"),
    ListText("table_list"),
    ListText("hex_table_list"),
    ListText("partition_list"),
    ListText("hex_partition_list"),
    ListText("remap_db_list"),
    ListText("hex_remap_db_list"),
    ListText("remap_table_list"),
    ListText("hex_remap_table_list"),
    ListText("remap_partition_list"),
    ListText("hex_remap_partition_list"),
    ListText("remap_tablegroup_list"),
    ListText("hex_remap_tablegroup_list"),
    ListText("remap_tablespace_list"),
    ListText("hex_remap_tablespace_list"),
    Int("total_table_count"),
    Int("finished_table_count"),
    Int("failed_table_count"),
    Int("total_bytes"),
    Int("finished_bytes"),
    Int("failed_bytes"),
    ListText("result", "varchar(64)"),
    ListText("comment", "longtext", Secrecy::kUri),
    ScalarText("description", "longtext"),
};

// __all_import_table_task and its history (whose task_id is a varchar; an integer here).
inline constexpr std::array kImportTask = {
    Time("gmt_create"),
    Time("gmt_modified"),
    Int("tenant_id"),
    Int("task_id"),
    Int("job_id"),
    Int("src_tenant_id"),
    ScalarText("src_tablespace", "varchar(128)"),
    ScalarText("src_tablegroup", "varchar(128)"),
    ScalarText("src_database", "varchar(128)"),
    ScalarText("src_table", "varchar(128)"),
    ScalarText("src_partition", "varchar(64)"),
    ScalarText("target_tablespace", "varchar(128)"),
    ScalarText("target_tablegroup", "varchar(128)"),
    ScalarText("target_database", "varchar(128)"),
    ScalarText("target_table", "varchar(128)"),
    Int("table_column"),
    Text("status", "varchar(64)"),
    Int("start_ts"),
    Int("completion_ts", Unset::kMinusOne),
    Int("cumulative_ts", Unset::kMinusOne),
    Int("total_bytes"),
    Int("total_rows"),
    Int("imported_bytes"),
    Int("imported_rows"),
    Int("total_index_count"),
    Int("imported_index_count"),
    Int("failed_index_count"),
    Int("total_constraint_count"),
    Int("imported_constraint_count"),
    Int("failed_constraint_count"),
    Int("total_ref_constraint_count"),
    Int("imported_ref_constraint_count"),
    Int("failed_ref_constraint_count"),
    Int("total_trigger_count"),
    Int("imported_trigger_count"),
    Int("failed_trigger_count"),
    ListText("result", "varchar(64)"),
    ListText("comment", "longtext", Secrecy::kUri),
};

// __all_restore_job (key-value rows, pivoted into one record) with its __all_restore_progress row.
inline constexpr std::array kRestoreJob = {
    Time("gmt_create"),
    Time("gmt_modified"),
    Int("tenant_id"),
    Int("job_id"),
    Pair("restore_tenant_name", "tenant_name"),
    Pair("restore_tenant_id", "tenant_id"),
    Pair("backup_tenant_name"),
    Pair("backup_tenant_id"),
    Pair("backup_cluster_name"),
    Pair("target_tenant_role"),
    Pair("backup_dest", "", Secrecy::kUri),
    Pair("restore_option", "", Secrecy::kUri),
    Pair("status"),
    Pair("restore_scn"),
    Pair("restore_start_ts"),
    Pair("backup_set_list", "", Secrecy::kUri),
    Pair("backup_piece_list", "", Secrecy::kUri),
    Pair("description"),
    Pair("comment", "", Secrecy::kUri),
    Pair("consistent_scn"),
    Pair("recover_table"),
    Pair("initiator_job_id"),
    Pair("initiator_tenant_id"),
    Pair("restore_type"),
    Pair("progress_display_mode"),
    Pair("passwd_array", "", Secrecy::kSecret),
    Field{"other_pairs", "", FieldType::kPairs, true, Unset::kNull, Secrecy::kOpen, Origin::kPair,
          "(name, value) pairs without a field"},
    Progress("progress_gmt_create", FieldType::kTime, "gmt_create"),
    Progress("progress_gmt_modified", FieldType::kTime, "gmt_modified"),
    Progress("progress_restore_scn", FieldType::kUint, "restore_scn"),
    Progress("ls_count", FieldType::kInt),
    Progress("finish_ls_count", FieldType::kInt),
    Progress("tablet_count", FieldType::kInt),
    Progress("finish_tablet_count", FieldType::kInt),
    Progress("total_bytes", FieldType::kInt),
    Progress("finish_bytes", FieldType::kInt),
    Field{"readable_scn", "bigint(20) unsigned", FieldType::kUint, true, Unset::kNull,
          Secrecy::kOpen, Origin::kTenantInfo, ""},
};

// __all_restore_job_history.
inline constexpr std::array kRestoreJobHistory = {
    Time("gmt_create"),
    Time("gmt_modified"),
    Int("tenant_id"),
    Int("job_id"),
    Int("initiator_job_id"),
    Int("initiator_tenant_id"),
    Default("''", Text("restore_type", "varchar(4096)")),
    Default("''", Text("restore_tenant_name", "varchar(128)")),
    Default("-1", Int("restore_tenant_id", Unset::kMinusOne)),
    Default("''", Text("backup_tenant_name", "varchar(128)")),
    Default("-1", Int("backup_tenant_id", Unset::kMinusOne)),
    Default("''", Text("backup_cluster_name", "varchar(128)")),
    Text("backup_dest", "longtext", Secrecy::kUri),
    Scn("restore_scn"),
    Text("restore_option", "varchar(4096)", Secrecy::kUri),
    Default("NULL", ScalarText("table_list", "longtext")),
    Default("NULL", ScalarText("remap_table_list", "longtext")),
    Default("NULL", ScalarText("database_list", "longtext")),
    Default("NULL", ScalarText("remap_database_list", "longtext")),
    Time("start_time"),
    Time("finish_time"),
    Default("'INVALID'", Text("status", "varchar(64)")),
    Text("backup_piece_list", "longtext", Secrecy::kUri),
    Text("backup_set_list", "longtext", Secrecy::kUri),
    Int("backup_cluster_version"),
    Int("ls_count"),
    Int("finish_ls_count"),
    Int("tablet_count"),
    Int("finish_tablet_count"),
    Int("total_bytes"),
    Int("finish_bytes"),
    Default("NULL", ScalarText("description", "varchar(1024)")),
    Default("NULL", ScalarText("comment", "varchar(1024)", Secrecy::kUri)),
};

consteval Field Aggregate(std::string_view name, std::string_view expression, bool nullable) {
  return {name,
          "bigint(20)",
          FieldType::kInt,
          nullable,
          nullable ? Unset::kNull : Unset::kZero,
          Secrecy::kOpen,
          Origin::kAggregate,
          expression};
}

// Groups of import tasks, live and history together.
inline constexpr std::array kTaskSummary = {
    Int("tenant_id"),
    Int("job_id"),
    Text("status", "varchar(64)"),
    ListText("result", "varchar(64)"),
    Aggregate("task_count", "count(*)", false),
    Aggregate("min_start_ts", "min(start_ts)", true),
    Aggregate("max_completion_ts", "max(completion_ts)", true),
};

consteval Field Model(std::string_view name, FieldType type = FieldType::kInt) {
  std::string_view sql = type == FieldType::kText ? "longtext" : "bigint(20)";
  return {name, sql, type, true, Unset::kNull, Secrecy::kOpen, Origin::kModel, ""};
}

// How far a recovery is. NULL: not known.
inline constexpr std::array kProgress = {
    Int("tenant_id"),
    Int("job_id"),
    Model("target_tenant_name", FieldType::kText),
    Model("stage", FieldType::kText),
    Model("percent_hundredths"),
    Model("stage_percent_hundredths"),
    Model("rate", FieldType::kText),
    Model("start_ts"),
    Model("elapsed_seconds"),
    Model("eta_ts"),
    Model("eta_low_ts"),
    Model("eta_high_ts"),
    Model("tables_total"),
    Model("tables_finished"),
    Model("tables_failed"),
    Model("bytes_total"),
    Model("bytes_finished"),
    Model("waiting_for", FieldType::kText),
    Model("stalled_seconds"),
    Field{"last_error", "longtext", FieldType::kText, true, Unset::kNull, Secrecy::kUri,
          Origin::kModel, ""},
};

}  // namespace fields

/// A record kind: its column family, base table and fields.
struct RecordType {
  RecordKind kind = RecordKind::kRecoverJob;
  std::string_view name;        ///< lower case; also the column family and the export's `kind`
  std::string_view base_table;  ///< the server's table
  RecordKind twin = RecordKind::kRecoverJob;  ///< the history kind of a live one and back
  bool history = false;
  bool per_task = false;  ///< keyed by task too; otherwise the key's task_id is 0
  bool derived = false;   ///< worked out from other kinds, not stored: has no column family
  std::span<const Field> fields;
  std::span<const std::string_view> statuses;  ///< legal STATUS texts (BEHAVIOUR §2)
  /// Fields that tell apart records of one key, in the order those come in, NULL first and texts by
  /// bytes. None of a stored kind: its key does.
  std::span<const std::string_view> grouped_by = {};
};

/// All stored record kinds in the order of RecordKind's numbers.
std::span<const RecordType> RecordTypes();
/// REQUIRES: `kind` is one of the enumerators.
const RecordType& GetRecordType(RecordKind kind);
/// nullptr if no stored record kind has this name.
const RecordType* FindRecordType(std::string_view name);

/// Index of a field within its kind; a wrong name does not compile.
template <const auto& kFields>
consteval size_t FieldIndex(std::string_view name) {
  for (size_t i = 0; i < kFields.size(); ++i) {
    if (kFields[i].name == name) return i;
  }
  throw "no field of this name";
}

/// The fields of a task that its groups and times are told from; the same in live and history
/// tasks.
struct TaskFields {
  static constexpr size_t kStatus = FieldIndex<fields::kImportTask>("status");
  static constexpr size_t kResult = FieldIndex<fields::kImportTask>("result");
  static constexpr size_t kStart = FieldIndex<fields::kImportTask>("start_ts");
  static constexpr size_t kCompletion = FieldIndex<fields::kImportTask>("completion_ts");
};
/// Index of a field by name at run time; -1 if there is none.
int FindField(std::span<const Field> fields, std::string_view name);

}  // namespace obviews::schema
