// Each format's escapes, byte for byte, and that what should be reversible is.
#include "tools/output/escape.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>

namespace obviews::tools {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view text;
  std::string_view escaped;
};

std::string Through(void (*append)(Sink&, std::string_view), std::string_view text) {
  StringSink sink;
  append(sink, text);
  return sink.text();
}

std::string TableText(std::string_view text) {
  std::string out;
  AppendTableText(out, text);
  return out;
}

template <size_t N>
void ExpectEscapes(const std::function<std::string(std::string_view)>& escape,
                   const Case (&cases)[N]) {
  for (const Case& c : cases) {
    EXPECT_EQ(escape(c.text), c.escaped) << testing::PrintToString(c.text);
  }
}

// Texts built of everything that has bitten somebody.
std::string RandomText(std::mt19937& random) {
  constexpr std::array kPieces = {"a"sv,        "NULL"sv,
                                  "\\"sv,       "\\N"sv,
                                  "n"sv,        "0"sv,
                                  "\n"sv,       "\r\n"sv,
                                  "\t"sv,       "\0"sv,
                                  "\x01"sv,     "\x7F"sv,
                                  "\""sv,       ","sv,
                                  " "sv,        "|"sv,
                                  "`t`"sv,      "中"sv,
                                  "😀"sv,        "\xFF"sv,
                                  "\xE4\xB8"sv, "\xED\xA0\x80"sv,
                                  "\xEE"sv,     "\uEF80"sv,
                                  "\xEF"sv,     "\xBE"sv,
                                  "\uEFFF"sv,   "orders_0000123"sv};
  std::string text;
  for (size_t n = random() % 9; n > 0; --n) text += kPieces[random() % kPieces.size()];
  return text;
}

TEST(BatchText, EscapesAsTheMySqlClientDoes) {
  ExpectEscapes([](std::string_view t) { return Through(AppendBatchText, t); },
                {
                    {"plain", "plain"},
                    {"", ""},
                    {"a\tb\nc\\d\0e"sv, "a\\tb\\nc\\\\d\\0e"},
                    {"\r\x01\x7F", "\r\x01\x7F"},
                    {"\"quoted\", `t`", "\"quoted\", `t`"},
                    {"中\xFF😀", "中\xFF😀"},
                    {"NULL", "NULL"},
                });
}

TEST(BatchCell, TellsTheTextNullFromTheNullValue) {
  ExpectEscapes([](std::string_view t) { return Through(AppendBatchCell, t); },
                {
                    {"NULL", "\\NULL"},
                    {"null", "null"},
                    {"NULLS", "NULLS"},
                    {"\\NULL", "\\\\NULL"},
                });
}

TEST(BatchCell, IsUndoneByUnescapeBatch) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = RandomText(random);
    const std::string cell = Through(AppendBatchCell, text);
    ASSERT_EQ(cell.find_first_of("\n\t\0"sv), cell.npos) << testing::PrintToString(text);
    ASSERT_NE(cell, "NULL");
    std::string back;
    ASSERT_TRUE(UnescapeBatch(cell, back)) << testing::PrintToString(cell);
    ASSERT_EQ(back, text) << testing::PrintToString(cell);
  }
}

TEST(UnescapeBatch, KeepsAndReportsWhatBatchNeverWrites) {
  for (const std::string_view cell : {"C:\\dir"sv, "ends in \\"sv, "\\r"sv}) {
    std::string out = "before ";
    EXPECT_FALSE(UnescapeBatch(cell, out)) << cell;
    EXPECT_EQ(out, "before " + std::string(cell));
  }
}

TEST(CsvText, QuotesOnlyWhatNeedsIt) {
  ExpectEscapes([](std::string_view t) { return Through(AppendCsvText, t); },
                {
                    {"plain", "plain"},
                    {"in the middle", "in the middle"},
                    {"", "\"\""},
                    {"NULL", "\"NULL\""},
                    {"null", "null"},
                    {"a,b", "\"a,b\""},
                    {"say \"hi\"", "\"say \"\"hi\"\"\""},
                    {"\"", "\"\"\"\""},
                    {"two\nlines", "\"two\nlines\""},
                    {"cr\r", "\"cr\r\""},
                    {"tab\there", "\"tab\there\""},
                    {" padded", "\" padded\""},
                    {"padded ", "\"padded \""},
                    {"back\\slash|'`", "back\\slash|'`"},
                    {"中\xFF😀", "中\xFF😀"},
                });
}

