"""What a database says of itself: written once and whole by whoever is first, read for nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dbctl import loop
from dbctl.database import mark
from dbctl.database.model import Mark
from dbctl.database.server import look, server
from dbctl.database.url import Url
from dbctl.database.watch import Watch, watched
from dbctl.errors import UnreachableError
from dbctl.settings import Settings
from tests.marks import looked, marked, prepared, said
from tests.runner import Finished
from tests.schema import rows_of

CHECKOUT = Path(__file__).parents[2]
REMOTE = "postgresql://u:secret-47@db.example.invalid/x"
Run = Callable[..., Finished]


async def put(url: str, one: Mark) -> bool:
    """Write a mark over dbctl's own connection."""
    async with server(Settings.load(url=url)).open() as session:
        return await mark.write(session, one)


def dialect(url: str) -> str:
    return Url.parse(url).dialect


@pytest.fixture
def there(database_url: str) -> str:
    """An empty database; the SQLite file is made."""
    return prepared(database_url)


@pytest.mark.parametrize("command", ["up", "upgrade"])
def test_the_first_upgrade_marks_the_database(quick: Run, there: str, command: str) -> None:
    assert quick("--env", "tst", "--url", there, command, cwd=CHECKOUT).code == 0
    found = looked(there).mark
    assert found is not None
    assert (found.environment, found.project) == ("tst", "dbctl-lifecycle")
    assert str(UUID(found.uuid)) == found.uuid
    assert found.made.endswith("Z")


def test_an_upgrade_with_nothing_to_do_marks_too(quick: Run, sample_url: str) -> None:
    own = "dbctl_mark" if sample_url.startswith("sqlite") else "dbctl.mark"
    prepared(sample_url, f"DROP TABLE {own}")
    done = quick("--url", sample_url, "--json", "upgrade", cwd=CHECKOUT)
    assert done.json["already_there"] is True
    assert looked(sample_url).mark is not None


def test_a_mark_stays_as_it_is(quick: Run, sample_url: str) -> None:
    before = looked(sample_url).mark
    assert quick("--url", sample_url, "up", cwd=CHECKOUT).code == 0
    assert looked(sample_url).mark == before is not None


def test_a_database_made_again_is_another_one(quick: Run, sample_url: str) -> None:
    before = looked(sample_url).mark
    assert quick("--yes", "--url", sample_url, "reset", cwd=CHECKOUT).code == 0
    after = looked(sample_url).mark
    assert before
    assert after
    assert before.uuid != after.uuid


@pytest.mark.parametrize("round_", range(5))
def test_of_several_writers_the_first_ones_mark_stands_whole(there: str, round_: int) -> None:
    together = Barrier(6)

    def write(name: str) -> bool:
        together.wait()
        return loop.run(put(there, said(name)))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(write, "abcdef"))
    found = looked(there).mark
    assert found in [said(name) for name in "abcdef"]


def test_first_upgrades_at_once_agree_on_one_mark(dbctl: Run, sample_url: str) -> None:
    own = "TABLE dbctl_mark" if sample_url.startswith("sqlite") else "SCHEMA dbctl CASCADE"
    prepared(sample_url, f"DROP {own}")
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(dbctl, "--url", sample_url, "upgrade", cwd=CHECKOUT) for _ in range(4)]
    assert [run.result().code for run in runs] == [0] * 4, [str(run.result()) for run in runs]
    assert looked(sample_url).mark is not None


def test_of_two_environments_at_once_only_one_migrates(dbctl: Run, postgres_url: str) -> None:
    line = ("--url", postgres_url, "--json", "upgrade")
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(dbctl, "--env", e, *line, cwd=CHECKOUT) for e in ("dev", "tst")]
    done = [run.result() for run in runs]
    winners = [one for one in done if one.code == 0 and one.json["applied"]]
    assert len(winners) == 1, [str(one) for one in done]
    losers = [one for one in done if one not in winners]
    assert all(one.code == 5 or one.json["already_there"] for one in losers)
    found = looked(postgres_url).mark
    assert found is not None
    assert found.environment == ("dev" if done[0] in winners else "tst")


