// The view definitions; see catalog.h. A column is one line of one of the family tables below.
#include "schema/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace obviews::schema {
namespace {

/// The type of a column in both modes.
struct TypePair {
  std::string_view mysql;
  std::string_view oracle;
};
constexpr TypePair kBigint{"bigint(20)", "NUMBER(38)"};
constexpr TypePair kTinyint{"tinyint(4)", "NUMBER(38)"};
constexpr TypePair kScn{"bigint(20) unsigned", "NUMBER(38)"};
constexpr TypePair kUsecTime{"timestamp(6)", "VARCHAR2(256)"};
constexpr TypePair kScnTime{"datetime(6)", "TIMESTAMP(9)"};
constexpr TypePair kLocalTime{"timestamp(6)", "TIMESTAMP(6) WITH LOCAL TIME ZONE"};
constexpr TypePair kText64{"varchar(64)", "VARCHAR2(64)"};
constexpr TypePair kText128{"varchar(128)", "VARCHAR2(128)"};
constexpr TypePair kText1024{"varchar(1024)", "VARCHAR2(1024)"};
constexpr TypePair kText4096{"varchar(4096)", "VARCHAR2(4096)"};
constexpr TypePair kLongText{"longtext", "CLOB"};
constexpr TypePair kBytesText{"varchar(27)", "VARCHAR2(42)"};
constexpr TypePair kPercent{"decimal(6,2)", "NUMBER"};
// A value of the key-value restore job: longtext, cast to VARCHAR2(4096) or NUMBER in Oracle mode.
constexpr TypePair kPairText{"longtext", "VARCHAR2(4096)"};
constexpr TypePair kPairNumber{"longtext", "NUMBER(38)"};

/// The conversion of a column in both modes.
struct Display {
  Conversion mysql;
  Conversion oracle;
};
using enum Conversion;
constexpr Display kPlain{kNone, kNone};
constexpr Display kTime{kUsecToTime, kOracleDate};
constexpr Display kTimeNullIfZero{kUsecToTimeNullIfZero, kOracleDateNullIfZero};
constexpr Display kTimeNullIfUnset{kUsecToTimeNullIfUnset, kOracleDateNullIfUnset};
constexpr Display kScnNullIfZero{kScnToTimeNullIfZero, kScnToTimeNullIfZero};
// The Oracle-mode restore views have no zero guard.
constexpr Display kScnNoOracleGuard{kScnToTimeNullIfZero, kScnToTime};
constexpr Display kScnNullIfLe1{kScnToTimeNullIfLe1, kScnToTimeNullIfLe1};
constexpr Display kLocal{kTimestampToSession, kTimestampToSession};
constexpr Display kBytes{kBytesDisplay, kBytesDisplay};
constexpr Display kFold{kStatusFold, kStatusFold};
constexpr Display kTwoDecimals{kHundredths, kHundredths};

enum Flags : uint8_t { kNotNull = 0, kNullable = 1, kSince423 = 2, kSince433 = 4 };

/// One line of a family table.
struct ColumnSpec {
  std::string_view name;
  std::string_view field;
  TypePair type;
  uint8_t flags = kNotNull;
  Display display = kPlain;
  std::string_view meaning;
};

constexpr ColumnSpec kTenantColumn{
    "TENANT_ID", "tenant_id", kBigint, kNotNull, kPlain, "tenant that owns this record (1 = sys)"};

constexpr std::array kRecoverJobColumns = std::to_array<ColumnSpec>({
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"INITIATOR_TENANT_ID", "initiator_tenant_id", kBigint, kNotNull, kPlain,
     "tenant of the parent job"},
    {"INITIATOR_JOB_ID", "initiator_job_id", kBigint, kNotNull, kPlain,
     "job number of the parent job (0 = none)"},
    {"START_TIMESTAMP", "start_ts", kUsecTime, kNotNull, kTime, "when it started"},
    {"FINISH_TIMESTAMP", "end_ts", kUsecTime, kNullable, kTimeNullIfZero,
     "when it ended; NULL while running"},
    {"STATUS", "status", kText64, kNotNull, kPlain, "current stage"},
    {"AUX_TENANT_NAME", "aux_tenant_name", kText64, kNotNull, kPlain,
     "temporary tenant restored for this job"},
    {"TARGET_TENANT_NAME", "target_tenant_name", kText64, kNotNull, kPlain,
     "tenant that receives the tables"},
    {"IMPORT_ALL", "import_all", kTinyint, kNotNull, kPlain, "1 for *.*, else 0"},
    {"DB_LIST", "db_list", kLongText, kNullable, kPlain, "databases taken whole"},
    {"TABLE_LIST", "table_list", kLongText, kNullable, kPlain, "tables taken one by one"},
    {"RESTORE_SCN", "restore_scn", kScn, kNotNull, kPlain, "point restored to, in ns"},
    {"RESTORE_SCN_DISPLAY", "restore_scn", kScnTime, kNullable, kScnNullIfZero,
     "the same point as a time"},
    {"RESTORE_OPTION", "restore_option", kText4096, kNotNull, kPlain,
     "restore option string as typed"},
    {"BACKUP_DEST", "backup_dest", kText4096, kNotNull, kPlain,
     "data and archive paths, comma separated"},
    {"BACKUP_SET_LIST", "backup_set_list", kLongText, kNotNull, kPlain,
     "backup set paths used, comma separated"},
    {"BACKUP_PIECE_LIST", "backup_piece_list", kLongText, kNotNull, kPlain,
     "archive piece paths used, comma separated"},
    {"BACKUP_PASSWD", "backup_passwd", kText4096, kNullable, kPlain,
     "backup set password from the session, NULL if none"},
    {"EXTERNAL_KMS_INFO", "external_kms_info", kText4096, kNullable, kPlain,
     "KMS settings from the session, NULL if none"},
    {"REMAP_DB_LIST", "remap_db_list", kLongText, kNullable, kPlain, "database renames"},
    {"REMAP_TABLE_LIST", "remap_table_list", kLongText, kNullable, kPlain, "table renames"},
    {"REMAP_TABLEGROUP_LIST", "remap_tablegroup_list", kLongText, kNullable, kPlain,
     "table group renames"},
    {"REMAP_TABLESPACE_LIST", "remap_tablespace_list", kLongText, kNullable, kPlain,
     "tablespace renames"},
    {"RESULT", "result", kText64, kNullable, kPlain, "outcome; empty while running"},
    {"COMMENT", "comment", kLongText, kNullable, kPlain, "error text, or the import summary"},
    {"DESCRIPTION", "description", kLongText, kNullable, kPlain, "DESCRIPTION clause text"},
});

