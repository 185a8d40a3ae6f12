"""One run of a project's env.py between two looks at its database.

What is reported is what the database says afterwards, not what was meant; what goes wrong is said
with the revision, the line of its file, and where the database stands.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dbctl.database import importing
from dbctl.database.model import Look
from dbctl.errors import DbctlError, MigrationFailedError, PartlyAppliedError
from dbctl.migrate import place
from dbctl.migrate.model import Applied
from dbctl.migrate.refusal import refusal
from dbctl.settings import Settings

progress = logging.getLogger("dbctl.progress")


@dataclass
class Run:
    """One run of env.py: which revision is being applied, which are done."""

    settings: Settings
    verb: str
    before: Look
    applied: list[Applied] = field(default_factory=list)
    step: Any = None
    heads: tuple[str, ...] | None = None
    started: float = 0.0
    committed: bool = False
    done: bool = False

    def online(self, revisions: Callable[[Any, Any], Iterable[Any]]) -> None:
        """Run env.py; `revisions` gives Alembic's steps from the script directory and the rows."""
        from dbctl.database import transaction
        from dbctl.migrate import environment

        def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
            context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._done)
            for step in revisions(context.script, at):
                self.step, self.started = step, time.perf_counter()
                self.committed, self.done = False, False
                progress.info(
                    "%s %s  %s", self.verb, step.revision.revision, one_line(step.revision.doc)
                )
                yield step

        with self._translated(), transaction.commits(self._heard):
            environment.online(self.settings, steps, self.before.identity)

    def _heard(self) -> None:
        """A commit inside a revision: what fails after it cannot be rolled back whole."""
        self.committed |= self.step is not None and not self.done

    def stamp(self, revisions: tuple[str, ...], *, purge: bool) -> None:
        """Run env.py to write the version table alone."""
        from dbctl.migrate import environment

        def steps(at: Any, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's signature
            context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._moved)
            self.heads = () if purge else self.heads
            found: Iterable[Any] = context.script._stamp_revs(revisions, at)
            return found

        with self._translated():
            environment.online(
                self.settings, steps, self.before.identity, destination_rev=revisions, purge=purge
            )

    def version_table(self) -> None:
        """Run env.py to make the version table alone."""
        from dbctl.migrate import environment

        def steps(_at: Any, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's signature
            with context.begin_transaction(_per_migration=True):  # nothing else would commit
                context._ensure_version_table()
            return ()

        with self._translated():
            environment.online(self.settings, steps, self.before.identity)

    def _moved(self, *, heads: set[str], **_: object) -> None:
        """Alembic calls this after each stamp."""
        self.heads = tuple(sorted(heads))

    def _done(self, *, heads: set[str], **_: object) -> None:
        """Alembic calls this after each revision, inside its transaction."""
        self.done = True
        script = self.step.revision
        seconds = round(time.perf_counter() - self.started, 6)
        self.applied.append(Applied(script.revision, one_line(script.doc), seconds))
        self.heads = tuple(sorted(heads))

    def ended(self) -> Look:
        """Look again: what is reported is what the database says, not what was meant."""
        after = place.look(self.settings)
        if self.heads is None:
            return after  # nothing ran here; where it is now, somebody else may have brought it
        expected = self.heads
        if tuple(sorted(after.at)) != tuple(sorted(expected)):
            raise MigrationFailedError(
                f"env.py ended well, but the database is at {_names(after)}",
                hint="does env.py commit? see `dbctl doctor`",
            )
        return after

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from dbctl.migrate import environment

        try:
            with environment.broken_project(self.settings.project):
                try:
                    yield
                except DbctlError:
                    raise
                except Exception as error:
                    if self.step is None:
                        refused = refusal(error)
                        raise refused or error from error
                    raise self._failed(error) from error
        except MigrationFailedError as error:
            raise self._placed(error) from error.__cause__

    def _failed(self, error: Exception) -> MigrationFailedError:
        """What the revision raised, in a line, and the line of the revision that raised it."""
        from dbctl.database.engine import reason

        script = self.step.revision
        at = importing.where(error, self.settings.project.root) or script.path
        failed = f"revision {script.revision} failed: {reason(error)}"
        return MigrationFailedError(failed, hint=f"see {at}{self._unversioned()}")

    def _unversioned(self) -> str:
        """The commonest reason why a first revision fails: its tables are there already."""
        if self.verb != "upgrade" or self.before.at or not self.before.tables:
            return ""
        return "; the database had tables and no version: `dbctl stamp` can say which they are"

    def _placed(self, error: MigrationFailedError) -> DbctlError:
        """The same error, and where the database is now."""
        at = _names(place.look(self.settings))
        if self.committed:
            return PartlyAppliedError(
                f"{error.message}\nit had committed before: the database is at {at}, with a part"
                " of it",
                hint=error.hint,
            )
        where = f"rolled back; the database is at {at}"
        # What the commit itself refuses does not know whose commit it is.
        known = self.step is None or isinstance(error.__cause__, Exception)
        whose = "" if known else f"revision {self.step.revision.revision} failed: "
        return MigrationFailedError(f"{whose}{error.message}\n{where}", hint=error.hint)


def one_line(doc: str | None) -> str:
    """A revision's message on one line."""
    return " ".join((doc or "").split())


def _names(look: Look) -> str:
    return ", ".join(look.at) or "base"
