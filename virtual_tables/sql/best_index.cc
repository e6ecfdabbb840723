// xBestIndex and the reading of xFilter's arguments; see best_index.h.
//
// The contract with SQLite's planner (https://www.sqlite.org/vtab.html#the_xbestindex_method): a
// constraint given an argvIndex is handed to xFilter; SQLite tests it again on every row unless
// `omit` says it need not. So a scan may pass too many rows and must never pass too few. `omit` is
// set only for constants known to be tested exactly.
//
// LIMIT and OFFSET are not taken over, although SQLite offers them: it also does so when there are
// conditions it keeps to itself (SQLite 3.40: `WHERE a > b LIMIT 1` on two columns of one view),
// and a scan cannot tell. It loses nothing, for SQLite asks for no row after the last it needs.
#include "virtual_tables/sql/best_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "virtual_tables/sqlite_api.h"

namespace obviews::vtab::sql {
namespace {

using schema::KeyPart;
using schema::ShownKind;

KeyPart KeyPartOf(const schema::View& view, int column) {
  const schema::Column& shown = view.columns[static_cast<size_t>(column)];
  if (shown.conversion != schema::Conversion::kNone) return KeyPart::kNone;
  return view.record->fields[shown.field].key_part;
}

bool IsComparison(int op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
    case SQLITE_INDEX_CONSTRAINT_NE:
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
    case SQLITE_INDEX_CONSTRAINT_IS:
      return true;
    default:
      return false;
  }
}

bool IsNullTest(int op) {
  return op == SQLITE_INDEX_CONSTRAINT_ISNULL || op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL;
}

/// Conditions no index of SQLite's own can serve, and which only virtual tables are offered. SQLite
/// 3.40 offers them wrongly from the ON of an outer join: `a LEFT JOIN b ON a.x <> 1` keeps every
/// row of a, but scans of a are told `x <> 1`.
bool IsAuxiliary(int op) {
  return op == SQLITE_INDEX_CONSTRAINT_NE || op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL ||
         op == SQLITE_INDEX_CONSTRAINT_LIKE;
}

/// The constant on the right side of a constraint; nullptr if it is not known while planning.
sqlite3_value* ConstantOf(sqlite3_index_info* info, int i) {
  sqlite3_value* value = nullptr;
  return sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK ? value : nullptr;
}

/// `(number, text) IN (SELECT text, number ...)` comes as one equality for each column, and SQLite
/// 3.40 then tests the text again as if the other side were no number: '010' is not 10. An equality
/// with a constant is not of that kind; any other on a text is left to SQLite in such statements.
bool MayBeOfRowIn(const schema::View& view, sqlite3_index_info* info, int i) {
  const auto& constraint = info->aConstraint[i];
  return view.columns[static_cast<size_t>(constraint.iColumn)].kind == ShownKind::kText &&
         constraint.op == SQLITE_INDEX_CONSTRAINT_EQ && sqlite3_vtab_in(info, i, -1) == 0 &&
         ConstantOf(info, i) == nullptr;
}

/// Whether the module can use a constraint at all.
bool CanUse(const schema::View& view, const StatementTraits& traits, sqlite3_index_info* info,
            int i) {
  const auto& constraint = info->aConstraint[i];
  // Behind the view's columns there may be a hidden one, which is for SQLite alone.
  bool shown =
      constraint.iColumn >= 0 && static_cast<size_t>(constraint.iColumn) < view.columns.size();
  if (constraint.usable == 0 || !shown) return false;
  if (traits.outer_joins && IsAuxiliary(constraint.op)) return false;
  if (traits.row_lists && MayBeOfRowIn(view, info, i)) return false;
  bool text = view.columns[static_cast<size_t>(constraint.iColumn)].kind == ShownKind::kText;
  if (constraint.op == SQLITE_INDEX_CONSTRAINT_LIKE) return text;
  if (IsNullTest(constraint.op)) return true;
  // A COLLATE other than binary compares texts in another way.
  return IsComparison(constraint.op) &&
         (!text || sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") == 0);
}

/// Whether the right side is a constant whose test here is exactly SQLite's.
bool IsExact(const schema::View& view, sqlite3_index_info* info, int i) {
  const auto& constraint = info->aConstraint[i];
  if (IsNullTest(constraint.op)) return true;
  if (!IsComparison(constraint.op) || sqlite3_vtab_in(info, i, -1) != 0) return false;
  sqlite3_value* value = ConstantOf(info, i);
  if (value == nullptr) return false;
  bool text = view.columns[static_cast<size_t>(constraint.iColumn)].kind == ShownKind::kText;
  return sqlite3_value_type(value) == (text ? SQLITE_TEXT : SQLITE_INTEGER);
}

/// Rough sizes, for comparing plans: what a large store holds.
constexpr double kTaskRows = 1e6;
constexpr double kJobRows = 1e3;

/// How a constraint shrinks what is visited (by key) and what is returned.
struct Selectivity {
  double visited = 1;
  double returned = 1;
};

Selectivity SelectivityOf(KeyPart part, int op) {
  bool equal = op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS;
  bool range = op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE ||
               op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE;
  double fraction = equal ? 0.1 : range ? 0.4 : 0.9;
  switch (part) {
    case KeyPart::kTenant:
      fraction = equal ? 1.0 / 16 : range ? 0.4 : 1;
      break;
    case KeyPart::kJob:
      fraction = equal ? 1.0 / 50 : range ? 0.4 : 1;
      break;
    case KeyPart::kTask:
      fraction = equal ? 1e-5 : range ? 0.4 : 1;
      break;
    case KeyPart::kNone:
      return {1, fraction};
  }
  return {fraction, fraction};
}

/// Whether ORDER BY is the order of rows, single-valued columns of it skipped.
bool OrderServes(const schema::View& view, const sqlite3_index_info* info,
                 const std::vector<int>& fixed) {
  auto is_fixed = [&](int column) {
    return std::find(fixed.begin(), fixed.end(), column) != fixed.end();
  };
  std::vector<int> keys = RowColumns(view);
  auto next = keys.begin();
  for (int i = 0; i < info->nOrderBy; ++i) {
    int column = info->aOrderBy[i].iColumn;
    if (is_fixed(column)) continue;
    while (next != keys.end() && is_fixed(*next)) ++next;
    // After all that tells rows apart every further column is decided.
    if (next == keys.end()) return true;
    if (column != *next || info->aOrderBy[i].desc != 0) return false;
    ++next;
  }
  return true;
}

Literal ToLiteral(sqlite3_value* value) {
  // Asking a number for its bytes would turn SQLite's own copy of it into a text as well.
  auto size = [&] { return static_cast<size_t>(sqlite3_value_bytes(value)); };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return text == nullptr ? std::string() : std::string(text, size());
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
      return Blob{bytes == nullptr ? std::string() : std::string(bytes, size())};
    }
    default:
      return std::monostate{};
  }
}

