"""One revision as a rule sees it: what it does, and what is known of the schema at each step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dbctl.lint import facts as f
from dbctl.lint.catalogue import Catalogue, Table
from dbctl.lint.model import Level
from dbctl.lint.source import Source

Some = TypeVar("Some", bound=f.Fact)


@dataclass(frozen=True)
class Revision:
    """A revision file's header."""

    revision: str
    down: tuple[str, ...]
    depends_on: tuple[str, ...]
    file: Path


@dataclass(frozen=True)
class Moment:
    """A fact and the catalogue just before it."""

    fact: f.Fact
    before: Catalogue


@dataclass(frozen=True)
class Problem:
    """What a rule has to say about a fact, or about a line; `level` where it is not the rule's."""

    message: str
    fix: str = ""
    fact: f.Fact | None = None
    line: int = 1
    table: str = ""
    level: Level | None = None


class Rule(Protocol):
    """A module of `dbctl.lint.rules`; its docstring is its documentation."""

    __name__: str
    __doc__: str | None
    LEVEL: Level
    DIALECTS: tuple[str, ...]

    def check(self, seen: "Seen") -> Iterator[Problem]:
        """What there is to say of one revision."""


@dataclass(frozen=True)
class World:
    """What is the same for every revision of a run.

    `together` are the revisions that are deployed at once; `mapped` are the tables and columns of
    the models, None when they are unknown; `driver` is that of env.py, "" when unknown.
    """

    dialect: str
    version: tuple[int, ...]
    files: Mapping[str, tuple[Path, ...]]
    heads: tuple[str, ...]
    final: Catalogue = field(default_factory=Catalogue)
    together: frozenset[str] = frozenset()
    mapped: Mapping[str, frozenset[str]] | None = None
    driver: str = ""
    naming: bool = False
    packages: frozenset[str] = frozenset()
    autocommit: bool = False


@dataclass
class Seen:
    """One revision; `undone` is the catalogue after upgrade and downgrade."""

    header: Revision
    source: Source
    world: World
    up: tuple[Moment, ...]
    down: tuple[Moment, ...]
    before: Catalogue
    after: Catalogue
    undone: Catalogue
    upgrade: f.Recording
    downgrade: f.Recording

    @property
    def whole(self) -> bool:
        """Whether all that both functions do is known."""
        return self.upgrade.whole and self.downgrade.whole

    def each(self, *kinds: type[Some]) -> Iterator[tuple[Some, Catalogue]]:
        """The facts of upgrade() of some kinds, each with the catalogue before it."""
        for one in self.up:
            if isinstance(one.fact, kinds):
                yield one.fact, one.before

    def existing(self, *kinds: type[Some]) -> Iterator[tuple[Some, Catalogue]]:
        """Those on a table that may have rows: no revision deployed with this one made it."""
        for fact, before in self.each(*kinds):
            if self.has_rows(fact.table, before):
                yield fact, before

    def has_rows(self, table: str, before: Catalogue) -> bool:
        """Whether the table was there before this deployment; nobody knows of an unknown one."""
        found = before.table(table)
        return found is None or not self.is_new(found, before)

    def is_new(self, found: Table, before: Catalogue) -> bool:
        """Whether the table, or the one it is a partition of, is made in this deployment."""
        parent = before.table(found.parent) if found.parent else None
        together = {self.header.revision, *self.world.together}
        return found.made_by in together and (parent is None or self.is_new(parent, before))

    def repeats(self, fact: f.RowsFact) -> bool:
        """Whether the statement runs for as many rows as there are: in a loop over rows or keys."""
        if not fact.looped:
            return False
        rows = any(isinstance(one.fact, f.ReadRows) and not one.fact.schema for one in self.up)
        return rows or fact.where.limited or bool(fact.where.ranges) or _is_block(fact)

    @cached_property
    def does_ddl(self) -> bool:
        """Whether upgrade() changes the schema."""
        data = (f.UpdateRows, f.DeleteRows, f.InsertRows, f.Truncate)
        return any(not isinstance(one.fact, (*_IDLE, *data)) for one in self.up)

    @cached_property
    def does_anything(self) -> bool:
        """Whether upgrade() changes anything."""
        return any(not isinstance(one.fact, _IDLE) for one in self.up)

    def problem(self, fact: f.Fact, message: str, fix: str = "", **more: Any) -> Problem:  # noqa: ANN401
        """What to say about a fact."""
        return Problem(message, fix, fact=fact, table=more.pop("table", fact.table), **more)


# What nobody has to undo, or what is not known.
_IDLE = (
    f.ReadRows,
    f.Setting,
    f.Skipped,
    f.Opaque,
    f.Several,
    f.Lock,
    f.Other,
    f.Rewrite,
    f.ValidateConstraint,
)


def _is_block(fact: f.Fact) -> bool:
    """Whether the statement is one of a DO block."""
    return fact.sql.lstrip()[:2].upper() == "DO"
