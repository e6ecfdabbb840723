// Conditions on the columns of one view, as data. A condition means what SQLite makes of it on a
// table with the shown values: three-valued, integers and texts compared under the column's
// affinity, texts by bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schema/catalog.h"
#include "schema/inversion.h"

namespace obviews::vtab {

using schema::CompareOp;

/// Bytes that are not text: greater than every number and text.
struct Blob {
  std::string bytes;
  friend auto operator<=>(const Blob&, const Blob&) = default;
};

/// The constant side of a comparison.
using Literal = std::variant<std::monostate, int64_t, double, std::string, Blob>;
/// As SQL: NULL, 3, 'text', x'00'.
std::string ToSql(const Literal& literal);

/// A condition. Columns are positions in the view. A value type.
struct Predicate {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kCompare, kIn, kIsNull, kLike };

  Kind kind = Kind::kAnd;           ///< an AND of nothing is true
  CompareOp op = CompareOp::kEq;    ///< kCompare
  int column = 0;                   ///< kCompare, kIn, kIsNull, kLike
  std::vector<Predicate> children;  ///< kAnd, kOr, kNot
  std::vector<Literal> literals;    ///< kCompare: one; kIn: any number; kLike: the pattern
  char32_t escape = 0;              ///< kLike; 0: none

  static Predicate And(std::vector<Predicate> children);
  static Predicate Or(std::vector<Predicate> children);
  static Predicate Not(Predicate child);
  static Predicate Compare(int column, CompareOp op, Literal literal);
  static Predicate In(int column, std::vector<Literal> literals);
  static Predicate Between(int column, Literal low, Literal high);
  static Predicate IsNull(int column);
  static Predicate IsNotNull(int column) { return Not(IsNull(column)); }
  static Predicate Like(int column, std::string pattern, char32_t escape = 0);

  bool is_true() const { return kind == Kind::kAnd && children.empty(); }
};

/// As SQL, for explain: `STATUS = 'DOING'`.
std::string ToSql(const Predicate& predicate, const schema::View& view);

/// True, false or unknown.
enum class Tri : uint8_t { kFalse, kTrue, kNull };

}  // namespace obviews::vtab
