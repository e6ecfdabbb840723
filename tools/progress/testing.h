// Recoveries for the tests of this folder. Header-only; for tests alone.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "engine/testing.h"
#include "tools/loader/load.h"
#include "tools/progress/recovery_look.h"

namespace obviews::tools::testing {

inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kStart = 1'700'000'000'000'000;  // 2023-11-14 22:13:20 UTC
inline constexpr int64_t kNow = kStart + 600 * kSecond;

/// A recovery of tenant shop ten minutes after its start: 6,100 of 10,000 tables are imported and
/// 12 failed.
inline engine::progress::RecoveryFacts AtWork() {
  engine::progress::RecoveryFacts facts;
  facts.driven = true;
  auto& sys = facts.sys.emplace();
  sys.key = {1, 5, 0};
  sys.status = "RECOVERING";
  sys.start = kStart;
  sys.target_tenant_id = 1002;
  sys.target_tenant_name = "shop";
  auto& user = facts.user.emplace(sys);
  user.key = {1002, 2, 0};
  user.initiator = {1, 5, 0};
  user.status = "IMPORTING";
  auto& restore = facts.restore.emplace();
  restore.key = {1, 4, 0};
  restore.ended = true;
  restore.tenant_name = "AUX_RECOVER$1692618864733548";
  restore.tenant_id = 1010;
  restore.start = kStart + kSecond;
  restore.end = kStart + 132 * kSecond;
  restore.bytes_total = restore.bytes_finished = int64_t{12} << 30;
  auto& import = facts.import.emplace();
  import.key = {1002, 3, 0};
  import.initiator = {1002, 2, 0};
  import.status = "IMPORT_TABLE";
  import.start = kStart + 136 * kSecond;
  import.total = 10'000;
  facts.tasks = {3885, 3, 6100, 12, kStart + 140 * kSecond, kNow - kSecond};
  facts.running_table = "`db`.`items`";
  facts.slowest = {{"`db`.`orders`", kNow - 80 * kSecond}, {"`db`.`items`", kNow - 2 * kSecond}};
  for (int i = 1; i <= 7; ++i) {
    facts.table_failures.push_back(
        {fmt::format("`db`.`t{}`", i),
         fmt::format("result:-5020(), addr:127.0.0.1:2882, trace_id:YB42-{}", i), true});
  }
  for (int i = 1; i <= 3; ++i) {
    const std::string table = fmt::format("gone{}", i);
    facts.table_failures.push_back(
        {fmt::format("`db`.`{}`", table), fmt::format("Table 'db.{}' doesn't exist", table), true});
  }
  return facts;
}

/// The same when all of it has ended well, but for three tables.
inline engine::progress::RecoveryFacts Ended() {
  engine::progress::RecoveryFacts facts = AtWork();
  facts.driven = false;
  for (auto* job : {&facts.sys, &facts.user}) {
    (*job)->status = "COMPLETED";
    (*job)->end = kStart + 900 * kSecond;
    (*job)->history = true;
  }
  facts.import->status = "IMPORT_FINISH";
  facts.import->result = "SUCCEESS";
  facts.import->history = true;
  facts.import->end = kStart + 898 * kSecond;
  facts.import->finished = 9'997;
  facts.import->failed = 3;
  facts.tasks = {0, 0, 9'997, 3, kStart + 140 * kSecond, kStart + 897 * kSecond};
  facts.running_table.clear();
  facts.slowest.clear();
  facts.table_failures.resize(3);
  return facts;
}

inline ShownRecovery Shown(const engine::progress::RecoveryFacts& facts, int64_t now = kNow) {
  const engine::Key job = facts.sys    ? facts.sys->key
                          : facts.user ? facts.user->key
                          : facts.import
                              ? facts.import->key
                              : engine::Key{facts.restore->tenant_id, facts.restore->key.job_id, 0};
  return {{schema::RecordKind::kRecoverJob, job}, engine::progress::Evaluate(facts, {}, now)};
}

/// A store that listings are loaded into at chosen times.
class LoadedStore {
 public:
  LoadedStore() {
    auto store = engine::Store::Open(
        directory_.Path("db"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    EXPECT_TRUE(store);
    if (store) store_ = std::move(*store);
  }

  void LoadFile(const std::string& path, int64_t shown_usec, const std::string& view = "") {
    auto snapshot = store_->TakeSnapshot();
    auto known = FindKnownTenants(**snapshot);
    LoadOptions options;
    options.rows.view = view;
    options.shown_usec = shown_usec;
    auto open = [this]() -> Result<engine::Store*> { return store_.get(); };
    LoadListener listener;
    listener.warning = listener.bad_row = [](const std::string&) {};
    listener.progress = [](uint64_t, uint64_t, uint64_t) {};
    auto report = LoadFiles({path}, options, listener, open, *known);
    EXPECT_TRUE(report) << report.error().message;
  }

  void LoadTsv(const std::string& text, const std::string& view, int64_t shown_usec) {
    const std::string path = directory_.Path("rows.tsv");
    std::ofstream(path) << text;
    LoadFile(path, shown_usec, view);
  }

  /// What the sys tenant sees.
  RecoverySight Look(int64_t now_usec, const LookOptions& options = {}) {
    vtab::Session session;
    session.now_usec = now_usec;
    auto snapshot = store_->TakeSnapshot();
    auto sight = RecoveryLook(session, options).Take(**snapshot);
    EXPECT_TRUE(sight) << sight.error().message;
    return sight ? *sight : RecoverySight();
  }

  engine::Store& store() { return *store_; }

 private:
  engine::testing::TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_;
};

}  // namespace obviews::tools::testing
