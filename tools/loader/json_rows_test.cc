// JSON rows: lines, arrays, values, bytes that are not UTF-8, records, damage and places.
#include "tools/loader/json_rows.h"

#include <gtest/gtest.h>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

using namespace std::string_literals;

struct Case {
  const char* behaviour;
  std::string text;
  std::string rows;
};

class LineCases : public testing::TestWithParam<Case> {};
class StreamCases : public testing::TestWithParam<Case> {};

TEST_P(LineCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kJsonl), GetParam().rows)
      << GetParam().behaviour;
}

TEST_P(StreamCases, ReadsRows) {
  EXPECT_EQ(ShowText(GetParam().text, InputFormat::kJson), GetParam().rows) << GetParam().behaviour;
}

const Case kLines[] = {
    {"an object a line, names upper-cased, columns in their order",
     "{\"job_id\":1,\"STATUS\":\"DOING\"}\n{\"STATUS\":\"x\"}\n",
     "== \nJOB_ID=1|STATUS=DOING\nSTATUS=x\n"},
    {"null is NULL, \"NULL\" is text, \"\" is ''", "{\"A\":null,\"B\":\"NULL\",\"C\":\"\"}",
     "== \nA=NULL|B='NULL'|C=\n"},
    {"numbers as they are written", "{\"A\":-1,\"B\":0,\"C\":12.50,\"D\":1e3,\"E\":-0.5E-2}\n",
     "== \nA=-1|B=0|C=12.50|D=1e3|E=-0.5E-2\n"},
    {"64 bits are enough", "{\"A\":18446744073709551615,\"B\":-9223372036854775808}\n",
     "== \nA=18446744073709551615|B=-9223372036854775808\n"},
    {"more are an error at the number",
     "{\"A\":1,\"B\":18446744073709551616}\n{\"A\":-9223372036854775809}\n{\"A\":1}\n",
     "! in:1:12: the integer 18446744073709551616 is beyond 64 bits\n"
     "! in:2:6: the integer -9223372036854775809 is beyond 64 bits\n== \nA=1\n"},
    {"escapes", R"({"A":"\"\\\/\b\f\n\r\t\u0041\u00e9\u4e2d\ud83d\ude00"})",
     "== \nA=\"\\\\/\\x08\\x0c\\n\\x0d\\x09A\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80\n"},
    {"NUL is kept", R"({"A":"a\u0000b"})", "== \nA=a\\x00b\n"},
    {"bytes that are not UTF-8: our escape, the same after another tool resolved it, surrogates",
     "{\"A\":\"\\uefff\\uef80\",\"B\":\"\xEE\xBF\xBE\",\"C\":\"\\udcff\\udc80\",\"D\":\"\xC3(\"}",
     "== \nA=\xFF\x80|B=\xFE|C=\xFF\x80|D=\xC3(\n"},
    {"other halves of pairs are errors",
     "{\"A\":\"x\\ud800\"}\n{\"A\":\"\\ud800\\u0041\"}\n{\"A\":\"\\udc00\"}\n{\"A\":"
     "\"\\ud83d\\ude0\"}\n",
     "! in:1:8: `\\ud800` is half of a surrogate pair and no escaped byte\n"
     "! in:2:7: `\\ud800` is half of a surrogate pair and no escaped byte\n"
     "! in:3:7: `\\udc00` is half of a surrogate pair and no escaped byte\n"
     "! in:4:13: `\\u` must be followed by four hexadecimal digits\n"},
    {"bad escapes",
     R"({"A":"\x"})"
     "\n"
     R"({"A":"\u12g4"})"
     "\n",
     "! in:1:7: unknown escape in a string\n"
     "! in:2:7: `\\u` must be followed by four hexadecimal digits\n"},
    {"blanks, CR LF, empty lines, a byte order mark, no final newline",
     "\xEF\xBB\xBF { \"A\" : 1 , \"B\" :\t2 } \r\n\r\n\n{\"A\":3,\"B\":4}",
     "== \nA=1|B=2\nA=3|B=4\n"},
    {"nested values", "{\"A\":1,\"B\":{\"x\":1}}\n{\"A\":[1]}\n",
     "! in:1:12: a nested value: a column holds a string, a number or null\n"
     "! in:2:6: a nested value: a column holds a string, a number or null\n"},
    {"truth values", "{\"A\":true}\n{\"A\":false}\n",
     "! in:1:6: `true`: a column holds a string, a number or null\n"
     "! in:2:6: `false`: a column holds a string, a number or null\n"},
    {"a column twice", "{\"A\":1,\"a\":2}\n", "! in:1:8: the column A stands twice\n"},
    {"damage costs its line only",
     "{\"A\":1\n{\"A\":\"x\n{\"A\" "
     "1}\n{A:1}\n{\"A\":01}\n{\"A\":}\n{}\n[{\"A\":1}]\n{\"A\":1},\n{\"A\":1 "
     "\"B\":2}\n{\"A\":nil}\n{\"A\":1}\n",
     "! in:1:7: expected `,` or `}`, found the end\n"
     "! in:2:6: the string is not closed\n"
     "! in:3:6: expected `:` after a column name, found a number\n"
     "! in:4:2: unexpected word `A`, not JSON\n"
     "! in:5:6: not a JSON number\n"
     "! in:6:6: expected a value, found `}`\n"
     "! in:7:2: the row has no columns\n"
     "! in:8:1: expected `{` at the start of a row, found `[`\n"
     "! in:9:8: expected the end after the object, found `,`\n"
     "! in:10:8: expected `,` or `}`, found a string\n"
     "! in:11:6: unexpected word `nil`, not JSON\n== \nA=1\n"},
    {"raw controls", "{\"A\":\"a\tb\"}\n{\"A\":\"\0\"}\n"s,
     "! in:1:8: a control character in a string must be escaped\n"
     "! in:2:7: a control character in a string must be escaped\n"},
    {"records are handed on unread",
     "{\"obviews_record\":1,\"kind\":\"import_task\",\"x\":{\"a\":[1,{\"b\":null}]}}\n"
     "{\"kind\":\"x\",\"n\":[],\"obviews_record\":1}\n{\"A\":\"\\\"obviews_record\\\"\"}\n",
     "== \n{{\"obviews_record\":1,\"kind\":\"import_task\",\"x\":{\"a\":[1,{\"b\":null}]}}}\n"
     "{{\"kind\":\"x\",\"n\":[],\"obviews_record\":1}}\nA=\"obviews_record\"\n"},
    {"only a member of its own name makes a record",
     "{\"A\":\"x\",\"B\":\"obviews_record\"}\n{\"A\":{\"obviews_record\":1}}\n",
     "== \nA=x|B=obviews_record\n"
     "! in:2:6: a nested value: a column holds a string, a number or null\n"},
    {"a damaged record", "{\"obviews_record\":1,\"x\":{\"a\":1}\n{\"obviews_record\":1,\"x\":[\n",
     "! in:1:32: expected `,` or `}`, found the end\n"
     "! in:2:25: the value is not closed\n"},
};

