// Which columns show microseconds as times of MySQL's form, and which numbers are no time.
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

/// Whether a column of times, of whatever form, shows NULL for what means "no time" in it.
inline bool ShowsNull(schema::Conversion conversion, int64_t usec) {
  using enum schema::Conversion;
  switch (conversion) {
    case kUsecToTimeNullIfZero:
    case kOracleDateNullIfZero:
      return usec == 0;
    case kUsecToTimeNullIfUnset:
    case kOracleDateNullIfUnset:
      return usec == -1;
    default:
      return false;
  }
}

}  // namespace obviews::vtab
