"""Small projects, and a database for each that plain Alembic moves beside the one of dbctl."""

import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from alembic.config import CommandLine

from tests.projects import envs
from tests.projects.make import Project, driven, make
from tests.runner import Finished

Run = Callable[..., Finished]
Make = Callable[..., Project]


@pytest.fixture
def database_url(database_url: str) -> str:
    """An empty database that is there: for SQLite that is an empty file."""
    if database_url.startswith("sqlite"):
        Path(database_url.split(":///")[1]).touch()
    return database_url


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Make:
    """`made(env=, models=, asynchronous=)`: a project whose alembic.ini names `database_url`."""

    def project(*, asynchronous: bool = False, env: str = "", **said: str) -> Project:
        chosen = env or (envs.ASYNC if asynchronous else envs.SYNC)
        url = driven(database_url, asynchronous=asynchronous)
        return make(tmp_path / "mine", env=chosen, url=url, **said)

    return project


@pytest.fixture
def project(made: Make) -> Project:
    """A project with Alembic's own env.py and no revision."""
    return made()


@pytest.fixture
def chain(project: Project) -> Project:
    """A project with the revisions r1, r2, r3."""
    project.chain()
    return project


@pytest.fixture
def run(quick: Run, project: Project) -> Run:
    """`run(*args)`: dbctl inside the project, with --json."""

    def command(*args: str) -> Finished:
        return quick("--json", *args, cwd=project.root)

    return command


@pytest.fixture
def plain(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`plain(*args)`: the plain `alembic` command inside the project, in this process for speed."""

    def command(*args: str) -> None:
        with chdir(project.root), monkeypatch.context() as patched:
            patched.setattr(sys, "path", [*sys.path])
            sys.modules.pop("models", None)
            CommandLine().main(list(args))
            sys.modules.pop("models", None)

    return command
