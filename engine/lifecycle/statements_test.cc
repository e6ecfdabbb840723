// What a statement does to a store: the records it makes or changes, and that a refused one changes
// nothing.
#include "engine/lifecycle/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/lifecycle/store_tenants.h"
#include "engine/task_testing.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::OpenStore;
using engine::testing::Take;
using engine::testing::TemporaryDirectory;
using schema::Record;
using schema::RecordKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'692'106'995'896'258;

class StatementsTest : public ::testing::Test {
 protected:
  StatementsTest() {
    context_.tenants = &tenants_;
    context_.system_time_zone = *schema::Zone::Parse("+08:00");
  }

  Result<StatementResult> Run(const std::string& text) {
    return RunStatement(text, context_, jobs_);
  }
  /// Of a statement that must fail.
  Error ErrorOf(const std::string& text) {
    auto result = Run(text);
    EXPECT_FALSE(result) << text;
    return result ? Error() : result.error();
  }
  Record Job(RecordKind kind, int64_t tenant, int64_t job) {
    auto record = jobs_.Find(kind, {tenant, job, 0});
    EXPECT_TRUE(record && *record) << tenant << " " << job;
    return record && *record ? **record : Record(kind);
  }
  static JobStoreOptions AtNow() {
    JobStoreOptions options;
    options.now_usec = [] { return kNow; };
    return options;
  }
  size_t Tenants() { return Take(*store_)->Tenants()->size(); }

  TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_ = OpenStore(directory_.Path("db"));
  JobStore jobs_{*store_, AtNow()};
  StoreTenants tenants_{*store_, false};
  StatementContext context_;
};

TEST_F(StatementsTest, RecoverMakesTheJobsWithWhatWasTyped) {
  auto done =
      Run("ALTER SYSTEM RECOVER TABLE infodb.tbl1,infodb.tbl2 TO TENANT oracle001 FROM "
          "'file:///data/nfs/backup/data,file:///data/nfs/backup/archive' UNTIL TIME='2023-09-30 "
          "00:00:00' WITH 'pool_list=restore_pool' REMAP TABLE infodb.tbl1:newtbl REMAP TABLEGROUP "
          "tg1:newtg1 REMAP TABLESPACE ts1:newts1 DESCRIPTION 'try'");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->sys_job_id, 1);
  EXPECT_EQ(done->target_tenant_id, 1002);
  for (auto [tenant, job] : {std::pair(1, 1), std::pair(1002, 1)}) {
    Record record = Job(RecordKind::kRecoverJob, tenant, job);
    EXPECT_EQ(record.Text("status"), "PREPARE");
    EXPECT_EQ(record.Text("table_list"), "`infodb`.`tbl1`,`infodb`.`tbl2`");
    EXPECT_EQ(record.Text("remap_table_list"), "`infodb`.`tbl1`:`infodb`.`newtbl`");
    EXPECT_EQ(record.Text("remap_tablegroup_list"), "`tg1`:`newtg1`");
    EXPECT_EQ(record.Text("remap_tablespace_list"), "`ts1`:`newts1`");
    EXPECT_EQ(record.Text("target_tenant_name"), "oracle001");
    EXPECT_EQ(record.Text("aux_tenant_name"), "AUX_RECOVER$1692106995896258");
    EXPECT_EQ(record.Text("description"), "try");
    EXPECT_EQ(std::get<uint64_t>(record.Get("restore_scn")), 1696003200000000000U);
  }
  EXPECT_EQ(Job(RecordKind::kRecoverJob, 1002, 1).Int("initiator_job_id"), 1);
}

TEST_F(StatementsTest, WithoutUntilTheHostSaysHowFar) {
  ASSERT_TRUE(Run("ALTER SYSTEM RECOVER TABLE *.* TO TENANT a WITH 'pool_list=p'"));
  EXPECT_EQ(std::get<uint64_t>(Job(RecordKind::kRecoverJob, 1, 1).Get("restore_scn")),
            uint64_t{kNow} * 1000);
  context_.latest_point = [](const std::string& uri) -> Result<RestorePoint> {
    EXPECT_EQ(uri, "file:///b");
    RestorePoint point;
    point.scn = 77;
    point.backup_set_list = "file:///b/set";
    return point;
  };
  ASSERT_TRUE(
      Run("ALTER SYSTEM RECOVER TABLE *.* TO TENANT b FROM ' file:///b' WITH 'pool_list=p'"));
  Record record = Job(RecordKind::kRecoverJob, 1, 2);
  EXPECT_EQ(std::get<uint64_t>(record.Get("restore_scn")), 77U);
  EXPECT_EQ(record.Text("backup_set_list"), "file:///b/set");
}

