// Scanning a view; see view_cursor.h.
#include "virtual_tables/view_cursor.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/record_block.h"

namespace obviews::vtab {

struct ViewCursor::Impl {
  Impl(std::shared_ptr<const engine::Snapshot> from, const Session& session, ScanRequest asked)
      : snapshot(std::move(from)),
        request(std::move(asked)),
        plan(MakePlan(session, *request.view, request.predicate,
                      request.in_key_order || request.stretch)),
        shower(snapshot, session, *request.view),
        left(request.limit.value_or(UINT64_MAX)) {
    auto kind = request.view->record->kind;
    engine::ScanOptions options = plan.scan;
    options.now_usec = session.now_usec;
    bool by_task = plan.path == AccessPath::kIndex;
    if (request.stretch) {
      options.first = request.stretch->first;
      options.last = request.stretch->last;
      by_task = false;
    }
    if (request.columns) {
      for (size_t column : *request.columns) readable.Add(request.view->columns[column].field);
    } else {
      readable = engine::FieldSet::All();
    }
    // Some values of jobs are worked out from several fields; reading those is cheap anyway. Of
    // derived records each field is worked out by itself, some at a price.
    const schema::RecordType& type = *request.view->record;
    options.fields.Add(type.per_task || type.derived ? readable : engine::FieldSet::All());
    records = by_task ? snapshot->ScanByTask(kind, plan.space, options)
                      : snapshot->Scan(kind, plan.space, options);
  }

  /// Notes which of `rows` the filter accepts, up to the last one that is wanted.
  Status Accept(const engine::RecordBlock& block, std::span<const uint32_t> rows) {
    accepted.clear();
    tested.clear();
    uint64_t skip = request.offset - skipped;
    for (uint32_t row : rows) {
      if (accepted.size() >= skip && accepted.size() - skip >= left) break;
      uint64_t shown_before = shower.shown_count();
      OBVIEWS_ASSIGN_OR_RETURN(
          Tri verdict, Evaluate(plan.filter, engine::RecordView(block, row), shower, scratch));
      bool looked_at = shower.shown_count() != shown_before;
      decoded += looked_at ? 1 : 0;
      if (verdict != Tri::kTrue) continue;
      accepted.push_back(row);
      tested.push_back(looked_at);
    }
    return {};
  }

  std::shared_ptr<const engine::Snapshot> snapshot;
  ScanRequest request;
  Plan plan;
  Materialiser shower;
  engine::FieldSet readable;  ///< of the columns that may be asked for
  std::unique_ptr<engine::RecordCursor> records;
  std::vector<uint32_t> accepted;  ///< rows of a block
  std::vector<bool> tested;        ///< of those, whether a condition showed a value
  uint64_t left;
  uint64_t skipped = 0;
  bool shown = false;  ///< a value of the present record was shown
  uint64_t decoded = 0;
  uint64_t returned = 0;
  std::string scratch;
};

ViewCursor::ViewCursor(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                       ScanRequest request)
    : impl_(std::make_unique<Impl>(std::move(snapshot), session, std::move(request))) {}
ViewCursor::~ViewCursor() = default;
ViewCursor::ViewCursor(ViewCursor&&) noexcept = default;
ViewCursor& ViewCursor::operator=(ViewCursor&&) noexcept = default;

Result<bool> ViewCursor::Next() {
  Impl& scan = *impl_;
  if (scan.left == 0) return false;
  while (true) {
    scan.shown = false;
    OBVIEWS_ASSIGN_OR_RETURN(bool more, scan.records->Next());
    if (!more) return false;
    uint64_t shown_before = scan.shower.shown_count();
    OBVIEWS_ASSIGN_OR_RETURN(Tri accepted, Evaluate(scan.plan.filter, scan.records->record(),
                                                    scan.shower, scan.scratch));
    if (scan.shower.shown_count() != shown_before) {
      scan.shown = true;
      ++scan.decoded;
    }
    if (accepted != Tri::kTrue) continue;
    if (scan.skipped < scan.request.offset) {
      ++scan.skipped;
      continue;
    }
    --scan.left;
    ++scan.returned;
    return true;
  }
}

Result<ViewCursor::Rows> ViewCursor::NextRows() {
  Impl& scan = *impl_;
  while (scan.left > 0) {
    OBVIEWS_ASSIGN_OR_RETURN(auto next, scan.records->NextRows());
    if (next.block == nullptr) return Rows();
    if (next.rows.empty()) break;
    std::span<const uint32_t> rows = next.rows;
    bool filtered = !scan.plan.filter.children.empty();
    if (filtered) {
      OBVIEWS_RETURN_IF_ERROR(scan.Accept(*next.block, rows));
      rows = scan.accepted;
    }
    uint64_t skip = std::min<uint64_t>(rows.size(), scan.request.offset - scan.skipped);
    scan.skipped += skip;
    rows = rows.subspan(skip);
    rows = rows.first(std::min<uint64_t>(rows.size(), scan.left));
    if (rows.empty()) continue;
    scan.left -= rows.size();
    scan.decoded += rows.size();
    if (filtered) {
      // Those that a condition looked at are counted.
      auto tested = scan.tested.begin() + static_cast<std::ptrdiff_t>(skip);
      scan.decoded -= static_cast<uint64_t>(
          std::count(tested, tested + static_cast<std::ptrdiff_t>(rows.size()), true));
    }
    scan.returned += rows.size();
    return Rows{next.block, rows, false};
  }
  return Rows{nullptr, {}, true};
}

Result<Value> ViewCursor::Column(size_t column) {
  if (!impl_->readable.Has(impl_->request.view->columns[column].field)) {
    return Fail(ErrorCode::kInternal,
                fmt::format("column {} of {} was not asked for when the scan began",
                            impl_->request.view->columns[column].name, impl_->request.view->name));
  }
  if (!impl_->shown) {
    impl_->shown = true;
    ++impl_->decoded;
  }
  return impl_->shower.Show(impl_->records->record(), column);
}

Result<uint64_t> ViewCursor::CountRest() {
  Impl& scan = *impl_;
  uint64_t count = 0;
  bool by_record = !scan.plan.filter.children.empty();
  if (by_record || scan.request.limit || scan.skipped < scan.request.offset) {
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, Next());
      if (!more) return count;
      ++count;
    }
  }
  OBVIEWS_ASSIGN_OR_RETURN(count, scan.records->CountRest());
  return count;
}

