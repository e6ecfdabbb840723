// Reading conditions, trusting nothing in them but their pointers; see predicates.h.
#include "plugins/c_abi/predicates.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "plugins/c_abi/call.h"

namespace obviews::c_abi {
namespace {

using vtab::Literal;
using vtab::Predicate;
using Kind = Predicate::Kind;

constexpr uint32_t kMaxCodePoint = 0x10FFFF;

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, "a predicate " + std::move(message));
}

class Reader {
 public:
  explicit Reader(const schema::View& view) : view_(view) {}

  Result<Predicate> Read(const obviews_predicate& given, int depth) {
    if (depth > OBVIEWS_MAX_PREDICATE_DEPTH) {
      return Refuse(fmt::format("has more than {} levels", OBVIEWS_MAX_PREDICATE_DEPTH));
    }
    if (++nodes_ > OBVIEWS_MAX_PREDICATE_NODES) {
      return Refuse(fmt::format("has more than {} nodes", OBVIEWS_MAX_PREDICATE_NODES));
    }
    OBVIEWS_ASSIGN_OR_RETURN(obviews_predicate taken, Take(&given, "obviews_predicate"));
    OBVIEWS_ASSIGN_OR_RETURN(Predicate predicate, ReadNode(taken));
    OBVIEWS_RETURN_IF_ERROR(ReadChildren(taken, depth, &predicate));
    OBVIEWS_RETURN_IF_ERROR(ReadLiterals(taken, &predicate));
    return predicate;
  }

 private:
  /// How many children and literals a kind has at least and at most.
  struct Shape {
    Kind kind;
    bool column;
    size_t least_children;
    size_t most_children;
    size_t least_literals;
    size_t most_literals;
  };
  static constexpr size_t kAny = SIZE_MAX;

  static const Shape* ShapeOf(uint32_t kind) {
    static constexpr Shape kShapes[] = {
        {Kind::kAnd, false, 0, kAny, 0, 0}, {Kind::kOr, false, 0, kAny, 0, 0},
        {Kind::kNot, false, 1, 1, 0, 0},    {Kind::kCompare, true, 0, 0, 1, 1},
        {Kind::kIn, true, 0, 0, 0, kAny},   {Kind::kIsNull, true, 0, 0, 0, 0},
        {Kind::kLike, true, 0, 0, 1, 1},
    };
    return kind >= OBVIEWS_AND && kind <= OBVIEWS_LIKE ? &kShapes[kind - OBVIEWS_AND] : nullptr;
  }

  Result<Predicate> ReadNode(const obviews_predicate& given) const {
    const Shape* shape = ShapeOf(given.kind);
    if (shape == nullptr) return Refuse(fmt::format("has the kind {}, which is none", given.kind));
    if (given.child_count < shape->least_children || given.child_count > shape->most_children) {
      return Refuse(fmt::format("of kind {} has {} children", given.kind, given.child_count));
    }
    if (given.literal_count < shape->least_literals || given.literal_count > shape->most_literals) {
      return Refuse(fmt::format("of kind {} has {} literals", given.kind, given.literal_count));
    }
    Predicate predicate;
    predicate.kind = shape->kind;
    if (shape->column && given.column >= view_.columns.size()) {
      return Refuse(fmt::format("is of column {}, and {} has {}", given.column, view_.name,
                                view_.columns.size()));
    }
    predicate.column = shape->column ? static_cast<int>(given.column) : 0;
    if (given.kind == OBVIEWS_COMPARE) {
      if (given.op > OBVIEWS_GE) {
        return Refuse(fmt::format("compares by {}, which is no operator", given.op));
      }
      predicate.op = static_cast<vtab::CompareOp>(given.op);
    }
    if (given.kind == OBVIEWS_LIKE) {
      if (given.escape > kMaxCodePoint) {
        return Refuse(fmt::format("has the escape {:#x}, which is no character", given.escape));
      }
      predicate.escape = given.escape;
    }
    return predicate;
  }

  Status ReadChildren(const obviews_predicate& given, int depth, Predicate* predicate) {
    if (given.child_count > 0 && given.children == nullptr) return Refuse("has NULL for children");
    for (size_t i = 0; i < given.child_count; ++i) {
      if (given.children[i] == nullptr) return Refuse(fmt::format("has NULL for child {}", i));
      OBVIEWS_ASSIGN_OR_RETURN(Predicate child, Read(*given.children[i], depth + 1));
      predicate->children.push_back(std::move(child));
    }
    return {};
  }

  Status ReadLiterals(const obviews_predicate& given, Predicate* predicate) {
    if (given.literal_count > OBVIEWS_MAX_PREDICATE_LITERALS - literals_) {
      return Refuse(fmt::format("has more than {} literals", OBVIEWS_MAX_PREDICATE_LITERALS));
    }
    literals_ += given.literal_count;
    if (given.literal_count > 0 && given.literals == nullptr)
      return Refuse("has NULL for literals");
    predicate->literals.reserve(given.literal_count);
    for (size_t i = 0; i < given.literal_count; ++i) {
      OBVIEWS_ASSIGN_OR_RETURN(Literal literal, ReadLiteral(given.literals[i]));
      if (predicate->kind == Kind::kLike && !std::holds_alternative<std::string>(literal)) {
        return Refuse("has a LIKE whose pattern is no OBVIEWS_TEXT");
      }
      predicate->literals.push_back(std::move(literal));
    }
    return {};
  }

  static Result<Literal> ReadLiteral(const obviews_value& given) {
    Literal literal;
    switch (given.kind) {
      case OBVIEWS_NULL:
        break;
      case OBVIEWS_INT:
        literal.emplace<int64_t>(given.as.integer);
        break;
      case OBVIEWS_UINT: {
        uint64_t number = given.as.unsigned_integer;
        if (number <= INT64_MAX) {
          literal.emplace<int64_t>(static_cast<int64_t>(number));
        } else {
          literal.emplace<double>(static_cast<double>(number));
        }
        break;
      }
      case OBVIEWS_REAL:
        if (!std::isnan(given.as.real)) literal.emplace<double>(given.as.real);
        break;
      case OBVIEWS_TEXT:
      case OBVIEWS_BLOB: {
        OBVIEWS_ASSIGN_OR_RETURN(std::string_view text, TextOf(given.as.text, "a literal"));
        if (given.kind == OBVIEWS_TEXT) {
          literal.emplace<std::string>(text);
        } else {
          literal.emplace<vtab::Blob>().bytes = text;
        }
        break;
      }
      default:
        return Refuse(fmt::format("has a literal of kind {}, which is none", given.kind));
    }
    return literal;
  }

  const schema::View& view_;
  size_t nodes_ = 0;
  size_t literals_ = 0;
};

static_assert(static_cast<uint32_t>(vtab::CompareOp::kEq) == OBVIEWS_EQ &&
              static_cast<uint32_t>(vtab::CompareOp::kNe) == OBVIEWS_NE &&
              static_cast<uint32_t>(vtab::CompareOp::kLt) == OBVIEWS_LT &&
              static_cast<uint32_t>(vtab::CompareOp::kLe) == OBVIEWS_LE &&
              static_cast<uint32_t>(vtab::CompareOp::kGt) == OBVIEWS_GT &&
              static_cast<uint32_t>(vtab::CompareOp::kGe) == OBVIEWS_GE);

}  // namespace

Result<Predicate> ToPredicate(const obviews_predicate& predicate, const schema::View& view) {
  return Reader(view).Read(predicate, 1);
}

}  // namespace obviews::c_abi
