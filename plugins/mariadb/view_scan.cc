// Scanning in stretches; see view_scan.h.
#include "plugins/mariadb/view_scan.h"

#include <algorithm>

#include "plugins/mariadb/definitions.h"
#include "plugins/mariadb/key_bounds.h"

namespace obviews::mariadb {
namespace {

/// With the columns of the index.
ViewScanRequest WithKey(ViewScanRequest request) {
  for (size_t column : IndexColumns(*request.target.view)) {
    auto found = std::find(request.columns.begin(), request.columns.end(), column);
    if (found == request.columns.end()) request.columns.push_back(column);
  }
  return request;
}

}  // namespace

ViewScan::ViewScan(std::shared_ptr<const engine::Snapshot> snapshot, vtab::Session session,
                   ViewScanRequest request, std::function<bool()> stopped)
    : snapshot_(std::move(snapshot)),
      session_(std::move(session)),
      request_(WithKey(std::move(request))),
      stopped_(std::move(stopped)),
      index_(IndexColumns(*request_.target.view)) {}

Status ViewScan::Start() {
  started_ = true;
  if (request_.stretch) {
    request_.predicate = vtab::Predicate::And(
        {std::move(request_.predicate),
         ConditionAround(*request_.stretch, request_.target.only_tenant(), index_)});
  }
  const schema::View& view = *request_.target.view;
  if (request_.cut_at == 0 || !view.record->per_task) return {};
  vtab::Plan plan = vtab::MakePlan(session_, view, request_.predicate, request_.in_key_order);
  if (plan.path == vtab::AccessPath::kIndex || plan.path == vtab::AccessPath::kPoint) return {};
  OBVIEWS_ASSIGN_OR_RETURN(stretches_,
                           snapshot_->Split(view.record->kind, plan.space, request_.cut_at));
  if (request_.stretch) {
    for (engine::Stretch& part : stretches_) {
      part.first = std::max(part.first, request_.stretch->first);
      part.last = std::min(part.last, request_.stretch->last);
    }
    std::erase_if(stretches_, [](const engine::Stretch& part) { return part.last < part.first; });
  }
  std::reverse(stretches_.begin(), stretches_.end());
  return {};
}

bool ViewScan::Continue() {
  vtab::ScanRequest scan{.view = request_.target.view, .predicate = request_.predicate};
  scan.columns = request_.columns;
  scan.in_key_order = request_.in_key_order;
  scan.stretch = request_.stretch;
  if (!stretches_.empty()) {
    scan.stretch = stretches_.back();
    stretches_.pop_back();
  } else if (cursor_) {
    return false;
  }
  NoteOutOfRange();
  rows_ = {};
  cursor_.emplace(snapshot_, session_, std::move(scan));
  return true;
}

void ViewScan::NoteOutOfRange() {
  if (!cursor_) return;
  if (out_of_range_ == 0) first_ = cursor_->first_out_of_range();
  out_of_range_ += cursor_->out_of_range_count();
}

std::string ViewScan::warning() const {
  if (!values_) return vtab::DescribeOutOfRange(out_of_range_, first_);
  // Conditions are tested by the cursor.
  uint64_t count = out_of_range_ + values_->out_of_range_count();
  return vtab::DescribeOutOfRange(count, first_.empty() ? values_->first_out_of_range() : first_);
}

Result<bool> ViewScan::NextBlock() {
  OBVIEWS_ASSIGN_OR_RETURN(vtab::ViewCursor::Rows next, cursor_->NextRows());
  in_blocks_ = next.end || next.block != nullptr;
  rows_ = next.rows;
  row_ = 0;
  if (rows_.empty()) return false;
  ++block_;
  if (!values_) {
    values_.emplace(snapshot_, session_, *request_.target.view, request_.columns,
                    vtab::TimeForm::kMicroseconds);
  }
  values_->Begin(*next.block);
  return true;
}

Result<bool> ViewScan::NextInStretch() {
  if (row_ + 1 < rows_.size()) {
    ++row_;
    return true;
  }
  if (in_blocks_ && !stopped_()) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextBlock());
    if (more || in_blocks_) return more;
  }
  while (!stopped_()) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor_->Next());
    if (!more) return false;
    // The store cuts walks over tasks; other records are few.
    if (!request_.stretch || request_.target.view->record->per_task) return true;
    OBVIEWS_ASSIGN_OR_RETURN(engine::Key key, Key());
    if (key >= request_.stretch->first && key <= request_.stretch->last) return true;
  }
  return false;
}

Result<bool> ViewScan::Next() {
  if (!started_) {
    OBVIEWS_RETURN_IF_ERROR(Start());
    Continue();
  }
  do {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextInStretch());
    if (more) return true;
  } while (!stopped_() && Continue());
  NoteOutOfRange();
  return false;
}

Result<std::optional<engine::Key>> ViewScan::LastKey() {
  OBVIEWS_RETURN_IF_ERROR(Start());
  std::reverse(stretches_.begin(), stretches_.end());
  std::optional<engine::Key> last;
  while (!last && !stopped_() && Continue()) {
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, NextInStretch());
      if (!more) break;
      OBVIEWS_ASSIGN_OR_RETURN(last, Key());
    }
  }
  return last;
}

Result<engine::Key> ViewScan::Key() {
  engine::Key key;
  auto tenant = request_.target.only_tenant();
  size_t at = 0;
  if (tenant) {
    key.tenant_id = *tenant;
  } else {
    OBVIEWS_ASSIGN_OR_RETURN(Value value, Column(index_[at++]));
    key.tenant_id = value.as_int();
  }
  OBVIEWS_ASSIGN_OR_RETURN(Value job, Column(index_[at++]));
  key.job_id = job.as_int();
  if (at < index_.size()) {
    OBVIEWS_ASSIGN_OR_RETURN(Value task, Column(index_[at]));
    key.task_id = task.as_int();
  }
  return key;
}

}  // namespace obviews::mariadb
