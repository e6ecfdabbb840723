// Statements are read as typed, and what is wrong with one is said without giving a secret away.
#include "engine/lifecycle/statement.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace obviews::lifecycle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kDocumented =
    "ALTER SYSTEM RECOVER TABLE infodb.tbl1,infodb.tbl2 TO TENANT oracle001 "
    "FROM 'file:///data/nfs/backup/data,file:///data/nfs/backup/archive' "
    "UNTIL TIME='2023-09-30 00:00:00' WITH 'pool_list=restore_pool' "
    "REMAP TABLE infodb.tbl1:newtbl REMAP TABLEGROUP tg1:newtg1 REMAP TABLESPACE ts1:newts1";

// A statement with `list` behind RECOVER TABLE and `tail` behind WITH '...'.
std::string With(std::string_view list, std::string_view tail = "") {
  return fmt::format("ALTER SYSTEM RECOVER TABLE {} TO TENANT t WITH 'pool_list=p' {}", list, tail);
}

RecoverTableStatement Read(std::string_view text) {
  Result<Statement> statement = ParseStatement(text);
  EXPECT_TRUE(statement) << statement.error().message << "\n" << text.substr(0, 1000);
  if (!statement) return {};
  EXPECT_TRUE(std::holds_alternative<RecoverTableStatement>(*statement)) << text.substr(0, 1000);
  return std::get<RecoverTableStatement>(std::move(*statement));
}

std::string ErrorOf(std::string_view text) {
  const Result<Statement> statement = ParseStatement(text);
  if (statement) return "no error";
  EXPECT_EQ(statement.error().code, ErrorCode::kInvalidArgument);
  return statement.error().message;
}

// Items as `db/table`, in order.
std::vector<std::string> Tables(const std::vector<TableItem>& items) {
  std::vector<std::string> shown;
  shown.reserve(items.size());
  for (const TableItem& item : items) shown.push_back(item.database + '/' + item.table);
  return shown;
}
std::vector<std::string> Remaps(const std::vector<TableRemapItem>& items) {
  std::vector<std::string> shown;
  shown.reserve(items.size());
  for (const TableRemapItem& item : items) {
    shown.push_back(item.source.database + '/' + item.source.table + " > " + item.target.database +
                    '/' + item.target.table);
  }
  return shown;
}
std::vector<std::string> Remaps(const std::vector<NameRemapItem>& items) {
  std::vector<std::string> shown;
  shown.reserve(items.size());
  for (const NameRemapItem& item : items) shown.push_back(item.source + " > " + item.target);
  return shown;
}

TEST(StatementTest, TheDocumentedStatementIsRead) {
  const RecoverTableStatement s = Read(kDocumented);
  EXPECT_EQ(s.target_tenant, "oracle001");
  EXPECT_FALSE(s.import_all);
  EXPECT_THAT(Tables(s.tables), ElementsAre("infodb/tbl1", "infodb/tbl2"));
  EXPECT_THAT(s.databases, IsEmpty());
  EXPECT_EQ(s.backup_uri, "file:///data/nfs/backup/data,file:///data/nfs/backup/archive");
  ASSERT_TRUE(std::holds_alternative<UntilTime>(s.until));
  EXPECT_EQ(std::get<UntilTime>(s.until).text, "2023-09-30 00:00:00");
  EXPECT_EQ(s.restore_option, "pool_list=restore_pool");
  EXPECT_EQ(s.backup_passwd, std::nullopt);
  EXPECT_EQ(s.kms_uri, std::nullopt);
  EXPECT_EQ(s.description, std::nullopt);
  EXPECT_THAT(Remaps(s.table_remaps), ElementsAre("infodb/tbl1 > infodb/newtbl"));
  EXPECT_THAT(Remaps(s.tablegroup_remaps), ElementsAre("tg1 > newtg1"));
  EXPECT_THAT(Remaps(s.tablespace_remaps), ElementsAre("ts1 > newts1"));
}

