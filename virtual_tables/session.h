// Who asks: the tenant, its mode and the zones a view is shown in.
#pragma once

#include <cstdint>
#include <optional>

#include "schema/catalog.h"
#include "schema/zone.h"

namespace obviews::vtab {

/// The sys tenant's id (BEHAVIOUR §1).
inline constexpr int64_t kSysTenant = 1;

/// The settings a scan is made under. A value type; a scan copies what it needs.
struct Session {
  int64_t tenant_id = kSysTenant;
  schema::Mode mode = schema::Mode::kMySql;
  /// `time_zone`: START_TIMESTAMP and its like.
  schema::Zone time_zone = schema::Zone::Fixed(8 * 3600);
  /// `system_time_zone`: displays of SCNs.
  schema::Zone system_time_zone = schema::Zone::Fixed(8 * 3600);
  /// Secrets are hidden in the values themselves unless this is set.
  bool show_secrets = false;
  schema::RestoreShape shape = schema::RestoreShape::k421;
  /// The time that progress is told for, microseconds since the epoch. Default: when the snapshot
  /// was taken.
  std::optional<int64_t> now_usec = std::nullopt;

  bool is_sys() const { return tenant_id == kSysTenant; }
  const schema::Catalog& catalog() const { return schema::Catalog::Get(shape); }
  /// The definition of a view for this session's tenant; nullptr if there is none.
  const schema::View* FindView(std::string_view name) const {
    return catalog().Find(name, is_sys(), mode);
  }
};

}  // namespace obviews::vtab
