"""Beside a migration on SQLite: nothing but the power to end its statement.

The lock is `BEGIN IMMEDIATE` of the migrating connection itself, one revision at a time
(`database.transaction`); the file has no sessions that could be seen.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import Connection

from dbctl.database.model import Backend
from dbctl.database.server import Session, server
from dbctl.database.url import Url
from dbctl.settings import Settings


class SqliteBeside:
    """The handles of the connections that migrate."""

    def __init__(self, url: Url, settings: Settings, verb: str) -> None:
        del verb
        self.schema = ""
        self._url, self._settings = url, settings
        self._handles: list[Any] = []

    def session(self) -> AbstractAsyncContextManager[Session]:
        """A connection of its own: the migrating ones are busy."""
        return server(self._settings, self._url).open()

    async def hold(self, key: str, limit: float) -> None:
        """Each revision begins with the lock; there is none for all of them."""

    async def blockers(self) -> tuple[Backend, ...]:
        """Nobody can be seen."""
        return ()

    async def cancel(self) -> None:
        """End the statement that runs on a migrating connection."""
        for handle in self._handles:
            handle.interrupt()

    async def ended(self, limit: float) -> bool:  # noqa: ARG002 - the Protocol's
        """A file has no server that could work on."""
        return True

    def joined(self, connection: Connection) -> None:
        """Remember the sqlite3 connection itself, which aiosqlite keeps inside its own."""
        driver = getattr(connection.connection, "driver_connection", None)
        handle = getattr(driver, "_conn", driver)
        if hasattr(handle, "interrupt"):
            self._handles.append(handle)

    async def close(self) -> None:
        """Forget them."""
        self._handles.clear()
