// Transactions in two phases: what is prepared outlives its process and waits for its end.
#include "engine/prepared.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "engine/child_testing.h"
#include "engine/own_changes.h"
#include "engine/raw_testing.h"
#include "engine/transaction_testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using testing::Begin;
using testing::Committed;
using testing::DamageOf;
using testing::Job;
using testing::MessageOf;
using testing::OpenForWriting;
using testing::StatusOf;
using testing::Task;
using testing::TemporaryDirectory;
using Texts = std::vector<std::string>;

constexpr auto kTask = RecordKind::kImportTask;
constexpr auto kTaskHistory = RecordKind::kImportTaskHistory;
constexpr auto kImport = RecordKind::kImportJob;

Record LongTask(int64_t task) {
  Record record = Task(1002, 1, task);
  record.Set("comment", std::string(3 * kMaxInlineText, 'x'));
  return record;
}

Texts Prepared(Store& store) {
  auto xids = PreparedTransactions(store);
  EXPECT_TRUE(xids.has_value()) << MessageOf(xids);
  return xids ? *xids : Texts();
}

/// Resumes a transaction that is there.
std::unique_ptr<Transaction> Resume(Store& store, std::string_view xid) {
  auto resumed = Transaction::Resume(store, xid);
  EXPECT_TRUE(resumed.has_value()) << MessageOf(resumed);
  return resumed ? std::move(*resumed) : nullptr;
}

class PreparedTest : public ::testing::Test {
 protected:
  /// Commits task 1, live, and prepares under the xid: task 1 deleted, task 2 put with a long text,
  /// task 3 put to history.
  std::unique_ptr<Transaction> PrepareChanges(std::string_view xid) {
    Batch batch;
    batch.Put(Task(1002, 1, 1));
    EXPECT_EQ(MessageOf(store_->Commit(batch)), "");
    auto mine = Begin(*store_);
    EXPECT_EQ(MessageOf(mine->Delete(kTask, {1002, 1, 1})), "");
    EXPECT_EQ(MessageOf(mine->Put(LongTask(2))), "");
    EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 3, "COMPLETED", kTaskHistory))), "");
    EXPECT_EQ(MessageOf(mine->Prepare(xid)), "");
    return mine;
  }
  const std::vector<Record> before_ = {Task(1002, 1, 1)};
  const std::vector<Record> after_ = {LongTask(2), Task(1002, 1, 3, "COMPLETED", kTaskHistory)};

  void Reopen() {
    store_.reset();
    store_ = OpenForWriting(directory_.path());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_ = OpenForWriting(directory_.path());
};

TEST_F(PreparedTest, IsCommittedOrRolledBackWheneverThatIs) {
  struct Case {
    const char* name;
    bool resumed;
    bool reopened;
    bool committed;
  };
  const Case cases[] = {
      {"committed", false, false, true},
      {"rolled back", false, false, false},
      {"resumed and committed", true, false, true},
      {"resumed and rolled back", true, false, false},
      {"committed after opening again", true, true, true},
      {"rolled back after opening again", true, true, false},
  };
  for (const Case& c : cases) {
    auto mine = PrepareChanges("x");
    EXPECT_EQ(Prepared(*store_), Texts{"x"}) << c.name;
    if (c.resumed) mine.reset();
    if (c.reopened) Reopen();
    EXPECT_EQ(Committed(*store_), before_) << c.name;
    if (c.resumed) mine = Resume(*store_, "x");
    ASSERT_NE(mine, nullptr);
    EXPECT_EQ(StatusOf(*mine, kTask, {1002, 1, 1}), "-") << c.name;
    EXPECT_EQ(StatusOf(*mine, kTaskHistory, {1002, 1, 3}), "COMPLETED") << c.name;
    EXPECT_EQ(mine->changes(kTask),
              (Transaction::Changes{{{1002, 1, 1}, std::nullopt}, {{1002, 1, 2}, LongTask(2)}}))
        << c.name;
    EXPECT_EQ(c.committed ? MessageOf(mine->Commit()) : MessageOf(mine->Rollback()), "") << c.name;
    EXPECT_EQ(Prepared(*store_), Texts()) << c.name;
    EXPECT_EQ(Committed(*store_), c.committed ? after_ : before_) << c.name;
    EXPECT_EQ(MessageOf(Transaction::Resume(*store_, "x")), R"(no transaction "x" is prepared)");
    EXPECT_EQ(DamageOf(*store_), Texts()) << c.name;
    Batch clean;
    for (const Record& record : Committed(*store_)) clean.Delete(record.kind(), record.key());
    EXPECT_EQ(MessageOf(store_->Commit(clean)), "");
  }
}

