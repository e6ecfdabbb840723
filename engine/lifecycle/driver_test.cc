// The order in which the statuses of one recovery follow each other, step by step.
#include "engine/lifecycle/driver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/lifecycle/sequences.h"
#include "engine/testing.h"

namespace obviews::lifecycle {
namespace {

using engine::testing::TemporaryDirectory;
using schema::RecordKind;

/// Everything is done at once and goes well; the restore tells one status after the other.
class Obliging : public Executor {
 public:
  void RestoreAuxTenant(const RestoreWork& /*work*/,
                        std::function<void(const RestoreProgress&)> progress,
                        Done<AuxTenant> done) override {
    RestoreProgress told;
    told.aux_tenant_id = 1004;
    told.status = "RESTORE_PRE";
    progress(told);
    done(AuxTenant{1004});
  }
  void ActivateAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override { done({}); }
  void ListTables(const ListWork& /*work*/, Done<std::vector<ListedTable>> done) override {
    ListedTable table;
    table.source_database = table.target_database = "db";
    table.source_table = table.target_table = "t";
    done(std::vector<ListedTable>{table});
  }
  void ImportTable(const ImportWork& /*work*/, Done<ImportCounts> done) override {
    done(ImportCounts{});
  }
  void AbortImport(const ImportWork& /*work*/) override {}
  void DropAuxTenant(const AuxWork& /*work*/, Done<std::monostate> done) override { done({}); }
};

class DriverTest : public ::testing::Test {
 protected:
  DriverTest() {
    auto opened = engine::Store::Open(
        tmp_.Path("s"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    store_ = std::move(*opened);
    jobs_ = std::make_unique<JobStore>(*store_, JobStoreOptions());
    StartRequest request;
    request.target = {1002, "oracle001"};
    request.import_all = true;
    EXPECT_TRUE(jobs_->Start(request));
    Note();
    mailbox_->wake = [] {};
    driver_ = std::make_unique<Driver>(*jobs_, executor_, options_, 1, mailbox_);
  }

  /// Steps until the recovery waits or ends.
  Step::Outcome Run() {
    while (true) {
      auto step = driver_->Next();
      EXPECT_TRUE(step) << (step ? "" : step.error().message);
      Note();
      if (!step || step->outcome != Step::Outcome::kAgain) {
        return step ? step->outcome : Step::Outcome::kEnded;
      }
    }
  }

  /// Looks at the statuses as they are now.
  void Note() {
    auto snapshot = *store_->TakeSnapshot();
    for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kImportJob,
                            RecordKind::kImportTask, RecordKind::kRestoreJob}) {
      for (RecordKind where : {kind, schema::GetRecordType(kind).twin}) {
        auto cursor = snapshot->Scan(where, {});
        for (auto more = cursor->Next(); more && *more; more = cursor->Next()) {
          const engine::RecordView& record = cursor->record();
          auto status = schema::FindField(record.type().fields, "status");
          std::string_view text = record.Text(static_cast<size_t>(status));
          auto& path = paths_[{kind, record.key().tenant_id}];
          std::string now = fmt::format("{}{}", text, where == kind ? "" : " (history)");
          if (path.empty() || path.back() != now) path.push_back(now);
        }
      }
    }
  }

  using Path = std::vector<std::string>;
  TemporaryDirectory tmp_;
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<JobStore> jobs_;
  Obliging executor_;
  SchedulerOptions options_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::unique_ptr<Driver> driver_;
  std::map<std::pair<RecordKind, int64_t>, Path> paths_;  ///< by kind and tenant
};

TEST_F(DriverTest, ARecoveryThatGoesWellTakesEveryStatusInOrder) {
  EXPECT_EQ(Run(), Step::Outcome::kEnded);
  EXPECT_EQ((paths_[{RecordKind::kRecoverJob, 1}]),
            (Path{"PREPARE", "RECOVERING", "COMPLETED", "COMPLETED (history)"}));
  EXPECT_EQ((paths_[{RecordKind::kRecoverJob, 1002}]),
            (Path{"PREPARE", "RESTORE_AUX_TENANT", "ACTIVE_AUX_TENANT", "GEN_IMPORT_JOB",
                  "IMPORTING", "COMPLETED", "COMPLETED (history)"}));
  EXPECT_EQ((paths_[{RecordKind::kImportJob, 1002}]),
            (Path{"INIT", "IMPORT_TABLE", "RECONSTRUCT_REF_CONSTRAINT", "IMPORT_FINISH",
                  "IMPORT_FINISH (history)"}));
  EXPECT_EQ((paths_[{RecordKind::kImportTask, 1002}]),
            (Path{"INIT", "DOING", "FINISH", "FINISH (history)"}));
  EXPECT_EQ((paths_[{RecordKind::kRestoreJob, 1}]),
            (Path{"CREATE_TENANT", "WAIT_TENANT_RESTORE_FINISH", "SUCCESS (history)"}));
}

TEST_F(DriverTest, ACancelBeforeTheRestoreEndsEndsBothJobs) {
  ASSERT_TRUE(jobs_->Cancel(1002));
  Note();
  EXPECT_EQ(Run(), Step::Outcome::kEnded);
  EXPECT_EQ((paths_[{RecordKind::kRecoverJob, 1002}]),
            (Path{"PREPARE", "CANCELING", "FAILED", "FAILED (history)"}));
  EXPECT_EQ((paths_[{RecordKind::kRecoverJob, 1}]),
            (Path{"PREPARE", "RECOVERING", "FAILED", "FAILED (history)"}));
}

/// The auxiliary tenant is in Oracle mode.
class OracleRestore final : public Obliging {
 public:
  void RestoreAuxTenant(const RestoreWork& /*work*/,
                        std::function<void(const RestoreProgress&)> /*progress*/,
                        Done<AuxTenant> done) override {
    done(AuxTenant{1004, schema::Mode::kOracle});
  }
};

TEST_F(DriverTest, ModesAreComparedThoughAnotherProcessSawTheRestoreEnd) {
  OracleRestore executor;
  options_.target_traits = [](int64_t) { return TargetTraits(); };
  auto restored = [&] {
    return jobs_->Find(RecordKind::kRestoreJobHistory, {1, 1, 0})->has_value();
  };
  driver_ = std::make_unique<Driver>(*jobs_, executor, options_, 1, mailbox_);
  for (int i = 0; i < 100 && !restored(); ++i) ASSERT_TRUE(driver_->Next());
  ASSERT_TRUE(restored());
  driver_ = std::make_unique<Driver>(*jobs_, executor, options_, 1, mailbox_);
  EXPECT_EQ(Run(), Step::Outcome::kEnded);
  auto job = *jobs_->Find(RecordKind::kRecoverJobHistory, {1002, 1, 0});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->Text("status"), "FAILED");
  EXPECT_EQ(job->Text("comment"), "recover from different compatibility tenant is not supported");
}

}  // namespace
}  // namespace obviews::lifecycle
