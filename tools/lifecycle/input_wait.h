// Waits for input and for the signals that end a long run, both at once.
#pragma once

#include <signal.h>

#include <chrono>
#include <string>

namespace obviews::tools {

/// Takes SIGINT and SIGTERM of the process while it lives, if it was made before other threads
/// were. For one thread.
class InputWait {
 public:
  /// `input` stays the caller's.
  explicit InputWait(int input);
  /// The signals do again what they did; one that came does nothing more.
  ~InputWait();
  InputWait(const InputWait&) = delete;
  InputWait& operator=(const InputWait&) = delete;

  /// Waits until there is input, or a signal came, or `limit` has passed. True if there is news
  /// from the input: TakeText() or ended().
  bool Wait(std::chrono::milliseconds limit, bool with_input = true);

  /// What was read and not yet taken.
  std::string TakeText();
  /// The input's end was reached, or it cannot be read.
  bool ended() const { return ended_; }
  /// The first signal that came; 0: none.
  int signal() const { return signal_; }

 private:
  void Read();

  int input_;
  int signals_ = -1;
  int signal_ = 0;
  bool ended_ = false;
  std::string text_;
  sigset_t before_{};
};

}  // namespace obviews::tools
