"""Watches revisions run on PostgreSQL, statement by statement, through SQLAlchemy's events.

After each statement and before its transaction ends the same session is asked which locks it holds,
which tables have a new file, and how many rows it has written; the server itself says, at the level
debug1, when it scans, validates, rewrites or builds.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Connection as Run
from sqlalchemy.engine import Engine

from tests.lint import contents
from tests.lint.contents import Column, Connection, Contents
from tests.lint.effects import STOPS_ALL, STRONG, Effects, Lost
from tests.lint.watch import Watch

# Below this many rows nobody notices how long a scan takes.
LARGE = 1000
WORK = re.compile(
    r'^(?:rewriting table|verifying table|building index ".*" on table) "(?P<table>.*?)"'
    r'|^validating foreign key constraint "(?P<key>.*)"'
)
LOCKS = """
SELECT DISTINCT relation::int, mode FROM pg_locks
WHERE locktype = 'relation' AND granted AND pid = pg_backend_pid()
"""
WRITTEN = """
SELECT relid::int, (n_tup_ins + n_tup_upd + n_tup_del)::int, (n_tup_upd + n_tup_del)::int,
    n_tup_del::int
FROM pg_stat_xact_all_tables WHERE schemaname = 'public'
"""
NUMBER = "SELECT to_regclass(quote_ident(%s))::oid::int"
OWNER = "SELECT conrelid::int FROM pg_constraint WHERE conname = %s ORDER BY oid DESC LIMIT 1"
# Statements that only run outside of a transaction, or end one themselves.
NOT_IN_TRANSACTION = (
    psycopg.errors.ActiveSqlTransaction,
    psycopg.errors.InvalidTransactionTermination,
)
IDLE = TransactionStatus.IDLE
# What takes no lock that stops others; what may change values on purpose.
ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "COMMIT")
CHANGES = (*ROWS, "DO", "CALL")
# Otherwise the counts of a transaction that has ended are seen in the next one too.
FORGET = "SELECT pg_stat_force_next_flush()"


@dataclass
class Observer:
    """Collects what one upgrade does to the tables that were there before it."""

    before: Contents
    url: str
    effects: Effects = field(default_factory=Effects)
    notices: list[str] = field(default_factory=list)
    truncated: bool = False
    watch: Watch | None = None

    def __post_init__(self) -> None:
        self.now = self.before
        self.stale = False
        self.nodes = {oid: table.filenode for oid, table in self.before.tables.items()}
        self._begin()

    def _begin(self) -> None:
        """Nothing is held or written in a new transaction."""
        self.written: dict[int, int] = {}
        self.changed: dict[int, int] = {}
        self.deleted: dict[int, int] = {}
        self.held: dict[int, set[str]] = {}

    def hear(self, notice: str) -> None:
        """Note what the server says while a statement runs."""
        self.notices.append(notice)
        self.truncated |= "will be truncated" in notice

    def statement_begins(self, session: Connection, statement: str) -> None:
        """Look at what rows were written since the statement before, and at what cannot wait."""
        word = _word(statement)
        if session.autocommit:
            self._try(session, statement)
        elif word == "COMMIT":
            self.transaction_ends(session)
        elif word not in ROWS:
            self._look(session)
        if self.stale and not _changes(statement):
            self.now, self.stale = self._contents(session), False
        self.notices.clear()

    def statement_ends(self, session: Connection, statement: str) -> None:
        """Look at the locks and at what was done while they were held."""
        self.end_watch()
        word = _word(statement)
        if word not in ROWS:
            self._look(session)
        if _changes(statement):
            self.stale |= "alembic_version" not in statement
        else:
            self._compare(session)
        if session.autocommit:
            session.execute(FORGET.encode())
            self._begin()

    def end_watch(self) -> None:
        """Note which locks were asked for by the statement that has ended."""
        asked, self.watch = self.watch.stop() if self.watch else [], None
        for oid, mode in asked:
            table = self.before.tables.get(oid)
            if table and mode in STRONG:
                self.effects.lock(table.name, mode, working=table.rows >= LARGE)

    def transaction_ends(self, session: Connection) -> None:
        """Look a last time, while all locks are still held."""
        if not session.autocommit:
            self._look(session)
        self._count()
        self._begin()

    def _try(self, session: Connection, statement: str) -> None:
        """Run the statement in a transaction that is rolled back: its locks can be seen there."""
        self._begin()
        session.execute(FORGET.encode())
        try:
            with session.transaction(force_rollback=True):
                session.execute(statement.encode())
                self._look(session)
                self._count()
        except NOT_IN_TRANSACTION:
            self.watch = Watch(self.url, session.info.backend_pid, list(self.before.tables))
        except psycopg.errors.DatabaseError:
            pass  # it will fail again in earnest
        self._begin()

    def _look(self, session: Connection) -> None:
        working = self._work(session)
        everyone = {oid for oid, modes in self.held.items() if STOPS_ALL in modes}
        for oid, mode in session.execute(LOCKS.encode()).fetchall():
            if mode not in STRONG or oid not in self.before.tables:
                continue
            if everyone - {oid} and oid not in self.held:
                self.effects.several |= {self.before.tables[one].name for one in everyone | {oid}}
            self.effects.lock(self.before.tables[oid].name, mode, working=working)
            self.held.setdefault(oid, set()).add(mode)

    def _work(self, session: Connection) -> bool:
        """Whether many rows were read or written since the last look."""
        rewritten = self._rewritten(session)
        noticed = [self._is_large(session, text) for text in list(self.notices)]
        self.notices.clear()
        return self._wrote(session) or rewritten or any(noticed)

    def _wrote(self, session: Connection) -> bool:
        if session.info.transaction_status is IDLE:
            return False  # what was written is committed, and was seen when it was tried
        large = False
        session.execute(FORGET.encode())
        for oid, written, changed, deleted in session.execute(WRITTEN.encode()).fetchall():
            large |= written - self.written.get(oid, 0) >= LARGE
            self.written[oid] = written
            self.changed[oid] = changed
            self.deleted[oid] = deleted
        return large

    def _rewritten(self, session: Connection) -> bool:
        found = session.execute(contents.TABLES.encode()).fetchall()
        new = {oid for oid, _, _, node in found if self.nodes.get(oid, node) != node}
        self.nodes.update({oid: node for oid, _, _, node in found if oid in self.nodes})
        # An emptied table has a new file too: that is a loss.
        kept = {oid for oid, name, _, _ in found if oid in new and contents.rows(session, name)}
        self.effects.rewrites |= {self.before.tables[oid].name for oid in kept}
        return any(self.before.tables[oid].rows >= LARGE for oid in kept)

    def _is_large(self, session: Connection, notice: str) -> bool:
        """Whether the server says that it has worked on a large table from before."""
        found = WORK.match(notice)
        if found is None:
            return False
        query, name = (OWNER, found["key"]) if found["key"] else (NUMBER, found["table"])
        row = session.execute(query.encode(), [name]).fetchone()
        table = self.before.tables.get(row[0] if row else 0)
        return table is not None and table.rows >= LARGE

    def _contents(self, session: Connection) -> Contents:
        types = {key: column.type for key, column in self.before.columns.items()}
        return contents.taken(session, types)

    def _compare(self, session: Connection) -> None:
        """Which values the statement has lost."""
        now = self._contents(session)
        self.effects.lost |= set(_lost(self.before, self.now, now))
        self.now = now

    def _count(self) -> None:
        """What the transaction has done to rows in all."""
        for oid, table in self.before.tables.items():
            if self.changed.get(oid, 0) >= max(LARGE, table.rows / 2):
                self.effects.backfills.add(table.name)
            if self.deleted.get(oid, 0):
                self.effects.lost.add(Lost(table.name, "", self.deleted[oid]))


def _changes(statement: str) -> bool:
    """Whether values may be others afterwards because somebody wanted it; an enum's label too."""
    return _word(statement) in CHANGES or statement.upper().startswith("ALTER TYPE")


