// What a stored value shows as: every conversion and guard, in both modes, against texts worked out
// by hand.
#include "virtual_tables/materialise.h"

#include <gtest/gtest.h>

#include <limits>

#include "virtual_tables/testing.h"

namespace obviews::vtab {
namespace {

using engine::testing::Job;
using engine::testing::Task;
using schema::FieldValue;
using schema::Mode;
using schema::Record;
using schema::RecordKind;
using schema::RestoreShape;
using testing::SessionOf;
using testing::TestStore;
using testing::ToText;

const FieldValue kNull = std::monostate{};
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

/// What the view shows of the record, in the columns asked for, joined by " | ".
std::string Show(const Record& record, const Session& session, const char* view_name,
                 const std::vector<const char*>& columns, std::string* warning = nullptr) {
  static TestStore store;  // for all tests: making one takes longer than a test
  store.Put({record});
  const schema::View* view = session.FindView(view_name);
  if (view == nullptr) return "no such view";
  ScanRequest request;
  request.view = view;
  for (const char* key : {"TENANT_ID", "JOB_ID", "TASK_ID"}) {
    int column = view->FindColumn(key);
    if (column < 0) continue;
    const auto& field = record[view->columns[static_cast<size_t>(column)].field];
    request.predicate.children.push_back(
        Predicate::Compare(column, CompareOp::kEq, std::get<int64_t>(field)));
  }
  ViewCursor cursor(store.snapshot(), session, std::move(request));
  auto more = cursor.Next();
  if (!more || !*more) return more ? "no row" : more.error().message;
  std::string out;
  for (const char* name : columns) {
    auto value = cursor.Column(static_cast<size_t>(view->FindColumn(name)));
    out += (out.empty() ? "" : " | ") + (value ? ToText(*value) : value.error().message);
  }
  if (warning != nullptr) *warning = cursor.warning();
  return out;
}

Record With(Record record, const char* field, FieldValue value) {
  record.Set(field, std::move(value));
  return record;
}

Session Oracle(int64_t tenant = 1002, const char* zone = "+08:00") {
  return SessionOf(tenant, Mode::kOracle, zone);
}

TEST(ScnDisplay, OfTheUsersDocument) {
  Record job = Job(RecordKind::kRecoverJob, 1, 1);
  job.Set("restore_scn", uint64_t{1692104831498747191});
  EXPECT_EQ(
      Show(job, SessionOf(1), "CDB_OB_RECOVER_TABLE_JOBS", {"RESTORE_SCN", "RESTORE_SCN_DISPLAY"}),
      "1692104831498747191 | '2023-08-15 21:07:11.498747'");
  Record user = Job(RecordKind::kRecoverJob, 1002, 1);
  user.Set("restore_scn", uint64_t{1692618440000000000});
  user.Set("start_ts", int64_t{1692618864733548});
  EXPECT_EQ(
      Show(user, Oracle(), "DBA_OB_RECOVER_TABLE_JOBS", {"RESTORE_SCN_DISPLAY", "START_TIMESTAMP"}),
      "'21-AUG-23 07.47.20.000000000 PM' | '2023-08-21 19:54:25'");
}

TEST(ScnDisplay, UsesTheSystemZoneAndTimesTheSessionZone) {
  Record job = Job(RecordKind::kRecoverJob, 1, 1);
  job.Set("restore_scn", uint64_t{1692104831498747191});
  job.Set("start_ts", int64_t{1692104831498747});
  Session session = SessionOf(1, Mode::kMySql, "+00:00");
  session.time_zone = *schema::Zone::Parse("America/New_York");
  EXPECT_EQ(
      Show(job, session, "CDB_OB_RECOVER_TABLE_JOBS", {"RESTORE_SCN_DISPLAY", "START_TIMESTAMP"}),
      "'2023-08-15 13:07:11.498747' | '2023-08-15 09:07:11.498747'");
}

TEST(ScnDisplay, ZeroIsNullButForRestoreViewsOfOracleMode) {
  Record job = With(Job(RecordKind::kRecoverJob, 1002, 1), "restore_scn", uint64_t{0});
  EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RECOVER_TABLE_JOBS", {"RESTORE_SCN_DISPLAY"}),
            "NULL");
  EXPECT_EQ(Show(job, Oracle(), "DBA_OB_RECOVER_TABLE_JOBS", {"RESTORE_SCN_DISPLAY"}), "NULL");
  Record live = With(Job(RecordKind::kRestoreJob, 1002, 1), "restore_scn", "0");
  EXPECT_EQ(Show(live, SessionOf(1002), "DBA_OB_RESTORE_PROGRESS",
                 {"RESTORE_SCN", "RESTORE_SCN_DISPLAY"}),
            "'0' | NULL");
  EXPECT_EQ(Show(live, Oracle(), "DBA_OB_RESTORE_PROGRESS", {"RESTORE_SCN", "RESTORE_SCN_DISPLAY"}),
            "0 | '01-JAN-70 08.00.00.000000000 AM'");
  Record past = With(Job(RecordKind::kRestoreJobHistory, 1002, 1), "restore_scn", uint64_t{0});
  EXPECT_EQ(Show(past, SessionOf(1002), "DBA_OB_RESTORE_HISTORY", {"RESTORE_SCN_DISPLAY"}), "NULL");
  EXPECT_EQ(Show(past, Oracle(), "DBA_OB_RESTORE_HISTORY", {"RESTORE_SCN_DISPLAY"}),
            "'01-JAN-70 08.00.00.000000000 AM'");
}

TEST(Times, StartHasNoGuard) {
  for (int64_t usec : {0, -1}) {
    Record task = With(Task(1002, 3, 1), "start_ts", usec);
    EXPECT_EQ(Show(task, SessionOf(1002), "DBA_OB_IMPORT_TABLE_TASKS", {"START_TIMESTAMP"}),
              usec == 0 ? "'1970-01-01 08:00:00.000000'" : "'1970-01-01 07:59:59.999999'");
    EXPECT_EQ(Show(task, Oracle(), "DBA_OB_IMPORT_TABLE_TASKS", {"START_TIMESTAMP"}),
              "'1970-01-01 08:00:00'");
  }
}

TEST(Times, CompletionIsNullWhileUnset) {
  struct {
    int64_t usec;
    const char* mysql;
    const char* oracle;
  } cases[] = {{-1, "NULL", "NULL"},
               {0, "'1970-01-01 08:00:00.000000'", "'1970-01-01 08:00:00'"},
               {1685570400000000, "'2023-06-01 06:00:00.000000'", "'2023-06-01 06:00:00'"}};
  for (const auto& c : cases) {
    Record task = With(Task(1002, 3, 1), "completion_ts", c.usec);
    EXPECT_EQ(Show(task, SessionOf(1002), "DBA_OB_IMPORT_TABLE_TASKS", {"COMPLETION_TIMESTAMP"}),
              c.mysql);
    EXPECT_EQ(Show(task, Oracle(), "DBA_OB_IMPORT_TABLE_TASKS", {"COMPLETION_TIMESTAMP"}),
              c.oracle);
  }
}

TEST(Times, FinishIsGuardedInLiveViewsOnly) {
  Record live = With(Job(RecordKind::kImportJob, 1002, 1), "end_ts", int64_t{0});
  EXPECT_EQ(Show(live, SessionOf(1002), "DBA_OB_IMPORT_TABLE_JOBS", {"FINISH_TIMESTAMP"}), "NULL");
  EXPECT_EQ(Show(live, Oracle(), "DBA_OB_IMPORT_TABLE_JOBS", {"FINISH_TIMESTAMP"}), "NULL");
  Record past = With(Job(RecordKind::kImportJobHistory, 1002, 1), "end_ts", int64_t{0});
  EXPECT_EQ(Show(past, SessionOf(1002), "DBA_OB_IMPORT_TABLE_JOB_HISTORY", {"FINISH_TIMESTAMP"}),
            "'1970-01-01 08:00:00.000000'");
  EXPECT_EQ(Show(past, Oracle(), "DBA_OB_IMPORT_TABLE_JOB_HISTORY", {"FINISH_TIMESTAMP"}),
            "'1970-01-01 08:00:00'");
}

TEST(Times, JobTimesOfOracleModeStandAtPlusEightWhateverTheZones) {
  Record job = With(Job(RecordKind::kRecoverJob, 1002, 1), "start_ts", int64_t{1692618864733548});
  EXPECT_EQ(
      Show(job, Oracle(1002, "America/New_York"), "DBA_OB_RECOVER_TABLE_JOBS", {"START_TIMESTAMP"}),
      "'2023-08-21 19:54:25'");
}

TEST(Times, RestoreHistoryHoldsTimestamps) {
  Record past = Job(RecordKind::kRestoreJobHistory, 1002, 1);
  past.Set("start_time", int64_t{1692618864733548});
  EXPECT_EQ(Show(past, SessionOf(1002), "DBA_OB_RESTORE_HISTORY",
                 {"START_TIMESTAMP", "FINISH_TIMESTAMP"}),
            "'2023-08-21 19:54:24.733548' | NULL");
  EXPECT_EQ(Show(past, Oracle(1002, "+00:00"), "DBA_OB_RESTORE_HISTORY",
                 {"START_TIMESTAMP", "FINISH_TIMESTAMP"}),
            "'21-AUG-23 11.54.24.733548 AM' | NULL");
}

TEST(Times, RestoreStartComesFromAText) {
  struct {
    FieldValue stored;
    const char* mysql;
    const char* oracle;
  } cases[] = {{"1685570400000000", "'2023-06-01 06:00:00.000000'", "'2023-06-01 06:00:00'"},
               {"0", "NULL", "NULL"},
               {"", "NULL", "NULL"},
               {kNull, "NULL", "NULL"}};
  for (const auto& c : cases) {
    Record job = With(Job(RecordKind::kRestoreJob, 1002, 1), "restore_start_ts", c.stored);
    EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RESTORE_PROGRESS", {"START_TIMESTAMP"}), c.mysql);
    EXPECT_EQ(Show(job, Oracle(), "DBA_OB_RESTORE_PROGRESS", {"START_TIMESTAMP"}), c.oracle);
  }
}

TEST(Times, OutOfRangeIsNullWithOneWarning) {
  Record task = With(Task(1002, 3, 1047), "start_ts", kMax);
  std::string warning;
  EXPECT_EQ(Show(task, SessionOf(1002), "DBA_OB_IMPORT_TABLE_TASKS",
                 {"START_TIMESTAMP", "START_TIMESTAMP"}, &warning),
            "NULL | NULL");
  EXPECT_EQ(warning,
            "START_TIMESTAMP of import_task (1002, 3, 1047) is 9223372036854775807 microseconds, "
            "outside the years a time can show; shown as NULL");
  EXPECT_EQ(Show(task, Oracle(), "DBA_OB_IMPORT_TABLE_TASKS", {"START_TIMESTAMP"}, &warning),
            "NULL");
  EXPECT_NE(warning, "");
  // The end of the years depends on the zone.
  task.Set("start_ts", int64_t{253402300799999999});
  EXPECT_EQ(Show(task, SessionOf(1002, Mode::kMySql, "+00:00"), "DBA_OB_IMPORT_TABLE_TASKS",
                 {"START_TIMESTAMP"}, &warning),
            "'9999-12-31 23:59:59.999999'");
  EXPECT_EQ(warning, "");
  EXPECT_EQ(Show(task, SessionOf(1002), "DBA_OB_IMPORT_TABLE_TASKS", {"START_TIMESTAMP"}, &warning),
            "NULL");
  EXPECT_NE(warning, "");
}

TEST(Bytes, HaveAUnit) {
  struct {
    FieldValue bytes;
    const char* mysql;
    const char* oracle;
  } cases[] = {{kNull, "NULL", "'MB'"},
               {int64_t{0}, "'0.00MB'", "'0MB'"},
               {int64_t{136315}, "'0.13MB'", "'.13MB'"},
               {int64_t{313157222}, "'298.65MB'", "'298.65MB'"},
               {int64_t{1073741823}, "'1024.00MB'", "'1024MB'"},
               {int64_t{1610612736}, "'1.50GB'", "'1.5GB'"}};
  for (const auto& c : cases) {
    Record job = With(Job(RecordKind::kRestoreJob, 1002, 1), "total_bytes", c.bytes);
    EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RESTORE_PROGRESS", {"TOTAL_BYTES_DISPLAY"}),
              c.mysql);
    EXPECT_EQ(Show(job, Oracle(), "DBA_OB_RESTORE_PROGRESS", {"TOTAL_BYTES_DISPLAY"}), c.oracle);
  }
}