TEST(StatementTest, AllClausesAreReadInWhateverOrderTheLastOnesStand) {
  const std::vector<std::string> clauses = {
      "ENCRYPTED BY 'pw1,pw2'",
      "WITH KEY FROM 'file:///kms' ENCRYPTED BY 'kpw'",
      "REMAP TABLE a.b:c,d.*:e.*",
      "DESCRIPTION = 'why'",
  };
  for (size_t turn = 0; turn < clauses.size(); ++turn) {
    std::string tail;
    for (size_t i = 0; i < clauses.size(); ++i) tail += clauses[(turn + i) % clauses.size()] + ' ';
    const RecoverTableStatement s = Read(With("a.b,d.*", tail));
    EXPECT_EQ(s.backup_passwd, "pw1,pw2") << tail;
    EXPECT_EQ(s.kms_uri, "file:///kms") << tail;
    EXPECT_EQ(s.kms_passwd, "kpw") << tail;
    EXPECT_THAT(Remaps(s.table_remaps), ElementsAre("a/b > a/c")) << tail;
    EXPECT_THAT(Remaps(s.database_remaps), ElementsAre("d > e")) << tail;
    EXPECT_EQ(s.description, "why") << tail;
  }
}

TEST(StatementTest, EncryptedByBehindAKeyBelongsToIt) {
  const RecoverTableStatement s = Read(With("a.b",
                                            "WITH KEY FROM 'k' ENCRYPTED BY 'kpw' "
                                            "ENCRYPTED BY 'pw'"));
  EXPECT_EQ(s.kms_passwd, "kpw");
  EXPECT_EQ(s.backup_passwd, "pw");
}

TEST(StatementTest, CancelNamesATenant) {
  const Result<Statement> statement = ParseStatement("alter system cancel recover table `my t`;");
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(std::get<CancelRecoverTableStatement>(*statement).tenant, "my t");
}

TEST(StatementTest, NamesArePlainOrInBackticks) {
  const RecoverTableStatement s =
      Read(With("db1.tb1, `d``b` . `t.,:b` ,$a_1.1b, 数据库.表, select.from, `to`.to, x.TABLE"));
  EXPECT_THAT(Tables(s.tables), ElementsAre("db1/tb1", "d`b/t.,:b", "$a_1/1b", "数据库/表",
                                            "select/from", "to/to", "x/TABLE"));
}

TEST(StatementTest, ListsTakeDatabasesAndEverything) {
  RecoverTableStatement s = Read(With("a.*, `b c` . *, a1.t"));
  ASSERT_EQ(s.databases.size(), 2U);
  EXPECT_EQ(s.databases[0].database, "a");
  EXPECT_EQ(s.databases[1].database, "b c");
  EXPECT_THAT(Tables(s.tables), ElementsAre("a1/t"));
  EXPECT_FALSE(s.import_all);
  s = Read(With("* . *"));
  EXPECT_TRUE(s.import_all);
  EXPECT_THAT(s.tables, IsEmpty());
}

TEST(StatementTest, PartitionsAreRead) {
  const RecoverTableStatement s =
      Read(With("a.b:p1,a.`b`:`p 2`", "REMAP TABLE a.b:p1:x.y,a.b:p2:z"));
  ASSERT_EQ(s.partitions.size(), 2U);
  EXPECT_EQ(s.partitions[0].table, "b");
  EXPECT_EQ(s.partitions[0].partition, "p1");
  EXPECT_EQ(s.partitions[1].partition, "p 2");
  EXPECT_THAT(s.tables, IsEmpty());
  ASSERT_EQ(s.partition_remaps.size(), 2U);
  EXPECT_EQ(s.partition_remaps[0].source.partition, "p1");
  EXPECT_EQ(s.partition_remaps[0].target.database, "x");
  EXPECT_EQ(s.partition_remaps[1].target.database, "a");
  EXPECT_EQ(s.partition_remaps[1].target.table, "z");
  EXPECT_THAT(s.table_remaps, IsEmpty());
}

