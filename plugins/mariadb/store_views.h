// The store behind the engine: which schemas and tables it has for a server, and its snapshots.
// Knows no server.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/store.h"
#include "plugins/mariadb/base_tables.h"
#include "virtual_tables/session_settings.h"

namespace obviews::mariadb {

/// The schema of the sys tenant; that of another is kTenantSchema and its id.
inline constexpr std::string_view kSysSchema = "oceanbase";
inline constexpr std::string_view kTenantSchema = "tenant_";

/// The base table that is a table of a schema; nullptr: none. Case of the table's name matters.
const BaseTable* FindBaseTable(std::string_view schema, std::string_view table);

/// One view as one tenant sees it.
struct TenantView {
  const schema::View* view = nullptr;  ///< of the catalog: lives for ever
  int64_t tenant_id = vtab::kSysTenant;

  /// The only tenant whose rows it has; nullopt: those of all.
  std::optional<int64_t> only_tenant() const {
    if (view->scope == schema::Scope::kCdb) return std::nullopt;
    return tenant_id;
  }
  friend bool operator==(const TenantView&, const TenantView&) = default;
};

/// Thread-safe.
class StoreViews {
 public:
  /// Opens the store for writing; or follows it, if `read_only` says so, if another process has it,
  /// or if it may only be read. Of `settings` tenant and mode do not count. Errors: those of
  /// Store::Open and SessionSettings::BaseSession.
  static Result<std::unique_ptr<StoreViews>> Open(const std::string& directory,
                                                  const vtab::SessionSettings& settings,
                                                  bool read_only);

  /// Whether a schema may be one of ours, told from its name alone.
  static bool MayHave(std::string_view schema);
  /// The view that is a table of a schema; nullopt if there is none. Case of the table's name does
  /// not matter. Errors: the store cannot be read.
  Result<std::optional<TenantView>> Find(std::string_view schema, std::string_view table);
  /// The views that are the tables of a schema. Errors: as Find.
  Result<std::vector<const schema::View*>> ViewsOf(std::string_view schema);
  /// oceanbase, and one for each tenant of the registry. Errors: as Find.
  Result<std::vector<std::string>> Schemas();

  Result<std::shared_ptr<const engine::Snapshot>> TakeSnapshot();

  /// Who asks a view. `zone`: the session's, for texts of Oracle mode; other times are shown in
  /// UTC, which the server turns into the session's zone.
  vtab::Session SessionFor(const TenantView& target, const schema::Zone& zone) const;

  /// How many rows a view has in a state of the store; counted once for each state.
  Result<uint64_t> CountAll(const std::shared_ptr<const engine::Snapshot>& snapshot,
                            const TenantView& target);
  /// How many rows with keys inside it has there, tasks by whole jobs. Ranges that are asked for
  /// again in the same state are not counted again.
  Result<uint64_t> CountInside(const std::shared_ptr<const engine::Snapshot>& snapshot,
                               const TenantView& target, const engine::Stretch& stretch);

  /// How many different tenants and jobs the rows of a view may be of, at most; from the counts of
  /// jobs.
  struct Shape {
    uint64_t tenants = 1;
    uint64_t jobs = 1;
  };
  Result<Shape> ShapeOf(const std::shared_ptr<const engine::Snapshot>& snapshot,
                        const TenantView& target);

  /// How many records of a kind there are, of how many jobs: as they were at most a second ago.
  struct BaseCount {
    uint64_t records = 0;
    uint64_t jobs = 0;
  };
  Result<BaseCount> CountBase(const std::shared_ptr<const engine::Snapshot>& snapshot,
                              const schema::RecordType& record);
  /// How many records of a kind have keys inside; tasks are counted by whole jobs.
  static Result<uint64_t> CountInside(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                      const schema::RecordType& record,
                                      const engine::Stretch& stretch);

  engine::Store& store() { return *store_; }
  /// Whether records can be changed.
  bool writable() const { return writable_; }
  /// Why the store is followed though it was to be written; "" if it was not.
  const std::string& refused() const { return refused_; }

 private:
  StoreViews(std::unique_ptr<engine::Store> store, bool writable, std::string refused,
             vtab::Session session);

  /// The tenant of a schema, with its mode; nullopt if the registry has none.
  Result<std::optional<engine::Tenant>> TenantOf(std::string_view schema);

  struct Count {
    engine::CommitStamp stamp;
    uint64_t rows = 0;
  };

  std::unique_ptr<engine::Store> store_;
  bool writable_;
  std::string refused_;
  vtab::Session session_;
  struct TimedCount {
    std::chrono::steady_clock::time_point counted;
    BaseCount count;
  };

  std::mutex counts_lock_;
  std::map<schema::RecordKind, TimedCount> base_counts_;
  std::map<std::pair<const schema::View*, int64_t>, Count> counts_;
  /// View, tenant, and the first and last key.
  using Range = std::tuple<const schema::View*, int64_t, engine::Key, engine::Key>;
  engine::CommitStamp ranges_stamp_;  ///< the state that the ranges were counted in
  std::map<Range, uint64_t> ranges_;
};

}  // namespace obviews::mariadb
