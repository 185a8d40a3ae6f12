"""Move a database along its revisions, and say where it stands.

`look` reads through dbctl's own driver without Alembic; `upgrade` and `downgrade` run the
project's env.py between two looks, so that what is reported is what the database says.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dbctl import loop
from dbctl.database import importing
from dbctl.database.model import Look
from dbctl.errors import DbctlError, MigrationFailedError
from dbctl.migrate import graph as graphs
from dbctl.migrate import place
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Applied, Downgraded, Status, Upgraded
from dbctl.settings import Settings

log = logging.getLogger("dbctl.migrate")
progress = logging.getLogger("dbctl.progress")


def status(settings: Settings) -> Status:
    """Where the database is and what is pending.

    Raises UnreachableError, or RevisionGraphError when the database names an unknown revision.
    """
    graph = graphs.read(settings.project)
    return status_of(settings, graph, loop.run(place.look(settings)))


def status_of(settings: Settings, graph: Graph, look: Look) -> Status:
    """The same from what was read before."""
    pending = graph.pending(look.versions or ())
    return Status(
        environment=settings.env,
        database=look.place,
        revision=look.versions or (),
        heads=graph.heads,
        pending=pending,
        up_to_date=not pending,
    )


def upgrade(settings: Settings, revision: str = "head") -> Upgraded:
    """Run the revisions up to `revision`, each in a transaction of its own.

    `revision` means what it means to Alembic: head, heads, +1, an id or its beginning,
    label@head. Raises MigrationFailedError when one fails; the earlier ones stay applied.
    """
    graph, before = start(settings)
    if revision in ("head", "heads") and len(graph.heads) < 2 and not graph.pending(_at(before)):  # noqa: PLR2004
        return Upgraded(settings.env, before.place, _at(before), _at(before), (), True)
    run = _Run(settings, "upgrade", before)
    run.online(lambda script, at: script._upgrade_revs(revision, at))
    after = run.ended()
    return Upgraded(
        settings.env, before.place, _at(before), _at(after), tuple(run.applied), not run.applied
    )


def downgrade(settings: Settings, revision: str) -> Downgraded:
    """Undo the revisions above `revision`, each in a transaction of its own; as `upgrade`."""
    _, before = start(settings)
    run = _Run(settings, "downgrade", before)
    run.online(lambda script, at: script._downgrade_revs(revision, at))
    after = run.ended()
    return Downgraded(
        settings.env, before.place, _at(before), _at(after), tuple(run.applied), not run.applied
    )


def start(settings: Settings) -> tuple[Graph, Look]:
    """The graph and the database, checked against each other before anything runs."""
    graph = graphs.read(settings.project)
    look = loop.run(place.look(settings))
    place.require_ours(settings, look)
    graph.known(_at(look))
    log.info("%s: %s, at %s", settings.env, look.place, ", ".join(_at(look)) or "base")
    return graph, look


def _at(look: Look) -> tuple[str, ...]:
    return look.versions or ()


@dataclass
class _Run:
    """One run of env.py: which revision is being applied, which are done."""

    settings: Settings
    verb: str
    before: Look
    applied: list[Applied] = field(default_factory=list)
    step: Any = None
    heads: tuple[str, ...] | None = None
    started: float = 0.0

    def online(self, revisions: Callable[[Any, Any], Iterable[Any]]) -> None:
        """Run env.py; `revisions` gives Alembic's steps from the script directory and the rows."""
        from dbctl.migrate import environment

        def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
            context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._done)
            for step in revisions(context.script, at):
                self.step, self.started = step, time.perf_counter()
                progress.info(
                    "%s %s  %s", self.verb, step.revision.revision, one_line(step.revision.doc)
                )
                yield step

        with self._translated():
            environment.online(self.settings, steps, self.before.identity)

    def _done(self, *, heads: set[str], **_: object) -> None:
        """Alembic calls this after each revision, inside its transaction."""
        script = self.step.revision
        seconds = round(time.perf_counter() - self.started, 6)
        self.applied.append(Applied(script.revision, one_line(script.doc), seconds))
        self.heads = tuple(sorted(heads))

    def ended(self) -> Look:
        """Look again: what is reported is what the database says, not what was meant."""
        after = loop.run(place.look(self.settings))
        expected = self.heads if self.heads is not None else _at(self.before)
        if tuple(sorted(_at(after))) != tuple(sorted(expected)):
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
                        raise
                    raise self._failed(error) from error
        except MigrationFailedError as error:
            raise self._placed(error) from error.__cause__

    def _failed(self, error: Exception) -> MigrationFailedError:
        """What the revision raised, in a line, and the line of the revision that raised it."""
        script = self.step.revision
        cause = " ".join(str(getattr(error, "orig", None) or error).split()) or type(error).__name__
        at = importing.where(error, self.settings.project.root) or script.path
        return MigrationFailedError(f"revision {script.revision} failed: {cause}", hint=f"see {at}")

    def _placed(self, error: MigrationFailedError) -> MigrationFailedError:
        """The same error, and where the database is now."""
        after = loop.run(place.look(self.settings))
        where = f"rolled back; the database is at {_names(after)}"
        return MigrationFailedError(f"{error.message}\n{where}", hint=error.hint)


def one_line(doc: str | None) -> str:
    """A revision's message on one line."""
    return " ".join((doc or "").split())


def _names(look: Look) -> str:
    return ", ".join(_at(look)) or "base"
