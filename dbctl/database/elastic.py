"""A pool that keeps connections while they are needed, not only its core.

SQLAlchemy's closes what comes back beyond `pool_size` at once: under a steady load above that, most
requests wait for a connection to be made, which costs several times what they ask.
"""

import asyncio
import logging
from contextvars import Context
from typing import Any, Self, cast

from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only, greenlet_spawn
from sqlalchemy.util.queue import Empty

WINDOW = 10.0  # seconds in which a connection must have been needed

log = logging.getLogger("dbctl.database")


class ElasticPool(AsyncAdaptedQueuePool):
    """Up to `pool_size + max_overflow` connections; those beyond `pool_size` go when idle.

    Whatever was idle throughout a window of time is closed at its end, down to `pool_size`.
    """

    _sqla_logger_namespace = "sqlalchemy.pool.impl.AsyncAdaptedQueuePool"

    def __init__(
        self,
        creator: Any,  # noqa: ANN401 - SQLAlchemy's
        pool_size: int = 5,
        max_overflow: int = 10,
        **options: Any,  # noqa: ANN401 - SQLAlchemy's
    ) -> None:
        super().__init__(creator, pool_size=pool_size + max_overflow, max_overflow=0, **options)
        self.core = pool_size
        self._idle = 0  # at least so many, all the time since the window began
        self._watch: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def opened(self) -> int:
        """Connections that are open, in use or idle."""
        return self._pool.maxsize + self._overflow

    def recreate(self) -> Self:
        """An empty pool like this one."""
        made = cast(Self, super().recreate())
        made.core = self.core
        return made

    def dispose(self) -> None:
        """Close what is idle, and stop looking."""
        self._rest()
        self._finish()
        super().dispose()

    def _do_get(self) -> Any:  # noqa: ANN401 - a record
        found = super()._do_get()
        self._idle = min(self._idle, self.checkedin())
        return found

    def _do_return_conn(self, record: Any) -> None:  # noqa: ANN401 - a record
        super()._do_return_conn(record)
        if self.opened <= self.core or self._closing:
            return
        loop = _running()
        if loop and not (self._watch and self._loop is loop):
            self._begin(loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """A window, which is nobody's request: it has no context of one."""
        self._rest()
        self._loop, self._idle = loop, self.checkedin()
        self._watch = loop.call_later(WINDOW, self._look, loop, context=Context())

    def _rest(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """The end of a window: close what nobody needed in it."""
        if loop is not self._loop:
            return  # another loop uses the pool by now
        self._watch = None
        closing = loop.create_task(greenlet_spawn(self._close, self._idle))
        self._closing.add(closing)
        closing.add_done_callback(self._closed)

    def _close(self, most: int) -> None:
        for _ in range(min(most, self.opened - self.core)):
            try:
                record = self._pool.get(block=False)
            except Empty:
                return
            try:
                record.close()
            except Exception:  # a listener's
                log.exception("an idle connection did not close well")
            finally:
                self._dec_overflow()

    def _closed(self, closing: "asyncio.Task[None]") -> None:
        self._closing.discard(closing)
        if self.opened > self.core and not closing.cancelled() and self._watch is None:
            self._begin(closing.get_loop())

    def _finish(self) -> None:
        """Wait for what is being closed on this loop; one that is closed finishes nothing."""
        loop = _running()
        if here := [one for one in self._closing if one.get_loop() is loop]:
            await_only(asyncio.gather(*here, return_exceptions=True))
            self._rest()
        self._closing.clear()


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
