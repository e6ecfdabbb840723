// What a host may do wrong, and what it may do more than once.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <thread>

#include "loaded.h"

namespace obviews::c_abi {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// Of the first version: nothing may move. Growth is behind what is here.
static_assert(sizeof(obviews_error) == 16 && offsetof(obviews_error, message) == 8);
static_assert(sizeof(obviews_text) == 16 && offsetof(obviews_text, size) == 8);
static_assert(sizeof(obviews_value) == 24 && offsetof(obviews_value, as) == 8);
static_assert(sizeof(obviews_key) == 24 && sizeof(obviews_field) == 32);
static_assert(sizeof(obviews_text_column) == 16 && offsetof(obviews_text_column, step) == 8);
static_assert(sizeof(obviews_store_options) >= 16 && offsetof(obviews_store_options, flags) == 8);
static_assert(sizeof(obviews_session_options) >= 56 &&
              offsetof(obviews_session_options, now_usec) == 48);
static_assert(sizeof(obviews_scan_options) >= 56 && offsetof(obviews_scan_options, offset) == 48);
static_assert(sizeof(obviews_predicate) >= 56 && offsetof(obviews_predicate, escape) == 48);
static_assert(sizeof(obviews_batch) >= 24 && offsetof(obviews_batch, values) == 16);
static_assert(sizeof(obviews_text_batch) >= 24 && offsetof(obviews_text_batch, columns) == 16);
static_assert(sizeof(obviews_explanation) >= 112 && offsetof(obviews_explanation, warning) == 104);
static_assert(sizeof(obviews_column_info) >= 64 && offsetof(obviews_column_info, meaning) == 56);
static_assert(sizeof(obviews_view_info) >= 48 && offsetof(obviews_view_info, columns) == 40);
static_assert(sizeof(obviews_start_request) >= 288 &&
              offsetof(obviews_start_request, description) == 272);
static_assert(sizeof(obviews_change) >= 72 && offsetof(obviews_change, field_count) == 64);
static_assert(sizeof(obviews_listed_table) >= 192 &&
              offsetof(obviews_listed_table, triggers) == 184);
static_assert(sizeof(obviews_statement_result) >= 48 &&
              offsetof(obviews_statement_result, observed_jobs) == 40);
static_assert(sizeof(obviews_reader) >= 144 && offsetof(obviews_reader, count_rows) == 136);
static_assert(sizeof(obviews_job_calls) >= 192 &&
              offsetof(obviews_job_calls, note_progress) == 184);
static_assert(sizeof(obviews_api) >= 40 && offsetof(obviews_api, jobs) == 32);

TEST(EntryPointTest, GivesTheSameTablesHoweverOften) {
  auto entry = EntryPoint();
  ASSERT_NE(entry, nullptr);
  const obviews_api* api = entry(OBVIEWS_ABI_VERSION, nullptr);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(entry(OBVIEWS_ABI_VERSION, nullptr), api);
  EXPECT_EQ(api->size, sizeof(obviews_api));
  EXPECT_EQ(api->abi_version, OBVIEWS_ABI_VERSION);
  EXPECT_EQ(api->reader->size, sizeof(obviews_reader));
  EXPECT_EQ(api->jobs->size, sizeof(obviews_job_calls));
  EXPECT_TRUE(OBVIEWS_HAS(api->reader, count_rows));
  // No function was left out.
  for (const void* table :
       {static_cast<const void*>(api->reader + 0), static_cast<const void*>(api->jobs)}) {
    const auto* words = static_cast<const void* const*>(table);
    size_t count = (table == api->reader ? sizeof(obviews_reader) : sizeof(obviews_job_calls)) / 8;
    for (size_t i = 1; i < count; ++i) EXPECT_NE(words[i], nullptr) << i;
  }
}

TEST(EntryPointTest, RefusesAnotherVersionNamingBoth) {
  auto entry = EntryPoint();
  for (uint32_t version : {0U, 2U, UINT32_MAX}) {
    obviews_error* error = nullptr;
    EXPECT_EQ(entry(version, &error), nullptr);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code, OBVIEWS_ERROR_ABI_VERSION);
    EXPECT_THAT(error->message, HasSubstr("version " + std::to_string(version) + " of"));
    EXPECT_THAT(error->message, HasSubstr("has version 1"));
    Api()->error_free(error);  // needs not be, and does no harm
    EXPECT_EQ(entry(version, nullptr), nullptr);
  }
}

using MisuseTest = CAbiTest;

