// Helpers shared by the tests of transactions. Header-only; for tests of engine/ alone.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/testing.h"
#include "engine/transaction.h"

namespace obviews::engine::testing {

/// For writing, created if it is not there; its commits are not synced.
inline std::unique_ptr<Store> OpenForWriting(const std::string& directory) {
  OpenOptions options;
  options.access = Access::kReadWrite;
  options.create_if_missing = true;
  options.sync = false;
  auto store = Store::Open(directory, options);
  EXPECT_TRUE(store.has_value()) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

/// A transaction that waits for no lock, unless it is told how long.
inline std::unique_ptr<Transaction> Begin(
    Store& store, std::chrono::milliseconds lock_timeout = std::chrono::milliseconds(0)) {
  auto transaction = Transaction::Begin(store, {.lock_timeout = lock_timeout});
  EXPECT_TRUE(transaction.has_value()) << transaction.error().message;
  return transaction ? std::move(*transaction) : nullptr;
}

/// What an error says; "" if there is none.
template <class T>
std::string MessageOf(const Result<T>& result) {
  return result ? "" : result.error().message;
}

/// The status of a record as a transaction sees it; "-" if there is none.
inline std::string StatusOf(const Transaction& transaction, schema::RecordKind kind,
                            const Key& key) {
  auto record = transaction.Get(kind, key);
  if (!record) return record.error().message;
  return *record ? std::string((*record)->Text("status")) : "-";
}

/// Every record that is committed, kind by kind, in key order.
inline std::vector<schema::Record> Committed(Store& store) {
  auto snapshot = store.TakeSnapshot();
  EXPECT_TRUE(snapshot.has_value()) << MessageOf(snapshot);
  auto all = ReadAll(**snapshot);
  EXPECT_TRUE(all.has_value()) << MessageOf(all);
  return all ? std::move(*all) : std::vector<schema::Record>();
}

/// What `verify` calls damage.
inline std::vector<std::string> DamageOf(Store& store) {
  auto report = store.Verify();
  EXPECT_TRUE(report.has_value()) << MessageOf(report);
  return report ? report->damage : std::vector<std::string>{"not verified"};
}

}  // namespace obviews::engine::testing
