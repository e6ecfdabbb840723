"""One transaction of tests/mariadb/faults, with a fault at one of its steps, or a look at what came of it."""

import argparse
import ctypes
import json
import mmap
import pathlib
import re
import sys

import pymysql

import base_rows

TENANT = 3000
ACTIONS = {"kill": 1, "full": 2, "sync": 3}
NO_MORE_STEPS = 3  # exit code


class Control(ctypes.Structure):
    """`struct control` of fault_points.c."""
    _fields_ = [("action", ctypes.c_int32), ("at", ctypes.c_int32), ("seen", ctypes.c_int32),
                ("refused", ctypes.c_int32), ("steps", ctypes.c_char * 24 * 160)]

    def names(self):
        return [bytes(step).split(b"\0")[0].decode() for step in self.steps[:min(self.seen, 160)]]


def open_control(path):
    with open(path, "r+b") as file:
        return Control.from_buffer(mmap.mmap(file.fileno(), ctypes.sizeof(Control)))


def binlog_position(cursor):
    """How many transactions the binlog has; None without one."""
    cursor.execute("SELECT @@GLOBAL.log_bin, @@GLOBAL.gtid_binlog_pos")
    on, position = cursor.fetchone()
    return int(position.rsplit("-", 1)[-1] or 0) if on else None


def jobs_of_store(cursor):
    """{job: tasks}"""
    cursor.execute(f"SELECT job_id, COUNT(*) FROM {base_rows.TASKS} WHERE tenant_id = {TENANT} GROUP BY job_id")
    return dict(cursor.fetchall())


def change(cursor, job, engines):
    for engine in engines:
        if engine == "store":
            base_rows.insert_tasks(cursor, TENANT, job, base_rows.task_ids(job), "INIT")
        else:
            cursor.execute(f"INSERT INTO crash.done VALUES ({TENANT}, {job}, 'INIT')")


def reason(cursor):
    """What the client can learn of a COMMIT that failed."""
    cursor.execute("SHOW WARNINGS")
    return "no room" if any("no room on the disk" in text for _, _, text in cursor.fetchall()) else "not said why"


def try_another(arguments, state):
    """After an error, when the disk is well again: it is acknowledged and there, or refused."""
    cursor = base_rows.connect(arguments.socket, autocommit=True).cursor()
    if state["job"] in jobs_of_store(cursor):
        return ", and seen"
    state["job"] += 1
    try:
        change(cursor, state["job"], ["store"])
    except pymysql.MySQLError:
        state["job"] -= 1
        return ", later ones too"
    state["done"].append(state["job"])
    state["job"] -= 1
    return ", later ones go on"


def run(arguments):
    """Commits a transaction with a fault; says what the client was told."""
    state = arguments.load()
    connection = base_rows.connect(arguments.socket)
    cursor = connection.cursor()
    state.update(job=state["job"] + 1, engines=arguments.engines, binlog=binlog_position(cursor), action=arguments.what)
    change(cursor, state["job"], arguments.engines)
    control = open_control(arguments.control)
    control.at, control.seen, control.refused, control.action = arguments.step, 0, 0, ACTIONS[arguments.what]
    told = "acknowledged"
    try:
        connection.commit()
    except pymysql.MySQLError as error:
        told = "gone" if error.args[0] in (0, 2006, 2013) else f"error {error.args[0]}, {reason(cursor)}"
    control.action = 0
    steps = control.names()
    if told not in ("acknowledged", "gone"):
        told += try_another(arguments, state)
    if control.seen < arguments.step:
        connection.close()
        print(f"{arguments.what}, {'+'.join(arguments.engines)}: {len(steps)} steps: {', '.join(steps)}")
        state["done"].append(state["job"])
        arguments.save(state)
        return NO_MORE_STEPS
    state["step"] = f"{arguments.what}, {'+'.join(arguments.engines)}, step {arguments.step}, {steps[arguments.step - 1]}"
    state["told"] = told
    arguments.save(state)
    return 0


def check(arguments):
    state = arguments.load()
    cursor = base_rows.connect(arguments.socket, autocommit=True).cursor()
    job = state["job"]
    jobs = jobs_of_store(cursor)
    there = {"store": job in jobs}
    if state["binlog"] is not None:
        there["binlog"] = binlog_position(cursor) > state["binlog"]
    if "innodb" in state["engines"]:
        cursor.execute(f"SELECT COUNT(*) FROM crash.done WHERE tenant = {TENANT} AND job = {job}")
        there["innodb"] = cursor.fetchone()[0] == 1
    log = pathlib.Path(arguments.log).read_text(errors="replace")[state["log"]:]
    found = {engine: sum(map(int, re.findall(rf"Found (\d+) prepared transaction\(s\) in {engine}\b", log)))
             for engine in ("OBVIEWS", "InnoDB")}
    outcome = "committed" if there["store"] else "rolled back"
    print(f"{state['step']}: {state['told']}; prepared {found['OBVIEWS']}, of InnoDB {found['InnoDB']}; {outcome}")
    wrong = []
    wrong += [f"job {job} has {tasks} tasks" for job, tasks in jobs.items() if tasks != base_rows.task_count(job)]
    if len(set(there.values())) != 1:
        wrong.append(f"it is there or not: {there}")
    if state["told"] != "gone" and there["store"] != (state["told"] == "acknowledged"):
        wrong.append("that is not what the client was told")
    if "not said why" in state["told"]:
        wrong.append("the client is not told why")
    if ", and seen" in state["told"]:
        wrong.append("the client was told of an error, and others see the transaction")
    earlier = sorted(set(jobs) - {job})
    if earlier != sorted(state["done"]):
        wrong.append(f"of the others there are {earlier}, and should be {sorted(state['done'])}")
    state["job"] = max([job, *state["done"]])
    if there["store"]:
        state["done"].append(job)
    if found["OBVIEWS"]:
        counts = state["resolved"].setdefault(state["action"], {"committed": 0, "rolled back": 0})
        counts[outcome] += 1
    arguments.save(state)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


def note(arguments):
    """Before a start: what the log has so far, and nothing to happen."""
    pathlib.Path(arguments.control).write_bytes(bytes(ctypes.sizeof(Control)))
    state = arguments.load()
    log = pathlib.Path(arguments.log)
    state["log"] = len(log.read_text(errors="replace")) if log.exists() else 0
    arguments.save(state)
    return 0


def summary(arguments):
    resolved = arguments.load()["resolved"]
    print(f"starts that found the transaction prepared: {resolved}")
    # Otherwise no kill was between prepare and commit.
    return 0 if all(resolved.get("kill", {}).values()) and "kill" in resolved else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=[*ACTIONS, "check", "note", "summary"])
    for option in ("socket", "control", "log"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--state", type=pathlib.Path, required=True)
    parser.add_argument("--engines", type=lambda text: text.split(","))
    parser.add_argument("--step", type=int)
    arguments = parser.parse_args()
    arguments.load = lambda: (json.loads(arguments.state.read_text()) if arguments.state.exists()
                              else {"job": 0, "done": [], "resolved": {}})
    arguments.save = lambda state: arguments.state.write_text(json.dumps(state))
    sys.exit({"check": check, "note": note, "summary": summary}.get(arguments.what, run)(arguments))


if __name__ == "__main__":
    main()
