"""Where env.py itself would go: used when nobody names a database, refused when it differs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.migrate.conftest import Run
from tests.projects import envs
from tests.projects.make import Project, driven, make
from tests.schema import rows_of

ITS_OWN = envs.sync(
    head="from where import URL\nfrom sqlalchemy import create_engine\n",
    engine="create_engine(URL, poolclass=pool.NullPool)",
).replace('config.get_main_option("sqlalchemy.url")', "URL")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A project whose env.py takes its URL from the project's own code, and no ini has one."""
    made = make(tmp_path / "mine", env=ITS_OWN)
    made.write("where.py", f"URL = {driven(database_url)!r}\n")
    made.chain(2)
    return made


def test_the_url_of_env_py_is_used_when_nobody_says_one(
    quick: Run, project: Project, database_url: str
) -> None:
    assert quick("--json", "up", "--no-seed", cwd=project.root).json["upgrade"]["to"] == ["r2"]
    assert rows_of(database_url)["alembic_version"] == 1
    assert quick("--json", "status", cwd=project.root / "migrations").json["up_to_date"] is True
    done = quick("doctor", cwd=project.root)
    assert done.code == 0, done
    assert "(from env.py)" in " ".join(done.out.split())


def test_the_history_needs_no_url(quick: Run, project: Project) -> None:
    project.write("where.py", "raise LookupError('no settings here')\n")
    assert len(quick("--json", "history", cwd=project.root).json["revisions"]) == 2
    done = quick("--json", "status", cwd=project.root)
    assert done.code == 3
    assert "no settings here" in done.json["error"]["message"]
    assert "where.py:1" in done.json["error"]["hint"]


@pytest.fixture
def split(project: Project, tmp_path: Path) -> Callable[[], None]:
    """Let the ini say another database than env.py: `split()`."""
    other = f"sqlite:///{tmp_path / 'other.db'}"

    def made() -> None:
        project.options("path_separator = os", f"sqlalchemy.url = {other}")

    return made


def test_an_ini_that_env_py_does_not_follow_is_refused(
    quick: Run, project: Project, split: Callable[[], None], database_url: str, tmp_path: Path
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("two kinds of database are refused elsewhere")
    split()
    (tmp_path / "other.db").touch()
    done = quick("--json", "upgrade", cwd=project.root)
    assert done.code == 5, done
    assert "other.db" in done.json["error"]["message"]
    assert "test.db" in done.json["error"]["message"]
    assert rows_of(f"sqlite:///{tmp_path / 'other.db'}") == {}
    assert not Path(database_url.split(":///")[1]).exists() or rows_of(database_url) == {}


def test_the_doctor_shows_both_and_asks_which(
    quick: Run, project: Project, split: Callable[[], None]
) -> None:
    split()
    findings = quick("--json", "doctor", cwd=project.root).json["findings"]
    found = {one["check"]: one for one in findings}
    assert found["url"]["level"] == "error"
    assert "env.py's own is" in found["url"]["detail"]
    assert "DATABASE_URL" in found["url"]["fix"]


def test_a_url_that_was_said_is_meant(
    quick: Run, project: Project, split: Callable[[], None], database_url: str, tmp_path: Path
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("an engine of another kind is refused")
    split()
    third = f"sqlite:///{tmp_path / 'third.db'}"
    env = {"DATABASE_URL": third}
    assert quick("up", "--no-seed", cwd=project.root, env=env).code == 0
    assert rows_of(third)["t2"] == 1
    assert not (tmp_path / "other.db").exists()


def test_names_of_this_machine_are_one(quick: Run, tmp_path: Path, postgres_url: str) -> None:
    project = make(tmp_path / "mine", env=ITS_OWN, url=driven(postgres_url))
    project.chain(1)
    project.write("where.py", f"URL = {driven(postgres_url).replace('127.0.0.1', 'localhost')!r}\n")
    done = quick("upgrade", cwd=project.root)
    assert done.code == 0, done
