"""The page at `/`: what it shows, to whom, and that nothing on it is markup."""

import sqlite3
from asyncio import to_thread
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from dbctl.web.model import Overview
from dbctl.web.overview import Glance
from tests.web.conftest import PASSWORD, Visitor, person, visiting

pytestmark = pytest.mark.anyio


async def test_it_shows_where_the_database_is_and_what_is_in_it(visitor: Visitor) -> None:
    page = await visitor.get("/")
    assert page.status_code == 200
    place = visitor.app.state.database.url
    for said in (place.dialect, place.name, "local", "up to date", "users", "items", "applied"):
        assert said in page.text
    assert '<td class="number">24</td>' in page.text  # items of the seed files


async def test_it_loads_nothing_from_elsewhere_and_says_so(on_file: Visitor) -> None:
    page = await on_file.get("/")
    assert "http:" not in page.text
    assert "https:" not in page.text
    assert "<script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_slow_statements_are_shown_without_their_values(
    sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBCTL_SLOW_QUERY_MS", "0.000001")
    async with visiting(sample_url) as visitor:
        async with visitor.app.state.database.session() as session:
            await session.execute(text("SELECT 'hunter2' AS shown_here"))
        page = await visitor.get("/")
    assert "shown_here" in page.text
    assert "hunter2" not in page.text


async def test_a_name_of_the_database_is_never_markup(sample_sqlite_url: str) -> None:
    with closing(sqlite3.connect(sample_sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute('CREATE TABLE "<script>alert(1)</script>" (id INTEGER)')
    async with visiting(sample_sqlite_url) as visitor:
        page = await visitor.get("/")
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_a_database_that_is_gone_is_told_and_not_a_crash(sample_sqlite_url: str) -> None:
    file = Path(sample_sqlite_url.removeprefix("sqlite:///"))
    async with visiting(sample_sqlite_url) as visitor:
        await to_thread(file.unlink)
        page = await visitor.get("/")
    assert page.status_code == 503
    assert "there is no file" in page.text


async def test_pending_revisions_are_shown(sample_sqlite_url: str) -> None:
    with closing(sqlite3.connect(sample_sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("UPDATE alembic_version SET version_num = '48db73002fcc'")
        database.commit()
    async with visiting(sample_sqlite_url) as visitor:
        page = await visitor.get("/")
    assert "pending</span>" in page.text
    assert "up to date" not in page.text


async def test_a_protected_environment_tells_strangers_nothing(sample_sqlite_url: str) -> None:
    async with visiting(sample_sqlite_url, "prd", tls="off") as visitor:
        await person(visitor.app, "root", superuser=True)
        await person(visitor.app, "amy", superuser=False)
        page = await visitor.get("/")
        assert "sample.db" not in page.text
        assert "users" not in page.text.replace("superusers", "")
        seen = {name: await _as(visitor, name) for name in ("root", "amy")}
    assert "sample.db" in seen["root"]
    assert "sample.db" not in seen["amy"]


async def _as(visitor: Visitor, name: str) -> str:
    """The page for somebody who has signed in with the API."""
    sent = {"login": name, "password": PASSWORD}
    token = (await visitor.post("/api/v1/auth/login", json=sent)).json()["access_token"]
    page = await visitor.get("/", headers={"Authorization": f"Bearer {token}"})
    return page.text


async def test_many_who_ask_at_once_are_one_question(
    on_file: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    read = Glance._read

    def counted(glance: Glance) -> Overview:
        asked.append(glance)
        return read(glance)

    monkeypatch.setattr(Glance, "_read", counted)
    for _ in range(5):
        assert (await on_file.get("/")).status_code == 200
    assert len(asked) == 1
