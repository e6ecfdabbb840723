// Tells statements apart by their first words.
#include "virtual_tables/sql/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "virtual_tables/sql/grammar.h"

namespace obviews::vtab::sql {
namespace {

constexpr std::string_view kAccepted =
    "it accepts SELECT, WITH, VALUES, EXPLAIN, DESCRIBE, SHOW TABLES, SHOW COLUMNS, SHOW "
    "DATABASES, SHOW VARIABLES, USE and SET time_zone";

// First words of statements that exist elsewhere but would change something, or could.
constexpr std::array<std::string_view, 40> kWriting = {
    "ALTER",  "ANALYZE", "ATTACH",   "BEGIN",  "CALL",    "COMMENT",   "COMMIT",   "CREATE",
    "DELETE", "DETACH",  "DROP",     "END",    "EXECUTE", "FLASHBACK", "FLUSH",    "GRANT",
    "INSERT", "KILL",    "LOAD",     "LOCK",   "MERGE",   "OPTIMIZE",  "PRAGMA",   "PREPARE",
    "PURGE",  "REINDEX", "RELEASE",  "RENAME", "REPLACE", "REVOKE",    "ROLLBACK", "SAVEPOINT",
    "SET",    "START",   "TRUNCATE", "UNLOCK", "UPDATE",  "UPSERT",    "VACUUM",   "XA"};

// Settings that clients send on their own and that change nothing about what is read here.
constexpr std::array<std::string_view, 12> kIgnoredSettings = {"autocommit",
                                                               "character_set_client",
                                                               "character_set_connection",
                                                               "character_set_results",
                                                               "collation_connection",
                                                               "net_read_timeout",
                                                               "net_write_timeout",
                                                               "ob_query_timeout",
                                                               "ob_trx_idle_timeout",
                                                               "ob_trx_timeout",
                                                               "ob_read_consistency",
                                                               "sql_select_limit"};

class StatementParser {
 public:
  StatementParser(TokenList tokens, const DialectOptions& options)
      : t_(std::move(tokens)), options_(options) {}

  Result<Translation> Parse();

 private:
  Result<Translation> ParseQuery(size_t first);
  Result<Translation> ParseExplain();
  Result<Translation> ParseShow();
  Result<Translation> ParseShowTables(size_t i);
  Result<Translation> ParseShowColumns(size_t i);
  Result<Translation> ParseShowVariables(size_t i);
  Result<Translation> ParseDescribe(size_t i);
  Result<Translation> ParseUse(size_t i);
  Result<Translation> ParseSet();
  Result<Translation> ParseAlterSession();
  Result<std::string> ParseZone(size_t i);
  Status ParseViewName(size_t& i, Describe& describe);
  Result<std::optional<std::string>> ParseLike(size_t& i);
  Status ExpectEnd(size_t i);
  Error ReadOnly(size_t i) const;

  /// The word at `i` is one of `words`.
  bool Any(size_t i, std::initializer_list<std::string_view> words) const {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return t_.Word(i, word); });
  }
  tl::unexpected<Error> FailAt(size_t i, std::string_view message) const {
    return Fail(t_.ErrorAt(message, i));
  }
  bool End(size_t i) const { return i >= t_.size() || (t_.Op(i, ";") && i + 1 == t_.size()); }

  TokenList t_;
  const DialectOptions& options_;
};

Result<Translation> StatementParser::Parse() {
  if (End(0)) return FailAt(0, "the statement is empty");
  if (Any(0, {"SELECT", "WITH", "VALUES"}) || t_.Op(0, "(")) return ParseQuery(0);
  if (t_.Word(0, "EXPLAIN")) return ParseExplain();
  if (t_.Word(0, "SHOW")) return ParseShow();
  if (t_.Word(0, "USE")) return ParseUse(1);
  if (t_.Word(0, "SET")) return ParseSet();
  if (t_.Word(0, "ALTER") && t_.Word(1, "SESSION")) return ParseAlterSession();
  if (Any(0, {"DESC", "DESCRIBE"})) {
    return Any(1, {"SELECT", "WITH"}) ? ParseExplain() : ParseDescribe(1);
  }
  const bool writing = std::any_of(kWriting.begin(), kWriting.end(),
                                   [&](std::string_view word) { return t_.Word(0, word); });
  if (writing) return Fail(ReadOnly(0));
  return FailAt(0, fmt::format("{} does not begin a statement that dump-views knows; {}",
                               t_.text(0), kAccepted));
}

Error StatementParser::ReadOnly(size_t i) const {
  std::string word(t_.text(i));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return t_.ErrorAt(fmt::format("dump-views is read-only: {} is refused; {}", word, kAccepted), i);
}

// `first` begins a query: SELECT, VALUES, a parenthesis, or WITH, whose statement proper may also
// be one that writes.
Result<Translation> StatementParser::ParseQuery(size_t first) {
  for (size_t i = first; i < t_.size(); i = t_.Skip(i)) {
    if (Any(i, {"SELECT", "VALUES"}) || (t_.Op(i, "(") && i == first)) break;
    if (Any(i, {"INSERT", "UPDATE", "DELETE", "REPLACE"})) return Fail(ReadOnly(i));
  }
  return RewriteQuery(std::move(t_), first).map([](Query query) {
    return Translation(std::move(query));
  });
}

