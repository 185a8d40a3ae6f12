"""What must not come twice in a table, and how rows are told apart by it.

A key with a text, a number or a time in it is kept by that column alone: its values never repeat.
A key of foreign keys and lists (a many-to-many table) takes each combination once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Boolean, Enum, ForeignKeyConstraint, Index, Table, UniqueConstraint

from dbctl.errors import SeedRefusedError
from dbctl.seed.generated.checks import ANYTHING, Limit
from dbctl.seed.generated.field import kind_of
from dbctl.seed.generated.there import counts
from dbctl.seed.generated.wanted import foreign_keys

_DIALECTS = ("postgresql", "sqlite")
_TRUE = re.compile(r'\(*(?:\w+\.)?"?(?P<name>\w+)"?(?:\s*(?:=|is)\s*(?:true|1))?\)*', re.IGNORECASE)

Part = ForeignKeyConstraint | str


@dataclass
class Distinct:
    """How the keys of a table are kept.

    `unique` columns never repeat; each of `combined` is a set of foreign keys and columns with few
    values that takes every combination once; `numbered` is a column of whole numbers that tells
    rows of one combination apart. A column of `false` is never true: a key is for such rows alone.
    """

    unique: set[str] = field(default_factory=set)
    combined: list[tuple[Part, ...]] = field(default_factory=list)
    numbered: dict[int, str] = field(default_factory=dict)
    false: set[str] = field(default_factory=set)


def distinct(table: Table, limits: Mapping[str, Limit]) -> Distinct:
    """How to keep all keys of `table`. Raises SeedRefusedError when two of them are entangled."""
    made = Distinct()
    counter = table.autoincrement_column
    if counter is not None:
        made.unique.add(counter.name)
    for names in sorted(_keys(table, made), key=lambda names: (len(names), names)):
        if names and not made.unique.intersection(names):
            _keep(table, names, limits, made)
    return made


def _keys(table: Table, made: Distinct) -> Iterator[tuple[str, ...]]:
    yield tuple(column.name for column in table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(column.name for column in constraint.columns)
    for index in table.indexes:
        names = tuple(column.name for column in index.columns)
        if index.unique and not _evaded(table, index, names, made):
            yield names


def _evaded(table: Table, index: Index, names: Sequence[str], made: Distinct) -> bool:
    """Whether a key for some rows alone is kept by making no such row: `... WHERE is_default`."""
    match = _TRUE.fullmatch(_where(index).strip())
    column = table.columns.get(match["name"]) if match else None
    if column is None or not isinstance(kind_of(column), Boolean):
        return False
    if not _pointing(table).issuperset(names):
        return False
    made.false.add(column.name)
    return True


def _where(index: Index) -> str:
    options = (index.dialect_options[dialect]["where"] for dialect in _DIALECTS)
    return next((str(one) for one in options if one is not None), "")


def _pointing(table: Table) -> set[str]:
    """The columns of foreign keys."""
    return {name for key in foreign_keys(table) for name in key.column_keys}


def _keep(table: Table, names: Sequence[str], limits: Mapping[str, Limit], made: Distinct) -> None:
    """Add what keeps one key."""
    groups = [key for key in foreign_keys(table) if set(key.column_keys) <= set(names)]
    own = [name for name in names if name not in _pointing(table)]
    few = [name for name in own if _has_few(table, name, limits)]
    many = [name for name in own if name not in few]
    if many and not (groups and counts(table.c[many[0]])):
        made.unique.add(many[0])
        return
    parts: tuple[Part, ...] = (*_outermost(groups), *few)
    _require_apart(table, parts, made)
    if many:
        made.numbered[len(made.combined)] = many[0]
    if parts:
        made.combined.append(parts)


def _outermost(groups: Sequence[ForeignKeyConstraint]) -> Iterator[ForeignKeyConstraint]:
    """Without foreign keys whose columns another one has already."""
    seen: set[str] = set()
    for key in groups:
        if not seen.issuperset(key.column_keys):
            seen.update(key.column_keys)
            yield key


def _has_few(table: Table, name: str, limits: Mapping[str, Limit]) -> bool:
    kind = kind_of(table.c[name])
    return isinstance(kind, Enum | Boolean) or bool(limits.get(name, ANYTHING).choices)


def _require_apart(table: Table, parts: Iterable[Part], made: Distinct) -> None:
    used = {part for combined in made.combined for part in combined}
    if used.intersection(parts):
        raise SeedRefusedError(
            f"{table.name} has two keys that share columns; rows for both cannot be made up",
            hint="write the rows of this table in a seed file",
        )
