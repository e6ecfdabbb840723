"""Asks random SELECTs of the views and of InnoDB tables with the same rows, and some of the SQLite
extension; tests/mariadb/differential starts the server. A statement names its tables {0} and {1}, which
stand for a view or for its copy."""

import argparse
import copy
import random
import sqlite3
import sys
import time

import pymysql

VIEWS = [
    "oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY", "oceanbase.CDB_OB_IMPORT_TABLE_TASK_HISTORY",
    "oceanbase.CDB_OB_IMPORT_TABLE_TASKS", "oceanbase.CDB_OB_IMPORT_TABLE_JOB_HISTORY",
    "oceanbase.CDB_OB_RECOVER_TABLE_JOB_HISTORY", "tenant_1002.DBA_OB_IMPORT_TABLE_TASK_HISTORY",
    "tenant_1016.DBA_OB_RESTORE_HISTORY", "oceanbase.CDB_OB_IMPORT_TABLE_TASK_SUMMARY",
]
ZONES = ["+08:00", "+00:00", "-07:30", "SYSTEM"]
COPY_ZONE = "+00:00"
SWITCHES = ["default", "mrr=on,mrr_sort_keys=on", "index_merge=off", "join_cache_hashed=off",
            "derived_merge=off,condition_pushdown_for_derived=off", "materialization=off,semijoin=off",
            "extended_keys=off", "optimize_join_buffer_size=on", "rowid_filter=on"]
INTEGERS = ["0", "1", "2", "3", "10", "-1", "1002", "1004", "100", "9223372036854775807",
            "-9223372036854775808", "18446744073709551615", "9223372036854775808", "2.5", "1e1", "NULL",
            "'2'", "'10abc'", "''", "'1002 '", "0x0A", "TRUE", "1002.0", "-0.0"]
PLAIN_INTEGERS = ["0", "1", "2", "3", "10", "-1", "1002", "1004", "100", "9223372036854775807", "NULL"]
TEXTS = ["'FINISH'", "'finish'", "'FINISH '", "'INIT'", "'DOING'", "'doing'", "''", "' '", "'SUCCEESS'",
         "'succeess'", "'FAILED'", "'db1'", "'DB1'", "'strasse'", "'Straße'", "'x'", "'x '", "'é'", "'e'",
         "'10'", "'1e1'", "'日本'", "'😀'", "'a_b'", "'zzz'", "'A'", "'COMPLETED'", "NULL", "'ſ'", "'\u00ce'"]
ODD_TEXTS = ["0", "10", "1e1", "BINARY 'FINISH'", "_latin1'x'", "'FINISH' COLLATE utf8mb4_bin",
             "'x ' COLLATE utf8mb4_nopad_bin", "'e' COLLATE utf8mb4_unicode_ci", "x'78'", "CONCAT('x', ' ')"]
PATTERNS = ["'%'", "'F%'", "'f_nish'", "'%SS'", "'x_'", "'_'", "'a\\_b'", "'a\\\\%b'", "'%é%'", "''", "'% '",
            "'s%e'", "NULL", "'%I%' COLLATE utf8mb4_bin", "'a|_b' ESCAPE '|'", "'10%'"]
TIMES = ["'2023-08-01 10:00:00'", "'2023-08-20'", "20230820", "TIMESTAMP'2023-08-01 10:00:00.000001'",
         "'2023-08-19 23:59:59.999999'", "'1970-01-02'", "'2038-01-19 11:14:07'", "'2100-01-01'", "NULL", "0",
         "'nonsense'", "DATE'2023-09-01'", "'2023-03-26 02:30:00'", "'2023-10-29 02:30:00'", "''",
         "'2023-07-01' + INTERVAL 1 MONTH", "20230901101500.5"]
# What groups of tasks know; in other views too.
COUNTED = ("TENANT_ID", "JOB_ID", "STATUS", "RESULT")
COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "<=>"]


class Column:
    def __init__(self, name, declared):
        self.name = name
        if declared.startswith(("bigint", "tinyint", "decimal")):
            self.kind = "integer"
        elif declared.startswith(("timestamp", "datetime")):
            self.kind = "time"
        else:
            self.kind = "text"


