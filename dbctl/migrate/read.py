"""Show revisions and the database's place among them.

The files' headers are enough for most of it; names and ranges that need Alembic's rules load it.
"""

from collections.abc import Sequence

from dbctl.database.model import Look
from dbctl.errors import NotFoundError
from dbctl.migrate import files, place
from dbctl.migrate import graph as graphs
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import (
    At,
    Branches,
    BranchPoint,
    Current,
    Heads,
    History,
    Revision,
    Shown,
    Step,
)
from dbctl.settings import Settings


def current(settings: Settings) -> Current:
    """The rows of the version table and the files they name. Raises UnreachableError."""
    graph = graphs.read(settings.project)
    look = place.look(settings)
    found = (graph.revisions.get(version) for version in look.at)
    rows = tuple(
        At(version, revision.message if revision else None, version in graph.heads)
        for version, revision in zip(look.at, found, strict=True)
    )
    return Current(settings.env, look.place, look.at, rows)


def history(
    settings: Settings, span: str = "", *, indicate: bool = False, verbose: bool = False
) -> History:
    """Revisions, the newest first; with `indicate` the database says which it has.

    `span` is Alembic's START:END: ids or their beginnings, base, head, heads, current, -3:current.
    """
    graph = graphs.read(settings.project)
    look = _look(settings, graph) if indicate or "current" in span else None
    wanted = _within(settings, graph, span, look) if span else graph.ordered
    has = graph.ancestors(look.at) if look and indicate else None
    steps = tuple(_step(graph, one, has) for one in reversed(wanted))
    return History(steps, look.at if look and indicate else None, verbose)


def heads(settings: Settings, *, verbose: bool = False, one: bool = False) -> Heads:
    """The revisions that nothing follows; with `one` several of them are a no."""
    graph = graphs.read(settings.project)
    steps = tuple(_step(graph, graph.revisions[name], None) for name in graph.heads)
    return Heads(graph.heads, steps, verbose, one)


def branches(settings: Settings) -> Branches:
    """The revisions that several others follow."""
    graph = graphs.read(settings.project)
    points = ((one, graph.children(one.revision)) for one in reversed(graph.ordered))
    return Branches(
        tuple(BranchPoint(one.revision, one.message, names) for one, names in points if names[1:])
    )


def show(settings: Settings, name: str) -> Shown:
    """The revisions behind a name: an id or its beginning, head, heads, current, label@head."""
    graph = graphs.read(settings.project)
    found = [graph.revisions[one] for one in named(settings, graph, name)]
    if not found:
        raise NotFoundError(f"{name!r} names no revision", hint="see `dbctl history`")
    return Shown(tuple(_step(graph, one, None, doc=files.doc(one.file)) for one in found))


def named(settings: Settings, graph: Graph, name: str) -> tuple[str, ...]:
    """The ids behind a name, () for base. Raises RevisionGraphError when nobody has it."""
    if name in graph.revisions:
        return (name,)
    if name == "heads" or (name == "head" and len(graph.heads) == 1):
        return graph.heads
    if name == "current":
        return _look(settings, graph).at
    from dbctl.migrate import environment

    return environment.resolved(settings, name)


def _look(settings: Settings, graph: Graph) -> Look:
    look = place.look(settings)
    graph.known(look.at)
    return look


def _within(settings: Settings, graph: Graph, span: str, look: Look | None) -> Sequence[Revision]:
    """The revisions of a span, in the graph's order, as Alembic would walk them."""
    from dbctl.migrate import environment

    at = look.at if look else ()
    ids = set(environment.walked(settings, span, at))
    return tuple(one for one in graph.ordered if one.revision in ids)


def _step(graph: Graph, one: Revision, has: frozenset[str] | None, doc: str = "") -> Step:
    return Step(
        revision=one.revision,
        down=one.down,
        message=one.message,
        file=str(one.file),
        head=one.revision in graph.heads,
        labels=one.labels,
        depends_on=one.depends_on,
        applied=None if has is None else one.revision in has,
        doc=doc,
    )
