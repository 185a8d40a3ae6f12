"""A change on an empty database: up, compared with the models, down and up again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dbctl import loop
from dbctl.database import schema
from dbctl.database.change import Change
from dbctl.database.server import asked
from dbctl.errors import AnswerIsNo
from dbctl.migrate import apply, drift, offline, place
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Check, Planned
from dbctl.migrate.scratch import quietly, scratch
from dbctl.settings import Settings

BASE = "base"


class DiffersError(AnswerIsNo):
    """A schema is not what it was before."""


@dataclass(frozen=True)
class Range:
    """The revisions of a change, and where they begin: the version before the first of them."""

    graph: Graph
    new: tuple[str, ...]

    @property
    def start(self) -> str:
        """The revision below them, `base` when nothing is."""
        older = set(self.graph.revisions) - set(self.new)
        tips = self.graph.tips(older)
        return tips[0] if tips else BASE

    @property
    def is_one_way(self) -> bool:
        """Whether one version lies below them, so that they can be undone by its name."""
        return len(self.graph.tips(set(self.graph.revisions) - set(self.new))) < 2  # noqa: PLR2004


class Fresh:
    """An empty database on which the revisions run; `settings` lead to it."""

    def __init__(self, settings: Settings, span: Range) -> None:
        self.settings = settings
        self.span = span
        self.before: dict[str, str] = {}
        self.after: dict[str, str] = {}

    def start(self) -> None:
        """Everything that was there before the change."""
        if self.span.start != BASE:
            apply.upgrade(self.settings, self.span.start)
        self.before = self._schema()

    def plan(self) -> tuple[Planned, ...]:
        """The SQL of the change."""
        return offline.plan(self.settings, "heads").revisions

    def up(self) -> int:
        """The change itself; how many revisions ran."""
        ran = apply.upgrade(self.settings, "heads").applied
        self.after = self._schema()
        return len(ran)

    def changes(self) -> tuple[Change, ...]:
        """What the change does to the schema."""
        return schema.differences(self.before, self.after)

    def models(self) -> Check:
        """The models against what the revisions made."""
        return drift.check(self.settings)

    def round_trip(self) -> None:
        """Down and up again. Raises DiffersError when the schema is another one afterwards."""
        apply.downgrade(self.settings, self.span.start)
        _require_same("the downgrade leaves another schema", self.before, self._schema())
        apply.upgrade(self.settings, "heads")
        _require_same("the second upgrade makes another schema", self.after, self._schema())

    def _schema(self) -> dict[str, str]:
        table = place.version_table(self.settings)[0]
        return loop.run(asked(self.settings, lambda session: schema.described(session, table)))


def _require_same(what: str, expected: dict[str, str], found: dict[str, str]) -> None:
    if different := schema.differences(expected, found):
        named = ", ".join(f"{one.object} {_WORDS[one.kind]}" for one in different[:3])
        more = f", and {len(different) - 3} more" if different[3:] else ""
        raise DiffersError(f"{what}: {named}{more}")


_WORDS = {"added": "is left over", "removed": "is missing", "changed": "is another"}


@contextmanager
def fresh(settings: Settings, span: Range) -> Iterator[Fresh]:
    """An empty database for the block; nothing of it is news."""
    with scratch(settings) as elsewhere, quietly():
        yield Fresh(elsewhere, span)
