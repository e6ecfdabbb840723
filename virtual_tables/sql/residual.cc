// Conditions left to SQLite; see residual.h. SQLite does not say what it makes of a WHERE, so the
// conditions typed are matched with those the scans report.
#include "virtual_tables/sql/residual.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "virtual_tables/predicate.h"
#include "virtual_tables/sql/grammar.h"

namespace obviews::vtab::sql {
namespace {

constexpr std::string_view kAfterWhere[] = {"GROUP",  "ORDER",  "LIMIT",  "HAVING",
                                            "WINDOW", "UNION",  "EXCEPT", "INTERSECT",
                                            "MINUS",  "OFFSET", "FETCH",  "FOR"};

/// A condition: tokens [first, last).
struct Span {
  size_t first;
  size_t last;
  size_t size() const { return last - first; }
};

/// A column beside an operator, as the texts of conditions that scans were given begin: the column,
/// a blank, one of the forms.
struct Side {
  std::string column;
  std::vector<std::string_view> forms;
};

/// A comparison as it may be reported, from either of its sides.
struct Comparison {
  std::vector<Side> sides;
  std::string literal;  ///< what it compares with, if that is a literal
};

class Conditions {
 public:
  Conditions(const TokenList& tokens, std::vector<ScanReport>& scans) : t_(tokens), scans_(scans) {
    for (const ScanReport& scan : scans) {
      taken_.emplace_back(scan.pushed.size() + scan.residual.size(), false);
    }
  }

  void AddResiduals() {
    for (size_t at = 0; at < t_.size(); at = t_.Skip(at)) {
      if (t_.Word(at, "WHERE")) Collect({at + 1, EndOfWhere(at + 1)}, true);
    }
    // Conditions with a literal know their own; what is left over is for the others.
    std::vector<bool> given;
    for (Span leaf : leaves_) given.push_back(IsGiven(leaf, true));
    std::vector<std::string> residual;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if (given[i] || IsGiven(leaves_[i], false)) continue;
      std::string text = fmt::format("{} (by SQLite)", TextOf(leaves_[i]));
      if (std::find(residual.begin(), residual.end(), text) == residual.end()) {
        residual.push_back(std::move(text));
      }
    }
    auto& target = scans_.front().residual;
    target.insert(target.end(), residual.begin(), residual.end());
  }

 private:
  /// One behind what begins at `i`: a token, a group in parentheses, a CASE.
  size_t Skip(size_t i, size_t last) const {
    if (!t_.Word(i, "CASE")) return t_.Skip(i);
    for (size_t depth = 0; i < last; i = t_.Skip(i)) {
      if (t_.Word(i, "CASE")) ++depth;
      if (t_.Word(i, "END") && --depth == 0) return i + 1;
    }
    return last;
  }
  size_t EndOfWhere(size_t at) const {
    auto ends = [&](size_t i) {
      return t_.Op(i, ";") || std::any_of(std::begin(kAfterWhere), std::end(kAfterWhere),
                                          [&](std::string_view word) { return t_.Word(i, word); });
    };
    while (at < t_.size() && !ends(at)) at = Skip(at, t_.size());
    return std::min(at, t_.size());
  }
  bool IsAnd(size_t i) const {
    return t_.Word(i, "AND") || (t_.mode() == schema::Mode::kMySql && t_.Op(i, "&&"));
  }
  bool IsOr(size_t i) const {
    return t_.Word(i, "OR") || (t_.mode() == schema::Mode::kMySql && t_.Op(i, "||"));
  }

  /// Without parentheses around the whole.
  Span Bare(Span span) const {
    while (span.size() > 2 && t_.Op(span.first, "(") && t_.partner(span.first) == span.last - 1 &&
           !t_.Word(span.first + 1, "SELECT")) {
      span = {span.first + 1, span.last - 1};
    }
    return span;
  }

