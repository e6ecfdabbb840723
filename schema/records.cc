// The list of record kinds; see records.h.
#include "schema/records.h"

namespace obviews::schema {
namespace {

// BEHAVIOUR §2.2, in the order of the server's status values. The sys and the user job share it.
constexpr std::string_view kRecoverStatuses[] = {
    "PREPARE",        "RECOVERING", "RESTORE_AUX_TENANT", "ACTIVE_AUX_TENANT", "PRECHECK_IMPORT",
    "GEN_IMPORT_JOB", "IMPORTING",  "CANCELING",          "COMPLETED",         "FAILED"};
// §2.3; IMPORT_FAILED is written by newer servers.
constexpr std::string_view kImportJobStatuses[] = {
    "INIT",      "IMPORT_TABLE",  "RECONSTRUCT_REF_CONSTRAINT",
    "CANCELING", "IMPORT_FINISH", "IMPORT_FAILED"};
// §2.4.
constexpr std::string_view kImportTaskStatuses[] = {"INIT", "DOING", "FINISH"};
// §2.5, both sides; RESTORING is what a listing that was folded on display brings back.
constexpr std::string_view kRestoreStatuses[] = {"CREATE_TENANT",
                                                 "WAIT_TENANT_RESTORE_FINISH",
                                                 "RESTORE_PRE",
                                                 "RESTORE_CREATE_INIT_LS",
                                                 "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN",
                                                 "PHYSICAL_RESTORE_WAIT_QUICK_RESTORE_FINISH",
                                                 "RESTORE_WAIT_LS",
                                                 "POST_CHECK",
                                                 "UPGRADE",
                                                 "RESTORE_SUCCESS",
                                                 "RESTORE_FAIL",
                                                 "RESTORING"};
// SUCCESS and FAIL are written; the documentation says FAILED.
constexpr std::string_view kRestoreHistoryStatuses[] = {"SUCCESS", "FAIL", "FAILED"};

// docs/progress.md.
constexpr std::string_view kStages[] = {"PREPARE", "RESTORE",   "ACTIVATE",  "LIST",  "IMPORT",
                                        "FINISH",  "CANCELING", "COMPLETED", "FAILED"};

constexpr std::string_view kSummaryGroups[] = {"status", "result"};

constexpr RecordType kRecordTypes[] = {
    {RecordKind::kRecoverJob, "recover_job", "__all_recover_table_job",
     RecordKind::kRecoverJobHistory, false, false, false, fields::kRecoverJob, kRecoverStatuses},
    {RecordKind::kRecoverJobHistory, "recover_job_history", "__all_recover_table_job_history",
     RecordKind::kRecoverJob, true, false, false, fields::kRecoverJob, kRecoverStatuses},
    {RecordKind::kImportJob, "import_job", "__all_import_table_job", RecordKind::kImportJobHistory,
     false, false, false, fields::kImportJob, kImportJobStatuses},
    {RecordKind::kImportJobHistory, "import_job_history", "__all_import_table_job_history",
     RecordKind::kImportJob, true, false, false, fields::kImportJob, kImportJobStatuses},
    {RecordKind::kImportTask, "import_task", "__all_import_table_task",
     RecordKind::kImportTaskHistory, false, true, false, fields::kImportTask, kImportTaskStatuses},
    {RecordKind::kImportTaskHistory, "import_task_history", "__all_import_table_task_history",
     RecordKind::kImportTask, true, true, false, fields::kImportTask, kImportTaskStatuses},
    {RecordKind::kRestoreJob, "restore_job", "__all_restore_job", RecordKind::kRestoreJobHistory,
     false, false, false, fields::kRestoreJob, kRestoreStatuses},
    {RecordKind::kRestoreJobHistory, "restore_job_history", "__all_restore_job_history",
     RecordKind::kRestoreJob, true, false, false, fields::kRestoreJobHistory,
     kRestoreHistoryStatuses},
    // Derived kinds, none of which has a twin.
    {RecordKind::kTaskSummary, "import_task_summary", "__all_import_table_task{,_history}",
     RecordKind::kTaskSummary, false, false, true, fields::kTaskSummary, kImportTaskStatuses,
     kSummaryGroups},
    {RecordKind::kTaskSummaryOracle, "import_task_summary", "__all_import_table_task{,_history}",
     RecordKind::kTaskSummaryOracle, false, false, true, fields::kTaskSummary, kImportTaskStatuses,
     kSummaryGroups},
    {RecordKind::kProgress, "recovery_progress", "__all_recover_table_job{,_history}",
     RecordKind::kProgress, false, false, true, fields::kProgress, kStages},
    {RecordKind::kTenantProgress, "recovery_progress", "__all_recover_table_job{,_history}",
     RecordKind::kTenantProgress, false, false, true, fields::kProgress, kStages},
};
constexpr size_t kStoredTypes = 8;
static_assert(!kRecordTypes[kStoredTypes - 1].derived && kRecordTypes[kStoredTypes].derived);

}  // namespace

std::span<const RecordType> RecordTypes() { return std::span(kRecordTypes).first(kStoredTypes); }

const RecordType& GetRecordType(RecordKind kind) {
  return kRecordTypes[static_cast<size_t>(kind) - 1];
}

const RecordType* FindRecordType(std::string_view name) {
  for (const RecordType& type : RecordTypes()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

int FindField(std::span<const Field> fields, std::string_view name) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace obviews::schema
