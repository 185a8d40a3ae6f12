"""Listens while revisions run on the copy, statement by statement.

What a dialect sees is in postgres.py and sqlite.py; here it is put together: which line, how long,
which locks were held until when. The measuring stops the clock.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from dbctl.rehearse import origin
from dbctl.rehearse.clock import Clock
from dbctl.rehearse.holding import Holding
from dbctl.rehearse.model import Lock, Lost, Rehearsed, Statement
from dbctl.rehearse.probe import Effect, Probe
from dbctl.rehearse.shots import Schema, Shots

# Read by SQLAlchemy or Alembic to know what there is; nothing that a revision does.
_LOOKS = re.compile(
    r"\s*(?:PRAGMA\b(?!.*=)|(?:SELECT|WITH)\b.*\b(?:pg_catalog|pg_class|information_schema|sqlite_master"
    r"|sqlite_schema)\b)",
    re.IGNORECASE | re.DOTALL,
)
_MANY = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|SELECT|MERGE|WITH)\b", re.IGNORECASE)
_OVER = re.compile(r"\s*(?:COMMIT|END|ROLLBACK(?!\s+TO))\b", re.IGNORECASE)
_LOOKED = 3  # so often each of many equal statements is looked at; then all of them together
_SHOWN = 400


@dataclass
class Draft:
    """One revision as it runs."""

    script: Any
    started: float
    statements: list[Statement] = field(default_factory=list)
    locks: list[Lock] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    work: list[tuple[str, ...]] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    seconds: float = 0.0
    error: str = ""

    def done(self) -> Rehearsed:
        """What was seen of it."""
        rewrites = dict.fromkeys(one for said in self.statements for one in said.rewrites)
        return Rehearsed(
            revision=self.script.revision,
            message=" ".join((self.script.doc or "").split()),
            file=str(self.script.path),
            seconds=round(self.seconds, 6),
            locks=tuple(self.locks),
            rewrites=tuple(rewrites),
            lost=tuple(self.lost),
            statements=tuple(_rounded(one) for one in self.statements),
            error=self.error,
        )


@dataclass
class Sent:
    """A statement on its way; `origin` None when it is not the revision's."""

    sql: str
    origin: origin.Origin | None
    since: float = 0.0


