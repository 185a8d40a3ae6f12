"""Readers and writers that work on the touched tables while the revisions run.

How long the longest of them had to wait is what users would have felt. They touch rows at random:
a single row would soon be everybody's.
"""

import asyncio
import random
import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from dbctl import loop
from dbctl.database.server import Session, address, server
from dbctl.errors import DbctlError
from dbctl.rehearse.measure import Measure
from dbctl.rehearse.model import Blocked, Load, Stall
from dbctl.settings import Settings

TABLES = 6
_KEYS = 500
_PAUSE = 0.003  # seconds between two operations of one worker
_SETTLE = 0.1  # seconds for the workers to begin before the revisions do
# The table, its one-column key, and a column that is neither a key nor made by the server.
_WORKABLE = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(k.attname),
       coalesce((SELECT quote_ident(a.attname) FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attgenerated = '' AND a.attidentity = '' AND a.attnum <> k.attnum
                  ORDER BY a.attnum LIMIT 1), quote_ident(k.attname)),
       CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
  JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
 WHERE c.relkind IN ('r', 'p')
"""


@dataclass(frozen=True)
class Target:
    """A table to work on: names in quotes, keys of some of its rows."""

    name: str
    reading: str
    writing: str
    keys: list[Any]


@dataclass
class Wait:
    """The longest operation of one kind on one table so far."""

    seconds: float = 0.0
    revision: str = ""


@dataclass
class Canary:
    """The workers of one rehearsal."""

    copy: Settings
    targets: list[Target]
    waits: dict[tuple[str, Blocked], Wait] = field(default_factory=dict)
    operations: int = 0
    refused: int = 0

    @property
    def seen(self) -> Load:
        """What they met."""
        stalls = (
            Stall(table, kind, round(wait.seconds, 6), wait.revision)
            for (table, kind), wait in self.waits.items()
        )
        ordered = sorted(stalls, key=lambda one: -one.seconds)
        return Load(self.operations, self.refused, tuple(ordered))

    @contextmanager
    def working(self, measure: Measure) -> Iterator[None]:
        """Let them work while the block runs; time is that of the measure."""
        kinds: tuple[Blocked, ...] = ("reads", "writes")
        work = self._on_sqlite if address(self.copy).dialect == "sqlite" else self._on_postgres
        stop = threading.Event()
        with loop.beside() as portal:
            for target in self.targets:
                for kind in kinds:
                    portal.start_task_soon(work, target, kind, measure, stop)
            try:
                portal.call(asyncio.sleep, _SETTLE)
                yield
            finally:
                stop.set()  # the revisions are over: nobody waits for a lock any more

    async def _on_postgres(
        self, target: Target, kind: Blocked, measure: Measure, stop: threading.Event
    ) -> None:
        """One worker: one row at random, again and again."""
        statement = target.reading if kind == "reads" else target.writing
        async with server(self.copy).open() as session:
            while not stop.is_set():
                with self._timed(target, kind, measure):
                    try:
                        await session.fetch(statement, random.choice(target.keys))  # noqa: S311
                    except asyncpg.PostgresError:  # the row, the column or the table is gone
                        self.refused += 1
                await asyncio.sleep(_PAUSE)

    async def _on_sqlite(
        self, target: Target, kind: Blocked, measure: Measure, stop: threading.Event
    ) -> None:
        # In a thread, which nothing cancels: its connection is closed by itself alone.
        await asyncio.to_thread(self._sqlite, target, kind, measure, stop)

    def _sqlite(
        self, target: Target, kind: Blocked, measure: Measure, stop: threading.Event
    ) -> None:
        statement = target.reading if kind == "reads" else target.writing
        file, limit = str(address(self.copy).file), self.copy.lock_wait
        with closing(sqlite3.connect(file, timeout=limit, isolation_level=None)) as connection:
            while not stop.is_set():
                key = random.choice(target.keys)  # noqa: S311 - not a secret
                with self._timed(target, kind, measure):
                    try:
                        connection.execute(statement, {"1": key}).fetchall()
                    except sqlite3.Error:
                        self.refused += 1
                time.sleep(_PAUSE)

    @contextmanager
    def _timed(self, target: Target, kind: Blocked, measure: Measure) -> Iterator[None]:
        began, during = measure.clock.now(), measure.latest
        try:
            yield
        finally:
            self.operations += 1
            seconds = measure.clock.now() - began
            wait = self.waits.setdefault((target.name, kind), Wait())
            if seconds > wait.seconds:
                wait.seconds, wait.revision = seconds, during or measure.latest


def canary(copy: Settings, counts: Mapping[str, int], texts: str) -> Canary | None:
    """Workers for the tables that `texts` name; for the largest where none is named.

    None when no table has rows and a key of one column.
    """
    words = set(re.findall(r"\w+", texts))
    filled = sorted((name for name, rows in counts.items() if rows), key=lambda n: -counts[n])
    named = [name for name in filled if name.rpartition(".")[2] in words]
    targets = loop.run(_targets(copy, (named or filled)[:TABLES]))
    return Canary(copy, targets) if targets else None


async def _targets(copy: Settings, names: list[str]) -> list[Target]:
    async with server(copy).open() as session:
        if address(copy).dialect == "sqlite":
            found = [await _sqlite_target(session, name) for name in names]
        else:
            rows = {str(row[3]): row for row in await session.fetch(_WORKABLE)}
            found = [await _target(session, rows[name]) for name in names if name in rows]
    return [one for one in found if one is not None and one.keys]


async def _target(session: Session, row: tuple[Any, ...]) -> Target | None:
    table, key, column, name = (str(one) for one in row)
    keys = await session.fetch(f"SELECT {key} FROM {table} LIMIT {_KEYS}")  # noqa: S608 - quoted
    return Target(
        name,
        f"SELECT * FROM {table} WHERE {key} = $1",  # noqa: S608 - quoted
        f"UPDATE {table} SET {column} = {column} WHERE {key} = $1",  # noqa: S608 - quoted
        [one for (one,) in keys],
    )


async def _sqlite_target(session: Session, name: str) -> Target | None:
    from dbctl.database.sqlite import quoted

    table = quoted(name)
    try:
        keys = await session.fetch(f"SELECT rowid FROM {table} LIMIT {_KEYS}")  # noqa: S608 - quoted
    except (sqlite3.Error, DbctlError):  # a table WITHOUT ROWID
        return None
    columns = await session.fetch(f"PRAGMA table_info({table})")
    column = next((quoted(str(one[1])) for one in columns if not one[5]), None)
    if column is None:
        return None
    return Target(
        name,
        f"SELECT * FROM {table} WHERE rowid = $1",  # noqa: S608 - quoted
        f"UPDATE {table} SET {column} = {column} WHERE rowid = $1",  # noqa: S608 - quoted
        [one for (one,) in keys],
    )
