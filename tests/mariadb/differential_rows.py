"""Makes the rows that tests/mariadb/differential asks about: files of tab-separated values, one a view,
full of what comparisons disagree about: NULL and '', spaces at the end, case, accents, numbers as texts,
extremes of integers and of times."""

import argparse
import pathlib
import random

STATUSES = ["FINISH"] * 6 + ["INIT", "DOING", "Finish", "FINISH ", "doing", "fínish", "ÎNIT", "", "0", "1e1"]
RESULTS = ["SUCCEESS"] * 4 + ["FAILED", "succeess", "SUCCEESS  ", None, "", "10", "ſucceess", "😀"]
NAMES = ["db1", "DB1", "Straße", "strasse", "a b", "a_b", "a%b", "a\\\\b", "", " ", "x", "x ", "X", "é", "e",
         "10", "010", "1e1", "10abc", "日本", "😀", None]
TIMES = ["2023-08-01 10:00:00.000000", "2023-08-01 10:00:00.000001", "2023-08-20 00:00:00.000000",
         "2023-08-19 23:59:59.999999", "1970-01-02 00:00:00.000000", "2038-01-19 11:14:07.000000",
         "2100-01-01 00:00:00.000000", "2023-03-26 09:30:00.000000", "2023-10-29 09:30:00.000000"]
NUMBERS = [0, 1, -1, 2, 3, 10, 100, 9223372036854775807, -9223372036854775808]
SMALL = [0, 1, 2, 3, 10]


def cell(value):
    return "NULL" if value is None else f'"{value}"' if value == "NULL" else str(value)


def time_of(rng):
    if rng.random() < 0.3:
        return rng.choice(TIMES)
    return "2023-%02d-%02d %02d:%02d:%02d.%06d" % (
        rng.randint(6, 10), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59),
        rng.choice([0, 1, 500000, 999999]))


def task(rng, key):
    tenant, job, number = key
    return {
        "TENANT_ID": tenant, "TASK_ID": number, "JOB_ID": job,
        "SRC_TENANT_ID": rng.choice([1004, 1002, 0]),
        "SRC_TABLESPACE": rng.choice(NAMES), "SRC_DATABASE": rng.choice(NAMES),
        "SRC_TABLE": rng.choice(NAMES), "TARGET_DATABASE": rng.choice(NAMES),
        "TARGET_TABLE": rng.choice(NAMES), "TABLE_COLUMN": rng.choice(NUMBERS), "STATUS": rng.choice(STATUSES),
        "START_TIMESTAMP": time_of(rng), "COMPLETION_TIMESTAMP": rng.choice([None, time_of(rng)]),
        "CUMULATIVE_TS": rng.choice(NUMBERS), "TOTAL_INDEX_COUNT": rng.choice(SMALL),
        "IMPORTED_INDEX_COUNT": rng.choice(SMALL), "RESULT": rng.choice(RESULTS),
        "COMMENT": rng.choice([None, "", "result:-4016()", "x" * 300, "RESULT:-4016() ", "é"]),
    }


def import_job(rng, key):
    tenant, job = key
    return {
        "TENANT_ID": tenant, "JOB_ID": job, "INITIATOR_TENANT_ID": rng.choice([1, tenant]),
        "INITIATOR_JOB_ID": rng.randint(0, 5), "START_TIMESTAMP": time_of(rng),
        "FINISH_TIMESTAMP": rng.choice([None, time_of(rng)]), "SRC_TENANT_NAME": rng.choice(["AUX$1", "aux$1", "b"]),
        "SRC_TENANT_ID": rng.choice(SMALL), "STATUS": rng.choice(["COMPLETED", "completed", "CANCELED", "X "]),
        "IMPORT_ALL": rng.choice([0, 1]), "DB_LIST": rng.choice([None, "", "`a`", "`A`,`b`"]),
        "TABLE_LIST": rng.choice([None, "", "`a`.`b`", "`A`.`B`"]), "TOTAL_TABLE_COUNT": rng.choice(NUMBERS),
        "FINISHED_TABLE_COUNT": rng.choice(SMALL), "FAILED_TABLE_COUNT": rng.choice(SMALL),
        "RESULT": rng.choice(RESULTS), "COMMENT": rng.choice([None, "", "why"]),
    }


