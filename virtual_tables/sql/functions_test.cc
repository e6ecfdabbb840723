// The functions end to end: MySQL or Oracle text in, translated, run by SQLite, result out.
#include "virtual_tables/sql/functions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "virtual_tables/sql/dialect.h"

namespace obviews::vtab::sql {
namespace {

using schema::Mode;
using schema::Zone;

struct CloseDb {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// A session at 2023-08-21 11:54:24.733548 UTC, +08:00 in both zones.
class Session {
 public:
  explicit Session(Mode mode = Mode::kMySql) {
    context.mode = mode;
    context.session_zone = *Zone::Parse("+08:00");
    context.system_zone = context.session_zone;
    context.clock = [this] { return now; };
    context.schema_name = "oceanbase";
    context.version = "5.7.25-test";
    context.effective_tenant = 1002;
    sqlite3* db = nullptr;
    sqlite3_open(":memory:", &db);
    db_.reset(db);
    EXPECT_TRUE(RegisterFunctions(db, &context));
    EXPECT_EQ(sqlite3_exec(db,
                           "CREATE TABLE t (start TEXT, n INTEGER);"
                           "INSERT INTO t VALUES ('2023-08-21 18:00:00.000001', 1),"
                           "  ('2023-08-21 19:30:00.000000', 2), (NULL, 3)",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
  }

  // The rows as text, columns joined by '|', rows by newlines; or the error's message.
  std::string Run(std::string_view typed) {
    context.BeginStatement();
    const DialectOptions options{context.mode, {}};
    const auto translation = Translate(typed, options);
    if (!translation) return translation.error().message;
    const auto& query = std::get<Query>(*translation);
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(db_.get(), query.sql.data(), static_cast<int>(query.sql.size()), &raw,
                           nullptr) != SQLITE_OK) {
      return SqliteError(sqlite3_errmsg(db_.get()), sqlite3_error_offset(db_.get()), query, typed,
                         options)
          .message;
    }
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
    header.clear();
    for (int i = 0; i < sqlite3_column_count(raw); ++i) {
      header += fmt::format("{}{}", i == 0 ? "" : "|", sqlite3_column_name(raw, i));
    }
    std::string rows;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
      if (!rows.empty()) rows += '\n';
      for (int i = 0; i < sqlite3_column_count(raw); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
        rows += fmt::format("{}{}", i == 0 ? "" : "|", text == nullptr ? "NULL" : text);
      }
    }
    return code == SQLITE_DONE ? rows : fmt::format("error: {}", sqlite3_errmsg(db_.get()));
  }

  SessionContext context;
  int64_t now = 1'692'618'864'733'548;
  std::string header;

