// Reading the server's conditions; see conditions.h.
#include "plugins/mariadb/conditions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "plugins/mariadb/definitions.h"
#include "plugins/mariadb/server_headers.h"
#include "schema/conversions.h"

namespace obviews::mariadb {
namespace {

using vtab::CompareOp;
using vtab::Literal;
using vtab::Predicate;

/// How far a local time may be from where one offset puts it: what a change of offset skips or
/// repeats, and more.
constexpr int64_t kZoneSlackUsec = 3 * 3'600'000'000LL;

std::optional<CompareOp> ToCompareOp(Item_func::Functype type) {
  switch (type) {
    case Item_func::EQ_FUNC:
      return CompareOp::kEq;
    case Item_func::NE_FUNC:
      return CompareOp::kNe;
    case Item_func::LT_FUNC:
      return CompareOp::kLt;
    case Item_func::LE_FUNC:
      return CompareOp::kLe;
    case Item_func::GT_FUNC:
      return CompareOp::kGt;
    case Item_func::GE_FUNC:
      return CompareOp::kGe;
    default:
      return std::nullopt;
  }
}

/// `a op b` as `b op a`.
CompareOp Mirror(CompareOp op) {
  switch (op) {
    case CompareOp::kLt:
      return CompareOp::kGt;
    case CompareOp::kLe:
      return CompareOp::kGe;
    case CompareOp::kGt:
      return CompareOp::kLt;
    case CompareOp::kGe:
      return CompareOp::kLe;
    default:
      return op;
  }
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
  return true;
}

const uchar* Bytes(std::string_view text) { return reinterpret_cast<const uchar*>(text.data()); }

/// Texts from `low` up to, but not with, `end`.
Predicate TextsBetween(int column, std::string low, std::string end) {
  return Predicate::And({Predicate::Compare(column, CompareOp::kGe, std::move(low)),
                         Predicate::Compare(column, CompareOp::kLt, std::move(end))});
}

/// A condition on bytes that all texts satisfy which are equal to `text` under a collation; nullopt
/// if there is none worth asking. Conditions on STATUS and RESULT are few groups of tasks, and each
/// is told from the others by its first letter.
std::optional<Predicate> TextsEqualTo(int column, std::string_view text, CHARSET_INFO* collation) {
  std::string_view name = collation->coll_name.str;
  if (name == "utf8mb4_nopad_bin" || name == "binary") {
    return Predicate::Compare(column, CompareOp::kEq, std::string(text));
  }
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty() || text[0] <= ' ' || text[0] >= '\x7f') return std::nullopt;
  if (name == "utf8mb4_bin") {
    // The same followed by spaces, below the character after space.
    return TextsBetween(column, std::string(text), std::string(text) + "!");
  }
  if (name != "utf8mb4_general_ci") return std::nullopt;
  // Either case of the first letter, or one that is a letter with an accent.
  std::vector<Predicate> any;
  std::string letters(1, text[0]);
  bool is_letter = (text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= 'a' && text[0] <= 'z');
  if (is_letter) letters += static_cast<char>(text[0] ^ 0x20);
  for (char letter : letters) {
    any.push_back(TextsBetween(column, std::string(1, letter),
                               std::string(1, static_cast<char>(letter + 1))));
  }
  any.push_back(Predicate::Compare(column, CompareOp::kGe, std::string("\x7f")));
  return Predicate::Or(std::move(any));
}

class Translator {
 public:
  Translator(THD* thd, const TABLE* table, const schema::View& view)
      : thd_(thd), table_(table), view_(view) {}

  /// A condition that all rows satisfy for which `item` is true; nullopt if that is every row.
  std::optional<Predicate> Covering(Item* item) {
    if (item->type() == Item::COND_ITEM) return CoveringAll(static_cast<Item_cond*>(item));
    if (item->type() != Item::FUNC_ITEM) return std::nullopt;
    auto* function = static_cast<Item_func*>(item);
    switch (function->functype()) {
      case Item_func::BETWEEN:
        return CoveringBetween(static_cast<Item_func_between*>(function));
      case Item_func::IN_FUNC:
        return CoveringIn(static_cast<Item_func_in*>(function));
      case Item_func::ISNULL_FUNC:
      case Item_func::ISNOTNULL_FUNC:
        return CoveringNull(function);
      default:
        break;
    }
    auto found = ReadComparison(function);
    return found ? CoveringComparison(*found) : std::nullopt;
  }

