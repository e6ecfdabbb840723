// Showing rows of blocks; see block_values.h.
#include "virtual_tables/block_values.h"

#include "virtual_tables/time_columns.h"

namespace obviews::vtab {
namespace {

using engine::PackedColumn;
using engine::RecordBlock;
using engine::RecordView;
using schema::Conversion;

}  // namespace

BlockValues::BlockValues(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                         const schema::View& view, const std::vector<size_t>& columns,
                         TimeForm times)
    : shower_(std::move(snapshot), session, view), asked_(columns), columns_(view.columns.size()) {
  for (size_t i : asked_) {
    const schema::Column& shown = view.columns[i];
    const schema::Field& field = view.record->fields[shown.field];
    Column& column = columns_[i];
    column.field = shown.field;
    column.conversion = shown.conversion;
    column.is_integer = shown.conversion == Conversion::kNone && !field.is_text();
    column.is_unsigned = field.type == schema::FieldType::kUint;
    column.is_time = times == TimeForm::kMicroseconds && !field.is_text() &&
                     session.mode == schema::Mode::kMySql && IsMySqlTime(shown.conversion);
    column.is_raw_text = shower_.ShowsRawText(i);
  }
}

void BlockValues::Begin(const RecordBlock& block) {
  block_ = &block;
  for (size_t i : asked_) {
    Column& column = columns_[i];
    // What is alike in the records is alike as shown, unless showing it counts.
    bool plain = column.conversion == Conversion::kNone || column.is_time;
    column.way = WayOf(block, column);
    if (!plain || !block.IsAlike(column.field)) continue;
    auto shown = Show(0, i);
    if (!shown) continue;
    column.alike = *shown;
    column.way = Way::kAlike;
  }
}

BlockValues::Way BlockValues::WayOf(const RecordBlock& block, Column& column) {
  column.packed = block.Column(column.field);
  const schema::KeyPart part = block.type().fields[column.field].key_part;
  bool in_key = part == schema::KeyPart::kTenant || part == schema::KeyPart::kJob;
  if (column.packed == nullptr || in_key) return Way::kEach;
  const PackedColumn& packed = *column.packed;
  if (column.is_integer) return Way::kInteger;
  if (column.is_time) return Way::kTime;
  return column.is_raw_text && packed.externals == nullptr ? Way::kText : Way::kEach;
}

Result<Value> BlockValues::Show(uint32_t row, size_t at) {
  Column& column = columns_[at];
  switch (column.way) {
    case Way::kAlike:
      return column.alike;
    case Way::kInteger: {
      if (column.packed->IsNull(row)) return Value::Null();
      int64_t number = block_->RawInt(*column.packed, row);
      return column.is_unsigned ? Value::Uint(static_cast<uint64_t>(number)) : Value::Int(number);
    }
    case Way::kTime: {
      if (column.packed->IsNull(row)) return Value::Null();
      int64_t usec = block_->RawInt(*column.packed, row);
      return ShowsNull(column.conversion, usec) ? Value::Null() : Value::Int(usec);
    }
    case Way::kText: {
      if (column.packed->IsNull(row)) return Value::Null();
      std::string_view text = block_->Text(column.field, row);
      return text.empty() && shower_.EmptyIsNull() ? Value::Null() : Value::Text(text);
    }
    case Way::kEach:
      break;
  }
  return shower_.Show(RecordView(*block_, row), at);
}

}  // namespace obviews::vtab
