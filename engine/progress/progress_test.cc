// The model on recoveries of which only some records are there, and what it says at odd times.
#include "engine/progress/progress.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace obviews::engine::progress {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kStart = 1'700'000'000'000'000;
constexpr int64_t At(double seconds) { return kStart + static_cast<int64_t>(seconds * 1e6); }

RecoverFacts SysJob(std::string status) {
  RecoverFacts job;
  job.key = {1, 7, 0};
  job.status = std::move(status);
  job.start = kStart;
  job.aux_tenant_name = "AUX_RECOVER$1";
  job.target_tenant_name = "t1";
  return job;
}
RecoverFacts UserJob(std::string status) {
  RecoverFacts job = SysJob(std::move(status));
  job.key = {1002, 2, 0};
  return job;
}
RestoreFacts Restore(int64_t finished, int64_t total) {
  RestoreFacts restore;
  restore.key = {1, 3, 0};
  restore.tenant_name = "AUX_RECOVER$1";
  restore.start = At(10);
  restore.bytes_finished = finished;
  restore.bytes_total = total;
  return restore;
}
RestoreFacts Restored() {
  RestoreFacts restore = Restore(1000, 1000);
  restore.ended = true;
  restore.end = At(100);
  return restore;
}
ImportFacts Import(std::string status, int64_t total) {
  ImportFacts import;
  import.key = {1002, 3, 0};
  import.status = std::move(status);
  import.start = At(110);
  import.total = total;
  return import;
}
TaskTotals Tasks(int64_t waiting, int64_t running, int64_t finished, int64_t failed) {
  TaskTotals tasks{waiting, running, finished, failed, {}, {}};
  tasks.first_start = At(120);
  if (finished + failed > 0) tasks.last_completion = At(190);
  return tasks;
}

/// At the import of ten tables, five of which have ended after 80 seconds.
RecoveryFacts Importing() {
  RecoveryFacts facts;
  facts.sys = SysJob("RECOVERING");
  facts.user = UserJob("IMPORTING");
  facts.restore = Restored();
  facts.import = Import("IMPORT_TABLE", 10);
  facts.tasks = Tasks(4, 1, 4, 1);
  facts.running_table = "`db`.`t6`";
  facts.table_failures = {{"`db`.`t2`", "already exists"}};
  facts.driven = true;
  return facts;
}

template <class T>
std::string Show(const Figure<T>& figure) {
  if (!figure.known()) {
    EXPECT_FALSE(figure.why.empty());
    return "?";
  }
  EXPECT_EQ(figure.why, "");
  return fmt::format("{}", *figure.value);
}
std::string ShowPercent(const Figure<int64_t>& ppm) {
  return ppm.known() ? fmt::format("{:.2f}", static_cast<double>(*ppm.value) / 1e4) : Show(ppm);
}

/// "stage percent stage-percent finished+failed/total".
std::string Brief(const RecoveryProgress& progress) {
  std::string stage = progress.stage.known() ? std::string(StageName(*progress.stage.value)) : "?";
  return fmt::format("{} {} {} {}+{}/{}", stage, ShowPercent(progress.percent_ppm),
                     ShowPercent(progress.stage_percent_ppm), Show(progress.tables_finished),
                     Show(progress.tables_failed), Show(progress.tables_total));
}

