// New records; see job_records.h.
#include "engine/lifecycle/job_records.h"

#include <fmt/format.h>

#include <charconv>
#include <initializer_list>
#include <optional>
#include <variant>

#include "engine/lifecycle/sequences.h"
#include "schema/state_machines.h"

namespace obviews::lifecycle {
namespace {

using schema::FieldValue;
using schema::Record;
using schema::RecordKind;

FieldValue OrNull(const std::optional<std::string>& text) {
  return text ? FieldValue(*text) : FieldValue(std::monostate());
}

/// A record with its key, its times of creation and its first status.
Record Begin(RecordKind kind, const engine::Key& key, int64_t now_usec) {
  Record record(kind);
  record.Set("tenant_id", key.tenant_id);
  record.Set("job_id", key.job_id);
  if (record.type().per_task) record.Set("task_id", key.task_id);
  record.Set("gmt_create", now_usec);
  record.Set("gmt_modified", now_usec);
  record.Set("status", std::string(schema::InitialStatus(schema::MachineOf(kind, key.tenant_id))));
  return record;
}

/// Sets the fields that two kinds share but for those that Begin sets.
void CopyShared(const Record& from, std::initializer_list<std::string_view> fields, Record* to) {
  for (std::string_view field : fields) to->Set(field, from.Get(field));
}

}  // namespace

std::string AuxTenantName(int64_t now_usec) { return fmt::format("AUX_RECOVER${}", now_usec); }

int64_t NumberIn(const Record& record, std::string_view field) {
  std::string_view text = record.Text(field);
  if (text.empty()) return record.Int(field);
  int64_t number = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? number : 0;
}

Record MakeSysJob(const StartRequest& request, int64_t job_id, int64_t now_usec) {
  Record job = Begin(RecordKind::kRecoverJob, {kSysTenant, job_id, 0}, now_usec);
  const RecoverLists& lists = request.lists;
  job.Set("initiator_tenant_id", kSysTenant);
  job.Set("start_ts", now_usec);
  job.Set("aux_tenant_name", AuxTenantName(now_usec));
  job.Set("target_tenant_name", request.target.name);
  job.Set("target_tenant_id", request.target.id);
  job.Set("import_all", int64_t{request.import_all});
  job.Set("db_list", lists.db_list);
  job.Set("table_list", lists.table_list);
  job.Set("partition_list", lists.partition_list);
  job.Set("remap_db_list", lists.remap_db_list);
  job.Set("remap_table_list", lists.remap_table_list);
  job.Set("remap_partition_list", lists.remap_partition_list);
  job.Set("remap_tablegroup_list", lists.remap_tablegroup_list);
  job.Set("remap_tablespace_list", lists.remap_tablespace_list);
  job.Set("restore_scn", request.restore_scn);
  job.Set("restore_option", lists.restore_option);
  job.Set("backup_dest", lists.backup_dest);
  job.Set("backup_set_list", request.backup_set_list);
  job.Set("backup_piece_list", request.backup_piece_list);
  job.Set("backup_passwd", OrNull(request.backup_passwd));
  job.Set("external_kms_info", OrNull(request.external_kms_info));
  job.Set("description", OrNull(request.description));
  return job;
}

Record MakeRestoreJob(const StartRequest& request, int64_t job_id, int64_t sys_job_id,
                      int64_t now_usec) {
  Record job = Begin(RecordKind::kRestoreJob, {kSysTenant, job_id, 0}, now_usec);
  job.Set("restore_tenant_name", AuxTenantName(now_usec));
  job.Set("restore_tenant_id", "0");
  job.Set("backup_tenant_name", request.backup_tenant_name);
  job.Set("backup_tenant_id", std::to_string(request.backup_tenant_id));
  job.Set("backup_cluster_name", request.backup_cluster_name);
  job.Set("backup_dest", request.lists.backup_dest);
  job.Set("restore_option", request.lists.restore_option);
  job.Set("restore_scn", std::to_string(request.restore_scn));
  job.Set("restore_start_ts", std::to_string(now_usec));
  job.Set("backup_set_list", request.backup_set_list);
  job.Set("backup_piece_list", request.backup_piece_list);
  job.Set("description", OrNull(request.description));
  job.Set("recover_table", "1");
  job.Set("initiator_tenant_id", std::to_string(kSysTenant));
  job.Set("initiator_job_id", std::to_string(sys_job_id));
  return job;
}

Record MakeUserJob(const Record& sys_job, int64_t job_id, int64_t now_usec) {
  Record job = sys_job;
  int64_t tenant_id = sys_job.Int("target_tenant_id");
  Record fresh = Begin(RecordKind::kRecoverJob, {tenant_id, job_id, 0}, now_usec);
  CopyShared(fresh, {"tenant_id", "job_id", "gmt_create", "gmt_modified", "status"}, &job);
  job.Set("initiator_tenant_id", sys_job.key().tenant_id);
  job.Set("initiator_job_id", sys_job.key().job_id);
  job.Set("start_ts", now_usec);
  job.Set("end_ts", int64_t{0});
  job.Set("result", "");
  job.Set("comment", "");
  return job;
}

Record MakeImportJob(const Record& user_job, int64_t job_id, int64_t aux_tenant_id,
                     int64_t now_usec) {
  engine::Key key{user_job.key().tenant_id, job_id, 0};
  Record job = Begin(RecordKind::kImportJob, key, now_usec);
  job.Set("initiator_tenant_id", user_job.key().tenant_id);
  job.Set("initiator_job_id", user_job.key().job_id);
  job.Set("start_ts", now_usec);
  job.Set("src_tenant_name", user_job.Get("aux_tenant_name"));
  job.Set("src_tenant_id", aux_tenant_id);
  CopyShared(user_job,
             {"import_all", "db_list", "hex_db_list", "table_list", "hex_table_list",
              "partition_list", "hex_partition_list", "remap_db_list", "hex_remap_db_list",
              "remap_table_list", "hex_remap_table_list", "remap_partition_list",
              "hex_remap_partition_list", "remap_tablegroup_list", "hex_remap_tablegroup_list",
              "remap_tablespace_list", "hex_remap_tablespace_list", "description"},
             &job);
  return job;
}

Record MakeTask(const Record& import_job, const ListedTable& table, int64_t task_id,
                int64_t now_usec) {
  engine::Key key{import_job.key().tenant_id, import_job.key().job_id, task_id};
  Record task = Begin(RecordKind::kImportTask, key, now_usec);
  task.Set("src_tenant_id", import_job.Get("src_tenant_id"));
  task.Set("src_tablespace", OrNull(table.source_tablespace));
  task.Set("src_tablegroup", OrNull(table.source_tablegroup));
  task.Set("src_database", table.source_database);
  task.Set("src_table", table.source_table);
  task.Set("target_tablespace", OrNull(table.target_tablespace));
  task.Set("target_tablegroup", OrNull(table.target_tablegroup));
  task.Set("target_database", table.target_database);
  task.Set("target_table", table.target_table);
  task.Set("table_column", table.columns);
  task.Set("start_ts", now_usec);
  task.Set("total_bytes", table.bytes);
  task.Set("total_rows", table.rows);
  task.Set("total_index_count", table.indexes);
  task.Set("total_constraint_count", table.constraints);
  task.Set("total_ref_constraint_count", table.ref_constraints);
  task.Set("total_trigger_count", table.triggers);
  return task;
}

Record MakeAuxRestoreJob(const Record& sys_restore_job, int64_t aux_tenant_id, int64_t now_usec) {
  Record job = sys_restore_job;
  engine::Key key{aux_tenant_id, sys_restore_job.key().job_id, 0};
  Record fresh = Begin(RecordKind::kRestoreJob, key, now_usec);
  CopyShared(fresh, {"tenant_id", "gmt_create", "gmt_modified", "status"}, &job);
  job.Set("restore_tenant_id", std::to_string(aux_tenant_id));
  job.Set("initiator_tenant_id", std::to_string(kSysTenant));
  job.Set("initiator_job_id", std::to_string(sys_restore_job.key().job_id));
  job.Set("restore_start_ts", std::to_string(now_usec));
  job.Set("comment", std::monostate());
  job.Set("progress_gmt_create", now_usec);
  job.Set("progress_gmt_modified", now_usec);
  job.Set("progress_restore_scn", static_cast<uint64_t>(NumberIn(sys_restore_job, "restore_scn")));
  for (std::string_view field : {"ls_count", "finish_ls_count", "tablet_count",
                                 "finish_tablet_count", "total_bytes", "finish_bytes"}) {
    job.Set(field, int64_t{0});
  }
  return job;
}

Record MakeRestoreHistory(const Record& restore_job, int64_t now_usec) {
  Record out(RecordKind::kRestoreJobHistory);
  out.Set("gmt_create", now_usec);
  out.Set("gmt_modified", now_usec);
  CopyShared(restore_job,
             {"tenant_id", "job_id", "restore_tenant_name", "backup_tenant_name",
              "backup_cluster_name", "backup_dest", "restore_option", "backup_piece_list",
              "backup_set_list", "description", "comment"},
             &out);
  for (std::string_view field : {"initiator_job_id", "initiator_tenant_id", "restore_tenant_id",
                                 "backup_tenant_id", "ls_count", "finish_ls_count", "tablet_count",
                                 "finish_tablet_count", "total_bytes", "finish_bytes"}) {
    out.Set(field, NumberIn(restore_job, field));
  }
  out.Set("restore_scn", static_cast<uint64_t>(NumberIn(restore_job, "restore_scn")));
  out.Set("start_time", NumberIn(restore_job, "restore_start_ts"));
  out.Set("finish_time", now_usec);
  out.Set("status", restore_job.Text("status") == "RESTORE_SUCCESS" ? "SUCCESS" : "FAIL");
  return out;
}

}  // namespace obviews::lifecycle
