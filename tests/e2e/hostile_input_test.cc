// Input nobody wishes for: odd bytes, extreme numbers and times, hours that do not exist, texts of
// many megabytes.
#include "stores.h"

namespace obviews::e2e {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTasks = "CDB_OB_IMPORT_TABLE_TASKS";

class HostileInputTest : public StoreTest {
 protected:
  /// Loads one task with one more column, as JSON; what the loader said.
  Ran LoadColumn(const std::string& column, const std::string& json,
                 std::vector<std::string> options = {}) const {
    options.insert(options.end(), {"--view", kTasks});
    return LoadText(
        "{\"TENANT_ID\":1002,\"TASK_ID\":7,\"JOB_ID\":3,\"" + column + "\":" + json + "}\n",
        std::move(options), "in.jsonl");
  }
  std::string Shown(const std::string& column, std::vector<std::string> options = {"-N"}) const {
    return Query("SELECT " + column + " FROM CDB_OB_IMPORT_TABLE_TASKS", std::move(options));
  }
};

TEST_F(HostileInputTest, NumbersBeyond64BitsAreRefused) {
  for (const char* number :
       {"9223372036854775808", "-9223372036854775809", "1e3", "1.5", "true", "\"7x\"", "\"\""}) {
    Ran ran = LoadColumn("TABLE_COLUMN", number);
    EXPECT_EQ(ran.code, 1) << number;
    EXPECT_THAT(ran.err, HasSubstr("in.jsonl:1:")) << number;
  }
  EXPECT_EQ(LoadColumn("TABLE_COLUMN", "-9223372036854775808").code, 0);
  EXPECT_EQ(Shown("TABLE_COLUMN"), "-9223372036854775808\n");
}

TEST_F(HostileInputTest, AnScnAboveTheLargestIsRefused) {
  auto load = [&](const std::string& scn) {
    return LoadText("{\"TENANT_ID\":1002,\"JOB_ID\":3,\"RESTORE_SCN\":" + scn + "}\n",
                    {"--view", "CDB_OB_RECOVER_TABLE_JOBS"}, "in.jsonl");
  };
  Ran above = load("4611686018427387904");
  EXPECT_EQ(above.code, 1);
  EXPECT_THAT(above.err, HasSubstr("above the largest SCN, 4611686018427387903"));
  EXPECT_EQ(load("4611686018427387903").code, 0);
  Ran exported = LoadText(
      "{\"obviews_record\":1,\"kind\":\"recover_job\",\"tenant_id\":1,\"job_id\":1,"
      "\"restore_scn\":4611686018427387904}\n",
      {}, "e.jsonl");
  EXPECT_EQ(exported.code, 1);
  EXPECT_THAT(exported.err, HasSubstr("e.jsonl:1"));
}

TEST_F(HostileInputTest, TimesOfTheTypesWholeRangeLoad) {
  for (const char* time :
       {"0000-01-02 00:00:00.000000", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"}) {
    Ran ran = LoadColumn("START_TIMESTAMP", std::string("\"") + time + "\"");
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(Shown("START_TIMESTAMP"), std::string(time) + "\n");
  }
  for (const char* time :
       {"10000-01-01 00:00:00", "2023-02-30 00:00:00", "2023-08-16 24:00:00", "soon"}) {
    Ran ran = LoadColumn("START_TIMESTAMP", std::string("\"") + time + "\"");
    EXPECT_EQ(ran.code, 1) << time;
    EXPECT_THAT(ran.err, HasSubstr("START_TIMESTAMP: ")) << time;
  }
}

TEST_F(HostileInputTest, HoursThatDoNotExistAreRefusedAndHoursThatRepeatAreTheEarlier) {
  const std::vector<std::string> zone = {"--time-zone", "America/New_York"};
  Ran gap = LoadColumn("START_TIMESTAMP", "\"2023-03-12 02:30:00.000000\"", zone);
  EXPECT_EQ(gap.code, 1);
  EXPECT_THAT(gap.err, HasSubstr("START_TIMESTAMP: "));
  Ran twice = LoadColumn("START_TIMESTAMP", "\"2023-11-05 01:30:00.000000\"", zone);
  EXPECT_EQ(twice.code, 0) << twice.err;
  EXPECT_THAT(twice.err, HasSubstr("occurs twice in zone America/New_York: read as the earlier"));
  EXPECT_EQ(Shown("START_TIMESTAMP", {"-N", "--time-zone", "+00:00"}),
            "2023-11-05 05:30:00.000000\n");
}

TEST_F(HostileInputTest, WindowsLineEndsAByteOrderMarkAndNoFinalNewlineAreFine) {
  Ran ran = LoadText(
      "\xEF\xBB\xBFTENANT_ID\tTASK_ID\tJOB_ID\tSRC_TABLE\r\n1002\t7\t3\tt1\r\n"
      "1002\t8\t3\tt2",
      {"--view", kTasks});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Shown("TASK_ID, SRC_TABLE"), "7\tt1\n8\tt2\n");
  Ran listing = LoadText(
      "\xEF\xBB\xBFSELECT TENANT_ID,TASK_ID,JOB_ID,STATUS,START_TIMESTAMP FROM "
      "CDB_OB_IMPORT_TABLE_TASKS\\G\r\n*** 1. row ***\r\nTENANT_ID: 1004\r\n"
      "TASK_ID: 9\r\nJOB_ID: 3\r\nSTATUS: DOING\r\n"
      "START_TIMESTAMP: 2023-08-16 21:08:49.492389\r\n1 row in set");
  EXPECT_EQ(listing.code, 0) << listing.err;
  EXPECT_EQ(Query("SELECT STATUS, START_TIMESTAMP FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TASK_ID=9"),
            "DOING\t2023-08-16 21:08:49.492389\n");
}

TEST_F(HostileInputTest, BlanksBehindNumbersAndTimesOfAListingAreNothing) {
  Ran ran = LoadText(
      "SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS\\G\n*** 1. row ***\n"
      "TENANT_ID: 1002  \nTASK_ID: 7 \nJOB_ID: 3\t\n"
      "START_TIMESTAMP: 2023-08-16 21:08:49.492389  \n"
      "COMPLETION_TIMESTAMP: NULL \nCUMULATIVE_TS: -1 \n1 row in set\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(
      Shown("TENANT_ID, TASK_ID, JOB_ID, START_TIMESTAMP, COMPLETION_TIMESTAMP, CUMULATIVE_TS"),
      "1002\t7\t3\t2023-08-16 21:08:49.492389\tNULL\t-1\n");
}

TEST_F(HostileInputTest, NamesKeepEveryByte) {
  const std::string names[] = {"`a``b`",
                               "a,b",
                               "'q\"",
                               "two\nlines",
                               std::string("nul\0!", 5),
                               "\xFF\xFE bad",
                               "🗄数",
                               "NULL",
                               "\\N",
                               " blanks ",
                               ""};
  std::vector<schema::Record> records;
  int64_t task = 0;
  for (const std::string& name : names) {
    auto record = engine::testing::Task(1002, 3, ++task);
    record.Set("src_table", name);
    records.push_back(record);
  }
  Fill(records);
  for (const char* format : {"-B", "--csv", "--json", "--jsonl"}) {
    std::string copy = Path(std::string("copy") + format);
    Ran loaded = Obviewsctl(
        {"load", "--db", copy, "--view", kTasks, Write("names", Dump({format, kTasks}).out)});
    ASSERT_EQ(loaded.code, 0) << format << loaded.err;
    const std::string sql = "SELECT HEX(SRC_TABLE) FROM CDB_OB_IMPORT_TABLE_TASKS";
    EXPECT_EQ(DumpViews({"--db", copy, "-e", sql}).out, Query(sql, {})) << format;
  }
}

TEST_F(HostileInputTest, ATextOf64MebibytesLoadsAndPrints) {
  std::string list;
  while (list.size() < size_t{64} << 20)
    list += "`shop`.`table_" + std::to_string(list.size()) + "`,";
  std::string file =
      Write("big.jsonl", "{\"TENANT_ID\":1002,\"JOB_ID\":3,\"TABLE_LIST\":\"" + list + "\"}\n");
  const size_t size = list.size();
  list = std::string();  // a child's peak memory begins at that of the process it was forked from
  Ran loaded = Ctl("load", {"--view", "CDB_OB_RECOVER_TABLE_JOBS", file});
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  Ran others = Sql("SELECT JOB_ID, STATUS FROM CDB_OB_RECOVER_TABLE_JOBS", {"-N"});
  EXPECT_EQ(others.out, "3\t\n");
  Ran length = Sql("SELECT LENGTH(TABLE_LIST) FROM CDB_OB_RECOVER_TABLE_JOBS", {"-N"});
  EXPECT_EQ(length.out, std::to_string(size) + "\n") << length.err;
  EXPECT_LT(others.peak_kib, length.peak_kib - 32 * 1024) << "a text nobody asked for was read";
  Ran printed = Dump({"-N", "--columns", "TABLE_LIST", "CDB_OB_RECOVER_TABLE_JOBS"});
  EXPECT_EQ(printed.out.size(), size + 1);
  EXPECT_TRUE(ReadFile(file).find(printed.out.substr(0, size)) != std::string::npos);
}

TEST_F(HostileInputTest, WhatIsNoTextOfRowsSaysSo) {
  const std::pair<std::string, const char*> cases[] = {
      {std::string("\x1f\x8b\x08\0\0", 5), "gzip"},
      {std::string("PK\x03\x04", 4), "zip"},
      {std::string("SQLite format 3\0", 16), "SQLite"},
      {std::string("\xFF\xFET\0E\0", 6), "UTF-16"},
      {"[{\"TENANT_ID\":1", "in.txt:1:"},
      {"{\"obviews_record\":99,\"kind\":\"tenant\"}\n", "newer"},
      {"{\"obviews_record\":1,\"kind\":\"cake\"}\n", "unknown kind"},
      {"{\"obviews_record\":1,\"kind\":\"tenant\",\"id\":0}\n", "id"},
  };
  for (const auto& [text, message] : cases) {
    Ran ran = LoadText(text);
    EXPECT_EQ(ran.code, 1) << message;
    EXPECT_THAT(ran.err, HasSubstr(message));
  }
}

}  // namespace
}  // namespace obviews::e2e
