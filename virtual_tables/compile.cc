// Compiling predicates; see compile.h.
#include "virtual_tables/compile.h"

#include <algorithm>

namespace obviews::vtab {
namespace {

using schema::Column;
using schema::Conversion;
using schema::Field;
using schema::NullGuards;
using schema::RangeSet;
using schema::ShownKind;

Filter Constant(Tri value) {
  Filter filter;
  filter.kind = Filter::Kind::kConstant;
  filter.constant = value;
  return filter;
}

/// Compiles the leaves on one column.
class ColumnCompiler {
 public:
  ColumnCompiler(const Session& session, const schema::View& view, int column)
      : session_(session),
        index_(static_cast<size_t>(column)),
        column_(view.columns[index_]),
        field_(view.record->fields[column_.field]) {}

  Filter Compare(CompareOp op, const Literal& raw_literal) const {
    Literal literal = ApplyAffinity(raw_literal, column_.kind);
    if (std::holds_alternative<std::monostate>(literal)) return Constant(Tri::kNull);
    if (IsRawInteger()) {
      auto set = IntegersComparing(op, literal);
      return set ? RawInt(*std::move(set)) : Constant(Tri::kNull);
    }
    if (IsInvertibleTime()) {
      if (const auto* text = std::get_if<std::string>(&literal)) {
        return RawInt(Invert(op, *text));
      }
      // A blob is greater than every shown time.
      bool holds = op == CompareOp::kNe || op == CompareOp::kLt || op == CompareOp::kLe;
      return RawInt(holds ? Domain() : RangeSet());
    }
    Filter filter = Leaf(Filter::Kind::kShown);
    if (IsRawText() && std::holds_alternative<std::string>(literal)) {
      filter.kind = Filter::Kind::kRawText;
    }
    filter.op = op;
    filter.literals.push_back(std::move(literal));
    return filter;
  }

  Filter In(const std::vector<Literal>& raw_literals, bool negate) const {
    // x IN () is false, x NOT IN () true, whatever x (SQLite).
    if (raw_literals.empty()) return Constant(negate ? Tri::kTrue : Tri::kFalse);
    std::vector<Literal> literals;
    bool null_in_list = false;
    for (const Literal& literal : raw_literals) {
      if (std::holds_alternative<std::monostate>(literal)) {
        null_in_list = true;
      } else {
        literals.push_back(ApplyAffinity(literal, column_.kind));
      }
    }
    if (IsRawInteger() || IsInvertibleTime()) return IntIn(literals, null_in_list, negate);
    bool all_texts = std::all_of(literals.begin(), literals.end(), [](const Literal& literal) {
      return std::holds_alternative<std::string>(literal);
    });
    Filter filter = Leaf(Filter::Kind::kShown);
    filter.negate = negate;
    filter.null_in_list = null_in_list;
    if (IsRawText() && all_texts) {
      filter.kind = Filter::Kind::kRawTextIn;
      for (Literal& literal : literals) {
        filter.texts.insert(std::get<std::string>(std::move(literal)));
      }
    } else {
      filter.literals = std::move(literals);
    }
    return filter;
  }

  Filter IsNull(bool negate) const {
    if (IsInvertibleTime()) {
      // Values outside the domain show NULL.
      Filter filter = RawInt(negate ? Domain() : RangeSet());
      filter.kind = Filter::Kind::kIsNull;
      filter.negate = negate;
      return filter;
    }
    Filter filter =
        Leaf(IsRawInteger() || IsRawText() ? Filter::Kind::kIsNull : Filter::Kind::kShownNull);
    filter.negate = negate;
    return filter;
  }

  Filter Like(const Predicate& predicate, bool negate) const {
    if (std::holds_alternative<std::monostate>(predicate.literals[0])) return Constant(Tri::kNull);
    Filter filter = Leaf(Filter::Kind::kLike);
    filter.negate = negate;
    filter.pattern = std::get<std::string>(predicate.literals[0]);
    filter.escape = predicate.escape;
    return filter;
  }

 private:
  bool IsRawInteger() const { return column_.conversion == Conversion::kNone && !field_.is_text(); }

  bool IsRawText() const {
    return column_.conversion == Conversion::kNone && column_.kind == ShownKind::kText &&
           field_.is_text() && column_.max_bytes == 0 &&
           (field_.secrecy == schema::Secrecy::kOpen || session_.show_secrets);
  }