TEST(RecoveryProgress, IsToldFromWhateverRecordsThereAre) {
  struct Case {
    const char* what;
    RecoveryFacts facts;
    const char* brief;
    const char* waiting_for;
  };
  std::vector<Case> cases;
  auto add = [&](const char* what, const RecoveryFacts& facts, const char* brief,
                 const char* waiting_for) {
    cases.push_back({what, facts, brief, waiting_for});
  };

  RecoveryFacts facts;
  facts.sys = SysJob("PREPARE");
  add("only a sys job, just begun", facts, "PREPARE 0.00 0.00 ?+?/?",
      "the recover job of the target tenant");
  facts.sys = SysJob("RECOVERING");
  add("only a sys job", facts, "? ? ? ?+?/?",
      "unknown: the recover job of tenant t1 is not in this store");
  facts.restore = Restore(250, 1000);
  add("a sys job and a restore", facts, "RESTORE 12.14 24.75 ?+?/?",
      "the restore of auxiliary tenant AUX_RECOVER$1");
  facts.restore = Restored();
  add("a restore that ended, without the tenant's job", facts, "? ? ? ?+?/?",
      "unknown: the recover job of tenant t1 is not in this store");

  facts = {};
  facts.user = UserJob("RESTORE_AUX_TENANT");
  add("only a user job", facts, "RESTORE 1.00 ? ?+?/?",
      "the restore of auxiliary tenant AUX_RECOVER$1, whose job is not in this store");
  facts.user = UserJob("GEN_IMPORT_JOB");
  add("a user job that lists its tables", facts, "LIST 48.00 0.00 ?+?/?",
      "the list of tables to import");
  facts.user = UserJob("IMPORTING");
  add("a user job that imports", facts, "IMPORT 50.00 ? ?+?/?",
      "the import, whose job is not in this store");
  facts.import = Import("IMPORT_TABLE", 0);
  add("an import job without its tasks", facts, "IMPORT 50.00 ? ?+?/?",
      "tables to be imported; the tasks are not in this store");
  facts.import = Import("IMPORT_TABLE", 10);
  facts.tasks = Tasks(0, 1, 2, 0);
  add("some of the tasks", facts, "IMPORT 50.00 ? ?+?/10",
      "tables to be imported; only 3 tasks of 10 are in this store");
  facts.tasks = Tasks(0, 1, 8, 1);
  facts.running_table = "`db`.`t`";
  add("all of the tasks", facts, "IMPORT 94.10 90.00 8+1/10", "table `db`.`t`");

  facts = {};
  facts.restore = Restore(500, 1000);
  add("only a restore", facts, "RESTORE 23.27 49.50 ?+?/?",
      "the restore of auxiliary tenant AUX_RECOVER$1");
  facts.restore = Restored();
  add("only a restore that ended", facts, "? ? ? ?+?/?",
      "unknown: the recover job is not in this store");

  facts = {};
  facts.import = Import("", 0);
  facts.tasks = Tasks(0, 1, 0, 0);
  add("only a task", facts, "IMPORT 50.00 ? ?+?/?",
      "tables to be imported; the import job, which says how many tables there are, is not in this "
      "store");
  facts.import = Import("IMPORT_FINISH", 5);
  facts.import->history = true;
  facts.import->finished = 5;
  facts.import->result = "SUCCEESS";
  facts.tasks = {};
  add("only an import in history", facts, "? 99.00 ? 5+0/5",
      "unknown: the import has ended; the recover job, which says how the recovery did, is not in "
      "this store");

  facts = Importing();
  add("all records", facts, "IMPORT 74.50 50.00 4+1/10", "table `db`.`t6`; 4 not begun");
  facts.user = UserJob("CANCELING");
  add("a cancel", facts, "CANCELING 69.60 ? 4+1/10", "the work that runs to stop");
  facts.user = UserJob("COMPLETED");
  add("a user job that ended before the sys job", facts, "FINISH 99.00 0.00 4+1/10",
      "the import job to end");
  facts.sys = SysJob("FAILED");
  facts.user = UserJob("FAILED");
  add("a failure", facts, "FAILED 74.50 ? 4+1/10", "");
  facts.sys = SysJob("COMPLETED");
  facts.user.reset();
  facts.import.reset();
  facts.tasks = {};
  add("history of the sys tenant alone", facts, "COMPLETED 100.00 100.00 ?+?/?", "");

  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    RecoveryProgress progress = Evaluate(c.facts, {}, At(200));
    EXPECT_EQ(Brief(progress), c.brief);
    EXPECT_EQ(progress.waiting_for, c.waiting_for);
  }
}

TEST(RecoveryProgress, EstimatesTheEndFromTheRecoverysOwnPace) {
  RecoveryProgress progress = Evaluate(Importing(), {}, At(200));
  // Five tables in 80 seconds: five more take as long.
  EXPECT_EQ(progress.eta.value, At(280));
  ASSERT_TRUE(progress.eta_low && progress.eta_high);
  EXPECT_LT(*progress.eta_low, At(280));
  EXPECT_GE(*progress.eta_low, At(200));
  EXPECT_GT(*progress.eta_high, At(280));
  EXPECT_EQ(progress.elapsed_seconds.value, 200);
  EXPECT_EQ(progress.rate.value, "3.0 tables/min");
}

