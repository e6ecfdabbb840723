// The closed list of rewriting rules. One pass left to right; each rule looks at one token and its
// neighbours. Operators are wrapped into calls in the order they stand, which is how they
// associate, so an operator's left operand is complete when the operator is reached.
#include "virtual_tables/sql/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "virtual_tables/sql/interval.h"

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

struct Renaming {
  std::string_view from;
  std::string_view to;
};

// Functions under another name in SQLite. LEFT, RIGHT and ISNULL are keywords there; IIF and IFNULL
// are lazy, as IF and NVL are. `LENGTH` counts bytes in MySQL and characters in SQLite.
constexpr std::array<Renaming, 11> kFunctions = {{{"IF", "IIF"},
                                                  {"NVL", "IFNULL"},
                                                  {"LEFT", "`LEFT`"},
                                                  {"RIGHT", "`RIGHT`"},
                                                  {"GREATEST", "MAX"},
                                                  {"LEAST", "MIN"},
                                                  {"UCASE", "UPPER"},
                                                  {"LCASE", "LOWER"},
                                                  {"MID", "SUBSTR"},
                                                  {"LENGTHB", "OCTET_LENGTH"},
                                                  {"SCHEMA", "DATABASE"}}};

// Functions that SQL lets stand without parentheses.
constexpr std::array<Renaming, 6> kBareFunctions = {{{"CURRENT_TIMESTAMP", "NOW"},
                                                     {"LOCALTIMESTAMP", "NOW"},
                                                     {"LOCALTIME", "NOW"},
                                                     {"CURRENT_DATE", "CURDATE"},
                                                     {"CURRENT_TIME", "CURTIME"},
                                                     {"UTC_TIMESTAMP", "UTC_TIMESTAMP"}}};

// Clauses that can follow a select list.
constexpr std::array<std::string_view, 14> kAfterColumns = {
    "FROM",   "WHERE",     "GROUP", "HAVING", "ORDER",  "LIMIT", "UNION",
    "EXCEPT", "INTERSECT", "MINUS", "WINDOW", "OFFSET", "FETCH", "INTO"};

class Rewriter {
 public:
  explicit Rewriter(TokenList tokens)
      : t_(std::move(tokens)), edits_(t_.statement(), t_.tokens()) {}
  Rewriter(const Rewriter&) = delete;  // edits_ borrows from t_
  Rewriter& operator=(const Rewriter&) = delete;

  Result<Query> Run(size_t first) {
    OpenParenthesizedMembers(first);
    OBVIEWS_RETURN_IF_ERROR(RewriteTokens(first));
    NameColumns(first);
    return Emit(first);
  }

  Result<Query> RunExpression() {
    OBVIEWS_RETURN_IF_ERROR(RewriteTokens(0));
    return Emit(0);
  }

 private:
  Status RewriteTokens(size_t first) {
    for (size_t i = first; i < t_.size(); ++i) OBVIEWS_RETURN_IF_ERROR(RewriteToken(i));
    return {};
  }
  Query Emit(size_t first) const {
    Query query;
    query.sql = edits_.Emit(first, t_.size(), &query.map);
    return query;
  }
  bool mysql() const { return t_.mode() == Mode::kMySql; }
  Status FailAt(size_t i, std::string_view message) { return Fail(t_.ErrorAt(message, i)); }

  Status RewriteToken(size_t i);
  Status RewriteString(size_t i);
  Status RewriteQuotedName(size_t i);
  void RewriteNumber(size_t i);
  Status RewriteVariable(size_t i);
  Status RewriteOperator(size_t i);
  Status WrapBinary(size_t i, std::string_view open, std::string_view between,
                    std::string_view close, Binding left, Binding right);
  Status RewriteWord(size_t i);
  Status RewriteBareFunction(size_t i, std::string_view name);
  Status RewriteFunction(size_t i);
  Status RewriteUnitArgument(size_t i);
  Status RewriteCastType(size_t i);
  void RewriteDual(size_t i);
  Status RewriteOracleWord(size_t i);
  Status RewriteOffset(size_t i);
  Status RewriteFetch(size_t i);
  Status CheckFetch(size_t i) const;
  Status RewriteInterval(size_t i);
  Result<size_t> FindUnit(size_t interval) const;
  void OpenParenthesizedMembers(size_t first);
  void NameColumns(size_t first);
  void NameColumn(size_t first, size_t last);
  bool IsAlias(size_t last) const;
  bool EndsColumns(size_t i) const;
  size_t Enclosing(size_t i) const;
  bool InsideOf(size_t i, std::string_view function) const;

