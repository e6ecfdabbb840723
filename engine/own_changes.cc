// A transaction's changes; see own_changes.h.
#include "engine/own_changes.h"

#include <algorithm>

namespace obviews::engine {

using schema::GetRecordType;
using schema::RecordKind;
using schema::RecordType;

const OwnChanges::Changes& OwnChanges::Of(RecordKind kind) const {
  auto index = static_cast<size_t>(kind);
  return changes_[index < kKinds ? index : 0];
}

bool OwnChanges::empty() const {
  return std::all_of(changes_.begin(), changes_.end(),
                     [](const Changes& of_kind) { return of_kind.empty(); });
}

const OwnChanges::Change* OwnChanges::Find(RecordKind kind, const Key& key) const {
  const Changes& of_kind = Of(kind);
  auto at = of_kind.find(key);
  return at == of_kind.end() ? nullptr : &at->second;
}

std::optional<Key> OwnChanges::FindPut(RecordKind kind, int64_t tenant_id, int64_t task_id) const {
  const auto& tasks = put_tasks_[GetRecordType(kind).history ? 1 : 0];
  auto at = tasks.find({tenant_id, task_id});
  if (at == tasks.end()) return std::nullopt;
  return at->second;
}

void OwnChanges::Set(RecordKind kind, const Key& key, Change change) {
  undo_.push_back({kind, key, Exchange(kind, key, std::move(change))});
}

std::optional<OwnChanges::Change> OwnChanges::Exchange(RecordKind kind, const Key& key,
                                                       std::optional<Change> change) {
  const RecordType& type = GetRecordType(kind);
  Changes& of_kind = At(kind);
  auto at = of_kind.find(key);
  std::optional<Change> before;
  if (at != of_kind.end()) before = std::move(at->second);
  if (type.per_task) {
    auto& tasks = put_tasks_[type.history ? 1 : 0];
    std::pair task(key.tenant_id, key.task_id);
    bool was_put = before && before->has_value();
    if (change && change->has_value()) {
      tasks[task] = key;
    } else if (was_put) {
      tasks.erase(task);
    }
  }
  if (!change) {
    if (at != of_kind.end()) of_kind.erase(at);
  } else if (at != of_kind.end()) {
    at->second = *std::move(change);
  } else {
    of_kind.emplace(key, *std::move(change));
  }
  return before;
}

void OwnChanges::RollbackTo(size_t mark) {
  while (undo_.size() > mark) {
    Undo& undo = undo_.back();
    Exchange(undo.kind, undo.key, std::move(undo.before));
    undo_.pop_back();
  }
}

bool OwnChanges::IsRemovedByPut(RecordKind kind, const Key& key) const {
  const RecordType& type = GetRecordType(kind);
  if (type.per_task) {
    return FindPut(kind, key.tenant_id, key.task_id) ||
           (!type.history && FindPut(type.twin, key.tenant_id, key.task_id));
  }
  const Change* twin = type.history ? nullptr : Find(type.twin, key);
  return twin != nullptr && twin->has_value();
}

Batch OwnChanges::Take() {
  Batch batch;
  // A history record removes its live twin: who has put both, put the live one after it.
  for (bool history : {true, false}) {
    for (const RecordType& type : schema::RecordTypes()) {
      if (type.history != history) continue;
      for (auto& [key, change] : At(type.kind)) {
        // A deletion of its own would be a job's that ends, and take its samples along.
        if (!change && !IsRemovedByPut(type.kind, key)) batch.Delete(type.kind, key);
      }
    }
  }
  for (bool history : {true, false}) {
    for (const RecordType& type : schema::RecordTypes()) {
      if (type.history != history) continue;
      for (auto& [key, change] : At(type.kind)) {
        if (change) batch.Put(*std::move(change));
      }
    }
  }
  Clear();
  return batch;
}

void OwnChanges::Clear() {
  for (Changes& of_kind : changes_) of_kind.clear();
  for (auto& tasks : put_tasks_) tasks.clear();
  undo_.clear();
}

}  // namespace obviews::engine
