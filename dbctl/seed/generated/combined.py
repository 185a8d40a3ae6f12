"""Rows that are told apart by a combination: of foreign keys, and of columns with few values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sqlalchemy import Enum, ForeignKeyConstraint

from dbctl.errors import SeedRefusedError
from dbctl.seed.generated import kinds
from dbctl.seed.generated.checks import ANYTHING, Limit
from dbctl.seed.generated.choice import Combination, Digit, Parent, Round
from dbctl.seed.generated.distinct import Distinct, Part
from dbctl.seed.generated.field import kind_of
from dbctl.seed.generated.makers import Chosen, Cycle, Maker, number
from dbctl.seed.generated.task import Task


@dataclass(frozen=True)
class _Wheel:
    """One part of a combination: how many there are, and what a number below that means."""

    part: Part
    size: int
    values: Cycle | None = None


def combine(
    task: Task, keys: Distinct, limits: Mapping[str, Limit], made: dict[str, Maker]
) -> tuple[tuple[str, ...], int]:
    """Give each row its combination; `made` gets the makers of all columns in it.

    Returns columns whose combinations may be in the table already, and how many there can be.
    Raises SeedRefusedError when there are fewer combinations than rows.
    """
    once: tuple[str, ...] = ()
    room = 0
    for at, parts in enumerate(keys.combined):
        if any(not isinstance(part, str) and part not in task.parents for part in parts):
            continue  # one NULL is never the same as another
        wheels = [_wheel(task, part, limits) for part in parts]
        free = [wheel for wheel in wheels if wheel.part is not task.turn]
        size = prod(wheel.size for wheel in free)
        each = task.each if len(free) < len(wheels) else 0
        chance = number(task.run.seed, task.table.fullname, "combination", at)
        combination = Combination(task.start, max(size, 1), chance, each)
        _spell(task, free, combination, made)
        if at in keys.numbered:
            name = keys.numbered[at]
            made[name] = Round(combination, task.largest.get(name, 0))
        else:
            _require_room(task, parts, each or task.rows, size)
            once = tuple(name for part in parts for name in _names(part))
            room = task.rows if each else size
    return once, room


def _wheel(task: Task, part: Part, limits: Mapping[str, Limit]) -> _Wheel:
    if isinstance(part, ForeignKeyConstraint):
        return _Wheel(part, task.parents[part].size)
    values = _few(task, part, limits.get(part, ANYTHING))
    return _Wheel(part, len(values.values), values)


def _few(task: Task, name: str, limit: Limit) -> Cycle:
    """All values of a column that has few."""
    column = task.table.c[name]
    kind = kind_of(column)
    if limit.choices:
        return kinds.chosen(task.field(column, limit))
    return Cycle(list(kind.enums) if isinstance(kind, Enum) else [False, True])


def _spell(
    task: Task, wheels: Sequence[_Wheel], combination: Combination, made: dict[str, Maker]
) -> None:
    """Take the combination apart into one choice for each foreign key and column."""
    divisor = 1
    for wheel in wheels:
        part = wheel.part
        if isinstance(part, ForeignKeyConstraint):
            parent = task.parents[part]
            follow(part, parent, Digit(combination, divisor, wheel.size, parent.first), made)
        elif wheel.values:
            made[part] = Chosen(wheel.values, Digit(combination, divisor, wheel.size))
        divisor *= wheel.size


def follow(
    key: ForeignKeyConstraint, parent: Parent, choice: Maker, made: dict[str, Maker]
) -> None:
    """Copy the chosen parent's key into the row."""
    for element in key.elements:
        made[element.parent.name] = Chosen(parent.makers[element.column.name], choice)


def _names(part: Part) -> list[str]:
    return [part] if isinstance(part, str) else list(part.column_keys)


def _require_room(task: Task, parts: Sequence[Part], wanted: int, size: int) -> None:
    if wanted > size:
        names = ", ".join(name for part in parts for name in _names(part))
        raise SeedRefusedError(
            f"{task.table.name} can have {size:,} rows that differ in {names}, not {wanted:,}",
            hint=f"ask for fewer rows of {task.table.name}, or for more of what it points at",
        )
