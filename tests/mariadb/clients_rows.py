"""Rows as tests/mariadb/clients compares them, one value a line: from what a client printed, or by asking
with PyMySQL.
  clients_rows.py xml | tsv <OUTPUT
  clients_rows.py python SOCKET STATEMENTS"""

import decimal
import datetime
import re
import sys
import xml.etree.ElementTree as xml


def show(rows):
    for row in rows:
        for name, value in row:
            if value is None:
                print(f"{name} is NULL")
            else:
                print(f"{name}: {value}")
        print()


def from_xml(text):
    """A document a statement."""
    null = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    for document in re.findall(r"<resultset.*?</resultset>", text, re.DOTALL):
        for row in xml.fromstring(document):
            yield [(field.get("name"), None if field.get(null) == "true" else field.text or "") for field in row]


def from_tsv(text):
    """As mycli has it: names first, and nothing for NULL."""
    names, *rows = [line.split("\t") for line in text.splitlines()]
    for row in rows:
        yield list(zip(names, row))


def from_python(socket, statements):
    import pymysql

    def text(value):
        if isinstance(value, datetime.datetime):
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        assert value is None or isinstance(value, (str, int, decimal.Decimal)), type(value)
        return value

    with pymysql.connect(unix_socket=socket, user="root", charset="utf8mb4") as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield list(zip(names, map(text, row)))


def main():
    if sys.argv[1] == "python":
        with open(sys.argv[3], encoding="utf-8") as statements:
            show(from_python(sys.argv[2], [line for line in statements.read().split(";\n") if line]))
    else:
        show({"xml": from_xml, "tsv": from_tsv}[sys.argv[1]](sys.stdin.read()))


if __name__ == "__main__":
    main()
