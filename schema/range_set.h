// Sets of 64-bit integers as sorted, disjoint, closed ranges: what predicates on keys and on shown
// times become.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace obviews::schema {

/// lo..hi, both included. REQUIRES: lo <= hi.
struct Range {
  int64_t lo = 0;
  int64_t hi = 0;
  friend constexpr bool operator==(const Range&, const Range&) = default;
};

/// An immutable-by-use value type; every operation makes a new set. Adjacent ranges are merged, so
/// equal sets compare equal. Thread-compatible.
class RangeSet {
 public:
  static constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

  RangeSet() = default;  ///< the empty set
  static RangeSet All() { return Of(kMin, kMax); }
  static RangeSet Point(int64_t value) { return Of(value, value); }
  /// Empty if lo > hi.
  static RangeSet Of(int64_t lo, int64_t hi);
  /// From ranges in any order, overlapping or not.
  static RangeSet FromRanges(std::vector<Range> ranges);

  bool IsEmpty() const { return ranges_.empty(); }
  bool IsAll() const { return ranges_.size() == 1 && ranges_[0] == Range{kMin, kMax}; }
  /// Exactly one value.
  bool IsPoint() const { return ranges_.size() == 1 && ranges_[0].lo == ranges_[0].hi; }
  /// One or more single values and nothing wider.
  bool IsPoints() const;
  bool Contains(int64_t value) const;
  /// The smallest member that is not below `value`; nullopt if there is none.
  std::optional<int64_t> NextMember(int64_t value) const;

  RangeSet Union(const RangeSet& other) const;
  RangeSet Intersect(const RangeSet& other) const;
  /// What of `domain` is not in this set.
  RangeSet ComplementIn(const RangeSet& domain) const;
  RangeSet Complement() const { return ComplementIn(All()); }

  std::span<const Range> ranges() const { return ranges_; }
  /// "3", "1..5", "1..5,9", "..7", "8..", "all" or "none".
  std::string ToString() const;

  friend bool operator==(const RangeSet&, const RangeSet&) = default;

 private:
  std::vector<Range> ranges_;
};

}  // namespace obviews::schema
