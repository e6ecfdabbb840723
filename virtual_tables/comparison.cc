// Comparisons of shown values; see comparison.h.
#include "virtual_tables/comparison.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "schema/numbers.h"
#include "virtual_tables/sqlite_api.h"

namespace obviews::vtab {
namespace {

using schema::RangeSet;

/// Storage classes in SQLite's order of comparison.
enum class Class : uint8_t { kNumber, kText, kBlob };

Class ClassOf(const Literal& literal) {
  if (std::holds_alternative<std::string>(literal)) return Class::kText;
  return std::holds_alternative<Blob>(literal) ? Class::kBlob : Class::kNumber;
}

bool Holds(CompareOp op, int order) {
  switch (op) {
    case CompareOp::kEq:
      return order == 0;
    case CompareOp::kNe:
      return order != 0;
    case CompareOp::kLt:
      return order < 0;
    case CompareOp::kLe:
      return order <= 0;
    case CompareOp::kGt:
      return order > 0;
    case CompareOp::kGe:
      return order >= 0;
  }
  return false;
}

constexpr double kTwoTo63 = 9223372036854775808.0;

/// Exact, although not every integer is a double.
int CompareIntReal(int64_t a, double b) {
  if (b >= kTwoTo63) return -1;
  if (b < -kTwoTo63) return 1;
  auto whole = static_cast<int64_t>(b);  // cut toward zero
  if (a != whole) return a < whole ? -1 : 1;
  double rest = b - static_cast<double>(whole);
  return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

template <class T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int CompareNumber(const Value& value, const Literal& literal) {
  const auto* integer = std::get_if<int64_t>(&literal);
  const auto* real = std::get_if<double>(&literal);
  if (value.kind() == Value::Kind::kReal) {
    return integer != nullptr ? -CompareIntReal(*integer, value.as_real())
                              : Order(value.as_real(), *real);
  }
  if (value.kind() == Value::Kind::kUint && value.as_int() < 0) {
    return 1;  // above every int64; no legal record holds one
  }
  return integer != nullptr ? Order(value.as_int(), *integer)
                            : CompareIntReal(value.as_int(), *real);
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// A text that is a decimal number as a whole, blanks around it aside.
std::optional<Literal> NumberIn(const std::string& text) {
  std::string_view trimmed = text;
  while (!trimmed.empty() && IsSpace(trimmed.front())) trimmed.remove_prefix(1);
  while (!trimmed.empty() && IsSpace(trimmed.back())) trimmed.remove_suffix(1);
  if (trimmed.empty()) return std::nullopt;
  if (trimmed.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return std::nullopt;
  if (auto integer = schema::ParseInt64(trimmed)) return *integer;
  std::string copy(trimmed);
  char* end = nullptr;
  double real = std::strtod(copy.c_str(), &end);
  // strtod stops where the number does; anything left means it was not one.
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  return real;
}

}  // namespace

std::string RealToText(double value) {
  // %!.15g keeps a point in every real, as SQLite's own conversion does.
  char* text = sqlite3_mprintf("%!.15g", value);
  std::string out = text == nullptr ? std::string() : std::string(text);
  sqlite3_free(text);
  return out;
}

Literal ApplyAffinity(const Literal& literal, schema::ShownKind kind) {
  if (kind == schema::ShownKind::kText) {
    if (const auto* number = std::get_if<int64_t>(&literal)) return fmt::format("{}", *number);
    if (const auto* real = std::get_if<double>(&literal)) return RealToText(*real);
    return literal;
  }
  if (const auto* text = std::get_if<std::string>(&literal)) {
    if (auto number = NumberIn(*text)) return *number;
  }
  return literal;
}

Tri CompareValue(const Value& value, CompareOp op, const Literal& literal) {
  if (value.is_null() || std::holds_alternative<std::monostate>(literal)) return Tri::kNull;
  Class left = value.kind() == Value::Kind::kText ? Class::kText : Class::kNumber;
  Class right = ClassOf(literal);
  int order = 0;
  if (left != right) {
    order = Order(left, right);
  } else if (left == Class::kText) {
    order = Order(value.as_text(), std::string_view(std::get<std::string>(literal)));
  } else {
    order = CompareNumber(value, literal);
  }
  return Holds(op, order) ? Tri::kTrue : Tri::kFalse;
}

CompareOp Negate(CompareOp op) {
  switch (op) {
    case CompareOp::kEq:
      return CompareOp::kNe;
    case CompareOp::kNe:
      return CompareOp::kEq;
    case CompareOp::kLt:
      return CompareOp::kGe;
    case CompareOp::kLe:
      return CompareOp::kGt;
    case CompareOp::kGt:
      return CompareOp::kLe;
    case CompareOp::kGe:
      return CompareOp::kLt;
  }
  return op;
}

std::optional<RangeSet> IntegersComparing(CompareOp op, const Literal& literal) {
  if (std::holds_alternative<std::monostate>(literal)) return std::nullopt;
  if (ClassOf(literal) != Class::kNumber) {
    return Holds(op, -1) ? RangeSet::All() : RangeSet();  // numbers sort before texts and blobs
  }
  // The integers below, at and above the literal.
  RangeSet below;
  RangeSet equal;
  if (const auto* integer = std::get_if<int64_t>(&literal)) {
    equal = RangeSet::Point(*integer);
    if (*integer != RangeSet::kMin) below = RangeSet::Of(RangeSet::kMin, *integer - 1);
  } else {
    double real = std::get<double>(literal);
    if (std::isnan(real)) return std::nullopt;  // SQLite reads NaN as NULL
    double floor = std::floor(real);
    if (real >= kTwoTo63) {
      below = RangeSet::All();
    } else if (real >= -kTwoTo63) {
      auto whole = static_cast<int64_t>(floor);
      if (floor == real) {
        equal = RangeSet::Point(whole);
        if (whole != RangeSet::kMin) below = RangeSet::Of(RangeSet::kMin, whole - 1);
      } else {
        below = RangeSet::Of(RangeSet::kMin, whole);
      }
    }
  }
  RangeSet up_to = below.Union(equal);
  switch (op) {
    case CompareOp::kEq:
      return equal;
    case CompareOp::kNe:
      return equal.Complement();
    case CompareOp::kLt:
      return below;
    case CompareOp::kLe:
      return up_to;
    case CompareOp::kGt:
      return up_to.Complement();
    case CompareOp::kGe:
      return below.Complement();
  }
  return RangeSet();
}

bool LikeMatches(std::string_view text, const std::string& pattern, char32_t escape,
                 std::string& scratch) {
  scratch.assign(text);  // sqlite3_strlike needs a terminated text
  return sqlite3_strlike(pattern.c_str(), scratch.c_str(), static_cast<unsigned int>(escape)) == 0;
}

}  // namespace obviews::vtab
