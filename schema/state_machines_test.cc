// The lives of jobs and tasks: which steps there are, and what is said of any other.
#include "schema/state_machines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace obviews::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSubsetOf;
using ::testing::UnorderedElementsAreArray;

using Step = std::pair<std::string_view, std::string_view>;
using Texts = std::set<std::string_view>;

struct Case {
  Machine machine;
  const char* name;
  std::vector<Step> steps;  ///< of BEHAVIOUR §2, those that change nothing left out
  std::vector<std::string_view> statuses;
  Texts finished;
};
void PrintTo(const Case& machine, std::ostream* out) { *out << machine.name; }

std::string TestName(const ::testing::TestParamInfo<Case>& info) {
  std::string name;
  for (char c : std::string_view(info.param.name)) {
    if (c != ' ') name += c;
  }
  return name;
}

const Case kCases[] = {
    {Machine::kSysRecoverJob,
     "sys recover job",
     {{"", "PREPARE"},
      {"PREPARE", "RECOVERING"},
      {"PREPARE", "FAILED"},
      {"RECOVERING", "COMPLETED"},
      {"RECOVERING", "FAILED"},
      {"COMPLETED", kHistory},
      {"FAILED", kHistory}},
     {"PREPARE", "RECOVERING", "COMPLETED", "FAILED"},
     {"COMPLETED", "FAILED"}},
    {Machine::kUserRecoverJob,
     "user recover job",
     {{"", "PREPARE"},
      {"PREPARE", "RESTORE_AUX_TENANT"},
      {"RESTORE_AUX_TENANT", "ACTIVE_AUX_TENANT"},
      {"RESTORE_AUX_TENANT", "FAILED"},
      {"ACTIVE_AUX_TENANT", "GEN_IMPORT_JOB"},
      {"ACTIVE_AUX_TENANT", "FAILED"},
      {"GEN_IMPORT_JOB", "IMPORTING"},
      {"GEN_IMPORT_JOB", "FAILED"},
      {"IMPORTING", "COMPLETED"},
      {"IMPORTING", "FAILED"},
      {"PREPARE", "CANCELING"},
      {"RESTORE_AUX_TENANT", "CANCELING"},
      {"ACTIVE_AUX_TENANT", "CANCELING"},
      {"GEN_IMPORT_JOB", "CANCELING"},
      {"IMPORTING", "CANCELING"},
      {"COMPLETED", "CANCELING"},
      {"FAILED", "CANCELING"},
      {"CANCELING", "FAILED"},
      {"COMPLETED", kHistory},
      {"FAILED", kHistory}},
     {"PREPARE", "RESTORE_AUX_TENANT", "ACTIVE_AUX_TENANT", "GEN_IMPORT_JOB", "IMPORTING",
      "COMPLETED", "FAILED", "CANCELING"},
     {"COMPLETED", "FAILED"}},
    {Machine::kImportJob,
     "import job",
     {{"", "INIT"},
      {"INIT", "IMPORT_TABLE"},
      {"INIT", "IMPORT_FINISH"},
      {"IMPORT_TABLE", "RECONSTRUCT_REF_CONSTRAINT"},
      {"RECONSTRUCT_REF_CONSTRAINT", "IMPORT_FINISH"},
      {"INIT", "CANCELING"},
      {"IMPORT_TABLE", "CANCELING"},
      {"RECONSTRUCT_REF_CONSTRAINT", "CANCELING"},
      {"IMPORT_FINISH", "CANCELING"},
      {"CANCELING", "IMPORT_FINISH"},
      {"IMPORT_FINISH", kHistory}},
     {"INIT", "IMPORT_TABLE", "RECONSTRUCT_REF_CONSTRAINT", "IMPORT_FINISH", "CANCELING"},
     {"IMPORT_FINISH", "IMPORT_FAILED"}},
    {Machine::kImportTask,
     "import task",
     {{"", "INIT"},
      {"INIT", "DOING"},
      {"INIT", "FINISH"},
      {"DOING", "FINISH"},
      {"FINISH", kHistory}},
     {"INIT", "DOING", "FINISH"},
     {"FINISH"}},
    {Machine::kSysRestoreJob,
     "restore job in sys",
     {{"", "CREATE_TENANT"},
      {"CREATE_TENANT", "WAIT_TENANT_RESTORE_FINISH"},
      {"WAIT_TENANT_RESTORE_FINISH", "RESTORE_SUCCESS"},
      {"CREATE_TENANT", "RESTORE_FAIL"},
      {"WAIT_TENANT_RESTORE_FINISH", "RESTORE_FAIL"},
      {"RESTORE_SUCCESS", kHistory},
      {"RESTORE_FAIL", kHistory}},
     {"CREATE_TENANT", "WAIT_TENANT_RESTORE_FINISH", "RESTORE_SUCCESS", "RESTORE_FAIL"},
     {"RESTORE_SUCCESS", "RESTORE_FAIL"}},
    {Machine::kAuxRestoreJob,
     "restore job in the auxiliary tenant",
     {{"", "RESTORE_PRE"},
      {"RESTORE_PRE", "RESTORE_CREATE_INIT_LS"},
      {"RESTORE_CREATE_INIT_LS", "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN"},
      {"PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN", "RESTORE_WAIT_LS"},
      {"PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN",
       "PHYSICAL_RESTORE_WAIT_QUICK_RESTORE_FINISH"},
      {"PHYSICAL_RESTORE_WAIT_QUICK_RESTORE_FINISH", "RESTORE_WAIT_LS"},
      {"RESTORE_WAIT_LS", "POST_CHECK"},
      {"POST_CHECK", "UPGRADE"},
      {"UPGRADE", "RESTORE_SUCCESS"},
      {"RESTORE_PRE", "RESTORE_FAIL"},
      {"RESTORE_CREATE_INIT_LS", "RESTORE_FAIL"},
      {"PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN", "RESTORE_FAIL"},
      {"RESTORE_WAIT_LS", "RESTORE_FAIL"},
      {"RESTORE_SUCCESS", kHistory},
      {"RESTORE_FAIL", kHistory}},
     {"RESTORE_PRE", "RESTORE_CREATE_INIT_LS", "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN",
      "RESTORE_WAIT_LS", "PHYSICAL_RESTORE_WAIT_QUICK_RESTORE_FINISH", "POST_CHECK", "UPGRADE",
      "RESTORE_SUCCESS", "RESTORE_FAIL"},
     {"RESTORE_SUCCESS", "RESTORE_FAIL"}},
};

