// Reading beside a writer: a snapshot is always the state after some commit, whole, across all
// column families, whatever the writer does meanwhile.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "engine/child_testing.h"
#include "engine/store.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using testing::Child;
using testing::ChildRegistration;
using testing::Model;
using testing::ParentIsDone;
using testing::RandomBatch;
using testing::ReadAll;
using testing::Task;
using testing::Tell;
using testing::TemporaryDirectory;

/// Ten times the work if the environment asks for long tests.
int Times(int count) { return std::getenv("OBVIEWS_LONG_TESTS") != nullptr ? 10 * count : count; }

/// States to look at. Each is an open of the store, slow under a sanitizer, and the race is the
/// release build's to find.
int States(int count) {
#ifdef __SANITIZE_ADDRESS__
  count = std::max(count / 20, 3);
#endif
  return Times(count);
}

std::unique_ptr<Store> OpenStore(const std::string& directory, Access access) {
  auto store = Store::Open(
      directory,
      {.access = access, .create_if_missing = access == Access::kReadWrite, .sync = false});
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return store ? std::move(*store) : nullptr;
}

std::shared_ptr<const Snapshot> Take(Store& store) {
  auto snapshot = store.TakeSnapshot();
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

// ---- a record that moves between two families

RecordKind KindAfter(uint64_t commit) {
  return commit % 2 == 1 ? RecordKind::kImportTask : RecordKind::kImportTaskHistory;
}

/// The moving record as the commit leaves it; its comment is long enough for the text family.
Record Moving(uint64_t commit, size_t bulk) {
  Record task = Task(1002, 3, 1000, "FINISH", KindAfter(commit));
  task.Set("comment", fmt::format("{}:{}", commit, std::string(bulk, 'x')));
  return task;
}

/// Moves the record to and fro in one batch each. Arguments: directory, bulk of the record in
/// bytes, commits between two closings of the store (0: never), pause after a commit in
/// microseconds.
int MoveToAndFro(const std::vector<std::string>& arguments) {
  auto store = OpenStore(arguments[0], Access::kReadWrite);
  size_t bulk = std::stoul(arguments[1]);
  uint64_t until_closing = std::stoull(arguments[2]);
  auto pause_usec = static_cast<useconds_t>(std::stoul(arguments[3]));
  uint64_t commit = Take(*store)->stamp().number;
  if (commit == 0) {
    Batch first;
    first.Put(Moving(++commit, bulk));
    if (!store->Commit(first)) return 1;
  }
  Tell("moving");
  while (!ParentIsDone()) {
    ++commit;
    Batch batch;
    batch.Delete(KindAfter(commit - 1), {1002, 3, 1000});
    batch.Put(Moving(commit, bulk));
    if (!store->Commit(batch)) return 1;
    usleep(pause_usec);
    if (until_closing != 0 && commit % until_closing == 0) {
      if (!store->Close()) return 2;
      store = OpenStore(arguments[0], Access::kReadWrite);
    }
  }
  return 0;
}
const ChildRegistration kMoveToAndFro("move_to_and_fro", MoveToAndFro);

/// Reads by every path there is, and expects what the snapshot's commit left. Returns the commit.
uint64_t ExpectWhole(const Snapshot& snapshot, size_t bulk) {
  uint64_t commit = snapshot.stamp().number;
  Record expected = Moving(commit, bulk);
  EXPECT_TRUE(ReadAll(snapshot) == std::vector<Record>{expected}) << commit;
  for (RecordKind kind : {RecordKind::kImportTask, RecordKind::kImportTaskHistory}) {
    bool here = kind == KindAfter(commit);
    auto got = snapshot.Get(kind, {1002, 3, 1000});
    EXPECT_EQ(got.has_value(), here) << commit;
    if (got && here) {
      EXPECT_TRUE(*got == expected);
    }
    auto cursor = snapshot.ScanByTask(kind, KeySpace{});
    EXPECT_EQ(cursor->Next().value_or(!here), here) << commit;
  }
  return commit;
}

struct Move {
  const char* name;
  size_t bulk;
  uint64_t until_closing;
  uint64_t pause_usec;
  int followers;
  int states;  ///< to be seen
};

class TornReads : public ::testing::TestWithParam<Move> {};

TEST_P(TornReads, AreNeverSeen) {
  const Move& move = GetParam();
  TemporaryDirectory tmp;
  Child writer("move_to_and_fro",
               {tmp.Path("s"), std::to_string(move.bulk), std::to_string(move.until_closing),
                std::to_string(move.pause_usec)});
  ASSERT_EQ(writer.Line(), "moving");
  std::vector<std::unique_ptr<Store>> followers;
  for (int i = 0; i < move.followers; ++i) {
    followers.push_back(OpenStore(tmp.Path("s"), Access::kFollower));
    ASSERT_NE(followers.back(), nullptr);
  }
  std::vector<uint64_t> last(followers.size());
  for (int states = 0; states < States(move.states) && !HasFailure();) {
    for (size_t f = 0; f < followers.size(); ++f) {
      auto snapshot = Take(*followers[f]);
      ASSERT_NE(snapshot, nullptr);
      uint64_t commit = ExpectWhole(*snapshot, move.bulk);
      EXPECT_GE(commit, last[f]) << "time went backwards";
      states += commit > last[f] ? 1 : 0;
      last[f] = commit;
    }
  }
  EXPECT_EQ(writer.Finish(), 0);
  for (auto& follower : followers) ExpectWhole(*Take(*follower), move.bulk);
}

INSTANTIATE_TEST_SUITE_P(Follower, TornReads,
                         ::testing::Values(Move{"SmallRecords", 4100, 300, 500, 1, 2000},
                                           Move{"AsFastAsItCan", 4100, 0, 0, 1, 30},
                                           Move{"FlushesForcedByVolume", 400000, 0, 0, 1, 60},
                                           Move{"ManyClosings", 5000, 3, 0, 1, 100},
                                           Move{"TwoFollowers", 4100, 500, 500, 2, 300}),
                         [](const auto& info) { return info.param.name; });

// ---- snapshots held while the writer goes on

TEST(Follower, AnOlderSnapshotStandsStillBesideANewerOne) {
  TemporaryDirectory tmp;
  auto writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  std::vector<std::shared_ptr<const Snapshot>> held;
  for (uint64_t commit = 1; commit <= 12; ++commit) {
    Batch batch;
    batch.Put(Moving(commit, 5000));
    if (commit > 1) batch.Delete(KindAfter(commit - 1), {1002, 3, 1000});
    ASSERT_TRUE(writer->Commit(batch));
    if (commit % 4 == 0) {
      // Everything the older snapshots read from is rewritten or deleted.
      ASSERT_TRUE(writer->Close());
      writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
    }
    held.push_back(Take(*follower));
    for (uint64_t i = 0; i < commit; ++i) {
      EXPECT_EQ(held[i]->stamp().number, i + 1);
      ExpectWhole(*held[i], 5000);
    }
  }
}

TEST(Follower, TheSameStateIsNotOpenedTwice) {
  TemporaryDirectory tmp;
  auto writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  auto seconds = [&](int snapshots) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < snapshots; ++i) Take(*follower);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  // An open takes milliseconds, a look at an unchanged directory a fraction of one.
  EXPECT_LT(seconds(200), 2.0);
}

