"""The sample's application in this process, and a browser's view of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from dbctl import Settings
from dbctl.sample.api.app import create_app
from dbctl.sample.api.options import Options
from dbctl.sample.services.passwords import hashed
from dbctl.sample.services.users import USERS

PASSWORD = "correct horse battery staple"


class Visitor(httpx.AsyncClient):
    """Somebody with a browser; `app` is the application itself."""

    app: FastAPI

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Fill the form of the admin in."""
        await self.get("/admin/login")
        form = {"username": name, "password": password, **self.form_token}
        return await self.post("/admin/login", data=form)

    @property
    def form_token(self) -> dict[str, str]:
        """What a form of the admin carries against requests from elsewhere."""
        return {"csrftoken": self.cookies["starlette_admin_csrftoken"]}


@asynccontextmanager
async def visiting(url: str, env: str | None = None, **options: Any) -> AsyncIterator[Visitor]:
    """Visit an application on a database that `dbctl up` has made."""
    app = create_app(Settings.load(url=url, env=env), Options(**options))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        Visitor(transport=transport, base_url="http://test") as made,
    ):
        made.app = app
        yield made


async def person(app: FastAPI, name: str, *, superuser: bool) -> int:
    """Somebody with an account; the id."""
    async with app.state.database.session() as session:
        row = {"username": name, "email": f"{name}@example.com", "is_superuser": superuser}
        user = await USERS.create(session, **row, hashed_password=await _hash())
        return int(user.id)


_KEPT: list[str] = []


async def _hash() -> str:
    """The hash of the one password, made once: it takes a tenth of a second."""
    if not _KEPT:
        _KEPT.append(await hashed(SecretStr(PASSWORD)))
    return _KEPT[0]


@pytest.fixture
async def visitor(sample_url: str) -> AsyncIterator[Visitor]:
    """A visitor of the sample, once on SQLite and once on PostgreSQL."""
    async with visiting(sample_url) as made:
        yield made


@pytest.fixture
async def on_file(sample_sqlite_url: str) -> AsyncIterator[Visitor]:
    """The same on SQLite alone, for what does not depend on the database."""
    async with visiting(sample_sqlite_url) as made:
        yield made
