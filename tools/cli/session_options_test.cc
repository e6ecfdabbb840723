// Whom --tenant means, and what the tools end with.
#include "tools/cli/session_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/cli/exit_codes.h"

namespace obviews::tools {
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

TEST(ExitCodeTest, EachKindOfErrorHasItsCode) {
  const std::pair<ErrorCode, ExitCode> cases[] = {
      {ErrorCode::kInvalidArgument, kExitError}, {ErrorCode::kNotFound, kExitError},
      {ErrorCode::kStoreMissing, kExitStore},    {ErrorCode::kStoreLocked, kExitStore},
      {ErrorCode::kStoreUnreadable, kExitStore}, {ErrorCode::kStoreNewer, kExitStore},
      {ErrorCode::kCorruption, kExitDamage},     {ErrorCode::kInternal, kExitError}};
  for (const auto& [code, exit] : cases) EXPECT_EQ(ExitCodeOf(code), exit);
}

TEST(CheckZoneTest, SaysWhatIsWrong) {
  EXPECT_EQ(CheckZone("+08:00"), "");
  EXPECT_EQ(CheckZone("Asia/Shanghai"), "");
  EXPECT_THAT(CheckZone("Mars/Base"), HasSubstr("unknown time zone \"Mars/Base\""));
}

}  // namespace
}  // namespace obviews::tools
