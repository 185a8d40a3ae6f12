"""Snapshots of a PostgreSQL database: pg_dump takes one, two renames at once put it back.

What is counted and what is dumped is one moment: pg_dump works in the counting session's snapshot.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import asyncpg

from dbctl.database import catalog, clients, schema
from dbctl.database.condition import Client
from dbctl.database.model import Look
from dbctl.database.postgres import NAME_BYTES, Postgres, asking, quoted
from dbctl.database.server import Session
from dbctl.database.url import Url
from dbctl.errors import RefusedError
from dbctl.settings import Settings
from dbctl.snapshot import likeness, progress, rests
from dbctl.snapshot.model import Content, Manifest, ProviderName, Purpose, Rest, TableState
from dbctl.snapshot.provider import Built, Seen, Table, full_name
from dbctl.snapshot.store import Draft

if TYPE_CHECKING:
    from pathlib import Path

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

Found: TypeAlias = tuple[Look, dict[str, TableState], dict[str, str]]

DUMP, BYTES = "dump", "bytes"
LARGE = 100_000_000  # bytes from which several workers are worth their connections
MOST_JOBS = 4
AGAIN = 0.05  # seconds; ALTER DATABASE waits five for sessions to go
# What a row's text depends on, so that two databases say the same of the same row.
_SESSION = """
SELECT set_config('search_path', 'public', true), set_config('TimeZone', 'UTC', true),
       set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
       set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true),
       set_config('xmlbinary', 'base64', true), set_config('row_security', 'off', true),
       set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true)
"""
# The sum does not depend on the order of the rows; no hash function here is forbidden anywhere.
_STATE = "SELECT count(*), coalesce(sum(hashtextextended((r.*)::text, 0)), 0)::text FROM {table} r"
_RESTS = """
SELECT d.datname, CASE WHEN has_database_privilege(d.oid, 'CONNECT')
                       THEN pg_database_size(d.oid) END,
       EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)
  FROM pg_database d WHERE d.datname ~ '__(new|check|old)_' ORDER BY 1
"""
_SESSIONS = """
SELECT coalesce(application_name, ''), coalesce(usename::text, ''),
       coalesce(host(client_addr), ''), count(*)::int
  FROM pg_stat_activity
 WHERE datname = $1 AND coalesce(backend_type, 'client backend') = 'client backend'
 GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1
"""
_END = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = $1 AND coalesce(backend_type, 'client backend') = 'client backend'
"""


