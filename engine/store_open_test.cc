// Opening a store: every way it can fail is told apart, reading changes nothing, and a crash or a
// full disk leaves every commit that was made.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "engine/child_testing.h"
#include "engine/raw_testing.h"
#include "engine/store.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

namespace fs = std::filesystem;
using schema::Record;
using testing::Child;
using testing::ChildRegistration;
using ::testing::HasSubstr;
using testing::Model;
using testing::RandomBatch;
using testing::RawStore;
using testing::ReadAll;
using testing::Task;
using testing::Tell;
using testing::TemporaryDirectory;

std::unique_ptr<Store> OpenWriter(const std::string& directory, bool sync = false) {
  auto store = Store::Open(directory,
                           {.access = Access::kReadWrite, .create_if_missing = true, .sync = sync});
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return store ? std::move(*store) : nullptr;
}

std::shared_ptr<const Snapshot> Take(Store& store) {
  auto snapshot = store.TakeSnapshot();
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

CommitResult CommitAll(Store& store, const std::vector<Record>& records) {
  Batch batch;
  for (const Record& record : records) batch.Put(record);
  auto result = store.Commit(batch);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or(CommitResult());
}

std::vector<Record> Everything(const Snapshot& snapshot) {
  auto all = ReadAll(snapshot);
  EXPECT_TRUE(all) << (all ? "" : all.error().message);
  return all.value_or(std::vector<Record>());
}

// ---- opening

Error OpenError(const std::string& directory, const OpenOptions& options) {
  auto store = Store::Open(directory, options);
  EXPECT_FALSE(store);
  return store ? Error() : store.error();
}

constexpr OpenOptions kWrite{.access = Access::kReadWrite};
constexpr OpenOptions kRead{.access = Access::kReadOnly};
constexpr OpenOptions kFollow{.access = Access::kFollower};

void MakePlainDatabase(const std::string& directory, bool with_data, const char* family = nullptr) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory, &db).ok());
  if (with_data) {
    EXPECT_TRUE(db->Put(rocksdb::WriteOptions(), "k", "v").ok());
  }
  if (family != nullptr) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    EXPECT_TRUE(db->CreateColumnFamily({}, family, &handle).ok());
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  delete db;
}

TEST(StoreOpen, SaysWhatIsNotAStore) {
  TemporaryDirectory tmp;
  fs::create_directory(tmp.Path("empty"));
  fs::create_directory(tmp.Path("files"));
  std::ofstream(tmp.Path("files/readme")) << "x";
  std::ofstream(tmp.Path("file")) << "x";
  MakePlainDatabase(tmp.Path("plain"), true);
  struct Case {
    const char* name;
    std::string message;
  };
  for (const Case& c : {
           Case{"none", "no record store at '{}': the directory does not exist"},
           Case{"empty", "no record store at '{}': the directory is empty"},
           Case{"file", "'{}' is a file; a record store is a directory"},
           Case{"files", "'{}' is not a record store: it has files, but no database"},
           Case{"plain", "'{}' is a RocksDB database, but not a record store"},
       }) {
    std::string directory = tmp.Path(c.name);
    for (const OpenOptions& options : {kWrite, kRead, kFollow}) {
      Error error = OpenError(directory, options);
      EXPECT_EQ(error.code, ErrorCode::kStoreMissing) << c.name;
      EXPECT_THAT(error.message, HasSubstr(fmt::format(fmt::runtime(c.message), directory)));
    }
  }
  EXPECT_FALSE(fs::exists(tmp.Path("none")));
  EXPECT_TRUE(fs::is_empty(tmp.Path("empty")));
}

TEST(StoreOpen, CreatesNothingOverForeignThings) {
  TemporaryDirectory tmp;
  MakePlainDatabase(tmp.Path("plain"), true);
  fs::create_directory(tmp.Path("files"));
  std::ofstream(tmp.Path("files/readme")) << "x";
  OpenOptions create{.access = Access::kReadWrite, .create_if_missing = true};
  EXPECT_EQ(OpenError(tmp.Path("plain"), create).code, ErrorCode::kStoreMissing);
  EXPECT_EQ(OpenError(tmp.Path("files"), create).code, ErrorCode::kStoreMissing);
  EXPECT_EQ(OpenError(tmp.Path("no/parent"), create).code, ErrorCode::kStoreUnreadable);
}

