// The jobs of a store as a host writes them: what is done, told, and refused.
#include <memory>

#include "loaded.h"

namespace obviews::c_abi {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kRecover =
    "ALTER SYSTEM RECOVER TABLE shop.orders TO TENANT shop_tenant FROM 'file:///backup' "
    "UNTIL SCN = 1692104831498747191 WITH 'pool_list=p'";

/// A new store whose jobs are open, at a time that stands still.
class JobsTest : public CAbiTest {
 protected:
  static constexpr int64_t kNow = 1692191329492389;

  void SetUp() override {
    store_ = Open(OBVIEWS_READ_WRITE, OBVIEWS_CREATE_IF_MISSING);
    OpenJobs(0);
  }
  void TearDown() override {
    Do(Calls()->jobs_close, jobs_);
    Do(Reader()->store_close, store_);
  }
  void OpenJobs(uint32_t flags) {
    auto options = Sized<obviews_jobs_options>();
    options.flags = flags;
    options.now_usec = [](void* now) { return *static_cast<int64_t*>(now); };
    options.context = &now_;
    Do(Calls()->jobs_open, store_, &options, &jobs_);
  }

  /// The sys job and the target tenant of a new recovery.
  obviews_statement_result Start(std::string_view statement = kRecover) {
    auto result = Sized<obviews_statement_result>();
    Do(Calls()->run_statement, jobs_, ToText(statement), &result);
    return result;
  }
  /// A field of a record as a text; "(none)" if there is no such record.
  std::string FieldOf(const char* kind, const obviews_key& key, const char* field) {
    obviews_record* record = nullptr;
    Do(Calls()->find, jobs_, kind, &key, &record);
    if (record == nullptr) return "(none)";
    obviews_value value{};
    Do(Calls()->record_get, record, field, &value);
    std::string shown = Shown(value);
    Do(Calls()->record_close, record);
    return shown;
  }
  Said Change(const char* kind, const obviews_key& key, const char* from, const char* to,
              const std::vector<obviews_field>& fields = {}) {
    auto change = Sized<obviews_change>();
    change.kind = kind;
    change.key = key;
    change.from = from;
    change.to = to;
    change.fields = fields.data();
    change.field_count = fields.size();
    const obviews_change* changes[] = {&change};
    return Try(Calls()->advance, jobs_, changes, 1);
  }
  static obviews_field Field(const char* name, obviews_value value) { return {name, value}; }

  int64_t now_ = kNow;
  obviews_store* store_ = nullptr;
  obviews_jobs* jobs_ = nullptr;
};

TEST_F(JobsTest, AStatementStartsARecoveryAndTheListenerIsTold) {
  std::vector<int64_t> told;
  auto listener = [](void* context, int64_t job) {
    static_cast<std::vector<int64_t>*>(context)->push_back(job);
  };
  Do(Calls()->set_listener, jobs_, static_cast<void (*)(void*, int64_t)>(listener),
     static_cast<void*>(&told));
  obviews_statement_result started = Start();
  EXPECT_EQ(started.sys_job_id, 1);
  EXPECT_EQ(started.target_tenant_id, 1002);
  EXPECT_THAT(told, ElementsAre(1));
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "status"), "PREPARE");
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "start_ts"), std::to_string(kNow));
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "restore_scn"), "1692104831498747191");
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "description"), "NULL");
  int64_t ids[] = {0, 0};
  size_t count = 0;
  Do(Calls()->live_recoveries, jobs_, ids, 2, &count);
  EXPECT_EQ(count, 1U);
  EXPECT_THAT(ids, ElementsAre(1, 0));
  obviews_statement_result canceled = Start("ALTER SYSTEM CANCEL RECOVER TABLE shop_tenant");
  EXPECT_EQ(canceled.canceled_recover_jobs, 1U);
  EXPECT_EQ(canceled.sys_job_id, 0);
  EXPECT_THAT(told, ElementsAre(1, 1));
  Do(Calls()->set_listener, jobs_, nullptr, nullptr);
  auto again = Sized<obviews_statement_result>();
  Do(Calls()->cancel, jobs_, 1002, &again);
  EXPECT_EQ(again.canceled_recover_jobs, 0U);
  EXPECT_THAT(told, ElementsAre(1, 1));
}

