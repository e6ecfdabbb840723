// One commit; see writer.h.
#include "engine/writer.h"

#include "engine/task_writer.h"

namespace obviews::engine {

using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;

Status Writer::Apply(std::span<const Batch* const> batches, std::vector<CommitResult>* results) {
  results->assign(batches.size(), {});
  std::vector<TaskChange> tasks;
  for (size_t i = 0; i < batches.size(); ++i) {
    CommitResult* result = &(*results)[i];
    for (const Batch::Deletion& deletion : batches[i]->deletes()) {
      if (GetRecordType(deletion.kind).per_task) {
        tasks.push_back({deletion.kind, deletion.key, nullptr, nullptr, result});
      } else {
        OBVIEWS_RETURN_IF_ERROR(RemoveJob(deletion.kind, deletion.key));
      }
    }
    for (const Record& record : batches[i]->puts()) {
      if (record.type().per_task) {
        tasks.push_back({record.kind(), record.key(), &record, nullptr, result});
      } else {
        OBVIEWS_RETURN_IF_ERROR(PutJob(record, result));
      }
    }
    for (const Batch::FieldUpdate& update : batches[i]->updates()) {
      tasks.push_back({update.kind, update.key, nullptr, &update, result});
    }
    for (const Tenant& tenant : batches[i]->tenants()) OBVIEWS_RETURN_IF_ERROR(PutTenant(tenant));
  }
  return TaskWriter(changes_).Apply(tasks);
}

Result<bool> Writer::RemoveJob(RecordKind kind, const Key& key) {
  const RecordType& type = GetRecordType(kind);
  size_t family = FamilyOf(kind);
  EncodedKey encoded = EncodeKey(key);
  auto [at, unknown] = jobs_.try_emplace({family, std::string(AsView(encoded))});
  if (unknown) {
    const Database& database = changes_.database();
    std::string bytes;
    rocksdb::Status read = database.db().Get(rocksdb::ReadOptions(), database.family(family),
                                             AsSlice(AsView(encoded)), &bytes);
    if (!read.IsNotFound()) OBVIEWS_RETURN_IF_ERROR(changes_.Check(read));
    if (read.ok()) at->second = std::move(bytes);
  }
  if (!at->second) return false;
  RecordView view;
  // Of a damaged record nobody knows which texts it had: remove all it may have had.
  bool damaged = !view.Parse(type, key, *at->second).empty();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    if (!damaged && !view.IsExternal(i)) continue;
    OBVIEWS_RETURN_IF_ERROR(
        changes_.Delete(kTextFamily, TextKey(kind, key, static_cast<uint16_t>(i))));
  }
  at->second.reset();
  OBVIEWS_RETURN_IF_ERROR(changes_.Delete(family, AsView(encoded)));
  return true;
}

Status Writer::PutJob(const Record& record, CommitResult* result) {
  const RecordType& type = record.type();
  Key key = record.key();
  OBVIEWS_ASSIGN_OR_RETURN(bool replaced, RemoveJob(type.kind, key));
  if (type.history) {
    OBVIEWS_ASSIGN_OR_RETURN(bool removed, RemoveJob(type.twin, key));
    if (removed) ++result->live_removed;
  }
  (replaced ? result->replaced : result->inserted) += 1;

  std::string bytes;
  std::vector<ExternalText> texts;
  EncodeRecord(record, &bytes, &texts);
  EncodedKey encoded = EncodeKey(key);
  OBVIEWS_RETURN_IF_ERROR(changes_.Put(FamilyOf(type.kind), AsView(encoded), bytes));
  for (const ExternalText& text : texts) {
    OBVIEWS_RETURN_IF_ERROR(changes_.Put(kTextFamily, TextKey(type.kind, key, text.field),
                                         std::get<std::string>(record[text.field])));
  }
  jobs_[{FamilyOf(type.kind), std::string(AsView(encoded))}] = std::move(bytes);
  return {};
}

Status Writer::PutTenant(const Tenant& tenant) {
  std::string key(8, '\0');
  PutOrderedInt(key.data(), tenant.id);
  return changes_.Put(kTenantFamily, key, EncodeTenant(tenant));
}

}  // namespace obviews::engine
