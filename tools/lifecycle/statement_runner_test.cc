// Statements as they arrive on standard input, and what people are told of them.
#include "tools/lifecycle/statement_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/task_testing.h"

namespace obviews::tools {
namespace {

using engine::testing::OpenStore;
using engine::testing::TemporaryDirectory;
using ::testing::ElementsAre;

/// Everything complete in the source; an error as its text.
std::vector<std::string> TakeAll(StatementSource& source) {
  std::vector<std::string> all;
  while (true) {
    auto next = source.Next();
    if (!next) {
      all.push_back(next.error().message);
      continue;
    }
    if (!*next) return all;
    all.push_back(**next);
  }
}

TEST(StatementSource, CutsAtSemicolonsOutsideQuotesAndComments) {
  StatementSource source;
  source.Feed("A 'x;y' /* ; */; B \"a;\"\n# c;\n;");
  EXPECT_THAT(TakeAll(source), ElementsAre("A 'x;y'", "B \"a;\""));
  EXPECT_FALSE(source.pending());
}

TEST(StatementSource, TheLastStatementNeedsNoSemicolon) {
  StatementSource source;
  source.Feed("ALTER SYSTEM");
  EXPECT_THAT(TakeAll(source), ElementsAre());
  EXPECT_TRUE(source.pending());
  source.Feed(" X");
  source.Finish();
  EXPECT_THAT(TakeAll(source), ElementsAre("ALTER SYSTEM X"));
}

struct Unended {
  const char* name;
  std::vector<std::string> fed;
  const char* taken;  ///< nullptr: nothing
};
class UnendedTest : public ::testing::TestWithParam<Unended> {};

TEST_P(UnendedTest, IsTakenIfItIsAWholeCancelAtTheEndOfALine) {
  StatementSource source;
  std::optional<std::string> taken;
  for (const std::string& text : GetParam().fed) {
    source.Feed(text);
    TakeAll(source);
    if (auto cancel = source.TakeCancel()) taken = cancel;
  }
  EXPECT_EQ(taken.value_or("nothing"), GetParam().taken == nullptr ? "nothing" : GetParam().taken);
}

const Unended kUnended[] = {
    {"Cancel", {"ALTER SYSTEM CANCEL RECOVER TABLE t\n"}, "ALTER SYSTEM CANCEL RECOVER TABLE t\n"},
    {"InPieces",
     {"ALTER SYSTEM CANCEL ", "RECOVER TABLE t", "\n"},
     "ALTER SYSTEM CANCEL RECOVER TABLE t\n"},
    {"BehindAnother",
     {"A; ALTER SYSTEM CANCEL RECOVER TABLE t\n"},
     "ALTER SYSTEM CANCEL RECOVER TABLE t\n"},
    {"LineNotEnded", {"ALTER SYSTEM CANCEL RECOVER TABLE t"}, nullptr},
    {"NotWhole", {"ALTER SYSTEM CANCEL\n"}, nullptr},
    {"Ended", {"ALTER SYSTEM CANCEL RECOVER TABLE t;\n"}, nullptr},
    {"Recover", {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT t WITH 'pool_list=p'\n"}, nullptr},
    {"Nothing", {"\n"}, nullptr},
};
INSTANTIATE_TEST_SUITE_P(StatementSource, UnendedTest, ::testing::ValuesIn(kUnended),
                         [](const auto& test) { return test.param.name; });

TEST(StatementSource, AnOpenQuoteIsAnErrorThatShowsNothingOfTheText) {
  StatementSource source;
  source.Feed("ALTER SYSTEM RECOVER TABLE a.b TO TENANT t WITH 'x' ENCRYPTED BY 'SECRET");
  source.Finish();
  EXPECT_THAT(TakeAll(source),
              ElementsAre("the string, quoted name or comment that begins here is never closed\n  "
                          "at line 1, column 66"));
}

class StatementRunnerTest : public ::testing::Test {
 protected:
  std::string Run(const std::string& text) {
    auto outcome = runner_.Run(text);
    return outcome ? outcome->text : outcome.error().message;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_ = OpenStore(directory_.Path("db"));
  lifecycle::JobStore jobs_{*store_, lifecycle::JobStoreOptions()};
  lifecycle::StoreTenants tenants_{*store_, false};
  StatementRunner runner_{jobs_, tenants_, schema::Zone()};
};

TEST_F(StatementRunnerTest, SaysWhatWasDone) {
  EXPECT_EQ(Run("ALTER SYSTEM RECOVER TABLE *.* TO TENANT shop WITH 'pool_list=p'"),
            "recovery 1 of tenant shop (1002) started");
  EXPECT_EQ(Run("ALTER SYSTEM RECOVER TABLE *.* TO TENANT erp WITH 'pool_list=p'"),
            "recovery 2 of tenant erp (1004) started");
  EXPECT_EQ(Run("ALTER SYSTEM CANCEL RECOVER TABLE shop"),
            "0 import jobs and 1 recover job of tenant 1002 set to CANCELING");
}

TEST_F(StatementRunnerTest, CancelMakesNoTenantAndNeedsNoJob) {
  EXPECT_EQ(Run("ALTER SYSTEM CANCEL RECOVER TABLE nobody"), "-5157: unknown tenant \"nobody\"");
  ASSERT_TRUE(tenants_.Resolve("idle"));
  EXPECT_EQ(Run("ALTER SYSTEM CANCEL RECOVER TABLE idle"),
            "tenant 1002 has no live job: nothing to cancel");
}

TEST_F(StatementRunnerTest, OnlyRecoverStartsARecovery) {
  EXPECT_TRUE(*StartsRecovery("alter system recover table *.* to tenant t with 'pool_list=p'"));
  EXPECT_FALSE(*StartsRecovery("ALTER SYSTEM CANCEL RECOVER TABLE t"));
  EXPECT_FALSE(StartsRecovery("SELECT 1"));
}

}  // namespace
}  // namespace obviews::tools
