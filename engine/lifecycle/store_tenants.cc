// Resolving and registering tenants; see store_tenants.h.
#include "engine/lifecycle/store_tenants.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/key_space.h"
#include "schema/lists.h"
#include "schema/quote.h"
#include "schema/records.h"

namespace obviews::lifecycle {
namespace {

constexpr int64_t kSysTenant = 1;
constexpr int64_t kFirstUserTenant = 1002;
constexpr int64_t kMostTenant = std::numeric_limits<int64_t>::max();
constexpr std::string_view kMetaPrefix = "META$";

/// User tenants have even ids; a tenant's meta tenant has the odd one below.
bool IsUserTenant(const engine::Tenant& tenant) {
  return tenant.id >= kFirstUserTenant && tenant.id % 2 == 0 &&
         !schema::IsAuxTenantName(tenant.name);
}

tl::unexpected<Error> RefuseTarget(std::string_view name, std::string_view what) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("-4002: tenant {} {}; the target of a recovery must be a user tenant",
                          schema::QuoteForMessage(name), what));
}

/// What a tenant of this name can only be, whatever the registry says; "" for a user tenant.
std::string_view KindByName(std::string_view name) {
  if (schema::SameName(name, "sys")) return "is the sys tenant";
  if (schema::IsAuxTenantName(name)) return "is an auxiliary tenant";
  if (schema::SameName(name.substr(0, kMetaPrefix.size()), kMetaPrefix)) return "is a meta tenant";
  return {};
}

/// Calls `take` with each tenant that has records of a kind: a seek for each, not a scan.
template <class Take>
Status ForEachTenant(const engine::Snapshot& snapshot, schema::RecordKind kind, Take take) {
  int64_t next = kSysTenant;
  while (true) {
    engine::KeySpace above;
    above.tenants = schema::RangeSet::Of(next, kMostTenant);
    auto cursor = snapshot.Scan(kind, above);
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return {};
    const int64_t id = cursor->record().key().tenant_id;
    take(id);
    if (id == kMostTenant) return {};
    next = id + 1;
  }
}

}  // namespace

Status StoreTenants::Load() {
  if (loaded_) return {};
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_.TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(auto tenants, snapshot->Tenants());
  known_.clear();  // of a reading that failed
  ambiguous_.clear();
  std::set<int64_t> auxiliary;
  for (const engine::Tenant& tenant : tenants) {
    taken_.insert(tenant.id);
    if (schema::IsAuxTenantName(tenant.name)) auxiliary.insert(tenant.id);
    if (tenant.name.empty()) continue;
    if (!known_.try_emplace(tenant.name, tenant).second) ambiguous_.insert(tenant.name);
  }
  for (const schema::RecordType& type : schema::RecordTypes()) {
    // Of restores, every owner but sys is an auxiliary tenant.
    const bool of_restore = type.kind == schema::RecordKind::kRestoreJob ||
                            type.kind == schema::RecordKind::kRestoreJobHistory;
    OBVIEWS_RETURN_IF_ERROR(ForEachTenant(*snapshot, type.kind, [&](int64_t id) {
      taken_.insert(id);
      if (of_restore && id != kSysTenant) auxiliary.insert(id);
    }));
  }
  for (int64_t id : taken_) {
    if (!auxiliary.contains(id)) highest_user_ = std::max(highest_user_, id);
  }
  loaded_ = true;
  return {};
}

Result<TargetTenant> StoreTenants::Resolve(std::string_view name) { return Get(name, !strict_); }
Result<TargetTenant> StoreTenants::Find(std::string_view name) { return Get(name, false); }

Result<TargetTenant> StoreTenants::Get(std::string_view name, bool may_register) {
  if (std::string_view kind = KindByName(name); !kind.empty()) return RefuseTarget(name, kind);
  std::lock_guard lock(mutex_);
  OBVIEWS_RETURN_IF_ERROR(Load());
  auto found = known_.find(name);
  if (found == known_.end()) {
    if (may_register) return Register(name);
    return Fail(ErrorCode::kNotFound,
                fmt::format("-5157: unknown tenant {}", schema::QuoteForMessage(name)));
  }
  const engine::Tenant& tenant = found->second;
  if (ambiguous_.contains(name)) return RefuseTarget(name, "is not one but several");
  if (!IsUserTenant(tenant)) {
    return RefuseTarget(name, fmt::format("has the id {}, which no user tenant has", tenant.id));
  }
  return TargetTenant{tenant.id, tenant.name, tenant.mode, false};
}

Result<TargetTenant> StoreTenants::Register(std::string_view name) {
  int64_t id = std::max(highest_user_ / 2 * 2, kFirstUserTenant - 2);
  do {
    if (id > kMostTenant - 2) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("-5157: unknown tenant {}, and no tenant id is left for it",
                              schema::QuoteForMessage(name)));
    }
    id += 2;
  } while (taken_.contains(id));
  engine::Tenant tenant;
  tenant.id = id;
  tenant.name = name;
  engine::Batch batch;
  batch.PutTenant(tenant);
  OBVIEWS_RETURN_IF_ERROR(store_.Commit(batch));
  taken_.insert(id);
  highest_user_ = id;
  known_.emplace(tenant.name, tenant);
  return TargetTenant{id, tenant.name, tenant.mode, false};
}

}  // namespace obviews::lifecycle
