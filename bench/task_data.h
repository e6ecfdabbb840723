// The data every benchmark reads, as a whole-database recovery leaves it: rows of the import task
// views, made from their number alone. 16 tenants of 50 finished jobs, tasks spread evenly; 90 %
// FINISH with a good result, 2 % FINISH failed with a comment, 3 % DOING, 5 % INIT. After them come
// the tasks of one running job a tenant, all INIT, and then any number of tasks of one more job.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace obviews::bench {

inline constexpr int64_t kTenants = 16;
inline constexpr int64_t kJobsPerTenant = 50;
inline constexpr int64_t kRunningJob = 3 + kJobsPerTenant;
inline constexpr int64_t kLateJob = kRunningJob + 1;

enum class ColumnType : uint8_t { kNumber, kTime, kText };

/// A column of the views, and the record field it shows.
struct TaskColumn {
  std::string_view name;
  std::string_view field;
  ColumnType type = ColumnType::kNumber;
  bool nullable = false;
};

/// In the order of the views.
inline constexpr std::array kTaskColumns = std::to_array<TaskColumn>({
    {"TENANT_ID", "tenant_id"},
    {"TASK_ID", "task_id"},
    {"JOB_ID", "job_id"},
    {"SRC_TENANT_ID", "src_tenant_id"},
    {"SRC_TABLESPACE", "src_tablespace", ColumnType::kText, true},
    {"SRC_TABLEGROUP", "src_tablegroup", ColumnType::kText, true},
    {"SRC_DATABASE", "src_database", ColumnType::kText, true},
    {"SRC_TABLE", "src_table", ColumnType::kText, true},
    {"SRC_PARTITION", "src_partition", ColumnType::kText, true},
    {"TARGET_TABLESPACE", "target_tablespace", ColumnType::kText, true},
    {"TARGET_TABLEGROUP", "target_tablegroup", ColumnType::kText, true},
    {"TARGET_DATABASE", "target_database", ColumnType::kText, true},
    {"TARGET_TABLE", "target_table", ColumnType::kText, true},
    {"TABLE_COLUMN", "table_column"},
    {"STATUS", "status", ColumnType::kText},
    {"START_TIMESTAMP", "start_ts", ColumnType::kTime},
    {"COMPLETION_TIMESTAMP", "completion_ts", ColumnType::kTime, true},
    {"CUMULATIVE_TS", "cumulative_ts"},
    {"TOTAL_INDEX_COUNT", "total_index_count"},
    {"IMPORTED_INDEX_COUNT", "imported_index_count"},
    {"FAILED_INDEX_COUNT", "failed_index_count"},
    {"TOTAL_CONSTRAINT_COUNT", "total_constraint_count"},
    {"IMPORTED_CONSTRAINT_COUNT", "imported_constraint_count"},
    {"FAILED_CONSTRAINT_COUNT", "failed_constraint_count"},
    {"TOTAL_REF_CONSTRAINT_COUNT", "total_ref_constraint_count"},
    {"IMPORTED_REF_CONSTRAINT_COUNT", "imported_ref_constraint_count"},
    {"FAILED_REF_CONSTRAINT_COUNT", "failed_ref_constraint_count"},
    {"RESULT", "result", ColumnType::kText, true},
    {"COMMENT", "comment", ColumnType::kText, true},
});
inline constexpr size_t kTaskColumnCount = kTaskColumns.size();
static_assert(kTaskColumnCount == 29);

constexpr size_t ColumnAt(std::string_view name) {
  size_t i = 0;
  while (kTaskColumns[i].name != name) ++i;
  return i;
}

/// One row. Made to be used again for the next one: texts keep their memory.
struct TaskRow {
  std::array<int64_t, kTaskColumnCount> numbers = {};  ///< times: microseconds since the epoch
  std::array<std::string, kTaskColumnCount> texts;
  std::array<bool, kTaskColumnCount> nulls = {};

  int64_t tenant_id() const { return numbers[ColumnAt("TENANT_ID")]; }
  int64_t job_id() const { return numbers[ColumnAt("JOB_ID")]; }
  int64_t task_id() const { return numbers[ColumnAt("TASK_ID")]; }
  const std::string& status() const { return texts[ColumnAt("STATUS")]; }
};

/// Makes the rows of one size of data. Rows [0, history) belong to finished jobs and
/// [history, history + live) to the running ones; each of the two is in key order. A value type.
class TaskData {
 public:
  TaskData(int64_t history, int64_t live) : history_(history), live_(live) {}

  int64_t history() const { return history_; }
  int64_t live() const { return live_; }
  int64_t rows() const { return history_ + live_; }