TEST(Status, InnerRestoreStagesShowAsRestoring) {
  struct {
    const char* stored;
    const char* cdb;
    const char* dba;
  } cases[] = {{"RESTORE_PRE", "'RESTORING'", "'RESTORING'"},
               {"RESTORE_WAIT_LS", "'RESTORING'", "'RESTORING'"},
               {"POST_CHECK", "'RESTORING'", "'RESTORING'"},
               {"PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN", "'RESTORING'",
                "'PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN'"},
               {"RESTORE_SUCCESS", "'RESTORE_SUCCESS'", "'RESTORE_SUCCESS'"},
               {"restore_pre", "'restore_pre'", "'restore_pre'"}};
  for (const auto& c : cases) {
    Record job = With(Job(RecordKind::kRestoreJob, 1, 1), "status", c.stored);
    EXPECT_EQ(Show(job, SessionOf(1), "CDB_OB_RESTORE_PROGRESS", {"STATUS"}), c.cdb);
    EXPECT_EQ(Show(job, SessionOf(1), "DBA_OB_RESTORE_PROGRESS", {"STATUS"}), c.dba);
  }
}

TEST(Texts, EmptyIsNullInOracleModeOnly) {
  Record job = Job(RecordKind::kRecoverJob, 1002, 1);
  job.Set("db_list", "");
  job.Set("description", kNull);
  job.Set("aux_tenant_name", "AUX_RECOVER$1692106995896258");
  std::vector<const char*> columns = {"DB_LIST", "DESCRIPTION", "AUX_TENANT_NAME"};
  EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RECOVER_TABLE_JOBS", columns),
            "'' | NULL | 'AUX_RECOVER$1692106995896258'");
  EXPECT_EQ(Show(job, Oracle(), "DBA_OB_RECOVER_TABLE_JOBS", columns),
            "NULL | NULL | 'AUX_RECOVER$1692106995896258'");
}

