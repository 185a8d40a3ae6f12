"""Put the rows of seed files into the database: one transaction, nothing twice.

A row is known by its table's natural key (a unique column that is not the primary key); where it
gives none, by all that the file says of it. A known row is left as it is.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
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

from dbctl.database.engine import Database, reason
from dbctl.errors import SeedRefusedError, UnreachableError
from dbctl.seed import files, values
from dbctl.seed.files import File, Row
from dbctl.seed.model import Seeded, SeededFile

SHOWN = 4
BATCH = 500
PARAMETERS = 30_000  # SQLite allows 32,766 in a statement, PostgreSQL 32,767


async def run(database: Database, folder: Path) -> Seeded:
    """Load every seed file of `folder`. Raises SeedRefusedError; then nothing was written."""
    started = time.perf_counter()
    try:
        done = await _files(database, folder, BATCH)
    except _BatchError:
        done = await _files(database, folder, 1)  # row by row, to name the line
    rows = sum(one.inserted for one in done)
    return Seeded(tuple(done), rows, round(time.perf_counter() - started, 6))


class _BatchError(Exception):
    """The database refuses one row of several."""


async def _files(database: Database, folder: Path, batch: int) -> list[SeededFile]:
    """Every file in one transaction."""
    done: list[SeededFile] = []
    async with database.async_engine.begin() as connection:
        for file in files.found(folder):
            with _refusals(str(file.path)):
                done.append(await _file(connection, database.metadata, file, batch))
    return done


@contextmanager
def _refusals(where: str) -> Iterator[None]:
    """Turn what the database refuses into an error that says where it comes from."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnreachableError(f"the connection was lost: {reason(error)}") from error
        raise SeedRefusedError(
            f"{where}: the database refuses it: {reason(error)}", hint="nothing was written"
        ) from error


async def _file(
    connection: AsyncConnection, metadata: MetaData, file: File, batch: int
) -> SeededFile:
    table = _table(metadata, file)
    ready = await _ready(connection, table, file, list(file.rows()))
    new = await _unknown(connection, table, ready)
    for _, alike in groupby(new, key=lambda row: tuple(row.values)):
        rows = list(alike)
        for start in range(0, len(rows), batch):
            await _insert(connection, table, file, rows[start : start + batch])
    return SeededFile(str(file.path), table.name, len(new), 0, len(ready) - len(new))


async def _insert(connection: AsyncConnection, table: Table, file: File, rows: list[Row]) -> None:
    with _refusals(f"{file.path}:{rows[0].line}"):
        try:
            await connection.execute(insert(table), [row.values for row in rows])
        except DBAPIError as error:
            if len(rows) > 1 and not error.connection_invalidated:
                raise _BatchError from error
            raise


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
) -> list[Row]:
    """Rows with their references resolved and their values checked."""
    references = {
        name: await _known(connection, column)
        for name, column in _references(table, rows, file).items()
    }
    problems: list[str] = []
    ready = [_fitted(table, row, references, file, problems) for row in rows]
    if problems:
        raise SeedRefusedError(_listed(problems), hint="nothing was written; mend the file")
    return ready


def _references(table: Table, rows: Iterable[Row], file: File) -> Mapping[str, Column[Any]]:
    """Names that are no column: `owner` stands for the foreign key `owner_id`."""
    found: dict[str, Column[Any]] = {}
    for row in rows:
        for name in row.values.keys() - table.columns.keys() - found.keys():
            column = table.columns.get(f"{name}_id")
            if column is None or not column.foreign_keys:
                line = 1 if file.path.suffix == ".csv" else row.line
                raise SeedRefusedError(
                    f"{file.path}:{line}: {table.name} has no column {name!r}",
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
) -> Row:
    made: dict[str, Any] = {}
    for name, value in row.values.items():
        column = table.columns[f"{name}_id" if name in references else name]
        if value is None and values.has_default(column):
            continue
        try:
            given = _referred(references[name], value) if name in references else value
            made[column.name] = values.fitted(column, given)
        except values.UnfitError as error:
            problems.append(f"{file.path}:{row.line}: {name}: {error}")
    return Row(made, row.line)


def _referred(known: dict[str, Any], value: Any) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if value not in known:
        raise values.UnfitError(f"there is no {value}")
    return known[value]


async def _unknown(connection: AsyncConnection, table: Table, rows: list[Row]) -> list[Row]:
    """The rows that are neither in the table nor earlier in the file."""
    natural = natural_key(table)
    keys = {id(row): _key(natural, row) for row in rows}
    there: set[tuple[Any, ...]] = set()
    for key in dict.fromkeys(keys.values()):
        alike = [row for row in rows if keys[id(row)] == key]
        size = max(1, min(BATCH, PARAMETERS // max(1, len(key))))
        for start in range(0, len(alike), size):
            there |= await _there(connection, table, key, alike[start : start + size])
    new = []
    for row in rows:
        mine = _identity(keys[id(row)], [row.values[name] for name in keys[id(row)]])
        if mine not in there:
            there.add(mine)
            new.append(row)
    return new


def _key(natural: tuple[str, ...], row: Row) -> tuple[str, ...]:
    """The columns that tell this row: the natural key where all of it is given, else all given."""
    if natural and all(row.values.get(name) is not None for name in natural):
        return natural
    return tuple(row.values)


async def _there(
    connection: AsyncConnection, table: Table, key: tuple[str, ...], rows: list[Row]
) -> set[tuple[Any, ...]]:
    """The identities of those rows that the table may hold."""
    columns = [table.c[name] for name in key]
    comparable = [column for column in columns if not isinstance(column.type, JSON)]
    wanted = [tuple(row.values[column.name] for column in comparable) for row in rows]
    query = select(*columns)
    if comparable:
        query = query.where(_any_of(comparable, wanted))
    return {_identity(key, found) for found in await connection.execute(query)}


def _identity(key: tuple[str, ...], values: Iterable[Any]) -> tuple[Any, ...]:
    """What makes a row this row, in a form that does not depend on how a dialect gives it back."""
    return (key, *(_plain(value) for value in values))


def _plain(value: Any) -> Any:  # noqa: ANN401 - a column's value
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True)
    return value


def _any_of(columns: list[Column[Any]], wanted: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    """A condition for the wanted keys; NULL equals nothing, so a key with one is spelled out."""
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