  /// Times whose texts sort as their raw integers do. Key-value texts and DD-MON-RR are not.
  bool IsInvertibleTime() const {
    if (field_.is_text()) return false;
    bool mysql = session_.mode == schema::Mode::kMySql;
    switch (column_.conversion) {
      case Conversion::kUsecToTime:
      case Conversion::kUsecToTimeNullIfZero:
      case Conversion::kUsecToTimeNullIfUnset:
      case Conversion::kOracleDate:
      case Conversion::kOracleDateNullIfZero:
      case Conversion::kOracleDateNullIfUnset:
        return true;
      case Conversion::kTimestampToSession:
      case Conversion::kScnToTime:
      case Conversion::kScnToTimeNullIfZero:
      case Conversion::kScnToTimeNullIfLe1:
        return mysql;
      default:
        return false;
    }
  }

  NullGuards Guards() const {
    NullGuards guards;
    switch (column_.conversion) {
      case Conversion::kUsecToTimeNullIfZero:
      case Conversion::kOracleDateNullIfZero:
      case Conversion::kScnToTimeNullIfZero:
        guards.zero = true;
        break;
      case Conversion::kUsecToTimeNullIfUnset:
      case Conversion::kOracleDateNullIfUnset:
        guards.minus_one = true;
        break;
      case Conversion::kScnToTimeNullIfLe1:
        guards.zero = guards.one = true;
        break;
      default:
        break;
    }
    return guards;
  }

  RangeSet Invert(CompareOp op, std::string_view text) const {
    switch (column_.conversion) {
      case Conversion::kScnToTime:
      case Conversion::kScnToTimeNullIfZero:
      case Conversion::kScnToTimeNullIfLe1:
        return schema::InvertScnMySql(op, text, session_.system_time_zone, Guards());
      case Conversion::kOracleDate:
      case Conversion::kOracleDateNullIfZero:
      case Conversion::kOracleDateNullIfUnset:
        return schema::InvertUsecOracleDate(op, text, Guards());
      default:
        return schema::InvertUsecMySql(op, text, session_.time_zone, Guards());
    }
  }

  /// Raw values that show a text. Every text is at or above the empty one.
  RangeSet Domain() const {
    return IsInvertibleTime() ? Invert(CompareOp::kGe, "") : RangeSet::All();
  }

  Filter Leaf(Filter::Kind kind) const {
    Filter filter;
    filter.kind = kind;
    filter.column = index_;
    filter.field = column_.field;
    return filter;
  }

  Filter RawInt(RangeSet set) const {
    Filter filter = Leaf(Filter::Kind::kRawInt);
    filter.domain = Domain();
    filter.set = std::move(set);
    return filter;
  }

  Filter IntIn(const std::vector<Literal>& literals, bool null_in_list, bool negate) const {
    RangeSet members;
    for (const Literal& literal : literals) {
      if (IsRawInteger()) {
        if (auto set = IntegersComparing(CompareOp::kEq, literal)) members = members.Union(*set);
      } else if (const auto* text = std::get_if<std::string>(&literal)) {
        members = members.Union(Invert(CompareOp::kEq, *text));
      }
    }
    Filter filter = RawInt(members);
    // Beside a NULL, a value that is not found is neither in nor out.
    if (null_in_list) filter.domain = members;
    if (negate) filter.set = members.ComplementIn(filter.domain);
    return filter;
  }

  const Session& session_;
  size_t index_;
  const Column& column_;
  const Field& field_;
};

}  // namespace

Filter Compile(const Session& session, const schema::View& view, const Predicate& predicate,
               bool negate) {
  using Kind = Predicate::Kind;
  if (predicate.kind == Kind::kNot) {
    return Compile(session, view, predicate.children[0], !negate);
  }
  if (predicate.kind == Kind::kAnd || predicate.kind == Kind::kOr) {
    Filter filter;
    // De Morgan holds in three-valued logic too.
    bool is_and = (predicate.kind == Kind::kAnd) != negate;
    filter.kind = is_and ? Filter::Kind::kAnd : Filter::Kind::kOr;
    for (const Predicate& child : predicate.children) {
      filter.children.push_back(Compile(session, view, child, negate));
    }
    return filter;
  }
  ColumnCompiler compiler(session, view, predicate.column);
  switch (predicate.kind) {
    case Kind::kCompare:
      return compiler.Compare(negate ? Negate(predicate.op) : predicate.op, predicate.literals[0]);
    case Kind::kIn:
      return compiler.In(predicate.literals, negate);
    case Kind::kIsNull:
      return compiler.IsNull(negate);
    default:
      return compiler.Like(predicate, negate);
  }
}

bool IsRaw(const Filter& filter) {
  switch (filter.kind) {
    case Filter::Kind::kAnd:
    case Filter::Kind::kOr:
      return std::all_of(filter.children.begin(), filter.children.end(), IsRaw);
    case Filter::Kind::kShown:
    case Filter::Kind::kShownNull:
    case Filter::Kind::kLike:
      return false;
    default:
      return true;
  }
}

}  // namespace obviews::vtab
