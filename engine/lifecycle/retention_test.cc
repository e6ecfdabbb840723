// What a purge of history takes, what it leaves, and that the store is sound after it.
#include "engine/lifecycle/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/testing.h"
#include "schema/conversions.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::Job;
using engine::testing::ReadAll;
using engine::testing::Task;
using engine::testing::TemporaryDirectory;
using schema::FieldValue;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kRecover = RecordKind::kRecoverJobHistory;
constexpr auto kImport = RecordKind::kImportJobHistory;
constexpr auto kTask = RecordKind::kImportTaskHistory;
constexpr auto kRestore = RecordKind::kRestoreJobHistory;

/// A job in history that ended at this time.
Record Ended(RecordKind kind, int64_t tenant, int64_t job, FieldValue end) {
  Record record = Job(kind, tenant, job);
  record.Set(kind == kRestore ? "finish_time" : "end_ts", std::move(end));
  return record;
}

/// A live job that names its initiator.
Record Live(RecordKind kind, int64_t tenant, int64_t job, int64_t initiator_tenant,
            int64_t initiator_job) {
  Record record = Job(kind, tenant, job);
  bool as_text = kind == RecordKind::kRestoreJob;
  auto number = [&](int64_t value) {
    return as_text ? FieldValue(std::to_string(value)) : FieldValue(value);
  };
  record.Set("initiator_tenant_id", number(initiator_tenant));
  record.Set("initiator_job_id", number(initiator_job));
  return record;
}

/// A store, and what is in it.
class Retention : public ::testing::Test {
 protected:
  Retention() { Open(engine::Access::kReadWrite); }

  void Open(engine::Access access) {
    store_.reset();
    bool writes = access == engine::Access::kReadWrite;
    auto store =
        engine::Store::Open(tmp_.Path("s"), {.access = access, .create_if_missing = writes});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  void Put(const std::vector<Record>& records) {
    engine::Batch batch;
    for (const Record& record : records) batch.Put(record);
    auto done = store_->Commit(batch);
    ASSERT_TRUE(done) << done.error().message;
  }

  /// Says the same of a dry run and of the purge, and that only the purge changes anything.
  PurgeReport PurgeBy(const RetentionPolicy& policy) {
    std::vector<Record> before = Records();
    auto dry = Purge(*store_, policy, true);
    EXPECT_TRUE(dry) << (dry ? "" : dry.error().message);
    EXPECT_EQ(Records(), before);
    auto report = Purge(*store_, policy, false);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    if (!dry || !report) return {};
    EXPECT_EQ(*dry, *report);
    EXPECT_THAT(Damage(), IsEmpty());
    return *report;
  }

  std::vector<Record> Records() const {
    auto records = ReadAll(*store_->TakeSnapshot().value());
    EXPECT_TRUE(records) << (records ? "" : records.error().message);
    return records.value_or(std::vector<Record>());
  }
  /// "import_job_history (1002, 3)" and the like.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const Record& record : Records()) {
      names.push_back(std::string(record.type().name) + " " +
                      ToString(record.type(), record.key()));
    }
    return names;
  }
  std::vector<std::string> Damage() const { return store_->Verify()->damage; }
  uint64_t Commits() const { return (*store_->TakeSnapshot())->stamp().number; }

  engine::Store& store() { return *store_; }

 private:
  TemporaryDirectory tmp_;
  std::unique_ptr<engine::Store> store_;
};

TEST_F(Retention, RefusesAPolicyThatSaysNothing) {
  for (bool dry_run : {true, false}) {
    auto report = Purge(store(), {.tenants = {1002}}, dry_run);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(report.error().message,
              "the retention policy says neither an age nor a number of jobs to keep");
  }
}

// ---- by age

struct Age {
  const char* name;
  RecordKind kind;
  FieldValue end;
  bool purged;
};
void PrintTo(const Age& age, std::ostream* out) { *out << age.name; }

class RetentionByAge : public Retention, public ::testing::WithParamInterface<Age> {};

