// What a `\G` row is made of: which lines are columns, which go on with a value, where a row ends.
#include "tools/loader/vertical.h"

#include <gtest/gtest.h>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

struct Case {
  const char* behaviour;
  const char* text;
  const char* rows;
};

class VerticalCases : public testing::TestWithParam<Case> {};

TEST_P(VerticalCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kTranscript), GetParam().rows)
      << GetParam().behaviour;
}

constexpr Case kCases[] = {
    {"names are right-aligned, values follow the colon and a blank",
     "*************************** 1. row ***************************\n"
     "   JOB_ID: 7\n"
     "DB_LIST_X: `a`,`b`\n",
     "== \nJOB_ID=7|DB_LIST_X=`a`,`b`\n"},
    {"a blank value is '' with or without the blank after the colon; a bare NULL is NULL",
     "*** 1. row ***\n     A: \n     B:\n     C:    \n     D: NULL\n     E: NULL  \n",
     "== \nA=|B=|C=|D=NULL|E=NULL\n"},
    {"blanks around a value that is not blank are kept",
     "*** 1. row ***\n     A:  x  \n     B: NULLS\n     C: null\n", "== \nA= x  |B=NULLS|C=null\n"},
    {"a missing blank after the colon is no matter where the colon stands right",
     "*** 1. row ***\n   A:1\n  BB:2\n", "== \nA=1|BB=2\n"},
    {"names are upper-cased", "*** 1. row ***\n   job_id: 1\nstatus_x_: DOING\n",
     "== \nJOB_ID=1|STATUS_X_=DOING\n"},
    {"any number of stars from three on",
     "*** 1. row ***\nA: 1\n**** 2. row ********\nA: 2\n** 3. row **\n",
     "== \nA=1\nA=2\\n** 3. row **\n"},
    {"a value goes on over lines whose colon stands elsewhere, though they look like columns",
     "*** 1. row ***\n   JOB_ID: 1\n  COMMENT: first\nFOO: bar\n  and more\nRESULT_X_Y: 9\n   "
     "RESULT: "
     "FAILED\n",
     "== \nJOB_ID=1|COMMENT=first\\nFOO: bar\\n  and more\\nRESULT_X_Y: 9|RESULT=FAILED\n"},
    {"a value may begin with an empty line's worth of nothing and go on below",
     "*** 1. row ***\n  JOB_ID: 1\n COMMENT:\nsecond\n  RESULT: x\n",
     "== \nJOB_ID=1|COMMENT=\\nsecond|RESULT=x\n"},
    {"NULL with more lines below is text", "*** 1. row ***\n  JOB_ID: 1\n COMMENT: NULL\nbut\n",
     "== \nJOB_ID=1|COMMENT=NULL\\nbut\n"},
    {"an empty line within a value is kept when a column comes after it",
     "*** 1. row ***\n  JOB_ID: 1\n COMMENT: a\n\nb\n  RESULT: x\n",
     "== \nJOB_ID=1|COMMENT=a\\n\\nb|RESULT=x\n"},
    {"empty lines at the end of a value are dropped",
     "*** 1. row ***\n\n  JOB_ID: 1\n\n COMMENT: a\n\n\n1 row in set\n",
     "== \nJOB_ID=1|COMMENT=a\n"},
    {"an empty line behind the last column ends the row when prose follows",
     "*** 1. row ***\n  JOB_ID: 1\n COMMENT: a\n\nNow look at the next one.\n",
     "== \nJOB_ID=1|COMMENT=a\n"},
    {"the last value goes on over an empty line when the count of rows comes after it",
     "*** 1. row ***\n  JOB_ID: 1\n COMMENT: a\n\nb\n1 row in set (0.00 sec)\n",
     "== \nJOB_ID=1|COMMENT=a\\n\\nb\n"},
    {"so it does when the next row comes after it, but not when another listing does",
     "*** 1. row ***\n A: a\n\nb\n*** 2. row ***\n A: c\n\nprose\n*** 1. row ***\n A: d\n",
     "== \nA=a\\n\\nb\nA=c\n== \nA=d\n"},
    {"rows of one listing may have different columns",
     "*** 1. row ***\nJOB_ID: 1\nRESULT: x\n*** 2. row ***\nRESULT: y\n",
     "== \nJOB_ID=1|RESULT=x\nRESULT=y\n"},
    {"indentation, tabs and Markdown's quotes are no part of values",
     "> \t *** 1. row ***\n> \t  A: 1\n> \t BB: x\n> \t  y\n> \t 1 row in set\n",
     "== \nA=1|BB=x\\n y\n"},
    {"a tab counts up to the next eighth column", "*** 1. row ***\n\t A: 1\n        BB: 2\nC: 3\n",
     "== \nA=1|BB=2\\nC: 3\n"},
    {"a paste that lost its indentation is read by where its lines begin",
     "*** 1. row ***\nJOB_ID: 1\nTENANT_ID: 2\nCOMMENT: a\n b: c\nRESULT:\n",
     "== \nJOB_ID=1|TENANT_ID=2|COMMENT=a\\n b: c|RESULT=\n"},
    {"CR LF line ends", "*** 1. row ***\r\n  A: 1\r\n  B: x\r\n  C:\r\n1 row in set\r\n",
     "== \nA=1|B=x|C=\n"},
    {"a carriage return within a value of a listing without them stays",
     "*** 1. row ***\n  A: 1\n  B: x\r\n", "== \nA=1|B=x\\x0d\n"},
    {"NUL and bytes that are not UTF-8 stay", "*** 1. row ***\n  A: \xFF\xC3(\n",
     "== \nA=\xFF\xC3(\n"},
    {"a row without columns is an error, reading goes on", "*** 1. row ***\n*** 2. row ***\nA: 1\n",
     "! in:1:1: no `NAME: value` line follows the mark of a row\n== \nA=1\n"},
    {"the first line must name a column", "*** 1. row ***\nJOB_ID 1\n*** 2. row ***\nA: 1\n",
     "! in:2:1: expected `NAME: value` below the mark of a row\n== \nA=1\n"},
    {"a column twice is an error at its second place",
     "*** 1. row ***\n JOB_ID: 1\n  A: 1\n JOB_ID: 2\n",
     "! in:4:2: the column JOB_ID stands twice\n"},
    {"a fence, a prompt or the end of the file ends a row",
     "```\n*** 1. row ***\nA: 1\n```\nB: 2\n*** 1. row ***\nA: 2\nobclient [x]> quit\nB: 3\n",
     "== \nA=1\n== \nA=2\n"},
    {"a count of rows that does not fit is told",
     "*** 1. row ***\nA: 1\n2 rows in set\n\n1 row in set\n",
     "== \nA=1\n# in:3:1: the client counted 2 rows, 1 stand above\n"
     "# in:5:1: a count of rows without rows above it\n"},
};