const Case kStreams[] = {
    {"an array of objects, on one line or many", "[{\"A\":1},\n {\n\"A\"\n:\n\"x\"\n}\n]\n",
     "== \nA=1\nA=x\n"},
    {"braces and brackets within strings", R"([{"A":"}]{[\"\\"},{"A":"\\\"}"}])",
     "== \nA=}]{[\"\\\\\nA=\\\\\"}\n"},
    {"an empty array is a result without rows", "[]\n", ""},
    {"an array a statement, and objects between",
     "[{\"A\":1}]\n[]\n{\"A\":2}{\"A\":3}\n[ {\"A\":4} ]", "== \nA=1\nA=2\nA=3\nA=4\n"},
    {"an error within a whole object costs that object", "[{\"A\":1},\n{\"A\":[2]},\n{\"A\":3}]",
     "== \nA=1\n! in:2:6: a nested value: a column holds a string, a number or null\nA=3\n"},
    {"an array cut off", "[{\"A\":1}\n", "== \nA=1\n! in:2:1: the array is not closed\n"},
    {"an object cut off", "[{\"A\":1},{\"A\":2", "== \nA=1\n! in:1:10: the object is not closed\n"},
    {"a comma missing, doubled or trailing", "[{\"A\":1} {\"A\":2}]",
     "== \nA=1\n! in:1:10: expected `,` or `]` after an object\n"},
    {"a comma too many", "[{\"A\":1},]",
     "== \nA=1\n! in:1:10: expected an object: a row is `{\"COLUMN\": value}`\n"},
    {"no object", "[1]", "! in:1:2: expected an object: a row is `{\"COLUMN\": value}`\n"},
    {"records in an array", "[{\"obviews_record\":1,\n\"x\":[1]}]",
     "== \n{{\"obviews_record\":1,\n\"x\":[1]}}\n"},
};

INSTANTIATE_TEST_SUITE_P(All, LineCases, testing::ValuesIn(kLines));
INSTANTIATE_TEST_SUITE_P(All, StreamCases, testing::ValuesIn(kStreams));

TEST(JsonRows, CellsKnowTheirPlaceAndKind) {
  auto reader =
      ReadRows(TextSource::FromText("f", "[\n  {\"A\": 1,\n   \"B\": \"1\"}]"), InputFormat::kJson);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.Place(), "f:2:3");
  EXPECT_EQ(row.Place(0), "f:2:9");
  EXPECT_EQ(row.Place(1), "f:3:9");
  EXPECT_TRUE(row.cells[0].is_number);
  EXPECT_FALSE(row.cells[1].is_number);
}

TEST(JsonRows, ARecordLeavesNoCellsOfTheRowBefore) {
  auto reader =
      ReadRows(TextSource::FromText("f", "{\"A\":1}\n{\"obviews_record\":1}\n{\"A\":2}\n"),
               InputFormat::kJsonl);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_TRUE(row.is_record);
  EXPECT_TRUE(row.cells.empty());
  EXPECT_TRUE(row.columns->empty());
  EXPECT_EQ(row.Place(), "f:2:1");
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_FALSE(row.is_record);
  EXPECT_EQ(row.record, "");
}

TEST(JsonRows, AnObjectLargerThanARowMayBeIsRefused) {
  auto source = TextSource::FromText("f", "[{\"A\":\"" + std::string(1000, 'x') + "\"}]");
  source->set_max_row_bytes(100);
  auto reader = ReadRows(std::move(source), InputFormat::kJson);
  ASSERT_TRUE(reader);
  EXPECT_EQ(ShowRows(**reader), "! f:1:2: an object of more than 100 bytes\n");
}

}  // namespace
}  // namespace obviews::tools
