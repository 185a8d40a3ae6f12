"""What is in a PostgreSQL database: tables, columns, and a number that stands for their values."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# 15 digits of the hash of each value, added up: independent of the order of the rows.
VALUES = "count({0}), coalesce(sum(('x' || left(md5(({0})::text), 15))::bit(60)::bigint), 0)::text"
# A column whose values cannot be read as what they were.
GONE = [0, ""]

TABLES = """
SELECT c.oid::int, c.relname, c.relkind::text, c.relfilenode::int
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'm') AND c.relname <> 'alembic_version'
"""
COLUMNS = """
SELECT a.attrelid::int, a.attnum::int, a.attname, format_type(a.atttypid, a.atttypmod),
    a.attgenerated <> '' OR a.attidentity <> '' OR a.atthasdef
FROM pg_attribute a WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = ''
"""

Connection = psycopg.Connection[Any]
Key = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """A table or materialized view with rows."""

    name: str
    kind: str
    filenode: int
    rows: int


@dataclass(frozen=True)
class Column:
    """A column and its values: how many, and their sum; `own` when the database can fill it."""

    table: int
    name: str
    type: str
    own: bool
    values: int
    total: str


@dataclass(frozen=True)
class Contents:
    """Tables by their number, columns by table and number: both outlast a new name."""

    tables: dict[int, Table]
    columns: dict[Key, Column]


def taken(connection: Connection, types: dict[Key, str] | None = None) -> Contents:
    """The contents of all tables with rows; values are read as `types` where these know better."""
    found = connection.execute(TABLES).fetchall()
    counted = {oid: rows(connection, name) for oid, name, _, _ in found}
    tables = {oid: Table(name, kind, node, counted[oid]) for oid, name, kind, node in found}
    columns = connection.execute(COLUMNS, [list(tables)]).fetchall()
    return Contents(
        tables={oid: table for oid, table in tables.items() if table.rows},
        columns=_columns(connection, tables, columns, types or {}),
    )


def rows(connection: Connection, name: str) -> int:
    """The number of rows of a table."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _columns(
    connection: Connection,
    tables: dict[int, Table],
    found: list[tuple[Any, ...]],
    types: dict[Key, str],
) -> dict[Key, Column]:
    made = {}
    for oid, table in tables.items():
        mine = [one for one in found if one[0] == oid]
        sums = _sums(connection, table, mine, types) if table.rows else [(0, "")] * len(mine)
        for (_, number, name, kind, own), (values, total) in zip(mine, sums, strict=True):
            made[oid, number] = Column(oid, name, kind, own, values, total)
    return made


def _sums(
    connection: Connection, table: Table, columns: list[tuple[Any, ...]], types: dict[Key, str]
) -> list[tuple[int, str]]:
    """The number and sum of each column's values, in one query if all of them can be read."""
    asked = [
        VALUES.format(_text(connection, name, kind, types.get((oid, number), kind)))
        for oid, number, name, kind, _ in columns
    ]
    whole = _row(connection, asked, table.name)
    row = whole or [value for one in asked for value in _row(connection, [one], table.name) or GONE]
    return list(zip(row[::2], row[1::2], strict=True))


def _text(connection: Connection, name: str, kind: str, old: str) -> str:
    """The value as it was written when the column had its old type, where that still exists."""
    value = sql.Identifier(name).as_string(connection)
    if kind != old:
        row = connection.execute("SELECT to_regtype(%s)", [old]).fetchone()
        value = f"{value}::text::{old}" if row and row[0] else value
    # The zone of the session is none of the value's.
    return f"extract(epoch FROM {value})" if old.endswith("with time zone") else value


def _row(connection: Connection, asked: list[str], table: str) -> list[Any]:
    """The one row of the query; empty when values are no longer of the type they had."""
    name = sql.Identifier(table).as_string(connection)
    try:
        with connection.transaction():
            query = f"SELECT {', '.join(asked)} FROM {name}"
            return list(connection.execute(query.encode()).fetchone() or ())
    except psycopg.errors.DatabaseError:
        return []
