// Scans that are cut into stretches read what whole ones do.
#include "plugins/mariadb/view_scan.h"

#include <gtest/gtest.h>

#include "plugins/mariadb/key_bounds.h"
#include "virtual_tables/testing.h"

namespace obviews::mariadb {
namespace {

using vtab::testing::ManyTasks;
using vtab::testing::TestStore;

/// Live tasks are kept one by one, those of history in blocks.
class ViewScanTest : public ::testing::TestWithParam<schema::RecordKind> {
 protected:
  ViewScanTest() : store_(ManyTasks(GetParam())) {
    bool live = GetParam() == schema::RecordKind::kImportTask;
    target_.view = schema::Catalog::Get().FindDefinition(
        live ? "CDB_OB_IMPORT_TABLE_TASKS" : "CDB_OB_IMPORT_TABLE_TASK_HISTORY",
        schema::Mode::kMySql);
  }

  ViewScanRequest Request() const {
    ViewScanRequest request;
    request.target = target_;
    return request;
  }

  /// The keys a scan yields, in its order.
  std::vector<engine::Key> Keys(ViewScanRequest request, size_t stop_after = SIZE_MAX) {
    std::vector<engine::Key> keys;
    ViewScan scan(store_.snapshot(), vtab::Session(), std::move(request),
                  [&] { return keys.size() >= stop_after; });
    while (true) {
      auto more = scan.Next();
      EXPECT_TRUE(more) << (more ? "" : more.error().message);
      if (!more || !*more) return keys;
      auto key = scan.Key();
      EXPECT_TRUE(key);
      if (key) keys.push_back(*key);
    }
  }

  TestStore store_;
  TenantView target_;
};

TEST_P(ViewScanTest, StretchesYieldEveryRowOnce) {
  std::vector<engine::Key> whole = Keys(Request());
  ASSERT_EQ(whole.size(), 20'000U);
  ViewScanRequest cut = Request();
  cut.cut_at = 1'000;
  EXPECT_EQ(Keys(cut), whole);
}

TEST_P(ViewScanTest, AStretchIsReadWhetherCutOrNot) {
  for (uint64_t cut_at : {0, 10, 1000}) {
    ViewScanRequest request = Request();
    request.cut_at = cut_at;
    request.in_key_order = true;
    request.stretch = engine::Stretch{{1003, 2, 60}, {1003, 3, 101}};
    std::vector<engine::Key> keys = Keys(request);
    ASSERT_EQ(keys.size(), 42U);
    EXPECT_EQ(keys.front(), (engine::Key{1003, 2, 60}));
    EXPECT_EQ(keys.back(), (engine::Key{1003, 3, 101}));
  }
}

TEST_P(ViewScanTest, TheLastKeyIsFoundFromTheEnd) {
  for (uint64_t cut_at : {0, 10, 1000}) {
    ViewScanRequest request = Request();
    request.cut_at = cut_at;
    request.in_key_order = true;
    request.stretch = engine::Stretch{{1003, 2, 60}, {1003, 3, 101}};
    ViewScan scan(store_.snapshot(), vtab::Session(), request, [] { return false; });
    auto last = scan.LastKey();
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_EQ(*last, (engine::Key{1003, 3, 101}));
    request.stretch = engine::Stretch{{7, 2, 60}, {8, 3, 101}};
    ViewScan empty(store_.snapshot(), vtab::Session(), request, [] { return false; });
    last = empty.LastKey();
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_EQ(*last, std::nullopt);
  }
}

TEST_P(ViewScanTest, RowsOutsideThePredicateAreLeftOut) {
  ViewScanRequest request = Request();
  int status = target_.view->FindColumn("STATUS");
  request.predicate = vtab::Predicate::Compare(status, vtab::CompareOp::kEq, std::string("DOING"));
  EXPECT_EQ(Keys(request).size(), 2'000U);
}

TEST_P(ViewScanTest, AScanThatIsStoppedEnds) {
  ViewScanRequest request = Request();
  request.cut_at = 5;
  // A job's tasks are one block here.
  bool live = GetParam() == schema::RecordKind::kImportTask;
  EXPECT_EQ(Keys(request, 10).size(), live ? 10U : 50U);
}

TEST_P(ViewScanTest, ValuesAreThoseOfTheView) {
  ViewScanRequest request = Request();
  auto column = [&](const char* name) {
    return static_cast<size_t>(target_.view->FindColumn(name));
  };
  request.columns = {column("STATUS"), column("START_TIMESTAMP")};
  request.stretch = engine::Stretch{{1003, 2, 60}, {1003, 2, 61}};
  request.in_key_order = true;
  ViewScan scan(store_.snapshot(), vtab::Session(), request, [] { return false; });
  std::vector<std::string> rows;
  while (true) {
    auto more = scan.Next();
    ASSERT_TRUE(more) << more.error().message;
    if (!*more) break;
    auto status = scan.Column(column("STATUS"));
    auto start = scan.Column(column("START_TIMESTAMP"));
    ASSERT_TRUE(status && start);
    rows.push_back(vtab::testing::ToText(*status) + " " + vtab::testing::ToText(*start));
  }
  bool live = GetParam() == schema::RecordKind::kImportTask;
  EXPECT_EQ(rows, live ? (std::vector<std::string>{"'FINISH' '2023-06-01 06:01:00.000000'",
                                                   "'DOING' '2023-06-01 06:01:01.000000'"})
                       : (std::vector<std::string>{"'FINISH' 1685570460000000",
                                                   "'DOING' 1685570461000000"}));
}

INSTANTIATE_TEST_SUITE_P(Kinds, ViewScanTest,
                         ::testing::Values(schema::RecordKind::kImportTask,
                                           schema::RecordKind::kImportTaskHistory),
                         [](const auto& info) {
                           return info.param == schema::RecordKind::kImportTask ? "Live"
                                                                                : "History";
                         });

}  // namespace
}  // namespace obviews::mariadb
