"""The wheel as a user has it: what is in it, and what it does in an empty directory."""

import re
import sys
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

from dbctl import __version__, project
from tests import runner
from tests.conftest import BOTH
from tests.runner import Finished
from tests.schema import rows_of, schema_of

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., Finished]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    done = runner.run([*build, str(folder)], cwd=CHECKOUT)
    assert done.code == 0, str(done)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.fixture(scope="session")
def unpacked(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files; on PYTHONPATH they go before the checkout's."""
    folder = tmp_path_factory.mktemp("unpacked")
    wheel.extractall(folder)
    return folder


@pytest.fixture
def installed(unpacked: Path) -> Run:
    """`installed(*args, env=)` runs the wheel's dbctl in the test's empty directory."""

    def run(*args: str, env: dict[str, str] | None = None) -> Finished:
        return runner.dbctl(*args, env={"PYTHONPATH": str(unpacked), **(env or {})})

    return run


def in_checkout(folder: str, pattern: str) -> set[str]:
    return {path.name for path in (CHECKOUT / folder).glob(pattern)}


def below(wheel: zipfile.ZipFile, folder: str) -> set[str]:
    names = (name for name in wheel.namelist() if name.startswith(folder))
    return {name.removeprefix(folder) for name in names}


def test_the_wheel_has_the_package_and_nothing_beside_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"dbctl", f"dbctl_lifecycle-{__version__}.dist-info"}
    strangers = re.compile(r"__pycache__|/tests?/|/test_")
    assert not [name for name in wheel.namelist() if strangers.search(name)]


def test_the_wheel_has_the_sample_with_its_revisions(wheel: zipfile.ZipFile) -> None:
    revisions = below(wheel, "dbctl/sample/migrations/versions/")
    assert revisions == in_checkout("migrations/versions", "*.py") != set()
    assert below(wheel, "dbctl/sample/seeds/") == in_checkout("dbctl/sample/seeds", "*.*")
    assert {"alembic.ini", "project.toml", "migrations/env.py"} <= below(wheel, "dbctl/sample/")


def test_the_wheel_has_every_source_file_and_its_types(wheel: zipfile.ZipFile) -> None:
    sources = {
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / "dbctl").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources <= set(wheel.namelist())
    assert "dbctl/py.typed" in sources


def test_the_wheel_tells_its_version(wheel: zipfile.ZipFile, installed: Run) -> None:
    info = wheel.read(f"dbctl_lifecycle-{__version__}.dist-info/METADATA").decode()
    assert Parser().parsestr(info)["Version"] == __version__
    assert installed("--version").lines[0] == f"dbctl {__version__}"


@pytest.mark.parametrize("dialect", BOTH)
def test_up_makes_what_the_checkout_makes_and_repeats_without_a_change(
    installed: Run, dialect: str, request: pytest.FixtureRequest
) -> None:
    url, like = (request.getfixturevalue(f"{name}_url") for name in (dialect, f"sample_{dialect}"))
    first, again = (installed("--json", "up", env={"DATABASE_URL": url}).json for _ in range(2))
    assert first["seeded"].keys() == {"users", "items", "posts"}
    assert not again["upgrade"]["applied"]
    assert not any(again["seeded"].values())
    assert schema_of(url) == schema_of(like)
    assert rows_of(url) == rows_of(like)


def test_with_nothing_configured_the_database_is_in_the_empty_directory(
    installed: Run, tmp_path: Path
) -> None:
    assert installed("--json", "up").json["created"]
    assert installed("--json", "status").json["up_to_date"]
    assert [path.name for path in tmp_path.iterdir()] == ["data.db"]


def test_migrate_refuses_on_the_installed_sample(installed: Run) -> None:
    refused = installed("migrate", "-m", "x")
    assert refused.code == 5
    assert "dbctl init" in refused.err


def test_the_installed_sample_is_configured_as_the_checkout_is(unpacked: Path) -> None:
    def table(file: Path) -> Any:
        return project.find(file.parent, file).tool

    ours = table(CHECKOUT / "pyproject.toml")
    assert table(unpacked / "dbctl" / "sample" / "project.toml") == ours != {}
