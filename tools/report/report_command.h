// `dump-views report`: one recovery as a page to look at.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/store.h"
#include "tools/output/sink.h"
#include "virtual_tables/session.h"

namespace obviews::tools {

struct ReportCommand {
  std::string job;     ///< "": the only recovery there is
  std::string output;  ///< "-": standard output

  /// Adds --job and -o.
  void AddTo(CLI::App& app);
  /// What is wrong with the options; "" if nothing.
  std::string Check() const;
};

/// Writes the page; one for standard output goes to `sink`. Returns the exit code. Errors:
/// kNotFound for a recovery that is not there, or if there are several and none is named;
/// kInvalidArgument for a file that cannot be written, which then is as it was; damage.
Result<int> RunReport(engine::Store& store, const vtab::Session& session,
                      const ReportCommand& command, Sink& sink);

}  // namespace obviews::tools
