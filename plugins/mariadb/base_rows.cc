// Rows and records; see base_rows.h.
#include "plugins/mariadb/base_rows.h"

#include <algorithm>
#include <utility>

#include "engine/store.h"

namespace obviews::mariadb {
namespace {

using schema::Field;
using schema::FieldType;
using schema::FieldValue;
using schema::NamedValue;
using schema::Origin;
using schema::Record;
using schema::RecordType;

bool IsNull(const FieldValue& value) { return std::holds_alternative<std::monostate>(value); }

int64_t IntOf(const FieldValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

std::string TextOf(const FieldValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

// --- Pairs -------------------------------------------------------------------------------------

size_t OtherPairs(const RecordType& type) {
  size_t i = 0;
  while (type.fields[i].type != FieldType::kPairs) ++i;
  return i;
}

/// The field a pair is kept in; nullopt: with the other pairs.
std::optional<size_t> FieldOfPair(const RecordType& type, std::string_view name) {
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const Field& field = type.fields[i];
    if (field.origin != Origin::kPair || field.type == FieldType::kPairs) continue;
    if (field.source_name() == name) return i;
  }
  return std::nullopt;
}

/// All pairs of a record, by name. A pair whose value is NULL is among the others, for NULL in a
/// field means that there is no pair.
std::vector<NamedValue> PairsOf(const Record& record) {
  const RecordType& type = record.type();
  std::vector<NamedValue> pairs = schema::DecodePairs(TextOf(record[OtherPairs(type)]));
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const Field& field = type.fields[i];
    if (field.origin != Origin::kPair || field.type == FieldType::kPairs) continue;
    if (!IsNull(record[i])) pairs.push_back({std::string(field.source_name()), TextOf(record[i])});
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const NamedValue& a, const NamedValue& b) { return a.name < b.name; });
  return pairs;
}

/// Takes a pair out; false if there is none.
bool TakePair(Record& record, const std::string& name) {
  auto field = FieldOfPair(record.type(), name);
  bool taken = field && !IsNull(record[*field]);
  if (taken) record[*field] = std::monostate{};
  FieldValue& others = record[OtherPairs(record.type())];
  std::vector<NamedValue> pairs = schema::DecodePairs(TextOf(others));
  taken |= std::erase_if(pairs, [&](const NamedValue& pair) { return pair.name == name; }) != 0;
  if (pairs.empty()) {
    others = std::monostate{};
  } else {
    others = schema::EncodePairs(pairs);
  }
  return taken;
}

void PutPair(Record& record, const std::string& name, const FieldValue& value) {
  TakePair(record, name);
  auto field = FieldOfPair(record.type(), name);
  if (field && !IsNull(value)) {
    record[*field] = value;
    return;
  }
  FieldValue& others = record[OtherPairs(record.type())];
  std::vector<NamedValue> pairs = schema::DecodePairs(TextOf(others));
  pairs.push_back({name, TextOf(value), IsNull(value)});
  others = schema::EncodePairs(pairs);
}

/// Whether anything of a restore job is left.
bool IsEmpty(const Record& record) {
  const RecordType& type = record.type();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    bool part =
        type.fields[i].origin == Origin::kPair || type.fields[i].origin == Origin::kProgress;
    if (part && !IsNull(record[i])) return false;
  }
  return true;
}

bool HasProgress(const Record& record) {
  const RecordType& type = record.type();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    if (type.fields[i].origin == Origin::kProgress && !IsNull(record[i])) return true;
  }
  return false;
}

/// A record's row without the columns of a pair. Fields of a progress that are missing beside
/// others are 0, for the column is NOT NULL.
BaseRow PlainRow(const BaseTable& table, const Record& record) {
  BaseRow row(table.columns.size());
  for (size_t i = 0; i < row.size(); ++i) {
    int field = table.columns[i].field;
    if (field < 0) continue;
    row[i] = record[static_cast<size_t>(field)];
    if (!IsNull(row[i]) || table.columns[i].type.nullable) continue;
    if (table.columns[i].type.kind == FieldKind::kUnsigned) {
      row[i] = uint64_t{0};
    } else {
      row[i] = int64_t{0};
    }
  }
  return row;
}

BaseRow PairRow(const BaseTable& table, const BaseRow& plain, NamedValue pair) {
  BaseRow row = plain;
  row[table.name_column] = std::move(pair.name);
  if (!pair.is_null) row[table.value_column] = std::move(pair.value);
  return row;
}

/// The earlier (or later) of two times; one that is NULL does not count.
FieldValue Extreme(const FieldValue& a, const FieldValue& b, bool earlier) {
  if (IsNull(a)) return b;
  if (IsNull(b)) return a;
  return earlier ? std::min(IntOf(a), IntOf(b)) : std::max(IntOf(a), IntOf(b));
}

