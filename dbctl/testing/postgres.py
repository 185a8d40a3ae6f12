"""Templates that are databases of a PostgreSQL server, and their copies.

Nothing but databases whose name begins with `PREFIX` is ever made, changed or dropped.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

from dbctl import loop
from dbctl.database.postgres import Postgres, asking, quoted
from dbctl.database.postgres_clone import dress
from dbctl.database.url import Url
from dbctl.errors import LockedError
from dbctl.testing import shelf
from dbctl.testing.build import build
from dbctl.testing.key import key
from dbctl.testing.shelf import Connection
from dbctl.testing.store import WAIT
from dbctl.testing.wish import Choice, Wish

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

PENDING = 8  # databases that wait to be dropped


class Desk:
    """Two connections beside all databases: one makes copies of `template`, one drops them."""

    def __init__(self, url: Url, template: str, connections: tuple[Connection, Connection]) -> None:
        self._url = url
        self._template = template
        self._making, self._dropping = connections
        self._orders = asyncio.Lock(), asyncio.Lock()  # a connection does one thing at a time
        self._strategy, self._is_dressed = "", False
        self.run = uuid4().hex[:12]
        self._names = (f"{shelf.clones(template)}{self.run}_{number}" for number in count(1))

    async def open(self) -> None:
        """Say that this run lives, and find out how its copies are made best."""
        await self._making.execute("SELECT pg_advisory_lock($1)", shelf.number(self.run))
        self._is_dressed = await shelf.is_dressed(self._making, self._template)
        self._strategy = await shelf.quickest(self._making, self._template)

    async def make(self) -> Url:
        """A new copy of the template."""
        name = next(self._names)
        async with self._orders[0]:
            with asking(self._url):
                await self._making.execute(
                    f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(self._template)}"
                    f"{self._strategy}"
                )
                if self._is_dressed:
                    await dress(self._making, self._template, name)
        return self._url.named(name)

    async def drop(self, name: str) -> None:
        """Drop a copy, ending its sessions."""
        async with self._orders[1]:
            with asking(self._url):
                await shelf.drop(self._dropping, name)


class Databases:
    """The copies of this process; the next one is made while a test uses the last."""

    def __init__(self, portal: "BlockingPortal", desk: Desk) -> None:
        self._portal = portal
        self._desk = desk
        self._asked = False
        self._spare: Future[Url] | None = None
        self._dropped: deque[Future[None]] = deque()

    def made(self) -> Url:
        """A new copy of the template."""
        found, self._spare = self._spare or self._begun(), None
        url = found.result()
        if self._asked:  # who asks twice asks again
            self._spare = self._begun()
        self._asked = True
        return url

    def _begun(self) -> "Future[Url]":
        return self._portal.start_task_soon(self._desk.make)

    def drop(self, url: Url) -> None:
        """Have a copy dropped, without waiting for it."""
        self._dropped.append(self._portal.start_task_soon(self._desk.drop, url.name))
        while len(self._dropped) > PENDING:
            self._dropped.popleft().result()

    def close(self) -> None:
        """Drop what is left, and wait for it."""
        if self._spare:
            self.drop(self._spare.result())
        while self._dropped:
            self._dropped.popleft().result()


@contextmanager
def backend(wish: Wish, choice: Choice, url: Url) -> Iterator[Databases]:
    """The template's copies on the server at `url`; the template is made if it is not there."""
    with loop.beside() as portal, portal.wrap_async_context_manager(_desk(wish, choice, url)) as it:
        databases = Databases(portal, it)
        try:
            yield databases
        finally:
            databases.close()


@asynccontextmanager
async def _desk(wish: Wish, choice: Choice, url: Url) -> AsyncIterator[Desk]:
    server = Postgres(url, choice.settings)
    template = shelf.template(wish, url, key(wish, choice.settings))
    async with server.maintenance() as making, server.maintenance() as dropping:
        with asking(url):
            async with _locked(dropping, template):
                draft = Postgres(url.named(shelf.draft(template)), choice.settings)
                await _provided(dropping, wish, draft, template)
            desk = Desk(url, template, (making, dropping))
            await desk.open()
        yield desk


@asynccontextmanager
async def _locked(connection: Connection, template: str) -> AsyncIterator[None]:
    """Be the only one who makes this template; a killed process lets go."""
    number, end = shelf.number(template), asyncio.get_running_loop().time() + WAIT
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", number):
        if asyncio.get_running_loop().time() > end:
            raise LockedError(f"another test run makes {template}", hint="wait for it")
        await asyncio.sleep(0.1)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", number)


async def _provided(connection: Connection, wish: Wish, draft: Postgres, template: str) -> None:
    """The template; its name is given last, so that a half-made one has another."""
    if wish.fresh and await shelf.last_run(connection, template) != wish.run:
        await shelf.drop(connection, template)
    if not await shelf.exists(connection, template):
        await shelf.drop(connection, draft.url.name)
        await asyncio.to_thread(build, wish, draft.url)
        await _packed(draft)
        await shelf.publish(connection, draft.url.name, template)
    await shelf.used(connection, template, wish.run)
    await shelf.prune(connection, template)


async def _packed(draft: Postgres) -> None:
    """Leave out of the draft what tables have been: a fifth of its files are copied no more."""
    async with draft.open() as session:
        await session.fetch("VACUUM (FULL, ANALYZE)")
