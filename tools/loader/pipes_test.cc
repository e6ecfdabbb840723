// Markdown's pipe tables: which are listings, and that what dump-views prints reads back.
#include "tools/loader/pipes.h"

#include <gtest/gtest.h>

#include "tools/loader/rows_for_test.h"
#include "tools/output/escape.h"

namespace obviews::tools {
namespace {

struct Case {
  const char* behaviour;
  const char* text;
  const char* rows;
};

class PipeCases : public testing::TestWithParam<Case> {};

TEST_P(PipeCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kTranscript), GetParam().rows)
      << GetParam().behaviour;
}

constexpr Case kCases[] = {
    {"names over a rule, rows until another line",
     "| JOB_ID | A |\n| ---: | --- |\n| 1 | x y |\n| 2 | NULL |\n\n| 3 | z |\n",
     "== \nJOB_ID=1|A=x y\nJOB_ID=2|A=NULL\n"},
    {"aligned by hand, with colons and blanks, in a quote, CR LF",
     "> | job_id | a    |  \r\n> |:------:|:-----|\r\n> |      1 | x    |\r\n> |2|\t|\r\nprose\r\n",
     "== \nJOB_ID=1|A=x\nJOB_ID=2|A=\n"},
    {"a statement names it", "mysql> SELECT * FROM v;\n| JOB_ID |\n|---|\n| 1 |\n",
     "== V\nJOB_ID=1\n"},
    {"escapes and line breaks",
     "| JOB_ID | A |\n|---|---|\n| 1 | \\`a\\|b\\\\c\\*\\`<br>d\\<br><br/>e |\n| 2 | C:\\new |\n",
     "== \nJOB_ID=1|A=`a|b\\\\c*`\\nd<br>\\ne\nJOB_ID=2|A=C:\\\\new\n"},
    {"a row of another width is an error alone", "| JOB_ID | A |\n|---|---|\n| 1 |\n| 2 | x |\n",
     "! in:3:1: the row has 1 values, its table 2 columns\n== \nJOB_ID=2|A=x\n"},
    {"a row without its end is an error alone", "| JOB_ID | A |\n|---|---|\n| 1 | x\n| 2 | x |\n",
     "! in:3:1: the row has no bar at its end\n== \nJOB_ID=2|A=x\n"},
    {"names alone are a result without rows", "| JOB_ID | A |\n|---|---|\n", ""},
    {"a column twice is an error", "| JOB_ID | job_id |\n|---|---|\n| 1 | 2 |\n",
     "! in:1:12: the column JOB_ID stands twice\n"},
    {"a table that explains something is passed over and told",
     "  | `STATUS` | means |\n  |---|---|\n  | INIT | begins |\n",
     "# in:1:3: a Markdown table without a JOB_ID is taken for prose: passed over\n"
     "# in: no rows found\n"},
    {"a rule of another width makes no table", "| JOB_ID | A |\n|---|\n| 1 | 2 |\n",
     "# in: no rows found\n"},
};

INSTANTIATE_TEST_SUITE_P(All, PipeCases, testing::ValuesIn(kCases));

TEST(Pipes, ReadBackWhatTheWriterEscapes) {
  std::string text;
  for (int byte = 0x20; byte < 0x80; ++byte) text.push_back(static_cast<char>(byte));
  for (const std::string& value :
       {text.substr(1), std::string("a\nb\n\nc"), std::string("<br>|\\|"), std::string("\\\\|\\"),
        std::string("\xFF\0\t|", 4)}) {
    StringSink sink;
    AppendMarkdownText(sink, value);
    std::vector<PipeCell> cells;
    ASSERT_TRUE(SplitPipeRow("| 1 | " + sink.text() + " |", cells)) << value;
    ASSERT_EQ(cells.size(), 2U) << value;
    EXPECT_EQ(cells[1].text, value);
    EXPECT_EQ(cells[1].offset, 6U);
  }
}

}  // namespace
}  // namespace obviews::tools
