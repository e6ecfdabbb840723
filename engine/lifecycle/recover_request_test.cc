// What a recover job will hold, for a statement and a target tenant; and what is refused.
#include "engine/lifecycle/recover_request.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace obviews::lifecycle {
namespace {

using schema::Mode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TargetTraits kMySql{Mode::kMySql, false};
constexpr TargetTraits kMySqlLower{Mode::kMySql, true};
constexpr TargetTraits kOracle{Mode::kOracle, false};

// A statement with `list` behind RECOVER TABLE and `tail` behind WITH '...'.
std::string With(std::string_view list, std::string_view tail = "") {
  return fmt::format("ALTER SYSTEM RECOVER TABLE {} TO TENANT t WITH 'pool_list=p' {}", list, tail);
}
std::string WithOption(std::string_view option) {
  return fmt::format("ALTER SYSTEM RECOVER TABLE a.b TO TENANT t WITH '{}'", option);
}
std::string WithFrom(std::string_view uri) {
  return fmt::format("ALTER SYSTEM RECOVER TABLE a.b TO TENANT t FROM '{}' WITH 'pool_list=p'",
                     uri);
}

Result<RecoverLists> Check(std::string_view text, const TargetTraits& target = kMySql) {
  OBVIEWS_ASSIGN_OR_RETURN(const Statement statement, ParseStatement(text));
  return CheckRecoverRequest(std::get<RecoverTableStatement>(statement), target);
}

RecoverLists Lists(std::string_view text, const TargetTraits& target = kMySql) {
  Result<RecoverLists> lists = Check(text, target);
  EXPECT_TRUE(lists) << lists.error().message << "\n" << text.substr(0, 1000);
  return lists ? *std::move(lists) : RecoverLists();
}

std::string ErrorOf(std::string_view text, const TargetTraits& target = kMySql) {
  const Result<RecoverLists> lists = Check(text, target);
  if (lists) return "no error";
  EXPECT_EQ(lists.error().code, ErrorCode::kInvalidArgument);
  return lists.error().message;
}

TEST(RecoverRequestTest, TheDocumentedStatementGivesTheTextsOfItsJob) {
  const RecoverLists lists = Lists(
      "ALTER SYSTEM RECOVER TABLE infodb.tbl1,infodb.tbl2 TO TENANT oracle001 "
      "FROM 'file:///data/nfs/backup/data,file:///data/nfs/backup/archive' "
      "UNTIL TIME='2023-09-30 00:00:00' WITH 'pool_list=restore_pool' "
      "REMAP TABLE infodb.tbl1:newtbl REMAP TABLEGROUP tg1:newtg1 REMAP TABLESPACE ts1:newts1",
      kOracle);
  EXPECT_FALSE(lists.import_all);
  EXPECT_EQ(lists.db_list, "");
  EXPECT_EQ(lists.table_list, "`infodb`.`tbl1`,`infodb`.`tbl2`");
  EXPECT_EQ(lists.partition_list, "");
  EXPECT_EQ(lists.remap_db_list, "");
  EXPECT_EQ(lists.remap_table_list, "`infodb`.`tbl1`:`infodb`.`newtbl`");
  EXPECT_EQ(lists.remap_partition_list, "");
  EXPECT_EQ(lists.remap_tablegroup_list, "`tg1`:`newtg1`");
  EXPECT_EQ(lists.remap_tablespace_list, "`ts1`:`newts1`");
  EXPECT_EQ(lists.hex_table_list, "");
  EXPECT_EQ(lists.backup_dest, "file:///data/nfs/backup/data,file:///data/nfs/backup/archive");
  EXPECT_EQ(lists.restore_option, "pool_list=restore_pool");
  EXPECT_THAT(lists.options.pool_list, ElementsAre("restore_pool"));
  EXPECT_EQ(lists.tables.size(), 2U);
}

TEST(RecoverRequestTest, ListsKeepTheTypedOrder) {
  const RecoverLists lists =
      Lists(With("z.b,b.*,z.a,a.*,`d,e`.`f:``g`",
                 "REMAP TABLE b.*:y.*,z.a:x.c,a.*:x.*,z.b:q REMAP TABLEGROUP b:c,a:d"));
  EXPECT_EQ(lists.db_list, "`b`,`a`");
  EXPECT_EQ(lists.table_list, "`z`.`b`,`z`.`a`,`d,e`.`f:`g`");
  EXPECT_EQ(lists.remap_db_list, "`b`:`y`,`a`:`x`");
  EXPECT_EQ(lists.remap_table_list, "`z`.`a`:`x`.`c`,`z`.`b`:`z`.`q`");
  EXPECT_EQ(lists.remap_tablegroup_list, "`b`:`c`,`a`:`d`");
}

TEST(RecoverRequestTest, EverythingMeansNoListsAndNoRemaps) {
  const RecoverLists lists =
      Lists(With("a.b,*.*,c.*", "REMAP TABLE x.y:z REMAP TABLEGROUP a:b REMAP TABLESPACE c:d"));
  EXPECT_TRUE(lists.import_all);
  for (const std::string& list :
       {lists.db_list, lists.table_list, lists.remap_db_list, lists.remap_table_list,
        lists.remap_tablegroup_list, lists.remap_tablespace_list}) {
    EXPECT_EQ(list, "");
  }
  EXPECT_THAT(lists.tables, IsEmpty());
  EXPECT_THAT(lists.table_remaps, IsEmpty());
  EXPECT_EQ(lists.restore_option, "pool_list=p");
}

TEST(RecoverRequestTest, NamesAreLoweredWhereTheTargetComparesInLowerCase) {
  const std::string text = With("Db.Tb,DB2.*,ÄÖ.数", "REMAP TABLE DB.TB:New REMAP TABLEGROUP A:B");
  EXPECT_EQ(Lists(text, kMySqlLower).table_list, "`db`.`tb`,`ÄÖ`.`数`");
  EXPECT_EQ(Lists(text, kMySqlLower).db_list, "`db2`");
  EXPECT_EQ(Lists(text, kMySqlLower).remap_table_list, "`db`.`tb`:`db`.`new`");
  EXPECT_EQ(Lists(text, kMySqlLower).remap_tablegroup_list, "`A`:`B`");
  EXPECT_EQ(Lists(With("Db.Tb,DB.TB"), kMySql).table_list, "`Db`.`Tb`,`DB`.`TB`");
  EXPECT_EQ(Lists(With("Db.Tb,DB.TB"), {Mode::kOracle, true}).table_list, "`Db`.`Tb`,`DB`.`TB`");
  EXPECT_EQ(ErrorOf(With("Db.Tb,DB.TB"), kMySqlLower),
            "-9066: `db`.`tb` is conflict with `db`.`tb` (line 1, column 34: near \"`db`.`tb`\")");
}

TEST(RecoverRequestTest, ItemsInConflictAreRefused) {
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {With("a.b,a.c,a.b"),
       "-9066: `a`.`b` is conflict with `a`.`b` (line 1, column 36: near \"`a`.`b`\")"},
      {With("a.*,b.*,a.*"), "-9066: `a` is conflict with `a` (line 1, column 36: near \"`a`\")"},
      {With("a.*,a.b"),
       "-9066: `a`.`b` is conflict with `a` (line 1, column 32: near \"`a`.`b`\")"},
      {With("a.c,a.b,a.*"),
       "-9066: `a` is conflict with `a`.`b` (line 1, column 36: near \"`a`\")"},
      {With("a.b,a.c", "REMAP TABLE a.b:x,a.c:y,a.b:z"),
       "-9066: `a`.`b`:`a`.`z` is conflict with `a`.`b` (line 1, column 91: near "
       "\"`a`.`b`:`a`.`z`\")"},
      {With("a.b,a.c", "REMAP TABLE a.b:x.y,a.c:x.y"),
       "-9066: `a`.`c`:`x`.`y` is conflict with `x`.`y` (line 1, column 87: near "
       "\"`a`.`c`:`x`.`y`\")"},
      {With("a.*,b.*", "REMAP TABLE a.*:x.*,b.*:x.*"),
       "-9066: `b`:`x` is conflict with `x` (line 1, column 87: near \"`b`:`x`\")"},
      {With("a.b", "REMAP TABLEGROUP a:b,a:c"),
       "-9066: `a`:`c` is conflict with `a` (line 1, column 84: near \"`a`:`c`\")"},
      {With("a.b", "REMAP TABLESPACE a:c,b:c"),
       "-9066: `b`:`c` is conflict with `c` (line 1, column 84: near \"`b`:`c`\")"},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorOf(c.text), c.message) << c.text;
}

