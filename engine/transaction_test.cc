// Transactions: their own changes, locks, marks and commits.
#include "engine/transaction.h"

#include <gtest/gtest.h>

#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using std::chrono::milliseconds;
using testing::Job;
using testing::Task;
using testing::TemporaryDirectory;

constexpr auto kJob = RecordKind::kImportJob;
constexpr auto kTask = RecordKind::kImportTask;
constexpr auto kTaskHistory = RecordKind::kImportTaskHistory;

std::unique_ptr<Store> OpenStore(const std::string& directory) {
  OpenOptions options;
  options.access = Access::kReadWrite;
  options.create_if_missing = true;
  options.sync = false;
  auto store = Store::Open(directory, options);
  EXPECT_TRUE(store.has_value()) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

/// A transaction that does not wait.
std::unique_ptr<Transaction> Begin(Store& store, milliseconds timeout = milliseconds(0)) {
  auto transaction = Transaction::Begin(store, {.lock_timeout = timeout});
  EXPECT_TRUE(transaction.has_value()) << transaction.error().message;
  return transaction ? std::move(*transaction) : nullptr;
}

/// "" or the message of an error.
template <class T>
std::string MessageOf(const Result<T>& result) {
  return result ? "" : result.error().message;
}

/// The status of a record as a transaction sees it; "-" if there is none.
std::string StatusOf(const Transaction& transaction, RecordKind kind, const Key& key) {
  auto record = transaction.Get(kind, key);
  if (!record) return record.error().message;
  return *record ? std::string((*record)->Text("status")) : "-";
}

class TransactionTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_ = OpenStore(directory_.path());
};

TEST_F(TransactionTest, OwnChangesAreSeenByTheirTransactionAloneUntilCommit) {
  auto mine = Begin(*store_);
  auto other = Begin(*store_);
  EXPECT_EQ(MessageOf(mine->Put(Task(1002, 1, 7))), "");
  EXPECT_EQ(StatusOf(*mine, kTask, {1002, 1, 7}), "DOING");
  EXPECT_EQ(StatusOf(*other, kTask, {1002, 1, 7}), "-");
  EXPECT_EQ(MessageOf(mine->Commit()), "");
  EXPECT_EQ(StatusOf(*other, kTask, {1002, 1, 7}), "DOING");
}

}  // namespace
}  // namespace obviews::engine
