"""An application in this process, on an empty database of both kinds, and people who use it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from dbctl import Settings
from dbctl.sample.api.app import create_app
from dbctl.sample.api.options import Options
from dbctl.sample.services import tokens
from dbctl.sample.services.users import USERS

API = "/api/v1"
MANY = 1_000_000


class Client(httpx.AsyncClient):
    """A client of one application, perhaps with somebody's token; paths are below /api/v1."""

    app: FastAPI

    def at(self, token: str) -> "Client":
        """The same application for whoever holds the token."""
        return client(self.app, {"Authorization": f"Bearer {token}"})

    async def person(self, name: str, *, balance: int = 0, **values: Any) -> "Client":
        """Somebody who is signed in, without the time that a hash takes."""
        options: Options = self.app.state.options
        async with self.app.state.database.session() as session:
            row = {"username": name, "email": f"{name}@example.com", "hashed_password": "x"}
            user = await USERS.create(session, **row, balance=Decimal(balance), **values)
            signed = await tokens.sign_in(session, user.id, options.lifetimes)
        return self.at(signed.access)


def client(app: FastAPI, headers: dict[str, str] | None = None) -> Client:
    """A client that sees a fault of ours as a client would: as a 500."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    made = Client(transport=transport, base_url=f"http://test{API}", headers=headers)
    made.app = app
    return made


@asynccontextmanager
async def served(url: str, **options: Any) -> AsyncIterator[Client]:
    """An application that is running on the database, whose tables are made."""
    chosen = Options(**{"attempts_per_minute": MANY, **options})
    app = create_app(Settings.load(url=url), chosen)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        await app.state.database.create_tables()
        yield await stack.enter_async_context(client(app))


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Client]:
    """A client of an application on an empty database, once on SQLite and once on PostgreSQL."""
    async with served(database_url) as made:
        yield made


@pytest.fixture
async def on_file(sqlite_url: str) -> AsyncIterator[Client]:
    """The same on SQLite alone, for what does not depend on the database."""
    async with served(sqlite_url) as made:
        yield made