TEST(RecoverRequestTest, RemapsMustFitTheList) {
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {With("a.b", "REMAP TABLE a.c:d"),
       "-4007: remap not exist recover table not supported (line 1, column 75: near "
       "\"`a`.`c`:`a`.`d`\")"},
      {With("a.*", "REMAP TABLE a.b:c"),
       "-4007: remap not exist recover table not supported (line 1, column 75: near "
       "\"`a`.`b`:`a`.`c`\")"},
      {With("a.b", "REMAP TABLE a.*:c.*"),
       "-4007: remap not exist recover database not supported (line 1, column 75: near "
       "\"`a`:`c`\")"},
      {With("a.b,a.c", "REMAP TABLE a.b:c"),
       "-4007: duplicate recover table, a.c not supported (line 1, column 79: near "
       "\"`a`.`b`:`a`.`c`\")"},
      {With("a.*,b.*", "REMAP TABLE a.*:b.*"),
       "-4007: duplicate recover database, b not supported (line 1, column 79: near "
       "\"`a`:`b`\")"},
      {With("a.b:p"),
       "-4007: recover table of a partition not supported (line 1, column 28: near "
       "\"`a`.`b`:`p`\")"},
      {With("a.b", "REMAP TABLE a.b:p:c"),
       "-4007: recover table of a partition not supported (line 1, column 75: near "
       "\"`a`.`b`:`p`\")"},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorOf(c.text), c.message) << c.text;
  EXPECT_EQ(Lists(With("a.*", "REMAP TABLE a.*:x.*")).remap_db_list, "`a`:`x`");
}

