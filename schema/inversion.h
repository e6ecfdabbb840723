// Comparisons of shown times with a text, turned into exact sets of stored values: what lets a
// predicate on a display column be tested on the raw record.
#pragma once

#include <cstdint>
#include <string_view>

#include "schema/range_set.h"
#include "schema/zone.h"

namespace obviews::schema {

enum class CompareOp : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

/// `left op right` in binary order of bytes; a prefix is less than what it begins.
bool CompareTexts(CompareOp op, std::string_view left, std::string_view right);

/// Stored values that a view shows as NULL, beside those out of range. They match no comparison.
struct NullGuards {
  bool zero = false;
  bool one = false;
  bool minus_one = false;
};

/// The stored microseconds whose text by ShowUsecMySql(usec, zone) compares so with `literal`, any
/// bytes. Exact for every int64, also where a change of offset skips or repeats local times, and
/// for the zero-datetime marker. `kGe` with an empty literal gives all values that show a text: the
/// set of IS NOT NULL.
RangeSet InvertUsecMySql(CompareOp op, std::string_view literal, const Zone& zone,
                         NullGuards guards);

/// The same for SCNs shown by ShowScnMySql in the system zone. A set holds int64, so an SCN stands
/// in it as its 64 bits: test `Contains(static_cast<int64_t>(scn))`. SCNs from 2^63 on, which no
/// record may hold, are the negative part; Intersect with 0..kMaxScn leaves legal ones in order.
RangeSet InvertScnMySql(CompareOp op, std::string_view literal, const Zone& system_zone,
                        NullGuards guards);

/// The same for microseconds shown by ShowUsecOracleDate.
RangeSet InvertUsecOracleDate(CompareOp op, std::string_view literal, NullGuards guards);

}  // namespace obviews::schema