class PostgresSnapshots:
    """Snapshots of one database."""

    name: ClassVar[ProviderName] = "postgresql"

    def __init__(self, settings: Settings, url: Url) -> None:
        self._settings = settings
        self._url = url
        self._server = Postgres(url, settings)

    async def save(self, draft: Draft, table: Table, jobs: int) -> Seen:
        """Dump the database as a folder of compressed files, and count what is dumped."""
        target = draft.path / DUMP
        async with self._server.open() as session:
            place, size = await session.place(), (await session.use()).bytes or 0
            program = await clients.fitting("pg_dump", _major(place.server_version))
            await session.fetch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            ((moment,),) = await session.fetch("SELECT pg_export_snapshot()")
            words = [str(program.path), *self._dumping(target, moment, jobs or _jobs(size))]
            run = clients.run(words, self._environment(self._url), keep=[draft.lock])
            async with progress.shown("snapshot", progress.file(target)):
                _, (look, tables, described) = await _both(run, seen(session, table))
            details = await likeness.properties(session, self._url.name)
        details[BYTES] = str(size)
        content = Content(place.server_version, program.version, tables, described, details)
        return Seen(content, look)

    def _dumping(self, target: "Path", moment: str, jobs: int) -> tuple[str, ...]:
        return (
            "--no-password",
            "--format=directory",
            "--compress=1",
            f"--jobs={jobs}",
            f"--snapshot={moment}",
            f"--lock-wait-timeout={self._settings.lock_wait * 1000:.0f}",
            f"--file={target}",
        )

    def _environment(self, url: Url) -> dict[str, str]:
        return clients.environment(url, self._settings)

    async def published(self, found: Manifest) -> None:
        """Nothing: all of a snapshot is in its folder."""

    async def beside(self, purpose: Purpose) -> str:
        """A new name for a database beside the real one."""
        return rests.made(self._url.name, purpose, NAME_BYTES)

    async def build(
        self, home: "Path", found: Manifest, name: str, table: Table, jobs: int
    ) -> Built:
        """Restore into a new database beside the real one, and look at what is in it then."""
        async with self._server.maintenance() as connection:
            with asking(self._url):
                there = await likeness.properties(connection, self._url.name)
                await connection.execute(likeness.creation(name, there, found.content.details))
            total = int(found.content.details.get(BYTES, 0))
            async with progress.shown(found.name, self._growing(connection, name), total):
                await self._restored(home, found, name, jobs)
            made = await self._looked(name, found, table)
        return Built(name, *made)

    def _growing(self, connection: "Connection", name: str) -> Callable[[], Awaitable[int]]:
        async def measured() -> int:
            return int(await connection.fetchval("SELECT pg_database_size($1::name)", name))

        return measured

    async def _restored(self, home: "Path", found: Manifest, name: str, jobs: int) -> None:
        dump = home / found.name / DUMP
        async with self._server.maintenance() as connection:
            server = connection.get_server_version().major
        least = max(server, clients.major_of(found.content.tool))
        program = await clients.fitting("pg_restore", least)
        size = sum(one.bytes for one in found.files)
        words = [
            str(program.path),
            "--no-password",
            f"--jobs={jobs or _jobs(size)}",
            f"--dbname={clients.conninfo(name)}",
            # A newer program says SET to what an older server does not know; then the comparison
            # that follows tells whether anything is missing.
            *(["--exit-on-error"] if program.major == server else []),
            str(dump),
        ]
        await clients.run(words, self._environment(self._url.named(name)))

    async def _looked(self, name: str, found: Manifest, table: Table) -> Seen:
        url = self._url.named(name)
        async with Postgres(url, self._settings).open() as session:
            await session.fetch("SET statement_timeout = 0")
            await session.fetch("ANALYZE")  # a dump of older versions brings no statistics
            await session.fetch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            look, tables, described = await seen(session, table)
        version, kept = look.place.server_version, found.content
        return Seen(Content(version, kept.tool, tables, described, kept.details), look)

    async def require_free(self, *, end_sessions: bool) -> None:
        """Raises RefusedError naming who is connected, unless they may be cut off."""
        async with self._server.maintenance() as connection:
            with asking(self._url):
                if not end_sessions:
                    await self._require_nobody(connection)

    async def _require_nobody(self, connection: "Connection") -> None:
        rows = await connection.fetch(_SESSIONS, self._url.name)
        if rows:
            raise in_use(self._url, [Client(*row) for row in rows])

    async def swap(self, built: Built, *, end_sessions: bool) -> str | None:
        """Rename both databases in one transaction; whoever connects meanwhile waits for it."""
        async with self._server.maintenance() as connection, self._server.maintenance() as other:
            with asking(self._url):
                if not await likeness.properties(connection, self._url.name):
                    await connection.execute(_renaming(built.name, self._url.name))
                    return None
                await likeness.copy(connection, self._url.name, built.name)
                async with self._ending(other if end_sessions else None):
                    return await self._swapped(connection, built)

    async def _swapped(self, connection: "Connection", built: Built) -> str:
        old = await self.beside("old")
        try:
            async with connection.transaction():
                await connection.execute(_renaming(self._url.name, old))
                await connection.execute(_renaming(built.name, self._url.name))
                # What a comment says of the database holds for the new one alone.
                await connection.execute(f"COMMENT ON DATABASE {quoted(old)} IS NULL")
        except asyncpg.ObjectInUseError as error:
            await self._require_nobody(connection)
            raise in_use(self._url, []) from error
        return old

    @asynccontextmanager
    async def _ending(self, connection: "Connection | None") -> AsyncIterator[None]:
        """End the sessions again and again: they come back until the rename has its lock."""

        async def ended(connection: "Connection") -> None:
            while True:
                await connection.execute(_END, self._url.name)
                await asyncio.sleep(AGAIN)

        if connection is None:
            yield
            return
        task = asyncio.create_task(ended(connection))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def rests(self) -> tuple[Rest, ...]:
        """Databases beside the real one that a restore or a check made."""
        async with self._server.maintenance() as connection:
            with asking(self._url):
                rows = await connection.fetch(_RESTS)
        found = (rests.read(self._url.name, row[0], row[1], running=row[2]) for row in rows)
        return tuple(one for one in found if one)

    def url(self, name: str) -> Url:
        """The address of what stands beside the database."""
        return self._url.named(name)

    async def remove(self, name: str) -> None:
        """Drop a database that stands beside the real one, ending its sessions."""
        await Postgres(self._url.named(name), self._settings).drop()

    async def forget(self, found: Manifest) -> None:
        """Nothing: all of a snapshot is in its folder."""


def in_use(url: Url, found: list[Client]) -> RefusedError:
    """The refusal that names who is connected."""
    who = ", ".join(f"{one.application or 'unnamed'} ({one.sessions})" for one in found[:4])
    return RefusedError(
        f"{url.name} is in use: {who or 'a session that has just begun'}",
        hint="stop the applications, or end their sessions with --end-sessions",
    )


async def _both(run: Awaitable[str], seen: Awaitable[Found]) -> tuple[str, Found]:
    """Both at once; when one fails the other is ended before we go on."""
    first, second = asyncio.ensure_future(run), asyncio.ensure_future(seen)
    try:
        return await asyncio.gather(first, second)
    finally:
        first.cancel()
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)


async def seen(session: Session, table: Table) -> Found:
    """Version, rows and schema as the session's transaction sees them."""
    await session.fetch(_SESSION)
    look = await session.look(*table)
    described = await schema.described(session, full_name(table))
    tables = {}
    for name, relation, _ in await session.fetch(catalog.TABLES):
        ((rows, checksum),) = await session.fetch(_STATE.format(table=relation))
        tables[str(name)] = TableState(rows, checksum)
    return look, tables, described


def _major(version: str) -> int:
    """18 of `18.6`."""
    return int(version.split(".", maxsplit=1)[0])


def _jobs(size_bytes: int) -> int:
    return min(MOST_JOBS, os.cpu_count() or 1) if size_bytes >= LARGE else 1


def _renaming(name: str, new: str) -> str:
    return f"ALTER DATABASE {quoted(name)} RENAME TO {quoted(new)}"
