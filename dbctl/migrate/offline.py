"""Revisions as SQL, before or instead of running them.

Alembic's offline mode writes most of them. A revision that reads rows, or rebuilds a table on
SQLite, needs a live database: it is run on an empty scratch one and written down there.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dbctl.database.importing import where
from dbctl.database.model import Look
from dbctl.database.server import address
from dbctl.database.shape import Script
from dbctl.errors import ConfigurationError, DbctlError, MigrationFailedError, UsageError
from dbctl.migrate import apply, environment, place, read, span
from dbctl.migrate import graph as graphs
from dbctl.migrate.capture import Capture, Captured
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Plan, Planned
from dbctl.migrate.run import one_line
from dbctl.migrate.scratch import quietly, scratch
from dbctl.settings import Settings

READS = "reads rows: statements for rows that only the real database has are not here"
Steps = Callable[[Any, Any], Iterable[Any]]


@dataclass(frozen=True)
class Way:
    """From where to where, and in which direction."""

    verb: str
    start: tuple[str, ...]
    to: str
    has_table: bool = False  # the version table is there, though it may be empty

    def steps(self, script: Any, at: Any) -> list[Any]:  # noqa: ANN401 - Alembic's script, rows
        """Alembic's steps along the way."""
        if self.verb == "downgrade":
            return list(script._downgrade_revs(self.to, at))
        return list(script._upgrade_revs(self.to, at))


def plan(settings: Settings, revision: str = "heads", *, use_scratch: bool | None = None) -> Plan:
    """What `upgrade revision` would run now, or `downgrade` when it lies below: with its SQL.

    `use_scratch` as in `script`.
    """
    graph = graphs.read(settings.project)
    look = place.look(settings)
    place.require_no_sample(settings, look)
    at = look.at
    graph.known(at)
    way = Way(_direction(settings, at, revision), at, revision, look.versions is not None)
    found = _planned(settings, way, use_scratch=use_scratch)
    shared = span.shared(settings, look.identity) if found else ""
    return Plan(settings.env, look.place, at, _after(graph, way, found), tuple(found), shared)


def script(
    settings: Settings, verb: str, revision: str, *, use_scratch: bool | None = None
) -> Script:
    """The SQL of an upgrade or a downgrade; `FROM:TO` or, from where the database is, `TO`.

    `use_scratch` None uses a scratch database only on this machine, False never, True anywhere.
    Raises ConfigurationError when a revision cannot be written and no scratch database is allowed.
    """
    start, colon, to = revision.partition(":")
    graph = graphs.read(settings.project)
    if colon and not (start and to):
        raise UsageError(f"{revision!r} is not a range", hint="write FROM:TO")
    way = (
        _between(settings, graph, verb, start, to)
        if colon
        else _from_here(settings, verb, revision)
    )
    graph.known(way.start)
    planned = _planned(settings, way, use_scratch=use_scratch)
    lost = [one for one in planned if one.sql is None]
    if lost:
        raise ConfigurationError(
            f"revision {lost[0].revision} {lost[0].note}",
            hint="--scratch captures it on an empty database that is dropped again",
        )
    return Script("".join(_commented(one, verb) + "\n" for one in planned))


def _between(settings: Settings, graph: Graph, verb: str, start: str, to: str) -> Way:
    """From a revision that was named: the database is not asked."""
    return Way(verb, read.named(settings, graph, start), to)


def _from_here(settings: Settings, verb: str, to: str) -> Way:
    """From where the database is."""
    look = _look(settings)
    place.require_no_sample(settings, look)
    return Way(verb, look.at, to, look.versions is not None)


def _look(settings: Settings) -> Look:
    return place.look(settings)


def _commented(one: Planned, verb: str) -> str:
    note = f"-- {one.note}\n" if one.note else ""
    return f"-- {verb} {one.revision}: {one.message}\n{note}\n{one.sql}"


def _planned(settings: Settings, way: Way, *, use_scratch: bool | None) -> list[Planned]:
    """Every revision along the way: offline where that works, else from a scratch database."""
    try:
        return _offline(settings, way)
    except _NotOfflineError as trouble:
        allowed = address(settings).is_local if use_scratch is None else use_scratch
        if allowed:
            return _captured(settings, way)
        return [_unknown(step, str(trouble)) for step in _steps(settings, way)]


