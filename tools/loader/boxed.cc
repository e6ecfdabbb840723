// The boxed tables of the MySQL client.
#include "tools/loader/boxed.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "tools/loader/statements.h"
#include "tools/output/utf8.h"

namespace obviews::tools {

namespace {

enum class Measure : uint8_t {
  kClient,      // as the MySQL client counts: East Asian wide characters two, all others one
  kTerminal,    // as terminals draw and dump-views counts: emoji two, combining marks none
  kCharacters,  // every character one
  kBytes,       // a client that does not know it prints UTF-8
};
constexpr std::array<Measure, 4> kMeasures = {Measure::kClient, Measure::kTerminal,
                                              Measure::kCharacters, Measure::kBytes};

struct Range {
  uint32_t first;
  uint32_t last;
};
constexpr std::array<Range, 10> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x20000, 0x2FFFD},
                                          {0x30000, 0x3FFFD}}};
// How many display columns the character at the front takes by this measure, and its bytes; an
// invalid byte counts as one character of its own.
size_t WidthOfFront(std::string_view text, Measure measure, size_t& bytes) {
  static const WidthMeter kMeter;
  bytes = 1;
  if (measure == Measure::kBytes || static_cast<unsigned char>(text[0]) < 0x80) return 1;
  const Utf8Char front = DecodeUtf8(text);
  bytes = std::max<size_t>(front.length, 1);
  if (measure == Measure::kTerminal) return kMeter.Measure(text.substr(0, bytes));
  if (measure == Measure::kCharacters) return 1;
  return std::any_of(kWide.begin(), kWide.end(),
                     [&front](const Range& range) {
                       return front.code_point >= range.first && front.code_point <= range.last;
                     })
             ? 2
             : 1;
}

std::string_view WithoutTrailingBlanks(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsRightAligned(std::string_view value) {
  if (value == "NULL") return true;
  if (value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && value.find_first_not_of("0123456789.") == std::string_view::npos;
}

// The value between two bars. Padding follows texts and precedes numbers; a text's own blanks at
// its end cannot be told from padding.
BoxCell Unpad(std::string_view text, size_t begin, size_t end) {
  size_t from = begin;
  if (from < end && text[from] == ' ') ++from;
  std::string_view value = WithoutTrailingBlanks(text.substr(from, end - from));
  const size_t blanks = std::min(value.find_first_not_of(' '), value.size());
  if (IsRightAligned(value.substr(blanks))) {
    value.remove_prefix(blanks);
    from += blanks;
  }
  return {value, from};
}

// Where the bars stand if the text fits the border by this measure; empty if it does not.
std::vector<size_t> BarsByWidth(std::string_view text, const BoxBorder& border, Measure measure) {
  std::vector<size_t> bars;
  size_t pos = 0;
  const auto take_bar = [&] {
    if (pos >= text.size() || text[pos] != '|') return false;
    bars.push_back(pos++);
    return true;
  };
  if (!take_bar()) return {};
  for (const size_t width : border.widths) {
    size_t seen = 0;
    for (size_t bytes = 0; seen < width && pos < text.size(); pos += bytes) {
      seen += WidthOfFront(text.substr(pos), measure, bytes);
    }
    // A combining mark belongs to the column before the bar.
    for (size_t bytes = 0; seen == width && pos < text.size(); pos += bytes) {
      if (WidthOfFront(text.substr(pos), measure, bytes) != 0) break;
    }
    if (seen != width || text[pos - 1] != ' ' || !take_bar()) return {};
  }
  if (pos != text.size()) return {};
  return bars;
}

// Where the bars stand if only so many stand in the text as the border has corners, or so many
// with blanks around them.
std::vector<size_t> BarsByCount(std::string_view text, const BoxBorder& border, bool with_blanks) {
  std::vector<size_t> bars;
  const size_t wanted = border.widths.size() + 1;
  for (size_t bar = 0; (bar = text.find('|', bar)) != std::string_view::npos; ++bar) {
    const bool left = bar == 0 || text[bar - 1] == ' ';
    const bool right = bar + 1 == text.size() || text[bar + 1] == ' ';
    if (with_blanks && !(left && right)) continue;
    bars.push_back(bar);
    if (bars.size() > wanted) return {};
  }
  const bool whole = bars.size() == wanted && bars.front() == 0 && bars.back() == text.size() - 1;
  return whole ? bars : std::vector<size_t>{};
}

}  // namespace

bool ParseBorder(std::string_view line, BoxBorder& border) {
  border.prefix = PrefixLength(line);
  border.widths.clear();
  line = WithoutTrailingBlanks(line.substr(border.prefix));
  if (line.size() < 3 || line.front() != '+' || line.back() != '+') return false;
  for (size_t pos = 1; pos < line.size();) {
    const size_t corner = line.find('+', pos);
    const std::string_view run = line.substr(pos, corner - pos);
    if (run.empty() || run.find_first_not_of(run[0] == '=' ? '=' : '-') != std::string_view::npos) {
      return false;
    }
    border.widths.push_back(run.size());
    pos = corner + 1;
  }
  return true;
}

bool IsCutBorder(std::string_view line) {
  line = WithoutTrailingBlanks(line.substr(PrefixLength(line)));
  return line.starts_with("+---") && line.back() != '+' &&
         line.find_first_not_of("+-") == std::string_view::npos;
}

bool SplitBoxRow(std::string_view text, const BoxBorder& border, std::vector<BoxCell>& cells) {
  text = WithoutTrailingBlanks(text);
  if (text.size() < 2 || text.front() != '|' || text.back() != '|') return false;
  std::vector<size_t> bars = BarsByCount(text, border, false);
  for (const Measure measure : kMeasures) {
    if (bars.empty()) bars = BarsByWidth(text, border, measure);
  }
  if (bars.empty()) bars = BarsByCount(text, border, true);
  if (bars.empty()) return false;
  cells.clear();
  for (size_t i = 0; i + 1 < bars.size(); ++i) {
    cells.push_back(Unpad(text, bars[i] + 1, bars[i + 1]));
  }
  return true;
}

bool FitsBorder(std::string_view text, const BoxBorder& border) {
  text = WithoutTrailingBlanks(text);
  return std::any_of(kMeasures.begin(), kMeasures.end(),
                     [&](Measure measure) { return !BarsByWidth(text, border, measure).empty(); });
}

}  // namespace obviews::tools
