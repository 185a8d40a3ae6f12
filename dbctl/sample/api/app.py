"""The application: made by `create_app`, with a database that is opened and closed with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from dbctl import __version__
from dbctl.database.engine import Database
from dbctl.sample.api import auth, failures, health, items, posts, routing, transfers, users
from dbctl.sample.api.door import Accounts
from dbctl.sample.api.headers import SafeHeaders
from dbctl.sample.api.health import Watch
from dbctl.sample.api.limits import Attempts, BodyLimit, Gate
from dbctl.sample.api.options import Options, require_tls_said
from dbctl.sample.models import Base
from dbctl.settings import Settings
from dbctl.web import assembly

# A request is compared with one route after the other: what is asked most stands first.
ROUTERS = (
    items.router,
    users.router,
    posts.router,
    transfers.router,
    auth.router,
    health.router,
)


def create_app(settings: Settings | None = None, options: Options | None = None) -> FastAPI:
    """The application on the settings' database; nothing connects before it is served.

    Raises ConfigurationError, in `prd` also when nobody has said whether TLS is used.
    """
    settings = settings or Settings.load()
    options = options or Options.load(settings)
    require_tls_said(settings, options)
    app = FastAPI(
        title="dbctl sample",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.settings, app.state.options = settings, options
    _protect(app, options)
    routing.add(app, *ROUTERS)
    _show(app, settings)
    return app


def _show(app: FastAPI, settings: Settings) -> None:
    """The pages for people: API documentation, home page, admin."""
    database = app.state.database = Database(settings, metadata=Base.metadata)
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    assembly.mount(app, database, classes, Accounts(database, app.state))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what belongs to the event loop, close it at the end whatever happened."""
    app.state.watch = Watch(app.state.settings)
    async with app.state.database:
        yield


def _protect(app: FastAPI, options: Options) -> None:
    """Limits, headers and answers to errors. There is no CORS: no other site may read us."""
    app.state.attempts = Attempts(options.attempts_per_minute)
    app.state.gate = Gate(options.waiting_hashes)
    app.add_middleware(BodyLimit, most=options.body_bytes)
    app.add_middleware(SafeHeaders, tls=options.tls in ("proxy", "direct"))
    failures.install(app)
