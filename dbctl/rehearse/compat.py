"""Whether code that knows the schema of before can still read and write after the revisions.

The code that runs while they do is such code. One row of each table is kept as text before; after
them it is read and inserted again, as a driver would, and rolled back.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from dbctl.database.server import Session
from dbctl.database.sqlite import quoted
from dbctl.rehearse.model import AppCheck, Break

MOST = 100  # tables; of more only those are tried that the revisions name
_COLUMNS = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(a.attname),
       format_type(a.atttypid, a.atttypmod),
       a.attidentity <> '' OR a.attgenerated <> '' OR a.atthasdef,
       CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'dbctl')
 ORDER BY c.oid, a.attnum
"""
# The row is refused, not the statement: another one would do.
_ROW_REFUSED = (
    asyncpg.UniqueViolationError,
    asyncpg.ExclusionViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.CheckViolationError,
)


@dataclass(frozen=True)
class Sample:
    """A table as it was: what reads it and what writes into it."""

    table: str
    reading: str
    writing: str


async def postgres(session: Session, names: Sequence[str]) -> tuple[Sample, ...]:
    """A sample of each of the tables `names`."""
    columns: dict[tuple[str, str], list[Sequence[str]]] = {}
    for ident, column, kind, own, name in await session.fetch(_COLUMNS):
        if name in names:
            columns.setdefault((ident, name), []).append((column, kind, own))
    return tuple([await _sample(session, *table, found) for table, found in columns.items()])


async def _sample(session: Session, ident: str, name: str, columns: list[Sequence[str]]) -> Sample:
    texts = ", ".join(f"{column}::text" for column, *_ in columns)
    rows = await session.fetch(f"SELECT {texts} FROM {ident} LIMIT 1")
    written = [column for column, _, own in columns if not own]
    reading = f"SELECT {', '.join(column for column, *_ in columns)} FROM {ident} LIMIT 1"
    if not written:
        return Sample(name, reading, "")
    into = f"INSERT INTO {ident} ({', '.join(written)})"
    if not rows:
        return Sample(name, reading, f"{into} SELECT {', '.join(written)} FROM {ident} LIMIT 0")
    pairs = zip(columns, rows[0], strict=True)
    values = (f"{_literal(text)}::{kind}" for (_, kind, own), text in pairs if not own)
    return Sample(name, reading, f"{into} VALUES ({', '.join(values)})")


def _literal(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


async def sqlite(session: Session, names: Sequence[str]) -> tuple[Sample, ...]:
    """The same of a SQLite file; values have no types there, so names are enough."""
    found = []
    for name in names:
        info = await session.fetch(f"PRAGMA table_info({quoted(name)})")
        columns = ", ".join(quoted(str(row[1])) for row in info)
        table = quoted(name)
        found.append(
            Sample(
                name,
                f"SELECT {columns} FROM {table} LIMIT 1",
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1",
            )
        )
    return tuple(found)


def chosen(counts: Mapping[str, int], texts: str) -> list[str]:
    """The tables to try: all of them, or of very many those that the revisions name."""
    if len(counts) <= MOST:
        return list(counts)
    words = set(re.findall(r"\w+", texts))
    return [name for name in counts if name.rpartition(".")[2] in words][:MOST]


async def check(session: Session, samples: Sequence[Sample]) -> AppCheck:
    """Read and write as code of before would; everything is rolled back."""
    breaks: list[Break] = []
    await session.fetch("BEGIN")
    try:
        for one in samples:
            breaks.extend([found async for found in _tried(session, one)])
    finally:
        await session.fetch("ROLLBACK")
    return AppCheck(None, len(samples), tuple(breaks))


async def _tried(session: Session, sample: Sample) -> AsyncIterator[Break]:
    if error := await _error(session, sample.reading):
        yield Break(sample.table, "", "select", error)
    elif sample.writing and (error := await _error(session, sample.writing)):
        yield Break(sample.table, "", "insert", error)


async def _error(session: Session, statement: str) -> str:
    """What is wrong with a statement, in a line; "" for nothing, or for the row alone."""
    await session.fetch("SAVEPOINT dbctl_tried")
    try:
        await session.fetch(statement)
    except _ROW_REFUSED:
        return ""
    except (asyncpg.PostgresError, sqlite3.Error) as error:
        said = " ".join(str(error).split())
        return "" if said.startswith(("UNIQUE", "FOREIGN KEY", "CHECK")) else said
    finally:
        await session.fetch("ROLLBACK TO SAVEPOINT dbctl_tried")
        await session.fetch("RELEASE SAVEPOINT dbctl_tried")
    return ""
