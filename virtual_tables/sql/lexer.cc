// Token rules of the MySQL and Oracle clients.
#include "virtual_tables/sql/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsWordPart(char c, Mode mode) {
  return IsWordStart(c) || IsDigit(c) || c == '$' || (c == '#' && mode == Mode::kOracle);
}

char At(std::string_view text, size_t pos) { return pos < text.size() ? text[pos] : '\0'; }

// From the byte after the opening quote (or `resume`) to behind the closing one.
Scan ScanQuoted(std::string_view text, TokenKind kind, size_t from, char quote, bool escapes) {
  const char stops[] = {quote, '\\'};
  const std::string_view stop_set(stops, escapes ? 2 : 1);
  size_t pos = from;
  for (;;) {
    pos = text.find_first_of(stop_set, pos);
    if (pos == std::string_view::npos) return {kind, text.size(), false, text.size()};
    const bool pair = text[pos] == '\\' || At(text, pos + 1) == quote;
    if (!pair) return {kind, pos + 1};
    if (pos + 1 >= text.size()) return {kind, text.size(), false, pos};
    pos += 2;
  }
}

Scan ScanLineComment(std::string_view text, size_t pos) {
  const size_t newline = text.find('\n', pos);
  return {TokenKind::kComment, newline == std::string_view::npos ? text.size() : newline + 1};
}

Scan ScanBlockComment(std::string_view text, size_t from) {
  const size_t close = text.find("*/", from);
  if (close != std::string_view::npos) return {TokenKind::kComment, close + 2};
  // The last byte may be the '*' of a "*/" still to come.
  return {TokenKind::kComment, text.size(), false, std::max(from, text.size() - 1)};
}

Scan ScanNumber(std::string_view text, size_t pos) {
  if (text[pos] == '0' && (At(text, pos + 1) | 0x20) == 'x' && IsHexDigit(At(text, pos + 2))) {
    pos += 2;
    while (IsHexDigit(At(text, pos))) ++pos;
    return {TokenKind::kNumber, pos};
  }
  while (IsDigit(At(text, pos))) ++pos;
  if (At(text, pos) == '.') {
    ++pos;
    while (IsDigit(At(text, pos))) ++pos;
  }
  if ((At(text, pos) | 0x20) == 'e') {
    size_t exponent = pos + 1;
    if (At(text, exponent) == '+' || At(text, exponent) == '-') ++exponent;
    if (IsDigit(At(text, exponent))) {
      while (IsDigit(At(text, exponent))) ++exponent;
      pos = exponent;
    }
  }
  return {TokenKind::kNumber, pos};
}

Scan ScanVariable(std::string_view text, size_t pos, Mode mode) {
  pos += At(text, pos + 1) == '@' ? 2 : 1;
  const size_t name = pos;
  while (IsWordPart(At(text, pos), mode) || At(text, pos) == '.') ++pos;
  return {pos == name ? TokenKind::kInvalid : TokenKind::kVariable, pos};
}

Scan ScanOperator(std::string_view text, size_t pos) {
  // Longest first.
  static constexpr std::array<std::string_view, 14> kLong = {
      "<=>", "->>", "<=", ">=", "<>", "!=", ":=", "||", "&&", "<<", ">>", "->", "==", "^="};
  const std::string_view rest = text.substr(pos);
  for (const std::string_view op : kLong) {
    if (rest.substr(0, op.size()) == op) return {TokenKind::kOperator, pos + op.size()};
  }
  static constexpr std::string_view kSingle = "()+-*/%,;.=<>!&|^~?:\\";
  const bool known = text[pos] != '\0' && kSingle.find(text[pos]) != std::string_view::npos;
  return {known ? TokenKind::kOperator : TokenKind::kInvalid, pos + 1};
}

bool StartsLineComment(std::string_view text, size_t pos, Mode mode) {
  if (text[pos] == '#') return mode == Mode::kMySql;
  if (text[pos] != '-' || At(text, pos + 1) != '-') return false;
  return mode == Mode::kOracle || pos + 2 >= text.size() || IsSpace(text[pos + 2]) ||
         (text[pos + 2] >= '\0' && text[pos + 2] < ' ');
}

