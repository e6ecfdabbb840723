// Which view a statement reads, which lines are prompts, and which listing each statement names.
#include "tools/loader/statements.h"

#include <gtest/gtest.h>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

TEST(Statements, NameTheOnlyViewTheyRead) {
  struct {
    const char* text;
    const char* name;
  } constexpr kCases[] = {
      {"SELECT * FROM CDB_OB_X", ".CDB_OB_X"},
      {"select * from oceanbase.cdb_ob_x where a = 1", "oceanbase.CDB_OB_X"},
      {"SELECT * FROM `OceanBase`.`v` t ORDER BY 1", "oceanbase.V"},
      {"SELECT a FROM sys.v", "SYS.V"},
      {"SELECT a FROM \"SYS\".\"V\"", "SYS.V"},
      {"SELECT a FROM other . v", "other.V"},
      {"SELECT a, 'FROM x', \"FROM y\" FROM v LIMIT 1, 2", ".V"},
      {"SELECT a -- FROM c1\n, b # FROM c2\n /* FROM c3 */ FROM v", ".V"},
      {"SELECT EXTRACT(DAY FROM t) FROM v WHERE a IN (SELECT a FROM w)", ".V"},
      {"SELECT a FROM v GROUP BY a, b", ".V"},
      {"SELECT a FROM v, w", "."},
      {"SELECT a FROM v JOIN w USING (a)", "."},
      {"SELECT a FROM v UNION ALL SELECT a FROM w", "."},
      {"SELECT a FROM (SELECT * FROM v) x", "."},
      {"SELECT a FROM a.b.c", "."},
      {"WITH v AS (SELECT 1) SELECT * FROM v", "."},
      {"SELECT 1", "."},
      {"SELECT * FROM", "."},
      {"SHOW TABLES FROM oceanbase", "."},
      {"SELECT 'it''s', 'a\\'b' FROM v", ".V"},
      {"SELECT 'open FROM v", "."},
  };
  for (const auto& c : kCases) {
    PrintingStatement statement;
    EXPECT_TRUE(ParseStatement(c.text, statement)) << c.text;
    EXPECT_EQ(statement.schema + "." + statement.view, c.name) << c.text;
  }
}

TEST(Statements, TellWhetherTheirRowsAreTheViewsOwn) {
  struct {
    const char* text;
    const char* columns;
    const char* derived;
  } constexpr kCases[] = {
      {"SELECT * FROM v", "", ""},
      {"SELECT t.* FROM v t WHERE a IN (SELECT count(*) FROM w GROUP BY b) LIMIT 3", "", ""},
      {"SELECT *, a FROM v", "", ""},
      {"SELECT a, `v`.b, s.v.\"C\", d AS D, e e FROM v ORDER BY a", "A B C D E ", ""},
      {"SELECT DISTINCT a FROM v", "A ", ""},
      {"SELECT count(*) FROM v", "", "computes columns (count)"},
      {"SELECT a, count(*) AS JOB_ID FROM v", "A ", "computes columns (count)"},
      {"SELECT a AS JOB_ID FROM v", "", "calls A JOB_ID"},
      {"SELECT a job_id FROM v", "", "calls A JOB_ID"},
      {"SELECT a + 1 FROM v", "", "computes columns (+)"},
      {"SELECT 1 AS a FROM v", "", "computes columns (1)"},
      {"SELECT 'a' AS a FROM v", "", "computes columns (a)"},
      {"SELECT * + 1 FROM v", "", "computes columns (+)"},
      {"SELECT CASE WHEN a THEN b END b FROM v", "", "computes columns (a)"},
      {"SELECT (SELECT a FROM w) a FROM v", "", "computes columns (()"},
      {"SELECT a FROM v GROUP BY a", "A ", "puts rows together (GROUP)"},
      {"SELECT a FROM v having a", "A ", "puts rows together (HAVING)"},
      {"SELECT", "", "computes columns"},
  };
  for (const auto& c : kCases) {
    PrintingStatement statement;
    ParseStatement(c.text, statement);
    std::string columns;
    for (const std::string& column : statement.columns) columns += column + " ";
    EXPECT_EQ(columns, c.columns) << c.text;
    EXPECT_EQ(statement.derived, c.derived) << c.text;
  }
}

