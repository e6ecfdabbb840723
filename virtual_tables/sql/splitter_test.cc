// Statements cut out of scripts, whole and in pieces of every size.
#include "virtual_tables/sql/splitter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

std::string Show(const SplitStatement& statement) {
  return fmt::format("{}@{}{}|", statement.text, statement.offset, statement.vertical ? "G" : "");
}

// All statements as `text@offset|`, with G for vertical ones, fed in pieces of `piece` bytes.
std::string Split(std::string_view text, Mode mode, size_t piece) {
  Splitter splitter(mode);
  std::string out;
  const auto drain = [&] {
    for (;;) {
      const auto next = splitter.Next();
      if (!next) {
        out += "error: " + next.error().message.substr(0, next.error().message.find('\n'));
        return;
      }
      if (!*next) return;
      out += Show(**next);
    }
  };
  for (size_t i = 0; i < text.size(); i += piece) {
    splitter.Feed(text.substr(i, piece));
    drain();
  }
  splitter.Finish();
  drain();
  return out;
}

struct Case {
  std::string_view text;
  std::string_view statements;
  Mode mode = Mode::kMySql;
};

constexpr std::string_view kOpen =
    "error: the string, quoted name or comment that begins here is never closed";

const Case kCases[] = {
    {"", ""},
    {"  \n\t", ""},
    {"SELECT 1", "SELECT 1@0|"},
    {"SELECT 1;", "SELECT 1@0|"},
    {"SELECT 1;SELECT 2;", "SELECT 1@0|SELECT 2@9|"},
    {"SELECT 1\\G", "SELECT 1@0G|"},
    {"SELECT 1\\G;SELECT 2\\g", "SELECT 1@0G|SELECT 2@11|"},
    {"SELECT 1 \\G ;\n SELECT 2", "SELECT 1@0G|SELECT 2@15|"},
    {";;\\G;  ;", ""},
    {"SELECT ';\\\\G';x", "SELECT ';\\\\G'@0|x@14|"},
    {"SELECT 'a\\';b';x", "SELECT 'a\\';b'@0|x@15|"},
    {"SELECT 'a\\';x", "SELECT 'a\\'@0|x@12|", Mode::kOracle},
    {"SELECT 'a'';b';x", "SELECT 'a'';b'@0|x@15|"},
    {"SELECT \"a;\\\";\";x", "SELECT \"a;\\\";\"@0|x@15|"},
    {"SELECT `a;``;`;x", "SELECT `a;``;`@0|x@15|"},
    {"SELECT x';';x", "SELECT x';'@0|x@12|"},
    {"-- a;b\nSELECT 1;", "SELECT 1@7|"},
    {"# it's\nSELECT 1;", "SELECT 1@7|"},
    {"/* ; ' */ SELECT /* ; */ 1 /* ; */;", "SELECT /* ; */ 1@10|"},
    {"SELECT 1 -- c;\n;", "SELECT 1@0|"},
    {"SELECT 5--3;x", "SELECT 5--3@0|x@12|"},
    {"SELECT 5--3;x\n;y", "SELECT 5@0|y@15|", Mode::kOracle},
    {"-- only a comment;", ""},
    {"/* only; a comment */;", ""},
    {"SELECT 1;\r\nSELECT 2\\G\r\n", "SELECT 1@0|SELECT 2@11G|"},
    {"\xEF\xBB\xBFSELECT 1;x", "SELECT 1@3|x@12|"},
    {"\xEF\xBB", "\xEF\xBB@0|"},
    {"SELECT '\xF0\x9F\x98\x80;\xFF';x", "SELECT '\xF0\x9F\x98\x80;\xFF'@0|x@16|"},
    {"SELECT 1 - /*;*/ 2 / 3;x", "SELECT 1 - /*;*/ 2 / 3@0|x@23|"},
    {"SELECT 1;SELECT 'a;",
     "SELECT 1@0|error: the string, quoted name or comment that begins here "
     "is never closed"},
    {"SELECT `a;", kOpen},
    {"SELECT /* a;", kOpen},
    {"SELECT \"a\\\";", kOpen},
    {"SELECT '", kOpen},
};

