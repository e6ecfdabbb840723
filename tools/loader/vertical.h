// The rows of `\G` listings, one block of lines each: which lines name a column and which go on
// with the value above. No reading of files here; transcript.h drives it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/loader/listing.h"

namespace obviews::tools {

/// A line and its number in the file.
struct SourceLine {
  std::string text;
  uint64_t number = 0;
};

/// Reads a row mark, `*** N. row ***` of three or more stars on each side, after blanks, tabs and
/// Markdown's `>`. False if the line is none.
bool ParseRowMark(std::string_view line, uint64_t& row_number);

/// Reads the client's `N rows in set`. False if the line is none.
bool ParseRowCount(std::string_view line, uint64_t& rows);

/// Whether only blanks, tabs and Markdown's `>` stand in the line.
bool IsBlankLine(std::string_view line);

/// `line` without the bytes it has in common with the front of `prefix`.
std::string_view WithoutPrefix(std::string_view line, std::string_view prefix);

/// The lines that may belong to a row.
struct VerticalBlock {
  std::string prefix;  ///< what stands before the row mark
  uint64_t mark_line = 0;
  std::vector<SourceLine> lines;  ///< below the mark, without line ends
  /// The next row's mark or a count of rows comes after the lines, so that all of them belong to
  /// the row. Otherwise a blank line behind the last column ends it.
  bool followed = false;
  /// The columns a row of the listing may have, in their order; empty if not known.
  ColumnNames known;
};

/// A row's columns; views and cells are for one row only.
struct VerticalRow {
  ColumnNames names;  ///< upper-cased
  std::vector<Position> name_places;
  std::vector<Cell> cells;
  std::vector<size_t> strays;  ///< columns that were found out of line
  size_t lines = 0;            ///< how many of the block's lines belong to the row
};

/// Cuts a block into columns. The client puts all colons of a listing under each other, so a line
/// names a column if its colon stands there too; where a paste lost the indentation, if it begins
/// where the first one does, in capitals. A line out of line is a column as well if nothing else
/// can be meant: it names, in capitals, a known column that stands nowhere in line and whose place
/// among the columns is just there, no empty line before it. Any other line goes on with the value
/// above it, after a newline; empty lines at the end of a value are dropped. A value of blanks is
/// ''. Returns an empty text, or what is wrong and, in `at`, where; `row.lines` is set in any case.
std::string_view ParseVertical(const VerticalBlock& block, VerticalRow& row, Position& at);

}  // namespace obviews::tools
