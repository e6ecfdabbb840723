// `obviewsctl exec`: statements of recoveries on a store that nobody holds.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tools/cli/exit_codes.h"
#include "tools/output/sink.h"

namespace obviews::tools {

struct ExecCommand {
  bool strict_tenants = false;
  bool force = false;
  std::string system_time_zone = "+08:00";
  std::vector<std::string> statements;  ///< none: from standard input

  void AddTo(CLI::App& app);
};

/// Runs the statements and prints a line for each. The store is made for the first recovery, if it
/// is missing and any tenant will do. Errors are those that end the run; with --force and on a
/// terminal those of statements are printed instead, and the code says that there were some.
Result<ExitCode> RunExec(const std::string& db, const ExecCommand& command, Sink& sink);

}  // namespace obviews::tools
