// `dump-views progress`: how far recoveries are, once or until they have ended.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "schema/status.h"
#include "tools/cli/session_options.h"
#include "tools/output/sink.h"

namespace obviews::tools {

struct ProgressCommand {
  std::string job;                   ///< "": all
  std::optional<std::string> watch;  ///< seconds; "": the default
  bool wait = false;
  std::optional<double> timeout;  ///< seconds
  bool json = false;              ///< an option of all of dump-views
  bool openmetrics = false;
  uint64_t ended = 10;

  /// Adds the options but --json.
  void AddTo(CLI::App& app);
  /// What is wrong with them; "" if nothing.
  std::string Check() const;
  /// Whether it goes on until the recoveries have ended.
  bool follows() const { return watch || wait; }
  /// REQUIRES: Check() found nothing.
  double interval_seconds() const;
};

/// Shows the recoveries. Returns the exit code: with --watch or --wait kExitOk, kExitRunning or
/// kExitFailed. Errors: those of opening the store, unless it may come yet; an unknown tenant or
/// job; damage.
Result<int> RunProgress(const std::string& db, const SessionOptions& session,
                        const ProgressCommand& command, Sink& sink);

}  // namespace obviews::tools
