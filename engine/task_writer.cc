// Changes of tasks; see task_writer.h.
#include "engine/task_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/record_lookup.h"
#include "engine/writer.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::RecordKind;

constexpr auto kLive = RecordKind::kImportTask;
constexpr auto kHistory = RecordKind::kImportTaskHistory;
constexpr size_t kFewSlots = 16;

template <class Slots, class Slot>
void SortSlots(Slots& slots) {
  auto before = [](const Slot& a, const Slot& b) { return a.IsBefore(b); };
  if (!std::is_sorted(slots.begin(), slots.end(), before)) {
    std::stable_sort(slots.begin(), slots.end(), before);
  }
  auto same = [](const Slot& a, const Slot& b) {
    return a.tenant_id == b.tenant_id && a.task_id == b.task_id;
  };
  slots.erase(std::unique(slots.begin(), slots.end(), same), slots.end());
}

/// The slot of a task; nullptr if there is none. Tasks mostly come in order, so the one after
/// `hint` is tried first; `hint` is moved there.
template <class Slots>
auto* FindSlot(Slots& slots, const Key& key, size_t* hint) {
  using Slot = typename Slots::value_type;
  auto is_it = [&](const Slot& slot) {
    return slot.tenant_id == key.tenant_id && slot.task_id == key.task_id;
  };
  if (++*hint >= slots.size() || !is_it(slots[*hint])) {
    Slot wanted;
    wanted.tenant_id = key.tenant_id;
    wanted.task_id = key.task_id;
    auto at = std::lower_bound(slots.begin(), slots.end(), wanted,
                               [](const Slot& a, const Slot& b) { return a.IsBefore(b); });
    *hint = static_cast<size_t>(at - slots.begin());
    if (at == slots.end() || !is_it(*at)) return static_cast<Slot*>(nullptr);
  }
  return &slots[*hint];
}

}  // namespace

Status TaskWriter::Apply(std::span<const TaskChange> changes) {
  if (changes.empty()) return {};
  OBVIEWS_RETURN_IF_ERROR(MakeSlots(changes));
  OBVIEWS_RETURN_IF_ERROR(LookUpLive());
  OBVIEWS_RETURN_IF_ERROR(LookUpHistory());
  for (Slots* slots : {&live_, &history_}) {
    for (Slot& slot : *slots) {
      slot.present = slot.stored;
      slot.job = slot.stored_job;
    }
  }
  for (const TaskChange& change : changes) OBVIEWS_RETURN_IF_ERROR(Change(change));
  for (const Slot& slot : live_) OBVIEWS_RETURN_IF_ERROR(WriteLive(slot));
  OBVIEWS_RETURN_IF_ERROR(counts_.Finish());
  return WriteHistoryTasks();
}

Result<bool> TaskWriter::HasLive(int64_t tenant_id) {
  auto known = has_live_.find(tenant_id);
  if (known != has_live_.end()) return known->second;
  constexpr int64_t kMin = schema::RangeSet::kMin;
  const Database& database = out_.database();
  std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(kTaskIndexFamily)));
  at->Seek(TaskIndexKey(tenant_id, kMin, RecordKind{}));
  OBVIEWS_RETURN_IF_ERROR(out_.Check(at->status()));
  bool has = at->Valid() && at->key().size() >= 8 && GetOrderedInt(at->key().data()) == tenant_id;
  has_live_[tenant_id] = has;
  return has;
}

Status TaskWriter::MakeSlots(std::span<const TaskChange> changes) {
  auto add = [](Slots& slots, const Key& key) {
    Slot& slot = slots.emplace_back();
    slot.tenant_id = key.tenant_id;
    slot.task_id = key.task_id;
    slot.guess = key.job_id;
  };
  bool any_live = std::any_of(changes.begin(), changes.end(),
                              [](const TaskChange& change) { return change.kind == kLive; });
  for (const TaskChange& change : changes) {
    if (change.kind == kLive) {
      add(live_, change.key);
      continue;
    }
    add(history_, change.key);
    // The live twin of a history task goes, if there can be one.
    if (change.put == nullptr) continue;  // neither a deletion nor an update touches it
    OBVIEWS_ASSIGN_OR_RETURN(bool may_be_live, HasLive(change.key.tenant_id));
    if (may_be_live || any_live) add(live_, change.key);
  }
  SortSlots<Slots, Slot>(live_);
  SortSlots<Slots, Slot>(history_);
  return {};
}

Status TaskWriter::Change(const TaskChange& change) {
  bool history = change.kind == kHistory;
  Slot* slot = FindSlot(history ? history_ : live_, change.key, history ? &at_history_ : &at_live_);
  if (change.expected != nullptr) return Check(*change.expected, *slot);
  if (change.update != nullptr) return Update(change, slot);
  if (change.put != nullptr) {
    Put(change, slot);
  } else if (slot->present && slot->job == change.key.job_id) {
    slot->present = false;
    slot->put = nullptr;
  }
  return {};
}

void TaskWriter::Put(const TaskChange& change, Slot* slot) {
  (slot->present ? change.result->replaced : change.result->inserted) += 1;
  slot->present = true;
  slot->job = change.key.job_id;
  slot->put = change.put;
  if (change.kind != kHistory || live_.empty()) return;
  Slot* twin = FindSlot(live_, change.key, &at_live_);
  if (twin == nullptr) return;
  if (twin->present) ++change.result->live_removed;
  twin->present = false;
  twin->put = nullptr;
}

