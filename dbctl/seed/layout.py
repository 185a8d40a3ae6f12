"""Which columns rows fill, which of them tell a row, and what is filled in besides.

Rows with the same names may be of several layouts: a column that is NULL and has a default is left
out, and where no key tells a row, which of its columns are NULL does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Dialect, Table

from dbctl.seed import defaults, keys, values
from dbctl.seed.columns import Form
from dbctl.seed.defaults import Default
from dbctl.seed.keys import Key

Given = Sequence[Sequence[Any]]


@dataclass(frozen=True, eq=False)
class Reference:
    """The row of a table that a natural key names: `target` is what the column holds of it."""

    target: Column[Any]
    key: Key

    @property
    def column(self) -> Column[Any]:
        """The column by which it is named."""
        found: Column[Any] = self.target.table.columns[self.key.names[0]]
        return found


@dataclass(frozen=True, eq=False)
class Slot:
    """One column that a file fills under some name, by value or by reference."""

    name: str
    column: Column[Any]
    reference: Reference | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns of rows. `key` None: all that is given tells the row, `nulls` being NULL.

    `form` is that of the values: plain where SQLAlchemy has to hand them over.
    """

    table: Table
    slots: tuple[Slot, ...]
    nulls: tuple[Column[Any], ...]
    key: Key | None
    defaults: tuple[Default, ...]
    form: Form

    @property
    def references(self) -> tuple[int, ...]:
        """The places of the slots that name other rows."""
        return tuple(at for at, slot in enumerate(self.slots) if slot.reference)

    @property
    def filled(self) -> tuple[Default, ...]:
        """The defaults that are values of ours, not the server's."""
        return tuple(one for one in self.defaults if one.values)


@dataclass(frozen=True)
class Group:
    """Rows of one layout, ready for the driver: a column each slot and default, a line each row."""

    layout: Layout
    columns: Given
    lines: Sequence[int]
    gaps: frozenset[int]  # the places of the columns that have NULLs

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The same, a tuple each row."""
        return list(zip(*self.columns, strict=True)) if self.columns else [()] * len(self.lines)


@dataclass(frozen=True)
class _Part:
    """Some rows of a batch by their numbers, and the slots that are NULL in all of them."""

    numbers: Sequence[int]
    empty: frozenset[int]


class Layouts:
    """The layouts of rows that fill the same slots."""

    def __init__(self, table: Table, slots: Sequence[Slot], dialect: Dialect, form: Form) -> None:
        self._table, self._slots, self._dialect, self._form = table, slots, dialect, form
        self._made: dict[frozenset[int], Layout] = {}
        self._may_be_left_out = {
            at for at, slot in enumerate(slots) if values.has_default(slot.column)
        }

    def groups(self, given: Given, gaps: Sequence[int], lines: Sequence[int]) -> Iterator[Group]:
        """The rows, a column each, by layout; the columns at `gaps` have NULLs."""
        for part in self._parts(given, gaps, len(lines)):
            layout = self._layout(part.empty)
            columns = self._columns(given, part, layout)
            count = len(part.numbers)
            kept = lines if count == len(lines) else [lines[number] for number in part.numbers]
            made = defaults.completed(layout, columns, count)
            yield Group(layout, made, kept, self._gaps(layout, made, gaps))

    def _gaps(self, layout: Layout, made: Given, gaps: Sequence[int]) -> frozenset[int]:
        """The columns that may have NULLs, and those of the defaults that do."""
        first = len(layout.slots)
        slots = [self._slots[at] for at in gaps]
        found = {at for at, slot in enumerate(layout.slots) if slot in slots}
        return frozenset(found | {at for at in range(first, len(made)) if None in made[at]})

    def _columns(self, given: Given, part: _Part, layout: Layout) -> list[Sequence[Any]]:
        columns = [given[at] for at, slot in enumerate(self._slots) if slot in layout.slots]
        if given and len(part.numbers) == len(given[0]):
            return columns
        return [[column[number] for number in part.numbers] for column in columns]

    def _parts(self, given: Given, gaps: Sequence[int], count: int) -> Iterator[_Part]:
        """The rows cut by those NULLs that matter to their layout."""
        key = self._key(frozenset())
        telling = [at for at in gaps if key is None or self._matters(at, key)]
        for part in _cut(given, _Part(range(count), frozenset()), telling):
            if key is not None and self._key(part.empty) is None:
                yield from _cut(given, part, gaps)
            else:
                yield part

    def _matters(self, at: int, key: Key) -> bool:
        return at in self._may_be_left_out or self._slots[at].column.name in key.names

    def _key(self, empty: frozenset[int]) -> Key | None:
        names = [slot.column.name for at, slot in enumerate(self._slots) if at not in empty]
        return keys.chosen(self._table, self._dialect, names)

    def _layout(self, empty: frozenset[int]) -> Layout:
        if empty not in self._made:
            self._made[empty] = self._make(empty)
        return self._made[empty]

    def _make(self, empty: frozenset[int]) -> Layout:
        key = self._key(empty)
        nulls = [self._slots[at].column for at in sorted(empty - self._may_be_left_out)]
        gone = empty if key is None else empty & self._may_be_left_out
        slots = tuple(slot for at, slot in enumerate(self._slots) if at not in gone)
        said = {slot.column.name for slot in slots} | {column.name for column in nulls}
        found = defaults.of(self._table, said, self._dialect, self._form)
        return Layout(self._table, slots, () if key else tuple(nulls), key, found, self._form)


def _cut(given: Given, part: _Part, places: Iterable[int]) -> Iterator[_Part]:
    """`part` by which of the columns at `places` are NULL."""
    at_places = tuple(places)
    found: dict[frozenset[int], list[int]] = {}
    if not at_places:
        yield part
        return
    for number in part.numbers:
        empty = frozenset(at for at in at_places if given[at][number] is None)
        found.setdefault(empty | part.empty, []).append(number)
    for empty, numbers in found.items():
        yield replace(part, numbers=numbers, empty=empty)