TEST(Texts, AreShownByteForByteHoweverLong) {
  std::string odd("a\0b\xFF`,'\n", 8);
  std::string list(100000, 'x');
  Record job = Job(RecordKind::kRecoverJob, 1002, 1);
  job.Set("comment", odd);
  job.Set("table_list", list);
  EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RECOVER_TABLE_JOBS", {"COMMENT", "TABLE_LIST"}),
            "'" + odd + "' | '" + list + "'");
  job.Set("result", "SUCCEESS");
  EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RECOVER_TABLE_JOBS", {"RESULT"}), "'SUCCEESS'");
}

TEST(Texts, OfOracleRestoreProgressAreCutToVarchar) {
  std::string table = "\xE8\xA1\xA8";  // three bytes
  struct {
    std::string stored;
    size_t shown;
  } cases[] = {{std::string(4096, 'x'), 4096},
               {std::string(4097, 'x'), 4096},
               {std::string(4095, 'x') + table, 4095},
               {std::string(4093, 'x') + table + table, 4096},
               {std::string(9000, '\x80'), 4096}};  // no UTF-8: cut as it is
  for (const auto& c : cases) {
    Record job = With(Job(RecordKind::kRestoreJob, 1002, 1), "description", c.stored);
    EXPECT_EQ(Show(job, Oracle(), "DBA_OB_RESTORE_PROGRESS", {"DESCRIPTION"}),
              "'" + c.stored.substr(0, c.shown) + "'");
    EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RESTORE_PROGRESS", {"DESCRIPTION"}),
              "'" + c.stored + "'");
  }
}