TEST(RecoverRequestTest, NamesHaveLimits) {
  const auto name = [](size_t size, std::string_view part = "x") {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += part;
    return text;
  };
  const struct {
    std::string list;
    const char* code;
    TargetTraits target = kMySql;
  } cases[] = {
      {name(128) + ".b", "no error"},
      {name(129) + ".b", "-5162"},
      {name(129) + ".*", "-5162"},
      {name(128, "数") + ".*", "no error"},
      {name(129, "数") + ".*", "-5162"},
      {"``.b", "-5162"},
      {"`a `.b", "-5162"},
      {"a." + name(64), "no error"},
      {"a." + name(64, "数"), "no error"},
      {"a." + name(65), "-5179"},
      {"a." + name(128), "no error", kOracle},
      {"a." + name(129), "-5179", kOracle},
      {"a.``", "-5163"},
      {"a.`b `", "-5163"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ErrorOf(With(c.list), c.target), ::testing::StartsWith(c.code)) << c.list;
  }
  for (const char* kind : {"TABLEGROUP", "TABLESPACE"}) {
    const auto remap = [&](const std::string& item) {
      return ErrorOf(With("a.b", fmt::format("REMAP {} {}", kind, item)));
    };
    EXPECT_EQ(remap("a:" + name(128)), "no error");
    EXPECT_THAT(remap("a:" + name(129)), HasSubstr("-5241: the name of a table"));
    EXPECT_THAT(remap(name(129) + ":a"), HasSubstr("has 129 characters; 128 are allowed"));
  }
  EXPECT_THAT(ErrorOf(With("a.b", "REMAP TABLE a.b:" + name(65))), HasSubstr("-5179"));
}

TEST(RecoverRequestTest, PathsAreTrimmedAndKeptOnceInTheirOrder) {
  const struct {
    const char* typed;
    const char* stored;
  } cases[] = {
      {"file:///a", "file:///a"},
      {" file:///b ,file:///a, file:///b,,file:///a ", "file:///b,file:///a"},
      {"oss://b?host=h&access_key=K", "oss://b?host=h&access_key=K"},
  };
  for (const auto& c : cases) EXPECT_EQ(Lists(WithFrom(c.typed)).backup_dest, c.stored);
  EXPECT_EQ(Lists(With("a.b")).backup_dest, "");
  EXPECT_EQ(Lists(WithFrom(std::string(20479, 'x'))).backup_dest.size(), 20479U);
  EXPECT_EQ(ErrorOf(WithFrom(std::string(20480, 'x'))),
            "-4002: FROM has 20480 bytes; less than 20480 are allowed (line 1, column 49)");
  EXPECT_EQ(ErrorOf(WithFrom(" , ")), "-4002: FROM names no path (line 1, column 49)");
  EXPECT_EQ(ErrorOf(WithFrom("")), "-4002: FROM names no path (line 1, column 49)");
}

