"""What lives beside a running migration, in a thread with a loop of its own.

The migration has the main thread for itself. Here somebody holds the lock, sees who blocks a
statement, and ends that statement when Ctrl-C or SIGTERM arrives: Python runs no signal handler
while the main thread sits in a driver's C code, so the signal is read from a wakeup descriptor.
"""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager, suppress
from importlib import import_module
from typing import Any, Protocol, TypeVar

from anyio.from_thread import BlockingPortal
from sqlalchemy import Connection

from dbctl import loop
from dbctl.database.model import Backend
from dbctl.database.server import Session, address
from dbctl.database.url import Url
from dbctl.errors import DbctlError, UnreachableError
from dbctl.settings import Settings

SAMPLE = 0.3  # seconds between two looks at who blocks
_STOPPING = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")
log = logging.getLogger("dbctl.migrate")


class Beside(Protocol):
    """A dialect's answers to what is asked beside a migration.

    `schema` is where a migrating connection makes its tables; "" where that is not known.
    """

    schema: str

    def session(self) -> AbstractAsyncContextManager[Session]:
        """The database, to be asked beside the migration. Raises UnreachableError."""
        ...

    async def hold(self, key: str, limit: float) -> None:
        """Take the lock `key`, none for "". Raises LockedError after `limit` seconds.

        Raises RefusedError where the session is not one's own.
        """
        ...

    async def blockers(self) -> tuple[Backend, ...]:
        """Who makes a migrating statement wait, () when nobody does."""
        ...

    async def cancel(self) -> None:
        """End the statement that runs on a migrating connection."""
        ...

    async def ended(self, limit: float) -> bool:
        """Whether the migrating sessions are gone; waits `limit` seconds for it."""
        ...

    def joined(self, connection: Connection) -> None:
        """A connection begins to migrate: prepare it, and remember how to end its statement.

        The connection is left as it was found: outside a transaction when it was outside.
        """
        ...

    async def close(self) -> None:
        """Let the lock go."""
        ...


BESIDE = {
    "postgresql": ("dbctl.database.postgres_watch", "PostgresBeside"),
    "sqlite": ("dbctl.database.sqlite_watch", "SqliteBeside"),
}


class Watch:
    """One migration, watched."""

    def __init__(self, beside: Beside, portal: BlockingPortal) -> None:
        self.beside = beside
        self.blockers: tuple[Backend, ...] = ()
        self.signalled: int | None = None
        self._portal = portal
        self.locked = False
        self._lost: BaseException | None = None

    def joined(self, connection: Connection) -> None:
        """A connection begins to migrate."""
        self.beside.joined(connection)

    def require_lock(self) -> None:
        """Raises UnreachableError when the session that holds the lock is gone."""
        if self.locked and self._lost is not None:
            raise UnreachableError(
                f"{self._lost}: it held the lock",
                hint="what was committed stays, see `dbctl status`; run the command again",
            )

    def ask(self, question: Callable[[Session], Awaitable[T]], /) -> T:
        """Put a question to the database; where there is a session that holds the lock, there."""
        return self._portal.call(self._asked, question)

    async def _asked(self, question: Callable[[Session], Awaitable[T]]) -> T:
        try:
            async with self.beside.session() as session:
                return await question(session)
        except UnreachableError:  # the session with the lock may be gone; the server is asked anew
            async with self.beside.session() as session:
                return await question(session)

    def session_ended(self, limit: float) -> bool:
        """Whether the server has ended the migrating sessions; waits `limit` seconds for it."""
        with suppress(DbctlError, OSError):
            return self._portal.call(self.beside.ended, limit)
        return False

    async def sample(self) -> None:
        """Look again and again who blocks; a session that is lost is remembered."""
        named: set[int] = set()
        while True:
            await asyncio.sleep(SAMPLE)
            try:
                found = await self.beside.blockers()
            except (DbctlError, OSError) as error:
                self._lost = error
                return
            self.blockers = found or self.blockers
            for one in found:
                if one.pid not in named:
                    log.info("waiting for %s", one)
            named = {one.pid for one in found}

    async def stop(self, received: socket.socket) -> None:
        """Wait for a signal that ends the program, and end the running statement."""
        while True:
            numbers = await asyncio.get_running_loop().sock_recv(received, 16)
            stopping = [number for number in numbers if number in _STOPPING]
            if stopping:
                self.signalled = stopping[0]
                with suppress(DbctlError, OSError):
                    await self.beside.cancel()


def beside_of(settings: Settings, verb: str, url: Url | None = None) -> Beside:
    """The watcher for the settings' dialect."""
    url = url or address(settings).direct
    module, name = BESIDE[url.dialect]
    made: Beside = getattr(import_module(module), name)(url, settings, verb)
    return made


@contextmanager
def watched(
    settings: Settings, verb: str, key: str = "", meanwhile: Callable[[], object] = lambda: None
) -> Iterator[Watch]:
    """Watch what the block does to the settings' database; with `key` under that lock.

    `meanwhile` is done while the server is asked for the lock, and must not need it.
    Raises LockedError when somebody else holds it for `settings.lock_wait` seconds.
    """
    beside = beside_of(settings, verb)
    with loop.beside() as portal:
        watch = Watch(beside, portal)
        try:
            holding = portal.start_task_soon(beside.hold, key, settings.lock_wait)
            try:
                meanwhile()
            except BaseException:
                holding.cancel()
                raise
            holding.result()
            watch.locked = bool(key)
            with _sampled(watch, portal), _signals(watch, portal):
                yield watch
        finally:
            with suppress(DbctlError, OSError):
                portal.call(beside.close)


@contextmanager
def _sampled(watch: Watch, portal: BlockingPortal) -> Iterator[None]:
    sampling = portal.start_task_soon(watch.sample)
    try:
        yield
    finally:
        sampling.cancel()


@contextmanager
def _signals(watch: Watch, portal: BlockingPortal) -> Iterator[None]:
    """Let the watch hear of signals; only the main thread of a program may ask for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    sent, received = socket.socketpair()
    with closing(sent), closing(received):
        sent.setblocking(False)
        received.setblocking(False)
        before = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
        hearing: Any = portal.start_task_soon(watch.stop, received)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            hearing.cancel()
