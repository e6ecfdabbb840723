// TSV and CSV: escapes, quotes, NULL, line ends, headers, damage and places.
#include "tools/loader/delimited.h"

#include <gtest/gtest.h>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

using namespace std::string_literals;

struct Case {
  const char* behaviour;
  std::string text;
  std::string rows;
};

class TsvCases : public testing::TestWithParam<Case> {};
class CsvCases : public testing::TestWithParam<Case> {};

TEST_P(TsvCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kTsv), GetParam().rows) << GetParam().behaviour;
}

TEST_P(CsvCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kCsv), GetParam().rows) << GetParam().behaviour;
}

const Case kTsv[] = {
    {"a header, then rows; names are upper-cased", "job_id\tSTATUS\n1\tDOING\n2\t\n",
     "== \nJOB_ID=1|STATUS=DOING\nJOB_ID=2|STATUS=\n"},
    {"the last newline may be missing", "A\tB\n1\t2", "== \nA=1|B=2\n"},
    {"a byte order mark is skipped",
     "\xEF\xBB\xBF"
     "A\tB\n1\t2\n",
     "== \nA=1|B=2\n"},
    {"escapes", "A\tB\na\\nb\\tc\\\\d\\0e\tx\\\\n\n", "== \nA=a\\nb\\x09c\\\\d\\x00e|B=x\\\\n\n"},
    {"NULL and \\N are null, \\NULL is the text, and case counts",
     "A\tB\tC\tD\tE\nNULL\t\\N\t\\NULL\tnull\tNULL \n",
     "== \nA=NULL|B=NULL|C='NULL'|D=null|E=NULL \n"},
    {"an escape that nobody writes stays and is told once", "A\tB\n1\tC:\\dir\n2\t\\x\n",
     "# in:2:3: an escape that batch output never writes, kept as it stands; was the file printed "
     "with "
     "--raw?\n== \nA=1|B=C:\\\\dir\nA=2|B=\\\\x\n"},
    {"a header that ends in CR LF makes all lines do so", "A\tB\r\n1\t2\r\n3\t4\r\r\n5\t6\n",
     "== \nA=1|B=2\nA=3|B=4\\x0d\nA=5|B=6\n"},
    {"a carriage return is data in a file without CR LF", "A\tB\n1\t2\r\n", "== \nA=1|B=2\\x0d\n"},
    {"quotes, NUL and bytes that are not UTF-8 are data", "A\tB\n\"x\"\ta\0\xFF\n"s,
     "== \nA=\"x\"|B=a\\x00\xFF\n"},
    {"empty lines are passed over", "\n\nA\tB\n\n1\t2\n\n", "== \nA=1|B=2\n"},
    {"but are '' if there is one column", "A\n\nx\n", "== \nA=\nA=x\n"},
    {"another header, as from cat, begins another listing",
     "JOB_ID\tA\n1\tJOB_ID\nA\tB\tJOB_ID\nx\ty\t3\n",
     "== \nJOB_ID=1|A=JOB_ID\n== \nA=x|B=y|JOB_ID=3\n"},
    {"another number of values is an error, reading goes on", "A\tB\n1\n1\t2\t3\n1\t2\n",
     "! in:2:1: the row has 1 values, its header 2 columns\n"
     "! in:3:1: the row has 3 values, its header 2 columns\n== \nA=1|B=2\n"},
    {"a file without header cannot be read", "1\tDOING\n2\tDOING\n",
     "! in:1:1: the first line must name the columns: `1` is no name\n"},
    {"a column twice", "A\tB\ta\n1\t2\t3\n", "! in:1:5: the column A stands twice\n"},
    {"a line of names alone has no rows", "A\tB\n", "# in: no rows found\n"},
    {"a view's header alone is a result without rows", "JOB_ID\tB\n", ""},
    {"an empty file has none either", "", "# in: the file is empty\n"},
};