  TokenList t_;
  TokenEdits edits_;
};

Status Rewriter::RewriteToken(size_t i) {
  switch (t_.tokens()[i].kind) {
    case TokenKind::kString:
      return RewriteString(i);
    case TokenKind::kQuotedName:
      return RewriteQuotedName(i);
    case TokenKind::kNumber:
      RewriteNumber(i);
      return {};
    case TokenKind::kVariable:
      return RewriteVariable(i);
    case TokenKind::kOperator:
      return RewriteOperator(i);
    case TokenKind::kWord:
      // What an earlier rule replaced is no longer a word of its own.
      if (edits_.replaced(i) || t_.Op(i - 1, ".") || t_.Op(i + 1, ".")) return {};
      return RewriteWord(i);
    default:
      return {};
  }
}

Status Rewriter::RewriteString(size_t i) {
  if (edits_.replaced(i)) return {};
  std::string value = t_.Unquoted(i);
  if (mysql()) {
    // Neighbouring literals are one, unless the second is an alias: SELECT 'a' AS b 'c' is neither.
    for (size_t next = i + 1; t_.Kind(next, TokenKind::kString); ++next) {
      value += t_.Unquoted(next);
      edits_.Drop(next);
    }
  }
  const bool like_pattern = t_.Word(i - 1, "LIKE") && mysql() && !t_.Word(i + 1, "ESCAPE");
  edits_.Replace(i, SqliteLiteral(value));
  // Backslash is MySQL's default escape in LIKE. It is only spelt out where it matters, because
  // SQLite does not hand a LIKE with ESCAPE to the views.
  if (like_pattern && value.find('\\') != std::string::npos) edits_.PutAfter(i, " ESCAPE '\\'");
  return {};
}

Status Rewriter::RewriteQuotedName(size_t i) {
  const std::string name = t_.Unquoted(i);
  if (name.find('\0') != std::string::npos) return FailAt(i, "a name cannot hold a NUL byte");
  // SQLite reads an unknown "name" as a string, but never an unknown `name`.
  if (t_.text(i).front() == '"') {
    std::string quoted = "`";
    for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
    edits_.Replace(i, quoted + '`');
  }
  return {};
}

void Rewriter::RewriteNumber(size_t i) {
  // SQLite makes a REAL of an integer above 2^63-1, which would lose the last digits of an SCN.
  const std::string_view text = t_.text(i);
  const bool integer =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (integer && text.size() >= 19 && t_.Op(i - 1, "(") && t_.Word(i - 2, "SCN_TO_TIMESTAMP")) {
    edits_.Replace(i, fmt::format("'{}'", text));
  }
}

Status Rewriter::RewriteVariable(size_t i) {
  std::string_view name = t_.text(i);
  if (name.substr(0, 2) != "@@") return FailAt(i, "user variables are not supported");
  name.remove_prefix(2);
  const size_t dot = name.find('.');
  if (dot != std::string_view::npos) {
    const std::string_view scope = name.substr(0, dot);
    if (EqualsIgnoreCase(scope, "session") || EqualsIgnoreCase(scope, "local") ||
        EqualsIgnoreCase(scope, "global")) {
      name.remove_prefix(dot + 1);
    }
  }
  for (const std::string_view known : kSystemVariables) {
    if (!EqualsIgnoreCase(name, known)) continue;
    edits_.Replace(i, fmt::format("obviews_variable('{}')", known));
    return {};
  }
  return FailAt(i, fmt::format("unknown system variable '{}'; known: {}", name,
                               fmt::join(kSystemVariables, ", ")));
}

Status Rewriter::RewriteOperator(size_t i) {
  if (t_.Op(i, "?") || t_.Op(i, ":")) return FailAt(i, "bind variables are not supported");
  if (t_.Op(i, ":=")) return FailAt(i, "assignments are not supported");
  if (t_.Op(i, "\\")) return FailAt(i, "unexpected backslash");
  if (t_.Op(i, ";")) {
    if (i + 1 < t_.size()) return FailAt(i, "one statement at a time: more text follows this ;");
    edits_.Drop(i);
  } else if (t_.Op(i, "<=>")) {
    edits_.Replace(i, "IS");
  } else if (t_.Op(i, "^=")) {
    edits_.Replace(i, "<>");
  } else if (t_.Op(i, "/")) {
    edits_.Replace(i, "* 1.0 /");  // SQLite's / cuts the quotient of two integers
  } else if (mysql() && t_.Op(i, "&&")) {
    edits_.Replace(i, "AND");
  } else if (mysql() && t_.Op(i, "||")) {
    edits_.Replace(i, "OR");
  } else if (t_.Op(i, "||")) {
    // Oracle's NULL is an empty string here; SQLite's || would make the whole NULL.
    return WrapBinary(i, "CONCAT(", ",", ")", Binding::kAdditive, Binding::kMultiplicative);
  }
  return {};
}

