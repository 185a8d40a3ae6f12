"""`--version`: what is needed to understand a report, on a line each, without importing it."""

import platform
import sqlite3
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import pytest

from dbctl import __version__
from dbctl.cli import version as said
from tests.runner import Finished

Quick = Callable[..., Finished]


def test_the_first_line_is_dbctl_and_the_rest_is_what_it_stands_on(quick: Quick) -> None:
    done = quick("--version")
    assert (done.code, done.lines[0]) == (0, f"dbctl {__version__}")
    assert f"SQLAlchemy {version('sqlalchemy')}" in done.lines
    assert f"Alembic {version('alembic')}" in done.lines
    assert f"Python {platform.python_version()}" in done.lines
    assert done.lines[-1] == f"SQLite {sqlite3.sqlite_version}"


@pytest.mark.parametrize(
    "line",
    [
        ["--json", "--version"],
        ["--version", "--json"],
        ["status", "--version", "--json"],
        ["--env", "prd", "--no-color", "--version", "--json"],
    ],
    ids=" ".join,
)
def test_json_is_one_document_wherever_the_words_stand(line: list[str], quick: Quick) -> None:
    done = quick(*line)
    assert done.code == 0
    assert done.json["dbctl"] == __version__
    assert list(done.json) == [
        "dbctl", "python", "sqlalchemy", "alembic", "asyncpg", "aiosqlite", "psycopg", "sqlite"
    ]  # fmt: skip


def test_a_package_that_is_not_there_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(said, "installed", absent)
    assert "psycopg" not in said.text(json=False)
    assert '"psycopg": null' in said.text(json=True)


def test_python_m_dbctl_says_the_same(quick: Quick, dbctl: Quick) -> None:
    assert dbctl("--version") == quick("--version")
