// The options that say who asks and in which zones, shared by the tools.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "engine/store.h"
#include "virtual_tables/session.h"

namespace obviews::tools {

struct SessionOptions {
  std::string tenant = "sys";
  std::string mode;
  std::string time_zone = "+08:00";
  std::string system_time_zone = "+08:00";
  std::string view_version = "4.2.1";
  bool show_secrets = false;

  /// Adds --tenant, --mode, --time-zone, --system-time-zone, --view-version and --show-secrets.
  void AddTo(CLI::App& app);

  /// Zones and shape; the tenant stays sys. Errors: kInvalidArgument.
  Result<vtab::Session> BaseSession() const;

  /// The session with its tenant looked up in the store's registry. An id need not be registered; a
  /// name must be (kNotFound otherwise).
  Result<vtab::Session> SessionFor(const engine::Snapshot& snapshot) const;

  std::optional<schema::Mode> ModeOption() const;
};

/// The directory of a store: --db, else $OBVIEWS_DB, else ./obviews-db.
void AddDbOption(CLI::App& app, std::string& directory);

/// The tenant `text` means: an id, a registered name, or sys. kNotFound with the nearest name and
/// those there are.
Result<engine::Tenant> ResolveTenant(const std::vector<engine::Tenant>& known,
                                     const std::string& text);

/// What to say when the store neither knows the session's tenant nor has a record it could see;
/// "" if it does, or cannot tell for damage.
std::string UnknownTenantNotice(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                const vtab::Session& session);

/// What is wrong with a zone, for an option's check(); "" if nothing.
std::string CheckZone(const std::string& text);

/// Says what is wrong with a command line and returns kExitUsage.
int PrintUsageError(const std::string& message);

/// Parses a command line. Engaged: the process is to end with this code (--help, or wrong options).
std::optional<int> ParseCommandLine(CLI::App& app, int argc, char** argv);

}  // namespace obviews::tools
