"""The only `asyncio.run` in the house.

Commands are plain functions; whatever waits for a server is a coroutine that is run here. Alembic
runs between two calls of `run`, on the main thread with no loop running, so that Ctrl-C reaches it.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end on a loop of its own and return what it returns.

    Raises RuntimeError when a loop already runs in this thread: from async code call the
    room's coroutine itself.
    """
    return asyncio.run(work)


def lasting() -> asyncio.Runner:
    """A loop that outlives one call, for a session at a terminal; use it with `with`.

    Ctrl-C cancels the coroutine that its `run` is in and is raised as KeyboardInterrupt there.
    """
    return asyncio.Runner()
