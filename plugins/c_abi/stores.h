// Stores, sessions and snapshots as a host holds them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/store.h"
#include "plugins/c_abi/handles.h"
#include "plugins/c_abi/view_infos.h"
#include "plugins/include/obviews_plugin.h"
#include "virtual_tables/session.h"

namespace obviews::c_abi {

/// Closed when the last who uses it lets go. Thread-safe.
class OpenStore final : public Object {
 public:
  using Handle = obviews_store;
  static constexpr std::string_view kName = "store";

  OpenStore(std::unique_ptr<engine::Store> store, bool writes);

  engine::Store& store() { return *store_; }
  bool writes() const { return writes_; }
  const std::vector<obviews_text>& notices() const { return notices_; }

  /// Ids are given out by one job store: false while there is one.
  bool ClaimJobs() { return !jobs_claimed_.exchange(true); }
  void ReleaseJobs() { jobs_claimed_ = false; }

 private:
  std::unique_ptr<engine::Store> store_;
  bool writes_;
  std::atomic<bool> jobs_claimed_ = false;
  std::vector<obviews_text> notices_;
};

/// Immutable but for what it describes once asked. Thread-safe.
class OpenSession final : public Object {
 public:
  using Handle = obviews_session;
  static constexpr std::string_view kName = "session";

  /// `store`: nullptr for one that only describes.
  OpenSession(std::shared_ptr<OpenStore> store, vtab::Session session, std::string notice)
      : store_(std::move(store)), session_(std::move(session)), notice_(std::move(notice)) {}

  const std::shared_ptr<OpenStore>& store() const { return store_; }
  const vtab::Session& session() const { return session_; }
  const std::string& notice() const { return notice_; }
  const ViewInfos& views();

 private:
  std::shared_ptr<OpenStore> store_;
  vtab::Session session_;
  std::string notice_;
  std::once_flag described_;
  std::unique_ptr<ViewInfos> views_;
};

/// Immutable. Thread-safe.
class OpenSnapshot final : public Object {
 public:
  using Handle = obviews_snapshot;
  static constexpr std::string_view kName = "snapshot";

  OpenSnapshot(std::shared_ptr<OpenStore> store, std::shared_ptr<const engine::Snapshot> snapshot)
      : store_(std::move(store)), snapshot_(std::move(snapshot)) {}

  const std::shared_ptr<OpenStore>& store() const { return store_; }
  const std::shared_ptr<const engine::Snapshot>& snapshot() const { return snapshot_; }

 private:
  std::shared_ptr<OpenStore> store_;
  std::shared_ptr<const engine::Snapshot> snapshot_;
};

/// kNotFound naming the nearest view.
Result<const schema::View*> FindView(const vtab::Session& session, const char* name);

}  // namespace obviews::c_abi
