"""A branch is ready when a real connection answers: its log-in may be refused for a moment after
Neon's operations have ended."""

import asyncio
import logging

from dbctl.database.server import server
from dbctl.database.url import Url
from dbctl.errors import UnreachableError
from dbctl.neon.client import Clock, Neon

PAUSE = 0.25

progress = logging.getLogger("dbctl.progress")


async def answers(neon: Neon, url: Url, clock: Clock) -> None:
    """Connect until it works. Raises TimedOutError after the clock's limit."""
    while True:
        try:
            async with server(neon.settings, url).open() as session:
                await session.place()
        except UnreachableError as error:
            clock.require_time(f"no connection ({error.message})", neon.note)
            progress.info("waiting for %s (%.0f s)", url.server, clock.passed)
            await asyncio.sleep(PAUSE)
        else:
            return
