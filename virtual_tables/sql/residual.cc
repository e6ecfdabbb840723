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

/// A name, the last part if it is qualified, that one side of a comparison consists of; "" if
/// neither side is just a name.
std::string ComparedColumn(const TokenList& tokens, Span span) {
  auto name_ending_at = [&](size_t first, size_t last) -> std::string {
    bool plain = last > first && tokens.Name(last - 1);
    for (size_t i = first; plain && i + 1 < last; ++i) {
      plain = (last - 1 - i) % 2 == 0 ? tokens.Name(i) : tokens.Op(i, ".");
    }
    return plain ? tokens.Unquoted(last - 1) : std::string();
  };
  for (size_t i = span.first; i < span.last; i = tokens.Skip(i)) {
    bool comparison = tokens.Op(i, "=") || tokens.Op(i, "<") || tokens.Op(i, "<=") ||
                      tokens.Op(i, ">") || tokens.Op(i, ">=") || tokens.Op(i, "<>") ||
                      tokens.Op(i, "!=") || tokens.Op(i, "==");
    bool word = tokens.Word(i, "IN") || tokens.Word(i, "LIKE") || tokens.Word(i, "IS") ||
                tokens.Word(i, "BETWEEN");
    if (!comparison && !word) continue;
    std::string left = name_ending_at(span.first, i);
    if (!left.empty() || word) return left;
    return name_ending_at(i + 1, span.last);
  }
  return {};
}

bool Mentions(const std::vector<std::string>& conditions, std::string_view column) {
  return std::any_of(conditions.begin(), conditions.end(), [&](const std::string& condition) {
    return condition.size() > column.size() && condition[column.size()] == ' ' &&
           schema::SameName(std::string_view(condition).substr(0, column.size()), column);
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
    std::string column = ComparedColumn(*tokens, conjunct);
    bool given = !column.empty() && std::any_of(scans.begin(), scans.end(), [&](const auto& scan) {
      return Mentions(scan.pushed, column) || Mentions(scan.residual, column);
    });
    if (!given) {
      scans.front().residual.push_back(fmt::format("{} (by SQLite)", TextOf(*tokens, conjunct)));
    }
  }
}

}  // namespace obviews::vtab::sql