constexpr std::array kImportJobColumns = std::to_array<ColumnSpec>({
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"INITIATOR_TENANT_ID", "initiator_tenant_id", kBigint, kNotNull, kPlain,
     "tenant of the parent job"},
    {"INITIATOR_JOB_ID", "initiator_job_id", kBigint, kNotNull, kPlain,
     "job number of the parent job (0 = none)"},
    {"START_TIMESTAMP", "start_ts", kUsecTime, kNotNull, kTime, "when it started"},
    {"FINISH_TIMESTAMP", "end_ts", kUsecTime, kNullable, kTimeNullIfZero,
     "when it ended; NULL while running"},
    {"SRC_TENANT_NAME", "src_tenant_name", kText64, kNotNull, kPlain,
     "source (auxiliary) tenant name"},
    {"SRC_TENANT_ID", "src_tenant_id", kBigint, kNotNull, kPlain, "source (auxiliary) tenant id"},
    {"STATUS", "status", kText64, kNotNull, kPlain, "current stage"},
    {"IMPORT_ALL", "import_all", kTinyint, kNotNull, kPlain, "1 for *.*, else 0"},
    {"DB_LIST", "db_list", kLongText, kNullable, kPlain, "databases taken whole"},
    {"TABLE_LIST", "table_list", kLongText, kNullable, kPlain, "tables taken one by one"},
    {"REMAP_DB_LIST", "remap_db_list", kLongText, kNullable, kPlain, "database renames"},
    {"REMAP_TABLE_LIST", "remap_table_list", kLongText, kNullable, kPlain, "table renames"},
    {"REMAP_TABLEGROUP_LIST", "remap_tablegroup_list", kLongText, kNullable, kPlain,
     "table group renames"},
    {"REMAP_TABLESPACE_LIST", "remap_tablespace_list", kLongText, kNullable, kPlain,
     "tablespace renames"},
    {"TOTAL_TABLE_COUNT", "total_table_count", kBigint, kNotNull, kPlain, "tables to import"},
    {"FINISHED_TABLE_COUNT", "finished_table_count", kBigint, kNotNull, kPlain, "tables imported"},
    {"FAILED_TABLE_COUNT", "failed_table_count", kBigint, kNotNull, kPlain, "tables that failed"},
    {"RESULT", "result", kText64, kNullable, kPlain, "outcome; empty while running"},
    {"COMMENT", "comment", kLongText, kNullable, kPlain, "error text, or the import summary"},
    {"DESCRIPTION", "description", kLongText, kNullable, kPlain, "DESCRIPTION clause text"},
});