TEST_P(RetentionByAge, TakesWhatEndedBeforeTheInstant) {
  Put({Ended(GetParam().kind, 1002, 3, GetParam().end)});
  PurgeReport report = PurgeBy({.older_than_usec = 1000});
  EXPECT_EQ(report.recover_jobs + report.import_jobs + report.restore_jobs,
            GetParam().purged ? 1U : 0U);
  EXPECT_EQ(Names().empty(), GetParam().purged);
  EXPECT_EQ(report.held_jobs, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Jobs, RetentionByAge,
    ::testing::Values(Age{"RecoverBefore", kRecover, int64_t{999}, true},
                      Age{"RecoverAt", kRecover, int64_t{1000}, false},
                      Age{"RecoverAfter", kRecover, int64_t{1001}, false},
                      Age{"RecoverWithoutEnd", kRecover, int64_t{0}, false},
                      Age{"ImportBefore", kImport, int64_t{999}, true},
                      Age{"ImportAt", kImport, int64_t{1000}, false},
                      Age{"ImportWithoutEnd", kImport, int64_t{0}, false},
                      Age{"ImportMinusOne", kImport, int64_t{-1}, false},
                      Age{"ImportUnknown", kImport, schema::kUnknownUsec, false},
                      Age{"RestoreBefore", kRestore, int64_t{999}, true},
                      Age{"RestoreAt", kRestore, int64_t{1000}, false},
                      Age{"RestoreNull", kRestore, std::monostate{}, false},
                      Age{"RestoreZeroDate", kRestore, schema::kZeroDatetimeUsec, false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Retention, AnUnknownEndIsNotOlderThanTheEndOfTime) {
  Put({Ended(kImport, 1002, 3, schema::kUnknownUsec), Ended(kImport, 1002, 4, int64_t{0})});
  EXPECT_EQ(PurgeBy({.older_than_usec = INT64_MAX}), PurgeReport());
}

// ---- by number

TEST_F(Retention, KeepsTheLatestOfEachKindInEachTenant) {
  Put({Ended(kRecover, 1, 1, int64_t{10}), Ended(kRecover, 1, 2, int64_t{20}),
       Ended(kRecover, 1002, 1, int64_t{10}), Ended(kImport, 1002, 2, int64_t{30}),
       Ended(kImport, 1002, 3, int64_t{20}), Ended(kImport, 1002, 4, int64_t{10}),
       Ended(kRestore, 1, 7, int64_t{10}), Ended(kRestore, 1, 8, int64_t{5})});
  EXPECT_EQ(PurgeBy({.keep_per_tenant = 1}),
            (PurgeReport{.recover_jobs = 1, .import_jobs = 2, .restore_jobs = 1}));
  EXPECT_THAT(Names(), ElementsAre("recover_job_history (1, 2)", "recover_job_history (1002, 1)",
                                   "import_job_history (1002, 2)", "restore_job_history (1, 7)"));
}

TEST_F(Retention, TakesJobsWithoutAnEndFirstAndOfTwoThatEndedAtOnceTheSmallerId) {
  Put({Ended(kImport, 1002, 1, int64_t{10}), Ended(kImport, 1002, 2, int64_t{10}),
       Ended(kImport, 1002, 9, int64_t{0})});
  const RetentionPolicy keep_two{.keep_per_tenant = 2};
  EXPECT_EQ(PurgeBy(keep_two).import_jobs, 1U);
  EXPECT_THAT(Names(), ElementsAre("import_job_history (1002, 1)", "import_job_history (1002, 2)"));
  EXPECT_EQ(PurgeBy(keep_two), PurgeReport());
  EXPECT_EQ(PurgeBy({.keep_per_tenant = 1}).import_jobs, 1U);
  EXPECT_THAT(Names(), ElementsAre("import_job_history (1002, 2)"));
  EXPECT_EQ(PurgeBy({.keep_per_tenant = 0}).import_jobs, 1U);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(Retention, ByAgeAndNumberAJobMustBeGivenUpByBoth) {
  Put({Ended(kImport, 1002, 1, int64_t{10}), Ended(kImport, 1002, 2, int64_t{20}),
       Ended(kImport, 1002, 3, int64_t{30}), Ended(kImport, 1002, 4, int64_t{0})});
  // 4 has no age, 3 is young, 2 is young enough by number.
  EXPECT_EQ(PurgeBy({.older_than_usec = 25, .keep_per_tenant = 2}).import_jobs, 1U);
  EXPECT_THAT(Names(), ElementsAre("import_job_history (1002, 2)", "import_job_history (1002, 3)",
                                   "import_job_history (1002, 4)"));
}

// ---- by tenant

Record SysJob(int64_t job, int64_t target, int64_t end, RecordKind kind = kRecover) {
  Record record = Ended(kind, 1, job, end);
  record.Set("target_tenant_id", target);
  return record;
}

/// A restore job of the sys tenant in history, made by a sys job or by nobody.
Record Restore(int64_t job, int64_t sys_job, int64_t end) {
  Record record = Ended(kRestore, 1, job, end);
  record.Set("initiator_tenant_id", int64_t{sys_job == 0 ? 0 : 1});
  record.Set("initiator_job_id", sys_job);
  return record;
}

Record RestoreOf(int64_t job, const char* name, int64_t tenant, int64_t end) {
  Record record = Restore(job, 0, end);
  record.Set("restore_tenant_name", name);
  record.Set("restore_tenant_id", tenant);
  return record;
}

/// All jobs in history of one recovery of a table, the sys job of this id, ended from `end` on.
std::vector<Record> Recovery(int64_t sys_job, int64_t tenant, int64_t user_job, int64_t end) {
  Record import = Ended(kImport, tenant, user_job, end + 1);
  import.Set("initiator_tenant_id", tenant);
  import.Set("initiator_job_id", user_job);
  Record user = Ended(kRecover, tenant, user_job, end + 2);
  user.Set("initiator_tenant_id", int64_t{1});
  user.Set("initiator_job_id", sys_job);
  return {Restore(sys_job + 100, sys_job, end), import, user, SysJob(sys_job, tenant, end + 3)};
}

std::vector<Record> All(const std::vector<std::vector<Record>>& parts) {
  std::vector<Record> all;
  for (const std::vector<Record>& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Four recoveries, two of each of two tenants; those of 1004 ended last.
std::vector<Record> TwoTargets() {
  return All({Recovery(1, 1002, 1, 10), Recovery(2, 1002, 2, 20), Recovery(3, 1004, 1, 30),
              Recovery(4, 1004, 2, 40)});
}

RetentionPolicy KeepOne() { return {.keep_per_tenant = 1}; }
/// Keeps nothing of these tenants, or what ended from 20 on.
RetentionPolicy Nothing(const std::set<int64_t>& tenants) {
  return {.keep_per_tenant = 0, .tenants = tenants};
}
RetentionPolicy Since20(const std::set<int64_t>& tenants) {
  return {.older_than_usec = 20, .tenants = tenants};
}

struct Choice {
  const char* name;
  std::vector<Record> records;
  RetentionPolicy policy;
  std::vector<std::string> left;  ///< names, without `_job_history`
};
void PrintTo(const Choice& choice, std::ostream* out) { *out << choice.name; }

class RetentionByTenant : public Retention, public ::testing::WithParamInterface<Choice> {};

TEST_P(RetentionByTenant, CountsJobsOfTheSysTenantWithThoseOfTheTargetTenant) {
  Put(GetParam().records);
  PurgeBy(GetParam().policy);
  std::vector<std::string> left;
  const std::string ending = "_job_history";
  for (std::string name : Names()) {
    size_t at = name.find(ending);
    left.push_back(at == std::string::npos ? name : name.erase(at, ending.size()));
  }
  EXPECT_EQ(left, GetParam().left);
  EXPECT_THAT(store().Verify()->notices, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Jobs, RetentionByTenant,
    ::testing::Values(
        Choice{"EveryTargetKeepsAWholeRecovery",
               TwoTargets(),
               KeepOne(),
               {"recover (1, 2)", "recover (1, 4)", "recover (1002, 2)", "recover (1004, 2)",
                "import (1002, 2)", "import (1004, 2)", "restore (1, 102)", "restore (1, 104)"}},
        Choice{"SysJobsOfAnUnknownTargetAreOneGroup",
               {SysJob(1, 0, 10), SysJob(2, 0, 20), SysJob(3, 1002, 5)},
               KeepOne(),
               {"recover (1, 2)", "recover (1, 3)"}},
        Choice{"ARestoreFollowsALiveRecoverJobToo",
               {SysJob(1, 1002, 0, RecordKind::kRecoverJob), Restore(101, 1, 10),
                SysJob(2, 1002, 20), Restore(102, 2, 20)},
               KeepOne(),
               {"recover_job (1, 1)", "recover (1, 2)", "restore (1, 102)"}},
        Choice{"ARestoreOfNoRecoveryGoesByTheNameOfItsTenant",
               {RestoreOf(1, "shop", 1002, 10), RestoreOf(2, "shop", 1004, 20),
                RestoreOf(3, "erp", 1006, 5)},
               KeepOne(),
               {"restore (1, 2)", "restore (1, 3)"}},
        Choice{"OrByItsId",
               {RestoreOf(1, "", 1002, 10), RestoreOf(2, "", 1002, 20), RestoreOf(3, "", 1006, 5)},
               KeepOne(),
               {"restore (1, 2)", "restore (1, 3)"}},
        Choice{"AnInitiatorThatIsNotThereSaysNothing",
               {Restore(1, 7, 10), Restore(2, 8, 20)},
               KeepOne(),
               {"restore (1, 2)"}},
        Choice{"AnImportJobOfTheSysTenantIsOfNoRecovery",
               {SysJob(1, 1002, 10), Ended(kImport, 1, 1, int64_t{10}),
                Ended(kImport, 1, 2, int64_t{20})},
               KeepOne(),
               {"recover (1, 1)", "import (1, 2)"}},
        Choice{"OneTenantWithItsSysJobs",
               TwoTargets(),
               Nothing({1002}),
               {"recover (1, 3)", "recover (1, 4)", "recover (1004, 1)", "recover (1004, 2)",
                "import (1004, 1)", "import (1004, 2)", "restore (1, 103)", "restore (1, 104)"}},
        Choice{"SeveralTenants", TwoTargets(), Nothing({1002, 1004}), {}},
        Choice{"OneTenantByAge",
               All({Recovery(1, 1002, 1, 10), Recovery(2, 1002, 2, 20), Recovery(3, 1004, 1, 10)}),
               Since20({1002}),
               {"recover (1, 2)", "recover (1, 3)", "recover (1002, 2)", "recover (1004, 1)",
                "import (1002, 2)", "import (1004, 1)", "restore (1, 102)", "restore (1, 103)"}},
        Choice{"TheSysTenantHasWhatIsOfNoOther",
               All({Recovery(1, 1002, 1, 10),
                    {SysJob(2, 0, 10), Restore(3, 0, 10), RestoreOf(4, "shop", 1002, 10)}}),
               Nothing({1}),
               {"recover (1, 1)", "recover (1002, 1)", "import (1002, 1)", "restore (1, 4)",
                "restore (1, 101)"}},
        Choice{"ARestoreOfATenantIsOfThatTenant",
               {RestoreOf(1, "shop", 1002, 10), RestoreOf(2, "erp", 1004, 10)},
               Nothing({1002}),
               {"restore (1, 2)"}},
        Choice{"ATenantWithoutJobs", {SysJob(1, 1002, 10)}, Nothing({1008}), {"recover (1, 1)"}}),
    [](const auto& info) { return std::string(info.param.name); });

// ---- what is live

const RetentionPolicy kAll{.keep_per_tenant = 0};

TEST_F(Retention, TouchesNothingLive) {
  Put({Job(RecordKind::kRecoverJob, 1, 1), Job(RecordKind::kRecoverJob, 1002, 2),
       Job(RecordKind::kImportJob, 1002, 3), Task(1002, 3, 1000),
       Job(RecordKind::kRestoreJob, 1, 7), Job(RecordKind::kRestoreJob, 1004, 7)});
  std::vector<Record> before = Records();
  EXPECT_EQ(PurgeBy(kAll), PurgeReport());
  EXPECT_EQ(Records(), before);
}

struct Hold {
  const char* name;
  Record ended;
  Record live;
  bool held;
};
void PrintTo(const Hold& hold, std::ostream* out) { *out << hold.name; }

class RetentionHold : public Retention, public ::testing::WithParamInterface<Hold> {};

TEST_P(RetentionHold, KeepsWhatSomethingLiveBelongsTo) {
  Put({GetParam().ended});
  Put({GetParam().live});
  PurgeReport report = PurgeBy(kAll);
  EXPECT_EQ(report.held_jobs, GetParam().held ? 1U : 0U);
  EXPECT_EQ(Records().size(), GetParam().held ? 2U : 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Jobs, RetentionHold,
    ::testing::Values(Hold{"Twin", Ended(kRecover, 1002, 2, int64_t{1}),
                           Job(RecordKind::kRecoverJob, 1002, 2), true},
                      Hold{"TwinOfARestore", Ended(kRestore, 1, 7, int64_t{1}),
                           Job(RecordKind::kRestoreJob, 1, 7), true},
                      Hold{"NoTwinInAnotherTenant", Ended(kRecover, 1002, 2, int64_t{1}),
                           Job(RecordKind::kRecoverJob, 1004, 2), false},
                      Hold{"NoTwinOfAnotherKind", Ended(kRecover, 1002, 2, int64_t{1}),
                           Job(RecordKind::kImportJob, 1002, 2), false},
                      Hold{"UserJobOfASysJob", Ended(kRecover, 1, 5, int64_t{1}),
                           Live(RecordKind::kRecoverJob, 1002, 2, 1, 5), true},
                      Hold{"RestoreOfASysJob", Ended(kRecover, 1, 5, int64_t{1}),
                           Live(RecordKind::kRestoreJob, 1, 7, 1, 5), true},
                      Hold{"ImportOfAUserJob", Ended(kRecover, 1002, 2, int64_t{1}),
                           Live(RecordKind::kImportJob, 1002, 3, 1002, 2), true},
                      Hold{"TaskOfAnImport", Ended(kImport, 1002, 3, int64_t{1}),
                           Task(1002, 3, 1000), true},
                      Hold{"NoTaskOfAnotherImport", Ended(kImport, 1002, 3, int64_t{1}),
                           Task(1002, 4, 1000), false},
                      Hold{"RestoreInAuxOfOneInSys", Ended(kRestore, 1, 7, int64_t{1}),
                           Live(RecordKind::kRestoreJob, 1004, 7, 1, 7), true},
                      // 7 is a restore job there, and a recover job here.
                      Hold{"NoRestoreInAuxOfASysJob", Ended(kRecover, 1, 7, int64_t{1}),
                           Live(RecordKind::kRestoreJob, 1004, 7, 1, 7), false},
                      Hold{"NoRestoreInSysOfARestore", Ended(kRestore, 1, 5, int64_t{1}),
                           Live(RecordKind::kRestoreJob, 1, 7, 1, 5), false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Retention, AHeldJobCountsAmongThoseKept) {
  Put({Ended(kRecover, 1, 5, int64_t{50}), Ended(kRecover, 1, 6, int64_t{40}),
       Live(RecordKind::kRecoverJob, 1002, 2, 1, 5)});
  EXPECT_EQ(PurgeBy({.keep_per_tenant = 1}).recover_jobs, 1U);
  EXPECT_THAT(Names(), ElementsAre("recover_job (1002, 2)", "recover_job_history (1, 5)"));
}

// ---- import jobs with their tasks

/// Tasks first..first+count-1 of a job, in history.
std::vector<Record> Tasks(int64_t job, int64_t first, int64_t count) {
  std::vector<Record> tasks;
  for (int64_t task = first; task < first + count; ++task) {
    tasks.push_back(Task(1002, job, task, "FINISH", kTask));
  }
  return tasks;
}

TEST_F(Retention, AnImportJobGoesWithItsTasksAndTexts) {
  std::vector<Record> records = Tasks(3, 1000, 1500);
  records.back().Set("comment", std::string(5000, 'c'));
  for (const Record& task : Tasks(4, 5000, 2)) records.push_back(task);
  Record long_list = Ended(kImport, 1002, 3, int64_t{10});
  long_list.Set("table_list", std::string(5000, 't'));
  records.push_back(long_list);
  records.push_back(Ended(kImport, 1002, 4, int64_t{20}));
  Put(records);
  uint64_t commits = Commits();
  EXPECT_EQ(PurgeBy({.older_than_usec = 15}),
            (PurgeReport{.import_jobs = 1, .import_tasks = 1500}));
  EXPECT_EQ(Commits(), commits + 1);
  EXPECT_THAT(Names(),
              ElementsAre("import_job_history (1002, 4)", "import_task_history (1002, 4, 5000)",
                          "import_task_history (1002, 4, 5001)"));
  EXPECT_EQ(store().Verify()->texts, 0U);
}

TEST_F(Retention, TasksWithoutAJobStay) {
  Put(Tasks(3, 1000, 2));
  EXPECT_EQ(PurgeBy(kAll), PurgeReport());
  EXPECT_EQ(Records().size(), 2U);
}

TEST_F(Retention, SmallJobsShareACommit) {
  std::vector<Record> records = {Ended(kRecover, 1002, 9, int64_t{1}),
                                 Ended(kRestore, 1, 7, int64_t{1})};
  for (int64_t job = 1; job <= 5; ++job) {
    records.push_back(Ended(kImport, 1002, job, int64_t{1}));
    for (const Record& task : Tasks(job, job * 100, 10)) records.push_back(task);
  }
  Put(records);
  uint64_t commits = Commits();
  EXPECT_EQ(
      PurgeBy(kAll),
      (PurgeReport{.recover_jobs = 1, .import_jobs = 5, .import_tasks = 50, .restore_jobs = 1}));
  EXPECT_EQ(Commits(), commits + 1);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(Retention, AJobOfManyTasksGoesInSeveralCommitsItselfLast) {
  constexpr int64_t kTasks = 140'000;
  for (int64_t first = 0; first < kTasks; first += 35'000) Put(Tasks(3, 1000 + first, 35'000));
  Put({Ended(kImport, 1002, 3, int64_t{1})});
  uint64_t commits = Commits();
  EXPECT_EQ(PurgeBy(kAll), (PurgeReport{.import_jobs = 1, .import_tasks = 140'000}));
  EXPECT_EQ(Commits(), commits + 3);  // of 64 Ki tasks each; the last with the job
  EXPECT_THAT(Names(), IsEmpty());
}

// ---- any store

TEST_F(Retention, OfAnyStoreLeavesAllThatIsLiveAndASoundStore) {
  engine::testing::Model model;
  for (uint64_t number = 1; number <= 60; ++number) {
    ASSERT_TRUE(store().Commit(engine::testing::RandomBatch(number, &model)));
    if (number % 15 != 0) continue;
    std::vector<Record> before = Records();
    PurgeReport report = PurgeBy({.keep_per_tenant = number % 2});
    std::vector<Record> after = Records();
    EXPECT_EQ(before.size() - after.size(),
              report.recover_jobs + report.import_jobs + report.import_tasks + report.restore_jobs);
    auto is_live = [](const Record& record) { return !record.type().history; };
    EXPECT_EQ(std::count_if(before.begin(), before.end(), is_live),
              std::count_if(after.begin(), after.end(), is_live));
    for (const Record& record : after) {
      EXPECT_NE(std::find(before.begin(), before.end(), record), before.end());
    }
  }
}

TEST_F(Retention, ADryRunNeedsNoWriter) {
  Put({Ended(kRecover, 1002, 2, int64_t{1})});
  Open(engine::Access::kReadOnly);
  auto report = Purge(store(), kAll, true);
  ASSERT_TRUE(report);
  EXPECT_EQ(*report, (PurgeReport{.recover_jobs = 1}));
  EXPECT_FALSE(Purge(store(), kAll, false));
}

}  // namespace
}  // namespace obviews::lifecycle
