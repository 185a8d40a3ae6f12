"""A small project for the command line's tests, and a database with rows to lose."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.projects.make import Project, make

PYPROJECT = """\
[tool.dbctl]
url = "sqlite:///data.db"
metadata = "models:Base"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three revisions, none applied; the database is data.db beside them."""
    made = make(tmp_path / "project")
    made.chain()
    made.write("pyproject.toml", PYPROJECT)
    return made


@pytest.fixture
def filled(project: Project) -> Project:
    """The same with two tables and three rows in its database."""
    with closing(sqlite3.connect(project.root / "data.db")) as connection:
        connection.executescript(
            "CREATE TABLE authors (id integer, name text);"
            "CREATE TABLE other (id integer);"
            "INSERT INTO authors VALUES (1, 'a'), (2, 'b'), (3, 'c');"
        )
    return project
