"""One column as the makers of values see it: name, type, what it must keep to, which rows.

Here is what all kinds of columns share; text is in texts.py, the rest in kinds.py.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

from sqlalchemy import Column, Interval
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from dbctl.errors import SeedRefusedError
from dbctl.seed.generated.checks import ANYTHING, Limit
from dbctl.seed.generated.makers import Code, Cycle, Maker, number, share, shuffled
from dbctl.seed.generated.pools import Pools

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Run:
    """What holds for every column of a run: the seed, its words, the share of deleted rows."""

    seed: int
    pools: Pools
    deleted: float = 0.02


@dataclass(frozen=True)
class Field:
    """A column whose values are wanted for the rows `start` to `stop` (by index, from 0).

    `largest` is the largest number that a unique column of whole numbers holds already. `apart`:
    values should differ as long as there are enough of them; of a `unique` one they must.
    """

    run: Run
    table: str
    name: str
    kind: TypeEngine[Any]
    start: int
    stop: int
    limit: Limit = ANYTHING
    unique: bool = False
    nullable: bool = False
    largest: int = 0
    apart: bool = False

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The name's words in small letters: `userName` and `user_name` are `user`, `name`."""
        return words_of(self.name)

    @property
    def label(self) -> str:
        """The column as a person calls it."""
        return f"{self.table}.{self.name}"

    @property
    def length(self) -> int | None:
        """The most characters or bytes; None when any number fits."""
        limits = (getattr(self.kind, "length", None), self.limit.longest)
        return min((one for one in limits if one is not None), default=None)

    def number(self, *topic: object) -> int:
        """A number that seed, table and topic decide."""
        return number(self.run.seed, self.table, *topic)

    def turns(self, values: Sequence[Any], *topic: object) -> Cycle:
        """`values` in turn, in an order of this table and topic."""
        return Cycle(shuffled(values, self.run.seed, self.table, *topic))

    def some(self, part: float, *topic: object) -> Cycle:
        """True for `part` of the rows."""
        return share(part, self.number("share", *topic))

    def require(self, different: int) -> None:
        """Raises SeedRefusedError when more rows are wanted than there are different values."""
        if self.stop > different:
            raise SeedRefusedError(
                f"{self.label} is unique and holds {different:,} different values at most;"
                f" row {self.stop:,} needs one more",
                hint=f"ask for fewer rows of {self.table}",
            )

    def code(self, alphabet: str, most: int = 12) -> Code:
        """Codes that repeat only when all were used. Raises SeedRefusedError where they may not."""
        length = most if self.length is None else min(most, self.length)
        # No seed: the codes of runs with different seeds must differ, too.
        factor = number("code", self.table, self.name) % len(alphabet) ** length | 1
        while gcd(factor, len(alphabet)) != 1:
            factor += 2
        made = Code(length, alphabet, factor, number("shift", self.table, self.name))
        if self.unique:
            self.require(made.capacity)
        return made


Make = Callable[[Field], Maker]


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters."""
    return tuple(word.lower() for word in _WORD.findall(name))


def kind_of(column: Column[Any]) -> TypeEngine[Any]:
    """The type below a project's own decoration of it."""
    kind: TypeEngine[Any] = column.type
    while isinstance(kind, TypeDecorator) and not isinstance(kind, Interval):
        kind = kind.impl_instance
    return kind


def binder(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns a value of the column's Python type into one of the driver; None for nothing."""
    return column.type.dialect_impl(dialect).bind_processor(dialect)
