// Operand boundaries by looking at neighbouring tokens; everything else is SQLite's grammar.
#include "virtual_tables/sql/grammar.h"

#include <algorithm>
#include <array>
#include <utility>

namespace obviews::vtab::sql {
namespace {

// Words after which an operand begins, so that they neither end one nor are an alias.
constexpr std::array<std::string_view, 60> kNotOperands = {
    "ALL",   "AND",       "AS",        "ASC",   "BETWEEN", "BY",        "CASE",    "COLLATE",
    "CROSS", "DESC",      "DISTINCT",  "DIV",   "ELSE",    "ESCAPE",    "EXCEPT",  "EXISTS",
    "FETCH", "FILTER",    "FROM",      "FULL",  "GLOB",    "GROUP",     "HAVING",  "IN",
    "INNER", "INTERSECT", "INTERVAL",  "IS",    "ISNULL",  "JOIN",      "LEFT",    "LIKE",
    "LIMIT", "MATCH",     "MINUS",     "MOD",   "NATURAL", "NOT",       "NOTNULL", "OFFSET",
    "ON",    "OR",        "ORDER",     "OUTER", "OVER",    "PARTITION", "REGEXP",  "RIGHT",
    "RLIKE", "SELECT",    "SEPARATOR", "THEN",  "UNION",   "USING",     "VALUES",  "WHEN",
    "WHERE", "WINDOW",    "WITH",      "XOR"};

}  // namespace

TokenList::TokenList(std::string_view text, schema::Mode mode, Position start,
                     std::vector<Token> tokens)
    : text_(text),
      mode_(mode),
      start_(start),
      tokens_(std::move(tokens)),
      partners_(tokens_.size(), kNone),
      intervals_(tokens_.size(), kNone) {}

Result<TokenList> TokenList::Make(std::string_view text, schema::Mode mode, Position start) {
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text, mode, start));
  TokenList list(text, mode, start, std::move(tokens));
  OBVIEWS_RETURN_IF_ERROR(list.MatchParentheses());
  return list;
}

Status TokenList::MatchParentheses() {
  std::vector<size_t> open;
  for (size_t i = 0; i < size(); ++i) {
    if (Op(i, "(")) open.push_back(i);
    if (!Op(i, ")")) continue;
    if (open.empty()) return Fail(ErrorAt("this ) closes nothing", i));
    partners_[i] = open.back();
    partners_[open.back()] = i;
    open.pop_back();
  }
  if (!open.empty()) return Fail(ErrorAt("this ( is never closed", open.back()));
  return {};
}

bool TokenList::Word(size_t i, std::string_view word) const {
  return Kind(i, TokenKind::kWord) && EqualsIgnoreCase(text(i), word);
}

bool TokenList::Op(size_t i, std::string_view op) const {
  return Kind(i, TokenKind::kOperator) && text(i) == op;
}

bool TokenList::Name(size_t i) const {
  return Kind(i, TokenKind::kWord) || Kind(i, TokenKind::kQuotedName);
}

std::string TokenList::Unquoted(size_t i) const {
  const bool quoted = Kind(i, TokenKind::kQuotedName) || Kind(i, TokenKind::kString);
  return quoted ? Unquote(text(i), mode_) : std::string(text(i));
}

bool TokenList::EndsOperand(size_t i) const {
  if (i >= size()) return false;
  switch (tokens_[i].kind) {
    case TokenKind::kOperator:
      return Op(i, ")");
    case TokenKind::kWord:
      return std::none_of(kNotOperands.begin(), kNotOperands.end(),
                          [&](std::string_view word) { return Word(i, word); });
    default:
      return true;
  }
}

bool TokenList::Sign(size_t i) const {
  return (Op(i, "-") || Op(i, "+") || Op(i, "~")) && !EndsOperand(i - 1);
}

bool TokenList::BinaryOperator(size_t i, Binding binding) const {
  if (binding == Binding::kSignOnly || !EndsOperand(i - 1)) return false;
  if (Op(i, "*") || Op(i, "/") || Op(i, "%") || Word(i, "DIV") || Word(i, "MOD")) return true;
  if (binding == Binding::kMultiplicative) return false;
  return Op(i, "+") || Op(i, "-") || (mode_ == schema::Mode::kOracle && Op(i, "||"));
}

size_t TokenList::NameBegin(size_t last) const {
  while (Op(last - 1, ".") && Name(last - 2)) last -= 2;
  return last;
}

size_t TokenList::CaseBegin(size_t end) const {
  size_t depth = 0;
  for (size_t i = end; i < size(); --i) {
    if (Op(i, ")")) i = partners_[i];
    if (Word(i, "END")) ++depth;
    if (Word(i, "CASE") && --depth == 0) return i;
  }
  return end;
}

size_t TokenList::CaseEnd(size_t begin) const {
  size_t depth = 0;
  for (size_t i = begin; i < size(); i = Skip(i)) {
    if (Word(i, "CASE")) ++depth;
    if (Word(i, "END") && --depth == 0) return i;
  }
  return begin;
}

size_t TokenList::PrimaryBegin(size_t last) const {
  if (intervals_[last] != kNone) return intervals_[last];
  if (Op(last, ")")) {
    const size_t open = partners_[last];
    if ((Word(open - 1, "OVER") || Word(open - 1, "FILTER")) && Op(open - 2, ")")) {
      return PrimaryBegin(open - 2);
    }
    // LEFT, RIGHT and MOD are words that an operand does not end with, yet functions here.
    const bool function = EndsOperand(open - 1) || Word(open - 1, "LEFT") ||
                          Word(open - 1, "RIGHT") ||
                          (Word(open - 1, "MOD") && !EndsOperand(open - 2));
    return function && Name(open - 1) ? NameBegin(open - 1) : open;
  }
  if (Word(last, "END")) return CaseBegin(last);
  if (Name(last)) return NameBegin(last);
  while (Kind(last, TokenKind::kString) && Kind(last - 1, TokenKind::kString)) --last;
  return last;
}

size_t TokenList::PrimaryEnd(size_t first) const {
  while (Sign(first)) ++first;
  if (first >= size()) return kNone;
  if (Op(first, "(")) return partners_[first];
  if (Word(first, "CASE")) return CaseEnd(first);
  if (Name(first)) {
    while (Op(first + 1, ".") && Name(first + 2)) first += 2;
    return Op(first + 1, "(") ? partners_[first + 1] : first;
  }
  return tokens_[first].kind == TokenKind::kOperator ? kNone : first;
}

size_t TokenList::LeftOperand(size_t last, Binding binding) const {
  size_t begin = PrimaryBegin(last);
  for (;;) {
    if (begin > 0 && BinaryOperator(begin - 1, binding)) {
      begin = PrimaryBegin(begin - 2);
    } else if (begin > 0 && Sign(begin - 1)) {
      --begin;
    } else {
      return begin;
    }
  }
}

size_t TokenList::RightOperand(size_t first, Binding binding) const {
  size_t end = PrimaryEnd(first);
  while (end != kNone && BinaryOperator(end + 1, binding)) {
    const size_t next = PrimaryEnd(end + 2);
    if (next == kNone) break;
    end = next;
  }
  return end;
}

Error TokenList::ErrorAt(std::string_view message, size_t i) const {
  const size_t offset = i < size() ? tokens_[i].begin : text_.size();
  return sql::ErrorAt(message, text_, offset, start_);
}

}  // namespace obviews::vtab::sql