TEST_F(PreparedTest, EveryKindOfRecordComesBackAsItWas) {
  std::mt19937_64 random(1);
  auto mine = Begin(*store_);
  testing::Model model;
  for (int i = 0; i < 200; ++i) {
    const schema::RecordType& type = schema::RecordTypes()[random() % schema::RecordTypes().size()];
    Record record = testing::RandomRecord(type.kind, random);
    model.Put(record);
    EXPECT_EQ(MessageOf(mine->Put(std::move(record))), "");
  }
  std::vector<Transaction::Changes> changes;
  for (const auto& type : schema::RecordTypes()) changes.push_back(mine->changes(type.kind));
  EXPECT_EQ(MessageOf(mine->Prepare("x")), "");
  mine.reset();
  Reopen();
  mine = Resume(*store_, "x");
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(mine->changes(schema::RecordTypes()[i].kind), changes[i]);
  }
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ(Committed(*store_), model.All());
  EXPECT_EQ(DamageOf(*store_), Texts());
}

TEST_F(PreparedTest, OneWithoutChangesIsPreparedToo) {
  auto mine = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Prepare("x")), "");
  EXPECT_EQ(Prepared(*store_), Texts{"x"});
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ(Prepared(*store_), Texts());
}

TEST_F(PreparedTest, AXidIsAnyBytes) {
  const Texts xids = {
      "",
      std::string(1, '\0'),
      std::string("\0\0a", 3),
      "'; DROP TABLE x; --",
      "a",
      std::string("a\0", 2),
      "prepared",
      std::string(256, 'z'),
      std::string(256, '\xFF'),
  };
  int64_t task = 1;
  for (const std::string& xid : xids) {
    auto mine = Begin(*store_);
    EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, task++))), "");
    EXPECT_EQ(MessageOf(mine->Prepare(xid)), "");
  }
  EXPECT_EQ(Prepared(*store_), xids);
  Reopen();
  EXPECT_EQ(Prepared(*store_), xids);
  for (size_t i = 0; i < xids.size(); ++i) {
    auto mine = Resume(*store_, xids[i]);
    EXPECT_EQ(mine->changes(kTask).begin()->first.task_id, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(MessageOf(mine->Rollback()), "");
    EXPECT_EQ(Prepared(*store_).size(), xids.size() - i - 1);
  }
  auto mine = Begin(*store_);
  Status prepared = mine->Prepare(std::string(257, 'z'));
  EXPECT_EQ(prepared.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(prepared), "an xid of 257 bytes; it may have 256");
  EXPECT_EQ(MessageOf(mine->Prepare("short")), "");
}

TEST_F(PreparedTest, AXidIsOfOneTransaction) {
  constexpr const char* kInUse =
      R"(another transaction has the xid "x": end that one, or give this one another xid)";
  auto first = Begin(*store_);
  auto second = Begin(*store_);
  EXPECT_EQ(MessageOf(first->Put(Task(1002, 1, 1))), "");
  EXPECT_EQ(MessageOf(second->Put(Task(1002, 1, 2))), "");
  EXPECT_EQ(MessageOf(first->Prepare("x")), "");
  Status refused = second->Prepare("x");
  EXPECT_EQ(MessageOf(refused), kInUse);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  auto resumed = Transaction::Resume(*store_, "x");
  EXPECT_EQ(MessageOf(resumed),
            R"(transaction "x" is still open: commit it or roll it back there)");
  EXPECT_EQ(resumed.error().code, ErrorCode::kConflict);
  first.reset();
  EXPECT_EQ(MessageOf(second->Prepare("x")), kInUse) << "it is prepared, if nowhere open";
  EXPECT_EQ(MessageOf(Resume(*store_, "x")->Commit()), "");
  EXPECT_EQ(MessageOf(second->Prepare("x")), "") << "what was refused can go on";
  EXPECT_EQ(MessageOf(second->Commit()), "");
  EXPECT_EQ(Committed(*store_), (std::vector<Record>{Task(1002, 1, 1), Task(1002, 1, 2)}));
}

TEST_F(PreparedTest, OnlyItsEndMayFollow) {
  constexpr const char* kOnly =
      "the transaction is prepared: it can only be committed or rolled back";
  auto mine = PrepareChanges("x");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 9))), kOnly);
    EXPECT_EQ(MessageOf(mine->Delete(kTask, {1002, 1, 9})), kOnly);
    EXPECT_EQ(MessageOf(mine->Lock(kTask, {1002, 1, 9})), kOnly);
    EXPECT_EQ(MessageOf(mine->Prepare("y")), kOnly);
    mine->RollbackTo(0);
    EXPECT_TRUE(mine->has_changes());
    mine.reset();
    mine = Resume(*store_, "x");
  }
}