constexpr std::array kImportTaskColumns = std::to_array<ColumnSpec>({
    {"TASK_ID", "task_id", kBigint, kNotNull, kPlain,
     "task number (a DDL task id of the target tenant)"},
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"SRC_TENANT_ID", "src_tenant_id", kBigint, kNotNull, kPlain, "source (auxiliary) tenant id"},
    {"SRC_TABLESPACE", "src_tablespace", kText128, kNullable, kPlain, "source tablespace"},
    {"SRC_TABLEGROUP", "src_tablegroup", kText128, kNullable, kPlain, "source table group"},
    {"SRC_DATABASE", "src_database", kText128, kNullable, kPlain, "source database"},
    {"SRC_TABLE", "src_table", kText128, kNullable, kPlain, "source table"},
    {"SRC_PARTITION", "src_partition", kText64, kNullable, kPlain, "source partition (never used)"},
    {"TARGET_TABLESPACE", "target_tablespace", kText128, kNullable, kPlain,
     "tablespace in the target"},
    {"TARGET_TABLEGROUP", "target_tablegroup", kText128, kNullable, kPlain,
     "table group in the target"},
    {"TARGET_DATABASE", "target_database", kText128, kNullable, kPlain, "database in the target"},
    {"TARGET_TABLE", "target_table", kText128, kNullable, kPlain, "table name in the target"},
    {"TABLE_COLUMN", "table_column", kBigint, kNotNull, kPlain, "number of columns of the table"},
    {"STATUS", "status", kText64, kNotNull, kPlain, "current stage"},
    {"START_TIMESTAMP", "start_ts", kUsecTime, kNotNull, kTime, "when it started"},
    {"COMPLETION_TIMESTAMP", "completion_ts", kUsecTime, kNullable, kTimeNullIfUnset,
     "when the table finished; NULL while unset (-1)"},
    {"CUMULATIVE_TS", "cumulative_ts", kBigint, kNotNull, kPlain, "time spent (always -1)"},
    {"TOTAL_INDEX_COUNT", "total_index_count", kBigint, kNotNull, kPlain,
     "indexes of the source table"},
    {"IMPORTED_INDEX_COUNT", "imported_index_count", kBigint, kNotNull, kPlain, "indexes imported"},
    {"FAILED_INDEX_COUNT", "failed_index_count", kBigint, kNotNull, kPlain,
     "indexes lost (total - imported)"},
    {"TOTAL_CONSTRAINT_COUNT", "total_constraint_count", kBigint, kNotNull, kPlain,
     "constraints of the source table"},
    {"IMPORTED_CONSTRAINT_COUNT", "imported_constraint_count", kBigint, kNotNull, kPlain,
     "constraints imported"},
    {"FAILED_CONSTRAINT_COUNT", "failed_constraint_count", kBigint, kNotNull, kPlain,
     "constraints lost (total - imported)"},
    {"TOTAL_REF_CONSTRAINT_COUNT", "total_ref_constraint_count", kBigint, kNotNull, kPlain,
     "foreign keys of the source table"},
    {"IMPORTED_REF_CONSTRAINT_COUNT", "imported_ref_constraint_count", kBigint, kNotNull, kPlain,
     "foreign keys imported (always 0 in practice)"},
    {"FAILED_REF_CONSTRAINT_COUNT", "failed_ref_constraint_count", kBigint, kNotNull, kPlain,
     "foreign keys lost (total - imported)"},
    {"RESULT", "result", kText64, kNullable, kPlain, "outcome; empty while running"},
    {"COMMENT", "comment", kLongText, kNullable, kPlain, "error text"},
});