TEST(Statements, SomePrintNoRows) {
  for (const char* text :
       {"USE oceanbase", "SET time_zone = '+00:00'", "ALTER SYSTEM x", "", ";"}) {
    PrintingStatement statement;
    EXPECT_FALSE(ParseStatement(text, statement)) << text;
  }
}

TEST(Statements, TextIsOneShortLine) {
  PrintingStatement statement;
  ParseStatement("  SELECT *\n\t FROM   v  ", statement);
  EXPECT_EQ(statement.text, "SELECT * FROM v");
  ParseStatement("SELECT " + std::string(1000, 'a'), statement);
  EXPECT_EQ(statement.text.size(), 200U);
}

TEST(Prompts, OfTheUsualClients) {
  struct {
    const char* line;
    size_t length;
  } constexpr kCases[] = {
      {"obclient [(none)]> SELECT", 19},
      {"obclient> SELECT", 10},
      {"obclient(SYS@t1)[SYS]> SELECT", 23},
      {"mysql> SELECT", 7},
      {"mysql>SELECT", 6},
      {"MySQL [oceanbase]> SELECT", 19},
      {"MariaDB [(none)]> SELECT", 18},
      {"  > mysql> SELECT", 11},
      {"root@host [oceanbase]> SELECT", 23},
      {"mysql>", 6},
      {"a quote [1]> SELECT", 0},
      {"value> SELECT", 0},
      {"    -> FROM v", 0},
      {"", 0},
  };
  for (const auto& c : kCases) EXPECT_EQ(PromptLength(c.line), c.length) << c.line;
}

// The names that the listings (`*`) of a transcript get, in order.
std::string Names(std::string_view lines) {
  StatementTracker tracker;
  std::string names;
  uint64_t number = 0;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    ++number;
    if (line != "*") {
      tracker.ReadLine(line, number);
      continue;
    }
    bool repeated = false;
    const PrintingStatement statement = tracker.NameListing(repeated);
    names += statement.view.empty() ? statement.text.empty() ? "-" : "?" : statement.view;
    names += repeated ? "+ " : " ";
  }
  return names;
}

struct NamingCase {
  const char* behaviour;
  const char* lines;
  const char* names;
};

class Naming : public testing::TestWithParam<NamingCase> {};

TEST_P(Naming, OfListings) {
  EXPECT_EQ(Names(GetParam().lines), GetParam().names) << GetParam().behaviour;
}

