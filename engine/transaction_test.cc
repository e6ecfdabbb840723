// Transactions: what they see, what they lock, how they go back and what they commit.
#include "engine/transaction.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "engine/transaction_testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using std::chrono::milliseconds;
using testing::Begin;
using testing::Committed;
using testing::DamageOf;
using testing::Job;
using testing::MessageOf;
using testing::StatusOf;
using testing::Task;
using testing::TemporaryDirectory;

constexpr auto kRecover = RecordKind::kRecoverJob;
constexpr auto kRecoverHistory = RecordKind::kRecoverJobHistory;
constexpr auto kImport = RecordKind::kImportJob;
constexpr auto kImportHistory = RecordKind::kImportJobHistory;
constexpr auto kTask = RecordKind::kImportTask;
constexpr auto kTaskHistory = RecordKind::kImportTaskHistory;

class TransactionTest : public ::testing::Test {
 protected:
  /// Commits records as a plain batch.
  void Load(const std::vector<Record>& records) {
    Batch batch;
    for (const Record& record : records) batch.Put(record);
    EXPECT_EQ(MessageOf(store_->Commit(batch)), "");
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_ = testing::OpenForWriting(directory_.path());
};

TEST_F(TransactionTest, OwnChangesAreSeenByTheirTransactionAloneUntilCommit) {
  Load({Task(1002, 1, 8)});
  auto mine = Begin(*store_);
  auto other = Begin(*store_);
  EXPECT_FALSE(mine->has_changes());
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 7))), "");
  EXPECT_EQ(MessageOf(mine->Delete(kTask, {1002, 1, 8})), "");
  EXPECT_TRUE(mine->has_changes());
  EXPECT_EQ(StatusOf(*mine, kTask, {1002, 1, 7}), "DOING");
  EXPECT_EQ(StatusOf(*mine, kTask, {1002, 1, 8}), "-");
  EXPECT_EQ(StatusOf(*other, kTask, {1002, 1, 7}), "-");
  EXPECT_EQ(StatusOf(*other, kTask, {1002, 1, 8}), "DOING");
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ(StatusOf(*other, kTask, {1002, 1, 7}), "DOING");
  EXPECT_EQ(StatusOf(*other, kTask, {1002, 1, 8}), "-");
}

TEST_F(TransactionTest, WhatIsRolledBackOrDestroyedIsGoneWithItsLocks) {
  for (bool destroyed : {false, true}) {
    auto first = Begin(*store_);
    EXPECT_EQ(MessageOf(first->Put(Task(1002, 1, 7))), "");
    if (destroyed) {
      first.reset();
    } else {
      EXPECT_EQ(MessageOf(first->Rollback()), "");
      EXPECT_FALSE(first->has_changes());
    }
    auto next = Begin(*store_);
    EXPECT_EQ(StatusOf(*next, kTask, {1002, 1, 7}), "-");
    EXPECT_EQ(MessageOf(next->Lock(kTask, {1002, 1, 7})), "");
  }
}

TEST_F(TransactionTest, ChangesAreListedByKindInKeyOrder) {
  Load({Task(1002, 1, 8)});
  auto mine = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Put(Task(1004, 1, 1))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 2, 8))), "");
  EXPECT_EQ(MessageOf(mine->Put(Job(kImportHistory, 1002, 3))), "");
  const Transaction::Changes tasks = {{{1002, 1, 8}, std::nullopt},
                                      {{1002, 2, 8}, Task(1002, 2, 8)},
                                      {{1004, 1, 1}, Task(1004, 1, 1)}};
  EXPECT_EQ(mine->changes(kTask), tasks);
  const Transaction::Changes live = {{{1002, 3, 0}, std::nullopt}};
  EXPECT_EQ(mine->changes(kImport), live);
  EXPECT_EQ(mine->changes(RecordKind::kTaskSummary), Transaction::Changes());
}