TEST(Follower, AReadOnlyStoreKeepsTheStateOfItsOpening) {
  TemporaryDirectory tmp;
  auto writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
  Batch batch;
  batch.Put(Task(1002, 3, 1000));
  ASSERT_TRUE(writer->Commit(batch));
  auto reader = OpenStore(tmp.Path("s"), Access::kReadOnly);
  ASSERT_TRUE(writer->Commit(batch));
  EXPECT_EQ(Take(*reader)->stamp().number, 1U);
  EXPECT_EQ(Take(*OpenStore(tmp.Path("s"), Access::kFollower))->stamp().number, 2U);
}

TEST(Follower, TellsWhenItsStateWasCommitted) {
  TemporaryDirectory tmp;
  auto now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  auto writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  EXPECT_EQ(Take(*follower)->stamp(), CommitStamp());
  int64_t before = now();
  ASSERT_TRUE(writer->Commit(Batch()));
  int64_t after = now();
  CommitStamp stamp = Take(*follower)->stamp();
  EXPECT_EQ(stamp.number, 1U);
  EXPECT_GE(stamp.committed_usec, before);
  EXPECT_LE(stamp.committed_usec, after);
}

TEST(Follower, GoesOnWhenTheStoreIsMadeAnew) {
  TemporaryDirectory tmp;
  auto writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  writer.reset();
  std::filesystem::remove_all(tmp.Path("s"));
  auto gone = follower->TakeSnapshot();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kStoreMissing);
  writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
  Batch batch;
  batch.Put(Moving(1, 10));
  ASSERT_TRUE(writer->Commit(batch));
  ExpectWhole(*Take(*follower), 10);
}

