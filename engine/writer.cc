// One commit; see writer.h.
#include "engine/writer.h"

#include <fmt/format.h>

namespace obviews::engine {

using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;

Status Writer::Check(const rocksdb::Status& status) const {
  if (status.ok()) return {};
  return Fail(TranslateError(status, database_.directory(), "writing"));
}

Status Writer::Write(size_t family, std::string_view key, std::string_view value) {
  changed_[family] = true;
  return Check(batch_.Put(database_.family(family), AsSlice(key), AsSlice(value)));
}

Status Writer::Erase(size_t family, std::string_view key) {
  changed_[family] = true;
  return Check(batch_.Delete(database_.family(family), AsSlice(key)));
}

Result<bool> Writer::Read(size_t family, std::string_view key, std::string* value) {
  rocksdb::Status read = batch_.GetFromBatchAndDB(&database_.db(), rocksdb::ReadOptions(),
                                                  database_.family(family), AsSlice(key), value);
  if (read.IsNotFound()) return false;
  OBVIEWS_RETURN_IF_ERROR(Check(read));
  return true;
}

Result<bool> Writer::FindTask(RecordKind kind, int64_t tenant_id, int64_t task_id,
                              int64_t* job_id) {
  std::string value;
  OBVIEWS_ASSIGN_OR_RETURN(bool found,
                           Read(kTaskIndexFamily, TaskIndexKey(tenant_id, task_id, kind), &value));
  if (!found) return false;
  if (value.size() != 8) {
    return Fail(
        ErrorCode::kCorruption,
        fmt::format("column family task_index: the entry of task ({}, {}) has {} bytes; the "
                    "store is damaged there",
                    tenant_id, task_id, value.size()));
  }
  *job_id = GetOrderedInt(value.data());
  return true;
}

Result<bool> Writer::Remove(RecordKind kind, const Key& key) {
  const RecordType& type = GetRecordType(kind);
  EncodedKey encoded = EncodeKey(key);
  std::string old;
  OBVIEWS_ASSIGN_OR_RETURN(bool found, Read(FamilyOf(kind), AsView(encoded), &old));
  if (!found) return false;
  RecordView view;
  // Of a damaged record nobody knows which texts it had: remove all it may have had.
  bool damaged = !view.Parse(type, key, old).empty();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    if (damaged || view.IsExternal(i)) {
      OBVIEWS_RETURN_IF_ERROR(Erase(kTextFamily, TextKey(kind, key, static_cast<uint16_t>(i))));
    }
  }
  OBVIEWS_RETURN_IF_ERROR(Erase(FamilyOf(kind), AsView(encoded)));
  if (type.per_task) {
    OBVIEWS_RETURN_IF_ERROR(
        Erase(kTaskIndexFamily, TaskIndexKey(key.tenant_id, key.task_id, kind)));
  }
  return true;
}

Status Writer::Put(const Record& record) {
  const RecordType& type = record.type();
  Key key = record.key();
  OBVIEWS_ASSIGN_OR_RETURN(bool replaced, Remove(type.kind, key));
  Key live = key;
  if (type.per_task) {
    Key elsewhere = key;
    OBVIEWS_ASSIGN_OR_RETURN(bool moved,
                             FindTask(type.kind, key.tenant_id, key.task_id, &elsewhere.job_id));
    if (moved) {
      OBVIEWS_ASSIGN_OR_RETURN(bool removed, Remove(type.kind, elsewhere));
      replaced |= removed;
    }
    if (type.history) {
      OBVIEWS_RETURN_IF_ERROR(FindTask(type.twin, key.tenant_id, key.task_id, &live.job_id));
    }
  }
  if (type.history) {
    OBVIEWS_ASSIGN_OR_RETURN(bool removed, Remove(type.twin, live));
    if (removed) ++result_.live_removed;
  }
  (replaced ? result_.replaced : result_.inserted) += 1;

  std::string bytes;
  std::vector<ExternalText> texts;
  EncodeRecord(record, &bytes, &texts);
  EncodedKey encoded = EncodeKey(key);
  OBVIEWS_RETURN_IF_ERROR(Write(FamilyOf(type.kind), AsView(encoded), bytes));
  for (const ExternalText& text : texts) {
    OBVIEWS_RETURN_IF_ERROR(Write(kTextFamily, TextKey(type.kind, key, text.field),
                                  std::get<std::string>(record[text.field])));
  }
  if (type.per_task) {
    std::string job(8, '\0');
    PutOrderedInt(job.data(), key.job_id);
    OBVIEWS_RETURN_IF_ERROR(
        Write(kTaskIndexFamily, TaskIndexKey(key.tenant_id, key.task_id, type.kind), job));
  }
  return {};
}

Status Writer::Delete(RecordKind kind, const Key& key) {
  OBVIEWS_RETURN_IF_ERROR(Remove(kind, key));
  return {};
}

Status Writer::PutTenant(const Tenant& tenant) {
  std::string key(8, '\0');
  PutOrderedInt(key.data(), tenant.id);
  return Write(kTenantFamily, key, EncodeTenant(tenant));
}

Status Writer::Stamp(Stamps* stamps) {
  for (size_t i = 0; i < FamilyNames().size(); ++i) {
    if (i == kDefaultFamily || !changed_[i]) continue;
    stamps->families[i] = stamps->commit.number;
    OBVIEWS_RETURN_IF_ERROR(Write(i, kStampKey, EncodeNumber(stamps->commit.number)));
  }
  return Write(kDefaultFamily, kStampKey, EncodeStamps(*stamps));
}

}  // namespace obviews::engine