TEST_F(StatementsTest, PasswordsReachTheJobAndNoError) {
  const std::string rest =
      " WITH 'pool_list=p' ENCRYPTED BY 'SECRET1' WITH KEY FROM 'file:///k?key=SECRET2' ENCRYPTED "
      "BY 'SECRET3'";
  ASSERT_TRUE(Run("ALTER SYSTEM RECOVER TABLE a.b TO TENANT t" + rest));
  Record record = Job(RecordKind::kRecoverJob, 1, 1);
  EXPECT_EQ(record.Text("backup_passwd"), "SECRET1");
  EXPECT_EQ(record.Text("external_kms_info"), "file:///k?key=SECRET2&encrypted_by=SECRET3");
  for (const std::string& text :
       {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT t" + rest,
        "ALTER SYSTEM RECOVER TABLE a.b,a.b TO TENANT t" + rest,
        "ALTER SYSTEM RECOVER TABLE a.b TO TENANT sys" + rest,
        "ALTER SYSTEM RECOVER TABLE a.b TO TENANT u UNTIL TIME='SECRET4'" + rest,
        "ALTER SYSTEM RECOVER TABLE a.b TO TENANT u" + rest + " nonsense"}) {
    EXPECT_THAT(ErrorOf(text).message, Not(HasSubstr("SECRET"))) << text;
  }
}

TEST_F(StatementsTest, ARefusedStatementChangesNothing) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT new", "-5001: "},
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT new WITH ''", "-4002: "},
      {"ALTER SYSTEM RECOVER TABLE a.b,a.b TO TENANT new WITH 'pool_list=p'", "-9066: "},
      {"ALTER SYSTEM RECOVER TABLE a.b TO TENANT sys WITH 'pool_list=p'", "-4002: tenant \"sys\""},
      {"ALTER SYSTEM RECOVER TABLE a.b:p TO TENANT new WITH 'pool_list=p'", "-4007: "},
      {"SELECT 1", "-5001: "},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ErrorOf(c.text).message, ::testing::StartsWith(c.message)) << c.text;
    EXPECT_EQ(Tenants(), 0U) << c.text;
  }
  EXPECT_TRUE(jobs_.LiveRecoveries()->empty());
}

TEST_F(StatementsTest, ATimeThatIsNoneIsRefusedWithItsPlace) {
  Error error =
      ErrorOf("ALTER SYSTEM RECOVER TABLE a.b TO TENANT t UNTIL TIME='soon' WITH 'pool_list=p'");
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message, ::testing::StartsWith("-4002: "));
  EXPECT_THAT(error.message, ::testing::EndsWith("(line 1, column 55)"));
}

TEST_F(StatementsTest, ASecondRecoveryOfATenantIsRefused) {
  const std::string text = "ALTER SYSTEM RECOVER TABLE *.* TO TENANT t WITH 'pool_list=p'";
  ASSERT_TRUE(Run(text));
  Error error = ErrorOf(text);
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("-4179"));
}

TEST_F(StatementsTest, CancelSetsTheLiveJobsOfTheTenantAlone) {
  ASSERT_TRUE(Run("ALTER SYSTEM RECOVER TABLE *.* TO TENANT a WITH 'pool_list=p'"));
  ASSERT_TRUE(Run("ALTER SYSTEM RECOVER TABLE *.* TO TENANT b WITH 'pool_list=p'"));
  auto done = Run("ALTER SYSTEM CANCEL RECOVER TABLE a");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->sys_job_id, 0);
  EXPECT_EQ(done->target_tenant_id, 1002);
  EXPECT_EQ(done->canceled.recover_jobs, 1U);
  EXPECT_EQ(done->canceled.import_jobs, 0U);
  EXPECT_EQ(Job(RecordKind::kRecoverJob, 1002, 1).Text("status"), "CANCELING");
  EXPECT_EQ(Job(RecordKind::kRecoverJob, 1004, 1).Text("status"), "PREPARE");
}

}  // namespace
}  // namespace obviews::lifecycle
