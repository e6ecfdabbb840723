// Which recoveries a command is about: the one of --job, or all that the session may see.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/key.h"
#include "engine/progress/reader.h"
#include "virtual_tables/session.h"

namespace obviews::tools {

/// What --job says: "1002/1", TENANT_ID and JOB_ID. kInvalidArgument says what is expected.
Result<engine::Key> ParseJob(std::string_view text);

/// "1002/1"
std::string JobName(const engine::Key& job);

/// The recovery that `job` is of: a recover, import or restore job, or the number the recovery is
/// shown under. Without a job all that the session may see: those that have not ended in key order,
/// then the others, the latest end first. Sys sees every recovery under its first record's key, a
/// user tenant only its own parts under the parts' keys, as in the progress views.
/// Errors: kNotFound with the jobs there are, the same whether the tenant may not see the job or
/// nobody has it; damage.
Result<std::vector<engine::progress::RecoveryRef>> ChooseRecoveries(
    engine::progress::RecoveryReader& reader, const vtab::Session& session,
    const std::optional<engine::Key>& job);

}  // namespace obviews::tools