TEST(StatementTest, TextsAreQuotedAsInMySql) {
  const struct {
    const char* typed;
    std::string read;
  } cases[] = {
      {"'it''s'", "it's"},
      {"\"say \"\"so\"\"\"", "say \"so\""},
      {"'\"'", "\""},
      {R"('a\'b\"c\\d\n\t\r\b\Z\%\_\q')", "a'b\"c\\d\n\t\r\b\x1A\\%\\_q"},
      {R"('nul\0end')", std::string("nul\0end", 7)},
      {"'two' \"parts\" /* and */ 'more'", "twopartsmore"},
      {"''", ""},
      {"'数\n据'", "数\n据"},
      {"'-- no comment # /* at all */;'", "-- no comment # /* at all */;"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Read(With("a.b", std::string("DESCRIPTION ") + c.typed)).description, c.read)
        << c.typed;
  }
}

TEST(StatementTest, UntilTakesATimeOrAnScn) {
  const auto until = [](std::string_view clause) {
    return Read(fmt::format("ALTER SYSTEM RECOVER TABLE a.b TO TENANT=t UNTIL {} WITH 'o'", clause))
        .until;
  };
  EXPECT_EQ(std::get<UntilTime>(until("time = '2023'")).text, "2023");
  EXPECT_EQ(std::get<UntilScn>(until("SCN=1692104831498747191")).scn, 1692104831498747191U);
  EXPECT_EQ(std::get<UntilScn>(until("SCN 0")).scn, 0U);
  EXPECT_EQ(std::get<UntilScn>(until("SCN=18446744073709551615")).scn, UINT64_MAX);
  EXPECT_EQ(std::get<UntilScn>(until("SCN=99999999999999999999999")).scn, UINT64_MAX);
}

TEST(StatementTest, WhiteSpaceAndCommentsMayStandAnywhereBetweenWords) {
  const RecoverTableStatement s = Read(
      "  /* a * / ** */ alter\tsystem # to the end\nRecover -- so too\r\n TABLE\n"
      "a/**/./* x */b,--\n c.d to tenant/**/t\v\f with 'o' ; -- done");
  EXPECT_THAT(Tables(s.tables), ElementsAre("a/b", "c/d"));
  EXPECT_EQ(s.target_tenant, "t");
}

TEST(StatementTest, ItemsKnowTheirPlaces) {
  const RecoverTableStatement s = Read(
      "ALTER SYSTEM RECOVER TABLE\n 表.`数`,b.c TO TENANT t WITH 'ö' REMAP TABLE "
      "b.c:d,\n\te.*:f.*");
  EXPECT_EQ(s.tables[0].place, (Place{28, 2, 2}));
  EXPECT_EQ(s.tables[1].place, (Place{38, 2, 8}));
  EXPECT_EQ(s.table_remaps[0].place.line, 2U);
  EXPECT_EQ(s.table_remaps[0].place.column, 45U);
  EXPECT_EQ(s.database_remaps[0].place.line, 3U);
  EXPECT_EQ(s.database_remaps[0].place.column, 2U);
}

