// Every format against a golden file, byte for byte, and the rules that no golden file shows.
// OBVIEWS_UPDATE_GOLDEN=1 rewrites the files in tests/data/output/ for a person to compare.
#include "tools/output/result_writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tools/output/escape.h"

namespace obviews::tools {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

struct ResultSet {
  std::vector<ColumnHeader> columns;
  std::vector<std::vector<Value>> rows;
};

ColumnHeader Text(std::string_view name) { return {.name = name}; }
ColumnHeader Number(std::string_view name) { return {.name = name, .kind = ColumnKind::kNumeric}; }

// Whatever a cell can hold.
ResultSet Edge() {
  constexpr auto kIntMin = std::numeric_limits<int64_t>::min();
  constexpr auto kUintMax = std::numeric_limits<uint64_t>::max();
  const auto null = Value::Null();
  const auto row = [](int64_t id, Value big, Value pct, Value text, Value note) {
    return std::vector<Value>{Value::Int(id), big, pct, text, note};
  };
  const auto t = [](std::string_view text) { return Value::Text(text); };
  return {{Number("ID"), Number("BIG"), Number("PCT"), Text("A_RATHER_LONG_COLUMN_NAME_OF_A_VIEW"),
           Text("NOTE")},
          {
              row(1, Value::Uint(kUintMax), Value::Real(99.5), t("plain"), t("uint64 max")),
              row(-2, Value::Int(kIntMin), Value::Real(-0.25), t("-"), t("negative")),
              row(3, null, null, null, t("NULL values")),
              row(4, Value::Int(0), Value::Real(0), t(""), t("empty")),
              row(5, Value::Int(0), Value::Real(0), t("NULL"), t("the text NULL")),
              row(6, Value::Int(0), Value::Real(0), t("tab\there"), t("tab")),
              row(7, Value::Int(0), Value::Real(0), t("two\nlines"), t("newline")),
              row(8, Value::Int(0), Value::Real(0), t("end\r\n"), t("CR LF")),
              row(9, Value::Int(0), Value::Real(0), t("say \"hi\", 'you'"), t("quotes and comma")),
              row(10, Value::Int(0), Value::Real(0), t("C:\\new\\0"), t("backslashes")),
              row(11, Value::Int(0), Value::Real(0), t("a\0b"sv), t("NUL")),
              row(12, Value::Int(0), Value::Real(0), t("\xFF\xC3("), t("invalid UTF-8")),
              row(13, Value::Int(0), Value::Real(0), t("😀"), t("four bytes")),
              row(14, Value::Int(0), Value::Real(0), t("恢复中"), t("wide")),
              row(15, Value::Int(0), Value::Real(0), t("cafe\u0301"), t("combining")),
              row(16, Value::Int(0), Value::Real(0), t("|a|b|"), t("pipes")),
              row(17, Value::Int(0), Value::Real(0), t("`db`.`t*`"), t("backticks and star")),
              row(18, Value::Int(0), Value::Real(0), t("\x1B[31m<b>"), t("escape sequence")),
              row(19, Value::Int(0), Value::Real(0), t(" padded "), t("blanks")),
          }};
}

ResultSet Empty() { return {{Number("ID"), Text("NAME")}, {}}; }

ResultSet One() {
  return {{Text("T")}, {{Value::Text("")}, {Value::Null()}, {Value::Text("NULL")}}};
}

// The shape of the listings people paste: long names, empty lists.
ResultSet Job() {
  return {{Number("TENANT_ID"), Number("JOB_ID"), Text("STATUS"), Text("TABLE_LIST"),
           Text("REMAP_TABLEGROUP_LIST"), Number("RESTORE_SCN"), Text("BACKUP_PASSWD")},
          {{Value::Int(1), Value::Int(1), Value::Text("RECOVERING"), Value::Text("`TEST`.`T1`"),
            Value::Text(""), Value::Uint(1692104831498747191), Value::Null()}}};
}

std::string Print(Format format, const ResultSet& result, const OutputOptions& options = {},
                  std::optional<std::chrono::nanoseconds> elapsed = std::nullopt) {
  StringSink sink;
  const auto writer = MakeWriter(format, sink, options);
  EXPECT_TRUE(writer->Begin(result.columns));
  for (const auto& row : result.rows) EXPECT_TRUE(writer->Row(row));
  EXPECT_TRUE(writer->End(elapsed));
  EXPECT_EQ(writer->rows(), result.rows.size());
  return sink.text();
}

struct FormatName {
  Format format;
  const char* name;

