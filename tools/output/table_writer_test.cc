// How a table finds its widths, and what happens to the rows that come after.
#include "tools/output/table_writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace obviews::tools {
namespace {

const std::vector<ColumnHeader> kColumns = {{.name = "N", .kind = ColumnKind::kNumeric},
                                            {.name = "TEXT"}};

class TableWriterTest : public testing::Test {
 protected:
  void Begin(const OutputOptions& options) {
    writer_ = std::make_unique<TableWriter>(sink_, options);
    ASSERT_TRUE(writer_->Begin(kColumns));
  }
  void Row(int64_t number, std::string_view text) {
    ASSERT_TRUE(writer_->Row(std::vector<Value>{Value::Int(number), Value::Text(text)}));
  }
  std::string End() {
    EXPECT_TRUE(writer_->End());
    return sink_.text();
  }

  StringSink sink_;
  std::unique_ptr<TableWriter> writer_;
};

TEST_F(TableWriterTest, StreamsRowsOnceItsRowLimitIsReached) {
  Begin({.table_rows = 2});
  Row(1, "a");
  EXPECT_EQ(sink_.text(), "");
  Row(22, "b");
  EXPECT_EQ(sink_.text(),
            "+----+------+\n"
            "| N  | TEXT |\n"
            "+----+------+\n"
            "|  1 | a    |\n"
            "| 22 | b    |\n");
}

TEST_F(TableWriterTest, StreamsRowsOnceItsByteLimitIsReached) {
  Begin({.table_bytes = 1000});
  Row(1, "a");
  EXPECT_EQ(sink_.text(), "");
  Row(2, std::string(1000, 'x'));
  EXPECT_NE(sink_.text(), "");
}

TEST_F(TableWriterTest, LetsALaterWiderCellStickOutAndCutsNothing) {
  Begin({.table_rows = 1});
  Row(1, "narrow");
  Row(12345, "much wider than that");
  Row(2, "again");
  EXPECT_EQ(End(),
            "+---+--------+\n"
            "| N | TEXT   |\n"
            "+---+--------+\n"
            "| 1 | narrow |\n"
            "| 12345 | much wider than that |\n"
            "| 2 | again  |\n"
            "+---+--------+\n");
}

TEST_F(TableWriterTest, PadsNoFurtherThan1024ColumnsLikeTheMySqlClient) {
  Begin({});
  Row(1, std::string(1030, 'x'));
  Row(2, "short");
  const std::string rule = "+---+" + std::string(1032, '-') + "+\n";
  EXPECT_EQ(End(), rule + "| N | TEXT" + std::string(1020, ' ') + " |\n" + rule + "| 1 | " +
                       std::string(1030, 'x') + " |\n| 2 | short" + std::string(1019, ' ') +
                       " |\n" + rule);
}

TEST(TableWriter, KeepsRoomForNullInANullableColumn) {
  const std::vector<ColumnHeader> columns = {{.name = "A", .nullable = true}, {.name = "B"}};
  StringSink sink;
  TableWriter writer(sink, {});
  ASSERT_TRUE(writer.Begin(columns));
  ASSERT_TRUE(writer.Row(std::vector<Value>{Value::Text("x"), Value::Text("y")}));
  ASSERT_TRUE(writer.End());
  EXPECT_EQ(sink.text(),
            "+------+---+\n"
            "| A    | B |\n"
            "+------+---+\n"
            "| x    | y |\n"
            "+------+---+\n");
}

}  // namespace
}  // namespace obviews::tools