Status Rewriter::WrapBinary(size_t i, std::string_view open, std::string_view between,
                            std::string_view close, Binding left, Binding right) {
  // An operator without operands is for SQLite to complain about.
  if (!t_.EndsOperand(i - 1)) return {};
  const size_t end = t_.RightOperand(i + 1, right);
  if (end == TokenList::kNone) return {};
  edits_.PutBefore(t_.LeftOperand(i - 1, left), open);
  edits_.Replace(i, std::string(between));
  edits_.PutAfter(end, close);
  return {};
}

// Days as numbers added to a time are Oracle's; here they would be added to the year's digits.
Status Rewriter::RewriteBareFunction(size_t i, std::string_view name) {
  const size_t end = t_.Op(i + 1, "(") ? t_.partner(i + 1) : i;
  const auto sign = [this](size_t j) { return t_.Op(j, "+") || t_.Op(j, "-"); };
  const bool number = (sign(end + 1) && !t_.Word(end + 2, "INTERVAL")) ||
                      (sign(i - 1) && t_.EndsOperand(i - 2) && !t_.EndsInterval(i - 2));
  if (number) {
    return FailAt(i, fmt::format("adding to or subtracting from {} needs an interval, as in "
                                 "{} - INTERVAL '1' HOUR; for differences use TIMESTAMPDIFF",
                                 t_.text(i), t_.text(i)));
  }
  edits_.Replace(i, std::string(name) + (t_.Op(i + 1, "(") ? "" : "()"));
  return {};
}

Status Rewriter::RewriteWord(size_t i) {
  if (t_.Word(i - 1, "AS")) return InsideOf(i, "CAST") ? RewriteCastType(i) : Status{};
  for (const auto& [from, to] : kBareFunctions) {
    if (t_.Word(i, from)) return RewriteBareFunction(i, to);
  }
  if (t_.Word(i, "INTERVAL")) return RewriteInterval(i);
  if (t_.Word(i, "DUAL") && t_.Word(i - 1, "FROM")) RewriteDual(i);
  if (t_.Word(i, "RLIKE")) edits_.Replace(i, "REGEXP");
  if (t_.Word(i, "SEPARATOR") && t_.EndsOperand(i - 1) && InsideOf(i, "GROUP_CONCAT")) {
    edits_.Replace(i, ",");
  }
  if ((t_.Word(i, "DATE") || t_.Word(i, "TIMESTAMP")) && t_.Kind(i + 1, TokenKind::kString) &&
      !t_.EndsOperand(i - 1)) {
    edits_.Drop(i);  // TIMESTAMP '2023-06-01 00:00:00': times are text here
  }
  if (mysql() && t_.Word(i, "DIV")) {
    return WrapBinary(i, "CAST(", "/", " AS INTEGER)", Binding::kMultiplicative,
                      Binding::kSignOnly);
  }
  if (mysql() && t_.Word(i, "MOD") && t_.EndsOperand(i - 1)) {
    edits_.Replace(i, "%");
    return {};
  }
  if (t_.Op(i + 1, "(")) OBVIEWS_RETURN_IF_ERROR(RewriteFunction(i));
  return mysql() ? Status{} : RewriteOracleWord(i);
}

// SELECT 1 FROM DUAL WHERE ...: SQLite needs no table there. `dual d` stays, for SQLite to refuse.
void Rewriter::RewriteDual(size_t i) {
  if (i + 1 < t_.size() && !t_.Op(i + 1, ")") && !EndsColumns(i + 1)) return;
  edits_.Drop(i - 1);
  edits_.Drop(i);
}

