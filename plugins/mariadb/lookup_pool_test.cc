// Which lookups statements share.
#include "plugins/mariadb/lookup_pool.h"

#include <gtest/gtest.h>

#include "virtual_tables/testing.h"

namespace obviews::mariadb {
namespace {

using engine::testing::Task;
using vtab::testing::SessionOf;
using vtab::testing::TestStore;

class LookupPoolTest : public ::testing::Test {
 protected:
  static TenantView View(int64_t tenant, schema::Mode mode = schema::Mode::kMySql) {
    const char* name = "DBA_OB_IMPORT_TABLE_TASKS";
    return {schema::Catalog::Get().FindDefinition(name, mode), tenant};
  }
  LookupPool::Lookup Take(const TenantView& view, const std::vector<size_t>& columns) {
    return pool_.Take(store_.snapshot(), view, columns,
                      [&] { return SessionOf(view.tenant_id, view.view->mode); });
  }

  TestStore store_{{Task(1002, 1, 5), Task(1004, 1, 6)}};
  LookupPool pool_;
};

TEST_F(LookupPoolTest, WhatIsLeftIsTakenAgain) {
  auto lookup = Take(View(1002), {0, 1});
  const vtab::RowLookup* rows = lookup.rows.get();
  pool_.Leave(std::move(lookup));
  EXPECT_EQ(Take(View(1002), {0, 1}).rows.get(), rows);
}

TEST_F(LookupPoolTest, TwoAtATimeAreDifferent) {
  auto lookup = Take(View(1002), {0});
  pool_.Leave(std::move(lookup));
  auto first = Take(View(1002), {0});
  auto second = Take(View(1002), {0});
  EXPECT_NE(first.rows, second.rows);
}

TEST_F(LookupPoolTest, OtherTenantsAndColumnsHaveTheirOwn) {
  auto lookup = Take(View(1002), {0});
  pool_.Leave(std::move(lookup));
  auto other_tenant = Take(View(1004), {0});
  auto found = other_tenant.rows->Find({1002, 1, 5});
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  auto other_columns = Take(View(1002), {0, 1});
  EXPECT_EQ(other_columns.columns, (std::vector<size_t>{0, 1}));
}

TEST_F(LookupPoolTest, ACommitEndsWhatWasLeft) {
  auto lookup = Take(View(1002), {0});
  pool_.Leave(std::move(lookup));
  store_.Put({Task(1002, 1, 7)});
  auto next = Take(View(1002), {0});
  auto found = next.rows->Find({1002, 1, 7});
  ASSERT_TRUE(found);
  EXPECT_TRUE(*found);
}

TEST_F(LookupPoolTest, OracleModeShowsTheZoneOfTheSession) {
  // Its times are texts of a session's zone: no other session may have them.
  auto lookup = Take(View(1002, schema::Mode::kOracle), {0});
  const vtab::RowLookup* rows = lookup.rows.get();
  auto kept = std::move(lookup.rows);
  pool_.Leave(std::move(lookup));
  EXPECT_NE(Take(View(1002, schema::Mode::kOracle), {0}).rows.get(), rows);
}

}  // namespace
}  // namespace obviews::mariadb