constexpr std::array kRestoreProgressColumns = std::to_array<ColumnSpec>({
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"RESTORE_TENANT_NAME", "restore_tenant_name", kPairText, kNotNull, kPlain,
     "name of the tenant being restored"},
    {"RESTORE_TENANT_ID", "restore_tenant_id", kPairNumber, kNotNull, kPlain,
     "id of the tenant being restored (0 until created)"},
    {"BACKUP_TENANT_NAME", "backup_tenant_name", kPairText, kNotNull, kPlain,
     "tenant the backup came from"},
    {"BACKUP_TENANT_ID", "backup_tenant_id", kPairText, kNotNull, kPlain, "id of that tenant"},
    {"BACKUP_CLUSTER_NAME", "backup_cluster_name", kPairText, kNotNull, kPlain,
     "cluster the backup came from"},
    {"BACKUP_DEST", "backup_dest", kPairText, kNotNull, kPlain,
     "data and archive paths, comma separated"},
    {"RESTORE_OPTION", "restore_option", kPairText, kNotNull, kPlain,
     "restore option string as typed"},
    {"RESTORE_TYPE", "restore_type", kPairText, kNullable | kSince433, kPlain, "FULL or QUICK"},
    {"RESTORE_SCN", "restore_scn", kPairNumber, kNullable, kPlain, "point restored to, in ns"},
    {"RESTORE_SCN_DISPLAY", "restore_scn", kScnTime, kNullable, kScnNoOracleGuard,
     "the same point as a time"},
    {"STATUS", "status", kPairText, kNotNull, kFold, "current stage"},
    {"START_TIMESTAMP", "restore_start_ts", kUsecTime, kNullable, kTimeNullIfZero,
     "when it started"},
    {"BACKUP_SET_LIST", "backup_set_list", kPairText, kNotNull, kPlain,
     "backup set paths used, comma separated"},
    {"BACKUP_PIECE_LIST", "backup_piece_list", kPairText, kNotNull, kPlain,
     "archive piece paths used, comma separated"},
    {"RECOVER_SCN", "readable_scn", kScn, kNullable | kSince423, kPlain, "log replay position"},
    {"RECOVER_SCN_DISPLAY", "readable_scn", kScnTime, kNullable | kSince423, kScnNullIfLe1,
     "the same as a time"},
    {"RECOVER_PROGRESS",
     "readable_scn",
     kPercent,
     kNullable | kSince423,
     {kRecoverPercent, kRecoverPercent},
     "log replay percent"},
    {"TABLET_COUNT", "tablet_count", kBigint, kNullable | kSince423, kPlain, "tablets to restore"},
    {"FINISH_TABLET_COUNT", "finish_tablet_count", kBigint, kNullable | kSince423, kPlain,
     "tablets restored"},
    {"RESTORE_PROGRESS",
     "finish_bytes",
     kPercent,
     kNullable | kSince423,
     {kRestorePercent, kRestorePercent},
     "data restore percent"},
    {"TOTAL_BYTES", "total_bytes", kBigint, kNullable, kPlain,
     "bytes to restore; NULL without a progress row (sys)"},
    {"TOTAL_BYTES_DISPLAY", "total_bytes", kBytesText, kNullable, kBytes, "the same with a unit"},
    {"FINISH_BYTES", "finish_bytes", kBigint, kNullable, kPlain,
     "bytes restored; NULL without a progress row (sys)"},
    {"FINISH_BYTES_DISPLAY", "finish_bytes", kBytesText, kNullable, kBytes, "the same with a unit"},
    {"DESCRIPTION", "description", kPairText, kNotNull, kPlain, "DESCRIPTION clause text"},
});