TEST(StatementTest, ErrorsOfSyntaxSayWhatWasExpectedWhere) {
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {"",
       "-5001: syntax error: the statement ends where ALTER SYSTEM was expected "
       "(line 1, column 1)"},
      {"SELECT 1", "-5001: syntax error: expected ALTER SYSTEM (line 1, column 1)"},
      {"ALTERSYSTEM", "-5001: syntax error: expected ALTER SYSTEM (line 1, column 1)"},
      {"ALTER TABLE", "-5001: syntax error: expected SYSTEM (line 1, column 7: near \"TABLE\")"},
      {"ALTER SYSTEM RECOVERY",
       "-5001: syntax error: expected RECOVER TABLE or CANCEL RECOVER TABLE (line 1, column 14)"},
      {"ALTER SYSTEM RECOVER\n  TABLES",
       "-5001: syntax error: expected TABLE (line 2, column 3: near \"TABLES\")"},
      {"ALTER SYSTEM CANCEL RECOVER TABLE",
       "-5001: syntax error: the statement ends where the name of a tenant was expected "
       "(line 1, column 34)"},
      {With("a.b,"),
       "-5001: syntax error: expected a table: <database>.<table>, <database>.* or "
       "*.* (line 1, column 33: near \"TO\")"},
      {With("a"),
       "-5001: syntax error: expected `.` and a table, or `.*` (line 1, column 30: near "
       "\"TO\")"},
      {With("a.12"),
       "-5001: syntax error: expected the name of a table, or `*` (line 1, column "
       "30: near \"12\")"},
      {With("`a.b"),
       "-5001: syntax error: expected a backtick that closes this name (line 1, "
       "column 28: near \"`\")"},
      {With("a.b c"),
       "-5001: syntax error: expected `,` and a table, or TO TENANT (line 1, column "
       "32: near \"c\")"},
      {"ALTER SYSTEM RECOVER TABLE a.b TO t",
       "-5001: syntax error: expected TENANT (line 1, column 35: near \"t\")"},
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT t",
       "-5001: syntax error: the statement ends where WITH '<option>', after FROM and UNTIL if "
       "they "
       "are given was expected (line 1, column 43)"},
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT t FROM file:///x",
       "-5001: syntax error: expected the paths of the backup in quotes (line 1, column 49)"},
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT t UNTIL '2023'",
       "-5001: syntax error: expected TIME='<time>' or SCN=<number> (line 1, column 50: near "
       "\"'...'\")"},
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT t UNTIL SCN=12x",
       "-5001: syntax error: expected a number (line 1, column 54)"},
      {With("a.b", "REMAP a.b:c"),
       "-5001: syntax error: expected TABLE, TABLEGROUP or TABLESPACE (line 1, column 69)"},
      {With("a.b", "REMAP TABLE a.b : c"),
       "-5001: syntax error: expected <database>.<table>:<table>, "
       "<database>.<table>:<database>.<table> or <database>.*:<database>.*, without spaces and "
       "backticks (line 1, column 75: near \"a.b\")"},
      {With("a.b", "REMAP TABLE `a`.b:c"),
       "-5001: syntax error: expected <database>.<table>:<table>, "
       "<database>.<table>:<database>.<table> or <database>.*:<database>.*, without spaces and "
       "backticks (line 1, column 75: near \"`a`\")"},
      {With("a.b", "REMAP TABLESPACE a.b:c"),
       "-5001: syntax error: expected <tablespace>:<tablespace>, without spaces and backticks "
       "(line 1, column 80: near \"a.b:c\")"},
      {With("a.b", "DESCRIPTION 'x"),
       "-5001: syntax error: expected a quote that closes this text (line 1, column 75: near "
       "\"'...'\")"},
      {With("a.b", "/*! x */"),
       "-5001: syntax error: expected a comment that ends with */ and does not begin with /*! "
       "(line 1, column 63: near \"/\")"},
      {With("a.b", "; SELECT 1"),
       "-5001: syntax error: expected another clause or the end of the statement (line 1, column "
       "65)"},
      {With("a.b", "DESCRIPTION 'x' DESCRIPTION 'y'"),
       "-5001: syntax error: DESCRIPTION is given twice (line 1, column 79: near \"DESCRIPTION\")"},
      {With("a.*:p"), "-5001: syntax error: a partition needs a table (line 1, column 28)"},
      {With("a.b", "DESCRIPTION 'gr\xfcn'"),
       "-5001: the statement is not UTF-8 here (line 1, column 78)"},
      {std::string("ALTER SYSTEM \0", 14),
       "-5001: syntax error: expected RECOVER TABLE or CANCEL RECOVER TABLE (line 1, column 14)"},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorOf(c.text), c.message) << c.text;
}

