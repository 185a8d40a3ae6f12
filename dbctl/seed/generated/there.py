"""What the tables hold before rows are generated: how far they are counted, which parents."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    Select,
    Table,
    and_,
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dbctl.seed.generated.choice import Parent
from dbctl.seed.generated.field import binder, kind_of
from dbctl.seed.generated.makers import Cycle

PARENTS = 65_536  # of more rows that are there already, so many are drawn evenly
_ASKED = 500


async def rows(connection: AsyncConnection, table: Table) -> int:
    """How many rows the table has."""
    return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def offset(connection: AsyncConnection, table: Table) -> int:
    """The index of the next row: behind the largest key that counts, else behind the rows."""
    counter = table.autoincrement_column
    if counter is None:
        return await rows(connection, table)
    return max(await largest(connection, counter), 0)


async def largest(connection: AsyncConnection, column: Column[Any]) -> int:
    """The largest whole number of a column; 0 when it holds none."""
    found = await connection.scalar(select(func.max(column)))
    return int(found) if found is not None else 0


async def parents(
    connection: AsyncConnection, key: ForeignKeyConstraint, *, once: bool, most: int | None
) -> Parent:
    """The rows that `key` may point at, `most` at most, drawn evenly from all.

    `once`: only those that nothing points at yet.
    """
    columns = [element.column for element in key.elements]
    table = key.referred_table
    free = select(*columns)
    if once:
        pairs = zip(key.columns, columns, strict=True)
        free = free.where(~exists().where(and_(*(ours == theirs for ours, theirs in pairs))))
    count = await connection.scalar(select(func.count()).select_from(free.subquery())) or 0
    found = await connection.execute(
        _drawn(free, table, columns, -(-count // (most or max(count, 1))))
    )
    values = [tuple(row) for row in found]
    makers = {
        column.name: Cycle([value[at] for value in values]) for at, column in enumerate(columns)
    }
    return Parent(makers, 0, len(values))


def _drawn(
    free: Select[Any], table: Table, columns: Sequence[Column[Any]], step: int
) -> Select[Any]:
    """Each `step`-th of the rows, in the order of the primary key."""
    order = list(table.primary_key.columns) or list(columns)
    if step <= 1:
        return free.order_by(*order)
    counted = free.add_columns(func.row_number().over(order_by=order).label("dbctl_at")).subquery()
    return select(*list(counted.columns)[:-1]).where(counted.c.dbctl_at % step == 1)


async def taken(
    connection: AsyncConnection, columns: Sequence[Column[Any]], wanted: Sequence[tuple[Any, ...]]
) -> set[tuple[Any, ...]]:
    """Which of the `wanted` combinations of these columns the table has, as the driver has them."""
    dialect = connection.dialect
    binders = [binder(column, dialect) for column in columns]
    found: set[tuple[Any, ...]] = set()
    for start in range(0, len(wanted), _ASKED):
        asked = tuple_(*columns).in_(wanted[start : start + _ASKED])
        for row in await connection.execute(select(*columns).where(asked)):
            pairs = zip(binders, row, strict=True)
            found.add(tuple(bind(one) if bind and one is not None else one for bind, one in pairs))
    return found


def counts(column: Column[Any]) -> bool:
    """Whether it holds whole numbers."""
    return isinstance(kind_of(column), Integer)
