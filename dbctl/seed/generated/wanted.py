"""What was asked for: how many rows of which tables, and which come first."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKeyConstraint, MetaData, Table

from dbctl.errors import NotFoundError, SeedRefusedError, UsageError

_AMOUNT = re.compile(
    r"(?P<table>[^=]+)=(?P<rows>[0-9][0-9_]*)(?P<unit>[kKmM]?)(?:/(?P<parent>.+))?"
)
_UNITS = {"": 1, "k": 1000, "m": 1_000_000}
_FORM = "write users=1000, or items=5/user for five a user"


@dataclass(frozen=True)
class Amount:
    """So many rows of a table, or so many for each row that `key` points at."""

    table: Table
    rows: int
    key: ForeignKeyConstraint | None = None


def amounts(metadata: MetaData, words: Iterable[str]) -> tuple[Amount, ...]:
    """The amounts that `words` name, parents first.

    Raises UsageError, NotFoundError for a table that is not there, SeedRefusedError for tables
    that need each other's rows first.
    """
    found: dict[Table, Amount] = {}
    for word in words:
        one = _amount(metadata, word)
        if one.table in found:
            raise UsageError(f"{one.table.name} is named twice", hint=_FORM)
        found[one.table] = one
    return tuple(_sorted(found))


def _amount(metadata: MetaData, word: str) -> Amount:
    match = _AMOUNT.fullmatch(word)
    if match is None:
        raise UsageError(f"{word!r} is no amount", hint=_FORM)
    table = named(metadata, match["table"])
    rows = int(match["rows"]) * _UNITS[match["unit"].lower()]
    key = _key(table, match["parent"]) if match["parent"] else None
    return Amount(table, rows, key)


def named(metadata: MetaData, name: str) -> Table:
    """The table `name`, with or without its schema. Raises NotFoundError."""
    known = [table for key, table in metadata.tables.items() if name in (key, table.name)]
    if len(known) == 1:
        return known[0]
    if known:
        names = " or ".join(sorted(table.fullname for table in known))
        raise UsageError(f"{name!r} is the name of several tables", hint=f"say {names}")
    near = difflib.get_close_matches(name, list(metadata.tables), n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(metadata.tables))}"
    raise NotFoundError(f"the models have no table {name!r}", hint=hint)


def _key(table: Table, name: str) -> ForeignKeyConstraint:
    """The foreign key to the table, or of the column, that `name` means; `user` means `users`."""
    keys = [key for key in foreign_keys(table) if key.referred_table is not table]
    for names in (_exact, _spoken):
        for key in keys:
            if name in names(key):
                return key
    known = ", ".join(sorted({key.referred_table.name for key in keys})) or "no other table"
    raise UsageError(f"{table.name} does not point at {name!r}", hint=f"it points at {known}")


def _exact(key: ForeignKeyConstraint) -> set[str]:
    return {key.referred_table.name, key.referred_table.fullname, *key.column_keys}


def _spoken(key: ForeignKeyConstraint) -> set[str]:
    return {
        *singulars(key.referred_table.name),
        *(column.removesuffix("_id") for column in key.column_keys),
    }


def singulars(name: str) -> set[str]:
    """What one row of a table of this name may be called."""
    endings = (("ies", "y"), ("es", ""), ("s", ""))
    return {name, *(name.removesuffix(end) + one for end, one in endings if name.endswith(end))}


def foreign_keys(table: Table) -> list[ForeignKeyConstraint]:
    """The table's foreign keys, those of several columns first, then in the columns' order."""
    places = {column.name: at for at, column in enumerate(table.columns)}
    return sorted(
        table.foreign_key_constraints,
        key=lambda key: (-len(key.columns), [places[column.name] for column in key.columns]),
    )


def _sorted(wanted: Mapping[Table, Amount]) -> Iterable[Amount]:
    """Parents before children; a foreign key that may be NULL gives way where they go round."""
    left = dict(wanted)
    while left:
        ready = _ready(left, strict=True) or _ready(left, strict=False)
        if not ready:
            names = ", ".join(sorted(table.name for table in left))
            raise SeedRefusedError(
                f"{names} need each other's rows first",
                hint="a foreign key among them must be allowed to be NULL",
            )
        yield left.pop(ready[0])


def _ready(left: Mapping[Table, Amount], *, strict: bool) -> Sequence[Table]:
    """The tables that wait for no other one."""
    return [
        table
        for table, amount in left.items()
        if not any(
            key.referred_table in left
            for key in foreign_keys(table)
            if key.referred_table is not table
            and (strict or key is amount.key or not optional(key))
        )
    ]


def optional(key: ForeignKeyConstraint) -> bool:
    """Whether a row may do without a parent."""
    return any(column.nullable for column in key.columns)
