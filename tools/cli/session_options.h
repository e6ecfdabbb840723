// The options that say who asks and in which zones, shared by the tools.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "virtual_tables/session_settings.h"

namespace obviews::tools {

struct SessionOptions : vtab::SessionSettings {
  /// Adds --tenant, --mode, --time-zone, --system-time-zone, --view-version and --show-secrets.
  void AddTo(CLI::App& app);
};

using vtab::ResolveTenant;
using vtab::UnknownTenantNotice;

/// The directory of a store: --db, else $OBVIEWS_DB, else ./obviews-db.
void AddDbOption(CLI::App& app, std::string& directory);

/// What is wrong with a zone, for an option's check(); "" if nothing.
std::string CheckZone(const std::string& text);

/// Says what is wrong with a command line and returns kExitUsage.
int PrintUsageError(const std::string& message);

/// Parses a command line. Engaged: the process is to end with this code (--help, or wrong options).
std::optional<int> ParseCommandLine(CLI::App& app, int argc, char** argv);

}  // namespace obviews::tools
