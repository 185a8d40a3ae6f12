"""Autogenerate where models are not imported: nothing is written, and the tables are named."""

import pytest

from tests.migrate.conftest import Make, Run
from tests.projects.make import EMPTY_MODELS, Project

BOOKS = """\
import sqlalchemy as sa
from sqlalchemy import orm

from models import Base


class Book(Base):
    __tablename__ = "books"
    id = orm.mapped_column(sa.Integer, primary_key=True)
"""


@pytest.fixture
def project(quick: Run, made: Make) -> Project:
    """A database with `authors` and `books`, which two modules declare."""
    project = made()
    project.write("books.py", BOOKS)
    env = (project.migrations / "env.py").read_text()
    project.write("migrations/env.py", "import books\n" + env)
    for line in (["up", "--no-seed"], ["migrate", "-m", "first"], ["upgrade"]):
        assert (done := quick(*line, cwd=project.root)).code == 0, done
    project.write("migrations/env.py", env)
    return project


def test_with_no_model_at_all_every_table_is_named(quick: Run, project: Project) -> None:
    project.write("models.py", EMPTY_MODELS)
    done = quick("--json", "migrate", "-m", "drops", cwd=project.root)
    assert done.code == 3, done
    assert "authors, books" in done.json["error"]["message"]
    assert len(project.files) == 1


def test_with_one_module_forgotten_its_table_is_named(quick: Run, project: Project) -> None:
    done = quick("--json", "migrate", "-m", "drops", cwd=project.root)
    assert done.code == 3, done
    assert "books declares them: books" in done.json["error"]["message"]
    assert "env.py" in done.json["error"]["hint"]
    assert len(project.files) == 1


def test_a_table_that_no_file_declares_any_more_is_dropped(quick: Run, project: Project) -> None:
    (project.root / "books.py").unlink()
    done = quick("--json", "migrate", "-m", "drops", cwd=project.root)
    assert done.code == 0, done
    assert [one["object"] for one in done.json["changes"]] == ["books"]
