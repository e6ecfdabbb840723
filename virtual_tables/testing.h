// Helpers of the tests of views: a store of given records in a temporary folder, and sessions.
// Header-only; for tests alone.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/store.h"
#include "engine/testing.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::vtab::testing {

/// A store that lives as long as this does.
class TestStore {
 public:
  TestStore() {
    auto store = engine::Store::Open(
        directory_.Path("db"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    if (store) store_ = std::move(*store);
  }
  explicit TestStore(const std::vector<schema::Record>& records) : TestStore() { Put(records); }

  void Put(const std::vector<schema::Record>& records) {
    engine::Batch batch;
    for (const schema::Record& record : records) batch.Put(record);
    auto committed = store_->Commit(batch);
    EXPECT_TRUE(committed) << (committed ? "" : committed.error().message);
  }

  /// Flips the last byte of a record's value and reopens the store.
  void Damage(schema::RecordKind kind, const schema::Key& key) {
    EXPECT_TRUE(store_->Close());
    store_.reset();
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, path(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names.size());
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    rocksdb::Status opened = rocksdb::DB::Open({}, path(), families, &handles, &raw);
    EXPECT_TRUE(opened.ok()) << opened.ToString();
    std::unique_ptr<rocksdb::DB> db(raw);
    engine::EncodedKey encoded = engine::EncodeKey(key);
    std::string_view bytes = engine::AsView(encoded);
    for (rocksdb::ColumnFamilyHandle* family : handles) {
      if (family->GetName() == schema::GetRecordType(kind).name) {
        std::string value;
        rocksdb::Slice at(bytes.data(), bytes.size());
        EXPECT_TRUE(db->Get({}, family, at, &value).ok());
        value.back() = static_cast<char>(value.back() ^ 1);
        EXPECT_TRUE(db->Put({}, family, at, value).ok());
      }
      db->DestroyColumnFamilyHandle(family);
    }
    db.reset();
    auto store = engine::Store::Open(path(), {.access = engine::Access::kReadOnly});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    if (store) store_ = std::move(*store);
  }

  engine::Store* get() const { return store_.get(); }
  std::string path() const { return directory_.Path("db"); }
  std::shared_ptr<const engine::Snapshot> snapshot() const {
    auto taken = store_->TakeSnapshot();
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    return taken ? *taken : nullptr;
  }

 private:
  engine::testing::TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_;
};

/// Keeps a store that several tests read until all have run. Then it goes, and its directory.
inline const TestStore& KeepForAllTests(std::unique_ptr<TestStore> store) {
  class Keeper : public ::testing::Environment {
   public:
    explicit Keeper(std::unique_ptr<TestStore> store) : store_(std::move(store)) {}
    void TearDown() override { store_.reset(); }

   private:
    std::unique_ptr<TestStore> store_;
  };
  const TestStore& kept = *store;
  ::testing::AddGlobalTestEnvironment(new Keeper(std::move(store)));
  return kept;
}

inline Session SessionOf(int64_t tenant, schema::Mode mode = schema::Mode::kMySql,
                         const char* zone = "+08:00") {
  Session session;
  session.tenant_id = tenant;
  session.mode = mode;
  auto parsed = schema::Zone::Parse(zone);
  EXPECT_TRUE(parsed) << zone;
  if (parsed) session.time_zone = session.system_time_zone = *parsed;
  return session;
}

inline std::string ToText(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "NULL";
    case Value::Kind::kInt:
      return fmt::format("{}", value.as_int());
    case Value::Kind::kUint:
      return fmt::format("{}", value.as_uint());
    case Value::Kind::kReal:
      return fmt::format("{:.2f}", value.as_real());
    case Value::Kind::kText:
      break;
  }
  return fmt::format("'{}'", value.as_text());
}

/// Tasks of 20 tenants (1002 to 1021) with 20 jobs of 50 tasks each; every tenth is DOING. Task ids
/// count from 1 in each tenant, and task n starts n seconds after 2023-06-01 06:00:00 at +08:00.
inline std::vector<schema::Record> ManyTasks(
    schema::RecordKind kind = schema::RecordKind::kImportTask) {
  std::vector<schema::Record> records;
  for (int64_t tenant = 1002; tenant < 1022; ++tenant) {
    int64_t task = 1;
    for (int64_t job = 1; job <= 20; ++job) {
      for (int i = 0; i < 50; ++i, ++task) {
        records.push_back(
            engine::testing::Task(tenant, job, task, i % 10 == 0 ? "DOING" : "FINISH", kind));
        records.back().Set("start_ts", 1685570400000000 + task * 1000000);
      }
    }
  }
  return records;
}

}  // namespace obviews::vtab::testing