TEST_F(JobsTest, StatementsThatAreWrongSayWhere) {
  auto refused = [&](std::string_view statement) {
    auto result = Sized<obviews_statement_result>();
    return Try(Calls()->run_statement, jobs_, ToText(statement), &result);
  };
  Said said = refused("ALTER SYSTEM RECOVER TABLE");
  EXPECT_EQ(said.code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(said.message, StartsWith("-5001:"));
  EXPECT_EQ(refused({"ALTER\0SYSTEM", 12}).code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(refused("").code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  // A cancel makes no tenant.
  EXPECT_EQ(refused("ALTER SYSTEM CANCEL RECOVER TABLE nobody").code, OBVIEWS_ERROR_NOT_FOUND);
  Start();
  EXPECT_THAT(refused(kRecover).message, StartsWith("-4179:"));
}

TEST_F(JobsTest, StrictTenantsAreThoseTheStoreKnows) {
  Do(Calls()->jobs_close, jobs_);
  OpenJobs(OBVIEWS_STRICT_TENANTS);
  EXPECT_EQ(Try(Calls()->run_statement, jobs_, ToText(kRecover), nullptr).code,
            OBVIEWS_ERROR_NOT_FOUND);
}

TEST_F(JobsTest, ARequestStartsARecovery) {
  auto request = Sized<obviews_start_request>();
  request.target_tenant_id = 1004;
  request.target_tenant_name = ToText("made");
  request.restore_scn = 1692104831498747191;
  request.table_list = ToText("`shop`.`orders`");
  request.backup_passwd = ToText("");
  request.description = ToText({"a\0b", 3});
  int64_t job = 0;
  Do(Calls()->start, jobs_, &request, &job);
  EXPECT_EQ(job, 1);
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "description"), std::string("a\0b", 3));
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "backup_passwd"), "");
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "external_kms_info"), "NULL");
  EXPECT_EQ(FieldOf("recover_job", {1, 1, 0}, "db_list"), "");
  // The zero byte in a view, and secrets hidden.
  obviews_session* session = OpenSession(store_);
  const char* view = "CDB_OB_RECOVER_TABLE_JOBS";
  const uint32_t columns[] = {ColumnOf(session, view, "DESCRIPTION"),
                              ColumnOf(session, view, "TARGET_TENANT_NAME")};
  auto options = ScanOf(view);
  options.flags = OBVIEWS_SCAN_COLUMNS | OBVIEWS_SCAN_LIMIT;
  options.columns = columns;
  options.column_count = 2;
  options.limit = 1;
  EXPECT_THAT(RowsOf(session, options), ElementsAre(std::string("a\0b made", 8)));
  Do(Reader()->session_close, session);
  for (auto spoil : {+[](obviews_start_request* r) { r->target_tenant_id = 1; },
                     +[](obviews_start_request* r) {
                       r->target_tenant_name = {nullptr, 0};
                     },
                     +[](obviews_start_request* r) {
                       r->target_tenant_name = {nullptr, 3};
                     },
                     +[](obviews_start_request* r) { r->import_all = 2; },
                     +[](obviews_start_request* r) { r->restore_scn = UINT64_MAX; },
                     +[](obviews_start_request* r) { r->size = 0; }}) {
    obviews_start_request wrong = request;
    wrong.target_tenant_id = 1006;
    wrong.target_tenant_name = ToText("other");
    spoil(&wrong);
    EXPECT_EQ(Try(Calls()->start, jobs_, &wrong, &job).code, OBVIEWS_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(job, 0);
  }
}

