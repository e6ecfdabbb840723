// Buffered input: lines, places, byte order marks, long lines, files that cannot be read.
#include "tools/loader/text_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace obviews::tools {
namespace {

std::vector<std::string> Lines(TextSource& source) {
  std::vector<std::string> lines;
  std::string_view line;
  for (;;) {
    const auto got = source.ReadLine(line);
    if (!got) {
      lines.push_back("! " + got.error().message);
      return lines;
    }
    if (!*got) return lines;
    lines.emplace_back(line);
  }
}

class TextSourceFile : public testing::Test {
 public:
  ~TextSourceFile() override { std::filesystem::remove(path_); }

 protected:
  TextSourceFile()
      : path_(testing::TempDir() + "text_source_" +
              testing::UnitTest::GetInstance()->current_test_info()->name()) {}

  void Write(std::string_view text) { std::ofstream(path_, std::ios::binary) << text; }

  std::string path_;
};

TEST(TextSource, CutsLines) {
  const auto source = TextSource::FromText("f", "a\n\nb\r\nc");
  EXPECT_EQ(Lines(*source), (std::vector<std::string>{"a", "", "b\r", "c"}));
  EXPECT_EQ(source->line_number(), 4U);
  EXPECT_FALSE(source->line_ended());
  EXPECT_EQ(source->bytes_read(), 7U);
}

TEST(TextSource, SkipsAByteOrderMarkOnlyAtTheBeginning) {
  EXPECT_EQ(Lines(*TextSource::FromText("f",
                                        "\xEF\xBB\xBF"
                                        "a\n\xEF\xBB\xBF"
                                        "b")),
            (std::vector<std::string>{"a",
                                      "\xEF\xBB\xBF"
                                      "b"}));
  EXPECT_TRUE(Lines(*TextSource::FromText("f", "\xEF\xBB\xBF")).empty());
  EXPECT_EQ(Lines(*TextSource::FromText("f", "\xEF\xBB")).size(), 1U);
}

TEST(TextSource, KnowsWhereItStands) {
  const auto source = TextSource::FromText("f", "ab\ncde\nf");
  EXPECT_EQ(source->Peek(4).value(), "ab\nc");
  EXPECT_EQ(source->position(), (Position{1, 1}));
  source->Consume(4);
  EXPECT_EQ(source->position(), (Position{2, 2}));
  std::string_view line;
  ASSERT_TRUE(source->ReadLine(line).value());
  EXPECT_EQ(line, "de");
  EXPECT_EQ(source->line_number(), 2U);
  EXPECT_EQ(source->position(), (Position{3, 1}));
  EXPECT_EQ(source->Available().value(), "f");
  source->Consume(1);
  EXPECT_EQ(source->Available().value(), "");
  EXPECT_EQ(PlaceText("x", source->position()), "x:3:2");
}

TEST_F(TextSourceFile, ReadsLinesAcrossAndBeyondItsBuffer) {
  std::string text = "\xEF\xBB\xBF";
  std::vector<std::string> lines;
  for (size_t i = 0; i < 300; ++i) lines.emplace_back(i * 97, static_cast<char>('a' + i % 26));
  lines.emplace_back(3'000'000, 'x');
  lines.emplace_back("end");
  for (const std::string& line : lines) text += line + "\n";
  Write(text);
  const auto source = TextSource::Open(path_);
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->size(), text.size());
  EXPECT_EQ((*source)->Peek(10).value().size(), 10U);
  EXPECT_EQ(Lines(**source), lines);
  EXPECT_EQ((*source)->bytes_read(), text.size() - 3);
}

TEST_F(TextSourceFile, RefusesALineLongerThanARowMayBe) {
  Write("a\n" + std::string(2'000'000, 'x') + "\nb\n");
  const auto source = TextSource::Open(path_);
  ASSERT_TRUE(source);
  (*source)->set_max_row_bytes(1'000'000);
  EXPECT_EQ(Lines(**source), (std::vector<std::string>{
                                 "a", "! " + path_ + ":2:1: a line of more than 1000000 bytes"}));
  std::string_view line;
  EXPECT_FALSE((*source)->ReadLine(line).value());
}

TEST(TextSource, SaysWhyAFileCannotBeRead) {
  const auto missing = TextSource::Open("/nonexistent/rows.tsv");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "/nonexistent/rows.tsv: No such file or directory");
  const auto directory = TextSource::Open("/");
  ASSERT_TRUE(directory);
  EXPECT_EQ(Lines(**directory), (std::vector<std::string>{"! /: Is a directory"}));
}

}  // namespace
}  // namespace obviews::tools