/// The record with one pair more, or another value of a pair.
void PutPairRow(const BaseTable& table, Record& record, bool is_new, const BaseRow& row) {
  std::string name = TextOf(row[table.name_column]);
  bool added = !is_new && !FindRow(table, record, name).has_value();
  for (size_t i = 0; i < row.size(); ++i) {
    if (table.columns[i].field < 0) continue;
    auto field = static_cast<size_t>(table.columns[i].field);
    bool time = record.type().fields[field].type == FieldType::kTime;
    bool created = table.columns[i].name == "gmt_create";
    record[field] = time && added ? Extreme(record[field], row[i], created) : row[i];
  }
  PutPair(record, name, row[table.value_column]);
}

/// The field that holds the value of a column; nullptr for names, and values without a field.
const Field* FieldOf(const BaseTable& table, const BaseRow& row, size_t column) {
  int field = table.columns[column].field;
  if (field >= 0) return &table.record->fields[static_cast<size_t>(field)];
  if (column != table.value_column) return nullptr;
  auto of_pair = FieldOfPair(*table.record, TextOf(row[table.name_column]));
  return of_pair ? &table.record->fields[*of_pair] : nullptr;
}

}  // namespace

RowKey KeyOf(const BaseTable& table, const BaseRow& row) {
  RowKey key;
  for (size_t i = 0; i < row.size(); ++i) {
    int field = table.columns[i].field;
    if (field < 0) continue;
    switch (table.record->fields[static_cast<size_t>(field)].key_part) {
      case schema::KeyPart::kTenant:
        key.record.tenant_id = IntOf(row[i]);
        break;
      case schema::KeyPart::kJob:
        key.record.job_id = IntOf(row[i]);
        break;
      case schema::KeyPart::kTask:
        key.record.task_id = IntOf(row[i]);
        break;
      case schema::KeyPart::kNone:
        break;
    }
  }
  if (table.shape == BaseShape::kPairs) key.name = TextOf(row[table.name_column]);
  return key;
}

std::vector<BaseRow> RowsOf(const BaseTable& table, const Record& record) {
  if (table.shape == BaseShape::kProgress && !HasProgress(record)) return {};
  BaseRow plain = PlainRow(table, record);
  if (table.shape != BaseShape::kPairs) return {std::move(plain)};
  std::vector<BaseRow> rows;
  for (NamedValue& pair : PairsOf(record)) rows.push_back(PairRow(table, plain, std::move(pair)));
  return rows;
}

std::optional<BaseRow> FindRow(const BaseTable& table, const Record& record,
                               const std::string& name) {
  for (BaseRow& row : RowsOf(table, record)) {
    if (table.shape != BaseShape::kPairs || TextOf(row[table.name_column]) == name) {
      return std::move(row);
    }
  }
  return std::nullopt;
}

Record WithRow(const BaseTable& table, std::optional<Record> record, const BaseRow& row) {
  bool is_new = !record.has_value();
  Record changed = is_new ? Record(table.record->kind) : *std::move(record);
  if (table.shape == BaseShape::kPairs) {
    PutPairRow(table, changed, is_new, row);
    return changed;
  }
  for (size_t i = 0; i < row.size(); ++i) {
    changed[static_cast<size_t>(table.columns[i].field)] = row[i];
  }
  return changed;
}

std::optional<Record> WithoutRow(const BaseTable& table, Record record, const std::string& name) {
  if (table.shape == BaseShape::kRecord) return std::nullopt;
  if (table.shape == BaseShape::kPairs) {
    TakePair(record, name);
  } else {
    for (size_t i = 0; i < record.size(); ++i) {
      if (record.type().fields[i].origin == Origin::kProgress) record[i] = std::monostate{};
    }
  }
  if (IsEmpty(record)) return std::nullopt;
  return record;
}

std::optional<ValueFault> FindFault(const BaseTable& table, const BaseRow& row) {
  for (size_t i = 0; i < row.size(); ++i) {
    const Field* field = FieldOf(table, row, i);
    bool id_too_small = field != nullptr && field->is_key() && IntOf(row[i]) < 1;
    if (id_too_small || (field != nullptr && engine::ScnTooLarge(*field, row[i]))) {
      return ValueFault{ValueFault::Kind::kOutOfRange, i};
    }
    // Beside the types of the server, which may hold more than the original's.
    const auto* text = std::get_if<std::string>(&row[i]);
    int64_t length = LengthOf(table.columns[i].source_type);
    if (text == nullptr || length == 0) continue;
    auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    auto characters =
        static_cast<int64_t>(text->size()) - std::count_if(text->begin(), text->end(), continues);
    if (characters > length) return ValueFault{ValueFault::Kind::kTooLong, i};
  }
  return std::nullopt;
}

}  // namespace obviews::mariadb
