// Progress samples: what a recovery had reached at some time, kept beside its records so that a
// rate can be told from them whatever the source. A recovery has at most kMaxSamples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/key.h"
#include "schema/records.h"

namespace obviews::engine {

/// Samples of one recovery at most.
inline constexpr size_t kMaxSamples = 256;
/// The pause between two samples before any were thinned out, microseconds.
inline constexpr int64_t kFirstSamplePause = 1'000'000;

/// One look at a recovery. Figures that were not known are nullopt; none is negative.
struct ProgressSample {
  int64_t time_usec = 0;  ///< when, microseconds since the epoch
  uint8_t stage = 0;      ///< progress::Stage
  std::optional<int64_t> percent_ppm;
  std::optional<int64_t> bytes_total;
  std::optional<int64_t> bytes_finished;
  std::optional<int64_t> tables_total;
  std::optional<int64_t> tables_finished;
  std::optional<int64_t> tables_failed;
  friend bool operator==(const ProgressSample&, const ProgressSample&) = default;

  /// Whether both are of the same state, whenever that was.
  bool SameState(const ProgressSample& other) const {
    ProgressSample at_once = other;
    at_once.time_usec = time_usec;
    return *this == at_once;
  }
};

/// Whose samples: the first record there is of a recovery. `kind` is a live kind of jobs.
struct SampleOwner {
  schema::RecordKind kind = schema::RecordKind::kRecoverJob;
  Key job;  ///< its task_id is 0
  friend auto operator<=>(const SampleOwner&, const SampleOwner&) = default;
};

/// The samples of one recovery in the order of their times. A value type; also for those who cannot
/// write, such as followers, to keep their own in.
class SampleSeries {
 public:
  SampleSeries() = default;
  /// REQUIRES: in order.
  explicit SampleSeries(std::vector<ProgressSample> samples) : samples_(std::move(samples)) {}

  /// Takes a sample in, in the place its time has, instead of one of the same time. A sample that
  /// follows the last one sooner than the pause, and is of the same stage, takes its place. When
  /// there are too many every second one goes, but for the first and the last, so that from then
  /// on the pause is twice as long.
  void Add(const ProgressSample& sample);

  std::span<const ProgressSample> samples() const { return samples_; }
  /// How long a sample is to wait after the last one, microseconds: the mean distance of all of
  /// them as if there were as many as can be, so that it grows with the recovery.
  int64_t pause() const;

 private:
  std::vector<ProgressSample> samples_;
};

/// Both series as one, the samples of `more` first where times are the same.
std::vector<ProgressSample> MergeSamples(std::span<const ProgressSample> samples,
                                         std::span<const ProgressSample> more);

// ---- on disk: (kind, tenant_id, job_id, time) -> version, the figures as varints (0: not known,
// else one more), XXH3 over key and value, four bytes

inline constexpr size_t kSampleKeySize = 25;
/// What the keys of one owner's samples begin with.
std::string SamplePrefix(const SampleOwner& owner);
std::string SampleKey(const SampleOwner& owner, int64_t time_usec);
bool DecodeSampleKey(std::string_view bytes, SampleOwner* owner, int64_t* time_usec);

std::string EncodeSample(std::string_view key, const ProgressSample& sample);
/// False if `bytes` are not a sample under this key.
bool DecodeSample(std::string_view key, std::string_view bytes, ProgressSample* sample);

}  // namespace obviews::engine
