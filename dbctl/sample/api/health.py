"""For whoever watches: does the process answer, and can it do its work."""

import asyncio
import time

from fastapi import APIRouter, Request, Response

from dbctl.database import server
from dbctl.database.model import Look
from dbctl.errors import PendingError
from dbctl.migrate import graph, place
from dbctl.migrate.graph import Graph
from dbctl.sample.api.answers import answer
from dbctl.sample.api.failures import declared
from dbctl.sample.api.routing import named
from dbctl.sample.api.schemas import Health, Readiness
from dbctl.settings import Settings

router = APIRouter(tags=["health"], generate_unique_id_function=named)
FRESH = 1.0  # seconds for which an answer is given again


class Watch:
    """Where the database is among the revisions.

    The files are read once, the database is asked once a second at most, however many ask: with a
    connection of its own, so that a pool that is used up by work is no failure.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.graph: Graph = graph.read(settings.project)
        self.table = place.version_table(settings)
        self._asked = asyncio.Lock()
        self._seen: tuple[float, Look] | None = None

    async def look(self) -> Look:
        """A glance that is a second old at most. Raises UnreachableError."""
        async with self._asked:
            if self._seen is None or time.monotonic() - self._seen[0] > FRESH:
                self._seen = (time.monotonic(), await server.look(self.settings, *self.table))
            return self._seen[1]

    async def require_head(self) -> Look:
        """A glance at a database that has every revision. Raises PendingError, UnreachableError."""
        found = await self.look()
        pending = self.graph.pending(found.at)
        if pending:
            raise PendingError(f"{len(pending)} revisions are pending, from {pending[0].revision}")
        return found


@router.get("/health", response_model=Health)
async def health() -> Response:
    """Say that the process answers, whatever the database does."""
    return answer({"status": "ok"})


@router.get("/ready", response_model=Readiness, responses=declared())
async def ready(request: Request) -> Response:
    """Say that the database answers and is at head; 503 otherwise."""
    watch: Watch = request.app.state.watch
    found = await watch.require_head()
    return answer({"status": "ready", "revision": found.at})
