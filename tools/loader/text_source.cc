// Buffered input with places.
#include "tools/loader/text_source.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace obviews::tools {

namespace {

constexpr size_t kChunk = size_t{256} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string Reason(int error) { return std::error_code(error, std::generic_category()).message(); }

}  // namespace

std::string PlaceText(std::string_view file, Position at) {
  return fmt::format("{}:{}:{}", file, at.line, at.column);
}

Result<std::unique_ptr<TextSource>> TextSource::Open(const std::string& path) {
  return Open(path, path == "-" ? "<stdin>" : path);
}

Result<std::unique_ptr<TextSource>> TextSource::Open(const std::string& path, std::string name) {
  const bool is_stdin = path == "-";
  std::unique_ptr<TextSource> source(new TextSource(std::move(name)));
  if (is_stdin) {
    source->file_ = stdin;
  } else {
    source->owned_.reset(std::fopen(path.c_str(), "rbe"));
    source->file_ = source->owned_.get();
    if (source->file_ == nullptr) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", path, Reason(errno)));
    }
    std::setvbuf(source->file_, nullptr, _IONBF, 0);
  }
  struct stat info = {};
  if (fstat(fileno(source->file_), &info) == 0 && S_ISREG(info.st_mode)) {
    source->size_ = static_cast<uint64_t>(info.st_size);
  }
  return source;
}

std::unique_ptr<TextSource> TextSource::FromText(std::string name, std::string text) {
  std::unique_ptr<TextSource> source(new TextSource(std::move(name)));
  source->buffer_ = std::move(text);
  source->end_ = source->buffer_.size();
  source->size_ = source->end_;
  return source;
}

Result<bool> TextSource::ReadMore() {
  if (at_end_ || file_ == nullptr) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kChunk) buffer_.resize(std::max(kChunk, buffer_.size()) * 2);
  errno = 0;
  const size_t got = std::fread(buffer_.data() + end_, 1, kChunk, file_);
  end_ += got;
  if (got > 0) return true;
  at_end_ = true;
  if (std::ferror(file_) != 0) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", name_, Reason(errno)));
  }
  return false;
}

Result<bool> TextSource::Fill() {
  if (started_) return ReadMore();
  started_ = true;
  bool more = end_ > begin_;
  while (end_ - begin_ < kByteOrderMark.size()) {
    OBVIEWS_ASSIGN_OR_RETURN(const bool got, ReadMore());
    if (!got) break;
    more = true;
  }
  if (Unread().starts_with(kByteOrderMark)) {
    begin_ += kByteOrderMark.size();
    if (begin_ == end_) return ReadMore();
  }
  return more;
}

Result<std::string_view> TextSource::Peek(size_t count) {
  while (!started_ || end_ - begin_ < count) {
    OBVIEWS_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  return Unread().substr(0, count);
}

Result<std::string_view> TextSource::Available() {
  if (!started_ || begin_ == end_) OBVIEWS_RETURN_IF_ERROR(Fill());
  return Unread();
}

void TextSource::Consume(size_t count) {
  std::string_view passed = Unread().substr(0, count);
  begin_ += passed.size();
  bytes_read_ += passed.size();
  for (size_t newline = 0; (newline = passed.find('\n')) != std::string_view::npos;) {
    ++position_.line;
    position_.column = 1;
    passed.remove_prefix(newline + 1);
  }
  position_.column += passed.size();
}

Result<bool> TextSource::ReadLine(std::string_view& line) {
  size_t searched = 0;
  size_t newline = std::string_view::npos;
  for (;;) {
    if (started_) newline = Unread().find('\n', searched);
    if (newline != std::string_view::npos) break;
    searched = started_ ? end_ - begin_ : 0;
    if (searched > max_row_bytes_) break;
    OBVIEWS_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  line_ended_ = newline != std::string_view::npos;
  if (!line_ended_ && begin_ == end_) return false;
  line = line_ended_ ? Unread().substr(0, newline) : Unread();
  if (line.size() > max_row_bytes_) {
    at_end_ = true;
    file_ = nullptr;
    begin_ = end_;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a line of more than {} bytes", PlaceText(name_, position_),
                            max_row_bytes_));
  }
  line_number_ = position_.line;
  const size_t passed = line.size() + (line_ended_ ? 1 : 0);
  begin_ += passed;
  bytes_read_ += passed;
  if (line_ended_) {
    ++position_.line;
    position_.column = 1;
  } else {
    position_.column += line.size();
  }
  return true;
}

}  // namespace obviews::tools
