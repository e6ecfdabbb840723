// What a host asks for, in the lifecycle's words; see jobs.h.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "engine/record_format.h"
#include "plugins/c_abi/call.h"
#include "plugins/c_abi/jobs.h"
#include "plugins/c_abi/records.h"
#include "schema/state_machines.h"

namespace obviews::c_abi {
namespace {

Status CopyText(const obviews_text& from, std::string_view what, std::string* to) {
  OBVIEWS_ASSIGN_OR_RETURN(std::string_view text, TextOf(from, what));
  to->assign(text);
  return {};
}

/// No data is NULL.
Status CopyText(const obviews_text& from, std::string_view what, std::optional<std::string>* to) {
  if (from.data == nullptr && from.size == 0) return {};
  return CopyText(from, what, &to->emplace());
}

/// Every text of a struct with what it is called, in one list.
template <class Target>
struct TextMember {
  const obviews_text* from;
  std::string_view what;
  Target* to;
};

template <class Target, size_t kCount>
Status CopyTexts(const TextMember<Target> (&members)[kCount]) {
  for (const auto& member : members) {
    OBVIEWS_RETURN_IF_ERROR(CopyText(*member.from, member.what, member.to));
  }
  return {};
}

using Required = TextMember<std::string>;
using Optional = TextMember<std::optional<std::string>>;

}  // namespace

Result<lifecycle::StartRequest> ToStartRequest(const obviews_start_request* request) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(request, "obviews_start_request"));
  OBVIEWS_ASSIGN_OR_RETURN(obviews_start_request taken, Take(request, "obviews_start_request"));
  lifecycle::StartRequest out;
  lifecycle::RecoverLists& lists = out.lists;
  OBVIEWS_RETURN_IF_ERROR(CopyTexts<std::string>({
      Required{&taken.target_tenant_name, "target_tenant_name", &out.target.name},
      Required{&taken.db_list, "db_list", &lists.db_list},
      Required{&taken.table_list, "table_list", &lists.table_list},
      Required{&taken.remap_db_list, "remap_db_list", &lists.remap_db_list},
      Required{&taken.remap_table_list, "remap_table_list", &lists.remap_table_list},
      Required{&taken.remap_tablegroup_list, "remap_tablegroup_list", &lists.remap_tablegroup_list},
      Required{&taken.remap_tablespace_list, "remap_tablespace_list", &lists.remap_tablespace_list},
      Required{&taken.backup_dest, "backup_dest", &lists.backup_dest},
      Required{&taken.restore_option, "restore_option", &lists.restore_option},
      Required{&taken.backup_set_list, "backup_set_list", &out.backup_set_list},
      Required{&taken.backup_piece_list, "backup_piece_list", &out.backup_piece_list},
      Required{&taken.backup_tenant_name, "backup_tenant_name", &out.backup_tenant_name},
      Required{&taken.backup_cluster_name, "backup_cluster_name", &out.backup_cluster_name},
  }));
  OBVIEWS_RETURN_IF_ERROR(CopyTexts<std::optional<std::string>>({
      Optional{&taken.backup_passwd, "backup_passwd", &out.backup_passwd},
      Optional{&taken.external_kms_info, "external_kms_info", &out.external_kms_info},
      Optional{&taken.description, "description", &out.description},
  }));
  if (taken.import_all > 1) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("import_all is 0 or 1, not {}", taken.import_all));
  }
  if (taken.target_tenant_id <= vtab::kSysTenant || out.target.name.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the target of a recovery is a user tenant with an id and a name, not "
                            "tenant {}",
                            taken.target_tenant_id));
  }
  out.target.id = taken.target_tenant_id;
  out.import_all = lists.import_all = taken.import_all == 1;
  out.restore_scn = taken.restore_scn;
  out.backup_tenant_id = taken.backup_tenant_id;
  return out;
}

Result<lifecycle::ListedTable> ToListedTable(const obviews_listed_table* table) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(table, "a table"));
  OBVIEWS_ASSIGN_OR_RETURN(obviews_listed_table taken, Take(table, "obviews_listed_table"));
  lifecycle::ListedTable out;
  OBVIEWS_RETURN_IF_ERROR(CopyTexts<std::string>({
      Required{&taken.source_database, "source_database", &out.source_database},
      Required{&taken.source_table, "source_table", &out.source_table},
      Required{&taken.target_database, "target_database", &out.target_database},
      Required{&taken.target_table, "target_table", &out.target_table},
  }));
  OBVIEWS_RETURN_IF_ERROR(CopyTexts<std::optional<std::string>>({
      Optional{&taken.source_tablegroup, "source_tablegroup", &out.source_tablegroup},
      Optional{&taken.source_tablespace, "source_tablespace", &out.source_tablespace},
      Optional{&taken.target_tablegroup, "target_tablegroup", &out.target_tablegroup},
      Optional{&taken.target_tablespace, "target_tablespace", &out.target_tablespace},
  }));
  out.columns = taken.columns;
  out.bytes = taken.bytes;
  out.rows = taken.rows;
  out.indexes = taken.indexes;
  out.constraints = taken.constraints;
  out.ref_constraints = taken.ref_constraints;
  out.triggers = taken.triggers;
  return out;
}

Result<std::string_view> StatusOf(const char* status) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(status, "a status"));
  std::string_view text = status;
  if (text == schema::kHistory) {
    return Fail(ErrorCode::kInvalidArgument, "use move_to_history to move a record to history");
  }
  if (text.size() > engine::kMaxInlineText) {
    return Fail(ErrorCode::kInvalidArgument, "a status of more bytes than any has");
  }
  return text;
}

Result<lifecycle::Advance> ToAdvance(const obviews_change* change) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(change, "a change"));
  OBVIEWS_ASSIGN_OR_RETURN(obviews_change taken, Take(change, "obviews_change"));
  OBVIEWS_ASSIGN_OR_RETURN(const schema::RecordType* type, LiveKindOf(taken.kind));
  lifecycle::Advance out;
  out.kind = type->kind;
  out.key = {taken.key.tenant_id, taken.key.job_id, taken.key.task_id};
  OBVIEWS_ASSIGN_OR_RETURN(out.from, StatusOf(taken.from));
  OBVIEWS_ASSIGN_OR_RETURN(out.to, StatusOf(taken.to));
  OBVIEWS_ASSIGN_OR_RETURN(out.fields, ToFields(taken.fields, taken.field_count, *type));
  return out;
}

}  // namespace obviews::c_abi