Result<uint64_t> CountRows(const std::shared_ptr<const engine::Snapshot>& snapshot,
                           const Session& session, const ScanRequest& request) {
  Plan plan = MakePlan(session, *request.view, request.predicate);
  bool by_counts = request.view->record->per_task && plan.filter.children.empty() &&
                   plan.space.tasks.IsAll() && !plan.space.IsEmpty();
  if (!by_counts) {
    ScanRequest scan = request;
    scan.columns = std::vector<size_t>();
    return ViewCursor(snapshot, session, std::move(scan)).CountRest();
  }
  uint64_t count = 0;
  auto jobs = snapshot->ScanGroups(plan.space, false);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, jobs->Next());
    if (!more) break;
    if (jobs->history() != request.view->record->history) continue;
    for (const engine::TaskGroup& group : jobs->groups()) {
      std::optional<std::string_view> result;
      if (group.result) result = *group.result;
      if (plan.scan.groups == nullptr || plan.scan.groups->Accepts(group.status, result)) {
        count += group.count;
      }
    }
  }
  count -= std::min(count, request.offset);
  return std::min(count, request.limit.value_or(UINT64_MAX));
}

const schema::View& ViewCursor::view() const { return *impl_->request.view; }
const Plan& ViewCursor::plan() const { return impl_->plan; }

ScanStats ViewCursor::stats() const {
  return {impl_->records->records_read(), impl_->decoded, impl_->returned};
}

namespace {

engine::FieldSet FieldsOf(const schema::View& view,
                          const std::optional<std::vector<size_t>>& columns) {
  if (!columns || !view.record->per_task) return engine::FieldSet::All();
  engine::FieldSet fields;
  for (size_t column : *columns) fields.Add(view.columns[column].field);
  return fields;
}

}  // namespace

RowLookup::RowLookup(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                     const schema::View& view, const std::optional<std::vector<size_t>>& columns)
    : snapshot_(std::move(snapshot)),
      shower_(snapshot_, session, view),
      records_(snapshot_->Lookup(view.record->kind, FieldsOf(view, columns))) {
  if (view.scope == schema::Scope::kDba) tenant_id_ = session.tenant_id;
}

Result<bool> RowLookup::Find(const schema::Key& key) {
  if (tenant_id_ && key.tenant_id != *tenant_id_) return false;
  return records_->Find(key);
}

std::string DescribeOutOfRange(uint64_t count, const std::string& first) {
  if (count <= 1) return count == 0 ? std::string() : first;
  return fmt::format("{} (and {} more such values)", first, count - 1);
}

std::string ViewCursor::warning() const {
  return DescribeOutOfRange(out_of_range_count(), first_out_of_range());
}
uint64_t ViewCursor::out_of_range_count() const { return impl_->shower.out_of_range_count(); }
const std::string& ViewCursor::first_out_of_range() const {
  return impl_->shower.first_out_of_range();
}
const std::optional<Materialiser::Place>& ViewCursor::first_out_of_range_at() const {
  return impl_->shower.first_out_of_range_at();
}

}  // namespace obviews::vtab
