// What is typed and what SQLite gets; session commands; refusals and where they point.
#include "virtual_tables/sql/dialect.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

std::string FirstLine(const Error& error) {
  return error.message.substr(0, error.message.find('\n'));
}

std::string ToSqlite(std::string_view statement, Mode mode) {
  const auto translation = Translate(statement, {mode, {}});
  if (!translation) return "error: " + FirstLine(translation.error());
  const auto* query = std::get_if<Query>(&*translation);
  return query == nullptr ? "not a query" : query->sql;
}

struct Case {
  std::string_view typed;
  std::string_view sqlite;
};

void Check(std::initializer_list<Case> cases, Mode mode) {
  for (const Case& c : cases) EXPECT_EQ(ToSqlite(c.typed, mode), c.sqlite) << c.typed;
}

TEST(MySql, LeavesAloneWhatSqliteUnderstands) {
  for (const std::string_view typed : {
           "SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS",
           "select `STATUS`, count(*) from `oceanbase`.`v` group by 1 having count(*) > 1",
           "SELECT a FROM v LIMIT 1, 2",
           "SELECT a FROM v WHERE b LIKE 'x%' AND c IS NOT NULL ORDER BY d DESC LIMIT 5 OFFSET 2",
           "WITH t AS (SELECT 1 AS x) SELECT x FROM t UNION ALL SELECT 2",
           "SELECT a, row_number() OVER (PARTITION BY b ORDER BY c) AS n FROM v",
           "SELECT CASE WHEN a THEN 'x' ELSE 'y' END AS e FROM v",
           "VALUES (1, 2), (3, 4)",
           "SELECT a FROM v WHERE b IN (SELECT c FROM w) AND d != 1 AND e <> 2",
           "SELECT COUNT(DISTINCT a), TRUE, FALSE FROM v",
       }) {
    EXPECT_EQ(ToSqlite(typed, Mode::kMySql), typed);
  }
}

