// The tables of steps, and questions to them; see state_machines.h.
#include "schema/state_machines.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "schema/quote.h"

namespace obviews::schema {
namespace {

/// The tenant of sys records (BEHAVIOUR §1).
constexpr int64_t kSysTenantId = 1;

constexpr std::string_view kCancelStatement = "CANCEL RECOVER TABLE";

// BEHAVIOUR §2.1. Cancel does not touch it.
constexpr Transition kSysRecoverJob[] = {
    {kNewRecord, "PREPARE", "the command is accepted"},
    {"PREPARE", "RECOVERING", "the target tenant has its recover job, or was given one"},
    {"RECOVERING", "COMPLETED", "the user recover job is in history with a good result"},
    {"COMPLETED", kHistory, "the auxiliary tenant is dropped"},
    {"PREPARE", "FAILED", "an error that is not retried", How::kFailure},
    {"RECOVERING", "FAILED",
     "the user recover job is in history with RESULT FAILED, or the target tenant was dropped",
     How::kFailure},
    {"FAILED", kHistory, "the auxiliary tenant is dropped", How::kFailure},
};

// §2.2. The CANCEL statement looks at no status, so finished jobs that are still live go too.
constexpr Transition kUserRecoverJob[] = {
    {kNewRecord, "PREPARE", "with the command, or added later by the sys recover job"},
    {"PREPARE", "RESTORE_AUX_TENANT", "at once"},
    {"RESTORE_AUX_TENANT", "ACTIVE_AUX_TENANT",
     "the auxiliary tenant is restored; its modes are those of the target"},
    {"ACTIVE_AUX_TENANT", "GEN_IMPORT_JOB", "the auxiliary tenant was made a primary one"},
    {"GEN_IMPORT_JOB", "IMPORTING", "the import job is made"},
    {"IMPORTING", "COMPLETED", "the import job is in history with a good result"},
    {"COMPLETED", kHistory, "at once"},
    {"RESTORE_AUX_TENANT", "FAILED",
     "the restore failed, the auxiliary tenant was dropped, or its modes differ", How::kFailure},
    {"ACTIVE_AUX_TENANT", "FAILED", "the auxiliary tenant is missing", How::kFailure},
    {"GEN_IMPORT_JOB", "FAILED", "an error that is not retried", How::kFailure},
    {"IMPORTING", "FAILED", "the import job is in history with RESULT FAILED", How::kFailure},
    {"FAILED", kHistory, "at once", How::kFailure},
    {"PREPARE", "CANCELING", kCancelStatement, How::kCancel},
    {"RESTORE_AUX_TENANT", "CANCELING", kCancelStatement, How::kCancel},
    {"ACTIVE_AUX_TENANT", "CANCELING", kCancelStatement, How::kCancel},
    {"GEN_IMPORT_JOB", "CANCELING", kCancelStatement, How::kCancel},
    {"IMPORTING", "CANCELING", kCancelStatement, How::kCancel},
    {"COMPLETED", "CANCELING", kCancelStatement, How::kCancel},
    {"FAILED", "CANCELING", kCancelStatement, How::kCancel},
    {"CANCELING", "FAILED", "no import job of this job is live any more", How::kCancel},
};

// §2.3.
constexpr Transition kImportJob[] = {
    {kNewRecord, "INIT", "the user recover job is in GEN_IMPORT_JOB"},
    {"INIT", "IMPORT_TABLE", "the tasks are made; TOTAL_TABLE_COUNT is set"},
    {"IMPORT_TABLE", "RECONSTRUCT_REF_CONSTRAINT",
     "all tasks are FINISH; the other counters and COMMENT are set"},
    {"RECONSTRUCT_REF_CONSTRAINT", "IMPORT_FINISH", "at once; foreign keys are not made"},
    {"IMPORT_FINISH", kHistory, "at once, with the tasks"},
    {"INIT", "IMPORT_FINISH", "a table cannot be imported: RESULT FAILED, no tasks", How::kFailure},
    {"INIT", "CANCELING", kCancelStatement, How::kCancel},
    {"IMPORT_TABLE", "CANCELING", kCancelStatement, How::kCancel},
    {"RECONSTRUCT_REF_CONSTRAINT", "CANCELING", kCancelStatement, How::kCancel},
    {"IMPORT_FINISH", "CANCELING", kCancelStatement, How::kCancel},
    {"CANCELING", "IMPORT_FINISH", "all tasks were ended: RESULT FAILED", How::kCancel},
};

// §2.4.
constexpr Transition kImportTask[] = {
    {kNewRecord, "INIT", "the import job goes to IMPORT_TABLE"},
    {"INIT", "DOING", "the import of the table began"},
    {"DOING", "FINISH", "the table is imported, or failed or was cancelled: RESULT FAILED"},
    {"FINISH", kHistory, "with the import job"},
    {"INIT", "FINISH", "an error that is not retried, or cancelled: RESULT FAILED", How::kFailure},
};

// §2.5. RESTORE_FAIL is never left but for history.
constexpr Transition kSysRestoreJob[] = {
    {kNewRecord, "CREATE_TENANT", "the command is accepted"},
    {"CREATE_TENANT", "WAIT_TENANT_RESTORE_FINISH", "the auxiliary tenant is created"},
    {"WAIT_TENANT_RESTORE_FINISH", "RESTORE_SUCCESS",
     "the auxiliary tenant's restore job is in history with SUCCESS"},
    {"RESTORE_SUCCESS", kHistory, "at once"},
    {"CREATE_TENANT", "RESTORE_FAIL", "the auxiliary tenant cannot be created, or was dropped",
     How::kFailure},
    {"WAIT_TENANT_RESTORE_FINISH", "RESTORE_FAIL",
     "the auxiliary tenant's restore job is in history with FAIL, or the tenant was dropped",
     How::kFailure},
    {"RESTORE_FAIL", kHistory, "at once", How::kFailure},
};

// §2.5. Later steps try again whatever the error.
constexpr std::string_view kConsistentScn = "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN";
constexpr std::string_view kQuickRestore = "PHYSICAL_RESTORE_WAIT_QUICK_RESTORE_FINISH";
constexpr std::string_view kStreamFailed = "a log stream cannot be restored";
constexpr Transition kAuxRestoreJob[] = {
    {kNewRecord, "RESTORE_PRE", "the auxiliary tenant is created"},
    {"RESTORE_PRE", "RESTORE_CREATE_INIT_LS", "the backup's statistics are read"},
    {"RESTORE_CREATE_INIT_LS", kConsistentScn, "the log streams are created"},
    {kConsistentScn, "RESTORE_WAIT_LS", "the log streams reached the consistent SCN"},
    {kConsistentScn, kQuickRestore, "the same, of newer servers"},
    {kQuickRestore, "RESTORE_WAIT_LS", "quick restore is done, of newer servers"},
    {"RESTORE_WAIT_LS", "POST_CHECK", "the log streams are restored"},
    {"POST_CHECK", "UPGRADE", "the tenant was checked"},
    {"UPGRADE", "RESTORE_SUCCESS", "the tenant's data is upgraded"},
    {"RESTORE_SUCCESS", kHistory, "at once"},
    {"RESTORE_PRE", "RESTORE_FAIL", "the backup's statistics cannot be read", How::kFailure},
    {"RESTORE_CREATE_INIT_LS", "RESTORE_FAIL", kStreamFailed, How::kFailure},
    {kConsistentScn, "RESTORE_FAIL", kStreamFailed, How::kFailure},
    {"RESTORE_WAIT_LS", "RESTORE_FAIL", kStreamFailed, How::kFailure},
    {"RESTORE_FAIL", kHistory, "at once", How::kFailure},
};

constexpr std::string_view kFoldedWhy =
    "what some views show for the inner steps; stored by a load of their listings";
constexpr OutsideStatus kOutside[] = {
    {Machine::kUserRecoverJob, "RECOVERING", Outside::kNeverEntered, false,
     "a status of sys recover jobs alone"},
    {Machine::kUserRecoverJob, "PRECHECK_IMPORT", Outside::kNeverEntered, false,
     "a status that servers name and never enter"},
    {Machine::kImportJob, "IMPORT_FAILED", Outside::kNewerServers, true,
     "newer servers end a failed job with it"},
    {Machine::kSysRestoreJob, "RESTORING", Outside::kFolded, false, kFoldedWhy},
    {Machine::kAuxRestoreJob, "RESTORING", Outside::kFolded, false, kFoldedWhy},
};

/// How a status stands in a message.
std::string Shown(Machine machine, std::string_view status) {
  if (status == kNewRecord) return "(new)";
  if (status == kHistory || HasStatus(machine, status)) return std::string(status);
  return QuoteForMessage(status);
}

/// "A, B or C".
std::string Alternatives(const std::vector<std::string_view>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

/// What may follow, as the second half of a message.
std::string Advice(Machine machine, std::string_view from) {
  if (from == kHistory) return "a record in history does not change";
  std::vector<std::string_view> next;
  for (const Transition& step : TransitionsOf(machine)) {
    if (step.from == from) next.push_back(step.to);
  }
  if (!next.empty()) return fmt::format("{} leads to {}", Shown(machine, from), Alternatives(next));
  return fmt::format("{} is none of its statuses, which are {}", Shown(machine, from),
                     fmt::join(StatusesOf(machine), ", "));
}

}  // namespace

Machine MachineOf(RecordKind kind, int64_t tenant_id) {
  bool sys = tenant_id == kSysTenantId;
  switch (kind) {
    case RecordKind::kRecoverJob:
    case RecordKind::kRecoverJobHistory:
    case RecordKind::kProgress:
    case RecordKind::kTenantProgress:
      return sys ? Machine::kSysRecoverJob : Machine::kUserRecoverJob;
    case RecordKind::kImportJob:
    case RecordKind::kImportJobHistory:
      return Machine::kImportJob;
    case RecordKind::kRestoreJob:
    case RecordKind::kRestoreJobHistory:
      return sys ? Machine::kSysRestoreJob : Machine::kAuxRestoreJob;
    case RecordKind::kImportTask:
    case RecordKind::kImportTaskHistory:
    case RecordKind::kTaskSummary:
    case RecordKind::kTaskSummaryOracle:
      break;
  }
  return Machine::kImportTask;
}

Machine MachineOf(const Record& record) { return MachineOf(record.kind(), record.key().tenant_id); }

std::string_view NameOf(Machine machine) {
  switch (machine) {
    case Machine::kSysRecoverJob:
      return "sys recover job";
    case Machine::kUserRecoverJob:
      return "user recover job";
    case Machine::kImportJob:
      return "import job";
    case Machine::kImportTask:
      return "import task";
    case Machine::kSysRestoreJob:
      return "restore job in sys";
    case Machine::kAuxRestoreJob:
      return "restore job in the auxiliary tenant";
  }
  return "";
}

std::span<const Transition> TransitionsOf(Machine machine) {
  switch (machine) {
    case Machine::kSysRecoverJob:
      return kSysRecoverJob;
    case Machine::kUserRecoverJob:
      return kUserRecoverJob;
    case Machine::kImportJob:
      return kImportJob;
    case Machine::kImportTask:
      return kImportTask;
    case Machine::kSysRestoreJob:
      return kSysRestoreJob;
    case Machine::kAuxRestoreJob:
      return kAuxRestoreJob;
  }
  return {};
}

std::vector<std::string_view> StatusesOf(Machine machine) {
  std::vector<std::string_view> statuses;
  for (const Transition& step : TransitionsOf(machine)) {
    if (step.to == kHistory) continue;
    if (std::find(statuses.begin(), statuses.end(), step.to) != statuses.end()) continue;
    statuses.push_back(step.to);
  }
  return statuses;
}

std::span<const OutsideStatus> OutsideStatuses() { return kOutside; }

const OutsideStatus* FindOutsideStatus(Machine machine, std::string_view status) {
  for (const OutsideStatus& outside : kOutside) {
    if (outside.machine == machine && outside.status == status) return &outside;
  }
  return nullptr;
}

std::string_view InitialStatus(Machine machine) { return TransitionsOf(machine).front().to; }

bool HasStatus(Machine machine, std::string_view status) {
  auto steps = TransitionsOf(machine);
  return status != kHistory && std::any_of(steps.begin(), steps.end(), [&](const Transition& step) {
           return step.to == status;
         });
}

bool IsFinished(Machine machine, std::string_view status) {
  const OutsideStatus* outside = FindOutsideStatus(machine, status);
  if (outside != nullptr) return outside->finished;
  auto steps = TransitionsOf(machine);
  return std::any_of(steps.begin(), steps.end(), [&](const Transition& step) {
    return step.from == status && step.to == kHistory;
  });
}

Status CheckTransition(Machine machine, std::string_view from, std::string_view to) {
  if (from == to && HasStatus(machine, from)) return {};
  for (const Transition& step : TransitionsOf(machine)) {
    if (step.from == from && step.to == to) return {};
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: {} -> {} is not a step it takes; {}", NameOf(machine),
                          Shown(machine, from), Shown(machine, to), Advice(machine, from)));
}

}  // namespace obviews::schema
