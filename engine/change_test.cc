// What a batch may demand and note besides records: expectations, links, marks and ids.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/families.h"
#include "engine/raw_testing.h"
#include "engine/store.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using testing::RawStore;
using testing::Task;
using testing::TemporaryDirectory;

constexpr auto kJob = RecordKind::kRecoverJob;
constexpr auto kJobHistory = RecordKind::kRecoverJobHistory;
constexpr auto kTask = RecordKind::kImportTask;

size_t StatusOf(RecordKind kind) {
  return static_cast<size_t>(schema::FindField(schema::GetRecordType(kind).fields, "status"));
}

Record Job(RecordKind kind, int64_t tenant, int64_t job, int64_t initiator_tenant,
           int64_t initiator, const std::string& status = "PREPARE") {
  Record record(kind);
  record.Set("tenant_id", tenant);
  record.Set("job_id", job);
  bool text = kind == RecordKind::kRestoreJob;
  auto id = [&](int64_t value) {
    return text ? schema::FieldValue(std::to_string(value)) : schema::FieldValue(value);
  };
  record.Set("initiator_tenant_id", id(initiator_tenant));
  record.Set("initiator_job_id", id(initiator));
  record.Set("status", status);
  return record;
}

class ChangeTest : public ::testing::Test {
 protected:
  ChangeTest() { Open(); }