/// The statuses a record of this machine may carry.
Texts Carried(Machine machine) {
  Texts statuses;
  for (std::string_view status : StatusesOf(machine)) statuses.insert(status);
  for (const OutsideStatus& outside : OutsideStatuses()) {
    if (outside.machine == machine) statuses.insert(outside.status);
  }
  return statuses;
}

class StateMachine : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(All, StateMachine, ::testing::ValuesIn(kCases), TestName);

TEST_P(StateMachine, HasItsName) { EXPECT_EQ(NameOf(GetParam().machine), GetParam().name); }

TEST_P(StateMachine, HasExactlyTheStepsOfTheServer) {
  std::vector<Step> steps;
  for (const Transition& step : TransitionsOf(GetParam().machine)) {
    steps.emplace_back(step.from, step.to);
    EXPECT_FALSE(step.trigger.empty()) << step.from << " -> " << step.to;
  }
  // As lists, so that no pair is there twice.
  EXPECT_THAT(steps, UnorderedElementsAreArray(GetParam().steps));
}

TEST_P(StateMachine, CancelStepsAreThoseIntoAndOutOfCanceling) {
  for (const Transition& step : TransitionsOf(GetParam().machine)) {
    bool canceling = step.from == "CANCELING" || step.to == "CANCELING";
    EXPECT_EQ(step.how == How::kCancel, canceling) << step.from << " -> " << step.to;
  }
}

