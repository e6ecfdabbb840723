// Session settings; see session_settings.h.
#include "virtual_tables/session_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "schema/numbers.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::vtab {
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

Result<Session> SessionSettings::BaseSession() const {
  Session session;
  OBVIEWS_ASSIGN_OR_RETURN(session.time_zone, schema::Zone::Parse(time_zone));
  OBVIEWS_ASSIGN_OR_RETURN(session.system_time_zone, schema::Zone::Parse(system_time_zone));
  OBVIEWS_ASSIGN_OR_RETURN(session.shape, schema::ParseRestoreShape(view_version));
  session.show_secrets = show_secrets;
  if (!mode.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(session.mode, schema::ParseMode(mode));
  }
  return session;
}

Result<Session> SessionSettings::SessionFor(const engine::Snapshot& snapshot) const {
  OBVIEWS_ASSIGN_OR_RETURN(Session session, BaseSession());
  OBVIEWS_ASSIGN_OR_RETURN(auto known, snapshot.Tenants());
  OBVIEWS_ASSIGN_OR_RETURN(engine::Tenant found, ResolveTenant(known, tenant));
  session.tenant_id = found.id;
  if (mode.empty()) session.mode = found.mode;
  if (session.is_sys() && session.mode == schema::Mode::kOracle) {
    return Fail(ErrorCode::kInvalidArgument, "the sys tenant is in MySQL mode; name a user tenant");
  }
  return session;
}

Result<engine::Tenant> ResolveTenant(const std::vector<engine::Tenant>& known,
                                     const std::string& text) {
  if (text.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "the tenant is empty; give an id, a name, or sys");
  }
  if (schema::SameName(text, "sys")) return engine::Tenant{kSysTenant, "sys", true, {}};
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
                                const Session& session) {
  auto known = snapshot->Tenants();
  auto is_it = [&](const engine::Tenant& tenant) { return tenant.id == session.tenant_id; };
  if (!known || session.is_sys() || std::any_of(known->begin(), known->end(), is_it)) return {};
  for (const schema::View* view : session.catalog().VisibleTo(false, session.mode)) {
    ViewCursor cursor(snapshot, session, {.view = view});
    auto found = cursor.Next();
    if (!found || *found) return {};
  }
  return fmt::format("the store has no records of tenant {}{}", session.tenant_id,
                     known->empty() ? "" : "; it has " + NamesOf(*known));
}

}  // namespace obviews::vtab