Status Rewriter::RewriteFunction(size_t i) {
  if (t_.Word(i, "TIMESTAMPDIFF") || t_.Word(i, "TIMESTAMPADD") || t_.Word(i, "EXTRACT")) {
    return RewriteUnitArgument(i);
  }
  if (mysql() && t_.Word(i, "LENGTH")) edits_.Replace(i, "OCTET_LENGTH");
  if (t_.Word(i, "ISNULL") && !t_.EndsOperand(i - 1)) edits_.Replace(i, "`ISNULL`");
  if (t_.Word(i, "GREATEST") || t_.Word(i, "LEAST")) {
    size_t j = i + 2;
    while (j < t_.partner(i + 1) && !t_.Op(j, ",")) j = t_.Skip(j);
    // With one argument SQLite's MAX and MIN are aggregates.
    if (j >= t_.partner(i + 1)) {
      return FailAt(i, fmt::format("{} needs at least two arguments", t_.text(i)));
    }
  }
  for (const auto& [from, to] : kFunctions) {
    if (t_.Word(i, from)) edits_.Replace(i, std::string(to));
  }
  return {};
}

// TIMESTAMPDIFF(HOUR, a, b), EXTRACT(YEAR FROM a): the unit becomes a string.
Status Rewriter::RewriteUnitArgument(size_t i) {
  const size_t word = i + 2;
  const bool extract = t_.Word(i, "EXTRACT");
  const bool separated = extract ? t_.Word(word + 1, "FROM") : t_.Op(word + 1, ",");
  const auto unit = t_.Kind(word, TokenKind::kWord) ? ParseIntervalUnit(t_.text(word))
                                                    : std::optional<IntervalUnit>();
  if (!unit || !separated) {
    return FailAt(word, fmt::format("{} begins with a unit: {}", t_.text(i), kIntervalUnits));
  }
  edits_.Replace(word, fmt::format("'{}'", IntervalUnitName(*unit)));
  if (extract) edits_.Replace(word + 1, ",");
  return {};
}

// Types that SQLite would take for numbers. `i` follows AS inside of CAST( ).
Status Rewriter::RewriteCastType(size_t i) {
  if (t_.Word(i, "SIGNED") || t_.Word(i, "UNSIGNED")) {
    edits_.Replace(i, "INTEGER");
    if (t_.Word(i + 1, "INTEGER") || t_.Word(i + 1, "INT")) edits_.Drop(i + 1);
    return {};
  }
  if (t_.Word(i, "BINARY")) edits_.Replace(i, "TEXT");
  if (t_.Word(i, "TIME") || t_.Word(i, "YEAR") || t_.Word(i, "JSON")) {
    return FailAt(i, fmt::format("CAST to {} is not supported", t_.text(i)));
  }
  const bool date = t_.Word(i, "DATE");
  if (!date && !t_.Word(i, "DATETIME") && !t_.Word(i, "TIMESTAMP")) return {};
  const size_t cast = Enclosing(i) - 1;
  edits_.Drop(i - 1);
  if (date && mysql()) {
    edits_.Replace(cast, "DATE");
    edits_.Drop(i);
    return {};
  }
  edits_.Replace(cast, "obviews_datetime");
  std::string digits = t_.Word(i, "TIMESTAMP") && !mysql() ? "6" : "0";
  if (t_.Op(i + 1, "(")) {
    if (t_.Kind(i + 2, TokenKind::kNumber)) digits = t_.text(i + 2);
    for (size_t j = i + 1; j <= t_.partner(i + 1); ++j) edits_.Drop(j);
  }
  edits_.Replace(i, ", " + digits);
  return {};
}

Status Rewriter::RewriteOracleWord(size_t i) {
  if (t_.Word(i, "SYSDATE")) return RewriteBareFunction(i, "SYSDATE");
  if (t_.Word(i, "SYSTIMESTAMP")) return RewriteBareFunction(i, "SYSTIMESTAMP");
  if (t_.Word(i, "ROWNUM")) {
    return FailAt(i, "ROWNUM is not supported; end the statement with FETCH FIRST n ROWS ONLY");
  }
  if (t_.Word(i, "MINUS") && (t_.Word(i + 1, "SELECT") || t_.Op(i + 1, "("))) {
    edits_.Replace(i, "EXCEPT");
  }
  if (t_.Word(i, "OFFSET")) return RewriteOffset(i);
  if (t_.Word(i, "FETCH")) return RewriteFetch(i);
  return {};
}

