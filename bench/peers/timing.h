// How long things take.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "schema/status.h"

namespace obviews::bench {

/// Seconds; quicker questions are asked many times.
inline constexpr double kShortestMeasurement = 0.03;
inline constexpr size_t kMostAsked = 20'000;

/// Seconds, with a part of the time left out. Not thread-safe.
class Stopwatch {
 public:
  void Start() { started_ = std::chrono::steady_clock::now(); }
  void Stop() { seconds_ += (std::chrono::steady_clock::now() - started_); }
  double seconds() const { return seconds_.count(); }

 private:
  std::chrono::steady_clock::time_point started_;
  std::chrono::duration<double> seconds_{0};
};

/// 0 of none.
inline double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

inline double Seconds(const std::function<void()>& what) {
  Stopwatch watch;
  watch.Start();
  what();
  watch.Stop();
  return watch.seconds();
}

/// The median time of a question that is asked as often as it takes to tell.
inline Result<double> TypicalSeconds(const std::function<Status()>& ask) {
  std::vector<double> times;
  double total = 0;
  while (times.empty() || (total < kShortestMeasurement && times.size() < kMostAsked)) {
    Status asked;
    times.push_back(Seconds([&] { asked = ask(); }));
    OBVIEWS_RETURN_IF_ERROR(asked);
    total += times.back();
  }
  return Median(std::move(times));
}

}  // namespace obviews::bench
