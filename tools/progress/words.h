// Figures of a recovery as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/progress/progress.h"
#include "schema/zone.h"

namespace obviews::tools {

/// "0:04", "1:02:03", "3d 02:03:04"; what is negative is 0.
std::string Duration(int64_t seconds);

/// Millionths as "73.20 %", cut to hundredths as in the views.
std::string Percent(int64_t ppm);

/// "2023-06-01 06:00:00" in the zone; "?" beyond the years 1 to 9999.
std::string DateTime(int64_t usec, const schema::Zone& zone);
/// The same without the date.
std::string TimeOfDay(int64_t usec, const schema::Zone& zone);
/// `later` as TimeOfDay if it is on the same day as `usec`, else as DateTime.
std::string TimeAfter(int64_t later, int64_t usec, const schema::Zone& zone);

/// "6,100 of 10,000 tables, 12 failed, 3 running, 3,885 not begun"; that it is not known, and with
/// `reasons` why.
std::string TablesText(const engine::progress::RecoveryProgress& progress, bool reasons);

/// "12.34GB of 20.00GB", as the restore views show bytes; "" without any.
std::string BytesText(const engine::progress::RecoveryProgress& progress);

/// "IMPORT", or "stage not known".
std::string StageText(const engine::progress::RecoveryProgress& progress);

/// "recovery 1/5 of tenant shop (1002)"
std::string RecoveryName(const engine::Key& job,
                         const engine::progress::RecoveryProgress& progress);

/// What the COMMENTs of failures for the same reason have in common: without address and trace id,
/// with the name of the error, and with `'...'` for the name of the table, "`db`.`tb`", itself.
std::string ReasonOf(std::string_view comment, std::string_view table = "");

/// A stored text fit for one line of a terminal: what would steer it, and bytes that are no UTF-8,
/// become `\xNN`; so does all beyond ASCII if `utf8` is not set.
std::string Printable(std::string_view text, bool utf8);

}  // namespace obviews::tools