  /// The tests on texts among conditions that must all hold.
  void AddTests(Item* item, std::vector<TextTest>& tests) {
    if (item->type() == Item::COND_ITEM) {
      auto* list = static_cast<Item_cond*>(item);
      if (list->functype() != Item_func::COND_AND_FUNC) return;
      List_iterator_fast<Item> each(*list->argument_list());
      while (Item* one = each++) AddTests(one, tests);
      return;
    }
    if (item->type() != Item::FUNC_ITEM) return;
    auto* function = static_cast<Item_func*>(item);
    if (function->functype() == Item_func::LIKE_FUNC) {
      AddLike(static_cast<Item_func_like*>(function), tests);
      return;
    }
    auto found = ReadComparison(function);
    if (!found || KindOf(found->column) != FieldKind::kText) return;
    auto text = TextOf(found->constant, found->collation);
    if (!text || found->type != STRING_RESULT) return;
    TextTest test;
    test.column = found->column;
    test.op = found->op;
    test.text = *std::move(text);
    test.collation = found->collation;
    tests.push_back(std::move(test));
  }

 private:
  /// `column op constant`, compared as values of a type.
  struct Comparison {
    size_t column = 0;
    CompareOp op = CompareOp::kEq;
    Item* constant = nullptr;
    Item_result type = STRING_RESULT;
    CHARSET_INFO* collation = nullptr;
  };

  FieldKind KindOf(size_t column) const { return TypeOf(view_, column).kind; }

  /// The column an expression is, of this table.
  std::optional<size_t> ColumnOf(Item* item) const {
    Item* real = item->real_item();
    if (real->type() != Item::FIELD_ITEM) return std::nullopt;
    const Field* field = static_cast<Item_field*>(real)->field;
    if (field == nullptr || field->table != table_) return std::nullopt;
    return field->field_index;
  }

  std::optional<Comparison> ReadComparison(Item_func* function) const {
    auto op = ToCompareOp(function->functype());
    if (!op || function->argument_count() != 2) return std::nullopt;
    Item** arguments = function->arguments();
    size_t side = ColumnOf(arguments[0]) ? 0 : 1;
    auto column = ColumnOf(arguments[side]);
    Item* constant = arguments[1 - side];
    if (!column || !constant->can_eval_in_optimize()) return std::nullopt;
    auto* comparison = static_cast<Item_bool_func2*>(function);
    Comparison found;
    found.column = *column;
    found.op = side == 0 ? *op : Mirror(*op);
    found.constant = constant;
    found.type = comparison->compare_type_handler()->cmp_type();
    found.collation = comparison->compare_collation();
    return found;
  }

  /// An integer no larger than signed 64 bits.
  static std::optional<int64_t> IntegerOf(Item* constant) {
    int64_t value = constant->val_int();
    if (constant->null_value || (constant->unsigned_flag && value < 0)) return std::nullopt;
    return value;
  }

  /// A text as the collation compares it.
  static std::optional<std::string> TextOf(Item* constant, CHARSET_INFO* collation) {
    if (collation == nullptr || constant->cmp_type() != STRING_RESULT) return std::nullopt;
    StringBuffer<STRING_BUFFER_USUAL_SIZE> buffer;
    String* text = constant->val_str(&buffer);
    if (text == nullptr || constant->null_value) return std::nullopt;
    // What is shown is utf8mb4.
    bool same = my_charset_same(collation, &my_charset_utf8mb4_bin) || collation == &my_charset_bin;
    bool readable = my_charset_same(text->charset(), collation) || text->is_ascii();
    if (!same || !readable) return std::nullopt;
    return std::string(text->ptr(), text->length());
  }