 private:
  std::unique_ptr<sqlite3, CloseDb> db_;
};

struct Case {
  std::string_view expression;
  std::string_view result;
};

void Check(Session& session, std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(session.Run(fmt::format("SELECT {}", c.expression)), c.result) << c.expression;
  }
}

TEST(Clock, ShowsTheStatementsStartInItsZones) {
  Session s;
  s.context.system_zone = *Zone::Parse("+00:00");
  Check(s, {
               {"NOW()", "2023-08-21 19:54:24"},
               {"NOW(3)", "2023-08-21 19:54:24.733"},
               {"NOW(6)", "2023-08-21 19:54:24.733548"},
               {"CURRENT_TIMESTAMP", "2023-08-21 19:54:24"},
               {"CURRENT_TIMESTAMP(6)", "2023-08-21 19:54:24.733548"},
               {"SYSDATE()", "2023-08-21 19:54:24"},
               {"UTC_TIMESTAMP()", "2023-08-21 11:54:24"},
               {"CURDATE()", "2023-08-21"},
               {"CURRENT_TIME(2)", "19:54:24.73"},
               {"UNIX_TIMESTAMP()", "1692618864"},
               {"NOW(7)", "error: the precision of a time is 0 to 6 decimals"},
           });
  s.context.session_zone = *Zone::Parse("America/New_York");
  EXPECT_EQ(s.Run("SELECT NOW()"), "2023-08-21 07:54:24");
}

TEST(Clock, OracleNamesUseTheSystemZone) {
  Session s(Mode::kOracle);
  s.context.system_zone = *Zone::Parse("+00:00");
  Check(s, {
               {"SYSDATE FROM DUAL", "2023-08-21 11:54:24"},
               {"SYSTIMESTAMP FROM DUAL", "2023-08-21 11:54:24.733548"},
               {"CURRENT_TIMESTAMP FROM DUAL", "2023-08-21 19:54:24.733548"},
               {"SYSDATE - INTERVAL '1' HOUR FROM DUAL", "2023-08-21 10:54:24"},
           });
}

TEST(Clock, StandsStillWithinAStatement) {
  Session s;
  s.context.clock = [&s] { return s.now += 1'000'000; };
  EXPECT_EQ(
      s.Run("SELECT COUNT(DISTINCT x) FROM (SELECT NOW(6) AS x FROM t UNION ALL SELECT NOW(6))"),
      "1");
  EXPECT_NE(s.Run("SELECT NOW(6)"), s.Run("SELECT NOW(6)"));
}

TEST(Clock, ComparesWithColumnsAsText) {
  Session s;
  EXPECT_EQ(s.Run("SELECT n FROM t WHERE start > NOW() - INTERVAL 1 HOUR"), "2");
  EXPECT_EQ(s.Run("SELECT n FROM t WHERE start BETWEEN NOW() - INTERVAL 2 HOUR AND NOW()"), "1\n2");
}

TEST(Arithmetic, KeepsOrWidensPrecision) {
  Session s;
  Check(s, {
               {"'2023-01-31' + INTERVAL 1 MONTH", "2023-02-28"},
               {"'2023-01-31' + INTERVAL 1 HOUR", "2023-01-31 01:00:00"},
               {"'2023-01-31 00:00:00.5' - INTERVAL 1 DAY", "2023-01-30 00:00:00.5"},
               {"'2023-01-31 00:00:00' + INTERVAL 1 MICROSECOND", "2023-01-31 00:00:00.000001"},
               {"'2023-01-31 00:00:00' + INTERVAL 1.5 SECOND", "2023-01-31 00:00:01.500000"},
               {"'2023-01-31 00:00:00' + INTERVAL '1.5' DAY", "2023-02-02 00:00:00"},
               {"INTERVAL 1 DAY + '2023-01-31' + INTERVAL 1 DAY", "2023-02-02"},
               {"DATE_ADD('2023-01-31', INTERVAL -1 WEEK)", "2023-01-24"},
               {"DATE_SUB('2024-02-29', INTERVAL 1 YEAR)", "2023-02-28"},
               {"ADDDATE('2023-01-31', 1)", "2023-02-01"},
               {"SUBDATE('2023-01-31', INTERVAL 1 QUARTER)", "2022-10-31"},
               {"TIMESTAMPADD(MINUTE, 5, '2023-01-31')", "2023-01-31 00:05:00"},
               {"'9999-12-31' + INTERVAL 1 DAY", "NULL"},
               {"'2023-01-31' + INTERVAL 9223372036854775807 YEAR", "NULL"},
               {"'2023-01-31' - INTERVAL 9223372036854775808 SECOND", "NULL"},
               {"'2023-01-31' + INTERVAL 1e300 SECOND", "NULL"},
               {"NULL + INTERVAL 1 DAY", "NULL"},
               {"'2023-01-31' + INTERVAL NULL DAY", "NULL"},
               {"'nonsense' + INTERVAL 1 DAY", "NULL"},
               {"DATE_ADD('2023-01-31', 1, 'EON')",
                "error: the unit of an interval is MICROSECOND, SECOND, MINUTE, HOUR, DAY, WEEK, "
                "MONTH, QUARTER or YEAR"},
           });
}

TEST(Arithmetic, MeasuresDistances) {
  Session s;
  Check(s, {
               {"TIMESTAMPDIFF(SECOND, '2023-06-01 06:00:00', '2023-06-01 06:01:00.5')", "60"},
               {"TIMESTAMPDIFF(MONTH, '2023-01-31', '2023-03-01')", "1"},
               {"TIMESTAMPDIFF(DAY, '2023-06-02', '2023-06-01')", "-1"},
               {"TIMESTAMPDIFF(DAY, NULL, '2023-06-01')", "NULL"},
               {"DATEDIFF('2023-06-02 00:00:00', '2023-06-01 23:59:59')", "1"},
               {"TIMEDIFF('2023-06-02 00:00:01.5', '2023-06-01 00:00:00')", "24:00:01.5"},
               {"TIMEDIFF('2023-06-01', '2023-06-02')", "-24:00:00"},
               {"TIMEDIFF('2033-06-01', '2023-06-02')", "838:59:59"},
           });
}

TEST(Parts, ComeOutAsNumbers) {
  Session s;
  const std::string_view t = "'2023-06-04 07:08:09.000010'";
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"YEAR", "2023"}, {"QUARTER", "2"}, {"MONTH", "6"},        {"DAY", "4"},   {"HOUR", "7"},
      {"MINUTE", "8"},  {"SECOND", "9"},  {"MICROSECOND", "10"}, {"WEEK", "23"},
  };
  for (const auto& [unit, result] : cases) {
    EXPECT_EQ(s.Run(fmt::format("SELECT {}({})", unit, t)), result);
    EXPECT_EQ(s.Run(fmt::format("SELECT EXTRACT({} FROM {})", unit, t)), result);
  }
  EXPECT_EQ(s.Run(fmt::format("SELECT DAYOFWEEK({0}), WEEKDAY({0}), DAYOFYEAR({0})", t)),
            "1|6|155");
  EXPECT_EQ(s.Run("SELECT YEAR(NULL), YEAR('x')"), "NULL|NULL");
}

