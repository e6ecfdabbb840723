// Random conditions through a view's cursor, and the same as SQL over a plain copy of the view.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "virtual_tables/view_cursor.h"
#include "world.h"

namespace obviews::differential {
namespace {

using schema::CompareOp;
using vtab::Literal;
using vtab::Predicate;

Predicate RandomLeaf(const World& world, const schema::View& view, Random& random) {
  size_t column = RandomColumn(view, random);
  auto index = static_cast<int>(column);
  auto literal = [&] { return RandomLiteral(world, view, column, random); };
  switch (Below(random, 9)) {
    case 0: {
      std::vector<Literal> list(Below(random, 5));
      std::generate(list.begin(), list.end(), literal);
      return Predicate::In(index, std::move(list));
    }
    case 1:
      return Predicate::Between(index, literal(), literal());
    case 2:
      return OneIn(random, 2) ? Predicate::IsNull(index) : Predicate::IsNotNull(index);
    case 3:
      return Predicate::Like(index, RandomPattern(world, view, column, random),
                             OneIn(random, 4) ? U'\\' : 0);
    default:
      return Predicate::Compare(index, static_cast<CompareOp>(Below(random, 6)), literal());
  }
}

Predicate RandomTree(const World& world, const schema::View& view, Random& random, int depth) {
  size_t kind = depth == 0 ? 9 : Below(random, 10);
  if (kind == 0) return Predicate::Not(RandomTree(world, view, random, depth - 1));
  if (kind > 4) return RandomLeaf(world, view, random);
  std::vector<Predicate> children(Below(random, 4));
  for (Predicate& child : children) child = RandomTree(world, view, random, depth - 1);
  return kind < 3 ? Predicate::And(std::move(children)) : Predicate::Or(std::move(children));
}

/// The condition in SQLite's words, its constants as parameters, which have no affinity.
std::string Condition(const Predicate& p, const schema::View& view, std::vector<Literal>& bound) {
  using Kind = Predicate::Kind;
  auto parameter = [&](const Literal& literal) {
    bound.push_back(literal);
    return fmt::format("?{}", bound.size());
  };
  if (p.kind == Kind::kAnd || p.kind == Kind::kOr) {
    std::string out = p.kind == Kind::kAnd ? "(1" : "(0";
    for (const Predicate& child : p.children) {
      out += (p.kind == Kind::kAnd ? " AND " : " OR ") + Condition(child, view, bound);
    }
    return out + ")";
  }
  if (p.kind == Kind::kNot) return "NOT (" + Condition(p.children[0], view, bound) + ")";
  std::string name = fmt::format("\"{}\"", view.columns[static_cast<size_t>(p.column)].name);
  switch (p.kind) {
    case Kind::kIsNull:
      return name + " IS NULL";
    case Kind::kLike:
      return fmt::format("{} LIKE {}{}", name, parameter(p.literals[0]),
                         p.escape == 0 ? "" : " ESCAPE '\\'");
    case Kind::kIn: {
      std::string list;
      for (const Literal& literal : p.literals) {
        list += (list.empty() ? "" : ", ") + parameter(literal);
      }
      return fmt::format("{} IN ({})", name, list);
    }
    default: {
      constexpr const char* kOps[] = {"=", "<>", "<", "<=", ">", ">="};
      return fmt::format("{} {} {}", name, kOps[static_cast<size_t>(p.op)],
                         parameter(p.literals[0]));
    }
  }
}

std::string ShowKey(const std::vector<size_t>& keys, vtab::ViewCursor& cursor) {
  std::string out;
  for (size_t key : keys) {
    auto value = cursor.Column(key);
    EXPECT_TRUE(value);
    out += (out.empty() ? "" : " | ") + (value ? Show(*value) : value.error().message);
  }
  return out;
}

struct Scanned {
  std::vector<std::string> keys;
  std::string plan;
  bool in_key_order = true;
};

Scanned Scan(const World& world, vtab::ScanRequest request) {
  Scanned out;
  std::vector<size_t> keys = KeyColumns(*request.view);
  vtab::ViewCursor cursor(world.snapshot(), world.session(), std::move(request));
  for (;;) {
    auto more = cursor.Next();
    EXPECT_TRUE(more) << (more ? "" : more.error().message);
    if (!more || !*more) break;
    out.keys.push_back(ShowKey(keys, cursor));
  }
  EXPECT_EQ(cursor.stats().records_returned, out.keys.size());
  EXPECT_GE(cursor.stats().records_read, out.keys.size());
  out.plan = fmt::format("{} {}", AccessPathName(cursor.plan().path),
                         fmt::join(cursor.plan().Ranges(), "; "));
  out.in_key_order = cursor.plan().path != vtab::AccessPath::kIndex;
  return out;
}

class PredicateTest : public testing::TestWithParam<Scene> {};

TEST_P(PredicateTest, SelectsWhatSqliteSelects) {
  World world(GetParam());
  const int count = LongTests() ? 3000 : 120;
  for (const schema::View* view : world.views()) {
    std::string key;
    for (size_t column : KeyColumns(*view)) {
      key += fmt::format("{}\"{}\"", key.empty() ? "" : ", ", view->columns[column].name);
    }
    for (int i = 0; i < count; ++i) {
      uint64_t seed = view->view_id * 1000003U + static_cast<uint64_t>(i);
      Random random(seed);
      Predicate predicate = RandomTree(world, *view, random, 3);
      vtab::ScanRequest request{.view = view, .predicate = predicate};
      request.in_key_order = OneIn(random, 2);
      if (OneIn(random, 4)) request.limit = Below(random, 6);
      if (OneIn(random, 4)) request.offset = Below(random, 6);
      bool cut = request.limit.has_value() || request.offset > 0;
      if (cut) request.in_key_order = true;  // else any rows would do
      std::vector<Literal> bound;
      std::string sql =
          fmt::format("SELECT {} FROM plain.{} WHERE {} ORDER BY {} LIMIT {} OFFSET {}", key,
                      view->name, Condition(predicate, *view, bound), key,
                      request.limit ? static_cast<int64_t>(*request.limit) : -1, request.offset);
      Outcome expected = world.Run(sql, bound);
      ASSERT_EQ(expected.error, "") << sql;
      bool in_order = request.in_key_order;
      Scanned scanned = Scan(world, std::move(request));
      if (!scanned.in_key_order && !in_order) {
        std::sort(scanned.keys.begin(), scanned.keys.end());
        std::sort(expected.rows.begin(), expected.rows.end());
      }
      ASSERT_EQ(scanned.keys, expected.rows)
          << "seed " << seed << ", " << view->name << " WHERE " << vtab::ToSql(predicate, *view)
          << "\nplan: " << scanned.plan;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scenes, PredicateTest, testing::ValuesIn(Scenes()),
                         [](const auto& scene) { return scene.param.name; });

}  // namespace
}  // namespace obviews::differential