Result<Translation> StatementParser::ParseExplain() {
  size_t i = 1;
  if (t_.Word(i, "QUERY") && t_.Word(i + 1, "PLAN")) i += 2;
  if (t_.Word(i, "PLAN") && t_.Word(i + 1, "FOR")) i += 2;
  if (Any(i, {"EXTENDED", "BASIC", "OUTLINE"}) && Any(i + 1, {"SELECT", "WITH", "VALUES"})) ++i;
  if (Any(i, {"SELECT", "WITH", "VALUES"}) || t_.Op(i, "(")) {
    OBVIEWS_ASSIGN_OR_RETURN(Translation inner, ParseQuery(i));
    return Explain{std::get<Query>(std::move(inner))};
  }
  if (Any(i, {"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"})) return Fail(ReadOnly(i));
  return ParseDescribe(i);
}

Status StatementParser::ExpectEnd(size_t i) {
  if (End(i)) return {};
  return FailAt(i, "the statement should end here");
}

// [LIKE 'pattern']
Result<std::optional<std::string>> StatementParser::ParseLike(size_t& i) {
  if (t_.Word(i, "WHERE")) return FailAt(i, "SHOW ... WHERE is not supported, use LIKE");
  if (!t_.Word(i, "LIKE")) return std::nullopt;
  if (!t_.Kind(i + 1, TokenKind::kString)) return FailAt(i + 1, "LIKE needs a string");
  i += 2;
  return t_.Unquoted(i - 1);
}

Result<Translation> StatementParser::ParseShow() {
  const size_t i = t_.Word(1, "FULL") ? 2 : 1;
  if (t_.Word(i, "TABLES")) return ParseShowTables(i + 1);
  if (Any(i, {"COLUMNS", "FIELDS"})) return ParseShowColumns(i + 1);
  const bool scoped = Any(i, {"SESSION", "LOCAL", "GLOBAL"});
  if (t_.Word(scoped ? i + 1 : i, "VARIABLES")) return ParseShowVariables(scoped ? i + 2 : i + 1);
  if (Any(i, {"DATABASES", "SCHEMAS"})) {
    size_t end = i + 1;
    OBVIEWS_ASSIGN_OR_RETURN(const std::optional<std::string> like, ParseLike(end));
    OBVIEWS_RETURN_IF_ERROR(ExpectEnd(end));
    const std::string_view name = options_.mode == schema::Mode::kMySql ? "oceanbase" : "SYS";
    Query query;
    query.sql = fmt::format("SELECT `Database` FROM (SELECT '{}' AS `Database`)", name);
    if (like)
      query.sql += fmt::format(" WHERE `Database` LIKE {} ESCAPE '\\'", SqliteLiteral(*like));
    return query;
  }
  return FailAt(i,
                "only SHOW [FULL] TABLES, SHOW [FULL] COLUMNS, SHOW DATABASES and SHOW VARIABLES "
                "are supported");
}

Result<Translation> StatementParser::ParseShowTables(size_t i) {
  ShowTables show;
  if (Any(i, {"FROM", "IN"})) {
    if (!t_.Name(i + 1)) return FailAt(i + 1, "a schema name is expected");
    show.schema = t_.Unquoted(i + 1);
    i += 2;
  }
  OBVIEWS_ASSIGN_OR_RETURN(show.like, ParseLike(i));
  OBVIEWS_RETURN_IF_ERROR(ExpectEnd(i));
  return show;
}

// [schema .] name
Status StatementParser::ParseViewName(size_t& i, Describe& describe) {
  if (!t_.Name(i)) return FailAt(i, "a view name is expected");
  describe.name = t_.Unquoted(i);
  if (t_.Op(i + 1, ".")) {
    if (!t_.Name(i + 2)) return FailAt(i + 2, "a view name is expected");
    describe.schema = std::exchange(describe.name, t_.Unquoted(i + 2));
    i += 2;
  }
  ++i;
  return {};
}

Result<Translation> StatementParser::ParseShowColumns(size_t i) {
  if (!Any(i, {"FROM", "IN"})) return FailAt(i, "FROM is expected");
  Describe describe;
  OBVIEWS_RETURN_IF_ERROR(ParseViewName(++i, describe));
  if (Any(i, {"FROM", "IN"})) {
    if (!t_.Name(i + 1)) return FailAt(i + 1, "a schema name is expected");
    describe.schema = t_.Unquoted(i + 1);
    i += 2;
  }
  OBVIEWS_ASSIGN_OR_RETURN(describe.like, ParseLike(i));
  OBVIEWS_RETURN_IF_ERROR(ExpectEnd(i));
  return describe;
}

