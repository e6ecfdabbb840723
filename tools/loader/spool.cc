// Copies of inputs that can be read once; see spool.h.
#include "tools/loader/spool.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace obviews::tools {
namespace {

constexpr const char* kStdin = "<stdin>";

/// Whether the path can be read once only. What does not exist cannot be read at all, which is for
/// whoever opens it to say; a directory likewise.
bool IsStream(const std::string& path) {
  struct stat info {};
  return path == "-" ||
         (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

Status Copy(std::FILE* from, const std::string& name, std::FILE* to) {
  std::array<char, 65536> buffer{};
  size_t count = 0;
  while ((count = std::fread(buffer.data(), 1, buffer.size(), from)) > 0) {
    if (std::fwrite(buffer.data(), 1, count, to) != count) break;
  }
  if (std::ferror(from) != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
  }
  if (std::fflush(to) != 0 || std::ferror(to) != 0) {
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("cannot keep {} in a temporary file: {}", name, std::strerror(errno)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<TextSource>> Spool::Open(const std::string& path) {
  if (!IsStream(path)) return TextSource::Open(path);
  const std::string name = path == "-" ? kStdin : path;
  File& copy = copies_[path];
  if (copy == nullptr) {
    File stream(path == "-" ? nullptr : std::fopen(path.c_str(), "rb"));
    if (stream == nullptr && path != "-") return TextSource::Open(path);
    copy.reset(std::tmpfile());
    if (copy == nullptr) {
      return Fail(ErrorCode::kStoreUnreadable,
                  fmt::format("cannot make a temporary file: {}", std::strerror(errno)));
    }
    OBVIEWS_RETURN_IF_ERROR(Copy(stream ? stream.get() : stdin, name, copy.get()));
  }
  return TextSource::Open(fmt::format("/proc/self/fd/{}", fileno(copy.get())), name);
}

}  // namespace obviews::tools
