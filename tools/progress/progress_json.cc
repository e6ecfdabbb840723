// JSON of recoveries; see progress_json.h.
#include "tools/progress/progress_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "schema/civil.h"
#include "schema/conversions.h"
#include "tools/output/escape.h"

namespace obviews::tools {
namespace {

using engine::progress::Figure;
using engine::progress::RecoveryProgress;
using engine::progress::StageName;
using nlohmann::ordered_json;

/// As AppendJsonText() shows it, for a library that writes the quotes itself.
ordered_json Text(std::string_view text) {
  StringSink sink;
  AppendJsonText(sink, text);
  if (!sink.Flush()) return nullptr;
  return ordered_json::parse(sink.text());
}

ordered_json TextOrNull(std::string_view text) {
  return text.empty() ? ordered_json(nullptr) : Text(text);
}

/// Hundredths as the views have them: 73.2 for 732,000 millionths.
double PercentOf(int64_t ppm) {
  const int64_t hundredths = ppm / 100;
  return static_cast<double>(hundredths) / 100;
}

class Writer {
 public:
  Writer(const ShownRecovery& recovery, const schema::Zone& zone)
      : progress_(recovery.progress), job_(recovery.ref.job), zone_(zone) {}

  ordered_json Write() {
    ordered_json out;
    out["tenant_id"] = job_.tenant_id;
    out["job_id"] = job_.job_id;
    out["target_tenant_name"] = TextOrNull(progress_.target_tenant_name);
    out["target_tenant_id"] = progress_.target_tenant_id == 0
                                  ? ordered_json(nullptr)
                                  : ordered_json(progress_.target_tenant_id);
    out["stage"] = progress_.stage.known() ? ordered_json(StageName(*progress_.stage.value))
                                           : Unknown("stage", progress_.stage.why);
    out["ended"] = progress_.ended();
    out["percent"] = Share("percent", progress_.percent_ppm);
    out["stage_percent"] = Share("stage_percent", progress_.stage_percent_ppm);
    out["rate"] =
        progress_.rate.known() ? Text(*progress_.rate.value) : Unknown("rate", progress_.rate.why);
    out["start"] = Time("start", progress_.start);
    out["as_of"] = TimeOrNull(progress_.as_of);
    out["elapsed_seconds"] = Number("elapsed_seconds", progress_.elapsed_seconds);
    out["eta"] = Time("eta", progress_.eta);
    out["eta_low"] = TimeOrNull(progress_.eta_low);
    out["eta_high"] = TimeOrNull(progress_.eta_high);
    out["tables_total"] = Number("tables_total", progress_.tables_total);
    out["tables_finished"] = Number("tables_finished", progress_.tables_finished);
    out["tables_failed"] = Number("tables_failed", progress_.tables_failed);
    out["tables_running"] = Number("tables_running", progress_.tables_running);
    out["tables_not_begun"] = Number("tables_not_begun", progress_.tables_left);
    out["bytes_total"] = Number("bytes_total", progress_.bytes_total);
    out["bytes_finished"] = Number("bytes_finished", progress_.bytes_finished);
    out["stalled_seconds"] = Number("stalled_seconds", progress_.stalled_seconds);
    out["waiting_for"] = TextOrNull(progress_.waiting_for);
    out["retry"] = TextOrNull(progress_.retry);
    out["moves"] = progress_.driven && !progress_.ended();
    out["stages"] = Stages();
    out["slowest_tables"] = Slowest();
    out["failures"] = Failures();
    out["unknown"] = unknown_;
    return out;
  }

 private:
  ordered_json Unknown(const char* name, const std::string& why) {
    unknown_[name] = Text(why);
    return nullptr;
  }

  ordered_json TimeOrNull(const std::optional<int64_t>& usec) const {
    if (!usec) return nullptr;
    const std::string text = IsoTime(*usec, zone_);
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
  }

  ordered_json Number(const char* name, const Figure<int64_t>& figure) {
    return figure.known() ? ordered_json(*figure.value) : Unknown(name, figure.why);
  }
  ordered_json Share(const char* name, const Figure<int64_t>& figure) {
    return figure.known() ? ordered_json(PercentOf(*figure.value)) : Unknown(name, figure.why);
  }
  ordered_json Time(const char* name, const Figure<int64_t>& figure) {
    return figure.known() ? TimeOrNull(figure.value) : Unknown(name, figure.why);
  }

  ordered_json Stages() const {
    auto array = ordered_json::array();
    for (const auto& stage : progress_.stages) {
      ordered_json out;
      out["stage"] = StageName(stage.stage);
      out["percent"] =
          stage.percent_ppm ? ordered_json(PercentOf(*stage.percent_ppm)) : ordered_json(nullptr);
      out["start"] = TimeOrNull(stage.start);
      out["end"] = TimeOrNull(stage.end);
      array.push_back(std::move(out));
    }
    return array;
  }

  ordered_json Slowest() const {
    auto array = ordered_json::array();
    for (const auto& table : progress_.slowest) {
      const int64_t seconds = (progress_.as_of - table.start) / schema::kUsecPerSecond;
      array.push_back({{"table", Text(table.what)},
                       {"start", TimeOrNull(table.start)},
                       {"elapsed_seconds", seconds < 0 ? 0 : seconds}});
    }
    return array;
  }

  ordered_json Failures() const {
    auto array = ordered_json::array();
    for (const auto& failure : progress_.failures) {
      array.push_back({{"what", Text(failure.what)},
                       {"is_table", failure.of_table},
                       {"reason", Text(failure.reason)}});
    }
    return array;
  }

  const RecoveryProgress& progress_;
  const engine::Key& job_;
  const schema::Zone& zone_;
  ordered_json unknown_ = ordered_json::object();
};

}  // namespace

std::string IsoTime(int64_t usec, const schema::Zone& zone) {
  schema::TextBuffer buffer;
  const schema::ShownText shown = schema::ShowUsecMySql(usec, zone, buffer);
  if (!shown) return {};
  std::string text(*shown);
  constexpr size_t kDate = 10;
  if (text.size() <= kDate) return {};
  text[kDate] = 'T';
  const int32_t offset = zone.OffsetAt(schema::FloorDiv(usec, schema::kUsecPerSecond));
  const int32_t minutes = (offset < 0 ? -offset : offset) / 60;
  return fmt::format("{}{}{:02}:{:02}", text, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string RecoveryJson(const ShownRecovery& recovery, const schema::Zone& zone) {
  return Writer(recovery, zone)
      .Write()
      .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string RecoveriesJson(const RecoverySight& sight, const schema::Zone& zone) {
  std::string out = "[";
  for (const ShownRecovery& recovery : sight.recoveries) {
    out += out.size() == 1 ? "\n" : ",\n";
    out += RecoveryJson(recovery, zone);
  }
  return out + (out.size() == 1 ? "]\n" : "\n]\n");
}

}  // namespace obviews::tools