TEST(Formats, DateFormatAndUnixTimes) {
  Session s;
  Check(s, {
               {"DATE_FORMAT('2023-06-01 06:00:00', '%Y/%m/%d %H:%i')", "2023/06/01 06:00"},
               {"DATE_FORMAT(NULL, '%Y')", "NULL"},
               {"DATE_FORMAT('2023-06-01', NULL)", "NULL"},
               {"UNIX_TIMESTAMP('2023-06-01 06:00:00')", "1685570400"},
               {"UNIX_TIMESTAMP('2023-06-01 06:00:00.500000')", "1685570400.5"},
               {"UNIX_TIMESTAMP('1960-01-01')", "0"},
               {"UNIX_TIMESTAMP('x')", "NULL"},
               {"FROM_UNIXTIME(1685570400)", "2023-06-01 06:00:00"},
               {"FROM_UNIXTIME(1685570400.5)", "2023-06-01 06:00:00.500000"},
               {"FROM_UNIXTIME('1685570400')", "2023-06-01 06:00:00"},
               {"FROM_UNIXTIME(1685570400, '%d.%m.%Y')", "01.06.2023"},
               {"FROM_UNIXTIME(-1)", "NULL"},
               {"FROM_UNIXTIME(9223372036854775807)", "NULL"},
               {"CAST('2023-06-01 06:00:00.6' AS DATETIME)", "2023-06-01 06:00:01"},
               {"CAST('2023-06-01' AS DATETIME(6))", "2023-06-01 00:00:00.000000"},
               {"CAST('2023-06-01 06:00:00' AS DATE)", "2023-06-01"},
           });
}

TEST(StoredTimes, ConvertBothWays) {
  Session s;
  s.context.system_zone = *Zone::Parse("+00:00");
  Check(s,
        {
            {"USEC_TO_TIME(1685570400000000)", "2023-06-01 06:00:00.000000"},
            {"USEC_TO_TIME(0)", "1970-01-01 08:00:00.000000"},
            {"USEC_TO_TIME(NULL)", "NULL"},
            {"USEC_TO_TIME(9223372036854775807)",
             "error: USEC_TO_TIME: the value is outside the range of times (-4261)"},
            {"TIME_TO_USEC('2023-06-01 06:00:00.000001')", "1685570400000001"},
            {"TIME_TO_USEC(NULL)", "NULL"},
            {"SCN_TO_TIMESTAMP(1692104831498747191)", "2023-08-15 13:07:11.498747"},
            {"SCN_TO_TIMESTAMP(0)", "1970-01-01 00:00:00.000000"},
            {"SCN_TO_TIMESTAMP('4611686018427387903')", "2116-02-20 23:53:38.427387"},
            {"SCN_TO_TIMESTAMP(18446744073709551615)", "2554-07-21 23:34:33.709551"},
            {"SCN_TO_TIMESTAMP(NULL)", "error: SCN_TO_TIMESTAMP: invalid argument, NULL (-5437)"},
            {"SCN_TO_TIMESTAMP(-1)",
             "error: SCN_TO_TIMESTAMP: the argument is no SCN, 0 to 2^64-1 (-5437)"},
            {"SCN_TO_TIMESTAMP('x')",
             "error: SCN_TO_TIMESTAMP: the argument is no SCN, 0 to 2^64-1 (-5437)"},
            {"TIMESTAMP_TO_SCN('2023-08-15 13:07:11.498747')", "1692104831498747000"},
            {"IF(1, 'x', SCN_TO_TIMESTAMP(NULL))", "x"},
        });
}

