"""One round of tests/mariadb/crash: writes and reads until the server is killed, or checks what it left.

Each connection writes jobs of its own tenant: their tasks into the base table, and, with --innodb, a line
about the job into an InnoDB table, in one transaction. Before a transaction's COMMIT its change is noted in a file that
the server does not know, and after the COMMIT that it was acknowledged; both reach the disk before
anything else is done."""

import argparse
import json
import os
import pathlib
import random
import sys
import threading

import pymysql

import base_rows

FIRST_TENANT = 3000


class Ledger:
    """What one connection was told, in a file: {"job": n, "status": s or null}, then "ok" if it was acknowledged, or
    what a check found of it: "done" or "undone"."""

    def __init__(self, path):
        self.path = path
        self.jobs = {}  # acknowledged: job -> status
        self.doubt = None  # the change whose COMMIT nobody answered
        self.acknowledged = 0
        for line in path.read_text().splitlines() if path.exists() else []:
            if not line.endswith(";"):
                continue  # half a line
            self.apply(json.loads(line[:-1]))

    def apply(self, entry):
        self.acknowledged += entry == "ok"
        if entry in ("ok", "done"):
            self.jobs = self.changed()
        if entry in ("ok", "done", "undone"):
            self.doubt = None
        else:
            self.doubt = entry

    def changed(self):
        """The jobs with the change in doubt."""
        jobs = dict(self.jobs)
        if self.doubt:
            jobs.pop(self.doubt["job"], None)
            if self.doubt["status"] is not None:
                jobs[self.doubt["job"]] = self.doubt["status"]
        return jobs

    def note(self, entry):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + ";\n")
            file.flush()
            os.fsync(file.fileno())
        self.apply(entry)


def write(socket, tenant, ledger, seed, innodb):
    """Transactions until the server is gone."""
    rng = random.Random(seed)
    try:
        connection = base_rows.connect(socket)
        cursor = connection.cursor()
        while True:
            kind = rng.random()
            if kind < 0.6 or not ledger.jobs:
                job, status = max(ledger.jobs, default=0) + rng.randint(1, 2), "INIT"
                base_rows.insert_tasks(cursor, tenant, job, base_rows.task_ids(job), status)
                other = f"INSERT INTO crash.done VALUES ({tenant}, {job}, '{status}')"
            elif kind < 0.8:
                job, status = rng.choice(list(ledger.jobs)), rng.choice(["DOING", "FINISH"])
                base_rows.set_status(cursor, tenant, job, status)
                other = f"UPDATE crash.done SET status = '{status}' WHERE tenant = {tenant} AND job = {job}"
            else:
                job, status = rng.choice(list(ledger.jobs)), None
                base_rows.delete_tasks(cursor, tenant, job)
                other = f"DELETE FROM crash.done WHERE tenant = {tenant} AND job = {job}"
            if innodb:
                cursor.execute(other)
            if rng.random() < 0.1:
                connection.rollback()
                continue
            ledger.note({"job": job, "status": status})
            connection.commit()
            ledger.note("ok")
    except (pymysql.OperationalError, pymysql.InterfaceError) as error:
        # 2006, 2013: the server was killed; anything else is no end that is wanted.
        if error.args[0] not in (0, 2003, 2006, 2013):
            return f"tenant {tenant}: {error}"
    except pymysql.MySQLError as error:
        return f"tenant {tenant}: {error}"
    return None


def read(socket):
    """Looks for half transactions through the view until the server is gone."""
    try:
        cursor = base_rows.connect(socket, autocommit=True).cursor()
        while True:
            cursor.execute("SELECT TENANT_ID, JOB_ID, COUNT(*), COUNT(DISTINCT STATUS) FROM "
                           f"oceanbase.CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID >= {FIRST_TENANT} "
                           "GROUP BY TENANT_ID, JOB_ID")
            for tenant, job, tasks, statuses in cursor.fetchall():
                if tasks != base_rows.task_count(job) or statuses != 1:
                    return f"seen: job {job} of {tenant} with {tasks} tasks of {statuses} statuses"
    except (pymysql.OperationalError, pymysql.InterfaceError) as error:
        return None if error.args[0] in (0, 2003, 2006, 2013) else f"reading: {error}"


