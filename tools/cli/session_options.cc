// Session options; see session_options.h.
#include "tools/cli/session_options.h"

#include <fmt/format.h>

#include "tools/cli/exit_codes.h"
#include "tools/cli/messages.h"

namespace obviews::tools {

void SessionOptions::AddTo(CLI::App& app) {
  app.add_option("--tenant", tenant, "tenant that asks: an id, a name, or sys")
      ->type_name("ID|NAME")
      ->capture_default_str();
  app.add_option("--mode", mode, "compatibility mode (default: the tenant's)")
      ->check(CLI::IsMember({"mysql", "oracle"}, CLI::ignore_case));
  app.add_option("--time-zone", time_zone, "session zone, +HH:MM or an IANA name")
      ->check(CheckZone)
      ->type_name("TZ")
      ->capture_default_str();
  app.add_option("--system-time-zone", system_time_zone, "zone of SCN displays")
      ->check(CheckZone)
      ->type_name("TZ")
      ->capture_default_str();
  app.add_option("--view-version", view_version, "shape of the restore views")
      ->check(CLI::IsMember({"4.2.1", "4.2.3", "4.3.3"}))
      ->capture_default_str();
  app.add_flag("--show-secrets", show_secrets, "show passwords and keys instead of ******");
}

void AddDbOption(CLI::App& app, std::string& directory) {
  directory = "./obviews-db";
  app.add_option("--db", directory, "directory of the record store")
      ->envname("OBVIEWS_DB")
      ->type_name("DIR")
      ->capture_default_str();
}

std::string CheckZone(const std::string& text) {
  auto zone = schema::Zone::Parse(text);
  return zone ? std::string() : zone.error().message;
}

int PrintUsageError(const std::string& message) {
  PrintError({ErrorCode::kInvalidArgument, message + "; see --help"});
  return kExitUsage;
}

std::optional<int> ParseCommandLine(CLI::App& app, int argc, char** argv) {
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format("ERROR: {}; see --help\n", error.what());
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return std::nullopt;
}

}  // namespace obviews::tools