TEST(StoredTimes, OracleModeShowsItsOwnForm) {
  Session s(Mode::kOracle);
  Check(
      s,
      {
          {"SCN_TO_TIMESTAMP(1692618440000000000) FROM DUAL", "21-AUG-23 07.47.20.000000000 PM"},
          {"TIMESTAMP_TO_SCN('21-AUG-23 07.47.20.000000001 PM') FROM DUAL", "1692618440000000001"},
          {"SCN_TO_TIMESTAMP(NULL) FROM DUAL", "error: ORA-01405: fetched column value is NULL"},
      });
}

TEST(StoredTimes, FollowAChangeOfZone) {
  Session s;
  s.context.session_zone = *Zone::Parse("America/New_York");
  EXPECT_EQ(s.Run("SELECT USEC_TO_TIME(1685570400000000)"), "2023-05-31 18:00:00.000000");
  EXPECT_EQ(s.Run("SELECT @@time_zone, @@system_time_zone"), "America/New_York|+08:00");
}

TEST(Texts, ConcatenateByMode) {
  Session mysql;
  Check(mysql, {{"CONCAT('a', 1, NULL)", "NULL"},
                {"CONCAT('a', 1, 'b')", "a1b"},
                {"CONCAT_WS(', ', 'a', NULL, 'b')", "a, b"},
                {"CONCAT_WS(NULL, 'a')", "NULL"}});
  Session oracle(Mode::kOracle);
  Check(oracle, {{"CONCAT('a', NULL) FROM DUAL", "a"},
                 {"'a' || NULL || 'b' FROM DUAL", "ab"},
                 {"NULL || NULL FROM DUAL", "NULL"},
                 {"NVL(NULL, 'x') || NVL2(NULL, 'y', 'z') FROM DUAL", "xz"}});
}

TEST(Texts, CountCharactersNotBytes) {
  Session s;
  Check(s, {
               {"LEFT('恢复表', 2)", "恢复"},
               {"RIGHT('恢复表', 2)", "复表"},
               {"LEFT('abc', -1), RIGHT('abc', 99), LEFT(NULL, 1)", "|abc|NULL"},
               {"CHAR_LENGTH('恢复'), LENGTH('恢复'), OCTET_LENGTH('恢复')", "2|6|6"},
               {"LPAD('7', 3, '0'), RPAD('表', 3, '复x'), LPAD('abc', 2, '0')", "007|表复x|ab"},
               {"LPAD('a', 3, ''), LPAD('a', -1, 'b'), LPAD('a', 9223372036854775807, 'b')",
                "NULL|NULL|NULL"},
               {"LOCATE('b', '表b表b'), LOCATE('b', '表b表b', 3), LOCATE('x', 'abc')", "2|4|0"},
               {"LENGTH('a\\0b')", "3"},
           });
}

TEST(Texts, TakeListsApart) {
  Session s;
  Check(s, {
               {"SUBSTRING_INDEX('a.b.c', '.', 2), SUBSTRING_INDEX('a.b.c', '.', -2)", "a.b|b.c"},
               {"SUBSTRING_INDEX('a.b', '.', 5), SUBSTRING_INDEX('a.b', '.', -5)", "a.b|a.b"},
               {"SUBSTRING_INDEX('a.b', '', 1), SUBSTRING_INDEX('a.b', '.', 0)", "|"},
               {"FIND_IN_SET('b', 'a,b,c'), FIND_IN_SET('x', 'a,b'), FIND_IN_SET('', '')", "2|0|0"},
               {"FIELD('b', 'a', 'b'), FIELD('x', 'a'), FIELD(NULL, 'a')", "2|0|0"},
           });
}

