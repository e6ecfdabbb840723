// `obviewsctl purge`: takes old jobs out of a store's history.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/lifecycle/retention.h"
#include "engine/store.h"
#include "schema/status.h"
#include "tools/output/sink.h"

namespace obviews::tools {

struct PurgeCommand {
  std::string older_than;
  std::optional<uint64_t> keep;
  std::vector<std::string> tenants;  ///< ids or names; none: all
  bool dry_run = false;
  std::string time_zone = "+08:00";

  void AddTo(CLI::App& app);
  /// What is wrong with the options together; "" if nothing.
  std::string Check() const;
};

/// What the options ask for at `now_usec`, with the tenants looked up among those the store knows.
/// Errors: of ParseInstant and ResolveTenant.
Result<lifecycle::RetentionPolicy> PolicyOf(const PurgeCommand& command,
                                            const std::vector<engine::Tenant>& known,
                                            int64_t now_usec);

/// Prints what was removed, or would be.
Status RunPurge(const std::string& db, const PurgeCommand& command, Sink& sink);

}  // namespace obviews::tools