TEST_P(StateMachine, StatusesAreInTheOrderOfALife) {
  EXPECT_EQ(StatusesOf(GetParam().machine), GetParam().statuses);
  EXPECT_EQ(InitialStatus(GetParam().machine), GetParam().statuses.front());
}

TEST_P(StateMachine, FinishedAreTheStatusesThatOnlyWaitForHistory) {
  Texts finished;
  for (std::string_view status : Carried(GetParam().machine)) {
    if (IsFinished(GetParam().machine, status)) finished.insert(status);
  }
  EXPECT_EQ(finished, GetParam().finished);
  for (std::string_view other : {kNewRecord, kHistory, std::string_view("DANCING")}) {
    EXPECT_FALSE(IsFinished(GetParam().machine, other));
    EXPECT_FALSE(HasStatus(GetParam().machine, other));
  }
}

TEST_P(StateMachine, EveryStatusLeadsToHistory) {
  // Backwards from history.
  Texts reaching = {kHistory};
  for (size_t before = 0; before != reaching.size();) {
    before = reaching.size();
    for (const auto& [from, to] : GetParam().steps) {
      if (reaching.contains(to)) reaching.insert(from);
    }
  }
  EXPECT_THAT(StatusesOf(GetParam().machine), IsSubsetOf(reaching));
}

TEST_P(StateMachine, ChecksExactlyItsStepsAndStayingAsItIs) {
  std::vector<std::string_view> ends = StatusesOf(GetParam().machine);
  ends.insert(ends.end(), {kNewRecord, kHistory, "DANCING", "RECOVERING "});
  std::set<Step> legal(GetParam().steps.begin(), GetParam().steps.end());
  for (std::string_view status : GetParam().statuses) legal.insert({status, status});
  for (std::string_view from : ends) {
    for (std::string_view to : ends) {
      Status checked = CheckTransition(GetParam().machine, from, to);
      EXPECT_EQ(checked.has_value(), legal.contains({from, to})) << from << " -> " << to;
      if (checked) continue;
      EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    }
  }
}

struct Refusal {
  Machine machine;
  std::string_view from;
  std::string_view to;
  const char* message;
};

TEST(CheckTransition, NamesTheMachineTheStepAndWhatMayFollow) {
  const Refusal cases[] = {
      {Machine::kUserRecoverJob, "PREPARE", "IMPORTING",
       "user recover job: PREPARE -> IMPORTING is not a step it takes; PREPARE leads to "
       "RESTORE_AUX_TENANT or CANCELING"},
      {Machine::kUserRecoverJob, "IMPORTING", "PREPARE",
       "user recover job: IMPORTING -> PREPARE is not a step it takes; IMPORTING leads to "
       "COMPLETED, FAILED or CANCELING"},
      {Machine::kSysRecoverJob, "RECOVERING", "CANCELING",
       "sys recover job: RECOVERING -> \"CANCELING\" is not a step it takes; RECOVERING leads to "
       "COMPLETED or FAILED"},
      {Machine::kImportJob, kNewRecord, "IMPORT_TABLE",
       "import job: (new) -> IMPORT_TABLE is not a step it takes; (new) leads to INIT"},
      {Machine::kImportTask, "DOING", kHistory,
       "import task: DOING -> (history) is not a step it takes; DOING leads to FINISH"},
      {Machine::kSysRestoreJob, kHistory, "CREATE_TENANT",
       "restore job in sys: (history) -> CREATE_TENANT is not a step it takes; a record in history "
       "does not change"},
      {Machine::kImportTask, "DAN\nCING", "FINISH",
       "import task: \"DAN\\nCING\" -> FINISH is not a step it takes; \"DAN\\nCING\" is none of "
       "its "
       "statuses, which are INIT, DOING, FINISH"},
  };
  for (const Refusal& refusal : cases) {
    Status checked = CheckTransition(refusal.machine, refusal.from, refusal.to);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message, refusal.message);
  }
}

// ---- which records follow which machine

