// Where the bytes of a result go: one buffer in front of a file descriptor or a string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "schema/status.h"

namespace obviews::tools {

/// A buffered writer of bytes.
///
/// Errors are sticky: after the first failed write every later append is dropped, `status()` keeps
/// that first error and nothing is written any more. So a producer may append a whole row and ask
/// once. Memory is one buffer, whatever is written. Not thread-safe.
class Sink {
 public:
  static constexpr size_t kDefaultBuffer = size_t{128} * 1024;

  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  /// Appends bytes unchanged; any length.
  void Append(std::string_view bytes) {
    if (bytes.size() > capacity_ - used_) return AppendSlow(bytes);
    std::memcpy(buffer_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }

  /// Appends one byte.
  void Append(char byte) {
    if (used_ == capacity_) return AppendSlow({&byte, 1});
    buffer_[used_++] = byte;
  }

  /// Appends `byte` `count` times.
  void Repeat(char byte, size_t count);

  /// Hands everything appended so far to the destination. Returns the sticky error, if any.
  Status Flush();

  /// True while no write has failed. Bytes still buffered have not been tried.
  bool ok() const { return !failed_; }

  /// The first error of a write, or success.
  Status status() const;

  /// True when writing failed because whoever reads the output closed it, as `| head` does once it
  /// has seen enough. Tools then stop quietly with exit code 0.
  bool reader_gone() const { return reader_gone_; }

  /// True when nothing has ever been appended.
  bool untouched() const { return used_ == 0 && flushed_ == 0; }

 protected:
  /// REQUIRES: buffer_bytes > 0.
  explicit Sink(size_t buffer_bytes)
      : buffer_(std::make_unique<char[]>(buffer_bytes)), capacity_(buffer_bytes) {}

  /// Writes all of `bytes` (never empty) or says why not.
  virtual Status Write(std::string_view bytes) = 0;

  /// To be called by Write() before it returns the error of a closed reader.
  void NoteReaderGone() { reader_gone_ = true; }

 private:
  void AppendSlow(std::string_view bytes);
  void WriteOut(std::string_view bytes);

  std::unique_ptr<char[]> buffer_;
  size_t capacity_;
  size_t used_ = 0;
  uint64_t flushed_ = 0;
  bool failed_ = false;
  bool reader_gone_ = false;
  Error error_;
};

/// Writes to a file descriptor, blocking or not. Short writes and interrupts are continued.
///
/// A reader that closed the pipe or socket is an error of Flush() with `reader_gone()` set; SIGPIPE
/// never reaches the process, whatever its disposition. A full disk and every other failure is an
/// Error naming the destination and the system's reason. The descriptor stays the caller's, must
/// outlive the sink and is not closed. The destructor flushes; only Flush() can report how that
/// went.
class FdSink final : public Sink {
 public:
  /// `name` stands in error messages, e.g. "standard output".
  FdSink(int fd, std::string name, size_t buffer_bytes = kDefaultBuffer);
  ~FdSink() override;

 private:
  Status Write(std::string_view bytes) override;
  Status WriteFailed(int error);

  int fd_;
  std::string name_;
  uint64_t written_ = 0;
};

/// Collects everything in a string, for tests and small texts.
class StringSink final : public Sink {
 public:
  explicit StringSink(size_t buffer_bytes = 4096) : Sink(buffer_bytes) {}

  /// Everything appended so far.
  const std::string& text();

 private:
  Status Write(std::string_view bytes) override;

  std::string text_;
};

}  // namespace obviews::tools
