// Buffering, and the care a file descriptor needs: short writes, interrupts, SIGPIPE, full disks.
#include "tools/output/sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace obviews::tools {
namespace {

// Keeps a SIGPIPE raised by this thread's own write from being delivered. Blocking it here rather
// than ignoring it process-wide leaves the disposition of the host program alone.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &previous_);
  }
  ~SigpipeGuard() {
    if (raised_ && !was_pending_) {
      const timespec now{};
      while (sigtimedwait(&sigpipe_, nullptr, &now) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

  // The write said EPIPE, so a signal is waiting to be taken off.
  void NoteRaised() { raised_ = true; }

 private:
  sigset_t sigpipe_;
  sigset_t previous_;
  bool was_pending_ = false;
  bool raised_ = false;
};

}  // namespace

void Sink::Repeat(char byte, size_t count) {
  while (count > 0) {
    if (used_ == capacity_) WriteOut({});
    const size_t part = std::min(count, capacity_ - used_);
    std::memset(buffer_.get() + used_, byte, part);
    used_ += part;
    count -= part;
  }
}

Status Sink::Flush() {
  WriteOut({});
  return status();
}

Status Sink::status() const {
  if (failed_) return Fail(error_);
  return {};
}

void Sink::AppendSlow(std::string_view bytes) {
  // A text larger than the buffer goes out directly: copying it piecemeal gains nothing.
  if (bytes.size() >= capacity_) return WriteOut(bytes);
  WriteOut({});
  Append(bytes);
}

void Sink::WriteOut(std::string_view bytes) {
  for (const std::string_view part : {std::string_view(buffer_.get(), used_), bytes}) {
    if (part.empty() || failed_) continue;
    flushed_ += part.size();
    if (Status written = Write(part); !written) {
      failed_ = true;
      error_ = std::move(written).error();
    }
  }
  used_ = 0;
}

FdSink::FdSink(int fd, std::string name, size_t buffer_bytes)
    : Sink(buffer_bytes), fd_(fd), name_(std::move(name)) {}

FdSink::~FdSink() { static_cast<void>(Flush()); }

Status FdSink::Write(std::string_view bytes) {
  SigpipeGuard guard;
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      written_ += static_cast<uint64_t>(n);
      bytes.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (error == EAGAIN) {
      // Somebody else made a shared terminal or pipe non-blocking; wait as a blocking write would.
      pollfd ready{fd_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
      continue;
    }
    if (error == EPIPE) guard.NoteRaised();
    return WriteFailed(error);
  }
  return {};
}

Status FdSink::WriteFailed(int error) {
  if (error == EPIPE) {
    NoteReaderGone();
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the reader of {} closed it after {} bytes", name_, written_));
  }
  const std::string reason = std::system_category().message(error);
  const char* advice = error == ENOSPC || error == EDQUOT || error == EFBIG
                           ? "make room or choose another place, then run it again"
                           : "check where the output goes, then run it again";
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("cannot write to {} after {} bytes: {}; the output is incomplete: {}",
                          name_, written_, reason, advice));
}

const std::string& StringSink::text() {
  static_cast<void>(Flush());  // Write() below cannot fail
  return text_;
}

Status StringSink::Write(std::string_view bytes) {
  text_.append(bytes);
  return {};
}

}  // namespace obviews::tools
