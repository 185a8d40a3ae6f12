"""What makes the values of a column: a function from row indexes to values, without chance.

The value depends on the index alone, so a row is the same however many others are made, and the
key of a parent can be said without asking the database. A run of indexes costs slices of lists
where it can, never a call a row. Which column gets which maker: roles.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
Maker = Callable[[Sequence[int]], list[Any]]
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # none that reads like another
HEX = "0123456789abcdef"


def number(*parts: object) -> int:
    """A whole number of 64 bits that `parts` decide: the same in every process."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest())


def shuffled(values: Sequence[T], *parts: object) -> list[T]:
    """`values` in an order that `parts` decide."""
    # Of Random only random() is promised to give the same numbers in every Python.
    chance = Random(number(*parts))  # noqa: S311 - nobody must be unable to guess it
    return sorted(values, key=lambda _: chance.random())


def prime_below(limit: int) -> int:
    """The largest prime that is at most `limit`; 1 when there is none."""
    return next((n for n in range(limit, 1, -1) if _is_prime(n)), 1)


def _is_prime(candidate: int) -> bool:
    return all(candidate % divisor for divisor in range(2, int(candidate**0.5) + 1))


@dataclass(frozen=True)
class Cycle:
    """The values of a pool in turn, over and over; row 0 has `values[start % len(values)]`."""

    values: Sequence[Any]
    start: int = 0

    def __call__(self, at: Sequence[int]) -> list[Any]:
        """The values of the rows `at`."""
        size, start, values = len(self.values), self.start, self.values
        if isinstance(at, range) and at.step == 1:
            first = (start + at.start) % size
            times = (first + len(at)) // size + 1
            return (list(values) * times)[first : first + len(at)]
        return [values[(start + index) % size] for index in at]


@dataclass(frozen=True)
class Joined:
    """Text put together from the texts of several makers."""

    parts: tuple[Maker, ...]

    def __call__(self, at: Sequence[int]) -> list[str]:
        """The values of the rows `at`."""
        return list(map("".join, zip(*(part(at) for part in self.parts), strict=True)))


@dataclass(frozen=True)
class Tail:
    """What makes a text differ from all others: nothing for the first `free` rows, then a number.

    The number is the row's own, so it tells rows of different runs and seeds apart as well.
    """

    free: int
    before: str = ""

    def __call__(self, at: Sequence[int]) -> list[str]:
        """The values of the rows `at`."""
        before, free = self.before, self.free
        if isinstance(at, range) and at.step == 1 and at.stop <= free:
            return [""] * len(at)
        return ["" if index < free else f"{before}{index + 1}" for index in at]


@dataclass(frozen=True)
class Counter:
    """Whole numbers, `step` apart, beginning with `first` in row 0."""

    first: int = 1
    step: int = 1

    def __call__(self, at: Sequence[int]) -> list[int]:
        """The values of the rows `at`."""
        if isinstance(at, range):
            first, last = self.first + at.start * self.step, self.first + at.stop * self.step
            return list(range(first, last, self.step * at.step))
        return [self.first + index * self.step for index in at]


@dataclass(frozen=True)
class Code:
    """Codes of `length` characters of `alphabet` that look drawn at random and never repeat.

    The row's index is scattered over all there are: multiplied by a number that has no divisor in
    common with their count.
    """

    length: int
    alphabet: str
    factor: int
    shift: int

    @property
    def capacity(self) -> int:
        """How many different ones there are."""
        return int(len(self.alphabet) ** self.length)

    def __call__(self, at: Sequence[int]) -> list[str]:
        """The values of the rows `at`."""
        factor, shift, capacity = self.factor | 1, self.shift, self.capacity
        return [self._spelled((index * factor + shift) % capacity) for index in at]

    def _spelled(self, value: int) -> str:
        letters, base = [], len(self.alphabet)
        for _ in range(self.length):
            value, digit = divmod(value, base)
            letters.append(self.alphabet[digit])
        return "".join(letters)


@dataclass(frozen=True)
class Each:
    """What `make` gives for every index by itself; for values that no pool can hold."""

    make: Callable[[int], Any]

    def __call__(self, at: Sequence[int]) -> list[Any]:
        """The values of the rows `at`."""
        return list(map(self.make, at))


@dataclass(frozen=True)
class Sometimes:
    """The values of `maker`, None where `gate` is false."""

    maker: Maker
    gate: Maker

    def __call__(self, at: Sequence[int]) -> list[Any]:
        """The values of the rows `at`."""
        pairs = zip(self.maker(at), self.gate(at), strict=True)
        return [value if there else None for value, there in pairs]


@dataclass(frozen=True)
class Chosen:
    """The values that `maker` has for other rows: `choice` says which."""

    maker: Maker
    choice: Maker

    def __call__(self, at: Sequence[int]) -> list[Any]:
        """The values of the rows `at`; None where the choice is None."""
        chosen = self.choice(at)
        if None not in chosen:
            return self.maker(chosen)
        there = iter(self.maker([one for one in chosen if one is not None]))
        return [None if one is None else next(there) for one in chosen]


def share(part: float, start: int) -> Cycle:
    """True for `part` of the rows (0.0 to 1.0), spread evenly; a thousandth is the finest."""
    size = 1009
    marked = shuffled([at < round(size * part) for at in range(size)], "share", part)
    return Cycle(marked, start)


def converted(maker: Maker, convert: Callable[[Any], Any] | None) -> Maker:
    """A maker of what a driver takes. NULL stays NULL: JSON would turn it into its own null."""
    if convert is None:
        return maker
    if isinstance(maker, Cycle):
        return Cycle(_converted(maker.values, convert), maker.start)
    if isinstance(maker, Sometimes):
        return Sometimes(converted(maker.maker, convert), maker.gate)
    return lambda at: _converted(maker(at), convert)


def _converted(values: Sequence[Any], convert: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]
