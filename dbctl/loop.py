"""The only `asyncio.run` in the house.

Commands are plain functions; whatever waits for a server is a coroutine that is run here. Alembic
runs between two calls of `run`, on the main thread with no loop running, so that Ctrl-C reaches it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

T = TypeVar("T")


LONG = 0.1  # seconds


def run(work: Coroutine[Any, Any, T], *, meanwhile: Callable[[], object] | None = None) -> T:
    """Run `work` to its end on a loop of its own and return what it returns.

    `meanwhile` is called where the work takes long, for it waits for a server then.
    Raises RuntimeError when a loop already runs in this thread: from async code call the
    room's coroutine itself.
    """
    return asyncio.run(_with(work, meanwhile) if meanwhile else work)


async def _with(work: Coroutine[Any, Any, T], meanwhile: Callable[[], object]) -> T:
    asyncio.get_running_loop().call_later(LONG, meanwhile)
    return await work


def lasting() -> asyncio.Runner:
    """A loop that outlives one call, for a session at a terminal; use it with `with`.

    Ctrl-C cancels the coroutine that its `run` is in and is raised as KeyboardInterrupt there.
    """
    return asyncio.Runner()


@contextmanager
def beside() -> Iterator["BlockingPortal"]:
    """A loop in a thread of its own while the block runs: the main thread is then free.

    The portal's `call` runs a coroutine function there and waits; Ctrl-C interrupts the waiting.
    """
    from anyio.from_thread import start_blocking_portal

    with start_blocking_portal("asyncio") as portal:
        yield portal