class View:
    """A view, its copy, its columns, and those that its index is over."""

    def __init__(self, cursor, name):
        self.name = name
        self.copy = "copy." + name.replace(".", "_")
        cursor.execute(f"DESCRIBE {name}")
        self.columns = [Column(row[0], row[1]) for row in cursor.fetchall()]
        cursor.execute(f"SHOW INDEX FROM {name}")
        index = cursor.fetchall()
        self.key = [row[4] for row in index]
        self.unique = bool(index) and index[0][2] == "PRIMARY"
        kind = "PRIMARY KEY" if self.unique else "KEY by_job"
        cursor.execute(f"CREATE TABLE {self.copy} ({kind} ({', '.join(self.key)})) ENGINE=InnoDB "
                       f"SELECT * FROM {name}")
        # Types, collations and what may be NULL must be the same, or the copy proves nothing.
        cursor.execute(f"DESCRIBE {self.copy}")
        copied = [(row[0], row[1], row[2]) for row in cursor.fetchall()]
        cursor.execute(f"DESCRIBE {name}")
        if copied != [(row[0], row[1], row[2]) for row in cursor.fetchall()]:
            sys.exit(f"{self.copy} has other columns than {name}")

        cursor.execute(f"SELECT {', '.join(self.key)} FROM {self.copy} ORDER BY 1 LIMIT 500")
        self.keys = [[int(value) for value in row] for row in cursor.fetchall()]

    def pick(self, rng, kind=None):
        return rng.choice([column for column in self.columns if kind in (None, column.kind)])


