// Places in SQL text and the caret under them.
#include "virtual_tables/sql/position.h"

#include <gtest/gtest.h>

namespace obviews::vtab::sql {
namespace {

TEST(PositionAt, CountsLinesAndCharacters) {
  EXPECT_EQ(PositionAt("abc", 0), (Position{1, 1}));
  EXPECT_EQ(PositionAt("abc", 2), (Position{1, 3}));
  EXPECT_EQ(PositionAt("a\nbc", 3), (Position{2, 2}));
  EXPECT_EQ(PositionAt("a\r\nbc", 4), (Position{2, 2}));
  EXPECT_EQ(PositionAt("表 x", 4), (Position{1, 3}));
  EXPECT_EQ(PositionAt("\xFF\xFFx", 2), (Position{1, 3}));
  EXPECT_EQ(PositionAt("abc", 99), (Position{1, 4}));
}

TEST(PositionAt, ContinuesFromTheStartOfAScript) {
  EXPECT_EQ(PositionAt("abc", 2, {7, 10}), (Position{7, 12}));
  EXPECT_EQ(PositionAt("a\nbc", 3, {7, 10}), (Position{8, 2}));
}

TEST(MessageAt, PutsACaretUnderThePlace) {
  EXPECT_EQ(MessageAt("no such column: STATU", "SELECT STATU FROM v", 7),
            "no such column: STATU\n"
            "  at line 1, column 8:\n"
            "  SELECT STATU FROM v\n"
            "         ^");
}

TEST(MessageAt, ShowsOnlyTheLineMeant) {
  EXPECT_EQ(MessageAt("bad", "SELECT 1,\n  x\r\nFROM v", 12),
            "bad\n"
            "  at line 2, column 3:\n"
            "    x\n"
            "    ^");
}

TEST(MessageAt, CountsWideCharactersAsTwoCells) {
  EXPECT_EQ(MessageAt("bad", "'恢复' x", 9),
            "bad\n"
            "  at line 1, column 6:\n"
            "  '恢复' x\n"
            "         ^");
}

TEST(MessageAt, MakesControlBytesAndBrokenUtf8Visible) {
  EXPECT_EQ(MessageAt("bad", std::string_view("a\0\tb\xC3 c", 7), 6),
            "bad\n"
            "  at line 1, column 7:\n"
            "  a? b? c\n"
            "        ^");
}

TEST(MessageAt, CutsLongLinesAroundThePlace) {
  const std::string text = std::string(500, 'a') + "X" + std::string(500, 'b');
  EXPECT_EQ(MessageAt("bad", text, 500),
            "bad\n"
            "  at line 1, column 501:\n"
            "  ..." +
                std::string(60, 'a') + "X" + std::string(39, 'b') + "...\n" + "  " +
                std::string(63, ' ') + "^");
}

TEST(MessageAt, PointsBehindTheEnd) {
  EXPECT_EQ(MessageAt("bad", "SELECT", 6),
            "bad\n"
            "  at line 1, column 7:\n"
            "  SELECT\n"
            "        ^");
  EXPECT_EQ(MessageAt("bad", "", 0),
            "bad\n"
            "  at line 1, column 1:\n"
            "  \n"
            "  ^");
}

}  // namespace
}  // namespace obviews::vtab::sql
