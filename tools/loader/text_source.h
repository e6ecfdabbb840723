// Buffered input with places: reads a file, standard input or a text by lines or by runs of bytes,
// and always knows the line and column it stands at.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "schema/status.h"

namespace obviews::tools {

/// A place in a text. Lines and columns count from 1; columns are bytes. Line 0 means "nowhere".
struct Position {
  uint64_t line = 0;
  uint64_t column = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

/// `FILE:LINE:COL`.
std::string PlaceText(std::string_view file, Position at);

/// Input in constant memory: a buffer of a few hundred KiB that grows to the longest line or peek.
/// A UTF-8 byte order mark at the very beginning is skipped. Not thread-safe.
class TextSource {
 public:
  /// A longer row is refused rather than filling the memory: no row of the views comes near it.
  static constexpr size_t kMaxRowBytes = size_t{1} << 30;

  /// Opens a file, or standard input for `-`. Errors: kInvalidArgument with the system's reason.
  static Result<std::unique_ptr<TextSource>> Open(const std::string& path);
  /// The same, under another name in messages.
  static Result<std::unique_ptr<TextSource>> Open(const std::string& path, std::string name);

  /// Reads from a text in memory; `name` stands in messages.
  static std::unique_ptr<TextSource> FromText(std::string name, std::string text);

  TextSource(const TextSource&) = delete;
  TextSource& operator=(const TextSource&) = delete;

  const std::string& name() const { return name_; }

  /// The next bytes without reading past them: `count` of them, fewer only at the end of the input.
  /// Valid until the next call of a non-const method.
  Result<std::string_view> Peek(size_t count);

  /// Reads up to and without the next newline; a carriage return before it stays. False at the end
  /// of the input. `line` is valid until the next call of a non-const method. Errors: a read error,
  /// or a line longer than max_row_bytes(), after which the input is at its end.
  Result<bool> ReadLine(std::string_view& line);

  /// The number of the line ReadLine() gave last, and whether a newline ended it.
  uint64_t line_number() const { return line_number_; }
  bool line_ended() const { return line_ended_; }

  /// The unread bytes in memory, reading more if there are none; empty at the end of the input.
  /// Valid until the next call of a non-const method other than Consume().
  Result<std::string_view> Available();

  /// Moves past bytes Available() or Peek() gave. REQUIRES: that many were given.
  void Consume(size_t count);

  /// Where the next unread byte stands.
  Position position() const { return position_; }

  /// Bytes read so far, a byte order mark not counted, and the file's size (0: not known).
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t size() const { return size_; }

  size_t max_row_bytes() const { return max_row_bytes_; }
  void set_max_row_bytes(size_t bytes) { max_row_bytes_ = bytes; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit TextSource(std::string name) : name_(std::move(name)) {}

  // Reads more behind the unread bytes; false at the end of the input.
  Result<bool> Fill();
  // One read into the free end of the buffer; false at the end of the input.
  Result<bool> ReadMore();
  std::string_view Unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  std::string name_;
  std::unique_ptr<std::FILE, CloseFile> owned_;
  std::FILE* file_ = nullptr;  // null for a text in memory
  std::string buffer_;
  size_t begin_ = 0;  // unread bytes are [begin_, end_)
  size_t end_ = 0;
  bool at_end_ = false;
  bool started_ = false;
  Position position_{1, 1};
  uint64_t line_number_ = 0;
  bool line_ended_ = false;
  uint64_t bytes_read_ = 0;
  uint64_t size_ = 0;
  size_t max_row_bytes_ = kMaxRowBytes;
};

}  // namespace obviews::tools