def recover_job(rng, key):
    tenant, job = key
    return {
        "TENANT_ID": tenant, "JOB_ID": job, "INITIATOR_TENANT_ID": 1, "INITIATOR_JOB_ID": rng.randint(0, 5),
        "START_TIMESTAMP": time_of(rng), "FINISH_TIMESTAMP": rng.choice([None, time_of(rng)]),
        "STATUS": rng.choice(["COMPLETED", "FAILED", "failed"]), "AUX_TENANT_NAME": rng.choice(["A", "a", "b "]),
        "TARGET_TENANT_NAME": rng.choice(["t", "T", "ü"]), "IMPORT_ALL": 0, "DB_LIST": "", "TABLE_LIST": "`a`.`b`",
        "RESTORE_SCN": rng.choice([0, 1, 1692104831498747191, 4611686018427387903]),
        "RESTORE_OPTION": rng.choice(["pool_list=p", "", "POOL_LIST=p"]), "BACKUP_DEST": "file:///a",
        "BACKUP_SET_LIST": "", "BACKUP_PIECE_LIST": "", "BACKUP_PASSWD": rng.choice([None, "secret", ""]),
        "RESULT": rng.choice(["SUCCEESS", "FAILED", None]), "COMMENT": rng.choice(["", "why", None]),
    }


def oracle_time(rng):
    return rng.choice(["21-AUG-23 07.54.24.733548 PM", "01-JAN-24 12.00.00.000000 AM", "21-AUG-23 08.00.00.000000 AM"])


def oracle_restore(rng, key):
    return {
        "JOB_ID": key[0], "RESTORE_TENANT_NAME": rng.choice(["x", "X", "x ", "é", "日本"]),
        "STATUS": rng.choice(["SUCCESS", "FAIL"]), "START_TIMESTAMP": oracle_time(rng),
        "RESTORE_SCN": rng.choice([1692618440000000000, 1, 4611686018427387903]),
    }


def task_keys(rng, count, first_job):
    keys = set()
    while len(keys) < count:
        keys.add((rng.choice([1002, 1004, 1010]), first_job + rng.randint(0, 5),
                  rng.choice([rng.randint(1, 400), rng.randint(1, 400), 9223372036854775807])))
    return sorted(keys)


def job_keys(rng, count, tenants):
    keys = set()
    while len(keys) < count:
        keys.add((rng.choice(tenants), rng.choice([rng.randint(1, 60), 9223372036854775807])))
    return sorted(keys)


def write(folder, name, rows):
    lines = ["\t".join(rows[0])]
    lines += ["\t".join(cell(value) for value in row.values()) for row in rows]
    (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    views = {
        "CDB_OB_IMPORT_TABLE_TASK_HISTORY": [task(rng, key) for key in task_keys(rng, 900, 1)],
        "CDB_OB_IMPORT_TABLE_TASKS": [task(rng, key) for key in task_keys(rng, 150, 20)],
        "CDB_OB_IMPORT_TABLE_JOB_HISTORY": [import_job(rng, key) for key in job_keys(rng, 80, [1002, 1004, 1010])],
        "CDB_OB_RECOVER_TABLE_JOB_HISTORY": [recover_job(rng, key) for key in job_keys(rng, 60, [1, 1002, 1004])],
        "DBA_OB_RESTORE_HISTORY@1016": [oracle_restore(rng, (number,)) for number in range(1, 30)],
    }
    for name, rows in views.items():
        write(arguments.folder, name, rows)


if __name__ == "__main__":
    main()
