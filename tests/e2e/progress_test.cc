// The progress views as people meet them: over the document's listings, over two listings of one
// restore, and while a simulation runs.
#include "stores.h"

namespace obviews::e2e {
namespace {

using ::testing::HasSubstr;

class ProgressTest : public StoreTest {
 protected:
  static constexpr const char* kBrief =
      "SELECT TENANT_ID, JOB_ID, STAGE, PERCENT, STAGE_PERCENT, TABLES_TOTAL, WAITING_FOR, "
      "LAST_ERROR FROM CDB_OB_RECOVER_TABLE_PROGRESS";
};

TEST_F(ProgressTest, IsHonestAboutWhatTheDocumentDoesNotSay) {
  ASSERT_EQ(LoadText(ReadFile(DataPath("document.md")), {}, "document.md").code, 0);
  EXPECT_EQ(
      Query(kBrief),
      "1\t1\tNULL\tNULL\tNULL\tNULL\tunknown: the recover job of tenant backup_tenant is not "
      "in this store\tNULL\n"
      "1002\t3\tIMPORT\t50.00\tNULL\tNULL\ttable `test`.`t1`; the import job, which says how many "
      "tables there are, is not in this store\tNULL\n"
      "1010\t3\tIMPORT\t50.00\tNULL\tNULL\ttables to be imported; the tasks are not in this "
      "store\tNULL\n"
      "1016\t2\tRESTORE\t1.00\tNULL\tNULL\tthe restore of auxiliary tenant "
      "AUX_RECOVER$1692618864733548, whose job is not in this store\tNULL\n");
  EXPECT_EQ(Query("SELECT JOB_ID, STAGE, START_TIMESTAMP FROM DBA_OB_RECOVER_TABLE_PROGRESS",
                  {"-N", "--tenant", "OBT"}),
            "2\tRESTORE\t2023-08-21 19:54:25\n");
  EXPECT_EQ(Ctl("verify").code, 0);
}

TEST_F(ProgressTest, TwoListingsOfARestoreTellARate) {
  auto listing = [](const std::string& finished) {
    return "TENANT_ID\tJOB_ID\tRESTORE_TENANT_NAME\tRESTORE_TENANT_ID\tSTATUS\tTOTAL_BYTES\t"
           "FINISH_BYTES\n1010\t8\tAUX_RECOVER$1692618864733548\t1010\tRESTORING\t1099511627776\t" +
           finished + "\n";
  };
  const std::vector<std::string> options = {"--view", "CDB_OB_RESTORE_PROGRESS"};
  ASSERT_EQ(LoadText(listing("1000000000"), options, "a.tsv").code, 0);
  EXPECT_EQ(Query("SELECT STAGE, RATE_DISPLAY FROM CDB_OB_RECOVER_TABLE_PROGRESS"),
            "RESTORE\tNULL\n");
  ASSERT_EQ(LoadText(listing("500000000000"), options, "b.tsv").code, 0);
  EXPECT_THAT(Query("SELECT STAGE, RATE_DISPLAY FROM CDB_OB_RECOVER_TABLE_PROGRESS"),
              ::testing::MatchesRegex("RESTORE\t[0-9.]+[GT]B/s\n"));
}

TEST_F(ProgressTest, EndsAHundredPercentAndKeepsWhatFailed) {
  Ran ran =
      Ctl("simulate", {"--speed", "0", "--tables", "20", "--fail-rate", "0.3", "--seed", "5"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  std::string row = Query(
      "SELECT STAGE, PERCENT, TABLES_TOTAL - TABLES_FINISHED - TABLES_FAILED, STALLED_SECONDS, "
      "WAITING_FOR, TABLES_FAILED > 0, LAST_ERROR IS NOT NULL FROM CDB_OB_RECOVER_TABLE_PROGRESS");
  EXPECT_EQ(row, "COMPLETED\t100.00\t0\t0\tNULL\t1\t1\n");
  EXPECT_THAT(Ctl("stats").out, HasSubstr("sample"));
  EXPECT_EQ(Ctl("verify").code, 0);
  EXPECT_EQ(Ctl("rebuild").code, 0);
  EXPECT_EQ(Query("SELECT PERCENT FROM CDB_OB_RECOVER_TABLE_PROGRESS"), "100.00\n");
}

TEST_F(ProgressTest, FindsARecoveryByItsKey) {
  ASSERT_EQ(Ctl("simulate", {"--speed", "0", "--tenants", "3", "--tables", "2"}).code, 0);
  EXPECT_THAT(Query("SELECT STAGE FROM CDB_OB_RECOVER_TABLE_PROGRESS WHERE TENANT_ID = 1 AND "
                    "JOB_ID = 2",
                    {"--explain"}),
              AllOf(HasSubstr("TENANT_ID 1, JOB_ID 2"), HasSubstr("point")));
}

}  // namespace
}  // namespace obviews::e2e
