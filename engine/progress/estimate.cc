// The estimate; see estimate.h.
#include "engine/progress/estimate.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace obviews::engine::progress {
namespace {

/// How far the interval goes: so many deviations either way of the logarithm.
constexpr double kDeviations = 1.645;
constexpr double kLeastDeviation = 0.06;
constexpr double kMostDeviation = 1.5;
/// The past counts as so many tables, or such a share of the bytes, of the recovery's own.
constexpr double kPastTables = 4;
constexpr double kPastShare = 0.05;
/// How much tables differ if nothing is known of it: deviation over mean of their times.
constexpr double kTableSpread = 1.2;
/// How much recoveries of one tenant differ if there is only one.
constexpr double kPastSpread = 0.4;

/// A time that is not certain: its mean and deviation, seconds.
struct Span {
  double mean = 0;
  double deviation = 0;
};

Span operator+(const Span& a, const Span& b) {
  return {a.mean + b.mean, std::hypot(a.deviation, b.deviation)};
}
Span operator*(const Span& a, double factor) { return {a.mean * factor, a.deviation * factor}; }

/// Of figures of the past that are known, more than 0 and finite: their geometric mean and how
/// they spread.
template <class FigureOf>
std::optional<Span> Typical(std::span<const PastRecovery> past, FigureOf figure_of) {
  std::vector<double> logs;
  for (const PastRecovery& recovery : past) {
    std::optional<double> figure = figure_of(recovery);
    if (figure && *figure > 0 && std::isfinite(*figure)) logs.push_back(std::log(*figure));
  }
  if (logs.empty()) return std::nullopt;
  double mean = 0;
  for (double log : logs) mean += log / static_cast<double>(logs.size());
  double squares = kPastSpread * kPastSpread;
  for (double log : logs) squares += (log - mean) * (log - mean);
  double spread = std::sqrt(squares / static_cast<double>(logs.size()));
  double typical = std::exp(mean);
  return Span{typical, typical * std::min(spread, kMostDeviation)};
}

std::optional<double> Ratio(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b || *b <= 0) return std::nullopt;
  return *a / *b;
}

/// A short stage that nothing can be measured of: as long as in the past, less what has passed.
Span ShortStage(std::span<const PastRecovery> past, std::optional<double> PastRecovery::*figure) {
  auto typical = Typical(past, [&](const PastRecovery& p) { return p.*figure; });
  return typical.value_or(Span());
}

class Estimator {
 public:
  Estimator(const EstimateInput& input, const RecoveryFacts& facts,
            std::span<const PastRecovery> past)
      : input_(input), facts_(facts), past_(past) {}

  Figure<Remaining> Run() {
    const Stage stage = input_.stage;
    if (stage == Stage::kUnknown || stage > Stage::kFinish) {
      return Fail("it is not known where the recovery is");
    }
    Span left = ShortStage(past_, &PastRecovery::after_import);
    if (stage == Stage::kPrepare) {
      left = left + ShortStage(past_, &PastRecovery::before_restore);
    }
    if (stage <= Stage::kRestore) {
      auto restore = RestoreLeft();
      if (!restore && !facts_.restore) return Fail("the restore job is not in this store");
      if (!restore) return Fail("nothing was restored yet, and no past recovery says its pace");
      left = left + *restore;
    }
    if (stage < Stage::kImport) left = left + ShortStage(past_, &PastRecovery::before_import);
    if (stage <= Stage::kImport) {
      auto import = ImportLeft();
      if (!import && stage == Stage::kImport && !input_.tables_ended) {
        return Fail("how many tables are imported is not known");
      }
      if (!import) return Fail("no table was imported yet, and no past recovery says the pace");
      left = left + *import;
    }
    return Figure<Remaining>::Known(WithInterval(left));
  }

 private:
  static Figure<Remaining> Fail(std::string why) {
    return Figure<Remaining>::Unknown(std::move(why));
  }

  Remaining WithInterval(const Span& left) const {
    constexpr double kMost = 3e9;  // a hundred years
    Remaining out;
    out.seconds = std::clamp(left.mean, 0.0, kMost);
    double relative = left.mean > 0 ? left.deviation / left.mean : 0;
    relative = std::clamp(relative, kLeastDeviation, kMostDeviation);
    double factor = std::exp(kDeviations * relative);
    // Ends come late rather than early, and who waits for a second does so for some.
    constexpr double kGrain = 1;
    out.low = std::max(0.0, out.seconds / factor - kGrain);
    out.high = std::min(kMost, out.seconds * factor + kGrain);
    return out;
  }

  /// Seconds for a byte, by this restore and by the past together.
  std::optional<Span> RestoreLeft() const {
    auto per_byte =
        Typical(past_, [](const PastRecovery& p) { return Ratio(p.restore, p.restore_bytes); });
    auto whole = Typical(past_, [](const PastRecovery& p) { return p.restore; });
    bool running = input_.stage == Stage::kRestore;
    double passed =
        running && input_.restore_start ? SecondsBetween(*input_.restore_start, input_.as_of) : 0;
    if (!input_.bytes_total || *input_.bytes_total <= 0) {
      if (!whole) return std::nullopt;
      return Span{std::max(whole->mean - passed, 0.0), whole->deviation};
    }
    auto total = static_cast<double>(*input_.bytes_total);
    double done = std::clamp(static_cast<double>(input_.bytes_finished.value_or(0)), 0.0, total);
    if (done <= 0 && !per_byte) return std::nullopt;
    double share = done / total;
    double own = done > 0 && passed > 0 ? passed / done : 0;
    double weight = own > 0 ? share / (share + (per_byte ? kPastShare : 0)) : 0;
    if (own <= 0 && !per_byte) return Span{};  // all of it in no time
    double rate = weight * own + (1 - weight) * (per_byte ? per_byte->mean : 0);
    double left = (total - done) * rate;
    double spread = per_byte ? per_byte->deviation / per_byte->mean : kPastSpread;
    double deviation = left * ((1 - weight) * spread + weight * 0.15) + passed * 0.02;
    return Span{left, deviation};
  }

