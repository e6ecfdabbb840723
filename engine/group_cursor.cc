// Reading counts; see group_cursor.h.
#include "engine/group_cursor.h"

#include <fmt/format.h>

#include "engine/task_groups.h"
#include "schema/conversions.h"

namespace obviews::engine {
namespace {

using schema::RecordKind;

class CountsCursor final : public GroupCursor {
 public:
  CountsCursor(std::shared_ptr<Database> database, const rocksdb::ReadOptions& options,
               KeySpace space, bool times)
      : database_(std::move(database)),
        options_(options),
        space_{std::move(space.tenants), std::move(space.jobs)},
        times_(times),
        at_(database_->db().NewIterator(options_, database_->family(kTaskCountsFamily))) {}

  Result<bool> Next() override {
    constexpr int64_t kFirst = schema::RangeSet::kMin;
    if (done_) return false;
    if (started_) {
      at_->Next();
    } else {
      started_ = true;
      if (!SeekInside(kFirst, kFirst)) return End();
    }
    while (at_->Valid()) {
      RecordKind kind{};
      if (AsView(at_->key()) == kStampKey) {
        at_->Next();
        continue;
      }
      if (!DecodeCountsKey(AsView(at_->key()), &tenant_id_, &job_id_, &kind)) {
        return Fail(Damage("a malformed key"));
      }
      if (space_.tenants.Contains(tenant_id_) && space_.jobs.Contains(job_id_)) {
        history_ = kind == RecordKind::kImportTaskHistory;
        OBVIEWS_RETURN_IF_ERROR(Read());
        return true;
      }
      if (!SeekInside(tenant_id_, job_id_)) return End();
    }
    return End();
  }

  int64_t tenant_id() const override { return tenant_id_; }
  int64_t job_id() const override { return job_id_; }
  bool history() const override { return history_; }
  std::span<const TaskGroup> groups() const override { return groups_; }

 private:
  Result<bool> End() {
    done_ = true;
    if (at_->status().ok()) return false;
    return Fail(TranslateError(at_->status(), database_->directory(),
                               "reading column family task_counts of"));
  }

  bool SeekInside(int64_t tenant_id, int64_t job_id) {
    auto target = space_.NextInside({tenant_id, job_id, schema::RangeSet::kMin});
    if (!target) return false;
    at_->Seek(CountsKey(target->tenant_id, target->job_id, RecordKind{}));
    return true;
  }

  Error Damage(std::string_view why) const {
    return {ErrorCode::kCorruption,
            fmt::format("the counts of job ({}, {}) in column family task_counts: {}; `obviewsctl "
                        "rebuild` makes them anew",
                        tenant_id_, job_id_, why)};
  }

  Status Read() {
    if (!DecodeCounts(AsView(at_->key()), AsView(at_->value()), &counts_)) {
      return Fail(Damage("damaged"));
    }
    groups_.clear();
    for (const JobCounts::Group& group : counts_.groups) {
      groups_.push_back(group);
      if (history_ || !times_) continue;
      OBVIEWS_RETURN_IF_ERROR(FindFirstStart(group.id, &groups_.back().min_start));
    }
    return {};
  }

  /// The first entry of the group in the status index that has a time.
  Status FindFirstStart(uint32_t group, std::optional<int64_t>* start) {
    if (status_at_ == nullptr) {
      status_at_.reset(database_->db().NewIterator(options_, database_->family(kTaskStatusFamily)));
    }
    status_at_->Seek(
        StatusKey({tenant_id_, job_id_, group, schema::kMinLocalUsec, schema::RangeSet::kMin}));
    if (!status_at_->status().ok()) {
      return Fail(TranslateError(status_at_->status(), database_->directory(),
                                 "reading column family task_status of"));
    }
    StatusEntry entry;
    if (status_at_->Valid() && DecodeStatusKey(AsView(status_at_->key()), &entry) &&
        entry.tenant_id == tenant_id_ && entry.job_id == job_id_ && entry.group == group &&
        entry.start <= schema::kMaxLocalUsec) {
      *start = entry.start;
    }
    return {};
  }

  std::shared_ptr<Database> database_;
  rocksdb::ReadOptions options_;
  KeySpace space_;
  bool times_;
  std::unique_ptr<rocksdb::Iterator> at_;
  std::unique_ptr<rocksdb::Iterator> status_at_;
  bool started_ = false;
  bool done_ = false;
  int64_t tenant_id_ = 0;
  int64_t job_id_ = 0;
  bool history_ = false;
  JobCounts counts_;
  std::vector<TaskGroup> groups_;
};

}  // namespace

std::unique_ptr<GroupCursor> MakeGroupCursor(std::shared_ptr<Database> database,
                                             const rocksdb::ReadOptions& options, KeySpace space,
                                             bool times) {
  return std::make_unique<CountsCursor>(std::move(database), options, std::move(space), times);
}

}  // namespace obviews::engine