TEST_F(TransactionTest, GoesBackToMarks) {
  Load({Task(1002, 1, 1, "INIT"), Task(1002, 1, 2, "INIT")});
  auto mine = Begin(*store_);
  Transaction::Mark start = mine->SetMark();
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 1, "DOING"))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 3, "INIT"))), "");
  Transaction::Mark middle = mine->SetMark();
  const Transaction::Changes at_middle = mine->changes(kTask);
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 9, 1, "COMPLETED"))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 9, 3, "COMPLETED"))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 9, 3, "COMPLETED", kTaskHistory))), "");
  EXPECT_EQ(MessageOf(mine->Delete(kTask, {1002, 1, 2})), "");
  mine->RollbackTo(middle);
  EXPECT_EQ(mine->changes(kTask), at_middle);
  EXPECT_EQ(mine->changes(kTaskHistory), Transaction::Changes());
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 8, 3, "DOING"))), "");
  const Transaction::Changes moved = {{{1002, 1, 1}, Task(1002, 1, 1, "DOING")},
                                      {{1002, 1, 3}, std::nullopt},
                                      {{1002, 8, 3}, Task(1002, 8, 3, "DOING")}};
  EXPECT_EQ(mine->changes(kTask), moved);
  mine->RollbackTo(start);
  EXPECT_FALSE(mine->has_changes());
  EXPECT_EQ(StatusOf(*mine, kTask, {1002, 1, 1}), "INIT");
  auto other = Begin(*store_);
  EXPECT_EQ(other->Lock(kTask, {1002, 1, 2}).error().code, ErrorCode::kLockTimeout) << "locks stay";
}

TEST_F(TransactionTest, RecordsOfOneThingHaveOneLock) {
  struct Case {
    RecordKind kind;
    RecordKind other_kind;
    bool shared;
    Key key;
    Key other_key;
  };
  const Case cases[] = {
      {kImport, kImport, true, {1002, 1, 0}, {1002, 1, 0}},
      {kImport, kImportHistory, true, {1002, 1, 0}, {1002, 1, 0}},
      {kImportHistory, kImport, true, {1002, 1, 0}, {1002, 1, 0}},
      {kImport, kImport, false, {1002, 1, 0}, {1002, 2, 0}},
      {kImport, kImport, false, {1002, 1, 0}, {1004, 1, 0}},
      {kImport, kRecover, false, {1002, 1, 0}, {1002, 1, 0}},
      {kTask, kTask, true, {1002, 1, 7}, {1002, 1, 7}},
      {kTask, kTask, true, {1002, 1, 7}, {1002, 2, 7}},
      {kTask, kTaskHistory, true, {1002, 1, 7}, {1002, 2, 7}},
      {kTask, kTask, false, {1002, 1, 7}, {1002, 1, 8}},
      {kTask, kTask, false, {1002, 1, 7}, {1004, 1, 7}},
      {kTask, kImport, false, {1002, 1, 7}, {1002, 7, 0}},
  };
  for (const Case& c : cases) {
    auto holder = Begin(*store_);
    auto other = Begin(*store_);
    EXPECT_EQ(MessageOf(holder->Lock(c.kind, c.key)), "");
    EXPECT_EQ(MessageOf(holder->Lock(c.kind, c.key)), "") << "it has it already";
    Status locked = other->Lock(c.other_kind, c.other_key);
    const schema::RecordType& type = schema::GetRecordType(c.other_kind);
    std::string name = std::string(type.name) + " " + ToString(type, c.other_key);
    EXPECT_EQ(MessageOf(locked),
              c.shared ? name +
                             ": another transaction holds it, and still did after 0 ms; try "
                             "again when that one has ended"
                       : "");
    if (c.shared) {
      EXPECT_EQ(locked.error().code, ErrorCode::kLockTimeout);
    }
  }
}

