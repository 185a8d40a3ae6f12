"""What the names of a file mean in its table, and their values as the driver takes them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.types import String

from dbctl.seed import cell, keys, values
from dbctl.seed.columns import Fit
from dbctl.seed.layout import Group, Layouts, Reference, Slot
from dbctl.seed.report import Problems, shortened
from dbctl.seed.rows import Batch
from dbctl.seed.writer import Writer

MARK = "@"  # before the natural key of the row that is meant
ENDINGS = ("", "_id", "_uuid", "_pk")


class Shape:
    """The names of a batch, understood; the batches with the same names follow."""

    def __init__(
        self, table: Table, batch: Batch, writer: Writer, problems: Problems, *, parsed: bool
    ) -> None:
        self._table, self._writer, self._problems = table, writer, problems
        self._names, self._parsed = batch.names, parsed
        line = batch.first or batch.lines[0]
        self._columns = [self._column(name, line) for name in batch.names]
        self._twice(line)
        self._form = writer.form([one for one in self._columns if one is not None])
        self._layouts: dict[frozenset[int], tuple[list[Slot], Layouts]] = {}
        self._fits: dict[Column[Any], Fit] = {}
        self._referring = [at for at, one in enumerate(self._columns) if self._may_refer(at, one)]

    def _column(self, name: str, line: int) -> Column[Any] | None:
        """The column behind a name: `owner` stands for the foreign key `owner_id`."""
        columns = self._table.columns
        for ending in ENDINGS:
            found = columns.get(f"{name}{ending}")
            if found is not None and (not ending or found.foreign_keys):
                return found
        have = ", ".join(columns.keys())
        self._problems.say(
            line, f": {self._table.name} has no column {shortened(name)}; it has {have}"
        )
        return None

    def _twice(self, line: int) -> None:
        """`owner` and `owner_id` in one row are one column twice."""
        for at, column in enumerate(self._columns):
            if column is not None and any(column is one for one in self._columns[:at]):
                self._problems.say(line, f": {self._names[at]} fills {column.name} a second time")

    def _may_refer(self, at: int, column: Column[Any] | None) -> bool:
        """Whether a column under its own name may hold references: no text of its own has an @."""
        if column is None or self._names[at] != column.name or not column.foreign_keys:
            return False
        return not isinstance(values.plain(column.type), String)

    def groups(self, batch: Batch) -> Iterator[Group]:
        """The rows of a batch by layout; none once there are problems, which are said."""
        if any(one is None for one in self._columns):
            return
        if not batch.names:
            for line in batch.lines:
                self._problems.say(line, ": a row without any value")
            return
        for part, marked in self._parts(batch):
            slots, layouts = self._laid_out(marked, part.lines[0])
            gaps: list[int] = []
            given = self._given(part, slots, gaps)
            if not self._problems:
                yield from layouts.groups(given, gaps, part.lines)

    def _parts(self, batch: Batch) -> Iterator[tuple[Batch, frozenset[int]]]:
        """The batch cut so that a foreign key holds either values or references, not both."""
        found: dict[frozenset[int], list[int]] = {}
        for number, row in enumerate(batch.rows if self._referring else ()):
            marked = frozenset(at for at in self._referring if self._refers(row[at]))
            found.setdefault(marked, []).append(number)
        if len(found) <= 1:
            yield batch, next(iter(found), frozenset())
            return
        for marked, numbers in found.items():
            rows = [batch.rows[at] for at in numbers]
            lines = [batch.lines[at] for at in numbers]
            yield Batch(batch.names, rows, lines, batch.read_bytes, batch.first), marked

    def _refers(self, value: Any) -> bool:  # noqa: ANN401 - as in the file
        """Whether a value names a row; in CSV an apostrophe may stand before the mark."""
        return _is_marked(value) or (not self._parsed and value[:2] == f"{cell.MARK}{MARK}")

    def _laid_out(self, marked: frozenset[int], line: int) -> tuple[list[Slot], Layouts]:
        """The slots of these names where the columns at `marked` hold references."""
        if marked not in self._layouts:
            slots = [
                self._slot(self._names[at], column, line, named=at in marked)
                for at, column in enumerate(self._columns)
                if column is not None
            ]
            made = Layouts(self._table, slots, self._writer.dialect, self._form)
            self._layouts[marked] = slots, made
        return self._layouts[marked]

    def _slot(self, name: str, column: Column[Any], line: int, *, named: bool) -> Slot:
        if not named and name == column.name:
            return Slot(name, column)
        target = next(iter(column.foreign_keys)).column
        key = keys.natural(target.table, self._writer.dialect)
        if key is None or len(key.names) != 1:
            why = f"{target.table.name} has no unique column by which its rows can be named"
            self._problems.say(line, f":{name}: {why}")
            return Slot(name, column)
        return Slot(name, column, Reference(target, key))

    def _given(self, batch: Batch, slots: Sequence[Slot], gaps: list[int]) -> list[Sequence[Any]]:
        """The values of each column, checked; which columns have NULLs goes into `gaps`."""
        found = []
        columns = zip(*batch.rows, strict=True)
        for at, (slot, column) in enumerate(zip(slots, columns, strict=True)):
            given = column if self._parsed else cell.column(column)
            # Text that came back as it was has no NULL: to look for one in it costs as much again.
            empty = (self._parsed or given is not column) and None in given
            if empty:
                gaps.append(at)
                self._require(slot, given, batch.lines)
            found.append(self._checked(slot, given, batch.lines, empty=empty))
        return found

    def _require(self, slot: Slot, given: Sequence[Any], lines: Sequence[int]) -> None:
        if slot.column.nullable or values.has_default(slot.column):
            return
        for line, value in zip(lines, given, strict=True):
            if value is None:
                self._problems.add(line, slot.name, None, "is empty, a value is needed")

    def _checked(
        self, slot: Slot, given: Sequence[Any], lines: Sequence[int], *, empty: bool
    ) -> Sequence[Any]:
        mark, column = "", slot.column
        if slot.reference:
            mark, column = MARK, slot.reference.column
            given = self._unmarked(slot.name, given, lines)
            empty = empty or None in given
        made, unfit = self._fit(column).of(given, gaps=empty)
        for one in unfit:
            value = f"{mark}{one.value}" if mark else one.value
            self._problems.add(lines[one.at], slot.name, value, one.reason)
        return made

    def _unmarked(self, name: str, given: Sequence[Any], lines: Sequence[int]) -> list[Any]:
        """References without their mark."""
        for line, value in zip(lines, given, strict=True):
            if value is not None and not _is_marked(value):
                self._problems.add(line, name, value, f"names no row: that begins with {MARK}")
        return [str(value)[1:] if _is_marked(value) else None for value in given]

    def _fit(self, column: Column[Any]) -> Fit:
        if column not in self._fits:
            dialect = self._writer.dialect
            self._fits[column] = Fit(column, dialect, self._form, parsed=self._parsed)
        return self._fits[column]


def _is_marked(value: Any) -> bool:  # noqa: ANN401 - as in the file
    return isinstance(value, str) and value[:1] == MARK
