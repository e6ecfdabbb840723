// Who the tenants of a statement are: supplied by the host; the tools use the store's registry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schema/catalog.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// What a recovery must know of its target tenant.
struct TargetTenant {
  int64_t id = 0;
  std::string name;
  schema::Mode mode = schema::Mode::kMySql;
  bool lower_case_names = false;  ///< names are compared, and stored, in lower case
};

/// Finds tenants by name. Thread-safe.
class TenantResolver {
 public:
  virtual ~TenantResolver() = default;
  /// Errors: kNotFound for an unknown tenant.
  virtual Result<TargetTenant> Resolve(std::string_view name) = 0;
  /// The same for a statement that has no use for a new tenant, such as CANCEL, where Resolve may
  /// make one.
  virtual Result<TargetTenant> Find(std::string_view name) { return Resolve(name); }
};

}  // namespace obviews::lifecycle