  void Open() {
    auto store = Store::Open(
        tmp_.Path("s"), {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }
  void Put(const Record& record) {
    Batch batch;
    batch.Put(record);
    Commit(batch);
  }
  void Commit(const Batch& batch) {
    auto committed = store_->Commit(batch);
    EXPECT_TRUE(committed) << committed.error().message;
  }
  std::string ErrorOf(const Batch& batch) {
    auto committed = store_->Commit(batch);
    if (committed) return "committed";
    EXPECT_EQ(committed.error().code, ErrorCode::kConflict);
    return committed.error().message;
  }
  std::string StatusNow(RecordKind kind, const Key& key) {
    auto record = (*store_->TakeSnapshot())->Get(kind, key);
    return record ? std::string(record->Text("status")) : record.error().message;
  }
  std::vector<Key> JobsOf(RecordKind kind, int64_t tenant, int64_t job) {
    return *(*store_->TakeSnapshot())->JobsOf(kind, tenant, job);
  }
  std::vector<Key> Driven() { return *(*store_->TakeSnapshot())->DrivenJobs(); }
  std::vector<std::string> Damage() { return store_->Verify()->damage; }

  TemporaryDirectory tmp_;
  std::unique_ptr<Store> store_;
};

using Keys = std::vector<Key>;

struct Demand {
  const char* name;
  RecordKind kind;
  Key key;
  const char* status;  ///< nullptr: no such record
  const char* error;   ///< "committed" if there is none
};
class DemandTest : public ChangeTest, public ::testing::WithParamInterface<Demand> {};

TEST_P(DemandTest, IsMetOrNothingIsChanged) {
  const Demand& demand = GetParam();
  Put(Job(kJob, 1002, 1, 1, 1));
  Put(Task(1002, 3, 7, "DOING"));
  Batch batch;
  if (demand.status == nullptr) {
    batch.ExpectAbsent(demand.kind, demand.key);
  } else {
    batch.Expect(demand.kind, demand.key, StatusOf(demand.kind), demand.status);
  }
  batch.Update(kJob, {1002, 1, 0}, {{StatusOf(kJob), "CANCELING"}});
  EXPECT_EQ(ErrorOf(batch), demand.error);
  bool met = std::string_view(demand.error) == "committed";
  EXPECT_EQ(StatusNow(kJob, {1002, 1, 0}), met ? "CANCELING" : "PREPARE");
}

constexpr Demand kDemands[] = {
    {"Job", kJob, {1002, 1, 0}, "PREPARE", "committed"},
    {"OtherStatus",
     kJob,
     {1002, 1, 0},
     "IMPORTING",
     "recover_job (1002, 1): its status is \"PREPARE\", not \"IMPORTING\" any more"},
    {"NoJob", kJob, {1002, 2, 0}, "PREPARE", "recover_job (1002, 2) is not there any more"},
    {"AbsentJob", kJob, {1002, 2, 0}, nullptr, "committed"},
    {"PresentJob", kJob, {1002, 1, 0}, nullptr, "recover_job (1002, 1) is there already"},
    {"Task", kTask, {1002, 3, 7}, "DOING", "committed"},
    {"OtherTaskStatus",
     kTask,
     {1002, 3, 7},
     "INIT",
     "import_task (1002, 3, 7): its status is \"DOING\", not \"INIT\" any more"},
    {"TaskOfAnotherJob",
     kTask,
     {1002, 4, 7},
     "DOING",
     "import_task (1002, 4, 7) is not there any more"},
    {"AbsentTask", kTask, {1002, 3, 8}, nullptr, "committed"},
    {"PresentTask", kTask, {1002, 3, 7}, nullptr, "import_task (1002, 3, 7) is there already"},
};
INSTANTIATE_TEST_SUITE_P(Change, DemandTest, ::testing::ValuesIn(kDemands),
                         [](const auto& test) { return test.param.name; });

TEST_F(ChangeTest, OfTwoThreadsThatExpectTheSameOneWins) {
  Put(Job(kJob, 1002, 1, 1, 1));
  std::atomic<int> winners = 0;
  auto race = [&] {
    Batch batch;
    batch.Expect(kJob, {1002, 1, 0}, StatusOf(kJob), "PREPARE");
    batch.Update(kJob, {1002, 1, 0}, {{StatusOf(kJob), "RESTORE_AUX_TENANT"}});
    if (store_->Commit(batch)) ++winners;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) threads.emplace_back(race);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(ChangeTest, AnUpdateOfAJobKeepsItsLongTexts) {
  Record job = Job(kJob, 1002, 1, 1, 1);
  std::string list(3 * kMaxInlineText, 'x');
  job.Set("table_list", list);
  job.Set("db_list", list);
  Put(job);
  Batch batch;
  auto db_list = static_cast<size_t>(schema::FindField(job.type().fields, "db_list"));
  batch.Update(kJob, job.key(), {{StatusOf(kJob), "IMPORTING"}, {db_list, "short"}});
  Commit(batch);
  auto now = (*store_->TakeSnapshot())->Get(kJob, job.key());
  ASSERT_TRUE(now);
  job.Set("status", "IMPORTING");
  job.Set("db_list", "short");
  EXPECT_TRUE(*now == job);
  EXPECT_EQ(Damage(), std::vector<std::string>());
}

TEST_F(ChangeTest, AnUpdateOfAMissingJobIsNotFound) {
  Batch batch;
  batch.Update(kJob, {1002, 1, 0}, {{StatusOf(kJob), "IMPORTING"}});
  auto committed = store_->Commit(batch);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(committed.error().message, "no recover_job record (1002, 1) to update");
}

TEST_F(ChangeTest, JobsAreFoundByTheirInitiator) {
  Put(Job(kJob, 1, 5, 1, 0));
  Put(Job(kJob, 1002, 2, 1, 5));
  Put(Job(kJob, 1004, 2, 1, 6));
  Put(Job(RecordKind::kRestoreJob, 1, 9, 1, 5));
  Put(Job(RecordKind::kImportJob, 1002, 3, 1002, 2));
  EXPECT_EQ(JobsOf(kJob, 1, 5), (Keys{{1002, 2, 0}}));
  EXPECT_EQ(JobsOf(kJob, 1, 0), Keys());
  EXPECT_EQ(JobsOf(RecordKind::kRestoreJob, 1, 5), (Keys{{1, 9, 0}}));
  EXPECT_EQ(JobsOf(RecordKind::kImportJob, 1002, 2), (Keys{{1002, 3, 0}}));
  Put(Job(kJobHistory, 1002, 2, 1, 5, "COMPLETED"));
  EXPECT_EQ(JobsOf(kJob, 1, 5), Keys());
  EXPECT_EQ(JobsOf(kJobHistory, 1, 5), (Keys{{1002, 2, 0}}));
  Put(Job(kJobHistory, 1002, 2, 1, 8, "COMPLETED"));
  EXPECT_EQ(JobsOf(kJobHistory, 1, 5), Keys());
  EXPECT_EQ(JobsOf(kJobHistory, 1, 8), (Keys{{1002, 2, 0}}));
  EXPECT_EQ(Damage(), std::vector<std::string>());
}

TEST_F(ChangeTest, AJobIsDrivenUntilItIsInHistoryOrLoadedAnew) {
  Batch batch;
  for (int64_t job : {5, 6}) {
    batch.Put(Job(kJob, 1, job, 1, 0));
    batch.Drive({1, job, 0});
  }
  Commit(batch);
  EXPECT_EQ(Driven(), (Keys{{1, 5, 0}, {1, 6, 0}}));
  Put(Job(kJobHistory, 1, 5, 1, 0, "COMPLETED"));
  EXPECT_EQ(Driven(), (Keys{{1, 6, 0}}));
  Put(Job(kJob, 1, 6, 1, 0));
  EXPECT_EQ(Driven(), Keys());
  EXPECT_EQ(Damage(), std::vector<std::string>());
}

TEST_F(ChangeTest, IdsAreKeptAndNeverFall) {
  auto note = [&](int64_t last) {
    Batch batch;
    batch.UseIds(Sequence::kJob, 1002, last);
    batch.PutTenant({1002, "t", false, schema::Mode::kMySql});
    Commit(batch);
  };
  auto last = [&](Sequence sequence, int64_t tenant) {
    return *(*store_->TakeSnapshot())->LastId(sequence, tenant);
  };
  EXPECT_EQ(last(Sequence::kJob, 1002), 0);
  note(7);
  note(5);
  store_.reset();
  Open();
  EXPECT_EQ(last(Sequence::kJob, 1002), 7);
  EXPECT_EQ(last(Sequence::kTask, 1002), 0);
  EXPECT_EQ(last(Sequence::kJob, 1004), 0);
}

struct BadLink {
  const char* name;
  void (*damage)(RawStore& raw);
  const char* found;
};
class BadLinkTest : public ChangeTest, public ::testing::WithParamInterface<BadLink> {};

TEST_P(BadLinkTest, IsFoundByVerifyAndMendedByRebuild) {
  Put(Job(kJob, 1002, 2, 1, 5));
  store_.reset();
  {
    RawStore raw(tmp_.Path("s"));
    GetParam().damage(raw);
  }
  Open();
  EXPECT_EQ(Damage(), std::vector<std::string>{GetParam().found});
  ASSERT_TRUE(store_->Rebuild());
  EXPECT_EQ(JobsOf(kJob, 1, 5), (Keys{{1002, 2, 0}}));
  if (std::string_view(GetParam().name) == "Mark") return;  // which jobs are driven is nowhere else
  EXPECT_EQ(Damage(), std::vector<std::string>());
}

const BadLink kBadLinks[] = {
    {"Missing",
     [](RawStore& raw) {
       raw.Delete(kLinkFamily, LinkKey(kJob, 1, 5, {1002, 2, 0}));
     },
     "recover_job (1002, 2): its link is missing"},
    {"Stale",
     [](RawStore& raw) {
       raw.Put(kLinkFamily, LinkKey(kJob, 1, 4, {1002, 2, 0}), "");
     },
     "column family link: a link to job (1002, 2), which has it not"},
    {"Malformed", [](RawStore& raw) { raw.Put(kLinkFamily, "\x01short", ""); },
     "column family link: a malformed key of 6 bytes"},
    {"Mark",
     [](RawStore& raw) {
       raw.Put(kLinkFamily, DrivenKey({1, 5, 0}), "");
     },
     "column family link: recover job (1, 5) is marked as driven, but is not live"},
};
INSTANTIATE_TEST_SUITE_P(Change, BadLinkTest, ::testing::ValuesIn(kBadLinks),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace obviews::engine
