// Keeping lookups; see lookup_pool.h.
#include "plugins/mariadb/lookup_pool.h"

#include <utility>

namespace obviews::mariadb {

LookupPool::Lookup LookupPool::Take(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                    const TenantView& target, const std::vector<size_t>& columns,
                                    const std::function<vtab::Session()>& session) {
  auto now = std::chrono::steady_clock::now();
  std::list<Lookup> old;  // ends after the lock
  std::list<Lookup> found;
  {
    std::lock_guard<std::mutex> lock(lock_);
    for (auto at = left_.begin(); at != left_.end();) {
      auto present = at++;
      if (present->stamp != snapshot->stamp() || now - present->made > kLifetime) {
        old.splice(old.end(), left_, present);
      } else if (found.empty() && present->target == target && present->columns == columns) {
        found.splice(found.end(), left_, present);
      }
    }
  }
  if (!found.empty()) return std::move(found.front());
  return {snapshot->stamp(), target, columns, now,
          std::make_unique<vtab::RowLookup>(snapshot, session(), *target.view, columns)};
}

void LookupPool::Leave(Lookup lookup) {
  // Texts of Oracle mode show times in the zone of the session that made it.
  if (lookup.target.view->mode == schema::Mode::kOracle) return;
  std::list<Lookup> old;
  std::list<Lookup> mine;
  mine.push_back(std::move(lookup));
  std::lock_guard<std::mutex> lock(lock_);
  left_.splice(left_.begin(), mine);
  if (left_.size() > kMost) old.splice(old.end(), left_, std::prev(left_.end()));
}

void LookupPool::Clear() {
  std::lock_guard<std::mutex> lock(lock_);
  left_.clear();
}

}  // namespace obviews::mariadb
