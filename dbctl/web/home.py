"""The page at `/`: where the database is, what is in it, what is slow."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

import dbctl
from dbctl.database.observe import Observer
from dbctl.errors import DbctlError
from dbctl.settings import Settings
from dbctl.web import page
from dbctl.web.model import Door
from dbctl.web.overview import Glance
from dbctl.web.session import visitor


class Home:
    """The home page of one application.

    Where the environment is protected it tells nothing to anybody but a superuser.
    """

    def __init__(
        self,
        settings: Settings,
        observer: Observer,
        *,
        title: str,
        links: tuple[tuple[str, str], ...] = (),
        door: Door | None = None,
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._door = door
        self._glance = Glance(settings)
        self._said = {"title": title, "links": links, "version": dbctl.__version__}

    async def show(self, request: Request) -> Response:
        """The page, as it is now."""
        root = request.scope.get("root_path", "")
        said = {**self._said, "root": root, "environment": self._settings.env}
        if not await self._open(request):
            return page.drawn("closed.html", said)
        try:
            seen = await self._glance.take()
        except DbctlError as error:
            return page.drawn("error.html", {**said, "error": error}, 503)
        more = {
            "seen": seen,
            "most": max((table.rows or 0 for table in seen.tables), default=0) or 1,
            "slow": self._observer.slowest(),
            "limit_ms": self._observer.limit_ms,
            "now": datetime.now(UTC),
        }
        return page.drawn("home.html", {**said, **more})

    async def _open(self, request: Request) -> bool:
        if not self._settings.protected:
            return True
        return self._door is not None and await visitor(self._door, request) is not None
