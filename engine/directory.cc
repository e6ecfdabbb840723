// Looking at a store's directory; see directory.h.
#include "engine/directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace obviews::engine {
namespace fs = std::filesystem;
namespace {

Status MakeDirectory(const std::string& directory) {
  // Records hold secrets: nobody else may look in.
  if (mkdir(directory.c_str(), 0700) == 0) return {};
  return Fail(ErrorCode::kStoreUnreadable, fmt::format("cannot create the store directory '{}': {}",
                                                       directory, std::strerror(errno)));
}

Status MakePrivate(const std::string& directory) {
  if (chmod(directory.c_str(), 0700) == 0) return {};
  return Fail(ErrorCode::kStoreUnreadable,
              fmt::format("cannot make the directory '{}' private: {}; a store holds secrets",
                          directory, std::strerror(errno)));
}

int64_t ToNs(const timespec& time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

/// When entries of a directory last came, went or were exchanged; 0: not known.
int64_t ChangedNs(const std::string& directory) {
  struct stat info {};
  return stat(directory.c_str(), &info) == 0 ? ToNs(info.st_mtim) : 0;
}

bool HasManifest(const std::string& directory) {
  auto files = ListFiles(directory);
  return std::any_of(files.begin(), files.end(),
                     [](const FileInfo& file) { return file.name.starts_with("MANIFEST-"); });
}

}  // namespace

bool HasTables(const std::string& directory) {
  auto files = ListFiles(directory);
  return std::any_of(files.begin(), files.end(),
                     [](const FileInfo& file) { return file.name.ends_with(".sst"); });
}

std::vector<FileInfo> ListFiles(const std::string& directory) {
  std::vector<FileInfo> files;
  std::error_code error;
  // The range form would throw from its increment when the writer removes files under it.
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code vanished;
    uint64_t size = entry->file_size(vanished);
    if (!vanished) files.push_back({entry->path().filename().string(), size});
  }
  std::sort(files.begin(), files.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; });
  return files;
}

bool HasDatabase(const std::string& directory) {
  struct stat info {};
  return stat((directory + "/CURRENT").c_str(), &info) == 0;
}

Status CheckDirectory(const std::string& directory, bool create) {
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0) {
    int error = errno;
    if (error == ENOENT && create) return MakeDirectory(directory);
    if (error == ENOENT) {
      return Fail(ErrorCode::kStoreMissing,
                  fmt::format("no record store at '{}': the directory does not exist; `obviewsctl "
                              "load --db {} FILE` makes one",
                              directory, directory));
    }
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("cannot read '{}': {}", directory, std::strerror(error)));
  }
  if (!S_ISDIR(info.st_mode)) {
    return Fail(ErrorCode::kStoreMissing,
                fmt::format("'{}' is a file; a record store is a directory", directory));
  }
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  // A directory one may list but not enter holds files that cannot be looked at.
  if (!error && stat((directory + "/CURRENT").c_str(), &info) != 0 && errno != ENOENT) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("cannot read '{}': {}", directory, error.message()));
  }
  if (HasDatabase(directory)) return {};
  if (HasTables(directory) && HasManifest(directory)) {
    return Fail(ErrorCode::kCorruption,
                fmt::format("opening store '{}': a file of the store is missing: CURRENT, which "
                            "names the manifest",
                            directory));
  }
  bool empty = entries == fs::directory_iterator();
  if (empty && create) return MakePrivate(directory);
  return Fail(
      ErrorCode::kStoreMissing,
      empty ? fmt::format("no record store at '{}': the directory is empty", directory)
            : fmt::format("'{}' is not a record store: it has files, but no database", directory));
}

uint64_t DirectoryState::log_bytes() const {
  uint64_t total = 0;
  for (const FileInfo& log : logs) total += log.size;
  return total;
}

DirectoryState ReadDirectoryState(const std::string& directory) {
  DirectoryState state;
  std::ifstream current(directory + "/CURRENT");
  state.current.assign(std::istreambuf_iterator<char>(current), {});
  while (!state.current.empty() && state.current.back() == '\n') state.current.pop_back();
  struct stat info {};
  if (stat((directory + "/" + state.current).c_str(), &info) == 0) {
    state.manifest_size = static_cast<uint64_t>(info.st_size);
    state.manifest_inode = info.st_ino;
  }
  for (FileInfo& file : ListFiles(directory)) {
    if (file.name.ends_with(".log")) state.logs.push_back(std::move(file));
  }
  return state;
}

bool DirectoryWatch::IsStill(const std::string& directory, const DirectoryState& known) {
  // Clocks of file systems move in ticks, and those of others may differ from ours.
  constexpr int64_t kSettledNs = 2'000'000'000;
  int64_t entries_of_ns = ChangedNs(directory);
  if (entries_of_ns != 0 && entries_of_ns == entries_of_ns_) {
    auto is_as_long = [&](const FileInfo& file) {
      struct stat info {};
      return stat((directory + "/" + file.name).c_str(), &info) == 0 &&
             static_cast<uint64_t>(info.st_size) == file.size;
    };
    return is_as_long({known.current, known.manifest_size}) &&
           std::all_of(known.logs.begin(), known.logs.end(), is_as_long);
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  bool is_still = ReadDirectoryState(directory) == known;
  bool settled = entries_of_ns + kSettledNs < ToNs(now);
  entries_of_ns_ = is_still && settled ? entries_of_ns : 0;
  return is_still;
}

DeletionLock::DeletionLock(const std::string& directory, Mode mode, int patience_ms)
    : descriptor_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) return;
  int operation = (mode == Mode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  for (int waited = 0;; ++waited) {
    held_ = flock(descriptor_, operation) == 0;
    refused_ = !held_ && errno == EWOULDBLOCK;
    if (!refused_ || waited >= patience_ms) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

DeletionLock::~DeletionLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

namespace {

/// Calls `use` with the words of each line of the kernel's table of locks that may be of the
/// store's lock file. False if there is no such table.
template <class Use>
bool ForEachLock(const std::string& directory, const Use& use) {
  // The kernel's table is asked, for opening and closing the lock file here would drop a lock this
  // very process holds. Only inodes are compared: on btrfs and overlays the table's device is not
  // the one stat tells. A like inode elsewhere costs no more than a notice that is not given.
  struct stat info {};
  if (stat((directory + "/LOCK").c_str(), &info) != 0) return true;
  std::string suffix = fmt::format(":{}", info.st_ino);
  std::ifstream locks("/proc/locks");
  if (!locks) return false;
  for (std::string line; std::getline(locks, line);) {
    std::istringstream in(line);
    std::vector<std::string> words(std::istream_iterator<std::string>(in), {});
    bool ours = std::any_of(words.begin(), words.end(),
                            [&](const std::string& word) { return word.ends_with(suffix); });
    if (ours) use(words);
  }
  return true;
}

}  // namespace

bool IsLocked(const std::string& directory) {
  bool locked = false;
  bool known = ForEachLock(directory, [&](const auto& /*words*/) { locked = true; });
  return locked || !known;
}

std::string LockHolder(const std::string& directory) {
  // `1: POSIX ADVISORY WRITE 1234 08:01:5678 0 EOF`
  constexpr size_t kProcess = 4;
  std::string holder;
  ForEachLock(directory, [&](const std::vector<std::string>& words) {
    if (words.size() <= kProcess || words[1] != "POSIX") return;
    std::ifstream in("/proc/" + words[kProcess] + "/comm");
    std::string name;
    std::getline(in, name);
    holder = words[kProcess] + (name.empty() ? "" : " (" + name + ")");
  });
  return holder;
}

}  // namespace obviews::engine