TEST(RecoveryProgress, EstimatesNoEndWithoutAGround) {
  RecoveryFacts facts = Importing();
  facts.tasks = Tasks(10, 0, 0, 0);
  EXPECT_EQ(Evaluate(facts, {}, At(200)).eta.why,
            "no table was imported yet, and no past recovery says the pace");
  facts.user = UserJob("RESTORE_AUX_TENANT");
  facts.import.reset();
  facts.tasks = {};
  facts.restore = Restore(500, 1000);
  EXPECT_EQ(Evaluate(facts, {}, At(200)).eta.why,
            "no table was imported yet, and no past recovery says the pace");
  facts.restore = Restore(0, 1000);
  EXPECT_EQ(Evaluate(facts, {}, At(200)).eta.why,
            "nothing was restored yet, and no past recovery says its pace");
  facts.sys = SysJob("COMPLETED");
  EXPECT_EQ(Evaluate(facts, {}, At(200)).eta.why, "it has ended");
}

TEST(RecoveryProgress, LearnsFromThePastWhatItCannotMeasureYet) {
  RecoveryFacts facts = Importing();
  facts.user = UserJob("RESTORE_AUX_TENANT");
  facts.import.reset();
  facts.tasks = {};
  facts.restore = Restore(500, 1000);
  PastRecovery past;
  past.restore = 90;
  past.restore_bytes = 1000;
  past.before_import = 10;
  past.import = 200;
  past.tables = 20;
  past.after_import = 5;
  // Half of the bytes took 90 seconds: as long again, and then the import of the past.
  auto eta = Evaluate(facts, {&past, 1}, At(100)).eta;
  ASSERT_TRUE(eta.known()) << eta.why;
  EXPECT_NEAR(static_cast<double>(*eta.value - At(100)) / 1e6, 90 + 10 + 200 + 5, 10);
  // Tables that are named are counted.
  facts.sys->tables_named = 2;
  eta = Evaluate(facts, {&past, 1}, At(100)).eta;
  EXPECT_NEAR(static_cast<double>(*eta.value - At(100)) / 1e6, 90 + 10 + 20 + 5, 10);
}

