// Debian packages no progress bar library for C++, and this needs one line of text.
#include "tools/output/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "tools/output/number.h"
#include "tools/output/terminal.h"

namespace obviews::tools {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr size_t kBarWidth = 20;
constexpr size_t kUnknownWidth = 80;

size_t TerminalWidth(int fd) {
  const size_t columns = TerminalColumns(fd);
  return columns == 0 ? kUnknownWidth : columns;
}

// `1:05 left`, when the done part tells.
std::string TimeLeft(double fraction, double seconds) {
  if (fraction <= 0) return {};
  const double left = seconds * (1 - fraction) / fraction;
  // Beyond some days the figure means nothing but that one need not wait.
  const auto whole = static_cast<uint64_t>(std::min(left, 1e6));
  if (whole >= 3600) {
    return fmt::format("  {}:{:02}:{:02} left", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("  {}:{:02} left", whole / 60, whole % 60);
}

}  // namespace

std::string ProgressLine(const ProgressState& state, size_t width) {
  const double seconds = std::chrono::duration<double>(state.elapsed).count();
  const double rate = seconds > 0 ? static_cast<double>(state.rows) / seconds : 0;
  std::string bar;
  std::string text;
  std::string left;
  if (state.total > 0) {
    // A file may grow while it is read.
    const double fraction =
        std::min(1.0, static_cast<double>(state.done) / static_cast<double>(state.total));
    const auto filled = static_cast<size_t>(fraction * kBarWidth);
    bar = fmt::format(" [{:#>{}}{:->{}}]", "", filled, "", kBarWidth - filled);
    text = fmt::format(" {:3.0f}% ", fraction * 100);
    left = TimeLeft(fraction, seconds);
  }
  fmt::format_to(std::back_inserter(text), " {} {}  {} {}/s{}",
                 Thousands(static_cast<int64_t>(state.rows)), state.unit,
                 Thousands(static_cast<int64_t>(rate)), state.unit, left);
  if (state.label.size() + bar.size() + text.size() > width) bar.clear();
  std::string line = fmt::format("{}{}{}", state.label, bar, text);
  line.resize(std::min(line.size(), width));
  return line;
}

Progress::Progress(std::string label, uint64_t total, int fd, Clock::time_point start)
    : label_(std::move(label)),
      total_(total),
      fd_(fd),
      terminal_(isatty(fd) == 1),
      start_(start),
      last_draw_(start) {}

Progress::~Progress() { Clear(); }

void Progress::Update(uint64_t rows, uint64_t done, Clock::time_point now) {
  if (!terminal_ || now - last_draw_ < kRedraw) return;
  last_draw_ = now;
  drawn_ = true;
  // One column stays free: some terminals wrap when the last one is written.
  const std::string line =
      ProgressLine({label_, rows, done, total_, now - start_, unit_}, TerminalWidth(fd_) - 1);
  Write("\r" + line + "\x1b[K");
}

void Progress::Clear() {
  if (!drawn_) return;
  drawn_ = false;
  Write("\r\x1b[K");
}

void Progress::Write(std::string_view text) const {
  // Progress is a courtesy: a terminal that is gone must not fail the job.
  [[maybe_unused]] const ssize_t ignored = ::write(fd_, text.data(), text.size());
}

}  // namespace obviews::tools
