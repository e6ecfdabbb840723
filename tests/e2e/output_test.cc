// What dump-views prints: formats, several statements, statements from standard input, and what
// happens when nobody reads on.
#include "stores.h"

namespace obviews::e2e {
namespace {

using engine::testing::Task;

class OutputTest : public StoreTest {
 protected:
  void SetUp() override {
    auto first = Task(1002, 3, 7);
    first.Set("src_table", "t1");
    first.Set("comment", "a,\"b\"\n\tc|d");
    Fill({first, Task(1002, 3, 9)});
  }
  static constexpr const char* kSelect =
      "SELECT TASK_ID, SRC_TABLE, COMMENT FROM CDB_OB_IMPORT_TABLE_TASKS";
};

struct FormatCase {
  const char* name;
  std::vector<std::string> options;
  std::string statement_end;
  std::string output;
};

class FormatTest : public OutputTest, public ::testing::WithParamInterface<FormatCase> {};

TEST_P(FormatTest, PrintsRows) {
  EXPECT_EQ(Query(kSelect + GetParam().statement_end, GetParam().options), GetParam().output);
}

const FormatCase kFormats[] = {
    {"default", {}, "", "TASK_ID\tSRC_TABLE\tCOMMENT\n7\tt1\ta,\"b\"\\n\\tc|d\n9\tNULL\t\n"},
    {"batch", {"-B"}, ";", "TASK_ID\tSRC_TABLE\tCOMMENT\n7\tt1\ta,\"b\"\\n\\tc|d\n9\tNULL\t\n"},
    {"no_names", {"-N"}, ";", "7\tt1\ta,\"b\"\\n\\tc|d\n9\tNULL\t\n"},
    {"table",
     {"-t"},
     ";",
     "+---------+-----------+------------+\n"
     "| TASK_ID | SRC_TABLE | COMMENT    |\n"
     "+---------+-----------+------------+\n"
     "|       7 | t1        | a,\"b\"␊␉c|d |\n"
     "|       9 | NULL      |            |\n"
     "+---------+-----------+------------+\n"},
    {"vertical",
     {"-E"},
     ";",
     "*************************** 1. row ***************************\n"
     "  TASK_ID: 7\nSRC_TABLE: t1\n  COMMENT: a,\"b\"\n\tc|d\n"
     "*************************** 2. row ***************************\n"
     "  TASK_ID: 9\nSRC_TABLE: NULL\n  COMMENT: \n"},
    {"big_g",
     {},
     " LIMIT 1\\G;",
     "*************************** 1. row ***************************\n"
     "  TASK_ID: 7\nSRC_TABLE: t1\n  COMMENT: a,\"b\"\n\tc|d\n"},
    {"csv", {"--csv"}, "", "TASK_ID,SRC_TABLE,COMMENT\n7,t1,\"a,\"\"b\"\"\n\tc|d\"\n9,NULL,\"\"\n"},
    {"json",
     {"--json"},
     "\\G",
     "[\n{\"TASK_ID\":7,\"SRC_TABLE\":\"t1\",\"COMMENT\":\"a,\\\"b\\\"\\n\\tc|d\"},\n"
     "{\"TASK_ID\":9,\"SRC_TABLE\":null,\"COMMENT\":\"\"}\n]\n"},
    {"jsonl",
     {"--jsonl"},
     "",
     "{\"TASK_ID\":7,\"SRC_TABLE\":\"t1\",\"COMMENT\":\"a,\\\"b\\\"\\n\\tc|d\"}\n"
     "{\"TASK_ID\":9,\"SRC_TABLE\":null,\"COMMENT\":\"\"}\n"},
    {"markdown",
     {"--markdown"},
     "",
     "| TASK_ID | SRC_TABLE | COMMENT |\n| ---: | --- | --- |\n"
     "| 7 | t1 | a,\"b\"<br>\tc\\|d |\n| 9 | NULL |  |\n"},
    {"nothing_as_tsv", {}, " WHERE TASK_ID = 1", ""},
    {"nothing_as_json", {"--json"}, " WHERE TASK_ID = 1", "[]\n"},
    {"nothing_as_csv", {"--csv"}, " WHERE TASK_ID = 1", "TASK_ID,SRC_TABLE,COMMENT\n"},
};
INSTANTIATE_TEST_SUITE_P(Formats, FormatTest, ::testing::ValuesIn(kFormats),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(OutputTest, VerboseSaysHowManyRows) {
  EXPECT_THAT(Query(kSelect, {"-v", "-t"}),
              ::testing::ContainsRegex("\n2 rows in set \\(.* sec\\)\n"));
  EXPECT_THAT(Query("SELECT 1 LIMIT 0", {"-v"}), ::testing::StartsWith("Empty set ("));
}

TEST_F(OutputTest, StatementsRunInOrderUntilTheFirstError) {
  EXPECT_EQ(Query("SELECT 'a;b'; SELECT \"c\\G\" ; -- x\nSELECT 3;"), "a;b\ncG\n3\n");
  EXPECT_EQ(Dump({"-N", "-e", "SELECT 1", "-e", "SELECT 2"}).out, "1\n2\n");
  Ran stopped = Dump({"-N", "-e", "SELECT 1; SELECT x; SELECT 3"});
  EXPECT_EQ(stopped.code, 1);
  EXPECT_EQ(stopped.out, "1\n");
}

TEST_F(OutputTest, EachStatementIsAnArrayOfItsOwn) {
  EXPECT_EQ(Query("SELECT 1 AS A; SELECT 2 AS A LIMIT 0", {"--json"}), "[\n{\"A\":1}\n]\n[]\n");
}

TEST_F(OutputTest, StatementsComeFromStandardInput) {
  Given given;
  given.input = "USE oceanbase;\nSELECT TASK_ID\nFROM CDB_OB_IMPORT_TABLE_TASKS;\nSELECT 'no end'";
  Ran ran = Dump({"-N"}, given);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "7\n9\nno end\n");
}

TEST_F(OutputTest, AScriptEndsWhereItSaysSo) {
  for (const char* end : {"quit", "exit;", "\\q", " Quit \r", "EXIT ;"}) {
    Given given;
    given.input = std::string("SELECT 1;\n") + end + "\nSELECT nope;\n";
    Ran ran = Dump({"-N"}, given);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, "1\n") << end;
  }
  Given given;
  given.input = "SELECT 1 AS\nquit\n;\nSELECT 2;";
  EXPECT_EQ(Dump({}, given).out, "quit\n1\n2\n2\n") << "inside of a statement it is a name";
}

TEST_F(OutputTest, AScriptEndsWithItsFirstError) {
  Given given;
  given.input = "SELECT 1;\nSELECT nope;\nSELECT 3;\n";
  Ran ran = Dump({"-N"}, given);
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "1\n");
}