class _NotOfflineError(Exception):
    """A revision needs a live database; the message names it."""


def _offline(settings: Settings, way: Way) -> list[Planned]:
    """Alembic's offline mode. Raises _NotOfflineError when a revision cannot do with it."""
    config = environment.alembic_config(settings)
    buffer = io.StringIO()
    config.output_buffer = buffer
    marks: list[tuple[Any, int]] = []

    def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
        if way.has_table:
            context._version.create = lambda *_, **__: None  # Alembic writes it at base, always
        for step in way.steps(context.script, at):
            marks.append((step, buffer.tell()))
            yield step

    failed: Exception | None = None
    with environment.broken_project(settings.project):
        try:
            environment.offline(
                settings, steps, config=config, starting_rev=way.start, destination_rev=way.to
            )
        except DbctlError:
            raise
        except Exception as error:
            if not marks:
                raise
            failed = error
    if failed is not None:
        raise _NotOfflineError("needs a live database to be written as SQL") from failed
    text = buffer.getvalue()
    ends = [*(at for _, at in marks), len(text)][1:]
    return [
        _known(step, text[start:end], "") for (step, start), end in zip(marks, ends, strict=True)
    ]


def _captured(settings: Settings, way: Way) -> list[Planned]:
    """Run the way on an empty database that has been brought to its start."""
    table, _ = place.version_table(settings)
    capture = Capture(table)
    before = capture.current = Captured()  # the version table, where there is none yet
    found: list[tuple[Any, Captured]] = []

    def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
        capture.watch(context.impl)
        for step in way.steps(context.script, at):
            capture.current = Captured()
            found.append((step, capture.current))
            yield step

    with quietly(), scratch(settings) as empty:
        for start in way.start:
            apply.upgrade(empty, start)
        look = _look(empty)
        if way.has_table and look.versions is None:
            apply.ensure_version(empty)
        with capture.listening(), _failing(settings, found):
            environment.online(empty, steps, look.identity)
    if found:
        found[0][1].statements[:0] = before.statements
    return [
        _known(step, one.sql, READS if one.reads else "captured on an empty database")
        for step, one in found
    ]


@contextmanager
def _failing(settings: Settings, found: list[tuple[Any, Captured]]) -> Iterator[None]:
    """Say which revision failed on the scratch database; the real one was not touched."""
    with environment.broken_project(settings.project):
        try:
            yield
        except DbctlError:
            raise
        except Exception as error:
            if not found:
                raise
            cause = " ".join(str(getattr(error, "orig", None) or error).split())
            revision = found[-1][0].revision
            raise MigrationFailedError(
                f"revision {revision.revision} fails on an empty database: {cause}",
                hint=f"see {where(error, settings.project.root) or revision.path}",
            ) from error


def _steps(settings: Settings, way: Way) -> list[Any]:
    with environment.broken_project(settings.project), environment.running(settings.project):
        made = environment.script_directory(environment.alembic_config(settings))
        return way.steps(made, way.start)


def _after(graph: Graph, way: Way, planned: list[Planned]) -> tuple[str, ...]:
    """The rows of the version table after the way."""
    moved = {one.revision for one in planned}
    has = graph.ancestors(way.start)
    return graph.tips(has - moved if way.verb == "downgrade" else has | moved)


def _direction(settings: Settings, at: tuple[str, ...], revision: str) -> str:
    """`downgrade` when the revision is one that the database already has, or lies below."""
    if revision == "base" or revision.startswith("-"):
        return "downgrade"
    if revision in ("head", "heads") or revision.startswith("+") or "@" in revision or not at:
        return "upgrade"
    graph = graphs.read(settings.project)
    wanted = set(read.named(settings, graph, revision))
    has = graph.ancestors(at)
    return "downgrade" if wanted <= has and not wanted & set(at) else "upgrade"


def _known(step: Any, sql: str, note: str) -> Planned:  # noqa: ANN401 - Alembic's step
    revision = step.revision
    return Planned(revision.revision, one_line(revision.doc), revision.path, sql, note)


def _unknown(step: Any, note: str) -> Planned:  # noqa: ANN401
    revision = step.revision
    return Planned(revision.revision, one_line(revision.doc), revision.path, None, note)
