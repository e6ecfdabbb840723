// What the tools say on standard error, one form for all of them.
#pragma once

#include <string_view>

#include "schema/status.h"
#include "tools/cli/exit_codes.h"

namespace obviews::tools {

void PrintNotice(std::string_view text);   ///< "Notice: ..."
void PrintWarning(std::string_view text);  ///< "Warning: ..."
/// "ERROR: ..."; returns the exit code the error asks for.
ExitCode PrintError(const Error& error);

/// RocksDB of some distributions is built with assertions, and damage can make one fail in the
/// middle of a read. From here on an abort of this process ends with a message about damage and
/// kExitDamage.
void ReportAbortsAsDamage();

}  // namespace obviews::tools
