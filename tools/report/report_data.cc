// Collecting a report; see report_data.h.
#include "tools/report/report_data.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "schema/mask.h"
#include "tools/cli/recovery_choice.h"
#include "tools/output/number.h"
#include "tools/report/report_tasks.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::tools {
namespace {

using engine::Key;
using engine::progress::Figure;
using engine::progress::RecoveryFacts;
using engine::progress::RecoveryProgress;
using nlohmann::ordered_json;
using schema::RecordKind;

/// How far around the known times the zone's offsets are told, microseconds.
constexpr int64_t kZoneMargin = int64_t{366} * 86400 * 1'000'000;

ordered_json OrNull(const std::optional<int64_t>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

template <class T>
ordered_json FigureJson(const Figure<T>& figure) {
  if (figure.known()) return {{"value", *figure.value}};
  return {{"why", figure.why}};
}

class Collector {
 public:
  Collector(const std::shared_ptr<const engine::Snapshot>& snapshot, const vtab::Session& session)
      : snapshot_(snapshot), session_(session) {}

  Result<ordered_json> Run(engine::progress::RecoveryReader& reader,
                           const engine::progress::RecoveryRef& ref) {
    OBVIEWS_ASSIGN_OR_RETURN(RecoveryFacts facts, reader.Read(ref, {.failures = 0}));
    OBVIEWS_ASSIGN_OR_RETURN(const auto* past, reader.PastOf(facts));
    const int64_t now = session_.now_usec.value_or(snapshot_->taken_usec());
    const RecoveryProgress progress = Evaluate(facts, *past, now);
    ordered_json data = {{"format", 1}, {"job", JobName(ref.job)}, {"made", now}};
    data["tenant"] = progress.target_tenant_name;
    data["secretsShown"] = session_.show_secrets;
    span_.Add(now);
    data["progress"] = Progress(progress);
    // The time of what has ended is the end, if the records say when that was.
    const bool end_known = progress.ended() && progress.elapsed_seconds.known();
    data["jobEnd"] = end_known ? ordered_json(progress.as_of) : ordered_json();
    data["stages"] = Stages(progress);
    data["samples"] = Samples(facts);
    data["tasks"] = ordered_json();
    if (facts.import) {
      OBVIEWS_ASSIGN_OR_RETURN(data["tasks"],
                               CollectTasks(*snapshot_, session_, facts.import->key, &span_));
    }
    OBVIEWS_ASSIGN_OR_RETURN(data["jobs"], Jobs(facts));
    data["texts"] = std::move(texts_);
    data["zone"] = ZoneOffsets();
    return data;
  }

 private:
  std::string Masked(const std::string& text) const {
    if (session_.show_secrets) return text;
    std::string masked;
    schema::MaskUriSecrets(text, masked);
    return masked;
  }

  ordered_json Progress(const RecoveryProgress& progress) {
    for (const auto* time :
         {&progress.start.value, &progress.eta.value, &progress.eta_low, &progress.eta_high}) {
      span_.Add(*time);
    }
    ordered_json::array_t failures;
    for (const auto& failure : progress.failures) {
      failures.push_back({{"what", failure.what}, {"reason", Masked(failure.reason)}});
    }
    ordered_json stage = {{"why", progress.stage.why}};
    if (progress.stage.known()) stage = {{"value", StageName(*progress.stage.value)}};
    return {{"stage", std::move(stage)},
            {"ended", progress.ended()},
            {"asOf", progress.as_of},
            {"percent", FigureJson(progress.percent_ppm)},
            {"stagePercent", FigureJson(progress.stage_percent_ppm)},
            {"rate", FigureJson(progress.rate)},
            {"start", FigureJson(progress.start)},
            {"elapsedSeconds", FigureJson(progress.elapsed_seconds)},
            {"eta", FigureJson(progress.eta)},
            {"etaLow", OrNull(progress.eta_low)},
            {"etaHigh", OrNull(progress.eta_high)},
            {"tablesTotal", FigureJson(progress.tables_total)},
            {"tablesFinished", FigureJson(progress.tables_finished)},
            {"tablesFailed", FigureJson(progress.tables_failed)},
            {"tablesRunning", FigureJson(progress.tables_running)},
            {"tablesLeft", FigureJson(progress.tables_left)},
            {"bytesTotal", FigureJson(progress.bytes_total)},
            {"bytesFinished", FigureJson(progress.bytes_finished)},
            {"waitingFor", Masked(progress.waiting_for)},
            {"stalledSeconds", FigureJson(progress.stalled_seconds)},
            {"retry", progress.retry},
            {"failures", std::move(failures)}};
  }

  ordered_json Stages(const RecoveryProgress& progress) {
    ordered_json::array_t stages;
    for (const auto& stage : progress.stages) {
      span_.Add(stage.start);
      span_.Add(stage.end);
      stages.push_back({{"stage", StageName(stage.stage)},
                        {"percent", OrNull(stage.percent_ppm)},
                        {"start", OrNull(stage.start)},
                        {"end", OrNull(stage.end)}});
    }
    return stages;
  }

  ordered_json Samples(const RecoveryFacts& facts) {
    ordered_json::array_t samples;
    for (const auto& sample : facts.samples) {
      span_.Add(sample.time_usec);
      samples.push_back({{"time", sample.time_usec},
                         {"percent", OrNull(sample.percent_ppm)},
                         {"bytes", OrNull(sample.bytes_finished)},
                         {"finished", OrNull(sample.tables_finished)},
                         {"failed", OrNull(sample.tables_failed)}});
    }
    return samples;
  }

  /// The rows of all jobs of the recovery that the session sees, as its views show them.
  Result<ordered_json> Jobs(const RecoveryFacts& facts) {
    struct Job {
      const char* role;
      RecordKind kind;
      Key key;
    };
    std::vector<Job> jobs;
    if (facts.sys) {
      jobs.push_back({"Recover job of sys", RecordKind::kRecoverJob, facts.sys->key});
    }
    if (facts.user) {
      jobs.push_back({"Recover job of the tenant", RecordKind::kRecoverJob, facts.user->key});
    }
    if (facts.restore) {
      const Key& key = facts.restore->key;
      const bool sys_side = key.tenant_id == vtab::kSysTenant;
      jobs.push_back({sys_side ? "Restore job of sys" : "Restore job of the auxiliary tenant",
                      RecordKind::kRestoreJob, key});
      const int64_t aux_tenant = facts.restore->tenant_id;
      if (sys_side && aux_tenant > vtab::kSysTenant) {
        jobs.push_back({"Restore job of the auxiliary tenant", RecordKind::kRestoreJob,
                        Key{aux_tenant, key.job_id, 0}});
      }
    }
    if (facts.import) jobs.push_back({"Import job", RecordKind::kImportJob, facts.import->key});
    ordered_json::array_t rows;
    for (const Job& job : jobs) {
      OBVIEWS_ASSIGN_OR_RETURN(ordered_json row, JobRow(job.kind, job.key));
      if (row.is_null()) continue;
      row["role"] = job.role;
      rows.push_back(std::move(row));
    }
    return ordered_json(std::move(rows));
  }

  /// The row of a job in the view that has it, live before history; null if none does.
  Result<ordered_json> JobRow(RecordKind live, const Key& key) {
    for (RecordKind kind : {live, schema::GetRecordType(live).twin}) {
      for (const schema::View* view :
           session_.catalog().VisibleTo(session_.is_sys(), session_.mode)) {
        // Sys sees its own rows through the DBA_ view too; the CDB_ view has those of all tenants.
        const bool its_own = view->scope == schema::Scope::kDba;
        if (view->record->kind != kind || its_own == session_.is_sys()) continue;
        vtab::RowLookup lookup(snapshot_, session_, *view);
        OBVIEWS_ASSIGN_OR_RETURN(bool found, lookup.Find(key));
        if (!found) continue;
        return Row(*view, key, lookup);
      }
    }
    return ordered_json();
  }

  Result<ordered_json> Row(const schema::View& view, const Key& key, vtab::RowLookup& lookup) {
    ordered_json::array_t values;
    for (size_t i = 0; i < view.columns.size(); ++i) {
      OBVIEWS_ASSIGN_OR_RETURN(Value value, lookup.Column(i));
      values.push_back({view.columns[i].name, TextNumber(value)});
    }
    return ordered_json({{"view", view.name}, {"job", JobName(key)}, {"values", values}});
  }

  /// Where a shown value stands among the texts, so that long ones are there once; null for NULL.
  ordered_json TextNumber(const Value& value) {
    std::string text;
    if (value.is_null()) return {};
    if (value.kind() == Value::Kind::kText) {
      text = value.as_text();
    } else {
      FormatNumber(value, 2, [&](std::string_view digits) { text = digits; });
    }
    auto [at, added] = text_numbers_.try_emplace(text, texts_.size());
    if (added) texts_.push_back(text);
    return at->second;
  }

  /// The offsets of the session's zone around all times of the report.
  ordered_json ZoneOffsets() const {
    ordered_json::array_t offsets;
    const int64_t from = (span_.first.value_or(0) - kZoneMargin) / 1'000'000;
    const int64_t to = (span_.last.value_or(0) + kZoneMargin) / 1'000'000;
    for (const schema::ZoneSegment& segment : session_.time_zone.Segments(from, to)) {
      offsets.push_back({segment.begin, segment.offset});
    }
    return {{"name", session_.time_zone.name()}, {"offsets", std::move(offsets)}};
  }

  const std::shared_ptr<const engine::Snapshot>& snapshot_;
  const vtab::Session& session_;
  TimeSpan span_;
  ordered_json::array_t texts_;
  std::map<std::string, size_t> text_numbers_;
};

}  // namespace

Result<ordered_json> CollectReport(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                   const vtab::Session& session,
                                   engine::progress::RecoveryReader& reader,
                                   const engine::progress::RecoveryRef& ref) {
  return Collector(snapshot, session).Run(reader, ref);
}

}  // namespace obviews::tools
