// Looking for moves; see pace.h.
#include "engine/progress/pace.h"

#include <algorithm>

#include "engine/progress/estimate.h"

namespace obviews::engine::progress {
namespace {

/// Collects the times at which something moved.
class MoveFinder {
 public:
  MoveFinder(const RecoveryFacts& facts, int64_t as_of) : facts_(facts), as_of_(as_of) {}

  Moves Run(std::optional<int64_t> tables_ended, std::optional<int64_t> import_start) {
    AddSamples();
    // Nothing moved from the first look to the last: it stands still since the first at least.
    bool looked_twice = !facts_.samples.empty() &&
                        facts_.samples.front().time_usec < facts_.samples.back().time_usec;
    // What was loaded once says when something moved, not whether it goes on.
    if (!facts_.driven && !looked_twice) return {};
    if (!moves_.last && looked_twice) Moved(facts_.samples.front().time_usec);
    const auto& completion = facts_.tasks.last_completion;
    Moved(completion);
    bool by_tables = tables_ended && *tables_ended > 0 && import_start && completion;
    if (moves_.mean_gap <= 0 && by_tables) {
      moves_.mean_gap =
          SecondsBetween(*import_start, *completion) / static_cast<double>(*tables_ended);
      moves_.longest_gap = 4 * moves_.mean_gap;
    }
    AddRecords();
    return moves_;
  }

 private:
  void Moved(const std::optional<int64_t>& time) {
    if (time && *time <= as_of_ && (!moves_.last || *moves_.last < *time)) moves_.last = time;
  }

  void AddSamples() {
    double gaps = 0;
    double count = 0;
    const ProgressSample* last = nullptr;
    for (const ProgressSample& sample : facts_.samples) {
      if (sample.time_usec > as_of_) break;
      if (last != nullptr && sample.SameState(*last)) continue;
      if (last != nullptr) {
        Moved(sample.time_usec);
        if (last->stage == sample.stage) {
          double gap = SecondsBetween(last->time_usec, sample.time_usec);
          gaps += gap;
          count += 1;
          moves_.longest_gap = std::max(moves_.longest_gap, gap);
        }
      }
      last = &sample;
    }
    if (count > 0) moves_.mean_gap = gaps / count;
  }

  void AddRecords() {
    Moved(facts_.tasks.first_start);
    for (const auto* job : {&facts_.sys, &facts_.user}) {
      if (*job) Add(**job);
    }
    if (facts_.restore) Add(*facts_.restore);
    if (facts_.import) Add(*facts_.import);
  }

  template <class Job>
  void Add(const Job& job) {
    Moved(job.start);
    Moved(job.end);
    Moved(job.modified);
  }

  const RecoveryFacts& facts_;
  int64_t as_of_;
  Moves moves_;
};

}  // namespace

Moves FindMoves(const RecoveryFacts& facts, int64_t as_of, std::optional<int64_t> tables_ended,
                std::optional<int64_t> import_start) {
  return MoveFinder(facts, as_of).Run(tables_ended, import_start);
}

}  // namespace obviews::engine::progress
