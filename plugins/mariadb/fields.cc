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

/// False if a TIMESTAMP cannot hold the time.
bool StoreTimestamp(Field* field, std::string_view text) {
  auto time = ReadTime(text);
  if (!time) return false;
  int64_t second = SecondOf(*time);
  // Second 0 means "no time" to the server.
  if (second < 1 || second > static_cast<int64_t>(TIMESTAMP_MAX_VALUE)) return false;
  field->set_notnull();
  field->store_timestamp(static_cast<my_time_t>(second), time->second_part);
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

RowWriter::RowWriter(const schema::View& view) : view_(view), warned_(view.columns.size(), false) {
  for (size_t i = 0; i < view.columns.size(); ++i) {
    ColumnType type = TypeOf(view, i);
    kinds_.push_back(type.kind);
    bool varchar = type.sql.starts_with("VARCHAR(");
    varchars_.push_back(varchar ? std::stoul(type.sql.substr(std::strlen("VARCHAR("))) : 0);
  }
}

void RowWriter::WarnOnce(THD* thd, size_t column, unsigned code, const char* what) {
  if (warned_[column]) return;
  warned_[column] = true;
  PushReadWarning(thd, code,
                  fmt::format("{} of {} {}", view_.columns[column].name, view_.name, what).c_str());
}

void RowWriter::Store(THD* thd, Field* field, size_t column, const Value& value) {
  if (value.is_null()) {
    field->set_null();
    return;
  }
  if (kinds_[column] == FieldKind::kTimestamp) {
    if (!StoreTimestamp(field, value.as_text())) {
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
    std::string_view text = value.as_text();
    if (text.size() <= varchars_[column] && IsAscii(text)) {
      StoreAscii(field, text);
      return;
    }
    stored = field->store(text.data(), text.size(), field->charset());
  }
  if (stored != 0) WarnOnce(thd, column, WARN_DATA_TRUNCATED, "has values that its type cuts");
}

}  // namespace obviews::mariadb
