"""The revisions as a graph: heads, what comes before what, what a database still lacks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dbctl.errors import RevisionGraphError
from dbctl.migrate import files
from dbctl.migrate.model import Pending, Revision
from dbctl.project import Project


@dataclass(frozen=True)
class Graph:
    """Every revision by its id. Made by `read`, which has checked that they fit together."""

    revisions: Mapping[str, Revision]

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The revisions that nothing follows, by name."""
        followed = {down for revision in self.revisions.values() for down in revision.down}
        return tuple(sorted(set(self.revisions) - followed))

    @cached_property
    def ordered(self) -> tuple[Revision, ...]:
        """Every revision, each after the ones it needs; otherwise by file name."""
        done: dict[str, Revision] = {}
        for revision in sorted(self.revisions.values(), key=lambda r: r.file.name):
            self._place(revision, done)
        return tuple(done.values())

    def known(self, ids: Iterable[str]) -> None:
        """Raises RevisionGraphError when the database names a revision that no file has."""
        for wanted in ids:
            if wanted not in self.revisions:
                raise RevisionGraphError(
                    f"the database is at revision {wanted}, which no file in the project has",
                    hint="is it on another git branch? `git log --all -S " + wanted + "` finds it",
                )

    def ancestors(self, ids: Iterable[str]) -> frozenset[str]:
        """The given revisions and everything that they need."""
        found: set[str] = set()
        waiting = list(ids)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self._needs(self.revisions[current]))
        return frozenset(found)

    def pending(self, versions: Iterable[str]) -> tuple[Pending, ...]:
        """What is on disk and not in a database at `versions`, in the order it would run."""
        self.known(versions)
        applied = self.ancestors(versions)
        return tuple(
            Pending(revision.revision, revision.message)
            for revision in self.ordered
            if revision.revision not in applied
        )

    def _needs(self, revision: Revision) -> Iterator[str]:
        yield from revision.down
        yield from (self._named(name) for name in revision.depends_on)

    def _named(self, name: str) -> str:
        """The id behind a label or the beginning of an id; dependencies may be either."""
        if name in self.revisions or name in self._labelled:
            return self._labelled.get(name, name)
        near = [known for known in self.revisions if known.startswith(name)]
        return near[0] if len(near) == 1 else name

    @cached_property
    def _labelled(self) -> Mapping[str, str]:
        return {label: r.revision for r in self.revisions.values() for label in r.labels}

    def _place(self, revision: Revision, done: dict[str, Revision]) -> None:
        """Put `revision` behind everything it needs; a stack, because histories are long."""
        stack = [revision]
        while stack:
            current = stack[-1]
            missing = [n for n in self._needs(current) if n not in done]
            if missing:
                stack.extend(self.revisions[name] for name in missing)
            else:
                done.setdefault(current.revision, stack.pop())


def read(project: Project) -> Graph:
    """The project's revisions, from the headers of their files.

    Raises RevisionGraphError for two files with one id, a missing file, or a circle.
    """
    try:
        return checked(files.header(path) for path in files.paths(project))
    except files.Unreadable:
        from dbctl.migrate.environment import imported_revisions

        return checked(imported_revisions(project))


def checked(revisions: Iterable[Revision]) -> Graph:
    """A graph of `revisions`. Raises RevisionGraphError as `read` does."""
    by_id: dict[str, Revision] = {}
    for revision in revisions:
        if other := by_id.get(revision.revision):
            raise RevisionGraphError(
                f"{other.file.name} and {revision.file.name} have one id: {revision.revision}",
                hint="delete one of the files, or give it a new id",
            )
        by_id[revision.revision] = revision
    graph = Graph(by_id)
    _require_complete(graph)
    _require_no_circle(graph)
    return graph


def _require_complete(graph: Graph) -> None:
    for revision in graph.revisions.values():
        for needed in graph._needs(revision):
            if needed not in graph.revisions:
                raise RevisionGraphError(
                    f"{revision.file.name} follows revision {needed}, which no file has",
                    hint="get that file from version control, or mend down_revision",
                )


def _require_no_circle(graph: Graph) -> None:
    waiting = {r.revision: set(graph._needs(r)) for r in graph.revisions.values()}
    free = [name for name, needs in waiting.items() if not needs]
    followers: dict[str, list[str]] = {}
    for name, needs in waiting.items():
        for need in needs:
            followers.setdefault(need, []).append(name)
    while free:
        gone = free.pop()
        waiting.pop(gone, None)
        for name in followers.get(gone, ()):
            waiting[name].discard(gone)
            if not waiting[name]:
                free.append(name)
    if waiting:
        circle = ", ".join(graph.revisions[name].file.name for name in sorted(waiting))
        raise RevisionGraphError(f"these revisions follow each other in a circle: {circle}")