// FETCH {FIRST | NEXT} [n] {ROW | ROWS} ONLY
Status Rewriter::CheckFetch(size_t i) const {
  const size_t rows = t_.Kind(i + 2, TokenKind::kNumber) ? i + 3 : i + 2;
  const bool good = (t_.Word(i + 1, "FIRST") || t_.Word(i + 1, "NEXT")) &&
                    (t_.Word(rows, "ROW") || t_.Word(rows, "ROWS")) && t_.Word(rows + 1, "ONLY");
  if (good) return {};
  return Fail(t_.ErrorAt("only FETCH FIRST n ROWS ONLY is supported, with a number n", i));
}

Status Rewriter::RewriteFetch(size_t i) {
  OBVIEWS_RETURN_IF_ERROR(CheckFetch(i));
  const bool counted = t_.Kind(i + 2, TokenKind::kNumber);
  edits_.Replace(i, counted ? "LIMIT" : "LIMIT 1");
  edits_.Drop(i + 1);
  edits_.Drop(counted ? i + 3 : i + 2);
  edits_.Drop(counted ? i + 4 : i + 3);
  return {};
}

// OFFSET n {ROW | ROWS} [FETCH ...]: SQLite wants the limit first.
Status Rewriter::RewriteOffset(size_t i) {
  if (!t_.Kind(i + 1, TokenKind::kNumber) || !(t_.Word(i + 2, "ROW") || t_.Word(i + 2, "ROWS"))) {
    return {};
  }
  edits_.Drop(i + 2);
  std::string limit = "-1";
  if (t_.Word(i + 3, "FETCH")) {
    OBVIEWS_RETURN_IF_ERROR(CheckFetch(i + 3));
    const bool counted = t_.Kind(i + 5, TokenKind::kNumber);
    limit = counted ? std::string(t_.text(i + 5)) : "1";
    for (size_t j = i + 3; j <= i + (counted ? 7 : 6); ++j) edits_.Drop(j);
  }
  edits_.Replace(i, fmt::format("LIMIT {} OFFSET", limit));
  return {};
}

// The unit of INTERVAL n unit; n may be any expression, so the unit is the first unit word behind
// a complete operand.
Result<size_t> Rewriter::FindUnit(size_t interval) const {
  for (size_t i = t_.Skip(interval + 1); i < t_.size() && i > interval + 1; i = t_.Skip(i)) {
    if (t_.Op(i, ",") || t_.Op(i, ")") || t_.Op(i, ";")) break;
    if (!t_.Kind(i, TokenKind::kWord) || !t_.EndsOperand(i - 1)) continue;
    if (!ParseIntervalUnit(t_.text(i))) break;
    if (t_.Word(i + 1, "TO") || t_.Op(i + 1, "(")) break;  // DAY TO SECOND, DAY(3)
    return i;
  }
  return Fail(
      t_.ErrorAt(fmt::format("INTERVAL needs a number and a unit: {}", kIntervalUnits), interval));
}

Status Rewriter::RewriteInterval(size_t i) {
  OBVIEWS_ASSIGN_OR_RETURN(const size_t unit, FindUnit(i));
  const std::string name =
      fmt::format(", '{}'", IntervalUnitName(*ParseIntervalUnit(t_.text(unit))));
  t_.MarkInterval(i, unit);
  if (t_.Op(i - 1, ",")) {
    for (const std::string_view function : {"DATE_ADD", "DATE_SUB", "ADDDATE", "SUBDATE"}) {
      if (!InsideOf(i, function)) continue;
      edits_.Drop(i);
      edits_.Replace(unit, name);
      return {};
    }
  }
  if ((t_.Op(i - 1, "+") || t_.Op(i - 1, "-")) && t_.EndsOperand(i - 2)) {
    edits_.PutBefore(t_.LeftOperand(i - 2, Binding::kAdditive),
                     t_.Op(i - 1, "+") ? "DATE_ADD(" : "DATE_SUB(");
    edits_.Replace(i - 1, ",");
    edits_.Drop(i);
    edits_.Replace(unit, name + ")");
    return {};
  }
  const size_t end =
      t_.Op(unit + 1, "+") ? t_.RightOperand(unit + 2, Binding::kMultiplicative) : TokenList::kNone;
  if (end == TokenList::kNone) {
    return FailAt(i, "an INTERVAL can only be added to or subtracted from a time");
  }
  edits_.Replace(i, "obviews_interval_add(");
  edits_.Replace(unit, name);
  edits_.Replace(unit + 1, ",");
  edits_.PutAfter(end, ")");
  return {};
}