// A reader of one field as RFC 4180 has it: whether it is quoted, its text, and nothing after it.
bool ReadCsvField(std::string_view field, bool& quoted, std::string& text) {
  quoted = field.starts_with('"');
  if (!quoted) {
    text = field;
    return field.find_first_of(",\"\r\n") == field.npos;
  }
  field.remove_prefix(1);
  while (!field.empty()) {
    const bool quote = field.front() == '"';
    if (quote && field.size() == 1) return true;
    if (quote && field[1] != '"') return false;
    text += field.front();
    field.remove_prefix(quote ? 2 : 1);
  }
  return false;
}

TEST(CsvText, IsReadBackByTheRulesOfRfc4180) {
  std::mt19937 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = RandomText(random);
    const std::string field = Through(AppendCsvText, text);
    bool quoted = false;
    std::string back;
    ASSERT_TRUE(ReadCsvField(field, quoted, back)) << testing::PrintToString(field);
    ASSERT_EQ(back, text) << testing::PrintToString(field);
    ASSERT_TRUE(quoted || field != "NULL");
  }
}

TEST(JsonText, EscapesControlsQuotesAndBytesThatAreNoText) {
  ExpectEscapes([](std::string_view t) { return Through(AppendJsonText, t); },
                {
                    {"plain", "\"plain\""},
                    {"", "\"\""},
                    {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
                    {"\n\t\r\0\x01\x1F\x7F"sv, "\"\\n\\t\\r\\u0000\\u0001\\u001f\x7F\""},
                    {"中é😀", "\"中é😀\""},
                    {"a\xFFz", "\"a\\uefffz\""},
                    {"\xE4\xB8", "\"\\uefe4\\uefb8\""},
                    {"中\x80文", "\"中\\uef80文\""},
                    {"\xED\xA0\x80", "\"\\uefed\\uefa0\\uef80\""},
                    {"\uEF80", "\"\\uefee\\uefbe\\uef80\""},
                    {"\uEF7F\uF000", "\"\uEF7F\uF000\""},
                });
}

TEST(JsonText, IsValidForAStrictParserAndUndoneByDecodeJsonBytes) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = RandomText(random);
    const std::string json = Through(AppendJsonText, text);
    const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(parsed.is_string()) << testing::PrintToString(json);
    std::string back;
    DecodeJsonBytes(parsed.get<std::string>(), back);
    ASSERT_EQ(back, text) << json;
  }
}

TEST(DecodeJsonBytes, LeavesEverythingElseAlone) {
  for (const std::string_view text : {""sv, "plain"sv, "中文"sv, "\xEE"sv, "\xEE\xBE"sv,
                                      "\xEE\x80\x80"sv, "\uEF7F"sv, "\uF000"sv}) {
    std::string out;
    DecodeJsonBytes(text, out);
    EXPECT_EQ(out, text) << testing::PrintToString(text);
  }
}

TEST(MarkdownText, KeepsACellACell) {
  ExpectEscapes([](std::string_view t) { return Through(AppendMarkdownText, t); },
                {
                    {"AUX_RECOVER$1", "AUX_RECOVER$1"},
                    {"", ""},
                    {"a|b", "a\\|b"},
                    {"a\\|b", "a\\\\\\|b"},
                    {"two\nlines", "two<br>lines"},
                    {"two\r\nlines\r", "two<br>lines<br>"},
                    {"`TEST`.`T1`", "\\`TEST\\`.\\`T1\\`"},
                    {"<br>*", "\\<br>\\*"},
                    {"tab\there\0"sv, "tab\there\0"sv},
                });
}

TEST(VerticalText, ShowsNulAsABlank) {
  ExpectEscapes([](std::string_view t) { return Through(AppendVerticalText, t); },
                {
                    {"a\0b\0"sv, "a b "},
                    {"two\nlines\t\\", "two\nlines\t\\"},
                });
}

TEST(TableText, ShowsControlsAsTheirPictures) {
  ExpectEscapes(TableText, {
                               {"plain \\n 中", "plain \\n 中"},
                               {"a\nb", "a␊b"},
                               {"\0\t\r\x1B\x1F\x7F"sv, "␀␉␍␛␟␡"},
                               {"\xFF", "\xFF"},
                           });
}

TEST(TableText, IsUndoneByDecodeTableText) {
  std::mt19937 random(4);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = RandomText(random);
    std::string back;
    DecodeTableText(TableText(text), back);
    ASSERT_EQ(back, text) << testing::PrintToString(text);
  }
}

TEST(DecodeTableText, KnowsOnlyThePicturesThatTablesHave) {
  for (const std::string_view text : {"␠"sv, "␢"sv, "\xE2\x90"sv, "\xE2\x90z"sv, "⑀"sv}) {
    std::string out;
    DecodeTableText(text, out);
    EXPECT_EQ(out, text) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace obviews::tools
