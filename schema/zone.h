// Time zones of a session and of the server: fixed offsets and IANA names, read once and then pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schema/status.h"

namespace obviews::schema {

/// A span of seconds since the epoch, [begin, end), over which a zone has one UTC offset.
struct ZoneSegment {
  int64_t begin = 0;
  int64_t end = 0;
  int32_t offset = 0;  ///< seconds east of UTC
  friend bool operator==(const ZoneSegment&, const ZoneSegment&) = default;
};

/// The first microsecond whose second is `second` or later, when microseconds are cut to seconds
/// toward zero (the rule by which the server looks up an offset; before 1970 it differs from
/// flooring). REQUIRES |second| <= 9.2e12.
constexpr int64_t FirstUsecOfSecond(int64_t second) {
  return second <= 0 ? (second - 1) * 1'000'000 + 1 : second * 1'000'000;
}

/// A time zone. Immutable, cheap to copy, safe to use from any thread. All rules are read by Parse;
/// no other member does I/O or fails.
class Zone {
 public:
  /// UTC, spelt `+00:00`.
  Zone();

  /// Reads a MySQL time zone: an offset such as `+08:00` or `-3:30` between `-13:59` and `+14:00`,
  /// or an IANA name such as `America/New_York` (case-sensitive). `SYSTEM` is refused: a record
  /// store has no server whose zone it could mean. Errors: kInvalidArgument, naming the text.
  static Result<Zone> Parse(std::string_view text);

  /// A zone always `seconds` east of UTC. REQUIRES |seconds| < 86400 and whole minutes.
  static Zone Fixed(int32_t seconds);

  /// The IANA name, or the offset in its canonical form `+HH:MM`.
  const std::string& name() const { return data_->name; }

  /// True if the offset never changes, so that local times are never skipped or repeated.
  bool is_fixed() const { return is_fixed_; }

  /// Seconds east of UTC in force at a second since the epoch. Any int64 is legal; instants more
  /// than 2^53 seconds away are read as the nearest of those.
  int32_t OffsetAt(int64_t utc_second) const {
    return is_fixed_ ? fixed_offset_ : LookUp(utc_second);
  }

  /// The segments covering [from, to) in order, without holes, the first and last cut to that span;
  /// neighbours differ in offset. Empty when from >= to. The result grows with the span: about two
  /// segments a year where there is daylight saving time.
  std::vector<ZoneSegment> Segments(int64_t from, int64_t to) const;

 private:
  struct Change {
    int64_t begin;  // first second of this offset
    int32_t offset;
  };
  struct Data {
    std::string name;
    std::vector<Change> changes;  // sorted; the first begins at the smallest int64
    bool periodic = false;        // after the last change the 400 years before it repeat
    int64_t index_base = 0;       // second at which index[0] begins
    std::vector<uint32_t> index;  // bucket of 2^24 seconds -> the change in force at its start
  };

  explicit Zone(std::shared_ptr<const Data> data);
  static Result<Zone> Load(std::string_view name);
  static void BuildIndex(Data& data);
  int32_t LookUp(int64_t utc_second) const;
  int64_t ShiftIntoTable(int64_t utc_second) const;
  size_t ChangeAt(int64_t utc_second) const;

  std::shared_ptr<const Data> data_;
  bool is_fixed_ = true;
  int32_t fixed_offset_ = 0;
};

}  // namespace obviews::schema
