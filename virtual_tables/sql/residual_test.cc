// Which conditions of a statement SQLite is said to test itself.
#include "virtual_tables/sql/residual.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace obviews::vtab::sql {
namespace {

/// The residual conditions of a scan that was given `pushed`.
std::string Residual(const char* sql, std::vector<std::string> pushed = {}) {
  std::vector<ScanReport> scans(1);
  scans[0].pushed = std::move(pushed);
  AddResiduals(sql, scans);
  return fmt::format("{}", fmt::join(scans[0].residual, "; "));
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
  AddResiduals("SELECT 1 WHERE a = 1", none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace obviews::vtab::sql
