"""What whoever watches the application is told."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dbctl import Settings
from dbctl.database import server
from dbctl.sample.api import health
from tests.sample.api.conftest import Client, client, served

pytestmark = pytest.mark.anyio

READY, HEALTH = "http://test/ready", "http://test/health"
HEAD = "22e87ea39f22"


async def test_a_database_at_head_is_ready(sample_url: str) -> None:
    async with served(sample_url) as api:
        done = await api.get(READY)
        assert (done.status_code, done.json()) == (200, {"status": "ready", "revision": [HEAD]})


async def test_a_database_that_lacks_a_revision_is_not(api: Client) -> None:
    done = await api.get(READY)
    assert (done.status_code, done.json()["error"]["kind"]) == (503, "pending")
    assert (await api.get(HEALTH)).json() == {"status": "ok"}


async def test_without_a_database_the_process_is_healthy_and_not_ready(closed_port: int) -> None:
    from dbctl.sample.api.app import create_app

    app = create_app(Settings.load(url=f"postgresql://u:s3cr3t@127.0.0.1:{closed_port}/x"))
    async with app.router.lifespan_context(app), client(app) as api:
        assert (await api.get(HEALTH)).status_code == 200
        for path in (READY, "/items"):
            done = await api.get(path)
            assert (done.status_code, done.json()["error"]["kind"]) == (503, "unreachable")
            assert "s3cr3t" not in done.text


async def test_however_many_ask_the_database_is_asked_once(
    sample_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    look = server.look

    async def heard(*args: Any) -> Any:
        looks.append(1)
        return await look(*args)

    monkeypatch.setattr(server, "look", heard)
    async with served(sample_sqlite_url) as api:
        done = await asyncio.gather(*(api.get(READY) for _ in range(20)))
        assert ({one.status_code for one in done}, len(looks)) == ({200}, 1)
        monkeypatch.setattr(health, "FRESH", 0)
        await api.get(READY)
        assert len(looks) == 2


async def test_the_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    from dbctl.sample.api.app import create_app

    app = create_app(Settings.load(url=f"sqlite:///{tmp_path / 'none.db'}"))
    async with app.router.lifespan_context(app), client(app) as api:
        assert (await api.get(READY)).status_code == 503
    assert not (tmp_path / "none.db").exists()