  /// The parts that `separates` keeps apart; the AND of a BETWEEN keeps nothing apart.
  template <class Separates>
  std::vector<Span> Parts(Span span, Separates separates) const {
    std::vector<Span> out;
    size_t first = span.first;
    bool between = false;
    for (size_t i = span.first; i < span.last; i = Skip(i, span.last)) {
      const bool of_between = between && t_.Word(i, "AND");
      if (t_.Word(i, "BETWEEN")) between = true;
      if (of_between) between = false;
      if (of_between || !separates(i)) continue;
      out.push_back({first, i});
      first = i + 1;
    }
    out.push_back({first, span.last});
    return out;
  }
  std::vector<Span> Disjuncts(Span span) const {
    return Parts(span, [this](size_t i) { return IsOr(i); });
  }
  std::vector<Span> Conjuncts(Span span) const {
    return Parts(span, [this](size_t i) { return IsAnd(i); });
  }

  void Collect(Span span, bool whole) {
    const Span bare = Bare(span);
    if (bare.size() == 0) return;
    if (Disjuncts(bare).size() > 1) {
      leaves_.push_back(whole ? bare : span);
      return;
    }
    std::vector<Span> parts = Conjuncts(bare);
    if (parts.size() == 1) {
      leaves_.push_back(bare);
      return;
    }
    for (Span part : parts) Collect(part, false);
  }

  std::string TextOf(Span span) const {
    std::string out;
    for (size_t i = span.first; i < span.last; ++i) {
      if (i > span.first && t_.tokens()[i - 1].end < t_.tokens()[i].begin) out += ' ';
      out += t_.text(i);
    }
    return out;
  }

  bool IsGiven(Span leaf, bool by_literal);
  bool IsGivenTo(size_t scan, Span leaf) const;
  bool IsGivenInParts(const std::vector<Span>& disjuncts) const;
  bool Take(const Comparison& comparison, bool by_literal);
  std::vector<std::string_view> FormsAt(size_t i, bool column_is_left) const;
  std::string NameOf(Span span) const;
  Comparison Compare(Span left, size_t op, Span right) const;
  std::vector<Comparison> Read(Span leaf) const;
  std::vector<Comparison> ReadBetween(Span left, size_t between, Span bounds) const;
  std::vector<Comparison> ReadRow(Span left, size_t op, Span right) const;
  const std::string& Reported(size_t scan, size_t i) const {
    const ScanReport& report = scans_[scan];
    return i < report.pushed.size() ? report.pushed[i] : report.residual[i - report.pushed.size()];
  }