TEST_F(PreparedTest, ItsRecordsAreLockedWhileItIsOpen) {
  auto mine = PrepareChanges("x");
  auto other = Begin(*store_);
  auto is_locked = [&] {
    Status locked = other->Lock(kTask, {1002, 7, 3});
    return !locked && locked.error().code == ErrorCode::kLockTimeout;
  };
  EXPECT_TRUE(is_locked());
  mine.reset();
  mine = Resume(*store_, "x");
  EXPECT_TRUE(is_locked());
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_FALSE(is_locked());
}

TEST_F(PreparedTest, IsResumedWhenItsRecordsAreFree) {
  PrepareChanges("x").reset();
  auto holder = Begin(*store_);
  EXPECT_EQ(MessageOf(holder->Put(Task(1002, 1, 1, "INIT"))), "");
  std::unique_ptr<Transaction> resumed;
  std::thread waiting([&] { resumed = Resume(*store_, "x"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  EXPECT_EQ(MessageOf(holder->Commit()), "");
  waiting.join();
  ASSERT_NE(resumed, nullptr);
  EXPECT_EQ(MessageOf(resumed->Commit()), "");
  EXPECT_EQ(Committed(*store_), after_);
}

TEST_F(PreparedTest, FollowersSeeNothingOfIt) {
  auto mine = PrepareChanges("x");
  auto follower = Store::Open(directory_.path(), {});
  ASSERT_TRUE(follower.has_value()) << MessageOf(follower);
  EXPECT_EQ(Committed(**follower), before_);
  EXPECT_EQ(Prepared(**follower), Texts{"x"});
  EXPECT_EQ(DamageOf(**follower), Texts());
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ(Committed(**follower), after_);
  EXPECT_EQ(Prepared(**follower), Texts());
}

TEST_F(PreparedTest, VerifySaysWhatWaits) {
  auto mine = PrepareChanges("a\nb");
  auto report = store_->Verify();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->damage, Texts());
  EXPECT_EQ(report->problems, Texts());
  EXPECT_THAT(
      report->notices,
      ::testing::Contains(R"(transaction "a\nb" is prepared: its 3 changed records wait for )"
                          "its commit or rollback"));
}

TEST_F(PreparedTest, RebuildLeavesItAlone) {
  PrepareChanges("x").reset();
  ASSERT_TRUE(store_->Rebuild().has_value());
  EXPECT_EQ(MessageOf(Resume(*store_, "x")->Commit()), "");
  EXPECT_EQ(Committed(*store_), after_);
  EXPECT_EQ(DamageOf(*store_), Texts());
}

/// A crash before the commit is written. A copy of the files from before it is what that leaves.
TEST_F(PreparedTest, OneWhoseCommitIsLostIsPreparedAgain) {
  auto mine = PrepareChanges("x");
  TemporaryDirectory copy;
  for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
    if (file.path().filename() == "LOCK") continue;
    std::filesystem::copy(file, copy.path());
  }
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  auto crashed = OpenForWriting(copy.path());
  EXPECT_EQ(Committed(*crashed), before_);
  EXPECT_EQ(Prepared(*crashed), Texts{"x"});
  EXPECT_EQ(MessageOf(Resume(*crashed, "x")->Commit()), "");
  EXPECT_EQ(Committed(*crashed), after_);
}

/// What others commit meanwhile is overwritten: the host's log has decided.
TEST_F(PreparedTest, ItsCommitOverwritesWhatCameBetween) {
  PrepareChanges("x").reset();
  auto other = Begin(*store_);
  EXPECT_EQ(MessageOf(other->Put(Task(1002, 5, 2))), "");
  EXPECT_EQ(MessageOf(other->Put(Task(1002, 5, 3))), "");
  EXPECT_EQ(MessageOf(other->Commit()), "");
  EXPECT_EQ(MessageOf(Resume(*store_, "x")->Commit()), "");
  EXPECT_EQ(Committed(*store_), after_);
  EXPECT_EQ(DamageOf(*store_), Texts());
}

/// Prepares two transactions, commits one of them, and leaves a third one open, until it is killed.
int PrepareAndWait(const std::vector<std::string>& arguments) {
  OpenOptions options;
  options.access = Access::kReadWrite;
  options.create_if_missing = true;
  auto store = Store::Open(arguments[0], options);
  if (!store) return 1;
  auto open = Begin(**store);
  auto committed = Begin(**store);
  auto prepared = Begin(**store);
  bool done = open->Put(Task(1002, 1, 1)) && committed->Put(Task(1002, 1, 2)) &&
              committed->Prepare("committed") && prepared->Put(LongTask(3)) &&
              prepared->Prepare("prepared") && committed->Commit();
  testing::Tell(done ? "done" : "failed");
  while (!testing::ParentIsDone()) usleep(1000);
  return 0;
}
const testing::ChildRegistration kPrepareAndWait("prepare_and_wait", PrepareAndWait);

TEST(PreparedCrash, WhatAKilledProcessPreparedIsThere) {
  TemporaryDirectory directory;
  std::string path = directory.Path("s");
  testing::Child child("prepare_and_wait", {path});
  ASSERT_EQ(child.Line(), "done");
  EXPECT_EQ(child.Kill(), -SIGKILL);
  {
    auto follower = Store::Open(path, {});
    ASSERT_TRUE(follower.has_value()) << MessageOf(follower);
    EXPECT_EQ(Committed(**follower), std::vector<Record>{Task(1002, 1, 2)});
  }
  auto store = OpenForWriting(path);
  EXPECT_EQ(Committed(*store), std::vector<Record>{Task(1002, 1, 2)});
  EXPECT_EQ(Prepared(*store), Texts{"prepared"});
  EXPECT_EQ(MessageOf(Begin(*store)->Lock(kTask, {1002, 1, 1})), "");
  EXPECT_EQ(MessageOf(Resume(*store, "prepared")->Commit()), "");
  EXPECT_EQ(Committed(*store), (std::vector<Record>{Task(1002, 1, 2), LongTask(3)}));
  EXPECT_EQ(DamageOf(*store), Texts());
}

TEST(PreparedDamage, IsFoundWhateverByteIsWrong) {
  OwnChanges changes;
  changes.Set(kTask, {1002, 1, 1}, std::nullopt);
  changes.Set(kTask, {1002, 1, 2}, LongTask(2));
  changes.Set(kImport, {1002, 1, 0}, Job(kImport, 1002, 1));
  std::string key = PreparedKey("x");
  const std::string sound = EncodePrepared(key, changes);
  OwnChanges read;
  EXPECT_EQ(DecodePrepared(key, sound, &read), "");
  EXPECT_EQ(read.Of(kTask), changes.Of(kTask));
  EXPECT_EQ(DecodePrepared(PreparedKey("y"), sound, &read), "its checksum is wrong");
  EXPECT_EQ(DecodePrepared(key, sound + "x", &read), "its checksum is wrong");
  for (size_t i = 0; i < sound.size(); ++i) {
    std::string flipped = sound;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x40);
    EXPECT_NE(DecodePrepared(key, flipped, &read), "") << i;
    EXPECT_NE(DecodePrepared(key, sound.substr(0, i), &read), "") << i;
  }
}