TEST(RecoverRequestTest, TheOptionIsParsed) {
  const std::string text =
      "locality=F@z1,F@z2&pool_list=p1, "
      "p2&primary_zone=z1;z2&kms_encrypt=True&concurrency=16&x=y&&";
  const RecoverLists lists = Lists(WithOption(text));
  EXPECT_EQ(lists.restore_option, text);
  EXPECT_THAT(lists.options.pool_list, ElementsAre("p1", "p2"));
  EXPECT_EQ(lists.options.locality, "F@z1,F@z2");
  EXPECT_EQ(lists.options.primary_zone, "z1;z2");
  EXPECT_TRUE(lists.options.kms_encrypt);
  EXPECT_EQ(lists.options.concurrency, 16);
  EXPECT_EQ(Lists(WithOption("pool_list=a&pool_list=b")).options.pool_list.at(0), "b");
  EXPECT_EQ(Lists(WithOption("pool_list=a&concurrency=0")).options.concurrency, 0);
  EXPECT_EQ(Lists(WithOption("pool_list=a&concurrency=100")).options.concurrency, 100);
  EXPECT_EQ(Lists(WithOption("pool_list=a")).options.concurrency, std::nullopt);
}

TEST(RecoverRequestTest, ABadOptionIsRefusedWithoutItsValue) {
  const struct {
    std::string option;
    const char* message;
  } cases[] = {
      {"", "-4002: the option behind WITH needs a pool_list (line 1, column 49)"},
      {"pool_list=", "-4002: the option behind WITH needs a pool_list (line 1, column 49)"},
      {"locality=F", "-4002: the option behind WITH needs a pool_list (line 1, column 49)"},
      {"pool_list=p&concurrency=101", "-4002: concurrency is 0 to 100 (line 1, column 49)"},
      {"pool_list=p&concurrency=-1", "-4002: concurrency is 0 to 100 (line 1, column 49)"},
      {"pool_list=p&concurrency=secret", "-4002: concurrency is 0 to 100 (line 1, column 49)"},
      {"pool_list=p&kms_encrypt=secret", "-4002: kms_encrypt is true or false (line 1, column 49)"},
      {"pool_list=p&primary_zone=" + std::string(128, 'z'),
       "-4002: primary_zone has 128 bytes; less than 128 are allowed (line 1, column 49)"},
      {"pool_list=" + std::string(2038, 'p'),
       "-4002: the option behind WITH has 2048 bytes; less than 2048 are allowed (line 1, column "
       "49)"},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorOf(WithOption(c.option)), c.message) << c.option;
  EXPECT_EQ(ErrorOf(WithOption("pool_list=" + std::string(2037, 'p'))), "no error");
}

TEST(RecoverRequestTest, UntilScnHasARange) {
  const auto until = [](const char* scn) {
    return ErrorOf(fmt::format(
        "ALTER SYSTEM RECOVER TABLE a.b TO TENANT t UNTIL SCN={} WITH 'pool_list=p'", scn));
  };
  const char* refused = "-4002: UNTIL SCN is 2 to 4611686018427387903 (line 1, column 54)";
  EXPECT_EQ(until("0"), refused);
  EXPECT_EQ(until("1"), refused);
  EXPECT_EQ(until("2"), "no error");
  EXPECT_EQ(until("4611686018427387903"), "no error");
  EXPECT_EQ(until("4611686018427387904"), refused);
  EXPECT_EQ(until("18446744073709551615"), refused);
  EXPECT_EQ(until("18446744073709551618"), refused);
}

TEST(RecoverRequestTest, NamesInErrorsEndBeforeAQuote) {
  // One backtick is missing: the name of the table goes on into the password.
  const std::string text =
      "ALTER SYSTEM RECOVER TABLE a.`b TO TENANT t WITH 'pool_list=p&locality=F@z1,F@z2' ENCRYPTED "
      "BY 'hunter2` TO TENANT t WITH 'pool_list=p'";
  EXPECT_EQ(ErrorOf(text),
            "-5179: the name of a table has 73 characters; 64 are allowed (line 1, column 28: near "
            "\"`a`.`b TO TENANT t WITH ...\")");
}