constexpr std::array kRestoreHistoryColumns = std::to_array<ColumnSpec>({
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"RESTORE_TENANT_NAME", "restore_tenant_name", kText128, kNotNull, kPlain,
     "name of the tenant being restored"},
    {"RESTORE_TENANT_ID", "restore_tenant_id", kBigint, kNotNull, kPlain,
     "id of the tenant being restored (0 until created)"},
    {"BACKUP_TENANT_NAME", "backup_tenant_name", kText128, kNotNull, kPlain,
     "tenant the backup came from"},
    {"BACKUP_TENANT_ID", "backup_tenant_id", kBigint, kNotNull, kPlain, "id of that tenant"},
    {"BACKUP_CLUSTER_NAME", "backup_cluster_name", kText128, kNotNull, kPlain,
     "cluster the backup came from"},
    {"BACKUP_DEST", "backup_dest", kLongText, kNotNull, kPlain,
     "data and archive paths, comma separated"},
    {"RESTORE_SCN", "restore_scn", kScn, kNotNull, kPlain, "point restored to, in ns"},
    {"RESTORE_SCN_DISPLAY", "restore_scn", kScnTime, kNullable, kScnNoOracleGuard,
     "the same point as a time"},
    {"RESTORE_OPTION", "restore_option", kText4096, kNotNull, kPlain,
     "restore option string as typed"},
    {"RESTORE_TYPE", "restore_type", kText4096, kNotNull | kSince433, kPlain, "FULL or QUICK"},
    {"START_TIMESTAMP", "start_time", kLocalTime, kNullable, kLocal, "when it started"},
    {"FINISH_TIMESTAMP", "finish_time", kLocalTime, kNullable, kLocal, "when it ended"},
    {"STATUS", "status", kText64, kNotNull, kPlain, "outcome: SUCCESS or FAIL"},
    {"BACKUP_PIECE_LIST", "backup_piece_list", kLongText, kNotNull, kPlain,
     "archive piece paths used, comma separated"},
    {"BACKUP_SET_LIST", "backup_set_list", kLongText, kNotNull, kPlain,
     "backup set paths used, comma separated"},
    {"BACKUP_CLUSTER_VERSION", "backup_cluster_version", kBigint, kNotNull, kPlain,
     "source cluster version as an integer"},
    {"LS_COUNT", "ls_count", kBigint, kNotNull, kPlain, "log streams to restore"},
    {"FINISH_LS_COUNT", "finish_ls_count", kBigint, kNotNull, kPlain, "log streams restored"},
    {"TABLET_COUNT", "tablet_count", kBigint, kNotNull, kPlain, "tablets to restore"},
    {"FINISH_TABLET_COUNT", "finish_tablet_count", kBigint, kNotNull, kPlain, "tablets restored"},
    {"TOTAL_BYTES", "total_bytes", kBigint, kNotNull, kPlain, "bytes to restore"},
    {"TOTAL_BYTES_DISPLAY", "total_bytes", kBytesText, kNotNull, kBytes, "the same with a unit"},
    {"FINISH_BYTES", "finish_bytes", kBigint, kNotNull, kPlain, "bytes restored"},
    {"FINISH_BYTES_DISPLAY", "finish_bytes", kBytesText, kNotNull, kBytes, "the same with a unit"},
    {"DESCRIPTION", "description", kText1024, kNullable, kPlain, "DESCRIPTION clause text"},
    {"COMMENT", "comment", kText1024, kNullable, kPlain, "error text"},
});

constexpr std::array kTaskSummaryColumns = std::to_array<ColumnSpec>({
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"STATUS", "status", kText64, kNotNull, kPlain, "stage these tasks are at"},
    {"RESULT", "result", kText64, kNullable, kPlain, "outcome of these tasks; empty while running"},
    {"TASK_COUNT", "task_count", kBigint, kNotNull, kPlain,
     "tasks of the job with this status and result, live and history together"},
    {"MIN_START_TIMESTAMP", "min_start_ts", kUsecTime, kNullable, kTime,
     "earliest of their starts; starts that are no time of the years 0 to 9999 do not count, NULL "
     "if none does"},
    {"MAX_COMPLETION_TIMESTAMP", "max_completion_ts", kUsecTime, kNullable, kTime,
     "latest of their completions; unset ones (-1) and those that are no time do not count, NULL "
     "if none does"},
});

