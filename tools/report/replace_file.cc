// Replacing files; see replace_file.h.
#include "tools/report/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "schema/quote.h"

namespace obviews::tools {
namespace {

tl::unexpected<Error> CannotWrite(const std::string& path, int error) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("cannot write {}: {}", schema::QuoteForMessage(path),
                          std::generic_category().message(error)));
}

/// Closes its descriptor, and removes its file unless that was kept.
class NewFile {
 public:
  NewFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~NewFile() {
    if (fd_ >= 0) close(fd_);
    if (!path_.empty()) unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  /// False leaves the reason in errno.
  bool Close() {
    const int fd = fd_;
    fd_ = -1;
    return close(fd) == 0;
  }
  void Keep() { path_.clear(); }

 private:
  int fd_;
  std::string path_;  ///< "": nothing to remove
};

/// The file that a path means, through links; the path itself if there is none yet.
std::string TargetOf(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real == nullptr ? path : real.get();
}

Status FillAndSync(int fd, const std::string& path, bool sync,
                   const std::function<Status(Sink&)>& write) {
  FdSink sink(fd, schema::QuoteForMessage(path));
  OBVIEWS_RETURN_IF_ERROR(write(sink));
  OBVIEWS_RETURN_IF_ERROR(sink.Flush());
  if (sync && fsync(fd) != 0) return CannotWrite(path, errno);
  return {};
}

/// So that the new name is on the disk too. A file system that cannot has its own ways.
void SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

Status ReplaceFile(const std::string& path, const std::function<Status(Sink&)>& write) {
  const std::string target = TargetOf(path);
  struct stat old = {};
  const bool exists = stat(target.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) return CannotWrite(path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) {
    NewFile there(open(target.c_str(), O_WRONLY | O_CLOEXEC), "");
    if (there.fd() < 0) return CannotWrite(path, errno);
    return FillAndSync(there.fd(), path, false, write);
  }
  if (exists && access(target.c_str(), W_OK) != 0) return CannotWrite(path, errno);
  const std::string name = fmt::format("{}.{}.tmp", target, getpid());
  NewFile file(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), name);
  if (file.fd() < 0) {
    const int error = errno;
    file.Keep();  // whoever's it is, it is not ours
    return CannotWrite(path, error);
  }
  OBVIEWS_RETURN_IF_ERROR(FillAndSync(file.fd(), path, true, write));
  if (exists && fchmod(file.fd(), old.st_mode & 07777) != 0) return CannotWrite(path, errno);
  if (!file.Close()) return CannotWrite(path, errno);
  if (std::rename(name.c_str(), target.c_str()) != 0) return CannotWrite(path, errno);
  file.Keep();
  SyncFolderOf(target);
  return {};
}

}  // namespace obviews::tools
