// Times as text, many of them: neighbours in a view share their date and often their second.
#pragma once

#include <cstdint>
#include <string_view>

#include "schema/conversions.h"

namespace obviews::schema {

/// Shows microseconds as ShowUsecMySql does, for one zone, keeping what two times have in common.
/// Not thread-safe.
class UsecTexts {
 public:
  explicit UsecTexts(const Zone& zone) : zone_(zone) {}

  /// The text, which lives until the next call, or nothing as ShowUsecMySql says.
  ShownText Show(int64_t usec);

 private:
  Zone zone_;
  int64_t day_ = -1;     ///< local day since the epoch whose date `text_` begins with
  int64_t second_ = -1;  ///< local second of the day in `text_`
  TextBuffer text_ = {};
};

}  // namespace obviews::schema
