// What a report is made from: one recovery, masked, with its tables column by column.
#include "tools/report/report_data.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/testing.h"

namespace obviews::tools {
namespace {

using engine::testing::Job;
using engine::testing::Task;
using nlohmann::ordered_json;
using schema::Record;
using schema::RecordKind;

constexpr int64_t kStart = 1'692'618'865'000'000;
constexpr int64_t kSecond = 1'000'000;

class ReportDataTest : public ::testing::Test {
 protected:
  static Record RecoverJob(int64_t tenant, int64_t initiator_job) {
    Record job = Job(RecordKind::kRecoverJob, tenant, 1);
    job.Set("initiator_tenant_id", int64_t{1});
    job.Set("initiator_job_id", initiator_job);
    job.Set("target_tenant_id", int64_t{1002});
    job.Set("target_tenant_name", "shop");
    job.Set("aux_tenant_name", "AUX_RECOVER$1692618865000000");
    job.Set("start_ts", kStart);
    job.Set("status", tenant == 1 ? "RECOVERING" : "IMPORTING");
    job.Set("backup_dest", "oss://b/p?access_key=KEY");
    job.Set("backup_passwd", "PASSWORD");
    return job;
  }
  static Record ImportTask(int64_t id, const char* status, const char* result) {
    Record task = Task(1002, 2, id);
    task.Set("src_database", "db");
    task.Set("src_table", "t" + std::to_string(id));
    task.Set("target_database", "db");
    task.Set("target_table", id == 1 ? "renamed" : "t" + std::to_string(id));
    task.Set("status", status);
    task.Set("result", result);
    task.Set("start_ts", kStart + kSecond);
    task.Set("completion_ts", *result == '\0' ? -1 : kStart + (1 + id) * kSecond);
    task.Set("total_rows", id * 100);
    task.Set("comment", *result == 'F' ? "no space, oss://b?access_key=KEY" : "");
    return task;
  }
  static Record ImportJob() {
    Record job = Job(RecordKind::kImportJob, 1002, 2);
    job.Set("initiator_tenant_id", int64_t{1002});
    job.Set("initiator_job_id", int64_t{1});
    job.Set("src_tenant_name", "AUX_RECOVER$1692618865000000");
    job.Set("status", "IMPORT_TABLE");
    job.Set("start_ts", kStart + kSecond);
    job.Set("total_table_count", int64_t{4});
    return job;
  }

  /// The report of the recovery these records are of.
  ordered_json Collect(const vtab::Session& session, engine::progress::RecoveryRef ref) {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = true;
    auto store = engine::Store::Open(directory_.Path("db"), options);
    EXPECT_TRUE(store) << store.error().message;
    engine::Batch batch;
    batch.Put(RecoverJob(1, 0));
    batch.Put(RecoverJob(1002, 1));
    batch.Put(ImportJob());
    batch.Put(ImportTask(4, "INIT", ""));
    batch.Put(ImportTask(3, "DOING", ""));
    batch.Put(ImportTask(2, "FINISH", "FAILED"));
    batch.Put(ImportTask(1, "FINISH", "SUCCEESS"));
    EXPECT_TRUE((*store)->Commit(batch));
    std::shared_ptr<const engine::Snapshot> snapshot = *(*store)->TakeSnapshot();
    engine::progress::RecoveryReader reader(*snapshot);
    auto data = CollectReport(snapshot, session, reader, ref);
    EXPECT_TRUE(data) << data.error().message;
    return *data;
  }
  /// The text a job's row shows in a column.
  static ordered_json Shown(const ordered_json& data, size_t job, const std::string& column) {
    for (const auto& value : data["jobs"][job]["values"]) {
      if (value[0] == column) {
        return value[1].is_null() ? value[1] : data["texts"][value[1].get<size_t>()];
      }
    }
    return "no such column";
  }
  static std::vector<std::string> Roles(const ordered_json& data) {
    std::vector<std::string> roles;
    for (const auto& job : data["jobs"]) roles.push_back(job["role"]);
    return roles;
  }

