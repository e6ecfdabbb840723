// The tenants of a store's registry as the targets of statements, for hosts without tenants of
// their own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "engine/lifecycle/tenants.h"
#include "engine/store.h"
#include "schema/status.h"

namespace obviews::lifecycle {

/// Finds tenants by name in the registry and, unless it is strict, gives an unknown one the next
/// even id: the first from 1002 on that is above the ids of all user tenants in the registry and in
/// the records, and no auxiliary tenant's. It is in the registry, as durably as the store commits,
/// before it is told of. The store is read once, so that nobody else may register tenants while
/// this lives. Thread-safe.
class StoreTenants final : public TenantResolver {
 public:
  /// `store` is borrowed; unless `strict`, it must be open for writing.
  StoreTenants(engine::Store& store, bool strict) : store_(store), strict_(strict) {}

  /// Errors: kNotFound, with -5157, for an unknown name if strict; kInvalidArgument, with -4002,
  /// for the sys tenant, meta tenants and auxiliary tenants, and for a name that two tenants have;
  /// those of the store.
  Result<TargetTenant> Resolve(std::string_view name) override;
  Result<TargetTenant> Find(std::string_view name) override;

 private:
  Status Load();
  Result<TargetTenant> Get(std::string_view name, bool may_register);
  Result<TargetTenant> Register(std::string_view name);

  engine::Store& store_;
  const bool strict_;
  std::mutex mutex_;
  bool loaded_ = false;
  std::map<std::string, engine::Tenant, std::less<>> known_;  ///< of two with one name, the first
  std::set<std::string, std::less<>> ambiguous_;
  std::set<int64_t> taken_;   ///< ids of all tenants
  int64_t highest_user_ = 0;  ///< of those that are not known to be auxiliary
};

}  // namespace obviews::lifecycle
