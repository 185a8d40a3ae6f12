"""Steps of a revision outside of any transaction: marked while they run, for they cannot be undone.

The mark is committed with what comes before the first such step, and removed with the version row
that says the revision is done: what an interrupted run leaves behind is known to the next one.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from dbctl.database import own
from dbctl.errors import MigrationFailedError

_BUILD = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r'(?P<name>"(?:[^"]|"")+"|[\w$]+)\s+ON\s+(?:ONLY\s+)?'
    r'(?:(?P<schema>"(?:[^"]|"")+"|[\w$]+)\s*\.\s*)?',
    re.IGNORECASE,
)
_INVALID = """
SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indexrelid = to_regclass(:name) AND NOT i.indisvalid AND c.relkind = 'i'
   AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p
                    WHERE p.index_relid = i.indexrelid)
"""
_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"
_LIMIT = "SELECT current_setting('lock_timeout'), set_config('lock_timeout', :limit, false)"

log = logging.getLogger("dbctl.migrate")


class Marks:
    """The marks of one run; `history` is its version table."""

    def __init__(self, history: str, direction: str, *, kept: bool) -> None:
        self._values = {"history": history, "direction": direction}
        self._kept = kept
        self._set: str | None = None

    def set(self, connection: Connection, revision: str) -> None:
        """Mark `revision` as begun, in the transaction that is open."""
        if not self._kept or self._set == revision:
            return
        dialect = connection.dialect.name
        try:
            with connection.begin_nested():
                for statement in own.creation(dialect, "step"):
                    connection.exec_driver_sql(statement)
                connection.execute(text(_insertion(dialect)), self._row(revision))
        except DBAPIError as error:
            self._kept = False
            log.warning("%s runs unmarked: %s", revision, _one_line(error))
        else:
            self._set = revision

    def clear(self, connection: Connection, revision: str) -> None:
        """Remove the mark, in the transaction that writes the version row."""
        if self._set != revision:
            return
        table = own.relation(connection.dialect.name, "step")
        connection.execute(
            text(f"DELETE FROM {table} WHERE history = :history AND revision = :revision"),  # noqa: S608 - a constant
            {"history": self._values["history"], "revision": revision},
        )
        self._set = None

    def _row(self, revision: str) -> dict[str, str]:
        return {**self._values, "revision": revision, "started": datetime.now(UTC).isoformat()}


def _insertion(dialect: str) -> str:
    return (
        f"INSERT INTO {own.relation(dialect, 'step')} (history, revision, direction, started)"  # noqa: S608 - constants
        " VALUES (:history, :revision, :direction, :started) ON CONFLICT DO NOTHING"
    )


def marked(context: Any, before: Callable[[Connection], None], limit: float) -> None:  # noqa: ANN401
    """Let `context.autocommit_block()` call `before` first, and take care of indexes inside.

    `limit` is how many seconds a statement in there may wait for locks.
    """
    block = context.autocommit_block

    @contextmanager
    def careful() -> Iterator[None]:
        if context._in_external_transaction:
            raise MigrationFailedError(
                "autocommit_block() cannot leave the transaction that env.py begins",
                hint="let env.py connect with engine.connect() and context.begin_transaction()",
            )
        _begun(context)
        before(context.connection)
        with block():
            if context.connection.dialect.name != "postgresql":
                yield
                return
            with _patient(context.connection, limit), _finished_indexes(context.connection):
                yield

    context.autocommit_block = careful


def _begun(context: Any) -> None:  # noqa: ANN401 - Alembic's context
    """A second block of one revision finds no transaction: Alembic begins one behind the first."""
    if not context.connection.in_transaction():
        context.connection.begin()


@contextmanager
def _patient(connection: Connection, limit: float) -> Iterator[None]:
    """A concurrent build waits for old transactions; a time-out would leave it invalid."""
    milliseconds = max(1, round(limit * 1000))  # 0 would wait for ever
    before, _ = connection.execute(text(_LIMIT), {"limit": str(milliseconds)}).one()
    try:
        yield
    finally:
        with suppress(DBAPIError):
            connection.execute(text(_LIMIT), {"limit": before})


@contextmanager
def _finished_indexes(connection: Connection) -> Iterator[None]:
    """No unfinished index stands in the way of a concurrent build, and none comes of it."""
    engine = connection.engine

    def before(conn: Connection, _cursor: object, statement: str, *_: object) -> None:
        if name := _built(statement):
            _drop_invalid(conn, name)

    def after(conn: Connection, _cursor: object, statement: str, *_: object) -> None:
        name = _built(statement)
        if name and conn.execute(text(_VALID), {"name": name}).scalar() is False:
            raise MigrationFailedError(
                f"the index {name} was built and is not valid", hint="`dbctl repair` drops it"
            )

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def _drop_invalid(connection: Connection, name: str) -> None:
    relation = connection.execute(text(_INVALID), {"name": name}).scalar()
    if relation is not None:
        log.warning("dropping the index %s: it was begun before and never finished", relation)
        connection.execute(text(f"DROP INDEX CONCURRENTLY {relation}"))


def _built(statement: str) -> str:
    """The index that a statement builds concurrently, with its table's schema; "" for none."""
    match = _BUILD.match(statement)
    if not match:
        return ""
    return f"{match['schema']}.{match['name']}" if match["schema"] else match["name"]


def _one_line(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())