// (SELECT ...) UNION (SELECT ...): SQLite takes no parentheses around the members of a compound.
void Rewriter::OpenParenthesizedMembers(size_t first) {
  for (size_t i = first; i < t_.size(); i = t_.Skip(i)) {
    const bool distinct = t_.Word(i - 1, "DISTINCT") && t_.Word(i - 2, "UNION");
    const bool member = i == first || distinct || t_.Word(i - 1, "UNION") ||
                        (t_.Word(i - 1, "ALL") && t_.Word(i - 2, "UNION")) ||
                        t_.Word(i - 1, "EXCEPT") || t_.Word(i - 1, "INTERSECT") ||
                        t_.Word(i - 1, "MINUS");
    if (member && t_.Op(i, "(")) edits_.PutBefore(i, "SELECT * FROM ");
    if (distinct) edits_.Drop(i - 1);
  }
}

bool Rewriter::EndsColumns(size_t i) const {
  return t_.Op(i, ";") || std::any_of(kAfterColumns.begin(), kAfterColumns.end(),
                                      [&](std::string_view word) { return t_.Word(i, word); });
}

// A rewritten column would show its SQLite form as its header: give it what was typed.
void Rewriter::NameColumns(size_t first) {
  size_t i = first;
  while (i < t_.size() && !t_.Word(i, "SELECT")) i = t_.Skip(i);
  ++i;
  if (t_.Word(i, "DISTINCT") || t_.Word(i, "ALL")) ++i;
  size_t begin = i;
  for (; i < t_.size() && !EndsColumns(i); i = t_.Skip(i)) {
    if (!t_.Op(i, ",")) continue;
    NameColumn(begin, i);
    begin = i + 1;
  }
  NameColumn(begin, std::min(i, t_.size()));
}

void Rewriter::NameColumn(size_t first, size_t last) {
  if (first >= last || (last - first > 1 && IsAlias(last - 1))) return;
  const size_t begin = t_.tokens()[first].begin;
  const std::string_view typed = t_.statement().substr(begin, t_.tokens()[last - 1].end - begin);
  // A column's header is its name, however it was quoted.
  if (t_.Name(last - 1) && t_.LeftOperand(last - 1, Binding::kSignOnly) == first) {
    if (t_.Kind(last - 1, TokenKind::kQuotedName)) return;
  }
  const bool literal = last - first == 1 && t_.Kind(first, TokenKind::kString);
  if (!literal && edits_.Emit(first, last) == typed) return;
  std::string name = " AS `";
  for (const char c : literal ? t_.Unquoted(first) : std::string(typed)) {
    if (c == '`') name += c;
    name += c == '\0' ? '?' : c;
  }
  edits_.PutAfter(last - 1, name + "`");
}

// Whether the last token of a column, which has others before it, names the column.
bool Rewriter::IsAlias(size_t last) const {
  if (t_.Word(last - 1, "AS")) return true;
  if (t_.EndsInterval(last) || t_.Word(last, "END") || !t_.EndsOperand(last)) return false;
  if (!t_.Name(last) && !t_.Kind(last, TokenKind::kString)) return false;
  // A dropped neighbour: TIMESTAMP 'text', or 'two ' 'literals'.
  return t_.EndsOperand(last - 1) && !edits_.dropped(last) && !edits_.dropped(last - 1);
}

size_t Rewriter::Enclosing(size_t i) const {
  for (size_t j = i - 1; j < t_.size(); --j) {
    if (t_.Op(j, ")"))
      j = t_.partner(j);
    else if (t_.Op(j, "("))
      return j;
  }
  return TokenList::kNone;
}

bool Rewriter::InsideOf(size_t i, std::string_view function) const {
  const size_t open = Enclosing(i);
  return open != TokenList::kNone && t_.Word(open - 1, function);
}

}  // namespace

Result<Query> RewriteQuery(TokenList tokens, size_t first) {
  return Rewriter(std::move(tokens)).Run(first);
}

Result<Query> RewriteExpression(TokenList tokens) {
  return Rewriter(std::move(tokens)).RunExpression();
}

std::string SqliteLiteral(std::string_view text) {
  std::string out;
  if (text.find('\0') == std::string_view::npos) {
    out.reserve(text.size() + 2);
    out += '\'';
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    return out + '\'';
  }
  out.reserve(text.size() * 2 + 20);
  out = "CAST(x'";
  for (const char c : text)
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(c));
  return out + "' AS TEXT)";
}

}  // namespace obviews::vtab::sql