TEST(StoreOpen, CompletesACreationThatWasCutShort) {
  TemporaryDirectory tmp;
  std::string directory = tmp.Path("s");
  // A crash leaves the first families without the others.
  MakePlainDatabase(directory, false, "task_index");
  for (const OpenOptions& options : {kWrite, kRead, kFollow}) {
    Error error = OpenError(directory, options);
    EXPECT_EQ(error.code, ErrorCode::kStoreMissing);
    EXPECT_THAT(error.message, HasSubstr("was never completely created"));
  }
  auto store = OpenWriter(directory);
  CommitAll(*store, {Task(1002, 3, 1000)});
  store.reset();
  EXPECT_TRUE(Store::Open(directory, kFollow));
}

/// Which tables a store has.
std::set<std::string> Tables(const std::string& directory) {
  std::set<std::string> tables;
  for (const auto& file : ListFiles(directory)) {
    if (file.name.ends_with(".sst")) tables.insert(file.name);
  }
  return tables;
}

TEST(StoreOpen, AManifestCutShortOrUnnamedIsDamageAndNothingIsDeleted) {
  TemporaryDirectory tmp;
  std::string sound = tmp.Path("sound");
  {
    auto store = OpenWriter(sound);
    CommitAll(*store, {Task(1002, 3, 1000)});
  }
  std::string manifest = ReadDirectoryState(sound).current;
  OpenOptions create{.access = Access::kReadWrite, .create_if_missing = true};
  struct Case {
    const char* name;
    std::function<void(const std::string&)> damage;
  };
  auto cut = [&](uint64_t size) {
    return [&manifest, size](const std::string& directory) {
      fs::resize_file(directory + "/" + manifest, size);
    };
  };
  for (const Case& c : {
           Case{"an empty manifest", cut(0)},
           Case{"a manifest of a few bytes", cut(20)},
           Case{"a manifest of a hundred bytes", cut(100)},
           Case{"a manifest of the families alone", cut(500)},
           Case{"no CURRENT", [](const std::string& d) { fs::remove(d + "/CURRENT"); }},
           Case{"an empty CURRENT",
                [](const std::string& d) { fs::resize_file(d + "/CURRENT", 0); }},
       }) {
    std::string directory = tmp.Path(c.name);
    fs::copy(sound, directory);
    c.damage(directory);
    for (const OpenOptions& options : {kRead, kFollow, kWrite, create}) {
      EXPECT_EQ(OpenError(directory, options).code, ErrorCode::kCorruption)
          << c.name << ": " << OpenError(directory, options).message;
      EXPECT_EQ(Tables(directory), Tables(sound)) << c.name;
    }
  }
}

TEST(StoreOpen, AManifestCutAnywhereIsDamageOrHarmless) {
  TemporaryDirectory tmp;
  std::string sound = tmp.Path("sound");
  // Two sessions, so that the manifest ends with more than one flush.
  for (int64_t task : {1000, 1001}) {
    auto store = OpenWriter(sound);
    CommitAll(*store, {Task(1002, 3, task)});
  }
  std::string manifest = ReadDirectoryState(sound).current;
  auto size = fs::file_size(sound + "/" + manifest);
  OpenOptions create{.access = Access::kReadWrite, .create_if_missing = true};
  for (uintmax_t cut = 1; cut < size; cut += cut < 20 ? 1 : 13) {
    std::string directory = tmp.Path(std::to_string(cut));
    fs::copy(sound, directory);
    fs::resize_file(directory + "/" + manifest, size - cut);
    for (const OpenOptions& options : {kRead, create}) {
      auto store = Store::Open(directory, options);
      if (!store) {
        EXPECT_EQ(store.error().code, ErrorCode::kCorruption) << cut << store.error().message;
        EXPECT_EQ(Tables(directory), Tables(sound)) << cut;
        continue;
      }
      auto snapshot = (*store)->TakeSnapshot();
      ASSERT_TRUE(snapshot);
      EXPECT_EQ(ReadAll(**snapshot)->size(), 2U) << cut;
    }
  }
}

TEST(StoreOpen, ANewStoreIsPrivate) {
  TemporaryDirectory tmp;
  fs::create_directory(tmp.Path("empty"));
  fs::permissions(tmp.Path("empty"), fs::perms(0755));
  for (const char* name : {"new", "empty"}) {
    OpenWriter(tmp.Path(name)).reset();
    EXPECT_EQ(fs::status(tmp.Path(name)).permissions(), fs::perms(0700)) << name;
  }
}

