// Transactions against a model: random changes, marks and ends; and many threads at once.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
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
using testing::MessageOf;
using testing::Model;
using testing::TemporaryDirectory;

/// What a transaction sees: what is committed, and its changes over it.
std::vector<Record> SeenBy(const Transaction& transaction, Store& store) {
  std::map<std::pair<RecordKind, Key>, Record> seen;
  for (Record& record : Committed(store)) {
    std::pair at(record.kind(), record.key());
    seen.emplace(at, std::move(record));
  }
  for (const schema::RecordType& type : schema::RecordTypes()) {
    for (const auto& [key, change] : transaction.changes(type.kind)) {
      seen.erase({type.kind, key});
      if (change) seen.emplace(std::pair(type.kind, key), *change);
    }
  }
  std::vector<Record> all;
  all.reserve(seen.size());
  for (auto& [at, record] : seen) all.push_back(std::move(record));
  return all;
}

class RandomTransactions {
 public:
  RandomTransactions(const std::string& directory, uint64_t seed)
      : store_(testing::OpenForWriting(directory)), random_(seed) {}

  Store& store() { return *store_; }
  Model& model() { return model_; }

  /// One transaction of random changes that ends in one of the ways there are.
  void Run() {
    Model before = model_;
    auto transaction = Begin(*store_);
    for (uint64_t steps = random_() % 12; steps > 0; --steps) Step(*transaction);
    EXPECT_EQ(SeenBy(*transaction, *store_), model_.All());
    EXPECT_EQ(Committed(*store_), before.All());
    marks_.clear();
    if (!End(std::move(transaction))) model_ = std::move(before);
    EXPECT_EQ(Committed(*store_), model_.All());
  }

 private:
  void Step(Transaction& transaction) {
    const schema::RecordType& type =
        schema::RecordTypes()[random_() % schema::RecordTypes().size()];
    Record record = testing::RandomRecord(type.kind, random_);
    Key key = record.key();
    switch (random_() % 10) {
      case 0:
        marks_.emplace_back(transaction.SetMark(), model_);
        return;
      case 1:
        if (marks_.empty()) return;
        marks_.resize(1 + random_() % marks_.size());
        transaction.RollbackTo(marks_.back().first);
        model_ = marks_.back().second;
        return;
      case 2:
      case 3:
        EXPECT_EQ(MessageOf(transaction.Delete(type.kind, key)), "");
        model_.Delete(type.kind, key);
        break;
      default:
        model_.Put(record);
        EXPECT_EQ(MessageOf(transaction.Put(std::move(record))), "");
    }
    auto seen = transaction.Get(type.kind, key);
    ASSERT_TRUE(seen.has_value()) << MessageOf(seen);
    const auto& records = model_.Of(type.kind);
    auto expected = records.find(key);
    EXPECT_EQ(seen->has_value(), expected != records.end());
    if (*seen && expected != records.end()) {
      EXPECT_EQ(**seen, expected->second);
    }
  }

  /// Whether it was committed.
  bool End(std::unique_ptr<Transaction> transaction) {
    uint64_t how = random_() % 8;
    if (how == 0) return false;
    if (how == 1) {
      EXPECT_EQ(MessageOf(transaction->Rollback()), "");
      return false;
    }
    if (how <= 4) {
      EXPECT_EQ(MessageOf(transaction->Commit()), "");
      return true;
    }
    std::string xid = testing::RandomText(random_, random_() % 20);
    EXPECT_EQ(MessageOf(transaction->Prepare(xid)), "");
    if (how >= 6) {
      transaction.reset();
      auto resumed = Transaction::Resume(*store_, xid);
      EXPECT_TRUE(resumed.has_value()) << MessageOf(resumed);
      if (!resumed) return false;
      transaction = std::move(*resumed);
    }
    bool commit = random_() % 4 != 0;
    EXPECT_EQ(commit ? MessageOf(transaction->Commit()) : MessageOf(transaction->Rollback()), "");
    return commit;
  }

  std::unique_ptr<Store> store_;
  std::mt19937_64 random_;
  Model model_;
  std::vector<std::pair<Transaction::Mark, Model>> marks_;
};

TEST(TransactionModel, RandomTransactionsCommitWhatTheModelHas) {
  for (uint64_t seed : {1, 2, 3}) {
    TemporaryDirectory directory;
    RandomTransactions transactions(directory.path(), seed);
    for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) transactions.Run();
    EXPECT_EQ(DamageOf(transactions.store()), std::vector<std::string>());
    EXPECT_GT(transactions.model().All().size(), 20) << "the model is not trivial";
    auto prepared = PreparedTransactions(transactions.store());
    ASSERT_TRUE(prepared.has_value());
    EXPECT_EQ(*prepared, std::vector<std::string>());
  }
}