TEST_F(JobsTest, ChangesThatNoLifeHasAreRefused) {
  Start();
  const obviews_key sys = {1, 1, 0};
  Said said = Change("recover_job", sys, "PREPARE", "COMPLETED");
  EXPECT_EQ(said.code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(said.message, HasSubstr("PREPARE leads to RECOVERING or FAILED"));
  EXPECT_EQ(Change("recover_job", sys, "RECOVERING", "COMPLETED").code, OBVIEWS_ERROR_CONFLICT);
  EXPECT_EQ(Change("recover_job", {1, 77, 0}, "PREPARE", "RECOVERING").code,
            OBVIEWS_ERROR_CONFLICT);
  EXPECT_EQ(Change("recover_job", sys, "COMPLETED", "(history)").message,
            "use move_to_history to move a record to history");
  EXPECT_EQ(Change("recover_job_history", sys, "PREPARE", "RECOVERING").message,
            "recover_job_history is in history, and does not change");
  EXPECT_THAT(Change("recovery", sys, "PREPARE", "RECOVERING").message,
              StartsWith("no such kind of record: recovery; there are recover_job, "));
  EXPECT_EQ(Change(nullptr, sys, "PREPARE", "RECOVERING").code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(Change("recover_job", sys, nullptr, "RECOVERING").message, "a status is NULL");
  std::string endless(10'000, 'x');
  EXPECT_EQ(Change("recover_job", sys, endless.c_str(), endless.c_str()).code,
            OBVIEWS_ERROR_INVALID_ARGUMENT);
  const obviews_change* none[] = {nullptr};
  EXPECT_EQ(Try(Calls()->advance, jobs_, none, 1).message, "a change is NULL");
  EXPECT_EQ(FieldOf("recover_job", sys, "status"), "PREPARE");
}

TEST_F(JobsTest, FieldsAreSetByNameAndKind) {
  Start();
  const obviews_key sys = {1, 1, 0};
  auto set = [&](const char* name, obviews_value value) {
    return Change("recover_job", sys, "PREPARE", "PREPARE", {Field(name, value)}).message;
  };
  EXPECT_EQ(set("comment", TextValue({"a\0b", 3})), "");
  EXPECT_EQ(FieldOf("recover_job", sys, "comment"), std::string("a\0b", 3));
  EXPECT_EQ(set("end_ts", IntValue(7)), "");
  EXPECT_EQ(FieldOf("recover_job", sys, "end_ts"), "7");
  obviews_value number = IntValue(8);
  number.kind = OBVIEWS_UINT;
  EXPECT_EQ(set("end_ts", number), "");
  EXPECT_EQ(set("restore_scn", number), "");
  EXPECT_EQ(set("restore_scn", IntValue(9)), "");
  EXPECT_EQ(set("description", obviews_value{}), "");
  EXPECT_EQ(FieldOf("recover_job", sys, "restore_scn"), "9");
  number.as.unsigned_integer = UINT64_MAX;
  EXPECT_EQ(set("end_ts", number), "field end_ts is at most 9223372036854775807");
  EXPECT_EQ(set("restore_scn", IntValue(-1)), "field restore_scn must not be negative");
  EXPECT_EQ(set("end_ts", TextValue("7")), "field end_ts is an integer");
  EXPECT_EQ(set("comment", IntValue(7)), "field comment is a text");
  EXPECT_EQ(set("end_ts", obviews_value{}), "field end_ts must not be NULL");
  EXPECT_EQ(set("no_such", IntValue(7)), "recover_job has no field no_such");
  EXPECT_EQ(set(nullptr, IntValue(7)), "the name of a field is NULL");
  for (const char* field : {"status", "tenant_id", "job_id"}) {
    EXPECT_THAT(set(field, TextValue("x")), HasSubstr("is no field to set"));
  }
}

TEST_F(JobsTest, RecordsAreReadByKeyInitiatorAndField) {
  obviews_statement_result started = Start();
  obviews_record* job = nullptr;
  Do(Calls()->find_by_initiator, jobs_, "recover_job", started.target_tenant_id, 1, 1, &job);
  ASSERT_NE(job, nullptr);
  obviews_key key{};
  Do(Calls()->record_key, job, &key);
  EXPECT_EQ(key.tenant_id, 1002);
  EXPECT_EQ(key.job_id, 1);
  std::vector<std::string> names;
  obviews_field field{};
  while (Calls()->record_field(job, names.size(), &field, nullptr) == OBVIEWS_OK) {
    names.emplace_back(field.name);
  }
  EXPECT_EQ(names.size(), 39U);
  EXPECT_EQ(names[8], "status");
  EXPECT_EQ(Try(Calls()->record_field, job, SIZE_MAX, &field).code, OBVIEWS_ERROR_NOT_FOUND);
  obviews_value value{};
  EXPECT_EQ(Try(Calls()->record_get, job, "no_such", &value).message,
            "recover_job has no field no_such");
  // Of another kind than the call is for.
  EXPECT_EQ(Try(Calls()->make_tasks, jobs_, job, nullptr, 0).message,
            "the record is of kind recover_job, not import_job");
  EXPECT_EQ(Try(Calls()->make_import_job, jobs_, job, 1).message, "1 is no auxiliary tenant's id");
  EXPECT_EQ(Try(Calls()->make_import_job, jobs_, job, 1010).code, OBVIEWS_ERROR_CONFLICT);
  Do(Calls()->record_close, job);
  const obviews_key none = {1, 9, 0};
  Do(Calls()->find, jobs_, "recover_job", &none, &job);
  EXPECT_EQ(job, nullptr);
  EXPECT_EQ(Try(Calls()->find_by_initiator, jobs_, "import_task", 1, 1, 1, &job).message,
            "tasks have no initiator");
  EXPECT_EQ(
      Try(Calls()->move_to_history, jobs_, "import_task", &none, "FINISH", nullptr, 0).message,
      "tasks move to history with their import_job");
}

TEST_F(JobsTest, CommentsOfFailuresAreCutToTheRoomThereIs) {
  char comment[200];
  size_t size = 0;
  Do(Calls()->failure_comment, jobs_, -4072, comment, sizeof comment, &size);
  EXPECT_EQ(std::string_view(comment), std::string_view(comment, size));
  EXPECT_THAT(comment, StartsWith("result:-4072"));
  EXPECT_THAT(comment, HasSubstr("addr:127.0.0.1:2882"));
  Do(Calls()->failure_comment, jobs_, -4072, comment, 7, &size);
  EXPECT_STREQ(comment, "result");
  Do(Calls()->failure_comment, jobs_, -4072, nullptr, 0, &size);
  EXPECT_GT(size, 40U);
  int64_t now = 0;
  Do(Calls()->now_usec, jobs_, &now);
  EXPECT_EQ(now, kNow);
}

TEST_F(JobsTest, ProgressIsNotedForLiveRecoveriesAndWrittenWithTheNextChange) {
  Start();
  Do(Calls()->note_progress, jobs_, 1);
  EXPECT_EQ(Try(Calls()->note_progress, jobs_, 2).message,
            "recover_job (1, 2) is no live recovery that was started in this store");
  EXPECT_THAT(Ctl("stats").out, HasSubstr("\nsample\t0\t"));
  EXPECT_EQ(Change("recover_job", {1, 1, 0}, "PREPARE", "RECOVERING").message, "");
  EXPECT_THAT(Ctl("stats").out, HasSubstr("\nsample\t1\t"));
}

TEST_F(JobsTest, NeedAStoreThatIsOpenForWriting) {
  obviews_store* follower = Open();
  obviews_jobs* none = nullptr;
  EXPECT_EQ(Try(Calls()->jobs_open, follower, nullptr, &none).message,
            "the store is open for reading: jobs need OBVIEWS_READ_WRITE");
  Do(Reader()->store_close, follower);
}

TEST_F(JobsTest, AreOpenOnceAtATime) {
  obviews_jobs* second = nullptr;
  EXPECT_EQ(Try(Calls()->jobs_open, store_, nullptr, &second).message,
            "the jobs of the store are open already");
  Do(Calls()->jobs_close, jobs_);
  EXPECT_EQ(Try(Calls()->now_usec, jobs_, &now_).message,
            "the job store is closed, or was never given out");
  OpenJobs(0);
}

}  // namespace
}  // namespace obviews::c_abi