TEST(StoreOpen, RefusesANewerFormat) {
  TemporaryDirectory tmp;
  OpenWriter(tmp.Path("s")).reset();
  RawStore(tmp.Path("s")).Put(kDefaultFamily, kFormatKey, std::to_string(kStoreFormatVersion + 1));
  for (const OpenOptions& options : {kWrite, kRead, kFollow}) {
    Error error = OpenError(tmp.Path("s"), options);
    EXPECT_EQ(error.code, ErrorCode::kStoreNewer);
    EXPECT_EQ(
        error.message,
        fmt::format("store '{}' has format version {}; this build reads up to version {}: use "
                    "a newer obviews",
                    tmp.Path("s"), kStoreFormatVersion + 1, kStoreFormatVersion));
  }
}

TEST(StoreOpen, RefusesAFormatThatIsNoNumber) {
  TemporaryDirectory tmp;
  OpenWriter(tmp.Path("s")).reset();
  RawStore(tmp.Path("s")).Put(kDefaultFamily, kFormatKey, "1x");
  EXPECT_EQ(OpenError(tmp.Path("s"), kFollow).code, ErrorCode::kCorruption);
}

TEST(StoreOpen, NoticesAFamilyThatLostCommits) {
  TemporaryDirectory tmp;
  OpenWriter(tmp.Path("s")).reset();
  RawStore(tmp.Path("s")).Put(kTextFamily, kStampKey, EncodeNumber(7));
  for (const OpenOptions& options : {kWrite, kRead, kFollow}) {
    Error error = OpenError(tmp.Path("s"), options);
    EXPECT_EQ(error.code, ErrorCode::kCorruption);
    EXPECT_THAT(error.message,
                HasSubstr("column family text should show commit 0, but shows 7: writes are lost"));
  }
}

int HoldStore(const std::vector<std::string>& arguments) {
  auto store = Store::Open(arguments[0], {.access = Access::kReadWrite, .create_if_missing = true});
  if (!store) return 1;
  Batch batch;
  batch.Put(Task(1002, 3, 1000));
  if (!(*store)->Commit(batch)) return 1;
  Tell("held");
  while (!testing::ParentIsDone()) usleep(1000);
  return 0;
}
const ChildRegistration kHoldStore("hold_store", HoldStore);

TEST(StoreOpen, AStoreBeingWrittenIsLockedForWritersOnly) {
  TemporaryDirectory tmp;
  Child holder("hold_store", {tmp.Path("s")});
  ASSERT_EQ(holder.Line(), "held");
  Error error = OpenError(tmp.Path("s"), kWrite);
  EXPECT_EQ(error.code, ErrorCode::kStoreLocked);
  EXPECT_THAT(error.message, ::testing::ContainsRegex(
                                 "is being written by another process, [0-9]+ \\([a-z_]+\\);"));
  for (const OpenOptions& options : {kRead, kFollow}) {
    auto reader = Store::Open(tmp.Path("s"), options);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(Everything(*Take(**reader)), std::vector<Record>{Task(1002, 3, 1000)});
    // Its writer lives: nothing crashed.
    EXPECT_EQ((*reader)->notices(), std::vector<std::string>());
  }
  EXPECT_EQ(holder.Finish(), 0);
  EXPECT_TRUE(Store::Open(tmp.Path("s"), kWrite));
}

TEST(StoreOpen, ASecondWriterInTheSameProcessIsRefused) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  EXPECT_EQ(OpenError(tmp.Path("s"), kWrite).code, ErrorCode::kStoreLocked);
  // Nor did the attempt, or a reader, drop the first one's lock.
  EXPECT_TRUE(Store::Open(tmp.Path("s"), kFollow));
  Child other("open_and_tell", {tmp.Path("s"), "write"});
  EXPECT_THAT(other.Line(), HasSubstr(fmt::format("{} ", int(ErrorCode::kStoreLocked))));
}

/// Puts the process back where it was.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const std::string& path) : before_(fs::current_path()) {
    fs::current_path(path);
  }
  ~WorkingDirectory() { fs::current_path(before_); }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

 private:
  fs::path before_;
};

TEST(StoreOpen, ASecondWriterInTheSameProcessIsRefusedByWhateverName) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  fs::create_directory_symlink(tmp.Path("s"), tmp.Path("link"));
  WorkingDirectory here(tmp.path());
  for (const char* name : {"s", "./s", "s/", "s//", "../../../../../..", "link"}) {
    std::string path = name;
    if (path.starts_with("../")) path += tmp.Path("s");
    Error error = OpenError(path, kWrite);
    EXPECT_EQ(error.code, ErrorCode::kStoreLocked) << path;
    EXPECT_EQ(error.message, fmt::format("store '{}' is open for writing in this process already: "
                                         "use that one, or close it first",
                                         tmp.Path("s")))
        << path;
  }
}