/// Whether a text may be taken for a number. Some that may not are among them.
bool LooksNumeric(std::string_view text) {
  return text.find_first_not_of(" \t\n\v\f\r+-.eE0123456789") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

/// Beside a text column a number may be compared as a text or, when the other side is a numeric
/// column, as a number; SQLite does not say which it is. Only SQLite can test it then. A column of
/// a UNION may be numeric and yield texts.
bool IsTestable(const schema::Column& column, const Literal& literal, bool constant) {
  if (column.kind != ShownKind::kText) return true;
  const auto* text = std::get_if<std::string>(&literal);
  if (text != nullptr) return constant || !LooksNumeric(*text);
  return !std::holds_alternative<int64_t>(literal) && !std::holds_alternative<double>(literal);
}

std::optional<CompareOp> ToCompareOp(int op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return CompareOp::kEq;
    case SQLITE_INDEX_CONSTRAINT_NE:
      return CompareOp::kNe;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return CompareOp::kLt;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return CompareOp::kLe;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return CompareOp::kGt;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return CompareOp::kGe;
    default:
      return std::nullopt;
  }
}

std::optional<Predicate> ToPredicate(const schema::View& view, const UsedConstraint& used,
                                     sqlite3_value* argument) {
  const schema::Column& column = view.columns[static_cast<size_t>(used.column)];
  if (used.op == SQLITE_INDEX_CONSTRAINT_ISNULL) return Predicate::IsNull(used.column);
  if (used.op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL) return Predicate::IsNotNull(used.column);
  if (used.all_at_once) {
    std::vector<Literal> literals;
    sqlite3_value* item = nullptr;
    for (int rc = sqlite3_vtab_in_first(argument, &item); rc == SQLITE_OK && item != nullptr;
         rc = sqlite3_vtab_in_next(argument, &item)) {
      literals.push_back(ToLiteral(item));
      if (!IsTestable(column, literals.back(), true)) return std::nullopt;
    }
    return Predicate::In(used.column, std::move(literals));
  }
  Literal literal = ToLiteral(argument);
  if (used.op == SQLITE_INDEX_CONSTRAINT_LIKE) {
    auto* pattern = std::get_if<std::string>(&literal);
    if (pattern == nullptr) return std::nullopt;
    return Predicate::Like(used.column, std::move(*pattern));
  }
  if (!IsTestable(column, literal, used.constant)) return std::nullopt;
  if (used.op == SQLITE_INDEX_CONSTRAINT_IS) {
    if (std::holds_alternative<std::monostate>(literal)) return Predicate::IsNull(used.column);
    return Predicate::Compare(used.column, CompareOp::kEq, std::move(literal));
  }
  auto op = ToCompareOp(used.op);
  if (!op) return std::nullopt;
  return Predicate::Compare(used.column, *op, std::move(literal));
}