def test_a_mark_made_while_an_upgrade_waits_for_the_lock_counts(
    quick: Run, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def late(*args: Any) -> Iterator[Watch]:
        with watched(*args) as watch:
            marked(there, "prd")
            yield watch

    monkeypatch.setattr("dbctl.database.watch.watched", late)
    done = quick("--url", there, "upgrade", cwd=CHECKOUT)
    assert done.code == 5, done
    assert rows_of(there) == {}


def test_a_second_writer_changes_nothing(there: str) -> None:
    assert loop.run(put(there, said("prd")))
    assert loop.run(put(there, said("local")))
    assert looked(there).mark == said("prd")


def test_marking_anew_leaves_nothing_of_the_old_mark(there: str) -> None:
    assert loop.run(put(there, said("prd")))
    marked(there, "local")
    assert looked(there).mark == said("local")


def test_a_mark_is_read_through_a_session_too(there: str) -> None:
    async def read() -> tuple[Mark | None, Mark | None]:
        async with server(Settings.load(url=there)).open() as session:
            before = await mark.read(session)
            await mark.write(session, said("dev"))
            return before, await mark.read(session)

    assert loop.run(read()) == (None, said("dev"))


def test_ledger_false_writes_no_mark(quick: Run, there: str) -> None:
    env = {"DBCTL_LEDGER": "false"}
    assert quick("--url", there, "up", cwd=CHECKOUT, env=env).code == 0
    assert looked(there).mark is None


OTHERS = {
    "sqlite": ["CREATE TABLE dbctl_mark (x int)"],
    "postgresql": ["CREATE SCHEMA dbctl", "CREATE TABLE dbctl.mark (x int)"],
}
VIEWS = {
    "sqlite": ["CREATE VIEW dbctl_mark AS SELECT 1 AS x"],
    "postgresql": ["CREATE SCHEMA dbctl", "CREATE VIEW dbctl.mark AS SELECT 1/0 AS key, 1 value"],
}


@pytest.mark.parametrize("others", [OTHERS, VIEWS], ids=["table", "view"])
def test_another_thing_of_that_name_is_no_mark(there: str, others: dict[str, list[str]]) -> None:
    prepared(there, *others[dialect(there)])
    assert looked(there).mark is None


def test_a_mark_that_cannot_be_written_leaves_the_upgrade_done(quick: Run, there: str) -> None:
    prepared(there, *OTHERS[dialect(there)])
    done = quick("--url", there, "upgrade", cwd=CHECKOUT)
    assert done.code == 0, done
    assert done.err.count("not marked as local") == 1


def test_a_role_that_may_not_make_a_schema_upgrades_without_a_mark(
    quick: Run, ordinary_url: str
) -> None:
    done = quick("--url", ordinary_url, "upgrade", cwd=CHECKOUT)
    assert done.code == 0, done
    assert done.err.count("not marked as local: this role may not make dbctl's tables") == 1
    assert looked(ordinary_url).mark is None


def test_a_mark_that_a_role_may_not_read_is_seen_all_the_same(
    ordinary_url: str, postgres_url: str, quick: Run
) -> None:
    loop.run(put(postgres_url, said("prd")))
    assert (looked(ordinary_url).mark, looked(ordinary_url).hidden) == (None, True)
    done = quick("--url", ordinary_url, "--yes", "tables", "drop", cwd=CHECKOUT)
    assert done.code == 5, done
    assert "this role may not read" in done.err


WHERE = [
    (None, "sqlite:///x.db", True),
    (None, "postgresql://u@localhost/x", True),
    (None, "postgresql:///x?host=/tmp", True),
    (None, REMOTE, False),
    ("local", REMOTE, True),
    ("prd", REMOTE, True),
]


@pytest.mark.parametrize(("env", "url", "marks"), WHERE)
def test_no_remote_database_becomes_local_unasked(env: str | None, url: str, marks: bool) -> None:
    assert mark.may_mark(Settings.load(env=env, url=url, cwd=CHECKOUT)) is marks


def test_a_remote_database_is_upgraded_without_a_mark_unasked(
    quick: Run, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbctl.database.url.LOOPBACK", ())
    assert quick("--url", postgres_url, "up", cwd=CHECKOUT).code == 0
    assert looked(postgres_url).mark is None
    assert quick("--env", "dev", "--url", postgres_url, "up", cwd=CHECKOUT).code == 0
    found = looked(postgres_url).mark
    assert found is not None
    assert found.environment == "dev"


def test_a_mark_that_finds_no_server_is_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture, closed_port: int, there: str
) -> None:
    gone = Settings.load(url=f"postgresql://u@127.0.0.1:{closed_port}/x")
    with pytest.raises(UnreachableError):
        loop.run(look(gone))
    mark.ensure(gone, looked(there))
    assert "not marked as local: cannot connect" in caplog.text


def test_reading_the_mark_asks_the_server_nothing_more(
    sample_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fetch = asyncpg.Connection.fetch

    async def counted(self: Any, query: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(query)
        return await fetch(self, query, *args, **kwargs)

    monkeypatch.setattr(asyncpg.Connection, "fetch", counted)
    assert looked(sample_postgres_url).mark is not None
    assert len(asked) == 2


def test_every_mark_is_nobody_elses() -> None:
    settings = Settings.load(url="sqlite:///x.db", cwd=CHECKOUT)
    one, other = mark.new(settings), mark.new(settings)
    assert replace(one, uuid="", made="") == replace(other, uuid="", made="")
    assert one.uuid != other.uuid


NAMES = {
    "project": ("pyproject.toml", '[project]\nname = "My.Shop__api"\n', "my-shop-api"),
    "poetry": ("pyproject.toml", '[tool.poetry]\nname = "shop"\n', "shop"),
    "setup.cfg": ("setup.cfg", "[metadata]\nname = shop\n", "shop"),
    "broken setup.cfg": ("setup.cfg", "name = shop\n", ""),
    "no string": ("pyproject.toml", "[project]\nname = 1\n", ""),
    "nothing": ("other.txt", "", ""),
}


@pytest.mark.parametrize(("file", "text", "name"), NAMES.values(), ids=NAMES)
def test_a_project_has_the_name_of_its_package(
    tmp_path: Path, file: str, text: str, name: str
) -> None:
    (tmp_path / file).write_text(text)
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    assert Settings.load(url="sqlite:///x.db", cwd=tmp_path).project.name == name


def test_the_bundled_sample_has_no_name(tmp_path: Path) -> None:
    assert Settings.load(url="sqlite:///x.db", cwd=tmp_path).project.name == ""
