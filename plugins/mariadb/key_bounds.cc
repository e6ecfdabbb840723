// Stretches of the key order; see key_bounds.h.
#include "plugins/mariadb/key_bounds.h"

#include <array>

namespace obviews::mariadb {
namespace {

using engine::Key;
using schema::RangeSet;

using Parts = std::array<int64_t, 3>;

/// Steps to the next or last key, looking at the first `count` parts; false past the end.
bool Step(Parts& parts, size_t count, bool up) {
  int64_t end = up ? RangeSet::kMax : RangeSet::kMin;
  while (count > 0) {
    int64_t& part = parts[--count];
    if (part != end) {
      part += up ? 1 : -1;
      return true;
    }
    part = up ? RangeSet::kMin : RangeSet::kMax;
  }
  return false;
}

/// The first (or last) key inside a bound.
std::optional<Key> EndOf(std::optional<int64_t> tenant, const std::optional<KeyBound>& bound,
                         bool first) {
  int64_t open = first ? RangeSet::kMin : RangeSet::kMax;
  Parts parts = {open, open, open};
  size_t count = 0;
  if (tenant) parts[count++] = *tenant;
  size_t fixed = count;
  if (bound) {
    for (int64_t part : bound->parts) {
      if (count < parts.size()) parts[count++] = part;
    }
    if (!bound->inclusive && !Step(parts, count, first)) return std::nullopt;
    // Stepping past the tenant leaves its keys.
    if (fixed == 1 && parts[0] != *tenant) return std::nullopt;
  }
  return Key{parts[0], parts[1], parts[2]};
}

}  // namespace

std::optional<engine::Stretch> MakeStretch(std::optional<int64_t> tenant, bool with_tasks,
                                           std::optional<KeyBound> low,
                                           std::optional<KeyBound> high) {
  auto first = EndOf(tenant, low, true);
  auto last = EndOf(tenant, high, false);
  if (!first || !last) return std::nullopt;
  // Jobs have 0 for a task.
  if (!with_tasks) {
    first->task_id = 0;
    last->task_id = 0;
  }
  if (*last < *first) return std::nullopt;
  return engine::Stretch{*first, *last};
}

engine::KeySpace SpaceAround(const engine::Stretch& stretch) {
  engine::KeySpace space;
  const auto& [first, last] = stretch;
  space.tenants = RangeSet::Of(first.tenant_id, last.tenant_id);
  if (first.tenant_id != last.tenant_id) return space;
  space.jobs = RangeSet::Of(first.job_id, last.job_id);
  if (first.job_id != last.job_id) return space;
  space.tasks = RangeSet::Of(first.task_id, last.task_id);
  return space;
}

bool IsOneJob(const engine::Stretch& stretch) {
  return stretch.first.tenant_id == stretch.last.tenant_id &&
         stretch.first.job_id == stretch.last.job_id;
}

vtab::Predicate ConditionAround(const engine::Stretch& stretch, std::optional<int64_t> tenant,
                                std::span<const size_t> index) {
  Parts first = {stretch.first.tenant_id, stretch.first.job_id, stretch.first.task_id};
  Parts last = {stretch.last.tenant_id, stretch.last.job_id, stretch.last.task_id};
  size_t skipped = tenant ? 1 : 0;
  vtab::Predicate around;
  for (size_t part = 0; part < skipped + index.size(); ++part) {
    if (part >= skipped) {
      auto column = static_cast<int>(index[part - skipped]);
      if (first[part] == last[part]) {
        around.children.push_back(
            vtab::Predicate::Compare(column, vtab::CompareOp::kEq, first[part]));
      } else {
        around.children.push_back(vtab::Predicate::Between(column, first[part], last[part]));
      }
    }
    // Parts behind one that differs may have any value.
    if (first[part] != last[part]) break;
  }
  return around;
}

}  // namespace obviews::mariadb
