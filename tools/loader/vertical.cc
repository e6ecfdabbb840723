// The rows of `\G` listings.
#include "tools/loader/vertical.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "tools/loader/statements.h"

namespace obviews::tools {

namespace {

constexpr size_t kTabStop = 8;

// Where a line of the form `   NAME:...` has its parts. `indent` and `colon` are display columns.
struct ColumnLine {
  bool matches = false;
  size_t indent = 0;
  size_t colon = 0;
  size_t name_begin = 0;
  size_t name_end = 0;
};

ColumnLine MatchColumnLine(std::string_view line) {
  ColumnLine found;
  found.name_begin = PrefixLength(line);
  for (const char c : line.substr(0, found.name_begin)) {
    found.indent += c == '\t' ? kTabStop - found.indent % kTabStop : 1;
  }
  found.name_end = found.name_begin;
  while (found.name_end < line.size() && line[found.name_end] != ' ' &&
         line[found.name_end] != '\t' && line[found.name_end] != ':') {
    ++found.name_end;
  }
  found.colon = found.indent + found.name_end - found.name_begin;
  found.matches = found.name_end > found.name_begin && found.name_end < line.size() &&
                  line[found.name_end] == ':';
  return found;
}

// Whether the name is in capitals and nothing or a blank follows its colon.
bool IsPlainColumn(std::string_view line, const ColumnLine& found) {
  const std::string_view name = line.substr(found.name_begin, found.name_end - found.name_begin);
  const bool capitals =
      std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return capitals && IsColumnName(name) &&
         (found.name_end + 1 == line.size() || line[found.name_end + 1] == ' ');
}

// Decides for every line whether it names a column.
class Layout {
 public:
  // REQUIRES: the first line matches.
  Layout(const VerticalBlock& block, size_t first) : lines_(block.lines) {
    const std::vector<SourceLine>& lines = lines_;
    found_.reserve(lines.size());
    for (const SourceLine& line : lines) found_.push_back(MatchColumnLine(line.text));
    indent_ = found_[first].indent;
    colon_ = found_[first].colon;
    size_t same_colon = 0;
    for (size_t i = first; i < lines.size(); ++i) {
      if (!found_[i].matches) continue;
      if (found_[i].colon == colon_) ++same_colon;
      if (found_[i].indent == indent_ && IsPlainColumn(lines[i].text, found_[i])) ++same_indent_;
    }
    aligned_ = same_colon >= same_indent_;
    if (block.known.empty()) return;
    const bool aligned = aligned_;
    const size_t colon = colon_;
    FollowMost(block.known, first);
    FindStrays(block.known, first);
    if (NamesColumn(first)) return;
    // What follows is less sure than the first line.
    aligned_ = aligned;
    colon_ = colon;
    strays_.clear();
    FindStrays(block.known, first);
  }

  bool NamesColumn(size_t i) const { return StandsInLine(i) || IsStray(i); }
  bool IsStray(size_t i) const { return std::binary_search(strays_.begin(), strays_.end(), i); }
  const ColumnLine& at(size_t i) const { return found_[i]; }

 private:
  bool StandsInLine(size_t i) const {
    if (!found_[i].matches) return false;
    if (aligned_) return found_[i].colon == colon_;
    return found_[i].indent == indent_ && IsPlainColumn(lines_[i].text, found_[i]);
  }

  // The place of a line's name among the known columns; their number if it is none of them.
  size_t PlaceOf(const ColumnNames& known, size_t i) const {
    const std::string name =
        UpperAscii(std::string_view(lines_[i].text)
                       .substr(found_[i].name_begin, found_[i].name_end - found_[i].name_begin));
    return static_cast<size_t>(std::find(known.begin(), known.end(), name) - known.begin());
  }

  // The first line may be the one out of line: takes the colons' place from most known columns.
  void FollowMost(const ColumnNames& known, size_t first) {
    std::map<size_t, size_t> columns;  // colon -> how many
    for (size_t i = first; i < lines_.size(); ++i) {
      if (!found_[i].matches || !IsPlainColumn(lines_[i].text, found_[i])) continue;
      if (PlaceOf(known, i) < known.size()) ++columns[found_[i].colon];
    }
    for (const auto& [colon, count] : columns) {
      if (count <= columns[colon_] || count <= same_indent_) continue;
      colon_ = colon;
      aligned_ = true;
    }
  }

  void FindStrays(const ColumnNames& known, size_t first) {
    // For each line the place of the next column in line; it must come after a stray's own.
    std::vector<size_t> next(lines_.size() + 1, known.size());
    std::vector<bool> in_line(known.size() + 1);
    for (size_t i = lines_.size(); i-- > first;) {
      next[i] = next[i + 1];
      if (!StandsInLine(i)) continue;
      const size_t place = PlaceOf(known, i);
      in_line[place] = true;
      if (place < known.size()) next[i] = place;
    }
    size_t last = known.size();  // none yet
    bool blank = false;
    for (size_t i = first; i < lines_.size(); ++i) {
      if (StandsInLine(i)) {
        const size_t place = PlaceOf(known, i);
        if (place < known.size()) last = place;
        blank = false;
        continue;
      }
      blank = blank || IsBlankLine(lines_[i].text);
      if (blank || !found_[i].matches || !IsPlainColumn(lines_[i].text, found_[i])) continue;
      const size_t place = PlaceOf(known, i);
      const bool after_last = last == known.size() || place > last;
      if (place == known.size() || in_line[place] || !after_last || place >= next[i]) continue;
      strays_.push_back(i);
      last = place;
    }
  }

