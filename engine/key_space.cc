// Jumping through a key space; see key_space.h.
#include "engine/key_space.h"

namespace obviews::engine {
namespace {
constexpr int64_t kMin = schema::RangeSet::kMin;
constexpr int64_t kMax = schema::RangeSet::kMax;
}  // namespace

std::optional<Key> KeySpace::NextInside(const Key& from) const {
  if (IsEmpty()) return std::nullopt;
  int64_t first_job = *jobs.NextMember(kMin);
  int64_t first_task = *tasks.NextMember(kMin);
  auto tenant = tenants.NextMember(from.tenant_id);
  if (!tenant) return std::nullopt;
  if (*tenant != from.tenant_id) return Key{*tenant, first_job, first_task};
  auto job = jobs.NextMember(from.job_id);
  if (job && *job == from.job_id) {
    if (auto task = tasks.NextMember(from.task_id)) return Key{*tenant, *job, *task};
    job = from.job_id == kMax ? std::nullopt : jobs.NextMember(from.job_id + 1);
  }
  if (job) return Key{*tenant, *job, first_task};
  tenant = from.tenant_id == kMax ? std::nullopt : tenants.NextMember(from.tenant_id + 1);
  if (tenant) return Key{*tenant, first_job, first_task};
  return std::nullopt;
}

std::string KeySpace::ToString() const {
  std::string out;
  auto add = [&](const char* name, const schema::RangeSet& set) {
    if (set.IsAll()) return;
    if (!out.empty()) out += ", ";
    out += name;
    out += ' ';
    out += set.ToString();
  };
  add("TENANT_ID", tenants);
  add("JOB_ID", jobs);
  add("TASK_ID", tasks);
  return out.empty() ? "all" : out;
}

}  // namespace obviews::engine
