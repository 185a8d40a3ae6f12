"""Writes the rows of dbctl's ledger through the connection that migrates."""

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Double, Text, bindparam, column, insert, table, text
from sqlalchemy.exc import DBAPIError

from dbctl.database import own
from dbctl.database.engine import reason
from dbctl.migrate import ledger
from dbctl.migrate.graph import Graph

BASE = "base"  # a stamp that leaves no revision has a row all the same
# Insufficient privilege, undefined table, no such schema; SQLite: no such table, a read-only file.
REFUSALS = ("42501", "42P01", "3F000", sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY)

log = logging.getLogger("dbctl.migrate")

_NAMES = (
    "history", "revision", "direction", "checksum", "started", "seconds", "who", "host", "tool",
)  # fmt: skip
_INSERTS = {
    dialect: text(
        f"INSERT INTO {own.relation(dialect, 'ledger')} ({', '.join(_NAMES)})"  # noqa: S608 - constants
        f" VALUES ({', '.join(f':{one}' for one in _NAMES)})"
    )
    for dialect in ("postgresql", "sqlite")
}
# The same on PostgreSQL, for a statement that it rides with.
_TABLE = table(
    "ledger",
    *(column(one, Double if one == "seconds" else Text) for one in _NAMES),
    schema=own.SCHEMA,
)
INSERT = insert(_TABLE).values({one: bindparam(one) for one in _NAMES})


@dataclass
class Writer:
    """Writes the rows of one run, through the connection that migrates.

    A role that may not write there turns it off for the run, with one line in the log.
    """

    graph: Graph
    columns: dict[str, Any]  # what is the same in every row
    seen: set[str]
    on: bool = True
    _tried: bool = field(default=False, init=False)

    def record(self, connection: Connection, script: Any, direction: str, seconds: float) -> None:  # noqa: ANN401 - Alembic's
        """Take down a revision, in the transaction in which it was applied or undone."""
        if self.on:
            known = self.graph.revisions.get(script.revision)
            rows = list(ledger.hashed([known])) if known else [(script.revision, "")]
            self._write(connection, rows, direction, seconds)

    def rider(self, script: Any, direction: str, seconds: float) -> dict[str, Any] | None:  # noqa: ANN401 - Alembic's
        """The row of a revision, to be written with another statement; None before the first."""
        if not self.on or not self._tried:
            return None
        known = self.graph.revisions.get(script.revision)
        revision, hashed = next(iter(ledger.hashed([known]))) if known else (script.revision, "")
        return self._row(revision, hashed, direction, seconds)

    def _row(self, revision: str, hashed: str, direction: str, took: float) -> dict[str, Any]:
        return {
            **self.columns,
            "revision": revision,
            "checksum": hashed,
            "direction": direction,
            "started": ledger.instant(took),
            "seconds": took,
        }

    def stamped(self, connection: Connection, heads: Iterable[str], direction: str) -> None:
        """Take down where the version table was set to, and what lies below and was not known."""
        if not self.on:
            return
        known = [one for one in heads if one in self.graph.revisions]
        fresh = {*(self.graph.ancestors(known) - self.seen), *known}
        rows = list(ledger.hashed(one for one in self.graph.ordered if one.revision in fresh))
        self._write(connection, rows or [(BASE, "")], direction, 0.0)
        self.seen |= fresh

    def _write(
        self, connection: Connection, rows: Sequence[tuple[str, str]], direction: str, took: float
    ) -> None:
        many = [self._row(revision, hashed, direction, took) for revision, hashed in rows]
        try:
            with self._guarded(connection):
                one = many[0] if len(many) == 1 else many  # a list costs a driver's executemany
                connection.execute(_INSERTS[connection.dialect.name], one)
        except DBAPIError as error:
            if not _is_refusal(error):
                raise
            self.on = False
            log.warning("this run is not in dbctl's ledger: %s", reason(error))
        self._tried = True

    def _guarded(self, connection: Connection) -> AbstractContextManager[Any]:
        """A savepoint around the first row: whether it may be written shows there."""
        return nullcontext() if self._tried or _is_autocommit(connection) else _nested(connection)


def _nested(connection: Connection) -> AbstractContextManager[Any]:
    return connection.begin_nested()


def _is_autocommit(connection: Connection) -> bool:
    """Whether there is no transaction to guard: env.py's engine commits each statement."""
    always = getattr(connection.dialect, "_on_connect_isolation_level", None)
    return connection.get_execution_options().get("isolation_level", always) == "AUTOCOMMIT"


def _is_refusal(error: DBAPIError) -> bool:
    """Whether the role may not write there, or the table is not there for it."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state in REFUSALS or getattr(error.orig, "sqlite_errorcode", None) in REFUSALS
