"""Synchronous code behind an asynchronous application."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dbctl.database import engine
from dbctl.sample.models import Token
from dbctl.sample.services import tokens
from tests.sample.api.conftest import Client

pytestmark = pytest.mark.anyio


async def left(api: Client) -> int:
    async with api.app.state.database.session() as session:
        return len((await session.scalars(select(Token.id))).all())


async def test_expired_tokens_are_swept_in_a_thread(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = await api.person("root", is_superuser=True), await api.person("alice")
    async with api.app.state.database.session() as session:
        past = datetime.now(UTC) - timedelta(days=1)
        await session.execute(update(Token).where(Token.user_id == 2).values(expires_at=past))
    threads: list[str] = []
    sweep = tokens.sweep

    def heard(session: Session) -> int:
        threads.append(threading.current_thread().name)
        return sweep(session)

    monkeypatch.setattr(tokens, "sweep", heard)
    assert (await root.post("/auth/sweep")).status_code == 202
    assert threads
    assert "MainThread" not in threads
    assert await left(api) == 1


async def test_without_the_driver_nothing_is_promised(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    if api.app.state.database.url.dialect == "sqlite":
        pytest.skip("sqlite3 is always there")
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    root = await api.person("root", is_superuser=True)
    done = await root.post("/auth/sweep")
    assert (done.status_code, done.json()["error"]["kind"]) == (503, "missing_extra")
