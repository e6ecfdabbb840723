// Memory: a million rows of every format pass through a reader that stays small, and cells of
// 64 MiB come out whole.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tools/loader/rows_for_test.h"

namespace obviews::tools {
namespace {

// Memory this process holds now, in KiB.
int64_t ResidentMemory() {
  int64_t total = 0;
  int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

struct Shape {
  const char* name;
  const char* begin;
  const char* row;  // %d is the number of the row
  const char* end;
  int further = 0;  // rows beside the million
};

class Streaming : public testing::TestWithParam<Shape> {
 public:
  ~Streaming() override { std::filesystem::remove(path_); }

 protected:
  Streaming() : path_(testing::TempDir() + "streaming_" + GetParam().name) {}
  std::string path_;
};

TEST_P(Streaming, AMillionRowsInConstantMemory) {
  const int rows = kSanitized ? 50'000 : 1'000'000;
  {
    std::ofstream file(path_, std::ios::binary);
    file << GetParam().begin;
    char line[256];
    for (int i = 1; i <= rows; ++i) {
      const int size = std::snprintf(line, sizeof line, GetParam().row, i);
      file.write(line, size);
    }
    file << GetParam().end;
    ASSERT_TRUE(file.flush());
  }
  const int64_t before = ResidentMemory();
  int64_t most = before;
  auto reader = OpenRows(path_, InputFormat::kAuto);
  ASSERT_TRUE(reader);
  ParsedRow row;
  int seen = 0;
  for (;; ++seen) {
    if (seen % 50'000 == 0) most = std::max(most, ResidentMemory());
    const auto got = (*reader)->Next(row);
    ASSERT_TRUE(got) << got.error().message;
    if (!*got) break;
    ASSERT_EQ(row.cells.size(), 3U);
    if (seen < rows && seen % 1000 == 0) {
      ASSERT_EQ(row.cells[0].text, std::to_string(seen + 1));
    }
  }
  EXPECT_EQ(seen, rows + GetParam().further);
  EXPECT_EQ((*reader)->source().bytes_read(), (*reader)->source().size());
  if (!kSanitized) {
    EXPECT_LT(most - before, 8 * 1024);
  }
}

const Shape kShapes[] = {
    {"tsv", "JOB_ID\tA\tB\n", "%d\tNULL\tsome text\\n\n", ""},
    {"csv", "JOB_ID,A,B\r\n", "%d,NULL,\"some\r\n\"\"text\"\"\"\r\n", ""},
    {"jsonl", "", "{\"JOB_ID\":%d,\"A\":null,\"B\":\"some text\\n\"}\n", ""},
    {"json", "[", "{\"JOB_ID\":%d,\"A\":1,\"B\":\"}\"},\n", "{\"JOB_ID\":0,\"A\":1,\"B\":\"\"}]",
     1},
    {"vertical", "", "*** 1. row ***\nJOB_ID: %d\n     A: NULL\n     B: some\ntext\n",
     "1 row in set\n"},
    {"boxed", "+--------+---+---+\n| JOB_ID | A | B |\n+--------+---+---+\n",
     "| %d | NULL | some|text |\n", "+--------+---+---+\n"},
};

INSTANTIATE_TEST_SUITE_P(Formats, Streaming, testing::ValuesIn(kShapes),
                         [](const auto& info) { return info.param.name; });

TEST(HugeCells, ComeOutWhole) {
  const std::string huge(size_t{64} << 20, 'x');
  struct {
    InputFormat format;
    std::string begin;
    std::string end;
  } const kCases[] = {
      {InputFormat::kTsv, "JOB_ID\tA\n1\t", "\\n\n"},
      {InputFormat::kCsv, "JOB_ID,A\n1,\"", "\n\"\n"},
      {InputFormat::kJsonl, "{\"JOB_ID\":1,\"A\":\"", "\\n\"}\n"},
      {InputFormat::kJson, "[{\"JOB_ID\":1,\"A\":\"", "\\n\"}]"},
      {InputFormat::kTranscript, "*** 1. row ***\nJOB_ID: 1\n     A: ", "\n1 row in set\n"},
      {InputFormat::kTranscript, "+--------+---+\n| JOB_ID | A |\n+--------+---+\n| 1 | ",
       " |\n+-+-+\n"},
  };
  for (const auto& c : kCases) {
    auto reader = ReadRows(TextSource::FromText("f", c.begin + huge + c.end), InputFormat::kAuto);
    ASSERT_TRUE(reader) << c.begin;
    ParsedRow row;
    ASSERT_TRUE((*reader)->Next(row).value()) << c.begin;
    ASSERT_EQ(row.cells.size(), 2U);
    const size_t newline = c.format == InputFormat::kTranscript ? 0 : 1;
    EXPECT_EQ(row.cells[1].text.size(), huge.size() + newline) << c.begin;
    EXPECT_FALSE((*reader)->Next(row).value()) << c.begin;
  }
}

}  // namespace
}  // namespace obviews::tools
