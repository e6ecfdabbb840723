// A file that is written whole or not at all.
#pragma once

#include <functional>
#include <string>

#include "schema/status.h"
#include "tools/output/sink.h"

namespace obviews::tools {

/// Lets `write` fill a new file beside `path`, which then takes the place of `path` at once, its
/// permissions kept. Whatever fails, what was there stays. A symbolic link is followed; what is no
/// regular file, such as a pipe, is written into. kInvalidArgument names the file and the system's
/// reason; errors of `write` come back as they are.
Status ReplaceFile(const std::string& path, const std::function<Status(Sink&)>& write);

}  // namespace obviews::tools
