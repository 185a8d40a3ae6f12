"""Somebody holds what a migration needs: it gives way, tries again, and names who it is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests import runner
from tests.migrate.conftest import Run
from tests.migrate.safety.conftest import psql
from tests.projects import envs
from tests.projects.make import Project

ADD = 'op.add_column("t1", sa.Column("more", sa.Integer()))'
LIMIT = 0.3  # seconds of lock_timeout
SLACK = 0.7  # for a busy machine; benchmarks/faults measures it


@pytest.fixture(params=["psycopg", "asyncpg"])
def waiting(request: pytest.FixtureRequest, served: Project) -> Project:
    """A project at r1 whose next revision needs the table t1 for itself."""
    if request.param == "asyncpg":
        served.write("migrations/env.py", envs.ASYNC)
    served.chain(1)
    assert runner.dbctl("upgrade", cwd=served.root).code == 0
    served.revision("r2", "r1", up=ADD)
    return served


@contextmanager
def holding(url: str, relation: str, seconds: float) -> Iterator[None]:
    """An open transaction that has read a table, for at most `seconds`."""
    with psycopg.connect(url, application_name="a report") as session:
        session.execute(f"SELECT * FROM {relation}")
        release = threading.Timer(seconds, session.rollback)
        release.start()
        try:
            yield
        finally:
            release.cancel()
            release.join()


@contextmanager
def reading(url: str) -> Iterator[Callable[[], float]]:
    """Somebody who reads t1 all the time; how long the longest read took."""
    worst, stop = [0.0], threading.Event()

    def read() -> None:
        with psycopg.connect(url, autocommit=True) as session:
            while not stop.wait(0.005):
                started = time.monotonic()
                session.execute("SELECT count(*) FROM t1")
                worst[0] = max(worst[0], time.monotonic() - started)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield lambda: worst[0]
    finally:
        stop.set()
        reader.join()


def test_a_blocker_that_ends_is_waited_for_and_readers_go_on(
    waiting: Project, postgres_url: str
) -> None:
    with holding(postgres_url, "t1", 4), reading(postgres_url) as worst:
        done = runner.dbctl("upgrade", cwd=waiting.root, env={"DBCTL_LOCK_TIMEOUT": str(LIMIT)})
        longest = worst()
    assert done.code == 0, str(done)
    assert "waiting for pid" in done.err
    assert LIMIT * 0.5 < longest < LIMIT + SLACK


def test_an_endless_blocker_is_named_and_nothing_is_left(
    waiting: Project, postgres_url: str
) -> None:
    with holding(postgres_url, "t1", 60):
        done = runner.dbctl("upgrade", "--lock-wait", "2", cwd=waiting.root)
    assert done.code == 8, str(done)
    assert "(a report, 127.0.0.1" in done.err
    assert "the database is at r1" in done.err
    assert psql(postgres_url, "SELECT version_num FROM alembic_version") == "r1"


def test_the_whole_of_env_runs_again_and_its_search_path_holds(
    served: Project, postgres_url: str
) -> None:
    psql(postgres_url, MINE)
    env = envs.sync(options='version_table_schema="mine"')
    before, run, after = env.rpartition("        context.run_migrations()\n")
    served.write("migrations/env.py", f"{before}{SET}{run}{after}")
    served.revision("r1", up=ADD)
    with holding(postgres_url, "mine.t1", 3):
        done = runner.dbctl("upgrade", cwd=served.root)
    assert (done.code, psql(postgres_url, COLUMNS)) == (0, "mine"), str(done)


MINE = "CREATE SCHEMA mine; CREATE TABLE mine.t1 (id int); CREATE TABLE t1 (id int)"
SET = '        connection.exec_driver_sql("SET search_path TO mine")\n'
COLUMNS = (
    "SELECT table_schema FROM information_schema.columns"
    " WHERE table_name = 't1' AND column_name = 'more'"
)


def test_a_held_lock_is_waited_for_and_its_holder_is_named(
    quick: Run, served: Project, postgres_url: str
) -> None:
    from dbctl.database.postgres_watch import lock_number

    served.chain(1)
    with psycopg.connect(postgres_url, application_name="another", autocommit=True) as session:
        session.execute(f"SELECT pg_advisory_lock({lock_number('alembic_version')})")
        done = quick("upgrade", "--lock-wait", "1", cwd=served.root)
    assert done.code == 8
    assert "(another, 127.0.0.1" in done.err
    assert "--lock-wait" in done.err


def test_what_was_done_meanwhile_is_not_done_again(
    served: Project, quick: Run, postgres_url: str
) -> None:
    """Somebody with the lock brings the database to its head while this run waits."""
    from dbctl.database.postgres_watch import lock_number

    served.chain(1)
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(f"SELECT pg_advisory_lock({lock_number('alembic_version')})")
        theirs = threading.Timer(1, lambda: _migrated(served, session))
        theirs.start()
        done = quick("--json", "upgrade", cwd=served.root)
        theirs.join()
    assert (done.code, done.json["already_there"], done.json["from"]) == (0, True, ["r1"])


def _migrated(project: Project, session: psycopg.Connection) -> None:
    assert runner.alembic("upgrade", "head", cwd=project.root).code == 0
    session.execute("SELECT pg_advisory_unlock_all()")


WORDS: dict[str, tuple[str, ...]] = {
    "stamp": ("stamp", "r2"),
    "drop": ("database", "drop"),
    "downgrade": ("downgrade", "-1"),
    "migrate": ("migrate", "-m", "more"),
}


@pytest.mark.parametrize("verb", ["upgrade", "stamp", "drop", "reset", "migrate", "downgrade"])
def test_what_writes_waits_for_the_lock(
    quick: Run, served: Project, postgres_url: str, verb: str
) -> None:
    from dbctl.database.postgres_watch import lock_number

    served.chain(2)
    assert quick("upgrade", "r1", cwd=served.root).code == 0
    if verb == "migrate":
        assert quick("upgrade", cwd=served.root).code == 0
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(f"SELECT pg_advisory_lock({lock_number('alembic_version')})")
        done = quick(
            "--yes", *WORDS.get(verb, (verb,)), cwd=served.root, env={"DBCTL_LOCK_WAIT": "0.3"}
        )
    assert done.code == 8, str(done)
