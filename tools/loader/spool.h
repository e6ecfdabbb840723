// Inputs that can be read once only (standard input, pipes), kept so that they can be read again.
#pragma once

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "schema/status.h"
#include "tools/loader/text_source.h"

namespace obviews::tools {

/// Opens inputs from their beginning as often as needed. The bytes of what is no regular file wait
/// in a temporary file without a name, which nobody else can open. Not thread-safe.
class Spool {
 public:
  Spool() = default;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// The input at its beginning; `-` is standard input. Errors: those of TextSource::Open, and
  /// kStoreUnreadable when there is no room to keep a copy.
  Result<std::unique_ptr<TextSource>> Open(const std::string& path);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  std::map<std::string, File> copies_;
};

}  // namespace obviews::tools
