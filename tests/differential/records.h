// Random records whose values collide: small pools of ids, texts and times, where the odd ones are
// common.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "schema/record.h"

namespace obviews::differential {

using Random = std::mt19937_64;

/// A number below `count`.
inline size_t Below(Random& random, size_t count) { return static_cast<size_t>(random() % count); }
inline bool OneIn(Random& random, size_t count) { return Below(random, count) == 0; }

template <class Container>
auto& Pick(Random& random, Container& container) {
  return container[Below(random, std::size(container))];
}

/// The tenants records belong to; the first three own most of them.
std::span<const int64_t> Tenants();

/// Microseconds around changes of offset in New York and Lord Howe, and at the ends of what a time
/// can show.
int64_t RandomUsec(Random& random);
/// Other integers: counts, bytes, extremes.
int64_t RandomInteger(Random& random);
/// Texts that are nearly equal, look like numbers, are no UTF-8, hold NUL bytes or secrets, or live
/// under keys of their own.
std::string RandomPoolText(Random& random);

/// A record that a store accepts.
schema::Record RandomRecord(schema::RecordKind kind, Random& random);

}  // namespace obviews::differential