class Generator:
    """Makes statements. `plain`: only what SQLite answers alike."""

    def __init__(self, rng, plain=False):
        self.rng = rng
        self.plain = plain

    def integer(self):
        return self.rng.choice(PLAIN_INTEGERS if self.plain else INTEGERS)

    def text(self):
        if not self.plain and self.rng.random() < 0.15:
            return self.rng.choice(ODD_TEXTS)
        return self.rng.choice(TEXTS)

    def literal(self, column):
        if not self.plain and self.rng.random() < 0.03:
            return self.rng.choice([self.integer, self.text, lambda: self.rng.choice(TIMES)])()
        return {"integer": self.integer, "text": self.text, "time": lambda: self.rng.choice(TIMES)}[column.kind]()

    def simple(self, view, alias):
        rng = self.rng
        column = view.pick(rng, rng.choice(["integer", "text"]) if self.plain else None)
        if rng.random() < 0.25:
            part = rng.choice(view.key)
            column = next(c for c in view.columns if c.name == part)
        name = f"{alias}.{column.name}"
        if self.plain and column.kind == "text":
            name += "{bin}"
        kind = rng.randrange(10)
        if kind < 4:
            comparisons = COMPARISONS[:-1] if self.plain else COMPARISONS
            sides = [name, self.literal(column)]
            if rng.random() < 0.2 and not self.plain:
                sides.reverse()
            return f"{sides[0]} {rng.choice(comparisons)} {sides[1]}"
        if kind == 4:
            return f"{name} {rng.choice(['', 'NOT '])}BETWEEN {self.literal(column)} AND {self.literal(column)}"
        if kind in (5, 6):
            values = ", ".join(self.literal(column) for _ in range(rng.randint(1, 4)))
            return f"{name} {rng.choice(['', '', 'NOT '])}IN ({values})"
        if kind == 7 or self.plain:
            return f"{name} IS {rng.choice(['', 'NOT '])}NULL"
        if kind == 8 and column.kind == "text":
            return f"{name} {rng.choice(['', '', 'NOT '])}LIKE {rng.choice(PATTERNS)}"
        other = view.pick(rng, column.kind)
        return f"{name} {rng.choice(COMPARISONS)} {alias}.{other.name}"

    def condition(self, view, alias, depth=2):
        rng = self.rng
        if depth == 0 or rng.random() < 0.4:
            return self.simple(view, alias)
        kind = rng.random()
        if kind < 0.15:
            return f"NOT ({self.condition(view, alias, depth - 1)})"
        parts = [self.condition(view, alias, depth - 1) for _ in range(rng.randint(2, 3))]
        return "(" + (" AND " if kind < 0.6 else " OR ").join(parts) + ")"

    def shown(self, view, alias):
        if not self.plain and self.rng.random() < 0.2:
            return f"{alias}.*"
        columns = self.rng.sample([c for c in view.columns if not self.plain or c.kind != "time"], 3)
        return ", ".join(f"{alias}.{column.name}" for column in columns)

    def grouped(self, view, alias, where):
        # Which of several equal texts a group shows is nobody's promise.
        column = view.pick(self.rng)
        first = f"{alias}.{column.name}, " if column.kind == "integer" else ""
        number = f"{alias}.{view.pick(self.rng, 'integer').name}"
        having = self.rng.choice(["", "", " HAVING COUNT(*) > 2"])
        return (f"SELECT {first}COUNT(*), COUNT({number}), MIN({number}), MAX({number}) FROM {{0}} {alias}{where} "
                f"GROUP BY {alias}.{column.name}{having}")

    def ranged(self, view, alias):
        """What the index finds: the first parts of a key that is there, and a range of the next one."""
        rng = self.rng
        fixed = rng.randrange(len(view.key))
        low, high = sorted(rng.choice(view.keys)[fixed] + rng.randint(-1, 1) for _ in range(2))
        values = rng.choice(view.keys)
        tests = [f"{alias}.{name} = {value}" for name, value in zip(view.key[:fixed], values)]
        name = f"{alias}.{view.key[fixed]}"
        near = values[fixed] + rng.randint(-1, 1)
        tests.append(rng.choice([f"{name} {rng.choice(['<', '<=', '>', '>='])} {near}",
                                 f"{name} BETWEEN {low} AND {high}", f"{name} IN ({low}, {near}, {high})"]))
        return " AND ".join(tests)

    def counted(self, view, alias):
        """What the store's counts answer, if it is a view of tasks."""
        rng = self.rng
        known = copy.copy(view)
        known.columns = [column for column in view.columns if column.name in COUNTED]
        known.key = [name for name in view.key if name in COUNTED]
        where = f" WHERE {self.condition(known, alias)}" if rng.random() < 0.8 else ""
        grouping = rng.sample(known.columns, rng.randint(0, min(3, len(known.columns))))
        integers = [f"{alias}.{column.name}" for column in grouping if column.kind == "integer"]
        if integers and rng.random() < 0.2:
            return f"SELECT DISTINCT {', '.join(integers)} FROM {{0}} {alias}{where}"
        counts = ["COUNT(*)", f"COUNT({alias}.{known.pick(rng).name})", "COUNT(NULL)", "COUNT(1)"]
        shown = integers + rng.sample(counts, rng.randint(1, 3))
        rng.shuffle(shown)
        group = f" GROUP BY {', '.join(f'{alias}.{column.name}' for column in grouping)}" if grouping else ""
        having = rng.choice(["", "", " HAVING COUNT(*) > 2"])
        order = rng.choice(["", " ORDER BY COUNT(*)", " ORDER BY 1 DESC", " ORDER BY NULL"])
        return f"SELECT {', '.join(shown)} FROM {{0}} {alias}{where}{group}{having}{order}"

    def statement(self, view, other):
        """A statement, and whether its rows come in an order that it asks for."""
        rng = self.rng
        if not self.plain and rng.random() < 0.1:
            return self.counted(view, "a"), False
        where = f" WHERE {self.condition(view, 'a')}"
        if view.keys and rng.random() < 0.15:
            where = f" WHERE {self.ranged(view, 'a')}" + rng.choice(["", f" AND {self.simple(view, 'a')}"])
        kind = rng.randrange(10)
        key = ", ".join(f"a.{name}" for name in view.key)
        if kind < 3:
            return f"SELECT {self.shown(view, 'a')} FROM {{0}} a{where}", False
        if kind == 3:
            return f"SELECT COUNT(*) FROM {{0}} a{where}", False
        if self.plain:
            return f"SELECT {self.shown(view, 'a')} FROM {{0}} a{where} ORDER BY {key}", view.unique
        if kind == 4:
            return self.grouped(view, "a", where), False
        if kind == 5 and view.unique:
            parts = view.key[:rng.randint(1, len(view.key))]
            down = rng.choice(["", " DESC"])
            limit = rng.choice(["", f" LIMIT {rng.randint(0, 20)}", f" LIMIT {rng.randint(1, 9)} OFFSET {rng.randint(0, 9)}"])
            if len(parts) < len(view.key):
                limit = ""
                return f"SELECT {', '.join('a.' + p for p in parts)} FROM {{0}} a{where} ORDER BY " + \
                    ", ".join(f"a.{part}{down}" for part in parts), True
            order = ", ".join(f"a.{part}{down}" for part in parts)
            return f"SELECT {self.shown(view, 'a')} FROM {{0}} a{where} ORDER BY {order}{limit}", True
        if kind == 6:
            name = rng.choice(view.key)
            return (f"SELECT MIN(a.{name}), MAX(a.{name}), COUNT(DISTINCT a.{name}) FROM {{0}} a" +
                    rng.choice(["", where])), False
        if kind == 7:
            inner = self.condition(other, "b")
            shared = next((n for n in view.key if n in other.key), None)
            link = f"b.{shared} = a.{shared} AND " if shared and rng.random() < 0.8 else ""
            return (f"SELECT a.{view.key[0]}, a.{view.key[-1]} FROM {{0}} a{where} AND {rng.choice(['', 'NOT '])}"
                    f"EXISTS (SELECT 1 FROM {{1}} b WHERE {link}{inner})"), False
        join = rng.choice(["JOIN", "LEFT JOIN", "JOIN"])
        on = " AND ".join(f"a.{n} = b.{n}" for n in view.key if n in other.key) or "a.JOB_ID = b.JOB_ID"
        if rng.random() < 0.3:
            on += f" AND {self.condition(other, 'b', 1)}"
        return (f"SELECT a.{view.key[0]}, a.{view.key[-1]}, {self.shown(other, 'b')} FROM {{0}} a {join} {{1}} b "
                f"ON {on}{where}"), False


