// The boxed tables of the MySQL client, `+---+` and `| a |`, line by line: borders and the cells
// between them. No reading of files here; transcript.h drives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace obviews::tools {

/// A table's border line.
struct BoxBorder {
  size_t prefix = 0;           ///< bytes before the first `+`
  std::vector<size_t> widths;  ///< display columns between the `+`s, padding included
};

/// Reads a border line: `+`, dashes or `=`, `+`, ... after blanks, tabs and Markdown's `>`. False
/// if the line is none. Trailing blanks do not matter.
bool ParseBorder(std::string_view line, BoxBorder& border);

/// Whether a line begins as a border does but is cut off or wrapped.
bool IsCutBorder(std::string_view line);

/// A value between two bars, its padding removed, and where it begins in the text that was split.
struct BoxCell {
  std::string_view text;  ///< borrows from the text
  size_t offset = 0;
};

/// Splits the text of one table row, `| a | b |` without its prefix, into as many cells as the
/// border has. A value may hold bars and newlines: the border's display widths tell its end, by
/// several measures, as clients count wide characters differently (CJK as two columns, everything
/// as one, by bytes); a text with exactly the right number of bars needs no measure. False if no
/// way of splitting fits, so that the row may go on in the next line.
bool SplitBoxRow(std::string_view text, const BoxBorder& border, std::vector<BoxCell>& cells);

/// Whether the text fits the border to the column, as only a whole row does.
bool FitsBorder(std::string_view text, const BoxBorder& border);

}  // namespace obviews::tools