TEST_F(TransactionTest, PutAndDeleteLock) {
  auto holder = Begin(*store_);
  EXPECT_EQ(MessageOf(holder->Put(Task(1002, 1, 7))), "");
  EXPECT_EQ(MessageOf(holder->Delete(kTask, {1002, 1, 8})), "");
  auto other = Begin(*store_);
  EXPECT_EQ(other->Put(Task(1002, 3, 7)).error().code, ErrorCode::kLockTimeout);
  EXPECT_EQ(other->Delete(kTask, {1002, 1, 8}).error().code, ErrorCode::kLockTimeout);
  EXPECT_FALSE(other->has_changes());
  EXPECT_EQ(MessageOf(holder->Commit()), "");
  EXPECT_EQ(MessageOf(other->Put(Task(1002, 3, 7))), "");
}

TEST_F(TransactionTest, WaitsUntilTheHolderEnds) {
  auto holder = Begin(*store_);
  EXPECT_EQ(MessageOf(holder->Put(Task(1002, 1, 7, "INIT"))), "");
  std::string seen;
  std::thread waiting([&] {
    auto other = Begin(*store_, milliseconds(60'000));
    EXPECT_EQ(MessageOf(other->Lock(kTask, {1002, 1, 7})), "");
    seen = StatusOf(*other, kTask, {1002, 1, 7});
  });
  std::this_thread::sleep_for(milliseconds(120));
  EXPECT_EQ(MessageOf(holder->Commit()), "");
  waiting.join();
  EXPECT_EQ(seen, "INIT");
}

TEST_F(TransactionTest, WaitsNoLongerThanItsTimeout) {
  auto holder = Begin(*store_);
  EXPECT_EQ(MessageOf(holder->Lock(kImport, {1002, 1, 0})), "");
  auto other = Begin(*store_, milliseconds(130));
  auto start = std::chrono::steady_clock::now();
  Status locked = other->Lock(kImport, {1002, 1, 0});
  auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(MessageOf(locked),
            "import_job (1002, 1): another transaction holds it, and still did after 130 ms; try "
            "again when that one has ended");
  EXPECT_GE(waited, milliseconds(130));
  EXPECT_LT(waited, milliseconds(10'000));
  EXPECT_EQ(MessageOf(holder->Rollback()), "");
  EXPECT_EQ(MessageOf(other->Lock(kImport, {1002, 1, 0})), "") << "and may try again";
}

TEST_F(TransactionTest, AWaitThatIsInterruptedEnds) {
  auto holder = Begin(*store_);
  EXPECT_EQ(MessageOf(holder->Lock(kImport, {1002, 1, 0})), "");
  int asked = 0;
  auto other = Transaction::Begin(*store_, {.stopped = [&] { return ++asked == 3; }});
  ASSERT_TRUE(other.has_value());
  Status locked = (*other)->Lock(kImportHistory, {1002, 1, 0});
  EXPECT_EQ(locked.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(MessageOf(locked),
            "import_job_history (1002, 1): waiting for the transaction that holds it was "
            "interrupted");
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(MessageOf((*other)->Lock(kImport, {1002, 2, 0})), "") << "a free lock is not asked for";
  EXPECT_EQ(asked, 3);
}

TEST_F(TransactionTest, ADeadlockIsFoundAndNamed) {
  auto first = Begin(*store_, milliseconds(60'000));
  auto second = Begin(*store_, milliseconds(60'000));
  EXPECT_EQ(MessageOf(first->Lock(kImport, {1002, 1, 0})), "");
  EXPECT_EQ(MessageOf(second->Lock(kTask, {1002, 1, 7})), "");
  // Whoever waits last, even if only for its next slice, finds it; the other goes on then.
  auto wait = [](Transaction& waiting, RecordKind kind, const Key& key) {
    Status locked = waiting.Lock(kind, key);
    if (!locked) {
      EXPECT_EQ(locked.error().code, ErrorCode::kDeadlock);
      EXPECT_EQ(MessageOf(waiting.Rollback()), "");
    }
    return MessageOf(locked);
  };
  std::string first_error;
  std::thread thread([&] { first_error = wait(*first, kTask, {1002, 1, 7}); });
  std::string second_error = wait(*second, kImport, {1002, 1, 0});
  thread.join();
  EXPECT_NE(first_error.empty(), second_error.empty());
  std::string record = first_error.empty() ? "import_job (1002, 1)" : "import_task (1002, 1, 7)";
  EXPECT_EQ(first_error + second_error,
            record +
                ": waiting for the transaction that holds it would be a deadlock; roll this "
                "one back and do it again");
}

/// One change of a client.
struct Step {
  std::optional<Record> put;
  RecordKind deleted_kind = kTask;
  Key deleted = {};
};
Step Put(Record record) { return {std::move(record)}; }
Step Delete(RecordKind kind, Key key) { return {std::nullopt, kind, key}; }

struct Moves {
  const char* name;
  std::vector<Record> before;
  std::vector<Step> steps;
};

std::vector<Moves> AllMoves() {
  Record long_task = Task(1002, 1, 7, "INIT");
  long_task.Set("comment", std::string(3 * kMaxInlineText, 'x'));
  auto history = [](int64_t job, int64_t task) {
    return Task(1002, job, task, "COMPLETED", kTaskHistory);
  };
  return {
      {"insert", {}, {Put(Task(1002, 1, 7))}},
      {"replace", {Task(1002, 1, 7)}, {Put(Task(1002, 1, 7, "INIT"))}},
      {"replace a long text", {long_task}, {Put(Task(1002, 1, 7))}},
      {"set a long text", {Task(1002, 1, 7)}, {Put(long_task)}},
      {"delete", {long_task}, {Delete(kTask, {1002, 1, 7})}},
      {"delete what is not there", {}, {Delete(kTask, {1002, 1, 7})}},
      {"delete and insert", {long_task}, {Delete(kTask, {1002, 1, 7}), Put(Task(1002, 1, 7))}},
      {"insert and delete", {}, {Put(long_task), Delete(kTask, {1002, 1, 7})}},
      {"another job", {long_task}, {Put(Task(1002, 2, 7))}},
      {"another job and back", {long_task}, {Put(Task(1002, 2, 7)), Put(Task(1002, 1, 7))}},
      {"deleted and in another job",
       {long_task},
       {Delete(kTask, {1002, 1, 7}), Put(Task(1002, 2, 7))}},
      {"in another job and deleted there",
       {long_task},
       {Put(Task(1002, 2, 7)), Delete(kTask, {1002, 2, 7})}},
      {"in another job and deleted where it was",
       {long_task},
       {Put(Task(1002, 2, 7)), Delete(kTask, {1002, 1, 7})}},
      {"task to history", {long_task}, {Put(history(1, 7))}},
      {"task to history of another job", {long_task}, {Put(history(2, 7))}},
      {"task deleted and put to history",
       {long_task},
       {Delete(kTask, {1002, 1, 7}), Put(history(1, 7))}},
      {"task put to history and deleted",
       {long_task},
       {Put(history(1, 7)), Delete(kTask, {1002, 1, 7})}},
      {"task back from history",
       {history(1, 7), history(1, 8)},
       {Delete(kTaskHistory, {1002, 1, 7}), Put(long_task)}},
      {"task in history and live again", {long_task}, {Put(history(1, 7)), Put(Task(1002, 3, 7))}},
      {"task live beside its history", {history(1, 7)}, {Put(Task(1002, 3, 7))}},
      {"history of another job", {history(1, 7), history(2, 8)}, {Put(history(2, 7))}},
      {"history deleted", {history(1, 7), history(1, 8)}, {Delete(kTaskHistory, {1002, 1, 8})}},
      {"job to history", {Job(kImport, 1002, 1)}, {Put(Job(kImportHistory, 1002, 1))}},
      {"job deleted and put to history",
       {Job(kImport, 1002, 1)},
       {Delete(kImport, {1002, 1, 0}), Put(Job(kImportHistory, 1002, 1))}},
      {"job in history and live again",
       {Job(kImport, 1002, 1)},
       {Put(Job(kImportHistory, 1002, 1)), Put(Job(kImport, 1002, 1))}},
      {"job back from history",
       {Job(kImportHistory, 1002, 1)},
       {Delete(kImportHistory, {1002, 1, 0}), Put(Job(kImport, 1002, 1))}},
      {"job put to history and deleted from it",
       {Job(kImport, 1002, 1)},
       {Put(Job(kImportHistory, 1002, 1)), Delete(kImportHistory, {1002, 1, 0})}},
  };
}

/// The record under another tenant, so that cases do not meet.
Record Under(int64_t tenant, Record record) {
  record.Set("tenant_id", tenant);
  return record;
}

TEST_F(TransactionTest, MovesCommitWhatPlainBatchesWould) {
  testing::Model model;
  int64_t tenant = 1002;
  for (const Moves& moves : AllMoves()) {
    tenant += 2;
    std::vector<Record> before;
    for (const Record& record : moves.before) before.push_back(Under(tenant, record));
    for (const Record& record : before) model.Put(record);
    Load(before);
    auto mine = Begin(*store_);
    for (const Step& step : moves.steps) {
      Key key{tenant, step.deleted.job_id, step.deleted.task_id};
      if (step.put) {
        model.Put(Under(tenant, *step.put));
        EXPECT_EQ(MessageOf(mine->Put(Under(tenant, *step.put))), "") << moves.name;
      } else {
        model.Delete(step.deleted_kind, key);
        EXPECT_EQ(MessageOf(mine->Delete(step.deleted_kind, key)), "") << moves.name;
      }
    }
    EXPECT_EQ(MessageOf(mine->Commit()), "") << moves.name;
    EXPECT_EQ(Committed(*store_), model.All()) << moves.name;
    EXPECT_EQ(DamageOf(*store_), std::vector<std::string>()) << moves.name;
  }
}

TEST_F(TransactionTest, AJobThatOnlyMovesKeepsItsSamples) {
  Record live = Job(kRecover, 1002, 1);
  Record history = Job(kRecoverHistory, 1002, 1);
  const std::vector<std::vector<Step>> cases = {
      {Put(live)},
      {Put(history)},
      {Delete(kRecover, live.key()), Put(live)},
      {Delete(kRecover, live.key()), Put(history)},
      {Put(history), Delete(kRecover, live.key())},
      {Put(history), Delete(kRecoverHistory, live.key()), Put(live)},
  };
  SampleOwner owner{kRecover, {1002, 1, 0}};
  for (const auto& steps : cases) {
    Batch batch;
    batch.Delete(kRecoverHistory, live.key());
    batch.Put(live);
    ProgressSample sample;
    sample.time_usec = 1;
    batch.PutSample(owner, sample);
    EXPECT_EQ(MessageOf(store_->Commit(batch)), "");
    auto mine = Begin(*store_);
    for (const Step& step : steps) {
      EXPECT_EQ(MessageOf(step.put ? mine->Put(*step.put)
                                   : mine->Delete(step.deleted_kind, step.deleted)),
                "");
    }
    EXPECT_EQ(MessageOf(mine->Commit()), "");
    auto samples = (*store_->TakeSnapshot())->Samples(owner);
    ASSERT_TRUE(samples.has_value());
    EXPECT_EQ(samples->size(), 1) << &steps - cases.data();
  }
  auto mine = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Delete(kRecover, live.key())), "");
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ((*store_->TakeSnapshot())->Samples(owner)->size(), 0);
}

TEST_F(TransactionTest, ACommitSaysWhatItInsertedAndReplaced) {
  Load({Task(1002, 1, 1), Task(1002, 1, 2), Task(1002, 1, 3), Task(1002, 1, 4)});
  auto mine = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 1, "INIT"))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 2, 2))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 3, "COMPLETED", kTaskHistory))), "");
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 5))), "");
  EXPECT_EQ(MessageOf(mine->Delete(kTask, {1002, 1, 4})), "");
  auto committed = mine->Commit();
  ASSERT_TRUE(committed.has_value());
  EXPECT_EQ(committed->inserted, 2);
  EXPECT_EQ(committed->replaced, 2);
  EXPECT_EQ(committed->live_removed, 1);
}

