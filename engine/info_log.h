// What RocksDB has to say about a store that is written: the file LOG in its directory. Internal to
// engine/.
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdint>
#include <mutex>
#include <string>

namespace obviews::engine {

/// Warnings and errors, a line each, behind those of earlier processes; the file before is LOG.old.
/// A line that finds no room is left out: RocksDB's own logger, as Debian builds it, aborts the
/// process at the line after it. Thread-safe.
class InfoLog final : public rocksdb::Logger {
 public:
  /// Makes no file before there is something to say.
  explicit InfoLog(const std::string& directory);
  ~InfoLog() override;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;

 private:
  /// Has the file open, if it can be, and not too long.
  void Prepare();
  void CloseFile();

  const std::string path_;
  std::mutex lock_;
  int file_ = -1;
  uint64_t size_ = 0;  ///< of the file, in bytes
};

}  // namespace obviews::engine
