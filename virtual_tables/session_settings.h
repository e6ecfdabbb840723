// What a host is told about a session in words, tenants by name and zones by text, and the session
// that makes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/store.h"
#include "virtual_tables/session.h"

namespace obviews::vtab {

/// A value type.
struct SessionSettings {
  std::string tenant = "sys";  ///< an id, a registered name, or sys
  std::string mode;            ///< mysql or oracle; "": the tenant's
  std::string time_zone = "+08:00";
  std::string system_time_zone = "+08:00";
  std::string view_version = "4.2.1";
  bool show_secrets = false;

  /// Zones and shape; the tenant stays sys. Errors: kInvalidArgument.
  Result<Session> BaseSession() const;

  /// The session with its tenant looked up in the store's registry. An id need not be registered; a
  /// name must be (kNotFound otherwise).
  Result<Session> SessionFor(const engine::Snapshot& snapshot) const;
};

/// The tenant `text` means: an id, a registered name, or sys. kNotFound with the nearest name and
/// those there are.
Result<engine::Tenant> ResolveTenant(const std::vector<engine::Tenant>& known,
                                     const std::string& text);

/// What to say when the store neither knows the session's tenant nor has a record it could see;
/// "" if it does, or cannot tell for damage.
std::string UnknownTenantNotice(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                const Session& session);

}  // namespace obviews::vtab
