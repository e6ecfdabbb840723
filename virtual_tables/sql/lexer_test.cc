// Tokens of both dialects.
#include "virtual_tables/sql/lexer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

// Every token as kind letter and text: W word, Q quoted name, S string, B blob, N number,
// V variable, O operator.
std::string Tokens(std::string_view text, Mode mode = Mode::kMySql) {
  const auto tokens = Tokenize(text, mode);
  if (!tokens)
    return "error: " + tokens.error().message.substr(0, tokens.error().message.find('\n'));
  std::string out;
  for (const Token& token : *tokens) {
    out +=
        fmt::format("{}{}[{}]", out.empty() ? "" : " ", "WQSBNVO"[static_cast<size_t>(token.kind)],
                    text.substr(token.begin, token.end - token.begin));
  }
  return out;
}

struct Case {
  std::string_view text;
  std::string_view tokens;
};

TEST(Lexer, CutsMySqlText) {
  const Case cases[] = {
      {"SELECT a.b", "W[SELECT] W[a] O[.] W[b]"},
      {"a$1 _x 表", "W[a$1] W[_x] W[表]"},
      {"`a b``c`", "Q[`a b``c`]"},
      {"'it''s' 'a\\'b'", "S['it''s'] S['a\\'b']"},
      {"\"x\"\"y\" \"a\\\"b\"", "S[\"x\"\"y\"] S[\"a\\\"b\"]"},
      {"x'0AFF' X'00' x 'a'", "B[x'0AFF'] B[X'00'] W[x] S['a']"},
      {"1 1.5 .5 5. 1e3 1.5E-3 0x1F", "N[1] N[1.5] N[.5] N[5.] N[1e3] N[1.5E-3] N[0x1F]"},
      {"1e 0x 1.a", "N[1] W[e] N[0] W[x] N[1.] W[a]"},
      {"a<=>b<=c<>d!=e", "W[a] O[<=>] W[b] O[<=] W[c] O[<>] W[d] O[!=] W[e]"},
      {"a||b&&c", "W[a] O[||] W[b] O[&&] W[c]"},
      {"@@session.time_zone @x", "V[@@session.time_zone] V[@x]"},
      {"1 -- c\n+2", "N[1] O[+] N[2]"},
      {"5--3", "N[5] O[-] O[-] N[3]"},
      {"1 # c ' \n 2", "N[1] N[2]"},
      {"1/* ' ; */+/**/2--", "N[1] O[+] N[2]"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(Tokens(c.text), c.tokens) << c.text;
}

TEST(Lexer, CutsOracleText) {
  const Case cases[] = {
      {"\"COMMENT\"", "Q[\"COMMENT\"]"},
      {"'a\\' x", "S['a\\'] W[x]"},
      {"5--3\n4", "N[5] N[4]"},
      {"a#b", "W[a#b]"},
  };
  for (const Case& c : cases) EXPECT_EQ(Tokens(c.text, Mode::kOracle), c.tokens) << c.text;
}

TEST(Lexer, RefusesWhatIsNotClosed) {
  EXPECT_EQ(Tokens("SELECT 'a"), "error: this string is never closed");
  EXPECT_EQ(Tokens("SELECT 'a\\'"), "error: this string is never closed");
  EXPECT_EQ(Tokens("SELECT \"a"), "error: this string is never closed");
  EXPECT_EQ(Tokens("SELECT x'00"), "error: this string is never closed");
  EXPECT_EQ(Tokens("SELECT `a"), "error: this quoted name is never closed");
  EXPECT_EQ(Tokens("SELECT /* a *"), "error: this comment is never closed");
  EXPECT_EQ(Tokens("SELECT 'a", Mode::kOracle), "error: this string is never closed");
}

TEST(Lexer, RefusesBytesThatStartNothing) {
  EXPECT_EQ(Tokens(std::string_view("a \0 b", 5)), "error: unexpected character (byte 0x00)");
  EXPECT_EQ(Tokens("[a]"), "error: unexpected character (byte 0x5B)");
  EXPECT_EQ(Tokens("a {"), "error: unexpected character (byte 0x7B)");
  EXPECT_EQ(Tokens("@ a"), "error: unexpected character (byte 0x40)");
}

TEST(Lexer, KnowsWhereTokensStand) {
  const auto tokens = Tokenize("a\n  /* x */ 'ü' b", Mode::kMySql, {3, 5});
  ASSERT_TRUE(tokens);
  ASSERT_EQ(tokens->size(), 3U);
  EXPECT_EQ((*tokens)[0].at, (Position{3, 5}));
  EXPECT_EQ((*tokens)[1].at, (Position{4, 11}));
  EXPECT_TRUE((*tokens)[1].after_comment);
  EXPECT_EQ((*tokens)[2].at, (Position{4, 15}));
  EXPECT_FALSE((*tokens)[2].after_comment);
  EXPECT_EQ((*tokens)[2].begin, 17U);
}

TEST(Lexer, ErrorsPointIntoTheScript) {
  const auto tokens = Tokenize("a\n 'b", Mode::kMySql, {3, 5});
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().message,
            "this string is never closed\n"
            "  at line 4, column 2:\n"
            "   'b\n"
            "   ^");
}

TEST(Unquote, FoldsQuotesAndEscapes) {
  EXPECT_EQ(Unquote("'it''s'", Mode::kMySql), "it's");
  EXPECT_EQ(Unquote("\"a\"\"b'c\"", Mode::kMySql), "a\"b'c");
  EXPECT_EQ(Unquote("'\\n\\t\\r\\b\\Z\\\\\\'\\\"\\q'", Mode::kMySql), "\n\t\r\b\x1A\\'\"q");
  EXPECT_EQ(Unquote("'a\\0b'", Mode::kMySql), std::string("a\0b", 3));
  EXPECT_EQ(Unquote("'50\\% a\\_b'", Mode::kMySql), "50\\% a\\_b");
  EXPECT_EQ(Unquote("'a\\nb'", Mode::kOracle), "a\\nb");
  EXPECT_EQ(Unquote("`a``b\\n`", Mode::kMySql), "a`b\\n");
  EXPECT_EQ(Unquote("''", Mode::kMySql), "");
}

TEST(ScanAt, ResumesAnOpenStringWithoutReadingItAgain) {
  std::string text = "'abc\\";
  Scan scan = ScanAt(text, 0, Mode::kMySql);
  EXPECT_FALSE(scan.terminated);
  EXPECT_EQ(scan.resume, 4U);
  text += "'d'";
  scan = ScanAt(text, 0, Mode::kMySql, scan.resume);
  EXPECT_TRUE(scan.terminated);
  EXPECT_EQ(scan.end, text.size());
}

}  // namespace
}  // namespace obviews::vtab::sql
