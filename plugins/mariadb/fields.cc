// Writing rows; see fields.h.
#include "plugins/mariadb/fields.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/mariadb/server_headers.h"
#include "schema/civil.h"

namespace obviews::mariadb {
namespace {

/// `2023-06-01 06:00:00.000000`, as views show times in MySQL mode.
constexpr size_t kTimeTextSize = 26;

/// What a warning says of values that are longer than their column.
constexpr const char* kCut = "has values that its type cuts";

/// The number in `count` digits at `at`. REQUIRES: they are digits.
unsigned Digits(std::string_view text, size_t at, size_t count) {
  unsigned number = 0;
  for (size_t i = at; i < at + count; ++i) {
    number = number * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return number;
}

/// nullopt: not in the form of the views.
std::optional<MYSQL_TIME> ReadTime(std::string_view text) {
  if (text.size() != kTimeTextSize) return std::nullopt;
  MYSQL_TIME time{};
  time.year = Digits(text, 0, 4);
  time.month = Digits(text, 5, 2);
  time.day = Digits(text, 8, 2);
  time.hour = Digits(text, 11, 2);
  time.minute = Digits(text, 14, 2);
  time.second = Digits(text, 17, 2);
  time.second_part = Digits(text, 20, 6);
  time.time_type = MYSQL_TIMESTAMP_DATETIME;
  return time;
}

/// Microseconds since the epoch of a time as views show it, or as records hold it.
std::optional<int64_t> MicrosecondsOf(const Value& value) {
  if (value.kind() == Value::Kind::kInt) return value.as_int();
  auto time = ReadTime(value.as_text());
  if (!time) return std::nullopt;
  return SecondOf(*time) * schema::kUsecPerSecond + static_cast<int64_t>(time->second_part);
}

/// False if a TIMESTAMP cannot hold the time.
bool StoreTimestamp(Field* field, const Value& value) {
  auto usec = MicrosecondsOf(value);
  // Second 0 means "no time" to the server.
  if (!usec || *usec < schema::kUsecPerSecond) return false;
  int64_t second = *usec / schema::kUsecPerSecond;
  if (second > static_cast<int64_t>(TIMESTAMP_MAX_VALUE)) return false;
  field->set_notnull();
  field->store_timestamp(static_cast<my_time_t>(second),
                         static_cast<ulong>(*usec % schema::kUsecPerSecond));
  return true;
}

bool IsAscii(std::string_view text) {
  uint64_t high_bits = 0;
  while (text.size() >= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    high_bits |= word;
    text.remove_prefix(sizeof(word));
  }
  for (char c : text) high_bits |= static_cast<unsigned char>(c);
  return (high_bits & 0x8080808080808080U) == 0;
}

/// Field::store looks at each character of a text; most texts are ASCII and short.
void StoreAscii(Field* field, std::string_view text) {
  auto* varchar = static_cast<Field_varstring*>(field);
  if (varchar->length_bytes == 1) {
    *varchar->ptr = static_cast<uchar>(text.size());
  } else {
    int2store(varchar->ptr, text.size());
  }
  std::memcpy(varchar->ptr + varchar->length_bytes, text.data(), text.size());
}

}  // namespace

int64_t SecondOf(const MYSQL_TIME& time) {
  int64_t days =
      schema::DaysFromCivil({static_cast<int32_t>(time.year), static_cast<int32_t>(time.month),
                             static_cast<int32_t>(time.day)});
  return days * schema::kSecondsPerDay + time.hour * 3'600 + time.minute * 60 + time.second;
}

void PushReadWarning(THD* thd, unsigned code, const char* message) {
  bool strict = thd->abort_on_warning;
  thd->abort_on_warning = false;
  push_warning(thd, Sql_condition::WARN_LEVEL_WARN, code, message);
  thd->abort_on_warning = strict;
}

std::vector<RowColumn> ColumnsOf(const schema::View& view) {
  std::vector<RowColumn> columns;
  for (size_t i = 0; i < view.columns.size(); ++i) {
    columns.push_back({view.columns[i].name, TypeOf(view, i)});
  }
  return columns;
}

std::vector<RowColumn> ColumnsOf(const BaseTable& table) {
  std::vector<RowColumn> columns;
  for (const BaseColumn& column : table.columns) columns.push_back({column.name, column.type});
  return columns;
}

RowWriter::RowWriter(std::string_view table, const std::vector<RowColumn>& columns, Texts texts)
    : table_(table),
      texts_(columns.size()),
      own_texts_(texts == Texts::kOwn),
      warned_(columns.size(), false) {
  for (const auto& [name, type] : columns) {
    names_.push_back(name);
    kinds_.push_back(type.kind);
    bool varchar = type.sql.starts_with("VARCHAR(");
    varchars_.push_back(varchar ? std::stoul(type.sql.substr(std::strlen("VARCHAR("))) : 0);
  }
}

void RowWriter::WarnOnce(THD* thd, size_t column, unsigned code, const char* what) {
  if (warned_[column]) return;
  warned_[column] = true;
  PushReadWarning(thd, code, fmt::format("{} of {} {}", names_[column], table_, what).c_str());
}

void RowWriter::Store(THD* thd, Field* field, size_t column, const Value& value) {
  if (value.is_null()) {
    field->set_null();
    return;
  }
  if (kinds_[column] == FieldKind::kTimestamp) {
    if (!StoreTimestamp(field, value)) {
      field->set_null();
      WarnOnce(thd, column, ER_WARN_DATA_OUT_OF_RANGE,
               "has times that a TIMESTAMP cannot hold; they are shown as NULL");
    }
    return;
  }
  field->set_notnull();
  int stored = 0;
  if (kinds_[column] == FieldKind::kDatetime) {
    auto time = ReadTime(value.as_text());
    stored = time ? field->store_time_dec(&*time, TIME_SECOND_PART_DIGITS) : 1;
  } else if (value.kind() == Value::Kind::kInt) {
    stored = field->store(value.as_int(), false);
  } else if (value.kind() == Value::Kind::kUint) {
    stored = field->store(static_cast<longlong>(value.as_uint()), true);
  } else if (value.kind() == Value::Kind::kReal) {
    stored = field->store(value.as_real());
  } else {
    StoreText(thd, field, column, value.as_text());
    return;
  }
  if (stored != 0) WarnOnce(thd, column, WARN_DATA_TRUNCATED, kCut);
}

void RowWriter::StoreText(THD* thd, Field* field, size_t column, std::string_view text) {
  if (varchars_[column] != 0 && text.size() <= varchars_[column] && IsAscii(text)) {
    StoreAscii(field, text);
    return;
  }
  if (!own_texts_ || varchars_[column] != 0) {
    if (field->store(text.data(), text.size(), field->charset()) != 0) {
      WarnOnce(thd, column, WARN_DATA_TRUNCATED, kCut);
    }
    return;
  }
  auto* blob = static_cast<Field_blob*>(field);
  size_t room = blob->max_data_length();
  if (text.size() > room) WarnOnce(thd, column, WARN_DATA_TRUNCATED, kCut);
  texts_[column].assign(text.substr(0, room));
  blob->set_ptr(static_cast<uint32>(texts_[column].size()),
                reinterpret_cast<uchar*>(texts_[column].data()));
}

schema::FieldValue ReadField(Field* field, FieldKind kind) {
  if (field->is_null()) return std::monostate{};
  if (kind == FieldKind::kInteger) return int64_t{field->val_int()};
  if (kind == FieldKind::kUnsigned) return static_cast<uint64_t>(field->val_int());
  if (kind == FieldKind::kTimestamp) {
    ulong part = 0;
    my_time_t second = field->get_timestamp(&part);
    // '0000-00-00 00:00:00', which no record can hold.
    if (second == 0) return std::monostate{};
    return int64_t{second} * schema::kUsecPerSecond + static_cast<int64_t>(part);
  }
  StringBuffer<MAX_FIELD_WIDTH> buffer;
  String* text = field->val_str(&buffer);
  return std::string(text->ptr(), text->length());
}

}  // namespace obviews::mariadb
