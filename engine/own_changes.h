// What a transaction has changed and not yet committed: of each record its last state, and the way
// back. Internal to engine/.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/store.h"

namespace obviews::engine {

/// Not thread-safe.
class OwnChanges {
 public:
  using Change = std::optional<schema::Record>;  ///< nullopt: deleted
  using Changes = std::map<Key, Change>;

  /// Of one kind, in key order. None of kinds that are not stored.
  const Changes& Of(schema::RecordKind kind) const;
  bool empty() const;
  /// nullptr if the record is as it was.
  const Change* Find(schema::RecordKind kind, const Key& key) const;
  /// The key that the tenant's task of this id is put under; nullopt if none is put.
  std::optional<Key> FindPut(schema::RecordKind kind, int64_t tenant_id, int64_t task_id) const;

  /// REQUIRES: a stored kind.
  void Set(schema::RecordKind kind, const Key& key, Change change);

  size_t SetMark() const { return undo_.size(); }
  /// Undoes what was set since.
  void RollbackTo(size_t mark);

  /// One batch that makes all changes, and leaves none here.
  Batch Take();
  void Clear();

 private:
  static constexpr size_t kKinds = static_cast<size_t>(schema::RecordKind::kRestoreJobHistory) + 1;
  struct Undo {
    schema::RecordKind kind;
    Key key;
    std::optional<Change> before;  ///< nullopt: there was no change
  };

  Changes& At(schema::RecordKind kind) { return changes_[static_cast<size_t>(kind)]; }
  /// Sets or, of nullopt, removes a change; returns the one there was.
  std::optional<Change> Exchange(schema::RecordKind kind, const Key& key,
                                 std::optional<Change> change);
  /// Whether another record of these changes removes this one when it is put.
  bool IsRemovedByPut(schema::RecordKind kind, const Key& key) const;

  std::array<Changes, kKinds> changes_;  ///< by kind
  /// Keys of tasks that are put, live and history, by tenant and task.
  std::array<std::map<std::pair<int64_t, int64_t>, Key>, 2> put_tasks_;
  std::vector<Undo> undo_;
};

}  // namespace obviews::engine
