"""Projects of other tools, and projects without Alembic: everything works, nothing is edited."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import shapes
from tests.projects.make import Project, driven
from tests.runner import Finished
from tests.schema import rows_of

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., Finished]


def models(root: Path, url: str) -> Project:
    """The environment says where the database of such a project is."""
    project = shapes.models(root)
    project.write(".env", f"DATABASE_URL={url}\n")
    return project


def sqlmodel(root: Path, url: str) -> Project:
    project = shapes.sqlmodel(root)
    project.write(".env", f"DATABASE_URL={url}\n")
    return project


def flask(root: Path, url: str) -> Project:
    return shapes.flask(root, driven(url))


def alchemy(root: Path, url: str) -> Project:
    return shapes.alchemy(root, driven(url, asynchronous=True))


OTHERS = {"Flask-Migrate": flask, "advanced-alchemy": alchemy}
BARE = {"a declarative base": models, "SQLModel": sqlmodel}
TABLES = {"a declarative base": "books", "SQLModel": "hero"}


def git(project: Project, *words: str) -> str:
    """What git says in the project."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words]
    done = subprocess.run(command, cwd=project.root, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture(params=OTHERS)
def other(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Project:
    """A project of another tool with one revision, everything committed."""
    project = OTHERS[request.param](tmp_path / "mine", database_url)
    project.write(".gitignore", "__pycache__\n*.db\ninstance\n")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "all")
    return project


def test_a_project_of_another_tool_works_with_nothing_edited(
    dbctl: Run, other: Project, database_url: str
) -> None:
    up = dbctl("--json", "up", "--no-seed", cwd=other.root)
    assert up.code == 0, up
    assert up.json["upgrade"]["to"] == ["r1"]
    assert dbctl("--json", "check", cwd=other.root / "shop").json["in_sync"] is True
    assert dbctl("--json", "status", cwd=other.root).json["up_to_date"] is True
    assert rows_of(database_url)["authors"] == 0
    assert git(other, "status", "--porcelain") == ""


def test_the_doctor_says_in_20_lines_what_it_found_there(
    dbctl: Run, other: Project, request: pytest.FixtureRequest
) -> None:
    assert dbctl("up", "--no-seed", cwd=other.root).code == 0
    done = dbctl("doctor", cwd=other.root)
    assert done.code == 0, done
    assert len(done.lines) <= 20
    text = " ".join(done.out.split())
    assert "(from env.py)" in text
    assert next(name for name in OTHERS if name in request.node.callspec.id) in text


def test_another_url_moves_such_a_project_too(
    dbctl: Run, tmp_path: Path, database_url: str
) -> None:
    project = flask(tmp_path / "mine", f"sqlite:///{tmp_path / 'own.db'}")
    if not database_url.startswith("sqlite"):
        pytest.skip("one kind of database is enough: the app's engine cannot change its own")
    assert dbctl("--url", database_url, "up", "--no-seed", cwd=project.root).code == 0
    assert rows_of(database_url)["authors"] == 0
    assert not (tmp_path / "own.db").exists()


def test_several_flask_apps_are_not_guessed_between(dbctl: Run, tmp_path: Path) -> None:
    project = flask(tmp_path / "mine", f"sqlite:///{tmp_path / 'own.db'}")
    text = (project.root / "shop/__init__.py").read_text()
    project.write("other/__init__.py", text)
    done = dbctl("--json", "up", cwd=project.root)
    assert done.code == 3, done
    assert "FLASK_APP" in done.json["error"]["hint"]
    named = dbctl("up", "--no-seed", cwd=project.root, env={"FLASK_APP": "shop"})
    assert named.code == 0, named


@pytest.fixture
def bare(dbctl: Run, quick: Run) -> Callable[[str], Run]:
    """`bare(shape)`: how to run dbctl there; SQLModel has one metadata for a whole process."""
    return lambda shape: dbctl if shape == "SQLModel" else quick


@pytest.mark.parametrize("shape", BARE)
def test_models_without_alembic_are_migrated(
    bare: Callable[[str], Run], tmp_path: Path, database_url: str, shape: str
) -> None:
    project, quick = BARE[shape](tmp_path / "mine", database_url), bare(shape)
    assert quick("up", "--no-seed", cwd=project.root).code == 0
    made = quick("--json", "migrate", "-m", "first", cwd=project.root)
    assert made.code == 0, made
    assert [change["object"] for change in made.json["changes"]] == [TABLES[shape]]
    assert quick("upgrade", cwd=project.root).code == 0
    assert quick("--json", "check", cwd=project.root).json["in_sync"] is True
    assert rows_of(database_url)[TABLES[shape]] == 0


@pytest.mark.parametrize("shape", BARE)
def test_the_doctor_says_that_there_is_no_alembic(
    bare: Callable[[str], Run], tmp_path: Path, database_url: str, shape: str
) -> None:
    project, quick = BARE[shape](tmp_path / "mine", database_url), bare(shape)
    quick("up", "--no-seed", cwd=project.root)
    done = quick("doctor", cwd=project.root)
    assert done.code == 0, done
    assert "no Alembic" in " ".join(done.out.split())
    assert len(done.lines) <= 20


def test_metadata_alone_is_a_project(quick: Run, tmp_path: Path) -> None:
    project = shapes.models(tmp_path / "mine")
    places = '["shop.tables:Base", "shop.books:Book"]'
    project.write("pyproject.toml", f'[tool.dbctl]\nmetadata = {places}\nmigrations = "history"\n')
    for line in (["up"], ["migrate", "-m", "first"], ["upgrade"], ["check"], ["downgrade", "base"]):
        assert (done := quick("--yes", *line, cwd=project.root)).code == 0, done
    assert len(list((project.root / "history/versions").glob("*.py"))) == 1
    assert (project.root / "data.db").exists()


def test_without_a_url_such_a_project_gets_no_database_of_ours(quick: Run, tmp_path: Path) -> None:
    project = shapes.models(tmp_path / "mine")
    done = quick("--json", "up", cwd=project.root)
    assert done.code == 3
    assert "DATABASE_URL" in done.json["error"]["hint"]
    assert not (project.root / "data.db").exists()


def test_an_installed_flask_package_with_its_history_inside_is_a_project(
    dbctl: Run, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    project = flask(tmp_path / "site", url)
    (project.root / "migrations").rename(project.root / "shop" / "migrations")
    (project.root / ".git").rmdir()
    ini = project.root / "shop" / "migrations" / "alembic.ini"
    env = {"FLASK_APP": "shop:create_app", "PYTHONPATH": f"{CHECKOUT}{os.pathsep}{project.root}"}
    done = dbctl("--config", ini, "up", "--no-seed", cwd=tmp_path, env=env)
    assert done.code == 0, done
    assert rows_of(url)["authors"] == 0