TEST(StoreOpen, ARelativePathIsLookedUpOnce) {
  TemporaryDirectory tmp;
  OpenWriter(tmp.Path("s"));
  std::unique_ptr<Store> writer;
  std::unique_ptr<Store> follower;
  {
    WorkingDirectory here(tmp.path());
    writer = OpenWriter("s");
    auto opened = Store::Open("s", kFollow);
    ASSERT_TRUE(opened) << opened.error().message;
    follower = std::move(*opened);
  }
  Batch batch;
  batch.Put(Task(1002, 3, 1000));
  ASSERT_TRUE(writer->Commit(batch));
  EXPECT_EQ(Everything(*Take(*follower)), std::vector<Record>{Task(1002, 3, 1000)});
  EXPECT_TRUE(writer->Close());
}

TEST(StoreOpen, AForkedChildOfAWriterCanEnd) {
  TemporaryDirectory tmp;
  auto store = OpenWriter(tmp.Path("s"));
  pid_t child = fork();
  if (child == 0) exit(7);
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 300 && ended == 0; ++i) {
    ended = waitpid(child, &status, WNOHANG);
    if (ended == 0) usleep(100'000);
  }
  EXPECT_EQ(ended, child) << "it does not end";
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  if (ended == 0) kill(child, SIGKILL);
}

/// Tells "code message" of an open; as nobody in particular if run by root.
int OpenAndTell(const std::vector<std::string>& arguments) {
  bool nobody = arguments.size() > 2;
  if (nobody && geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 1;
  auto store = Store::Open(arguments[0], arguments[1] == "write" ? kWrite : kFollow);
  Tell(store ? "open" : fmt::format("{} {}", int(store.error().code), store.error().message));
  return 0;
}
const ChildRegistration kOpenAndTell("open_and_tell", OpenAndTell);

TEST(StoreOpen, SaysWhatMayNotBeRead) {
  TemporaryDirectory tmp;
  fs::permissions(tmp.path(), fs::perms(0755));
  struct Case {
    const char* what;
    const char* file;  ///< of the store; "" for the directory
    int directory_mode, file_mode;
    const char* access;
  };
  for (const Case& c : {
           Case{"closed_directory", "", 0000, 0, "follow"},
           Case{"directory_to_list_only", "", 0444, 0, "follow"},
           Case{"current", "CURRENT", 0755, 0000, "follow"},
           Case{"table", ".sst", 0755, 0000, "follow"},
           Case{"manifest", "MANIFEST", 0755, 0000, "follow"},
           Case{"lock", "LOCK", 0755, 0444, "write"},
       }) {
    SCOPED_TRACE(c.what);
    std::string directory = tmp.Path(c.what);
    auto store = OpenWriter(directory);
    CommitAll(*store, {Task(1002, 3, 1000)});
    store.reset();
    for (const auto& file : fs::directory_iterator(directory)) {
      bool chosen = *c.file != '\0' && file.path().string().find(c.file) != std::string::npos;
      fs::permissions(file.path(), fs::perms(chosen ? c.file_mode : 0644));
    }
    fs::permissions(directory, fs::perms(c.directory_mode));
    Child child("open_and_tell", {directory, c.access, "nobody"});
    std::string line = child.Line();
    EXPECT_EQ(line.substr(0, 2), fmt::format("{} ", int(ErrorCode::kStoreUnreadable))) << line;
    EXPECT_THAT(line, HasSubstr("Permission denied"));
    EXPECT_EQ(child.Wait(), 0);
    fs::permissions(directory, fs::perms(0700));
  }
}

TEST(StoreOpen, ReadingLeavesTheDirectoryAsItIs) {
  TemporaryDirectory tmp;
  auto describe = [&] {
    std::vector<std::string> lines;
    for (const auto& file : fs::directory_iterator(tmp.Path("s"))) {
      lines.push_back(fmt::format("{} {} {}", file.path().filename().string(), file.file_size(),
                                  file.last_write_time().time_since_epoch().count()));
    }
    std::sort(lines.begin(), lines.end());
    lines.push_back(
        fmt::format("{}", fs::last_write_time(tmp.Path("s")).time_since_epoch().count()));
    return lines;
  };
  auto store = OpenWriter(tmp.Path("s"));
  CommitAll(*store, {Task(1002, 3, 1000)});
  // Once beside an idle writer, with a log to replay, once alone.
  for (int round = 0; round < 2; ++round) {
    auto before = describe();
    for (const OpenOptions& options : {kFollow, kRead}) {
      auto reader = Store::Open(tmp.Path("s"), options);
      ASSERT_TRUE(reader);
      EXPECT_EQ(Everything(*Take(**reader)).size(), 1U);
      EXPECT_TRUE((*reader)->Verify());
      EXPECT_TRUE((*reader)->Stats());
      EXPECT_TRUE((*reader)->Close());
    }
    EXPECT_EQ(describe(), before);
    store.reset();
  }
}

// ---- crashes and full disks

/// Commits the random series until killed, telling each number that is safe on the disk.
int CommitSeries(const std::vector<std::string>& arguments) {
  auto store = OpenWriter(arguments[0], true);
  Model model;
  for (uint64_t i = 1;; ++i) {
    if (!store->Commit(RandomBatch(i, &model))) return 1;
    Tell(std::to_string(i));
    if (testing::ParentIsDone()) return 0;
  }
}
const ChildRegistration kCommitSeries("commit_series", CommitSeries);

TEST(StoreCrash, AKilledWriterLeavesAPrefixOfItsCommits) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 8; ++round) {
    TemporaryDirectory tmp;
    uint64_t told = 0;
    {
      Child writer("commit_series", {tmp.Path("s")});
      uint64_t enough = 1 + random() % 60;
      while (told < enough) {
        std::string line = writer.Line();
        ASSERT_NE(line, "");
        told = std::stoull(line);
      }
      EXPECT_EQ(writer.Kill(), -SIGKILL);
    }
    for (const OpenOptions& options : {kFollow, kRead, kWrite}) {
      auto store = Store::Open(tmp.Path("s"), options);
      ASSERT_TRUE(store) << store.error().message;
      ASSERT_EQ((*store)->notices().size(), 1U);
      EXPECT_THAT((*store)->notices()[0], HasSubstr("was not closed by its last writer"));
      auto snapshot = Take(**store);
      EXPECT_GE(snapshot->stamp().number, told);
      Model model;
      for (uint64_t i = 1; i <= snapshot->stamp().number; ++i) RandomBatch(i, &model);
      EXPECT_TRUE(Everything(*snapshot) == model.All());
      auto report = (*store)->Verify();
      ASSERT_TRUE(report);
      EXPECT_EQ(report->damage, std::vector<std::string>());
    }
    // Opening for writing took the log in.
    EXPECT_EQ((*Store::Open(tmp.Path("s"), kFollow))->notices(), std::vector<std::string>());
  }
}

