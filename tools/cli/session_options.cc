// Session options; see session_options.h.
#include "tools/cli/session_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "schema/numbers.h"
#include "tools/cli/exit_codes.h"
#include "tools/cli/messages.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::tools {
namespace {

/// "sys (1), shop (1002), 1004"
std::string NamesOf(const std::vector<engine::Tenant>& tenants) {
  std::string names;
  for (const engine::Tenant& tenant : tenants) {
    if (!names.empty()) names += ", ";
    names += tenant.name.empty() ? fmt::format("{}", tenant.id)
                                 : fmt::format("{} ({})", tenant.name, tenant.id);
  }
  return names;
}

Error UnknownTenant(const std::vector<engine::Tenant>& known, const std::string& name) {
  if (known.empty()) {
    return {ErrorCode::kNotFound,
            fmt::format("unknown tenant '{}'; the store knows none yet: give its id", name)};
  }
  std::vector<std::string_view> names = {"sys"};
  for (const engine::Tenant& tenant : known) {
    if (!tenant.name.empty()) names.push_back(tenant.name);
  }
  std::string_view nearest = schema::NearestName(name, names);
  std::string hint = nearest.empty() ? "" : fmt::format("did you mean '{}'? ", nearest);
  return {ErrorCode::kNotFound,
          fmt::format("unknown tenant '{}'; {}the store has {}", name, hint, NamesOf(known))};
}

}  // namespace

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

std::optional<schema::Mode> SessionOptions::ModeOption() const {
  if (mode.empty()) return std::nullopt;
  auto parsed = schema::ParseMode(mode);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

Result<vtab::Session> SessionOptions::BaseSession() const {
  vtab::Session session;
  OBVIEWS_ASSIGN_OR_RETURN(session.time_zone, schema::Zone::Parse(time_zone));
  OBVIEWS_ASSIGN_OR_RETURN(session.system_time_zone, schema::Zone::Parse(system_time_zone));
  OBVIEWS_ASSIGN_OR_RETURN(session.shape, schema::ParseRestoreShape(view_version));
  session.show_secrets = show_secrets;
  session.mode = ModeOption().value_or(schema::Mode::kMySql);
  return session;
}

Result<vtab::Session> SessionOptions::SessionFor(const engine::Snapshot& snapshot) const {
  OBVIEWS_ASSIGN_OR_RETURN(vtab::Session session, BaseSession());
  OBVIEWS_ASSIGN_OR_RETURN(auto known, snapshot.Tenants());
  OBVIEWS_ASSIGN_OR_RETURN(engine::Tenant found, ResolveTenant(known, tenant));
  session.tenant_id = found.id;
  session.mode = ModeOption().value_or(found.mode);
  if (session.is_sys() && session.mode == schema::Mode::kOracle) {
    return Fail(ErrorCode::kInvalidArgument,
                "the sys tenant is in MySQL mode; name a user tenant with --tenant");
  }
  return session;
}

Result<engine::Tenant> ResolveTenant(const std::vector<engine::Tenant>& known,
                                     const std::string& text) {
  if (text.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "--tenant is empty; give an id, a name, or sys");
  }
  if (schema::SameName(text, "sys")) return engine::Tenant{vtab::kSysTenant, "sys", true, {}};
  auto id = schema::ParseInt64(text);
  if (id && *id <= 0) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is no tenant id: they begin at 1", text));
  }
  const engine::Tenant* found = nullptr;
  for (const engine::Tenant& tenant : known) {
    if (id ? tenant.id != *id : tenant.name != text) continue;
    if (found != nullptr) {
      return Fail(ErrorCode::kNotFound, fmt::format("tenants {} and {} are both named '{}': give "
                                                    "the id",
                                                    found->id, tenant.id, text));
    }
    found = &tenant;
  }
  if (found != nullptr) return *found;
  if (id) return engine::Tenant{*id, "", false, {}};
  return Fail(UnknownTenant(known, text));
}

std::string UnknownTenantNotice(const std::shared_ptr<const engine::Snapshot>& snapshot,
                                const vtab::Session& session) {
  auto known = snapshot->Tenants();
  auto is_it = [&](const engine::Tenant& tenant) { return tenant.id == session.tenant_id; };
  if (!known || session.is_sys() || std::any_of(known->begin(), known->end(), is_it)) return {};
  for (const schema::View* view : session.catalog().VisibleTo(false, session.mode)) {
    vtab::ViewCursor cursor(snapshot, session, {.view = view});
    auto found = cursor.Next();
    if (!found || *found) return {};
  }
  return fmt::format("the store has no records of tenant {}{}", session.tenant_id,
                     known->empty() ? "" : "; it has " + NamesOf(*known));
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
