"""How far a long piece of work has come: bytes and rate, on stderr."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dbctl.errors import DbctlError

_SOON, _SELDOM = 0.25, 10.0  # seconds between two words on a terminal, and elsewhere
_BAR = 20

log = logging.getLogger("dbctl.progress")


@asynccontextmanager
async def shown(
    what: str, measure: Callable[[], Awaitable[int]], total: int = 0
) -> AsyncIterator[None]:
    """Say now and then how many bytes there are; `total` 0 is not known.

    On a terminal it is a line that the next one wipes away; elsewhere a line every ten seconds.
    """
    following = asyncio.create_task(_follow(what, measure, total))
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, DbctlError, OSError):
            await following


async def _follow(what: str, measure: Callable[[], Awaitable[int]], total: int) -> None:
    started = said = time.monotonic()
    while True:
        await asyncio.sleep(_SOON)
        done, now = await measure(), time.monotonic()
        live = now - said < _SELDOM
        said = said if live else now
        log.info("%s", line(what, done, total, now - started), extra={"live": live})


def file(path: Path) -> Callable[[], Awaitable[int]]:
    """How large a file, or a folder's files together, are by now."""

    async def measured() -> int:
        return _size(path)

    return measured


def _size(path: Path) -> int:
    found = (path, *path.rglob("*"))
    return sum(one.stat().st_size for one in found if one.is_file())


def line(what: str, done: int, total: int, seconds: float) -> str:
    """One line: what it is, how much of it there is, how fast it comes."""
    rate = f"{size(done)}, {size(done / max(seconds, 0.001))}/s"
    if not total:
        return f"{what}  {rate}"
    part = min(1.0, done / total)
    return f"{what}  {'━' * round(part * _BAR):╌<{_BAR}} {part:4.0%}  {rate}"


def size(number: float) -> str:
    """Bytes for a person."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:  # noqa: PLR2004 - SI
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
