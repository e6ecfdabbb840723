// Which tenant a name means on a store: the registered one, or a new one with the next id.
#include "engine/lifecycle/store_tenants.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/task_testing.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::Job;
using engine::testing::OpenStore;
using engine::testing::Take;
using engine::testing::Task;
using engine::testing::TemporaryDirectory;
using schema::RecordKind;

class StoreTenantsTest : public ::testing::Test {
 protected:
  void Fill(const std::vector<engine::Tenant>& tenants,
            const std::vector<schema::Record>& records = {}) {
    engine::Batch batch;
    for (const engine::Tenant& tenant : tenants) batch.PutTenant(tenant);
    for (const schema::Record& record : records) batch.Put(record);
    engine::testing::Commit(*store_, batch);
  }
  /// The tenant's id, or the error's text.
  std::string Resolve(const std::string& name, bool strict = false) {
    StoreTenants tenants(*store_, strict);
    auto found = tenants.Resolve(name);
    if (!found) return found.error().message;
    EXPECT_EQ(found->name, name);
    return fmt::format("{}", found->id);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_ = OpenStore(directory_.Path("db"));
};

TEST_F(StoreTenantsTest, ARegisteredNameIsItsTenantInItsMode) {
  Fill({{1002, "shop", true, schema::Mode::kMySql}, {1004, "ORA", true, schema::Mode::kOracle}});
  StoreTenants tenants(*store_, true);
  auto shop = tenants.Resolve("shop");
  auto oracle = tenants.Resolve("ORA");
  ASSERT_TRUE(shop && oracle);
  EXPECT_EQ(shop->id, 1002);
  EXPECT_EQ(shop->mode, schema::Mode::kMySql);
  EXPECT_EQ(oracle->id, 1004);
  EXPECT_EQ(oracle->mode, schema::Mode::kOracle);
}

TEST_F(StoreTenantsTest, AnUnknownNameGetsTheNextEvenId) {
  EXPECT_EQ(Resolve("first"), "1002");
  EXPECT_EQ(Resolve("second"), "1004");
  EXPECT_EQ(Resolve("first"), "1002");
  EXPECT_EQ(Take(*store_)->Tenants()->size(), 2U);
}

TEST_F(StoreTenantsTest, ANewTenantSurvivesTheProcess) {
  EXPECT_EQ(Resolve("first"), "1002");
  store_.reset();
  store_ = OpenStore(directory_.Path("db"));
  EXPECT_EQ(Resolve("first", true), "1002");
}

TEST_F(StoreTenantsTest, TheNextIdIsAboveThoseOfTheRegistryAndOfAllRecords) {
  struct Case {
    std::vector<engine::Tenant> tenants;
    std::vector<schema::Record> records;
    const char* id;
  };
  const Case cases[] = {
      {{{1002, "a", false, {}}}, {}, "1004"},
      {{{1010, "", false, {}}}, {}, "1012"},
      {{{1013, "", false, {}}}, {}, "1014"},
      {{}, {Task(1020, 1, 1), Task(1016, 1, 1)}, "1022"},
      {{}, {Job(RecordKind::kImportJobHistory, 1030, 1)}, "1032"},
      {{{1040, "b", false, {}}}, {Job(RecordKind::kRecoverJob, 1, 1)}, "1042"},
  };
  int number = 0;
  for (const Case& c : cases) {
    store_ = OpenStore(directory_.Path(fmt::format("db{}", ++number)));
    Fill(c.tenants, c.records);
    EXPECT_EQ(Resolve("new"), c.id);
  }
}

TEST_F(StoreTenantsTest, AuxiliaryTenantsDoNotRaiseTheNextIdButKeepTheirs) {
  Fill({{1004, "AUX_RECOVER$1692106995896258", false, {}}, {1002, "shop", false, {}}},
       {Job(RecordKind::kRestoreJob, 1'000'004, 1), Job(RecordKind::kRestoreJob, 1, 1)});
  EXPECT_EQ(Resolve("second"), "1006");
  EXPECT_EQ(Resolve("third"), "1008");
}

TEST_F(StoreTenantsTest, StrictRefusesAnUnknownName) {
  StoreTenants tenants(*store_, true);
  auto found = tenants.Resolve("oracle001");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(found.error().message, "-5157: unknown tenant \"oracle001\"");
  EXPECT_TRUE(Take(*store_)->Tenants()->empty());
}

TEST_F(StoreTenantsTest, FindMakesNoTenant) {
  StoreTenants tenants(*store_, false);
  EXPECT_EQ(tenants.Find("shop").error().message, "-5157: unknown tenant \"shop\"");
  EXPECT_EQ(tenants.Resolve("shop")->id, 1002);
  EXPECT_EQ(tenants.Find("shop")->id, 1002);
}

TEST_F(StoreTenantsTest, OnlyUserTenantsAreTargets) {
  Fill({{1, "sys", true, {}},
        {1003, "odd", false, {}},
        {500, "low", false, {}},
        {1004, "twice", false, {}},
        {1006, "twice", false, {}}});
  const std::string rest = "; the target of a recovery must be a user tenant";
  for (bool strict : {false, true}) {
    EXPECT_EQ(Resolve("sys", strict), "-4002: tenant \"sys\" is the sys tenant" + rest);
    EXPECT_EQ(Resolve("SYS", strict), "-4002: tenant \"SYS\" is the sys tenant" + rest);
    EXPECT_EQ(Resolve("META$1002", strict), "-4002: tenant \"META$1002\" is a meta tenant" + rest);
    EXPECT_EQ(Resolve("AUX_RECOVER$1", strict),
              "-4002: tenant \"AUX_RECOVER$1\" is an auxiliary tenant" + rest);
    EXPECT_EQ(Resolve("odd", strict),
              "-4002: tenant \"odd\" has the id 1003, which no user tenant has" + rest);
    EXPECT_EQ(Resolve("low", strict),
              "-4002: tenant \"low\" has the id 500, which no user tenant has" + rest);
    EXPECT_EQ(Resolve("twice", strict), "-4002: tenant \"twice\" is not one but several" + rest);
  }
}

TEST_F(StoreTenantsTest, NoIdIsLeftAboveTheLargest) {
  Fill({{INT64_MAX, "", false, {}}});
  EXPECT_EQ(Resolve("new"), "-5157: unknown tenant \"new\", and no tenant id is left for it");
}

TEST_F(StoreTenantsTest, ManyThreadsGetEachNameOneId) {
  StoreTenants tenants(*store_, false);
  constexpr int kNames = 40;
  std::vector<std::vector<int64_t>> ids(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : ids) {
      threads.emplace_back([&] {
        for (int i = 0; i < kNames; ++i) {
          auto found = tenants.Resolve(fmt::format("t{}", i));
          own.push_back(found ? found->id : -1);
        }
      });
    }
  }
  for (const auto& own : ids) EXPECT_EQ(own, ids[0]);
  EXPECT_EQ(std::set<int64_t>(ids[0].begin(), ids[0].end()).size(), size_t{kNames});
  EXPECT_EQ(*std::set<int64_t>(ids[0].begin(), ids[0].end()).rbegin(), 1002 + 2 * (kNames - 1));
}

}  // namespace
}  // namespace obviews::lifecycle
