// Keeping and coding samples; see sample.h.
#include "engine/sample.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "engine/varint.h"

namespace obviews::engine {
namespace {

constexpr char kVersion = 1;
constexpr size_t kChecksumSize = 4;

using Figure = std::optional<int64_t> ProgressSample::*;
constexpr Figure kFigures[] = {
    &ProgressSample::percent_ppm,     &ProgressSample::bytes_total,
    &ProgressSample::bytes_finished,  &ProgressSample::tables_total,
    &ProgressSample::tables_finished, &ProgressSample::tables_failed,
};

uint32_t Checksum(std::string_view key, std::string_view content) {
  uint64_t seed = XXH3_64bits(key.data(), key.size());
  return static_cast<uint32_t>(XXH3_64bits_withSeed(content.data(), content.size(), seed));
}

bool IsEarlier(const ProgressSample& a, const ProgressSample& b) {
  return a.time_usec < b.time_usec;
}

}  // namespace

int64_t SampleSeries::pause() const {
  if (samples_.size() < kMaxSamples / 2) return kFirstSamplePause;
  // Unsigned: times may be any numbers.
  uint64_t span = static_cast<uint64_t>(samples_.back().time_usec) -
                  static_cast<uint64_t>(samples_.front().time_usec);
  return std::max(kFirstSamplePause, static_cast<int64_t>(span / kMaxSamples));
}

void SampleSeries::Add(const ProgressSample& sample) {
  auto at = std::lower_bound(samples_.begin(), samples_.end(), sample, IsEarlier);
  if (at != samples_.end() && at->time_usec == sample.time_usec) {
    *at = sample;
    return;
  }
  // The one before stays if it began a stage.
  bool last_may_go = at == samples_.end() && samples_.size() >= 2 &&
                     samples_.back().stage == sample.stage &&
                     samples_[samples_.size() - 2].stage == sample.stage;
  if (last_may_go) {
    uint64_t since = static_cast<uint64_t>(samples_.back().time_usec) -
                     static_cast<uint64_t>(samples_[samples_.size() - 2].time_usec);
    if (since < static_cast<uint64_t>(pause())) {
      samples_.back() = sample;
      return;
    }
  }
  samples_.insert(at, sample);
  if (samples_.size() <= kMaxSamples) return;
  std::vector<ProgressSample> kept;
  for (size_t i = 0; i < samples_.size(); ++i) {
    if (i % 2 == 0 || i + 1 == samples_.size()) kept.push_back(samples_[i]);
  }
  samples_ = std::move(kept);
}

std::vector<ProgressSample> MergeSamples(std::span<const ProgressSample> samples,
                                         std::span<const ProgressSample> more) {
  std::vector<ProgressSample> out;
  out.reserve(samples.size() + more.size());
  std::merge(more.begin(), more.end(), samples.begin(), samples.end(), std::back_inserter(out),
             IsEarlier);
  return out;
}

std::string SamplePrefix(const SampleOwner& owner) {
  std::string out(17, '\0');
  out[0] = static_cast<char>(owner.kind);
  PutOrderedInt(out.data() + 1, owner.job.tenant_id);
  PutOrderedInt(out.data() + 9, owner.job.job_id);
  return out;
}

std::string SampleKey(const SampleOwner& owner, int64_t time_usec) {
  std::string out = SamplePrefix(owner);
  out.resize(kSampleKeySize);
  PutOrderedInt(out.data() + 17, time_usec);
  return out;
}

bool DecodeSampleKey(std::string_view bytes, SampleOwner* owner, int64_t* time_usec) {
  if (bytes.size() != kSampleKeySize) return false;
  owner->kind = static_cast<schema::RecordKind>(bytes[0]);
  owner->job = {GetOrderedInt(bytes.data() + 1), GetOrderedInt(bytes.data() + 9), 0};
  *time_usec = GetOrderedInt(bytes.data() + 17);
  return owner->kind == schema::RecordKind::kRecoverJob ||
         owner->kind == schema::RecordKind::kImportJob ||
         owner->kind == schema::RecordKind::kRestoreJob;
}

std::string EncodeSample(std::string_view key, const ProgressSample& sample) {
  std::string out(1, kVersion);
  out.push_back(static_cast<char>(sample.stage));
  for (Figure figure : kFigures) {
    const std::optional<int64_t>& value = sample.*figure;
    PutVarint(&out, value && *value >= 0 ? static_cast<uint64_t>(*value) + 1 : 0);
  }
  uint32_t sum = Checksum(key, out);
  out.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return out;
}

bool DecodeSample(std::string_view key, std::string_view bytes, ProgressSample* sample) {
  SampleOwner owner;
  if (bytes.size() < 2 + kChecksumSize || bytes[0] != kVersion) return false;
  if (!DecodeSampleKey(key, &owner, &sample->time_usec)) return false;
  std::string_view content = bytes.substr(0, bytes.size() - kChecksumSize);
  uint32_t sum = 0;
  std::memcpy(&sum, bytes.data() + content.size(), sizeof sum);
  if (sum != Checksum(key, content)) return false;
  sample->stage = static_cast<uint8_t>(content[1]);
  content.remove_prefix(2);
  for (Figure figure : kFigures) {
    uint64_t value = 0;
    if (!GetVarint(&content, &value) || value > static_cast<uint64_t>(INT64_MAX)) return false;
    sample->*figure = value == 0 ? std::nullopt : std::optional(static_cast<int64_t>(value - 1));
  }
  return content.empty();
}

}  // namespace obviews::engine
