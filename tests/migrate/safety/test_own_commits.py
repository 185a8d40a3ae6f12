"""Who commits by himself, and commits that fail: what stands in the database is said."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests import runner
from tests.migrate.conftest import Make, Run
from tests.migrate.safety.conftest import psql
from tests.migrate.safety.test_autocommit import marks
from tests.projects import envs
from tests.projects.make import Project, table
from tests.servers.proxy import Cut, cutting
from tests.servers.server import Server

WHOLE = envs.sync(options="transaction_per_migration=False")
BEGINS = envs.SYNC.replace("engine.connect()", "engine.begin()")
EACH = envs.sync(engine=f'{envs.FROM_CONFIG[:-1]}, isolation_level="AUTOCOMMIT")')
SHARED = [pytest.param(WHOLE, id="said"), pytest.param(BEGINS, id="begun")]
FAILS = 'op.execute("SELECT nothing FROM nowhere")'
COMMITS = f'{table("t2")}\nop.execute("COMMIT")\n{FAILS}'
DEFERRED = """\
op.execute("CREATE TABLE p (id int primary key)")
op.execute("CREATE TABLE c (pid int REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
op.execute("INSERT INTO c VALUES (99)")
"""
BLOCK = """\
with op.get_context().autocommit_block():
    op.execute("SELECT 1")
"""
LOCKING = 'op.execute("ALTER TABLE t1 ADD x int")'


def two(project: Project, up: str) -> Project:
    """Two revisions, the second one with `up`."""
    project.chain(1)
    project.revision("r2", "r1", up=up)
    return project


@contextmanager
def reader(url: str, seconds: float) -> Iterator[None]:
    """Somebody who has read t1 in an open transaction."""
    with psycopg.connect(url) as session:
        session.execute("SELECT * FROM t1")
        release = threading.Timer(seconds, session.rollback)
        release.start()
        try:
            yield
        finally:
            release.cancel()
            release.join()


def test_a_commit_of_the_revision_itself_is_marked(
    made: Make, quick: Run, database_url: str
) -> None:
    project = two(made(), COMMITS)
    done = quick("upgrade", cwd=project.root)
    assert (done.code, "it had committed before" in done.err) == (7, True), str(done)
    assert marks(database_url) == "r2"
    assert "r2 was begun at" in quick("upgrade", cwd=project.root).err


def test_what_comes_after_a_commit_of_its_own_ends_well(
    made: Make, quick: Run, database_url: str
) -> None:
    project = two(made(), f'{table("t2")}\nop.execute("COMMIT")\n{table("t3")}')
    assert (quick("upgrade", cwd=project.root).code, marks(database_url)) == (0, "")


def test_a_revision_that_commits_the_connection_is_partly_applied(made: Make, quick: Run) -> None:
    project = made()
    project.revision("r1", up=f"{table('t1')}\nop.get_bind().commit()\n{table('t2')}")
    done = quick("upgrade", cwd=project.root)
    assert (done.code, "r1 commits by itself" in done.err) == (7, True), str(done)


def test_an_engine_without_transactions_is_said_to_keep_a_part(served: Project, quick: Run) -> None:
    served.write("migrations/env.py", EACH)
    done = quick("upgrade", cwd=two(served, f"{table('t2')}\n{FAILS}").root)
    assert (done.code, "it had committed before" in done.err) == (7, True), str(done)
    assert "commits each statement" in done.err


def test_on_sqlite_such_an_engine_has_transactions_all_the_same(
    filed: Project, quick: Run, sqlite_url: str
) -> None:
    filed.write("migrations/env.py", EACH)
    done = quick("upgrade", cwd=two(filed, f"{table('t2')}\n{FAILS}").root)
    assert (done.code, "rolled back; the database is at r1" in done.err) == (6, True), str(done)
    with closing(sqlite3.connect(sqlite_url.split(":///")[1])) as file:
        assert file.execute("SELECT name FROM sqlite_master WHERE name = 't2'").fetchall() == []


@pytest.mark.parametrize("up", [DEFERRED, DEFERRED + BLOCK], ids=["at the end", "before a block"])
def test_a_commit_that_the_server_refuses_has_committed_nothing(
    served: Project, quick: Run, up: str
) -> None:
    done = quick("upgrade", cwd=two(served, up).root)
    assert (done.code, "rolled back; the database is at r1" in done.err) == (6, True), str(done)
    assert "r2_.py" in done.err


@pytest.mark.parametrize("env", SHARED)
def test_a_refused_commit_of_all_revisions_is_no_refusal_to_begin(
    served: Project, quick: Run, env: str
) -> None:
    served.write("migrations/env.py", env)
    done = quick("upgrade", cwd=two(served, DEFERRED).root)
    assert (done.code, "these revisions cannot be committed" in done.err) == (6, True), str(done)
    assert "nothing was run" not in done.err


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest, served: Project) -> Project:
    """Two revisions that share a transaction."""
    served.write("migrations/env.py", request.param)
    served.chain(2)
    return served


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_lost_commit_of_all_revisions_is_looked_at(
    shared: Project, server: Server, postgres_url: str, cut: Cut
) -> None:
    number = 1 if "engine.begin()" in (shared.migrations / "env.py").read_text() else 2
    with cutting(server.host, server.port, cut, number) as proxy:
        through = postgres_url.replace(f":{server.port}/", f":{proxy.port}/")
        done = runner.dbctl("--url", through, "upgrade", cwd=shared.root)
    assert done.code == {"before": 6, "after": 0}[cut], str(done)
    assert ("not applied" in done.err, "r2        about r2" in done.out) == (
        cut == "before",
        cut == "after",
    )


def test_what_a_shared_transaction_committed_is_not_run_again(
    served: Project, quick: Run, postgres_url: str
) -> None:
    served.write("migrations/env.py", WHOLE)
    served.chain(1)
    assert quick("upgrade", cwd=served.root).code == 0
    served.revision("r2", "r1", up=f"{table('t2')}\n{BLOCK}")
    served.revision("r3", "r2", up=LOCKING)
    with reader(postgres_url, 3):
        done = quick("upgrade", cwd=served.root)
    assert (done.code, "revision r3 failed" in done.err) == (7, True), str(done)


def test_no_waiting_at_all_is_no_endless_waiting_in_a_block(
    served: Project, quick: Run, postgres_url: str
) -> None:
    served.chain(1)
    assert quick("upgrade", cwd=served.root).code == 0
    served.revision("r2", "r1", up=f"with op.get_context().autocommit_block():\n    {LOCKING}")
    with reader(postgres_url, 8):
        done = quick("upgrade", "--lock-wait", "0", cwd=served.root)
    assert (done.code, "lock timeout" in done.err) == (7, True), str(done)


def test_a_target_that_counts_from_a_revision_stays_where_it_is(
    served: Project, quick: Run, postgres_url: str
) -> None:
    """Begun again behind r2, `r1+2` is still r3."""
    served.chain(1)
    assert quick("upgrade", cwd=served.root).code == 0
    served.revision("r2", "r1", up=table("t2"))
    served.revision("r3", "r2", up=LOCKING)
    with reader(postgres_url, 2.5):
        done = quick("upgrade", "r1+2", cwd=served.root)
    assert done.code == 0, str(done)
    assert psql(postgres_url, "SELECT version_num FROM alembic_version") == "r3"


ORPHANS = "CREATE TABLE p (x INTEGER PRIMARY KEY); CREATE TABLE c (y REFERENCES p (x))"
MISMATCH = "CREATE TABLE p (x); CREATE TABLE c (y REFERENCES p (x))"
RENAMES = 'op.rename_table("c", "kid")\nop.rename_table("p", "parent")'


@pytest.mark.parametrize("tables", [ORPHANS, MISMATCH], ids=["orphans", "mismatch"])
def test_a_file_whose_keys_were_broken_before_can_be_migrated(
    filed: Project, quick: Run, sqlite_url: str, tables: str
) -> None:
    with closing(sqlite3.connect(Path(sqlite_url.split(":///")[1]))) as file:
        file.executescript(f"{tables}; INSERT INTO c VALUES (1)")
    done = quick("upgrade", cwd=two(filed, RENAMES).root)
    assert done.code == 0, str(done)


def test_an_orphan_that_is_made_where_another_one_goes_is_refused(
    filed: Project, quick: Run, sqlite_url: str
) -> None:
    with closing(sqlite3.connect(Path(sqlite_url.split(":///")[1]))) as file:
        file.executescript(f"{ORPHANS}; INSERT INTO c VALUES (1); CREATE TABLE d (y REFERENCES p)")
    up = 'op.execute("DELETE FROM c")\nop.execute("INSERT INTO d VALUES (5)")'
    done = quick("upgrade", cwd=two(filed, up).root)
    assert (done.code, "point at nothing" in done.err) == (6, True), str(done)


MINE = envs.sync(
    engine=f'{envs.FROM_CONFIG[:-1]}, connect_args={{"options": "-c search_path=mine"}})'
)


def test_a_version_table_that_the_search_path_moved_is_found(
    served: Project, quick: Run, postgres_url: str
) -> None:
    psql(postgres_url, "CREATE SCHEMA mine")
    served.write("migrations/env.py", MINE)
    done = quick("upgrade", cwd=two(served, table("t2")).root)
    assert (done.code, "base -> r2" in done.out) == (0, True), str(done)
    assert "in the schema mine" in done.err
    assert "already at r2" in quick("upgrade", cwd=served.root).out


SCHEMAS = """\
def run_online():
    engine = ENGINE
    for schema in ("one", "two"):
        with engine.connect() as connection:
            connection.exec_driver_sql(f"SET search_path TO {schema}")
            connection.commit()
            context.configure(connection=connection, version_table_schema=schema)
            with context.begin_transaction():
                context.run_migrations()
""".replace("ENGINE", envs.FROM_CONFIG)


@pytest.mark.parametrize("behind", ["one", "two"])
def test_a_schema_that_is_behind_another_one_is_not_forgotten(
    served: Project, quick: Run, postgres_url: str, behind: str
) -> None:
    psql(postgres_url, "CREATE SCHEMA one; CREATE SCHEMA two")
    served.write("migrations/env.py", f"{envs.HEAD}\n\n{SCHEMAS}\n\nrun_online()\n")
    served.chain(1)
    assert quick("upgrade", cwd=served.root).code == 0
    psql(postgres_url, f"DROP TABLE {behind}.t1; DELETE FROM {behind}.alembic_version")
    assert quick("upgrade", cwd=served.root).code == 0
    assert psql(postgres_url, f"SELECT version_num FROM {behind}.alembic_version") == "r1"


def test_a_server_that_goes_away_is_said_with_the_revision_that_ran(
    served: Project, quick: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbctl.errors import UnreachableError
    from dbctl.migrate.run import Run as Upgrade

    def gone(_run: Upgrade) -> None:
        raise UnreachableError("nobody answers")

    monkeypatch.setattr(Upgrade, "look", gone)
    done = quick("upgrade", cwd=two(served, FAILS).root)
    assert (done.code, "revision r2 failed" in done.err) == (4, True), str(done)
    assert "nobody answers" in done.err


def test_stamping_several_heads_is_all_or_nothing(
    served: Project, quick: Run, postgres_url: str
) -> None:
    served.revision("a1", labels="aa")
    served.revision("b1", labels="bb")
    for name, down in (("a2", "a1"), ("a3", "a2"), ("b2", "b1")):
        served.revision(name, down)
    assert quick("upgrade", "heads", cwd=served.root).code == 0
    done = quick("--yes", "stamp", "a1", "b1", cwd=served.root)
    assert (done.code, "stamp --purge" in done.err) == (3, True), str(done)
    assert (
        psql(
            postgres_url,
            "SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version",
        )
        == "a3 b2"
    )


def test_a_lost_lock_is_no_fault_where_there_is_none(
    served: Project, quick: Run, postgres_url: str
) -> None:
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'dbctl upgrade' AND pid <> pg_backend_pid()"
    )
    two(served, f'op.execute("{end}")\n__import__("time").sleep(1)')
    served.revision("r3", "r2")
    locked = quick("upgrade", cwd=served.root)
    assert (locked.code, "it held the lock" in locked.err) == (4, True), str(locked)
    assert psql(postgres_url, "SELECT version_num FROM alembic_version") == "r2"
    assert quick("--yes", "downgrade", "r1", cwd=served.root).code == 0
    assert quick("upgrade", "--no-lock", cwd=served.root).code == 0
