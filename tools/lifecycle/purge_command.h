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
#include "schema/zone.h"
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

/// The instant an age such as `30d`, `12h`, `90m` or `45s` before `now_usec` means, or a date,
/// `2023-06-01` or `2023-06-01 06:00:00`, in `zone`. Microseconds since the epoch. Errors:
/// kInvalidArgument.
Result<int64_t> ParseAge(const std::string& text, int64_t now_usec, const schema::Zone& zone);

/// What the options ask for at `now_usec`, with the tenants looked up among those the store knows.
/// Errors: of ParseAge and ResolveTenant.
Result<lifecycle::RetentionPolicy> PolicyOf(const PurgeCommand& command,
                                            const std::vector<engine::Tenant>& known,
                                            int64_t now_usec);

/// Prints what was removed, or would be.
Status RunPurge(const std::string& db, const PurgeCommand& command, Sink& sink);

}  // namespace obviews::tools
