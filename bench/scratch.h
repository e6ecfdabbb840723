// A directory of its own below TMPDIR, removed with the object.
#pragma once

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace obviews::bench {

class Scratch {
 public:
  explicit Scratch(const std::string& name) {
    path_ = std::filesystem::temp_directory_path() / (name + "-XXXXXX");
    if (mkdtemp(path_.data()) == nullptr) {
      std::fprintf(stderr, "cannot make a directory %s\n", path_.c_str());
      std::exit(1);
    }
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace obviews::bench
