// Disks that are full, or fail: who commits is told, nothing acknowledged is lost, what is prepared
// stays prepared, and the process goes on.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

#include "engine/child_testing.h"
#include "engine/transaction_testing.h"

namespace {

std::atomic<bool> disk_is_full = false;
std::atomic<bool> syncs_fail = false;

bool IsFile(int file) {
  struct stat about {};
  return fstat(file, &about) == 0 && S_ISREG(about.st_mode);
}

}  // namespace

// In place of the C library's, for RocksDB too.

extern "C" ssize_t write(int file, const void* bytes, size_t size) {
  if (!disk_is_full || !IsFile(file)) return syscall(SYS_write, file, bytes, size);
  errno = ENOSPC;
  return -1;
}

extern "C" int fdatasync(int file) {
  if (!syncs_fail) return static_cast<int>(syscall(SYS_fdatasync, file));
  errno = EIO;
  return -1;
}

namespace obviews::engine {
namespace {

using testing::Begin;
using testing::Child;
using testing::ChildRegistration;
using testing::Committed;
using testing::DamageOf;
using testing::MessageOf;
using testing::OpenForWriting;
using testing::Task;
using testing::Tell;
using testing::TemporaryDirectory;
using Texts = std::vector<std::string>;

/// Files may grow no more, or grow again.
void LimitFiles(bool limited) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = limited ? 1 : limit.rlim_max;
  setrlimit(RLIMIT_FSIZE, &limit);
}

void Break(std::string_view how, bool broken) {
  if (how == "limited") LimitFiles(broken);
  if (how == "full") disk_is_full = broken;
  if (how == "unsynced") syncs_fail = broken;
}

/// "ok", or the code of an error.
template <class T>
std::string CodeOf(const Result<T>& result) {
  if (result) return "ok";
  switch (result.error().code) {
    case ErrorCode::kStoreUnreadable:
      return "unreadable";
    case ErrorCode::kUndecided:
      return "undecided";
    default:
      return result.error().message;
  }
}

Status CommitTask(Store& store, int64_t task) {
  Batch batch;
  batch.Put(Task(1002, 1, task));
  auto committed = store.Commit(batch);
  if (!committed) return Fail(committed.error());
  return {};
}

/// Commits task 1. Then a transaction puts task 2, and the disk breaks while it is prepared,
/// committed, or rolled back. Tells how that went, how two later commits go, one before and one
/// after the disk is well again, and what is seen.
int BreakDisk(const std::vector<std::string>& arguments) {
  const std::string& when = arguments[1];
  const std::string& how = arguments[2];
  const OpenOptions options = {.access = Access::kReadWrite, .create_if_missing = true};
  auto store = Store::Open(arguments[0], options);
  if (!store || !CommitTask(**store, 1) || !(*store)->Close()) return 1;
  // With nothing to be flushed RocksDB soon finds that it recovered.
  store = Store::Open(arguments[0], options);
  if (!store) return 1;
  auto mine = Begin(**store);
  if (!mine->Put(Task(1002, 1, 2))) return 1;
  if (when.ends_with("prepared") && !mine->Prepare("x")) return 1;
  Break(how, true);
  std::string ended = when == "prepare"              ? CodeOf(mine->Prepare("x"))
                      : when == "roll back prepared" ? CodeOf(mine->Rollback())
                                                     : CodeOf(mine->Commit());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::string later = CodeOf(CommitTask(**store, 3));
  Break(how, false);
  later += ", " + CodeOf(CommitTask(**store, 4));
  mine.reset();
  Tell(fmt::format("{}; later {}; {} seen", ended, later, Committed(**store).size()));
  return 0;
}
const ChildRegistration kBreakDisk("break_disk", BreakDisk);

TEST(WriteFailure, NothingIsLostAndWhatIsPreparedStays) {
  struct Case {
    const char* when;
    const char* how;
    const char* told;
    Texts prepared;  ///< after the next opening
    size_t committed;
  };
  const Case cases[] = {
      {"commit", "limited", "unreadable; later unreadable, unreadable; 1 seen", {}, 1},
      {"commit prepared", "limited", "unreadable; later unreadable, unreadable; 1 seen", {"x"}, 1},
      {"commit", "full", "unreadable; later unreadable, unreadable; 1 seen", {}, 1},
      {"prepare", "full", "unreadable; later unreadable, unreadable; 1 seen", {}, 1},
      {"commit prepared", "full", "unreadable; later unreadable, unreadable; 1 seen", {"x"}, 1},
      {"roll back prepared", "full", "unreadable; later unreadable, unreadable; 1 seen", {"x"}, 1},
      // What is written and not synced is there, as long as the system does not crash.
      {"commit", "unsynced", "undecided; later unreadable, unreadable; 1 seen", {}, 2},
      {"prepare", "unsynced", "undecided; later unreadable, unreadable; 1 seen", {"x"}, 1},
      {"commit prepared", "unsynced", "undecided; later unreadable, unreadable; 1 seen", {}, 2},
      {"roll back prepared", "unsynced", "undecided; later unreadable, unreadable; 1 seen", {}, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{}, {}", c.when, c.how));
    TemporaryDirectory tmp;
    Child child("break_disk", {tmp.Path("s"), c.when, c.how});
    EXPECT_EQ(child.Line(), c.told);
    EXPECT_EQ(child.Wait(), 0);
    auto store = OpenForWriting(tmp.Path("s"));
    ASSERT_NE(store, nullptr);
    auto prepared = PreparedTransactions(*store);
    ASSERT_TRUE(prepared.has_value()) << MessageOf(prepared);
    EXPECT_EQ(*prepared, c.prepared);
    EXPECT_EQ(Committed(*store).size(), c.committed);
    EXPECT_EQ(DamageOf(*store), Texts());
    if (c.prepared.empty()) continue;
    auto resumed = Transaction::Resume(*store, "x");
    ASSERT_TRUE(resumed.has_value()) << MessageOf(resumed);
    EXPECT_EQ(MessageOf((*resumed)->Commit()), "");
    EXPECT_EQ(Committed(*store).size(), 2U);
  }
}

/// Commits on several threads until the disk is full, and tells how many were acknowledged.
int CommitTogether(const std::vector<std::string>& arguments) {
  constexpr int64_t kThreads = 8;
  auto store = Store::Open(arguments[0], {.access = Access::kReadWrite, .create_if_missing = true});
  if (!store) return 1;
  std::atomic<int> acknowledged = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int64_t task = thread + 1; refused < kThreads; task += kThreads) {
        if (CommitTask(**store, task)) {
          if (++acknowledged == 100) Break("full", true);
        } else {
          ++refused;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Tell(std::to_string(acknowledged));
  return 0;
}
const ChildRegistration kCommitTogether("commit_together", CommitTogether);

TEST(WriteFailure, ThoseWhoCommitTogetherAreAllTold) {
  TemporaryDirectory tmp;
  Child child("commit_together", {tmp.Path("s")});
  std::string acknowledged = child.Line();
  EXPECT_EQ(child.Wait(), 0);
  auto store = OpenForWriting(tmp.Path("s"));
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(std::to_string(Committed(*store).size()), acknowledged);
  EXPECT_EQ(DamageOf(*store), Texts());
}

}  // namespace
}  // namespace obviews::engine
