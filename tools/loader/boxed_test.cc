// Boxed tables: borders, splitting by count and by width, values over several lines, damage.
#include "tools/loader/boxed.h"

#include <gtest/gtest.h>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

struct Case {
  const char* behaviour;
  const char* text;
  const char* rows;
};

class BoxedCases : public testing::TestWithParam<Case> {};

TEST_P(BoxedCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kTranscript), GetParam().rows)
      << GetParam().behaviour;
}

constexpr Case kCases[] = {
    {"numbers stand right, texts left; NULL is NULL, blank is ''",
     "+--------+------+------+------+\n"
     "| JOB_ID | A    | B    | C    |\n"
     "+--------+------+------+------+\n"
     "|      1 | x y  | NULL |      |\n"
     "|   NULL |  lo  | -1.5 |   12 |\n"
     "+--------+------+------+------+\n"
     "2 rows in set (0.00 sec)\n",
     "== \nJOB_ID=1|A=x y|B=NULL|C=\nJOB_ID=NULL|A= lo|B=-1.5|C=12\n"},
    {"two tables are two listings",
     "+---+\n| A |\n+---+\n| 1 |\n+---+\n+---+\n| A |\n+---+\n| 2 |\n+---+\n",
     "== \nA=1\n== \nA=2\n"},
    {"CR LF, indentation, quotes and blanks behind the last bar",
     "> +---+---+\r\n> | a | B |  \r\n> +---+---+\r\n> | 1 | 2 |\r\n> +---+---+ \r\n",
     "== \nA=1|B=2\n"},
    {"bars within a value: the border's width tells",
     "+-----+-----+\n| A   | B   |\n+-----+-----+\n| a|b | c   |\n|   | | | | |\n+-----+-----+\n",
     "== \nA=a|b|B=c\nA=  ||B=| |\n"},
    {"wide characters and bars, counted as the client does",
     "+--------+---+\n| A      | B |\n+--------+---+\n| 表|一  | 1 |\n| 表一二 | 2 "
     "|\n+--------+---+\n",
     "== \nA=表|一|B=1\nA=表一二|B=2\n"},
    {"emoji and combining marks and bars, counted as a terminal does",
     "+------+---+\n| A    | B |\n+------+---+\n| 😀|a | 1 |\n| e\xCC\x81|a  | 2 |\n+------+---+\n",
     "== \nA=😀|a|B=1\nA=e\xCC\x81|a|B=2\n"},
    {"a client that counts bytes",
     "+--------+---+\n| A      | B |\n+--------+---+\n| é|é  | 1 |\n+--------+---+\n",
     "== \nA=é|é|B=1\n"},
    {"a row that overflows its border is split at its bars",
     "+---+---+\n| A | B |\n+---+---+\n| a long one | 1 |\n| a|b long | 22 |\n+---+---+\n",
     "== \nA=a long one|B=1\nA=a|b long|B=22\n"},
    {"a newline within a value",
     "+------+---+\n| A    | B |\n+------+---+\n| a\nb  | 1 |\n| c    | 2 |\n+------+---+\n",
     "== \nA=a\\nb|B=1\nA=c|B=2\n"},
    {"pictures of controls are controls, as dump-views prints them",
     "+------+\n| A    |\n+------+\n| a␊b␀ |\n+------+\n", "== \nA=a\\nb\\x00\n"},
    {"a row cut short is an error alone",
     "+----+---+\n| A  | B |\n+----+---+\n| 1  |\n| 2  | x |\n+----+---+\n",
     "! in:4:1: the row does not fit its table of 2 columns\n== \nA=2|B=x\n"},
    {"a row with too many values is an error",
     "+----+---+\n| A  | B |\n+----+---+\n| 1  | 2 | 3 |\n+----+---+\n",
     "! in:4:1: the row does not fit its table of 2 columns\n"},
    {"a table cut before its last border is read and told",
     "+---+\n| A |\n+---+\n| 1 |\n\nprose | more\n",
     "== \nA=1\n# in:1:1: the table has no border at its end: rows may be missing\n"},
    {"a grid with a border under each row", "+---+\n| A |\n+===+\n| 1 |\n+---+\n| 2 |\n+---+\n",
     "== \nA=1\nA=2\n"},
    {"a border that wrapped is told", "+------+-----\n---+\n| A    | B   \n   |\n",
     "# in:1:1: the border of a table is cut or wrapped; the table is not read\n"
     "# in: no rows found\n"},
    {"a table without names is told", "+---+\n| 1 |\n| 2 |\n+---+\n",
     "# in:1:1: a table without a line of column names is not read\n# in: no rows found\n"},
    {"a column twice is an error", "+---+---+\n| A | a |\n+---+---+\n| 1 | 2 |\n+---+---+\n",
     "! in:2:7: the column A stands twice\n"},
};

INSTANTIATE_TEST_SUITE_P(All, BoxedCases, testing::ValuesIn(kCases));

TEST(Boxed, CellsKnowTheirPlaceBehindNewlines) {
  auto reader = ReadRows(TextSource::FromText("f",
                                              "+------+----+\n| A    | B  |\n+------+----+\n"
                                              "| a\nb  |  1 |\n+------+----+\n"),
                         InputFormat::kTranscript);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.Place(), "f:4:1");
  EXPECT_EQ(row.Place(0), "f:4:3");
  EXPECT_EQ(row.Place(1), "f:5:7");
}

TEST(Boxed, Borders) {
  BoxBorder border;
  ASSERT_TRUE(ParseBorder(" \t+--+-----+ ", border));
  EXPECT_EQ(border.prefix, 2U);
  EXPECT_EQ(border.widths, (std::vector<size_t>{2, 5}));
  for (const char* no : {"", "+", "++", "+--", "--+", "+-=+", "+ab+", "|--|", "+--++"}) {
    EXPECT_FALSE(ParseBorder(no, border)) << no;
  }
}

}  // namespace
}  // namespace obviews::tools
