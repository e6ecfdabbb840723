// Batches as TSV: byte by byte what the --batch writer prints of the same values.
#include "tools/output/tsv_batch.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tools/output/result_writer.h"

namespace obviews::tools {
namespace {

using vtab::ShownColumn;
/// nullopt: NULL.
using Cell = std::optional<std::string>;
using Column = std::vector<Cell>;

/// Keeps the cells that columns refer to.
class Cells {
 public:
  explicit Cells(std::vector<Column> columns) : cells_(std::move(columns)) {
    texts_.resize(cells_.size());
    for (size_t i = 0; i < cells_.size(); ++i) {
      for (const Cell& cell : cells_[i]) {
        texts_[i].push_back(cell ? std::string_view(cell->c_str(), cell->size())
                                 : std::string_view());
      }
      ShownColumn& shown = shown_.emplace_back();
      shown.texts = texts_[i];
    }
  }
  /// The column shows its first cell in every row.
  void SetConstant(size_t column) {
    shown_[column].constant = true;
    shown_[column].text = texts_[column][0];
    shown_[column].texts = {};
    for (Cell& cell : cells_[column]) cell = cells_[column][0];
  }
  void SetPlain(size_t column) { shown_[column].plain = true; }

  size_t rows() const { return cells_[0].size(); }
  const std::vector<ShownColumn>& shown() const { return shown_; }

  std::string Batch() const {
    TsvBatch tsv;
    std::string out;
    tsv.Append(shown_, rows(), &out);
    return out;
  }
  std::string Written() const {
    StringSink sink;
    OutputOptions options;
    options.column_names = false;
    auto writer = MakeWriter(Format::kBatch, sink, options);
    std::vector<ColumnHeader> headers(cells_.size());
    for (ColumnHeader& header : headers) header.name = "C";
    EXPECT_TRUE(writer->Begin(headers));
    for (size_t row = 0; row < rows(); ++row) {
      std::vector<Value> values;
      for (const Column& column : cells_) {
        values.push_back(column[row] ? Value::Text(*column[row]) : Value::Null());
      }
      EXPECT_TRUE(writer->Row(values));
    }
    EXPECT_TRUE(writer->End());
    return sink.text();
  }

 private:
  std::vector<Column> cells_;
  std::vector<std::vector<std::string_view>> texts_;
  std::vector<ShownColumn> shown_;
};

TEST(TsvBatch, PrintsARowALine) {
  Cells cells(std::vector<Column>{{"1", "2"}, {"x", {}}, {"", "NULL"}});
  EXPECT_EQ(cells.Batch(), "1\tx\t\n2\tNULL\t\\NULL\n");
  EXPECT_EQ(cells.Batch(), cells.Written());
}

TEST(TsvBatch, EscapesEveryByteAsTheWriterDoes) {
  Column alone;
  Column inside;
  Column at_the_end;
  for (int byte = 0; byte < 256; ++byte) {
    std::string text(1, static_cast<char>(byte));
    alone.emplace_back(text);
    // In the first eight bytes, behind them, and in a tail that is no full eight.
    inside.emplace_back("abc" + text + "defghijklmnop");
    at_the_end.emplace_back("abcdefghijk" + text);
  }
  EXPECT_EQ(Cells(std::vector<Column>{alone, inside, at_the_end}).Batch(),
            Cells(std::vector<Column>{alone, inside, at_the_end}).Written());
}

TEST(TsvBatch, TellsNullFromTextsLikeIt) {
  Column column = {"NULL",
                   {},
                   "",
                   "null",
                   "NULL ",
                   " NULL",
                   "\\N",
                   "NUL",
                   "NULLNULL",
                   std::string("NULL\0", 5),
                   "\xE8\xA1\xA8",
                   "\xF0\x9F\x97\x84",
                   "\xFF\xFE"};
  EXPECT_EQ(Cells(std::vector<Column>{column}).Batch(),
            Cells(std::vector<Column>{column}).Written());
}

TEST(TsvBatch, ConstantColumnsAreTheSameInEveryRow) {
  std::vector<Column> columns = {
      {"a", "a", "a"}, {"1", "2", "3"}, {{}, {}, {}}, {"\t", "\t", "\t"}, {"x", {}, "z"}};
  for (unsigned constants = 0; constants < 32; ++constants) {
    Cells cells(columns);
    for (size_t i = 0; i < columns.size(); ++i) {
      if ((constants >> i & 1U) != 0) cells.SetConstant(i);
    }
    EXPECT_EQ(cells.Batch(), cells.Written()) << constants;
  }
}

TEST(TsvBatch, KeepsNothingOfTheBatchBefore) {
  TsvBatch tsv;
  std::string out = "kept\n";
  Cells wide(std::vector<Column>{{"1"}, {"2"}, {"3"}, {"4"}});
  Cells narrow(std::vector<Column>{{"5", "6"}});
  Cells constant(std::vector<Column>{{"7", "8"}, {"9", "9"}});
  constant.SetConstant(1);
  tsv.Append(wide.shown(), wide.rows(), &out);
  tsv.Append(narrow.shown(), narrow.rows(), &out);
  tsv.Append(constant.shown(), constant.rows(), &out);
  tsv.Append(narrow.shown(), 0, &out);
  EXPECT_EQ(out, "kept\n1\t2\t3\t4\n5\n6\n7\t9\n8\t9\n");
}

TEST(TsvBatch, RandomRowsAreTheWritersBytes) {
  std::mt19937_64 random(4);
  static constexpr const char* kPieces[] = {"a",    "\\",       "\n",           "\t",
                                            "\r",   "NULL",     "\x1F",         " ",
                                            "\x7F", "\xC3\x28", "\xE8\xA1\xA8", "0123456789"};
  for (int round = 0; round < 200; ++round) {
    std::vector<Column> columns(1 + random() % 6);
    size_t rows = 1 + random() % 20;
    for (Column& column : columns) {
      for (size_t row = 0; row < rows; ++row) {
        if (random() % 6 == 0) {
          column.emplace_back();
          continue;
        }
        std::string text;
        for (uint64_t i = random() % 6; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
        if (random() % 20 == 0) text.append(random() % 100000, 'x');
        column.emplace_back(text);
      }
    }
    Cells cells(columns);
    for (size_t i = 0; i < columns.size(); ++i) {
      if (random() % 4 == 0) cells.SetConstant(i);
    }
    ASSERT_EQ(cells.Batch(), cells.Written());
  }
}

TEST(TsvBatch, PlainColumnsArePrintedAsTheyAre) {
  Cells cells(std::vector<Column>{{"2023-08-16 21:08:49.492389", {}, "-1"}});
  cells.SetPlain(0);
  EXPECT_EQ(cells.Batch(), "2023-08-16 21:08:49.492389\nNULL\n-1\n");
}

}  // namespace
}  // namespace obviews::tools
