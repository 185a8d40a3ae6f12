"""One run of a project's env.py between two looks at its database.

What is reported is what the database says afterwards, not what was meant. A run that waits too
long for a lock is rolled back and begun again, env.py included: a retry inside of it would have
lost the search path and the role that env.py set. A COMMIT whose answer is lost is asked about.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from dbctl.database import rebuild, transaction
from dbctl.database.model import Look
from dbctl.database.watch import Watch
from dbctl.errors import DbctlError, MigrationFailedError
from dbctl.migrate import autocommit, environment, failure, place, span, version
from dbctl.migrate.goal import Goal, preceded
from dbctl.migrate.model import Applied
from dbctl.migrate.observer import Observer
from dbctl.migrate.writer import Writer
from dbctl.settings import Settings

progress = logging.getLogger("dbctl.progress")
log = logging.getLogger("dbctl.migrate")

_FIRST_PAUSE = 0.1


class StartAgain(DbctlError):  # noqa: N818 - no error: the run goes on
    """What was begun is rolled back or committed after all, and the rest can be begun."""

    def __init__(self) -> None:
        super().__init__("the run begins again")


class GaveWay(StartAgain):
    """Others hold what it needs."""


@dataclass
class Run:
    """One run of env.py: which revision is being applied, which are done."""

    settings: Settings
    verb: str
    before: Look
    watch: Watch
    table: tuple[str, str | None]
    ledger: Writer
    applied: list[Applied] = field(default_factory=list)
    step: Any = None
    heads: tuple[str, ...] | None = None
    started: float = 0.0
    last: str = ""
    committed: bool = False
    done: bool = False
    noted: bool = False
    whole: bool = False
    observer: Observer | None = None
    _at: tuple[str, ...] = ()
    _held: bool = False
    _connection: Connection | None = None
    _marks: autocommit.Marks | None = None

    def online(self, goal: Goal) -> None:
        """Run env.py towards `goal`, again where it was rolled back only to let others go."""
        self._patiently(lambda: self._once(goal))

    def _patiently(self, work: Callable[[], None]) -> None:
        ends, pause = time.monotonic() + self.settings.lock_wait, _FIRST_PAUSE
        while True:
            self.step, self.done, self.committed = None, False, False
            try:
                return work()
            except GaveWay as again:
                if time.monotonic() >= ends:
                    raise failure.blocked(self) from again
                if self.whole:
                    self.applied.clear()  # nothing of it was committed
                time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - not a secret
                pause = min(pause * 2, 2.0)
            except StartAgain:  # each of these means that somebody got further
                pass

    def _once(self, goal: Goal) -> None:
        history = place.lock_key(self.settings, self.table)
        self._marks = autocommit.Marks(history, self.verb, kept=self.settings.ledger)
        goal.turn = 0

        def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
            self._prepare(context, at)
            for step in goal.steps(context.script, at):
                self._begin(step, context)
                yield step
                self._end()

        with (
            self._translated(),
            transaction.commits(self._heard, self._leaving),
            rebuild.compared(self._source),
            version.compiled_once(self._riding),
        ):
            environment.online(self.settings, steps, self.before.identity, self._joined)

    def _joined(self, connection: Connection) -> None:
        self.watch.joined(connection)
        if self.observer is not None:
            self.observer.joined(connection)

    def _prepare(self, context: Any, at: tuple[str, ...]) -> None:  # noqa: ANN401 - Alembic's
        self._at, self._connection = tuple(sorted(at)), context.connection
        self.whole = context._in_external_transaction or not context._transaction_per_migration
        context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._done)
        autocommit.marked(context, self._mark, self.settings.lock_wait)
        if self.whole:
            why = span.reason(self.settings, context)
            log.info("%s: all revisions are applied, or none", why)
        if transaction.commits_each(context.connection):
            log.warning("env.py's engine commits each statement: nothing can be rolled back")

    def _begin(self, step: Any, context: Any) -> None:  # noqa: ANN401 - Alembic's
        self.watch.require_lock()
        self.step, self.started = step, time.perf_counter()
        self.committed, self.done, self.noted = self.committed and self.whole, False, False
        script = step.revision
        self.last = script.revision
        progress.info("%s %s  %s", self.verb, script.revision, one_line(script.doc))
        if self.observer is not None:
            self.observer.began(script)
        if context.connection.dialect.name == "sqlite" and not self.whole:
            self._read_again(step, context)

    def _read_again(self, step: Any, context: Any) -> None:  # noqa: ANN401 - Alembic's
        """Look at the version rows under the revision's own lock: SQLite has no other."""
        expected = self._at

        def look() -> None:
            found = context.connection.execute(select(context._version.c.version_num))
            if tuple(sorted(found.scalars())) != expected:
                raise StartAgain

        preceded(step, look)

    def _mark(self, connection: Connection) -> None:
        if self._marks is not None:
            self._marks.set(connection, self.step.revision.revision)

    def _source(self) -> str:
        """The text of the revision that runs."""
        if self.step is None:
            return ""
        return Path(self.step.revision.path).read_text(encoding="utf-8", errors="replace")

    def _heard(self) -> None:
        """A commit inside a revision: what fails after it cannot be rolled back whole."""
        self._held = self.committed
        self.committed |= self.step is not None and not self.done

    def _leaving(self, connection: Connection) -> None:
        """A revision says COMMIT itself, which is as good as an autocommit_block()."""
        if connection is self._connection and self.step is not None and not self.done:
            self._mark(connection)

    def _riding(self, context: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - Alembic's
        """The ledger's row of the revision that runs, where it can go with the version row."""
        if context.dialect.name != "postgresql" or self.step is None:
            return None
        seconds = round(time.perf_counter() - self.started, 6)
        row = self.ledger.rider(self.step.revision, self.verb, seconds)
        self.noted = row is not None
        return row

    def _done(self, *, ctx: Any, heads: set[str], **_: object) -> None:  # noqa: ANN401 - Alembic's
        """Alembic calls this after each revision, inside its transaction."""
        if self._marks is not None:
            self._marks.clear(ctx.connection, self.step.revision.revision)
        seconds = round(time.perf_counter() - self.started, 6)
        if not self.noted:
            self.ledger.record(ctx.connection, self.step.revision, self.verb, seconds)
        self.done = True
        self.heads = self._at = tuple(sorted(heads))

    def _end(self) -> None:
        """The revision's transaction has ended well."""
        script = self.step.revision
        seconds = round(time.perf_counter() - self.started, 6)
        self.applied.append(Applied(script.revision, one_line(script.doc), seconds))
        self.step = None
        if self.observer is not None:
            self.observer.ended()

    def stamp(
        self,
        revisions: tuple[str, ...],
        *,
        purge: bool,
        last: Callable[[Any], None] | None = None,
    ) -> None:
        """Run env.py to write the version table alone, and `last` in the transaction that ends it.

        `last` is given Alembic's context.
        """

        def steps(at: Any, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's signature
            context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._moved)
            self.heads = () if purge else self.heads
            found: list[Any] = list(context.script._stamp_revs(revisions, at))
            if last is not None:
                preceded(found[-1], lambda: last(context))
            return found

        self._alone(steps, together=True, destination_rev=revisions, purge=purge)

    def version_table(self) -> None:
        """Run env.py to make the version table alone."""

        def steps(_at: Any, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's signature
            with context.begin_transaction(_per_migration=True):  # nothing else would commit
                context._ensure_version_table()
            return ()

        self._alone(steps)

    def _alone(
        self,
        steps: Callable[[Any, Any], Iterable[Any]],
        *,
        together: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        said = {"transaction": "project"} if together else {}
        settings = self.settings.model_copy(update=said)

        def work() -> None:
            with self._translated():
                environment.online(
                    settings, steps, self.before.identity, self.watch.joined, **options
                )

        self._patiently(work)

    def _moved(self, *, ctx: Any, heads: set[str], **_: object) -> None:  # noqa: ANN401 - Alembic's
        """Alembic calls this after each stamp."""
        self.ledger.stamped(ctx.connection, heads, self.verb)
        self.heads = tuple(sorted(heads))

    def look(self) -> Look:
        """Where the database is now."""
        return place.look(self.settings, self.table)

    def ended(self) -> Look:
        """Look again: what is reported is what the database says, not what was meant."""
        after = self.watch.ask(lambda session: session.look(*self.table))
        if after.versions is None:
            after = place.elsewhere(self.settings, self.table, self.watch.beside.schema) or after
        if self.heads is None:
            return after  # nothing ran here; where it is now, somebody else may have brought it
        if tuple(sorted(after.at)) != self.heads and not self._passed(after.at):
            raise failure.unmoved(self, after.at)
        return after

    def _passed(self, at: Sequence[str]) -> bool:
        """Whether somebody else went on from where this run ended: SQLite has a lock a revision."""
        known = [one for one in at if one in self.ledger.graph.revisions]
        return self.verb == "upgrade" and set(self.heads or ()) <= self.ledger.graph.ancestors(
            known
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What goes wrong inside, as one of our errors that says where the database stands."""
        try:
            with environment.broken_project(self.settings.project):
                try:
                    yield
                except DbctlError:
                    raise
                except Exception as error:  # noqa: BLE001 - a project's code raises anything
                    self._answer(error)
        except MigrationFailedError as error:
            raise failure.placed(self, error) from error.__cause__
        except KeyboardInterrupt as stopped:
            raise failure.interrupted(self, stopped) from None

    def _answer(self, error: Exception) -> None:
        """Decide what follows from an exception of the driver or of the project's code."""
        if self.watch.signalled:
            raise KeyboardInterrupt from error
        if failure.is_refused_commit(error):
            self.committed = self._held
        if failure.is_lock_timeout(error) and not self.committed:
            raise GaveWay from error
        if not (self.ending and failure.is_lost(error)):
            raise failure.failed(self, error) from error
        if wrong := failure.lost(self):
            raise wrong from error
        if self.step is not None:
            self._end()
        raise StartAgain from error

    @property
    def ending(self) -> bool:
        """Whether nothing but the COMMIT is to come."""
        return self.done and (self.whole or self.step is not None)

    def kept(self, at: Sequence[str]) -> int:
        """How many revisions of this run are committed, when the database is `at` these."""
        there = tuple(sorted(at)) == self.heads
        if self.whole:
            return len(self.applied) if there else 0
        return len(self.applied) + (there and self.ending)


def one_line(doc: str | None) -> str:
    """A revision's message on one line."""
    return " ".join((doc or "").split())
