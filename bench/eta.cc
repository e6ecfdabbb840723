// How good the estimated end of a recovery is: simulated recoveries with tables of many sizes,
// failures and stalls, run on a clock of their own. From half of each recovery on the estimate of
// every second is compared with what became true.
//
//   eta [RECOVERIES] [SEED]      default: 200 1; the store is made below TMPDIR and removed
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/scratch.h"
#include "engine/lifecycle/driver.h"
#include "engine/lifecycle/simulator.h"
#include "engine/progress/reader.h"

namespace obviews::bench {
namespace {

using engine::progress::RecoveryProgress;

constexpr int64_t kBegin = 1'700'000'000'000'000;
/// Recoveries of one tenant, one after the other, so that the later ones have a past.
constexpr int64_t kOfTenant = 4;

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "eta: %s\n", why.c_str());
  std::exit(1);
}

/// One look at a recovery.
struct Look {
  int64_t time = 0;
  RecoveryProgress progress;
};

struct Outcome {
  double median_error = 0;  ///< of the whole duration
  size_t looks = 0;         ///< from half-way on
  size_t estimated = 0;     ///< of which had an estimate
  size_t covered = 0;       ///< of which the interval held the true end
  std::vector<double> errors;
};

class Simulation {
 public:
  Simulation(engine::Store& store, lifecycle::VirtualClock& clock, uint64_t seed)
      : store_(store), clock_(clock), random_(seed) {}

  /// A recovery of the tenant from its start to the move to history.
  std::vector<Look> Run(int64_t tenant, const lifecycle::SimulatorOptions& options) {
    lifecycle::Simulator simulator(options);
    lifecycle::JobStoreOptions of_jobs;
    of_jobs.now_usec = [this] { return clock_.now_usec(); };
    lifecycle::JobStore jobs(store_, of_jobs);
    lifecycle::StartRequest request;
    request.target = {tenant, fmt::format("tenant_{}", tenant)};
    request.import_all = true;
    request.restore_scn = 1'700'000'000'000'000'000;
    auto started = jobs.Start(request);
    if (!started) Stop(started.error().message);
    lifecycle::SchedulerOptions how;
    how.retry_pause = std::chrono::milliseconds(0);
    how.progress_pause = std::chrono::milliseconds(0);
    auto mailbox = std::make_shared<lifecycle::Mailbox>();
    mailbox->wake = [] {};
    lifecycle::Driver driver(jobs, simulator, how, *started, mailbox);
    std::vector<Look> looks;
    int64_t next_look = clock_.now_usec();
    while (true) {
      auto step = driver.Next();
      if (!step) Stop(step.error().message);
      if (step->outcome == lifecycle::Step::Outcome::kEnded) return looks;
      if (step->outcome == lifecycle::Step::Outcome::kAgain) continue;
      if (clock_.now_usec() >= next_look) {
        looks.push_back(LookAt(*started));
        int64_t passed = clock_.now_usec() - looks.front().time;
        next_look = clock_.now_usec() + std::max<int64_t>(1'000'000, passed / 50);
      }
      if (!simulator.RunNext() && !step->until) Stop("nothing runs");
    }
  }

  std::mt19937_64& random() { return random_; }

 private:
  Look LookAt(int64_t sys_job) {
    auto snapshot = store_.TakeSnapshot();
    if (!snapshot) Stop(snapshot.error().message);
    engine::progress::RecoveryReader reader(**snapshot);
    auto facts = reader.Read({schema::RecordKind::kRecoverJob, {1, sys_job, 0}});
    if (!facts) Stop(facts.error().message);
    auto past = reader.PastOf(*facts);
    if (!past) Stop(past.error().message);
    return {clock_.now_usec(), engine::progress::Evaluate(*facts, **past, clock_.now_usec())};
  }

  engine::Store& store_;
  lifecycle::VirtualClock& clock_;
  std::mt19937_64 random_;
};

/// How a tenant's recoveries are: its tables, and how often work fails or stalls.
lifecycle::SimulatorOptions OptionsOf(std::mt19937_64& random, lifecycle::VirtualClock& clock) {
  auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  lifecycle::SimulatorOptions options;
  options.clock = &clock;
  options.tables_per_tenant = static_cast<int64_t>(std::exp(between(std::log(10), std::log(600))));
  options.median_rows = std::exp(between(std::log(5e3), std::log(2e6)));
  options.spread = between(0.5, 2);
  options.fail_rate = between(0, 0.1);
  options.stall_rate = between(0, 0.05);
  return options;
}

