"""A project's folder of snapshots, and commands that use it."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dbctl.database.url import Url
from tests.runner import Finished

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., Finished]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of snapshots, which no command has made yet."""
    return tmp_path / "kept"


@pytest.fixture
def snap(quick: Run, home: Path) -> Run:
    """`snap(url, "create", "one")`: `dbctl --json --yes snapshot create one` on that database."""

    def run(
        url: str, *words: str, env: str = "local", more: dict[str, str] | None = None
    ) -> Finished:
        said = ("--env", env, "--url", url, "--json", "--yes", "snapshot", *words)
        return quick(*said, cwd=CHECKOUT, env={"DBCTL_SNAPSHOTS": str(home)} | (more or {}))

    return run


@pytest.fixture
def taken(snap: Run, sample_url: str) -> str:
    """The sample's database, of which the snapshot `one` was taken."""
    done = snap(sample_url, "create", "one")
    assert done.code == 0, done
    return sample_url


def run(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run SQL over a connection of one's own; the rows."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split(":///")[1])) as file, file:
            return file.execute(sql).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def damage(url: str) -> None:
    """What a bad day does to the sample: rows gone, rows changed, a table gone, one more."""
    run(url, "DELETE FROM posts")
    run(url, "UPDATE users SET full_name = 'nobody'")
    run(url, "DROP TABLE user_data")
    run(url, "CREATE TABLE strange (id integer)")


def beside(url: str) -> list[str]:
    """Databases and files that stand beside the database and are none of its own."""
    parsed = Url.parse(url)
    if parsed.file:
        return sorted(one.name for one in parsed.file.parent.glob(f"{parsed.file.name}?*"))
    name = parsed.name[:20].replace("'", "''")
    query = f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%\\_\\_%' ORDER BY 1"
    return [row[0] for row in run(parsed.named("postgres").text, query)]


@pytest.fixture(autouse=True)
def tidy(request: pytest.FixtureRequest) -> Any:
    """Drop what a test leaves beside its database: the server is every other test's too."""
    yield
    for fixture in ("sample_url", "sample_postgres_url", "postgres_url"):
        url = request.node.funcargs.get(fixture, "")
        for name in beside(url) if url.startswith("postgres") else ():
            quoted = name.replace('"', '""')
            run(Url.parse(url).named("postgres").text, f'DROP DATABASE "{quoted}" WITH (FORCE)')


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder)
