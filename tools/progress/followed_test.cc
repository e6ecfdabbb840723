// When a wait is over, and with what.
#include "tools/progress/followed.h"

#include <gtest/gtest.h>

#include <vector>

#include "tools/progress/testing.h"

namespace obviews::tools {
namespace {

using engine::progress::Figure;
using engine::progress::Stage;

struct Seen {
  int64_t job;
  Stage stage;
};

RecoverySight SightOf(const std::vector<Seen>& seen) {
  RecoverySight sight;
  for (const Seen& one : seen) {
    ShownRecovery recovery;
    recovery.ref.job = {1, one.job, 0};
    recovery.progress.stage = Figure<Stage>::Known(one.stage);
    sight.recoveries.push_back(recovery);
  }
  return sight;
}

struct Case {
  const char* name;
  std::vector<std::vector<Seen>> looks;
  bool over;
  ExitCode code;
};

TEST(FollowedRecoveriesTest, AWaitIsOverWhenNoneRuns) {
  const Case cases[] = {
      {"no look", {}, false, kExitRunning},
      {"no recovery yet", {{}}, false, kExitRunning},
      {"one runs", {{{1, Stage::kImport}}}, false, kExitRunning},
      {"one completed", {{{1, Stage::kImport}}, {{1, Stage::kCompleted}}}, true, kExitOk},
      {"one failed", {{{1, Stage::kImport}}, {{1, Stage::kFailed}}}, true, kExitFailed},
      {"one of two runs", {{{1, Stage::kImport}, {2, Stage::kFailed}}}, false, kExitRunning},
      {"an old failure does not count",
       {{{2, Stage::kImport}, {1, Stage::kFailed}}, {{2, Stage::kCompleted}, {1, Stage::kFailed}}},
       true,
       kExitOk},
      {"without one that ran it does",
       {{{2, Stage::kCompleted}, {1, Stage::kFailed}}},
       true,
       kExitFailed},
      {"all had completed", {{{2, Stage::kCompleted}}}, true, kExitOk},
      {"what began and failed between two looks counts",
       {{{1, Stage::kImport}}, {{2, Stage::kFailed}, {1, Stage::kCompleted}}},
       true,
       kExitFailed},
      {"one that turned up after an empty look", {{}, {{1, Stage::kFailed}}}, true, kExitFailed},
      {"what was purged is forgotten", {{{1, Stage::kImport}}, {}}, false, kExitRunning},
  };
  for (const Case& c : cases) {
    FollowedRecoveries followed;
    for (const auto& look : c.looks) followed.See(SightOf(look));
    EXPECT_EQ(followed.over(), c.over) << c.name;
    EXPECT_EQ(followed.code(), c.code) << c.name;
  }
}

TEST(FollowedRecoveriesTest, AFailureThatIsNoLongerShownCounts) {
  FollowedRecoveries followed;
  followed.See(SightOf({{1, Stage::kImport}, {2, Stage::kImport}}));
  followed.See(SightOf({{2, Stage::kImport}, {1, Stage::kFailed}}));
  RecoverySight last = SightOf({{2, Stage::kCompleted}});
  last.left_out = 1;
  followed.See(last);
  EXPECT_EQ(followed.code(), kExitFailed);
}

}  // namespace
}  // namespace obviews::tools