/// What the constraints offered come to.
struct Choice {
  explicit Choice(const schema::View& view) {
    visited = view.record->per_task ? kTaskRows : kJobRows;
    if (view.scope == schema::Scope::kDba) visited /= 16;
    returned = visited;
  }

  std::vector<UsedConstraint> used;
  std::vector<int> fixed;     ///< columns held to one value
  bool job_narrowed = false;  ///< some condition is on JOB_ID
  bool many_tasks = false;    ///< TASK_ID is in a list
  double visited = 0;
  double returned = 0;
};

void Consider(const schema::View& view, const StatementTraits& traits, sqlite3_index_info* info,
              int i, Choice& choice) {
  if (!CanUse(view, traits, info, i)) return;
  const auto& constraint = info->aConstraint[i];
  bool in_list = sqlite3_vtab_in(info, i, -1) != 0;
  if (in_list) sqlite3_vtab_in(info, i, 1);
  KeyPart part = KeyPartOf(view, constraint.iColumn);
  Selectivity selectivity = SelectivityOf(part, constraint.op);
  choice.visited *= selectivity.visited;
  choice.returned *= selectivity.returned;
  bool exact = IsExact(view, info, i);
  // Beside a number, texts as different as '1' and '01' are equal: no single value, then.
  bool text = view.columns[static_cast<size_t>(constraint.iColumn)].kind == ShownKind::kText;
  if (!in_list && constraint.op == SQLITE_INDEX_CONSTRAINT_EQ && (!text || exact)) {
    choice.fixed.push_back(constraint.iColumn);
  }
  choice.job_narrowed |= part == KeyPart::kJob;
  choice.many_tasks |= part == KeyPart::kTask && in_list;
  bool constant = IsNullTest(constraint.op) || (!in_list && ConstantOf(info, i) != nullptr);
  choice.used.push_back({constraint.iColumn, constraint.op, in_list, constant});
  info->aConstraintUsage[i].argvIndex = static_cast<int>(choice.used.size());
  info->aConstraintUsage[i].omit = exact ? 1 : 0;
}

}  // namespace

std::vector<int> KeyColumns(const schema::View& view) {
  std::vector<int> columns;
  for (KeyPart part : {KeyPart::kTenant, KeyPart::kJob, KeyPart::kTask}) {
    for (size_t i = 0; i < view.columns.size(); ++i) {
      if (KeyPartOf(view, static_cast<int>(i)) == part) columns.push_back(static_cast<int>(i));
    }
  }
  return columns;
}

