// From a statement's text to a started or cancelled recovery; see statements.h.
#include "engine/lifecycle/statements.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/lifecycle/recover_request.h"
#include "engine/lifecycle/statement.h"

namespace obviews::lifecycle {
namespace {

constexpr uint64_t kNanosecondsOfUsec = 1000;

TargetTraits TraitsOf(const TargetTenant& tenant) { return {tenant.mode, tenant.lower_case_names}; }

/// Checks a statement and finds its target. A host may make a tenant of a name it does not know, so
/// what is wrong whoever the target is comes first.
Result<RecoverLists> Check(const RecoverTableStatement& statement, TenantResolver& tenants,
                           TargetTenant& target) {
  // Oracle mode allows the longest names, and lower case only adds conflicts.
  OBVIEWS_RETURN_IF_ERROR(CheckRecoverRequest(statement, {schema::Mode::kOracle, false}));
  OBVIEWS_ASSIGN_OR_RETURN(target, tenants.Resolve(statement.target_tenant));
  return CheckRecoverRequest(statement, TraitsOf(target));
}

Result<RestorePoint> PointOf(const RecoverTableStatement& statement,
                             const StatementContext& context, const JobStore& jobs) {
  RestorePoint point;
  if (const auto* scn = std::get_if<UntilScn>(&statement.until)) {
    point.scn = scn->scn;
  } else if (const auto* time = std::get_if<UntilTime>(&statement.until)) {
    OBVIEWS_ASSIGN_OR_RETURN(point.scn, ScnOfUntilTime(*time, context.system_time_zone));
  } else {
    point.scn = static_cast<uint64_t>(jobs.NowUsec()) * kNanosecondsOfUsec;
  }
  return point;
}

/// What a job holds of WITH KEY FROM '<uri>' ENCRYPTED BY '<password>': as one more parameter of
/// the URI, the form in which URIs carry keys.
std::optional<std::string> KmsInfo(const RecoverTableStatement& statement) {
  if (!statement.kms_uri) return std::nullopt;
  if (!statement.kms_passwd) return statement.kms_uri;
  return *statement.kms_uri + "&encrypted_by=" + *statement.kms_passwd;
}

Result<StatementResult> Recover(RecoverTableStatement statement, const StatementContext& context,
                                JobStore& jobs) {
  StartRequest request;
  OBVIEWS_ASSIGN_OR_RETURN(RestorePoint point, PointOf(statement, context, jobs));
  OBVIEWS_ASSIGN_OR_RETURN(request.lists, Check(statement, *context.tenants, request.target));
  if (std::holds_alternative<std::monostate>(statement.until) && context.latest_point) {
    OBVIEWS_ASSIGN_OR_RETURN(point, context.latest_point(request.lists.backup_dest));
  }
  request.import_all = request.lists.import_all;
  request.restore_scn = point.scn;
  request.backup_set_list = std::move(point.backup_set_list);
  request.backup_piece_list = std::move(point.backup_piece_list);
  request.backup_tenant_name = std::move(point.backup_tenant_name);
  request.backup_tenant_id = point.backup_tenant_id;
  request.backup_cluster_name = std::move(point.backup_cluster_name);
  request.external_kms_info = KmsInfo(statement);
  request.backup_passwd = std::move(statement.backup_passwd);
  request.description = std::move(statement.description);
  StatementResult result;
  OBVIEWS_ASSIGN_OR_RETURN(result.sys_job_id, jobs.Start(request));
  result.target_tenant_id = request.target.id;
  return result;
}

Result<StatementResult> Cancel(const CancelRecoverTableStatement& statement,
                               const StatementContext& context, JobStore& jobs) {
  StatementResult result;
  OBVIEWS_ASSIGN_OR_RETURN(TargetTenant target, context.tenants->Find(statement.tenant));
  result.target_tenant_id = target.id;
  OBVIEWS_ASSIGN_OR_RETURN(result.canceled, jobs.Cancel(target.id));
  return result;
}

}  // namespace

Result<StatementResult> RunStatement(std::string_view text, const StatementContext& context,
                                     JobStore& jobs) {
  OBVIEWS_ASSIGN_OR_RETURN(Statement statement, ParseStatement(text));
  if (auto* recover = std::get_if<RecoverTableStatement>(&statement)) {
    return Recover(std::move(*recover), context, jobs);
  }
  return Cancel(std::get<CancelRecoverTableStatement>(statement), context, jobs);
}

}  // namespace obviews::lifecycle