const Case kCsv[] = {
    {"plain", "JOB_ID,STATUS\n1,DOING\n2,\n", "== \nJOB_ID=1|STATUS=DOING\nJOB_ID=2|STATUS=\n"},
    {"quotes, doubled within, around commas", "A,B\n\"a,b\",\"say \"\"x\"\"\"\n",
     "== \nA=a,b|B=say \"x\"\n"},
    {"newlines within quotes, CR LF and LF", "A,B\r\n\"a\nb\",\"c\r\nd\"\r\n\"\n\",x\r\n",
     "== \nA=a\\nb|B=c\\x0d\\nd\nA=\\n|B=x\n"},
    {"a bare NULL is null, a quoted one is text", "A,B\nNULL,\"NULL\"\n\"NULL\",NULL\n",
     "== \nA=NULL|B='NULL'\nA='NULL'|B=NULL\n"},
    {"nothing and two quotes are both ''", "A,B,C\n,\"\",\n", "== \nA=|B=|C=\n"},
    {"blanks and backslashes are data", "A,B\n x ,a\\nb\n", "== \nA= x |B=a\\\\nb\n"},
    {"NUL and bytes that are not UTF-8", "A,B\n\"\0\",\xFE\n"s, "== \nA=\\x00|B=\xFE\n"},
    {"a byte order mark before a quoted header", "\xEF\xBB\xBF\"A\",\"B\"\n1,2\n",
     "== \nA=1|B=2\n"},
    {"no final newline after a quote", "A,B\n1,\"2\"", "== \nA=1|B=2\n"},
    {"empty lines are passed over", "A,B\n\r\n1,2\n\n", "== \nA=1|B=2\n"},
    {"another header begins another listing", "JOB_ID,A\n1,x\nJOB_ID,B\n2,y\n",
     "== \nJOB_ID=1|A=x\n== \nJOB_ID=2|B=y\n"},
    {"a value after a closing quote", "A,B\n\"a\"b,c\n1,2\n",
     "! in:2:4: expected a comma after the closing quote\n== \nA=1|B=2\n"},
    {"a quote within a bare value", "A,B\n1,a\"b\n1,2\n",
     "! in:2:4: a quote within a value that is not quoted\n== \nA=1|B=2\n"},
    {"a quote that never closes", "A,B\n1,\"x\n1,2\n",
     "! in:2:3: the quoted value is not closed\n"},
    {"another number of values", "A,B\n1,2,3\n",
     "! in:2:1: the row has 3 values, its header 2 columns\n"},
    {"a damaged header ends the reading", "A,\"B\"x\n1,2\n",
     "! in:1:6: expected a comma after the closing quote\n"},
    {"a column without name", "A,,B\n1,2,3\n",
     "! in:1:3: the first line must name the columns: `` is no name\n"},
};

INSTANTIATE_TEST_SUITE_P(All, TsvCases, testing::ValuesIn(kTsv));
INSTANTIATE_TEST_SUITE_P(All, CsvCases, testing::ValuesIn(kCsv));

TEST(Delimited, CellsKnowTheirPlaceBehindQuotedNewlines) {
  auto reader =
      ReadRows(TextSource::FromText("f", "A,B,C\n1,\"x\ny\",z\n2,3,4\n"), InputFormat::kCsv);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.Place(), "f:2:1");
  EXPECT_EQ(row.Place(1), "f:2:3");
  EXPECT_EQ(row.Place(2), "f:3:4");
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.Place(), "f:4:1");
}

TEST(Delimited, HeadersAreKnownByTheirNames) {
  EXPECT_TRUE(LooksLikeHeader("A\tB_2\tc\r", Dialect::kTsv));
  EXPECT_TRUE(LooksLikeHeader("A,\"B\"", Dialect::kCsv));
  for (const char* no : {"", "A", "A B\tC", "1\tA", "A\t", "A\tb:c"}) {
    EXPECT_FALSE(LooksLikeHeader(no, Dialect::kTsv)) << no;
  }
  EXPECT_FALSE(LooksLikeHeader("Select, then drop", Dialect::kCsv));
}

}  // namespace
}  // namespace obviews::tools
