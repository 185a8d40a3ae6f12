"""The admin at `/admin`: every mapped class as a list of rows, by starlette-admin.

Never where the environment is protected. A superuser signs in; the session is a token of the
project's own, which a cookie holds that no script reads and no other site sends. Forms carry
starlette-admin's own token against requests from elsewhere.
"""

import hashlib
import logging
import os
import secrets
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import Session
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dbctl.database.engine import Database
from dbctl.errors import RefusedError
from dbctl.web import docs, page
from dbctl.web.model import Door

if TYPE_CHECKING:
    from starlette.applications import Starlette

PATH = "/admin"
KEY, WRITE = "DBCTL_SERVE_KEY", "DBCTL_SERVE_WRITE"
# starlette-admin's pages have scripts and styles in them; nothing is loaded from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def is_there(*, protected: bool) -> bool:
    """Whether there is an admin: its package is installed, and the environment not protected."""
    return not protected and find_spec("starlette_admin") is not None


def mount(
    app: "Starlette", database: Database, classes: Iterable[type], door: Door, *, title: str
) -> None:
    """Put the admin on an application. Raises RefusedError in a protected environment."""
    if database.settings.protected:
        raise RefusedError(f"{database.settings.env} is protected: it has no admin")
    from starlette_admin.contrib.sqla import Admin
    from starlette_admin.theme import DefaultTheme, TablerSettings
    from starlette_admin.views import Link

    from dbctl.web.entrance import Entrance
    from dbctl.web.views import Tables, views

    # It tells what people typed at the door, and whole rows that the database refused.
    logging.getLogger("starlette_admin").setLevel(logging.CRITICAL)
    write = os.environ.get(WRITE) == "1"
    rows = views(classes, write=write)
    made = Admin(
        _sessions(database, write=write),
        title=title,
        base_url=PATH,
        templates_dir=str(page.folder("templates") / "admin"),
        index_view=Tables(rows, write=write),
        theme=DefaultTheme(TablerSettings(base="slate", primary="teal")),
        secret_key=_key(),
        auth_provider=Entrance(door),
        middlewares=[Middleware(Policy)],
        timezone_config=None,
    )
    made.templates.env.globals["assets"] = docs.ASSETS
    for view in (*rows, Link(menu_label="Home page", url="/")):
        made.add_view(view)
    made.mount_to(app)


def _key() -> str:
    """What cookies of forms are signed with: of one `serve` every process has the same."""
    said = os.environ.get(KEY) or secrets.token_hex(32)
    return hashlib.sha256(said.encode()).hexdigest()


class Reading(Session):
    """A session that changes nothing, whatever a form may send."""

    def flush(self, objects: Any = None) -> None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Refuse where there is anything to write."""
        if self.new or self.dirty or self.deleted:
            _refuse()


def _refuse() -> NoReturn:
    raise RefusedError("the admin only reads", hint="dbctl serve --write")


def _sessions(database: Database, *, write: bool) -> "async_sessionmaker[Any]":
    kind = Session if write else Reading
    return async_sessionmaker(
        database.async_engine, expire_on_commit=False, sync_session_class=kind
    )


class Policy:
    """Says on every page of the admin what a browser may load."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the headers."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = (("content-security-policy", POLICY), ("x-robots-tag", "noindex"))
                message["headers"] = [
                    *message.get("headers", ()),
                    *((name.encode(), value.encode()) for name, value in headers),
                ]
            await send(message)

        await self.app(scope, receive, sent)
