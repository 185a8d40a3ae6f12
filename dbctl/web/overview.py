"""What the home page shows, read from the database with dbctl's own connection.

It is read in a thread with a loop of its own: SQLite counts without giving way to others.
"""

import asyncio
import time
from functools import cached_property

from dbctl import loop
from dbctl.database.model import Look
from dbctl.database.server import Session, server
from dbctl.errors import TimedOutError
from dbctl.migrate import apply, place
from dbctl.migrate import graph as graphs
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Revision, Step
from dbctl.settings import Settings
from dbctl.web.model import Overview, TableLine

FRESH = 2.0  # seconds: whoever asks again sooner gets the same
LIMIT = 5.0
COUNTING = 2.0  # a table whose rows take longer to count is shown without their number
LATEST = 6


class Glance:
    """A look at one database, at most every `FRESH` seconds however many ask."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._seen: tuple[float, Overview] | None = None

    async def take(self) -> Overview:
        """What is there now. Raises UnreachableError, or RevisionGraphError for an unknown one."""
        async with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] > FRESH:
                self._seen = (time.monotonic(), await self._limited())
            return self._seen[1]

    async def _limited(self) -> Overview:
        try:
            async with asyncio.timeout(LIMIT):
                return await asyncio.to_thread(self._read)
        except TimeoutError as error:
            raise TimedOutError(
                f"the database did not answer within {LIMIT:.0f} s",
                hint="`dbctl doctor` may know why",
            ) from error

    @cached_property
    def _table(self) -> tuple[str, str | None]:
        return place.version_table(self._settings)

    def _read(self) -> Overview:
        graph = graphs.read(self._settings.project)
        look, tables = loop.run(self._asked())
        status = apply.status_of(self._settings, graph, look)
        return Overview(status, tables, latest(graph, look))

    async def _asked(self) -> tuple[Look, tuple[TableLine, ...]]:
        async with server(self._settings).open() as session:
            look = await session.look(*self._table)
            return look, await _sized(session)


async def _sized(session: Session) -> tuple[TableLine, ...]:
    names = await session.names()
    try:
        async with asyncio.timeout(COUNTING):
            sizes = await session.sizes()
    except TimeoutError:
        return tuple(map(TableLine, names))
    return tuple(TableLine(one.name, one.rows, one.bytes) for one in sizes)


def latest(graph: Graph, look: Look, number: int = LATEST) -> tuple[Step, ...]:
    """The newest revisions, the newest first, and whether the database has them."""
    has = graph.ancestors(one for one in look.at if one in graph.revisions)
    newest = graph.ordered[::-1][:number]
    return tuple(_step(one, head=one.revision in graph.heads, has=has) for one in newest)


def _step(one: Revision, *, head: bool, has: frozenset[str]) -> Step:
    return Step(
        revision=one.revision,
        down=one.down,
        message=one.message,
        file=one.file.name,
        head=head,
        labels=one.labels,
        depends_on=one.depends_on,
        applied=one.revision in has,
        doc="",
    )