constexpr std::array kProgressColumns = std::to_array<ColumnSpec>({
    {"JOB_ID", "job_id", kBigint, kNotNull, kPlain, "job number, unique per tenant"},
    {"TARGET_TENANT_NAME", "target_tenant_name", kText64, kNullable, kPlain,
     "tenant that receives the tables"},
    {"STAGE", "stage", kText64, kNullable, kPlain,
     "PREPARE, RESTORE, ACTIVATE, LIST, IMPORT, FINISH, CANCELING, COMPLETED or FAILED"},
    {"PERCENT", "percent_hundredths", kPercent, kNullable, kTwoDecimals,
     "of the whole; never falls, and 100 only when the recovery is COMPLETED"},
    {"STAGE_PERCENT", "stage_percent_hundredths", kPercent, kNullable, kTwoDecimals,
     "of the present stage"},
    {"RATE_DISPLAY", "rate", kText64, kNullable, kPlain, "bytes or tables in a time, of late"},
    {"START_TIMESTAMP", "start_ts", kUsecTime, kNullable, kTime, "when it started"},
    {"ELAPSED_SECONDS", "elapsed_seconds", kBigint, kNullable, kPlain,
     "from the start to the end, or to the latest that is known of it"},
    {"ETA_TIMESTAMP", "eta_ts", kUsecTime, kNullable, kTime,
     "estimated end; NULL without a ground for an estimate, and when it has ended"},
    {"ETA_LOW", "eta_low_ts", kUsecTime, kNullable, kTime, "earliest likely end"},
    {"ETA_HIGH", "eta_high_ts", kUsecTime, kNullable, kTime, "latest likely end"},
    {"TABLES_TOTAL", "tables_total", kBigint, kNullable, kPlain, "tables to import"},
    {"TABLES_FINISHED", "tables_finished", kBigint, kNullable, kPlain, "tables imported"},
    {"TABLES_FAILED", "tables_failed", kBigint, kNullable, kPlain, "tables whose import failed"},
    {"BYTES_TOTAL", "bytes_total", kBigint, kNullable, kPlain,
     "bytes of the auxiliary tenant to restore"},
    {"BYTES_FINISHED", "bytes_finished", kBigint, kNullable, kPlain, "bytes of it restored"},
    {"WAITING_FOR", "waiting_for", kLongText, kNullable, kPlain,
     "what must happen next, or what is missing to say so; NULL when it has ended"},
    {"STALLED_SECONDS", "stalled_seconds", kBigint, kNullable, kPlain,
     "for how long nothing moved, if that is longer than its pace explains; else 0"},
    {"LAST_ERROR", "last_error", kLongText, kNullable, kPlain,
     "the latest failure, in words; of tables in history the first one"},
});

/// What a history view does differently from the live view of its family.
struct HistoryDifference {
  std::string_view column;
  TypePair type;
  uint8_t flags;
  Display display;
};
// No guard on the finish time; TASK_ID is declared a string (its values stay integers here).
constexpr HistoryDifference kHistoryDifferences[] = {
    {"FINISH_TIMESTAMP", kUsecTime, kNotNull, kTime},
    {"TASK_ID", kText4096, kNotNull, kPlain},
};

/// A view in both scopes: CDB_OB_<name> and DBA_OB_<name>.
struct ViewSpec {
  std::string_view cdb_name;
  std::string_view dba_name;
  RecordKind record;
  std::span<const ColumnSpec> columns;
  bool differs_as_history;
  std::array<uint32_t, 3> ids;            ///< CDB, DBA in MySQL mode, DBA in Oracle mode
  std::array<std::string_view, 2> since;  ///< CDB, DBA
};

constexpr ViewSpec kViews[] = {
    {"CDB_OB_RECOVER_TABLE_JOBS",
     "DBA_OB_RECOVER_TABLE_JOBS",
     RecordKind::kRecoverJob,
     kRecoverJobColumns,
     false,
     {21463, 21464, 25262},
     {"4.2.1", "4.2.1"}},
    {"CDB_OB_RECOVER_TABLE_JOB_HISTORY",
     "DBA_OB_RECOVER_TABLE_JOB_HISTORY",
     RecordKind::kRecoverJobHistory,
     kRecoverJobColumns,
     true,
     {21465, 21466, 25263},
     {"4.2.1", "4.2.1"}},
    {"CDB_OB_IMPORT_TABLE_JOBS",
     "DBA_OB_IMPORT_TABLE_JOBS",
     RecordKind::kImportJob,
     kImportJobColumns,
     false,
     {21467, 21468, 25264},
     {"4.2.1", "4.2.1"}},
    {"CDB_OB_IMPORT_TABLE_JOB_HISTORY",
     "DBA_OB_IMPORT_TABLE_JOB_HISTORY",
     RecordKind::kImportJobHistory,
     kImportJobColumns,
     true,
     {21469, 21470, 25265},
     {"4.2.1", "4.2.1"}},
    {"CDB_OB_IMPORT_TABLE_TASKS",
     "DBA_OB_IMPORT_TABLE_TASKS",
     RecordKind::kImportTask,
     kImportTaskColumns,
     false,
     {21471, 21472, 25266},
     {"4.2.1", "4.2.1"}},
    {"CDB_OB_IMPORT_TABLE_TASK_HISTORY",
     "DBA_OB_IMPORT_TABLE_TASK_HISTORY",
     RecordKind::kImportTaskHistory,
     kImportTaskColumns,
     true,
     {21473, 21474, 25267},
     {"4.2.1", "4.2.1"}},
    {"CDB_OB_RESTORE_PROGRESS",
     "DBA_OB_RESTORE_PROGRESS",
     RecordKind::kRestoreJob,
     kRestoreProgressColumns,
     false,
     {21110, 21284, 25191},
     {"2.2.77", "4.0.0"}},
    {"CDB_OB_RESTORE_HISTORY",
     "DBA_OB_RESTORE_HISTORY",
     RecordKind::kRestoreJobHistory,
     kRestoreHistoryColumns,
     false,
     {21111, 21285, 25192},
     {"2.2.77", "4.0.0"}},
    {"CDB_OB_IMPORT_TABLE_TASK_SUMMARY",
     "DBA_OB_IMPORT_TABLE_TASK_SUMMARY",
     RecordKind::kTaskSummary,
     kTaskSummaryColumns,
     false,
     {0, 0, 0},
     {"obviews", "obviews"}},
    {"CDB_OB_RECOVER_TABLE_PROGRESS",
     "DBA_OB_RECOVER_TABLE_PROGRESS",
     RecordKind::kProgress,
     kProgressColumns,
     false,
     {0, 0, 0},
     {"obviews", "obviews"}},
};

