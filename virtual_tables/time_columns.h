// Which columns show microseconds as times of MySQL's form.
#pragma once

#include <cstdint>

#include "schema/catalog.h"

namespace obviews::vtab {

/// Whether a column shows microseconds since the epoch as a time of the session, in MySQL's form.
inline bool IsMySqlTime(schema::Conversion conversion) {
  using enum schema::Conversion;
  return conversion == kUsecToTime || conversion == kUsecToTimeNullIfZero ||
         conversion == kUsecToTimeNullIfUnset;
}

/// Whether such a column shows NULL for what means "no time" in it.
inline bool ShowsNull(schema::Conversion conversion, int64_t usec) {
  using enum schema::Conversion;
  return (conversion == kUsecToTimeNullIfZero && usec == 0) ||
         (conversion == kUsecToTimeNullIfUnset && usec == -1);
}

}  // namespace obviews::vtab