  // What a failed test calls its parameter.
  friend std::ostream& operator<<(std::ostream& out, const FormatName& f) { return out << f.name; }
};
constexpr FormatName kFormats[] = {
    {Format::kTable, "table"}, {Format::kBatch, "tsv"}, {Format::kVertical, "vertical"},
    {Format::kCsv, "csv"},     {Format::kJson, "json"}, {Format::kJsonLines, "jsonl"},
    {Format::kMarkdown, "md"},
};

struct Golden {
  const char* name;
  ResultSet (*result)();
  bool column_names;

  friend std::ostream& operator<<(std::ostream& out, const Golden& g) { return out << g.name; }
};
constexpr Golden kGoldens[] = {
    {"edge", Edge, true}, {"edge-no-names", Edge, false},   {"empty", Empty, true},
    {"one", One, true},   {"empty-no-names", Empty, false}, {"job", Job, true},
};

class GoldenTest : public testing::TestWithParam<std::tuple<Golden, FormatName>> {};

TEST_P(GoldenTest, PrintsTheFile) {
  const auto& [golden, format] = GetParam();
  const std::string printed =
      Print(format.format, golden.result(), {.column_names = golden.column_names});
  const std::string path =
      fmt::format("{}/output/{}.{}", OBVIEWS_TEST_DATA, golden.name, format.name);
  if (std::getenv("OBVIEWS_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << printed;
    FAIL() << path << " is rewritten: compare it, then run without OBVIEWS_UPDATE_GOLDEN";
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const std::string expected(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(printed, expected);
}

INSTANTIATE_TEST_SUITE_P(Output, GoldenTest,
                         testing::Combine(testing::ValuesIn(kGoldens), testing::ValuesIn(kFormats)),
                         [](const auto& param) {
                           std::string name = std::get<0>(param.param).name;
                           std::erase(name, '-');
                           return name + "_" + std::get<1>(param.param).name;
                         });

TEST(Footer, CountsRowsAndTellsTheTime) {
  struct Case {
    size_t rows;
    std::optional<std::chrono::nanoseconds> elapsed;
    const char* footer;
  };
  const Case cases[] = {
      {0, 0ns, "Empty set (0.00 sec)\n\n"},
      {0, std::nullopt, "Empty set\n\n"},
      {1, std::nullopt, "1 row in set\n\n"},
      {1, 4ms, "1 row in set (0.00 sec)\n\n"},
      {2, 1234ms, "2 rows in set (1.23 sec)\n\n"},
      {2, 90s, "2 rows in set (1 min 30.00 sec)\n\n"},
      {2, 2h + 3min, "2 rows in set (2 hours 3 min 0.00 sec)\n\n"},
      {2, 25h + 1s, "2 rows in set (1 day 1 hour 1.00 sec)\n\n"},
      {2, 49h, "2 rows in set (2 days 1 hour 0.00 sec)\n\n"},
  };
  for (const Case& c : cases) {
    ResultSet result{{Number("N")}, {}};
    result.rows.assign(c.rows, {Value::Int(7)});
    for (const Format format : {Format::kTable, Format::kBatch, Format::kVertical}) {
      EXPECT_EQ(Print(format, result, {.footer = true}, c.elapsed),
                Print(format, result) + c.footer);
    }
  }
}

TEST(Footer, NeverBreaksAMachineReadableFormat) {
  for (const Format format : {Format::kCsv, Format::kJson, Format::kJsonLines, Format::kMarkdown}) {
    EXPECT_EQ(Print(format, Edge(), {.footer = true}, 1s), Print(format, Edge()));
  }
}

TEST(Reals, HaveTheDecimalsOfTheirColumn) {
  struct Case {
    double value;
    int decimals;
    const char* line;
  };
  const Case cases[] = {
      {12.5, 2, "12.50\n"},
      {12.345, 0, "12\n"},
      {0.1, ColumnHeader::kShortest, "0.1\n"},
      {1e300, ColumnHeader::kShortest, "1e+300\n"},
      {1.0 / 3, ColumnHeader::kShortest, "0.3333333333333333\n"},
  };
  for (const Case& c : cases) {
    const ResultSet result{{{.name = "R", .kind = ColumnKind::kNumeric, .decimals = c.decimals}},
                           {{Value::Real(c.value)}}};
    EXPECT_EQ(Print(Format::kBatch, result, {.column_names = false}), c.line);
  }
}

TEST(Json, HasNoInfinityAndNoNan) {
  const ResultSet result{{Number("R")}, {{Value::Real(HUGE_VAL)}, {Value::Real(std::nan(""))}}};
  EXPECT_EQ(Print(Format::kJsonLines, result), "{\"R\":null}\n{\"R\":null}\n");
}

TEST(Json, KeepsKeysInOrderAndTwice) {
  const ResultSet result{{Number("B"), Text("A\n\""), Number("B")},
                         {{Value::Int(1), Value::Text("x"), Value::Int(2)}}};
  EXPECT_EQ(Print(Format::kJsonLines, result), "{\"B\":1,\"A\\n\\\"\":\"x\",\"B\":2}\n");
}

TEST(Json, IsReadBackByAStrictParser) {
  const ResultSet edge = Edge();
  const auto parsed = nlohmann::json::parse(Print(Format::kJson, edge), nullptr, false);
  ASSERT_EQ(parsed.size(), edge.rows.size());
  for (size_t i = 0; i < edge.rows.size(); ++i) {
    const auto& object = parsed[i];
    EXPECT_EQ(object["ID"].get<int64_t>(), edge.rows[i][0].as_int());
    const auto& cell = object["A_RATHER_LONG_COLUMN_NAME_OF_A_VIEW"];
    if (edge.rows[i][3].is_null()) {
      EXPECT_TRUE(cell.is_null());
      continue;
    }
    std::string bytes;
    DecodeJsonBytes(cell.get<std::string>(), bytes);
    EXPECT_EQ(bytes, edge.rows[i][3].as_text());
  }
  EXPECT_EQ(parsed[0]["BIG"].get<uint64_t>(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(parsed[1]["BIG"].get<int64_t>(), std::numeric_limits<int64_t>::min());
}

TEST(Names, AreEscapedWhereARawOneWouldBreakTheFormat) {
  struct Case {
    Format format;
    const char* printed;
  };
  const Case cases[] = {
      {Format::kBatch, "a\\tb\\n|\tNULL\n1\t2\n"},
      {Format::kCsv, "\"a\tb\n|\",\"NULL\"\n1,2\n"},
      {Format::kMarkdown, "| a\tb<br>\\| | NULL |\n| --- | --- |\n| 1 | 2 |\n"},
      {Format::kTable,
       "+-------+------+\n| a␉b␊| | NULL |\n+-------+------+\n| 1     | 2    |\n"
       "+-------+------+\n"},
  };
  const ResultSet result{{Text("a\tb\n|"), Text("NULL")}, {{Value::Int(1), Value::Int(2)}}};
  for (const Case& c : cases) EXPECT_EQ(Print(c.format, result), c.printed);
}

TEST(Vertical, AlignsNamesByTheirWidthOnTheTerminal) {
  const ResultSet result{{Number("名字"), Number("ID"), Number("LONGER")},
                         {{Value::Int(1), Value::Int(2), Value::Int(3)}}};
  EXPECT_EQ(Print(Format::kVertical, result),
            "*************************** 1. row ***************************\n"
            "  名字: 1\n"
            "    ID: 2\n"
            "LONGER: 3\n");
}

TEST(Markdown, SeparatesTheTablesOfTwoStatements) {
  StringSink sink;
  for (int i = 0; i < 2; ++i) {
    const auto writer = MakeWriter(Format::kMarkdown, sink);
    ASSERT_TRUE(writer->Begin(One().columns));
    ASSERT_TRUE(writer->Row(One().rows[1]));
    ASSERT_TRUE(writer->End());
  }
  EXPECT_EQ(sink.text(), "| T |\n| --- |\n| NULL |\n\n| T |\n| --- |\n| NULL |\n");
}

TEST(ResultWriter, RefusesRowsOfAnotherShape) {
  StringSink sink;
  const auto writer = MakeWriter(Format::kBatch, sink);
  EXPECT_EQ(writer->Begin({}).error().code, ErrorCode::kInternal);
  ASSERT_TRUE(writer->Begin(One().columns));
  EXPECT_EQ(writer->Row(std::array<Value, 2>{}).error().message,
            "a row of 2 values in a result of 1 columns");
  EXPECT_EQ(sink.text(), "");
}

TEST(ResultWriter, StopsSoonAfterItsReaderHasGone) {
  for (const FormatName& format : kFormats) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    ::close(pipe[0]);
    FdSink sink(pipe[1], "the pipe");
    const auto writer = MakeWriter(format.format, sink);
    const ResultSet job = Job();
    ASSERT_TRUE(writer->Begin(job.columns));
    int rows = 0;
    while (rows < 100'000 && writer->Row(job.rows[0])) ++rows;
    EXPECT_LE(rows, 10'000) << format.name;
    EXPECT_TRUE(sink.reader_gone()) << format.name;
    EXPECT_FALSE(writer->End()) << format.name;
    ::close(pipe[1]);
  }
}

}  // namespace

}  // namespace obviews::tools
