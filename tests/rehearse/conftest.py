"""A project with one applied revision and rows, on a database of the test's own."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dbctl.rehearse import trial
from dbctl.rehearse.model import Rehearsed
from dbctl.settings import Settings
from tests.projects.make import Project, driven, make
from tests.servers import databases
from tests.servers.server import Server

ROWS = 200
# Tables that every revision of these tests finds, with rows in all but one of them.
POSTGRES = f"""
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('r1');
CREATE TABLE authors (
    id integer PRIMARY KEY, name varchar(50) NOT NULL, phone varchar(20), price numeric(10, 4),
    born timestamptz, note text);
INSERT INTO authors SELECT n, 'author ' || n, CASE WHEN n % 4 = 0 THEN '55' || n END, n + 0.1234,
    now(), 'x' FROM generate_series(1, {ROWS}) n;
CREATE TABLE books (
    id integer PRIMARY KEY, author_id integer REFERENCES authors ON DELETE CASCADE, title text);
INSERT INTO books SELECT n, n % {ROWS} + 1, 'title ' || n FROM generate_series(1, {ROWS}) n;
CREATE TABLE loans (id integer PRIMARY KEY, book_id integer, due date, price float8);
INSERT INTO loans SELECT n, n, now(), 1.5 FROM generate_series(1, {ROWS}) n;
CREATE TABLE shelves (id integer PRIMARY KEY, name text);
CREATE INDEX ix_books_title ON books (title);
CREATE TYPE mood AS ENUM ('sad', 'ok');
ANALYZE;
"""
SQLITE = f"""
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('r1');
CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, phone VARCHAR(20));
CREATE TABLE books (id INTEGER PRIMARY KEY,
    author_id INTEGER REFERENCES authors (id) ON DELETE CASCADE, title TEXT);
CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT);
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ROWS})
    INSERT INTO authors SELECT n, 'author ' || n, CASE WHEN n % 4 = 0 THEN '55' || n END FROM n;
INSERT INTO books SELECT id, id, 'title ' || id FROM authors;
"""
Trial = Callable[..., Rehearsed]


@pytest.fixture(scope="session")
def library(server: Server) -> Iterator[str]:
    """The name of a PostgreSQL database with those tables, to be copied."""
    with databases.fresh(server) as name:
        server.run(POSTGRES, name)
        databases.seal(server, name)
        yield name


@pytest.fixture
def library_postgres_url(server: Server, library: str) -> Iterator[str]:
    """A copy of it."""
    with databases.fresh(server, template=library) as name:
        yield server.url(name)


@pytest.fixture
def library_sqlite_url(tmp_path: Path) -> str:
    """The same on SQLite."""
    file = tmp_path / "library.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SQLITE)
    return f"sqlite:///{file}"


@pytest.fixture
def home(tmp_path: Path) -> Project:
    """The project, whose first revision is applied."""
    project = make(tmp_path / "mine")
    project.revision("r1")
    return project


def tried(
    project: Project,
    url: str,
    up: str,
    *,
    undo: str = "pass",
    trip: bool = False,
    asynchronous: bool = False,
) -> Rehearsed:
    """What one more revision does on the database itself."""
    project.revision("r2", "r1", up=up, undo=undo)
    driver = driven(url, asynchronous=asynchronous)
    settings = Settings.load(url=driver, config=project.root / "alembic.ini")
    ground = trial.surveyed(settings, {})
    outcome = trial.run(settings, "head", ground)
    return trial.judged(settings, ground, outcome, round_trip=trip)[0]


@pytest.fixture
def postgres(home: Project, library_postgres_url: str) -> Trial:
    """`postgres(up, undo=, trip=)`: a revision on PostgreSQL, measured."""
    return lambda up, **said: tried(home, library_postgres_url, up, **said)


@pytest.fixture
def sqlite(home: Project, library_sqlite_url: str) -> Trial:
    """The same on SQLite."""
    return lambda up, **said: tried(home, library_sqlite_url, up, **said)
