// The boxed table of the MySQL client, for any number of rows.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/output/result_writer.h"
#include "tools/output/utf8.h"

namespace obviews::tools {

/// Holds the first rows (OutputOptions::table_rows, table_bytes) to find each column's width, then
/// prints them and every later row with those widths. A later, wider cell sticks out: its row is
/// not aligned, and nothing is cut. As in the MySQL client nothing is padded beyond 1024 columns,
/// and a result without rows prints nothing.
class TableWriter final : public ResultWriter {
 public:
  TableWriter(Sink& sink, const OutputOptions& options) : ResultWriter(sink, options) {}

 private:
  struct Column {
    std::string name;
    size_t name_width;
    bool right;    // numbers
    size_t width;  // of the widest cell so far
  };
  struct Cell {
    size_t bytes;  // its text follows the one before in held_text_
    size_t width;
  };

  void WriteBegin(std::span<const ColumnHeader> columns) override;
  void WriteRow(std::span<const Value> values) override;
  void WriteEnd() override;
  bool has_footer() const override { return true; }

  Cell Render(size_t column, const Value& value, std::string& out) const;
  void WriteHeldRows();
  void WriteRule();
  void WriteCell(const Column& column, std::string_view text, size_t width, bool right);

  std::vector<Column> columns_;
  std::string held_text_;
  std::vector<Cell> held_cells_;
  bool holding_ = true;
  std::string scratch_;
  WidthMeter meter_;
};

}  // namespace obviews::tools
