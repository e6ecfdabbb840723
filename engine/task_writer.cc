// Changes of tasks; see task_writer.h.
#include "engine/task_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::RecordKind;

constexpr auto kLive = RecordKind::kImportTask;
constexpr auto kHistory = RecordKind::kImportTaskHistory;

}  // namespace

Status TaskWriter::Apply(std::span<const TaskChange> changes) {
  if (changes.empty()) return {};
  MakeSlots(changes);
  OBVIEWS_RETURN_IF_ERROR(LookUpLive());
  OBVIEWS_RETURN_IF_ERROR(LookUpHistory());
  for (Slot& slot : slots_) {
    slot.present = slot.stored;
    slot.job = slot.stored_job;
  }
  for (const TaskChange& change : changes) {
    if (change.put != nullptr) {
      Put(change);
      continue;
    }
    Slot& slot = Find({change.kind == kHistory, change.key.tenant_id, change.key.task_id});
    if (slot.present && slot.job == change.key.job_id) {
      slot.present = false;
      slot.put = nullptr;
    }
  }
  std::vector<HistoryChange> history;
  for (const Slot& slot : slots_) {
    if (!slot.identity.history) {
      OBVIEWS_RETURN_IF_ERROR(WriteLive(slot));
      continue;
    }
    Key old{slot.identity.tenant_id, slot.stored_job, slot.identity.task_id};
    Key now{slot.identity.tenant_id, slot.job, slot.identity.task_id};
    if (slot.stored && (!slot.present || old != now)) history.push_back({old});
    if (slot.put != nullptr) history.push_back({now, slot.put});
  }
  OBVIEWS_RETURN_IF_ERROR(counts_.Finish());
  auto before = [](const HistoryChange& a, const HistoryChange& b) { return a.key < b.key; };
  if (!std::is_sorted(history.begin(), history.end(), before)) {
    std::sort(history.begin(), history.end(), before);
  }
  return WriteHistory(history, directories_, out_);
}

void TaskWriter::MakeSlots(std::span<const TaskChange> changes) {
  slots_.reserve(changes.size());
  auto add = [&](bool history, const Key& key) {
    Slot& slot = slots_.emplace_back();
    slot.identity = {history, key.tenant_id, key.task_id};
    slot.guess = key.job_id;
  };
  for (const TaskChange& change : changes) {
    add(change.kind == kHistory, change.key);
    // The live twin of a history task goes.
    if (change.kind == kHistory && change.put != nullptr) add(false, change.key);
  }
  auto before = [](const Slot& a, const Slot& b) { return a.identity < b.identity; };
  if (!std::is_sorted(slots_.begin(), slots_.end(), before)) {
    std::stable_sort(slots_.begin(), slots_.end(), before);
  }
  auto same = [](const Slot& a, const Slot& b) { return a.identity == b.identity; };
  slots_.erase(std::unique(slots_.begin(), slots_.end(), same), slots_.end());
}

TaskWriter::Slot& TaskWriter::Find(const Identity& identity) {
  return *std::lower_bound(
      slots_.begin(), slots_.end(), identity,
      [](const Slot& slot, const Identity& wanted) { return slot.identity < wanted; });
}

Status TaskWriter::LookUpLive() {
  std::vector<Slot*> slots;
  for (Slot& slot : slots_) {
    if (!slot.identity.history) slots.push_back(&slot);
  }
  OBVIEWS_RETURN_IF_ERROR(ReadRecords(slots));
  // Those not where they are put may be in another job.
  std::erase_if(slots, [](const Slot* slot) { return slot->stored; });
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<Slot*> elsewhere, AskIndex(slots));
  return ReadRecords(elsewhere);
}

Status TaskWriter::ReadRecords(const std::vector<Slot*>& slots) {
  if (slots.empty()) return {};
  const Database& database = out_.database();
  std::vector<EncodedKey> keys(slots.size());
  std::vector<rocksdb::Slice> slices(slots.size());
  std::vector<rocksdb::PinnableSlice> values(slots.size());
  std::vector<rocksdb::Status> statuses(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    keys[i] =
        EncodeKey({slots[i]->identity.tenant_id, slots[i]->guess, slots[i]->identity.task_id});
    slices[i] = AsSlice(AsView(keys[i]));
  }
  database.db().MultiGet(rocksdb::ReadOptions(), database.family(FamilyOf(kLive)), slots.size(),
                         slices.data(), values.data(), statuses.data());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    OBVIEWS_RETURN_IF_ERROR(out_.Check(statuses[i]));
    slots[i]->stored = true;
    slots[i]->stored_job = slots[i]->guess;
    slots[i]->bytes = std::move(values[i]);
  }
  return {};
}