TEST(Splitter, CutsWholeTexts) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Split(c.text, c.mode, c.text.size() + 1), c.statements) << c.text;
  }
}

TEST(Splitter, DoesNotDependOnThePieces) {
  for (const Case& c : kCases) {
    for (const size_t piece : {1, 2, 3, 5, 7}) {
      EXPECT_EQ(Split(c.text, c.mode, piece), c.statements) << c.text << " in pieces of " << piece;
    }
  }
}

TEST(Splitter, KeepsNulBytes) {
  const std::string_view text("SELECT '\0;' \0 x;y", 17);
  EXPECT_EQ(Split(text, Mode::kMySql, 1), std::string("SELECT '\0;' \0 x@0|y@16|", 23));
}

TEST(Splitter, GivesAStatementAsSoonAsItsTerminatorArrives) {
  Splitter splitter(Mode::kMySql);
  splitter.Feed("SELECT 1;");
  EXPECT_TRUE(splitter.Next()->has_value());
  splitter.Feed("SELECT 2\\G");
  EXPECT_TRUE(splitter.Next()->has_value());
}

TEST(Splitter, KnowsWhetherAStatementIsPending) {
  struct PendingCase {
    std::string_view text;
    bool pending;
  };
  const PendingCase cases[] = {
      {"", false},
      {"  \n", false},
      {"SELECT 1;\n", false},
      {"SELECT 1; -- done\n", false},
      {"-- a comment", false},
      {"SELECT", true},
      {"SELECT 1\n", true},
      {"SELECT 1; SELECT 'a\n", true},
      {"/* open\n", true},
      {"/* closed */\n", false},
      {"'", true},
  };
  for (const PendingCase& c : cases) {
    Splitter splitter(Mode::kMySql);
    splitter.Feed(c.text);
    while (splitter.Next().value()) {
    }
    EXPECT_EQ(splitter.pending(), c.pending) << c.text;
  }
}

TEST(Splitter, SaysWhereStatementsBegin) {
  const auto statements = SplitStatements("SELECT 1;\n  SELECT\n 2; 表;x", Mode::kMySql);
  ASSERT_TRUE(statements);
  ASSERT_EQ(statements->size(), 4U);
  EXPECT_EQ((*statements)[0].at, (Position{1, 1}));
  EXPECT_EQ((*statements)[1].at, (Position{2, 3}));
  EXPECT_EQ((*statements)[2].at, (Position{3, 5}));
  EXPECT_EQ((*statements)[3].at, (Position{3, 7}));
}

TEST(Splitter, PointsAtWhatIsNotClosed) {
  const auto statements = SplitStatements("SELECT 1;\nSELECT 'abc;\n", Mode::kMySql);
  ASSERT_FALSE(statements);
  EXPECT_EQ(statements.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(statements.error().message,
            "the string, quoted name or comment that begins here is never closed\n"
            "  at line 2, column 8:\n"
            "  SELECT 'abc;\n"
            "         ^");
}

TEST(Splitter, ReadsAHugeLiteralInSmallPiecesOnce) {
  Splitter splitter(Mode::kMySql);
  splitter.Feed("SELECT '");
  const std::string line = std::string(62, 'x') + "\\'";
  constexpr size_t kLines = 200'000;
  for (size_t i = 0; i < kLines; ++i) {
    splitter.Feed(line);
    ASSERT_FALSE(splitter.Next()->has_value());
  }
  splitter.Feed("';");
  const auto statement = splitter.Next();
  ASSERT_TRUE(statement && *statement);
  EXPECT_EQ((*statement)->text.size(), 9 + kLines * line.size());
}

TEST(Splitter, CutsALongScriptInLinearTime) {
  std::string script;
  constexpr size_t kStatements = 200'000;
  for (size_t i = 0; i < kStatements; ++i) script += "SELECT 'a;b' ; ";
  const auto statements = SplitStatements(script, Mode::kMySql);
  ASSERT_TRUE(statements);
  EXPECT_EQ(statements->size(), kStatements);
}

}  // namespace
}  // namespace obviews::vtab::sql
