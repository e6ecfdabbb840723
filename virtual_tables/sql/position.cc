// Line, column and caret rendering for error messages about SQL text.
#include "virtual_tables/sql/position.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace obviews::vtab::sql {
namespace {

// How many cells of a line are shown on each side of the caret.
constexpr size_t kShownBefore = 60;
constexpr size_t kShownAfter = 40;

struct Character {
  uint32_t code = 0;
  size_t bytes = 1;
  bool valid = false;
};

// The character at the front of `text`, which is not empty.
Character DecodeUtf8(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1, true};
  const size_t bytes = lead >= 0xF0 && lead < 0xF5   ? 4
                       : lead >= 0xE0 && lead < 0xF0 ? 3
                       : lead >= 0xC2 && lead < 0xE0 ? 2
                                                     : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return {};
    code = (code << 6U) | (next & 0x3FU);
  }
  return {code, bytes, true};
}

// Terminals draw these two cells wide. Coarse on purpose: it only places a caret.
size_t CellWidth(uint32_t code) {
  struct Range {
    uint32_t first, last;
  };
  static constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115F},
                                                  {0x2E80, 0xA4CF},
                                                  {0xAC00, 0xD7A3},
                                                  {0xF900, 0xFAFF},
                                                  {0xFE30, 0xFE6F},
                                                  {0xFF00, 0xFF60},
                                                  {0xFFE0, 0xFFE6},
                                                  {0x1F300, 0x1FAFF},
                                                  {0x20000, 0x3FFFD}}};
  const bool wide = std::any_of(kWide.begin(), kWide.end(),
                                [code](Range r) { return code >= r.first && code <= r.last; });
  return wide ? 2 : 1;
}

struct Rendered {
  std::string text;
  size_t cells = 0;
};

Rendered Render(std::string_view bytes) {
  Rendered out;
  while (!bytes.empty()) {
    const Character c = DecodeUtf8(bytes);
    if (bytes[0] == '\t') {
      out.text += ' ';
      out.cells += 1;
    } else if (!c.valid || c.code < 0x20 || c.code == 0x7F) {
      out.text += '?';
      out.cells += 1;
    } else {
      out.text.append(bytes.substr(0, c.bytes));
      out.cells += CellWidth(c.code);
    }
    bytes.remove_prefix(c.bytes);
  }
  return out;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

}  // namespace

Position PositionAt(std::string_view text, size_t offset, Position start) {
  text = text.substr(0, offset);
  Position at = start;
  for (size_t nl = text.find('\n'); nl != std::string_view::npos; nl = text.find('\n')) {
    ++at.line;
    at.column = 1;
    text.remove_prefix(nl + 1);
  }
  while (!text.empty()) {
    text.remove_prefix(DecodeUtf8(text).bytes);
    ++at.column;
  }
  return at;
}

std::string MessageAt(std::string_view message, std::string_view text, size_t offset,
                      Position start) {
  offset = std::min(offset, text.size());
  const size_t newline_before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  size_t begin = newline_before == std::string_view::npos ? 0 : newline_before + 1;
  size_t end = std::min(text.find('\n', offset), text.size());
  if (end > offset && text[end - 1] == '\r') --end;

  std::string_view before_mark;
  std::string_view after_mark;
  if (offset - begin > kShownBefore) {
    begin = offset - kShownBefore;
    while (begin < offset && IsContinuation(text[begin])) ++begin;
    before_mark = "...";
  }
  if (end - offset > kShownAfter) {
    end = offset + kShownAfter;
    while (end > offset && IsContinuation(text[end])) --end;
    after_mark = "...";
  }
  const Rendered before = Render(text.substr(begin, offset - begin));
  const Rendered after = Render(text.substr(offset, end - offset));
  const Position at = PositionAt(text, offset, start);
  return fmt::format("{}\n  at line {}, column {}:\n  {}{}{}{}\n  {}^", message, at.line, at.column,
                     before_mark, before.text, after.text, after_mark,
                     std::string(before_mark.size() + before.cells, ' '));
}

Error ErrorAt(std::string_view message, std::string_view text, size_t offset, Position start) {
  return {ErrorCode::kInvalidArgument, MessageAt(message, text, offset, start)};
}

}  // namespace obviews::vtab::sql