def _word(statement: str) -> str:
    """The first word of the statement."""
    return statement.split(maxsplit=1)[0].upper()


def _lost(first: Contents, before: Contents, after: Contents) -> Iterator[Lost]:
    """Values that were there before a statement and are not after it."""
    for oid, table in first.tables.items():
        if oid in before.tables and oid not in after.tables:
            yield Lost(table.name, "", before.tables[oid].rows)
    for key, column in before.columns.items():
        if key[0] not in first.tables or key[0] not in after.tables or key not in first.columns:
            continue
        found = after.columns.get(key)
        if column.values and not _kept(column, found) and not _moved(column, first, after):
            yield Lost(first.tables[key[0]].name, first.columns[key].name, column.values)


def _moved(column: Column, first: Contents, after: Contents) -> bool:
    """Whether a new column of the table holds the values."""
    return any(
        (one.table, one.values, one.total) == (column.table, column.values, column.total)
        for key, one in after.columns.items()
        if key not in first.columns
    )


def _kept(before: Column, after: Column | None) -> bool:
    """Whether all values are still there; more of them may have come."""
    if after is None or after.values < before.values:
        return False
    return after.values > before.values or after.total == before.total


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Have every statement of this process's engines seen by the observer."""
    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": partial(_begins, observer, set()),
        "after_cursor_execute": partial(_ends, observer),
        "commit": lambda run: observer.transaction_ends(_session(run)),
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)
        observer.end_watch()


def _begins(observer: Observer, heard: set[int], run: Run, *args: Any) -> None:
    session = _session(run)
    pid = session.info.backend_pid
    if pid not in heard:
        heard.add(pid)
        session.add_notice_handler(lambda one: observer.hear(one.message_primary or ""))
    observer.statement_begins(session, args[1])


def _ends(observer: Observer, run: Run, *args: Any) -> None:
    observer.statement_ends(_session(run), args[1])


def _session(run: Run) -> Connection:
    found = run.connection.driver_connection
    assert isinstance(found, psycopg.Connection)
    return found
