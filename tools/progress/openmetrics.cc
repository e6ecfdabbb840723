// OpenMetrics; see openmetrics.h.
#include "tools/progress/openmetrics.h"

#include <fmt/format.h>

#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/output/escape.h"

namespace obviews::tools {
namespace {

using engine::progress::Figure;
using engine::progress::RecoveryProgress;
using engine::progress::Stage;
using engine::progress::StageName;

/// A label's value with its escapes.
std::string LabelValue(std::string_view text) {
  StringSink sink;
  AppendJsonText(sink, text);
  if (!sink.Flush()) return {};
  std::string out;
  for (char c : nlohmann::json::parse(sink.text()).get<std::string>()) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

/// Microseconds as seconds, all digits kept.
std::string Seconds(int64_t usec) {
  const bool negative = usec < 0;
  const auto magnitude = negative ? ~static_cast<uint64_t>(usec) + 1 : static_cast<uint64_t>(usec);
  return fmt::format("{}{}.{:06}", negative ? "-" : "", magnitude / 1'000'000,
                     magnitude % 1'000'000);
}

class Exposition {
 public:
  explicit Exposition(const RecoverySight& sight) : sight_(sight) {}

  std::string Write() {
    AddRatios();
    AddStages();
    AddTimes();
    AddCounts();
    Begin("obviews_look_timestamp_seconds", "gauge", "seconds", "When this was read.");
    Sample("obviews_look_timestamp_seconds", "", Seconds(sight_.taken_usec));
    return out_ + "# EOF\n";
  }

 private:
  using Get = std::function<std::optional<int64_t>(const RecoveryProgress&)>;
  using Print = std::function<std::string(int64_t)>;

  static std::string Labels(const ShownRecovery& recovery) {
    return fmt::format("tenant_id=\"{}\",job_id=\"{}\",target_tenant=\"{}\"",
                       recovery.ref.job.tenant_id, recovery.ref.job.job_id,
                       LabelValue(recovery.progress.target_tenant_name));
  }

  /// The head of a metric, written together with its first sample.
  void Begin(std::string_view name, std::string_view type, std::string_view unit,
             std::string_view help) {
    head_ = fmt::format("# TYPE {} {}\n", name, type);
    if (!unit.empty()) head_ += fmt::format("# UNIT {} {}\n", name, unit);
    head_ += fmt::format("# HELP {} {}\n", name, help);
  }

  void Sample(std::string_view name, const std::string& labels, std::string_view value) {
    out_ += std::exchange(head_, {});
    out_ += labels.empty() ? fmt::format("{} {}\n", name, value)
                           : fmt::format("{}{{{}}} {}\n", name, labels, value);
  }

  void Gauge(std::string_view name, std::string_view unit, std::string_view help, const Get& get,
             const Print& print) {
    Begin(name, "gauge", unit, help);
    for (const ShownRecovery& recovery : sight_.recoveries) {
      if (auto value = get(recovery.progress)) Sample(name, Labels(recovery), print(*value));
    }
  }

  static Get Of(Figure<int64_t> RecoveryProgress::*figure) {
    return [figure](const RecoveryProgress& progress) { return (progress.*figure).value; };
  }
  static std::string Whole(int64_t value) { return fmt::format("{}", value); }
  /// Cut as in the views.
  static std::string Ratio(int64_t ppm) {
    return fmt::format("{}.{:04}", ppm / 1'000'000, ppm / 100 % 10'000);
  }

  void AddRatios() {
    Gauge("obviews_recovery_progress_ratio", "ratio",
          "How much of the recovery is done; 1 only when it is COMPLETED.",
          Of(&RecoveryProgress::percent_ppm), Ratio);
    Gauge("obviews_recovery_stage_progress_ratio", "ratio", "How much of its stage is done.",
          Of(&RecoveryProgress::stage_percent_ppm), Ratio);
  }

  void AddStages() {
    constexpr std::string_view kName = "obviews_recovery_stage";
    Begin(kName, "stateset", "", "Where the recovery is.");
    for (const ShownRecovery& recovery : sight_.recoveries) {
      if (!recovery.progress.stage.known()) continue;
      for (auto stage = static_cast<int>(Stage::kPrepare);
           stage <= static_cast<int>(Stage::kFailed); ++stage) {
        const auto is = static_cast<Stage>(stage);
        Sample(kName, fmt::format("{},{}=\"{}\"", Labels(recovery), kName, StageName(is)),
               recovery.progress.stage.value == is ? "1" : "0");
      }
    }
  }

  void AddTimes() {
    Gauge("obviews_recovery_start_timestamp_seconds", "seconds", "When the recovery began.",
          Of(&RecoveryProgress::start), Seconds);
    Gauge(
        "obviews_recovery_as_of_timestamp_seconds", "seconds",
        "The time that the figures are of: that of the look, of the last load or of the end.",
        [](const RecoveryProgress& progress) { return std::optional(progress.as_of); }, Seconds);
    Gauge("obviews_recovery_elapsed_seconds", "seconds", "From its beginning to that time.",
          Of(&RecoveryProgress::elapsed_seconds), Whole);
    Gauge("obviews_recovery_eta_timestamp_seconds", "seconds", "When it will end, estimated.",
          Of(&RecoveryProgress::eta), Seconds);
    Gauge(
        "obviews_recovery_eta_low_timestamp_seconds", "seconds",
        "The estimated end is hardly before.",
        [](const RecoveryProgress& progress) { return progress.eta_low; }, Seconds);
    Gauge(
        "obviews_recovery_eta_high_timestamp_seconds", "seconds",
        "The estimated end is hardly after.",
        [](const RecoveryProgress& progress) { return progress.eta_high; }, Seconds);
    Gauge("obviews_recovery_stalled_seconds", "seconds",
          "Since when nothing moved, if that is longer than its pace explains; else 0.",
          Of(&RecoveryProgress::stalled_seconds), Whole);
  }

  void AddCounts() {
    constexpr std::string_view kTables = "obviews_recovery_tables";
    Begin(kTables, "gauge", "", "Tables of the recovery by status.");
    for (const ShownRecovery& recovery : sight_.recoveries) {
      auto add = [&](std::string_view status, const Figure<int64_t>& count) {
        if (!count.known()) return;
        Sample(kTables, fmt::format("{},status=\"{}\"", Labels(recovery), status),
               Whole(*count.value));
      };
      add("finished", recovery.progress.tables_finished);
      add("failed", recovery.progress.tables_failed);
      add("running", recovery.progress.tables_running);
      add("not_begun", recovery.progress.tables_left);
    }
    Gauge("obviews_recovery_tables_listed", "", "Tables that the recovery imports, all together.",
          Of(&RecoveryProgress::tables_total), Whole);
    Gauge("obviews_recovery_restore_finished_bytes", "bytes",
          "Bytes of the auxiliary tenant that are restored.", Of(&RecoveryProgress::bytes_finished),
          Whole);
    Gauge("obviews_recovery_restore_size_bytes", "bytes", "Bytes of the auxiliary tenant.",
          Of(&RecoveryProgress::bytes_total), Whole);
  }

  const RecoverySight& sight_;
  std::string out_;
  std::string head_;
};

}  // namespace

std::string OpenMetrics(const RecoverySight& sight) { return Exposition(sight).Write(); }

}  // namespace obviews::tools
