// Schemas and tables of a store; see store_views.h.
#include "plugins/mariadb/store_views.h"

#include <fmt/format.h>

#include <algorithm>

#include "plugins/mariadb/definitions.h"
#include "plugins/mariadb/key_bounds.h"
#include "schema/numbers.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::mariadb {
namespace {

/// How long counts are good enough for the optimizer.
constexpr std::chrono::seconds kCountsLast{1};
/// Ranges whose counts are kept.
constexpr size_t kMostRanges = 256;

}  // namespace

const BaseTable* FindBaseTable(std::string_view schema, std::string_view table) {
  return schema == kSysSchema ? FindBaseTable(table) : nullptr;
}

Result<std::unique_ptr<StoreViews>> StoreViews::Open(const std::string& directory,
                                                     const vtab::SessionSettings& settings,
                                                     bool read_only) {
  OBVIEWS_ASSIGN_OR_RETURN(vtab::Session session, settings.BaseSession());
  std::string refused;
  if (!read_only) {
    auto writer = engine::Store::Open(directory, {.access = engine::Access::kReadWrite});
    if (writer) {
      return std::unique_ptr<StoreViews>(
          new StoreViews(*std::move(writer), true, "", std::move(session)));
    }
    ErrorCode why = writer.error().code;
    if (why != ErrorCode::kStoreLocked && why != ErrorCode::kStoreUnreadable) {
      return Fail(std::move(writer).error());
    }
    refused = std::move(writer.error().message);
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto store,
                           engine::Store::Open(directory, {.access = engine::Access::kFollower}));
  return std::unique_ptr<StoreViews>(
      new StoreViews(std::move(store), false, std::move(refused), std::move(session)));
}

StoreViews::StoreViews(std::unique_ptr<engine::Store> store, bool writable, std::string refused,
                       vtab::Session session)
    : store_(std::move(store)),
      writable_(writable),
      refused_(std::move(refused)),
      session_(std::move(session)) {}

bool StoreViews::MayHave(std::string_view schema) {
  return schema == kSysSchema || schema.starts_with(kTenantSchema);
}

