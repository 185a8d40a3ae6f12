"""Slow statements are remembered once each, without values, and not without bound."""

import pytest
from sqlalchemy import text

from dbctl import Database, Settings
from dbctl.database.observe import KEPT, Observer

pytestmark = pytest.mark.anyio


async def test_what_an_engine_runs_is_seen(database_url: str, tmp_path: object) -> None:
    seen = Observer(0)
    async with Database(Settings.load(url=database_url)) as database:
        seen.attach(database.async_engine.sync_engine)
        async with database.session() as session:
            for value in ("hunter2", "hunter3"):
                await session.execute(text(f"SELECT '{value}', :x"), {"x": "hunter4"})
    (found,) = (one for one in seen.slowest() if "'...'" in one.statement)
    assert "hunter" not in found.statement
    assert found.times == 2
    assert found.seconds >= found.slowest > 0


def test_what_is_quicker_than_the_limit_is_forgotten() -> None:
    seen = Observer(100)
    seen.note("SELECT 1", 0.0999)
    assert not seen.slowest()
    seen.note("SELECT 2", 0.1)
    assert [one.statement for one in seen.slowest()] == ["SELECT 2"]


def test_the_slowest_stay_when_there_are_too_many() -> None:
    seen = Observer(0)
    for number in range(KEPT + 50):
        seen.note(f"SELECT {number}", number)
    assert len(seen.slowest(10_000)) == KEPT
    assert [one.seconds for one in seen.slowest(2)] == [KEPT + 49, KEPT + 48]
