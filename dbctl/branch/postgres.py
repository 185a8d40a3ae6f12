"""Branches on a PostgreSQL server: databases beside the main one, the record as their comment."""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg

from dbctl.branch import marked, record
from dbctl.branch.model import Copying, ProviderName, Wish
from dbctl.branch.names import Names
from dbctl.branch.record import Record
from dbctl.branch.store import Found, Kept, Survey
from dbctl.database import versions
from dbctl.database.catalog import TRY_LOCK
from dbctl.database.cloning import BusyError, NoRightError
from dbctl.database.postgres import Postgres, asking, quoted
from dbctl.database.postgres_clone import END, cloned, dress
from dbctl.database.postgres_pipe import pipe
from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.errors import LockedError, MissingDatabaseError, ProviderError
from dbctl.settings import Settings

if TYPE_CHECKING:
    from dbctl.database.postgres import Connection

PAUSE = 0.1  # seconds between two tries for a claim
UNLOCK = "SELECT pg_advisory_unlock(key) FROM unnest($1::bigint[]) key"
COMMENT = """
SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1
"""
COPIES = """
SELECT datname, shobj_description(oid, 'pg_database') AS comment,
       CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END AS bytes
  FROM pg_database WHERE NOT datistemplate ORDER BY datname
"""

log = logging.getLogger("dbctl.branch")
progress = logging.getLogger("dbctl.progress")


class PostgresBranches(Kept):
    """The branches of a PostgreSQL database."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(PostgresStore(settings))


class PostgresStore:
    """A server's databases."""

    name: ProviderName = "postgresql"

    def __init__(self, settings: Settings, connection: "Connection | None" = None) -> None:
        self.settings = settings
        self._url = address(settings).direct
        self._server = Postgres(self._url, settings)
        self._connection = connection

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["PostgresStore"]:
        """The same with one connection for all questions."""
        async with self._server.maintenance() as connection:
            yield PostgresStore(self.settings, connection)

    @asynccontextmanager
    async def _beside(self) -> AsyncIterator["Connection"]:
        """The connection that is open, else one for this question."""
        if self._connection is not None:
            with asking(self._url):
                yield self._connection
            return
        async with self._server.maintenance() as connection:
            with asking(self._url):
                yield connection

    async def main(self) -> str:
        """The settings' database; of a branch the one that it comes from."""
        async with self._beside() as connection:
            rows = await connection.fetch(COMMENT, self._url.name)
        if not rows:
            raise MissingDatabaseError(
                f"{self._url.server} has no database {self._url.name!r}",
                hint="`dbctl up` creates it, or `dbctl database create`",
            )
        found = record.read(rows[0][0])
        return found.main if found and found.id == self._url.name else self._url.name

    async def survey(self, names: Names) -> Survey:
        """Every database of the server that is a branch of this one."""
        async with self._beside() as connection:
            rows = await connection.fetch(COPIES)
        sizes = {row["datname"]: row["bytes"] for row in rows}
        copies = (_found(names, *row) for row in rows)
        return Survey(names.main, sizes.get(names.main), tuple(one for one in copies if one))

    @asynccontextmanager
    async def claim(self, *ids: str) -> AsyncIterator[None]:
        """Locks of the server's, which are gone with our connection."""
        keys = sorted(_key(one) for one in ids)
        async with self._beside() as connection:
            ends = time.monotonic() + self.settings.lock_wait
            for key in keys:
                await _locked(connection, key, ends)
            try:
                yield
            finally:
                # Without the connection there is no lock left.
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await connection.fetch(UNLOCK, keys)

    async def fill(self, source: str, record: Record, wish: Wish) -> None:
        """Copy a database, mark the copy, and say last that it is whole."""
        try:
            await self._copied(source, record, wish)
            async with Postgres(self.address(record.id), self.settings).open() as session:
                await marked.mark_copy(session, self.settings)
            await self.note(record)
        except BaseException:
            await asyncio.shield(self.drop(record.id))
            raise

    async def _copied(self, source: str, record: Record, wish: Wish) -> None:
        if wish.copying is Copying.dump:
            await self._piped(source, record, wish)
            return
        try:
            await self._cloned(source, record, wish)
        except (BusyError, NoRightError) as refusal:
            if wish.copying is Copying.template:
                raise
            log.info("copying through pg_dump: %s", refusal.message)
            await self._instead(source, record, wish, refusal)

    async def _cloned(self, source: str, record: Record, wish: Wish) -> None:
        one, other = self.address(source), self.address(record.id)
        async with self._beside() as connection:
            await cloned(connection, one, other, end_sessions=wish.end_sessions, progress=_said)
        if wish.schema_only:
            async with Postgres(self.address(record.id), self.settings).open() as session:
                await versions.keep_alone(session)

    async def _instead(
        self, source: str, record: Record, wish: Wish, refusal: BusyError | NoRightError
    ) -> None:
        """Dump and restore; where there is no pg_dump the first refusal says what else helps."""
        try:
            await self._piped(source, record, wish)
        except ProviderError as error:
            raise type(refusal)(f"{refusal.message}; {error.message}", hint=refusal.hint) from error

    async def _piped(self, source: str, record: Record, wish: Wish) -> None:
        """Through pg_dump; the copy says from its first moment on that it is not whole."""
        one, other = self.address(source), self.address(record.id)
        await Postgres(other, self.settings).create()
        await self.note(replace(record, whole=False))
        await pipe(one, other, self.settings, schema_only=wish.schema_only, progress=_said)
        async with self._beside() as connection:
            await dress(connection, source, record.id)
        if wish.schema_only:
            async with (
                Postgres(one, self.settings).open() as reading,
                Postgres(other, self.settings).open() as writing,
            ):
                await versions.carry(reading, writing)

    async def swap(self, source: str, record: Record, names: Names, wish: Wish) -> None:
        """Make a copy beside the old one, and exchange their names in one transaction."""
        spare = names.spare(record.name)
        async with self.claim(spare):
            await self.drop(spare)
            # Never whole under this name: a kill before the exchange leaves a branch unfinished.
            await self.fill(source, replace(record, id=spare, whole=False), wish)
            await self._exchanged(spare, record, names.spare(f"{record.name}\0old"))

    async def _exchanged(self, spare: str, record: Record, old: str) -> None:
        async with self._beside() as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {quoted(old)} WITH (FORCE)")
            await connection.fetch(END, record.id)
            async with connection.transaction():
                await connection.execute(_renamed(record.id, old))
                await connection.execute(_renamed(spare, record.id))
                await connection.execute(_comment(record))
            await connection.execute(f"DROP DATABASE {quoted(old)} WITH (FORCE)")

    async def note(self, record: Record) -> None:
        """Write the comment."""
        async with self._beside() as connection:
            await connection.execute(_comment(record))

    async def drop(self, id: str) -> bool:  # noqa: A002 - as above
        """Drop a copy; the server does it whole or not at all."""
        return await Postgres(self.address(id), self.settings).drop()

    def address(self, id: str) -> Url:  # noqa: A002 - as above
        """The database of that name on this server."""
        return self._url.named(id)


