"""How a row is known again: the columns that tell it from the others of its table."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Index, Table, UniqueConstraint

DECLARED = "natural_key"  # in the `info` of a table: {"natural_key": ["email"]}


@dataclass(frozen=True)
class Key:
    """Columns that are unique together; `where` is what a partial index is limited to."""

    names: tuple[str, ...]
    where: ColumnElement[bool] | None = None


def natural_key(table: Table) -> tuple[str, ...]:
    """The columns by which a person knows a row; () when there are none.

    What the table's `info` declares, else of the unique sets the first by column order.
    """
    key = natural(table)
    return key.names if key else ()


def natural(table: Table, dialect: Dialect | None = None) -> Key | None:
    """`natural_key` with its condition in a dialect."""
    found = [*_declared(table, dialect), *_unique(table, dialect)]
    return found[0] if found else None


def candidates(table: Table, dialect: Dialect) -> tuple[Key, ...]:
    """Every set of columns that may tell a row, the first choice first.

    Declared, then the primary key, then the unique ones: a file that gives the primary key means
    the row that has it, whatever else changed.
    """
    primary = tuple(column.name for column in table.primary_key)
    own = [Key(primary)] if primary else []
    return (*_declared(table, dialect), *own, *_unique(table, dialect))


def chosen(table: Table, dialect: Dialect, given: Collection[str]) -> Key | None:
    """The first key of which every column is given; None when there is none.

    A partial index tells rows inside its condition alone: where the file gives a column that the
    condition speaks of, the index is no key.
    """
    for key in candidates(table, dialect):
        if set(key.names) <= set(given) and not _touches(key, table, given):
            return key
    return None


def _touches(key: Key, table: Table, given: Collection[str]) -> bool:
    if key.where is None:
        return False
    text = str(key.where)
    return any(name in text for name in table.columns.keys() if name in given)  # noqa: SIM118 - its own keys


def _declared(table: Table, dialect: Dialect | None) -> Iterator[Key]:
    said: Any = table.info.get(DECLARED)
    if not said:
        return
    names = (said,) if isinstance(said, str) else tuple(said)
    same = [key for key in _unique(table, dialect) if set(key.names) == set(names)]
    yield same[0] if same else Key(names)


def _unique(table: Table, dialect: Dialect | None) -> list[Key]:
    """The unique sets that are not the primary key, the shortest first, then by column order."""
    positions = {column.name: at for at, column in enumerate(table.columns)}
    primary = {column.name for column in table.primary_key}
    found = [
        key for key in _sets(table, dialect) if key.names and not primary.issuperset(key.names)
    ]
    return sorted(found, key=lambda key: (len(key.names), positions[key.names[0]]))


def _sets(table: Table, dialect: Dialect | None) -> Iterator[Key]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield Key(_names(constraint.columns))
    for index in table.indexes:
        if isinstance(index, Index) and index.unique and _is_plain(index):
            yield Key(_names(index.columns), _condition(index, dialect))


def _names(columns: Iterable[Any]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _is_plain(index: Index) -> bool:
    """Whether it is made of columns alone: lower(email) is no column."""
    return len(index.expressions) == len(index.columns)


def _condition(index: Index, dialect: Dialect | None) -> ColumnElement[bool] | None:
    found: ColumnElement[bool] | None = (
        index.dialect_options[dialect.name].get("where") if dialect else None
    )
    return found
