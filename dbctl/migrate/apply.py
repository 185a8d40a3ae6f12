"""Move a database along its revisions, and say where it stands.

`look` reads through dbctl's own driver without Alembic; `upgrade` and `downgrade` run the
project's env.py between two looks, so that what is reported is what the database says.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from dbctl.database import mark
from dbctl.database.model import Look
from dbctl.errors import RevisionGraphError
from dbctl.migrate import collision, ledger, place
from dbctl.migrate import graph as graphs
from dbctl.migrate.goal import Goal, Undoing
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Downgraded, Stamped, Status, Upgraded
from dbctl.settings import Settings

if TYPE_CHECKING:
    from dbctl.database.watch import Watch
    from dbctl.migrate.observer import Observer
    from dbctl.migrate.run import Run

log = logging.getLogger("dbctl.migrate")


class Standing(NamedTuple):
    """Where a database is among its revisions; `table` is its version table's name and schema."""

    graph: Graph
    look: Look
    table: tuple[str, str | None]


def status(settings: Settings) -> Status:
    """Where the database is and what is pending.

    Raises UnreachableError, or RevisionGraphError when the database names an unknown revision.
    """
    graph, look = graphs.read(settings.project), ledger.look(settings)
    found = status_of(settings, graph, look)
    ledger.warn(graph, look)
    return found


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
        branch=settings.branch,
    )


def upgrade(
    settings: Settings,
    revision: str = "head",
    *,
    lock: bool = True,
    observer: "Observer | None" = None,
    before: Callable[[Look], object] | None = None,
) -> Upgraded:
    """Run the revisions up to `revision`, each in a transaction of its own.

    `revision` means what it means to Alembic: head, heads, +1, an id or its beginning,
    label@head. Raises MigrationFailedError when one fails; the earlier ones stay applied.
    Without `lock` nothing keeps two of these apart. `observer` is told what runs;
    `before` is called under the lock when anything is pending, and may raise.
    """
    standing = start(settings)
    ledger.require_whole(standing.graph, standing.look)
    if not standing.look.begun:  # otherwise what it is shows under the lock
        collision.require_free(settings, standing.graph, standing.look)
        if _is_newest(settings, standing, revision):
            return _unmoved(settings, standing)
    with locked(settings, "upgrade", standing, lock=lock) as (standing, watch):
        if _is_newest(settings, standing, revision):
            return _unmoved(settings, standing)
        if before and standing.graph.pending(standing.look.at):
            before(standing.look)
        run, after = _run(settings, standing, watch, Goal("upgrade", revision), observer)
        mark.ensure(settings, after, watch.ask)
    was = standing.look
    return Upgraded(settings.env, was.place, was.at, after.at, tuple(run.applied), not run.applied)


def _is_newest(settings: Settings, standing: Standing, revision: str) -> bool:
    """Whether there is nothing to run, so that env.py need not be run to find that out."""
    graph = standing.graph
    known = revision == "heads" or (revision == "head" and len(graph.heads) < 2)  # noqa: PLR2004
    return known and not graph.pending(standing.look.at) and not place.has_schemas(settings)


def _unmoved(settings: Settings, standing: Standing) -> Upgraded:
    look = standing.look
    mark.ensure(settings, look)
    return Upgraded(settings.env, look.place, look.at, look.at, (), True)


def downgrade(
    settings: Settings, revision: str, *, lock: bool = True, observer: "Observer | None" = None
) -> Downgraded:
    """Undo the revisions above `revision`, each in a transaction of its own; as `upgrade`."""
    with locked(settings, "downgrade", start(settings), lock=lock) as (standing, watch):
        before = standing.look
        _require_one_way(revision, before)
        ledger.warn(standing.graph, before)
        run, after = _run(settings, standing, watch, Goal("downgrade", revision), observer)
    return Downgraded(
        settings.env, before.place, before.at, after.at, tuple(run.applied), not run.applied
    )


