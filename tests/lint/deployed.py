"""Whether code that knows only the tables of before still reads and writes after the upgrade."""

from collections.abc import Collection, Iterator
from typing import Any

import psycopg
from psycopg import errors, sql

from tests.lint.contents import Column, Connection, Contents, Key, Table

# The row itself is refused, not the statement: another row would do.
ROW_REFUSED = (
    errors.UniqueViolation,
    errors.ExclusionViolation,
    errors.ForeignKeyViolation,
    errors.CheckViolation,
)
ROW = "SELECT {} FROM {} LIMIT 1"

Rows = dict[Key, Any]


def samples(connection: Connection, contents: Contents) -> Rows:
    """A value of each column as text, all of one table from the same row."""
    found: Rows = {}
    for oid, table in contents.tables.items():
        keys = [key for key in contents.columns if key[0] == oid]
        names = [sql.Identifier(contents.columns[key].name) for key in keys]
        texts = sql.SQL(", ").join(sql.SQL("{}::text").format(name) for name in names)
        query = sql.SQL(ROW).format(texts, sql.Identifier(table.name))
        found.update(zip(keys, connection.execute(query).fetchone() or (), strict=True))
    return found


def broken(
    connection: Connection, before: Contents, rows: Rows, unused: Collection[str]
) -> Iterator[str]:
    """What fails, as `table: read` or `table: write`; nothing is changed."""
    for oid, table in before.tables.items():
        columns = [
            (column, rows[key])
            for key, column in before.columns.items()
            if key[0] == oid and f"{table.name}.{column.name}" not in unused
        ]
        if _refused(connection, _read(table, columns)):
            yield f"{table.name}: read"
        if table.kind != "m" and _refused(connection, _write(table, columns)):
            yield f"{table.name}: write"


def _read(table: Table, columns: list[tuple[Column, Any]]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column, _ in columns)
    return sql.SQL(ROW).format(names, sql.Identifier(table.name))


def _write(table: Table, columns: list[tuple[Column, Any]]) -> sql.Composed:
    """A new row as a driver writes it: values of the types that the code knows."""
    own = [(column, value) for column, value in columns if not column.own]
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.Identifier(column.name) for column, _ in own),
        sql.SQL(", ").join(
            sql.SQL("{}::" + column.type).format(sql.Literal(value)) for column, value in own
        ),
    )


def _refused(connection: Connection, query: sql.Composed) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(query)
    except ROW_REFUSED:
        return False
    except psycopg.errors.DatabaseError:
        return True
    return False
