"""Statements on base tables that tests/mariadb/crash and tests/mariadb/load share."""

import pymysql

TASKS = "oceanbase.__all_import_table_task"
JOBS = "oceanbase.__all_import_table_job"
# What has no default.
TASK_ZEROS = (
    "table_column, total_bytes, total_rows, imported_bytes, imported_rows, total_index_count, imported_index_count, "
    "failed_index_count, total_constraint_count, imported_constraint_count, failed_constraint_count, "
    "total_ref_constraint_count, imported_ref_constraint_count, failed_ref_constraint_count, total_trigger_count, "
    "imported_trigger_count, failed_trigger_count").split(", ")


def connect(socket, **options):
    return pymysql.connect(unix_socket=socket, user="root", charset="utf8mb4", **options)


def insert_tasks(cursor, tenant, job, tasks, status):
    values = ", ".join(
        f"({tenant}, {task}, {job}, 1004, '{status}', 1692191329492389, -1, -1, {', '.join('0' for _ in TASK_ZEROS)})"
        for task in tasks)
    cursor.execute(f"INSERT INTO {TASKS} (tenant_id, task_id, job_id, src_tenant_id, status, start_ts, completion_ts, "
                   f"cumulative_ts, {', '.join(TASK_ZEROS)}) VALUES {values}")


def set_status(cursor, tenant, job, status):
    cursor.execute(f"UPDATE {TASKS} SET status = '{status}' WHERE tenant_id = {tenant} AND job_id = {job}")


def delete_tasks(cursor, tenant, job):
    cursor.execute(f"DELETE FROM {TASKS} WHERE tenant_id = {tenant} AND job_id = {job}")


def task_count(job):
    """How many tasks a job has, told from its number, so that who reads can tell a half one."""
    return 2 + job % 4


def task_ids(job):
    """Ids are the tenant's, so those of one job follow those of the one before."""
    return range(job * 8, job * 8 + task_count(job))
