// Which format an input is taken for, and which inputs are refused.
#include "tools/loader/detect.h"

#include <gtest/gtest.h>

#include <string>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

using namespace std::string_literals;

std::string Detected(const std::string& text, const std::string& name) {
  const auto source = TextSource::FromText(name, text);
  const auto format = DetectFormat(*source);
  return format ? std::string(FormatName(*format)) : format.error().message;
}

TEST(Detect, ByContent) {
  struct {
    const char* text;
    const char* name;
    const char* format;
  } constexpr kCases[] = {
      {"A\tB\n1\t2\n", "x.txt", "tsv"},
      {"\xEF\xBB\xBF\r\nA\tB\r\n", "x", "tsv"},
      {"A,B\n1,2\n", "x.txt", "csv"},
      {"\"A\",\"B\"\r\n", "x", "csv"},
      {"[\n{\"A\":1}]", "x", "json"},
      {"[]", "x", "json"},
      {"[", "x", "json"},
      {"{\"A\":1}\n{\"A\":2}\n", "x", "jsonl"},
      {"{\"A\":1}", "x", "jsonl"},
      {"{\"A\":1}\n", "x.json", "json"},
      {"{\n\"A\":1\n}\n", "x", "json"},
      {"{}", "x.jsonl", "jsonl"},
      {"*** 1. row ***\n", "x.tsv", "tsv"},
      {"*** 1. row ***\n", "x.md", "transcript"},
      {"mysql> SELECT\n", "x.txt", "transcript"},
      {"[link](x)\n", "x.md", "transcript"},
      {"[TOC]\n", "x", "transcript"},
      {"{{ page }}\n", "x", "transcript"},
      {"word\n", "x", "transcript"},
      {"First, second\n", "x", "transcript"},
      {"", "x.csv", "transcript"},
      {" \n\n", "x", "transcript"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Detected(c.text, c.name), c.format) << c.text;
}

TEST(Detect, RefusesWhatIsNoText) {
  struct {
    std::string text;
    const char* message;
  } const kCases[] = {
      {"\x1F\x8B\x08\x00"s,
       "x:1:1: not a text of rows but compressed with gzip; try `gunzip -c FILE | obviewsctl load "
       "... -`"},
      {"SQLite format 3\0"s,
       "x:1:1: not a text of rows but an SQLite database; print its rows with `sqlite3 -json` and "
       "load "
       "those"},
      {"\xFF\xFE*\0*\0"s,
       "x:1:1: not a text of rows but UTF-16 text; convert it with `iconv -f UTF-16 -t UTF-8`"},
      {"\xFE\xFF\0*"s,
       "x:1:1: not a text of rows but UTF-16 text; convert it with `iconv -f UTF-16 -t UTF-8`"},
      {"A\0\t\0B\0"s,
       "x:1:1: not a text of rows but UTF-16 text; convert it with `iconv -f UTF-16LE -t UTF-8`"},
      {"\0\0\1"s, "x:1:1: not a text of rows but binary data; give a transcript, TSV, CSV or JSON"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Detected(c.text, "x"), c.message);
    // Not even when told that it is something else.
    EXPECT_EQ(ShowText(c.text, InputFormat::kTsv, "x"), "! "s + c.message + "\n");
  }
}

TEST(Detect, FormatNamesAreThoseOfTheOption) {
  for (const char* name : {"auto", "transcript", "tsv", "csv", "json", "jsonl"}) {
    const auto format = ParseFormat(name);
    ASSERT_TRUE(format) << name;
    EXPECT_EQ(FormatName(*format), name);
  }
  EXPECT_EQ(ParseFormat("xml").error().message,
            "unknown format `xml`; known are auto, transcript, tsv, csv, json, jsonl");
}

TEST(Detect, AFormatGivenIsBelieved) {
  EXPECT_EQ(ShowText("A,B\n1,2\n", InputFormat::kTranscript), "# in: no rows found\n");
}

TEST(Detect, OpensFiles) {
  const auto reader = OpenRows(OBVIEWS_TEST_DATA "/document.md", InputFormat::kAuto);
  ASSERT_TRUE(reader);
  ParsedRow row;
  ASSERT_TRUE((*reader)->Next(row).value());
  EXPECT_EQ(row.listing->view, "CDB_OB_RECOVER_TABLE_JOBS");
  EXPECT_GT((*reader)->source().size(), 1000U);
  const auto missing = OpenRows("/nonexistent", InputFormat::kAuto);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "/nonexistent: No such file or directory");
}

}  // namespace
}  // namespace obviews::tools
