"""Ctrl-C and SIGTERM at any moment: the copy goes, and it is said; the original is as it was."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dbctl.database.url import Url
from tests import runner
from tests.projects.make import Project, driven
from tests.rehearse.test_command import copies
from tests.schema import rows_of, schema_of
from tests.servers.server import Server

# Sends the signal to the process itself the moment that something is about to happen.
CRASH = """\
import importlib, os, signal, sys

module, _, name = os.environ["CRASH_AT"].rpartition(".")
if module:
    owner = importlib.import_module(module)
    function = getattr(owner, name)

    def crashing(*given, **named):
        os.kill(os.getpid(), int(os.environ["CRASH_WITH"]))
        return function(*given, **named)

    setattr(owner, name, crashing)
from dbctl.cli.main import main
main(sys.argv[1:])
"""
BODY = """\
import os
if os.environ.get("CRASH_AT") == "{}":
    os.kill(os.getpid(), int(os.environ["CRASH_WITH"]))
"""
UP = BODY.format("upgrade") + 'op.drop_table("loans")'
POINTS = [
    ("dbctl.database.postgres_clone.dress", signal.SIGINT),
    ("dbctl.branch.marked.mark_copy", signal.SIGTERM),
    ("dbctl.rehearse.trial.surveyed", signal.SIGTERM),
    ("upgrade", signal.SIGINT),
    ("upgrade", signal.SIGTERM),
    ("dbctl.migrate.drift.check", signal.SIGINT),
    ("downgrade", signal.SIGTERM),
    ("dbctl.rehearse.verdict.judged", signal.SIGINT),
]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
ASLEEP = """
SELECT datname FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'
"""
SLEEP = 'op.execute("SELECT pg_sleep(30)")'


@contextmanager
def untouched(url: str) -> Iterator[None]:
    """The database is afterwards what it was before."""
    before = schema_of(url), rows_of(url)
    yield
    assert (schema_of(url), rows_of(url)) == before


@pytest.mark.parametrize(("point", "number"), POINTS)
def test_nothing_is_left_wherever_it_is_interrupted(
    home: Project, library_postgres_url: str, server: Server, point: str, number: signal.Signals
) -> None:
    home.revision("r2", "r1", up=UP, undo=BODY.format("downgrade"))
    with untouched(library_postgres_url):
        done = crashed(home, library_postgres_url, point, number)
    assert done.code == CODES[number], str(done)
    assert copies(server, library_postgres_url) == [], str(done)


def crashed(home: Project, url: str, point: str, number: int) -> runner.Finished:
    """`dbctl rehearse` that sends itself the signal `number` at `point`."""
    script = home.write("crash.py", CRASH)
    command = [sys.executable, str(script), "rehearse", "--url", driven(url)]
    env = {"CRASH_AT": point, "CRASH_WITH": str(int(number))}
    return runner.run(command, cwd=home.root, env=env)


@pytest.mark.parametrize("number", CODES, ids=["ctrl-c", "sigterm"])
def test_a_running_statement_is_ended(
    home: Project, library_postgres_url: str, server: Server, number: signal.Signals
) -> None:
    home.revision("r2", "r1", up=SLEEP)
    url = library_postgres_url
    with started(home, url) as process:
        # Other tests' statements sleep on this server, too.
        until(lambda: {one for (one,) in server.run(ASLEEP)} & set(copies(server, url)))
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, "the copy is removed" in said) == (CODES[number], True), said
    assert copies(server, url) == [], said


@contextmanager
def started(home: Project, url: str) -> Iterator[subprocess.Popen[str]]:
    """`dbctl rehearse` as a process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dbctl", "rehearse", "--url", driven(url)],
        cwd=home.root,
        env=runner.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(happened: Callable[[], object]) -> None:
    """Wait until something has happened."""
    ends = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.05)


def test_the_file_of_a_copy_is_removed_too(home: Project, library_sqlite_url: str) -> None:
    home.revision("r2", "r1", up=BODY.format("upgrade"))
    folder = Path(Url.parse(library_sqlite_url).file or "").parent
    assert crashed(home, library_sqlite_url, "upgrade", signal.SIGINT).code == 130
    assert [path for path in folder.rglob("*rehearse*") if path.is_file()] == []