INSTANTIATE_TEST_SUITE_P(All, VerticalCases, testing::ValuesIn(kCases));

// Listings of a view, whose columns are known: RESULT stands before COMMENT before DESCRIPTION.
constexpr const char* kJobs = "mysql> SELECT * FROM CDB_OB_IMPORT_TABLE_JOBS\\G\n*** 1. row ***\n";

TEST(Vertical, AKnownColumnInItsPlaceMayStandOutOfLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"TENANT_ID: 1002\n   JOB_ID: 3\n   STATUS: INIT\n     RESULT: x\n  COMMENT: y\n",
       "# in:6:6: RESULT stands out of line: read as a column\n== CDB_OB_IMPORT_TABLE_JOBS\n"
       "TENANT_ID=1002|JOB_ID=3|STATUS=INIT|RESULT=x|COMMENT=y\n"},
      {"       TENANT_ID: 1002\n   JOB_ID: 3\n   STATUS: INIT\n",
       "# in:3:8: TENANT_ID stands out of line: read as a column\n== CDB_OB_IMPORT_TABLE_JOBS\n"
       "TENANT_ID=1002|JOB_ID=3|STATUS=INIT\n"},
      // Already there, out of its place, in small letters, behind an empty line, no column at all.
      {"    TENANT_ID: 1002\n       JOB_ID: 3\n      COMMENT: a\nJOB_ID: 4\nSTATUS: "
       "x\ndescription: x\n"
       "NOTE: x\n\nDESCRIPTION: x\n1 row in set\n",
       "== CDB_OB_IMPORT_TABLE_JOBS\nTENANT_ID=1002|JOB_ID=3|COMMENT=a\\nJOB_ID: 4\\nSTATUS: x"
       "\\ndescription: x\\nNOTE: x\\n\\nDESCRIPTION: x\n"},
      {"TENANT_ID: 1002\n   JOB_ID: 3\nRESULT: a\n   RESULT: b\n",
       "== CDB_OB_IMPORT_TABLE_JOBS\nTENANT_ID=1002|JOB_ID=3\\nRESULT: a|RESULT=b\n"},
  };
  for (const auto& [rows, shown] : cases) EXPECT_EQ(ShowText(std::string(kJobs) + rows), shown);
}

TEST(Vertical, WhatAStatementSelectsTellsThePlaces) {
  EXPECT_EQ(ShowText("mysql> SELECT COMMENT, STATUS FROM v\\G\n*** 1. row ***\nCOMMENT: a\n"
                     "STATUS: b\n"),
            "== V\nCOMMENT=a|STATUS=b\n");
  EXPECT_EQ(ShowText("mysql> SELECT STATUS, COMMENT FROM v\\G\n*** 1. row ***\n STATUS: a\n"
                     "    COMMENT: b\nSTATUS: c\n"),
            "# in:4:5: COMMENT stands out of line: read as a column\n"
            "== V\nSTATUS=a|COMMENT=b\\nSTATUS: c\n");
}

TEST(Vertical, CellsKnowTheirPlace) {
  auto reader =
      ReadRows(TextSource::FromText("f", "x\n  *** 1. row ***\n     A: 1\n    BB:\n    CC: x\n"),
               InputFormat::kTranscript);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.Place(), "f:2:3");
  EXPECT_EQ(row.Place(0), "f:3:9");
  EXPECT_EQ(row.Place(1), "f:4:8");
  EXPECT_EQ(row.Place(2), "f:5:9");
}

TEST(Vertical, RowMarksAndCounts) {
  uint64_t n = 0;
  EXPECT_TRUE(ParseRowMark("   ****** 12. row ***  ", n));
  EXPECT_EQ(n, 12U);
  for (const char* no : {"*** row ***", "*** 1 row ***", "** 1. row ***", "*** 1. row",
                         "*** 1. rows ***", "***", "", "*** 99999999999999999999999. row ***"}) {
    EXPECT_FALSE(ParseRowMark(no, n)) << no;
  }
  EXPECT_TRUE(ParseRowCount("> 3 rows in set (0.01 sec)", n));
  EXPECT_EQ(n, 3U);
  EXPECT_TRUE(ParseRowCount("1 row in set", n));
  for (const char* no : {"rows in set", "x 1 row in set", "1 rows", ""}) {
    EXPECT_FALSE(ParseRowCount(no, n)) << no;
  }
}

}  // namespace
}  // namespace obviews::tools