  std::optional<double> TablesExpected() const {
    if (input_.tables_total && *input_.tables_total > 0) {
      return static_cast<double>(*input_.tables_total);
    }
    for (const auto* job : {&facts_.user, &facts_.sys}) {
      if (*job && (*job)->tables_named) return static_cast<double>(*(*job)->tables_named);
    }
    return std::nullopt;
  }

  std::optional<Span> ImportLeft() const {
    auto per_table =
        Typical(past_, [](const PastRecovery& p) { return Ratio(p.import, p.tables); });
    auto whole = Typical(past_, [](const PastRecovery& p) { return p.import; });
    std::optional<double> total = TablesExpected();
    if (input_.stage != Stage::kImport) {
      if (total && per_table) return *per_table * *total;
      return whole;
    }
    double passed = input_.import_start ? SecondsBetween(*input_.import_start, input_.as_of) : 0;
    if (!total || !input_.tables_ended) {
      if (!whole) return std::nullopt;
      return Span{std::max(whole->mean - passed, 0.0), whole->deviation};
    }
    auto ended = static_cast<double>(std::max<int64_t>(*input_.tables_ended, 0));
    double left = std::max(*total - ended, 0.0);
    if (left <= 0) return Span{};
    double known = per_table ? kPastTables : 0;
    if (ended + known <= 0 || !input_.import_start) return std::nullopt;
    double mean = (passed + known * (per_table ? per_table->mean : 0)) / (ended + known);
    double spread = TableSpread(mean);
    double relative = spread * std::sqrt(1 / left + 1 / (ended + known));
    return Span{left * mean, left * mean * relative};
  }

  static double Ended(const ProgressSample& sample) {
    return static_cast<double>(sample.tables_finished.value_or(0)) +
           static_cast<double>(sample.tables_failed.value_or(0));
  }

  /// How much tables differ, as the samples show it.
  double TableSpread(double mean) const {
    double squares = 0;
    double count = 0;
    const ProgressSample* before = nullptr;
    for (const ProgressSample& sample : facts_.samples) {
      if (sample.stage != static_cast<uint8_t>(Stage::kImport) || !sample.tables_finished) {
        continue;
      }
      if (before != nullptr) {
        double tables = Ended(sample) - Ended(*before);
        double seconds = SecondsBetween(before->time_usec, sample.time_usec);
        if (tables <= 0) continue;
        double off = seconds - tables * mean;
        squares += off * off / tables;
        count += 1;
      }
      before = &sample;
    }
    if (mean <= 0) return kTableSpread;
    constexpr double kPrior = 3;
    constexpr double kMostSpread = 10;
    double own = squares / mean / mean;
    double spread = std::sqrt((own + kPrior * kTableSpread * kTableSpread) / (count + kPrior));
    return std::isfinite(spread) ? std::min(spread, kMostSpread) : kMostSpread;
  }

  const EstimateInput& input_;
  const RecoveryFacts& facts_;
  std::span<const PastRecovery> past_;
};

}  // namespace

double SecondsBetween(int64_t from_usec, int64_t to_usec) {
  return std::max(0.0, (static_cast<double>(to_usec) - static_cast<double>(from_usec)) / 1e6);
}

Figure<Remaining> Estimate(const EstimateInput& input, const RecoveryFacts& facts,
                           std::span<const PastRecovery> past) {
  return Estimator(input, facts, past).Run();
}

std::optional<double> RecentRate(std::span<const ProgressSample> samples,
                                 std::optional<int64_t> ProgressSample::*figure,
                                 std::optional<int64_t> from, int64_t now, int64_t as_of) {
  constexpr int64_t kPart = 5;
  // Where it stood when the last fifth began: the newest sample that is old enough.
  int64_t first_time = from.value_or(as_of);
  if (!from) {
    for (const ProgressSample& sample : samples) {
      if (!(sample.*figure)) continue;
      first_time = sample.time_usec;
      break;
    }
  }
  double whole = SecondsBetween(first_time, as_of);
  std::optional<double> rate;
  auto consider = [&](int64_t time, int64_t at) {
    double seconds = SecondsBetween(time, as_of);
    if (seconds <= 0 || now < at) return;
    if (rate && seconds * kPart < whole) return;
    rate = (static_cast<double>(now) - static_cast<double>(at)) / seconds;
  };
  if (from) consider(*from, 0);
  for (const ProgressSample& sample : samples) {
    if (sample.*figure && sample.time_usec >= first_time)
      consider(sample.time_usec, *(sample.*figure));
  }
  if (!rate || *rate <= 0) return std::nullopt;
  return rate;
}

}  // namespace obviews::engine::progress
