// Two steps: text order over local times is monotone, so a literal becomes thresholds by binary
// search; a zone is constant almost everywhere, so a local threshold becomes instants by looking at
// the segments around it.
#include "schema/inversion.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "schema/civil.h"
#include "schema/conversions.h"

namespace obviews::schema {
namespace {

// More than the distance of any local time from UTC.
constexpr int64_t kWidestOffset = 26 * 3600;

// The first of min..max for which `reached` holds, max + 1 if none. REQUIRES: once it holds it
// holds for all greater ones; max + 1 and max - min fit in int64.
template <class Reached>
int64_t FirstWhere(int64_t min, int64_t max, Reached reached) {
  int64_t low = min;
  int64_t high = max + 1;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (reached(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// Keys min..max whose texts are in ascending order (equal neighbours allowed).
template <class ShowKey>
struct TextOrder {
  int64_t min;
  int64_t max;
  ShowKey show;  // key -> std::string_view

  // The first key whose text is not less than (with `after`: is greater than) the literal; max + 1
  // if there is none.
  int64_t FirstNotLess(std::string_view literal, bool after) const {
    return FirstWhere(min, max, [&](int64_t key) {
      const int order = std::string_view(show(key)).compare(literal);
      return order > 0 || (order == 0 && !after);
    });
  }

  // The keys whose text compares so with the literal.
  RangeSet Matching(CompareOp op, std::string_view literal) const {
    const int64_t not_less = FirstNotLess(literal, false);
    const int64_t greater = FirstNotLess(literal, true);
    RangeSet equal = RangeSet::Of(not_less, greater - 1);
    switch (op) {
      case CompareOp::kEq:
        return equal;
      case CompareOp::kNe:
        return equal.ComplementIn(RangeSet::Of(min, max));
      case CompareOp::kLt:
        return RangeSet::Of(min, not_less - 1);
      case CompareOp::kLe:
        return RangeSet::Of(min, greater - 1);
      case CompareOp::kGt:
        return RangeSet::Of(greater, max);
      case CompareOp::kGe:
        return RangeSet::Of(not_less, max);
    }
    return {};
  }
};

RangeSet LocalTimesMatching(CompareOp op, std::string_view literal) {
  TextBuffer buffer;
  const auto show = [&](int64_t local) { return ShowLocalUsecMySql(local, buffer); };
  return TextOrder<decltype(show)>{kMinLocalUsec, kMaxLocalUsec, show}.Matching(op, literal);
}

// The instants whose local time is `local` or later.
RangeSet InstantsNotBefore(int64_t local, const Zone& zone) {
  const int64_t second = FloorDiv(local, kUsecPerSecond);
  const int64_t from = second - kWidestOffset;
  const int64_t to = second + kWidestOffset;
  std::vector<Range> ranges{{FirstUsecOfSecond(to), std::numeric_limits<int64_t>::max()}};
  for (const ZoneSegment& s : zone.Segments(from, to)) {
    ranges.push_back({std::max(FirstUsecOfSecond(s.begin), local - s.offset * kUsecPerSecond),
                      FirstUsecOfSecond(s.end) - 1});
  }
  return RangeSet::FromRanges(std::move(ranges));
}

RangeSet InstantsOf(const RangeSet& locals, const Zone& zone) {
  RangeSet instants;
  for (const Range& range : locals.ranges()) {
    const RangeSet later = InstantsNotBefore(range.hi + 1, zone);
    instants = instants.Union(later.ComplementIn(InstantsNotBefore(range.lo, zone)));
  }
  return instants;
}

RangeSet WithoutGuarded(const RangeSet& values, NullGuards guards) {
  std::vector<Range> guarded;
  if (guards.zero) guarded.push_back({0, 0});
  if (guards.one) guarded.push_back({1, 1});
  if (guards.minus_one) guarded.push_back({-1, -1});
  return RangeSet::FromRanges(std::move(guarded)).ComplementIn(values);
}

}  // namespace

bool CompareTexts(CompareOp op, std::string_view left, std::string_view right) {
  const int order = left.compare(right);
  switch (op) {
    case CompareOp::kEq:
      return order == 0;
    case CompareOp::kNe:
      return order != 0;
    case CompareOp::kLt:
      return order < 0;
    case CompareOp::kLe:
      return order <= 0;
    case CompareOp::kGt:
      return order > 0;
    case CompareOp::kGe:
      return order >= 0;
  }
  return false;
}

RangeSet InvertUsecMySql(CompareOp op, std::string_view literal, const Zone& zone,
                         NullGuards guards) {
  RangeSet values = InstantsOf(LocalTimesMatching(op, literal), zone);
  TextBuffer buffer;
  const ShownText zero_datetime = ShowUsecMySql(kZeroDatetimeUsec, zone, buffer);
  if (CompareTexts(op, *zero_datetime, literal)) {
    values = values.Union(RangeSet::Point(kZeroDatetimeUsec));
  }
  return WithoutGuarded(values, guards);
}

RangeSet InvertScnMySql(CompareOp op, std::string_view literal, const Zone& system_zone,
                        NullGuards guards) {
  constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();
  constexpr auto kLargestUsec = static_cast<int64_t>(kLargest / uint64_t{kNsecPerUsec});
  const RangeSet usecs = InstantsOf(LocalTimesMatching(op, literal), system_zone)
                             .Intersect(RangeSet::Of(0, kLargestUsec));
  std::vector<Range> bits;
  for (const Range& range : usecs.ranges()) {
    constexpr uint64_t kNsec = uint64_t{kNsecPerUsec};
    const uint64_t first = static_cast<uint64_t>(range.lo) * kNsec;
    const uint64_t last =
        range.hi == kLargestUsec ? kLargest : (static_cast<uint64_t>(range.hi) + 1) * kNsec - 1;
    // As bits, SCNs from 2^63 on come before 0.
    constexpr uint64_t kSignBit = uint64_t{1} << 63;
    if (first < kSignBit) {
      bits.push_back(
          {static_cast<int64_t>(first), static_cast<int64_t>(std::min(last, kSignBit - 1))});
    }
    if (last >= kSignBit) {
      bits.push_back({static_cast<int64_t>(std::max(first, kSignBit)), static_cast<int64_t>(last)});
    }
  }
  return WithoutGuarded(RangeSet::FromRanges(std::move(bits)), guards);
}

RangeSet InvertUsecOracleDate(CompareOp op, std::string_view literal, NullGuards guards) {
  // A day wider than the shown years on both sides; then what shows nothing is cut off by search.
  constexpr int64_t kLow = kMinOracleLocalUsec - kUsecPerDay;
  constexpr int64_t kHigh = kMaxLocalUsec + kUsecPerDay;
  const int64_t first =
      FirstWhere(kLow, 0, [](int64_t usec) { return OracleDateSecond(usec).has_value(); });
  const int64_t end =
      FirstWhere(0, kHigh, [](int64_t usec) { return !OracleDateSecond(usec).has_value(); });
  TextBuffer buffer;
  const auto show = [&](int64_t usec) {
    return ShowUsecOracleDate(usec, buffer).value_or(std::string_view());
  };
  return WithoutGuarded(TextOrder<decltype(show)>{first, end - 1, show}.Matching(op, literal),
                        guards);
}

}  // namespace obviews::schema
