// Runs a statement of a table recovery on a job store: parse, resolve, check, start or cancel.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/tenants.h"
#include "schema/status.h"
#include "schema/zone.h"

namespace obviews::lifecycle {

/// Where and as of when a recovery restores from, as only a host with the backup can tell.
struct RestorePoint {
  uint64_t scn = 0;  ///< nanoseconds since the epoch
  std::string backup_set_list;
  std::string backup_piece_list;
  std::string backup_tenant_name;
  int64_t backup_tenant_id = 0;
  std::string backup_cluster_name;
};

struct StatementContext {
  TenantResolver* tenants = nullptr;
  schema::Zone system_time_zone;  ///< UNTIL TIME is read in it
  /// The latest point the backup reaches, for a statement without UNTIL; default: now.
  std::function<Result<RestorePoint>(const std::string& backup_uri)> latest_point;
};

/// What a statement did.
struct StatementResult {
  int64_t sys_job_id = 0;  ///< of a started recovery; 0: none
  int64_t target_tenant_id = 0;
  CancelResult canceled;
};

/// Errors: kInvalidArgument with the server's code and the place in the statement; never a secret.
Result<StatementResult> RunStatement(std::string_view text, const StatementContext& context,
                                     JobStore& jobs);

}  // namespace obviews::lifecycle