Result<std::optional<engine::Tenant>> StoreViews::TenantOf(std::string_view schema) {
  if (schema == kSysSchema) {
    return engine::Tenant{vtab::kSysTenant, "sys", true, schema::Mode::kMySql};
  }
  if (!MayHave(schema)) return std::nullopt;
  auto id = schema::ParseInt64(schema.substr(kTenantSchema.size()));
  // One name for each tenant: tenant_01002 is none.
  if (!id || *id == vtab::kSysTenant || schema != fmt::format("{}{}", kTenantSchema, *id)) {
    return std::nullopt;
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(auto tenants, snapshot->Tenants());
  for (engine::Tenant& tenant : tenants) {
    if (tenant.id == *id) return std::move(tenant);
  }
  return std::nullopt;
}

Result<std::optional<TenantView>> StoreViews::Find(std::string_view schema,
                                                   std::string_view table) {
  // Every server asks every engine about every table it does not know.
  if (!MayHave(schema)) return std::nullopt;
  OBVIEWS_ASSIGN_OR_RETURN(auto tenant, TenantOf(schema));
  if (!tenant) return std::nullopt;
  const schema::View* view =
      session_.catalog().Find(table, tenant->id == vtab::kSysTenant, tenant->mode);
  if (view == nullptr) return std::nullopt;
  return TenantView{view, tenant->id};
}

Result<std::vector<const schema::View*>> StoreViews::ViewsOf(std::string_view schema) {
  OBVIEWS_ASSIGN_OR_RETURN(auto tenant, TenantOf(schema));
  if (!tenant) return std::vector<const schema::View*>();
  return session_.catalog().VisibleTo(tenant->id == vtab::kSysTenant, tenant->mode);
}

Result<std::vector<std::string>> StoreViews::Schemas() {
  std::vector<std::string> schemas = {std::string(kSysSchema)};
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(auto tenants, snapshot->Tenants());
  for (const engine::Tenant& tenant : tenants) {
    if (tenant.id == vtab::kSysTenant) continue;
    schemas.push_back(fmt::format("{}{}", kTenantSchema, tenant.id));
  }
  return schemas;
}

Result<std::shared_ptr<const engine::Snapshot>> StoreViews::TakeSnapshot() {
  return store_->TakeSnapshot();
}

vtab::Session StoreViews::SessionFor(const TenantView& target, const schema::Zone& zone) const {
  vtab::Session session = session_;
  session.tenant_id = target.tenant_id;
  session.mode = target.view->mode;
  session.time_zone = session.mode == schema::Mode::kOracle ? zone : schema::Zone();
  return session;
}

Result<uint64_t> StoreViews::CountAll(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                      const TenantView& target) {
  std::pair<const schema::View*, int64_t> key(target.view, target.tenant_id);
  {
    std::lock_guard<std::mutex> lock(counts_lock_);
    auto known = counts_.find(key);
    if (known != counts_.end() && known->second.stamp == snapshot->stamp()) {
      return known->second.rows;
    }
  }
  OBVIEWS_ASSIGN_OR_RETURN(
      uint64_t rows, vtab::CountRows(snapshot, SessionFor(target, {}), {.view = target.view}));
  std::lock_guard<std::mutex> lock(counts_lock_);
  counts_[key] = {snapshot->stamp(), rows};
  return rows;
}

Result<uint64_t> StoreViews::CountInside(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                         const TenantView& target, const engine::Stretch& stretch) {
  Range range(target.view, target.tenant_id, stretch.first, stretch.last);
  {
    std::lock_guard<std::mutex> lock(counts_lock_);
    auto known = ranges_.find(range);
    if (known != ranges_.end() && ranges_stamp_ == snapshot->stamp()) return known->second;
  }
  std::vector<size_t> index = IndexColumns(*target.view);
  std::span<const size_t> counted(index);
  if (target.view->record->per_task) counted = counted.first(index.size() - 1);
  vtab::ScanRequest request{.view = target.view};
  request.predicate = ConditionAround(stretch, target.only_tenant(), counted);
  OBVIEWS_ASSIGN_OR_RETURN(uint64_t rows,
                           vtab::CountRows(snapshot, SessionFor(target, {}), request));
  std::lock_guard<std::mutex> lock(counts_lock_);
  if (ranges_stamp_ != snapshot->stamp() || ranges_.size() == kMostRanges) ranges_.clear();
  ranges_stamp_ = snapshot->stamp();
  ranges_[range] = rows;
  return rows;
}

Result<StoreViews::Shape> StoreViews::ShapeOf(
    const std::shared_ptr<const engine::Snapshot>& snapshot, const TenantView& target) {
  Shape shape;
  OBVIEWS_ASSIGN_OR_RETURN(auto tenants, snapshot->Tenants());
  if (!target.only_tenant()) shape.tenants = tenants.size() + 1;
  if (!target.view->record->per_task && HasUniqueIndex(*target.view)) {
    OBVIEWS_ASSIGN_OR_RETURN(shape.jobs, CountAll(snapshot, target));
    return shape;
  }
  // Tasks are of the import jobs of their tenants.
  shape.jobs = 0;
  std::string_view scope = target.only_tenant() ? "DBA" : "CDB";
  for (std::string_view name : {"IMPORT_TABLE_JOBS", "IMPORT_TABLE_JOB_HISTORY"}) {
    const schema::View* jobs =
        session_.catalog().FindDefinition(fmt::format("{}_OB_{}", scope, name), target.view->mode);
    OBVIEWS_ASSIGN_OR_RETURN(uint64_t count, CountAll(snapshot, {jobs, target.tenant_id}));
    shape.jobs += count;
  }
  shape.jobs = std::max<uint64_t>(1, shape.jobs);
  return shape;
}

namespace {

/// Counts records of a kind, tasks by whole jobs.
Result<StoreViews::BaseCount> CountRecords(const engine::Snapshot& snapshot,
                                           const schema::RecordType& record,
                                           const engine::KeySpace& space) {
  StoreViews::BaseCount count;
  if (!record.per_task) {
    engine::ScanOptions options;
    options.fields = {};
    OBVIEWS_ASSIGN_OR_RETURN(count.records,
                             snapshot.Scan(record.kind, space, options)->CountRest());
    count.jobs = count.records;
    return count;
  }
  auto groups = snapshot.ScanGroups(space, false);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, groups->Next());
    if (!more) return count;
    if (groups->history() != record.history) continue;
    ++count.jobs;
    for (const engine::TaskGroup& group : groups->groups()) count.records += group.count;
  }
}

}  // namespace

Result<StoreViews::BaseCount> StoreViews::CountBase(
    const std::shared_ptr<const engine::Snapshot>& snapshot, const schema::RecordType& record) {
  auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard<std::mutex> lock(counts_lock_);
    auto known = base_counts_.find(record.kind);
    if (known != base_counts_.end() && now - known->second.counted < kCountsLast) {
      return known->second.count;
    }
  }
  OBVIEWS_ASSIGN_OR_RETURN(BaseCount count, CountRecords(*snapshot, record, {}));
  std::lock_guard<std::mutex> lock(counts_lock_);
  base_counts_[record.kind] = {now, count};
  return count;
}

Result<uint64_t> StoreViews::CountInside(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                         const schema::RecordType& record,
                                         const engine::Stretch& stretch) {
  engine::KeySpace space = SpaceAround(stretch);
  space.tasks = schema::RangeSet::All();
  OBVIEWS_ASSIGN_OR_RETURN(BaseCount count, CountRecords(*snapshot, record, space));
  return count.records;
}

}  // namespace obviews::mariadb
