// Every exit code with its message: what a person meets who types something wrong or has a store
// that is not what it should be.
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>

#include "stores.h"

namespace obviews::e2e {
namespace {

using engine::testing::Task;
using ::testing::HasSubstr;

constexpr const char* kView = "CDB_OB_IMPORT_TABLE_TASKS";

class ExitCodeTest : public StoreTest {};

void ExpectFailure(const Ran& ran, int code, const std::string& message) {
  EXPECT_EQ(ran.code, code) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(message));
  EXPECT_THAT(ran.err, ::testing::StartsWith("ERROR: "));
}

TEST_F(ExitCodeTest, WrongOptionsAre2) {
  Fill({});
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--bogus"}, "--bogus"},
      {{"-t", "-B", kView}, "more than one output format"},
      {{"--json", "--csv", kView}, "more than one output format"},
      {{"--mode", "postgres", kView}, "postgres"},
      {{"--time-zone", "Mars/Base", kView}, "unknown time zone \"Mars/Base\""},
      {{"--system-time-zone", "+25:00", kView}, "+25:00"},
      {{"--limit", "-1", kView},
       "--limit: '-1' is no whole number from 0 to 18446744073709551615;"},
      {{"--limit", "many", kView}, "--limit: 'many' is no whole number"},
      {{"--limit", "1e3", kView}, "--limit: '1e3' is no whole number"},
      {{"--limit", "", kView}, "--limit"},
      {{"--limit", "18446744073709551616", kView}, "'18446744073709551616' is no whole number"},
      {{"--limit", "1", "-e", "SELECT 1"}, "go with a VIEW"},
      {{"--where", "1"}, "go with a VIEW"},
      {{"--view-version", "9.9", kView}, "9.9"},
      {{"-e"}, "-e"},
  };
  for (const auto& [arguments, message] : cases) ExpectFailure(Dump(arguments), 2, message);
  ExpectFailure(Obviewsctl({}), 2, "subcommand is required");
  ExpectFailure(Obviewsctl({"lode"}), 2, "lode");
  ExpectFailure(Ctl("load"), 2, "file is required");
  ExpectFailure(Ctl("load", {"--format", "xml", "x"}), 2, "xml");
  ExpectFailure(Ctl("load", {"--time-zone", "Nowhere", "x"}), 2, "Nowhere");
}

TEST_F(ExitCodeTest, WrongStatementsAndNamesAre1) {
  Fill({Task(1002, 3, 7)});
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"CDB_OB_IMPORT_TABLE_TASK"},
       "no such table: CDB_OB_IMPORT_TABLE_TASK; did you mean CDB_OB_IMPORT_TABLE_TASKS?"},
      {{"-e", "SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOB"},
       "did you mean CDB_OB_RECOVER_TABLE_JOBS?"},
      {{"-e", "SELECT TASK_ID,\n  STATE FROM CDB_OB_IMPORT_TABLE_TASKS"},
       "no such column: STATE; did you mean STATUS?\n  at line 2, column 3:\n    STATE FROM "
       "CDB_OB_IMPORT_TABLE_TASKS\n    ^\n"},
      {{"-e", "SELECT a FRM x"},
       "near \"x\": syntax error\n  at line 1, column 14:\n  SELECT a FRM x\n               ^\n"},
      {{"-e", "SELECT 1 FROM"},
       "incomplete input\n  at line 1, column 14:\n  SELECT 1 FROM\n               ^\n"},
      {{kView, "--where", "STATU = 'x'"},
       "--where: no such column: STATU; did you mean STATUS?\n  at line 1, column 1:\n  STATU = "
       "'x'\n  ^\n"},
      {{kView, "--where", "1=1) or (1=1"},
       "--where: this ) closes nothing\n  at line 1, column 4:\n  1=1) or (1=1\n     ^\n"},
      {{kView, "--where", ""}, "--where: an expression is expected"},
      {{kView, "--where", "TASK_ID = "}, "--where: the expression is incomplete\n"},
      {{kView, "--order-by", "TASK_ID, STATU"},
       "--order-by: no such column: STATU; did you mean STATUS?\n  at line 1, column 10:\n  "
       "TASK_ID, STATU\n           ^\n"},
      {{kView, "--order-by", "TASK_ID LIMIT 1"},
       "--order-by: LIMIT is not part of an expression\n"},
      {{kView, "--columns", "TASK_ID, STATU"},
       "--columns: no such column: STATU; did you mean STATUS?\n  at line 1, column 10:\n  "
       "TASK_ID, STATU\n           ^\n"},
      {{kView, "--columns", "TASK_ID,"},
       "--columns: a column is expected\n  at line 1, column 9:\n  TASK_ID,\n          ^\n"},
      {{"SYS.CDB_OB_IMPORT_TABLE_TASKS"}, "the views are in oceanbase"},
      {{"-e", "DELETE FROM CDB_OB_IMPORT_TABLE_TASKS"}, "read-only"},
      {{"--tenant", "nobody", kView}, "unknown tenant 'nobody'"},
      {{"--tenant", "0", kView}, "0 is no tenant id"},
      {{"--mode", "oracle", kView}, "the sys tenant is in MySQL mode"},
      {{"--describe", "CDB_OB_IMPORT_TABLE_TASK"}, "did you mean CDB_OB_IMPORT_TABLE_TASKS?"},
  };
  for (const auto& [arguments, message] : cases) ExpectFailure(Dump(arguments), 1, message);
  ExpectFailure(Ctl("load", {Path("absent.txt")}), 1, "absent.txt");
  ExpectFailure(Ctl("load", {Path("")}), 1, "directory");
}

