// Random statements; see sql_generator.h.
#include "sql_generator.h"

#include <fmt/format.h>

namespace obviews::differential {
namespace {

using schema::View;
using vtab::Literal;

constexpr const char* kComparisons[] = {"=", "<>", "<", "<=", ">", ">=", "=", "IS", "IS NOT"};

/// A table of the statement under the name it has there.
struct Source {
  const View* view;
  std::string alias;
};

class Generator {
 public:
  Generator(const World& world, Random& random) : world_(world), random_(random) {}

  Statement Make(const View& view);

 private:
  size_t Under(size_t count) { return Below(random_, count); }
  bool Chance(size_t one_in) { return OneIn(random_, one_in); }

  std::string Column(const Source& source, size_t column) const {
    return fmt::format("{}.\"{}\"", source.alias, source.view->columns[column].name);
  }
  std::string AnyColumn(const Source& source) {
    return Column(source, RandomColumn(*source.view, random_));
  }
  std::string Table(const Source& source) const {
    return fmt::format("@.{} AS {}", source.view->name, source.alias);
  }
  const View& OtherView() { return *Pick(random_, world_.views()); }

  /// A constant, written out or bound.
  std::string Constant(const Literal& literal) {
    if (!Chance(5)) return Inline(literal);
    statement_.parameters.push_back(literal);
    return fmt::format("?{}", statement_.parameters.size());
  }
  std::string Constant(const Source& source, size_t column) {
    return Constant(RandomLiteral(world_, *source.view, column, random_));
  }
  std::string ConstantList(const Source& source, size_t column) {
    std::string list;
    for (size_t n = Under(5); n > 0; --n) {
      list += (list.empty() ? "" : ", ") + Constant(source, column);
    }
    return list;
  }

  std::string Atom(const Source& source);
  std::string OddAtom(const Source& source, const std::string& name, size_t column);
  std::string Condition(const Source& source, int depth);
  std::string Where(const Source& source) {
    return Chance(8) ? std::string() : " WHERE " + Condition(source, 2);
  }
  std::string SubqueryAtom(const Source& source);
  std::string JoinOn(const Source& left, const Source& right);

  std::string SelectList(const Source& source);
  std::string Keys(const Source& source, bool any_direction);
  std::string Limit();

  std::string Plain(const View& view);
  std::string Join(const View& view);
  std::string Compound(const View& view);
  std::string Grouped(const View& view);
  std::string Distinct(const View& view);
  std::string Wrapped(const View& view);