TEST(RecoverRequestTest, LongListsAreCheckedQuickly) {
  constexpr int kItems = 100'000;
  std::string list;
  std::string remaps;
  for (int i = 0; i < kItems; ++i) {
    list += fmt::format("{}d{}.t{}", i == 0 ? "" : ",", i % 7, i);
    remaps += fmt::format("{}d{}.t{}:x{}", i == 0 ? "" : ",", i % 7, i, i);
  }
  const Result<Statement> statement = ParseStatement(With(list, "REMAP TABLE " + remaps));
  ASSERT_TRUE(statement);
  const auto start = std::chrono::steady_clock::now();
  const Result<RecoverLists> lists =
      CheckRecoverRequest(std::get<RecoverTableStatement>(*statement), kMySqlLower);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(lists);
  EXPECT_EQ(lists->table_remaps.size(), size_t{kItems});
  EXPECT_LT(took.count(), 60.0) << "seconds, sanitizers and a busy machine allowed for";
}

// --- secrets, in errors of reading and of checking

const std::vector<std::string> kSecrets = {"AKIDq8v2",   "sk/Wz+71x", "hunter2!",
                                           "p`ss''w0rd", "kms#Tok3n", "zweites:Pw"};

// Every kind of secret, and names that must not be taken for one.
std::string SecretStatement() {
  return "ALTER SYSTEM RECOVER TABLE `in fo`.tbl1, infodb.* TO TENANT `t` FROM "
         "'oss://b/p?host=h.com&access_id=AKIDq8v2&access_key=sk/Wz+71x,file:///x' UNTIL SCN=17 "
         "WITH 'pool_list=pool' ENCRYPTED BY 'hunter2!,p`ss''w0rd' WITH KEY FROM "
         "'oss://k?token=kms#Tok3n' ENCRYPTED BY \"zweites:Pw\" REMAP TABLE infodb.*:newdb.* "
         "DESCRIPTION 'text'";
}

// The pieces of four bytes that no error may hold.
std::set<std::string> SecretPieces() {
  std::set<std::string> pieces;
  for (const std::string& secret : kSecrets) {
    for (size_t i = 0; i + 4 <= secret.size(); ++i) pieces.insert(secret.substr(i, 4));
  }
  return pieces;
}

void ExpectNoSecret(const std::set<std::string>& pieces, const std::string& text) {
  const std::string error = ErrorOf(text);
  for (size_t i = 0; i + 4 <= error.size(); ++i) {
    ASSERT_FALSE(pieces.contains(error.substr(i, 4))) << error << "\nin: " << text;
  }
}

TEST(SecretsTest, TheStatementWithSecretsIsWhole) {
  const Result<Statement> statement = ParseStatement(SecretStatement());
  ASSERT_TRUE(statement) << statement.error().message;
  const auto& s = std::get<RecoverTableStatement>(*statement);
  EXPECT_EQ(s.backup_passwd, "hunter2!,p`ss'w0rd");
  EXPECT_EQ(s.kms_passwd, "zweites:Pw");
  EXPECT_THAT(s.backup_uri, HasSubstr("access_key=sk/Wz+71x"));
  EXPECT_EQ(ErrorOf(SecretStatement()), "no error");
}

TEST(SecretsTest, NoErrorOfATruncatedStatementHoldsAPieceOfASecret) {
  const std::string whole = SecretStatement();
  const std::set<std::string> pieces = SecretPieces();
  for (size_t i = 0; i < whole.size(); ++i) {
    ExpectNoSecret(pieces, whole.substr(0, i));
    ExpectNoSecret(pieces, whole.substr(i));
  }
}

