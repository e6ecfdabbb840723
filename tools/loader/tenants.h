// What records tell about tenants: their ids, names and modes. Fills the store's registry.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/store.h"
#include "schema/record.h"

namespace obviews::tools {

/// Tenants met so far, merged with those a store knows. Not thread-safe.
class TenantCollector {
 public:
  /// Takes what the store has; nothing known is ever forgotten.
  void Know(const std::vector<engine::Tenant>& tenants);
  void Know(const engine::Tenant& tenant);

  /// Learns from a record: its owner, the auxiliary tenant, the target. `mode`, if told, is the
  /// owner's.
  void Learn(const schema::Record& record, std::optional<schema::Mode> mode);

  /// Notes that an id is taken, without learning about its tenant.
  void Meet(int64_t id) { highest_ = std::max(highest_, id); }

  /// The first even id above every tenant id met; 1002 at least, the first a user tenant gets.
  /// nullopt if no id is left.
  std::optional<int64_t> NextUserTenant() const;

  /// Tenants that are new or say more than the store did.
  std::vector<engine::Tenant> Changed() const;
  std::vector<engine::Tenant> All() const;

 private:
  struct Entry {
    engine::Tenant tenant;
    bool changed = false;
  };
  void Name(int64_t id, std::string_view name, std::optional<schema::Mode> mode);

  std::map<int64_t, Entry> tenants_;
  int64_t highest_ = 0;
};

}  // namespace obviews::tools
