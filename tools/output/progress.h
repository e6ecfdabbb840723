// A line on the terminal that says how far a long job is and how fast it goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace obviews::tools {

/// What a progress line says.
struct ProgressState {
  std::string_view label;  ///< ASCII, e.g. "load"
  uint64_t rows = 0;
  uint64_t done = 0;   ///< in the unit of `total`: bytes, or rows
  uint64_t total = 0;  ///< 0: not known; then there is no bar
  std::chrono::nanoseconds elapsed{0};
  std::string_view unit = "rows";  ///< of `rows`, ASCII
};

/// `load [#####-----]  50%  1,234,567 rows  812,345 rows/s  0:02 left` in at most `width` columns:
/// a narrow line first loses the bar, then its end.
std::string ProgressLine(const ProgressState& state, size_t width);

/// Draws the line on a terminal, at most ten times a second and never in the first tenth, and wipes
/// it at the end. On anything but a terminal it does nothing. Not thread-safe.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// `label` is ASCII; `total` as in ProgressState. `fd` stays the caller's and must outlive this.
  explicit Progress(std::string label, uint64_t total = 0, int fd = 2,
                    Clock::time_point start = Clock::now());
  /// Clears.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap enough for every row, dearer by one clock reading on a terminal.
  void Update(uint64_t rows, uint64_t done) {
    if (terminal_) Update(rows, done, Clock::now());
  }
  void Update(uint64_t rows, uint64_t done, Clock::time_point now);

  /// For a total that is known later, or better, than at the beginning.
  void SetTotal(uint64_t total) { total_ = total; }
  /// What is counted, ASCII; rows, unless this says otherwise.
  void SetUnit(std::string unit) { unit_ = std::move(unit); }

  /// Wipes the line, as is needed before anything else is printed there. The next Update() may draw
  /// it again.
  void Clear();

 private:
  void Write(std::string_view text) const;

  std::string label_;
  std::string unit_ = "rows";
  uint64_t total_;
  int fd_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point last_draw_;
};

}  // namespace obviews::tools
