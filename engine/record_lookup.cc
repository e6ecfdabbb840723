// Records by key; see record_lookup.h.
#include "engine/record_lookup.h"

#include <fmt/format.h>

#include "engine/record_block.h"

namespace obviews::engine {
namespace {

using schema::RecordKind;
using schema::RecordType;

Error ReadError(const rocksdb::Status& status, const Database& database, const RecordType& type,
                const Key& key) {
  return TranslateError(status, database.directory(),
                        fmt::format("reading record {} of", ToString(type, key)));
}

/// A record under a key of its own.
class SingleLookup final : public RecordLookup {
 public:
  SingleLookup(const Database& database, const rocksdb::ReadOptions& options, RecordKind kind)
      : database_(database), options_(options), type_(schema::GetRecordType(kind)) {}

  Result<bool> Find(const Key& key) override {
    bytes_.Reset();
    EncodedKey encoded = EncodeKey(key);
    rocksdb::Status read = database_.db().Get(options_, database_.family(FamilyOf(type_.kind)),
                                              AsSlice(AsView(encoded)), &bytes_);
    if (read.IsNotFound()) return false;
    if (!read.ok()) return Fail(ReadError(read, database_, type_, key));
    std::string_view why = record_.Parse(type_, key, AsView(bytes_));
    if (!why.empty()) return Fail(RecordDamage(type_, key, why));
    return true;
  }
  const RecordView& record() const override { return record_; }

 private:
  const Database& database_;
  rocksdb::ReadOptions options_;
  const RecordType& type_;
  rocksdb::PinnableSlice bytes_;
  RecordView record_;
};

/// A row of a block.
class BlockLookup final : public RecordLookup {
 public:
  BlockLookup(const Database& database, const rocksdb::ReadOptions& options, RecordKind kind,
              FieldSet fields)
      : database_(database),
        type_(schema::GetRecordType(kind)),
        fields_(fields),
        at_(database_.db().NewIterator(options, database_.family(FamilyOf(kind)))) {}

  Result<bool> Find(const Key& key) override {
    // A block's key is that of its last record.
    EncodedKey encoded = EncodeKey(key);
    at_->Seek(AsSlice(AsView(encoded)));
    if (!at_->status().ok()) return Fail(ReadError(at_->status(), database_, type_, key));
    Key last;
    if (!at_->Valid() || !DecodeKey(AsView(at_->key()), &last)) return false;
    if (last.tenant_id != key.tenant_id || last.job_id != key.job_id) return false;
    std::string_view why = block_.Parse(type_, last, AsView(at_->value()), fields_);
    if (!why.empty()) return Fail(RecordDamage(type_, last, why));
    uint32_t row = block_.LowerBound(key.task_id);
    if (row == block_.rows() || block_.TaskId(row) != key.task_id) return false;
    record_ = RecordView(block_, row);
    return true;
  }
  const RecordView& record() const override { return record_; }

 private:
  const Database& database_;
  const RecordType& type_;
  FieldSet fields_;
  std::unique_ptr<rocksdb::Iterator> at_;
  RecordBlock block_;
  RecordView record_;
};

}  // namespace

Error RecordDamage(const RecordType& type, const Key& key, std::string_view why) {
  return {ErrorCode::kCorruption,
          fmt::format("record {} of column family {}: {}; the store is damaged there",
                      ToString(type, key), type.name, why)};
}

Error TaskIndexDamage(int64_t tenant_id, int64_t task_id, size_t size) {
  return {
      ErrorCode::kCorruption,
      fmt::format("column family task_index: the entry of task ({}, {}) has {} bytes; the store "
                  "is damaged there",
                  tenant_id, task_id, size)};
}

Status ReadExternalText(const Database& database, const rocksdb::ReadOptions& options,
                        const RecordView& record, size_t field, std::string* out) {
  ExternalText ref = record.External(field);
  RecordKind kind = record.type().kind;
  rocksdb::Status read =
      database.db().Get(options, database.family(kTextFamily),
                        TextKey(kind, record.key(), static_cast<uint16_t>(field)), out);
  auto damaged = [&](std::string_view why) {
    return Fail(RecordDamage(record.type(), record.key(),
                             fmt::format("its text {}, in column family text, {}",
                                         record.type().fields[field].name, why)));
  };
  if (read.IsNotFound()) return damaged("is missing");
  if (!read.ok()) return Fail(TranslateError(read, database.directory(), "reading texts of"));
  if (out->size() != ref.size) return damaged("has a wrong length");
  if (HashText(*out) != ref.hash) return damaged("has a wrong checksum");
  return {};
}

Result<schema::Record> MaterialiseRecord(const Database& database,
                                         const rocksdb::ReadOptions& options,
                                         const RecordView& view) {
  return MaterialiseRecord(view, [&](size_t field, std::string* text) {
    return ReadExternalText(database, options, view, field, text);
  });
}

std::unique_ptr<RecordLookup> MakeRecordLookup(const Database& database,
                                               const rocksdb::ReadOptions& options, RecordKind kind,
                                               FieldSet fields) {
  if (kind == RecordKind::kImportTaskHistory) {
    return std::make_unique<BlockLookup>(database, options, kind, fields);
  }
  return std::make_unique<SingleLookup>(database, options, kind);
}

}  // namespace obviews::engine
