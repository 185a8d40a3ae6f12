"""Move a database along its revisions, and say where it stands.

`look` reads through dbctl's own driver without Alembic; `upgrade` and `downgrade` run the
project's env.py between two looks, so that what is reported is what the database says.
"""

import logging
from collections.abc import Sequence

from dbctl.database.model import Look
from dbctl.errors import RevisionGraphError
from dbctl.migrate import graph as graphs
from dbctl.migrate import place
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Downgraded, Stamped, Status, Upgraded
from dbctl.settings import Settings

log = logging.getLogger("dbctl.migrate")


def status(settings: Settings) -> Status:
    """Where the database is and what is pending.

    Raises UnreachableError, or RevisionGraphError when the database names an unknown revision.
    """
    graph = graphs.read(settings.project)
    return status_of(settings, graph, place.look(settings))


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
    if revision in ("head", "heads") and len(graph.heads) < 2 and not graph.pending(before.at):  # noqa: PLR2004
        return Upgraded(settings.env, before.place, before.at, before.at, (), True)
    from dbctl.migrate.run import Run

    run = Run(settings, "upgrade", before)
    run.online(lambda script, at: script._upgrade_revs(revision, at))
    after = run.ended()
    return Upgraded(
        settings.env, before.place, before.at, after.at, tuple(run.applied), not run.applied
    )


def downgrade(settings: Settings, revision: str) -> Downgraded:
    """Undo the revisions above `revision`, each in a transaction of its own; as `upgrade`."""
    _, before = start(settings)
    if revision.startswith("-") and len(before.at) > 1:
        raise RevisionGraphError(
            f"the database is at {len(before.at)} revisions: {', '.join(before.at)}; "
            f"{revision} from which?",
            hint="name the revision to go down to, or a branch: label@-1",
        )
    from dbctl.migrate.run import Run

    run = Run(settings, "downgrade", before)
    run.online(lambda script, at: script._downgrade_revs(revision, at))
    after = run.ended()
    return Downgraded(
        settings.env, before.place, before.at, after.at, tuple(run.applied), not run.applied
    )


def stamp(settings: Settings, revisions: Sequence[str], *, purge: bool = False) -> Stamped:
    """Write `revisions` into the version table without running anything.

    `purge` empties the table first, which also mends rows that no file names.
    """
    graph, before = graphs.read(settings.project), place.look(settings)
    place.require_ours(settings, before)
    if not purge:
        graph.known(before.at)
    log.info("%s: %s, at %s", settings.env, before.place, ", ".join(before.at) or "base")
    from dbctl.migrate.run import Run

    run = Run(settings, "stamp", before)
    run.stamp(tuple(revisions), purge=purge)
    after = run.ended()
    return Stamped(settings.env, before.place, before.at, after.at)


def ensure_version(settings: Settings) -> Stamped:
    """Make the version table if it is missing; its rows are left as they are."""
    before = place.look(settings)
    place.require_ours(settings, before)
    from dbctl.migrate.run import Run

    run = Run(settings, "ensure-version", before)
    run.version_table()
    after = run.ended()
    return Stamped(settings.env, before.place, before.at, after.at)


def start(settings: Settings) -> tuple[Graph, Look]:
    """The graph and the database, checked against each other before anything runs."""
    graph = graphs.read(settings.project)
    look = place.look(settings)
    place.require_ours(settings, look)
    graph.sound(look.at)
    log.info("%s: %s, at %s", settings.env, look.place, ", ".join(look.at) or "base")
    return graph, look