  const TokenList& t_;
  std::vector<ScanReport>& scans_;
  std::vector<std::vector<bool>> taken_;  ///< which of a scan's conditions are found in the WHERE
  std::vector<Span> leaves_;
};

/// The forms of the operator at `i`, read with the column on its left or on its right; none if
/// there is no operator.
std::vector<std::string_view> Conditions::FormsAt(size_t i, bool column_is_left) const {
  auto is = [&](std::string_view op) { return t_.Op(i, op); };
  if (is("=") || is("==")) return {"= "};
  if (is("<=>")) return {"= ", "IS NULL"};
  if (is("<>") || is("!=") || is("^=")) return {"<> "};
  if (is("<")) return {column_is_left ? "< " : "> "};
  if (is("<=")) return {column_is_left ? "<= " : ">= "};
  if (is(">")) return {column_is_left ? "> " : "< "};
  if (is(">=")) return {column_is_left ? ">= " : "<= "};
  if (t_.Word(i, "LIKE")) return {"LIKE "};
  if (t_.Word(i, "IN")) return {"IN ", "= "};  // a list of one is an equality to SQLite
  if (t_.Word(i, "ISNULL")) return {"IS NULL"};
  if (t_.Word(i, "NOTNULL")) return {"IS NOT NULL"};
  if (!t_.Word(i, "IS")) return {};
  if (t_.Word(i + 1, "NULL")) return {"IS NULL"};
  if (!t_.Word(i + 1, "NOT")) return {"= ", "IS NULL"};
  return {t_.Word(i + 2, "NULL") ? "IS NOT NULL" : "IS NOT "};
}

/// The column that is all there is, bare or qualified; "" if it is not.
std::string Conditions::NameOf(Span span) const {
  if (span.size() % 2 == 0) return {};
  for (size_t i = 0; i < span.size(); ++i) {
    const size_t at = span.first + i;
    if (!(i % 2 == 0 ? t_.Name(at) : t_.Op(at, "."))) return {};
  }
  return t_.Unquoted(span.last - 1);
}

Comparison Conditions::Compare(Span left, size_t op, Span right) const {
  Comparison out;
  std::string name = NameOf(left);
  if (!name.empty()) out.sides.push_back({std::move(name), FormsAt(op, true)});
  name = NameOf(right);
  if (!name.empty()) out.sides.push_back({std::move(name), FormsAt(op, false)});
  const Span literal = NameOf(left).empty() ? left : right;
  if (literal.size() == 1 && t_.Kind(literal.first, TokenKind::kString)) {
    out.literal = ToSql(Literal(t_.Unquoted(literal.first)));
  } else if (literal.size() == 1 && t_.Kind(literal.first, TokenKind::kNumber)) {
    out.literal = t_.text(literal.first);
  }
  return out;
}

/// `a BETWEEN b AND c` is two comparisons.
std::vector<Comparison> Conditions::ReadBetween(Span left, size_t between, Span bounds) const {
  size_t middle = bounds.first;
  while (middle < bounds.last && !t_.Word(middle, "AND")) middle = Skip(middle, bounds.last);
  std::string name = NameOf(left);
  if (name.empty()) return {};
  auto bound = [&](Span span, std::string_view form) {
    Comparison out = Compare(left, between, span);
    out.sides = {{name, {form}}};
    return out;
  };
  return {bound({bounds.first, middle}, ">= "),
          bound({std::min(middle + 1, bounds.last), bounds.last}, "<= ")};
}

/// `(a, b) = (1, 2)` is as many comparisons as there are columns.
std::vector<Comparison> Conditions::ReadRow(Span left, size_t op, Span right) const {
  auto is_group = [&](Span span) {
    return span.size() > 2 && t_.Op(span.first, "(") && t_.partner(span.first) == span.last - 1;
  };
  if (!is_group(left) || !is_group(right) || !(t_.Op(op, "=") || t_.Op(op, "=="))) return {};
  auto members = [&](Span span) {
    return Parts({span.first + 1, span.last - 1}, [this](size_t i) { return t_.Op(i, ","); });
  };
  std::vector<Span> columns = members(left);
  std::vector<Span> values = members(right);
  // (SELECT ...) gives a value to each column, too.
  const bool query = t_.Word(right.first + 1, "SELECT");
  if (!query && values.size() != columns.size()) return {};
  std::vector<Comparison> out;
  for (size_t i = 0; i < columns.size(); ++i) {
    out.push_back(Compare(columns[i], op, query ? right : values[i]));
  }
  return out;
}

/// What a scan must have been given to answer the whole leaf; nothing if it cannot.
std::vector<Comparison> Conditions::Read(Span leaf) const {
  for (size_t i = leaf.first; i < leaf.last; i = Skip(i, leaf.last)) {
    const Span left{leaf.first, i};
    const Span right{i + 1, leaf.last};
    if (t_.Word(i, "BETWEEN")) return ReadBetween(left, i, right);
    if (FormsAt(i, true).empty()) continue;
    std::vector<Comparison> row = ReadRow(left, i, right);
    if (!row.empty()) return row;
    return {Compare(left, i, right)};
  }
  return {};
}

bool BeginsWith(std::string_view condition, const Side& side, std::string_view& rest) {
  const size_t size = side.column.size();
  if (condition.size() <= size || condition[size] != ' ') return false;
  if (!schema::SameName(condition.substr(0, size), side.column)) return false;
  for (std::string_view form : side.forms) {
    rest = condition.substr(size + 1);
    if (!rest.starts_with(form)) continue;
    rest.remove_prefix(form.size());
    return true;
  }
  return false;
}

/// Finds the comparison among what was given, and marks it: what was given for one comparison says
/// nothing of another, unless it is the same literal again.
bool Conditions::Take(const Comparison& comparison, bool by_literal) {
  std::string_view rest;
  for (size_t scan = 0; scan < scans_.size(); ++scan) {
    for (size_t i = 0; i < taken_[scan].size(); ++i) {
      for (const Side& side : comparison.sides) {
        if (!BeginsWith(Reported(scan, i), side, rest)) continue;
        if (by_literal ? rest != comparison.literal : taken_[scan][i]) continue;
        taken_[scan][i] = true;
        return true;
      }
    }
  }
  return false;
}

bool Conditions::IsGiven(Span leaf, bool by_literal) {
  std::vector<Span> disjuncts = Disjuncts(Bare(leaf));
  if (disjuncts.size() > 1) return IsGivenInParts(disjuncts);
  std::vector<Comparison> comparisons = Read(leaf);
  auto has_literal = [](const Comparison& comparison) { return !comparison.literal.empty(); };
  if (by_literal && !std::all_of(comparisons.begin(), comparisons.end(), has_literal)) return false;
  return !comparisons.empty() &&
         std::all_of(comparisons.begin(), comparisons.end(),
                     [&](const Comparison& comparison) { return Take(comparison, by_literal); });
}

/// Whether one scan was given every AND-ed part.
bool Conditions::IsGivenTo(size_t scan, Span leaf) const {
  const Span bare = Bare(leaf);
  std::vector<Span> parts = Conjuncts(bare);
  if (parts.size() > 1) {
    return std::all_of(parts.begin(), parts.end(),
                       [&](Span part) { return IsGivenTo(scan, part); });
  }
  std::vector<Comparison> comparisons = Read(bare);
  auto found = [&](const Comparison& comparison) {
    std::string_view rest;
    for (size_t i = 0; i < taken_[scan].size(); ++i) {
      for (const Side& side : comparison.sides) {
        if (!BeginsWith(Reported(scan, i), side, rest)) continue;
        if (comparison.literal.empty() || rest == comparison.literal) return true;
      }
    }
    return false;
  };
  return !comparisons.empty() && std::all_of(comparisons.begin(), comparisons.end(), found);
}

/// SQLite answers an OR by a list of one column's values, or by a scan for each of its parts.
bool Conditions::IsGivenInParts(const std::vector<Span>& disjuncts) const {
  std::string column;
  bool one_list = true;
  for (Span disjunct : disjuncts) {
    std::vector<Comparison> comparisons = Read(Bare(disjunct));
    const bool equality = comparisons.size() == 1 && comparisons[0].sides.size() == 1 &&
                          comparisons[0].sides[0].forms.back() == "= ";
    if (equality && column.empty()) column = comparisons[0].sides[0].column;
    one_list = one_list && equality && schema::SameName(comparisons[0].sides[0].column, column);
  }
  std::string_view rest;
  const Side list{column, {"IN "}};
  std::vector<bool> free(scans_.size(), true);
  for (size_t scan = 0; one_list && scan < scans_.size(); ++scan) {
    for (size_t i = 0; i < taken_[scan].size(); ++i) {
      if (BeginsWith(Reported(scan, i), list, rest)) return true;
    }
  }
  for (Span disjunct : disjuncts) {
    size_t scan = 0;
    while (scan < scans_.size() && !(free[scan] && IsGivenTo(scan, disjunct))) ++scan;
    if (scan == scans_.size()) return false;
    free[scan] = false;
  }
  return true;
}

}  // namespace

void AddResiduals(std::string_view statement, schema::Mode mode, std::vector<ScanReport>& scans) {
  if (scans.empty()) return;
  auto tokens = TokenList::Make(statement, mode, {});
  if (tokens) Conditions(*tokens, scans).AddResiduals();
}

}  // namespace obviews::vtab::sql
