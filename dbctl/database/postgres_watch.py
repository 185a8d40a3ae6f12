"""Beside a migration on PostgreSQL: a second connection with the lock, and what it can see.

The lock is a session's, polled and never waited for: a session that waits inside the server holds
a snapshot, for which CREATE INDEX CONCURRENTLY would wait in turn.
"""

import asyncio
import hashlib
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import Connection, text

from dbctl.database import arguments, catalog
from dbctl.database.logs import elided
from dbctl.database.model import Backend
from dbctl.database.postgres import Postgres, PostgresSession, asking, connecting
from dbctl.database.url import Url
from dbctl.database.watch import log
from dbctl.errors import LockedError, RefusedError
from dbctl.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import TypeAlias

    Own: TypeAlias = asyncpg.Connection[asyncpg.Record]

LOCK_TIMEOUT = 1.0  # seconds that a migrating statement waits for a lock before it starts again
ANSWER = 10.0  # seconds for the answer to a question of ours
_TOLD_AGAIN = 5.0
_QUERY_LENGTH = 120

# A project's own lock_timeout stays. A server that cannot see a closed socket refuses the check.
PREPARE = """
SELECT pg_backend_pid(), coalesce(current_schema(), ''),
       set_config('application_name', :application, false),
       CASE WHEN current_setting('lock_timeout') = '0'
            THEN set_config('lock_timeout', :lock_timeout, false) END,
       CASE WHEN :statement_timeout <> '0'
            THEN set_config('statement_timeout', :statement_timeout, false) END,
       CASE WHEN current_setting('server_version_num')::int >= 140000 AND version() LIKE '%linux%'
            THEN set_config('client_connection_check_interval', '1s', false) END,
       set_config('tcp_keepalives_idle', '30', false),
       set_config('tcp_keepalives_interval', '10', false),
       set_config('tcp_keepalives_count', '3', false)
"""


