// Rows of base tables; see base_cursor.h.
#include "plugins/mariadb/base_cursor.h"

#include <algorithm>

#include "plugins/mariadb/key_bounds.h"

namespace obviews::mariadb {
namespace {

using engine::Key;
using schema::RangeSet;
using schema::Record;

/// The fields a cursor must read. Rows that are made of whole records need them all.
engine::FieldSet FieldsOf(const BaseTable& table, const std::vector<size_t>& columns) {
  if (table.shape != BaseShape::kRecord) return engine::FieldSet::All();
  engine::FieldSet fields;
  for (size_t column : columns) fields.Add(static_cast<size_t>(table.columns[column].field));
  return fields;
}

bool IsInside(const Key& key, const engine::Stretch& stretch) {
  return key >= stretch.first && key <= stretch.last;
}

}  // namespace

BaseRange BaseRange::All() {
  return {{{RangeSet::kMin, RangeSet::kMin, RangeSet::kMin},
           {RangeSet::kMax, RangeSet::kMax, RangeSet::kMax}}};
}

bool BaseRange::Contains(const RowKey& key) const {
  if (low && (low->inclusive ? key < low->key : key <= low->key)) return false;
  return !high || (high->inclusive ? key <= high->key : key < high->key);
}

Value ValueOf(const schema::FieldValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return Value::Int(*number);
  if (const auto* number = std::get_if<uint64_t>(&value)) return Value::Uint(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return Value::Text(*text);
  return Value::Null();
}

BaseCursor::BaseCursor(std::shared_ptr<const engine::Snapshot> snapshot, const BaseTable& table,
                       BaseRange range, const std::vector<size_t>& columns, const OwnRows& own)
    : snapshot_(std::move(snapshot)),
      table_(table),
      range_(std::move(range)),
      is_gone_(own.is_gone) {
  engine::ScanOptions options;
  options.fields = FieldsOf(table, columns);
  options.first = range_.records.first;
  options.last = range_.records.last;
  stored_ = snapshot_->Scan(table.record->kind, SpaceAround(range_.records), options);
  if (own.changes == nullptr) return;
  auto end = own.changes->upper_bound(range_.records.last);
  for (auto i = own.changes->lower_bound(range_.records.first); i != end; ++i) {
    if (own.leaves(i->first)) {
      leaving_.insert(i->first);
    } else {
      own_.push_back(*i);
    }
  }
}

bool BaseCursor::Wants(const RowKey& key) const {
  return range_.Contains(key) && !(leaving_.contains(key.record) && is_gone_(key));
}

Result<bool> BaseCursor::NextStored() {
  while (!stored_ends_) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, stored_->Next());
    if (!more) break;
    // Only walks over tasks are cut by the store.
    if (IsInside(stored_->record().key(), range_.records)) return true;
  }
  stored_ends_ = true;
  return false;
}

void BaseCursor::Expand(const Record& record) {
  in_place_ = false;
  rows_ = RowsOf(table_, record);
  std::erase_if(rows_, [&](const BaseRow& row) { return !Wants(KeyOf(table_, row)); });
  row_at_ = 0;
}

Result<bool> BaseCursor::NextRecord() {
  rows_.clear();
  in_place_ = false;
  if (!stored_is_next_) {
    OBVIEWS_ASSIGN_OR_RETURN(stored_is_next_, NextStored());
  }
  bool own_is_next = own_at_ < own_.size();
  if (!stored_is_next_ && !own_is_next) return false;
  if (own_is_next && (!stored_is_next_ || own_[own_at_].first <= stored_->record().key())) {
    auto& [key, record] = own_[own_at_++];
    if (stored_is_next_ && key == stored_->record().key()) stored_is_next_ = false;
    if (record) Expand(*record);
    return true;
  }
  stored_is_next_ = false;
  if (table_.shape == BaseShape::kRecord) {
    key_ = {stored_->record().key(), {}};
    in_place_ = Wants(key_);
    return true;
  }
  OBVIEWS_ASSIGN_OR_RETURN(Record record, snapshot_->Materialise(stored_->record()));
  Expand(record);
  return true;
}

Result<bool> BaseCursor::Next() {
  if (!rows_.empty()) ++row_at_;
  while (row_at_ >= rows_.size()) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextRecord());
    if (!more) return false;
    row_at_ = 0;
    if (in_place_) return true;
  }
  key_ = KeyOf(table_, rows_[row_at_]);
  return true;
}

Result<Value> BaseCursor::Column(size_t column) {
  if (!in_place_) return ValueOf(rows_[row_at_][column]);
  const engine::RecordView& record = stored_->record();
  auto field = static_cast<size_t>(table_.columns[column].field);
  if (record.IsNull(field)) return Value::Null();
  const schema::Field& definition = table_.record->fields[field];
  if (!definition.is_text()) {
    int64_t number = record.Int(field);
    bool scn = definition.type == schema::FieldType::kUint;
    return scn ? Value::Uint(static_cast<uint64_t>(number)) : Value::Int(number);
  }
  if (!record.IsExternal(field)) return Value::Text(record.Text(field));
  text_.clear();
  OBVIEWS_RETURN_IF_ERROR(snapshot_->ReadText(record, field, &text_));
  return Value::Text(text_);
}

Result<std::optional<Key>> FindTask(const engine::Snapshot& snapshot, schema::RecordKind kind,
                                    int64_t tenant_id, int64_t task_id, const OwnRows& own) {
  if (own.changes != nullptr) {
    // One look for each job that has changes.
    Key at{tenant_id, RangeSet::kMin, RangeSet::kMin};
    for (auto i = own.changes->lower_bound(at);
         i != own.changes->end() && i->first.tenant_id == tenant_id;
         i = own.changes->upper_bound({tenant_id, i->first.job_id, RangeSet::kMax})) {
      auto found = own.changes->find({tenant_id, i->first.job_id, task_id});
      if (found != own.changes->end() && found->second) return found->first;
    }
  }
  engine::KeySpace space;
  space.tenants = RangeSet::Of(tenant_id, tenant_id);
  space.tasks = RangeSet::Of(task_id, task_id);
  engine::ScanOptions options;
  options.fields = {};
  auto cursor = snapshot.ScanByTask(kind, space, options);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
    if (!more) return std::optional<Key>();
    Key key = cursor->record().key();
    bool gone = own.changes != nullptr && own.leaves(key) && own.is_gone({key, {}});
    if (!own.Hides(key) && !gone) return key;
  }
}

}  // namespace obviews::mariadb