TEST_F(OutputTest, ViewsComeBeforeStatements) {
  Ran ran = Dump({"-N", "--columns", "task_id, STATUS", "CDB_OB_IMPORT_TABLE_TASKS",
                  "cdb_ob_import_table_tasks", "-e", "SELECT 'then'"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "7\tDOING\n9\tDOING\n7\tDOING\n9\tDOING\nthen\n");
}

TEST_F(OutputTest, AViewIsFilteredOrderedAndLimited) {
  const std::string view = "CDB_OB_IMPORT_TABLE_TASKS";
  EXPECT_EQ(
      Dump({"-N", "--columns", "TASK_ID,COMMENT", "--where", "TASK_ID > 7 -- or so", view}).out,
      "9\t\n");
  EXPECT_EQ(Dump({"-N", "--columns", "TASK_ID", "--order-by", "TASK_ID DESC", view}).out, "9\n7\n");
  EXPECT_EQ(Dump({"-N", "--columns", "TASK_ID", "--limit", "1", view}).out, "7\n");
  EXPECT_EQ(
      Dump({"-N", "--columns", "TASK_ID", "--order-by", "TASK_ID DESC", "--limit", "1", view}).out,
      "9\n");
  EXPECT_EQ(Dump({"--limit", "0", view}).out, "");
  Ran unknown = Dump({"--columns", "TASK_IDS", view});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_EQ(unknown.err,
            "ERROR: --columns: no such column: TASK_IDS; did you mean TASK_ID?\n"
            "  at line 1, column 1:\n  TASK_IDS\n  ^\n");
  EXPECT_EQ(Dump({"-N", "--columns", "TASK_ID", "--order-by", "1", "--limit",
                  "18446744073709551615", "oceanbase." + view})
                .out,
            "7\n9\n");
  EXPECT_EQ(Dump({"-N", "--columns", " TASK_ID ,SRC_TABLE", "--limit", "010", view}).out,
            "7\tt1\n9\tNULL\n");
}

TEST_F(OutputTest, OfSeveralViewsPeopleAreToldWhichIsWhich) {
  const std::vector<std::string> views = {"CDB_OB_IMPORT_TABLE_TASKS",
                                          "CDB_OB_IMPORT_TABLE_TASK_HISTORY"};
  auto dump = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), views.begin(), views.end());
    Ran ran = Dump(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  EXPECT_EQ(dump({"-t", "--columns", "TASK_ID", "--where", "TASK_ID > 7"}),
            "SELECT TASK_ID FROM oceanbase.CDB_OB_IMPORT_TABLE_TASKS WHERE (TASK_ID > 7\n);\n"
            "+---------+\n| TASK_ID |\n+---------+\n|       9 |\n+---------+\n"
            "SELECT TASK_ID FROM oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE (TASK_ID > "
            "7\n);\n");
  EXPECT_THAT(dump({"-v", "-E"}),
              ::testing::HasSubstr("\nSELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY;\n"
                                   "Empty set ("));
  for (const char* format : {"-B", "-E", "--csv", "--json", "--jsonl", "--markdown"}) {
    EXPECT_THAT(dump({format}), ::testing::Not(::testing::HasSubstr("SELECT"))) << format;
  }
  EXPECT_THAT(dump({"-v", "--json"}), ::testing::Not(::testing::HasSubstr("SELECT")));
  EXPECT_THAT(Dump({"-t", views[0]}).out, ::testing::StartsWith("+---"));
}