TEST(Numbers, OfTheKeyValueTableAreTextInMySqlModeAndNumbersInOracleMode) {
  struct {
    FieldValue stored;
    const char* mysql;
    const char* oracle;
  } cases[] = {{"1002", "'1002'", "1002"},
               {" 12abc", "' 12abc'", "12"},
               {"", "''", "NULL"},
               {kNull, "NULL", "NULL"},
               {"99999999999999999999", "'99999999999999999999'", "9223372036854775807"}};
  for (const auto& c : cases) {
    Record job = With(Job(RecordKind::kRestoreJob, 1002, 1), "restore_tenant_id", c.stored);
    EXPECT_EQ(Show(job, SessionOf(1002), "DBA_OB_RESTORE_PROGRESS", {"RESTORE_TENANT_ID"}),
              c.mysql);
    EXPECT_EQ(Show(job, Oracle(), "DBA_OB_RESTORE_PROGRESS", {"RESTORE_TENANT_ID"}), c.oracle);
  }
}

TEST(Secrets, AreMaskedUnlessAskedFor) {
  Record job = Job(RecordKind::kRecoverJob, 1002, 1);
  job.Set("backup_passwd", "pw");
  job.Set("external_kms_info", "");
  job.Set("backup_dest", "oss://b/p?host=h&access_id=AK&access_key=SK,file:///x");
  job.Set("restore_option", "pool_list=p&kms_encrypt=1");
  std::vector<const char*> columns = {"BACKUP_PASSWD", "EXTERNAL_KMS_INFO", "BACKUP_DEST",
                                      "RESTORE_OPTION"};
  Session session = SessionOf(1002);
  EXPECT_EQ(Show(job, session, "DBA_OB_RECOVER_TABLE_JOBS", columns),
            "'******' | '' | 'oss://b/p?host=h&access_id=******&access_key=******,file:///x' | "
            "'pool_list=p&kms_encrypt=1'");
  session.show_secrets = true;
  EXPECT_EQ(Show(job, session, "DBA_OB_RECOVER_TABLE_JOBS", columns),
            "'pw' | '' | 'oss://b/p?host=h&access_id=AK&access_key=SK,file:///x' | "
            "'pool_list=p&kms_encrypt=1'");
}

