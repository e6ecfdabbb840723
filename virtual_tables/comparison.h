// How a shown value compares with a constant: SQLite's rules for a column of INTEGER, REAL or TEXT
// affinity against a value without one (https://www.sqlite.org/datatype3.html, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/range_set.h"
#include "schema/value.h"
#include "virtual_tables/predicate.h"

namespace obviews::vtab {

/// The constant as it stands after the column's affinity was applied to it: '3' beside an integer
/// column is 3, 3 beside a text column is '3'.
Literal ApplyAffinity(const Literal& literal, schema::ShownKind kind);

/// `value op literal`. REQUIRES: ApplyAffinity was applied. NULL on either side gives kNull.
Tri CompareValue(const Value& value, CompareOp op, const Literal& literal);

/// The integers i with `i op literal`, for an integer column; nullopt if the literal is NULL (no
/// integer compares, not even as false). REQUIRES: ApplyAffinity was applied.
std::optional<schema::RangeSet> IntegersComparing(CompareOp op, const Literal& literal);

/// The op that holds exactly when `op` does not (NULLs aside).
CompareOp Negate(CompareOp op);

/// SQLite's LIKE: ASCII letters match in either case; a text ends at its first NUL byte. `scratch`
/// is reused between calls.
bool LikeMatches(std::string_view text, const std::string& pattern, char32_t escape,
                 std::string& scratch);

/// The text SQLite turns a number into.
std::string RealToText(double value);

}  // namespace obviews::vtab