TEST_F(MisuseTest, LoadingTwiceAndAgainAfterUnloading) {
  LoadTasks(1);
  void* first = dlopen(OBVIEWS_LIBRARY, RTLD_NOW);
  void* second = dlopen(OBVIEWS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  EXPECT_EQ(first, second);
  obviews_store* store = Open();
  dlclose(first);
  dlclose(second);
  obviews_session* session = OpenSession(store);
  EXPECT_EQ(RowsOf(session, ScanOf(kTasks)).size(), 1U);
  EXPECT_EQ(EntryPoint()(OBVIEWS_ABI_VERSION, nullptr), Api());
  Do(Reader()->session_close, session);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, ACopyOfTheLibraryKnowsNoHandlesOfTheOther) {
  LoadTasks(1);
  std::filesystem::copy(OBVIEWS_LIBRARY, Path("copy.so"));
  void* copy = dlopen(Path("copy.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(copy, nullptr) << dlerror();
  auto entry = reinterpret_cast<obviews_plugin_function>(dlsym(copy, "obviews_plugin"));
  const obviews_api* other = entry(OBVIEWS_ABI_VERSION, nullptr);
  ASSERT_NE(other, Api());
  obviews_store* store = Open();
  EXPECT_EQ(other->reader->store_close(store, nullptr), OBVIEWS_ERROR_INVALID_ARGUMENT);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, HandlesThatAreNoneAreErrors) {
  LoadTasks(1);
  obviews_store* store = Open();
  obviews_session* session = OpenSession(store);
  Do(Reader()->session_close, session);
  Said said = Try(Reader()->session_close, session);
  EXPECT_EQ(said.code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(said.message, "the session is closed, or was never given out");
  EXPECT_EQ(Try(Reader()->session_close, nullptr).message, "the session is NULL");
  EXPECT_EQ(Try(Reader()->session_close, reinterpret_cast<obviews_session*>(store)).message,
            "the session is a handle of something else");
  int own = 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): what a host may make up
  for (void* foreign : {static_cast<void*>(&own), reinterpret_cast<void*>(UINTPTR_MAX)}) {
    EXPECT_EQ(Try(Reader()->store_close, static_cast<obviews_store*>(foreign)).message,
              "the store is closed, or was never given out");
  }
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, EveryFunctionTakesNothingForHandlesAndResults) {
  const obviews_reader& r = *Reader();
  const obviews_job_calls& j = *Calls();
  for (int32_t code : {
           r.store_open(nullptr, nullptr, nullptr, nullptr),
           r.store_close(nullptr, nullptr),
           r.store_notices(nullptr, nullptr, nullptr, nullptr),
           r.session_open(nullptr, nullptr, nullptr, nullptr),
           r.session_close(nullptr, nullptr),
           r.session_info(nullptr, nullptr, nullptr),
           r.views(nullptr, nullptr, nullptr, nullptr),
           r.describe(nullptr, nullptr, nullptr, nullptr),
           r.snapshot_take(nullptr, nullptr, nullptr),
           r.snapshot_close(nullptr, nullptr),
           r.snapshot_info(nullptr, nullptr, nullptr),
           r.scan_open(nullptr, nullptr, nullptr, nullptr, nullptr),
           r.scan_close(nullptr, nullptr),
           r.fetch(nullptr, 0, nullptr, nullptr),
           r.fetch_texts(nullptr, 0, nullptr, nullptr),
           r.explain(nullptr, nullptr, nullptr),
           r.count_rows(nullptr, nullptr, nullptr, nullptr, nullptr),
           j.jobs_open(nullptr, nullptr, nullptr, nullptr),
           j.jobs_close(nullptr, nullptr),
           j.set_listener(nullptr, nullptr, nullptr, nullptr),
           j.run_statement(nullptr, {nullptr, 0}, nullptr, nullptr),
           j.start(nullptr, nullptr, nullptr, nullptr),
           j.ensure_user_job(nullptr, 0, nullptr),
           j.cancel(nullptr, 0, nullptr, nullptr),
           j.advance(nullptr, nullptr, 0, nullptr),
           j.make_aux_restore_job(nullptr, nullptr, 0, nullptr),
           j.make_import_job(nullptr, nullptr, 0, nullptr),
           j.make_tasks(nullptr, nullptr, nullptr, 0, nullptr),
           j.move_to_history(nullptr, nullptr, nullptr, nullptr, nullptr, 0, nullptr),
           j.forget_tenant(nullptr, 0, 0, nullptr),
           j.live_recoveries(nullptr, nullptr, 0, nullptr, nullptr),
           j.find(nullptr, nullptr, nullptr, nullptr, nullptr),
           j.find_by_initiator(nullptr, nullptr, 0, 0, 0, nullptr, nullptr),
           j.record_close(nullptr, nullptr),
           j.record_key(nullptr, nullptr, nullptr),
           j.record_get(nullptr, nullptr, nullptr, nullptr),
           j.record_field(nullptr, 0, nullptr, nullptr),
           j.now_usec(nullptr, nullptr, nullptr),
           j.failure_comment(nullptr, 0, nullptr, 0, nullptr, nullptr),
           j.note_progress(nullptr, 0, nullptr),
       }) {
    EXPECT_EQ(code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  }
  Api()->error_free(nullptr);
  auto* record = reinterpret_cast<obviews_record*>(1);
  EXPECT_NE(j.find(nullptr, nullptr, nullptr, &record, nullptr), OBVIEWS_OK);
  EXPECT_EQ(record, nullptr) << "of a call that fails";
}

TEST_F(MisuseTest, AnErrorIsFreedOnce) {
  obviews_error* error = nullptr;
  EXPECT_EQ(Reader()->store_close(nullptr, &error), OBVIEWS_ERROR_INVALID_ARGUMENT);
  ASSERT_NE(error, nullptr);
  Api()->error_free(error);
  Api()->error_free(error);
}

TEST_F(MisuseTest, StructsOfOtherSizes) {
  LoadTasks(1);
  obviews_store* store = nullptr;
  struct Longer {
    obviews_store_options known;
    uint64_t more;
  } longer = {Sized<obviews_store_options>(), 0};
  longer.known.size = sizeof longer;
  Do(Reader()->store_open, db().c_str(), &longer.known, &store);
  Do(Reader()->store_close, store);
  longer.more = 1;
  Said said = Try(Reader()->store_open, db().c_str(), &longer.known, &store);
  EXPECT_EQ(said.code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(store, nullptr);
  EXPECT_EQ(said.message,
            "obviews_store_options has 24 bytes, and what is set behind the first 16 is of a newer "
            "version of obviews than this library");
  // Of a shorter one only what it has is looked at.
  longer.known = Sized<obviews_store_options>();
  longer.known.size = offsetof(obviews_store_options, flags);
  longer.known.flags = 0xFFFF;
  Do(Reader()->store_open, db().c_str(), &longer.known, &store);
  for (uint32_t size : {0U, 7U, 5000U, UINT32_MAX}) {
    longer.known.size = size;
    obviews_store* none = nullptr;
    EXPECT_EQ(Try(Reader()->store_open, db().c_str(), &longer.known, &none).message,
              "obviews_store_options has the size " + std::to_string(size) +
                  ": set it to sizeof the struct");
  }
  obviews_session* session = OpenSession(store);
  struct LongerInfo {
    obviews_session_info known;
    uint64_t more;
  } info{};
  info.known.size = sizeof info;
  info.more = 7;
  Do(Reader()->session_info, session, &info.known);
  EXPECT_EQ(info.known.size, sizeof info);
  EXPECT_EQ(info.known.tenant_id, 1);
  EXPECT_EQ(info.more, 0U);
  obviews_session_info shorter{};
  shorter.size = offsetof(obviews_session_info, notice);
  Do(Reader()->session_info, session, &shorter);
  EXPECT_EQ(shorter.tenant_id, 1);
  EXPECT_EQ(shorter.notice, nullptr);
  Do(Reader()->session_close, session);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, OptionsThatMeanNothingAreErrors) {
  LoadTasks(1);
  obviews_store* store = nullptr;
  auto options = Sized<obviews_store_options>();
  options.access = 3;
  EXPECT_EQ(Try(Reader()->store_open, db().c_str(), &options, &store).message, "no such access: 3");
  options.access = OBVIEWS_READ_WRITE;
  options.flags = 12;
  EXPECT_EQ(Try(Reader()->store_open, db().c_str(), &options, &store).message,
            "obviews_store_options has flags this library does not know: 0xc");
  options = Sized<obviews_store_options>();
  options.flags = OBVIEWS_CREATE_IF_MISSING;
  EXPECT_EQ(Try(Reader()->store_open, db().c_str(), &options, &store).message,
            "the flags of obviews_store_options go with OBVIEWS_READ_WRITE");
  store = Open();
  obviews_session* session = nullptr;
  auto asked = Sized<obviews_session_options>();
  asked.time_zone = "Nowhere/Town";
  EXPECT_EQ(Try(Reader()->session_open, store, &asked, &session).code,
            OBVIEWS_ERROR_INVALID_ARGUMENT);
  asked = Sized<obviews_session_options>();
  asked.tenant = "nobody";
  EXPECT_EQ(Try(Reader()->session_open, store, &asked, &session).code, OBVIEWS_ERROR_NOT_FOUND);
  EXPECT_EQ(session, nullptr);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, StoresThatCannotBeOpenedSayWhy) {
  obviews_store* store = nullptr;
  EXPECT_EQ(Try(Reader()->store_open, Path("none").c_str(), nullptr, &store).code,
            OBVIEWS_ERROR_STORE_MISSING);
  LoadTasks(10);
  obviews_store* writer = Open(OBVIEWS_READ_WRITE);
  auto options = Sized<obviews_store_options>();
  options.access = OBVIEWS_READ_WRITE;
  EXPECT_EQ(Try(Reader()->store_open, db().c_str(), &options, &store).code,
            OBVIEWS_ERROR_STORE_LOCKED);
  EXPECT_EQ(Ctl("rebuild").code, 3) << "another process is refused too";
  Do(Reader()->store_close, writer);
  Do(Reader()->store_close, Open(OBVIEWS_READ_WRITE));
  for (const auto& file : std::filesystem::directory_iterator(db())) {
    if (file.path().extension() == ".sst") std::filesystem::resize_file(file.path(), 100);
  }
  EXPECT_EQ(Try(Reader()->store_open, db().c_str(), nullptr, &store).code,
            OBVIEWS_ERROR_CORRUPTION);
  EXPECT_EQ(store, nullptr);
}

TEST_F(MisuseTest, DamageIsAnErrorThatStaysAndNeverARow) {
  LoadTasks(3000);
  std::string file;
  for (const auto& entry : std::filesystem::directory_iterator(db())) {
    if (entry.path().extension() != ".sst") continue;
    if (file.empty() || entry.file_size() > std::filesystem::file_size(file)) file = entry.path();
  }
  const std::string sound = e2e::ReadFile(file);
  int damaged = 0;
  for (size_t part = 1; part < 8; ++part) {
    std::string flipped = sound;
    flipped[sound.size() / 8 * part] ^= 4;
    e2e::WriteFile(file, flipped);
    obviews_store* store = nullptr;
    if (Reader()->store_open(db().c_str(), nullptr, &store, nullptr) != OBVIEWS_OK) continue;
    obviews_session* session = OpenSession(store);
    obviews_scan* scan = OpenScan(session, ScanOf(kTasks));
    const obviews_batch* batch = nullptr;
    uint64_t rows = 0;
    int32_t code = 0;
    do {
      code = Reader()->fetch(scan, 100, &batch, nullptr);
      rows += code == OBVIEWS_OK ? batch->row_count : 0;
    } while (code == OBVIEWS_OK && batch->row_count > 0);
    if (code == OBVIEWS_OK) {
      EXPECT_EQ(rows, 3000U);
    } else {
      ++damaged;
      EXPECT_LT(rows, 3000U);
      EXPECT_EQ(code, OBVIEWS_ERROR_CORRUPTION);
      EXPECT_EQ(batch, nullptr);
      EXPECT_EQ(Try(Reader()->fetch, scan, 100, &batch).code, OBVIEWS_ERROR_CORRUPTION);
    }
    Do(Reader()->scan_close, scan);
    Do(Reader()->session_close, session);
    Do(Reader()->store_close, store);
  }
  EXPECT_GT(damaged, 0);
}

TEST_F(MisuseTest, AStoreStaysAsLongAsSomethingOfItIsOpen) {
  LoadTasks(10);
  obviews_store* store = Open(OBVIEWS_READ_WRITE);
  obviews_session* session = OpenSession(store);
  obviews_snapshot* snapshot = nullptr;
  Do(Reader()->snapshot_take, store, &snapshot);
  auto options = ScanOf(kTasks);
  obviews_scan* scan = nullptr;
  Do(Reader()->scan_open, session, snapshot, &options, &scan);
  Do(Reader()->store_close, store);
  EXPECT_EQ(Try(Reader()->snapshot_take, store, &snapshot).code, OBVIEWS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(RowsOf(session, options).size(), 10U);
  Do(Reader()->session_close, session);
  EXPECT_EQ(Ctl("rebuild").code, 3) << "the lock is held";
  const obviews_batch* batch = nullptr;
  Do(Reader()->fetch, scan, 100, &batch);
  EXPECT_EQ(batch->row_count, 10U);
  Do(Reader()->scan_close, scan);
}

TEST_F(MisuseTest, AForkedChildIsRefusedAndHarmsNothing) {
  LoadTasks(10);
  obviews_store* store = Open(OBVIEWS_READ_WRITE);
  obviews_session* session = OpenSession(store);
  auto options = ScanOf(kTasks);
  obviews_scan* scan = OpenScan(session, options);
  pid_t child = fork();
  if (child == 0) {
    obviews_error* error = nullptr;
    obviews_store* own = nullptr;
    const obviews_batch* batch = nullptr;
    bool refused =
        Reader()->store_open(db().c_str(), nullptr, &own, &error) == OBVIEWS_ERROR_FORKED &&
        error != nullptr && error->code == OBVIEWS_ERROR_FORKED &&
        Reader()->fetch(scan, 0, &batch, &error) == OBVIEWS_ERROR_FORKED &&
        Reader()->store_close(store, nullptr) == OBVIEWS_ERROR_FORKED;
    Api()->error_free(error);
    exit(refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  Do(Reader()->scan_close, scan);
  EXPECT_EQ(RowsOf(session, options).size(), 10U);
  Do(Reader()->session_close, session);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, ThreadsShareAStore) {
  LoadTasks(3000);
  obviews_store* store = Open();
  obviews_session* session = OpenSession(store);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const obviews_view_info* info = nullptr;
      Do(Reader()->describe, session, kTasks, &info);
      if (RowsOf(session, ScanOf(kTasks)).size() == 3000) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
  Do(Reader()->session_close, session);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, ThreadsThatShareAScanAreToldOrTakeTurns) {
  LoadTasks(3000);
  obviews_store* store = Open();
  obviews_session* session = OpenSession(store);
  obviews_scan* scan = OpenScan(session, ScanOf(kTasks));
  std::atomic<uint64_t> rows = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (true) {
        const obviews_batch* batch = nullptr;
        int32_t code = Reader()->fetch(scan, 1, &batch, nullptr);
        if (code == OBVIEWS_ERROR_INVALID_ARGUMENT) continue;
        EXPECT_EQ(code, OBVIEWS_OK);
        // The batch is not looked into: another thread may be filling it.
        if (rows.fetch_add(1) >= 3100) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Do(Reader()->scan_close, scan);
  Do(Reader()->session_close, session);
  Do(Reader()->store_close, store);
}

TEST_F(MisuseTest, AThreadMayCloseWhatOthersAreUsing) {
  LoadTasks(1000);
  obviews_store* store = Open();
  obviews_session* session = OpenSession(store);
  std::atomic<int> scans = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto options = ScanOf(kTasks);
      int32_t code = OBVIEWS_OK;
      while (code == OBVIEWS_OK) {
        obviews_scan* scan = nullptr;
        code = Reader()->scan_open(session, nullptr, &options, &scan, nullptr);
        if (code != OBVIEWS_OK) break;
        const obviews_batch* batch = nullptr;
        Do(Reader()->fetch, scan, 0, &batch);
        EXPECT_EQ(batch->row_count, 1000U);
        Do(Reader()->scan_close, scan);
        ++scans;
      }
      EXPECT_EQ(code, OBVIEWS_ERROR_INVALID_ARGUMENT);
    });
  }
  while (scans < 20) std::this_thread::yield();
  Do(Reader()->store_close, store);
  Do(Reader()->session_close, session);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(MisuseTest, ASessionWithoutAStoreOnlyDescribes) {
  obviews_session* session = OpenSession(nullptr);
  const obviews_view_info* const* views = nullptr;
  size_t count = 0;
  Do(Reader()->views, session, &views, &count);
  EXPECT_GE(count, 16U);
  const obviews_view_info* info = nullptr;
  Do(Reader()->describe, session, "cdb_ob_import_table_tasks", &info);
  EXPECT_STREQ(info->name, kTasks);
  EXPECT_STREQ(info->schema, "oceanbase");
  EXPECT_STREQ(info->columns[0]->name, "TENANT_ID");
  EXPECT_EQ(info->columns[0]->key, 1U);
  EXPECT_EQ(info->columns[0]->kind, static_cast<uint32_t>(OBVIEWS_COLUMN_INTEGER));
  Said said = Try(Reader()->describe, session, "CDB_OB_IMPORT_TABLE_TASK", &info);
  EXPECT_EQ(said.code, OBVIEWS_ERROR_NOT_FOUND);
  EXPECT_THAT(said.message, HasSubstr("did you mean CDB_OB_IMPORT_TABLE_TASKS?"));
  auto options = ScanOf(kTasks);
  obviews_scan* scan = nullptr;
  EXPECT_EQ(Try(Reader()->scan_open, session, nullptr, &options, &scan).message,
            "the session has no store to scan");
  Do(Reader()->session_close, session);
}

}  // namespace
}  // namespace obviews::c_abi
