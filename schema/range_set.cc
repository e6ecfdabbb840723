// Sets of integers as ranges; see range_set.h.
#include "schema/range_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace obviews::schema {

RangeSet RangeSet::Of(int64_t lo, int64_t hi) {
  RangeSet set;
  if (lo <= hi) set.ranges_.push_back({lo, hi});
  return set;
}

RangeSet RangeSet::FromRanges(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.lo < b.lo; });
  RangeSet set;
  for (const Range& range : ranges) {
    if (range.lo > range.hi) continue;
    if (!set.ranges_.empty()) {
      Range& last = set.ranges_.back();
      // Adjacent counts as overlapping; the first test keeps last.hi + 1 from overflowing.
      if (last.hi == kMax || range.lo <= last.hi + 1) {
        last.hi = std::max(last.hi, range.hi);
        continue;
      }
    }
    set.ranges_.push_back(range);
  }
  return set;
}

bool RangeSet::IsPoints() const {
  return !ranges_.empty() &&
         std::all_of(ranges_.begin(), ranges_.end(), [](const Range& r) { return r.lo == r.hi; });
}

std::optional<int64_t> RangeSet::NextMember(int64_t value) const {
  auto it = std::partition_point(ranges_.begin(), ranges_.end(),
                                 [&](const Range& r) { return r.hi < value; });
  if (it == ranges_.end()) return std::nullopt;
  return std::max(value, it->lo);
}

bool RangeSet::Contains(int64_t value) const {
  auto next = NextMember(value);
  return next && *next == value;
}

RangeSet RangeSet::Union(const RangeSet& other) const {
  std::vector<Range> all = ranges_;
  all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
  return FromRanges(std::move(all));
}

RangeSet RangeSet::Intersect(const RangeSet& other) const {
  RangeSet set;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    int64_t lo = std::max(a->lo, b->lo);
    int64_t hi = std::min(a->hi, b->hi);
    if (lo <= hi) set.ranges_.push_back({lo, hi});
    if (a->hi < b->hi) {
      ++a;
    } else {
      ++b;
    }
  }
  return set;
}

RangeSet RangeSet::ComplementIn(const RangeSet& domain) const {
  RangeSet gaps;
  int64_t next = kMin;
  bool open = true;  // false once a range reached the largest integer
  for (const Range& range : ranges_) {
    if (range.lo > next) gaps.ranges_.push_back({next, range.lo - 1});
    if (range.hi == kMax) {
      open = false;
      break;
    }
    next = range.hi + 1;
  }
  if (open) gaps.ranges_.push_back({next, kMax});
  return gaps.Intersect(domain);
}

std::string RangeSet::ToString() const {
  if (IsEmpty()) return "none";
  if (IsAll()) return "all";
  std::string out;
  for (const Range& range : ranges_) {
    if (!out.empty()) out += ',';
    if (range.lo == range.hi) {
      out += fmt::format("{}", range.lo);
      continue;
    }
    if (range.lo != kMin) out += fmt::format("{}", range.lo);
    out += "..";
    if (range.hi != kMax) out += fmt::format("{}", range.hi);
  }
  return out;
}

}  // namespace obviews::schema