Result<std::vector<TaskWriter::Slot*>> TaskWriter::AskIndex(const std::vector<Slot*>& slots) {
  std::vector<Slot*> known;
  if (slots.empty()) return known;
  const Database& database = out_.database();
  std::vector<std::string> keys;
  keys.reserve(slots.size());
  for (const Slot* slot : slots) {
    keys.push_back(TaskIndexKey(slot->identity.tenant_id, slot->identity.task_id, kLive));
  }
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(slots.size());
  std::vector<rocksdb::Status> statuses(slots.size());
  database.db().MultiGet(rocksdb::ReadOptions(), database.family(kTaskIndexFamily), slots.size(),
                         slices.data(), values.data(), statuses.data());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    OBVIEWS_RETURN_IF_ERROR(out_.Check(statuses[i]));
    if (values[i].size() != 8) {
      return Fail(
          ErrorCode::kCorruption,
          fmt::format("column family task_index: the entry of task ({}, {}) has {} bytes; the "
                      "store is damaged there",
                      slots[i]->identity.tenant_id, slots[i]->identity.task_id, values[i].size()));
    }
    slots[i]->guess = GetOrderedInt(values[i].data());
    known.push_back(slots[i]);
  }
  return known;
}

Status TaskWriter::LookUpHistory() {
  for (Slot& slot : slots_) {
    if (!slot.identity.history) continue;
    int64_t tenant_id = slot.identity.tenant_id;
    auto at = directories_.find(tenant_id);
    if (at == directories_.end()) {
      OBVIEWS_ASSIGN_OR_RETURN(HistoryDirectory directory,
                               HistoryDirectory::Load(out_.database(), tenant_id));
      at = directories_.emplace(tenant_id, std::move(directory)).first;
    }
    OBVIEWS_ASSIGN_OR_RETURN(std::optional<int64_t> job,
                             at->second.FindJob(out_.database(), slot.identity.task_id));
    slot.stored = job.has_value();
    slot.stored_job = job.value_or(0);
  }
  return {};
}

void TaskWriter::Put(const TaskChange& change) {
  bool history = change.kind == kHistory;
  Slot& slot = Find({history, change.key.tenant_id, change.key.task_id});
  (slot.present ? result_->replaced : result_->inserted) += 1;
  slot.present = true;
  slot.job = change.key.job_id;
  slot.put = change.put;
  if (!history) return;
  Slot& live = Find({false, change.key.tenant_id, change.key.task_id});
  if (live.present) ++result_->live_removed;
  live.present = false;
  live.put = nullptr;
}

Status TaskWriter::RemoveStored(const Slot& slot) {
  Key key{slot.identity.tenant_id, slot.stored_job, slot.identity.task_id};
  RecordView view;
  if (view.Parse(GetRecordType(kLive), key, AsView(slot.bytes)).empty()) {
    for (const ExternalText& text : view.ExternalTexts()) {
      OBVIEWS_RETURN_IF_ERROR(out_.Delete(kTextFamily, TextKey(kLive, key, text.field)));
    }
    return counts_.Remove(key, FactsOf(view));
  }
  // Of a damaged record nobody knows which texts it had: remove all it may have had. Nor which
  // group it was in; that the counts are wrong then is for `verify` to say.
  for (size_t i = 0; i < GetRecordType(kLive).fields.size(); ++i) {
    OBVIEWS_RETURN_IF_ERROR(
        out_.Delete(kTextFamily, TextKey(kLive, key, static_cast<uint16_t>(i))));
  }
  return {};
}

Status TaskWriter::WriteLive(const Slot& slot) {
  Key old{slot.identity.tenant_id, slot.stored_job, slot.identity.task_id};
  Key now{slot.identity.tenant_id, slot.job, slot.identity.task_id};
  bool goes = slot.stored && (!slot.present || slot.put != nullptr);
  if (goes) OBVIEWS_RETURN_IF_ERROR(RemoveStored(slot));
  if (goes && (!slot.present || old != now)) {
    EncodedKey key = EncodeKey(old);
    OBVIEWS_RETURN_IF_ERROR(out_.Delete(FamilyOf(kLive), AsView(key)));
  }
  std::string index = TaskIndexKey(now.tenant_id, now.task_id, kLive);
  if (slot.stored && !slot.present) return out_.Delete(kTaskIndexFamily, index);
  if (slot.put == nullptr) return {};

  std::string bytes;
  std::vector<ExternalText> texts;
  EncodeRecord(*slot.put, &bytes, &texts);
  EncodedKey key = EncodeKey(now);
  OBVIEWS_RETURN_IF_ERROR(out_.Put(FamilyOf(kLive), AsView(key), bytes));
  for (const ExternalText& text : texts) {
    OBVIEWS_RETURN_IF_ERROR(out_.Put(kTextFamily, TextKey(kLive, now, text.field),
                                     std::get<std::string>((*slot.put)[text.field])));
  }
  if (!slot.stored || old != now) {
    std::string job(8, '\0');
    PutOrderedInt(job.data(), now.job_id);
    OBVIEWS_RETURN_IF_ERROR(out_.Put(kTaskIndexFamily, index, job));
  }
  return counts_.Add(now, FactsOf(*slot.put));
}

}  // namespace obviews::engine
