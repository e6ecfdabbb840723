"""Keeps connections of tests/mariadb/load busy and watches the server's memory."""

import argparse
import collections
import random
import statistics
import sys
import threading
import time

import pymysql

import base_rows

FIRST_TENANT = 5000
# The job whose counter all writers raise.
SHARED = 4999
# Lock timeout, deadlock: expected where several change the same row.
EXPECTED = {1205, 1213}
READS = [
    "SELECT STATUS, COUNT(*) FROM oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY GROUP BY STATUS",
    "SELECT COUNT(*) FROM oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE STATUS = 'FINISH'",
    "SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASKS",
    "SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_JOB_HISTORY",
    "SELECT t.* FROM oceanbase.CDB_OB_IMPORT_TABLE_JOBS j JOIN oceanbase.CDB_OB_IMPORT_TABLE_TASKS t "
    "ON t.TENANT_ID = j.TENANT_ID AND t.JOB_ID = j.JOB_ID",
    "SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY WHERE TENANT_ID = 1002 AND RESULT <> 'SUCCEESS'",
    "SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASK_SUMMARY",
    f"SELECT * FROM {base_rows.TASKS} WHERE tenant_id = {FIRST_TENANT}",
]


class Load:
    def __init__(self, arguments):
        self.arguments = arguments
        self.until = time.monotonic() + arguments.seconds
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.complaints = []
        self.jobs = {}  # of each writer: the jobs it left, and their status
        self.memory = []

    def note(self, counts, complaint=None):
        with self.lock:
            self.counts.update(counts)
            if complaint:
                self.complaints.append(complaint)

    def busy(self):
        return time.monotonic() < self.until and not self.complaints

    def read(self, seed):
        counts = collections.Counter()
        complaint = None
        try:
            cursor = base_rows.connect(self.arguments.socket, autocommit=True).cursor()
            rng = random.Random(seed)
            while self.busy():
                cursor.execute(rng.choice(READS))
                counts["rows read"] += len(cursor.fetchall())
                cursor.execute("SELECT JOB_ID, COUNT(*), COUNT(DISTINCT STATUS) FROM oceanbase.CDB_OB_IMPORT_TABLE_TASKS "
                               f"WHERE TENANT_ID = {FIRST_TENANT + rng.randrange(self.arguments.connections)} GROUP BY JOB_ID")
                for job, tasks, states in cursor.fetchall():
                    if tasks != base_rows.task_count(job) or states != 1:
                        complaint = f"job {job} is seen half changed: {tasks} tasks, {states} statuses"
                counts["statements read"] += 2
        except pymysql.MySQLError as error:
            complaint = f"reading: {error}"
        self.note(counts, complaint)

    def change(self, cursor, rng, tenant, jobs):
        """One transaction; the jobs as they are after it."""
        changed = dict(jobs)
        kind = rng.random()
        if kind < 0.5 or not jobs:
            job = max(jobs, default=0) + 1
            base_rows.insert_tasks(cursor, tenant, job, base_rows.task_ids(job), "INIT")
            changed[job] = "INIT"
            # So many and no more: memory and disk are not to grow with what is kept.
            if len(changed) > 20:
                oldest = min(changed)
                base_rows.delete_tasks(cursor, tenant, oldest)
                del changed[oldest]
        else:
            job, status = rng.choice(list(jobs)), rng.choice(["DOING", "FINISH"])
            base_rows.set_status(cursor, tenant, job, status)
            changed[job] = status
        cursor.execute(f"UPDATE {base_rows.JOBS} SET finished_table_count = finished_table_count + 1 "
                       f"WHERE tenant_id = {SHARED} AND job_id = {1 + rng.randrange(4)}")
        return changed

    def write(self, tenant):
        counts = collections.Counter()
        complaint = None
        jobs = {}
        connection = base_rows.connect(self.arguments.socket)
        cursor = connection.cursor()
        rng = random.Random(tenant)
        while self.busy() and not complaint:
            try:
                changed = self.change(cursor, rng, tenant, jobs)
                if rng.random() < 0.05:
                    connection.rollback()
                    continue
                connection.commit()
                jobs = changed
                counts["commits"] += 1
            except pymysql.MySQLError as error:
                if error.args[0] not in EXPECTED:
                    complaint = f"tenant {tenant}: {error}"
                    break
                counts["lock timeouts and deadlocks"] += 1
                connection.rollback()
        with self.lock:
            self.jobs[tenant] = jobs
        self.note(counts, complaint)

    def prepare(self):
        cursor = base_rows.connect(self.arguments.socket, autocommit=True).cursor()
        cursor.execute(f"DESCRIBE {base_rows.JOBS}")
        columns = {row[0]: row[1] for row in cursor.fetchall() if row[2] == "NO" and row[4] is None}
        for job in range(1, 5):
            values = {name: "'COMPLETED'" if name == "status" else "''" if "char" in kind or "text" in kind else "0"
                      for name, kind in columns.items()}
            values.update(tenant_id=SHARED, job_id=job, finished_table_count=0, status="'IMPORT_TABLE'")
            cursor.execute(f"INSERT INTO {base_rows.JOBS} ({', '.join(values)}) "
                           f"VALUES ({', '.join(map(str, values.values()))})")

    def watch(self):
        started = time.monotonic()
        while self.busy():
            with open(f"/proc/{self.arguments.pid}/status", encoding="ascii") as status:
                line = next(line for line in status if line.startswith("VmRSS:"))
            self.memory.append((time.monotonic() - started, int(line.split()[1]) / 1024))
            time.sleep(min(1, self.arguments.seconds / 50))

    def check(self):
        cursor = base_rows.connect(self.arguments.socket, autocommit=True).cursor()
        for tenant, jobs in self.jobs.items():
            cursor.execute(f"SELECT JOB_ID, MIN(STATUS), COUNT(*), COUNT(DISTINCT STATUS) FROM "
                           f"oceanbase.CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID = {tenant} GROUP BY JOB_ID")
            found = {job: (status, tasks, states) for job, status, tasks, states in cursor.fetchall()}
            wanted = {job: (status, base_rows.task_count(job), 1) for job, status in jobs.items()}
            if found != wanted:
                self.complaints.append(f"tenant {tenant} has {found} instead of {wanted}")
        cursor.execute(f"SELECT SUM(finished_table_count) FROM {base_rows.JOBS} WHERE tenant_id = {SHARED}")
        total = int(cursor.fetchone()[0])
        if total != self.counts["commits"]:
            self.complaints.append(f"the counters add up to {total}, not to the {self.counts['commits']} commits")

    def run(self):
        self.prepare()
        half = self.arguments.connections // 2
        threads = [threading.Thread(target=self.read, args=(n,)) for n in range(half)]
        threads += [threading.Thread(target=self.write, args=(FIRST_TENANT + n,))
                    for n in range(self.arguments.connections - half)]
        threads.append(threading.Thread(target=self.watch))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not self.complaints:
            self.check()

    def memory_is_flat(self):
        """Prints the server's memory by fifths of the time."""
        fifths = [[] for _ in range(5)]
        for at, mib in self.memory:
            fifths[min(int(at * 5 / self.arguments.seconds), 4)].append(mib)
        print(f"{'seconds':>12} {'RSS, MiB: median':>18} {'least':>8} {'most':>8}")
        for number, values in enumerate(fifths):
            if not values:
                return False
            begin, end = (self.arguments.seconds * n // 5 for n in (number, number + 1))
            print(f"{f'{begin}-{end}':>12} {statistics.median(values):18.1f} {min(values):8.1f} {max(values):8.1f}")
        second, last = statistics.median(fifths[1]), statistics.median(fifths[4])
        flat = last <= second * 1.05 + 16
        print(f"memory is {'flat' if flat else 'NOT FLAT'}: {second:.1f} MiB, then {last:.1f} MiB")
        return flat


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--connections", type=int, default=64)
    load = Load(parser.parse_args())
    load.run()
    for complaint in load.complaints[:20]:
        print(complaint, file=sys.stderr)
    print(", ".join(f"{count} {what}" for what, count in sorted(load.counts.items())))
    flat = load.memory_is_flat()
    sys.exit(0 if flat and not load.complaints else 1)


if __name__ == "__main__":
    main()