// ---- long random runs

/// Makes the random series of commits, closing the store now and then. Arguments: directory,
/// commits.
int WriteSeries(const std::vector<std::string>& arguments) {
  auto store = OpenStore(arguments[0], Access::kReadWrite);
  Tell("writing");
  Model model;
  uint64_t commits = std::stoull(arguments[1]);
  for (uint64_t i = 1; i <= commits; ++i) {
    if (!store->Commit(RandomBatch(i, &model))) return 1;
    if (i % 97 == 0) {
      if (!store->Close()) return 2;
      store = OpenStore(arguments[0], Access::kReadWrite);
    }
  }
  return ReadAll(*Take(*store)) == model.All() ? 0 : 3;
}
const ChildRegistration kWriteSeries("write_series", WriteSeries);

TEST(Follower, EqualsTheWriterAllAlongALongRun) {
  TemporaryDirectory tmp;
  auto commits = static_cast<uint64_t>(Times(2000));
  Child writer("write_series", {tmp.Path("s"), std::to_string(commits)});
  ASSERT_EQ(writer.Line(), "writing");
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  Model model;
  uint64_t at = 0;
  int states = 0;
  while (at < commits && !HasFailure()) {
    auto snapshot = Take(*follower);
    ASSERT_NE(snapshot, nullptr);
    for (; at < snapshot->stamp().number; ++at) RandomBatch(at + 1, &model);
    ++states;
    auto all = ReadAll(*snapshot);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_TRUE(*all == model.All()) << "after commit " << at;
  }
  EXPECT_GT(states, 5);
  EXPECT_EQ(writer.Wait(), 0);
  EXPECT_TRUE(follower->Verify()->damage.empty());
}

/// The names of the store's table files.
std::set<std::string> Tables(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".sst") names.insert(entry.path().filename());
  }
  return names;
}

TEST(Follower, TablesTheWriterReplacedAreNoDamage) {
  TemporaryDirectory tmp;
  uint64_t commit = 0;
  auto write = [&] {
    auto writer = OpenStore(tmp.Path("s"), Access::kReadWrite);
    Batch batch;
    if (commit > 0) batch.Delete(KindAfter(commit), {1002, 3, 1000});
    batch.Put(Moving(++commit, 10));
    ASSERT_TRUE(writer->Commit(batch));
  };
  write();
  auto reader = OpenStore(tmp.Path("s"), Access::kReadOnly);
  std::set<std::string> opened = Tables(tmp.Path("s"));
  auto all_there = [&] {
    std::set<std::string> now = Tables(tmp.Path("s"));
    return std::includes(now.begin(), now.end(), opened.begin(), opened.end());
  };
  while (all_there() && commit < 1000) write();
  ASSERT_FALSE(all_there());
  auto report = reader->Verify();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->damage, std::vector<std::string>());
  EXPECT_EQ(report->records, 1U);
}

TEST(Follower, VerifiesAndCountsWhileTheWriterGoesOn) {
  TemporaryDirectory tmp;
  Child writer("move_to_and_fro", {tmp.Path("s"), "5000", "50", "0"});
  ASSERT_EQ(writer.Line(), "moving");
  auto follower = OpenStore(tmp.Path("s"), Access::kFollower);
  for (int i = 0; i < Times(20); ++i) {
    auto report = follower->Verify();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->damage, std::vector<std::string>());
    EXPECT_EQ(report->records, 1U);
    auto stats = follower->Stats();
    ASSERT_TRUE(stats) << stats.error().message;
  }
  EXPECT_EQ(writer.Finish(), 0);
}

}  // namespace
}  // namespace obviews::engine
