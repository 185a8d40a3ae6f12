"""`from dbctl import Database`: lazy, transactional, and silent about what must not be told."""

import logging
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

from dbctl import Database, Settings
from dbctl.errors import ConfigurationError
from tests import runner
from tests.schema import rows_of

pytestmark = pytest.mark.anyio

METADATA = MetaData()
PARENT = Table("parent", METADATA, Column("id", Integer, primary_key=True), Column("a", String))
CHILD = Table(
    "child",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey("parent.id"), nullable=False),
)


def database(url: str) -> Database:
    """The database at `url` with the tables above."""
    return Database(Settings.load(url=url), metadata=METADATA)


LAZY = """
import sys
from dbctl import Database, Settings
database = Database(Settings.load(url={url!r}))
if {engine!r}:
    getattr(database, {engine!r})
drivers = {{"asyncpg", "aiosqlite", "psycopg", "alembic", "httpx"}}
print(sorted(drivers & sys.modules.keys()))
"""
DRIVERS = [
    ("postgresql://h/x", "", "[]"),
    ("postgresql://h/x", "async_engine", "['asyncpg']"),
    ("postgresql://h/x", "sync_engine", "['psycopg']"),
    ("sqlite:///x.db", "async_engine", "['aiosqlite']"),
    ("sqlite:///x.db", "sync_engine", "[]"),
]


@pytest.mark.parametrize(("url", "engine", "imported"), DRIVERS)
def test_a_driver_is_imported_when_its_engine_is_asked_for(
    url: str, engine: str, imported: str, tmp_path: Path
) -> None:
    script = LAZY.format(url=url, engine=engine)
    done = runner.run([sys.executable, "-c", script], cwd=tmp_path)
    assert done.out.strip() == imported, done
    assert not (tmp_path / "x.db").exists()


async def test_nothing_connects_before_it_is_used(closed_port: int) -> None:
    async with database(f"postgresql://me@127.0.0.1:{closed_port}/x") as one:
        assert one.async_engine is one.async_engine
        assert one.sync_engine is one.sync_engine
        assert one.async_session_maker.kw["bind"] is one.async_engine


async def test_a_session_commits_at_the_end_of_its_block(database_url: str) -> None:
    async with database(database_url) as one:
        await one.create_tables()
        async with one.session() as session:
            await session.execute(insert(PARENT).values(id=1, a="x"))
    assert rows_of(database_url) == {"child": 0, "parent": 1}


async def test_a_session_rolls_back_when_its_block_raises(database_url: str) -> None:
    async with database(database_url) as one:
        await one.create_tables()
        with pytest.raises(KeyError):
            await _failing(one)
    assert rows_of(database_url) == {"child": 0, "parent": 0}


async def _failing(one: Database) -> None:
    async with one.session() as session:
        await session.execute(insert(PARENT).values(id=1, a="x"))
        raise KeyError


@pytest.mark.parametrize("fails", [False, True], ids=["well", "raising"])
async def test_a_session_gives_its_connection_back(database_url: str, fails: bool) -> None:
    async with database(database_url) as one:
        try:
            async with one.session() as session:
                await session.execute(select(1))
                assert one.async_engine.pool.checkedout() == 1  # type: ignore[attr-defined]  # a queue
                if fails:
                    raise KeyError
        except KeyError:
            pass
        assert one.async_engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue


async def test_tables_are_created_once_and_dropped(database_url: str) -> None:
    async with database(database_url) as one:
        await one.create_tables()
        async with one.session() as session:
            await session.execute(insert(PARENT).values(id=1, a="x"))
        await one.create_tables()
        assert rows_of(database_url) == {"child": 0, "parent": 1}
        await one.drop_tables()
    assert rows_of(database_url) == {}


async def test_dispose_closes_what_was_opened(database_url: str) -> None:
    one = database(database_url)
    async with one.async_engine.connect():
        pass
    assert one.async_engine.pool.checkedin() == 1  # type: ignore[attr-defined]  # a queue
    await one.dispose()
    assert one.async_engine.pool.checkedin() == 0  # type: ignore[attr-defined]  # a queue


async def test_disposing_what_was_never_used_imports_and_makes_nothing() -> None:
    one = database("postgresql://h/x")
    await one.dispose()
    assert "async_engine" not in vars(one)
    assert "sync_engine" not in vars(one)


async def test_foreign_keys_hold_on_every_engine(database_url: str) -> None:
    async with database(database_url) as one:
        await one.create_tables()
        orphan = insert(CHILD).values(id=1, parent_id=99)
        with pytest.raises(IntegrityError):
            async with one.session() as session:
                await session.execute(orphan)
        with pytest.raises(IntegrityError), one.sync_engine.begin() as connection:
            connection.execute(orphan)


async def test_an_error_does_not_show_the_parameters(database_url: str) -> None:
    async with database(database_url) as one:
        await one.create_tables()
        twice = [{"id": 1, "a": "s3cr3t-Zq9"}] * 2
        with pytest.raises(IntegrityError) as caught:
            async with one.session() as session:
                await session.execute(insert(PARENT), twice)
    assert "s3cr3t" not in str(caught.value)