Outcome Judge(const std::vector<Look>& looks, int64_t start, int64_t end) {
  Outcome outcome;
  auto whole = static_cast<double>(end - start);
  for (const Look& look : looks) {
    if (look.progress.ended() || look.time - start < (end - start) / 2 || look.time >= end) {
      continue;
    }
    ++outcome.looks;
    if (!look.progress.eta.known()) continue;
    ++outcome.estimated;
    double error = std::abs(static_cast<double>(*look.progress.eta.value - end)) / whole;
    outcome.errors.push_back(error);
    if (look.progress.eta_low <= end && end <= look.progress.eta_high) ++outcome.covered;
  }
  return outcome;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Main(int64_t recoveries, uint64_t seed) {
  Scratch scratch("obviews-eta");
  auto store = engine::Store::Open(
      scratch.path() + "/store",
      {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
  if (!store) Stop(store.error().message);
  lifecycle::VirtualClock clock(kBegin);
  Simulation simulation(**store, clock, seed);
  std::vector<double> errors;
  std::vector<double> errors_without_past;
  size_t looks = 0;
  size_t estimated = 0;
  size_t covered = 0;
  std::vector<double> medians;  ///< of each recovery, however long it was
  double covered_shares = 0;
  auto percent = [](size_t part, size_t all) {
    return all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
  };
  lifecycle::SimulatorOptions options;
  for (int64_t i = 0; i < recoveries; ++i) {
    if (i % kOfTenant == 0) options = OptionsOf(simulation.random(), clock);
    options.seed = seed + static_cast<uint64_t>(i);
    int64_t start = clock.now_usec();
    auto seen = simulation.Run(1002 + 2 * (i / kOfTenant), options);
    // The end is when the sys job got a finished status, a moment before it moved.
    int64_t end = clock.now_usec();
    for (const Look& look : seen) {
      if (look.progress.ended()) {
        end = look.progress.as_of;
        break;
      }
    }
    Outcome outcome = Judge(seen, start, end);
    errors.insert(errors.end(), outcome.errors.begin(), outcome.errors.end());
    if (i % kOfTenant == 0) {
      errors_without_past.insert(errors_without_past.end(), outcome.errors.begin(),
                                 outcome.errors.end());
    }
    looks += outcome.looks;
    estimated += outcome.estimated;
    covered += outcome.covered;
    if (outcome.estimated > 0) {
      medians.push_back(Median(outcome.errors));
      covered_shares += percent(outcome.covered, outcome.estimated);
    }
    if (std::getenv("ETA_VERBOSE") != nullptr) {
      fmt::print(
          "{} tables {} rows {:.0f} spread {:.2f} stalls {:.3f}: {:.0f} s, median error "
          "{:.1f} %, {} of {} covered\n",
          i, options.tables_per_tenant, options.median_rows, options.spread, options.stall_rate,
          static_cast<double>(end - start) / 1e6, 100 * Median(outcome.errors), outcome.covered,
          outcome.estimated);
    }
    clock.Set(clock.now_usec() + 3'600'000'000);
  }
  fmt::print("recoveries                                  {}\n", recoveries);
  fmt::print("looks from half-way on                      {}\n", looks);
  fmt::print("of which have an estimate                   {:.1f} %\n", percent(estimated, looks));
  fmt::print("median error of the end, of the duration    {:.1f} %\n", 100 * Median(errors));
  fmt::print("the same of tenants without a past of their own  {:.1f} %\n",
             100 * Median(errors_without_past));
  fmt::print("the interval holds the true end             {:.1f} %\n", percent(covered, estimated));
  double each = covered_shares / std::max<double>(1, static_cast<double>(medians.size()));
  fmt::print("the same, each recovery counted once:\n");
  fmt::print("median error of the end, of the duration    {:.1f} %\n", 100 * Median(medians));
  fmt::print("the interval holds the true end             {:.1f} %\n", each);
  bool good = Median(errors) <= 0.15 && percent(covered, estimated) >= 80 &&
              Median(medians) <= 0.15 && each >= 80;
  return good ? 0 : 1;
}

uint64_t NumberOr(const char* text, uint64_t fallback) {
  uint64_t number = fallback;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), number);
  return number;
}

}  // namespace
}  // namespace obviews::bench

int main(int argc, char** argv) {
  using obviews::bench::NumberOr;
  return obviews::bench::Main(static_cast<int64_t>(NumberOr(argc > 1 ? argv[1] : nullptr, 200)),
                              NumberOr(argc > 2 ? argv[2] : nullptr, 1));
}
