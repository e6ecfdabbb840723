// The model; see progress.h.
#include "engine/progress/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/progress/estimate.h"
#include "engine/progress/pace.h"
#include "engine/progress/words.h"
#include "schema/server_errors.h"

namespace obviews::engine::progress {
namespace {

constexpr int64_t kPpm = 1'000'000;
/// What a recovery that has not ended shows at most.
constexpr int64_t kAlmostAll = kPpm - 100;

/// The share of the whole that has passed when a stage begins, kPrepare to kFinish, millionths.
/// They are the same for all recoveries, so that the percent cannot fall when more is known.
constexpr int64_t kBegins[] = {0, 10'000, 460'000, 480'000, 500'000, 990'000};

int64_t BeginOf(Stage stage) { return kBegins[static_cast<size_t>(stage) - 1]; }
int64_t EndOf(Stage stage) {
  return stage == Stage::kFinish ? kPpm : kBegins[static_cast<size_t>(stage)];
}

bool IsWorking(Stage stage) { return stage >= Stage::kPrepare && stage <= Stage::kFinish; }

/// How much of `whole` is done, millionths; REQUIRES: whole > 0.
int64_t Share(int64_t done, int64_t whole) {
  double share =
      static_cast<double>(std::clamp<int64_t>(done, 0, whole)) / static_cast<double>(whole);
  return std::clamp<int64_t>(static_cast<int64_t>(share * kPpm), 0, kPpm);
}

class Model {
 public:
  Model(const RecoveryFacts& facts, std::span<const PastRecovery> past, int64_t now)
      : facts_(facts), past_(past), now_(now) {}

  RecoveryProgress Run() {
    root_ = facts_.sys ? &*facts_.sys : facts_.user ? &*facts_.user : nullptr;
    NameTarget();
    NameRecords();
    FindPosition();
    FindTimes();
    FindFigures();
    FindPercent();
    FindStages();
    FindRate();
    FindStall();
    FindEnd();
    FindWait();
    FindFailures();
    return std::move(out_);
  }

 private:
  // ---- where it is

  void NameTarget() {
    for (const auto* job : {&facts_.user, &facts_.sys}) {
      if (*job && !(*job)->target_tenant_name.empty()) {
        out_.target_tenant_name = (*job)->target_tenant_name;
        return;
      }
    }
  }

  void NameRecords() {
    if (facts_.sys) out_.target_tenant_id = facts_.sys->target_tenant_id;
    if (facts_.user) out_.target_tenant_id = facts_.user->key.tenant_id;
    if (facts_.import) {
      out_.target_tenant_id = facts_.import->key.tenant_id;
      out_.import_job = facts_.import->key;
      out_.tasks_ended = facts_.import->history;
    }
    out_.driven = facts_.driven;
    out_.slowest = facts_.slowest;
  }

  /// The stage the records prove to be reached, whatever became of the recovery then.
  Stage Reached() const {
    if (facts_.user) {
      std::string_view status = facts_.user->status;
      if (status == "RESTORE_AUX_TENANT") {
        return facts_.restore && facts_.restore->ended && !facts_.restore->failed ? Stage::kActivate
                                                                                  : Stage::kRestore;
      }
      if (status == "ACTIVE_AUX_TENANT") return Stage::kActivate;
      if (status == "GEN_IMPORT_JOB" || status == "PRECHECK_IMPORT") return Stage::kList;
      if (status == "COMPLETED") return Stage::kFinish;
    }
    if (facts_.import) return ReachedByImport();
    if (facts_.user && facts_.user->status == "IMPORTING") return Stage::kImport;
    if (facts_.restore) {
      if (!facts_.restore->ended || facts_.restore->failed) {
        return facts_.user && facts_.user->status == "PREPARE" ? Stage::kPrepare : Stage::kRestore;
      }
      return facts_.user && !IsRunning(*facts_.user) ? Stage::kActivate : Stage::kUnknown;
    }
    if (facts_.user) return Stage::kPrepare;
    if (facts_.sys && facts_.sys->status == "PREPARE") return Stage::kPrepare;
    if (facts_.sys && facts_.sys->status == "COMPLETED") return Stage::kFinish;
    return Stage::kUnknown;
  }

  static bool IsRunning(const RecoverFacts& job) {
    return !job.ended() && job.status != "CANCELING";
  }

  Stage ReachedByImport() const {
    const ImportFacts& import = *facts_.import;
    if (import.status == "INIT") return Stage::kList;
    bool over = import.history || import.status == "IMPORT_FINISH" ||
                import.status == "IMPORT_FAILED" || import.status == "RECONSTRUCT_REF_CONSTRAINT";
    bool listed = import.total > 0 || facts_.tasks.all() > 0 || import.status == "IMPORT_TABLE";
    bool failed = import.result == "FAILED" || import.result == "FAIL";
    if (over && !failed) return Stage::kFinish;
    return listed ? Stage::kImport : Stage::kList;
  }

  void FindPosition() {
    out_.reached = reached_ = Reached();
    if (root_ != nullptr && root_->ended()) {
      out_.stage =
          Figure<Stage>::Known(root_->status == "COMPLETED" ? Stage::kCompleted : Stage::kFailed);
      return;
    }
    if (facts_.user && facts_.user->status == "CANCELING") {
      out_.stage = Figure<Stage>::Known(Stage::kCanceling);
      return;
    }
    if (facts_.user && facts_.user->status == "FAILED") {
      out_.stage = Figure<Stage>::Known(Stage::kFinish);
      return;
    }
    if (root_ == nullptr && reached_ == Stage::kFinish) {
      out_.stage = Figure<Stage>::Unknown(
          "the import has ended; the recover job, which says how the recovery did, is not in this "
          "store");
      return;
    }
    if (reached_ != Stage::kUnknown) {
      out_.stage = Figure<Stage>::Known(reached_);
      return;
    }
    out_.stage = Figure<Stage>::Unknown(WhatIsMissing());
  }

  std::string WhatIsMissing() const {
    if (facts_.sys) {
      return fmt::format("the recover job of tenant {} is not in this store",
                         out_.target_tenant_name.empty() ? "the target" : out_.target_tenant_name);
    }
    return "the recover job is not in this store";
  }

  // ---- times

  std::optional<int64_t> NewestSample() const {
    if (facts_.samples.empty()) return std::nullopt;
    return facts_.samples.back().time_usec;
  }

  void FindTimes() {
    out_.as_of = now_;
    // Records that were loaded say nothing of the time after.
    if (!facts_.driven && NewestSample() && *NewestSample() < now_) out_.as_of = *NewestSample();
    if (out_.ended() && root_->end) out_.as_of = *root_->end;
    if (root_ == nullptr && reached_ == Stage::kFinish && facts_.import->end) {
      out_.as_of = *facts_.import->end;
    }
    for (const auto* job : {&facts_.sys, &facts_.user}) {
      if (out_.start.known() || !*job || !(*job)->start) continue;
      out_.start = Figure<int64_t>::Known(*(*job)->start);
    }
    if (!out_.start.known()) {
      out_.start = Figure<int64_t>::Unknown(
          root_ == nullptr
              ? "the recover job, which says when the recovery began, is not in this store"
              : "the records have no time of the start");
      out_.elapsed_seconds = Figure<int64_t>::Unknown(out_.start.why);
    } else if (out_.ended() && !root_->end) {
      out_.elapsed_seconds = Figure<int64_t>::Unknown("the records have no time of the end");
    } else {
      out_.elapsed_seconds = Figure<int64_t>::Known(
          static_cast<int64_t>(SecondsBetween(*out_.start.value, out_.as_of)));
    }
  }

  // ---- counts

  void FindFigures() {
    FindTables();
    auto from_restore = [&](std::optional<int64_t> RestoreFacts::*figure) {
      if (!facts_.restore) return Figure<int64_t>::Unknown("no restore job is in this store");
      const std::optional<int64_t>& value = (*facts_.restore).*figure;
      if (value && *value >= 0) return Figure<int64_t>::Known(*value);
      return Figure<int64_t>::Unknown("the restore has not told its bytes");
    };
    out_.bytes_total = from_restore(&RestoreFacts::bytes_total);
    out_.bytes_finished = from_restore(&RestoreFacts::bytes_finished);
    if (out_.bytes_total.value == 0) {
      // A total that is 0 is one that was not found out yet.
      out_.bytes_total = Figure<int64_t>::Unknown("the restore has not told its bytes");
    }
  }

  void FindTables() {
    const TaskTotals& tasks = facts_.tasks;
    auto all_unknown = [&](const std::string& why) {
      out_.tables_finished = out_.tables_failed = Figure<int64_t>::Unknown(why);
      out_.tables_running = out_.tables_left = out_.tables_finished;
    };
    int64_t total = facts_.import ? std::max(facts_.import->total, tasks.all()) : tasks.all();
    if (facts_.import && facts_.import->status.empty()) {
      // Nobody knows whether these tasks are all of them.
      out_.tables_total = Figure<int64_t>::Unknown(
          "the import job, which says how many tables there are, is not in this store");
      return all_unknown(out_.tables_total.why);
    }
    if (total > 0) {
      out_.tables_total = Figure<int64_t>::Known(total);
    } else if (facts_.import && reached_ == Stage::kFinish) {
      out_.tables_total = Figure<int64_t>::Known(0);
    } else {
      out_.tables_total =
          Figure<int64_t>::Unknown(reached_ != Stage::kUnknown && reached_ < Stage::kImport
                                       ? "the tables are not listed yet"
                                       : "the records do not say how many tables there are");
    }
    if (tasks.all() >= total && total > 0) {
      out_.tables_finished = Figure<int64_t>::Known(tasks.finished);
      out_.tables_failed = Figure<int64_t>::Known(tasks.failed);
      out_.tables_running = Figure<int64_t>::Known(tasks.running);
      out_.tables_left = Figure<int64_t>::Known(tasks.waiting);
      return;
    }
    // A job's own counters are set once, when all of its tasks have ended.
    if (facts_.import && reached_ >= Stage::kImport &&
        facts_.import->finished + facts_.import->failed == total &&
        (total > 0 || reached_ == Stage::kFinish)) {
      out_.tables_finished = Figure<int64_t>::Known(facts_.import->finished);
      out_.tables_failed = Figure<int64_t>::Known(facts_.import->failed);
      out_.tables_running = out_.tables_left = Figure<int64_t>::Known(0);
      return;
    }
    if (reached_ != Stage::kUnknown && reached_ < Stage::kImport) {
      all_unknown("the tables are not listed yet");
    } else if (tasks.all() > 0) {
      all_unknown(
          fmt::format("only {} of {} are in this store", Plural(tasks.all(), "task"), total));
    } else {
      all_unknown("the tasks are not in this store");
    }
  }

  // ---- percent

  /// A cancel fails the tables that are left, and nothing tells them from those that failed before.
  bool WasCancelled() const {
    if (out_.stage.value == Stage::kCanceling) return true;
    const std::string code = std::to_string(schema::server_error::kCanceled);
    return (facts_.user && facts_.user->comment.find(code) != std::string::npos) ||
           (facts_.import && facts_.import->comment.find(code) != std::string::npos);
  }

  /// Of the stage reached, millionths.
  Figure<int64_t> ShareOfStage() const {
    switch (reached_) {
      case Stage::kRestore:
        if (!out_.bytes_total.known()) return Figure<int64_t>::Unknown(out_.bytes_total.why);
        if (!out_.bytes_finished.known()) {
          return Figure<int64_t>::Unknown(out_.bytes_finished.why);
        }
        // What follows the last byte has a hundredth of the stage.
        return Figure<int64_t>::Known(Share(*out_.bytes_finished.value, *out_.bytes_total.value) /
                                      100 * 99);
      case Stage::kImport:
        if (!out_.tables_total.known()) return Figure<int64_t>::Unknown(out_.tables_total.why);
        if (!out_.tables_finished.known()) {
          return Figure<int64_t>::Unknown(out_.tables_finished.why);
        }
        return Figure<int64_t>::Known(
            Share(*out_.tables_finished.value + (WasCancelled() ? 0 : *out_.tables_failed.value),
                  *out_.tables_total.value));
      case Stage::kUnknown:
        return Figure<int64_t>::Unknown(out_.stage.why);
      default:
        return Figure<int64_t>::Known(0);
    }
  }

  void FindPercent() {
    if (out_.stage.value == Stage::kCompleted) {
      out_.percent_ppm = out_.stage_percent_ppm = Figure<int64_t>::Known(kPpm);
      return;
    }
    Figure<int64_t> share = ShareOfStage();
    bool working = out_.stage.known() && IsWorking(*out_.stage.value);
    if (working) {
      // While the failure of the target tenant's job is taken over, its stage is the last one.
      out_.stage_percent_ppm = *out_.stage.value == reached_ ? share : Figure<int64_t>::Known(0);
    } else {
      out_.stage_percent_ppm = Figure<int64_t>::Unknown(
          out_.stage.known() ? "the recovery ended before it was done" : out_.stage.why);
    }
    std::optional<int64_t> before;
    for (const ProgressSample& sample : facts_.samples) {
      if (sample.percent_ppm) before = sample.percent_ppm;
    }
    FindRetry();
    if (reached_ == Stage::kUnknown) {
      out_.percent_ppm = before ? Figure<int64_t>::Known(std::min(*before, kAlmostAll))
                                : Figure<int64_t>::Unknown(WhyNoPercent());
      return;
    }
    int64_t begin = BeginOf(reached_);
    int64_t percent = begin + static_cast<int64_t>(static_cast<double>(EndOf(reached_) - begin) *
                                                   static_cast<double>(share.value.value_or(0)) /
                                                   static_cast<double>(kPpm));
    // What was seen once stays, unless work began anew.
    if (before && out_.retry.empty()) percent = std::max(percent, *before);
    out_.percent_ppm = Figure<int64_t>::Known(std::min(percent, kAlmostAll));
  }

  std::string WhyNoPercent() const {
    if (!out_.stage.why.empty()) return out_.stage.why;
    return "the records do not say how far it came";
  }

  /// A restore that is tried again begins with no bytes.
  void FindRetry() {
    if (reached_ != Stage::kRestore || !out_.bytes_finished.known()) return;
    if (out_.stage.value != Stage::kRestore) return;
    int64_t most = 0;
    for (const ProgressSample& sample : facts_.samples) {
      most = std::max(most, sample.bytes_finished.value_or(0));
    }
    if (*out_.bytes_finished.value < most) out_.retry = "the restore began anew";
  }

  // ---- stages

  void FindStages() {
    std::array<std::optional<int64_t>, 7> begins;
    begins[0] = out_.start.value;
    if (facts_.restore) {
      begins[1] = facts_.restore->start;
      if (facts_.restore->ended && !facts_.restore->failed) begins[2] = facts_.restore->end;
    }
    if (facts_.import) {
      begins[3] = facts_.import->start;
      begins[4] = facts_.tasks.first_start;
      begins[5] = facts_.import->end;
    }
    if (out_.ended()) begins[6] = root_->end;
    for (size_t i = 0; i < 6; ++i) {
      StageTimes times;
      times.stage = static_cast<Stage>(i + 1);
      times.start = begins[i];
      times.end = begins[i + 1];
      bool over = out_.stage.value == Stage::kCompleted || times.stage < reached_;
      if (over) {
        times.percent_ppm = kPpm;
      } else if (times.stage == reached_) {
        times.percent_ppm = ShareOfStage().value;
      } else if (reached_ != Stage::kUnknown) {
        times.percent_ppm = 0;
      }
      out_.stages.push_back(times);
    }
  }

  // ---- pace

  /// Samples of the attempt that runs: a restore that began anew leaves those before behind.
  std::span<const ProgressSample> OfThisAttempt() const {
    size_t first = 0;
    const auto& samples = facts_.samples;
    for (size_t i = 1; i < samples.size(); ++i) {
      const auto& before = samples[i - 1].bytes_finished;
      if (before && samples[i].bytes_finished && *samples[i].bytes_finished < *before) first = i;
    }
    if (!out_.retry.empty() && !samples.empty() && samples.back().bytes_finished &&
        out_.bytes_finished.known() &&
        *samples.back().bytes_finished > *out_.bytes_finished.value) {
      first = samples.size();
    }
    return std::span(samples).subspan(first);
  }

  std::optional<int64_t> RestoreStart() const {
    auto attempt = OfThisAttempt();
    bool anew = attempt.size() < facts_.samples.size();
    if (anew) {
      if (attempt.empty()) return out_.as_of;
      return attempt.front().time_usec;
    }
    return facts_.restore ? facts_.restore->start : std::nullopt;
  }

  std::optional<int64_t> ImportStart() const {
    if (facts_.tasks.first_start) return facts_.tasks.first_start;
    return facts_.import ? facts_.import->start : std::nullopt;
  }

  std::optional<int64_t> TablesEnded() const {
    if (!out_.tables_finished.known()) return std::nullopt;
    return *out_.tables_finished.value + *out_.tables_failed.value;
  }

  void FindRate() {
    std::string why = "it is at no stage that has a rate";
    if (out_.stage.value == Stage::kRestore && !out_.bytes_finished.known()) {
      why = out_.bytes_finished.why;
    } else if (out_.stage.value == Stage::kImport && !TablesEnded()) {
      why = out_.tables_finished.why;
    } else if (out_.stage.value == Stage::kRestore && out_.bytes_finished.known()) {
      auto rate = RecentRate(OfThisAttempt(), &ProgressSample::bytes_finished, RestoreStart(),
                             *out_.bytes_finished.value, out_.as_of);
      if (rate) {
        out_.rate = Figure<std::string>::Known(BytesRate(*rate));
        return;
      }
      why = "nothing was seen to move yet";
    } else if (out_.stage.value == Stage::kImport && TablesEnded()) {
      auto rate = RecentRate(facts_.samples, &ProgressSample::tables_finished, ImportStart(),
                             *out_.tables_finished.value, out_.as_of);
      if (rate) {
        out_.rate = Figure<std::string>::Known(TablesRate(*rate));
        return;
      }
      why = "nothing was seen to move yet";
    } else if (!out_.stage.known()) {
      why = out_.stage.why;
    }
    out_.rate = Figure<std::string>::Unknown(std::move(why));
  }

  // ---- stalls

  void FindStall() {
    if (out_.ended()) {
      out_.stalled_seconds = Figure<int64_t>::Known(0);
      return;
    }
    Moves moves = FindMoves(facts_, out_.as_of, TablesEnded(), ImportStart());
    if (!moves.last) {
      out_.stalled_seconds =
          Figure<int64_t>::Unknown("one look at a recovery does not tell whether it moves");
      return;
    }
    double still = SecondsBetween(*moves.last, out_.as_of);
    // Ten times its usual pause, three times its longest; without a pace of its own ten minutes.
    double patience =
        moves.mean_gap > 0 ? std::max({60.0, 10 * moves.mean_gap, 3 * moves.longest_gap}) : 600.0;
    stall_ = still > patience ? still : 0;
    out_.stalled_seconds = Figure<int64_t>::Known(static_cast<int64_t>(stall_));
  }

  // ---- end

  void FindEnd() {
    if (out_.ended()) {
      out_.eta = Figure<int64_t>::Unknown("it has ended");
      return;
    }
    if (!out_.stage.known() || !IsWorking(*out_.stage.value)) {
      out_.eta =
          Figure<int64_t>::Unknown(out_.stage.known() ? "it is being cancelled" : out_.stage.why);
      return;
    }
    if (stall_ > 0) {
      out_.eta = Figure<int64_t>::Unknown("nothing moves, so no pace says when it ends");
      return;
    }
    EstimateInput input;
    input.stage = *out_.stage.value;
    input.as_of = out_.as_of;
    input.bytes_total = out_.bytes_total.value;
    input.bytes_finished = out_.bytes_finished.value;
    input.tables_total = out_.tables_total.value;
    input.tables_ended = TablesEnded();
    input.restore_start = RestoreStart();
    input.import_start = ImportStart();
    Figure<Remaining> left = Estimate(input, facts_, past_);
    if (!left.known()) {
      out_.eta = Figure<int64_t>::Unknown(left.why);
      return;
    }
    if (After(left.value->high) < now_) {
      out_.eta = Figure<int64_t>::Unknown(
          "by its latest records it should have ended; newer ones are not in this store");
      return;
    }
    out_.eta = Figure<int64_t>::Known(After(left.value->seconds));
    out_.eta_low = After(left.value->low);
    out_.eta_high = After(left.value->high);
  }

  /// REQUIRES: `seconds` is not negative and at most those of a hundred years or so.
  int64_t After(double seconds) const {
    auto usec = static_cast<int64_t>(seconds * 1e6);
    return out_.as_of > INT64_MAX - usec ? INT64_MAX : out_.as_of + usec;
  }

  // ---- words

  void FindWait() {
    if (out_.ended()) return;
    std::string what = WaitingFor(facts_, out_, WhatIsMissing());
    out_.waiting_for = out_.retry.empty() ? what : fmt::format("{}; {}", what, out_.retry);
  }

  void FindFailures() {
    auto add = [&](std::string what, const std::string& reason) {
      bool told = std::any_of(out_.failures.begin(), out_.failures.end(),
                              [&](const Failure& failure) { return failure.reason == reason; });
      if (!told || reason.empty()) out_.failures.push_back({std::move(what), reason});
    };
    if (facts_.restore && facts_.restore->failed) add("restore", facts_.restore->comment);
    if (facts_.import && (facts_.import->result == "FAILED" || facts_.import->result == "FAIL")) {
      add("import", facts_.import->comment);
    }
    for (const auto* job : {&facts_.user, &facts_.sys}) {
      if (*job && (*job)->status == "FAILED") add("recovery", (*job)->comment);
    }
    for (const Failure& failure : facts_.table_failures) out_.failures.push_back(failure);
  }

  const RecoveryFacts& facts_;
  std::span<const PastRecovery> past_;
  int64_t now_;
  const RecoverFacts* root_ = nullptr;
  Stage reached_ = Stage::kUnknown;
  double stall_ = 0;
  RecoveryProgress out_;
};

}  // namespace

std::string_view StageName(Stage stage) {
  constexpr std::string_view kNames[] = {"",       "PREPARE", "RESTORE",   "ACTIVATE",  "LIST",
                                         "IMPORT", "FINISH",  "CANCELING", "COMPLETED", "FAILED"};
  auto at = static_cast<size_t>(stage);
  return at < std::size(kNames) ? kNames[at] : kNames[0];
}

RecoveryProgress Evaluate(const RecoveryFacts& facts, std::span<const PastRecovery> past,
                          int64_t now_usec) {
  return Model(facts, past, now_usec).Run();
}

ProgressSample SampleOf(const RecoveryProgress& progress) {
  ProgressSample sample;
  sample.time_usec = progress.as_of;
  sample.stage = static_cast<uint8_t>(progress.stage.value.value_or(Stage::kUnknown));
  sample.percent_ppm = progress.percent_ppm.value;
  sample.bytes_total = progress.bytes_total.value;
  sample.bytes_finished = progress.bytes_finished.value;
  sample.tables_total = progress.tables_total.value;
  sample.tables_finished = progress.tables_finished.value;
  sample.tables_failed = progress.tables_failed.value;
  return sample;
}

}  // namespace obviews::engine::progress
