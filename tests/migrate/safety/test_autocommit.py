"""Steps outside of transactions: an unfinished one is known, an unfinished index never stays."""

import sqlite3
from contextlib import closing

import pytest

from tests.migrate.conftest import Make, Run
from tests.migrate.safety.conftest import psql
from tests.projects.make import Project, table

FAILS = """\
op.create_table("half", sa.Column("id", sa.Integer()))
with op.get_context().autocommit_block():
    op.execute("INSERT INTO half VALUES (1)")
    op.execute("SELECT nothing FROM nowhere")
"""
BUILD = """\
with op.get_context().autocommit_block():
    op.execute({statement!r})
"""
PLAIN = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON public.t1 (id)"
STATES = (
    "SELECT relname, indisvalid FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
    " WHERE relname = 'ix'"
)
TWICE = """\
op.create_table("t1", sa.Column("id", sa.Integer()))
op.execute("INSERT INTO t1 VALUES (1), (1)")
"""
TWO_BLOCKS = """\
with op.get_context().autocommit_block():
    op.execute("INSERT INTO t1 VALUES (2)")
op.execute("INSERT INTO t1 VALUES (3)")
with op.get_context().autocommit_block():
    op.execute("INSERT INTO t1 VALUES (4)")
"""


def marks(url: str) -> str:
    """The marks of revisions that were begun."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split(":///")[1])) as file:
            rows = file.execute("SELECT revision FROM dbctl_step").fetchall()
            return "\n".join(row[0] for row in rows)
    return psql(url, "SELECT revision FROM dbctl.step")


def test_a_half_done_revision_is_marked_and_the_next_run_says_so(
    made: Make, quick: Run, database_url: str
) -> None:
    project = made()
    project.revision("r1", up=FAILS)
    first = quick("upgrade", cwd=project.root)
    assert (first.code, "dbctl repair" in first.err) == (7, True), str(first)
    assert marks(database_url) == "r1"
    again = quick("upgrade", cwd=project.root)
    assert (again.code, "r1 was begun at" in again.err) == (7, True), str(again)


def test_a_finished_revision_leaves_no_mark(made: Make, quick: Run, database_url: str) -> None:
    project = made()
    project.revision("r1", up=table("t1"))
    project.revision("r2", "r1", up=TWO_BLOCKS)
    done = quick("upgrade", cwd=project.root)
    assert (done.code, marks(database_url)) == (0, ""), str(done)


def test_without_a_ledger_nothing_is_marked(made: Make, quick: Run, database_url: str) -> None:
    project = made()
    project.revision("r1", up=FAILS)
    assert quick("upgrade", cwd=project.root, env={"DBCTL_LEDGER": "false"}).code == 7
    if database_url.startswith("postgres"):
        assert psql(database_url, "SELECT to_regclass('dbctl.step')") == ""


def test_an_invalid_index_is_dropped_before_it_is_built_again(
    served: Project, quick: Run, postgres_url: str
) -> None:
    served.revision("r1", up=table("t1"))
    served.revision("r2", "r1", up=BUILD.format(statement=PLAIN))
    assert quick("upgrade", "r1", cwd=served.root).code == 0
    psql(postgres_url, "CREATE INDEX ix ON t1 (id)")
    psql(postgres_url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass")
    done = quick("upgrade", cwd=served.root)
    assert done.code == 0, str(done)
    assert psql(postgres_url, STATES) == "ix|t"
    assert "never finished" in done.err


def test_an_index_that_cannot_be_built_is_partly_applied(
    served: Project, quick: Run, postgres_url: str
) -> None:
    served.revision("r1", up=TWICE)
    served.revision("r2", "r1", up=BUILD.format(statement=PLAIN))
    done = quick("upgrade", cwd=served.root)
    assert (done.code, "dbctl repair" in done.err) == (7, True), str(done)
    assert psql(postgres_url, STATES) == "ix|f"


@pytest.mark.parametrize("setting", ["1s", "0"])
def test_a_concurrent_build_waits_longer_than_the_lock_timeout(
    served: Project, quick: Run, postgres_url: str, setting: str
) -> None:
    import threading

    import psycopg

    served.revision("r1", up=table("t1"))
    served.revision("r2", "r1", up=BUILD.format(statement=PLAIN))
    assert quick("upgrade", "r1", cwd=served.root).code == 0
    with psycopg.connect(postgres_url) as session:
        session.execute("SELECT * FROM t1")
        release = threading.Timer(2.5, session.rollback)
        release.start()
        done = quick("upgrade", cwd=served.root)
        release.join()
    assert (done.code, psql(postgres_url, STATES)) == (0, "ix|t"), str(done)


def test_a_transaction_of_env_and_an_autocommit_block_do_not_go_together(
    served: Project, quick: Run
) -> None:
    env = served.migrations / "env.py"
    env.write_text(env.read_text().replace("engine.connect()", "engine.begin()"))
    served.revision("r1", up=table("t1"))
    served.revision("r2", "r1", up=BUILD.format(statement=PLAIN))
    done = quick("upgrade", cwd=served.root)
    assert (done.code, "the transaction that env.py begins" in done.err) == (6, True), str(done)
    assert "the database is at base" in done.err
