// Runs the tools as child processes, as a shell would, and keeps what they said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace obviews::e2e {

/// What a finished child left.
struct Ran {
  int code = -1;  ///< exit code; minus the signal that ended it
  std::string out;
  std::string err;
  int64_t peak_kib = 0;  ///< most memory it had resident
  double seconds = 0;
};

/// What a child is given beside its arguments.
struct Given {
  std::string input;                     ///< standard input
  std::string output_file;               ///< standard output goes there, not into Ran::out
  size_t stop_reading_at = 0;            ///< close standard output after this many bytes; 0: never
  std::vector<std::string> environment;  ///< "NAME=value", added to the present one
  bool nobody = false;  ///< run as an unprivileged user, if this process may choose
};

Ran Run(const std::string& program, const std::vector<std::string>& arguments,
        const Given& given = {});

Ran DumpViews(const std::vector<std::string>& arguments, const Given& given = {});
Ran Obviewsctl(const std::vector<std::string>& arguments, const Given& given = {});

/// Whether the long forms of the tests are wanted (OBVIEWS_LONG_TESTS=1).
bool LongTests();

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& text);
/// A file below tests/data.
std::string DataPath(const std::string& name);

}  // namespace obviews::e2e
