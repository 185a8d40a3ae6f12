"""One table to fill: how many rows from where on, what refers to it, what is there already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Table

from dbctl.seed.generated.checks import ANYTHING, Limit
from dbctl.seed.generated.choice import Parent
from dbctl.seed.generated.field import Field, Run, kind_of


@dataclass(frozen=True)
class Task:
    """So many rows of a table, their indexes counted from `start`.

    `needed` are columns that others refer to. `parents` holds what each foreign key may point at;
    a key that is missing stays NULL. `each`: so many rows for every parent of the key `turn`.
    `largest`: the largest whole numbers that columns hold already.
    """

    run: Run
    table: Table
    start: int
    rows: int
    needed: frozenset[str] = frozenset()
    parents: Mapping[ForeignKeyConstraint, Parent] = field(default_factory=dict)
    turn: ForeignKeyConstraint | None = None
    each: int = 0
    largest: Mapping[str, int] = field(default_factory=dict)

    def field(self, column: Column[Any], limit: Limit = ANYTHING, *, unique: bool = False) -> Field:
        """A column of it, as makers see it."""
        return Field(
            run=self.run,
            table=self.table.fullname,
            name=column.name,
            kind=kind_of(column),
            start=self.start,
            stop=self.start + self.rows,
            limit=limit,
            unique=unique,
            nullable=bool(column.nullable),
            largest=self.largest.get(column.name, 0),
        )