  /// A time as microseconds since the epoch, give or take what changes of the zone's offset do.
  std::optional<std::pair<int64_t, int64_t>> InstantOf(Item* constant) const {
    MYSQL_TIME time;
    if (constant->get_date(thd_, &time, Datetime::Options(thd_)) || constant->null_value) {
      return std::nullopt;
    }
    if (time.time_type != MYSQL_TIMESTAMP_DATETIME && time.time_type != MYSQL_TIMESTAMP_DATE) {
      return std::nullopt;
    }
    uint error = 0;
    const Time_zone* zone = thd_->variables.time_zone;
    my_time_t second = zone->TIME_to_gmt_sec(&time, &error);
    if (error != 0 || second == 0) return std::nullopt;
    int64_t usec = int64_t{second} * 1'000'000 + static_cast<int64_t>(time.second_part);
    char sign = zone->get_name()->ptr()[0];
    int64_t slack = sign == '+' || sign == '-' || zone == my_tz_UTC ? 0 : kZoneSlackUsec;
    return std::pair(usec - slack, usec + slack);
  }

  static Literal TimeLiteral(int64_t usec) {
    schema::TextBuffer buffer;
    auto text = schema::ShowUsecMySql(usec, schema::Zone(), buffer);
    return std::string(text.value_or(std::string_view()));
  }

  static std::optional<Predicate> OnTime(int column, CompareOp op,
                                         const std::pair<int64_t, int64_t>& instant) {
    switch (op) {
      case CompareOp::kEq:
        return Predicate::Between(column, TimeLiteral(instant.first), TimeLiteral(instant.second));
      case CompareOp::kLt:
      case CompareOp::kLe:
        return Predicate::Compare(column, CompareOp::kLe, TimeLiteral(instant.second));
      case CompareOp::kGt:
      case CompareOp::kGe:
        return Predicate::Compare(column, CompareOp::kGe, TimeLiteral(instant.first));
      case CompareOp::kNe:
        break;
    }
    return std::nullopt;
  }

  std::optional<Predicate> CoveringComparison(const Comparison& found) const {
    auto column = static_cast<int>(found.column);
    switch (KindOf(found.column)) {
      case FieldKind::kInteger:
      case FieldKind::kUnsigned: {
        if (found.type != INT_RESULT) return std::nullopt;
        auto value = IntegerOf(found.constant);
        if (!value) return std::nullopt;
        return Predicate::Compare(column, found.op, *value);
      }
      case FieldKind::kText: {
        if (found.type != STRING_RESULT || found.op != CompareOp::kEq) return std::nullopt;
        auto text = TextOf(found.constant, found.collation);
        if (!text) return std::nullopt;
        return TextsEqualTo(column, *text, found.collation);
      }
      case FieldKind::kTimestamp: {
        if (found.type != TIME_RESULT) return std::nullopt;
        auto instant = InstantOf(found.constant);
        if (!instant) return std::nullopt;
        return OnTime(column, found.op, *instant);
      }
      case FieldKind::kDecimal:
      case FieldKind::kDatetime:
        break;
    }
    return std::nullopt;
  }

  std::optional<Predicate> CoveringAll(Item_cond* list) {
    bool all = list->functype() == Item_func::COND_AND_FUNC;
    if (!all && list->functype() != Item_func::COND_OR_FUNC) return std::nullopt;
    std::vector<Predicate> parts;
    List_iterator_fast<Item> each(*list->argument_list());
    while (Item* item = each++) {
      auto part = Covering(item);
      if (!part && !all) return std::nullopt;
      if (part) parts.push_back(*std::move(part));
    }
    if (parts.empty()) return std::nullopt;
    return all ? Predicate::And(std::move(parts)) : Predicate::Or(std::move(parts));
  }

  /// A constant of a list or a range beside an integer column, that is compared as an integer.
  static std::optional<int64_t> IntegerIn(Item* constant) {
    if (!constant->can_eval_in_optimize() || constant->cmp_type() != INT_RESULT) {
      return std::nullopt;
    }
    return IntegerOf(constant);
  }

