// Walking groups; see group_rows.h.
#include "virtual_tables/group_rows.h"

namespace obviews::vtab {
namespace {

using schema::FieldIndex;

constexpr auto kTenant = FieldIndex<schema::fields::kImportTask>("tenant_id");
constexpr auto kJob = FieldIndex<schema::fields::kImportTask>("job_id");
constexpr auto kStatus = FieldIndex<schema::fields::kImportTask>("status");
constexpr auto kResult = FieldIndex<schema::fields::kImportTask>("result");

}  // namespace

GroupRows::Part GroupRows::PartOf(const schema::View& view, size_t column) {
  const schema::Column& shown = view.columns[column];
  if (!view.record->per_task || view.record->derived) return Part::kNone;
  if (shown.conversion != schema::Conversion::kNone) return Part::kNone;
  if (shown.field == kTenant || shown.field == kJob) return Part::kJob;
  if (shown.field == kStatus || shown.field == kResult) return Part::kGroup;
  return Part::kNone;
}

GroupRows::GroupRows(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                     const GroupRequest& request)
    : snapshot_(std::move(snapshot)),
      view_(*request.view),
      by_job_(request.by_job),
      shower_(snapshot_, session, view_) {
  Plan plan = MakePlan(session, view_, request.predicate, true);
  is_empty_ = plan.space.IsEmpty();
  if (!is_empty_) jobs_ = snapshot_->ScanGroups(plan.space, false);
}

Result<bool> GroupRows::Next() {
  if (is_empty_) return false;
  if (by_job_) return NextOfJob();
  if (!summed_) OBVIEWS_RETURN_IF_ERROR(SumAll());
  if (sums_.empty()) return false;
  auto first = sums_.extract(sums_.begin());
  group_ = std::move(first.key());
  count_ = first.mapped();
  return true;
}

Result<bool> GroupRows::NextOfJob() {
  while (true) {
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
    if (!more) {
      is_empty_ = true;
      return false;
    }
  }
}

Status GroupRows::SumAll() {
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextOfJob());
    if (!more) break;
    sums_[group_] += count_;
  }
  summed_ = true;
  is_empty_ = false;
  return {};
}

Value GroupRows::Column(size_t column) {
  size_t field = view_.columns[column].field;
  if (field == kTenant) return Value::Int(jobs_->tenant_id());
  if (field == kJob) return Value::Int(jobs_->job_id());
  if (field == kStatus) return shower_.ShowRaw(group_.first, column);
  return group_.second ? shower_.ShowRaw(*group_.second, column) : Value::Null();
}

}  // namespace obviews::vtab
