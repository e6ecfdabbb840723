// Recoveries as records; see progress_cursor.h.
#include "engine/progress/progress_cursor.h"

#include <fmt/format.h>

#include <span>

#include "engine/progress/reader.h"

namespace obviews::engine::progress {
namespace {

using schema::FieldIndex;
using schema::FieldValue;
using schema::RecordKind;
using schema::fields::kProgress;

constexpr auto kEta = FieldIndex<kProgress>("eta_ts");
constexpr auto kEtaLow = FieldIndex<kProgress>("eta_low_ts");
constexpr auto kEtaHigh = FieldIndex<kProgress>("eta_high_ts");
constexpr auto kWaitingFor = FieldIndex<kProgress>("waiting_for");
constexpr auto kLastError = FieldIndex<kProgress>("last_error");

FieldValue OrNull(const std::optional<int64_t>& value) {
  return value ? FieldValue(*value) : FieldValue(std::monostate());
}
FieldValue OrNull(std::string text) {
  // Longer ones would live outside of the record.
  if (text.size() > kMaxInlineText) text.resize(kMaxInlineText);
  return text.empty() ? FieldValue(std::monostate()) : FieldValue(std::move(text));
}

std::optional<int64_t> Hundredths(const Figure<int64_t>& ppm) {
  if (!ppm.known()) return std::nullopt;
  return *ppm.value / 100;
}

/// The latest failure in words.
std::string ErrorText(const RecoveryProgress& progress) {
  if (progress.failures.empty()) return {};
  const Failure& failure = progress.failures.front();
  return fmt::format("{}: {}", failure.what,
                     failure.reason.empty() ? "no reason given" : failure.reason);
}

void Fill(const RecoveryProgress& progress, schema::Record* record) {
  auto set = [&](std::string_view field, FieldValue value) {
    record->Set(field, std::move(value));
  };
  set("target_tenant_name", OrNull(progress.target_tenant_name));
  set("stage", OrNull(std::string(StageName(progress.stage.value.value_or(Stage::kUnknown)))));
  set("percent_hundredths", OrNull(Hundredths(progress.percent_ppm)));
  set("stage_percent_hundredths", OrNull(Hundredths(progress.stage_percent_ppm)));
  set("rate", OrNull(progress.rate.value.value_or("")));
  set("start_ts", OrNull(progress.start.value));
  set("elapsed_seconds", OrNull(progress.elapsed_seconds.value));
  set("eta_ts", OrNull(progress.eta.value));
  set("eta_low_ts", OrNull(progress.eta_low));
  set("eta_high_ts", OrNull(progress.eta_high));
  set("tables_total", OrNull(progress.tables_total.value));
  set("tables_finished", OrNull(progress.tables_finished.value));
  set("tables_failed", OrNull(progress.tables_failed.value));
  set("bytes_total", OrNull(progress.bytes_total.value));
  set("bytes_finished", OrNull(progress.bytes_finished.value));
  set("waiting_for", OrNull(progress.waiting_for));
  set("stalled_seconds", OrNull(progress.stalled_seconds.value));
  set("last_error", OrNull(ErrorText(progress)));
}

class ProgressCursor final : public RecordCursor {
 public:
  ProgressCursor(const Snapshot& snapshot, RecordKind kind, const KeySpace& space,
                 const ScanOptions& scan)
      : reader_(snapshot),
        space_(space),
        first_(scan.first),
        last_(scan.last),
        now_usec_(scan.now_usec.value_or(snapshot.taken_usec())),
        record_(kind) {
    // What costs more than the counts is left out if nobody will read it.
    what_.failures = scan.fields.Has(kLastError) ? 1 : 0;
    what_.running_table = scan.fields.Has(kWaitingFor);
    estimates_ = scan.fields.Has(kEta) || scan.fields.Has(kEtaLow) || scan.fields.Has(kEtaHigh);
  }

  Result<bool> Next() override {
    if (!listed_) {
      listed_ = true;
      bool parts = record_.kind() == RecordKind::kTenantProgress;
      OBVIEWS_ASSIGN_OR_RETURN(refs_, parts ? reader_.ListParts(space_) : reader_.List(space_));
    }
    while (next_ < refs_.size() && !(first_ <= refs_[next_].job && refs_[next_].job <= last_)) {
      ++next_;
    }
    if (next_ >= refs_.size()) return false;
    const RecoveryRef& ref = refs_[next_++];
    OBVIEWS_ASSIGN_OR_RETURN(RecoveryFacts facts, reader_.Read(ref, what_));
    std::span<const PastRecovery> past;
    const auto& root = facts.sys ? facts.sys : facts.user;
    if (root && !root->ended() && estimates_) {
      OBVIEWS_ASSIGN_OR_RETURN(const auto* read, reader_.PastOf(facts));
      past = *read;
    }
    record_.Set("tenant_id", ref.job.tenant_id);
    record_.Set("job_id", ref.job.job_id);
    Fill(Evaluate(facts, past, now_usec_), &record_);
    bytes_.clear();
    std::vector<ExternalText> none;  // texts were cut to what fits
    EncodeRecord(record_, &bytes_, &none);
    std::string_view why = view_.Parse(record_.type(), ref.job, bytes_);
    if (!why.empty()) {
      return Fail(ErrorCode::kInternal, fmt::format("the progress of job {}: {}",
                                                    ToString(record_.type(), ref.job), why));
    }
    ++read_;
    return true;
  }

  const RecordView& record() const override { return view_; }
  uint64_t records_read() const override { return read_; }

 private:
  RecoveryReader reader_;
  KeySpace space_;
  Key first_;  ///< the stretch to walk over
  Key last_;
  int64_t now_usec_;
  ReadOptions what_;
  bool estimates_ = true;
  bool listed_ = false;
  std::vector<RecoveryRef> refs_;
  size_t next_ = 0;
  schema::Record record_;
  std::string bytes_;
  RecordView view_;
  uint64_t read_ = 0;
};

}  // namespace

std::unique_ptr<RecordCursor> MakeProgressCursor(const Snapshot& snapshot, schema::RecordKind kind,
                                                 const KeySpace& space, const ScanOptions& scan) {
  return std::make_unique<ProgressCursor>(snapshot, kind, space, scan);
}

}  // namespace obviews::engine::progress
