"""All pages of dbctl's own on one application: API documentation, home page, admin."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dbctl.database.engine import Database
from dbctl.database.observe import Observer
from dbctl.web import admin, docs
from dbctl.web.home import Home
from dbctl.web.model import Door

if TYPE_CHECKING:
    from fastapi import FastAPI

SLOW_MS = 100.0  # what the home page calls slow where `slow_query_ms` is 0


def mount(
    app: "FastAPI", database: Database, classes: Iterable[type] = (), door: Door | None = None
) -> None:
    """Put the pages on an application that leaves `/`, `/docs`, `/redoc` and `/admin` free.

    `classes` are what the admin shows; without a door, or in a protected environment, there is no
    admin, and without the package of the extra `studio` neither.
    """
    settings = database.settings
    observer = Observer(settings.slow_query_ms or SLOW_MS)
    observer.attach(database.async_engine.sync_engine)
    docs.mount(app)
    links = (("API docs", "/docs"), ("Reference", "/redoc")) if app.openapi_url else ()
    if door is not None and admin.is_there(protected=settings.protected):
        admin.mount(app, database, classes, door, title=app.title)
        links = (*links, ("Admin", admin.PATH))
    home = Home(settings, observer, title=app.title, links=links, door=door)
    app.add_route("/", home.show, include_in_schema=False)
