// Conditions left to SQLite; see residual.h.
#include "virtual_tables/sql/residual.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "virtual_tables/sql/grammar.h"

namespace obviews::vtab::sql {
namespace {

constexpr std::string_view kAfterWhere[] = {"GROUP",  "ORDER", "LIMIT",  "HAVING",
                                            "WINDOW", "UNION", "EXCEPT", "INTERSECT"};

/// A condition: tokens [first, last).
struct Span {
  size_t first;
  size_t last;
};

/// The AND-ed parts of the outermost WHERE; the AND of a BETWEEN is no boundary.
std::vector<Span> Conjuncts(const TokenList& tokens) {
  std::vector<Span> out;
  size_t at = 0;
  while (at < tokens.size() && !tokens.Word(at, "WHERE")) at = tokens.Skip(at);
  if (at >= tokens.size()) return out;
  size_t first = ++at;
  bool between = false;
  bool has_or = false;
  auto ends = [&](size_t i) {
    return std::any_of(std::begin(kAfterWhere), std::end(kAfterWhere),
                       [&](std::string_view word) { return tokens.Word(i, word); });
  };
  while (at < tokens.size() && !ends(at)) {
    has_or |= tokens.Word(at, "OR");
    if (tokens.Word(at, "BETWEEN")) {
      between = true;
    } else if (tokens.Word(at, "AND")) {
      if (!between) {
        out.push_back({first, at});
        first = at + 1;
      }
      between = false;
    }
    at = tokens.Skip(at);
  }
  if (has_or) return {{out.empty() ? first : out.front().first, at}};
  out.push_back({first, at});
  return out;
}

std::string TextOf(const TokenList& tokens, Span span) {
  size_t begin = tokens.tokens()[span.first].begin;
  return std::string(tokens.statement().substr(begin, tokens.tokens()[span.last - 1].end - begin));
}

/// A comparison of a column with anything.
struct Comparison {
  std::string column;  ///< "" if neither side is just a name
  /// How its forms begin, after the column, in the texts of conditions that scans were given.
  std::vector<std::string_view> forms;
};

/// The forms of the operator at `i`, read with the column on its left or on its right; none if
/// there is no operator.
std::vector<std::string_view> FormsAt(const TokenList& tokens, size_t i, bool column_is_left) {
  auto is = [&](std::string_view op) { return tokens.Op(i, op); };
  if (is("=") || is("==")) return {"= "};
  if (is("<>") || is("!=")) return {"<> "};
  if (is("<")) return {column_is_left ? "< " : "> "};
  if (is("<=")) return {column_is_left ? "<= " : ">= "};
  if (is(">")) return {column_is_left ? "> " : "< "};
  if (is(">=")) return {column_is_left ? ">= " : "<= "};
  if (tokens.Word(i, "LIKE")) return {"LIKE "};
  if (tokens.Word(i, "IN")) return {"IN ", "= "};  // a list of one is an equality to SQLite
  if (tokens.Word(i, "BETWEEN")) return {">= "};
  if (!tokens.Word(i, "IS")) return {};
  if (tokens.Word(i + 1, "NULL")) return {"IS NULL"};
  if (!tokens.Word(i + 1, "NOT")) return {"= ", "IS NULL"};
  return {tokens.Word(i + 2, "NULL") ? "IS NOT NULL" : "IS NOT "};
}

Comparison ReadComparison(const TokenList& tokens, Span span) {
  auto name_ending_at = [&](size_t first, size_t last) -> std::string {
    bool plain = last > first && tokens.Name(last - 1);
    for (size_t i = first; plain && i + 1 < last; ++i) {
      plain = (last - 1 - i) % 2 == 0 ? tokens.Name(i) : tokens.Op(i, ".");
    }
    return plain ? tokens.Unquoted(last - 1) : std::string();
  };
  for (size_t i = span.first; i < span.last; i = tokens.Skip(i)) {
    auto forms = FormsAt(tokens, i, true);
    if (forms.empty()) continue;
    std::string left = name_ending_at(span.first, i);
    if (!left.empty()) return {left, forms};
    return {name_ending_at(i + 1, span.last), FormsAt(tokens, i, false)};
  }
  return {};
}

bool Mentions(const std::vector<std::string>& conditions, const Comparison& comparison) {
  const std::string& column = comparison.column;
  return std::any_of(conditions.begin(), conditions.end(), [&](const std::string& condition) {
    std::string_view rest = condition;
    if (rest.size() <= column.size() || rest[column.size()] != ' ') return false;
    if (!schema::SameName(rest.substr(0, column.size()), column)) return false;
    rest.remove_prefix(column.size() + 1);
    return std::any_of(comparison.forms.begin(), comparison.forms.end(),
                       [&](std::string_view form) { return rest.starts_with(form); });
  });
}

}  // namespace

void AddResiduals(std::string_view sql, std::vector<ScanReport>& scans) {
  if (scans.empty()) return;
  // SQLite quotes names with double quotes and knows no backslash, as Oracle does.
  auto tokens = TokenList::Make(sql, schema::Mode::kOracle, {});
  if (!tokens) return;
  for (Span conjunct : Conjuncts(*tokens)) {
    if (conjunct.first >= conjunct.last) continue;
    Comparison comparison = ReadComparison(*tokens, conjunct);
    bool given = !comparison.column.empty() &&
                 std::any_of(scans.begin(), scans.end(), [&](const auto& scan) {
                   return Mentions(scan.pushed, comparison) || Mentions(scan.residual, comparison);
                 });
    if (!given) {
      scans.front().residual.push_back(fmt::format("{} (by SQLite)", TextOf(*tokens, conjunct)));
    }
  }
}

}  // namespace obviews::vtab::sql
