// What records tell about tenants.
#include "tools/loader/tenants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace obviews::tools {
namespace {

using engine::Tenant;
using schema::Mode;
using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;

Record RecoverJob(int64_t tenant, const std::string& target_name, int64_t target_id = 0) {
  Record record(RecordKind::kRecoverJob);
  record.Set("tenant_id", tenant);
  record.Set("target_tenant_name", target_name);
  record.Set("target_tenant_id", target_id);
  return record;
}

TEST(TenantCollectorTest, AUserTenantsJobNamesItsOwnerInItsMode) {
  TenantCollector tenants;
  tenants.Learn(RecoverJob(1002, "shop"), Mode::kOracle);
  EXPECT_THAT(tenants.Changed(), ElementsAre(Tenant{1002, "shop", true, Mode::kOracle}));
}

TEST(TenantCollectorTest, TheSysJobNamesItsTargetWhoseModeIsNotKnown) {
  TenantCollector tenants;
  tenants.Learn(RecoverJob(1, "shop", 1002), Mode::kOracle);
  EXPECT_THAT(tenants.Changed(), ElementsAre(Tenant{1, "sys", true, Mode::kMySql},
                                             Tenant{1002, "shop", false, Mode::kMySql}));
}

TEST(TenantCollectorTest, ATargetThatDoesNotExistYetIsNoTenant) {
  TenantCollector tenants;
  tenants.Learn(RecoverJob(1, "shop", 0), std::nullopt);
  EXPECT_THAT(tenants.Changed(), ElementsAre(Tenant{1, "sys", true, Mode::kMySql}));
}

TEST(TenantCollectorTest, AnImportJobNamesTheAuxiliaryTenant) {
  Record record(RecordKind::kImportJob);
  record.Set("tenant_id", int64_t{1002});
  record.Set("src_tenant_id", int64_t{1004});
  record.Set("src_tenant_name", std::string("AUX"));
  TenantCollector tenants;
  tenants.Learn(record, std::nullopt);
  EXPECT_THAT(tenants.Changed(), ElementsAre(Tenant{1002, "", false, Mode::kMySql},
                                             Tenant{1004, "AUX", false, Mode::kMySql}));
}

TEST(TenantCollectorTest, WhatTheStoreKnowsIsNoChangeAndIsNotForgotten) {
  const Tenant shop{1002, "shop", true, Mode::kOracle};
  TenantCollector tenants;
  tenants.Know(std::vector<Tenant>{shop});
  tenants.Learn(RecoverJob(1002, "shop"), std::nullopt);
  EXPECT_THAT(tenants.Changed(), ElementsAre());
  EXPECT_THAT(tenants.All(), ElementsAre(shop));
}

TEST(TenantCollectorTest, ATenantOfWhichOnlyTheIdIsKnownIsKept) {
  const Tenant nameless{1004, "", false, Mode::kMySql};
  TenantCollector tenants;
  tenants.Know(nameless);
  EXPECT_THAT(tenants.Changed(), ElementsAre(nameless));
}

struct NextCase {
  int64_t met;
  std::optional<int64_t> next;
};

TEST(TenantCollectorTest, TheNextTenantIsTheFirstEvenIdAboveAllMet) {
  const NextCase cases[] = {{0, 1002},
                            {1, 1002},
                            {1001, 1002},
                            {1002, 1004},
                            {1003, 1004},
                            {1004, 1006},
                            {INT64_MAX - 2, INT64_MAX - 1},
                            {INT64_MAX - 1, std::nullopt},
                            {INT64_MAX, std::nullopt}};
  for (const NextCase& c : cases) {
    TenantCollector tenants;
    tenants.Meet(c.met);
    EXPECT_EQ(tenants.NextUserTenant(), c.next) << c.met;
  }
}

}  // namespace
}  // namespace obviews::tools