def _key(id: str) -> int:  # noqa: A002 - as above
    return int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], signed=True)


async def _locked(connection: "Connection", key: int, ends: float) -> None:
    while not await connection.fetchval(TRY_LOCK, key):
        if time.monotonic() >= ends:
            raise LockedError(
                "somebody else works on this branch", hint="DBCTL_LOCK_WAIT=SECONDS waits longer"
            )
        await asyncio.sleep(PAUSE)


def _found(names: Names, id: str, comment: str | None, size: int | None) -> Found | None:  # noqa: A002 - as above
    """The copy that a database is; None for everybody else's.

    A comment travels with a dump: it counts only in the database that it was written for.
    """
    found = record.read(comment)
    if found and (found.main, found.id) == (names.main, id):
        return Found(id, found, size)
    return Found(id, None, size) if names.owns(id) else None


def _renamed(old: str, new: str) -> str:
    return f"ALTER DATABASE {quoted(old)} RENAME TO {quoted(new)}"


def _comment(record: Record) -> str:
    # COMMENT takes no parameter; E'' reads the same whatever standard_conforming_strings says.
    text = record.text.replace("\\", "\\\\").replace("'", "''")
    return f"COMMENT ON DATABASE {quoted(record.id)} IS E'{text}'"


def _said(done: int, whole: int) -> None:
    if 0 < done < whole:
        progress.info("copying  %d of %d MB", done >> 20, whole >> 20, extra={"live": True})