TEST_F(ExitCodeTest, AStoreThatIsNotThereIs3AndNothingIsCreated) {
  ExpectFailure(Dump({kView}), 3, "does not exist");
  EXPECT_FALSE(std::filesystem::exists(db()));
  for (const char* command : {"export", "verify", "stats", "tenants"}) {
    ExpectFailure(Ctl(command), 3, "does not exist");
    EXPECT_FALSE(std::filesystem::exists(db()));
  }
  std::filesystem::create_directory(db());
  ExpectFailure(Dump({kView}), 3, "empty");
  EXPECT_TRUE(std::filesystem::is_empty(db()));
  Write("db/notes.txt", "mine");
  ExpectFailure(Dump({kView}), 3, "not a record store");
  Ran into = Ctl("load", {"--view", kView, DataPath("e2e/one_task.tsv")});
  EXPECT_EQ(into.code, 3);
  EXPECT_THAT(into.err, HasSubstr("not a record store"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(db()), {}), 1);
  ExpectFailure(DumpViews({"--db", Path("db/notes.txt"), kView}), 3, "is a file");
}

TEST_F(ExitCodeTest, TheEnvironmentNamesTheStore) {
  Fill({Task(1002, 3, 7)});
  Given given;
  given.environment = {"OBVIEWS_DB=" + db()};
  EXPECT_EQ(DumpViews({"-N", "-e", "SELECT COUNT(*) FROM CDB_OB_IMPORT_TABLE_TASKS"}, given).out,
            "1\n");
}

TEST_F(ExitCodeTest, ANewerStoreIs3) {
  Fill({});
  {
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, db(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names.size());
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, db(), families, &handles, &raw).ok());
    ASSERT_TRUE(raw->Put({}, raw->DefaultColumnFamily(), "format", "99").ok());
    for (auto* handle : handles) raw->DestroyColumnFamilyHandle(handle);
    delete raw;
  }
  ExpectFailure(Dump({kView}), 3, "99");
  ExpectFailure(Ctl("load", {"--view", kView, DataPath("e2e/one_task.tsv")}), 3, "99");
}