TEST(RecoveryProgress, AnImportWithoutARecoverJobHasAnEndButNoBeginning) {
  RecoveryFacts facts = Importing();
  facts.sys.reset();
  facts.user.reset();
  RecoveryProgress progress = Evaluate(facts, {}, At(200));
  EXPECT_EQ(*progress.eta.value, At(280));
  EXPECT_EQ(progress.start.why,
            "the recover job, which says when the recovery began, is not in this store");
  facts.import->history = true;
  facts.import->end = At(300);
  progress = Evaluate(facts, {}, At(90'000));
  EXPECT_EQ(progress.as_of, At(300));
  EXPECT_FALSE(progress.stage.known());
  EXPECT_FALSE(progress.eta.known());
}

TEST(RecoveryProgress, ThatStandsStillHasNoEstimate) {
  EXPECT_TRUE(Evaluate(Importing(), {}, At(200)).eta.known());
  EXPECT_EQ(Evaluate(Importing(), {}, At(2000)).eta.why,
            "nothing moves, so no pace says when it ends");
}

TEST(RecoveryProgress, TwoLoadsOfOneTimeAreOneLook) {
  RecoveryFacts facts = Importing();
  facts.driven = false;
  ProgressSample sample = SampleOf(Evaluate(facts, {}, At(200)));
  facts.samples = {sample, sample};
  EXPECT_EQ(Evaluate(facts, {}, At(200)).stalled_seconds.why,
            "one look at a recovery does not tell whether it moves");
}

TEST(RecoveryProgress, NamesAStallAfterATimeThatFollowsItsPace) {
  RecoveryFacts facts = Importing();
  facts.tasks.last_completion = At(190);
  auto stalled = [&](double now) { return Evaluate(facts, {}, At(now)).stalled_seconds.value; };
  // A table every 14 seconds: not before ten such pauses.
  EXPECT_EQ(stalled(200), 0);
  EXPECT_EQ(stalled(325), 0);
  EXPECT_EQ(stalled(390), 200);
  facts.tasks.last_completion = At(121);
  EXPECT_EQ(stalled(200), 79);
}

TEST(RecoveryProgress, DoesNotTellAStallFromOneLook) {
  RecoveryFacts facts;
  facts.user = UserJob("RESTORE_AUX_TENANT");
  facts.samples.emplace_back().time_usec = At(300);
  auto progress = Evaluate(facts, {}, At(100'000));
  EXPECT_EQ(progress.stalled_seconds.why, "one look at a recovery does not tell whether it moves");
  // What was loaded is of the time it was loaded at.
  EXPECT_EQ(progress.as_of, At(300));
  EXPECT_EQ(progress.elapsed_seconds.value, 300);
}

TEST(RecoveryProgress, TellsARateFromTwoLooksAnHourApart) {
  RecoveryFacts facts;
  facts.sys = SysJob("RECOVERING");
  facts.user = UserJob("RESTORE_AUX_TENANT");
  facts.restore = Restore(int64_t{5} << 30, int64_t{10} << 30);
  facts.restore->start.reset();
  ProgressSample sample;
  sample.stage = static_cast<uint8_t>(Stage::kRestore);
  sample.time_usec = At(0);
  sample.bytes_finished = int64_t{1} << 30;
  facts.samples.push_back(sample);
  sample.time_usec = At(4096);
  sample.bytes_finished = int64_t{5} << 30;
  facts.samples.push_back(sample);
  EXPECT_EQ(Evaluate(facts, {}, At(1e6)).rate.value, "1.00MB/s");
}

TEST(RecoveryProgress, ThePercentFallsOnlyWithARetryThatItNames) {
  RecoveryFacts facts;
  facts.user = UserJob("RESTORE_AUX_TENANT");
  facts.restore = Restore(100, 2000);
  ProgressSample sample;
  sample.time_usec = At(100);
  sample.stage = static_cast<uint8_t>(Stage::kRestore);
  sample.percent_ppm = 300'000;
  sample.bytes_finished = 90;
  facts.samples = {sample};
  // There is more to restore than was known.
  RecoveryProgress progress = Evaluate(facts, {}, At(200));
  EXPECT_EQ(progress.percent_ppm.value, 300'000);
  EXPECT_EQ(progress.retry, "");
  facts.samples[0].bytes_finished = 1500;
  progress = Evaluate(facts, {}, At(200));
  EXPECT_LT(*progress.percent_ppm.value, 300'000);
  EXPECT_EQ(progress.retry, "the restore began anew");
  EXPECT_THAT(progress.waiting_for, HasSubstr("the restore began anew"));
}

TEST(RecoveryProgress, TablesThatACancelFailedAreNotDealtWith) {
  RecoveryFacts facts = Importing();
  facts.user->status = "CANCELING";
  facts.tasks = Tasks(0, 0, 4, 6);
  EXPECT_EQ(Brief(Evaluate(facts, {}, At(200))), "CANCELING 69.60 ? 4+6/10");
  ProgressSample before;
  before.time_usec = At(190);
  before.stage = static_cast<uint8_t>(Stage::kImport);
  before.percent_ppm = 745'000;
  facts.samples = {before};
  EXPECT_EQ(Brief(Evaluate(facts, {}, At(200))), "CANCELING 74.50 ? 4+6/10");
  facts.samples.clear();
  facts.sys = SysJob("FAILED");
  facts.user->status = "FAILED";
  facts.user->comment = "result:-4072(), addr:127.0.0.1:2882, trace_id:Y-0-0";
  EXPECT_EQ(Brief(Evaluate(facts, {}, At(200))), "FAILED 69.60 ? 4+6/10");
}

TEST(RecoveryProgress, GivesTheReasonOfEveryFailure) {
  RecoveryFacts facts = Importing();
  facts.sys = SysJob("FAILED");
  facts.sys->comment = "disk full";
  facts.user = UserJob("FAILED");
  facts.user->comment = "disk full";
  facts.restore->failed = true;
  facts.restore->comment = "disk full";
  auto failures = Evaluate(facts, {}, At(200)).failures;
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].what + ": " + failures[0].reason, "restore: disk full");
  EXPECT_EQ(failures[1].what + ": " + failures[1].reason, "`db`.`t2`: already exists");
}

/// Facts of any kind and numbers of any size.
RecoveryFacts RandomFacts(std::mt19937_64& random) {
  auto one_in = [&](uint64_t n) { return random() % n == 0; };
  auto number = [&]() -> int64_t {
    switch (random() % 5) {
      case 0:
        return static_cast<int64_t>(random());
      case 1:
        return INT64_MAX;
      case 2:
        return INT64_MIN;
      case 3:
        return 0;
      default:
        return static_cast<int64_t>(random() % 1000);
    }
  };
  auto time = [&]() -> std::optional<int64_t> {
    if (one_in(4)) return std::nullopt;
    return one_in(4) ? number() : At(static_cast<double>(random() % 1000));
  };
  auto count = [&]() { return static_cast<int64_t>(random() % 5); };
  const char* recover[] = {"PREPARE",        "RECOVERING", "RESTORE_AUX_TENANT",
                           "GEN_IMPORT_JOB", "IMPORTING",  "CANCELING",
                           "COMPLETED",      "FAILED",     "rubbish"};
  const char* import[] = {"", "INIT", "IMPORT_TABLE", "IMPORT_FINISH", "CANCELING", "rubbish"};
  RecoveryFacts facts;
  if (!one_in(3)) facts.sys = SysJob(recover[random() % std::size(recover)]);
  if (!one_in(3)) facts.user = UserJob(recover[random() % std::size(recover)]);
  for (auto* job : {&facts.sys, &facts.user}) {
    if (!*job) continue;
    (*job)->start = time();
    (*job)->end = time();
    (*job)->modified = time();
  }
  if (!one_in(3)) {
    facts.restore = Restore(number(), number());
    facts.restore->ended = one_in(2);
    facts.restore->failed = one_in(4);
    facts.restore->start = time();
    facts.restore->end = time();
  }
  if (!one_in(3)) {
    facts.import = Import(import[random() % std::size(import)], count());
    facts.import->start = time();
    facts.import->history = one_in(2);
    if (one_in(3)) facts.import->result = "FAILED";
    facts.tasks = {count(), count(), count(), count(), time(), time()};
  }
  for (uint64_t i = random() % 4; i > 0; --i) {
    ProgressSample sample;
    sample.time_usec = number();
    sample.stage = static_cast<uint8_t>(random() % 10);
    if (one_in(2)) sample.percent_ppm = static_cast<int64_t>(random() % 1'000'001);
    if (one_in(2)) sample.bytes_finished = number();
    if (one_in(2)) sample.tables_finished = number();
    facts.samples.push_back(sample);
  }
  std::sort(facts.samples.begin(), facts.samples.end(),
            [](const auto& a, const auto& b) { return a.time_usec < b.time_usec; });
  facts.driven = one_in(2);
  return facts;
}

TEST(RecoveryProgress, HoldsItsBoundsWhateverTheRecordsAndTheClockSay) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    RecoveryFacts facts = RandomFacts(random);
    std::vector<PastRecovery> past(random() % 3);
    for (PastRecovery& one : past) {
      one.restore = static_cast<double>(random() % 100) - 10;
      one.restore_bytes = static_cast<double>(random() % 3);
      one.import = std::ldexp(1.0, static_cast<int>(random() % 2000) - 1000);
      one.tables = static_cast<double>(random() % 3);
    }
    int64_t now = random() % 4 == 0 ? static_cast<int64_t>(random())
                                    : At(static_cast<double>(random() % 2000));
    RecoveryProgress progress = Evaluate(facts, past, now);
    SCOPED_TRACE(i);
    bool completed = progress.stage.value == Stage::kCompleted;
    if (progress.percent_ppm.known()) {
      ASSERT_GE(*progress.percent_ppm.value, 0);
      ASSERT_LE(*progress.percent_ppm.value, 1'000'000);
      ASSERT_EQ(*progress.percent_ppm.value == 1'000'000, completed);
      bool first = progress.stage.value == Stage::kPrepare;
      if (progress.stage.known() && !progress.ended() && !first &&
          progress.stage.value != Stage::kCanceling && progress.stage.value != Stage::kFinish) {
        ASSERT_GT(*progress.percent_ppm.value, 0);
      }
    } else {
      ASSERT_NE(progress.percent_ppm.why, "");
    }
    ASSERT_EQ(progress.eta.known(), progress.eta_low.has_value());
    if (progress.eta.known()) {
      ASSERT_LE(*progress.eta_low, *progress.eta.value);
      ASSERT_LE(*progress.eta.value, *progress.eta_high);
      ASSERT_GE(*progress.eta_low, progress.as_of);
    }
    ASSERT_GE(progress.elapsed_seconds.value.value_or(0), 0);
    ASSERT_GE(progress.stalled_seconds.value.value_or(0), 0);
    std::string rate = progress.rate.value.value_or("");
    ASSERT_EQ(rate.find("nan"), std::string::npos);
    ASSERT_EQ(rate.find("inf"), std::string::npos);
  }
}

}  // namespace
}  // namespace obviews::engine::progress