TEST(SecretsTest, NoErrorOfAMistypedStatementHoldsAPieceOfASecret) {
  const std::string whole = SecretStatement();
  const std::set<std::string> pieces = SecretPieces();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string mistyped = whole;
    mistyped.erase(i, 1);
    ExpectNoSecret(pieces, mistyped);
    for (const char c : {'\'', '"', '`', ' ', 'x', '\\', '\xff', ';', '*', '\n'}) {
      mistyped = whole;
      mistyped[i] = c;
      ExpectNoSecret(pieces, mistyped);
      mistyped = whole;
      mistyped.insert(i, 1, c);
      ExpectNoSecret(pieces, mistyped);
    }
    // A part that is missing.
    for (const size_t size : {3U, 10U, 40U}) {
      mistyped = whole;
      mistyped.erase(i, size);
      ExpectNoSecret(pieces, mistyped);
    }
  }
}

// --- UNTIL TIME

Result<uint64_t> Scn(std::string_view text, std::string_view zone) {
  return ScnOfUntilTime(text, *schema::Zone::Parse(zone));
}
std::string ScnError(std::string_view text, std::string_view zone) {
  const Result<uint64_t> scn = Scn(text, zone);
  return scn ? fmt::format("{}", *scn) : scn.error().message;
}

TEST(UntilTimeTest, IsReadExactlyInTheZone) {
  EXPECT_EQ(Scn("2023-09-30 00:00:00", "+08:00"), 1696003200'000000000U);
  EXPECT_EQ(Scn("2023-09-30 00:00:00.5", "+08:00"), 1696003200'500000000U);
  EXPECT_EQ(Scn("2023-09-30 00:00:00.123456", "+00:00"), 1696032000'123456000U);
  EXPECT_EQ(Scn("2023-08-15 09:07:11.498747", "America/New_York"), 1692104831'498747000U);
  EXPECT_EQ(Scn("1970-01-01 00:00:00.000001", "+00:00"), 1000U);
  EXPECT_EQ(Scn("2116-02-20 23:53:38.427387", "+00:00"), 4611686018'427387000U);
}

TEST(UntilTimeTest, ARepeatedTimeIsTheEarlierInstant) {
  // 2023-11-05 in New York: 01:00 to 02:00 came twice, first at -04:00.
  EXPECT_EQ(Scn("2023-11-05 01:30:00", "America/New_York"), 1699162200'000000000U);
}

TEST(UntilTimeTest, TheTimeOfAStatementIsRefusedAtItsPlace) {
  const Result<uint64_t> scn = ScnOfUntilTime(UntilTime{"secret", {53, 1, 54}}, schema::Zone());
  ASSERT_FALSE(scn);
  EXPECT_EQ(
      scn.error().message,
      "-4002: UNTIL TIME is not a time of the form YYYY-MM-DD HH:MM:SS.ffffff (line 1, column "
      "54)");
}

TEST(UntilTimeTest, WhatIsNoTimeIsRefused) {
  EXPECT_EQ(ScnError("2023-03-12 02:30:00", "America/New_York"),
            "-4002: UNTIL TIME \"2023-03-12 02:30:00\" does not exist in time zone "
            "America/New_York: the clocks skip it");
  EXPECT_EQ(ScnError("2023-02-29 00:00:00", "+00:00"),
            "-4002: UNTIL TIME \"2023-02-29 00:00:00\" is not a day of the calendar");
  EXPECT_EQ(ScnError("2023-02-28 24:00:00", "+00:00"),
            "-4002: UNTIL TIME \"2023-02-28 24:00:00\" is not a time of day");
  EXPECT_EQ(ScnError("1970-01-01 00:00:00", "+00:00"),
            "-4002: UNTIL TIME is the beginning of 1970: no backup reaches it");
  EXPECT_EQ(ScnError("1970-01-01 00:00:00", "+08:00"),
            "-4002: UNTIL TIME \"1970-01-01 00:00:00\" is before 1970: no SCN shows it");
  EXPECT_EQ(ScnError("2116-02-20 23:53:38.427388", "+00:00"),
            "-4002: UNTIL TIME \"2116-02-20 23:53:38.427388\" is after the largest SCN, "
            "4611686018427387903");
  for (const char* text : {"", "2023-09-30", "2023-09-30T00:00:00", "secret", "2023-09-30 'secret'",
                           "2023-09-30 00:00:00 '"}) {
    EXPECT_EQ(ScnError(text, "+00:00"),
              "-4002: UNTIL TIME is not a time of the form YYYY-MM-DD HH:MM:SS.ffffff")
        << text;
  }
}

}  // namespace
}  // namespace obviews::lifecycle
