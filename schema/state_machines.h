// The lives of jobs and tasks as data: which status may follow which, and when. The one place where
// that is said; `verify`, docs/lifecycle.md and whoever writes statuses take it from here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "schema/record.h"
#include "schema/records.h"
#include "schema/status.h"

namespace obviews::schema {

/// What has a life of its own. A sys and a user recover job are records of one kind, and so are the
/// two sides of a restore job: the tenant decides which machine a record follows.
enum class Machine : uint8_t {
  kSysRecoverJob,
  kUserRecoverJob,
  kImportJob,
  kImportTask,
  kSysRestoreJob,
  kAuxRestoreJob,
};
inline constexpr Machine kMachines[] = {
    Machine::kSysRecoverJob, Machine::kUserRecoverJob, Machine::kImportJob,
    Machine::kImportTask,    Machine::kSysRestoreJob,  Machine::kAuxRestoreJob,
};

/// Stands for the status of a record that is not there yet.
inline constexpr std::string_view kNewRecord = "";
/// Stands for the move to history. No status is spelt so.
inline constexpr std::string_view kHistory = "(history)";

/// Which kind of event takes a step.
enum class How : uint8_t {
  kSuccess,  ///< a life that goes well
  kFailure,  ///< an error that is not retried
  kCancel,   ///< the CANCEL statement and what follows from it
};

/// One step. All views are into static storage.
struct Transition {
  std::string_view from;     ///< a status, or kNewRecord
  std::string_view to;       ///< a status, or kHistory
  std::string_view trigger;  ///< when, for people
  How how = How::kSuccess;
};

/// Why a legal STATUS text is in no step of a machine.
enum class Outside : uint8_t {
  kNeverEntered,  ///< it has a name in the server, but nothing leads there
  kNewerServers,  ///< only newer servers write it
  kFolded,        ///< not stored by a server; a listing shows it in place of several others
};

/// A legal STATUS text that a record of this machine may carry although no step leads to it.
struct OutsideStatus {
  Machine machine = Machine::kSysRecoverJob;
  std::string_view status;
  Outside reason = Outside::kNeverEntered;
  bool finished = false;  ///< the record's life ends with it
  std::string_view why;   ///< for people
};

/// The machine of a kind's records in a tenant. History follows the machine of its live twin, and
/// summaries of tasks that of the tasks.
Machine MachineOf(RecordKind kind, int64_t tenant_id);
Machine MachineOf(const Record& record);

/// "user recover job" and the like.
std::string_view NameOf(Machine machine);

/// Every step, no pair twice: first the life that goes well, then failures, then cancelling.
std::span<const Transition> TransitionsOf(Machine machine);
/// Every status that some step enters, in the order of the transitions.
std::vector<std::string_view> StatusesOf(Machine machine);
/// All machines' statuses without a step.
std::span<const OutsideStatus> OutsideStatuses();
/// nullptr if the status is none of the machine's OutsideStatuses.
const OutsideStatus* FindOutsideStatus(Machine machine, std::string_view status);

/// The status a new record has.
std::string_view InitialStatus(Machine machine);
/// Whether some step enters this status.
bool HasStatus(Machine machine, std::string_view status);
/// Whether nothing is left to do for a record of this status but to move it to history, or, if it
/// is there, whether it may be.
bool IsFinished(Machine machine, std::string_view status);

/// Whether a record may go from one status to the other in one step. A status that stays as it is
/// makes no step, and is always fine. kInvalidArgument naming the machine, both statuses and what
/// may follow `from`.
Status CheckTransition(Machine machine, std::string_view from, std::string_view to);

}  // namespace obviews::schema
