"""Which row of another table a row belongs to, and which combination of values is its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from dbctl.seed.generated.makers import Maker

_PRIME = 2**31 - 1


@dataclass(frozen=True)
class Parent:
    """The rows a foreign key may point at: `size` indexes from `first`, a maker for each column."""

    makers: Mapping[str, Maker]
    first: int
    size: int


@dataclass(frozen=True)
class Scattered:
    """Any of the parents, each about as often as the others."""

    parent: Parent
    factor: int
    shift: int

    def __call__(self, at: Sequence[int]) -> list[int]:
        """The parents of the rows `at`."""
        first, size = self.parent.first, self.parent.size
        factor, shift = self.factor % _PRIME or 1, self.shift % _PRIME
        mixed = [(index * factor + shift) % _PRIME for index in at]
        return [first + one * one % _PRIME % size for one in mixed]


@dataclass(frozen=True)
class InTurn:
    """`each` rows for the first parent, then `each` for the next one."""

    parent: Parent
    start: int
    each: int

    def __call__(self, at: Sequence[int]) -> list[int]:
        """The parents of the rows `at`."""
        first, start, each = self.parent.first, self.start, self.each
        return [first + (index - start) // each for index in at]


@dataclass(frozen=True)
class Earlier:
    """A row of the same table that stands before: a tree with the row `start` as its root.

    The root has no parent, or itself when it must have one (`own`).
    """

    start: int
    factor: int
    own: bool

    def __call__(self, at: Sequence[int]) -> list[int | None]:
        """The parents of the rows `at`."""
        start, factor = self.start, self.factor % _PRIME or 1
        mixed = [(index - start, index * factor % _PRIME) for index in at]
        root = start if self.own else None
        return [start + one * one % _PRIME % before if before else root for before, one in mixed]


@dataclass(frozen=True)
class Combination:
    """The row's own of `size` combinations: none comes twice among `size` rows.

    `each` is not 0 where so many rows in turn belong to one parent: then none comes twice there.
    """

    start: int
    size: int
    factor: int
    each: int = 0

    def __call__(self, at: Sequence[int]) -> list[int]:
        """The numbers of the combinations of the rows `at`, from 0."""
        start, size, factor = self.start, self.size, self._factor
        if not self.each:
            return [(index - start) % size * factor % size for index in at]
        each = self.each
        pairs = [divmod(index - start, each) for index in at]
        return [(rest * factor + parent * 7) % size for parent, rest in pairs]

    def round(self, at: Sequence[int]) -> list[int]:
        """How often all combinations were used up before each row."""
        start, size = self.start, self.size
        if not self.each:
            return [(index - start) // size for index in at]
        return [(index - start) % self.each // size for index in at]

    @property
    def _factor(self) -> int:
        """A number without a divisor in common with `size`: multiplied by it all come once."""
        candidate = self.factor % self.size or 1
        while gcd(candidate, self.size) != 1:
            candidate += 1
        return candidate


@dataclass(frozen=True)
class Digit:
    """One part of a combination: a number below `size`, added to `first`."""

    combination: Combination
    divisor: int
    size: int
    first: int = 0

    def __call__(self, at: Sequence[int]) -> list[int]:
        """The parts of the rows `at`."""
        first, divisor, size = self.first, self.divisor, self.size
        return [first + number // divisor % size for number in self.combination(at)]


@dataclass(frozen=True)
class Round:
    """The number that tells rows of one combination apart: 1, 2, 3."""

    combination: Combination
    before: int = 0

    def __call__(self, at: Sequence[int]) -> list[int]:
        """The numbers of the rows `at`."""
        return [self.before + 1 + times for times in self.combination.round(at)]
