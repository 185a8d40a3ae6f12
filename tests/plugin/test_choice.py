"""Which server and kind of database a test run gets, and what keeps a template's name the same."""

import os
from pathlib import Path
from typing import Any

import pytest

from dbctl.errors import ConfigurationError, MissingExtraError, RefusedError
from dbctl.settings import Settings
from dbctl.testing import servers, shelf, store
from dbctl.testing.key import key
from dbctl.testing.wish import Choice, Wish, chosen
from tests.projects.make import Project, make

SERVER = "postgresql://me@tests.example/x"
WORK = "postgresql+asyncpg://me@work.example/shop"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one revision whose own URL is `WORK`."""
    made = make(tmp_path / "mine", url=WORK)
    made.chain(1)
    return made


def choose(project: Project, **wish: Any) -> Choice:
    return chosen(Wish(project.root, **wish))


VARIABLES = ["TEST_DATABASE_URL", "DBCTL_TEST_DATABASE_URL"]
FILES = {
    ".env": f"TEST_DATABASE_URL={SERVER}\n",
    ".env.tst": f"DATABASE_URL={SERVER}\n",
    "pyproject.toml": f'[tool.dbctl.env.tst]\nurl = "{SERVER}"\n',
}


@pytest.mark.parametrize("way", [*VARIABLES, *FILES])
def test_a_url_said_for_tests_is_the_server(
    project: Project, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way in FILES:
        project.write(way, FILES[way])
    else:
        monkeypatch.setenv(way, SERVER)
    choice = choose(project)
    assert choice.url is not None
    assert (choice.dialect, choice.url.host) == ("postgresql", "tests.example")
    assert choice.driver == "asyncpg"  # the project's: the URL for tests names none


@pytest.mark.parametrize("name", ["DATABASE_URL", "DBCTL_URL"])
def test_a_url_to_work_with_gives_its_kind_and_driver_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, WORK)
    choice = choose(project)
    assert (choice.dialect, choice.url, choice.driver) == ("postgresql", None, "asyncpg")


def test_the_backend_that_is_said_goes_before_the_url(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", SERVER)
    choice = choose(project, backend="sqlite")
    assert (choice.dialect, choice.url, choice.driver) == ("sqlite", None, "")


@pytest.mark.parametrize("backend", ["mysql", ""])
def test_nothing_is_guessed(tmp_path: Path, backend: str) -> None:
    project = make(tmp_path / "mine")
    with pytest.raises(ConfigurationError) as error:
        choose(project, backend=backend)
    assert "dbctl_backend" in error.value.message + error.value.hint


def test_without_a_server_and_the_wheel_the_extra_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbctl.database.binaries.of_wheel", lambda: None)
    wish = Wish(project.root)
    with (
        pytest.raises(MissingExtraError, match="neither") as error,
        servers.server(wish, chosen(wish)),
    ):
        pass
    assert "dbctl-lifecycle[postgres]" in error.value.hint


def keyed(project: Project, **wish: Any) -> str:
    settings = Settings.load(env="tst", cwd=project.root, url_needed=False)
    return key(Wish(project.root, key_files=["shop/*.py"], **wish), settings)


def test_the_key_leaves_out_what_decides_nothing(project: Project) -> None:
    first = keyed(project)
    for name in ("README.md", "migrations/versions/__pycache__/r1_.pyc"):
        project.write(name, "not part of it")
    assert keyed(project) == first


def test_the_key_follows_what_decides(project: Project) -> None:
    keys = {keyed(project), keyed(project, seed=True), keyed(project, from_models=True)}
    project.write("shop/models.py", "")
    keys.add(keyed(project))
    for name in ("migrations/env.py", "migrations/versions/r1_.py", "alembic.ini"):
        project.write(name, (project.root / name).read_text() + "\n# changed\n")
        keys.add(keyed(project))
    assert len(keys) == 7


def test_a_checkout_elsewhere_has_the_same_key(project: Project, tmp_path: Path) -> None:
    other = make(tmp_path / "other", url=WORK)
    other.chain(1)
    assert keyed(other) == keyed(project)
    assert Wish(other.root).place != Wish(project.root).place


@pytest.mark.anyio
async def test_no_database_but_a_test_runs_is_dropped() -> None:
    with pytest.raises(RefusedError, match="no database of a test run"):
        await shelf.drop(None, "shop")  # type: ignore[arg-type]  # refused before it is used


def test_only_the_last_templates_are_kept(tmp_path: Path) -> None:
    kept = store.Store(tmp_path / "store")
    (tmp_path / "store" / "draft-of-a-killed-run").mkdir(parents=True)
    for number in range(5):
        os.utime(kept.kept(f"sqlite-{number}", Path.touch), (number, number))
    names = sorted(path.name for path in kept.folder.iterdir())
    assert names == ["sqlite-2", "sqlite-3", "sqlite-4"]


def test_a_template_that_fails_leaves_nothing(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)

    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - the one above
        kept.kept("sqlite-1", fail)
    assert list(tmp_path.iterdir()) == []
