"""How the rows of one table are made: a maker for each column that is not left to the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Enum, ForeignKeyConstraint
from sqlalchemy.engine import Dialect

from dbctl.errors import SeedRefusedError
from dbctl.seed.columns import COMPLAINTS
from dbctl.seed.generated import kinds, password
from dbctl.seed.generated.amounts import is_money
from dbctl.seed.generated.checks import ANYTHING, Limit, limits
from dbctl.seed.generated.choice import Earlier, InTurn, Parent, Scattered
from dbctl.seed.generated.combined import combine, follow
from dbctl.seed.generated.distinct import Distinct, distinct
from dbctl.seed.generated.field import binder, kind_of
from dbctl.seed.generated.makers import Counter, Cycle, Maker, Sometimes, converted, number
from dbctl.seed.generated.task import Task
from dbctl.seed.generated.wanted import foreign_keys, optional

CHUNK = 10_000  # rows made at a time


@dataclass(frozen=True)
class Plan:
    """The makers of a table's columns.

    `once`: columns whose combinations may be there already; `room`: how many there are.
    """

    task: Task
    makers: Mapping[str, Maker]
    once: tuple[str, ...] = ()
    room: int = 0

    @property
    def parent(self) -> Parent:
        """The rows as children see them."""
        return Parent(self.makers, self.task.start, self.task.rows)

    def chunks(self, dialect: Dialect | None = None) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousands at a time, as the driver of `dialect` takes them.

        Without a dialect they are Python values.
        """
        makers = self._ready(dialect)
        stop = self.task.start + self.task.rows
        for first in range(self.task.start, stop, CHUNK):
            yield _rows(makers, range(first, min(first + CHUNK, stop)))

    def rows(self, at: range, dialect: Dialect | None = None) -> list[tuple[Any, ...]]:
        """The rows of these indexes."""
        return _rows(self._ready(dialect), at)

    def keys(self, at: range) -> list[tuple[Any, ...]]:
        """The combinations of these rows as Python values."""
        return _rows([self.makers[name] for name in self.once], at)

    def _ready(self, dialect: Dialect | None) -> list[Maker]:
        if dialect is None:
            return list(self.makers.values())
        columns = self.task.table.c
        found = self.makers.items()
        return [converted(make, binder(columns[name], dialect)) for name, make in found]


def require_bindable(made: Plan, dialect: Dialect) -> None:
    """Raises SeedRefusedError when a project's own type refuses what is made for its column."""
    first = range(made.task.start, made.task.start + 1)
    for name, make in made.makers.items():
        try:
            converted(make, binder(made.task.table.c[name], dialect))(first)
        except COMPLAINTS as error:
            label = f"{made.task.table.fullname}.{name}"
            raise SeedRefusedError(
                f"the type of {label} refuses generated values: {type(error).__name__}: {error}",
                hint="write the rows of this table in a seed file",
            ) from error


def _rows(makers: Iterable[Maker], at: range) -> list[tuple[Any, ...]]:
    return list(zip(*(make(at) for make in makers), strict=True))


def plan(task: Task) -> Plan:
    """The plan for one table. Raises SeedRefusedError when so many rows cannot be made."""
    found = limits(task.table)
    keys = distinct(task.table, found)
    made: dict[str, Maker] = {}
    once, room = combine(task, keys, found, made)
    for key in foreign_keys(task.table):
        _point(task, key, made)
    for column in task.table.columns:
        if column.name not in made and not _left(task, column, keys):
            made[column.name] = _made(task, column, keys, found.get(column.name, ANYTHING))
    if not made and task.table.autoincrement_column is not None:
        made[task.table.autoincrement_column.name] = Counter()  # a row has to say something
    names = [column.name for column in task.table.columns if column.name in made]
    return Plan(task, {name: made[name] for name in names}, once, room)


def _point(task: Task, key: ForeignKeyConstraint, made: dict[str, Maker]) -> None:
    """Let the rows point at the parents of one foreign key, or at nothing."""
    names = key.column_keys
    if all(name in made for name in names):
        return
    if any(name in made for name in names):
        raise SeedRefusedError(
            f"foreign keys of {task.table.name} share columns; rows for both cannot be made up",
            hint="write the rows of this table in a seed file",
        )
    if key not in task.parents:
        made.update({name: Cycle((None,)) for name in names if task.table.c[name].nullable})
        return
    follow(key, _parent(task, key, made), _choice(task, key), made)
    if optional(key) and key is not task.turn:
        chance = number(task.run.seed, task.table.fullname, "none", *names)
        gate = Cycle((True, True, True, True, False, True, True, True), chance)
        made.update({name: Sometimes(made[name], gate) for name in names})


def _parent(task: Task, key: ForeignKeyConstraint, made: Mapping[str, Maker]) -> Parent:
    """What the key points at; rows of the same table are made, so their keys are known here."""
    if key.referred_table is not task.table:
        return task.parents[key]
    columns = [element.column for element in key.elements]
    keys = distinct(task.table, limits(task.table))
    found = limits(task.table)
    own = {
        column.name: made.get(column.name)
        or _made(task, column, keys, found.get(column.name, ANYTHING))
        for column in columns
    }
    return Parent(own, task.start, task.rows)


def _choice(task: Task, key: ForeignKeyConstraint) -> Maker:
    """Which parent each row has."""
    chance = number(task.run.seed, task.table.fullname, *key.column_keys)
    if key.referred_table is task.table:
        return Earlier(task.start, chance, own=not optional(key))
    if key is task.turn:
        return InTurn(task.parents[key], task.start, task.each)
    return Scattered(task.parents[key], chance, chance >> 32)


def _left(task: Task, column: Column[Any], keys: Distinct) -> bool:
    """Whether the database gives the value: counters and defaults.

    But for times, money and what says that a row is deleted: those differ from row to row.
    """
    if column.computed is not None:
        return True
    if column.name in task.needed:
        return False
    if column is task.table.autoincrement_column or column.identity is not None:
        return True
    if column.server_default is None:
        return False
    if column.name in keys.unique:  # the same default in every row would not do
        return _random(column)
    words = task.field(column).words
    deleted = kinds.DELETED.intersection(words)
    return not (deleted or is_money(words) or isinstance(kind_of(column), DateTime))


def _random(column: Column[Any]) -> bool:
    """Whether the database's default is another one in every row, as far as can be seen."""
    return not isinstance(kind_of(column), Enum | Boolean) and "(" in str(
        getattr(column.server_default, "arg", "")
    )


def _made(task: Task, column: Column[Any], keys: Distinct, limit: Limit) -> Maker:
    """The maker of a column of its own. Raises SeedRefusedError when its type has none."""
    if column is task.table.autoincrement_column:
        return Counter()
    if column.name in keys.false:
        return Cycle((False,))
    wanted = task.field(column, limit, unique=column.name in keys.unique)
    if password.is_one(wanted):
        return password.shared(wanted)
    default = getattr(column.default, "arg", None)
    if isinstance(default, str | int | float) and not (wanted.unique or is_money(wanted.words)):
        return Cycle((default,))
    made = kinds.maker(wanted)
    if made is None and not column.nullable:
        raise SeedRefusedError(
            f"{wanted.label} is of a type that values cannot be made up for: {column.type!r}",
            hint="let it be NULL, or give it a default in the database",
        )
    return made or Cycle((None,))
