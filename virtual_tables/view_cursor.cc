// Scanning a view; see view_cursor.h.
#include "virtual_tables/view_cursor.h"

#include <fmt/format.h>

namespace obviews::vtab {

struct ViewCursor::Impl {
  Impl(std::shared_ptr<const engine::Snapshot> from, const Session& session, ScanRequest asked)
      : snapshot(std::move(from)),
        request(std::move(asked)),
        plan(MakePlan(session, *request.view, request.predicate, request.in_key_order)),
        shower(snapshot, session, *request.view),
        left(request.limit.value_or(UINT64_MAX)) {
    auto kind = request.view->record->kind;
    records = plan.path == AccessPath::kIndex ? snapshot->ScanByTask(kind, plan.space)
                                              : snapshot->Scan(kind, plan.space);
  }

  std::shared_ptr<const engine::Snapshot> snapshot;
  ScanRequest request;
  Plan plan;
  Materialiser shower;
  std::unique_ptr<engine::RecordCursor> records;
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

Result<Value> ViewCursor::Column(size_t column) {
  if (!impl_->shown) {
    impl_->shown = true;
    ++impl_->decoded;
  }
  return impl_->shower.Show(impl_->records->record(), column);
}

const schema::View& ViewCursor::view() const { return *impl_->request.view; }
const Plan& ViewCursor::plan() const { return impl_->plan; }

ScanStats ViewCursor::stats() const {
  return {impl_->records->records_read(), impl_->decoded, impl_->returned};
}

std::string ViewCursor::warning() const {
  uint64_t count = impl_->shower.out_of_range_count();
  if (count == 0) return {};
  if (count == 1) return impl_->shower.first_out_of_range();
  return fmt::format("{} (and {} more such values)", impl_->shower.first_out_of_range(), count - 1);
}

}  // namespace obviews::vtab
