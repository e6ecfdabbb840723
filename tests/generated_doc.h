// A program that prints a page of docs/, or with --check FILE tells whether that file is what it
// would print. Header-only.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

namespace obviews::docs {

/// 0 if the file at `path` holds exactly `page`; else 1, and the first line that differs on
/// standard error. `program` writes the page, from `source`.
inline int CheckPage(const std::string& page, const char* path, std::string_view program,
                     std::string_view source) {
  std::ifstream file(path, std::ios::binary);
  std::istringstream wanted(page);
  std::string there;
  std::string want;
  for (int line = 1;; ++line) {
    bool more = static_cast<bool>(std::getline(wanted, want));
    bool has = static_cast<bool>(std::getline(file, there));
    if (!more && !has) return 0;
    if (more == has && want == there) continue;
    fmt::print(stderr, "{}:{}: not what {} says; run {} > {}\n  there:  {}\n  wanted: {}\n", path,
               line, source, program, path, has ? there : "(end)", more ? want : "(end)");
    return 1;
  }
}

/// The program's main.
inline int PrintOrCheckPage(std::span<char*> arguments, const std::string& page,
                            std::string_view program, std::string_view source) {
  if (arguments.size() == 1) {
    fmt::print("{}", page);
    return 0;
  }
  if (arguments.size() == 3 && std::string_view(arguments[1]) == "--check") {
    return CheckPage(page, arguments[2], program, source);
  }
  fmt::print(stderr, "usage: {} [--check FILE]\n", program);
  return 2;
}

}  // namespace obviews::docs
