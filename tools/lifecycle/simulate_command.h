// `obviewsctl simulate`: recoveries that only pretend to restore and import, driven to their end.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "schema/status.h"
#include "tools/output/sink.h"

namespace obviews::tools {

struct SimulateCommand {
  std::optional<int64_t> tenants;  ///< default: 1, or 0 on a store with live recoveries
  int64_t tables = 100;            ///< of each tenant
  double fail_rate = 0;
  double stall_rate = 0;
  double speed = 10;  ///< times real time; 0: as fast as possible
  uint64_t seed = 1;
  int parallel = 1;
  bool strict_tenants = false;
  std::string system_time_zone = "+08:00";

  void AddTo(CLI::App& app);
};

/// Starts the recoveries and drives them, and those the store already holds, to their end. Runs
/// the statements on standard input meanwhile. A line for each recovery at the end. Returns the
/// exit code: 128 and the signal's number if SIGINT or SIGTERM ended the run, which leaves the
/// store so that the next run goes on.
Result<int> RunSimulate(const std::string& db, const SimulateCommand& command, Sink& sink);

}  // namespace obviews::tools
