// Walking groups; see group_rows.h.
#include "virtual_tables/group_rows.h"

namespace obviews::vtab {
using schema::KeyPart;
using schema::TaskFields;

GroupRows::Part GroupRows::PartOf(const schema::View& view, size_t column) {
  const schema::Column& shown = view.columns[column];
  if (!view.record->per_task || view.record->derived) return Part::kNone;
  if (shown.conversion != schema::Conversion::kNone) return Part::kNone;
  KeyPart part = view.record->fields[shown.field].key_part;
  if (part == KeyPart::kTenant || part == KeyPart::kJob) return Part::kJob;
  bool grouped = shown.field == TaskFields::kStatus || shown.field == TaskFields::kResult;
  return grouped ? Part::kGroup : Part::kNone;
}

GroupRows::GroupRows(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                     const GroupRequest& request)
    : snapshot_(std::move(snapshot)),
      view_(*request.view),
      by_job_(request.by_job),
      shower_(snapshot_, session, view_) {
  Plan plan = MakePlan(session, view_, request.predicate, true);
  if (!plan.space.IsEmpty()) jobs_ = snapshot_->ScanGroups(plan.space, false);
}

Result<bool> GroupRows::Next() {
  if (by_job_) return NextOfJob();
  while (jobs_ != nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextOfJob());
    if (more) sums_[group_] += count_;
  }
  if (sums_.empty()) return false;
  auto first = sums_.extract(sums_.begin());
  group_ = std::move(first.key());
  count_ = first.mapped();
  return true;
}

Result<bool> GroupRows::NextOfJob() {
  while (jobs_ != nullptr) {
    // Before the first job there are no groups.
    if (next_ < jobs_->groups().size()) {
      const engine::TaskGroup& group = jobs_->groups()[next_++];
      if (jobs_->history() != view_.record->history || group.count == 0) continue;
      group_ = {group.status, group.result};
      count_ = group.count;
      return true;
    }
    OBVIEWS_ASSIGN_OR_RETURN(bool more, jobs_->Next());
    next_ = 0;
    if (!more) jobs_.reset();
  }
  return false;
}

Value GroupRows::Column(size_t column) {
  size_t field = view_.columns[column].field;
  KeyPart part = view_.record->fields[field].key_part;
  if (part == KeyPart::kTenant) return Value::Int(jobs_->tenant_id());
  if (part == KeyPart::kJob) return Value::Int(jobs_->job_id());
  if (field == TaskFields::kStatus) return shower_.ShowRaw(group_.first, column);
  return group_.second ? shower_.ShowRaw(*group_.second, column) : Value::Null();
}

}  // namespace obviews::vtab
