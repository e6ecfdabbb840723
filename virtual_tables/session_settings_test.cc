// Which tenant words mean.
#include "virtual_tables/session_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace obviews::vtab {
namespace {

using engine::Tenant;
using ::testing::HasSubstr;

const std::vector<Tenant> kKnown = {{1, "sys", true, schema::Mode::kMySql},
                                    {1002, "shop", true, schema::Mode::kOracle},
                                    {1004, "", false, {}},
                                    {1006, "twin", false, {}},
                                    {1008, "twin", false, {}}};

TEST(ResolveTenantTest, AnIdNeedNotBeRegistered) {
  EXPECT_EQ(*ResolveTenant(kKnown, "1002"), kKnown[1]);
  EXPECT_EQ(*ResolveTenant(kKnown, "1010"), (Tenant{1010, "", false, {}}));
}

TEST(ResolveTenantTest, ANameMustBeRegistered) {
  EXPECT_EQ(*ResolveTenant(kKnown, "shop"), kKnown[1]);
  EXPECT_EQ(ResolveTenant(kKnown, "SYS")->id, 1);
  EXPECT_EQ(ResolveTenant(kKnown, "nope").error().message,
            "unknown tenant 'nope'; the store has sys (1), shop (1002), 1004, twin (1006), twin "
            "(1008)");
  EXPECT_THAT(ResolveTenant({}, "nope").error().message, HasSubstr("give its id"));
}

TEST(ResolveTenantTest, ANameThatIsNearlyRightIsSuggested) {
  EXPECT_EQ(ResolveTenant({kKnown[1]}, "shpo").error().message,
            "unknown tenant 'shpo'; did you mean 'shop'? the store has shop (1002)");
}

TEST(ResolveTenantTest, ANameOfTwoTenantsIsNone) {
  EXPECT_EQ(ResolveTenant(kKnown, "twin").error().message,
            "tenants 1006 and 1008 are both named 'twin': give the id");
}

TEST(ResolveTenantTest, IdsBeginAt1) {
  for (const char* id : {"0", "-5"}) {
    EXPECT_EQ(ResolveTenant(kKnown, id).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(SessionSettingsTest, AnUnknownModeIsRefused) {
  SessionSettings settings;
  settings.mode = "db2";
  EXPECT_EQ(settings.BaseSession().error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace obviews::vtab
