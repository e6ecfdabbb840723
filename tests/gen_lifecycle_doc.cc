// Writes docs/lifecycle.md from the tables of schema/state_machines.h to standard output, or with
// --check FILE tells whether that file is what it would write: exit 0 if so, else 1 and the first
// line that differs.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "generated_doc.h"
#include "schema/server_errors.h"
#include "schema/state_machines.h"

namespace obviews::schema {
namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Generated from schema/state_machines.h: edit the tables, then run
     build/release/tests/gen-lifecycle-doc > docs/lifecycle.md -->
# The life of a table recovery

For users who want to know what a STATUS means and what comes next, and for engineers who write
statuses. The tables at the end are those the code checks every change of a status against, and those
`obviewsctl verify` holds a store's jobs against.

## The records of a recovery

One `ALTER SYSTEM RECOVER TABLE` leaves these records. Each is live while work is left to do for it, then
in history. U is the target tenant, A the auxiliary tenant that the backup is restored into.

| record | tenant | JOB_ID | INITIATOR_TENANT_ID | INITIATOR_JOB_ID |
|---|---|---|---|---|
| sys recover job | 1 | R | 1 | 0 |
| user recover job | U | u | 1 | R |
| restore job in sys | 1 | S | 1 | R |
| restore job in the auxiliary tenant | A | S | 1 | S |
| import job | U | i | U | u |
| import task, one a table | U | i; TASK_ID t | | |

A record is found from the one it comes from by its initiator: the user recover job and the restore job
by (1, R), the import job by (U, u); tasks carry the JOB_ID of their import job. R, u and i count up in
their tenant, S in a sequence of its own, and task ids are unique in U.

The sys recover job and its restore job are made in one commit. The user recover job follows in another;
if that fails the statement still succeeds, and the sys recover job adds it later. Whoever looks for it
looks among live jobs, then in history, so that there are never two. The import job is made when the user
recover job is in GEN_IMPORT_JOB, the restore job in the auxiliary tenant when that tenant is created.

## In which order they end

1. The restore job in the auxiliary tenant, then the one in sys, before anything is imported.
2. The import tasks, then the import job, which goes to history with them.
3. The user recover job: COMPLETED or FAILED, then history.
4. The sys recover job, which copies RESULT and COMMENT.
5. The auxiliary tenant is dropped, and with it the records it has.
6. The sys recover job goes to history. If the drop fails it stays live and the drop is tried again.

So the target tenant sees its result before sys does, and for a moment the only live recover job is that of
sys, in RECOVERING. A finished job is seen with its last status in the live views until it is moved.
RESULT is set with a finished status and not before.

A table that cannot be imported at all, such as one the backup does not have, fails the import job before
it has tasks. A table that fails later fails its task alone: the jobs end well, and COMMENT counts how many
tables were imported and how many failed.

## Cancelling

`ALTER SYSTEM CANCEL RECOVER TABLE` sets, in one commit, the live import jobs of the tenant, then its
live user recover jobs to CANCELING, finished ones that are not moved yet too. A job without anything live
below it then ends FAILED with the error -4072; an import job first ends its tasks. The sys recover job is
not touched: it follows when the user recover job is in history, and the drop of the auxiliary tenant ends
a restore that is still running. Where there is no job, cancelling succeeds and changes nothing. Tables
that are imported already stay.

## How statuses are written

By compare-and-swap: a change names the status it goes from, and is made only if the record still has it.
A lost race, such as with a CANCEL, changes nothing and is reported to the writer, who reads again. All that
belongs to a step is one commit: the tasks of an import job and its IMPORT_TABLE, history and the removal of
the live record. (Servers move an import job in four statements, and a crash between them leaves both
records.) A step that is not in the tables below is refused.

## How long history is kept

Servers never remove it. A retention policy (`engine/lifecycle/retention.h`) removes whole jobs, an import
job with its tasks: those that ended before an instant, or all but the latest of each kind of each
tenant, where a job of the sys tenant counts for its target. A job stays while anything live belongs to it.

## Errors

An error that is retried leaves STATUS, RESULT and COMMENT as they are. These are not retried:

| code | name |
|---|---|
)";