Result<Translation> StatementParser::ParseShowVariables(size_t i) {
  OBVIEWS_ASSIGN_OR_RETURN(const std::optional<std::string> like, ParseLike(i));
  OBVIEWS_RETURN_IF_ERROR(ExpectEnd(i));
  std::string rows;
  for (const std::string_view name : kSystemVariables) {
    rows += fmt::format("{}SELECT '{}' AS `Variable_name`, obviews_variable('{}') AS `Value`",
                        rows.empty() ? "" : " UNION ALL ", name, name);
  }
  Query query;
  query.sql = fmt::format("SELECT `Variable_name`, `Value` FROM ({})", rows);
  if (like) {
    query.sql += fmt::format(" WHERE `Variable_name` LIKE {} ESCAPE '\\'", SqliteLiteral(*like));
  }
  query.sql += " ORDER BY 1";
  return query;
}

Result<Translation> StatementParser::ParseDescribe(size_t i) {
  Describe describe;
  OBVIEWS_RETURN_IF_ERROR(ParseViewName(i, describe));
  if (t_.Name(i) || t_.Kind(i, TokenKind::kString)) describe.like = t_.Unquoted(i++);
  OBVIEWS_RETURN_IF_ERROR(ExpectEnd(i));
  return describe;
}

Result<Translation> StatementParser::ParseUse(size_t i) {
  if (!t_.Name(i)) return FailAt(i, "a schema name is expected");
  OBVIEWS_RETURN_IF_ERROR(ExpectEnd(i + 1));
  return Use{t_.Unquoted(i)};
}

Result<std::string> StatementParser::ParseZone(size_t i) {
  // In Oracle mode a quoted name is no value; a bare word is MySQL's SYSTEM.
  if (!t_.Kind(i, TokenKind::kString) && !t_.Kind(i, TokenKind::kWord)) {
    return FailAt(i, "a time zone is expected, such as '+08:00' or 'Asia/Shanghai'");
  }
  OBVIEWS_RETURN_IF_ERROR(ExpectEnd(i + 1));
  return t_.Unquoted(i);
}

Result<Translation> StatementParser::ParseSet() {
  if (Any(1, {"NAMES", "CHARSET"}) || (t_.Word(1, "CHARACTER") && t_.Word(2, "SET"))) {
    return NoOperation{};
  }
  size_t i = 1;
  std::string_view name;
  bool global = t_.Word(i, "GLOBAL");
  if (global || Any(i, {"SESSION", "LOCAL"})) ++i;
  if (t_.Kind(i, TokenKind::kWord)) {
    name = t_.text(i);
  } else if (t_.Kind(i, TokenKind::kVariable) && t_.text(i).substr(0, 2) == "@@") {
    name = t_.text(i).substr(2);
    const size_t dot = name.find('.');
    if (dot != std::string_view::npos) {
      global = EqualsIgnoreCase(name.substr(0, dot), "global");
      name.remove_prefix(dot + 1);
    }
  }
  const bool assignment = t_.Op(i + 1, "=") || t_.Op(i + 1, ":=");
  if (global || !assignment) return Fail(ReadOnly(0));
  if (EqualsIgnoreCase(name, "time_zone")) {
    OBVIEWS_ASSIGN_OR_RETURN(std::string zone, ParseZone(i + 2));
    return SetTimeZone{std::move(zone)};
  }
  const bool ignored = std::any_of(kIgnoredSettings.begin(), kIgnoredSettings.end(),
                                   [&](std::string_view n) { return EqualsIgnoreCase(n, name); });
  if (!ignored) return Fail(ReadOnly(0));
  for (size_t j = i + 2; j < t_.size(); ++j) {
    if (t_.Op(j, ",")) return FailAt(j, "SET takes one variable at a time");
  }
  return NoOperation{};
}

Result<Translation> StatementParser::ParseAlterSession() {
  if (!t_.Word(2, "SET") || !t_.Op(4, "=")) return Fail(ReadOnly(0));
  if (t_.Word(3, "TIME_ZONE")) {
    OBVIEWS_ASSIGN_OR_RETURN(std::string zone, ParseZone(5));
    return SetTimeZone{std::move(zone)};
  }
  if (t_.Word(3, "CURRENT_SCHEMA")) return ParseUse(5);
  return Fail(ReadOnly(0));
}

}  // namespace

Result<Translation> Translate(std::string_view statement, const DialectOptions& options) {
  OBVIEWS_ASSIGN_OR_RETURN(TokenList tokens,
                           TokenList::Make(statement, options.mode, options.start));
  return StatementParser(std::move(tokens), options).Parse();
}

Error SqliteError(std::string_view sqlite_message, int sqlite_offset, const Query& query,
                  std::string_view statement, const DialectOptions& options) {
  if (sqlite_message == "incomplete input") {
    return ErrorAt(sqlite_message, statement, statement.size(), options.start);
  }
  if (sqlite_offset < 0) {
    return {ErrorCode::kInvalidArgument, std::string(sqlite_message)};
  }
  return ErrorAt(sqlite_message, statement,
                 query.map.ToOriginal(static_cast<size_t>(sqlite_offset)), options.start);
}

}  // namespace obviews::vtab::sql
