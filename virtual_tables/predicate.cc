// Conditions as data; see predicate.h.
#include "virtual_tables/predicate.h"

#include <fmt/format.h>

namespace obviews::vtab {

Predicate Predicate::And(std::vector<Predicate> children) {
  Predicate p;
  p.kind = Kind::kAnd;
  p.children = std::move(children);
  return p;
}

Predicate Predicate::Or(std::vector<Predicate> children) {
  Predicate p;
  p.kind = Kind::kOr;
  p.children = std::move(children);
  return p;
}

Predicate Predicate::Not(Predicate child) {
  Predicate p;
  p.kind = Kind::kNot;
  p.children.push_back(std::move(child));
  return p;
}

Predicate Predicate::Compare(int column, CompareOp op, Literal literal) {
  Predicate p;
  p.kind = Kind::kCompare;
  p.column = column;
  p.op = op;
  p.literals.push_back(std::move(literal));
  return p;
}

Predicate Predicate::In(int column, std::vector<Literal> literals) {
  Predicate p;
  p.kind = Kind::kIn;
  p.column = column;
  p.literals = std::move(literals);
  return p;
}

Predicate Predicate::Between(int column, Literal low, Literal high) {
  return And({Compare(column, CompareOp::kGe, std::move(low)),
              Compare(column, CompareOp::kLe, std::move(high))});
}

Predicate Predicate::IsNull(int column) {
  Predicate p;
  p.kind = Kind::kIsNull;
  p.column = column;
  return p;
}

Predicate Predicate::Like(int column, std::string pattern, char32_t escape) {
  Predicate p;
  p.kind = Kind::kLike;
  p.column = column;
  p.literals.emplace_back(std::move(pattern));
  p.escape = escape;
  return p;
}

namespace {

std::string_view OpText(CompareOp op) {
  switch (op) {
    case CompareOp::kEq:
      return "=";
    case CompareOp::kNe:
      return "<>";
    case CompareOp::kLt:
      return "<";
    case CompareOp::kLe:
      return "<=";
    case CompareOp::kGt:
      return ">";
    case CompareOp::kGe:
      return ">=";
  }
  return "";
}

std::string QuoteText(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string Join(const Predicate& predicate, const schema::View& view, std::string_view word) {
  std::string out;
  for (const Predicate& child : predicate.children) {
    if (!out.empty()) out += word;
    bool group = child.kind == Predicate::Kind::kAnd || child.kind == Predicate::Kind::kOr;
    out += group ? fmt::format("({})", ToSql(child, view)) : ToSql(child, view);
  }
  return out;
}

}  // namespace

std::string ToSql(const Literal& literal) {
  if (const auto* number = std::get_if<int64_t>(&literal)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&literal)) return fmt::format("{}", *real);
  if (const auto* text = std::get_if<std::string>(&literal)) return QuoteText(*text);
  if (const auto* blob = std::get_if<Blob>(&literal)) {
    std::string out = "x'";
    for (char c : blob->bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out + "'";
  }
  return "NULL";
}

std::string ToSql(const Predicate& predicate, const schema::View& view) {
  using Kind = Predicate::Kind;
  if (predicate.kind == Kind::kAnd) {
    return predicate.children.empty() ? "TRUE" : Join(predicate, view, " AND ");
  }
  if (predicate.kind == Kind::kOr) {
    return predicate.children.empty() ? "FALSE" : Join(predicate, view, " OR ");
  }
  if (predicate.kind == Kind::kNot) {
    const Predicate& child = predicate.children[0];
    if (child.kind == Kind::kIsNull) {
      return fmt::format("{} IS NOT NULL", view.columns[static_cast<size_t>(child.column)].name);
    }
    return fmt::format("NOT ({})", ToSql(child, view));
  }
  std::string_view name = view.columns[static_cast<size_t>(predicate.column)].name;
  if (predicate.kind == Kind::kIsNull) return fmt::format("{} IS NULL", name);
  if (predicate.kind == Kind::kLike) {
    std::string like = fmt::format("{} LIKE {}", name, ToSql(predicate.literals[0]));
    if (predicate.escape == 0) return like;
    auto escape = static_cast<uint32_t>(predicate.escape);
    bool plain = escape >= 0x20 && escape < 0x7F && escape != '\'';
    return plain ? fmt::format("{} ESCAPE '{}'", like, static_cast<char>(escape))
                 : fmt::format("{} ESCAPE char({})", like, escape);
  }
  if (predicate.kind == Kind::kCompare) {
    return fmt::format("{} {} {}", name, OpText(predicate.op), ToSql(predicate.literals[0]));
  }
  std::string list;
  for (const Literal& literal : predicate.literals) {
    if (!list.empty()) list += ", ";
    list += ToSql(literal);
  }
  return fmt::format("{} IN ({})", name, list);
}

}  // namespace obviews::vtab
