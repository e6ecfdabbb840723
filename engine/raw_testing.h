// Changing a closed store behind its back, as damage would. Header-only; for tests of engine/
// alone.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/database.h"
#include "engine/families.h"

namespace obviews::engine::testing {

/// Opens the store's database plainly, lets `change` at it and flushes.
class RawStore {
 public:
  explicit RawStore(const std::string& directory) {
    rocksdb::DB* db = nullptr;
    rocksdb::Status opened = rocksdb::DB::Open(rocksdb::DBOptions(), directory,
                                               FamilyDescriptors(FamilyNames()), &handles_, &db);
    EXPECT_TRUE(opened.ok()) << opened.ToString();
    db_.reset(db);
  }
  ~RawStore() {
    EXPECT_TRUE(db_->Flush(rocksdb::FlushOptions(), handles_).ok());
    for (auto* handle : handles_) EXPECT_TRUE(db_->DestroyColumnFamilyHandle(handle).ok());
    EXPECT_TRUE(db_->Close().ok());
  }
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  void Put(size_t family, std::string_view key, std::string_view value) {
    EXPECT_TRUE(
        db_->Put(rocksdb::WriteOptions(), handles_[family], AsSlice(key), AsSlice(value)).ok());
  }
  void Delete(size_t family, std::string_view key) {
    EXPECT_TRUE(db_->Delete(rocksdb::WriteOptions(), handles_[family], AsSlice(key)).ok());
  }
  std::string Get(size_t family, std::string_view key) {
    std::string value;
    EXPECT_TRUE(db_->Get(rocksdb::ReadOptions(), handles_[family], AsSlice(key), &value).ok());
    return value;
  }
  std::vector<std::string> Keys(size_t family) {
    std::vector<std::string> keys;
    std::unique_ptr<rocksdb::Iterator> at(
        db_->NewIterator(rocksdb::ReadOptions(), handles_[family]));
    for (at->SeekToFirst(); at->Valid(); at->Next()) keys.emplace_back(AsView(at->key()));
    return keys;
  }

 private:
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace obviews::engine::testing
