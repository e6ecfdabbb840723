// Dumps: the same bytes whatever the number of threads, those of the --batch writer.
#include "tools/cli/tsv_dump.h"

#include <gtest/gtest.h>

#include <map>

#include "tools/output/result_writer.h"
#include "virtual_tables/testing.h"

namespace obviews::tools {
namespace {

using engine::testing::Task;
using schema::Record;
using schema::RecordKind;
using vtab::Predicate;
using vtab::ScanRequest;
using vtab::Session;
using vtab::testing::KeepForAllTests;
using vtab::testing::SessionOf;
using vtab::testing::TestStore;

/// Live and history tasks, each more than several stretches.
const TestStore& ManyTasks() {
  static const TestStore& kStore = KeepForAllTests([] {
    auto store = std::make_unique<TestStore>();
    for (RecordKind kind : {RecordKind::kImportTask, RecordKind::kImportTaskHistory}) {
      std::vector<Record> records;
      int64_t base = kind == RecordKind::kImportTask ? 1000000 : 0;
      for (int64_t i = 0; i < 36000; ++i) {
        // Task ids fall from job to job: the order of jobs is not that of tasks.
        int64_t job = i / 5000;
        records.push_back(
            Task(1002 + 2 * (i % 2), job, base + (20 - job) * 5000 + i % 5000, "FINISH", kind));
        records.back().Set("src_table", i % 100 == 0 ? "NULL" : "t\\" + std::to_string(i % 1000));
        records.back().Set("result", i % 1000 == 7 ? "FAILED" : "");
        records.back().Set("start_ts", i % 9000 == 0 ? INT64_MIN : 1692191329492389 + i);
      }
      store->Put(records);
    }
    return store;
  }());
  return kStore;
}

struct Dumped {
  std::string text;
  uint64_t rows = 0;
  std::string warning;
};

Dumped Dump(const Session& session, const ScanRequest& request, unsigned threads) {
  Dumped out;
  auto warning = DumpTsv(ManyTasks().snapshot(), session, request, threads,
                         [&](std::string_view text, uint64_t rows) -> Status {
                           out.text += text;
                           out.rows += rows;
                           return {};
                         });
  EXPECT_TRUE(warning) << warning.error().message;
  out.warning = warning.value_or("");
  return out;
}

/// The same rows by the writer, value by value.
Dumped Written(const Session& session, const ScanRequest& request) {
  Dumped out;
  StringSink sink;
  OutputOptions options;
  options.column_names = false;
  auto writer = MakeWriter(Format::kBatch, sink, options);
  std::vector<ColumnHeader> headers(request.view->columns.size());
  EXPECT_TRUE(writer->Begin(headers));
  vtab::ViewCursor cursor(ManyTasks().snapshot(), session, request);
  std::vector<Value> values(request.view->columns.size());
  for (auto more = cursor.Next(); more && *more; more = cursor.Next()) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = *cursor.Column(i);
    EXPECT_TRUE(writer->Row(values));
    ++out.rows;
  }
  EXPECT_TRUE(writer->End());
  out.text = sink.text();
  out.warning = cursor.warning();
  return out;
}

void ExpectSame(const Dumped& dumped, const Dumped& expected) {
  EXPECT_EQ(dumped.rows, expected.rows);
  EXPECT_TRUE(dumped.text == expected.text) << dumped.text.size() << " " << expected.text.size();
  EXPECT_EQ(dumped.warning, expected.warning);
}

class Views : public ::testing::TestWithParam<const char*> {};

TEST_P(Views, AreDumpedAlikeByAnyNumberOfThreads) {
  Session session = SessionOf(1);
  ScanRequest request;
  request.view = session.FindView(GetParam());
  Dumped expected = Written(session, request);
  EXPECT_EQ(expected.rows, 36000U);
  EXPECT_NE(expected.warning, "");
  for (unsigned threads : {1U, 2U, 5U, 64U}) {
    SCOPED_TRACE(threads);
    ExpectSame(Dump(session, request, threads), expected);
  }
}

TEST_P(Views, OfSomeRowsAreDumpedAlikeByAnyNumberOfThreads) {
  Session session = SessionOf(1);
  ScanRequest request;
  request.view = session.FindView(GetParam());
  int result = request.view->FindColumn("RESULT");
  int table = request.view->FindColumn("SRC_TABLE");
  int job = request.view->FindColumn("JOB_ID");
  for (const Predicate& predicate :
       {Predicate::Compare(result, vtab::CompareOp::kEq, std::string("FAILED")),
        Predicate::Like(table, "%7"), Predicate::Compare(job, vtab::CompareOp::kGe, int64_t{4}),
        Predicate::Compare(result, vtab::CompareOp::kEq, std::string("none"))}) {
    request.predicate = predicate;
    SCOPED_TRACE(ToSql(predicate, *request.view));
    Dumped expected = Written(session, request);
    for (unsigned threads : {1U, 2U, 5U}) ExpectSame(Dump(session, request, threads), expected);
  }
}

TEST_P(Views, OfAFewTasksComeInKeyOrder) {
  Session session = SessionOf(1);
  ScanRequest request;
  request.view = session.FindView(GetParam());
  int64_t base = std::string_view(GetParam()).ends_with("TASKS") ? 1000000 : 0;
  request.predicate = Predicate::In(request.view->FindColumn("TASK_ID"),
                                    {base + 70000, base + 80001, base + 90002, base + 99999});
  ScanRequest in_order = request;
  in_order.in_key_order = true;
  Dumped expected = Written(session, in_order);
  EXPECT_EQ(expected.rows, 4U);
  for (unsigned threads : {1U, 2U}) {
    SCOPED_TRACE(threads);
    ExpectSame(Dump(session, request, threads), expected);
  }
}

TEST_P(Views, WithALimitAreCutThere) {
  Session session = SessionOf(1);
  ScanRequest request;
  request.view = session.FindView(GetParam());
  request.limit = 33333;
  request.offset = 17;
  Dumped expected = Written(session, request);
  EXPECT_EQ(expected.rows, 33333U);
  for (unsigned threads : {1U, 5U}) {
    EXPECT_TRUE(Dump(session, request, threads).text == expected.text) << threads;
  }
}

INSTANTIATE_TEST_SUITE_P(TsvDump, Views,
                         ::testing::Values("CDB_OB_IMPORT_TABLE_TASKS",
                                           "CDB_OB_IMPORT_TABLE_TASK_HISTORY"),
                         [](const auto& info) {
                           return std::string(info.param).ends_with("TASKS") ? "Live" : "History";
                         });

TEST(TsvDump, EndsWhenTheTakerFails) {
  Session session = SessionOf(1);
  ScanRequest request;
  request.view = session.FindView("CDB_OB_IMPORT_TABLE_TASK_HISTORY");
  for (unsigned threads : {1U, 2U, 5U}) {
    int taken = 0;
    auto ended = DumpTsv(ManyTasks().snapshot(), session, request, threads,
                         [&](std::string_view, uint64_t) -> Status {
                           if (++taken == 2) return Fail(ErrorCode::kInvalidArgument, "enough");
                           return {};
                         });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().message, "enough");
    EXPECT_EQ(taken, 2);
  }
}

}  // namespace
}  // namespace obviews::tools