  std::optional<Predicate> CoveringBetween(Item_func_between* function) const {
    Item** arguments = function->arguments();
    auto column = ColumnOf(arguments[0]);
    if (function->negated || !column) return std::nullopt;
    FieldKind kind = KindOf(*column);
    auto at = static_cast<int>(*column);
    if (kind == FieldKind::kInteger || kind == FieldKind::kUnsigned) {
      auto low = IntegerIn(arguments[1]);
      auto high = IntegerIn(arguments[2]);
      if (!low || !high) return std::nullopt;
      return Predicate::Between(at, *low, *high);
    }
    bool constant = arguments[1]->can_eval_in_optimize() && arguments[2]->can_eval_in_optimize();
    if (kind != FieldKind::kTimestamp || !constant) return std::nullopt;
    auto low = InstantOf(arguments[1]);
    auto high = InstantOf(arguments[2]);
    if (!low || !high) return std::nullopt;
    return Predicate::Between(at, TimeLiteral(low->first), TimeLiteral(high->second));
  }

  std::optional<Predicate> CoveringIn(Item_func_in* function) const {
    Item** arguments = function->arguments();
    auto column = ColumnOf(arguments[0]);
    if (function->negated || !column) return std::nullopt;
    FieldKind kind = KindOf(*column);
    auto at = static_cast<int>(*column);
    std::vector<Literal> numbers;
    std::vector<Predicate> texts;
    for (uint i = 1; i < function->argument_count(); ++i) {
      if (!arguments[i]->can_eval_in_optimize()) return std::nullopt;
      if (kind == FieldKind::kInteger || kind == FieldKind::kUnsigned) {
        auto number = IntegerIn(arguments[i]);
        if (!number) return std::nullopt;
        numbers.emplace_back(*number);
        continue;
      }
      if (kind != FieldKind::kText) return std::nullopt;
      CHARSET_INFO* collation = function->compare_collation();
      auto text = TextOf(arguments[i], collation);
      auto equal = text ? TextsEqualTo(at, *text, collation) : std::nullopt;
      if (!equal) return std::nullopt;
      texts.push_back(*std::move(equal));
    }
    if (!numbers.empty()) return Predicate::In(at, std::move(numbers));
    return Predicate::Or(std::move(texts));
  }

  std::optional<Predicate> CoveringNull(Item_func* function) const {
    auto column = ColumnOf(function->arguments()[0]);
    if (!column) return std::nullopt;
    auto at = static_cast<int>(*column);
    if (function->functype() == Item_func::ISNOTNULL_FUNC) return Predicate::IsNotNull(at);
    // A TIMESTAMP is NULL also where a view shows a time that it cannot hold.
    if (KindOf(*column) == FieldKind::kTimestamp) return std::nullopt;
    return Predicate::IsNull(at);
  }

  void AddLike(Item_func_like* like, std::vector<TextTest>& tests) const {
    auto column = ColumnOf(like->arguments()[0]);
    Item* pattern = like->arguments()[1];
    if (!column || KindOf(*column) != FieldKind::kText || !pattern->can_eval_in_optimize()) return;
    CHARSET_INFO* collation = like->compare_collation();
    auto text = TextOf(pattern, collation);
    if (!text) return;
    TextTest test;
    test.kind = TextTest::Kind::kLike;
    test.column = *column;
    test.text = *std::move(text);
    test.escape = like->escape;
    test.negated = like->get_negated();
    test.collation = collation;
    tests.push_back(std::move(test));
  }

  THD* thd_;
  const TABLE* table_;
  const schema::View& view_;
};

}  // namespace

bool TextTest::Accepts(const Value& value) const {
  if (value.is_null()) return false;
  if (value.kind() != Value::Kind::kText) return true;
  std::string_view shown = value.as_text();
  if (kind == Kind::kLike) {
    bool matches = collation->wildcmp(shown.data(), shown.data() + shown.size(), text.data(),
                                      text.data() + text.size(), escape, wild_one, wild_many) == 0;
    return matches != negated;
  }
  int order = collation->strnncollsp(Bytes(shown), shown.size(), Bytes(text), text.size());
  return Holds(op, order);
}

Conditions Translate(THD* thd, const TABLE* table, const schema::View& view, Item* condition) {
  Translator translator(thd, table, view);
  Conditions conditions;
  auto covering = translator.Covering(condition);
  if (covering) conditions.predicate = *std::move(covering);
  translator.AddTests(condition, conditions.tests);
  return conditions;
}

}  // namespace obviews::mariadb
