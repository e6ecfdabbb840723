// The terminal of a watch: lines that are redrawn in place, scrolled by keys and fit anew when the
// terminal's size changes. The screen that was there comes back at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/progress/styled_text.h"

namespace obviews::tools {

/// One at a time in a process, for one thread.
class WatchScreen {
 public:
  enum class Event : uint8_t {
    kNone,     ///< the time has passed, or a key was dealt with
    kResized,  ///< what is shown is to be laid out anew for canvas()
    kQuit,     ///< `q`
  };

  /// nullptr if standard output is no terminal, or none that a cursor can be moved on.
  /// REQUIRES: the locale of the process is that of its environment.
  static std::unique_ptr<WatchScreen> Open(bool colours);
  ~WatchScreen();
  WatchScreen(const WatchScreen&) = delete;
  WatchScreen& operator=(const WatchScreen&) = delete;

  /// Columns, without the height.
  Canvas canvas() const;

  /// Shows `lines` from where it was scrolled to, and what keys there are and
  /// `status` at the bottom.
  void Show(std::vector<StyledLine> lines, std::string status);

  /// Waits for a key or a new size, at most for so long.
  Event Wait(std::chrono::milliseconds limit);

 private:
  struct Terminal;
  explicit WatchScreen(std::unique_ptr<Terminal> terminal);
  void Draw();
  void ScrollTo(size_t first);
  /// Lines above the status.
  size_t height() const;

  std::unique_ptr<Terminal> terminal_;
  std::vector<StyledLine> lines_;
  std::string status_;
  size_t first_ = 0;  ///< the line at the top
};

}  // namespace obviews::tools
