"""`dbctl init --template`: what it writes works with dbctl and with the plain `alembic` command."""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.projects import shapes
from tests.runner import Finished, run
from tests.schema import schema_of

Run = Callable[..., Finished]
TEMPLATES = {"plain": "items", "sqlmodel": "item", "fastapi": "items"}
ASK = """\
from fastapi.testclient import TestClient
from main import app
with TestClient(app) as client:
    print(client.get("/items").json())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with nothing in it."""
    (tmp_path / "mine" / ".git").mkdir(parents=True)
    return tmp_path / "mine"


@pytest.fixture(params=TEMPLATES)
def started(request: pytest.FixtureRequest, folder: Path, dbctl: Run) -> Path:
    """A project of each template, its first revision written."""
    for line in (["init", "--yes", "--template", request.param], ["up"], ["migrate", "-m", "x"]):
        assert (done := dbctl(*line, cwd=folder)).code == 0, done
    return folder


def test_the_first_revision_runs_with_both_and_makes_the_same(
    dbctl: Run, alembic: Run, started: Path
) -> None:
    first, second = (started / name for name in ("data.db", "second.db"))
    assert dbctl("upgrade", cwd=started).code == 0
    done = alembic("upgrade", "head", cwd=started, env={"DATABASE_URL": f"sqlite:///{second}"})
    assert done.code == 0, done
    theirs = schema_of(f"sqlite:///{second}")
    assert schema_of(f"sqlite:///{first}") == theirs
    assert any(name in theirs for name in TEMPLATES.values())


def test_neither_finds_a_difference_afterwards(dbctl: Run, alembic: Run, started: Path) -> None:
    assert alembic("upgrade", "head", cwd=started).code == 0
    assert dbctl("check", cwd=started).code == 0
    assert (done := alembic("check", cwd=started)).code == 0, done
    assert (done := dbctl("doctor", cwd=started)).code == 0, done
    assert len(done.lines) <= 20


def test_plain_alembic_writes_revisions_that_run(alembic: Run, dbctl: Run, started: Path) -> None:
    for path in (started / "migrations/versions").glob("*.py"):
        path.unlink()
    assert alembic("revision", "--autogenerate", "-m", "mine", cwd=started).code == 0
    assert (done := dbctl("upgrade", cwd=started)).code == 0, done


def test_the_application_of_the_template_answers(dbctl: Run, folder: Path) -> None:
    done = dbctl("--json", "init", "--template", "fastapi", cwd=folder)
    assert done.json["template"] == "fastapi"
    assert 'entrypoint = "main:app"' in (folder / "pyproject.toml").read_text()
    for line in (["up"], ["migrate", "-m", "x"], ["upgrade"]):
        assert dbctl(*line, cwd=folder).code == 0
    with closing(sqlite3.connect(folder / "data.db", isolation_level=None)) as file:
        file.execute("INSERT INTO items (name) VALUES ('lamp')")
    (folder / "ask.py").write_text(ASK)
    answered = run([sys.executable, "ask.py"], cwd=folder)
    assert answered.out == "['lamp']\n", answered


def test_models_that_are_there_are_taken_and_nothing_is_begun(quick: Run, folder: Path) -> None:
    shapes.models(folder / "sub")
    done = quick("--json", "init", "sub", "--template", "plain", cwd=folder)
    assert done.code == 0, done
    assert done.json["metadata"] == "shop.tables:Base, shop.books:Book"
    assert done.json["tables"] == 1
    assert not (folder / "sub/models.py").exists()


DETECTED = {
    "plain": ("models.py", shapes.BASE),
    "sqlmodel": ("heroes.py", shapes.HERO),
    "fastapi": ("main.py", "from fastapi import FastAPI\napp = FastAPI()\n"),
}


@pytest.mark.parametrize("template", DETECTED)
def test_the_kind_of_project_is_seen_in_its_files(dbctl: Run, folder: Path, template: str) -> None:
    (folder / "models.py").write_text(shapes.BASE if template != "sqlmodel" else "")
    name, text = DETECTED[template]
    (folder / name).write_text(text)
    done = dbctl("--json", "init", cwd=folder)
    assert done.code == 0, done
    assert done.json["template"] == template


def test_a_file_that_is_there_is_not_written_over(quick: Run, folder: Path) -> None:
    (folder / "models.py").write_text("mine = 1\n")
    assert quick("init", "--template", "plain", cwd=folder).code == 1
    assert (folder / "models.py").read_text() == "mine = 1\n"
    assert not (folder / "pyproject.toml").exists()
