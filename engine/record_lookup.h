// Fetching records by key. Internal to engine/.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/database.h"

namespace obviews::engine {

/// See Snapshot::Lookup. Must not outlive `database`.
std::unique_ptr<RecordLookup> MakeRecordLookup(const Database& database,
                                               const rocksdb::ReadOptions& options,
                                               schema::RecordKind kind, FieldSet fields);

/// See Snapshot::ReadText.
Status ReadExternalText(const Database& database, const rocksdb::ReadOptions& options,
                        const RecordView& record, size_t field, std::string* out);

/// See Snapshot::Materialise.
Result<schema::Record> MaterialiseRecord(const Database& database,
                                         const rocksdb::ReadOptions& options,
                                         const RecordView& view);
/// The same with `read_text(field, &text)`, which returns a Status, for texts kept elsewhere.
template <class ReadText>
Result<schema::Record> MaterialiseRecord(const RecordView& view, const ReadText& read_text) {
  schema::Record record(view.type().kind);
  auto fields = view.type().fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (view.IsNull(i)) {
      record[i] = std::monostate{};
    } else if (fields[i].type == schema::FieldType::kUint) {
      record[i] = static_cast<uint64_t>(view.Int(i));
    } else if (!fields[i].is_text()) {
      record[i] = view.Int(i);
    } else if (view.IsExternal(i)) {
      std::string text;
      OBVIEWS_RETURN_IF_ERROR(read_text(i, &text));
      record[i] = std::move(text);
    } else {
      record[i] = std::string(view.Text(i));
    }
  }
  return record;
}

/// An error about one record, or a block that ends with it.
Error RecordDamage(const schema::RecordType& type, const Key& key, std::string_view why);
/// The same about a live task's entry in the index, which is `size` bytes long.
Error TaskIndexDamage(int64_t tenant_id, int64_t task_id, size_t size);

}  // namespace obviews::engine