TEST(Texts, MatchRegularExpressions) {
  Session s;
  Check(s, {
               {"'CDB_OB_X' REGEXP '^cdb_.*X$', 'a' RLIKE 'b', NULL REGEXP 'a'", "1|0|NULL"},
               {"'a\\0b' REGEXP 'b$', 'ab' NOT REGEXP 'b$'", "1|0"},
               {"'a' REGEXP '('", "error: REGEXP: Unmatched ( or \\("},
           });
}

TEST(General, SmallFunctions) {
  Session s;
  Check(s, {
               {"IF(1 > 2, 'a', 'b'), ISNULL(NULL), ISNULL(1)", "b|1|0"},
               {"GREATEST(1, 3, 2), LEAST('b', 'a'), GREATEST(1, NULL)", "3|a|NULL"},
               {"MOD(7, 3), 7 MOD 3, MOD(-7, 3), MOD(7.5, 2), MOD(1, 0)", "1|1|-1|1.5|NULL"},
               {"MOD((-9223372036854775807 - 1), -1)", "0"},
               {"7 DIV 2, -7 DIV 2, 7.5 DIV 2, 1 DIV 0", "3|-3|3|NULL"},
               {"7 / 2, 1 / 4 / 2, -7 / 2 * 2, 1 / 0", "3.5|0.125|-7.0|NULL"},
               {"NULL <=> NULL, 1 <=> NULL", "1|0"},
               {"EFFECTIVE_TENANT_ID(), DATABASE(), VERSION()", "1002|oceanbase|5.7.25-test"},
               {"'50%' LIKE '50\\%', '505' LIKE '50\\%'", "1|0"},
               {"'a\\0b' = 'a', LENGTH('\\\\')", "0|1"},
           });
  s.context.schema_name.clear();
  EXPECT_EQ(s.Run("SELECT DATABASE()"), "NULL");
}

TEST(Statements, ShowVariables) {
  Session s;
  EXPECT_EQ(s.Run("SHOW VARIABLES LIKE '%time\\_zone'"),
            "system_time_zone|+08:00\ntime_zone|+08:00");
  EXPECT_EQ(s.header, "Variable_name|Value");
  EXPECT_EQ(s.Run("SHOW DATABASES"), "oceanbase");
}

TEST(Statements, HeadersAreWhatWasTyped) {
  Session s;
  s.Run("SELECT n, t.n, `n`, NOW() - INTERVAL 1 HOUR, 'x', IF(n, 1, 2) AS y, count(*) FROM t");
  EXPECT_EQ(s.header, "n|n|n|NOW() - INTERVAL 1 HOUR|x|y|count(*)");
}

TEST(Statements, CompoundsInParentheses) {
  Session s;
  EXPECT_EQ(s.Run("(SELECT n FROM t ORDER BY n LIMIT 1) UNION ALL (SELECT 9) ORDER BY 1 DESC"),
            "9\n1");
}

TEST(Statements, SqliteErrorsPointAtWhatWasTyped) {
  Session s;
  EXPECT_EQ(s.Run("SELECT \"x\", IF(1, 2, 3),\n  nn FROM t"),
            "no such column: nn\n"
            "  at line 2, column 3:\n"
            "    nn FROM t\n"
            "    ^");
  EXPECT_EQ(s.Run("SELECT 1 FROM t WHERE start > NOW() - INTERVAL 1 DAY ORDER n"),
            "near \"n\": syntax error\n"
            "  at line 1, column 60:\n"
            "  SELECT 1 FROM t WHERE start > NOW() - INTERVAL 1 DAY ORDER n\n"
            "                                                             ^");
}

TEST(Statements, OracleNamesAreNeverStrings) {
  Session s(Mode::kOracle);
  EXPECT_EQ(s.Run("SELECT \"NN\" FROM t"),
            "no such column: NN\n"
            "  at line 1, column 8:\n"
            "  SELECT \"NN\" FROM t\n"
            "         ^");
  EXPECT_EQ(s.Run("SELECT \"n\" FROM t ORDER BY n OFFSET 1 ROW FETCH NEXT 1 ROW ONLY"), "2");
}

}  // namespace
}  // namespace obviews::vtab::sql
