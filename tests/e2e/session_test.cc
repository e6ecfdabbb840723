// Who asks decides what is seen: tenants, modes, zones, secrets; and how a statement was answered.
#include <nlohmann/json.hpp>

#include "stores.h"

namespace obviews::e2e {
namespace {

using engine::testing::Job;
using engine::testing::Task;
using schema::RecordKind;
using ::testing::HasSubstr;
using ::testing::Not;

class SessionTest : public StoreTest {
 protected:
  void SetUp() override {
    auto sys = Job(RecordKind::kRecoverJob, 1, 1);
    auto own = Job(RecordKind::kRecoverJob, 1002, 2);
    own.Set("start_ts", 1692618864733548);
    own.Set("restore_scn", uint64_t{1692104831498747191});
    own.Set("backup_passwd", "SECRETpw");
    own.Set("external_kms_info", "SECRETkms");
    own.Set("backup_dest", "oss://b/d?host=h&access_id=SECRETid&access_key=SECRETkey");
    auto other = Job(RecordKind::kRecoverJob, 1004, 3);
    Fill({sys, own, other},
         {{1002, "shop", true, schema::Mode::kMySql}, {1004, "ORA", true, schema::Mode::kOracle}});
  }
};

TEST_F(SessionTest, ATenantIsNamedByIdByNameOrSys) {
  const std::string sql = "SELECT JOB_ID FROM DBA_OB_RECOVER_TABLE_JOBS";
  EXPECT_EQ(Query(sql), "1\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "sys"}), "1\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "1"}), "1\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "1002"}), "2\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "shop"}), "2\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "ORA"}), "3\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "1006"}), "");
}

TEST_F(SessionTest, ATenantTheStoreKnowsNothingOfIsANotice) {
  const std::string sql = "SELECT JOB_ID FROM DBA_OB_RECOVER_TABLE_JOBS";
  Ran ran = Sql(sql, {"--tenant", "1006"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err,
            "Notice: the store has no records of tenant 1006; it has shop (1002), ORA (1004)\n");
  for (const char* known : {"sys", "1", "1002", "shop"}) {
    EXPECT_EQ(Sql(sql, {"--tenant", known}).err, "") << known;
  }
  Ran misspelt = Sql(sql, {"--tenant", "shopp"});
  EXPECT_EQ(misspelt.code, 1);
  EXPECT_EQ(misspelt.err,
            "ERROR: unknown tenant 'shopp'; did you mean 'shop'? the store has shop (1002), ORA "
            "(1004)\n");
}

TEST_F(StoreTest, ATenantWithRecordsNeedsNoName) {
  Fill({Job(RecordKind::kRecoverJob, 1006, 2)});
  EXPECT_EQ(Sql("SELECT 1", {"--tenant", "1006"}).err, "");
  EXPECT_EQ(Sql("SELECT 1", {"--tenant", "1008"}).err,
            "Notice: the store has no records of tenant 1008\n");
}

TEST_F(SessionTest, AUserTenantHasNoCdbViews) {
  Ran ran = Sql("SELECT * FROM CDB_OB_RECOVER_TABLE_JOBS", {"--tenant", "1002"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, ::testing::StartsWith("ERROR: no such table: CDB_OB_RECOVER_TABLE_JOBS"));
  Ran whole = Dump({"--tenant", "1002", "CDB_OB_RECOVER_TABLE_JOBS"});
  EXPECT_EQ(whole.code, 1);
  EXPECT_THAT(whole.err, ::testing::StartsWith("ERROR: no such table: CDB_OB_RECOVER_TABLE_JOBS"));
}

TEST_F(SessionTest, TheModeIsTheTenantsUnlessGiven) {
  const std::string sql = "SELECT START_TIMESTAMP FROM DBA_OB_RECOVER_TABLE_JOBS";
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "1002"}), "2023-08-21 19:54:24.733548\n");
  EXPECT_EQ(Query(sql, {"-N", "--tenant", "1002", "--mode", "oracle"}), "2023-08-21 19:54:25\n");
  EXPECT_EQ(
      Query("SELECT \"COMMENT\" FROM SYS.DBA_OB_RECOVER_TABLE_JOBS", {"-N", "--tenant", "ORA"}),
      "NULL\n");
  EXPECT_EQ(Query("SELECT `COMMENT` FROM DBA_OB_RECOVER_TABLE_JOBS",
                  {"-N", "--tenant", "ORA", "--mode", "MySQL"}),
            "\n");
}

TEST_F(SessionTest, EachZoneMovesItsOwnColumns) {
  const std::string sql =
      "SELECT START_TIMESTAMP, RESTORE_SCN_DISPLAY FROM CDB_OB_RECOVER_TABLE_JOBS "
      "WHERE TENANT_ID = 1002";
  EXPECT_EQ(Query(sql), "2023-08-21 19:54:24.733548\t2023-08-15 21:07:11.498747\n");
  EXPECT_EQ(Query(sql, {"-N", "--time-zone", "+00:00"}),
            "2023-08-21 11:54:24.733548\t2023-08-15 21:07:11.498747\n");
  EXPECT_EQ(Query(sql, {"-N", "--system-time-zone", "America/New_York"}),
            "2023-08-21 19:54:24.733548\t2023-08-15 09:07:11.498747\n");
  EXPECT_EQ(Query("SET time_zone = '-03:30'; " + sql),
            "2023-08-21 08:24:24.733548\t2023-08-15 21:07:11.498747\n");
}