TEST(MySql, TurnsStringsIntoSqliteLiterals) {
  Check(
      {
          {R"(SELECT a FROM v WHERE b = "x")", "SELECT a FROM v WHERE b = 'x'"},
          {R"(SELECT a FROM v WHERE b = "it's")", "SELECT a FROM v WHERE b = 'it''s'"},
          {R"(SELECT a FROM v WHERE b = 'it\'s')", "SELECT a FROM v WHERE b = 'it''s'"},
          {R"(SELECT a FROM v WHERE b = 'a\\b')", R"(SELECT a FROM v WHERE b = 'a\b')"},
          {R"(SELECT a FROM v WHERE b = 'a\nb')", "SELECT a FROM v WHERE b = 'a\nb'"},
          {R"(SELECT a FROM v WHERE b = 'a\0b')",
           "SELECT a FROM v WHERE b = CAST(x'610062' AS TEXT)"},
          {R"(SELECT a AS "my col" FROM v)", "SELECT a AS 'my col' FROM v"},
          {R"(SELECT a FROM v WHERE b = 'a' "b"'c')", "SELECT a FROM v WHERE b = 'abc'"},
          {R"(SELECT a FROM v WHERE"x"=b)", "SELECT a FROM v WHERE 'x'=b"},
      },
      Mode::kMySql);
}

TEST(MySql, GivesLikeItsDefaultEscapeWhereItMatters) {
  Check(
      {
          {R"(SELECT a FROM v WHERE b LIKE 'x\_y%')",
           R"(SELECT a FROM v WHERE b LIKE 'x\_y%' ESCAPE '\')"},
          {R"(SELECT a FROM v WHERE b NOT LIKE "50\%")",
           R"(SELECT a FROM v WHERE b NOT LIKE '50\%' ESCAPE '\')"},
          {"SELECT a FROM v WHERE b LIKE 'x|_y' ESCAPE '|'",
           "SELECT a FROM v WHERE b LIKE 'x|_y' ESCAPE '|'"},
          {"SELECT a FROM v WHERE b LIKE 'x_y'", "SELECT a FROM v WHERE b LIKE 'x_y'"},
      },
      Mode::kMySql);
}

TEST(MySql, RewritesOperators) {
  Check(
      {
          {"SELECT a FROM v WHERE b <=> NULL", "SELECT a FROM v WHERE b IS NULL"},
          {"SELECT a FROM v WHERE b && c || d", "SELECT a FROM v WHERE b AND c OR d"},
          {"SELECT a FROM v WHERE a&&b", "SELECT a FROM v WHERE a AND b"},
          {"SELECT a FROM v WHERE b RLIKE 'x'", "SELECT a FROM v WHERE b REGEXP 'x'"},
          {"SELECT a FROM v WHERE a MOD 2 = 1", "SELECT a FROM v WHERE a % 2 = 1"},
          {"SELECT a FROM v WHERE MOD(a, 2) = 1", "SELECT a FROM v WHERE MOD(a, 2) = 1"},
          {"SELECT a FROM v WHERE a DIV 2 = 1", "SELECT a FROM v WHERE CAST(a / 2 AS INTEGER) = 1"},
          {"SELECT a FROM v WHERE 1 + a * b DIV -c * d > 1",
           "SELECT a FROM v WHERE 1 + CAST(a * b / -c AS INTEGER) * d > 1"},
          {"SELECT a FROM v WHERE f(a) DIV (b) DIV 2",
           "SELECT a FROM v WHERE CAST(CAST(f(a) / (b) AS INTEGER) / 2 AS INTEGER)"},
          {"SELECT a FROM v WHERE 5--3 > a", "SELECT a FROM v WHERE 5- -3 > a"},
      },
      Mode::kMySql);
}

TEST(BothModes, DivideWithFractions) {
  for (const Mode mode : {Mode::kMySql, Mode::kOracle}) {
    Check(
        {
            {"SELECT a FROM v WHERE a / b > 0.5", "SELECT a FROM v WHERE a * 1.0 / b > 0.5"},
            {"SELECT a FROM v WHERE 100*a/b/2 > 1",
             "SELECT a FROM v WHERE 100*a* 1.0 /b* 1.0 /2 > 1"},
            {"SELECT a FROM v WHERE b = '1/2'", "SELECT a FROM v WHERE b = '1/2'"},
            {"SELECT 1 / a FROM v", "SELECT 1 * 1.0 / a AS `1 / a` FROM v"},
        },
        mode);
  }
}

TEST(MySql, DropsComments) {
  Check(
      {
          {"SELECT a # it's\nFROM v", "SELECT a FROM v"},
          {"SELECT/* x */a -- y\nFROM v", "SELECT a FROM v"},
          {"SELECT /*+ PARALLEL(8) */ a FROM v;", "SELECT a FROM v"},
      },
      Mode::kMySql);
}

TEST(MySql, TurnsIntervalsIntoCalls) {
  Check(
      {
          {"SELECT a FROM v WHERE t > NOW() - INTERVAL 1 HOUR",
           "SELECT a FROM v WHERE t > DATE_SUB(NOW() , 1 , 'HOUR')"},
          {"SELECT a FROM v WHERE t + interval 2 day < '2023-06-01'",
           "SELECT a FROM v WHERE DATE_ADD(t , 2 , 'DAY') < '2023-06-01'"},
          {"SELECT a FROM v WHERE x.t-INTERVAL'1'MONTH",
           "SELECT a FROM v WHERE DATE_SUB(x.t,'1', 'MONTH')"},
          {"SELECT a FROM v WHERE t > NOW() - INTERVAL 1 DAY + INTERVAL 2 HOUR AND b",
           "SELECT a FROM v WHERE t > DATE_ADD(DATE_SUB(NOW() , 1 , 'DAY') , 2 , 'HOUR') AND b"},
          {"SELECT a FROM v WHERE INTERVAL 1 DAY + t > u",
           "SELECT a FROM v WHERE obviews_interval_add( 1 , 'DAY' , t) > u"},
          {"SELECT a FROM v WHERE t > DATE_ADD(u, INTERVAL 1 DAY)",
           "SELECT a FROM v WHERE t > DATE_ADD(u, 1 , 'DAY')"},
          {"SELECT a FROM v WHERE t > SUBDATE(u, INTERVAL n + 1 MINUTE)",
           "SELECT a FROM v WHERE t > SUBDATE(u, n + 1 , 'MINUTE')"},
          {"SELECT a FROM v WHERE t > u + INTERVAL (n * 2) SECOND",
           "SELECT a FROM v WHERE t > DATE_ADD(u , (n * 2) , 'SECOND')"},
          {"SELECT a FROM v WHERE t > u + INTERVAL day DAY",
           "SELECT a FROM v WHERE t > DATE_ADD(u , day , 'DAY')"},
          {"SELECT a FROM v WHERE t > u + INTERVAL -1 WEEK",
           "SELECT a FROM v WHERE t > DATE_ADD(u , -1 , 'WEEK')"},
          {"SELECT a FROM v WHERE t BETWEEN IF(a, b, c) - INTERVAL 1 DAY AND NOW()",
           "SELECT a FROM v WHERE t BETWEEN DATE_SUB(IIF(a, b, c) , 1 , 'DAY') AND NOW()"},
          {"SELECT a FROM v WHERE t > CASE WHEN a THEN b ELSE c END + INTERVAL 1 DAY",
           "SELECT a FROM v WHERE t > DATE_ADD(CASE WHEN a THEN b ELSE c END , 1 , 'DAY')"},
          {"SELECT a FROM v WHERE t > (SELECT MAX(u) FROM w) - INTERVAL 1 DAY",
           "SELECT a FROM v WHERE t > DATE_SUB((SELECT MAX(u) FROM w) , 1 , 'DAY')"},
          {"SELECT a FROM v WHERE t > LEFT(b, 19) + INTERVAL 1 DAY",
           "SELECT a FROM v WHERE t > DATE_ADD(`LEFT`(b, 19) , 1 , 'DAY')"},
          {"SELECT a FROM v WHERE t > TIMESTAMP '2023-06-01 00:00:00' + INTERVAL 1 DAY",
           "SELECT a FROM v WHERE t > DATE_ADD('2023-06-01 00:00:00' , 1 , 'DAY')"},
      },
      Mode::kMySql);
}

TEST(MySql, RefusesIntervalsItCannotKeep) {
  const std::string_view needs =
      "error: INTERVAL needs a number and a unit: MICROSECOND, SECOND, MINUTE, HOUR, DAY, WEEK, "
      "MONTH, QUARTER or YEAR";
  const std::string_view only = "error: an INTERVAL can only be added to or subtracted from a time";
  Check(
      {
          {"SELECT NOW() - INTERVAL '1:30' HOUR_MINUTE", needs},
          {"SELECT NOW() - INTERVAL 1 FORTNIGHT", needs},
          {"SELECT NOW() - INTERVAL 1", needs},
          {"SELECT NOW() - INTERVAL", needs},
          {"SELECT INTERVAL(1, 2, 3)", needs},
          {"SELECT INTERVAL 1 DAY", only},
          {"SELECT f(a, INTERVAL 1 DAY)", only},
          {"SELECT NOW() * INTERVAL 1 DAY", only},
      },
      Mode::kMySql);
}

TEST(MySql, RenamesFunctions) {
  Check(
      {
          {"SELECT a FROM v WHERE IF(a, b, c)", "SELECT a FROM v WHERE IIF(a, b, c)"},
          {"SELECT a FROM v WHERE LENGTH(a) > 2", "SELECT a FROM v WHERE OCTET_LENGTH(a) > 2"},
          {"SELECT a FROM v WHERE ISNULL(a)", "SELECT a FROM v WHERE `ISNULL`(a)"},
          {"SELECT a FROM v LEFT JOIN w ON RIGHT(b, 2) = 'x'",
           "SELECT a FROM v LEFT JOIN w ON `RIGHT`(b, 2) = 'x'"},
          {"SELECT a FROM v WHERE GREATEST(a, f(1)) > LEAST(1, 2)",
           "SELECT a FROM v WHERE MAX(a, f(1)) > MIN(1, 2)"},
          {"SELECT a FROM v WHERE GREATEST(f(a, b))",
           "error: GREATEST needs at least two arguments"},
          {"SELECT a FROM v WHERE t < CURRENT_TIMESTAMP", "SELECT a FROM v WHERE t < NOW()"},
          {"SELECT a FROM v WHERE t < CURRENT_TIMESTAMP(6)", "SELECT a FROM v WHERE t < NOW(6)"},
          {"SELECT a FROM v WHERE t < NOW(6) AND u < CURRENT_DATE()",
           "SELECT a FROM v WHERE t < NOW(6) AND u < CURDATE()"},
          {"SELECT a FROM v WHERE TIMESTAMPDIFF(hour, t, u) > 1",
           "SELECT a FROM v WHERE TIMESTAMPDIFF('HOUR', t, u) > 1"},
          {"SELECT a FROM v WHERE TIMESTAMPDIFF(SQL_TSI_DAY, t, u) > 1",
           "SELECT a FROM v WHERE TIMESTAMPDIFF('DAY', t, u) > 1"},
          {"SELECT a FROM v WHERE TIMESTAMPDIFF(t, u) > 1",
           "error: TIMESTAMPDIFF begins with a unit: MICROSECOND, SECOND, MINUTE, HOUR, DAY, WEEK, "
           "MONTH, QUARTER or YEAR"},
          {"SELECT a FROM v WHERE EXTRACT(YEAR FROM t) = 2023",
           "SELECT a FROM v WHERE EXTRACT('YEAR' , t) = 2023"},
          {"SELECT b FROM (SELECT GROUP_CONCAT(a SEPARATOR '; ') AS b FROM v)",
           "SELECT b FROM (SELECT GROUP_CONCAT(a , '; ') AS b FROM v)"},
          {"SELECT a FROM v WHERE CAST(b AS SIGNED) = CAST(c AS UNSIGNED INTEGER)",
           "SELECT a FROM v WHERE CAST(b AS INTEGER) = CAST(c AS INTEGER)"},
          {"SELECT a FROM v WHERE CAST(b AS DATETIME(6)) > CAST(c AS DATE)",
           "SELECT a FROM v WHERE obviews_datetime(b , 6) > DATE(c)"},
          {"SELECT a FROM v WHERE CAST(b AS CHAR(10)) = 'x'",
           "SELECT a FROM v WHERE CAST(b AS CHAR(10)) = 'x'"},
          {"SELECT a FROM v WHERE CAST(b AS JSON)", "error: CAST to JSON is not supported"},
          {"SELECT a FROM v WHERE SCN_TO_TIMESTAMP(18446744073709551615) > t",
           "SELECT a FROM v WHERE SCN_TO_TIMESTAMP('18446744073709551615') > t"},
      },
      Mode::kMySql);
}

TEST(MySql, DropsDualAndParenthesesOfCompounds) {
  Check(
      {
          {"SELECT 1 FROM DUAL", "SELECT 1"},
          {"SELECT a FROM (SELECT 1 AS a FROM dual) x", "SELECT a FROM (SELECT 1 AS a) x"},
          {"SELECT 1 FROM DUAL WHERE 1 > 0", "SELECT 1 WHERE 1 > 0"},
          {"SELECT a FROM dual d", "SELECT a FROM dual d"},
          {"(SELECT 1)", "SELECT * FROM (SELECT 1)"},
          {"(SELECT a FROM v LIMIT 1) UNION (SELECT 2)",
           "SELECT * FROM (SELECT a FROM v LIMIT 1) UNION SELECT * FROM (SELECT 2)"},
          {"SELECT 1 UNION DISTINCT SELECT 2", "SELECT 1 UNION SELECT 2"},
      },
      Mode::kMySql);
}

TEST(MySql, KeepsTheHeadersPeopleTyped) {
  Check(
      {
          {"SELECT NOW(), now() - interval 1 hour FROM v",
           "SELECT NOW(), DATE_SUB(now() , 1 , 'HOUR') AS `now() - interval 1 hour` FROM v"},
          {"SELECT IF(a, 'x', 'y') FROM v", "SELECT IIF(a, 'x', 'y') AS `IF(a, 'x', 'y')` FROM v"},
          {"SELECT IF(a, b, c) d, IF(a, b, c) AS e, IF(a, b, c) 'f' FROM v",
           "SELECT IIF(a, b, c) d, IIF(a, b, c) AS e, IIF(a, b, c) 'f' FROM v"},
          {"SELECT 'abc', \"d`e\"", "SELECT 'abc' AS `abc`, 'd`e' AS `d``e`"},
          {"SELECT DISTINCT IF(a, b, c) FROM v",
           "SELECT DISTINCT IIF(a, b, c) AS `IF(a, b, c)` FROM v"},
          {"SELECT @@time_zone, @@session.time_zone z",
           "SELECT obviews_variable('time_zone') AS `@@time_zone`, "
           "obviews_variable('time_zone') z"},
          {"SELECT CASE WHEN a <=> b THEN 1 END FROM v",
           "SELECT CASE WHEN a IS b THEN 1 END AS `CASE WHEN a <=> b THEN 1 END` FROM v"},
          {"SELECT 'a' 'b'", "SELECT 'ab'  AS `'a' 'b'`"},
          {"SELECT TIMESTAMP '2023-06-01 00:00:00'",
           "SELECT '2023-06-01 00:00:00' AS `TIMESTAMP '2023-06-01 00:00:00'`"},
          {"WITH t AS (SELECT IF(1, 2, 3)) SELECT IF(1, 2, 3) FROM t;",
           "WITH t AS (SELECT IIF(1, 2, 3)) SELECT IIF(1, 2, 3) AS `IF(1, 2, 3)` FROM t"},
          {"SELECT NOW(6), CURRENT_TIMESTAMP", "SELECT NOW(6), NOW() AS `CURRENT_TIMESTAMP`"},
      },
      Mode::kMySql);
}

TEST(MySql, ReadsSystemVariablesOnly) {
  Check(
      {
          {"SELECT a FROM v WHERE @@system_time_zone = 'x'",
           "SELECT a FROM v WHERE obviews_variable('system_time_zone') = 'x'"},
          {"SELECT @@GLOBAL.Time_Zone AS z", "SELECT obviews_variable('time_zone') AS z"},
          {"select @@version_comment limit 1",
           "select obviews_variable('version_comment') AS `@@version_comment` limit 1"},
          {"SELECT @@foo",
           "error: unknown system variable 'foo'; known: ob_compatibility_mode, system_time_zone, "
           "time_zone, version, version_comment"},
          {"SELECT @x", "error: user variables are not supported"},
          {"SELECT @x := 1", "error: user variables are not supported"},
          {"SELECT ?", "error: bind variables are not supported"},
          {"SELECT :a", "error: bind variables are not supported"},
      },
      Mode::kMySql);
}

TEST(Oracle, KeepsItsOwnRules) {
  Check(
      {
          {"SELECT \"COMMENT\" FROM SYS.v", "SELECT `COMMENT` FROM SYS.v"},
          {"SELECT \"a`b\" FROM v", "SELECT `a``b` FROM v"},
          {R"(SELECT a FROM v WHERE b = 'C:\n')", R"(SELECT a FROM v WHERE b = 'C:\n')"},
          {R"(SELECT a FROM v WHERE b LIKE 'x\_')", R"(SELECT a FROM v WHERE b LIKE 'x\_')"},
          {"SELECT a FROM v WHERE b || 'x' || c = d",
           "SELECT a FROM v WHERE CONCAT(CONCAT(b , 'x') , c) = d"},
          {"SELECT a FROM v WHERE 'x' || n * 2 = d",
           "SELECT a FROM v WHERE CONCAT('x' , n * 2) = d"},
          {"SELECT a || b FROM v", "SELECT CONCAT(a , b) AS `a || b` FROM v"},
          {"SELECT NVL(a, 'x') AS b FROM v", "SELECT IFNULL(a, 'x') AS b FROM v"},
          {"SELECT SYSDATE FROM DUAL", "SELECT SYSDATE() AS `SYSDATE`"},
          {"SELECT SYSTIMESTAMP(3) t FROM DUAL", "SELECT SYSTIMESTAMP(3) t"},
          {"SELECT a FROM v WHERE t > SYSDATE - INTERVAL '1' HOUR",
           "SELECT a FROM v WHERE t > DATE_SUB(SYSDATE() , '1' , 'HOUR')"},
          {"SELECT a FROM v WHERE b ^= 1", "SELECT a FROM v WHERE b <> 1"},
          {"SELECT a FROM v MINUS SELECT b FROM w", "SELECT a FROM v EXCEPT SELECT b FROM w"},
          {"SELECT LENGTH(a) AS l, LENGTHB(a) AS b FROM v",
           "SELECT LENGTH(a) AS l, OCTET_LENGTH(a) AS b FROM v"},
          {"SELECT a FROM v WHERE CAST(b AS TIMESTAMP) > CAST(c AS DATE)",
           "SELECT a FROM v WHERE obviews_datetime(b , 6) > obviews_datetime(c , 0)"},
      },
      Mode::kOracle);
}

TEST(Oracle, TurnsRowLimitsIntoLimit) {
  const std::string_view only = "error: only FETCH FIRST n ROWS ONLY is supported, with a number n";
  Check(
      {
          {"SELECT a FROM v FETCH FIRST 5 ROWS ONLY", "SELECT a FROM v LIMIT 5"},
          {"SELECT a FROM v FETCH NEXT ROW ONLY", "SELECT a FROM v LIMIT 1"},
          {"SELECT a FROM v OFFSET 2 ROWS FETCH NEXT 5 ROWS ONLY",
           "SELECT a FROM v LIMIT 5 OFFSET 2"},
          {"SELECT a FROM v OFFSET 1 ROW", "SELECT a FROM v LIMIT -1 OFFSET 1"},
          {"SELECT a FROM v LIMIT 5 OFFSET 2", "SELECT a FROM v LIMIT 5 OFFSET 2"},
          {"SELECT a FROM v FETCH FIRST 5 PERCENT ROWS ONLY", only},
          {"SELECT a FROM v FETCH FIRST 5 ROWS WITH TIES", only},
          {"SELECT a FROM v OFFSET 2 ROWS FETCH FIRST n ROWS ONLY", only},
      },
      Mode::kOracle);
}

TEST(Oracle, RefusesWhatWouldMeanSomethingElse) {
  Check(
      {
          {"SELECT a FROM v WHERE ROWNUM < 5",
           "error: ROWNUM is not supported; end the statement with FETCH FIRST n ROWS ONLY"},
          {"SELECT a FROM v WHERE t > SYSDATE - 1",
           "error: adding to or subtracting from SYSDATE needs an interval, as in "
           "SYSDATE - INTERVAL '1' HOUR; for differences use TIMESTAMPDIFF"},
          {"SELECT a FROM v WHERE SYSTIMESTAMP - t > 1",
           "error: adding to or subtracting from SYSTIMESTAMP needs an interval, as in "
           "SYSTIMESTAMP - INTERVAL '1' HOUR; for differences use TIMESTAMPDIFF"},
      },
      Mode::kOracle);
}

TEST(Commands, ShowTables) {
  struct ShowCase {
    std::string_view typed;
    std::optional<std::string> schema;
    std::optional<std::string> like;
  };
  const ShowCase cases[] = {
      {"SHOW TABLES", {}, {}},
      {"show full tables;", {}, {}},
      {"SHOW TABLES LIKE '%TASKS%'", {}, "%TASKS%"},
      {"SHOW TABLES FROM `oceanbase` LIKE \"a\\_b\"", "oceanbase", "a\\_b"},
      {"SHOW TABLES IN oceanbase", "oceanbase", {}},
  };
  for (const ShowCase& c : cases) {
    const auto translation = Translate(c.typed, {});
    ASSERT_TRUE(translation) << c.typed;
    const auto* show = std::get_if<ShowTables>(&*translation);
    ASSERT_NE(show, nullptr) << c.typed;
    EXPECT_EQ(show->schema, c.schema) << c.typed;
    EXPECT_EQ(show->like, c.like) << c.typed;
  }
}

TEST(Commands, Describe) {
  struct DescribeCase {
    std::string_view typed;
    std::optional<std::string> schema;
    std::string name;
    std::optional<std::string> like;
  };
  const DescribeCase cases[] = {
      {"DESC v", {}, "v", {}},
      {"describe oceanbase.`V`;", "oceanbase", "V", {}},
      {"DESC v 'J%'", {}, "v", "J%"},
      {"EXPLAIN v", {}, "v", {}},
      {"SHOW COLUMNS FROM v", {}, "v", {}},
      {"SHOW FULL FIELDS IN v FROM oceanbase LIKE 'J%'", "oceanbase", "v", "J%"},
  };
  for (const DescribeCase& c : cases) {
    const auto translation = Translate(c.typed, {});
    ASSERT_TRUE(translation) << c.typed;
    const auto* describe = std::get_if<Describe>(&*translation);
    ASSERT_NE(describe, nullptr) << c.typed;
    EXPECT_EQ(describe->schema, c.schema) << c.typed;
    EXPECT_EQ(describe->name, c.name) << c.typed;
    EXPECT_EQ(describe->like, c.like) << c.typed;
  }
}

TEST(Commands, Explain) {
  for (const std::string_view typed :
       {"EXPLAIN SELECT IF(1, 2, 3) a", "explain extended SELECT IF(1, 2, 3) a",
        "DESC SELECT IF(1, 2, 3) a", "EXPLAIN QUERY PLAN SELECT IF(1, 2, 3) a",
        "EXPLAIN PLAN FOR SELECT IF(1, 2, 3) a"}) {
    const auto translation = Translate(typed, {});
    ASSERT_TRUE(translation) << typed;
    const auto* explain = std::get_if<Explain>(&*translation);
    ASSERT_NE(explain, nullptr) << typed;
    EXPECT_EQ(explain->query.sql, "SELECT IIF(1, 2, 3) a") << typed;
  }
}

TEST(Commands, UseAndTimeZone) {
  EXPECT_EQ(std::get<Use>(*Translate("USE `oceanbase`;", {})).schema, "oceanbase");
  EXPECT_EQ(std::get<Use>(*Translate("ALTER SESSION SET CURRENT_SCHEMA = SYS", {Mode::kOracle, {}}))
                .schema,
            "SYS");
  for (const std::string_view typed :
       {"SET time_zone = '+02:00'", "set session TIME_ZONE='+02:00';",
        "SET LOCAL time_zone := '+02:00'", "SET @@time_zone = \"+02:00\"",
        "SET @@session.time_zone='+02:00'", "ALTER SESSION SET TIME_ZONE = '+02:00'"}) {
    const auto translation = Translate(typed, {});
    ASSERT_TRUE(translation) << typed;
    ASSERT_TRUE(std::holds_alternative<SetTimeZone>(*translation)) << typed;
    EXPECT_EQ(std::get<SetTimeZone>(*translation).value, "+02:00") << typed;
  }
  EXPECT_EQ(std::get<SetTimeZone>(*Translate("SET time_zone = SYSTEM", {})).value, "SYSTEM");
}

TEST(Commands, SettingsOfClientsAreTakenAndIgnored) {
  for (const std::string_view typed :
       {"SET NAMES utf8mb4", "SET NAMES 'utf8' COLLATE 'utf8_bin'", "SET CHARACTER SET utf8",
        "SET autocommit = 1", "SET ob_query_timeout=10000000", "set @@session.ob_trx_timeout = 1",
        "SET SESSION character_set_results = NULL"}) {
    const auto translation = Translate(typed, {});
    ASSERT_TRUE(translation) << typed;
    EXPECT_TRUE(std::holds_alternative<NoOperation>(*translation)) << typed;
  }
}

TEST(Commands, ShowVariablesAndDatabasesAreQueries) {
  Check({{"SHOW DATABASES", "SELECT `Database` FROM (SELECT 'oceanbase' AS `Database`)"},
         {"SHOW SCHEMAS LIKE 'o%'",
          "SELECT `Database` FROM (SELECT 'oceanbase' AS `Database`) WHERE `Database` LIKE 'o%' "
          "ESCAPE '\\'"}},
        Mode::kMySql);
  const std::string sql = ToSqlite("SHOW SESSION VARIABLES LIKE '%zone'", Mode::kMySql);
  EXPECT_NE(sql.find("SELECT 'time_zone' AS `Variable_name`, obviews_variable('time_zone') AS "
                     "`Value`"),
            std::string::npos);
  EXPECT_NE(sql.find(" WHERE `Variable_name` LIKE '%zone' ESCAPE '\\' ORDER BY 1"),
            std::string::npos);
}

TEST(Refusals, NothingThatWritesGetsThrough) {
  for (const std::string_view word :
       {"INSERT",   "UPDATE", "DELETE",   "REPLACE",   "DROP",   "ALTER",   "CREATE",
        "TRUNCATE", "PRAGMA", "ATTACH",   "DETACH",    "VACUUM", "REINDEX", "ANALYZE",
        "BEGIN",    "COMMIT", "ROLLBACK", "SAVEPOINT", "CALL",   "GRANT",   "MERGE",
        "LOAD",     "LOCK",   "KILL",     "END"}) {
    const auto translation = Translate(fmt::format("{} x", word), {});
    ASSERT_FALSE(translation) << word;
    EXPECT_EQ(translation.error().code, ErrorCode::kInvalidArgument);
    const std::string start =
        fmt::format("dump-views is read-only: {} is refused; it accepts ", word);
    EXPECT_EQ(translation.error().message.substr(0, start.size()), start);
  }
  for (const std::string_view typed :
       {"WITH t AS (SELECT 1) DELETE FROM v", "with t as (select 1) insert into v select 1",
        "WITH t AS (SELECT 1) UPDATE v SET a = 1", "EXPLAIN DELETE FROM v",
        "EXPLAIN QUERY PLAN UPDATE v SET a = 1", "SET GLOBAL time_zone = '+00:00'",
        "SET @@global.time_zone = '+00:00'", "SET sql_mode = 'ANSI_QUOTES'", "SET @x = 1",
        "ALTER SYSTEM RECOVER TABLE a.b TO TENANT t", "ALTER SESSION SET x = 1"}) {
    const std::string error = ToSqlite(typed, Mode::kMySql);
    EXPECT_EQ(error.substr(0, 31), "error: dump-views is read-only:") << typed;
  }
}

TEST(Refusals, OneStatementAtATime) {
  Check({{"SELECT 1; DROP TABLE x", "error: one statement at a time: more text follows this ;"},
         {"", "error: the statement is empty"},
         {" ; ", "error: the statement is empty"},
         {"-- nothing", "error: the statement is empty"},
         {"USE a; USE b", "error: the statement should end here"}},
        Mode::kMySql);
}

TEST(Refusals, PointAtThePlace) {
  struct PlaceCase {
    std::string_view typed;
    std::string_view message;
  };
  const PlaceCase cases[] = {
      {"SELECT a FROM v\nWHERE (b = 1",
       "this ( is never closed\n"
       "  at line 2, column 7:\n"
       "  WHERE (b = 1\n"
       "        ^"},
      {"SELECT a) FROM v",
       "this ) closes nothing\n"
       "  at line 1, column 9:\n"
       "  SELECT a) FROM v\n"
       "          ^"},
      {"SHOW TABLES WHERE 1",
       "SHOW ... WHERE is not supported, use LIKE\n"
       "  at line 1, column 13:\n"
       "  SHOW TABLES WHERE 1\n"
       "              ^"},
      {"USE",
       "a schema name is expected\n"
       "  at line 1, column 4:\n"
       "  USE\n"
       "     ^"},
      {"DESC oceanbase.",
       "a view name is expected\n"
       "  at line 1, column 16:\n"
       "  DESC oceanbase.\n"
       "                 ^"},
  };
  for (const PlaceCase& c : cases) {
    const auto translation = Translate(c.typed, {});
    ASSERT_FALSE(translation) << c.typed;
    EXPECT_EQ(translation.error().message, c.message);
  }
}

TEST(OffsetMap, FindsTheWayBack) {
  const std::string_view typed = "SELECT STATU, \"a\" FROM v WHERE t > NOW() - INTERVAL x HOUR";
  const auto translation = Translate(typed, {});
  ASSERT_TRUE(translation);
  const auto& query = std::get<Query>(*translation);
  for (const std::string_view word : {"STATU", "FROM v", "v WHERE", "NOW()", " x"}) {
    EXPECT_EQ(query.map.ToOriginal(query.sql.find(word)), typed.find(word)) << word;
  }
  EXPECT_EQ(query.map.ToOriginal(query.sql.find("DATE_SUB")), typed.find("NOW"));
  EXPECT_EQ(query.map.ToOriginal(query.sql.find("'HOUR'")), typed.find("HOUR"));
  EXPECT_EQ(query.map.ToOriginal(query.sql.size()), typed.size());
  EXPECT_EQ(OffsetMap().ToOriginal(5), 5U);
}

}  // namespace
}  // namespace obviews::vtab::sql
