"""How a connection that migrates holds its transaction on SQLite.

Python's sqlite3 begins a transaction before the first INSERT and not before DDL, so a failing
revision leaves half of itself behind; and with `foreign_keys = ON` a rebuilt parent table empties
its children. Here every transaction is one, from its first statement, with foreign keys off until
the check at its end.

SQLite waits for locks in C, where no signal is heard: here it waits in short steps.

Source: sqlite.org, "Making Other Kinds Of Table Schema Changes", the twelve steps.
"""

import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from dbctl.database.sqlite import quoted
from dbctl.errors import LockedError, MigrationFailedError

STEP_MS = 100
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_LEGACY = -1  # sqlite3.LEGACY_TRANSACTION_CONTROL, since Python 3.12

_ORPHANS = "dbctl_orphans"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_COMMIT = re.compile(r"\s*(?:COMMIT|END)\b", re.IGNORECASE)


@contextmanager
def commits(heard: Callable[[], None], written: Callable[[Connection], None]) -> Iterator[None]:
    """While the block runs, call `heard` at every commit of this process.

    Somebody's own COMMIT is one, of which `written` is told before; and so is each statement of a
    connection that has no transactions.
    """

    def committing(_connection: Connection) -> None:
        heard()

    def before(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if _COMMIT.match(statement):
            written(connection)

    def after(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if commits_each(connection) or _COMMIT.match(statement):
            heard()

    with _listening(commit=committing, before_cursor_execute=before, after_cursor_execute=after):
        yield


@contextmanager
def _listening(**listeners: Callable[..., None]) -> Iterator[None]:
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


def commits_each(connection: Connection) -> bool:
    """Whether env.py's engine commits each statement; on SQLite it gets transactions even so."""
    if connection.dialect.name == "sqlite":
        return _outside(connection)
    always = getattr(connection.dialect, "_on_connect_isolation_level", None)
    return connection.get_execution_options().get("isolation_level", always) == "AUTOCOMMIT"


@contextmanager
def whole_transactions(limit: float) -> Iterator[None]:
    """While the block runs, every SQLite connection of this process migrates safely.

    The listeners sit on the Engine class: they also reach engines that a project makes itself,
    or made before. A transaction waits `limit` seconds for others to end theirs.
    """
    made = _Transactions(limit)
    listeners: dict[str, Callable[..., Any]] = {
        "connect": _no_driver_transactions,
        "begin": made.begin,
        "commit": made.commit,
        "rollback": made.end,
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


class _Transactions:
    """One connection of this process writes; what others begin meanwhile only reads."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._writing: object = None

    def begin(self, connection: Connection) -> None:
        """Take the lock with the first statement, foreign keys off before it."""
        if connection.dialect.name != "sqlite":
            return
        if _in_transaction(connection):
            if not connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
                return
            # A listener of the project was quicker; nothing has been done in its transaction yet.
            _driver_rollback(connection)
        _execute(connection, "PRAGMA foreign_keys = OFF")
        if _outside(connection):
            return
        if self._writing is not None:
            _execute(connection, "BEGIN")
            return
        _execute(connection, f"PRAGMA busy_timeout = {STEP_MS}")
        self._patiently(connection, "BEGIN IMMEDIATE")
        self._writing = connection.connection.dbapi_connection
        _remember(connection)

    def commit(self, connection: Connection) -> None:
        """Check what was written, and commit: what SQLAlchemy commits then is nothing."""
        if connection.dialect.name != "sqlite" or not self._is_writing(connection):
            return
        _check(connection)
        if _in_transaction(connection):
            self._patiently(connection, "COMMIT")
        self.end(connection)

    def end(self, connection: Connection) -> None:
        """The transaction is over, this way or that."""
        if self._is_writing(connection):
            self._writing = None

    def _is_writing(self, connection: Connection) -> bool:
        return self._writing is not None and self._writing is connection.connection.dbapi_connection

    def _patiently(self, connection: Connection, statement: str) -> None:
        """Run `statement` when others let it. Raises LockedError after the limit."""
        ends = time.monotonic() + self._limit
        while True:
            try:
                _execute(connection, statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in _BUSY:
                    raise
                if time.monotonic() >= ends:
                    raise LockedError(
                        "the database is locked: another process writes to it",
                        hint="wait for it, or wait longer with --lock-wait SECONDS",
                    ) from error
                time.sleep(random.uniform(0.005, 0.03))  # noqa: S311 - not a secret
            else:
                return


def _execute(connection: Connection, statement: str) -> Sequence[Any]:
    """Run a statement below SQLAlchemy, whose listeners would take it for the project's."""
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    rows = cursor.fetchall() if cursor.description else ()
    cursor.close()
    return rows


def _no_driver_transactions(connection: Any, _record: object) -> None:  # noqa: ANN401 - any DBAPI
    if "sqlite" not in type(connection).__module__:
        return
    handle = getattr(connection, "driver_connection", connection)
    if getattr(handle, "autocommit", _LEGACY) != _LEGACY:
        handle.rollback()  # without legacy control a transaction is always open
        handle.autocommit = _LEGACY
    connection.isolation_level = None


def _remember(connection: Connection) -> None:
    """What pointed at nothing before; known from the last commit unless somebody wrote since."""
    ((version,),) = _execute(connection, "PRAGMA data_version")
    known = connection.info.get(_ORPHANS)
    if known is None or known[0] != version:
        connection.info[_ORPHANS] = (version, _orphans(connection))


def _check(connection: Connection) -> None:
    """Refuse to commit rows that point at nothing, unless they did so before."""
    version, before = connection.info.get(_ORPHANS, (None, Counter()))
    now = _orphans(connection)
    if new := _new(connection, before, now):
        table, parent = sorted(new, key=str)[0]
        raise MigrationFailedError(
            f"{new.total()} rows would point at nothing (the first: {table} to {parent})",
            hint="delete or mend those rows in the revision",
        )
    connection.info[_ORPHANS] = (version, now)


def _no_second_begin(
    connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,  # noqa: ANN401 - as given
    *_: object,
) -> tuple[str, Any]:
    """SQLAlchemy's own recipe emits BEGIN in a listener too: let the second one do nothing."""
    words = statement[:20].upper().split()
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


def _orphans(connection: Connection) -> Counter[tuple[str, str]]:
    """How many rows of which table point at nothing in which parent.

    Not by their row ids: a table that is rebuilt may number its rows anew.
    """
    try:
        rows = _execute(connection, "PRAGMA foreign_key_check")
    except sqlite3.OperationalError:  # one key without a unique column spoils it for all
        tables = connection.exec_driver_sql(_TABLES).scalars().all()
        rows = [row for table in tables for row in _orphans_of(connection, table)]
    return Counter((row[0], row[2]) for row in rows)


def _orphans_of(connection: Connection, table: str) -> Sequence[Any]:
    """The same of one table; none where SQLite cannot tell."""
    with suppress(OperationalError):
        return connection.exec_driver_sql(f"PRAGMA foreign_key_check({quoted(table)})").all()
    return ()


def _new(
    connection: Connection, before: Counter[tuple[str, str]], now: Counter[tuple[str, str]]
) -> Counter[tuple[str, str]]:
    """What points at nothing now and did not before; a table that was renamed is no news."""
    new, gone = now - before, before - now
    there = set(connection.exec_driver_sql(_TABLES).scalars()) if new and gone else set()
    for was, count in gone.items():
        moved = (one for one in new if new[one] == count and not (set(was) - set(one)) & there)
        new.pop(next(moved, was), None)
    return new