async def test_a_slow_statement_is_logged_without_its_parameters(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBCTL_SLOW_QUERY_MS", "0.000001")
    async with database(sqlite_url) as one, one.session() as session:
        await session.execute(text("SELECT :a,\n  1"), {"a": "s3cr3t-Zq9"})
    (line,) = [record.getMessage() for record in caplog.records if record.name == "dbctl.sql"]
    assert line.startswith("slow query: ")
    assert line.endswith("ms: SELECT ?, 1")


@pytest.mark.parametrize("limit", ["0", "60000"], ids=["off", "fast enough"])
async def test_a_fast_statement_is_not_logged(
    limit: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBCTL_SLOW_QUERY_MS", limit)
    with caplog.at_level(logging.DEBUG, "dbctl.sql"):
        async with database(sqlite_url) as one, one.session() as session:
            await session.execute(text("SELECT 1"))
    assert not [record for record in caplog.records if record.name == "dbctl.sql"]


POOL = {"POOL_SIZE": "3", "MAX_OVERFLOW": "1", "POOL_TIMEOUT": "0.1", "POOL_RECYCLE": "60"}


async def test_the_pool_is_as_large_as_the_settings_say(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in POOL.items():
        monkeypatch.setenv(f"DBCTL_{name}", value)
    async with database(database_url) as one:
        pool: Any = one.sync_engine.pool
        assert (pool.size(), pool._max_overflow, pool._timeout, pool._recycle) == (3, 1, 0.1, 60)
        pool = one.async_engine.pool
        assert (pool.core, pool.size(), pool._timeout, pool._recycle) == (3, 3 + 1, 0.1, 60)


@pytest.mark.parametrize("name", ["POOL_SIZE", "MAX_OVERFLOW"])
async def test_a_pool_without_limit_is_sqlalchemys(
    name: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DBCTL_{name}", {"POOL_SIZE": "0", "MAX_OVERFLOW": "-1"}[name])
    async with database(database_url) as one:
        assert type(one.async_engine.pool) is AsyncAdaptedQueuePool


async def test_behind_a_pooler_the_engines_have_no_pool() -> None:
    one = database("postgresql://u@ep-a-1-pooler.eu.neon.tech/x?sslmode=require")
    assert isinstance(one.sync_engine.pool, NullPool)
    assert isinstance(one.async_engine.sync_engine.pool, NullPool)


async def test_a_database_in_memory_lives_as_long_as_its_engine() -> None:
    async with database("sqlite://") as one:
        await one.create_tables()
        async with one.session() as session:
            assert (await session.execute(select(PARENT))).all() == []


HIDDEN = """
import sys
sys.modules["psycopg"] = None
from importlib import util
found, util.find_spec = util.find_spec, lambda n, *a: None if n == "psycopg" else found(n, *a)
from dbctl import Database, Settings
Database(Settings.load(url="postgresql://me:s3cr3t-Zq9@h/x")).sync_engine
"""


def test_a_synchronous_engine_without_psycopg_names_the_extra(tmp_path: Path) -> None:
    done = runner.run([sys.executable, "-c", HIDDEN], cwd=tmp_path)
    assert "MissingExtraError: a synchronous PostgreSQL engine needs psycopg" in done.err
    assert "s3cr3t" not in done.err
    from dbctl.errors import MissingExtraError

    assert MissingExtraError.exit_code == 3


METADATA_PLACES = {
    "absent": (None, "not known"),
    "no colon": ("models", "not of the form"),
    "no module": ("no_such_module:Base", "No module named"),
    "no name": ("dbctl.errors:Base", "has no Base"),
    "no metadata": ("dbctl.errors:EXIT_CODES", "neither a declarative base nor a MetaData"),
}


@pytest.mark.parametrize(("place", "why"), METADATA_PLACES.values(), ids=METADATA_PLACES)
def test_metadata_that_cannot_be_had_is_refused(
    place: str | None, why: str, tmp_path: Path
) -> None:
    line = f'metadata = "{place}"' if place else ""
    (tmp_path / "pyproject.toml").write_text(f"[tool.dbctl]\n{line}\n")
    with pytest.raises(ConfigurationError, match=why):
        _ = Database(Settings.load(url="sqlite:///x.db")).metadata


def test_metadata_is_a_base_or_a_metadata(tmp_path: Path) -> None:
    found = []
    for place in ("dbctl.sample.models:Base", f"{__name__}:METADATA"):
        (tmp_path / "pyproject.toml").write_text(f'[tool.dbctl]\nmetadata = "{place}"\n')
        found.append(Database(Settings.load()).metadata)
    assert "users" in found[0].tables
    assert found[1].tables.keys() == {"parent", "child"}


async def test_both_engines_of_sqlite_see_one_file(sqlite_url: str, tmp_path: Path) -> None:
    async with database(sqlite_url) as one:
        await one.create_tables()
        with one.sync_engine.begin() as connection:
            connection.execute(insert(PARENT).values(id=1, a="x"))
    with sqlite3.connect(tmp_path / "test.db") as file:
        assert file.execute("SELECT a FROM parent").fetchall() == [("x",)]
    file.close()
