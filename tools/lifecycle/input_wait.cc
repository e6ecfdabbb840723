// poll(2) over standard input and a signalfd; see input_wait.h.
#include "tools/lifecycle/input_wait.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace obviews::tools {
namespace {

sigset_t EndingSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

InputWait::InputWait(int input) : input_(input) {
  const sigset_t ending = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &ending, &before_);
  signals_ = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

InputWait::~InputWait() {
  signalfd_siginfo ignored{};
  while (read(signals_, &ignored, sizeof ignored) > 0) continue;
  close(signals_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool InputWait::Wait(std::chrono::milliseconds limit, bool with_input) {
  const bool listen = with_input && !ended_;
  // A negative descriptor is passed over.
  pollfd waits[] = {{signals_, POLLIN, 0}, {listen ? input_ : -1, POLLIN, 0}};
  if (poll(waits, 2, static_cast<int>(limit.count())) <= 0) return false;
  if (waits[0].revents != 0) {
    signalfd_siginfo info{};
    if (read(signals_, &info, sizeof info) == sizeof info && signal_ == 0) {
      signal_ = static_cast<int>(info.ssi_signo);
    }
  }
  if (waits[1].revents == 0) return false;
  Read();
  return true;
}

void InputWait::Read() {
  char buffer[65536];
  const ssize_t count = read(input_, buffer, sizeof buffer);
  if (count > 0) {
    text_.append(buffer, static_cast<size_t>(count));
  } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    ended_ = true;
  }
}

std::string InputWait::TakeText() { return std::exchange(text_, {}); }

}  // namespace obviews::tools
