"""How a connection that migrates holds its transaction on SQLite.

Python's sqlite3 begins a transaction before the first INSERT and not before DDL, so a failing
revision leaves half of itself behind; and with `foreign_keys = ON` a rebuilt parent table empties
its children. Here every transaction is one, from its first statement, with foreign keys off until
the check at its end.

Source: sqlite.org, "Making Other Kinds Of Table Schema Changes", the twelve steps.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from dbctl.errors import MigrationFailedError

_COUNT = "dbctl_orphans"


@contextmanager
def commits(heard: Callable[[], None]) -> Iterator[None]:
    """While the block runs, call `heard` at every commit of this process."""

    def listener(_connection: Connection) -> None:
        heard()

    event.listen(Engine, "commit", listener)
    try:
        yield
    finally:
        event.remove(Engine, "commit", listener)


@contextmanager
def whole_transactions() -> Iterator[None]:
    """While the block runs, every SQLite connection of this process migrates safely.

    The listeners sit on the Engine class: they also reach engines that a project makes itself,
    or made before.
    """
    listeners: dict[str, Callable[..., Any]] = {
        "connect": _no_driver_transactions,
        "begin": _begin,
        "commit": _check,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener, insert=True)  # before what a project listens with
    event.listen(Engine, "before_cursor_execute", _no_second_begin, retval=True)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)
        event.remove(Engine, "before_cursor_execute", _no_second_begin)


def _no_driver_transactions(connection: Any, _record: object) -> None:  # noqa: ANN401 - any DBAPI
    if "sqlite" in type(connection).__module__:
        connection.isolation_level = None


def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if _in_transaction(connection):
        if not connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
            return
        # A listener of the project was quicker; nothing has been done in its transaction yet.
        _driver_rollback(connection)
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    if _outside(connection):
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.info[_COUNT] = _orphans(connection)


def _check(connection: Connection) -> None:
    """Refuse to commit rows that point at nothing, unless they did so before."""
    if connection.dialect.name != "sqlite" or _COUNT not in connection.info:
        return
    before = connection.info.pop(_COUNT)
    new = _orphans(connection) - before
    if new:
        table, _, parent = sorted(new, key=str)[0]
        raise MigrationFailedError(
            f"{len(new)} rows would point at nothing (the first: {table} to {parent})",
            hint="delete or mend those rows in the revision",
        )


def _no_second_begin(
    connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,  # noqa: ANN401 - as given
    *_: object,
) -> tuple[str, Any]:
    """SQLAlchemy's own recipe emits BEGIN in a listener too: let the second one do nothing."""
    words = statement.strip().upper().split()
    again = words[:1] == ["BEGIN"] and connection.dialect.name == "sqlite"
    if again and (_in_transaction(connection) or _outside(connection)):
        return "SELECT 1", parameters
    return statement, parameters


def _outside(connection: Connection) -> bool:
    """Whether it is in an `autocommit_block()`: for VACUUM and what else no transaction holds."""
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _in_transaction(connection: Connection) -> bool:
    return bool(getattr(_driver(connection), "in_transaction", False))


def _driver_rollback(connection: Connection) -> None:
    """Roll back below SQLAlchemy, which has just begun and need not know."""
    connection.connection.rollback()


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - sqlite3 or aiosqlite's connection
    """The sqlite3 connection itself, through the facade that aiosqlite has."""
    return getattr(connection.connection, "driver_connection", connection.connection)


def _orphans(connection: Connection) -> set[tuple[Any, ...]]:
    """Rows whose foreign key points at nothing: table, row id, parent."""
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return {(row[0], row[1], row[2]) for row in rows}
