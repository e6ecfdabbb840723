// How a shown value compares with a constant: as in SQLite, which decides in the differential test;
// here the rules as a list.
#include "virtual_tables/comparison.h"

#include <gtest/gtest.h>

#include <limits>

namespace obviews::vtab {
namespace {

using schema::RangeSet;
using schema::ShownKind;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
const Literal kNull = std::monostate{};

Literal Text(const char* text) { return std::string(text); }

TEST(ApplyAffinity, TextBesideANumberColumnBecomesANumberIfItIsOneAsAWhole) {
  struct {
    const char* text;
    Literal becomes;
  } cases[] = {
      {"1002", int64_t{1002}},
      {" +7 ", int64_t{7}},
      {"-3", int64_t{-3}},
      {"3.0", 3.0},
      {".5", 0.5},
      {"5.", 5.0},
      {"3e2", 300.0},
      {"9223372036854775807", kMax},
      {"9223372036854775808", 9223372036854775808.0},
      {"", Text("")},
      {" ", Text(" ")},
      {"12abc", Text("12abc")},
      {"0x10", Text("0x10")},
      {"1 2", Text("1 2")},
      {"1e", Text("1e")},
      {"nan", Text("nan")},
      {"inf", Text("inf")},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ApplyAffinity(Text(c.text), ShownKind::kInteger), c.becomes) << c.text;
    EXPECT_EQ(ApplyAffinity(Text(c.text), ShownKind::kReal), c.becomes) << c.text;
  }
}

TEST(ApplyAffinity, ANumberBesideATextColumnBecomesItsText) {
  EXPECT_EQ(ApplyAffinity(int64_t{-12}, ShownKind::kText), Text("-12"));
  EXPECT_EQ(ApplyAffinity(3.0, ShownKind::kText), Text("3.0"));
  EXPECT_EQ(ApplyAffinity(0.1, ShownKind::kText), Text("0.1"));
  EXPECT_EQ(ApplyAffinity(1e100, ShownKind::kText), Text("1.0e+100"));
  EXPECT_EQ(ApplyAffinity(Text("1"), ShownKind::kText), Text("1"));
  EXPECT_EQ(ApplyAffinity(Blob{"1"}, ShownKind::kText), Literal(Blob{"1"}));
}

TEST(CompareValue, NullOnEitherSideIsUnknown) {
  EXPECT_EQ(CompareValue(Value::Null(), CompareOp::kEq, int64_t{1}), Tri::kNull);
  EXPECT_EQ(CompareValue(Value::Int(1), CompareOp::kNe, kNull), Tri::kNull);
  EXPECT_EQ(CompareValue(Value::Null(), CompareOp::kEq, kNull), Tri::kNull);
}

TEST(CompareValue, NumbersBeforeTextsBeforeBlobs) {
  EXPECT_EQ(CompareValue(Value::Int(kMax), CompareOp::kLt, Text("")), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Text("\xFF"), CompareOp::kLt, Blob{""}), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Text("a"), CompareOp::kEq, Blob{"a"}), Tri::kFalse);
}

TEST(CompareValue, TextsByBytes) {
  EXPECT_EQ(CompareValue(Value::Text("a"), CompareOp::kLt, Text("ab")), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Text("Z"), CompareOp::kLt, Text("a")), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Text("\x7F"), CompareOp::kLt, Text("\x80")), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Text(std::string_view("a\0b", 3)), CompareOp::kGt, Text("a")),
            Tri::kTrue);
}

TEST(CompareValue, IntegersWithRealsExactly) {
  EXPECT_EQ(CompareValue(Value::Int(kMax), CompareOp::kLt, 9223372036854775808.0), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Int(kMin), CompareOp::kEq, -9223372036854775808.0), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Int((int64_t{1} << 53) + 1), CompareOp::kGt, 9007199254740992.0),
            Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Int(-3), CompareOp::kGt, -3.5), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Real(33.33), CompareOp::kEq, 33.33), Tri::kTrue);
  EXPECT_EQ(CompareValue(Value::Real(100), CompareOp::kEq, int64_t{100}), Tri::kTrue);
}