TEST(StatementTest, WhatServersRefuseOnReadingIsRefused) {
  EXPECT_EQ(ErrorOf(With("a.b", "REMAP TABLE a.b:c REMAP TABLEGROUP d:e REMAP TABLE a.b:f,a.c:d")),
            "-4179: duplicate REMAP TABLE is not allowed (line 1, column 102: near \"REMAP TABLE "
            "a.b:f\")");
  EXPECT_EQ(ErrorOf(With("a.b", "REMAP TABLEGROUP a:b REMAP TABLEGROUP c:d")),
            "-4179: duplicate REMAP TABLEGROUP is not allowed (line 1, column 84: near \"REMAP "
            "TABLEGROUP c:d\")");
  EXPECT_EQ(ErrorOf(With("a.b", "REMAP TABLESPACE a:b REMAP TABLESPACE c:d")),
            "-4179: duplicate REMAP TABLESPACE is not allowed (line 1, column 84: near \"REMAP "
            "TABLESPACE c:d\")");
  EXPECT_EQ(ErrorOf("ALTER SYSTEM RECOVER TABLE a.b WITH 'pool_list=p'"),
            "-4179: RECOVER TABLE without TO TENANT is not allowed (line 1, column 32)");
  EXPECT_EQ(ErrorOf("ALTER SYSTEM CANCEL RECOVER TABLE ''"),
            "-5160: the name of a tenant has 1 to 64 characters (line 1, column 35)");
  EXPECT_EQ(ErrorOf("ALTER SYSTEM CANCEL RECOVER TABLE " + std::string(64, 'x')), "no error");
  EXPECT_EQ(ErrorOf("ALTER SYSTEM CANCEL RECOVER TABLE " + std::string(65, 'x')),
            "-5160: the name of a tenant has 1 to 64 characters (line 1, column 35)");
}

TEST(StatementTest, AnErrorOfSyntaxComesBeforeAnyOther) {
  EXPECT_THAT(ErrorOf(With("a.b", "REMAP TABLE a.b:c REMAP TABLE a.b:f, nothing")),
              HasSubstr("-5001: syntax error: expected <database>.<table>:<table>"));
}

TEST(StatementTest, AStatementBeyondTheLimitIsRefused) {
  EXPECT_EQ(
      ErrorOf(std::string(kMaxStatementBytes + 1, ' ')),
      "-5001: the statement has 67108865 bytes, and at most 67108864 are read (line 1, column "
      "1)");
}

// --- size

TEST(StatementTest, LongListsAreReadQuickly) {
  constexpr int kItems = 100'000;
  std::string list;
  std::string remaps;
  for (int i = 0; i < kItems; ++i) {
    list += fmt::format("{}database_{}.`table {}`", i == 0 ? "" : ",", i % 100, i);
    remaps += fmt::format("{}db_{}.t{}:x{}", i == 0 ? "" : ",\n", i % 100, i, i);
  }
  const auto start = std::chrono::steady_clock::now();
  const RecoverTableStatement s = Read(With(list, "REMAP TABLE " + remaps));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(s.tables.size(), size_t{kItems});
  EXPECT_EQ(s.table_remaps.size(), size_t{kItems});
  EXPECT_EQ(s.table_remaps.back().place.line, size_t{kItems});
  EXPECT_LT(took.count(), 60.0) << "seconds, sanitizers and a busy machine allowed for";
}

TEST(StatementTest, RepetitionsNeitherRecurseNorTakeLong) {
  constexpr size_t kRepeats = 300'000;
  const auto repeat = [](std::string_view part) {
    std::string text;
    for (size_t i = 0; i < kRepeats; ++i) text += part;
    return text;
  };
  for (const char* part : {" ", "/**/", "#\n", "(", "*", "`", "'", ".", ",", "ALTER ", "\\"}) {
    ParseStatement(With("a.b", repeat(part)));
    ParseStatement(With(repeat(part)));
    ParseStatement(repeat(part));
  }
  EXPECT_EQ(Read(With("a.b", "DESCRIPTION " + repeat("'' "))).description, "");
  EXPECT_EQ(Read(With("a.b", "DESCRIPTION '" + repeat("''") + "'")).description,
            std::string(kRepeats, '\''));
}

}  // namespace
}  // namespace obviews::lifecycle
