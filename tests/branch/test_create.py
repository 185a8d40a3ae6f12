"""How a branch is made: beside sessions, beside writers, beside others who make the same one."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dbctl import loop
from dbctl.branch.model import Copying, IfExists, Made, Wish
from dbctl.branch.provider import Provider
from dbctl.branch.registry import provider
from dbctl.database import cloning
from dbctl.database.url import Url
from dbctl.errors import TakenError
from dbctl.settings import Settings
from tests.branch.place import Place

Admin = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def branches(sample_url: str) -> Provider:
    """The branches of the sample, on SQLite and on PostgreSQL."""
    return provider(Settings.load(url=sample_url))


@contextmanager
def connected(place: Place) -> Iterator[psycopg.Connection[Any]]:
    url = replace(Url.parse(place.env["DATABASE_URL"]), driver="").text
    with psycopg.connect(url, application_name="gunicorn") as connection:
        yield connection


@pytest.mark.anyio
async def test_of_two_at_once_one_creates(branches: Provider) -> None:
    async def create(how: IfExists) -> Made | TakenError:
        try:
            return await branches.create(Wish("task", if_exists=how))
        except TakenError as error:
            return error

    found = await asyncio.gather(create(IfExists.fail), create(IfExists.fail))
    assert sorted(type(one).__name__ for one in found) == ["Made", "TakenError"]
    again = await asyncio.gather(create(IfExists.reuse), create(IfExists.reset))
    assert [isinstance(one, Made) and one.created for one in again] == [False, False]
    assert [one.name for one in await branches.list() if not one.main] == ["task"]


def test_of_two_processes_at_once_one_creates(branches: Provider) -> None:
    start = threading.Barrier(2)

    def create(_number: int) -> bool:
        start.wait()
        return loop.run(branches.create(Wish("task", if_exists=IfExists.reuse))).created

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(create, range(2))) == [False, True]


@pytest.mark.anyio
@pytest.mark.parametrize("copying", [Copying.template, Copying.dump])
async def test_what_fails_half_way_leaves_nothing(
    branches: Provider, copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr("dbctl.branch.marked.mark_copy", interrupted)
    with pytest.raises(asyncio.CancelledError):
        await branches.create(Wish("task", copying=copying))
    assert [one.main for one in await branches.list()] == [True]


@pytest.mark.anyio
async def test_what_fails_half_way_of_a_reset_leaves_the_branch(
    branches: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await branches.create(Wish("task"))
    with monkeypatch.context() as patched:
        patched.setattr("dbctl.branch.marked.mark_copy", None)
        with pytest.raises(TypeError):
            await branches.reset("task")
    assert [one.id for one in await branches.list() if not one.main] == [made.branch.id]
    assert (await branches.reset("task")).id == made.branch.id


def test_a_database_in_use_is_copied_through_pg_dump(postgresql_place: Place) -> None:
    with connected(postgresql_place):
        postgresql_place("branch", "create", "task")
        postgresql_place("branch", "create", "bare", "--schema-only")
    assert postgresql_place("branch", "diff", "task", "--data").code == 0
    assert postgresql_place("branch", "diff", "bare").code == 0
    postgresql_place("upgrade", "--url", postgresql_place.url("bare"))


def test_sessions_are_named_and_only_ended_on_demand(postgresql_place: Place) -> None:
    words = ("branch", "create", "task", "--copy", "template")
    with connected(postgresql_place) as session:
        done = postgresql_place.tried(*words)
        assert done.code == 5
        assert "gunicorn" in done.err
        assert "--end-sessions" in done.err
        assert session.execute("SELECT 1").fetchone() == (1,)
        session.rollback()
        postgresql_place(*words, "--end-sessions")
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")


def test_sessions_of_a_protected_environment_are_not_ended(postgresql_place: Place) -> None:
    done = postgresql_place.tried("branch", "create", "x", "--end-sessions", "--env", "prd")
    assert done.code == 5, str(done)
    assert "protected" in done.err, str(done)


def test_a_copy_has_the_settings_and_the_rights_of_its_parent(
    postgresql_place: Place, admin: Admin
) -> None:
    name = postgresql_place.main
    admin(f'ALTER DATABASE {name} SET search_path = public, "Odd, schema"')
    admin(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    ids = [
        postgresql_place.json("branch", "create", how, "--copy", how)["id"]
        for how in ("template", "dump")
    ]
    for id_ in ids:
        ((path,),) = admin("SHOW search_path", id_)
        ((public,),) = admin(f"SELECT has_database_privilege('public', '{id_}', 'CONNECT')")
        assert (path, public) == ('public, "Odd, schema"', False)


def test_a_role_that_may_not_copy_is_told_so(ordinary_url: str, tmp_path: Path) -> None:
    place = Place("postgresql", "", tmp_path, {"DATABASE_URL": ordinary_url})
    done = place.tried("branch", "create", "task")
    assert done.code in (5, 9), str(done)
    assert "permission denied" in done.err, str(done)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_file_is_copied_while_somebody_writes(
    sqlite_place: Place, tmp_path: Path, journal: str
) -> None:
    with _writer(tmp_path / "sample.db", journal) as committed:
        for name in "abc":
            least = len(committed)
            sqlite_place("branch", "create", name)
            most = len(committed) + 1
            assert sqlite_place.sql(name, "PRAGMA integrity_check") == [("ok",)]
            rows = [row[0] for row in sqlite_place.sql(name, "SELECT n FROM beats ORDER BY n")]
            assert rows == list(range(len(rows)))
            assert least <= len(rows) <= most


@pytest.mark.anyio
async def test_a_copy_never_begins_anew_for_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbctl.database.sqlite_clone.STEP_BYTES", 40_000)
    source = tmp_path / "busy.db"
    with _writer(source, "wal"):
        seen: list[int] = []
        settings = Settings.load(url=f"sqlite:///{source}")
        await cloning.clone(
            settings, str(tmp_path / "copy.db"), progress=lambda done, _all: seen.append(done)
        )
    assert len(seen) > 10
    assert seen == sorted(seen)


@contextmanager
def _writer(file: Path, journal: str) -> Iterator[list[int]]:
    """Somebody who commits row after row; the list holds what is committed."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE beats (n INTEGER PRIMARY KEY, pad BLOB)")
    committed: list[int] = []
    ended = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
            while not ended.is_set():
                connection.execute(
                    "INSERT INTO beats VALUES (?, randomblob(20000))", (len(committed),)
                )
                committed.append(len(committed))

    writing = threading.Thread(target=write)
    writing.start()
    while len(committed) < 50:
        ended.wait(0.01)
    try:
        yield committed
    finally:
        ended.set()
        writing.join()