def work(arguments):
    complaints = []
    jobs = [lambda i=i: write(arguments.socket, FIRST_TENANT + i, Ledger(arguments.folder / f"{FIRST_TENANT + i}"),
                              f"{arguments.seed}-{i}", arguments.innodb) for i in range(arguments.connections)]
    jobs += [lambda: read(arguments.socket)] * 2
    threads = [threading.Thread(target=lambda job=job: complaints.append(job())) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [complaint for complaint in complaints if complaint]


def jobs_of_engine(cursor, table):
    """Whole jobs of each tenant, {tenant: {job: status}}, and what is wrong with others."""
    cursor.execute(f"SELECT tenant_id, job_id, task_id, status FROM {table} WHERE tenant_id >= {FIRST_TENANT}")
    tasks = {}
    for tenant, job, task, status in cursor.fetchall():
        tasks.setdefault((tenant, job), {})[task] = status
    jobs, wrong = {}, []
    for (tenant, job), found in tasks.items():
        if sorted(found) != list(base_rows.task_ids(job)) or len(set(found.values())) != 1:
            wrong.append(f"{table}: job {job} of {tenant} is half there: {found}")
        jobs.setdefault(tenant, {})[job] = next(iter(found.values()))
    return jobs, wrong


def check(arguments):
    cursor = base_rows.connect(arguments.socket, autocommit=True).cursor()
    engine, wrong = jobs_of_engine(cursor, base_rows.TASKS)
    cursor.execute("SELECT tenant, job, status FROM crash.done")
    other = {}
    for tenant, job, status in cursor.fetchall():
        other.setdefault(tenant, {})[job] = status
    if arguments.innodb and engine != other:
        wrong.append(f"the engine and InnoDB have different transactions: {differences(engine, other)}")
    acknowledged = 0
    for i in range(arguments.connections):
        tenant = FIRST_TENANT + i
        ledger = Ledger(arguments.folder / f"{tenant}")
        acknowledged += ledger.acknowledged
        found = engine.get(tenant, {})
        if found == ledger.jobs:
            outcome = "undone"
        elif found == ledger.changed():
            outcome = "done"
        else:
            wrong.append(f"tenant {tenant}: not what was acknowledged: {differences({0: ledger.jobs}, {0: found})}, "
                         f"in doubt {ledger.doubt}")
            continue
        if ledger.doubt:
            ledger.note(outcome)
    if arguments.replayed:
        for table, copy in ((base_rows.TASKS, "replayed.__all_import_table_task"), ("crash.done", "replayed.done")):
            for first, second in ((table, copy), (copy, table)):
                cursor.execute(f"SELECT COUNT(*) FROM (SELECT * FROM {first} EXCEPT SELECT * FROM {second}) x")
                count = cursor.fetchone()[0]
                if count:
                    wrong.append(f"{count} rows of {first} are not in {second}: the binlog has other changes")
    if not wrong:
        print(f"{sum(len(jobs) for jobs in engine.values())} jobs, all as acknowledged by {acknowledged} commits")
    return wrong


def differences(first, second):
    flat = [{(t, j): s for t, jobs in side.items() for j, s in jobs.items()} for side in (first, second)]
    return {key: [side.get(key) for side in flat] for key in flat[0].keys() | flat[1].keys()
            if flat[0].get(key) != flat[1].get(key)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["work", "check"])
    parser.add_argument("--socket", required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--connections", type=int, default=6)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--innodb", action="store_true", help="transactions are of InnoDB too")
    parser.add_argument("--replayed", action="store_true", help="compare with what the binlog was replayed into")
    arguments = parser.parse_args()
    complaints = {"work": work, "check": check}[arguments.what](arguments)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
