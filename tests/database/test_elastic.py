"""The pool keeps connections while they are needed, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import AsyncAdaptedQueuePool, Pool, event, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from dbctl import loop
from dbctl.database import elastic
from dbctl.database.elastic import ElasticPool
from tests.projects.make import driven

pytestmark = pytest.mark.anyio


class Counted:
    """An engine with one connection at its core and room for three more, and what it opened."""

    def __init__(self, url: str, kind: type[Pool] = ElasticPool) -> None:
        options: Any = {"pool_size": 1, "max_overflow": 3, "pool_timeout": 0.2}
        self.engine: AsyncEngine = create_async_engine(
            driven(url, asynchronous=True), poolclass=kind, **options
        )
        self.opened = self.closed = 0
        event.listen(self.engine.sync_engine, "connect", self._open)
        event.listen(self.engine.sync_engine, "close", self._close)

    def _open(self, *_: object) -> None:
        self.opened += 1

    def _close(self, *_: object) -> None:
        self.closed += 1

    @property
    def pool(self) -> Any:
        return self.engine.pool

    async def window(self) -> None:
        """Let a window end now, not when its time has come."""
        self.pool._look(asyncio.get_running_loop())
        await asyncio.gather(*self.pool._closing)

    async def used(self, at_once: int) -> None:
        """Take so many connections at the same time, and give them back."""
        async with AsyncExitStack() as stack:
            for _ in range(at_once):
                connection = await stack.enter_async_context(self.engine.connect())
                await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def counted(url: str, kind: type[Pool] = ElasticPool) -> AsyncIterator[Counted]:
    made = Counted(url, kind)
    try:
        yield made
    finally:
        await made.engine.dispose()


@pytest.mark.parametrize(("kind", "opened"), [(ElasticPool, 4), (AsyncAdaptedQueuePool, 13)])
async def test_a_steady_load_opens_each_connection_once(
    kind: type[Pool], opened: int, database_url: str
) -> None:
    async with counted(database_url, kind) as one:
        for _ in range(4):
            await one.used(4)
        assert one.opened == opened


async def test_what_nobody_needed_for_a_while_is_closed(database_url: str) -> None:
    async with counted(database_url) as one:
        await one.used(4)
        await one.window()  # in this one some were
        await one.window()
        assert (one.closed, one.pool.opened, one.pool.checkedin()) == (3, 1, 1)
        await one.used(4)
        assert one.opened == 7


async def test_what_is_needed_within_the_window_stays(database_url: str) -> None:
    async with counted(database_url) as one:
        await one.used(4)
        for _ in range(3):
            await one.window()
            await one.used(2)
        assert (one.opened, one.pool.opened) == (4, 2)


async def test_what_is_in_use_is_never_closed(database_url: str) -> None:
    async with counted(database_url) as one, AsyncExitStack() as stack:
        held = [await stack.enter_async_context(one.engine.connect()) for _ in range(3)]
        await one.used(1)
        await one.window()
        await one.window()
        assert one.pool.opened == 3
        for connection in held:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1


async def test_there_are_never_more_than_allowed(database_url: str) -> None:
    async with counted(database_url) as one:
        with pytest.raises(PoolTimeoutError):
            await one.used(5)
        await one.used(4)
        assert one.opened == 4


async def test_a_pool_made_anew_has_the_same_core(database_url: str) -> None:
    async with counted(database_url) as one:
        await one.used(4)
        await one.engine.dispose()
        assert (one.pool.core, one.pool.opened) == (1, 0)
        await one.used(4)
        await one.window()
        await one.window()
        assert one.pool.opened == 1


async def test_a_window_ends_by_itself(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic, "WINDOW", 0.05)
    async with counted(database_url) as one:
        await one.used(4)
        await _closed(one, 3)


async def _closed(one: Counted, number: int) -> None:
    async with asyncio.timeout(10):
        while one.closed < number:  # noqa: ASYNC110 - the pool tells nobody
            await asyncio.sleep(0.01)


def test_another_loop_looks_for_itself(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module's engine may serve several loops, as in tests; a closed one's timer never rings."""
    one = Counted(database_url)

    async def left() -> None:
        await one.used(4)
        await greenlet_spawn(AsyncAdaptedQueuePool.dispose, one.pool)  # the timer is not stopped

    async def loaded() -> None:
        await one.used(4)
        await _closed(one, 4 + 3)
        await one.engine.dispose()

    loop.run(left())
    monkeypatch.setattr(elastic, "WINDOW", 0.05)
    loop.run(loaded())


def test_a_loop_that_is_left_open_closes_nothing_of_another(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic, "WINDOW", 0.05)
    one = Counted(database_url)
    wrong: list[object] = []

    async def used() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, said: wrong.append(said))
        await one.used(4)
        await greenlet_spawn(AsyncAdaptedQueuePool.dispose, one.pool)

    with loop.lasting() as first:
        first.run(used())
        loop.run(used())
        first.run(asyncio.sleep(0.2))
    assert not wrong


async def test_dispose_leaves_nothing_half_closed(database_url: str) -> None:
    async with counted(database_url) as one:
        await one.used(4)
        await one.window()
        one.pool._look(asyncio.get_running_loop())
        assert len(one.pool._closing) == 1
        await one.engine.dispose()
        assert (one.closed, one.pool.opened, len(one.pool._closing)) == (4, 0, 0)


async def test_a_window_belongs_to_no_request(database_url: str) -> None:
    caller: ContextVar[str] = ContextVar("caller", default="nobody")
    seen: list[str] = []
    async with counted(database_url) as one:
        event.listen(one.engine.sync_engine, "close", lambda *_: seen.append(caller.get()))
        caller.set("somebody")
        await one.used(4)
        timer = one.pool._watch
        timer._run()  # as the loop does, in the timer's context
        timer.cancel()
        await asyncio.gather(*one.pool._closing)
        assert seen == ["nobody"]


async def test_one_that_does_not_close_well_holds_up_no_other(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(record: Any) -> None:
        close(record)
        raise KeyError

    async with counted(database_url) as one:
        await one.used(4)
        await one.window()
        kind = type(_any(one.pool))
        close = kind.close
        with monkeypatch.context() as patch:
            patch.setattr(kind, "close", fails)
            await one.window()
        assert (one.closed, one.pool.opened) == (3, 1)
    assert "did not close well" in caplog.text


def _any(pool: Any) -> Any:
    """One of its records."""
    record = pool._pool.get(block=False)
    pool._pool.put(record, block=False)
    return record
