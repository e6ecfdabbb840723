// Stores for the end-to-end tests: in a temporary directory, filled directly or by the loader.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/testing.h"
#include "programs.h"

namespace obviews::e2e {

/// A test with a directory of its own and a store in it at db().
class StoreTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string db() const { return Path("db"); }
  std::string Write(const std::string& name, const std::string& text) const {
    WriteFile(Path(name), text);
    return Path(name);
  }

  Ran Dump(std::vector<std::string> arguments, const Given& given = {}) const {
    arguments.insert(arguments.begin(), {"--db", db()});
    return DumpViews(arguments, given);
  }
  Ran Sql(const std::string& sql, std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.end(), {"-e", sql});
    return Dump(std::move(arguments));
  }
  /// What a statement that must succeed prints.
  std::string Query(const std::string& sql, std::vector<std::string> arguments = {"-N"}) const {
    Ran ran = Sql(sql, std::move(arguments));
    EXPECT_EQ(ran.code, 0) << sql << "\n" << ran.err;
    return ran.out;
  }
  Ran Ctl(const std::string& command, std::vector<std::string> arguments = {},
          const Given& given = {}) const {
    arguments.insert(arguments.begin(), {command, "--db", db()});
    return Obviewsctl(arguments, given);
  }
  /// Loads a text from a file of this name.
  Ran LoadText(const std::string& text, std::vector<std::string> arguments = {},
               const std::string& name = "in.txt") const {
    arguments.push_back(Write(name, text));
    return Ctl("load", std::move(arguments));
  }
  /// Messages without the directory's random name.
  std::string Plain(std::string text) const {
    for (size_t at = 0; (at = text.find(directory_.path() + "/", at)) != std::string::npos;) {
      text.erase(at, directory_.path().size() + 1);
    }
    return text;
  }

  /// Puts records into the store without a loader in between.
  void Fill(const std::vector<schema::Record>& records,
            const std::vector<engine::Tenant>& tenants = {}) const {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = true;
    auto store = engine::Store::Open(db(), options);
    ASSERT_TRUE(store) << store.error().message;
    engine::Batch batch;
    for (const schema::Record& record : records) batch.Put(record);
    for (const engine::Tenant& tenant : tenants) batch.PutTenant(tenant);
    auto done = (*store)->Commit(batch);
    ASSERT_TRUE(done) << done.error().message;
    auto closed = (*store)->Close();
    ASSERT_TRUE(closed) << closed.error().message;
  }
  /// Tasks 1..count of tenant 1002, a thousand to each job.
  void FillTasks(int64_t count) const {
    engine::OpenOptions options;
    options.access = engine::Access::kReadWrite;
    options.create_if_missing = true;
    auto store = engine::Store::Open(db(), options);
    ASSERT_TRUE(store) << store.error().message;
    for (int64_t task = 1; task <= count;) {
      engine::Batch batch;
      for (int64_t end = task + 50'000; task < end && task <= count; ++task) {
        schema::Record record = engine::testing::Task(1002, task / 1000 + 1, task);
        record.Set("src_database", "shop");
        record.Set("src_table", "table_" + std::to_string(task));
        record.Set("start_ts", 1692191329492389 + task);
        batch.Put(std::move(record));
      }
      auto done = (*store)->Commit(batch);
      ASSERT_TRUE(done) << done.error().message;
    }
    ASSERT_TRUE((*store)->Close());
  }

 private:
  engine::testing::TemporaryDirectory directory_;
};

}  // namespace obviews::e2e
