"""A migrating connection on SQLite: all or nothing, and no child loses its parent.

The last test takes each listener away and sees the harm come back: the others cannot pass idly.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, Integer, create_engine, event
from sqlalchemy.ext.asyncio import create_async_engine

from dbctl import loop
from dbctl.database import transaction
from dbctl.database.transaction import whole_transactions
from dbctl.errors import MigrationFailedError

FILE = "app.db"
Work = Callable[[Connection], Any]


@pytest.fixture(autouse=True)
def family() -> None:
    """One parent with five children, who go when it goes."""
    with closing(sqlite3.connect(FILE)) as connection:
        connection.executescript(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, a TEXT);"
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL"
            " REFERENCES parent (id) ON DELETE CASCADE);"
            "INSERT INTO parent VALUES (1, 'x');"
            "INSERT INTO child VALUES (1, 1), (2, 1), (3, 1), (4, 1), (5, 1);"
        )


def counted(query: str) -> int:
    """A number from the file, read beside every engine."""
    with closing(sqlite3.connect(FILE)) as connection:
        return int(connection.execute(query).fetchone()[0])


def tables() -> int:
    """How many tables there are."""
    return counted("SELECT count(*) FROM sqlite_master WHERE type = 'table'")


def children() -> int:
    """How many children are left."""
    return counted("SELECT count(*) FROM child")


def plain(engine: Engine) -> None:
    """A project that sets nothing."""


def foreign_keys(engine: Engine) -> None:
    """A project whose own listener turns foreign keys on."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.cursor().execute("PRAGMA foreign_keys = ON")


def recipe(engine: Engine) -> None:
    """SQLAlchemy's own recipe: no driver transactions, BEGIN in a listener."""
    foreign_keys(engine)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def pooled(engine: Engine) -> None:
    """A project whose connection was there before dbctl came."""
    foreign_keys(engine)
    engine.connect().close()


PROJECTS = [plain, foreign_keys, recipe, pooled]


@pytest.fixture(params=PROJECTS, ids=lambda project: project.__name__)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The engine that a project makes."""
    made = create_engine(f"sqlite:///{FILE}")
    request.param(made)
    yield made
    made.dispose()


def fails(connection: Connection) -> None:
    """A revision that fails after it made a table and wrote a row."""
    connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
    connection.exec_driver_sql("INSERT INTO half VALUES (1)")
    raise KeyError


def rebuilds(connection: Connection) -> None:
    """A revision that builds the parent anew."""
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table("parent", recreate="always") as batch:
        batch.alter_column("a", new_column_name="b", existing_type=Integer())


def begun(engine: Engine, work: Work) -> None:
    """Run `work` in one transaction of a migrating connection."""
    with whole_transactions(1), engine.begin() as connection:
        work(connection)


def test_a_failing_migration_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(KeyError):
        begun(engine, fails)
    assert tables() == 2


def test_children_survive_a_rebuild_of_their_parent(engine: Engine) -> None:
    begun(engine, rebuilds)
    assert children() == 5
    assert counted("SELECT count(b) FROM parent") == 1


def test_rows_that_would_point_at_nothing_are_refused(engine: Engine) -> None:
    with pytest.raises(MigrationFailedError, match="5 rows would point at nothing"):
        begun(engine, lambda connection: connection.exec_driver_sql("DELETE FROM parent"))
    assert (children(), counted("SELECT count(*) FROM parent")) == (5, 1)


def test_rows_that_pointed_at_nothing_before_are_let_be(engine: Engine) -> None:
    with closing(sqlite3.connect(FILE)) as connection:
        connection.execute("INSERT INTO child VALUES (6, 99)")
        connection.commit()
    begun(engine, rebuilds)
    assert children() == 6


def test_the_migrating_connection_holds_the_lock_from_its_first_statement(engine: Engine) -> None:
    def tries(_connection: Connection) -> None:
        with closing(sqlite3.connect(FILE, timeout=0)) as other:
            other.execute("INSERT INTO parent VALUES (2, 'y')")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        begun(engine, tries)


def test_a_second_transaction_follows_the_first(engine: Engine) -> None:
    with whole_transactions(1), engine.connect() as connection:
        for number in (1, 2):
            with connection.begin():
                connection.exec_driver_sql(f"CREATE TABLE t{number} (id INTEGER)")
    assert tables() == 4


def test_a_savepoint_can_be_undone(engine: Engine) -> None:
    def works(connection: Connection) -> None:
        with connection.begin_nested() as savepoint:
            connection.exec_driver_sql("CREATE TABLE undone (id INTEGER)")
            savepoint.rollback()
        connection.exec_driver_sql("CREATE TABLE done (id INTEGER)")

    begun(engine, works)
    assert tables() == 3


def test_what_runs_outside_of_transactions_still_does(engine: Engine) -> None:
    with whole_transactions(1), engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        outside.exec_driver_sql("VACUUM")


def test_afterwards_connections_are_the_projects_own(engine: Engine) -> None:
    with whole_transactions(1):
        assert event.contains(Engine, "connect", transaction._no_driver_transactions)
    assert not event.contains(Engine, "connect", transaction._no_driver_transactions)
    with engine.begin() as first, engine.begin() as second:  # IMMEDIATE would lock the second out
        assert (
            first.exec_driver_sql("SELECT 1").scalar()
            == second.exec_driver_sql("SELECT 1").scalar()
        )


@pytest.mark.parametrize("work", [fails, rebuilds])
def test_an_asynchronous_engine_migrates_as_safely(work: Work) -> None:
    async def migrated() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{FILE}")
        foreign_keys(engine.sync_engine)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()

    with whole_transactions(1):
        failed = isinstance(_outcome(migrated), KeyError)
    assert (failed, tables(), children()) == (work is fails, 2, 5)


def _outcome(work: Callable[[], Any]) -> BaseException | None:
    try:
        loop.run(work())
    except (KeyError, asyncio.CancelledError) as error:
        return error
    return None


def _nothing(*_: object) -> None:
    """A listener that was taken away."""


def _unchanged(
    _connection: object, _cursor: object, statement: str, parameters: Any, *_: object
) -> Any:
    """The last listener, taken away."""
    return statement, parameters


def _deletes(connection: Connection) -> None:
    connection.exec_driver_sql("DELETE FROM parent")


HARM: dict[str, tuple[str, Any, Work]] = {
    "a half revision": ("_Transactions.begin", _nothing, fails),
    "lost children": ("_Transactions.begin", _nothing, rebuilds),
    "orphans": ("_check", _nothing, _deletes),
    "a second BEGIN": ("_no_second_begin", _unchanged, rebuilds),
}


@pytest.mark.parametrize(("name", "without", "work"), HARM.values(), ids=HARM)
def test_without_its_listener_the_harm_is_back(
    name: str, without: Any, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"dbctl.database.transaction.{name}", without)
    engine = create_engine(f"sqlite:///{FILE}")
    (recipe if name == "_no_second_begin" else foreign_keys)(engine)
    assert _harmed(engine, work)
    engine.dispose()


def _harmed(engine: Engine, work: Work) -> bool:
    """Whether half a revision, fewer children, orphans or a failed BEGIN came of it."""
    error = ""
    try:
        begun(engine, work)
    except Exception as caught:  # noqa: BLE001 - what is raised differs; what is left counts
        error = str(caught)
    orphans = counted("SELECT count(*) FROM pragma_foreign_key_check")
    return bool(tables() > 2 or children() < 5 or orphans or "within a transaction" in error)
