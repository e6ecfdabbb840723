// The part of the key order a scan must visit: one set of integers for each part of the key.
// Cursors jump over what lies outside, so `job_id = 3` without a tenant costs a seek per tenant,
// not a full scan.
#pragma once

#include <optional>
#include <string>

#include "engine/key.h"
#include "schema/range_set.h"

namespace obviews::engine {

/// The keys whose every part is in its set. A value type.
struct KeySpace {
  schema::RangeSet tenants = schema::RangeSet::All();
  schema::RangeSet jobs = schema::RangeSet::All();
  schema::RangeSet tasks = schema::RangeSet::All();

  bool IsAll() const { return tenants.IsAll() && jobs.IsAll() && tasks.IsAll(); }
  bool IsEmpty() const { return tenants.IsEmpty() || jobs.IsEmpty() || tasks.IsEmpty(); }
  bool Contains(const Key& key) const {
    return tenants.Contains(key.tenant_id) && jobs.Contains(key.job_id) &&
           tasks.Contains(key.task_id);
  }
  /// The smallest key inside that is not below `key`; nullopt past the last one.
  std::optional<Key> NextInside(const Key& key) const;

  KeySpace Intersect(const KeySpace& other) const {
    return {tenants.Intersect(other.tenants), jobs.Intersect(other.jobs),
            tasks.Intersect(other.tasks)};
  }
  /// "TENANT_ID 1002, JOB_ID 3", parts that are not narrowed left out; "all" if none is.
  std::string ToString() const;
};

}  // namespace obviews::engine
