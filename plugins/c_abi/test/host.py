"""A host in Python that knows the library by obviews_plugin.h alone (ctypes).

    host.py LIBRARY values DB VIEW [TENANT]   all rows as TSV
    host.py LIBRARY doing DB                  the tasks that are being imported, found by conditions
    host.py LIBRARY misuse DB                 what must be errors, and is
"""

import ctypes as c
import os
import sys

ABI_VERSION = 1
INVALID_ARGUMENT, NOT_FOUND, STORE_MISSING, ABI, FORKED = 1, 2, 4, 11, 12
NULL, INT, UINT, REAL, TEXT = range(5)
AND, COMPARE = 1, 4
EQ, GE = 0, 5
COLUMNS = 4

Handle = c.c_void_p
Out = c.POINTER(c.c_void_p)


class Error(c.Structure):
    _fields_ = [("code", c.c_int32), ("reserved", c.c_uint32), ("message", c.c_char_p)]


class Text(c.Structure):
    _fields_ = [("data", c.c_void_p), ("size", c.c_size_t)]

    def value(self):
        return c.string_at(self.data, self.size)


class As(c.Union):
    _fields_ = [
        ("integer", c.c_int64),
        ("unsigned_integer", c.c_uint64),
        ("real", c.c_double),
        ("text", Text),
    ]


class Value(c.Structure):
    _fields_ = [("kind", c.c_uint32), ("reserved", c.c_uint32), ("as_", As)]

    @classmethod
    def of(cls, value):
        made = cls()
        if isinstance(value, int):
            made.kind, made.as_.integer = INT, value
        elif value is not None:
            made.kept = c.create_string_buffer(value, len(value))
            made.kind = TEXT
            made.as_.text = Text(c.addressof(made.kept), len(value))
        return made

    def shown(self):
        return {
            NULL: lambda: b"NULL",
            INT: lambda: b"%d" % self.as_.integer,
            UINT: lambda: b"%d" % self.as_.unsigned_integer,
            REAL: lambda: b"%.2f" % self.as_.real,
            TEXT: self.as_.text.value,
        }[self.kind]()


class SessionOptions(c.Structure):
    _fields_ = [
        ("size", c.c_uint32),
        ("flags", c.c_uint32),
        ("tenant", c.c_char_p),
        ("mode", c.c_char_p),
        ("time_zone", c.c_char_p),
        ("system_time_zone", c.c_char_p),
        ("view_version", c.c_char_p),
        ("now_usec", c.c_int64),
    ]


class ColumnInfo(c.Structure):
    _fields_ = [
        (name, c.c_uint32) for name in ("size", "kind", "nullable", "key", "max_bytes", "reserved")
    ] + [(name, c.c_char_p) for name in ("name", "type", "source", "conversion", "meaning")]


class ViewInfo(c.Structure):
    _fields_ = [
        ("size", c.c_uint32),
        ("own", c.c_uint32),
        ("name", c.c_char_p),
        ("schema", c.c_char_p),
        ("since_version", c.c_char_p),
        ("view_id", c.c_uint32),
        ("column_count", c.c_uint32),
        ("columns", c.POINTER(c.POINTER(ColumnInfo))),
    ]

    def names(self):
        return [self.columns[i].contents.name for i in range(self.column_count)]


class Predicate(c.Structure):
    pass


Predicate._fields_ = [
    ("size", c.c_uint32),
    ("kind", c.c_uint32),
    ("column", c.c_uint32),
    ("op", c.c_uint32),
    ("children", c.POINTER(c.POINTER(Predicate))),
    ("child_count", c.c_size_t),
    ("literals", c.POINTER(Value)),
    ("literal_count", c.c_size_t),
    ("escape", c.c_uint32),
    ("reserved", c.c_uint32),
]


def compare(column, op, value):
    literal = Value.of(value)
    literals = (Value * 1)(literal)
    made = Predicate(
        size=c.sizeof(Predicate), kind=COMPARE, column=column, op=op, literal_count=1
    )
    made.literals = c.cast(literals, c.POINTER(Value))
    made.kept = (literals, literal)
    return made


def both(*conditions):
    children = (c.POINTER(Predicate) * len(conditions))(*map(c.pointer, conditions))
    made = Predicate(size=c.sizeof(Predicate), kind=AND, child_count=len(conditions))
    made.children = c.cast(children, c.POINTER(c.POINTER(Predicate)))
    made.kept = (children, conditions)
    return made


class ScanOptions(c.Structure):
    _fields_ = [
        ("size", c.c_uint32),
        ("flags", c.c_uint32),
        ("view", c.c_char_p),
        ("columns", c.POINTER(c.c_uint32)),
        ("column_count", c.c_size_t),
        ("predicate", c.POINTER(Predicate)),
        ("limit", c.c_uint64),
        ("offset", c.c_uint64),
    ]


class Batch(c.Structure):
    _fields_ = [
        ("size", c.c_uint32),
        ("column_count", c.c_uint32),
        ("row_count", c.c_uint64),
        ("values", c.POINTER(Value)),
    ]


ErrorOut = c.POINTER(c.POINTER(Error))


def call(*arguments):
    return c.CFUNCTYPE(c.c_int32, *arguments, ErrorOut)