TEST_F(OutputTest, TitledTablesLoadIntoTheirViews) {
  const std::string titled =
      Dump({"-t", "CDB_OB_IMPORT_TABLE_TASKS", "DBA_OB_IMPORT_TABLE_TASKS"}).out;
  Obviewsctl({"load", "--db", Path("copy"), Write("titled.txt", titled)});
  EXPECT_EQ(DumpViews({"--db", Path("copy"), "-t", "CDB_OB_IMPORT_TABLE_TASKS",
                       "DBA_OB_IMPORT_TABLE_TASKS"})
                .out,
            titled);
}

TEST_F(OutputTest, AFullDiskIsAnError) {
  Given full;
  full.output_file = "/dev/full";
  for (const Ran& ran :
       {Dump({"CDB_OB_IMPORT_TABLE_TASKS"}, full), Dump({"--list"}, full), Ctl("export", {}, full),
        Ctl("verify", {}, full), Ctl("stats", {}, full)}) {
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, ::testing::HasSubstr("standard output"));
    EXPECT_THAT(ran.err, ::testing::HasSubstr("No space left on device"));
  }
}

TEST_F(StoreTest, HeadEndsALongViewAtOnceAndMemoryStaysBounded) {
  FillTasks(LongTests() ? 1'000'000 : 200'000);
  Ran one = Sql("SELECT 1");
  Ran whole = Dump({"CDB_OB_IMPORT_TABLE_TASKS"});
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(std::count(whole.out.begin(), whole.out.end(), '\n'),
            LongTests() ? 1'000'001 : 200'001);
  Ran sql = Sql("SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS", {"--json"});
  EXPECT_EQ(sql.code, 0) << sql.err;
  constexpr int64_t kBoundKib = 96 * 1024;  // RocksDB's blocks and table readers
  EXPECT_LT(whole.peak_kib, one.peak_kib + kBoundKib);
  EXPECT_LT(sql.peak_kib, one.peak_kib + kBoundKib);

  Given head;
  head.stop_reading_at = 1000;
  for (const Ran& ran : {Dump({"CDB_OB_IMPORT_TABLE_TASKS"}, head),
                         Dump({"-e", "SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS"}, head)}) {
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_LT(ran.seconds, one.seconds + 0.5);
  }
}

}  // namespace
}  // namespace obviews::e2e