TEST_F(SessionTest, SecretsAreHiddenInEveryColumnFormatAndExpression) {
  const std::string from = " FROM CDB_OB_RECOVER_TABLE_JOBS WHERE TENANT_ID = 1002";
  for (const std::string& sql :
       {"SELECT *" + from, "SELECT BACKUP_PASSWD || EXTERNAL_KMS_INFO || BACKUP_DEST" + from,
        "SELECT HEX(BACKUP_PASSWD), LENGTH(BACKUP_PASSWD)" + from,
        "SELECT MAX(BACKUP_PASSWD), GROUP_CONCAT(EXTERNAL_KMS_INFO), REPLACE(BACKUP_DEST,'x','y')" +
            from}) {
    Ran ran = Sql(sql, {"--json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, Not(HasSubstr("SECRET"))) << sql;
    EXPECT_THAT(ran.out, Not(HasSubstr("534543524554"))) << sql;
    EXPECT_THAT(ran.err, Not(HasSubstr("SECRET"))) << sql;
  }
  EXPECT_EQ(Query("SELECT COUNT(*)" + from + " AND BACKUP_PASSWD LIKE 'SECRET%'"), "0\n");
  EXPECT_EQ(Query("SELECT COUNT(*)" + from + " AND BACKUP_PASSWD = 'SECRETpw'"), "0\n");
  for (const char* format : {"-t", "-B", "-E", "--csv", "--json", "--jsonl", "--markdown"}) {
    EXPECT_THAT(Dump({format, "CDB_OB_RECOVER_TABLE_JOBS"}).out, Not(HasSubstr("SECRET")))
        << format;
  }
  EXPECT_EQ(Query("SELECT BACKUP_PASSWD, BACKUP_DEST" + from, {"-N", "--show-secrets"}),
            "SECRETpw\toss://b/d?host=h&access_id=SECRETid&access_key=SECRETkey\n");
}

TEST_F(SessionTest, ListAndDescribeNeedNoStore) {
  Ran list = DumpViews({"--list", "--db", Path("absent")});
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_EQ(std::count(list.out.begin(), list.out.end(), '\n'), 17 + 4);
  EXPECT_THAT(list.out, HasSubstr("CDB_OB_RESTORE_PROGRESS\t20\t"));
  Ran newer = DumpViews({"--list", "--view-version", "4.3.3"});
  EXPECT_THAT(newer.out, HasSubstr("CDB_OB_RESTORE_PROGRESS\t27\t"));
  Ran own = DumpViews({"--list", "--tenant", "1002"});
  EXPECT_EQ(std::count(own.out.begin(), own.out.end(), '\n'), 9 + 2);
  EXPECT_THAT(own.out, Not(HasSubstr("CDB_")));
  for (const char* name : {"dba_ob_recover_table_jobs", "SYS.DBA_OB_RECOVER_TABLE_JOBS"}) {
    Ran described = DumpViews({"--describe", name, "--mode", "oracle", "-N"});
    EXPECT_EQ(described.code, 0) << described.err;
    EXPECT_EQ(std::count(described.out.begin(), described.out.end(), '\n'), 26) << name;
  }
}

using nlohmann::json;

TEST_F(SessionTest, ExplainJsonHasItsEightKeysAlsoForAWholeView) {
  const std::vector<std::string> keys = {"access_path",     "pushed",       "ranges",
                                         "records_decoded", "records_read", "records_returned",
                                         "residual",        "view"};
  Ran statement = Sql("SELECT JOB_ID FROM CDB_OB_RECOVER_TABLE_JOBS WHERE TENANT_ID = 1002",
                      {"--explain", "--json"});
  Ran view = Dump({"--explain", "--json", "CDB_OB_RECOVER_TABLE_JOBS"});
  for (const Ran& ran : {statement, view}) {
    json plans = json::parse(ran.out, nullptr, false);
    ASSERT_TRUE(plans.is_array()) << ran.out;
    ASSERT_EQ(plans.size(), 1U);
    std::vector<std::string> found;
    for (const auto& [key, value] : plans[0].items()) found.push_back(key);
    EXPECT_EQ(found, keys);
  }
  json whole = json::parse(view.out)[0];
  EXPECT_EQ(whole["access_path"], "full");
  EXPECT_EQ(whole["records_read"], 3);
  EXPECT_EQ(whole["records_returned"], 3);
}

TEST_F(StoreTest, ExplainNamesTheKeyRangeAndReadsThatJobAlone) {
  FillTasks(100'000);
  const std::string sql =
      "SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID=1002 AND JOB_ID=3 AND "
      "STATUS='DOING'";
  Ran ran = Sql(sql, {"--explain", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  json plan = json::parse(ran.out)[0];
  EXPECT_EQ(plan["view"], "CDB_OB_IMPORT_TABLE_TASKS");
  EXPECT_EQ(plan["access_path"], "range");
  EXPECT_EQ(plan["ranges"], json::array({"TENANT_ID 1002, JOB_ID 3"}));
  EXPECT_EQ(plan["residual"], json::array());
  EXPECT_EQ(plan["records_returned"], 1000);
  EXPECT_LE(plan["records_read"], 1001);
  Ran text = Sql(sql, {"--explain"});
  EXPECT_THAT(text.out, HasSubstr("TENANT_ID 1002, JOB_ID 3"));
}

TEST_F(SessionTest, ExplainOfAWhereOptionShowsWhatWasTyped) {
  EXPECT_EQ(Dump({"--explain", "CDB_OB_RECOVER_TABLE_JOBS", "--where",
                  "TENANT_ID=1002 and JOB_ID / 2 =\n1 -- half"})
                .out,
            "CDB_OB_RECOVER_TABLE_JOBS\n"
            "  access path       range\n"
            "  ranges            TENANT_ID 1002\n"
            "  pushed            TENANT_ID = 1002\n"
            "  residual          JOB_ID / 2 = 1 (by SQLite)\n"
            "  records read      1\n"
            "  records decoded   1\n"
            "  records returned  1\n");
}

}  // namespace
}  // namespace obviews::e2e
