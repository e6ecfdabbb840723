// The pipe tables of Markdown.
#include "tools/loader/pipes.h"

#include <algorithm>
#include <array>

namespace obviews::tools {

namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool IsAsciiPunctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

// How long the line break at the front is; 0 if there is none.
size_t LineBreakLength(std::string_view text) {
  constexpr std::array<std::string_view, 3> kBreaks = {"<br>", "<br/>", "<br />"};
  for (const std::string_view mark : kBreaks) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

std::string Unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] == '\\' && text.size() > 1 && IsAsciiPunctuation(text[1])) {
      out.push_back(text[1]);
      text.remove_prefix(2);
    } else if (const size_t length = LineBreakLength(text); length > 0) {
      out.push_back('\n');
      text.remove_prefix(length);
    } else {
      out.push_back(text[0]);
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

bool SplitPipeRow(std::string_view line, std::vector<PipeCell>& cells) {
  cells.clear();
  while (!line.empty() && IsBlank(line.back())) line.remove_suffix(1);
  if (line.size() < 2 || line[0] != '|') return false;
  size_t begin = 1;
  for (size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;  // what it escapes is no bar
      continue;
    }
    if (line[at] != '|') continue;
    size_t from = begin;
    size_t end = at;
    while (from < end && IsBlank(line[from])) ++from;
    while (end > from && IsBlank(line[end - 1])) --end;
    cells.push_back({Unescape(line.substr(from, end - from)), from});
    begin = at + 1;
  }
  return begin == line.size();
}

bool IsPipeRule(std::string_view line, size_t& cells) {
  std::vector<PipeCell> found;
  if (!SplitPipeRow(line, found)) return false;
  cells = found.size();
  return std::all_of(found.begin(), found.end(), [](const PipeCell& cell) {
    std::string_view dashes = cell.text;
    if (dashes.starts_with(':')) dashes.remove_prefix(1);
    if (dashes.ends_with(':')) dashes.remove_suffix(1);
    return !dashes.empty() && dashes.find_first_not_of('-') == std::string_view::npos;
  });
}

}  // namespace obviews::tools