TEST_F(ExitCodeTest, AStoreSomebodyWritesIsReadButNotWritten) {
  Fill({Task(1002, 3, 7)});
  engine::OpenOptions options;
  options.access = engine::Access::kReadWrite;
  auto writer = engine::Store::Open(db(), options);
  ASSERT_TRUE(writer);
  Ran second = Ctl("load", {"--view", kView, DataPath("e2e/one_task.tsv")});
  EXPECT_EQ(second.code, 3);
  EXPECT_THAT(second.err, HasSubstr("another process"));
  engine::Batch batch;
  batch.Put(Task(1002, 3, 8));
  ASSERT_TRUE((*writer)->Commit(batch));
  EXPECT_EQ(Query("SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS"), "7\n8\n");
}

TEST_F(ExitCodeTest, AnUnreadableStoreIs3) {
  Fill({Task(1002, 3, 7)});
  Given nobody;
  nobody.nobody = true;
  if (getuid() != 0) std::filesystem::permissions(db(), std::filesystem::perms::none);
  Ran ran = Dump({kView}, nobody);
  if (ran.code == 126 || ran.code == 127) GTEST_SKIP() << "no other user can run the program here";
  ExpectFailure(ran, 3, "ermission denied");
  if (getuid() != 0) std::filesystem::permissions(db(), std::filesystem::perms::owner_all);
}

std::string LargestFile(const std::string& directory, const std::string& extension) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() != extension) continue;
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
      largest = entry.path();
    }
  }
  return largest.string();
}

TEST_F(ExitCodeTest, FlippedBitsAre4AndNeverAWrongRow) {
  FillTasks(3000);
  const std::string right = Dump({kView}).out;
  const std::string file = LargestFile(db(), ".sst");
  const std::string sound = ReadFile(file);
  std::mt19937_64 random(7);
  int damaged = 0;
  for (int round = 0; round < (LongTests() ? 300 : 12); ++round) {
    std::string flipped = sound;
    size_t at = random() % flipped.size();
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random() % 8));
    WriteFile(file, flipped);
    Ran ran = Dump({kView});
    if (ran.code == 0) {
      EXPECT_TRUE(ran.out == right) << "byte " << at;
      continue;
    }
    ++damaged;
    EXPECT_EQ(ran.code, 4) << "byte " << at << "\n" << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("damage")) << "byte " << at;
    EXPECT_TRUE(right.starts_with(ran.out.substr(0, ran.out.rfind('\n') + 1))) << "byte " << at;
    EXPECT_EQ(Ctl("verify").code, 4) << "byte " << at;
  }
  EXPECT_GT(damaged, 0);
}

TEST_F(ExitCodeTest, ATornLogIsANotice) {
  Fill({Task(1002, 3, 7)});
  const std::string copy = Path("copy");
  {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    auto writer = engine::Store::Open(db(), options);
    ASSERT_TRUE(writer);
    for (int64_t task : {8, 9}) {
      engine::Batch batch;
      batch.Put(Task(1002, 3, task));
      ASSERT_TRUE((*writer)->Commit(batch));
    }
    std::filesystem::copy(db(), copy, std::filesystem::copy_options::recursive);
  }
  std::string log = LargestFile(copy, ".log");
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 5);
  Ran ran = DumpViews({"--db", copy, "-N", "-e", "SELECT TASK_ID FROM CDB_OB_IMPORT_TABLE_TASKS"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "7\n8\n");
  EXPECT_THAT(ran.err, ::testing::StartsWith("Notice: "));
}

TEST_F(ExitCodeTest, VerifyNamesTheKeyOfWhatNoServerWrites) {
  auto odd = Task(1002, 3, 7, "DANCING");
  odd.Set("start_ts", INT64_MIN);
  Fill({odd});
  Ran ran = Ctl("verify");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("problem: import_task (1002, 3, 7)"));
  EXPECT_THAT(ran.out, HasSubstr("DANCING"));
  EXPECT_THAT(ran.out, HasSubstr("start_ts"));
  Ran shown = Sql("SELECT START_TIMESTAMP FROM CDB_OB_IMPORT_TABLE_TASKS", {"-N"});
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out, "NULL\n");
  EXPECT_THAT(shown.err, ::testing::StartsWith("Warning: "));
}

}  // namespace
}  // namespace obviews::e2e