/// The records a view shows in a scope and mode.
const RecordType& RecordTypeOf(const ViewSpec& spec, Scope scope, Mode mode) {
  // A tenant sees its own part of a recovery; sys sees each recovery once.
  if (spec.record == RecordKind::kProgress && scope == Scope::kDba) {
    return GetRecordType(RecordKind::kTenantProgress);
  }
  // Groups that show alike must be one.
  bool oracle_summary = spec.record == RecordKind::kTaskSummary && mode == Mode::kOracle;
  return GetRecordType(oracle_summary ? RecordKind::kTaskSummaryOracle : spec.record);
}

ShownKind KindOf(const Field& field, std::string_view type, Conversion conversion) {
  if (conversion == kRecoverPercent || conversion == kRestorePercent || conversion == kHundredths) {
    return ShownKind::kReal;
  }
  if (conversion != kNone) return ShownKind::kText;
  if (field.type == FieldType::kInt || field.type == FieldType::kUint) return ShownKind::kInteger;
  return type.starts_with("NUMBER") ? ShownKind::kInteger : ShownKind::kText;
}

Column MakeColumn(const RecordType& record, const ColumnSpec& spec, bool as_history, Mode mode) {
  TypePair type = spec.type;
  Display display = spec.display;
  uint8_t flags = spec.flags;
  if (as_history) {
    for (const HistoryDifference& other : kHistoryDifferences) {
      if (other.column != spec.name) continue;
      type = other.type;
      display = other.display;
      flags = other.flags;
    }
  }
  bool oracle = mode == Mode::kOracle;
  Column column;
  column.name = spec.name;
  column.type = oracle ? type.oracle : type.mysql;
  column.nullable = (flags & kNullable) != 0;
  column.conversion = oracle ? display.oracle : display.mysql;
  column.field = static_cast<uint16_t>(FindField(record.fields, spec.field));
  const Field& field = record.fields[column.field];
  column.kind = KindOf(field, column.type, column.conversion);
  if (oracle && field.origin == Origin::kPair && column.kind == ShownKind::kText) {
    column.max_bytes = 4096;
  }
  column.meaning = spec.meaning;
  return column;
}

View MakeView(const ViewSpec& spec, Scope scope, Mode mode, RestoreShape shape) {
  View view;
  bool cdb = scope == Scope::kCdb;
  view.name = cdb ? spec.cdb_name : spec.dba_name;
  view.scope = scope;
  view.mode = mode;
  view.view_id = spec.ids[cdb ? 0 : mode == Mode::kMySql ? 1 : 2];
  view.since_version = spec.since[cdb ? 0 : 1];
  view.own = view.view_id == 0;
  view.record = &RecordTypeOf(spec, scope, mode);
  if (cdb) view.columns.push_back(MakeColumn(*view.record, kTenantColumn, false, mode));
  for (const ColumnSpec& column : spec.columns) {
    if ((column.flags & kSince423) != 0 && shape == RestoreShape::k421) continue;
    if ((column.flags & kSince433) != 0 && shape != RestoreShape::k433) continue;
    view.columns.push_back(MakeColumn(*view.record, column, spec.differs_as_history, mode));
  }
  return view;
}

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = diagonal + (Upper(a[i - 1]) == Upper(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view ModeName(Mode mode) { return mode == Mode::kMySql ? "mysql" : "oracle"; }

Result<Mode> ParseMode(std::string_view text) {
  if (SameName(text, "mysql")) return Mode::kMySql;
  if (SameName(text, "oracle")) return Mode::kOracle;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("unknown mode '{}': use mysql or oracle", text));
}

Result<RestoreShape> ParseRestoreShape(std::string_view version) {
  if (version == "4.2.1") return RestoreShape::k421;
  if (version == "4.2.3") return RestoreShape::k423;
  if (version == "4.3.3") return RestoreShape::k433;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("unknown view version '{}': use 4.2.1, 4.2.3 or 4.3.3", version));
}

