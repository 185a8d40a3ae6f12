"""What a batch rebuild on SQLite costs: the table is copied, and what the copy lacks is lost.

No row may be missing afterwards, in the table or in those that point at it. A trigger, an index or
a check that is gone and that the revision does not speak of is said.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from dbctl.database import sqltext
from dbctl.database.sqlite import REBUILT, quoted
from dbctl.errors import MigrationFailedError

_NAME = rf"""["'`]?{REBUILT}(?P<table>[^"'`]+?)["'`]?"""
_BEGINS = re.compile(rf"\s*CREATE\s+TABLE\s+{_NAME}\s*\(", re.IGNORECASE)
_ENDS = re.compile(rf"\s*ALTER\s+TABLE\s+{_NAME}\s+RENAME\b", re.IGNORECASE)
_PARTS = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
_POINTING = """
WITH RECURSIVE pointing(name) AS (
    VALUES (?) UNION
    SELECT m.name FROM pointing p, sqlite_master m, pragma_foreign_key_list(m.name) k
     WHERE m.type = 'table' AND k."table" = p.name COLLATE NOCASE)
SELECT name FROM pointing
"""

log = logging.getLogger("dbctl.migrate")


@contextmanager
def compared(source: Callable[[], str]) -> Iterator[None]:
    """While the block runs every rebuild of a SQLite table is looked at before and after.

    `source` gives the text of what runs: a part whose name stands there is not lost unawares.
    """
    found = _Rebuilds(source)
    listeners = {"before_cursor_execute": found.before, "after_cursor_execute": found.after}
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    event.listen(Engine, "commit", found.ended, insert=True)
    event.listen(Engine, "rollback", found.forgotten)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)
        event.remove(Engine, "commit", found.ended)
        event.remove(Engine, "rollback", found.forgotten)


class _Rebuilds:
    """The rebuilds of one transaction: rows and parts of each table before the first of them."""

    def __init__(self, source: Callable[[], str]) -> None:
        self._source = source
        self._rows: dict[str, dict[str, int]] = {}
        self._parts: dict[str, dict[str, str]] = {}

    def before(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        """Count before the copy begins."""
        if REBUILT in statement and (match := _BEGINS.match(statement)):
            table = match["table"]
            self._rows[table] = _rows(connection, table)
            self._parts.setdefault(table, _parts(connection, table))

    def after(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        """Count when the copy has its name. Raises MigrationFailedError when rows are missing."""
        if REBUILT not in statement or not (match := _ENDS.match(statement)):
            return
        rows = _rows(connection, match["table"])
        for name, before in self._rows.pop(match["table"], {}).items():
            if rows.get(name, 0) < before:
                raise MigrationFailedError(
                    f"rebuilding {match['table']} would lose rows of {name}:"
                    f" {before} before, {rows.get(name, 0)} after",
                    hint="see the revision's batch_alter_table",
                )

    def ended(self, connection: Connection) -> None:
        """Say what the rebuilt tables no longer have."""
        for table, before in self._parts.items():
            now = _parts(connection, table)
            for part in before.keys() - now.keys():
                if not before[part] or before[part] not in self._source():
                    log.warning("rebuilding %s lost the %s; the revision must make it", table, part)
        self.forgotten(connection)

    def forgotten(self, _connection: Connection) -> None:
        """The transaction is over."""
        self._rows.clear()
        self._parts.clear()


def _rows(connection: Connection, table: str) -> dict[str, int]:
    """Rows of the table and of all that point at it, near and far: nothing else can lose any."""
    names = [row[0] for row in connection.exec_driver_sql(_POINTING, (table,))]
    return {name: _count(connection, name) for name in names}


def _count(connection: Connection, table: str) -> int:
    query = f"SELECT count(*) FROM {quoted(table)}"  # noqa: S608 - quoted
    return int(connection.exec_driver_sql(query).scalar_one())


def _parts(connection: Connection, table: str) -> dict[str, str]:
    """Triggers, indexes and checks of a table, in words, each with its name."""
    found: dict[str, str] = {}
    rows: Any = connection.exec_driver_sql(_PARTS, (table,)).all()
    for kind, name, declared in rows:
        if kind != "table":
            found[f"{kind} {name}"] = name
            continue
        for rule, condition in sqltext.checks(declared):
            found[f"check {rule or condition}"] = rule
    return found
