"""Put the rows of seed files into the database: one transaction, nothing twice.

A row is known by its table's natural key (a unique column that is not the primary key), else by all
the columns that the file gives. A known row is left as it is.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    and_,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dbctl.database.engine import Database
from dbctl.errors import SeedRefusedError
from dbctl.seed import files, values
from dbctl.seed.files import File, Row
from dbctl.seed.model import Seeded, SeededFile

SHOWN = 4
BATCH = 500  # SQLite allows 32,766 parameters in a statement


async def run(database: Database, folder: Path) -> Seeded:
    """Load every seed file of `folder`. Raises SeedRefusedError; then nothing was written."""
    started = time.perf_counter()
    done: list[SeededFile] = []
    async with database.async_engine.begin() as connection:
        for file in files.found(folder):
            done.append(await _file(connection, database.metadata, file))
    rows = sum(one.inserted for one in done)
    return Seeded(tuple(done), rows, round(time.perf_counter() - started, 6))


async def _file(connection: AsyncConnection, metadata: MetaData, file: File) -> SeededFile:
    table = _table(metadata, file)
    rows = list(file.rows())
    ready = await _ready(connection, table, file, rows)
    key = natural_key(table) or tuple(ready[0]) if ready else ()
    new = await _unknown(connection, table, key, ready)
    for start in range(0, len(new), BATCH):
        try:
            await connection.execute(insert(table), new[start : start + BATCH])
        except DBAPIError as error:
            reason = str(error.orig).splitlines()[0]
            raise SeedRefusedError(f"{file.path}: the database refuses it: {reason}") from error
    return SeededFile(str(file.path), table.name, len(new), 0, len(ready) - len(new))


def _table(metadata: MetaData, file: File) -> Table:
    table = metadata.tables.get(file.table)
    if table is None:
        raise SeedRefusedError(
            f"{file.path}: there is no table {file.table!r}",
            hint="a seed file is named after its table: 01_users.csv",
        )
    return table


def natural_key(table: Table) -> tuple[str, ...]:
    """The columns by which a person knows a row: of the unique ones the first by column order."""
    positions = {column.name: at for at, column in enumerate(table.columns)}
    keys = sorted(_unique(table), key=lambda names: (len(names), positions[names[0]]))
    return keys[0] if keys else ()


def _unique(table: Table) -> Iterator[tuple[str, ...]]:
    primary = {column.name for column in table.primary_key}
    sets: list[Iterable[Any]] = [
        *(c.columns for c in table.constraints if isinstance(c, UniqueConstraint)),
        *(i.columns for i in table.indexes if isinstance(i, Index) and i.unique),
    ]
    for columns in sets:
        names = tuple(column.name for column in columns)
        if names and not primary.issuperset(names):
            yield names


async def _ready(
    connection: AsyncConnection, table: Table, file: File, rows: list[Row]
) -> list[dict[str, Any]]:
    """Rows with their references resolved and their values checked."""
    if not rows:
        return []
    references = {
        name: await _known(connection, column)
        for name, column in _references(table, rows[0].values, file).items()
    }
    problems: list[str] = []
    ready = [_fitted(table, row, references, file, problems) for row in rows]
    if problems:
        raise SeedRefusedError(_listed(problems), hint="nothing was written; mend the file")
    return ready


def _references(table: Table, names: Iterable[str], file: File) -> Mapping[str, Column[Any]]:
    """Names that are no column: `owner` stands for the foreign key `owner_id`."""
    found = {}
    for name in names:
        if name in table.columns:
            continue
        column = table.columns.get(f"{name}_id")
        if column is None or not column.foreign_keys:
            raise SeedRefusedError(
                f"{file.path}:1: {table.name} has no column {name!r}",
                hint=f"it has {', '.join(table.columns.keys())}",
            )
        found[name] = column
    return found


async def _known(connection: AsyncConnection, column: Column[Any]) -> dict[str, Any]:
    """`@key` to the value that the foreign key holds."""
    target = next(iter(column.foreign_keys)).column
    key = natural_key(target.table)
    if len(key) != 1:
        return {}
    found = await connection.execute(select(target.table.c[key[0]], target))
    return {f"@{name}": value for name, value in found}


def _fitted(
    table: Table,
    row: Row,
    references: Mapping[str, dict[str, Any]],
    file: File,
    problems: list[str],
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in row.values.items():
        try:
            if name in references:
                made[f"{name}_id"] = _referred(references[name], value)
            else:
                made[name] = values.fitted(table.columns[name], value)
        except (values.UnfitError, KeyError) as error:
            reason = error.args[0] if error.args else "cannot be used"
            problems.append(f"{file.path}:{row.line}: {name}: {reason}")
    return made


def _referred(known: dict[str, Any], value: Any) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if value not in known:
        raise values.UnfitError(f"there is no {value}")
    return known[value]


async def _unknown(
    connection: AsyncConnection, table: Table, key: tuple[str, ...], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows whose key is neither in the table nor earlier in the file."""
    if not rows:
        return []
    there: set[tuple[Any, ...]] = set()
    for start in range(0, len(rows), BATCH):
        wanted = [tuple(row.get(name) for name in key) for row in rows[start : start + BATCH]]
        query = select(*(table.c[name] for name in key)).where(_any_of(table, key, wanted))
        there |= {tuple(found) for found in await connection.execute(query)}
    new = []
    for row in rows:
        mine = tuple(row.get(name) for name in key)
        if mine not in there:
            there.add(mine)
            new.append(row)
    return new


def _any_of(
    table: Table, key: tuple[str, ...], wanted: list[tuple[Any, ...]]
) -> ColumnElement[bool]:
    """A condition for the wanted keys; NULL equals nothing, so a key with one is spelled out."""
    columns = [table.c[name] for name in key]
    whole = [one for one in wanted if None not in one]
    gaps = (
        and_(*(c.is_not_distinct_from(v) for c, v in zip(columns, one, strict=True)))
        for one in wanted
        if None in one
    )
    return or_(tuple_(*columns).in_(whole), *gaps)


def _listed(problems: list[str]) -> str:
    """The first few problems, one a line."""
    more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    return "\n".join([*problems[:SHOWN], *more])
