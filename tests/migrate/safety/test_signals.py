"""Ctrl-C, SIGTERM and SIGKILL during a long statement: nothing goes on, and it is said."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import runner
from tests.migrate.safety import LOCKS
from tests.migrate.safety.conftest import psql
from tests.projects import envs
from tests.projects.make import Project, table

SLEEP = 'op.execute("SELECT pg_sleep(30)")'
# Minutes of work without a row that Python would see.
COUNT = """\
op.execute("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
           " SELECT count(*) FROM n")
"""
BUSY = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid != pg_backend_pid()"
)
WITHIN = 2.0  # seconds
SIGNALS = [
    pytest.param(signal.SIGINT, 130, id="ctrl-c"),
    pytest.param(signal.SIGTERM, 143, id="sigterm"),
]


@contextmanager
def running(project: Project) -> Iterator[subprocess.Popen[str]]:
    """`dbctl upgrade` as a process."""
    command = [sys.executable, "-m", "dbctl", "upgrade"]
    process = subprocess.Popen(
        command,
        cwd=project.root,
        env=runner.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def until(happened: Callable[[], bool], limit: float = 30) -> float:
    """Seconds until something has happened."""
    started = time.monotonic()
    while not happened():
        assert time.monotonic() - started < limit, "it never happened"
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.fixture(params=["psycopg", "asyncpg"])
def sleeping(request: pytest.FixtureRequest, served: Project) -> Project:
    """A project whose second revision sleeps on the server."""
    if request.param == "asyncpg":
        served.write("migrations/env.py", envs.ASYNC)
    served.chain(1)
    served.revision("r2", "r1", up=f"{table('t2')}\n{SLEEP}")
    return served


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_statement_of_the_server_is_cancelled(
    sleeping: Project, postgres_url: str, number: signal.Signals, code: int
) -> None:
    with running(sleeping) as process:
        until(lambda: psql(postgres_url, BUSY) == "1")
        process.send_signal(number)
        took = until(lambda: process.poll() is not None)
        out = process.stdout.read() if process.stdout else ""
    assert (process.returncode, took < WITHIN) == (code, True), out
    until(lambda: (psql(postgres_url, BUSY), psql(postgres_url, LOCKS)) == ("0", "0"), WITHIN)
    assert "the database is at r1" in out
    assert len(out.splitlines()) <= 10


def test_sigkill_leaves_nobody_at_work(sleeping: Project, postgres_url: str) -> None:
    with running(sleeping) as process:
        until(lambda: psql(postgres_url, BUSY) == "1")
        process.kill()
        took = until(lambda: psql(postgres_url, BUSY) == "0")
    assert took < WITHIN + 1, "client_connection_check_interval is a second"
    assert psql(postgres_url, "SELECT version_num FROM alembic_version") == "r1"


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sqlite3", "aiosqlite"])
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_statement_of_sqlite_is_interrupted(
    filed: Project, sqlite_url: str, number: signal.Signals, code: int, asynchronous: bool
) -> None:
    if asynchronous:
        filed.write("migrations/env.py", envs.ASYNC)
        ini = filed.root / "alembic.ini"
        ini.write_text(ini.read_text().replace("+pysqlite", "+aiosqlite"))
    filed.chain(1)
    filed.revision("r2", "r1", up=f"{table('t2')}\n{COUNT}")
    with running(filed) as process:
        until(lambda: Path(f"{sqlite_url.split(':///')[1]}-journal").exists())
        time.sleep(0.5)
        process.send_signal(number)
        took = until(lambda: process.poll() is not None)
        out = process.stdout.read() if process.stdout else ""
    assert (process.returncode, took < WITHIN) == (code, True), out
    assert "the database is at r1" in out


def test_ctrl_c_ends_the_waiting_for_a_lock(served: Project, postgres_url: str) -> None:
    from dbctl.database.postgres_watch import lock_number

    served.chain(1)
    taken = f"SELECT pg_advisory_lock({lock_number('alembic_version')}), pg_sleep(20)"
    holder = subprocess.Popen([str(_psql()), "-XAtqc", taken, postgres_url])
    try:
        until(lambda: psql(postgres_url, LOCKS) == "1")
        with running(served) as process:
            assert "pid" in _line_with(process, "waiting")
            os.kill(process.pid, signal.SIGINT)
            took = until(lambda: process.poll() is not None)
        assert (process.returncode, took < WITHIN) == (130, True)
    finally:
        holder.kill()
        holder.wait()


def _psql() -> Path:
    from tests.servers import binaries

    folder = binaries.of_clients()
    assert folder is not None
    return folder / "psql"


def _line_with(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return line
    raise AssertionError(f"no line with {word!r}")
