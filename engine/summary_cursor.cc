// Adding up groups; see summary_cursor.h.
#include "engine/summary_cursor.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "engine/task_groups.h"

namespace obviews::engine {
namespace {

using schema::FieldIndex;
using schema::fields::kTaskSummary;

constexpr auto kTenant = FieldIndex<kTaskSummary>("tenant_id");
constexpr auto kJob = FieldIndex<kTaskSummary>("job_id");
constexpr auto kStatus = FieldIndex<kTaskSummary>("status");
constexpr auto kResult = FieldIndex<kTaskSummary>("result");
constexpr auto kCount = FieldIndex<kTaskSummary>("task_count");
constexpr auto kMinStart = FieldIndex<kTaskSummary>("min_start_ts");
constexpr auto kMaxCompletion = FieldIndex<kTaskSummary>("max_completion_ts");

template <class T>
schema::FieldValue OrNull(const std::optional<T>& value) {
  if (value) return *value;
  return std::monostate{};
}

class SummaryCursor final : public RecordCursor {
 public:
  SummaryCursor(const Snapshot& snapshot, schema::RecordKind kind, const KeySpace& space,
                const ScanOptions& scan)
      : jobs_(snapshot.ScanGroups(space,
                                  scan.fields.Has(kMinStart) || scan.fields.Has(kMaxCompletion))),
        empty_is_null_(kind == schema::RecordKind::kTaskSummaryOracle),
        first_(scan.first),
        last_(scan.last),
        record_(kind) {}

  Result<bool> Next() override {
    if (next_ == groups_.end()) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, NextJob());
      if (!more) return false;
    }
    const auto& [texts, group] = *next_++;
    record_[kTenant] = job_.tenant_id;
    record_[kJob] = job_.job_id;
    record_[kStatus] = texts.first;
    record_[kResult] = OrNull(texts.second);
    record_[kCount] = static_cast<int64_t>(group.count);
    record_[kMinStart] = OrNull(group.min_start);
    record_[kMaxCompletion] = OrNull(group.max_completion);
    bytes_.clear();
    std::vector<ExternalText> none;  // a task's status and result are never external
    EncodeRecord(record_, &bytes_, &none);
    std::string_view why = view_.Parse(record_.type(), job_, bytes_);
    if (!why.empty()) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("the summary of job {}: {}", ToString(record_.type(), job_), why));
    }
    ++read_;
    return true;
  }

  const RecordView& record() const override { return view_; }
  uint64_t records_read() const override { return read_; }

 private:
  /// By status and result, which is the order records come in.
  using Groups = std::map<std::pair<std::string, std::optional<std::string>>, TaskGroup>;

  /// Adds up the groups of the next job that has any.
  Result<bool> NextJob() {
    groups_.clear();
    if (!started_) {
      started_ = true;
      OBVIEWS_ASSIGN_OR_RETURN(more_, jobs_->Next());
    }
    while (more_ && groups_.empty()) {
      job_ = {jobs_->tenant_id(), jobs_->job_id(), 0};
      while (more_ && jobs_->tenant_id() == job_.tenant_id && jobs_->job_id() == job_.job_id) {
        if (first_ <= job_ && job_ <= last_) AddGroups();
        OBVIEWS_ASSIGN_OR_RETURN(more_, jobs_->Next());
      }
    }
    next_ = groups_.begin();
    return !groups_.empty();
  }

  void AddGroups() {
    for (const TaskGroup& group : jobs_->groups()) {
      bool as_null = empty_is_null_ && group.result == "";
      TaskGroup& sum = groups_[{group.status, as_null ? std::nullopt : group.result}];
      sum.count += group.count;
      AddTimes(sum, group.min_start, group.max_completion);
    }
  }

  std::unique_ptr<GroupCursor> jobs_;
  bool empty_is_null_;
  Key first_;  ///< the stretch to walk over
  Key last_;
  bool started_ = false;
  bool more_ = false;  ///< jobs_ is at groups that are not added up yet
  Key job_;
  Groups groups_;  ///< of job_
  Groups::const_iterator next_ = groups_.end();
  schema::Record record_;
  std::string bytes_;
  RecordView view_;
  uint64_t read_ = 0;
};

}  // namespace

std::unique_ptr<RecordCursor> MakeSummaryCursor(const Snapshot& snapshot, schema::RecordKind kind,
                                                const KeySpace& space, const ScanOptions& scan) {
  return std::make_unique<SummaryCursor>(snapshot, kind, space, scan);
}

}  // namespace obviews::engine
