"""The revisions as a graph: heads, what comes before what, what a database still lacks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from dbctl.errors import RevisionGraphError
from dbctl.migrate import files
from dbctl.migrate.model import Pending, Revision
from dbctl.project import Project


@dataclass(frozen=True)
class Graph:
    """Every revision by its id. Made by `read`, which has checked that they fit together.

    `folders` is where the files are: git is asked there for one that is missing.
    """

    revisions: Mapping[str, Revision]
    folders: tuple[Path, ...] = ()

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The revisions that nothing follows, by name."""
        followed = {down for revision in self.revisions.values() for down in revision.down}
        return tuple(sorted(set(self.revisions) - followed))

    def children(self, name: str) -> tuple[str, ...]:
        """The revisions that follow `name`, by name."""
        return self._children.get(name, ())

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for revision in self.revisions.values():
            for down in revision.down:
                found.setdefault(down, []).append(revision.revision)
        return {name: tuple(sorted(after)) for name, after in found.items()}

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
                who, fix = _whereabouts(wanted, self.folders)
                raise RevisionGraphError(
                    f"the database is at revision {wanted}, which no file in the project has"
                    + (f"; {who}" if who else ""),
                    hint=fix
                    or "get its file back; or `dbctl stamp --purge REVISION`, the one "
                    "whose schema this is",
                )

    def sound(self, rows: Sequence[str]) -> None:
        """Raises RevisionGraphError when a version table is nothing to start from.

        That is an unknown revision, or a row together with one that it follows.
        """
        self.known(rows)
        for row in rows if rows[1:] else ():
            below = self.below(row)
            for other in rows:
                if other in below:
                    raise RevisionGraphError(
                        f"the version table holds {row} and also {other}, which it follows",
                        hint=f"`dbctl repair --remove-ancestor` leaves {row} alone there",
                    )

    def below(self, name: str) -> frozenset[str]:
        """What a revision follows, near and far; what it only depends on may have its own row."""
        found: set[str] = set()
        waiting = list(self.revisions[name].down)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self.revisions[current].down)
        return frozenset(found)

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

    def tips(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of `ids` that no other of them needs: what a version table would hold."""
        among = set(ids)
        needed = {need for name in among for need in self._needs(self.revisions[name])}
        return tuple(sorted(among - needed))

    def pending(self, versions: Iterable[str]) -> tuple[Pending, ...]:
        """What is on disk and not in a database at `versions`, each after what it needs.

        That is the order in which it would run, except that Alembic takes several branches in the
        order in which the folder happens to list their files.
        """
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
    folders = files.folders(project)
    try:
        return checked((files.header(path) for path in files.paths(project)), folders)
    except files.Unreadable:
        from dbctl.migrate.environment import imported_revisions

        return checked(imported_revisions(project), folders)


def checked(revisions: Iterable[Revision], folders: tuple[Path, ...] = ()) -> Graph:
    """A graph of `revisions`. Raises RevisionGraphError as `read` does."""
    by_id: dict[str, Revision] = {}
    for revision in revisions:
        if other := by_id.get(revision.revision):
            raise RevisionGraphError(
                f"{other.file.name} and {revision.file.name} have one id: {revision.revision}",
                hint="delete one of the files, or give it a new id",
            )
        by_id[revision.revision] = revision
    graph = Graph(by_id, folders)
    _require_complete(graph)
    _require_no_circle(graph)
    return graph


def _whereabouts(revision: str, folders: Iterable[Path]) -> tuple[str, str]:
    from dbctl.migrate.origin import whereabouts  # processes are seldom needed, and dear to import

    return whereabouts(revision, folders)


def _require_complete(graph: Graph) -> None:
    for revision in graph.revisions.values():
        for needed in graph._needs(revision):
            if needed not in graph.revisions:
                who, fix = _whereabouts(needed, graph.folders)
                raise RevisionGraphError(
                    f"{revision.file.name} follows revision {needed}, which no file has"
                    + (f"; {who}" if who else ""),
                    hint=fix or "get that file from version control, or mend down_revision",
                )


def _require_no_circle(graph: Graph) -> None:
    needs = {name: set(graph._needs(one)) for name, one in graph.revisions.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        names = sorted({graph.revisions[name].file.name for name in error.args[1]})
        raise RevisionGraphError(
            f"these revisions follow each other in a circle: {', '.join(names)}",
            hint="mend down_revision or depends_on in one of them",
        ) from None