TEST_F(TransactionTest, ACommitWithoutChangesWritesNothing) {
  Load({Task(1002, 1, 1)});
  CommitStamp before = (*store_->TakeSnapshot())->stamp();
  auto mine = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Lock(kTask, {1002, 1, 1})), "");
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ((*store_->TakeSnapshot())->stamp(), before);
  EXPECT_EQ(MessageOf(Begin(*store_)->Lock(kTask, {1002, 1, 1})), "");
}

TEST_F(TransactionTest, RecordsAreCheckedAsByACommit) {
  Record null(kTask);
  null.Set("status", std::monostate());
  auto mine = Begin(*store_);
  Status put = mine->Put(null);
  EXPECT_EQ(put.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(put), "import_task (0, 0, 0): status must not be NULL");
  put = mine->Put(Record(RecordKind::kTaskSummary));
  EXPECT_EQ(put.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(put), "import_task_summary records are worked out from others: change those");
  EXPECT_EQ(mine->Lock(RecordKind::kProgress, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(mine->Delete(RecordKind::kProgress, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(mine->Get(RecordKind::kProgress, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(mine->has_changes());
}

TEST_F(TransactionTest, NothingFollowsTheEnd) {
  for (bool commit : {true, false}) {
    auto mine = Begin(*store_);
    EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 7))), "");
    Transaction::Mark mark = mine->SetMark();
    EXPECT_EQ(commit ? MessageOf(mine->Commit()) : MessageOf(mine->Rollback()), "");
    constexpr const char* kEnded = "the transaction has ended";
    EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 7))), kEnded);
    EXPECT_EQ(MessageOf(mine->Delete(kTask, {1002, 1, 7})), kEnded);
    EXPECT_EQ(MessageOf(mine->Lock(kTask, {1002, 1, 7})), kEnded);
    EXPECT_EQ(MessageOf(mine->Prepare("x")), kEnded);
    EXPECT_EQ(MessageOf(mine->Commit()), kEnded);
    EXPECT_EQ(MessageOf(mine->Rollback()), kEnded);
    mine->RollbackTo(mark);
    EXPECT_FALSE(mine->has_changes());
  }
}