  /// Row number `n` >= 0.
  void Make(int64_t n, TaskRow* row) const {
    row->nulls.fill(false);
    for (std::string_view name : {"SRC_TABLESPACE", "SRC_TABLEGROUP", "SRC_PARTITION",
                                  "TARGET_TABLESPACE", "TARGET_TABLEGROUP"}) {
      row->nulls[ColumnAt(name)] = true;
    }
    auto& number = row->numbers;
    number.fill(0);
    MakeKey(n, row);
    number[ColumnAt("SRC_TENANT_ID")] = 1004;
    number[ColumnAt("TABLE_COLUMN")] = 5 + n % 20;
    number[ColumnAt("START_TIMESTAMP")] = 1692191329492389 + n * 1371;
    number[ColumnAt("CUMULATIVE_TS")] = -1;
    number[ColumnAt("TOTAL_INDEX_COUNT")] = n % 4;
    for (std::string_view name : {"SRC_DATABASE", "TARGET_DATABASE"}) {
      SetNumbered(&row->texts[ColumnAt(name)], "db_", n % 200, 3);
    }
    for (std::string_view name : {"SRC_TABLE", "TARGET_TABLE"}) {
      SetNumbered(&row->texts[ColumnAt(name)], "orders_", n, 7);
    }
    MakeOutcome(n, row);
  }

 private:
  void MakeKey(int64_t n, TaskRow* row) const {
    int64_t tenant = 0;
    int64_t job = kLateJob;
    if (n < history_) {
      int64_t nth_job = n * (kTenants * kJobsPerTenant) / history_;
      tenant = nth_job / kJobsPerTenant;
      job = 3 + nth_job % kJobsPerTenant;
    } else if (n < rows()) {
      tenant = (n - history_) * kTenants / live_;
      job = kRunningJob;
    } else {
      tenant = n % kTenants;
    }
    row->numbers[ColumnAt("TENANT_ID")] = 1002 + 2 * tenant;
    row->numbers[ColumnAt("JOB_ID")] = job;
    row->numbers[ColumnAt("TASK_ID")] = 1047 + 3 * n;
  }

  void MakeOutcome(int64_t n, TaskRow* row) const {
    std::string& status = row->texts[ColumnAt("STATUS")];
    std::string& result = row->texts[ColumnAt("RESULT")];
    std::string& comment = row->texts[ColumnAt("COMMENT")];
    result.clear();
    comment.clear();
    int64_t kind = n < history_ ? n * 7919 % 100 : 7;
    if (kind < 8) {
      status = kind < 3 ? "DOING" : "INIT";
      row->nulls[ColumnAt("COMPLETION_TIMESTAMP")] = true;
      return;
    }
    status = "FINISH";
    row->numbers[ColumnAt("COMPLETION_TIMESTAMP")] =
        row->numbers[ColumnAt("START_TIMESTAMP")] + 2500000;
    row->numbers[ColumnAt("IMPORTED_INDEX_COUNT")] = n % 4;
    result = kind < 10 ? "FAILED" : "SUCCEESS";
    if (kind < 10) {
      SetNumbered(&comment, "result:-4016(), addr:10.0.0.", n % 250, 1);
      comment += ":2882, trace_id:YB42";
      AppendDigits(&comment, static_cast<uint64_t>(n) * 2654435761U, 16, 16);
      comment += "-0-0";
    }
  }

  static void SetNumbered(std::string* out, std::string_view prefix, int64_t number, int width) {
    out->assign(prefix);
    AppendDigits(out, static_cast<uint64_t>(number), width, 10);
  }

  static void AppendDigits(std::string* out, uint64_t number, int width, int base) {
    std::array<char, 24> digits;
    char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out->append(static_cast<size_t>(std::max<int64_t>(width - (end - digits.data()), 0)), '0');
    for (const char* at = digits.data(); at != end; ++at) {
      out->push_back(*at >= 'a' ? static_cast<char>(*at - 'a' + 'A') : *at);
    }
  }

  int64_t history_;
  int64_t live_;
};

/// A hash of one row's values, given in the order of the columns. The sum of the hashes of all rows
/// is the same for two systems only if they hold the same rows. Not kept: differs between programs.
class RowHash {
 public:
  void AddNull() { Mix(0x6e756c6c); }
  void Add(int64_t number) { Mix(static_cast<uint64_t>(number) + 1); }
  void Add(std::string_view text) { Mix(std::hash<std::string_view>()(text)); }
  void Add(const TaskRow& row) {
    for (size_t i = 0; i < kTaskColumnCount; ++i) {
      if (row.nulls[i]) {
        AddNull();
      } else if (kTaskColumns[i].type == ColumnType::kText) {
        Add(row.texts[i]);
      } else {
        Add(row.numbers[i]);
      }
    }
  }
  uint64_t value() const { return value_; }

 private:
  void Mix(uint64_t word) {
    value_ = (value_ ^ word) * 0x9E3779B97F4A7C15U;
    value_ ^= value_ >> 32;
  }
  uint64_t value_ = 0;
};

}  // namespace obviews::bench