def undo(settings: Settings, revisions: Sequence[str], *, observer: "Observer") -> None:
    """Undo exactly `revisions`, the newest first; as `downgrade`."""
    goal = Undoing("downgrade", "base", revisions=tuple(revisions))
    with locked(settings, "downgrade", start(settings)) as (standing, watch):
        _run(settings, standing, watch, goal, observer)


def _require_one_way(revision: str, before: Look) -> None:
    if revision.startswith("-") and len(before.at) > 1:
        raise RevisionGraphError(
            f"the database is at {len(before.at)} revisions: {', '.join(before.at)}; "
            f"{revision} from which?",
            hint="name the revision to go down to, or a branch: label@-1",
        )


def _run(
    settings: Settings,
    standing: Standing,
    watch: "Watch",
    goal: Goal,
    observer: "Observer | None" = None,
) -> tuple["Run", Look]:
    from dbctl.migrate.run import Run

    run = Run(
        settings,
        goal.verb,
        standing.look,
        watch,
        standing.table,
        ledger.writer(settings, *standing, watch.ask),
        observer=observer,
    )
    run.online(goal)
    return run, run.ended()


def stamp(
    settings: Settings, revisions: Sequence[str], *, purge: bool = False, lock: bool = True
) -> Stamped:
    """Write `revisions` into the version table without running anything.

    `purge` empties the table first, which also mends rows that no file names.
    """
    from dbctl.migrate.run import Run

    with locked(settings, "stamp", glance(settings), lock=lock) as (standing, watch):
        before = standing.look
        if not purge:
            standing.graph.known(before.at)
        log.info("%s: %s, at %s", settings.env, before.place, ", ".join(before.at) or "base")
        run = Run(
            settings, "stamp", before, watch, standing.table, ledger.writer(settings, *standing)
        )
        run.stamp(tuple(revisions), purge=purge)
        after = run.ended()
    return Stamped(settings.env, before.place, before.at, after.at)


def ensure_version(settings: Settings, *, lock: bool = True) -> Stamped:
    """Make the version table if it is missing; its rows are left as they are."""
    from dbctl.migrate.run import Run

    table = place.version_table(settings)
    nowhere = Standing(Graph({}), ledger.look(settings, table), table)  # no file is needed for it
    place.require_ours(settings, nowhere.look)
    with locked(settings, "ensure-version", nowhere, lock=lock) as (standing, watch):
        before = standing.look
        run = Run(
            settings,
            "ensure-version",
            before,
            watch,
            standing.table,
            ledger.writer(settings, *standing),
        )
        run.version_table()
        after = run.ended()
    return Stamped(settings.env, before.place, before.at, after.at)


def glance(settings: Settings) -> Standing:
    """The graph and the database, which is this project's."""
    graph, table = graphs.read(settings.project), place.version_table(settings)
    look = ledger.look(settings, table)
    place.require_ours(settings, look)
    return Standing(graph, look, table)


def start(settings: Settings) -> Standing:
    """The graph and the database, checked against each other before anything runs."""
    found = glance(settings)  # a revision that was begun may be another's, who goes on with it
    found.graph.sound(found.look.at)
    look = found.look
    log.info("%s: %s, at %s", settings.env, look.place, ", ".join(look.at) or "base")
    return found


def _prepared() -> None:
    """Load Alembic, which takes longer than to be given a lock that nobody has."""
    import_module("dbctl.migrate.run")


@contextmanager
def locked(
    settings: Settings, verb: str, standing: Standing, *, lock: bool = True
) -> Iterator[tuple[Standing, "Watch"]]:
    """The same database under the lock, looked at again: somebody else may have moved it.

    Raises LockedError when another migration holds the lock for `settings.lock_wait` seconds.
    """
    from dbctl.database.watch import watched

    key = place.lock_key(settings, standing.table) if lock else ""
    with watched(settings, verb, key, _prepared) as watch:
        look = ledger.look(settings, standing.table, watch.ask)
        place.require_ours(settings, look)  # whoever held the lock before may have marked it
        if verb in ("upgrade", "downgrade"):
            ledger.require_finished(look)
        yield standing._replace(look=look), watch
