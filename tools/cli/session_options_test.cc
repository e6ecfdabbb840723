// What the tools end with, and what they say of a zone.
#include "tools/cli/session_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/cli/exit_codes.h"

namespace obviews::tools {
namespace {

using ::testing::HasSubstr;

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