// ---- Threads

constexpr int kAccounts = 6;
constexpr int64_t kEach = 1000;

/// The records of the accounts, some of them tasks, in different kinds and families.
Record Account(int number) {
  Record record = number % 2 == 0 ? testing::Job(RecordKind::kImportJob, 1002, 1 + number)
                                  : testing::Task(1002, 1, 1 + number);
  record.Set("total_bytes", kEach);
  return record;
}

/// Moves a number from one record to another; an error if another one comes in the way.
Status MoveOnce(Store& store, std::mt19937_64& random, const std::string& xid) {
  auto begun = Transaction::Begin(store, {.lock_timeout = milliseconds(20'000)});
  if (!begun) return Fail(begun.error());
  Transaction& transaction = **begun;
  int from = static_cast<int>(random() % kAccounts);
  int to = (from + 1 + static_cast<int>(random() % (kAccounts - 1))) % kAccounts;
  auto add = [&](int number, int64_t amount) -> Status {
    Record account = Account(number);
    OBVIEWS_RETURN_IF_ERROR(transaction.Lock(account.kind(), account.key()));
    OBVIEWS_ASSIGN_OR_RETURN(auto record, transaction.Get(account.kind(), account.key()));
    if (!record) return Fail(ErrorCode::kInternal, "an account is gone");
    record->Set("total_bytes", record->Int("total_bytes") + amount);
    return transaction.Put(*std::move(record));
  };
  auto amount = static_cast<int64_t>(random() % 10);
  OBVIEWS_RETURN_IF_ERROR(add(from, -amount));
  OBVIEWS_RETURN_IF_ERROR(add(to, amount));
  if (random() % 8 == 0) return transaction.Rollback();
  if (random() % 2 == 0) {
    OBVIEWS_RETURN_IF_ERROR(transaction.Prepare(xid));
    if (random() % 4 == 0) return transaction.Rollback();
  }
  OBVIEWS_RETURN_IF_ERROR(transaction.Commit());
  return {};
}

TEST(TransactionThreads, SumsStay) {
  constexpr int kThreads = 6;
  constexpr int kMoves = 150;
  TemporaryDirectory directory;
  auto store = testing::OpenForWriting(directory.path());
  Batch batch;
  for (int i = 0; i < kAccounts; ++i) batch.Put(Account(i));
  ASSERT_EQ(MessageOf(store->Commit(batch)), "");
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<uint64_t>(i));
      for (int move = 0; move < kMoves;) {
        Status moved = MoveOnce(*store, random, std::to_string(i));
        if (moved) ++move;
        if (moved) ++done;
        // Whoever is told of a deadlock does it again.
        if (moved || moved.error().code == ErrorCode::kDeadlock) continue;
        ADD_FAILURE() << moved.error().message;
        return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, kThreads * kMoves);
  int64_t sum = 0;
  for (const Record& record : Committed(*store)) sum += record.Int("total_bytes");
  EXPECT_EQ(sum, kAccounts * kEach);
  EXPECT_EQ(DamageOf(*store), std::vector<std::string>());
}

TEST(TransactionThreads, HistoryTasksAreMovedBesideEachOther) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 40;
  TemporaryDirectory directory;
  auto store = testing::OpenForWriting(directory.path());
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  // Each has tasks of its own, but they share a block, whose facts change under who looks at them.
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int task = 0; task < kTasks; ++task) {
        int64_t id = 1 + task * kThreads + i;
        auto transaction = Begin(*store);
        for (int64_t job : {1, 2}) {
          Record record = testing::Task(1002, job, id, "COMPLETED", RecordKind::kImportTaskHistory);
          EXPECT_EQ(MessageOf(transaction->Put(std::move(record))), "");
        }
        EXPECT_EQ(MessageOf(transaction->Commit()), "");
        transaction = Begin(*store);
        Record record = testing::Task(1002, 3, id, "COMPLETED", RecordKind::kImportTaskHistory);
        EXPECT_EQ(MessageOf(transaction->Put(std::move(record))), "");
        EXPECT_EQ(MessageOf(transaction->Commit()), "");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Record> expected;
  for (int64_t id = 1; id <= kThreads * kTasks; ++id) {
    expected.push_back(testing::Task(1002, 3, id, "COMPLETED", RecordKind::kImportTaskHistory));
  }
  EXPECT_EQ(Committed(*store), expected);
  EXPECT_EQ(DamageOf(*store), std::vector<std::string>());
}

}  // namespace
}  // namespace obviews::engine