TEST(MachineOf, GoesByKindAndTenant) {
  using enum RecordKind;
  const std::map<RecordKind, std::pair<Machine, Machine>> of_sys_and_others = {
      {kRecoverJob, {Machine::kSysRecoverJob, Machine::kUserRecoverJob}},
      {kRecoverJobHistory, {Machine::kSysRecoverJob, Machine::kUserRecoverJob}},
      {kImportJob, {Machine::kImportJob, Machine::kImportJob}},
      {kImportJobHistory, {Machine::kImportJob, Machine::kImportJob}},
      {kImportTask, {Machine::kImportTask, Machine::kImportTask}},
      {kImportTaskHistory, {Machine::kImportTask, Machine::kImportTask}},
      {kRestoreJob, {Machine::kSysRestoreJob, Machine::kAuxRestoreJob}},
      {kRestoreJobHistory, {Machine::kSysRestoreJob, Machine::kAuxRestoreJob}},
      {kTaskSummary, {Machine::kImportTask, Machine::kImportTask}},
      {kTaskSummaryOracle, {Machine::kImportTask, Machine::kImportTask}},
      {kProgress, {Machine::kSysRecoverJob, Machine::kUserRecoverJob}},
      {kTenantProgress, {Machine::kSysRecoverJob, Machine::kUserRecoverJob}},
  };
  for (const auto& [kind, machines] : of_sys_and_others) {
    EXPECT_EQ(MachineOf(kind, 1), machines.first) << GetRecordType(kind).name;
    EXPECT_EQ(MachineOf(kind, 1002), machines.second) << GetRecordType(kind).name;
  }
  Record record(RecordKind::kRecoverJob);
  record.Set("tenant_id", int64_t{1002});
  EXPECT_EQ(MachineOf(record), Machine::kUserRecoverJob);
}

/// The statuses that the machines of a kind's records explain.
Texts Explained(RecordKind kind) {
  Texts statuses = Carried(MachineOf(kind, 1));
  statuses.merge(Carried(MachineOf(kind, 1002)));
  return statuses;
}

TEST(RecordTypes, HaveTheStatusesOfTheirMachinesAndThoseExplainedBesides) {
  for (const RecordType& type : RecordTypes()) {
    Texts statuses(type.statuses.begin(), type.statuses.end());
    EXPECT_EQ(statuses.size(), type.statuses.size()) << type.name << " has a status twice";
    if (type.kind == RecordKind::kRestoreJobHistory) continue;  // below
    EXPECT_EQ(statuses, Explained(type.kind)) << type.name;
  }
}

TEST(RecordTypes, RestoreHistorySpellsItsStatusesInAnotherWay) {
  // RESTORE_SUCCESS and RESTORE_FAIL; the documentation writes FAILED.
  EXPECT_THAT(GetRecordType(RecordKind::kRestoreJobHistory).statuses,
              ElementsAre("SUCCESS", "FAIL", "FAILED"));
}

TEST(OutsideStatuses, AreInNoStepOfTheirMachine) {
  std::set<std::pair<Machine, std::string_view>> seen;
  for (const OutsideStatus& outside : OutsideStatuses()) {
    EXPECT_TRUE(seen.emplace(outside.machine, outside.status).second) << outside.status;
    EXPECT_FALSE(HasStatus(outside.machine, outside.status)) << outside.status;
    EXPECT_FALSE(outside.why.empty()) << outside.status;
    EXPECT_EQ(FindOutsideStatus(outside.machine, outside.status), &outside);
  }
  EXPECT_EQ(FindOutsideStatus(Machine::kSysRecoverJob, "RECOVERING"), nullptr);
}

TEST(OutsideStatuses, AreTheseFive) {
  std::vector<std::string> lines;
  for (const OutsideStatus& outside : OutsideStatuses()) {
    lines.push_back(std::string(NameOf(outside.machine)) + ": " + std::string(outside.status));
  }
  EXPECT_THAT(lines,
              ElementsAre("user recover job: RECOVERING", "user recover job: PRECHECK_IMPORT",
                          "import job: IMPORT_FAILED", "restore job in sys: RESTORING",
                          "restore job in the auxiliary tenant: RESTORING"));
}

}  // namespace
}  // namespace obviews::schema