TEST_F(PreparedTest, ADamagedOneIsNoHindranceToOthers) {
  PrepareChanges("bad").reset();
  auto good = Begin(*store_);
  EXPECT_EQ(MessageOf(good->Put(Task(1002, 1, 9))), "");
  EXPECT_EQ(MessageOf(good->Prepare("good")), "");
  good.reset();
  store_.reset();
  {
    testing::RawStore raw(directory_.path());
    std::string bytes = raw.Get(kDefaultFamily, PreparedKey("bad"));
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    raw.Put(kDefaultFamily, PreparedKey("bad"), bytes);
  }
  store_ = OpenForWriting(directory_.path());
  constexpr const char* kDamage =
      R"(prepared transaction "bad" in column family default: its checksum is wrong; the store is )"
      "damaged there";
  EXPECT_EQ(DamageOf(*store_), Texts{kDamage});
  EXPECT_EQ(Prepared(*store_), (Texts{"bad", "good"}));
  auto resumed = Transaction::Resume(*store_, "bad");
  EXPECT_EQ(resumed.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(MessageOf(resumed), kDamage);
  EXPECT_EQ(MessageOf(Begin(*store_)->Lock(kTask, {1002, 1, 1})), "") << "it keeps no lock";
  EXPECT_EQ(MessageOf(Resume(*store_, "good")->Commit()), "");
  EXPECT_EQ(Committed(*store_), (std::vector<Record>{Task(1002, 1, 1), Task(1002, 1, 9)}));
}

}  // namespace
}  // namespace obviews::engine