def answer(cursor, statement, ordered):
    """The rows as texts, or what went wrong."""
    try:
        cursor.execute(statement)
        rows = [tuple(None if value is None else str(value) for value in row) for row in cursor.fetchall()]
    except pymysql.MySQLError as error:
        return "error", error.args[0]
    return "rows", rows if ordered else sorted(rows, key=repr)


class Run:
    def __init__(self, arguments):
        self.rng = random.Random(arguments.seed)
        # Everything as the text that the server sends.
        connection = pymysql.connect(unix_socket=arguments.socket, user="root", charset="utf8mb4", conv={},
                                     autocommit=True)
        self.cursor = connection.cursor()
        self.cursor.execute("SET SESSION max_statement_time = 20")
        self.cursor.execute("CREATE DATABASE copy")
        # A zone without changes of its offset, in which all times are different.
        self.cursor.execute(f"SET time_zone = '{COPY_ZONE}'")
        self.views = [View(self.cursor, name) for name in dict.fromkeys(VIEWS)]
        self.by_name = {view.name: view for view in self.views}
        self.sqlite = sqlite3.connect(":memory:")
        self.sqlite.enable_load_extension(True)
        self.sqlite.load_extension(arguments.sqlite)
        self.sqlite.execute("SELECT obviews_attach(?)", (arguments.store,))
        self.rows = 0
        self.errors = 0
        self.skipped = 0

    def set_session(self, *views):
        # Oracle mode shows times as texts of the session's zone: a copy has those of the zone it was made in.
        bound = any("tenant_1016" in view.name for view in views)
        settings = {
            "time_zone": f"'{COPY_ZONE if bound else self.rng.choice(ZONES)}'",
            "obviews_condition_pushdown": self.rng.choice(["ON", "ON", "OFF"]),
            "optimizer_switch": f"'{self.rng.choice(SWITCHES)}'",
            "join_cache_level": self.rng.choice(["0", "2", "4", "8"]),
        }
        self.cursor.execute("SET optimizer_switch = 'default'")
        text = "SET " + ", ".join(f"{name} = {value}" for name, value in settings.items())
        self.cursor.execute(text)
        return text

    def fail(self, settings, what, ours, theirs):
        print(f"answers differ:\n{settings};\n{what[0]};\n{what[1]};")
        for title, (kind, found), (_, other) in (("only the first", ours, theirs), ("only the second", theirs, ours)):
            if kind == "error":
                print(f"{title}: error {found}")
                continue
            rest = [row for row in found if not isinstance(other, list) or row not in other]
            print(f"{title}: {len(rest)} of {len(found)} rows: {rest[:5]}")
        sys.exit(1)

    def compare_with_copy(self):
        view = self.by_name[self.rng.choice(VIEWS)]
        other = self.by_name[self.rng.choice(VIEWS)]
        settings = self.set_session(view, other)
        statement, ordered = Generator(self.rng).statement(view, other)
        asked = [statement.format(view.name, other.name), statement.format(view.copy, other.copy)]
        ours, theirs = (answer(self.cursor, text, ordered) for text in asked)
        # max_statement_time: joins of everything with everything.
        if 1969 in (ours[1], theirs[1]):
            self.skipped += 1
            return
        if ours != theirs:
            self.fail(settings, asked, ours, theirs)
        self.note(ours)

    def compare_with_sqlite(self):
        settings = self.set_session()
        view = self.rng.choice([view for view in self.views if view.name.startswith("oceanbase.")])
        statement, ordered = Generator(self.rng, plain=True).statement(view, view)
        collated = " COLLATE utf8mb4_nopad_bin"
        # Empty texts are not NULL, and `''` in strings of MariaDB has no backslashes here.
        ours = answer(self.cursor, statement.replace("{bin}", collated).format(view.name), ordered)
        plain = statement.replace("{bin}", "").format(view.name)
        rows = [tuple(None if value is None else str(value) for value in row) for row in self.sqlite.execute(plain)]
        theirs = "rows", rows if ordered else sorted(rows, key=repr)
        if ours != theirs:
            self.fail(settings, [statement.replace("{bin}", collated).format(view.name), plain], ours, theirs)
        self.note(ours)

    def note(self, found):
        if found[0] == "error":
            self.errors += 1
        else:
            self.rows += len(found[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--sqlite", required=True)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    run = Run(arguments)
    started = time.monotonic()
    for number in range(arguments.queries):
        if number % 5 == 4:
            run.compare_with_sqlite()
        else:
            run.compare_with_copy()
    print(f"{arguments.queries} statements, {run.rows} rows in their answers, {run.errors} refused by both, "
          f"{run.skipped} took too long, {time.monotonic() - started:.0f} s: answers are equal")


if __name__ == "__main__":
    main()