TEST(Secrets, AreMaskedBeforeAnyFilterSeesThem) {
  Record job = Job(RecordKind::kRecoverJob, 1002, 1);
  job.Set("backup_passwd", "pw");
  job.Set("backup_dest", "oss://b/p?access_key=SK");
  TestStore store({job});
  Session session = SessionOf(1002);
  const schema::View* view = session.FindView("DBA_OB_RECOVER_TABLE_JOBS");
  int passwd = view->FindColumn("BACKUP_PASSWD");
  int dest = view->FindColumn("BACKUP_DEST");
  auto found = [&](Predicate predicate) {
    ViewCursor cursor(store.snapshot(), session, {.view = view, .predicate = std::move(predicate)});
    auto more = cursor.Next();
    return more && *more;
  };
  using std::string;
  EXPECT_FALSE(found(Predicate::Compare(passwd, CompareOp::kEq, string("pw"))));
  EXPECT_TRUE(found(Predicate::Compare(passwd, CompareOp::kEq, string("******"))));
  EXPECT_FALSE(found(Predicate::Compare(passwd, CompareOp::kGe, string("p"))));
  EXPECT_FALSE(found(Predicate::In(passwd, {string("pw")})));
  EXPECT_FALSE(found(Predicate::Like(passwd, "p%")));
  EXPECT_FALSE(found(Predicate::Like(dest, "%SK%")));
  EXPECT_FALSE(found(Predicate::Compare(dest, CompareOp::kEq, string("oss://b/p?access_key=SK"))));
  EXPECT_TRUE(found(Predicate::In(dest, {string("oss://b/p?access_key=******")})));
  session.show_secrets = true;
  EXPECT_TRUE(found(Predicate::Compare(passwd, CompareOp::kEq, string("pw"))));
  EXPECT_TRUE(found(Predicate::Like(dest, "%SK%")));
}

TEST(Percents, OfTheNewerRestoreViews) {
  Record job = Job(RecordKind::kRestoreJob, 1002, 1);
  job.Set("finish_bytes", int64_t{1});
  job.Set("total_bytes", int64_t{3});
  job.Set("finish_tablet_count", int64_t{1});
  job.Set("tablet_count", int64_t{2});
  job.Set("status", "RESTORE_WAIT_LS");
  job.Set("consistent_scn", "100");
  job.Set("restore_scn", "200");
  job.Set("readable_scn", uint64_t{150});
  Session session = SessionOf(1002);
  session.shape = RestoreShape::k423;
  std::vector<const char*> columns = {"RESTORE_PROGRESS", "RECOVER_PROGRESS"};
  EXPECT_EQ(Show(job, session, "DBA_OB_RESTORE_PROGRESS", columns), "33.33 | 50.00");
  EXPECT_EQ(Show(With(job, "progress_display_mode", "TABLET_CNT"), session,
                 "DBA_OB_RESTORE_PROGRESS", columns),
            "50.00 | 50.00");
  // A mode nobody knows, so long that it lives outside the record.
  EXPECT_EQ(Show(With(job, "progress_display_mode", std::string(5000, 'x')), session,
                 "DBA_OB_RESTORE_PROGRESS", columns),
            "33.33 | 50.00");
  EXPECT_EQ(Show(With(job, "readable_scn", kNull), session, "DBA_OB_RESTORE_PROGRESS", columns),
            "33.33 | NULL");
  EXPECT_EQ(Show(With(job, "status", "RESTORE_PRE"), session, "DBA_OB_RESTORE_PROGRESS", columns),
            "33.33 | 0.00");
  EXPECT_EQ(Show(With(job, "total_bytes", int64_t{0}), session, "DBA_OB_RESTORE_PROGRESS", columns),
            "NULL | 50.00");
  EXPECT_EQ(Show(With(job, "readable_scn", uint64_t{1}), session, "DBA_OB_RESTORE_PROGRESS",
                 {"RECOVER_SCN", "RECOVER_SCN_DISPLAY"}),
            "1 | NULL");
}

}  // namespace
}  // namespace obviews::vtab