Status TaskWriter::Update(const TaskChange& change, Slot* slot) {
  if (!slot->present || slot->job != change.key.job_id) {
    const schema::RecordType& type = GetRecordType(change.kind);
    return Fail(ErrorCode::kNotFound,
                fmt::format("no {} record {} to update", type.name, ToString(type, change.key)));
  }
  OBVIEWS_ASSIGN_OR_RETURN(schema::Record record, Read(change.kind, *slot));
  for (const auto& [field, value] : change.update->fields) record[field] = value;
  OBVIEWS_RETURN_IF_ERROR(ValidateRecord(record));
  slot->put = &updated_.emplace_back(std::move(record));
  ++change.result->replaced;
  return {};
}

Status TaskWriter::Check(const Batch::Expectation& expected, const Slot& slot) {
  if (!slot.present || slot.job != expected.key.job_id) return CheckExpectation(expected, nullptr);
  OBVIEWS_ASSIGN_OR_RETURN(schema::Record found, Read(expected.kind, slot));
  return CheckExpectation(expected, &found[expected.field]);
}

Result<schema::Record> TaskWriter::Read(RecordKind kind, const Slot& slot) {
  if (slot.put != nullptr) return *slot.put;
  Key key{slot.tenant_id, slot.job, slot.task_id};
  // Nothing is written yet, so the store's present state is the one the slots were read from.
  if (kind == kHistory || slot.bytes < 0) {
    auto lookup = MakeRecordLookup(out_.database(), rocksdb::ReadOptions(), kind, FieldSet::All());
    OBVIEWS_ASSIGN_OR_RETURN(bool found, lookup->Find(key));
    if (!found)
      return Fail(RecordDamage(GetRecordType(kind), key, "it is not where its facts say"));
    return MaterialiseRecord(out_.database(), rocksdb::ReadOptions(), lookup->record());
  }
  RecordView view;
  std::string_view why =
      view.Parse(GetRecordType(kind), key, AsView(records_[static_cast<size_t>(slot.bytes)]));
  if (!why.empty()) return Fail(RecordDamage(GetRecordType(kind), key, why));
  return MaterialiseRecord(out_.database(), rocksdb::ReadOptions(), view);
}

Status TaskWriter::WriteHistoryTasks() {
  std::vector<HistoryChange> changes;
  changes.reserve(history_.size());
  for (const Slot& slot : history_) {
    Key old{slot.tenant_id, slot.stored_job, slot.task_id};
    Key now{slot.tenant_id, slot.job, slot.task_id};
    if (slot.stored && (!slot.present || old != now)) changes.push_back({old});
    if (slot.put != nullptr) changes.push_back({now, slot.put});
  }
  auto before = [](const HistoryChange& a, const HistoryChange& b) { return a.key < b.key; };
  if (!std::is_sorted(changes.begin(), changes.end(), before)) {
    std::sort(changes.begin(), changes.end(), before);
  }
  return WriteHistory(changes, directories_, out_);
}

Status TaskWriter::LookUpLive() {
  std::vector<Slot*> slots;
  slots.reserve(live_.size());
  // Asking for a few is cheaper than asking whether there are any.
  bool few = live_.size() <= kFewSlots;
  for (Slot& slot : live_) {
    bool may_be_there = few;
    if (!few) {
      OBVIEWS_ASSIGN_OR_RETURN(may_be_there, HasLive(slot.tenant_id));
    }
    if (may_be_there) slots.push_back(&slot);
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
    keys[i] = EncodeKey({slots[i]->tenant_id, slots[i]->guess, slots[i]->task_id});
    slices[i] = AsSlice(AsView(keys[i]));
  }
  database.db().MultiGet(rocksdb::ReadOptions(), database.family(FamilyOf(kLive)), slots.size(),
                         slices.data(), values.data(), statuses.data());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    OBVIEWS_RETURN_IF_ERROR(out_.Check(statuses[i]));
    slots[i]->stored = true;
    slots[i]->stored_job = slots[i]->guess;
    slots[i]->bytes = static_cast<int32_t>(records_.size());
    records_.push_back(std::move(values[i]));
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
    keys.push_back(TaskIndexKey(slot->tenant_id, slot->task_id, kLive));
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
      return Fail(TaskIndexDamage(slots[i]->tenant_id, slots[i]->task_id, values[i].size()));
    }
    slots[i]->guess = GetOrderedInt(values[i].data());
    known.push_back(slots[i]);
  }
  return known;
}

Status TaskWriter::LookUpHistory() {
  const rocksdb::ReadOptions now;  // nobody else writes
  for (Slot& slot : history_) {
    int64_t tenant_id = slot.tenant_id;
    auto at = directories_.find(tenant_id);
    if (at == directories_.end()) {
      OBVIEWS_ASSIGN_OR_RETURN(HistoryDirectory directory,
                               HistoryDirectory::Load(out_.database(), now, tenant_id));
      at = directories_.emplace(tenant_id, std::move(directory)).first;
    }
    OBVIEWS_ASSIGN_OR_RETURN(std::optional<int64_t> job,
                             at->second.FindJob(out_.database(), now, slot.task_id));
    slot.stored = job.has_value();
    slot.stored_job = job.value_or(0);
  }
  return {};
}

Status TaskWriter::RemoveStored(const Slot& slot) {
  Key key{slot.tenant_id, slot.stored_job, slot.task_id};
  RecordView view;
  if (view.Parse(GetRecordType(kLive), key, AsView(records_[static_cast<size_t>(slot.bytes)]))
          .empty()) {
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
  Key old{slot.tenant_id, slot.stored_job, slot.task_id};
  Key now{slot.tenant_id, slot.job, slot.task_id};
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
