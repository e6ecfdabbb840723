// The pipe tables of Markdown, `| a | b |` over `| --- | --- |`, line by line. No reading of files
// here; transcript.h drives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace obviews::tools {

/// A cell of a pipe table: its text without escapes, and where it begins in the line.
struct PipeCell {
  std::string text;
  size_t offset = 0;
};

/// Splits a line without its prefix into cells at the bars no backslash stands before. The inverse
/// of AppendMarkdownText() but for what that does not tell: blanks at the ends of a cell, and which
/// line break a `<br>` was. False if the line does not begin and end with a bar.
bool SplitPipeRow(std::string_view line, std::vector<PipeCell>& cells);

/// Whether the line is the one below the names: `---`, `:--`, `--:` or `:-:` in each cell. Sets how
/// many cells there are.
bool IsPipeRule(std::string_view line, size_t& cells);

}  // namespace obviews::tools