class Reader(c.Structure):
    """The functions up to fetch; those behind it are not needed here."""

    _fields_ = [
        ("size", c.c_uint32),
        ("abi_version", c.c_uint32),
        ("store_open", call(c.c_char_p, c.c_void_p, Out)),
        ("store_close", call(Handle)),
        ("store_notices", call(Handle, c.c_void_p, c.c_void_p)),
        ("session_open", call(Handle, c.POINTER(SessionOptions), Out)),
        ("session_close", call(Handle)),
        ("session_info", call(Handle, c.c_void_p)),
        ("views", call(Handle, c.c_void_p, c.c_void_p)),
        ("describe", call(Handle, c.c_char_p, c.POINTER(c.POINTER(ViewInfo)))),
        ("snapshot_take", call(Handle, Out)),
        ("snapshot_close", call(Handle)),
        ("snapshot_info", call(Handle, c.c_void_p)),
        ("scan_open", call(Handle, Handle, c.POINTER(ScanOptions), Out)),
        ("scan_close", call(Handle)),
        ("fetch", call(Handle, c.c_uint64, c.POINTER(c.POINTER(Batch)))),
    ]


class Api(c.Structure):
    _fields_ = [
        ("size", c.c_uint32),
        ("abi_version", c.c_uint32),
        ("library_version", c.c_char_p),
        ("error_free", c.CFUNCTYPE(None, c.POINTER(Error))),
        ("reader", c.POINTER(Reader)),
        ("jobs", c.c_void_p),
    ]


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(f"error {code}: {message}")
        self.code = code


class Library:
    def __init__(self, path, version=ABI_VERSION):
        entry = c.CDLL(path).obviews_plugin
        entry.restype, entry.argtypes = c.POINTER(Api), [c.c_uint32, ErrorOut]
        error = c.POINTER(Error)()
        api = entry(version, c.byref(error))
        if not api:
            raise Failure(error.contents.code, error.contents.message.decode())
        self.api, self.reader = api.contents, api.contents.reader.contents

    def run(self, function, *arguments):
        error = c.POINTER(Error)()
        code = getattr(self.reader, function)(*arguments, c.byref(error))
        if code != 0:
            failure = Failure(code, error.contents.message.decode())
            assert error.contents.code == code
            self.api.error_free(error)
            raise failure

    def make(self, function, *arguments):
        made = c.c_void_p()
        self.run(function, *arguments, c.byref(made))
        return made

    def session(self, store, tenant=None):
        options = SessionOptions(size=c.sizeof(SessionOptions), tenant=tenant)
        return self.make("session_open", store, c.byref(options))

    def describe(self, session, view):
        info = c.POINTER(ViewInfo)()
        self.run("describe", session, view, c.byref(info))
        return info.contents

    def rows(self, session, view, columns=None, predicate=None):
        options = ScanOptions(size=c.sizeof(ScanOptions), view=view)
        if columns is not None:
            options.flags, options.column_count = COLUMNS, len(columns)
            options.columns = (c.c_uint32 * len(columns))(*columns)
        if predicate is not None:
            options.predicate = c.pointer(predicate)
        scan = self.make("scan_open", session, None, c.byref(options))
        while True:
            batch = c.POINTER(Batch)()
            self.run("fetch", scan, 3, c.byref(batch))
            rows, width = batch.contents.row_count, batch.contents.column_count
            if rows == 0:
                break
            for row in range(rows):
                yield [batch.contents.values[row * width + i].shown() for i in range(width)]
        self.run("scan_close", scan)


def escape(cell):
    return cell.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n")


def print_rows(rows):
    for row in rows:
        sys.stdout.buffer.write(b"\t".join(map(escape, row)) + b"\n")


def values(library, db, view, tenant=None):
    store = library.make("store_open", db, None)
    session = library.session(store, tenant)
    names = [library.describe(session, view).names()]
    rows = list(library.rows(session, view))
    print_rows(names + rows if rows else [])
    library.run("session_close", session)
    library.run("store_close", store)


def doing(library, db):
    store = library.make("store_open", db, None)
    session = library.session(store)
    names = library.describe(session, b"CDB_OB_IMPORT_TABLE_TASKS").names()
    where = both(
        compare(names.index(b"STATUS"), EQ, b"DOING"), compare(names.index(b"TASK_ID"), GE, 1)
    )
    columns = [names.index(b"TASK_ID"), names.index(b"SRC_TABLE")]
    print_rows(library.rows(session, b"CDB_OB_IMPORT_TABLE_TASKS", columns, where))
    library.run("session_close", session)
    library.run("store_close", store)


def refused(code, function, *arguments):
    try:
        function(*arguments)
    except Failure as failure:
        assert failure.code == code, failure
        print(failure)
    else:
        raise AssertionError(f"{function} {arguments} was not refused")


def misuse(library, db):
    refused(ABI, Library, sys.argv[1], 0)
    refused(STORE_MISSING, library.make, "store_open", db + b"/nowhere", None)
    store = library.make("store_open", db, None)
    session = library.session(store)
    refused(NOT_FOUND, library.describe, session, b"CDB_OB_IMPORT_TABLE_TASK")
    refused(INVALID_ARGUMENT, library.run, "store_close", session)
    refused(INVALID_ARGUMENT, library.run, "store_close", c.c_void_p(0xDEAD0000BEEF))
    library.run("session_close", session)
    refused(INVALID_ARGUMENT, library.run, "session_close", session)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        refused(FORKED, library.make, "store_open", db, None)
        refused(FORKED, library.run, "store_close", store)
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    library.run("store_close", store)


def main():
    library = Library(sys.argv[1])
    command = {"values": values, "doing": doing, "misuse": misuse}[sys.argv[2]]
    command(library, *map(os.fsencode, sys.argv[3:]))


main()
