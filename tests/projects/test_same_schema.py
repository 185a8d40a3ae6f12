"""The schema after `dbctl upgrade` is what a project's own command makes, in every shape."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import runner
from tests.projects import shapes
from tests.projects.make import Project, driven, make
from tests.projects.test_histories import NAMED, billing
from tests.runner import Finished
from tests.schema import rows_of, schema_of
from tests.servers import databases
from tests.servers.server import Server

Run = Callable[..., Finished]


@pytest.fixture
def plain_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """A second empty database of the same kind, for the project's own command."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'plain.db'}"
        return
    server: Server = request.getfixturevalue("server")
    with databases.fresh(server) as name:
        yield server.url(name)


def flask(root: Path, url: str) -> Project:
    return shapes.flask(root, driven(url))


def alchemy(root: Path, url: str) -> Project:
    return shapes.alchemy(root, driven(url, asynchronous=True))


def several(root: Path, url: str) -> Project:
    """Two histories: sections of one alembic.ini, each with its version table."""
    project = make(root, env=NAMED, url=driven(url))
    project.chain(2)
    billing(project, url)
    return project


# How each is made; its own commands; dbctl's.
SHAPES = {
    "Flask-Migrate": (flask, [["flask", "--app", "shop", "db", "upgrade"]], [["upgrade"]]),
    "advanced-alchemy": (
        alchemy,
        [["advanced_alchemy", "--config", "shop.config.alchemy", "upgrade", "--no-prompt"]],
        [["upgrade"]],
    ),
    "several histories": (
        several,
        [["alembic", "upgrade", "head"], ["alembic", "-n", "billing", "upgrade", "head"]],
        [["upgrade"], ["--name", "billing", "upgrade"]],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_schema_is_what_the_projects_own_command_makes(
    dbctl: Run, tmp_path: Path, database_url: str, plain_url: str, shape: str
) -> None:
    made, theirs, ours = SHAPES[shape]
    plain, mine = made(tmp_path / "plain", plain_url), made(tmp_path / "mine", database_url)
    if database_url.startswith("sqlite"):
        Path(database_url.split(":///")[1]).touch()
    for words in theirs:
        done = runner.run([sys.executable, "-W", "ignore", "-m", *words], cwd=plain.root)
        assert done.code == 0, done
    for words in ours:
        assert (done := dbctl(*words, cwd=mine.root)).code == 0, done
    assert schema_of(database_url) == schema_of(plain_url)
    assert rows_of(database_url) == rows_of(plain_url)