std::string_view NameOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kString:
    case TokenKind::kBlob:
      return "string";
    case TokenKind::kQuotedName:
      return "quoted name";
    default:
      return "comment";
  }
}

}  // namespace

Scan ScanAt(std::string_view text, size_t pos, Mode mode, size_t resume) {
  const char c = text[pos];
  if (IsSpace(c)) {
    size_t end = pos + 1;
    while (end < text.size() && IsSpace(text[end])) ++end;
    return {TokenKind::kSpace, end};
  }
  const bool mysql = mode == Mode::kMySql;
  const auto from = [resume](size_t begin) { return std::max(begin, resume); };
  if (StartsLineComment(text, pos, mode)) return ScanLineComment(text, pos);
  if (c == '/' && At(text, pos + 1) == '*') return ScanBlockComment(text, from(pos + 2));
  if (c == '\'') return ScanQuoted(text, TokenKind::kString, from(pos + 1), c, mysql);
  if (c == '"') {
    const TokenKind kind = mysql ? TokenKind::kString : TokenKind::kQuotedName;
    return ScanQuoted(text, kind, from(pos + 1), c, mysql);
  }
  if (c == '`') return ScanQuoted(text, TokenKind::kQuotedName, from(pos + 1), c, false);
  if ((c == 'x' || c == 'X') && At(text, pos + 1) == '\'') {
    return ScanQuoted(text, TokenKind::kBlob, from(pos + 2), '\'', false);
  }
  if (IsWordStart(c)) {
    size_t end = pos + 1;
    while (end < text.size() && IsWordPart(text[end], mode)) ++end;
    return {TokenKind::kWord, end};
  }
  if (IsDigit(c) || (c == '.' && IsDigit(At(text, pos + 1)))) return ScanNumber(text, pos);
  if (c == '@') return ScanVariable(text, pos, mode);
  return ScanOperator(text, pos);
}

Result<std::vector<Token>> Tokenize(std::string_view text, Mode mode, Position start) {
  std::vector<Token> tokens;
  bool after_comment = false;
  // Positions are advanced from token to token, so that the whole text is counted once.
  size_t counted = 0;
  Position at = start;
  for (size_t pos = 0; pos < text.size();) {
    const Scan scan = ScanAt(text, pos, mode);
    if (!scan.terminated) {
      return Fail(
          ErrorAt(fmt::format("this {} is never closed", NameOf(scan.kind)), text, pos, start));
    }
    if (scan.kind == TokenKind::kInvalid) {
      return Fail(ErrorAt(fmt::format("unexpected character (byte 0x{:02X})",
                                      static_cast<unsigned char>(text[pos])),
                          text, pos, start));
    }
    if (scan.kind == TokenKind::kComment) {
      after_comment = true;
    } else if (scan.kind != TokenKind::kSpace) {
      at = PositionAt(text.substr(counted, pos - counted), pos - counted, at);
      counted = pos;
      tokens.push_back({scan.kind, pos, scan.end, at, after_comment});
      after_comment = false;
    }
    pos = scan.end;
  }
  return tokens;
}

std::string Unquote(std::string_view token, Mode mode) {
  const char quote = token.front();
  const bool escapes = mode == Mode::kMySql && quote != '`';
  const std::string_view body = token.substr(1, token.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == quote) {
      ++i;  // the second of a doubled quote
    } else if (c == '\\' && escapes && i + 1 < body.size()) {
      const char escaped = body[++i];
      switch (escaped) {
        case '0':
          out += '\0';
          break;
        case 'b':
          out += '\b';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'Z':
          out += '\x1A';
          break;
        case '%':
        case '_':
          out += '\\';
          out += escaped;
          break;
        default:
          out += escaped;
      }
      continue;
    }
    out += c;
  }
  return out;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace obviews::vtab::sql