/// "Sys recover job".
std::string Title(Machine machine) {
  std::string title(NameOf(machine));
  title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

/// Where the records of a machine are.
std::string_view HomeOf(Machine machine) {
  switch (machine) {
    case Machine::kSysRecoverJob:
      return "`recover_job` of tenant 1. Cancelling does not touch it.";
    case Machine::kUserRecoverJob:
      return "`recover_job` of the target tenant.";
    case Machine::kImportJob:
      return "`import_job` of the target tenant.";
    case Machine::kImportTask:
      return "`import_task` of the target tenant. A server works on one task at a time, the lowest "
             "TASK_ID first.";
    case Machine::kSysRestoreJob:
      return "`restore_job` of tenant 1. In history its STATUS is SUCCESS or FAIL.";
    case Machine::kAuxRestoreJob:
      return "`restore_job` of the auxiliary tenant. In history its STATUS is SUCCESS or FAIL.";
  }
  return "";
}

std::string_view WordOf(How how) {
  switch (how) {
    case How::kSuccess:
      return "";
    case How::kFailure:
      return "failure";
    case How::kCancel:
      return "cancel";
  }
  return "";
}

void AppendSteps(Machine machine, std::string& out) {
  out += "| from | to | when | how |\n|---|---|---|---|\n";
  for (const Transition& step : TransitionsOf(machine)) {
    fmt::format_to(std::back_inserter(out), "| {} | {} | {} |{} |\n",
                   step.from == kNewRecord ? "(new)" : step.from, step.to, step.trigger,
                   step.how == How::kSuccess ? "" : fmt::format(" {}", WordOf(step.how)));
  }
}

/// A step in a diagram.
struct Arrow {
  std::string_view from;
  std::string_view to;
  std::string_view label;  ///< "": none
};

Arrow ArrowOf(const Transition& step) {
  constexpr std::string_view kEnd = "[*]";  // where a life begins and ends
  return {step.from == kNewRecord ? kEnd : step.from, step.to == kHistory ? kEnd : step.to,
          step.to == kHistory ? "history" : WordOf(step.how)};
}

/// The steps as a diagram, aligned so that it reads well as text too.
void AppendDrawing(Machine machine, std::string& out) {
  size_t from_width = 0;
  size_t to_width = 0;
  for (const Transition& step : TransitionsOf(machine)) {
    Arrow arrow = ArrowOf(step);
    from_width = std::max(from_width, arrow.from.size());
    if (!arrow.label.empty()) to_width = std::max(to_width, arrow.to.size());
  }
  out += "\n```mermaid\nstateDiagram-v2\n";
  for (const Transition& step : TransitionsOf(machine)) {
    Arrow arrow = ArrowOf(step);
    fmt::format_to(std::back_inserter(out), "    {:<{}} --> ", arrow.from, from_width);
    if (arrow.label.empty()) {
      fmt::format_to(std::back_inserter(out), "{}\n", arrow.to);
    } else {
      fmt::format_to(std::back_inserter(out), "{:<{}} : {}\n", arrow.to, to_width, arrow.label);
    }
  }
  out += "```\n";
}

void AppendOutside(Machine machine, std::string& out) {
  bool first = true;
  for (const OutsideStatus& outside : OutsideStatuses()) {
    if (outside.machine != machine) continue;
    if (first) out += "\nTexts a STATUS may have although no step leads there:\n\n";
    first = false;
    fmt::format_to(std::back_inserter(out), "- {}: {}.\n", outside.status, outside.why);
  }
}

std::string LifecyclePage() {
  std::string out(kIntroduction);
  for (const ServerError& error : FinalErrors()) {
    fmt::format_to(std::back_inserter(out), "| {} | {} |\n", error.code, error.name);
  }
  out += "\nWhere there is no better text, COMMENT is then\n`" +
         FailureComment(server_error::kCanceled, "", "127.0.0.1:2882", "Y0-1") +
         fmt::format("`, and {} bytes at most.\n", kMaxCommentBytes);
  for (Machine machine : kMachines) {
    fmt::format_to(std::back_inserter(out), "\n## {}\n\n{}\n\n", Title(machine), HomeOf(machine));
    AppendSteps(machine, out);
    AppendDrawing(machine, out);
    AppendOutside(machine, out);
  }
  return out;
}

}  // namespace
}  // namespace obviews::schema

int main(int argc, char** argv) {
  return obviews::docs::PrintOrCheckPage({argv, static_cast<size_t>(argc)},
                                         obviews::schema::LifecyclePage(), "gen-lifecycle-doc",
                                         "the tables of schema/state_machines.h");
}
