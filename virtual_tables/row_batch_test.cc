// Batches of shown rows, and rows of blocks: cell by cell what a scan of the same request shows
// value by value, for every view, mode, zone and request.
#include "virtual_tables/row_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "virtual_tables/block_values.h"
#include "virtual_tables/testing.h"

namespace obviews::vtab {
namespace {

using engine::testing::RandomRecord;
using engine::testing::Task;
using schema::Mode;
using schema::Record;
using schema::RecordKind;
using testing::KeepForAllTests;
using testing::SessionOf;
using testing::TestStore;

/// A cell as text; nullopt: NULL.
using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

struct Shown {
  std::vector<Row> rows;
  ScanStats stats;
  uint64_t out_of_range = 0;
  std::string warning;
  std::string error;
};

Cell ToCell(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return std::nullopt;
    case Value::Kind::kInt:
      return fmt::format("{}", value.as_int());
    case Value::Kind::kUint:
      return fmt::format("{}", value.as_uint());
    case Value::Kind::kReal:
      return fmt::format("{:.2f}", value.as_real());
    case Value::Kind::kText:
      break;
  }
  return std::string(value.as_text());
}

std::vector<size_t> ColumnsOf(const ScanRequest& request) {
  if (request.columns) return *request.columns;
  std::vector<size_t> all;
  for (size_t i = 0; i < request.view->columns.size(); ++i) all.push_back(i);
  return all;
}

using SnapshotPtr = std::shared_ptr<const engine::Snapshot>;

Shown ByValue(const SnapshotPtr& snapshot, const Session& session, const ScanRequest& request) {
  ViewCursor cursor(snapshot, session, request);
  Shown out;
  for (;;) {
    auto more = cursor.Next();
    if (!more) out.error = more.error().message;
    if (!more || !*more) break;
    Row row;
    for (size_t column : ColumnsOf(request)) {
      auto value = cursor.Column(column);
      if (!value) out.error = value.error().message;
      row.push_back(value ? ToCell(*value) : Cell("error"));
    }
    out.rows.push_back(std::move(row));
  }
  out.stats = cursor.stats();
  out.warning = cursor.warning();
  return out;
}

Shown ByBatch(const SnapshotPtr& snapshot, const Session& session, const ScanRequest& request) {
  BatchCursor cursor(snapshot, session, request);
  Shown out;
  for (;;) {
    auto more = cursor.Next();
    if (!more) out.error = more.error().message;
    if (!more || !*more) break;
    EXPECT_GT(cursor.rows(), 0U);
    EXPECT_EQ(cursor.columns().size(), ColumnsOf(request).size());
    for (size_t row = 0; row < cursor.rows(); ++row) {
      Row cells;
      for (const ShownColumn& column : cursor.columns()) {
        std::string_view text = column.at(row);
        cells.push_back(text.data() == nullptr ? Cell() : Cell(text));
        EXPECT_TRUE(!column.plain || text.find_first_not_of("0123456789-+:. ") == text.npos)
            << text;
      }
      out.rows.push_back(std::move(cells));
    }
  }
  out.stats = cursor.stats();
  out.warning = cursor.warning();
  return out;
}

/// nullopt: the records are not kept in blocks.
std::optional<Shown> ByBlock(const SnapshotPtr& snapshot, const Session& session,
                             const ScanRequest& request) {
  ViewCursor cursor(snapshot, session, request);
  BlockValues values(snapshot, session, *request.view, ColumnsOf(request), TimeForm::kShown);
  Shown out;
  for (;;) {
    auto next = cursor.NextRows();
    if (!next) out.error = next.error().message;
    if (!next || next->end) return out;
    if (next->block == nullptr) return std::nullopt;
    values.Begin(*next->block);
    for (uint32_t number : next->rows) {
      Row row;
      for (size_t column : ColumnsOf(request)) {
        auto value = values.Show(number, column);
        if (!value) out.error = value.error().message;
        row.push_back(value ? ToCell(*value) : Cell("error"));
        EXPECT_TRUE(!values.IsAlike(column) || out.rows.empty() || number == next->rows.front() ||
                    row.back() == out.rows.back()[row.size() - 1]);
      }
      out.rows.push_back(std::move(row));
    }
  }
}

std::string Describe(const Row& row) {
  std::string out;
  for (const Cell& cell : row) out += (cell ? "'" + cell->substr(0, 60) + "'" : "NULL") + " ";
  return out;
}

void ExpectSameRows(const Shown& shown, const Shown& expected, const ScanRequest& request) {
  EXPECT_EQ(shown.error, expected.error);
  ASSERT_EQ(shown.rows.size(), expected.rows.size());
  for (size_t i = 0; i < shown.rows.size(); ++i) {
    if (shown.rows[i] == expected.rows[i]) continue;
    for (size_t column = 0; column < shown.rows[i].size(); ++column) {
      ASSERT_EQ(shown.rows[i][column], expected.rows[i][column])
          << "row " << i << ", " << request.view->columns[ColumnsOf(request)[column]].name << "\n"
          << Describe(expected.rows[i]);
    }
  }
}

/// Rows, errors and warnings are the same; so is what was handed over.
void ExpectSame(const TestStore& store, const Session& session, const ScanRequest& request) {
  // Of one snapshot, which has one time: what runs still has an age.
  SnapshotPtr snapshot = store.snapshot();
  Shown expected = ByValue(snapshot, session, request);
  Shown shown = ByBatch(snapshot, session, request);
  ExpectSameRows(shown, expected, request);
  auto by_block = ByBlock(snapshot, session, request);
  if (by_block) ExpectSameRows(*by_block, expected, request);
  EXPECT_EQ(shown.warning, expected.warning);
  EXPECT_EQ(shown.stats.records_returned, expected.stats.records_returned);
  if (!request.limit) {
    // A batch looks at no more, but a limit may end inside one.
    EXPECT_EQ(shown.stats.records_read, expected.stats.records_read);
    EXPECT_EQ(shown.stats.records_decoded, expected.stats.records_decoded);
  }
}

/// Random records of every kind, history tasks enough for several blocks of a job.
const TestStore& RandomStore() {
  static const TestStore& kStore = KeepForAllTests([] {
    std::mt19937_64 random(21);
    auto store = std::make_unique<TestStore>();
    std::vector<Record> records;
    for (const schema::RecordType& type : schema::RecordTypes()) {
      for (int i = 0; i < 60; ++i) records.push_back(RandomRecord(type.kind, random));
    }
    // As tasks are, with columns that are constant, the same, strides and dictionaries.
    for (int64_t i = 0; i < 2500; ++i) {
      Record task =
          Task(1002, 9, 5000 + i, i % 10 == 0 ? "DOING" : "FINISH", RecordKind::kImportTaskHistory);
      task.Set("src_database", "shop");
      task.Set("src_table", "table_" + std::to_string(i));
      task.Set("target_table", i % 7 == 0 ? "" : "table_" + std::to_string(i));
      task.Set("result", i % 50 == 0 ? "FAILED" : i % 10 == 0 ? "" : "SUCCEESS");
      task.Set("start_ts", i % 9 == 0 ? int64_t{-1} : 1692191329492389 + i * 1000000);
      task.Set("completion_ts",
               i % 10 == 0 ? int64_t{-1} : 1692191329492389 + i * 1000000 + i % 77);
      task.Set("comment", i % 1000 == 999 ? std::string(5000, 'c') : std::string());
      records.push_back(std::move(task));
    }
    store->Put(records);
    return store;
  }());
  return kStore;
}

struct Asked {
  const char* name;
  int64_t tenant;
  Mode mode;
  const char* zone;
  bool show_secrets;
  schema::RestoreShape shape;
};
void PrintTo(const Asked& asked, std::ostream* out) { *out << asked.name; }

class Batches : public ::testing::TestWithParam<Asked> {
 protected:
  static Session session() {
    Session session = SessionOf(GetParam().tenant, GetParam().mode, GetParam().zone);
    session.show_secrets = GetParam().show_secrets;
    session.shape = GetParam().shape;
    return session;
  }
  static std::vector<const schema::View*> Views(const Session& session) {
    std::vector<const schema::View*> out;
    for (const schema::View& view : session.catalog().views()) {
      if (session.FindView(view.name) == &view) out.push_back(&view);
    }
    return out;
  }
};

INSTANTIATE_TEST_SUITE_P(
    RowBatch, Batches,
    ::testing::Values(
        Asked{"Sys", 1, Mode::kMySql, "+08:00", false, schema::RestoreShape::k421},
        Asked{"SysWithSecrets", 1, Mode::kMySql, "+08:00", true, schema::RestoreShape::k421},
        Asked{"SysFarEast", 1, Mode::kMySql, "+14:00", false, schema::RestoreShape::k423},
        Asked{"SysFarWest", 1, Mode::kMySql, "-12:59", false, schema::RestoreShape::k433},
        Asked{"SysWithSummerTime", 1, Mode::kMySql, "America/New_York", false,
              schema::RestoreShape::k433},
        Asked{"MySqlTenant", 1002, Mode::kMySql, "Asia/Shanghai", false,
              schema::RestoreShape::k433},
        Asked{"OracleTenant", 1002, Mode::kOracle, "+08:00", false, schema::RestoreShape::k421},
        Asked{"OracleTenantWithSecrets", 1002, Mode::kOracle, "-03:30", true,
              schema::RestoreShape::k433}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(Batches, ShowWhatAScanShows) {
  Session asked = session();
  for (const schema::View* view : Views(asked)) {
    SCOPED_TRACE(view->name);
    ScanRequest request;
    request.view = view;
    ExpectSame(RandomStore(), asked, request);
  }
}

TEST_P(Batches, OfSomeColumnsHaveJustThose) {
  Session asked = session();
  std::mt19937_64 random(22);
  for (const schema::View* view : Views(asked)) {
    SCOPED_TRACE(view->name);
    for (int i = 0; i < 8; ++i) {
      ScanRequest request;
      request.view = view;
      request.columns.emplace();
      // Any order, now and then one twice.
      for (uint64_t n = 1 + random() % 5; n > 0; --n) {
        request.columns->push_back(random() % view->columns.size());
      }
      ExpectSame(RandomStore(), asked, request);
    }
  }
}

/// A condition that some rows of the view meet: equal to a shown value, or the like.
Predicate RandomPredicate(const schema::View& view, const std::vector<Row>& rows,
                          std::mt19937_64& random) {
  auto column = static_cast<int>(random() % view.columns.size());
  auto literal = [&]() -> Literal {
    const Cell& cell = rows[random() % rows.size()][static_cast<size_t>(column)];
    if (!cell) return std::monostate{};
    return *cell;
  };
  switch (random() % 8) {
    case 0:
      return Predicate::IsNull(column);
    case 1:
      return Predicate::IsNotNull(column);
    case 2:
      return Predicate::Compare(column, CompareOp::kLt, literal());
    case 3:
      return Predicate::Compare(column, CompareOp::kGe, literal());
    case 4:
      return Predicate::In(column, {literal(), literal(), literal()});
    case 5:
      return Predicate::Like(column, "%2%");
    case 6:
      return Predicate::Or(
          {RandomPredicate(view, rows, random), RandomPredicate(view, rows, random)});
    default:
      return Predicate::And(
          {RandomPredicate(view, rows, random), RandomPredicate(view, rows, random)});
  }
}

TEST_P(Batches, OfSomeRowsHaveThoseThatAScanFinds) {
  Session asked = session();
  std::mt19937_64 random(23);
  for (const schema::View* view : Views(asked)) {
    SCOPED_TRACE(view->name);
    ScanRequest all;
    all.view = view;
    std::vector<Row> rows = ByValue(RandomStore().snapshot(), asked, all).rows;
    if (rows.empty()) continue;
    for (int i = 0; i < 25 && !HasFailure(); ++i) {
      ScanRequest request;
      request.view = view;
      request.predicate = RandomPredicate(*view, rows, random);
      if (random() % 3 == 0) request.limit = random() % 400;
      if (random() % 3 == 0) request.offset = random() % 1500;
      if (random() % 2 == 0) {
        request.columns.emplace();
        for (uint64_t n = 1 + random() % 5; n > 0; --n) {
          request.columns->push_back(random() % view->columns.size());
        }
      }
      SCOPED_TRACE(ToSql(request.predicate, *view));
      ExpectSame(RandomStore(), asked, request);
    }
  }
}

TEST(BatchLimits, EndInsideABlockAndSkipBlocks) {
  Session session = SessionOf(1);
  ScanRequest request;
  request.view = session.FindView("CDB_OB_IMPORT_TABLE_TASK_HISTORY");
  for (uint64_t offset : {0U, 1U, 1000U, 1100U, 2000U, 2555U, 5000U}) {
    for (uint64_t limit : {0U, 1U, 100U, 1024U, 2000U, 9999U}) {
      request.offset = offset;
      request.limit = limit;
      SCOPED_TRACE(fmt::format("limit {} offset {}", limit, offset));
      ExpectSame(RandomStore(), session, request);
    }
  }
}

TEST(BatchWarnings, AreThoseOfAScan) {
  // The first value that no text can hold is in another column than the one shown first.
  std::vector<Record> tasks;
  for (int64_t task = 1; task <= 4; ++task) {
    tasks.push_back(Task(1002, 1, task, "FINISH", RecordKind::kImportTaskHistory));
    tasks.back().Set("start_ts", task >= 2 ? INT64_MIN : 1692191329492389);
    tasks.back().Set("completion_ts", task == 1 ? INT64_MAX : 1692191329492389);
  }
  TestStore store(tasks);
  Session session = SessionOf(1002);
  ScanRequest request;
  request.view = session.FindView("DBA_OB_IMPORT_TABLE_TASK_HISTORY");
  ExpectSame(store, session, request);
  // Of rows that are left out too, if a condition had to show their times.
  int start = request.view->FindColumn("START_TIMESTAMP");
  request.predicate = Predicate::Like(start, "2023%");
  ExpectSame(store, session, request);
}

}  // namespace
}  // namespace obviews::vtab