constexpr NamingCase kNaming[] = {
    {"nothing above", "prose\n*\n", "- "},
    {"a statement at a prompt", "mysql> SELECT * FROM v\\G\n*\n", "V "},
    {"each statement names the rows below it",
     "mysql> SELECT * FROM v;\n*\nmysql> SELECT * FROM w;\n*\n", "V W "},
    {"it goes on naming", "mysql> SELECT * FROM v;\n*\nprose\n*\n", "V V+ "},
    {"over several lines with the client's prompts",
     "obclient> select *\n    -> from oceanbase.v\n    -> where a = 'x'\n    -> \\G\n*\n", "V "},
    {"a terminator within quotes is none", "mysql> SELECT ';' FROM v WHERE a = '\\G';\n*\n", "V "},
    {"a statement that reads two views has rows, but no name", "mysql> SELECT * FROM v, w;\n*\n",
     "? "},
    {"so has one that reads none", "mysql> SELECT 1;\n*\n", "? "},
    {"an empty set takes the name away", "mysql> SELECT * FROM v;\nEmpty set (0.01 sec)\n\n*\n",
     "- "},
    {"so does an error", "mysql> SELECT * FROM v;\nERROR 1146 (42S02): Table 'v'\n*\n", "- "},
    {"and another statement, even one without rows",
     "mysql> SELECT * FROM v;\nmysql> USE oceanbase;\nDatabase changed\n*\n", "- "},
    {"a statement whose rows were left out names nothing of the next one",
     "mysql> SELECT * FROM v;\nmysql> SELECT * FROM w;\n*\n*\n", "W W+ "},
    {"several in one line name the listings one by one",
     "mysql> USE x; SELECT * FROM v; SELECT * FROM w\\G\n*\n*\n", "V W "},
    {"one of them may be empty", "mysql> SELECT * FROM v; SELECT * FROM w\\G\nEmpty set\n*\n",
     "W "},
    {"a block of statements above the blocks of rows",
     "```sql\nUSE x;\nSELECT * FROM v;\n-- and\n\nSELECT * FROM "
     "w;\n```\nprints\n```\n*\n```\n\n```\n*\n```\n",
     "V W "},
    {"a block with a statement without rows, then another block, as in the document",
     "```sql\nobclient [(none)]> SELECT * FROM v\\G\n```\nprose\n```sql\nSELECT * FROM "
     "w\\G\n```\nprose\n"
     "```shell\n*\n```\n",
     "W "},
    {"a block's statement needs no terminator", "```sql\nSELECT *\n  FROM v\n```\n*\n", "V "},
    {"a block in a list item", "1. ```sql\n   SELECT * FROM v\n   ```\n   *\n*\n", "V "},
    {"tildes fence as well, backticks within do not end them",
     "~~~\nSELECT * FROM v\n```\n~~~\n*\n", "V "},
    {"a plain statement without a prompt", "SELECT * FROM v;\n*\n", "V "},
    {"directly above the rows even without an end", "SELECT * FROM CDB_OB_X\n*\n", "CDB_OB_X "},
    {"prose that begins like a statement",
     "mysql> SELECT * FROM v;\nSelect a row from the list below.\n\nWith it,\n*\n", "V "},
    {"prose that begins exactly like a statement",
     "mysql> SELECT * FROM v;\nselect a row from the list below\n\n*\n", "V "},
    {"the client's echo between dashes", "--------------\nSELECT * FROM v\n--------------\n\n*\n",
     "V "},
    {"a statement in a line of prose", "Run `SELECT * FROM oceanbase.CDB_OB_X\\G` and see.\n*\n",
     "CDB_OB_X "},
    {"a client's command in a shell",
     "$ dump-views --db D -e 'SELECT * FROM oceanbase.V\\G'\n*\n$ mysql -e \"select 1 from w; "
     "select 2 from "
     "x\"\n*\n*\n",
     "V W X "},
    {"in a quoted part of a page", "> mysql> SELECT *\n>     -> FROM v;\n*\n", "V "},
    {"CR LF", "mysql> SELECT *\r\n    -> FROM v;\r\n*\n", "V "},
};

INSTANTIATE_TEST_SUITE_P(All, Naming, testing::ValuesIn(kNaming));

TEST(Statements, KnowTheirPlace) {
  StatementTracker tracker;
  tracker.ReadLine("   obclient [(none)]> SELECT * FROM v\\G", 20);
  bool repeated = true;
  EXPECT_EQ(tracker.NameListing(repeated).at, (Position{20, 23}));
  EXPECT_FALSE(repeated);
}

TEST(Statements, WithoutEndAreGivenUp) {
  StatementTracker tracker;
  tracker.ReadLine("mysql> SELECT * FROM v", 1);
  for (uint64_t i = 2; i < 2000; ++i) tracker.ReadLine("prose", i);
  bool repeated = false;
  EXPECT_EQ(tracker.NameListing(repeated).view, "");
}

}  // namespace
}  // namespace obviews::tools
