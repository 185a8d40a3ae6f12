"""One run of a project's env.py between two looks at its database.

What is reported is what the database says afterwards, not what was meant. A run that waits too
long for a lock is rolled back and begun again, env.py included: a retry inside of it would have
lost the search path and the role that env.py set. A COMMIT whose answer is lost is asked about.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from dbctl.database import rebuild, transaction
from dbctl.database.model import Look
from dbctl.database.watch import Watch
from dbctl.errors import DbctlError, LockedError, MigrationFailedError, UnreachableError
from dbctl.migrate import autocommit, environment, failure, place
from dbctl.migrate.goal import Goal
from dbctl.migrate.model import Applied
from dbctl.migrate.writer import Writer
from dbctl.settings import Settings

progress = logging.getLogger("dbctl.progress")
log = logging.getLogger("dbctl.migrate")

ENDED = 5.0  # seconds for a server to notice that a session is gone
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
    committed: bool = False
    done: bool = False
    whole: bool = False
    _at: tuple[str, ...] = ()
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
                    raise self._blocked() from again
                time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - not a secret
                pause = min(pause * 2, 2.0)
            except StartAgain:  # each of these means that somebody got further
                pass

    def _once(self, goal: Goal) -> None:
        history = place.lock_key(self.settings, self.table)
        self._marks = autocommit.Marks(history, self.verb, kept=self.settings.ledger)
        if self.whole:
            self.applied.clear()  # nothing of it was committed

        def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
            self._prepare(context, at)
            for step in goal.steps(context.script, at):
                self._begin(step, context)
                yield step
                self._end()

        with (
            self._translated(),
            transaction.commits(self._heard),
            rebuild.compared(self._source),
        ):
            environment.online(self.settings, steps, self.before.identity, self.watch.joined)

    def _prepare(self, context: Any, at: tuple[str, ...]) -> None:  # noqa: ANN401 - Alembic's
        self._at = tuple(sorted(at))
        self.whole = context._in_external_transaction or not context._transaction_per_migration
        context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._done)
        autocommit.marked(context, self._mark, self.settings.lock_wait)
        if context._in_external_transaction:
            log.info("env.py begins the transaction itself: all revisions are applied, or none")

    def _begin(self, step: Any, context: Any) -> None:  # noqa: ANN401 - Alembic's
        self.watch.require_lock()
        self.step, self.started = step, time.perf_counter()
        self.committed, self.done = False, False
        script = step.revision
        progress.info("%s %s  %s", self.verb, script.revision, one_line(script.doc))
        if context.connection.dialect.name == "sqlite" and not self.whole:
            self._read_again(step, context)

    def _read_again(self, step: Any, context: Any) -> None:  # noqa: ANN401 - Alembic's
        """Look at the version rows under the revision's own lock: SQLite has no other."""
        run, expected = step.migration_fn, self._at

        @wraps(run)  # Alembic's log names the function
        def careful(**arguments: Any) -> None:  # noqa: ANN401 - Alembic's
            found = context.connection.execute(select(context._version.c.version_num))
            if tuple(sorted(found.scalars())) != expected:
                raise StartAgain
            run(**arguments)

        step.migration_fn = careful

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
        self.committed |= self.step is not None and not self.done

    def _done(self, *, ctx: Any, heads: set[str], **_: object) -> None:  # noqa: ANN401 - Alembic's
        """Alembic calls this after each revision, inside its transaction."""
        if self._marks is not None:
            self._marks.clear(ctx.connection, self.step.revision.revision)
        seconds = round(time.perf_counter() - self.started, 6)
        self.ledger.record(ctx.connection, self.step.revision, self.verb, seconds)
        self.done = True
        self.heads = self._at = tuple(sorted(heads))

    def _end(self) -> None:
        """The revision's transaction has ended well."""
        script = self.step.revision
        seconds = round(time.perf_counter() - self.started, 6)
        self.applied.append(Applied(script.revision, one_line(script.doc), seconds))
        self.step = None

    def stamp(self, revisions: tuple[str, ...], *, purge: bool) -> None:
        """Run env.py to write the version table alone."""

        def steps(at: Any, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's signature
            context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._moved)
            self.heads = () if purge else self.heads
            found: Iterable[Any] = context.script._stamp_revs(revisions, at)
            return found

        self._alone(steps, destination_rev=revisions, purge=purge)

    def version_table(self) -> None:
        """Run env.py to make the version table alone."""

        def steps(_at: Any, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's signature
            with context.begin_transaction(_per_migration=True):  # nothing else would commit
                context._ensure_version_table()
            return ()

        self._alone(steps)

    def _alone(self, steps: Callable[[Any, Any], Iterable[Any]], **options: Any) -> None:  # noqa: ANN401
        def work() -> None:
            with self._translated():
                environment.online(
                    self.settings, steps, self.before.identity, self.watch.joined, **options
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
        after = self.look()
        if self.heads is None:
            return after  # nothing ran here; where it is now, somebody else may have brought it
        if tuple(sorted(after.at)) != self.heads and not self._passed(after.at):
            raise MigrationFailedError(
                f"env.py ended well, but the database is at {names(after.at)}",
                hint="does env.py commit? see `dbctl doctor`",
            )
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
        if failure.is_lock_timeout(error) and not self.committed:
            raise GaveWay from error
        if self.done and self.step is not None and failure.is_lost(error):
            return self._settle(error)
        raise failure.failed(self, error) from error

    def _settle(self, error: Exception) -> None:
        """The answer to COMMIT was lost: let the server end that session, and look."""
        revision = self.step.revision.revision
        self.watch.session_ended(ENDED)
        try:
            at = tuple(sorted(self.look().at))
        except UnreachableError as gone:
            raise UnreachableError(
                f"the connection was lost at the commit of {revision}, which may have happened:"
                f" {gone.message}",
                hint="see `dbctl status` when the server is back",
            ) from error
        if at != self.heads:
            raise MigrationFailedError(
                f"the connection was lost at the commit of {revision}: it is not applied",
                hint="run the command again",
            ) from error
        log.warning("the connection was lost at the commit of %s: it is committed", revision)
        self._end()
        raise StartAgain from error

    def _blocked(self) -> LockedError:
        who = "; ".join(str(one) for one in self.watch.blockers) or "nobody who can be seen"
        what = f"revision {self.step.revision.revision}" if self.step is not None else self.verb
        return LockedError(
            f"{what} waited {self.settings.lock_wait:g} s for a lock, held by {who}\n"
            f"rolled back; the database is at {names(self.look().at)}",
            hint="end that session, or wait longer with --lock-wait SECONDS",
        )


def one_line(doc: str | None) -> str:
    """A revision's message on one line."""
    return " ".join((doc or "").split())


def names(at: Sequence[str]) -> str:
    """Where a database is, in words."""
    return ", ".join(at) or "base"
