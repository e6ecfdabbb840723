// Showing columns; see materialise.h.
#include "virtual_tables/materialise.h"

#include <fmt/format.h>

#include "schema/mask.h"
#include "schema/numbers.h"
#include "virtual_tables/time_columns.h"

namespace obviews::vtab {
namespace {

using engine::RecordView;
using schema::Column;
using schema::Conversion;
using schema::Field;
using schema::FieldIndex;
using schema::FieldType;
using schema::Mode;
using schema::Secrecy;
using schema::ShownKind;

constexpr auto kRestoreStatus = FieldIndex<schema::fields::kRestoreJob>("status");
constexpr auto kRestoreScn = FieldIndex<schema::fields::kRestoreJob>("restore_scn");
constexpr auto kConsistentScn = FieldIndex<schema::fields::kRestoreJob>("consistent_scn");
constexpr auto kReadableScn = FieldIndex<schema::fields::kRestoreJob>("readable_scn");
constexpr auto kDisplayMode = FieldIndex<schema::fields::kRestoreJob>("progress_display_mode");
constexpr auto kTotalBytes = FieldIndex<schema::fields::kRestoreJob>("total_bytes");
constexpr auto kFinishBytes = FieldIndex<schema::fields::kRestoreJob>("finish_bytes");
constexpr auto kTotalTablets = FieldIndex<schema::fields::kRestoreJob>("tablet_count");
constexpr auto kFinishTablets = FieldIndex<schema::fields::kRestoreJob>("finish_tablet_count");

/// The longest beginning of at most `max` bytes that does not end inside a UTF-8 character.
std::string_view CutText(std::string_view text, size_t max) {
  if (text.size() <= max) return text;
  size_t end = max;
  // A character has at most three continuation bytes; more of them is no UTF-8, so cut as it is.
  while (end > max - 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  if ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) end = max;
  return text.substr(0, end);
}

}  // namespace

Materialiser::Materialiser(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                           const schema::View& view)
    : snapshot_(std::move(snapshot)),
      session_(session),
      view_(view),
      buffers_(view.columns.size()) {}

bool Materialiser::ShowsRawText(size_t column) const {
  const Column& shown = view_.columns[column];
  const Field& field = view_.record->fields[shown.field];
  return shown.conversion == Conversion::kNone && shown.kind == ShownKind::kText &&
         field.is_text() && shown.max_bytes == 0 &&
         (field.secrecy == Secrecy::kOpen || session_.show_secrets);
}

Result<std::string_view> Materialiser::RawText(const RecordView& record, size_t field,
                                               Buffer& buffer) {
  if (!record.IsExternal(field)) return record.Text(field);
  OBVIEWS_RETURN_IF_ERROR(snapshot_->ReadText(record, field, &buffer.large));
  return std::string_view(buffer.large);
}

Result<bool> Materialiser::RawNumber(const RecordView& record, size_t field, Buffer& buffer,
                                     int64_t* number) {
  if (record.IsNull(field)) return false;
  if (!view_.record->fields[field].is_text()) {
    *number = record.Int(field);
    return true;
  }
  OBVIEWS_ASSIGN_OR_RETURN(std::string_view text, RawText(record, field, buffer));
  // An empty value of the key-value table compares equal to 0 in MySQL mode and is NULL in Oracle
  // mode; either way nothing is shown.
  if (text.empty()) return false;
  *number = schema::ParseInt64Prefix(text).value;
  return true;
}

Result<Value> Materialiser::Show(const RecordView& record, size_t column) {
  ++shown_count_;
  const Column& shown = view_.columns[column];
  switch (shown.conversion) {
    case Conversion::kNone: {
      const Field& field = view_.record->fields[shown.field];
      if (field.is_text()) return ShowText(record, column);
      if (record.IsNull(shown.field)) return Value::Null();
      int64_t number = record.Int(shown.field);
      return field.type == FieldType::kUint ? Value::Uint(static_cast<uint64_t>(number))
                                            : Value::Int(number);
    }
    case Conversion::kScnToTime:
    case Conversion::kScnToTimeNullIfZero:
    case Conversion::kScnToTimeNullIfLe1:
      return ShowScn(record, column);
    case Conversion::kBytesDisplay:
      return ShowBytes(record, column);
    case Conversion::kStatusFold: {
      OBVIEWS_ASSIGN_OR_RETURN(Value status, ShowText(record, column));
      if (status.is_null()) return status;
      return Value::Text(schema::FoldRestoreStatus(status.as_text(), view_.scope));
    }
    case Conversion::kRecoverPercent:
    case Conversion::kRestorePercent:
      return ShowPercent(record, column);
    case Conversion::kHundredths:
      if (record.IsNull(shown.field)) return Value::Null();
      return Value::Real(static_cast<double>(record.Int(shown.field)) / 100);
    default:
      return ShowTime(record, column);
  }
}

Result<Value> Materialiser::ShowText(const RecordView& record, size_t column) {
  const Column& shown = view_.columns[column];
  if (record.IsNull(shown.field)) return Value::Null();
  Buffer& buffer = buffers_[column];
  OBVIEWS_ASSIGN_OR_RETURN(std::string_view text, RawText(record, shown.field, buffer));
  return ShowRaw(text, column);
}

Value Materialiser::ShowRaw(std::string_view text, size_t column) {
  const Column& shown = view_.columns[column];
  Buffer& buffer = buffers_[column];
  if (text.empty() && EmptyIsNull()) return Value::Null();
  if (shown.kind == ShownKind::kInteger) return Value::Int(schema::ParseInt64Prefix(text).value);
  Secrecy secrecy = view_.record->fields[shown.field].secrecy;
  if (secrecy != Secrecy::kOpen && !session_.show_secrets) {
    if (secrecy == Secrecy::kSecret) return Value::Text(schema::MaskSecret(text));
    if (schema::NeedsUriMask(text)) {
      std::string masked;
      schema::MaskUriSecrets(text, masked);
      buffer.large = std::move(masked);
      text = buffer.large;
    }
  }
  return Value::Text(shown.max_bytes == 0 ? text : CutText(text, shown.max_bytes));
}

Value Materialiser::Shown(schema::ShownText text, const RecordView& record, size_t column,
                          int64_t raw) {
  if (text) return Value::Text(*text);
  CountOutOfRange(record.key(), column, raw);
  return Value::Null();
}

void Materialiser::CountOutOfRange(const schema::Key& key, size_t column, int64_t raw) {
  auto& counted = buffers_[column].out_of_range_at;
  if (counted == key) return;
  counted = key;
  ++out_of_range_count_;
  Place place(key, column);
  if (first_out_of_range_at_ && *first_out_of_range_at_ <= place) return;
  first_out_of_range_at_ = place;
  first_out_of_range_ = fmt::format(
      "{} of {} {} is {} microseconds, outside the years a time can show; shown as NULL",
      view_.columns[column].name, view_.record->name, ToString(*view_.record, key), raw);
}

Result<Value> Materialiser::ShowTime(const RecordView& record, size_t column) {
  const Column& shown = view_.columns[column];
  Buffer& buffer = buffers_[column];
  int64_t usec = 0;
  OBVIEWS_ASSIGN_OR_RETURN(bool set, RawNumber(record, shown.field, buffer, &usec));
  if (!set || ShowsNull(shown.conversion, usec)) return Value::Null();
  switch (shown.conversion) {
    case Conversion::kOracleDate:
    case Conversion::kOracleDateNullIfZero:
    case Conversion::kOracleDateNullIfUnset:
      return Shown(schema::ShowUsecOracleDate(usec, buffer.small), record, column, usec);
    case Conversion::kTimestampToSession:
      if (session_.mode == Mode::kOracle) {
        return Shown(schema::ShowUsecOracleTimestamp(usec, session_.time_zone, buffer.small),
                     record, column, usec);
      }
      break;
    default:
      break;
  }
  return Shown(schema::ShowUsecMySql(usec, session_.time_zone, buffer.small), record, column, usec);
}

Result<Value> Materialiser::ShowScn(const RecordView& record, size_t column) {
  const Column& shown = view_.columns[column];
  Buffer& buffer = buffers_[column];
  int64_t raw = 0;
  OBVIEWS_ASSIGN_OR_RETURN(bool set, RawNumber(record, shown.field, buffer, &raw));
  if (!set) return Value::Null();
  auto scn = static_cast<uint64_t>(raw);
  if (shown.conversion == Conversion::kScnToTimeNullIfZero && scn == 0) return Value::Null();
  if (shown.conversion == Conversion::kScnToTimeNullIfLe1 && scn <= 1) return Value::Null();
  return Value::Text(session_.mode == Mode::kOracle
                         ? schema::ShowScnOracle(scn, session_.system_time_zone, buffer.small)
                         : schema::ShowScnMySql(scn, session_.system_time_zone, buffer.small));
}

Value Materialiser::ShowBytes(const RecordView& record, size_t column) {
  const Column& shown = view_.columns[column];
  bool oracle = session_.mode == Mode::kOracle;
  if (record.IsNull(shown.field)) {
    // CONCAT ignores NULL in Oracle mode and leaves the unit.
    return oracle ? Value::Text("MB") : Value::Null();
  }
  int64_t bytes = record.Int(shown.field);
  schema::TextBuffer& out = buffers_[column].small;
  return Value::Text(oracle ? schema::ShowBytesOracle(bytes, out)
                            : schema::ShowBytesMySql(bytes, out));
}

Result<Value> Materialiser::ShowPercent(const RecordView& record, size_t column) {
  Buffer& buffer = buffers_[column];
  std::optional<int64_t> hundredths;
  if (view_.columns[column].conversion == Conversion::kRecoverPercent) {
    std::optional<uint64_t> readable;
    if (!record.IsNull(kReadableScn)) readable = static_cast<uint64_t>(record.Int(kReadableScn));
    int64_t consistent = 0;
    int64_t restore = 0;
    OBVIEWS_RETURN_IF_ERROR(RawNumber(record, kConsistentScn, buffer, &consistent));
    OBVIEWS_RETURN_IF_ERROR(RawNumber(record, kRestoreScn, buffer, &restore));
    std::string_view status;
    if (!record.IsNull(kRestoreStatus)) {
      OBVIEWS_ASSIGN_OR_RETURN(status, RawText(record, kRestoreStatus, buffer));
    }
    hundredths = schema::RecoverProgressHundredths(
        status, readable, static_cast<uint64_t>(consistent), static_cast<uint64_t>(restore));
  } else {
    bool by_tablet = false;
    if (!record.IsNull(kDisplayMode)) {
      OBVIEWS_ASSIGN_OR_RETURN(std::string_view unit, RawText(record, kDisplayMode, buffer));
      by_tablet = unit == "TABLET_CNT";
    }
    size_t part = by_tablet ? kFinishTablets : kFinishBytes;
    size_t whole = by_tablet ? kTotalTablets : kTotalBytes;
    if (!record.IsNull(part) && !record.IsNull(whole)) {
      hundredths = schema::CutPercentHundredths(record.Int(part), record.Int(whole));
    }
  }
  if (!hundredths) return Value::Null();
  return Value::Real(static_cast<double>(*hundredths) / 100);
}

}  // namespace obviews::vtab
