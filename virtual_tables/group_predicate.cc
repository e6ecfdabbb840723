// Testing groups; see group_predicate.h.
#include "virtual_tables/group_predicate.h"

#include <algorithm>

namespace obviews::vtab {
namespace {

class GroupPredicate final : public engine::GroupFilter {
 public:
  GroupPredicate(const Session& session, const schema::View& view, std::vector<Filter> filters)
      : view_(view), shower_(nullptr, session, view) {
    filter_.kind = Filter::Kind::kAnd;
    filter_.children = std::move(filters);
  }

  bool Accepts(std::string_view status, std::optional<std::string_view> result) const override {
    for (const Known& known : known_) {
      if (known.status == status && known.result == result) return known.accepted;
    }
    Known& known = known_.emplace_back();
    known.status = status;
    if (result) known.result = *result;
    known.accepted = Test(status, result);
    return known.accepted;
  }

 private:
  /// A verdict; stores have few groups, blocks of them many.
  struct Known {
    std::string status;
    std::optional<std::string> result;
    bool accepted = false;
  };

  /// The group as a task that has nothing else, so that conditions mean what they mean for tasks.
  bool Test(std::string_view status, std::optional<std::string_view> result) const {
    schema::Record task(view_.record->kind);
    task[schema::TaskFields::kStatus] = std::string(status);
    task[schema::TaskFields::kResult] =
        result ? schema::FieldValue(std::string(*result)) : std::monostate{};
    std::string bytes;
    std::vector<engine::ExternalText> none;
    engine::EncodeRecord(task, &bytes, &none);
    engine::RecordView record;
    std::string scratch;
    if (!record.Parse(*view_.record, task.key(), bytes).empty()) return true;
    auto tested = Evaluate(filter_, record, shower_, scratch);
    return tested && *tested == Tri::kTrue;
  }

  const schema::View& view_;
  Filter filter_;
  mutable Materialiser shower_;
  mutable std::vector<Known> known_;
};

}  // namespace

bool IsOnGroups(const schema::View& view, const Filter& filter) {
  if (!view.record->per_task) return false;
  if (filter.kind == Filter::Kind::kAnd || filter.kind == Filter::Kind::kOr) {
    return std::all_of(filter.children.begin(), filter.children.end(),
                       [&](const Filter& child) { return IsOnGroups(view, child); });
  }
  if (filter.kind == Filter::Kind::kConstant) return true;
  size_t field = view.columns[filter.column].field;
  return field == schema::TaskFields::kStatus || field == schema::TaskFields::kResult;
}

std::shared_ptr<const engine::GroupFilter> MakeGroupPredicate(const Session& session,
                                                              const schema::View& view,
                                                              std::vector<Filter> filters) {
  return std::make_shared<GroupPredicate>(session, view, std::move(filters));
}

}  // namespace obviews::vtab
