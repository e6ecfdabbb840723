// Collecting tasks; see report_tasks.h.
#include "tools/report/report_tasks.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/progress/task_state.h"
#include "schema/conversions.h"
#include "schema/mask.h"
#include "tools/report/columns.h"

namespace obviews::tools {
namespace {

using engine::RecordView;
using engine::progress::TaskState;
using nlohmann::ordered_json;
using schema::FieldIndex;
using schema::RecordKind;
using schema::fields::kImportTask;

constexpr auto kSourceDatabase = FieldIndex<kImportTask>("src_database");
constexpr auto kSourceTable = FieldIndex<kImportTask>("src_table");
constexpr auto kTargetDatabase = FieldIndex<kImportTask>("target_database");
constexpr auto kTargetTable = FieldIndex<kImportTask>("target_table");
constexpr auto kStatus = FieldIndex<kImportTask>("status");
constexpr auto kResult = FieldIndex<kImportTask>("result");
constexpr auto kStart = FieldIndex<kImportTask>("start_ts");
constexpr auto kCompletion = FieldIndex<kImportTask>("completion_ts");
constexpr auto kTotalRows = FieldIndex<kImportTask>("total_rows");
constexpr auto kTotalBytes = FieldIndex<kImportTask>("total_bytes");
constexpr auto kComment = FieldIndex<kImportTask>("comment");

std::optional<int64_t> TimeOf(int64_t usec) {
  if (usec <= 0 || usec > schema::kMaxLocalUsec) return std::nullopt;
  return usec;
}

/// What the record does not say is 0 there.
std::optional<int64_t> FigureOf(int64_t count) {
  return count > 0 ? std::optional(count) : std::nullopt;
}

/// Texts that are each kept once.
class Dictionary {
 public:
  int64_t Add(std::string text) {
    auto [at, added] = index_.try_emplace(std::move(text), static_cast<int64_t>(texts_.size()));
    if (added) texts_.push_back(at->first);
    return at->second;
  }
  const ordered_json::array_t& texts() const { return texts_; }

 private:
  std::unordered_map<std::string, int64_t> index_;
  ordered_json::array_t texts_;
};

struct Task {
  int64_t id = 0;
  std::string table;
  int64_t database = 0;
  std::optional<int64_t> target;  ///< where the table has another name in the target
  TaskState state = TaskState::kWaiting;
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  std::optional<int64_t> rows;
  std::optional<int64_t> bytes;
  std::optional<int64_t> reason;
};

class Collector {
 public:
  Collector(const engine::Snapshot& snapshot, const vtab::Session& session)
      : snapshot_(snapshot), session_(session) {}

  Status Read(RecordKind kind, const engine::KeySpace& space) {
    engine::ScanOptions scan;
    scan.fields = engine::FieldSet();
    for (size_t field : {kSourceDatabase, kSourceTable, kTargetDatabase, kTargetTable, kStatus,
                         kResult, kStart, kCompletion, kTotalRows, kTotalBytes, kComment}) {
      scan.fields.Add(field);
    }
    auto cursor = snapshot_.Scan(kind, space, scan);
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) return {};
      OBVIEWS_RETURN_IF_ERROR(Add(cursor->record()));
    }
  }

  ordered_json Columns(TimeSpan* span) {
    std::sort(tasks_.begin(), tasks_.end(),
              [](const Task& a, const Task& b) { return a.id < b.id; });
    ordered_json::array_t names;
    for (Task& task : tasks_) {
      span->Add(task.start);
      span->Add(task.end);
      names.emplace_back(std::move(task.table));
    }
    return {{"count", tasks_.size()},
            {"databases", databases_.texts()},
            {"targets", targets_.texts()},
            {"reasons", reasons_.texts()},
            {"names", std::move(names)},
            {"id", Pack([](const Task& task) { return std::optional(task.id); })},
            {"database", Pack([](const Task& task) { return std::optional(task.database); })},
            {"target", Pack([](const Task& task) { return task.target; })},
            {"outcome", Pack([](const Task& task) {
               return std::optional(static_cast<int64_t>(task.state));
             })},
            {"start", Pack([](const Task& task) { return task.start; })},
            {"end", Pack([](const Task& task) { return task.end; })},
            {"rows", Pack([](const Task& task) { return task.rows; })},
            {"bytes", Pack([](const Task& task) { return task.bytes; })},
            {"reason", Pack([](const Task& task) { return task.reason; })}};
  }

 private:
  Result<std::string> TextOf(const RecordView& record, size_t field) const {
    if (record.IsNull(field)) return std::string();
    if (!record.IsExternal(field)) return std::string(record.Text(field));
    std::string text;
    OBVIEWS_RETURN_IF_ERROR(snapshot_.ReadText(record, field, &text));
    return text;
  }

  Status Add(const RecordView& record) {
    Task task;
    task.id = record.key().task_id;
    OBVIEWS_ASSIGN_OR_RETURN(task.table, TextOf(record, kSourceTable));
    OBVIEWS_ASSIGN_OR_RETURN(std::string database, TextOf(record, kSourceDatabase));
    OBVIEWS_ASSIGN_OR_RETURN(std::string target_table, TextOf(record, kTargetTable));
    OBVIEWS_ASSIGN_OR_RETURN(std::string target_database, TextOf(record, kTargetDatabase));
    if (target_table != task.table || target_database != database) {
      task.target = targets_.Add(target_database + "." + target_table);
    }
    task.database = databases_.Add(std::move(database));
    OBVIEWS_ASSIGN_OR_RETURN(std::string status, TextOf(record, kStatus));
    OBVIEWS_ASSIGN_OR_RETURN(std::string result, TextOf(record, kResult));
    task.state = engine::progress::TaskStateOf(status, result);
    task.start = TimeOf(record.Int(kStart));
    task.end = TimeOf(record.Int(kCompletion));
    task.rows = FigureOf(record.Int(kTotalRows));
    task.bytes = FigureOf(record.Int(kTotalBytes));
    if (task.state == TaskState::kFailed) {
      OBVIEWS_ASSIGN_OR_RETURN(std::string comment, TextOf(record, kComment));
      if (!session_.show_secrets) schema::MaskUriSecrets(std::string(comment), comment);
      task.reason = reasons_.Add(std::move(comment));
    }
    tasks_.push_back(std::move(task));
    return {};
  }

  template <class Get>
  ordered_json Pack(Get get) const {
    std::vector<std::optional<int64_t>> column;
    column.reserve(tasks_.size());
    for (const Task& task : tasks_) column.push_back(get(task));
    return PackColumn(column);
  }

  const engine::Snapshot& snapshot_;
  const vtab::Session& session_;
  std::vector<Task> tasks_;
  Dictionary databases_;
  Dictionary targets_;
  Dictionary reasons_;
};

}  // namespace

Result<ordered_json> CollectTasks(const engine::Snapshot& snapshot, const vtab::Session& session,
                                  const engine::Key& job, TimeSpan* span) {
  engine::KeySpace space;
  space.tenants = schema::RangeSet::Point(job.tenant_id);
  space.jobs = schema::RangeSet::Point(job.job_id);
  Collector collector(snapshot, session);
  OBVIEWS_RETURN_IF_ERROR(collector.Read(RecordKind::kImportTask, space));
  OBVIEWS_RETURN_IF_ERROR(collector.Read(RecordKind::kImportTaskHistory, space));
  return collector.Columns(span);
}

}  // namespace obviews::tools
