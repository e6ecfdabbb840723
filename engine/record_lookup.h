// Fetching records by key. Internal to engine/.
#pragma once

#include <memory>

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

/// An error about one record, or a block that ends with it.
Error RecordDamage(const schema::RecordType& type, const Key& key, std::string_view why);

}  // namespace obviews::engine