std::vector<int> RowColumns(const schema::View& view) {
  std::vector<int> columns = KeyColumns(view);
  for (std::string_view name : view.record->grouped_by) {
    int field = schema::FindField(view.record->fields, name);
    for (size_t i = 0; i < view.columns.size(); ++i) {
      if (view.columns[i].field == field) columns.push_back(static_cast<int>(i));
    }
  }
  return columns;
}

std::string EncodeConstraints(const std::vector<UsedConstraint>& used) {
  std::string out;
  for (const UsedConstraint& constraint : used) {
    out += fmt::format("{},{},{},{};", constraint.column, constraint.op,
                       constraint.all_at_once ? 1 : 0, constraint.constant ? 1 : 0);
  }
  return out;
}

std::vector<UsedConstraint> DecodeConstraints(std::string_view text) {
  std::vector<UsedConstraint> out;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    UsedConstraint used;
    int all_at_once = 0;
    int constant = 0;
    for (int* number : {&used.column, &used.op, &all_at_once, &constant}) {
      at = std::from_chars(at, end, *number).ptr;
      ++at;  // the separator
    }
    used.all_at_once = all_at_once != 0;
    used.constant = constant != 0;
    out.push_back(used);
  }
  return out;
}

int ChooseIndex(const schema::View& view, const StatementTraits& traits, sqlite3_index_info* info) {
  Choice choice(view);
  for (int i = 0; i < info->nConstraint; ++i) Consider(view, traits, info, i, choice);
  // Many tasks of unknown jobs come in the order of the index, unless that is ruled out at a cost.
  bool key_order = !choice.many_tasks || choice.job_narrowed;
  if (info->nOrderBy > 0 && key_order && OrderServes(view, info, choice.fixed)) {
    info->orderByConsumed = 1;
    info->idxNum = kInKeyOrder;
  }
  std::vector<int> keys = RowColumns(view);
  bool one_row = std::all_of(keys.begin(), keys.end(), [&](int key) {
    return std::find(choice.fixed.begin(), choice.fixed.end(), key) != choice.fixed.end();
  });
  if (one_row) info->idxFlags |= SQLITE_INDEX_SCAN_UNIQUE;
  double visited = std::max(choice.visited, 1.0);
  double returned = std::max(choice.returned, 1.0);
  // A seek costs about ten rows read in passing.
  info->estimatedCost = 10 + visited + returned;
  info->estimatedRows = one_row ? 1 : static_cast<sqlite3_int64>(returned);
  info->idxStr = sqlite3_mprintf("%s", EncodeConstraints(choice.used).c_str());
  info->needToFreeIdxStr = 1;
  return info->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

Arguments ReadArguments(const schema::View& view, const std::vector<UsedConstraint>& used,
                        sqlite3_value** values) {
  Arguments out;
  bool probed = false;
  for (size_t i = 0; i < used.size(); ++i) {
    auto predicate = ToPredicate(view, used[i], values[i]);
    bool probe = !probed && !used[i].constant && !used[i].all_at_once &&
                 used[i].op == SQLITE_INDEX_CONSTRAINT_EQ &&
                 KeyPartOf(view, used[i].column) == KeyPart::kNone;
    probed |= probe;
    if (!predicate) continue;
    if (probe) {
      const Literal& literal = predicate->literals[0];
      ShownKind kind = view.columns[static_cast<size_t>(used[i].column)].kind;
      if ((kind == ShownKind::kText && std::holds_alternative<std::string>(literal)) ||
          (kind == ShownKind::kInteger && std::holds_alternative<int64_t>(literal))) {
        out.probe = Probe{used[i].column, literal};
      }
    }
    if (used[i].constant) out.constant.children.push_back(*predicate);
    out.all.children.push_back(*std::move(predicate));
  }
  return out;
}

}  // namespace obviews::vtab::sql
