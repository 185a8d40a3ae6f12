"""In which order rows are listed, and the condition for those behind a given one.

The key's columns always come last, so that no two rows are equal. NULL counts as the largest value
on every dialect: PostgreSQL says so, SQLite the contrary, hence rows with and without a value are
asked for one after the other. Each condition begins with a plain bound on the first column, which
an index on that column alone can serve.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from dbctl.database import stored
from dbctl.errors import UsageError
from dbctl.records.cursor import is_written
from dbctl.records.fields import Fields


@dataclass(frozen=True)
class Segment:
    """Rows that one statement can read in order."""

    where: tuple[ColumnElement[bool], ...]
    order_by: tuple[ColumnElement[Any], ...]


@dataclass(frozen=True)
class Order:
    """The columns that rows are ordered by."""

    fields: Fields
    names: tuple[str, ...]
    descending: bool
    dialect: str

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """What is to be read of a row to know where it stands."""
        return [
            stored.stored(self.fields[name], self.dialect).label(f"place_{at}")
            for at, name in enumerate(self.names)
        ]

    @property
    def kinds(self) -> list[type[Any]]:
        """The Python types of those columns."""
        return [self.fields.kind(name) or str for name in self.names]

    def segments(self, start: Sequence[Any] | None) -> Iterator[Segment]:
        """The statements that together read what stands behind `start`, or everything."""
        first, *rest = self.names
        if not self.fields.nullable(first):
            yield self._segment(self.names, start)
            return
        column = self.fields[first]
        halves = [(self.names, column.is_not(None)), (tuple(rest), column.is_(None))]
        if self.descending:
            halves.reverse()
        if start is not None:
            without = start[0] is None
            halves = halves[without != self.descending :]
            start = start[1:] if without else start
        for names, where in halves:
            yield self._segment(names, start, where)
            start = None

    def _segment(
        self, names: Sequence[str], start: Sequence[Any] | None, *where: ColumnElement[bool]
    ) -> Segment:
        columns = [stored.stored(self.fields[name], self.dialect) for name in names]
        order_by = tuple(one.desc() if self.descending else one.asc() for one in columns)
        behind = () if start is None else (self._behind(names, start),)
        return Segment((*where, *behind), order_by)

    def _behind(self, names: Sequence[str], start: Sequence[Any]) -> ColumnElement[bool]:
        """Strictly behind `start`: a >= 1 AND (a > 1 OR id > 7)."""
        (name, *names), (value, *start) = names, start
        column = stored.stored(self.fields[name], self.dialect)
        limit = stored.value(self.fields[name], value, self.dialect)
        strictly: ColumnElement[bool] = column < limit if self.descending else column > limit
        if not names:
            return strictly
        loosely = column <= limit if self.descending else column >= limit
        return and_(loosely, or_(strictly, self._behind(names, start)))


def order(fields: Fields, sort: str, dialect: str) -> Order:
    """The order that `sort` ("name", "-name" or "") asks for.

    Raises UsageError for a column that is not there, or whose values have no order.
    """
    name = sort.removeprefix("-")
    names = [name] if name else []
    if name and not _is_ordered(fields, name):
        raise UsageError(f"cannot sort by {name!r}", hint="its values have no order")
    names = list(dict.fromkeys([*names, *fields.key]))
    return Order(fields, tuple(names), sort.startswith("-"), dialect)


def _is_ordered(fields: Fields, name: str) -> bool:
    """Whether a cursor can hold the values of the column. Raises UsageError when there is none."""
    _ = fields[name]
    kind = fields.kind(name)
    return kind is not None and is_written(kind)
