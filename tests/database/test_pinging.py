"""Which connections are asked whether they are still there, and what becomes of the others."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import text

from dbctl import Database, Settings
from dbctl.database import pinging

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database(Settings.load(url=database_url)) as made:
        yield made


@pytest.fixture
def pings(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One for each time a connection is asked."""
    seen: list[int] = []
    dialect: Any = database.async_engine.dialect
    ping = dialect.do_ping

    def heard(connection: Any) -> Any:
        seen.append(1)
        return ping(connection)

    monkeypatch.setattr(dialect, "do_ping", heard)
    return seen


async def asked(database: Database) -> Any:
    async with database.session() as session:
        return await session.scalar(text("SELECT 1"))


async def test_a_connection_is_asked_after_a_rest_alone(
    database: Database, pings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert await asked(database) == 1
    assert pings == []
    monkeypatch.setattr(pinging, "REST", 0)
    assert await asked(database) == 1
    assert pings == [1]


async def test_the_setting_turns_it_off(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBCTL_POOL_PRE_PING", "false")
    monkeypatch.setattr(pinging, "REST", 0)
    async with Database(Settings.load(url=database_url)) as database:
        dialect: Any = database.async_engine.dialect
        monkeypatch.setattr(dialect, "do_ping", None)
        assert [await asked(database) for _ in range(2)] == [1, 1]


async def test_a_connection_that_the_server_ended_is_replaced(
    postgres_url: str, admin: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "REST", 0)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
    async with Database(Settings.load(url=postgres_url)) as database:
        assert await asked(database) == 1
        admin(end.format(database.url.name))
        assert await asked(database) == 1
        with database.sync_engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        admin(end.format(database.url.name))
        with database.sync_engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
