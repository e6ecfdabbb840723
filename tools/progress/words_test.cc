// Figures in words.
#include "tools/progress/words.h"

#include <gtest/gtest.h>

#include <utility>

#include "tools/progress/testing.h"

namespace obviews::tools {
namespace {

using engine::progress::Figure;
using engine::progress::RecoveryProgress;

TEST(WordsTest, DurationsHaveThePartsTheyNeed) {
  const std::pair<int64_t, const char*> cases[] = {
      {-5, "0:00"},      {4, "0:04"},         {131, "2:11"},
      {3723, "1:02:03"}, {86399, "23:59:59"}, {86400 * 3 + 7384, "3d 02:03:04"}};
  for (const auto& [seconds, text] : cases) EXPECT_EQ(Duration(seconds), text);
}

TEST(WordsTest, PercentsAreCut) {
  EXPECT_EQ(Percent(732'099), "73.20 %");
  EXPECT_EQ(Percent(999'999), "99.99 %");
  EXPECT_EQ(Percent(1'000'000), "100.00 %");
}

TEST(WordsTest, ATimeOfAnotherDayHasItsDate) {
  const schema::Zone zone = schema::Zone::Fixed(8 * 3600);
  EXPECT_EQ(DateTime(testing::kStart, zone), "2023-11-15 06:13:20");
  EXPECT_EQ(TimeOfDay(testing::kStart, zone), "06:13:20");
  EXPECT_EQ(TimeAfter(testing::kNow, testing::kStart, zone), "06:23:20");
  EXPECT_EQ(TimeAfter(testing::kStart + 86'400'000'000, testing::kStart, zone),
            "2023-11-16 06:13:20");
  EXPECT_EQ(DateTime(INT64_MAX, zone), "?");
}

TEST(WordsTest, TablesThatAreNotKnownSayWhy) {
  RecoveryProgress progress;
  progress.tables_total = progress.tables_finished = progress.tables_failed =
      Figure<int64_t>::Unknown("nobody knows");
  EXPECT_EQ(TablesText(progress, true), "tables not known: nobody knows");
  EXPECT_EQ(TablesText(progress, false), "tables not known");
  progress.tables_total = Figure<int64_t>::Known(10'000);
  EXPECT_EQ(TablesText(progress, true),
            "of 10,000 tables, how many are imported is not known: nobody knows");
  progress.tables_finished = Figure<int64_t>::Known(1);
  progress.tables_total = Figure<int64_t>::Unknown("no job");
  EXPECT_EQ(TablesText(progress, true), "1 table; how many there are is not known: no job");
  progress.tables_total = Figure<int64_t>::Known(1);
  EXPECT_EQ(TablesText(progress, true), "1 of 1 table");
}

TEST(WordsTest, BytesThatAreAllThereAreToldOnce) {
  RecoveryProgress progress;
  EXPECT_EQ(BytesText(progress), "");
  progress.bytes_finished = Figure<int64_t>::Known(int64_t{6} << 30);
  EXPECT_EQ(BytesText(progress), "6.00GB");
  progress.bytes_total = Figure<int64_t>::Known(int64_t{12} << 30);
  EXPECT_EQ(BytesText(progress), "6.00GB of 12.00GB");
  progress.bytes_finished = progress.bytes_total;
  EXPECT_EQ(BytesText(progress), "12.00GB");
}

TEST(WordsTest, ReasonsLeaveOutWhatDiffersFromTableToTable) {
  struct Case {
    const char* comment;
    const char* table;
    const char* reason;
  };
  const Case cases[] = {
      {"", "", "no reason given"},
      {"result:-4072(), addr:127.0.0.1:2882, trace_id:YB42-1", "`d`.`t`",
       "result:-4072() OB_CANCELED"},
      {"result:-1(x), addr:[::1]:2882, trace_id:Y", "`d`.`t`", "result:-1(x)"},
      {"Table 'd.t' doesn't exist", "`d`.`t`", "Table '...' doesn't exist"},
      {"Table 't' already exists", "`d`.`t`", "Table '...' already exists"},
      {"Table 't' already exists", "", "Table 't' already exists"},
      {"no 'tt' here", "`d`.`t`", "no 'tt' here"},
  };
  for (const Case& c : cases) EXPECT_EQ(ReasonOf(c.comment, c.table), c.reason);
}

TEST(WordsTest, StoredTextsAreMadeFitForATerminal) {
  struct Case {
    const char* text;
    const char* utf8;
    const char* ascii;
  };
  const Case cases[] = {
      {"plain `t`", "plain `t`", "plain `t`"},
      {"a\x1b[2Jb\x7f", "a\\x1b[2Jb\\x7f", "a\\x1b[2Jb\\x7f"},
      {"\xE8\xA1\xA8", "\xE8\xA1\xA8", "\\xe8\\xa1\\xa8"},
      {"\xC2\x9B!", "\\xc2\\x9b!", "\\xc2\\x9b!"},                // CSI as one character
      {"\xE2\x80\xAE!", "\\xe2\\x80\\xae!", "\\xe2\\x80\\xae!"},  // right-to-left override
      {"\xFF!", "\\xff!", "\\xff!"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Printable(c.text, true), c.utf8);
    EXPECT_EQ(Printable(c.text, false), c.ascii);
  }
}

}  // namespace
}  // namespace obviews::tools
