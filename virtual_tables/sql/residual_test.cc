// Which conditions of a statement SQLite is said to test itself.
#include "virtual_tables/sql/residual.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace obviews::vtab::sql {
namespace {

using schema::Mode;
using Strings = std::vector<std::string>;

/// The residual conditions of scans that were given these.
std::string ResidualOf(const char* sql, const std::vector<Strings>& pushed,
                       Mode mode = Mode::kMySql) {
  std::vector<ScanReport> scans(pushed.size());
  for (size_t i = 0; i < pushed.size(); ++i) scans[i].pushed = pushed[i];
  AddResiduals(sql, mode, scans);
  return fmt::format("{}", fmt::join(scans[0].residual, "; "));
}

/// The same of one scan.
std::string Residual(const char* sql, const Strings& pushed = {}) {
  return ResidualOf(sql, {pushed});
}

TEST(AddResiduals, NamesWhatNoScanWasGiven) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE upper(a) = 'X' AND b = 1 AND length(c) > 2 ORDER BY a",
                     {"b = 1"}),
            "upper(a) = 'X' (by SQLite); length(c) > 2 (by SQLite)");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE v.B = 1 AND `c` < 2", {"B = 1", "C < 2"}), "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE 3 < b", {"B > 3"}), "");
  EXPECT_EQ(Residual("SELECT a FROM v"), "");
}

TEST(AddResiduals, TheAndOfABetweenIsNoBoundary) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a BETWEEN 1 AND 2 AND f(b) BETWEEN 3 AND 4",
                     {"A >= 1", "A <= 2"}),
            "f(b) BETWEEN 3 AND 4 (by SQLite)");
}

TEST(AddResiduals, AnOrIsOneCondition) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a = 1 AND b = 2 OR c = 3 GROUP BY a"),
            "a = 1 AND b = 2 OR c = 3 (by SQLite)");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a = 1 AND (b = 2 OR c = 3)", {"a = 1"}),
            "(b = 2 OR c = 3) (by SQLite)");
}

TEST(AddResiduals, AnotherConditionOnTheSameColumnDoesNotHideOne) {
  EXPECT_EQ(
      Residual("SELECT a FROM v WHERE a = 'x' AND a IS NOT 'y' AND a NOT IN ('z')", {"A = 'x'"}),
      "a IS NOT 'y' (by SQLite); a NOT IN ('z') (by SQLite)");
  EXPECT_EQ(
      Residual("SELECT a FROM v WHERE a IS NOT NULL AND b IS NULL", {"A IS NOT NULL", "B IS NULL"}),
      "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a IN (1) AND b IS 2 AND c == 3 AND d != 4",
                     {"A = 1", "B = 2", "C = 3", "D <> 4"}),
            "");
}

TEST(AddResiduals, LooksIntoParenthesesAroundConditions) {
  const Strings pushed = {"A = 1", "B = 'x'"};
  EXPECT_EQ(Residual("SELECT a FROM v WHERE (a = 1 AND b = 'x'\n)", pushed), "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE ((a = 1) AND (b = 'x' AND f(c) = 2))", pushed),
            "f(c) = 2 (by SQLite)");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE (a = 1 OR f(b)\n)", pushed),
            "a = 1 OR f(b) (by SQLite)");
}

TEST(AddResiduals, ShowsWhatWasTypedOnOneLineAndOnce) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a /\n  2 -- half\n > \"x y\" && f(a) AND f(a)"),
            "a / 2 > \"x y\" (by SQLite); f(a) (by SQLite)");
}

TEST(AddResiduals, RowsAreComparedColumnByColumn) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE (a, v.b) = (1, 'x')", {"A = 1", "B = 'x'"}), "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE (a, b) = (SELECT 1, 2)", {"A = 1", "B = 2"}), "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE (a, b) = (1, 2)", {"A = 1"}),
            "(a, b) = (1, 2) (by SQLite)");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE (a, b) IN (SELECT 1, 2)", {"A = 1"}),
            "(a, b) IN (SELECT 1, 2) (by SQLite)");
}

TEST(AddResiduals, AnOrMayBeAListOrAScanForEachPart) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a = 1 OR a IN (2, 3)", {"A IN (1, 2, 3)"}), "");
  EXPECT_EQ(ResidualOf("SELECT a FROM v WHERE a = 1 AND (b = 2 OR c = 3 AND d > 4)",
                       {{"A = 1", "B = 2"}, {"A = 1", "C = 3", "D > 4"}}),
            "");
  EXPECT_EQ(ResidualOf("SELECT a FROM v WHERE b = 2 OR b = 5 || c = 3",
                       {{"B = 2"}, {"B = 5"}, {"C = 3"}}),
            "");
  EXPECT_EQ(ResidualOf("SELECT a FROM v WHERE b = 2 OR c = 3", {{"B = 2"}, {"D = 3"}}),
            "b = 2 OR c = 3 (by SQLite)");
}

TEST(AddResiduals, WhatWasGivenSpeaksForOneConditionOnly) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a = upper(b) AND a = 'x'", {"A = 'x'"}),
            "a = upper(b) (by SQLite)");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a = 'x' AND A  =  'x'", {"A = 'x'"}), "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a = '3'", {"A = 3"}), "");
}

TEST(AddResiduals, ACaseIsOneOperand) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE CASE WHEN a = 1 AND b = 2 THEN 1 ELSE 0 END = 1"),
            "CASE WHEN a = 1 AND b = 2 THEN 1 ELSE 0 END = 1 (by SQLite)");
}

TEST(AddResiduals, EveryMemberOfAUnionHasItsWhere) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE f(a) UNION SELECT a FROM w WHERE g(a) ORDER BY a"),
            "f(a) (by SQLite); g(a) (by SQLite)");
}

TEST(AddResiduals, ReadsTheDialect) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE a <=> 1 && `b` = \"x\"", {"A = 1", "B = 'x'"}), "");
  EXPECT_EQ(
      ResidualOf("SELECT a FROM v WHERE \"a\" ^= 1 AND b || c = 'x'", {{"A <> 1"}}, Mode::kOracle),
      "b || c = 'x' (by SQLite)");
}

TEST(AddResiduals, SubqueriesAreNotLookedInto) {
  EXPECT_EQ(Residual("SELECT a FROM (SELECT a FROM v WHERE f(a) = 1) WHERE EXISTS (SELECT 1 FROM w "
                     "WHERE x = y)"),
            "EXISTS (SELECT 1 FROM w WHERE x = y) (by SQLite)");
}

TEST(AddResiduals, WhatCannotBeReadChangesNothing) {
  EXPECT_EQ(Residual("SELECT a FROM v WHERE 'open"), "");
  EXPECT_EQ(Residual("SELECT a FROM v WHERE"), "");
  EXPECT_EQ(Residual(""), "");
  std::vector<ScanReport> none;
  AddResiduals("SELECT 1 WHERE a = 1", Mode::kMySql, none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace obviews::vtab::sql