/// Commits into a store whose files cannot grow, and tells how it went.
int FillDisk(const std::vector<std::string>& arguments) {
  auto store = OpenWriter(arguments[0], true);
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{size_t{200} << 10, size_t{200} << 10};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
  for (int64_t i = 1; i < 1000; ++i) {
    Record task = Task(1002, 3, i);
    task.Set("comment", std::string(3000, static_cast<char>('a' + i % 26)));
    Batch batch;
    batch.Put(task);
    auto committed = store->Commit(batch);
    if (committed) continue;
    Tell(std::to_string(i - 1));
    Tell(fmt::format("{} {}", int(committed.error().code), committed.error().message));
    Tell(std::to_string(Everything(*Take(*store)).size()));
    return 0;
  }
  return 2;
}
const ChildRegistration kFillDisk("fill_disk", FillDisk);

TEST(StoreCrash, AFullDiskLosesNothingOfEarlierCommits) {
  TemporaryDirectory tmp;
  Child child("fill_disk", {tmp.Path("s")});
  uint64_t committed = std::stoull("0" + child.Line());
  EXPECT_GT(committed, 10U);
  std::string error = child.Line();
  EXPECT_THAT(error, HasSubstr(fmt::format("{} writing store '{}': no room on the disk; earlier "
                                           "changes are kept",
                                           int(ErrorCode::kStoreUnreadable), tmp.Path("s"))));
  EXPECT_EQ(child.Line(), std::to_string(committed));
  EXPECT_EQ(child.Wait(), 0);
  auto store = OpenWriter(tmp.Path("s"));
  EXPECT_EQ(Everything(*Take(*store)).size(), committed);
  EXPECT_EQ(Take(*store)->stamp().number, committed);
  EXPECT_TRUE(store->Verify()->damage.empty());
}

}  // namespace
}  // namespace obviews::engine
