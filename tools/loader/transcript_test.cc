// Whole transcripts: the project's document, a terminal session, and what no transcript should do.
#include "tools/loader/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

TEST(Transcript, ReadsTheDocument) {
  EXPECT_EQ(ShowFile("document.md"), ReadTestFile("loader/document.rows"));
}

TEST(Transcript, ReadsASession) {
  EXPECT_EQ(ShowFile("loader/session.txt"), ReadTestFile("loader/session.rows"));
}

TEST(Transcript, ReadsTheSameWithOtherLineEndsAndInAQuote) {
  const std::string text = ReadTestFile("loader/session.txt");
  const std::string expected = ShowText(text);
  std::string crlf = "\xEF\xBB\xBF";
  std::string quoted = "> ";
  for (const char c : text) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    quoted += c == '\n' ? "\n> " : std::string(1, c);
  }
  EXPECT_EQ(ShowText(crlf), expected);
  EXPECT_EQ(ShowText(quoted), expected);
}

TEST(Transcript, ListingsKnowTheirStatement) {
  auto reader = ReadRows(TextSource::FromText("f", ReadTestFile("loader/session.txt")),
                         InputFormat::kTranscript);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(
      row.listing->statement,
      "SELECT tenant_id, job_id, status, comment FROM cdb_ob_import_table_jobs WHERE status <> "
      "'INIT;'");
  EXPECT_EQ(row.listing->statement_at, (Position{7, 23}));
  EXPECT_EQ(row.listing->at, (Position{10, 1}));
  EXPECT_EQ(row.listing->file, "f");
}

TEST(Transcript, ProseIsNeverTakenForRows) {
  const std::string prose =
      "# Heading\n\n* `PREPARE`：任务初始化阶段\n* STATUS: what it says\n   STATUS: RECOVERING\n"
      "`STATUS` 表示按表恢复当前的阶段：\n\n| STATUS | means |\n|--------|\n| JOB_ID | STATUS |\n"
      "***\n\n** 1. row **\n\nNOTE: 1. row\n\n1. row\n+ a list\n+ another +\n+-+ ascii art +-+\n";
  EXPECT_EQ(ShowText(prose, InputFormat::kTranscript), "# in: no rows found\n");
}

TEST(Transcript, AnEmptySetIsAResultWithoutRows) {
  EXPECT_EQ(ShowText("mysql> SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS;\nEmpty set (0.01 sec)\n"),
            "");
  EXPECT_EQ(ShowText("mysql> SELECT * FROM v;\nERROR 1146 (42S02): Table 'v'\n"),
            "# in: no rows found\n");
}

TEST(Transcript, AColumnMayStandTwiceWhereTheStatementReadsNoOneView) {
  const std::string rows = "+---+---+\n| A | A |\n+---+---+\n| 1 | 2 |\n+---+---+\n";
  EXPECT_EQ(ShowText("mysql> SELECT v.a, w.a FROM v, w;\n" + rows), "== \nA=1|A (2)=2\n");
  EXPECT_EQ(ShowText("mysql> SELECT a, b + 1 AS a FROM v;\n" + rows), "== V\nA=1|A (2)=2\n");
  EXPECT_EQ(ShowText("mysql> SELECT a, a FROM v;\n" + rows),
            "! in:3:7: the column A stands twice\n");
}

TEST(Transcript, HoldsA64MiBValue) {
  const std::string huge(size_t{64} << 20, 'x');
  auto reader = ReadRows(TextSource::FromText("f", "*** 1. row ***\n JOB_ID: 1\nDB_LIST: " + huge +
                                                       "\n1 row in set\n"),
                         InputFormat::kTranscript);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.cells.at(1).text.size(), huge.size());
  EXPECT_FALSE((*reader)->Next(row).value());
}

TEST(Transcript, RefusesARowLargerThanARowMayBe) {
  auto source = TextSource::FromText("f", "*** 1. row ***\nA: " + std::string(80, 'x') + "\n" +
                                              std::string(80, 'y') + "\n*** 2. row ***\nA: 1\n");
  source->set_max_row_bytes(100);
  auto reader = ReadRows(std::move(source), InputFormat::kTranscript);
  ASSERT_TRUE(reader);
  EXPECT_EQ(ShowRows(**reader), "! f:1:1: a row of more than 100 bytes\n== \nA=1\n");
}

// Texts of the pieces that mean something to some reader, and of bytes that do not.
std::string RandomText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"\n",
                                                   "\r\n",
                                                   "*** 1. row ***",
                                                   "*** 2. row ***\n",
                                                   "  A: 1\n",
                                                   " BB: x\n",
                                                   "JOB_ID",
                                                   ": ",
                                                   "+---+----+",
                                                   "\n+---+----+\n",
                                                   "| a | b  |",
                                                   "| a\n",
                                                   "|",
                                                   "1 row in set\n",
                                                   "```",
                                                   "\n```sql\n",
                                                   "mysql> ",
                                                   "obclient [(none)]> ",
                                                   "SELECT * FROM v",
                                                   "\\G",
                                                   ";",
                                                   "    -> ",
                                                   "Empty set\n",
                                                   "\t",
                                                   ",",
                                                   "\"",
                                                   "\"\"",
                                                   "NULL",
                                                   "\\n",
                                                   "\\",
                                                   "{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   "\"A\":",
                                                   "\\u",
                                                   "\\udc80",
                                                   "\\ud83d",
                                                   "\xEF\xBB\xBF",
                                                   "\xE8\xA1\xA8",
                                                   "\xFF",
                                                   std::string(1, '\0'),
                                                   "A\tJOB_ID\n",
                                                   "A,JOB_ID\n",
                                                   "'",
                                                   "`",
                                                   "/*",
                                                   "-- ",
                                                   "--------------\n",
                                                   "> ",
                                                   "obviews_record",
                                                   "18446744073709551616",
                                                   "é",
                                                   "😀"};
  std::string text;
  for (size_t count = random() % 60; count > 0; --count) {
    text += random() % 8 == 0 ? std::string(1, static_cast<char>(random()))
                              : kPieces[random() % kPieces.size()];
  }
  return text;
}

TEST(AnyReader, EndsOnAnyInputAndKeepsItsContract) {
  std::mt19937 random(20230816);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = RandomText(random);
    for (const InputFormat format :
         {InputFormat::kAuto, InputFormat::kTranscript, InputFormat::kTsv, InputFormat::kCsv,
          InputFormat::kJson, InputFormat::kJsonl}) {
      auto reader = ReadRows(TextSource::FromText("f", text), format);
      if (!reader) continue;
      ParsedRow row;
      size_t calls = 0;
      for (;; ++calls) {
        ASSERT_LE(calls, text.size() + 1) << testing::PrintToString(text);
        const auto got = (*reader)->Next(row);
        if (!got) {
          ASSERT_THAT(got.error().message, testing::MatchesRegex("f:[0-9]+:[0-9]+: .+"));
          continue;
        }
        if (!*got) break;
        ASSERT_NE(row.listing, nullptr);
        ASSERT_EQ(row.cells.size(), row.columns->size());
        ASSERT_EQ(row.is_record, row.cells.empty());
        ASSERT_EQ(FindRepeatedName(*row.columns), row.columns->size());
      }
      ASSERT_FALSE((*reader)->Next(row).value());
    }
  }
}

}  // namespace
}  // namespace obviews::tools