  static constexpr engine::progress::RecoveryRef kOfSys = {RecordKind::kRecoverJob, {1, 1, 0}};
  engine::testing::TemporaryDirectory directory_;
};

TEST_F(ReportDataTest, HasTheTablesInTheOrderOfTheirIds) {
  ordered_json tasks = Collect({}, kOfSys)["tasks"];
  EXPECT_EQ(tasks["count"], 4);
  EXPECT_EQ(tasks["names"], ordered_json({"t1", "t2", "t3", "t4"}));
  EXPECT_EQ(tasks["databases"], ordered_json({"db"}));
  EXPECT_EQ(tasks["targets"], ordered_json({"db.renamed"}));
  // Done, failed, running, waiting.
  EXPECT_EQ(tasks["outcome"], ordered_json({{"type", "u8"}, {"base", 0}, {"data", "AgMBAA=="}}));
  EXPECT_EQ(tasks["end"]["base"], kStart + 2 * kSecond);
  EXPECT_EQ(tasks["reasons"], ordered_json({"no space, oss://b?access_key=******"}));
}

TEST_F(ReportDataTest, ShowsJobsAsTheViewsDoAndMasksSecrets) {
  ordered_json data = Collect({}, kOfSys);
  EXPECT_EQ(Roles(data), (std::vector<std::string>{"Recover job of sys",
                                                   "Recover job of the tenant", "Import job"}));
  EXPECT_EQ(data["jobs"][0]["view"], "CDB_OB_RECOVER_TABLE_JOBS");
  EXPECT_EQ(Shown(data, 0, "BACKUP_PASSWD"), "******");
  EXPECT_EQ(Shown(data, 1, "BACKUP_DEST"), "oss://b/p?access_key=******");
  EXPECT_EQ(Shown(data, 1, "START_TIMESTAMP"), "2023-08-21 19:54:25.000000");
  EXPECT_TRUE(Shown(data, 0, "FINISH_TIMESTAMP").is_null());
  EXPECT_EQ(data.dump().find("KEY"), std::string::npos);
  EXPECT_EQ(data.dump().find("PASSWORD"), std::string::npos);
}

TEST_F(ReportDataTest, ShowsSecretsToWhoAsksForThem) {
  vtab::Session session;
  session.show_secrets = true;
  ordered_json data = Collect(session, kOfSys);
  EXPECT_EQ(data["secretsShown"], true);
  EXPECT_EQ(Shown(data, 0, "BACKUP_PASSWD"), "PASSWORD");
  EXPECT_EQ(data["tasks"]["reasons"], ordered_json({"no space, oss://b?access_key=KEY"}));
}

TEST_F(ReportDataTest, ATenantSeesItsOwnJobsAlone) {
  vtab::Session session;
  session.tenant_id = 1002;
  ordered_json data = Collect(session, {RecordKind::kRecoverJob, {1002, 1, 0}});
  EXPECT_EQ(Roles(data), (std::vector<std::string>{"Recover job of the tenant", "Import job"}));
  EXPECT_EQ(data["jobs"][0]["view"], "DBA_OB_RECOVER_TABLE_JOBS");
}

TEST_F(ReportDataTest, SaysWhyAFigureIsNotKnown) {
  ordered_json progress = Collect({}, kOfSys)["progress"];
  EXPECT_EQ(progress["stage"], ordered_json({{"value", "IMPORT"}}));
  EXPECT_EQ(progress["tablesFailed"], ordered_json({{"value", 1}}));
  EXPECT_EQ(progress["bytesTotal"], ordered_json({{"why", "no restore job is in this store"}}));
}

TEST_F(ReportDataTest, TellsTheOffsetsOfTheZone) {
  vtab::Session session;
  session.now_usec = kStart + 60 * kSecond;
  ordered_json zone = Collect(session, kOfSys)["zone"];
  EXPECT_EQ(zone["name"], "+08:00");
  ASSERT_EQ(zone["offsets"].size(), 1U);
  EXPECT_EQ(zone["offsets"][0][1], 8 * 3600);
}

}  // namespace
}  // namespace obviews::tools
