// RocksDB's own log; see info_log.h.
#include "engine/info_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace obviews::engine {
namespace {

constexpr uint64_t kMaxSize = uint64_t{1} << 20;
/// Longer messages are cut.
constexpr size_t kMaxMessage = 8192;

}  // namespace

InfoLog::InfoLog(const std::string& directory)
    : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(directory + "/LOG") {}

InfoLog::~InfoLog() { CloseFile(); }

void InfoLog::Logv(const char* format, va_list arguments) {
  std::array<char, kMaxMessage> message{};
  if (std::vsnprintf(message.data(), message.size(), format, arguments) < 0) return;
  auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string line = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC {}\n", fmt::gmtime(now), message.data());
  std::lock_guard<std::mutex> lock(lock_);
  Prepare();
  if (file_ < 0) return;
  ssize_t written = write(file_, line.data(), line.size());
  if (written > 0) size_ += static_cast<uint64_t>(written);
}

void InfoLog::Prepare() {
  if (file_ >= 0 && size_ <= kMaxSize) return;
  for (bool renamed = false; !renamed;) {
    CloseFile();
    file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat about {};
    size_ = file_ >= 0 && fstat(file_, &about) == 0 ? static_cast<uint64_t>(about.st_size) : 0;
    if (size_ <= kMaxSize) return;
    renamed = std::rename(path_.c_str(), (path_ + ".old").c_str()) != 0;
  }
}

void InfoLog::CloseFile() {
  if (file_ >= 0) close(std::exchange(file_, -1));
}

}  // namespace obviews::engine
