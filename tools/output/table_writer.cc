// Widths first, then boxes.
#include "tools/output/table_writer.h"

#include <algorithm>

#include "tools/output/escape.h"
#include "tools/output/number.h"

namespace obviews::tools {
namespace {

// One enormous cell must not blow up every other row of the table with blanks.
constexpr size_t kMaxPadding = 1024;
constexpr std::string_view kNull = "NULL";

}  // namespace

void TableWriter::WriteBegin(std::span<const ColumnHeader> columns) {
  columns_.reserve(columns.size());
  for (const ColumnHeader& header : columns) {
    Column& column = columns_.emplace_back();
    AppendTableText(column.name, header.name);
    column.name_width = meter_.Measure(column.name);
    column.right = header.kind == ColumnKind::kNumeric;
    // The MySQL client keeps the width of the name even when it does not print it.
    column.width = std::max(column.name_width, header.nullable ? kNull.size() : 0);
  }
}

void TableWriter::WriteRow(std::span<const Value> values) {
  if (holding_) {
    for (size_t i = 0; i < values.size(); ++i) {
      const Cell cell = Render(i, values[i], held_text_);
      columns_[i].width = std::max(columns_[i].width, cell.width);
      held_cells_.push_back(cell);
    }
    const size_t bytes = held_text_.size() + held_cells_.size() * sizeof(Cell);
    if (rows() + 1 >= options().table_rows || bytes >= options().table_bytes) WriteHeldRows();
    return;
  }
  sink().Append('|');
  for (size_t i = 0; i < values.size(); ++i) {
    scratch_.clear();
    const Cell cell = Render(i, values[i], scratch_);
    WriteCell(columns_[i], scratch_, cell.width, columns_[i].right);
  }
  sink().Append('\n');
}

void TableWriter::WriteEnd() {
  if (rows() == 0) return;
  if (holding_) WriteHeldRows();
  WriteRule();
}

TableWriter::Cell TableWriter::Render(size_t column, const Value& value, std::string& out) const {
  const size_t begin = out.size();
  switch (value.kind()) {
    case Value::Kind::kNull:
      out.append(kNull);
      break;
    case Value::Kind::kText: {
      AppendTableText(out, value.as_text());
      const std::string_view text = std::string_view(out).substr(begin);
      return {text.size(), meter_.Measure(text)};
    }
    default:
      FormatNumber(value, decimals(column), [&](std::string_view digits) { out.append(digits); });
  }
  return {out.size() - begin, out.size() - begin};
}

void TableWriter::WriteHeldRows() {
  holding_ = false;
  WriteRule();
  if (options().column_names) {
    sink().Append('|');
    for (const Column& column : columns_) {
      WriteCell(column, column.name, column.name_width, /*right=*/false);
    }
    sink().Append('\n');
    WriteRule();
  }
  std::string_view text = held_text_;
  for (size_t i = 0; i < held_cells_.size(); ++i) {
    const size_t at = i % columns_.size();
    if (at == 0) sink().Append('|');
    const Cell& cell = held_cells_[i];
    WriteCell(columns_[at], text.substr(0, cell.bytes), cell.width, columns_[at].right);
    text.remove_prefix(cell.bytes);
    if (at + 1 == columns_.size()) sink().Append('\n');
  }
  held_text_ = {};
  held_cells_ = {};
}

void TableWriter::WriteRule() {
  sink().Append('+');
  for (const Column& column : columns_) {
    sink().Repeat('-', column.width + 2);
    sink().Append('+');
  }
  sink().Append('\n');
}

void TableWriter::WriteCell(const Column& column, std::string_view text, size_t width, bool right) {
  const size_t room = std::min(column.width, kMaxPadding);
  const size_t padding = room > width ? room - width : 0;
  sink().Append(' ');
  if (right) sink().Repeat(' ', padding);
  sink().Append(text);
  if (!right) sink().Repeat(' ', padding);
  sink().Append(" |");
}

}  // namespace obviews::tools