TEST(IntegersComparing, GivesTheSetOfIntegers) {
  struct {
    CompareOp op;
    Literal literal;
    const char* set;
  } cases[] = {
      {CompareOp::kEq, int64_t{3}, "3"},
      {CompareOp::kLt, int64_t{3}, "..2"},
      {CompareOp::kGe, int64_t{3}, "3.."},
      {CompareOp::kNe, int64_t{3}, "..2,4.."},
      {CompareOp::kLt, kMin, "none"},
      {CompareOp::kLe, kMax, "all"},
      {CompareOp::kGt, kMax, "none"},
      {CompareOp::kEq, 3.0, "3"},
      {CompareOp::kEq, 2.5, "none"},
      {CompareOp::kLe, 2.5, "..2"},
      {CompareOp::kGe, 2.5, "3.."},
      {CompareOp::kGt, -2.5, "-2.."},
      {CompareOp::kLt, 1e300, "all"},
      {CompareOp::kGt, -1e300, "all"},
      {CompareOp::kEq, 9223372036854775808.0, "none"},
      {CompareOp::kLt, Text("abc"), "all"},
      {CompareOp::kEq, Text("abc"), "none"},
      {CompareOp::kNe, Blob{"x"}, "all"},
  };
  for (const auto& c : cases) {
    auto set = IntegersComparing(c.op, c.literal);
    ASSERT_TRUE(set) << ToSql(c.literal);
    EXPECT_EQ(set->ToString(), c.set) << static_cast<int>(c.op) << " " << ToSql(c.literal);
  }
  EXPECT_EQ(IntegersComparing(CompareOp::kEq, kNull), std::nullopt);
  EXPECT_EQ(IntegersComparing(CompareOp::kNe, std::numeric_limits<double>::quiet_NaN()),
            std::nullopt);
}

TEST(Negate, IsTheOppositeOfEveryComparison) {
  for (auto op : {CompareOp::kEq, CompareOp::kNe, CompareOp::kLt, CompareOp::kLe, CompareOp::kGt,
                  CompareOp::kGe}) {
    for (int64_t value : {2, 3, 4}) {
      EXPECT_NE(CompareValue(Value::Int(value), op, int64_t{3}),
                CompareValue(Value::Int(value), Negate(op), int64_t{3}));
    }
  }
}

TEST(LikeMatches, IgnoresAsciiCaseAndEndsAtNul) {
  std::string scratch;
  EXPECT_TRUE(LikeMatches("DOING", "do%", 0, scratch));
  EXPECT_TRUE(LikeMatches("a_b", "a\\_b", U'\\', scratch));
  EXPECT_FALSE(LikeMatches("axb", "a\\_b", U'\\', scratch));
  EXPECT_TRUE(LikeMatches(std::string_view("a\0b", 3), "a", 0, scratch));
  EXPECT_TRUE(LikeMatches("\xE8\xA1\xA8", "_", 0, scratch));
  EXPECT_FALSE(LikeMatches("\xC3\x84", "\xC3\xA4", 0, scratch)) << "only ASCII letters fold";
}

TEST(PredicateText, ReadsAsSql) {
  const schema::View& view =
      *schema::Catalog::Get().Find("CDB_OB_IMPORT_TABLE_TASKS", true, schema::Mode::kMySql);
  int tenant = view.FindColumn("TENANT_ID");
  int status = view.FindColumn("STATUS");
  EXPECT_EQ(ToSql(Predicate::Compare(status, CompareOp::kNe, std::string("it's")), view),
            "STATUS <> 'it''s'");
  EXPECT_EQ(ToSql(Predicate::In(tenant, {int64_t{1}, kNull, 2.5}), view),
            "TENANT_ID IN (1, NULL, 2.5)");
  EXPECT_EQ(ToSql(Predicate::Or(
                      {Predicate::IsNull(status), Predicate::And({Predicate::IsNotNull(status),
                                                                  Predicate::Like(status, "D%")})}),
                  view),
            "STATUS IS NULL OR (STATUS IS NOT NULL AND STATUS LIKE 'D%')");
  EXPECT_EQ(
      ToSql(Predicate::Not(Predicate::Compare(tenant, CompareOp::kEq, Blob{"\x01\xAB"})), view),
      "NOT (TENANT_ID = x'01ab')");
  EXPECT_EQ(ToSql(Predicate::And({}), view), "TRUE");
  EXPECT_EQ(ToSql(Predicate::Like(status, "a\\_b", U'\\'), view),
            "STATUS LIKE 'a\\_b' ESCAPE '\\'");
}

}  // namespace
}  // namespace obviews::vtab
