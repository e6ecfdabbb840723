// Lookups by key that one statement leaves to the next: what they hold open costs more to make than
// a row to find. Knows no server.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "plugins/mariadb/store_views.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::mariadb {

/// Thread-safe. Keeps lookups of the store's newest state alone, for a second: they hold files that
/// the store would delete.
class LookupPool {
 public:
  /// A lookup of some columns of a view in one state of the store.
  struct Lookup {
    engine::CommitStamp stamp;
    TenantView target;
    std::vector<size_t> columns;
    std::chrono::steady_clock::time_point made;
    std::unique_ptr<vtab::RowLookup> rows;
  };

  /// One that was left, or a new one, for the session that `session` says.
  Lookup Take(const std::shared_ptr<const engine::Snapshot>& snapshot, const TenantView& target,
              const std::vector<size_t>& columns, const std::function<vtab::Session()>& session);
  /// Leaves one to others.
  void Leave(Lookup lookup);
  /// Before the store is closed.
  void Clear();

 private:
  static constexpr size_t kMost = 16;
  static constexpr std::chrono::seconds kLifetime{1};

  std::mutex lock_;
  std::list<Lookup> left_;  ///< the last one first
};

}  // namespace obviews::mariadb