TEST_F(TransactionTest, OfAStoreThatIsClosedNothingIsCommitted) {
  std::string closed = "store '" + directory_.path() + "' is closed";
  std::string not_open = "store '" + directory_.path() + "' is not open for writing";
  auto mine = Begin(*store_);
  auto other = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 7))), "");
  EXPECT_EQ(MessageOf(other->Put(Task(1002, 1, 8))), "");
  EXPECT_EQ(MessageOf(store_->Close()), "");
  EXPECT_EQ(MessageOf(Transaction::Begin(*store_)), not_open);
  store_.reset();
  EXPECT_EQ(MessageOf(mine->Get(kTask, {1002, 1, 9})), closed);
  EXPECT_EQ(MessageOf(mine->Prepare("x")), not_open);
  EXPECT_EQ(MessageOf(mine->Commit()), not_open);
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 7))),
            "the commit of the transaction failed: it can only be rolled back");
  EXPECT_EQ(MessageOf(mine->Commit()),
            "the commit of the transaction failed: it can only be rolled back");
  EXPECT_EQ(MessageOf(mine->Rollback()), "");
  mine.reset();
  other.reset();
  store_ = testing::OpenForWriting(directory_.path());
  EXPECT_EQ(Committed(*store_), std::vector<Record>());
}

TEST_F(TransactionTest, ReadersHaveNone) {
  for (Access access : {Access::kReadOnly, Access::kFollower}) {
    OpenOptions options;
    options.access = access;
    auto reader = Store::Open(directory_.path(), options);
    ASSERT_TRUE(reader.has_value());
    auto begun = Transaction::Begin(**reader);
    EXPECT_EQ(MessageOf(begun), "store '" + directory_.path() + "' is not open for writing");
  }
}

}  // namespace
}  // namespace obviews::engine
