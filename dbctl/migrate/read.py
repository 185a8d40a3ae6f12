"""Show revisions and the database's place among them; Alembic is not needed for that."""

from dbctl import loop
from dbctl.migrate import graph as graphs
from dbctl.migrate import place
from dbctl.migrate.model import At, Current, History, Step
from dbctl.settings import Settings


def current(settings: Settings) -> Current:
    """The rows of the version table and the files they name. Raises UnreachableError."""
    graph = graphs.read(settings.project)
    look = loop.run(place.look(settings))
    versions = look.versions or ()
    found = (graph.revisions.get(version) for version in versions)
    rows = tuple(
        At(version, revision.message if revision else None, version in graph.heads)
        for version, revision in zip(versions, found, strict=True)
    )
    return Current(look.place, versions, rows)


def history(settings: Settings, *, indicate: bool = False) -> History:
    """Every revision, the newest first; with `indicate` the database says which it has."""
    graph = graphs.read(settings.project)
    applied: frozenset[str] | None = None
    if indicate:
        versions = loop.run(place.look(settings)).versions or ()
        graph.known(versions)
        applied = graph.ancestors(versions)
    return History(
        tuple(
            Step(
                revision=one.revision,
                down=one.down,
                message=one.message,
                file=str(one.file),
                head=one.revision in graph.heads,
                labels=one.labels,
                applied=None if applied is None else one.revision in applied,
            )
            for one in reversed(graph.ordered)
        )
    )
