"""A project whose revisions count how often they run, and pytest in it."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import runner
from tests.projects.make import Project, driven, make, table
from tests.runner import Finished
from tests.servers.server import Server

TESTS = """\
import pytest
import sqlalchemy as sa

COUNT, INSERT = sa.text("SELECT count(*) FROM t1"), sa.text("INSERT INTO t1 VALUES (7)")
twice = pytest.mark.parametrize("turn", [1, 2])


@twice
def test_own(dbctl_database, dbctl_url, turn):
    with dbctl_database.sync_session() as session:
        session.execute(INSERT)
    engine = sa.create_engine(dbctl_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.scalar(COUNT) == 2


@twice
def test_session(dbctl_sync_session, turn):
    dbctl_sync_session.execute(INSERT)
    dbctl_sync_session.commit()
    assert dbctl_sync_session.scalar(COUNT) == 2


@twice
async def test_async_session(dbctl_session, turn):
    await dbctl_session.execute(INSERT)
    await dbctl_session.commit()
    assert await dbctl_session.scalar(COUNT) == 2


@twice
async def test_session_on_the_same_database(dbctl_database, dbctl_session, turn):
    async with dbctl_database.session() as session:
        await session.execute(INSERT)
    assert await dbctl_session.scalar(COUNT) == 2


def test_clones_of_ones_own(dbctl_template):
    with dbctl_template.clone() as one, dbctl_template.clone() as other:
        assert one.url != other.url
"""
PASSED = 9
COUNTED = 'import pathlib\nwith pathlib.Path({file!r}).open("a") as file:\n    file.write("x")\n'


@dataclass(frozen=True)
class Suite:
    """A project with tests that use the fixtures."""

    project: Project
    env: Mapping[str, str]

    def pytest(self, *args: str) -> Finished:
        """Run pytest there; every warning is an error."""
        words = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-W", "error", *args]
        return runner.run(words, cwd=self.project.root, env=self.env)

    @property
    def built(self) -> int:
        """How often the first revision ran."""
        file = self.project.root / "built"
        return len(file.read_text()) if file.exists() else 0


@pytest.fixture
def suite(tmp_path: Path) -> Callable[..., Suite]:
    """`suite(url, env=)`: a project of that URL, whose tests are `TESTS`."""

    def made(url: str, env: Mapping[str, str] | None = None) -> Suite:
        project = make(tmp_path / "mine", url=driven(url))
        counted = COUNTED.format(file=str(project.root / "built"))
        project.revision("r1", up=counted + table("t1"))
        project.write("test_mine.py", TESTS)
        cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        return Suite(project, {**cache, **(env or {})})

    return made


@pytest.fixture
def given(suite: Callable[..., Suite], server: Server) -> Suite:
    """The project, with a server that was given for tests."""
    return suite("postgresql://nobody@127.0.0.1:1/x", {"TEST_DATABASE_URL": server.url("absent")})


@pytest.fixture
def embedded(suite: Callable[..., Suite], server: Server) -> Suite:
    """The project with a server from the wheel: nothing says another."""
    return suite("postgresql://nobody@127.0.0.1:1/x")


@pytest.fixture
def files(suite: Callable[..., Suite]) -> Suite:
    """The project on SQLite; its own database is not there."""
    return suite("sqlite:///never.db")


@pytest.fixture(params=["files", "given", "embedded"])
def any_suite(request: pytest.FixtureRequest) -> Suite:
    """The project on each kind of database."""
    found: Suite = request.getfixturevalue(request.param)
    return found