std::string_view ConversionName(Conversion conversion) {
  switch (conversion) {
    case kNone:
      return "none";
    case kUsecToTime:
      return "usec_to_time";
    case kUsecToTimeNullIfZero:
      return "usec_to_time_null_if_0";
    case kUsecToTimeNullIfUnset:
      return "usec_to_time_null_if_unset";
    case kScnToTime:
      return "scn_to_timestamp";
    case kScnToTimeNullIfZero:
      return "scn_to_timestamp_null_if_0";
    case kScnToTimeNullIfLe1:
      return "scn_to_timestamp_null_if_le_1";
    case kOracleDate:
      return "oracle_char_date";
    case kOracleDateNullIfZero:
      return "oracle_char_date_null_if_0";
    case kOracleDateNullIfUnset:
      return "oracle_char_date_null_if_unset";
    case kTimestampToSession:
      return "timestamp_to_session";
    case kBytesDisplay:
      return "bytes_display";
    case kStatusFold:
      return "status_fold";
    case kRecoverPercent:
      return "recover_percent";
    case kRestorePercent:
      return "restore_percent";
    case kHundredths:
      return "hundredths";
  }
  return "";
}

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Upper(x) == Upper(y); });
}

std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  // A third of the letters may be wrong before a suggestion is noise rather than help.
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  if (word.size() > 256) return best;
  for (std::string_view candidate : candidates) {
    size_t distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

int View::FindColumn(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (SameName(columns[i].name, column)) return static_cast<int>(i);
  }
  return -1;
}

std::string View::SourceOf(const Column& column) const {
  const Field& field = record->fields[column.field];
  switch (field.origin) {
    case Origin::kColumn:
      return fmt::format("{}.{}", record->base_table, field.source_name());
    case Origin::kPair:
      return fmt::format("{}.value where name='{}'", record->base_table, field.source_name());
    case Origin::kProgress:
      return fmt::format("__all_restore_progress.{}", field.source_name());
    case Origin::kTenantInfo:
      return fmt::format("__all_virtual_tenant_info.{}", field.source_name());
    case Origin::kAggregate:
      return fmt::format("{} of {}", field.source_name(), record->base_table);
    case Origin::kModel:
      return fmt::format("progress.md: {}", field.source_name());
  }
  return {};
}

Catalog::Catalog(RestoreShape shape) {
  for (const ViewSpec& spec : kViews) {
    views_.push_back(MakeView(spec, Scope::kCdb, Mode::kMySql, shape));
    views_.push_back(MakeView(spec, Scope::kDba, Mode::kMySql, shape));
    views_.push_back(MakeView(spec, Scope::kDba, Mode::kOracle, shape));
  }
}

const Catalog& Catalog::Get(RestoreShape shape) {
  static const std::array<Catalog, 3> catalogs = {
      Catalog(RestoreShape::k421), Catalog(RestoreShape::k423), Catalog(RestoreShape::k433)};
  return catalogs[static_cast<size_t>(shape)];
}

const View* Catalog::FindDefinition(std::string_view name, Mode mode) const {
  for (const View& view : views_) {
    if (view.mode == mode && SameName(view.name, name)) return &view;
  }
  return nullptr;
}

const View* Catalog::Find(std::string_view name, bool is_sys, Mode mode) const {
  const View* view = FindDefinition(name, mode);
  return view != nullptr && (view->scope == Scope::kDba || is_sys) ? view : nullptr;
}

std::vector<const View*> Catalog::VisibleTo(bool is_sys, Mode mode) const {
  std::vector<const View*> visible;
  for (const View& view : views_) {
    if (view.mode == mode && (view.scope == Scope::kDba || is_sys)) visible.push_back(&view);
  }
  return visible;
}

std::string_view Catalog::Nearest(std::string_view name, bool is_sys, Mode mode) const {
  std::vector<std::string_view> names;
  for (const View* view : VisibleTo(is_sys, mode)) names.push_back(view->name);
  return NearestName(name, names);
}

}  // namespace obviews::schema
