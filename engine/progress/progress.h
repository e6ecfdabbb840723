// How far a recovery is: one value from whatever records of it there are. docs/progress.md has the
// rules and formulas.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/progress/facts.h"

namespace obviews::engine::progress {

/// Where a recovery is. The numbers are written to disk: do not change or reuse them.
enum class Stage : uint8_t {
  kUnknown = 0,
  kPrepare = 1,
  kRestore = 2,   ///< of the auxiliary tenant
  kActivate = 3,  ///< the auxiliary tenant becomes a primary one
  kList = 4,      ///< the tables to import are being found
  kImport = 5,
  kFinish = 6,
  kCanceling = 7,
  kCompleted = 8,
  kFailed = 9,
};
/// "RESTORE" and so on; "" of kUnknown.
std::string_view StageName(Stage stage);

/// A value, or why there is none.
template <class T>
struct Figure {
  std::optional<T> value;
  std::string why;  ///< "" if there is a value

  static Figure Known(T known) { return {std::move(known), {}}; }
  static Figure Unknown(std::string why) { return {std::nullopt, std::move(why)}; }
  bool known() const { return value.has_value(); }
};

/// One stage of a recovery, as its records tell it.
struct StageTimes {
  Stage stage = Stage::kUnknown;
  std::optional<int64_t> percent_ppm;
  std::optional<int64_t> start;  ///< microseconds since the epoch
  std::optional<int64_t> end;
};

/// How far one recovery is. Times are microseconds since the epoch; shares are in millionths.
struct RecoveryProgress {
  std::string target_tenant_name;  ///< "": not known
  Figure<Stage> stage;
  /// The stage that the records prove it came to, also when it failed; kUnknown: they prove none.
  Stage reached = Stage::kUnknown;
  Figure<int64_t> percent_ppm;
  Figure<int64_t> stage_percent_ppm;
  Figure<std::string> rate;  ///< for people: "12.34MB/s", "3.1 tables/min"
  Figure<int64_t> start;
  Figure<int64_t> elapsed_seconds;
  Figure<int64_t> eta;
  std::optional<int64_t> eta_low;  ///< both there if, and only if, `eta` is
  std::optional<int64_t> eta_high;
  Figure<int64_t> tables_total;
  Figure<int64_t> tables_finished;
  Figure<int64_t> tables_failed;
  Figure<int64_t> tables_running;
  Figure<int64_t> tables_left;  ///< not begun
  Figure<int64_t> bytes_total;
  Figure<int64_t> bytes_finished;
  std::string waiting_for;  ///< "" if it has ended
  /// Since when nothing moved, if that is longer than the recovery's pace explains; 0: it moves.
  Figure<int64_t> stalled_seconds;
  std::string retry;                  ///< why the percent fell; "" if it did not
  std::vector<Failure> failures;      ///< of jobs, then of tables: as many of those as were read
  std::vector<RunningTable> slowest;  ///< as many as were read, the first begun first
  int64_t target_tenant_id = 0;       ///< 0: not known
  std::optional<Key> import_job;      ///< TENANT_ID and JOB_ID of the tasks
  bool tasks_ended = false;           ///< they are in history
  bool driven = false;                ///< by this store's own scheduler; else it was loaded
  int64_t as_of = 0;                  ///< the time all this is of
  std::vector<StageTimes> stages;     ///< kPrepare to kFinish

  bool ended() const { return stage.value == Stage::kCompleted || stage.value == Stage::kFailed; }
};

/// Works it out. `now_usec` is the present time, which may be any number; `past` are recoveries of
/// the same tenant, or of others if it has none. Costs what the samples cost, however many tasks
/// there are. Never fails.
RecoveryProgress Evaluate(const RecoveryFacts& facts, std::span<const PastRecovery> past,
                          int64_t now_usec);

/// What of it is kept as a sample, of the time `as_of`.
ProgressSample SampleOf(const RecoveryProgress& progress);

}  // namespace obviews::engine::progress