  const World& world_;
  Random& random_;
  Statement statement_;
};

std::string Generator::Atom(const Source& source) {
  size_t column = RandomColumn(*source.view, random_);
  std::string name = Column(source, column);
  std::string negation = Chance(3) ? "NOT " : "";
  switch (Under(12)) {
    case 0:
      return fmt::format("{} {}IN ({})", name, negation, ConstantList(source, column));
    case 1:
      return fmt::format("{} {}BETWEEN {} AND {}", name, negation, Constant(source, column),
                         Constant(source, column));
    case 2: {
      Literal pattern = RandomPattern(world_, *source.view, column, random_);
      return fmt::format("{} {}LIKE {}{}", name, negation, Constant(pattern),
                         Chance(5) ? " ESCAPE '\\'" : "");
    }
    case 3:
      return fmt::format("{} IS {}NULL", name, negation);
    case 4:
      return fmt::format("{} {} {}", Constant(source, column), Pick(random_, kComparisons), name);
    case 5:
      return OddAtom(source, name, column);
    default:
      return fmt::format("{} {} {}", name, Pick(random_, kComparisons), Constant(source, column));
  }
}

/// Forms that look like something a view could answer, and are not, or not quite.
std::string Generator::OddAtom(const Source& source, const std::string& name, size_t column) {
  constexpr const char* kTypes[] = {"TEXT", "INTEGER", "REAL", "BLOB", "NUMERIC"};
  const char* op = Pick(random_, kComparisons);
  std::string constant = Constant(source, column);
  switch (Under(10)) {
    case 0:
      return fmt::format("{} COLLATE NOCASE {} {}", name, op, constant);
    case 1:
      return fmt::format("{} {} {} COLLATE NOCASE", name, op, constant);
    case 2:
      return fmt::format("CAST({} AS {}) {} {}", name, Pick(random_, kTypes), op, constant);
    case 3:
      return fmt::format("{} {} CAST({} AS {})", name, op, constant, Pick(random_, kTypes));
    case 4:
      return fmt::format("+{} {} {}", name, op, constant);
    case 5:
      return fmt::format("{} {} (SELECT {})", name, op, constant);
    case 6:
      return fmt::format("{} {} {}", name, op, AnyColumn(source));
    case 7:
      return fmt::format("length({}) {} {}", name, op, Under(12));
    case 8: {
      size_t other = RandomColumn(*source.view, random_);
      constexpr const char* kRowOps[] = {"=", "<", "<=", ">", ">="};
      return fmt::format("({}, {}) {} ({}, {})", name, Column(source, other),
                         Pick(random_, kRowOps), constant, Constant(source, other));
    }
    default: {
      size_t other = RandomColumn(*source.view, random_);
      return fmt::format("({}, {}) IN (VALUES ({}, {}), ({}, {}))", name, Column(source, other),
                         constant, Constant(source, other), Constant(source, column),
                         Constant(source, other));
    }
  }
}

std::string Generator::Condition(const Source& source, int depth) {
  size_t kind = depth == 0 ? 9 : Under(10);
  if (kind > 4) return Atom(source);
  if (kind == 0) return fmt::format("NOT ({})", Condition(source, depth - 1));
  std::string out = "(" + Condition(source, depth - 1);
  for (size_t n = 1 + Under(2); n > 0; --n) {
    out += (kind < 3 ? " AND " : " OR ") + Condition(source, depth - 1);
  }
  return out + ")";
}

std::string Generator::SubqueryAtom(const Source& source) {
  Source inner{&OtherView(), "s"};
  std::string outer = AnyColumn(source);
  std::string column = AnyColumn(inner);
  std::string table = Table(inner);
  switch (Under(6)) {
    case 0:
      return fmt::format("{}EXISTS (SELECT 1 FROM {} WHERE {} AND {})", Chance(3) ? "NOT " : "",
                         table, JoinOn(source, inner), Condition(inner, 1));
    case 1:
      return fmt::format("{} {}IN (SELECT {} FROM {}{})", outer, Chance(3) ? "NOT " : "", column,
                         table, Where(inner));
    case 2:
      return fmt::format("{} {} (SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT 1)", outer,
                         Pick(random_, kComparisons), column, table, JoinOn(source, inner),
                         Keys(inner, true));
    case 3:
      return fmt::format("(SELECT count(*) FROM {} WHERE {}) > {}", table, JoinOn(source, inner),
                         Under(3));
    case 4:
      return fmt::format("({}, {}) IN (SELECT {}, {} FROM {})", outer, AnyColumn(source), column,
                         AnyColumn(inner), table);
    default:
      return fmt::format("{} {} (SELECT max({}) FROM {} WHERE {})", outer,
                         Pick(random_, kComparisons), column, table, Condition(inner, 1));
  }
}

/// Mostly by keys; sometimes columns of whatever kinds.
std::string Generator::JoinOn(const Source& left, const Source& right) {
  std::string on;
  for (const char* name : {"TENANT_ID", "JOB_ID", "TASK_ID"}) {
    int a = left.view->FindColumn(name);
    int b = right.view->FindColumn(name);
    if (a < 0 || b < 0 || Chance(4)) continue;
    on +=
        fmt::format("{}{} {} {}", on.empty() ? "" : " AND ", Column(right, static_cast<size_t>(b)),
                    Chance(8) ? "<=" : "=", Column(left, static_cast<size_t>(a)));
  }
  if (on.empty() || Chance(4)) {
    on += fmt::format("{}{} {} {}", on.empty() ? "" : " AND ", AnyColumn(right),
                      Pick(random_, kComparisons), AnyColumn(left));
  }
  return on;
}

std::string Generator::SelectList(const Source& source) {
  if (Chance(6)) return source.alias + ".*";
  std::string list = AnyColumn(source);
  for (size_t n = Under(4); n > 0; --n) list += ", " + AnyColumn(source);
  return list;
}

/// ORDER BY that leaves no two rows alike.
std::string Generator::Keys(const Source& source, bool any_direction) {
  std::string order;
  auto add = [&](size_t column) {
    order += (order.empty() ? "" : ", ") + Column(source, column);
    if (any_direction && Chance(4)) order += " DESC";
    if (any_direction && Chance(12)) order += " NULLS LAST";
  };
  if (any_direction && Chance(4)) add(RandomColumn(*source.view, random_));
  for (size_t key : KeyColumns(*source.view)) add(key);
  if (any_direction && Chance(4)) add(RandomColumn(*source.view, random_));
  return order;
}

std::string Generator::Limit() {
  std::string limit;
  if (Chance(3)) return limit;
  limit = " LIMIT " + (Chance(4) ? Constant(int64_t{3}) : fmt::format("{}", Under(8)));
  if (Chance(2)) {
    limit += " OFFSET " + (Chance(4) ? Constant(int64_t{2}) : fmt::format("{}", Under(8)));
  }
  return limit;
}

std::string Generator::Plain(const View& view) {
  Source source{&view, "a"};
  std::string sql =
      fmt::format("SELECT {} FROM {}{}", SelectList(source), Table(source), Where(source));
  if (Chance(4)) {
    sql += fmt::format("{}{}", sql.find(" WHERE ") == std::string::npos ? " WHERE " : " AND ",
                       SubqueryAtom(source));
  }
  if (Chance(2)) {
    statement_.order = Statement::Order::kTotal;
    return sql + " ORDER BY " + Keys(source, true) + Limit();
  }
  std::string limit = Limit();
  if (!limit.empty()) statement_.order = Statement::Order::kCountOnly;
  return sql + limit;
}

std::string Generator::Join(const View& view) {
  Source a{&view, "a"};
  Source b{&OtherView(), "b"};
  bool outer = Chance(3);
  std::string sql =
      fmt::format("SELECT {}, {} FROM {} {}JOIN {} ON {}", SelectList(a), SelectList(b), Table(a),
                  outer ? "LEFT " : "", Table(b), JoinOn(a, b));
  if (Chance(2)) sql += " AND " + Atom(Chance(2) ? a : b);
  sql += " WHERE " + Atom(a);
  if (Chance(2)) sql += (Chance(3) ? " OR " : " AND ") + Condition(b, 1);
  if (Chance(2)) return sql;
  statement_.order = Statement::Order::kTotal;
  return fmt::format("{} ORDER BY {}, {}{}", sql, Keys(a, true), Keys(b, true), Limit());
}

std::string Generator::Compound(const View& view) {
  // The first view of the same shape is often its history.
  const View* other = &view;
  for (const View* candidate : world_.views()) {
    if (candidate != &view && candidate->columns.size() == view.columns.size()) other = candidate;
  }
  Source a{&view, "a"};
  Source b{other, "b"};
  constexpr const char* kWords[] = {"UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"};
  std::string columns_a;
  std::string columns_b;
  size_t keys = KeyColumns(view).size();
  for (size_t key : KeyColumns(view)) columns_a += Column(a, key) + ", ";
  for (size_t key : KeyColumns(*other)) columns_b += Column(b, key) + ", ";
  if (keys != KeyColumns(*other).size()) columns_a = columns_b = "";
  std::string sql = fmt::format("SELECT {}{}, 1 FROM {}{} {} SELECT {}{}, 1 FROM {}{}", columns_a,
                                AnyColumn(a), Table(a), Where(a), Pick(random_, kWords), columns_b,
                                AnyColumn(b), Table(b), Where(b));
  if (Chance(2)) {
    std::string limit = Limit();
    if (!limit.empty()) statement_.order = Statement::Order::kCountOnly;
    return sql + limit;
  }
  statement_.order = Statement::Order::kTotal;  // equal rows are alike
  std::string order = "1, 2";
  for (size_t i = 3; i <= 2 + (columns_a.empty() ? 0 : keys); ++i) order += fmt::format(", {}", i);
  return sql + " ORDER BY " + order + Limit();
}

std::string Generator::Grouped(const View& view) {
  Source a{&view, "a"};
  std::string by = AnyColumn(a);
  if (Chance(2)) by += ", " + AnyColumn(a);
  std::string sql = fmt::format(
      "SELECT {}, count(*), count({}), min({}), max({}), count(DISTINCT {}) FROM {}{} GROUP BY {}",
      by, AnyColumn(a), AnyColumn(a), AnyColumn(a), AnyColumn(a), Table(a), Where(a), by);
  if (Chance(4)) sql += " HAVING count(*) > 1";
  if (Chance(2)) return sql;
  statement_.order = Statement::Order::kTotal;
  return sql + " ORDER BY " + by + Limit();
}

std::string Generator::Distinct(const View& view) {
  Source a{&view, "a"};
  std::string columns = AnyColumn(a);
  if (Chance(2)) columns += ", " + AnyColumn(a);
  std::string sql = fmt::format("SELECT DISTINCT {} FROM {}{}", columns, Table(a), Where(a));
  if (Chance(2)) {
    std::string limit = Limit();
    if (!limit.empty()) statement_.order = Statement::Order::kCountOnly;
    return sql + limit;
  }
  statement_.order = Statement::Order::kTotal;
  return sql + " ORDER BY " + columns + Limit();
}

/// Views inside common table expressions, derived tables and windows, filtered from outside.
std::string Generator::Wrapped(const View& view) {
  Source a{&view, "a"};
  std::string inner = fmt::format("SELECT a.* FROM {}{}", Table(a), Where(a));
  switch (Under(3)) {
    case 0:
      return fmt::format("WITH a AS ({}) SELECT {} FROM a WHERE {}", inner, SelectList(a),
                         Condition(a, 1));
    case 1:
      return fmt::format("SELECT count(*), min({}) FROM ({} ORDER BY {}{}) AS a WHERE {}",
                         AnyColumn(a), inner, Keys(a, false), Limit(), Condition(a, 1));
    default: {
      std::string keys = Keys(a, false);
      return fmt::format("SELECT {}, row_number() OVER (PARTITION BY {} ORDER BY {}) FROM {}{}",
                         SelectList(a), AnyColumn(a), keys, Table(a), Where(a));
    }
  }
}

Statement Generator::Make(const View& view) {
  switch (Under(12)) {
    case 0:
    case 1:
      statement_.text = Join(view);
      break;
    case 2:
      statement_.text = Compound(view);
      break;
    case 3:
      statement_.text = Grouped(view);
      break;
    case 4:
      statement_.text = Distinct(view);
      break;
    case 5:
      statement_.text = Wrapped(view);
      break;
    default:
      statement_.text = Plain(view);
      break;
  }
  return std::move(statement_);
}

}  // namespace

std::string Statement::In(std::string_view schema) const {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool place = text[i] == '@' && i + 4 < text.size() && text.compare(i + 1, 1, ".") == 0 &&
                 (text.compare(i + 2, 4, "CDB_") == 0 || text.compare(i + 2, 4, "DBA_") == 0);
    out += place ? std::string(schema) : std::string(1, text[i]);
  }
  return out;
}

Statement RandomStatement(const World& world, const View& view, Random& random) {
  return Generator(world, random).Make(view);
}

}  // namespace obviews::differential