  const std::vector<SourceLine>& lines_;
  std::vector<ColumnLine> found_;
  std::vector<size_t> strays_;  // ascending
  size_t same_indent_ = 0;
  size_t indent_ = 0;
  size_t colon_ = 0;
  bool aligned_ = true;
};

std::string_view WithoutTrailingBlanks(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Puts the value of lines [begin, end), the first of them naming the column, into the cell.
void ReadValue(const VerticalBlock& block, size_t begin, size_t end, const ColumnLine& column,
               Cell& cell) {
  while (end > begin + 1 && IsBlankLine(block.lines[end - 1].text)) --end;
  const SourceLine& first = block.lines[begin];
  size_t from = column.name_end + 1;
  if (from < first.text.size() && first.text[from] == ' ') ++from;
  std::string_view value = std::string_view(first.text).substr(from);
  const std::string_view trimmed = WithoutTrailingBlanks(value);
  const bool single = end == begin + 1;
  cell.at = {first.number, from + 1};
  cell.is_number = false;
  cell.is_null = single && trimmed == "NULL";
  if (cell.is_null || trimmed.empty()) value = {};
  cell.text.assign(value);
  for (size_t i = begin + 1; i < end; ++i) {
    cell.text.push_back('\n');
    cell.text.append(WithoutPrefix(block.lines[i].text, block.prefix));
  }
}

// Where the row ends: behind its last column, whose value may go on over empty lines only if the
// listing is known to go on behind them.
size_t EndOfRow(const VerticalBlock& block, const Layout& layout) {
  if (block.followed) return block.lines.size();
  size_t end = block.lines.size();
  for (size_t i = block.lines.size(); i > 0 && !layout.NamesColumn(i - 1); --i) {
    if (IsBlankLine(block.lines[i - 1].text)) end = i - 1;
  }
  return end;
}

}  // namespace

bool ParseRowMark(std::string_view line, uint64_t& row_number) {
  line = WithoutTrailingBlanks(line.substr(PrefixLength(line)));
  const size_t stars = std::min(line.find_first_not_of('*'), line.size());
  line.remove_prefix(stars);
  const size_t last = line.find_last_not_of('*');
  if (stars < 3 || last == std::string_view::npos || line.size() - last - 1 < 3) return false;
  line = line.substr(0, last + 1);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const char* const end = line.data() + line.size();
  const auto number = std::from_chars(line.data(), end, row_number);
  if (number.ec != std::errc()) return false;
  return WithoutTrailingBlanks({number.ptr, static_cast<size_t>(end - number.ptr)}) == ". row";
}

bool ParseRowCount(std::string_view line, uint64_t& rows) {
  line.remove_prefix(PrefixLength(line));
  const char* const end = line.data() + line.size();
  const auto number = std::from_chars(line.data(), end, rows);
  if (number.ec != std::errc()) return false;
  const std::string_view rest(number.ptr, static_cast<size_t>(end - number.ptr));
  return rest.starts_with(" rows in set") || rest.starts_with(" row in set");
}

bool IsBlankLine(std::string_view line) { return PrefixLength(line) == line.size(); }

std::string_view WithoutPrefix(std::string_view line, std::string_view prefix) {
  size_t common = 0;
  while (common < line.size() && common < prefix.size() && line[common] == prefix[common]) {
    ++common;
  }
  return line.substr(common);
}

std::string_view ParseVertical(const VerticalBlock& block, VerticalRow& row, Position& at) {
  row.names.clear();
  row.name_places.clear();
  row.strays.clear();
  row.lines = block.lines.size();
  at = {block.mark_line, 1};
  size_t first = 0;
  while (first < block.lines.size() && IsBlankLine(block.lines[first].text)) ++first;
  if (first == block.lines.size()) return "no `NAME: value` line follows the mark of a row";
  if (!MatchColumnLine(block.lines[first].text).matches) {
    at = {block.lines[first].number, 1};
    return "expected `NAME: value` below the mark of a row";
  }
  const Layout layout(block, first);
  row.lines = EndOfRow(block, layout);
  for (size_t begin = first; begin < row.lines;) {
    size_t end = begin + 1;
    while (end < row.lines && !layout.NamesColumn(end)) ++end;
    const ColumnLine& column = layout.at(begin);
    const std::string& line = block.lines[begin].text;
    const size_t index = row.names.size();
    if (layout.IsStray(begin)) row.strays.push_back(index);
    row.names.push_back(UpperAscii(
        std::string_view(line).substr(column.name_begin, column.name_end - column.name_begin)));
    row.name_places.push_back({block.lines[begin].number, column.name_begin + 1});
    if (index == row.cells.size()) row.cells.emplace_back();
    ReadValue(block, begin, end, column, row.cells[index]);
    begin = end;
  }
  row.cells.resize(row.names.size());
  return {};
}

}  // namespace obviews::tools