class PostgresBeside:
    """One connection in autocommit on the direct host; opened when it is first needed."""

    def __init__(self, url: Url, settings: Settings, verb: str) -> None:
        self._url = url
        self._settings = settings
        self._application = f"dbctl {verb}"
        self.schema = ""
        self._own: Own | None = None
        self._busy = asyncio.Lock()
        self._pids: list[int] = []

    @asynccontextmanager
    async def session(self) -> "AsyncIterator[PostgresSession]":
        """Our own connection between two looks at who blocks; a new one when it is gone."""
        if self._own is None or self._own.is_closed():
            async with Postgres(self._url, self._settings).open() as opened:
                yield opened
            return
        async with self._busy:
            with asking(self._url):
                yield PostgresSession(self._own, self._url)

    async def hold(self, key: str, limit: float) -> None:
        """Take the lock. Raises LockedError after `limit` seconds, naming who has it."""
        await self._require_session()  # first: a lock behind a pooler would stay there
        if not key:
            return
        number = lock_number(key)
        ends = asyncio.get_running_loop().time() + limit
        told = 0.0
        while not (await self._row(catalog.TRY_LOCK, number))[0]:
            now = asyncio.get_running_loop().time()
            holder = await self._holder(number)
            if now >= ends:
                raise LockedError(
                    f"another migration runs: {holder} holds the lock",
                    hint="wait for it, or wait longer with --lock-wait SECONDS",
                )
            if now - told >= _TOLD_AGAIN:
                told = now
                log.info("waiting up to %.0f s for the lock: %s has it", ends - now, holder)
            await asyncio.sleep(random.uniform(0.1, 0.25))  # noqa: S311 - not a secret

    async def _holder(self, number: int) -> str:
        rows = await self._rows(catalog.LOCK_HOLDER, number)
        return str(_backend(rows[0])) if rows else "a session that has just ended"

    async def _require_session(self) -> None:
        """Raises RefusedError behind a pooler that gives one session to several clients.

        Such a pooler has told us a process number that is not the server's.
        """
        (pid,) = await self._row("SELECT pg_backend_pid()")
        if self._own is None or self._own.get_server_pid() == pid:
            return
        async with self._another() as other:
            theirs = await other.fetchval("SELECT pg_backend_pid()", timeout=ANSWER)
            again = (await self._row("SELECT pg_backend_pid()"))[0]
        if theirs == pid or again != pid:
            raise RefusedError(
                f"{self._url.server} is a pooler in transaction mode: a lock there excludes nobody",
                hint="give the URL of the server itself, as the pooler's configuration has it",
            )

    async def blockers(self) -> tuple[Backend, ...]:
        """Who makes a migrating statement wait."""
        if self._own is None:
            return ()
        rows = await self._rows(catalog.BLOCKERS, self._pids)
        return tuple(_backend(row) for row in rows)

    async def cancel(self) -> None:
        """End the statement that runs on a migrating connection."""
        async with self._another() as other:
            for pid in self._pids:
                await other.fetchval("SELECT pg_cancel_backend($1)", pid, timeout=ANSWER)

    async def ended(self, limit: float) -> bool:
        """Whether the migrating sessions are gone; waits `limit` seconds for it."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)"
        async with self._another() as other:
            for _ in range(max(1, round(limit / 0.1))):
                if not await other.fetchval(query, self._pids, timeout=ANSWER):
                    return True
                await asyncio.sleep(0.1)
        return False

    def joined(self, connection: Connection) -> None:
        """Tell the session who it is, how long it may wait, and to notice when we are gone."""
        outside = not connection.in_transaction()
        row = connection.execute(text(PREPARE), self._limits()).one()
        if outside:
            connection.commit()  # a rollback would take the settings back
        self.schema = row[1]
        if row[0] not in self._pids:
            self._pids.append(row[0])

    def _limits(self) -> dict[str, str]:
        """What `PREPARE` is given; a lock_timeout of 0 counts where somebody said it."""
        said = self._settings.sources.get("lock_timeout", "default") != "default"
        seconds = {
            "lock_timeout": self._settings.lock_timeout if said else LOCK_TIMEOUT,
            "statement_timeout": self._settings.statement_timeout,
        }
        limits = {name: f"{limit * 1000:.0f}" for name, limit in seconds.items()}
        return {"application": self._application, **limits}

    async def close(self) -> None:
        """Let the lock go, with the session that has it."""
        if self._own is not None:
            self._own.terminate()

    async def _row(self, query: str, *given: object) -> Any:  # noqa: ANN401 - a record
        return (await self._rows(query, *given))[0]

    async def _rows(self, query: str, *given: object) -> list[Any]:
        """Ask on our own connection; one question at a time."""
        async with self._busy:
            if self._own is None:
                self._own = await self._connect()
            with asking(self._url):
                return list(await self._own.fetch(query, *given, timeout=ANSWER))

    async def _connect(self) -> "Own":
        given = arguments.asyncpg_arguments(self._url, self._settings)
        said = given["server_settings"]
        said["application_name"] = self._application
        said.pop("statement_timeout", None)  # what is asked here has a limit of its own
        with connecting(self._url, given["timeout"]):
            return await asyncpg.connect(**arguments.address(self._url), **given)

    @asynccontextmanager
    async def _another(self) -> "AsyncIterator[Own]":
        """A connection for one question that must not wait for ours."""
        connection = await self._connect()
        try:
            with asking(self._url):
                yield connection
        finally:
            connection.terminate()


def lock_number(key: str) -> int:
    """The advisory lock for `key`, a signed 64-bit number."""
    return int.from_bytes(hashlib.sha256(f"dbctl {key}".encode()).digest()[:8], signed=True)


def _backend(row: Any) -> Backend:  # noqa: ANN401 - a record
    pid, application, host, age, query = row
    return Backend(pid, application, host, float(age), elided(query)[:_QUERY_LENGTH])
