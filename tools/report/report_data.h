// What the page of a report shows, collected from one snapshot.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "engine/progress/reader.h"
#include "engine/store.h"
#include "virtual_tables/session.h"

namespace obviews::tools {

/// Everything about one recovery as the page takes it; docs/report.md has the members. Secrets are
/// masked unless the session shows them. A user tenant gets its own jobs' rows only. Errors:
/// damage.
Result<nlohmann::ordered_json> CollectReport(
    const std::shared_ptr<const engine::Snapshot>& snapshot, const vtab::Session& session,
    engine::progress::RecoveryReader& reader, const engine::progress::RecoveryRef& ref);

}  // namespace obviews::tools
