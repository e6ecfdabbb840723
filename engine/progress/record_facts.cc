// Reading records; see record_facts.h.
#include "engine/progress/record_facts.h"

#include <algorithm>

#include "schema/conversions.h"
#include "schema/lists.h"
#include "schema/numbers.h"

namespace obviews::engine::progress {
namespace {

using schema::Record;

constexpr int64_t kSysTenant = 1;

Key InitiatorOf(const Record& job) {
  return {job.Int("initiator_tenant_id"), job.Int("initiator_job_id"), 0};
}

}  // namespace

std::optional<int64_t> NumberIn(const Record& record, std::string_view field) {
  const schema::FieldValue& value = record.Get(field);
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return std::nullopt;
  auto parsed = schema::ParseInt64(*text);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<int64_t> TimeIn(const Record& record, std::string_view field) {
  auto usec = NumberIn(record, field);
  if (!usec || *usec <= 0 || *usec > schema::kMaxLocalUsec) return std::nullopt;
  return usec;
}

RecoverFacts RecoverOf(const Record& job, bool history) {
  RecoverFacts facts;
  facts.key = job.key();
  facts.initiator = InitiatorOf(job);
  facts.history = history;
  facts.status = job.Text("status");
  facts.result = job.Text("result");
  facts.comment = job.Text("comment");
  facts.start = TimeIn(job, "start_ts");
  facts.end = TimeIn(job, "end_ts");
  facts.modified = TimeIn(job, "gmt_modified");
  facts.aux_tenant_name = job.Text("aux_tenant_name");
  facts.target_tenant_name = job.Text("target_tenant_name");
  facts.target_tenant_id =
      job.key().tenant_id == kSysTenant ? job.Int("target_tenant_id") : job.key().tenant_id;
  if (job.Int("import_all") == 0 && job.Text("db_list").empty() &&
      !job.Text("table_list").empty()) {
    facts.tables_named = static_cast<int64_t>(schema::CountListItems(job.Text("table_list")));
  }
  return facts;
}

ImportFacts ImportOf(const Record& job, bool history) {
  ImportFacts facts;
  facts.key = job.key();
  facts.initiator = InitiatorOf(job);
  facts.aux_tenant_name = job.Text("src_tenant_name");
  facts.history = history;
  facts.status = job.Text("status");
  facts.result = job.Text("result");
  facts.comment = job.Text("comment");
  facts.start = TimeIn(job, "start_ts");
  facts.end = TimeIn(job, "end_ts");
  facts.modified = TimeIn(job, "gmt_modified");
  // So that sums of them are no more than a number holds, whatever was loaded.
  constexpr int64_t kMost = INT64_MAX / 8;
  auto count = [&](std::string_view field) {
    return std::clamp<int64_t>(job.Int(field), 0, kMost);
  };
  facts.total = count("total_table_count");
  facts.finished = count("finished_table_count");
  facts.failed = count("failed_table_count");
  return facts;
}

void AddRestore(const Record& job, bool history, RestoreFacts* facts) {
  auto figure = [&](std::string_view field, std::optional<int64_t>* to) {
    auto number = NumberIn(job, field);
    // 0 is also what a record holds that was never told.
    if (number && (*number > 0 || (*number == 0 && !*to))) *to = *number;
  };
  bool sys = job.key().tenant_id == kSysTenant;
  figure("total_bytes", &facts->bytes_total);
  figure("finish_bytes", &facts->bytes_finished);
  auto later = [](std::optional<int64_t>* to, const std::optional<int64_t>& time) {
    if (time && (!*to || **to < *time)) *to = time;
  };
  later(&facts->modified, TimeIn(job, "gmt_modified"));
  if (!history) later(&facts->modified, TimeIn(job, "progress_gmt_modified"));
  if (!history && !sys) facts->status = job.Text("status");
  if (facts->tenant_name.empty()) facts->tenant_name = job.Text("restore_tenant_name");
  if (facts->tenant_id == 0) facts->tenant_id = NumberIn(job, "restore_tenant_id").value_or(0);
  std::string_view start = history ? "start_time" : "restore_start_ts";
  if (!facts->start) facts->start = TimeIn(job, start);
  bool failed = job.Text("status") == "FAIL" || job.Text("status") == "FAILED" ||
                job.Text("status") == "RESTORE_FAIL";
  if (!sys) return;  // how it ended is the sys tenant's to say
  facts->ended = history;
  facts->failed = failed;
  facts->comment = job.Text("comment");
  if (history) facts->end = TimeIn(job, "finish_time");
}

bool SameAux(std::string_view a, std::string_view b) { return a.empty() || b.empty() || a == b; }

}  // namespace obviews::engine::progress
