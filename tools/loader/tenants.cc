// Learning tenants from records; see tenants.h.
#include "tools/loader/tenants.h"

#include <limits>

#include "schema/numbers.h"
#include "virtual_tables/session.h"

namespace obviews::tools {
namespace {
using schema::RecordKind;
constexpr int64_t kFirstUserTenant = 1002;
}  // namespace

void TenantCollector::Know(const engine::Tenant& tenant) {
  Meet(tenant.id);
  auto [found, is_new] = tenants_.try_emplace(tenant.id);
  Entry& entry = found->second;
  // A tenant of which only the id is known is news too.
  if (!is_new && entry.tenant == tenant) return;
  entry.tenant = tenant;
  entry.changed = true;
}

void TenantCollector::Know(const std::vector<engine::Tenant>& tenants) {
  for (const engine::Tenant& tenant : tenants) {
    Meet(tenant.id);
    tenants_[tenant.id].tenant = tenant;
  }
}

void TenantCollector::Name(int64_t id, std::string_view name, std::optional<schema::Mode> mode) {
  if (id <= 0) return;  // 0: not created yet
  Meet(id);
  auto [found, is_new] = tenants_.try_emplace(id);
  Entry& entry = found->second;
  if (is_new) {
    entry.tenant.id = id;
    entry.changed = true;
  }
  if (!name.empty() && entry.tenant.name != name) {
    entry.tenant.name = name;
    entry.changed = true;
  }
  if (mode && (!entry.tenant.mode_known || entry.tenant.mode != *mode)) {
    entry.tenant.mode_known = true;
    entry.tenant.mode = *mode;
    entry.changed = true;
  }
}

void TenantCollector::Learn(const schema::Record& record, std::optional<schema::Mode> mode) {
  int64_t owner = record.Int("tenant_id");
  bool is_sys = owner == vtab::kSysTenant;
  if (is_sys) mode = schema::Mode::kMySql;
  Name(owner, is_sys ? "sys" : "", mode);
  switch (record.kind()) {
    case RecordKind::kRecoverJob:
    case RecordKind::kRecoverJobHistory:
      // The user tenant's own record names its owner; the sys record may know the target's id.
      Name(is_sys ? record.Int("target_tenant_id") : owner, record.Text("target_tenant_name"),
           std::nullopt);
      break;
    case RecordKind::kImportJob:
    case RecordKind::kImportJobHistory:
      Name(record.Int("src_tenant_id"), record.Text("src_tenant_name"), std::nullopt);
      break;
    case RecordKind::kImportTask:
    case RecordKind::kImportTaskHistory:
      Name(record.Int("src_tenant_id"), "", std::nullopt);
      break;
    case RecordKind::kRestoreJob:
      Name(schema::ParseInt64Prefix(record.Text("restore_tenant_id")).value,
           record.Text("restore_tenant_name"), std::nullopt);
      break;
    case RecordKind::kRestoreJobHistory:
      Name(record.Int("restore_tenant_id"), record.Text("restore_tenant_name"), std::nullopt);
      break;
    case RecordKind::kTaskSummary:
    case RecordKind::kTaskSummaryOracle:
    case RecordKind::kProgress:
    case RecordKind::kTenantProgress:
      break;
  }
}

std::optional<int64_t> TenantCollector::NextUserTenant() const {
  if (highest_ < kFirstUserTenant) return kFirstUserTenant;
  if (highest_ > std::numeric_limits<int64_t>::max() - 2) return std::nullopt;
  return highest_ / 2 * 2 + 2;
}

std::vector<engine::Tenant> TenantCollector::Changed() const {
  std::vector<engine::Tenant> out;
  for (const auto& [id, entry] : tenants_) {
    if (entry.changed) out.push_back(entry.tenant);
  }
  return out;
}

std::vector<engine::Tenant> TenantCollector::All() const {
  std::vector<engine::Tenant> out;
  for (const auto& [id, entry] : tenants_) out.push_back(entry.tenant);
  return out;
}

}  // namespace obviews::tools