class Measure:
    """The observer of one run (migrate.observer.Observer)."""

    def __init__(self, probe: Probe, root: Path, version_table: str) -> None:
        self.drafts: dict[str, Draft] = {}
        self.current: Draft | None = None
        self.latest = ""
        self.clock = Clock()
        self._probe = probe
        self._root = root
        self._shots = Shots(version_table)
        self._stack: list[Sent] = []
        self._holding = Holding(probe.blocks)
        self._joined: set[int] = set()
        self._listening: list[tuple[str, Callable[..., None]]] = []
        self._unseen = False
        self._open: Connection | None = None

    @contextmanager
    def listening(self) -> Iterator["Measure"]:
        """Measure while the block runs."""
        try:
            yield self
        finally:
            for name, listener in self._listening:
                event.remove(Engine, name, listener)
            self._listening.clear()

    def joined(self, connection: Connection) -> None:
        """Listen from now on: behind all that dbctl does itself before a statement."""
        with self.clock.paused():
            self._joined.add(id(connection.connection.dbapi_connection))
            self._probe.joined(connection)
            self._shots.joined(connection)
        if not self._listening:
            self._listen("before_cursor_execute", self._before)
            self._listen("after_cursor_execute", self._after, insert=True)
            self._listen("commit", self._commit, insert=True)
            self._listen("rollback", self._rollback)
            self._listen("handle_error", self._failed)

    def _listen(self, name: str, listener: Callable[..., None], **options: bool) -> None:
        event.listen(Engine, name, listener, **options)
        self._listening.append((name, listener))

    def began(self, script: Any) -> None:  # noqa: ANN401 - Alembic's Script
        """A revision begins; what an earlier attempt at it had seen is forgotten."""
        names = list(self.drafts)
        for name in names[names.index(script.revision) :] if script.revision in names else ():
            del self.drafts[name]
        self._stack.clear()
        self._shots.began(script)
        self.current = self.drafts[script.revision] = Draft(script, self.clock.now())
        self.latest = script.revision

    def ended(self) -> None:
        """It has ended well: look at what it left behind."""
        with self.clock.paused():
            self._shots.ended()
        self._closed()

    def _closed(self) -> None:
        if self._open is not None:  # one transaction for all revisions
            with self.clock.paused():
                self._look_whole(self._open)
        if self.current is not None:
            self.current.seconds = self.clock.now() - self.current.started
            self.current = None

    def stopped(self, error: str) -> None:
        """The run is over: whatever was running then has failed."""
        if self.current is not None:
            self.current.error, self._open = error, None
            self._closed()

    @property
    def schemas(self) -> dict[str, Schema]:
        """The schema after each revision that ended well."""
        return self._shots.schemas

    def _is_ours(self, connection: Connection) -> bool:
        known = id(connection.connection.dbapi_connection) in self._joined
        return known and self.current is not None

    def _before(
        self,
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: Any,  # noqa: ANN401
        _context: object,
        executemany: bool,
    ) -> None:
        if not self._is_ours(connection) or self.current is None:
            return
        with self.clock.paused():
            path = str(self.current.script.path)
            at = None if _LOOKS.match(statement) else origin.of(path, self._root)
            if at is not None and not self._is_again(statement, at):
                self._settle(connection)
                self._probe.before(connection, statement, bare=not parameters and not executemany)
        self._stack.append(Sent(statement, at, self.clock.now()))

    def _is_again(self, statement: str, at: origin.Origin) -> bool:
        """Whether the same statement runs so often that a look at each would cost too much."""
        last = self._last()
        again = last is not None and (last.sql, last.line) == (_short(statement), at.line)
        return again and last is not None and last.times >= _LOOKED and bool(_MANY.match(statement))

    def _last(self) -> Statement | None:
        return self.current.statements[-1] if self.current and self.current.statements else None

    def _after(self, connection: Connection, cursor: Any, statement: str, *_: object) -> None:  # noqa: ANN401
        if not self._is_ours(connection) or not self._stack:
            return
        sent, now = self._stack.pop(), self.clock.now()
        if sent.origin is None or self.current is None:
            return
        rows = max(int(getattr(cursor, "rowcount", 0) or 0), 0)
        self._open = connection
        with self.clock.paused():
            again = self._is_again(statement, sent.origin)
            self._note(sent, now - sent.since, rows)
            if again:
                self._unseen = True
            else:
                effect = self._probe.after(connection, statement, rows)
                self._seen(effect, sent.since, now if effect.over else None)
            if _OVER.match(statement):
                self._released(committed="ROLLBACK" not in statement.upper())

    def _note(self, sent: Sent, seconds: float, rows: int) -> None:
        """Write down a statement, or that the last one ran once more."""
        assert self.current is not None  # noqa: S101 - its callers have looked
        assert sent.origin is not None  # noqa: S101
        last, line, short = self._last(), sent.origin.line, _short(sent.sql)
        if last is not None and (last.sql, last.line) == (short, line):
            self.current.statements[-1] = replace(
                last, seconds=last.seconds + seconds, times=last.times + 1, rows=last.rows + rows
            )
            return
        file = sent.origin.file
        began = sent.since - self.current.started
        self.current.statements.append(Statement(short, file, line, seconds, began, rows=rows))

    def _settle(self, connection: Connection) -> None:
        """Look at what many equal statements did together."""
        if self._unseen and (last := self._last()) is not None:
            self._unseen = False
            self._seen(self._probe.after(connection, last.sql, last.rows), self.clock.now())

    def _seen(self, effect: Effect, since: float, until: float | None = None) -> None:
        """Put what was found to the last statement, and into the locks: held `until` or on."""
        draft, last = self.current, self._last()
        if draft is None or last is None:
            return
        more = effect.wal_bytes
        wal = last.wal_bytes if more is None else (last.wal_bytes or 0) + more
        draft.statements[-1] = replace(
            last,
            rewrites=(*last.rewrites, *effect.rewrites),
            scans=(*last.scans, *effect.scans),
            built=(*last.built, *effect.built),
            written=(*last.written, *effect.written),
            wal_bytes=wal,
        )
        draft.lost.extend(effect.lost)
        draft.tables.update(effect.tables)
        self._holding.take(effect, since)
        if effect.over:
            self._released(committed=True, at=until)

    def _commit(self, connection: Connection) -> None:
        self._over(connection, committed=True)

    def _rollback(self, connection: Connection) -> None:
        self._over(connection, committed=False)

    def _over(self, connection: Connection, *, committed: bool) -> None:
        """SQLAlchemy is about to end the transaction."""
        if id(connection.connection.dbapi_connection) not in self._joined:
            return
        with self.clock.paused():
            if committed and self.current is not None:
                self._look_whole(connection)
            self._released(committed=committed)

    def _look_whole(self, connection: Connection) -> None:
        """What can only be said of a revision at its end."""
        self._settle(connection)
        self._seen(self._probe.ending(connection), self.clock.now())

    def _released(self, *, committed: bool, at: float | None = None) -> None:
        """Nothing is held any more, since the moment `at`."""
        self._probe.ended(committed=committed)
        self._open = None
        draft = self.current or next(reversed(self.drafts.values()), None)
        now = self.clock.now() if at is None else at
        locks = self._holding.let_go(now, draft.started if draft else now)
        if draft is not None:
            draft.locks.extend(locks)

    def _failed(self, context: Any) -> None:  # noqa: ANN401 - SQLAlchemy's ExceptionContext
        connection = context.connection
        if connection is None or not self._stack or not self._is_ours(connection):
            return
        sent, now = self._stack.pop(), self.clock.now()
        if sent.origin is None or self.current is None:
            return
        with self.clock.paused():
            self._probe.failed(connection)
            self._note(sent, now - sent.since, 0)
            said = " ".join(str(context.original_exception).split())
            self.current.statements[-1] = replace(self.current.statements[-1], error=said)


def _rounded(one: Statement) -> Statement:
    return replace(one, seconds=round(one.seconds, 6), from_=round(one.from_, 6))


def _short(statement: str) -> str:
    """A statement on one line, of a long one the beginning."""
    text = " ".join(statement.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
