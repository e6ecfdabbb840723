// Scans that are cut into stretches read what whole ones do.
#include "plugins/mariadb/view_scan.h"

#include <gtest/gtest.h>

#include "plugins/mariadb/key_bounds.h"
#include "virtual_tables/testing.h"

namespace obviews::mariadb {
namespace {

using vtab::testing::ManyTasks;
using vtab::testing::TestStore;

class ViewScanTest : public ::testing::Test {
 protected:
  ViewScanTest() : store_(ManyTasks()) {
    target_.view =
        schema::Catalog::Get().FindDefinition("CDB_OB_IMPORT_TABLE_TASKS", schema::Mode::kMySql);
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

TEST_F(ViewScanTest, StretchesYieldEveryRowOnce) {
  std::vector<engine::Key> whole = Keys(Request());
  ASSERT_EQ(whole.size(), 20'000U);
  ViewScanRequest cut = Request();
  cut.cut_at = 1'000;
  EXPECT_EQ(Keys(cut), whole);
}

TEST_F(ViewScanTest, AStretchIsReadWhetherCutOrNot) {
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

TEST_F(ViewScanTest, TheLastKeyIsFoundFromTheEnd) {
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

TEST_F(ViewScanTest, RowsOutsideThePredicateAreLeftOut) {
  ViewScanRequest request = Request();
  int status = target_.view->FindColumn("STATUS");
  request.predicate = vtab::Predicate::Compare(status, vtab::CompareOp::kEq, std::string("DOING"));
  EXPECT_EQ(Keys(request).size(), 2'000U);
}

TEST_F(ViewScanTest, AScanThatIsStoppedEnds) {
  ViewScanRequest request = Request();
  request.cut_at = 5;
  EXPECT_EQ(Keys(request, 10).size(), 10U);
}

}  // namespace
}  // namespace obviews::mariadb
